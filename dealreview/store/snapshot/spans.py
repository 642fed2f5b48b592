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

STEP_ROWS = 1_000
"""Rows that are judged by the length of the last one; so many may be long and nobody sees it."""

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


def _key(table: Table) -> str:
    return ", ".join(f"t.{quoted(name)}" for name in table.key)


def _texts(cells: tuple[str, ...]) -> str:
    """Return texts as SQL of numbers of characters, so that nothing in them can be taken for SQL."""
    return ", ".join(map(_text, cells))


def _text(cell: str) -> str:
    # Bytes would be read in the encoding of the database, and a function takes a hundred arguments.
    some = (cell[start : start + 100] for start in range(0, len(cell), 100))
    return " || ".join(["''", *(f"char({', '.join(str(ord(c)) for c in one)})" for one in some)])


def spans_of(connection: sqlite3.Connection, table: Table) -> Iterator[Span]:
    """Yield spans that together hold all rows of a table.

    Raises:
        Unordered: A key that is not UTF-8.
    """
    left = connection.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0]  # noqa: S608 - as above
    number, first = 0, 0
    after: tuple[str, ...] = ()
    while left:
        height, last = _end(connection, table, after, left)
        yield Span(table.name, number, first, height, after, last if height < left else ())
        number, first, after, left = number + 1, first + height, last, left - height


def _end(
    connection: sqlite3.Connection, table: Table, after: tuple[str, ...], left: int
) -> tuple[int, tuple[str, ...]]:
    """Return how many rows come into a span, and the key of the last one.

    Args:
        connection: A read transaction.
        table: The table.
        after: The key that comes before all of them.
        left: How many rows there are.
    """
    height, size, most = 0, 0, min(SPAN_ROWS, left)
    while height < most:
        step = min(STEP_ROWS, most - height)
        last, length = _row(connection, table, after, step)
        together = step * length
        while together > SPAN_BYTES and not height and step > 1:
            step //= 2
            last, _ = _row(connection, table, after, step)
            together = _measured(connection, table, after, step)
        if size + together > SPAN_BYTES and height:
            break
        height, size, after = height + step, size + together, last
    return height, after


def _row(
    connection: sqlite3.Connection, table: Table, after: tuple[str, ...], number: int
) -> tuple[tuple[str, ...], int]:
    """Return the key of the so manieth row after a key, and its length."""
    find = f"SELECT {_key(table)}, {_length(table)} {_rows(table, after)} OFFSET ?"
    try:
        *key, length = connection.execute(find, (*after, 1, number - 1)).fetchone()
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        raise Unordered(table.name) from error
    return tuple(key), length


def _measured(
    connection: sqlite3.Connection, table: Table, after: tuple[str, ...], count: int
) -> int:
    """Return how long so many rows after a key are together."""
    lengths = f"SELECT {_length(table)} AS length {_rows(table, after)}"
    asked = f"SELECT sum(length) FROM ({lengths})"  # noqa: S608 - as above
    found: int = connection.execute(asked, (*after, count)).fetchone()[0]
    return found


def _rows(table: Table, after: tuple[str, ...]) -> str:
    key = _key(table)
    where = f" WHERE ({key}) > ({', '.join('?' * len(after))})" if after else ""
    return f"FROM {quoted(table.name)} t{where} ORDER BY {key} LIMIT ?"


def _length(table: Table) -> str:
    """Return an expression for the length of a row in bytes."""
    return " + ".join(f"coalesce(length(CAST({quoted(n)} AS BLOB)), 0)" for n in table.names)


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
