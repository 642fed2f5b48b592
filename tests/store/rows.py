"""Writing a few rows in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import astuple

from dealreview.store.schema import TABLES, Column, Table
from dealreview.store.scorecards import CELLS, Block

if TYPE_CHECKING:
    import sqlite3

    from dealreview.store.database import Database
    from dealreview.store.runs import StoredScorecard

_VALUES = {
    "text": "a",
    "int": 1,
    "real": 1.0,
    "money": 100,
    "bool": 1,
    "date": "2025-05-16",
    "instant": "2025-05-16T09:30:00Z",
    "any": "a",
}


def insert(connection: sqlite3.Connection, table: str, **cells: Any) -> None:
    """Write one row."""
    names, marks = ", ".join(cells), ", ".join("?" * len(cells))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(cells.values()))


def store(database: Database, table: str, *rows: dict[str, Any]) -> None:
    """Write rows in a transaction of their own."""
    with database.write() as connection:
        for row in rows:
            insert(connection, table, **row)


def sample(column: Column) -> Any:
    """Return a value that a column takes."""
    return column.values[0] if column.values else _VALUES[column.type]


def sample_row(table: Table, **cells: Any) -> dict[str, Any]:
    """Return a row with a value in every column."""
    return {column.name: sample(column) for column in table.columns} | cells


def store_parents(connection: sqlite3.Connection, table: Table) -> None:
    """Write the rows that :func:`sample_row` of a table must point at."""
    for parent in table.parents.values():
        key = TABLES[parent].key[0]
        connection.execute(f"INSERT OR IGNORE INTO {parent} ({key}) VALUES ('a')")


def blocks_of(*cards: StoredScorecard) -> list[Block]:
    """Return scorecards as a run is stored, a block of each kind."""
    import polars as pl

    kinds = sorted({card.kind for card in cards})
    types = [pl.String, pl.Binary, *[pl.Int64] * 3, pl.String, pl.Int64]
    found = []
    for kind in kinds:
        rows = sorted(astuple(card)[1:] for card in cards if card.kind == kind)
        schema = dict(zip(CELLS, types, strict=True))
        found.append(Block(kind, pl.DataFrame(rows, schema=schema, orient="row")))
    return found
