"""Rows of the database as typed columns, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.store.cells import raw_type, stacked, typed
from dealreview.store.ddl import quoted
from dealreview.store.snapshot.manifest import LEFT_OUT

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    import polars as pl

    from dealreview.store.schema import Column, Table

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


def raw_columns(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> dict[str, pl.Series]:
    """Return rows as columns of raw cells."""
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return {
        column.name: stacked(column.name, [given] if rows else [], column.type)
        for column, given in zip(columns, cells, strict=True)
    }


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
