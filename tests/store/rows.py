"""Writing a few rows in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import astuple

from dealreview.engine.keeping import packed
from dealreview.store.schema import TABLES, Column, Table
from dealreview.store.scorecards import CELLS, StoredCards

if TYPE_CHECKING:
    import sqlite3

    from dealreview.store.database import Database
    from dealreview.store.scorecards import StoredScorecard

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


def blocks_of(*cards: StoredScorecard, size: int = 4) -> list[StoredCards]:
    """Return scorecards as a run is stored, blocks of each kind."""
    import polars as pl

    types = [pl.String, pl.Binary, *[pl.Int64] * 3, pl.String, pl.Int64]
    found = []
    for kind in sorted({card.kind for card in cards}):
        of_kind = (astuple(card)[1:] for card in cards if card.kind == kind)
        rows = sorted(of_kind, key=lambda row: row[0].encode())
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            frame = pl.DataFrame(part, dict(zip(CELLS, types, strict=True)), orient="row")
            ends = part[0][0], part[-1][0]
            found.append(StoredCards(kind, *ends, len(part), packed(frame)))
    return found
