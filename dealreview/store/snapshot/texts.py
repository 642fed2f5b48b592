"""Cells of many rows as one text for each column, read ahead of whoever takes them apart.

SQLite puts the cells of a column together, so that no object is made for a cell, which halves the time.
It does so in threads of their own, while the rows before are taken apart in another.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from attrs import define, frozen

from dealreview.store.ddl import quoted
from dealreview.store.snapshot.manifest import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from dealreview.store.schema import Column, Table

CHUNK_ROWS = 50_000
SCALE = 10_000.0
"""Numbers with a fraction are read as whole ones of so many times the size, where that loses nothing."""

AHEAD = 1
"""Chunks that lie ready, besides one for each reader."""

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


def read_ahead(
    connection: sqlite3.Connection, others: Sequence[sqlite3.Connection], tables: Iterable[Table]
) -> Generator[tuple[Query, Texts | None]]:
    """Yield the cells of all rows of tables, each in the order of its key.

    None stands for a table with a key that is not UTF-8; nothing more is read of it.

    Args:
        connection: Finds out which rows are read next; nobody else uses it meanwhile.
        others: More of them that see the same data, each of which a thread reads with; without any,
            the first one does both.
        tables: The tables.
    """
    windows = _all_windows(connection, tables)
    if not others:
        yield from (
            (reading.query, _read(connection, reading, window)) for reading, window in windows
        )
        return
    idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
    for other in others:
        idle.put(other)
    threads = ThreadPoolExecutor(len(others), thread_name_prefix="snapshot")
    ahead: deque[tuple[Query, Future[Texts | None]]] = deque()
    try:
        for reading, window in windows:
            ahead.append((reading.query, threads.submit(_taken, idle, reading, window)))
            if len(ahead) > len(others) + AHEAD:
                yield _first(ahead)
        while ahead:
            yield _first(ahead)
    finally:
        # Whoever gives the connections closes them next.
        threads.shutdown(cancel_futures=True)


def _first(ahead: deque[tuple[Query, Future[Texts | None]]]) -> tuple[Query, Texts | None]:
    query, found = ahead.popleft()
    return query, found.result()


def _taken(
    idle: SimpleQueue[sqlite3.Connection], reading: _Reading, window: _Window | None
) -> Texts | None:
    """Return the cells of a window, read with a connection that nobody uses."""
    reader = idle.get()
    try:
        return _read(reader, reading, window)
    finally:
        idle.put(reader)


@define
class _Reading:
    """What is learnt of a table while it is read; where it is wrong, it costs time only.

    Attributes:
        query: How its rows are read.
        empty: Columns that have had no value so far.
        long: Columns of numbers that have had one with more than four decimals.
    """

    query: Query
    empty: frozenset[str]
    long: frozenset[str] = frozenset()


def _read(
    connection: sqlite3.Connection, reading: _Reading, window: _Window | None
) -> Texts | None:
    if window is None:
        return None
    query = reading.query
    texts = _together(connection, reading, window)
    if texts is None:
        return _one_by_one(connection, query, window)
    reading.empty -= {*texts.joined, *texts.cells}
    reading.long |= {*texts.cells}
    return texts


def _all_windows(
    connection: sqlite3.Connection, tables: Iterable[Table]
) -> Iterator[tuple[_Reading, _Window | None]]:
    """Yield windows that together hold all rows of tables; None for a table that can't be kept."""
    for table in tables:
        reading = None
        query = query_of(table)
        try:
            for window in _windows(connection, table):
                reading = reading or _Reading(query, _empty_columns(connection, query))
                yield reading, window
        except Unordered:
            yield reading or _Reading(query, frozenset()), None


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


def _empty_columns(connection: sqlite3.Connection, query: Query) -> frozenset[str]:
    """Return the columns without any value in the first rows."""
    names = [f"c{number}" for number in range(len(query.select))]
    told = ", ".join(
        f"{one} AS {name}" for name, one in zip(names, query.select.values(), strict=True)
    )
    rows = f"SELECT {told} FROM {quoted(query.table.name)} t{query.join} LIMIT {CHUNK_ROWS // 50}"  # noqa: S608 - as above
    counts = connection.execute(
        f"SELECT {', '.join(f'count({name})' for name in names)} FROM ({rows})"  # noqa: S608 - as above
    ).fetchone()
    return frozenset(name for name, count in zip(query.select, counts, strict=True) if not count)


def _together(connection: sqlite3.Connection, reading: _Reading, window: _Window) -> Texts | None:
    """Return one text for each column; None when a cell does not survive that."""
    query, empty = reading.query, sorted(reading.empty)
    # Nobody can have stored a text that is thought of now.
    nothing = f"\x1a{secrets.token_hex(3)}"
    told = [column for column in query.columns if column.name not in empty]
    try:
        height, joined, is_more = _joined(connection, reading, window, nothing, told, empty)
        if is_more:
            filled = _filled(connection, query, window, empty)
            joined |= _joined(connection, reading, window, nothing, filled, ())[1]
            told += filled
    except sqlite3.DataError:
        # More than SQLite puts into one text, a billion bytes.
        return None
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        return None
    if any(text.count(BETWEEN) != height - 1 for text in joined.values()):
        return None
    left = [column for column in told if height and column.name not in joined]
    return Texts(height, nothing, joined, _cells(connection, query, left, window))


def _joined(
    connection: sqlite3.Connection,
    reading: _Reading,
    window: _Window,
    nothing: str,
    columns: Iterable[Column],
    empty: Iterable[str],
) -> tuple[int, dict[str, str], bool]:
    """Return how many rows there are, a text for each column that fits, and whether others have values."""
    select = reading.query.select
    whole = [column for column in columns if column.name not in reading.long]
    numbers = [column.name for column in whole if column.type == "real"]
    cells = [(_scaled if c.name in numbers else str)(select[c.name]) for c in whole]
    texts = [f"group_concat(coalesce({cell}, '{nothing}'), '{BETWEEN}')" for cell in cells]
    tests = [f"max({_scaled(select[name])} / {SCALE} <> {select[name]})" for name in numbers]
    # One count for all of them costs much less than one for each.
    others = f"count(coalesce({', '.join([*(select[name] for name in empty), 'NULL', 'NULL'])}))"
    asked = ["count(*)", others, *tests, *texts]
    height, is_more, *found = _asked(connection, reading.query, asked, window)
    long = {name for name, is_long in zip(numbers, found, strict=False) if is_long}
    pairs = zip(whole, found[len(numbers) :], strict=True) if height else ()
    return height, {c.name: text for c, text in pairs if c.name not in long}, bool(is_more)


def _filled(
    connection: sqlite3.Connection, query: Query, window: _Window, names: Sequence[str]
) -> list[Column]:
    """Return those of some columns that have a value in a window."""
    counts = _asked(connection, query, (f"count({query.select[name]})" for name in names), window)
    filled = {name for name, count in zip(names, counts, strict=True) if count}
    return [column for column in query.columns if column.name in filled]


def _scaled(cell: str) -> str:
    """Return an expression that is a whole number, from which a number with few decimals comes back.

    As a text, a number would have fifteen digits at most, and may need seventeen.
    """
    return f"CAST({cell} * {SCALE} + 0.5 AS INTEGER)"


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
