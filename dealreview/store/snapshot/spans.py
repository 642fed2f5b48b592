"""Spans: rows of a table from one key to another, the unit in which a snapshot is built."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.store.ddl import quoted
from dealreview.store.schema import TABLES
from dealreview.store.snapshot.rows import Unordered, query_of, raw_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from dealreview.store.schema import Column, Table
    from dealreview.store.snapshot.rows import Query

SPAN_ROWS, SPAN_BYTES = 1_000_000, 256 * 1024 * 1024
"""Rows that whoever reads them holds at once, in several forms; fewer of them where rows are long."""

SAMPLE_ROWS = 1_000
"""Rows by which the length of others is judged."""

CHUNK_ROWS = 50_000
"""Rows of which every cell is an object for a moment."""


@frozen
class Span:
    """Rows of a table, in the order of its key.

    Attributes:
        table: Name of the table.
        number: How many spans of the table come before.
        first: How many rows of the table come before.
        height: How many rows there are.
        after: The key that comes before all of them; empty where they begin the table.
        last: The key of the last one; empty where they end the table.
    """

    table: str
    number: int
    first: int
    height: int
    after: tuple[str, ...] = ()
    last: tuple[str, ...] = ()

    @property
    def query(self) -> Query:
        """How its rows are read."""
        return query_of(TABLES[self.table])

    def select(self, what: Iterable[str]) -> str:
        """Return a statement for expressions over its rows, in the order of the key."""
        table, key = TABLES[self.table], _key(TABLES[self.table])
        bounds = [f"({key}) {sign} ({_texts(at)})" for sign, at in self._bounds()]
        where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
        source = f"{quoted(table.name)} t{self.query.join}"
        return f"SELECT {', '.join(what)} FROM {source}{where} ORDER BY {key}"  # noqa: S608 - names of the schema

    def _bounds(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return ((sign, at) for sign, at in ((">", self.after), ("<=", self.last)) if at)


def _key(table: Table, order: str = "") -> str:
    return ", ".join(f"t.{quoted(name)} {order}".rstrip() for name in table.key)


def _texts(cells: tuple[str, ...]) -> str:
    """Return texts as SQL made of digits alone, so that nothing in them can be taken for SQL."""
    return ", ".join(f"CAST(x'{cell.encode().hex()}' AS TEXT)" for cell in cells)


def spans_of(connection: sqlite3.Connection, table: Table) -> Iterator[Span]:
    """Yield spans that together hold all rows of a table.

    Raises:
        Unordered: A key that is not UTF-8.
    """
    left = connection.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0]  # noqa: S608 - as above
    height = _height(connection, table)
    number, first = 0, 0
    after: tuple[str, ...] = ()
    while left > height:
        last = _key_at(connection, table, after, height)
        yield Span(table.name, number, first, height, after, last)
        number, first, after, left = number + 1, first + height, last, left - height
    if left:
        yield Span(table.name, number, first, left, after)


def _height(connection: sqlite3.Connection, table: Table) -> int:
    """Return how many rows a span of a table has, from the length of its first and its last ones."""
    cells = (f"coalesce(length(CAST({quoted(name)} AS BLOB)), 0)" for name in table.names)
    rows = f"SELECT {' + '.join(cells)} AS length FROM {quoted(table.name)} t"  # noqa: S608 - as above
    length = 1.0
    for order in ("ASC", "DESC"):
        some = f"{rows} ORDER BY {_key(table, order)} LIMIT {SAMPLE_ROWS}"
        average = connection.execute(f"SELECT avg(length) FROM ({some})").fetchone()[0]  # noqa: S608 - as above
        length = max(length, average or 0)
    return min(SPAN_ROWS, max(int(SPAN_BYTES / length), 1))


def _key_at(
    connection: sqlite3.Connection, table: Table, after: tuple[str, ...], height: int
) -> tuple[str, ...]:
    """Return the key with which a span of a height ends."""
    key = _key(table)
    where = f"WHERE ({key}) > ({', '.join('?' * len(after))})" if after else ""
    find = f"SELECT {key} FROM {quoted(table.name)} t {where} ORDER BY {key} LIMIT 1 OFFSET ?"  # noqa: S608 - as above
    try:
        found: tuple[str, ...] = connection.execute(find, (*after, height - 1)).fetchone()
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        raise Unordered(table.name) from error
    return found


def told_of(query: Query, columns: Sequence[Column]) -> list[str]:
    """Return the expressions that read columns, each by its name."""
    return [f"{query.select[column.name]} AS {quoted(column.name)}" for column in columns]


def cells_of(connection: sqlite3.Connection, span: Span) -> list[pl.Series]:
    """Return the columns of a span as SQLite keeps them, read cell by cell.

    A text of another encoding has replacement characters.
    """
    statement = span.select(told_of(span.query, span.query.columns))
    try:
        return _fetched(connection, statement, span.query)
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
    factory = connection.text_factory
    connection.text_factory = _decoded
    try:
        return _fetched(connection, statement, span.query)
    finally:
        connection.text_factory = factory


def _fetched(connection: sqlite3.Connection, statement: str, query: Query) -> list[pl.Series]:
    import polars as pl

    asked, frames = connection.execute(statement), []
    while rows := asked.fetchmany(CHUNK_ROWS):
        frames.append(pl.DataFrame(raw_columns(query.columns, rows)))
    return pl.concat(frames, rechunk=True).get_columns()


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")
