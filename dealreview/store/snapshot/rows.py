"""Rows of the database as typed columns, many at a time."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from dealreview.store.cells import raw_type, stacked, typed
from dealreview.store.ddl import quoted
from dealreview.store.snapshot.texts import (
    BETWEEN,
    OWNER,
    SCALE,
    Unordered,
    query_of,
    read_ahead,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Generator, Iterable, Sequence

    import polars as pl

    from dealreview.store.schema import Column, Table
    from dealreview.store.snapshot.texts import Query, Texts

LOST = "#lost:"
"""Begins the name of a column that says which cells are not of their column's type."""

ROW = "#row"
"""Column with the place of a row in its whole table, by which buckets are put together again."""


def chunks(
    connection: sqlite3.Connection, others: Sequence[sqlite3.Connection], tables: Iterable[Table]
) -> Generator[tuple[Table, pl.DataFrame | None]]:
    """Yield the kept columns of all rows of tables, each in the order of its key.

    None stands for a table of which a key does not stand where SQLite has it once it is read.

    Args:
        connection: Nobody else uses it meanwhile.
        others: Connections that see the same data, to read with several at once.
        tables: The tables.
    """
    with closing(read_ahead(connection, others, tables)) as found:
        for query, texts in found:
            yield query.table, None if texts is None else _frame(query, texts)


def _frame(query: Query, texts: Texts) -> pl.DataFrame | None:
    try:
        return as_typed(query, [_raw(column, texts) for column in query.columns])
    except Unordered:
        return None


def _raw(column: Column, texts: Texts) -> pl.Series:
    """Return the cells of a column as SQLite keeps them."""
    import polars as pl

    name, dtype = column.name, raw_type(column.type)
    if name in texts.cells:
        return stacked(name, [texts.cells[name]], column.type)
    if name not in texts.joined:
        return pl.Series(name, [None], dtype=dtype).new_from_index(0, texts.height)
    cells = pl.Series(name, [texts.joined[name]], dtype=pl.String).str.split(BETWEEN).explode()
    cell = pl.col(name)
    cells = cells.to_frame().select(pl.when(cell != texts.nothing).then(cell)).to_series()
    return unscaled(cells.cast(pl.Int64)) if column.type == "real" else cells.cast(dtype)


def unscaled(numbers: pl.Series) -> pl.Series:
    """Return numbers as they were before they were scaled, to the last bit."""
    import polars as pl

    # By a column: by a single number Polars multiplies with its inverse, which is another result.
    by = pl.Series([SCALE], dtype=pl.Float64).new_from_index(0, numbers.len())
    return numbers.cast(pl.Float64) / by


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
