"""Cells of many rows as one text for each column, read ahead of whoever takes them apart.

SQLite puts the cells of a column together, so that no object is made for a cell, which halves the time.
It does so in a thread of its own, while the rows before are taken apart in another.
"""

from __future__ import annotations

import secrets
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.store.ddl import quoted
from dealreview.store.snapshot.manifest import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dealreview.store.schema import Column, Table

CHUNK_ROWS = 50_000
BETWEEN = "\x1f"
"""Stands between two cells."""

OWNER = "#owner:"
"""Begins the name of a column with the account or deal of the activity that a row belongs to."""


class Unordered(Exception):  # noqa: N818 - a state of the data, not a fault
    """A table whose keys, as they are read, are not in the order of SQLite or not all there."""


@frozen
class Query:
    """How rows of a table are read.

    Attributes:
        table: The table.
        columns: The columns, the key first.
        join: What its rows are joined with.
        select: The expression of each column.
    """

    table: Table
    columns: tuple[Column, ...]
    join: str
    select: Mapping[str, str]


def query_of(table: Table) -> Query:
    """Return how the kept columns of a table are read; parts of activities say whose these are."""
    columns = tuple(column for column in table.columns if column.name not in LEFT_OUT)
    select = {column.name: f"t.{quoted(column.name)}" for column in columns}
    join = ""
    if table.owner == "activity":
        columns += (_owner("account_id"), _owner("deal_id"))
        select |= {OWNER + name: f"a.{name}" for name in ("account_id", "deal_id")}
        join = " LEFT JOIN activities a ON a.activity_id = t.activity_id"
    return Query(table, columns, join, select)


def _owner(name: str) -> Column:
    from dealreview.store.schema import Column

    return Column(OWNER + name, "text", "That of the activity")


@frozen
class Texts:
    """The cells of some rows; a column that is in neither mapping has no value in any of them.

    Attributes:
        height: How many rows there are.
        nothing: What stands for a cell without a value in a text.
        joined: The cells as one text, by column.
        cells: Those that would not survive that, by column.
    """

    height: int
    nothing: str
    joined: Mapping[str, str]
    cells: Mapping[str, Sequence[Any]]


def read_ahead(connection: sqlite3.Connection, query: Query) -> Iterator[Texts]:
    """Yield the cells of all rows in the order of the key; nobody else uses the connection meanwhile.

    Raises:
        Unordered: A key that is not UTF-8.
    """
    found = _read(connection, query)
    with ThreadPoolExecutor(1, thread_name_prefix="snapshot") as thread:
        ahead = thread.submit(next, found, None)
        while (texts := ahead.result()) is not None:
            ahead = thread.submit(next, found, None)
            yield texts


def _read(connection: sqlite3.Connection, query: Query) -> Iterator[Texts]:
    empty: frozenset[str] | None = None
    for window in _windows(connection, query.table):
        if empty is None:
            empty = _empty_columns(connection, query, window)
        texts = _together(connection, query, window, empty)
        yield texts or _one_by_one(connection, query, window)
        if texts:
            empty -= {*texts.joined, *texts.cells}


@frozen
class _Window:
    """Rows from one key to another.

    Attributes:
        where: The condition, without WHERE.
        values: Its values.
    """

    where: str
    values: tuple[str, ...]


def _windows(connection: sqlite3.Connection, table: Table) -> Iterator[_Window]:
    """Yield windows that together hold all rows.

    Raises:
        Unordered: A key that is not UTF-8.
    """
    key = ", ".join(f"t.{quoted(name)}" for name in table.key)
    marks = f"({', '.join('?' * len(table.key))})"
    after, last = "1", ()
    while True:
        find = f"SELECT {key} FROM {quoted(table.name)} t WHERE {after} ORDER BY {key} LIMIT 1 "  # noqa: S608 - names of the schema
        try:
            end = connection.execute(f"{find} OFFSET {CHUNK_ROWS - 1}", last).fetchone()
        except sqlite3.OperationalError as error:
            if "UTF-8" not in str(error):
                raise
            raise Unordered(table.name) from error
        if end is None:
            yield _Window(after, last)
            return
        yield _Window(f"{after} AND ({key}) <= {marks}", (*last, *end))
        after, last = f"({key}) > {marks}", end


