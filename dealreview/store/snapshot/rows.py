"""Rows of the database as typed columns, many at a time.

SQLite puts the cells of a column together into one text, which Polars takes apart: no object is made
for a cell, which halves the time. What does not survive that is read cell by cell.
"""

from __future__ import annotations

import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.store.cells import raw_type, stacked, typed
from dealreview.store.ddl import quoted
from dealreview.store.snapshot.manifest import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from dealreview.store.schema import Column, Table

CHUNK_ROWS = 50_000
BETWEEN = "\x1f"
"""Stands between two cells."""

LOST = "#lost:"
"""Begins the name of a column that says which cells are not of their column's type."""

ROW = "#row"
"""Column with the place of a row in its whole table, by which buckets are put together again."""

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


def chunks(connection: sqlite3.Connection, table: Table) -> Iterator[pl.DataFrame]:
    """Yield the kept columns of all rows in the order of the key.

    Raises:
        Unordered: A key that does not stand where SQLite has it once it is read.
    """
    query = query_of(table)
    empty: frozenset[str] | None = None
    for window in _windows(connection, table):
        if empty is None:
            empty = _empty_columns(connection, query, window)
        raw = _together(connection, query, window, empty)
        if raw is None:
            raw = _one_by_one(connection, query, window)
        yield as_typed(query, raw)


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


def _selected(query: Query, what: str, where: str) -> str:
    """Return a query over the rows of a table in the order of its key, for which they are clustered."""
    index = quoted(f"sqlite_autoindex_{query.table.name}_1")
    source = f"{quoted(query.table.name)} t INDEXED BY {index}{query.join}"
    return f"SELECT {what} FROM {source} WHERE {where}"  # noqa: S608 - names of the schema


def _empty_columns(connection: sqlite3.Connection, query: Query, window: _Window) -> frozenset[str]:
    """Return the columns without any value: looked for in all rows if there is none in the first."""
    found = set(query.select)
    for where, values in ((window.where, window.values), ("1", ())):
        if found:
            names = sorted(found)
            counts = ", ".join(f"count({query.select[name]})" for name in names)
            some = connection.execute(_selected(query, counts, where), values).fetchone()
            found -= {name for name, count in zip(names, some, strict=True) if count}
    return frozenset(found)


def _together(
    connection: sqlite3.Connection, query: Query, window: _Window, empty: frozenset[str]
) -> list[pl.Series] | None:
    """Return raw columns by way of one text for each; None when a cell does not survive that."""
    filled = [column for column in query.columns if column.name not in empty]
    # A text has fifteen digits of a number with a fraction, and it may have seventeen.
    real = [column for column in filled if column.type == "real"]
    other = [column for column in filled if column.type != "real"]
    # Nobody can have stored a text that is thought of now.
    nothing = f"\x1a{secrets.token_hex(3)}"
    joined = [
        f"group_concat(coalesce({query.select[column.name]}, '{nothing}'), '{BETWEEN}')"
        for column in other
    ]
    asked = _selected(query, ", ".join(["count(*)", *joined]), window.where)
    try:
        (height, *found) = connection.execute(asked, window.values).fetchone()
    except sqlite3.DataError:
        # More than SQLite puts into one text, a billion bytes.
        return None
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        return None
    parts = {name: _nothing(query, name, height) for name in empty}
    for column, text in zip(other, found, strict=True):
        cells = _split(column, height, text, nothing)
        if cells is None:
            return None
        parts[column.name] = cells
    parts |= _cells(connection, query, real, window) if real else {}
    return [parts[column.name] for column in query.columns]


def _nothing(query: Query, name: str, height: int) -> pl.Series:
    import polars as pl

    kind = next(column.type for column in query.columns if column.name == name)
    return pl.Series(name, [None], dtype=raw_type(kind)).new_from_index(0, height)


def _split(column: Column, height: int, text: str | None, nothing: str) -> pl.Series | None:
    """Return the cells of a column; None when a separator stands in one of them."""
    import polars as pl

    if not height:
        return pl.Series(column.name, [], dtype=raw_type(column.type))
    cells = pl.Series(column.name, [text], dtype=pl.String).str.split(BETWEEN).explode()
    if cells.len() != height:
        return None
    name = pl.col(column.name)
    filled = cells.to_frame().select(pl.when(name != nothing).then(name)).to_series()
    return filled.cast(raw_type(column.type))