def _asked(
    connection: sqlite3.Connection, query: Query, what: Iterable[str], window: _Window
) -> tuple[Any, ...]:
    """Return expressions over a window's rows in the order of the key, for which they are clustered."""
    index = quoted(f"sqlite_autoindex_{query.table.name}_1")
    source = f"{quoted(query.table.name)} t INDEXED BY {index}{query.join}"
    asked = f"SELECT {', '.join(what)} FROM {source} WHERE {window.where}"  # noqa: S608 - as above
    found: tuple[Any, ...] = connection.execute(asked, window.values).fetchone()
    return found


def _empty_columns(connection: sqlite3.Connection, query: Query, window: _Window) -> frozenset[str]:
    """Return the columns without any value in a window."""
    counts = _asked(connection, query, (f"count({told})" for told in query.select.values()), window)
    return frozenset(name for name, count in zip(query.select, counts, strict=True) if not count)


def _together(
    connection: sqlite3.Connection, query: Query, window: _Window, empty: frozenset[str]
) -> Texts | None:
    """Return one text for each column; None when a cell does not survive that.

    Args:
        connection: The connection.
        query: How rows are read.
        window: Which rows.
        empty: Columns that are taken to be empty, and looked at a second time where they are not.
    """
    # Nobody can have stored a text that is thought of now.
    nothing = f"\x1a{secrets.token_hex(3)}"
    guessed = sorted(empty)
    told = [column.name for column in query.columns if column.name not in empty]
    try:
        height, joined, counts = _joined(connection, query, window, nothing, told, guessed)
        filled = [name for name, count in zip(guessed, counts, strict=True) if count]
        if filled:
            joined |= _joined(connection, query, window, nothing, filled, ())[1]
    except sqlite3.DataError:
        # More than SQLite puts into one text, a billion bytes.
        return None
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        return None
    if any(text.count(BETWEEN) != height - 1 for text in joined.values()):
        return None
    broken = [
        column for column in query.columns if _is_broken(column) and column.name in {*told, *filled}
    ]
    return Texts(height, nothing, joined, _cells(connection, query, broken, window))


def _is_broken(column: Column) -> bool:
    """Whether a text has too few digits: fifteen, where a number with a fraction may have seventeen."""
    return column.type == "real"


def _joined(
    connection: sqlite3.Connection,
    query: Query,
    window: _Window,
    nothing: str,
    names: Sequence[str],
    counted: Sequence[str],
) -> tuple[int, dict[str, str], tuple[int, ...]]:
    """Return how many rows there are, a text for each of the columns, and the values of others."""
    whole = [
        column.name for column in query.columns if column.name in names and not _is_broken(column)
    ]
    texts = [
        f"group_concat(coalesce({query.select[name]}, '{nothing}'), '{BETWEEN}')" for name in whole
    ]
    counts = [f"count({query.select[name]})" for name in counted]
    height, *found = _asked(connection, query, ["count(*)", *counts, *texts], window)
    joined = dict(zip(whole, found[len(counts) :], strict=True)) if height else {}
    return height, joined, tuple(found[: len(counts)])


def _cells(
    connection: sqlite3.Connection, query: Query, columns: Sequence[Column], window: _Window
) -> dict[str, Sequence[Any]]:
    """Return columns cell by cell."""
    if not columns:
        return {}
    names = ", ".join(query.select[column.name] for column in columns)
    key = ", ".join(f"t.{quoted(name)}" for name in query.table.key)
    source = f"{quoted(query.table.name)} t{query.join}"
    asked = f"SELECT {names} FROM {source} WHERE {window.where} ORDER BY {key}"  # noqa: S608 - as above
    rows = connection.execute(asked, window.values).fetchall()
    cells: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(columns)
    return {column.name: given for column, given in zip(columns, cells, strict=True)}


def _one_by_one(connection: sqlite3.Connection, query: Query, window: _Window) -> Texts:
    """Return all columns cell by cell, text of another encoding with replacement characters."""
    factory = connection.text_factory
    connection.text_factory = _decoded
    try:
        cells = _cells(connection, query, query.columns, window)
    finally:
        connection.text_factory = factory
    return Texts(len(next(iter(cells.values()))), "", {}, cells)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")