def _cells(
    connection: sqlite3.Connection, query: Query, columns: Sequence[Column], window: _Window
) -> dict[str, pl.Series]:
    """Return raw columns cell by cell."""
    names = ", ".join(query.select[column.name] for column in columns)
    key = ", ".join(f"t.{quoted(name)}" for name in query.table.key)
    asked = f"{_selected(query, names, window.where)} ORDER BY {key}"
    return raw_columns(columns, connection.execute(asked, window.values).fetchall())


def raw_columns(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> dict[str, pl.Series]:
    """Return rows as columns of raw cells."""
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return {
        column.name: stacked(column.name, [given] if rows else [], column.type)
        for column, given in zip(columns, cells, strict=True)
    }


def _one_by_one(connection: sqlite3.Connection, query: Query, window: _Window) -> list[pl.Series]:
    """Return raw columns cell by cell, text of another encoding with replacement characters."""
    factory = connection.text_factory
    connection.text_factory = _decoded
    try:
        return list(_cells(connection, query, query.columns, window).values())
    finally:
        connection.text_factory = factory


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def as_typed(query: Query, raw: Sequence[pl.Series]) -> pl.DataFrame:
    """Return raw columns as typed ones, with a column for cells that were lost where there are any.

    Raises:
        Unordered: A key that does not stand where SQLite has it once it is read.
    """
    import polars as pl

    found = []
    for column, cells in zip(query.columns, raw, strict=True):
        as_type = typed(cells, column.type)
        found.append(as_type)
        lost = cells.is_not_null() & as_type.is_null()
        if lost.any():
            found.append(lost.alias(LOST + column.name))
    frame = pl.DataFrame(found)
    _check_keys(query.table, frame)
    return frame


def _check_keys(table: Table, frame: pl.DataFrame) -> None:
    """Check that keys are as SQLite has them: a day that is none has no place among days."""
    import polars as pl

    for name in table.key:
        cells = frame[name]
        strange = cells.dtype == pl.String and cells.str.contains("\ufffd", literal=True).any()
        if strange or cells.null_count():
            raise Unordered(f"{table.name}.{name}")
    rising = pl.lit(value=False)
    for name in reversed(table.key):
        before, own = pl.col(name).shift(1), pl.col(name)
        rising = (before < own) | ((before == own) & rising)
    if frame.height > 1 and not frame.select(rising.slice(1).all()).item():
        raise Unordered(table.name)


def rows_of(
    connection: sqlite3.Connection, table: Table, keys: Sequence[tuple[str, ...]]
) -> pl.DataFrame:
    """Return the kept columns of the rows with these keys, as far as they are there, in key order.

    Raises:
        Unordered: A key that does not stand where SQLite has it once it is read.
    """
    query = query_of(table)
    rows: list[tuple[Any, ...]] = []
    # SQLite takes 32,766 values in a statement.
    step = 30_000 // len(table.key)
    for start in range(0, len(keys), step):
        some = keys[start : start + step]
        rows += connection.execute(
            _lookup(query, len(some)), [cell for key in some for cell in key]
        ).fetchall()
    order = [row[: len(table.key)] for row in rows]
    rows = [rows[n] for n in sorted(range(len(rows)), key=order.__getitem__)]
    return as_typed(query, list(raw_columns(query.columns, rows).values()))


def _lookup(query: Query, count: int) -> str:
    width = len(query.table.key)
    names = ", ".join(f"k{n}" for n in range(width))
    rows = ", ".join([f"({', '.join('?' * width)})"] * count)
    same = " AND ".join(f"t.{quoted(name)} = k{n}" for n, name in enumerate(query.table.key))
    wanted = ", ".join(query.select[column.name] for column in query.columns)
    # CROSS JOIN keeps the order: the keys outside, the table by its key inside.
    return (
        f"WITH k({names}) AS (VALUES {rows}) SELECT {wanted} "  # noqa: S608 - as above
        f"FROM k CROSS JOIN {quoted(query.table.name)} t ON {same}{query.join}"
    )


def no_rows(table: Table) -> pl.DataFrame:
    """Return the kept columns of a table without rows, and that of their places."""
    import polars as pl

    columns = query_of(table).columns
    raw = [pl.Series(column.name, [], dtype=raw_type(column.type)) for column in columns]
    cells = [typed(one, column.type) for one, column in zip(raw, columns, strict=True)]
    return pl.DataFrame([*cells, pl.Series(ROW, [], dtype=pl.Int64)]).select(
        pl.exclude(f"^{OWNER}.*$")
    )
