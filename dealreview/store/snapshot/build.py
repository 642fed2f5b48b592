"""Building a snapshot: every table span by span, the rows of each bucket into files of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field

from dealreview.store.schema import TABLES
from dealreview.store.snapshot.buckets import bucket_count
from dealreview.store.snapshot.manifest import Kept
from dealreview.store.snapshot.readers import readers_of
from dealreview.store.snapshot.strays import Strays
from dealreview.store.snapshot.writing import Place

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from dealreview.store.schema import Table
    from dealreview.store.snapshot.files import File
    from dealreview.store.snapshot.writing import Written

    Told = Callable[[str, int], None]
    Note = Callable[[str], None]


def build_tables(
    connection: sqlite3.Connection, path: Path, folder: Path, mark: str, told: Told, note: Note
) -> tuple[int, dict[str, Kept]]:
    """Write the files of every table and return the number of buckets and what was written.

    Tables whose keys can't be kept in order are left out; they are read from the database.

    Args:
        connection: One read transaction.
        path: Its database.
        folder: Where the files go.
        mark: Part of their names.
        told: Is told which table and how many more of its rows are done.
        note: Is told, in a sentence, which rows are read slowly, and why.
    """
    count = bucket_count(connection.execute("SELECT count(*) FROM deals").fetchone()[0])
    place, strays = Place(folder, mark), Strays()
    parts = {name: _Parts(table) for name, table in TABLES.items()}
    with readers_of(connection, path, place, count, note) as readers:
        for table, span, written in readers.written(TABLES.values()):
            if span is None:
                parts.pop(table.name, None)
            elif table.name in parts:
                parts[table.name].add(span.height, written)
                strays.take(folder, table.name, written.notes)
                told(table.name, span.height)
    for passing in folder.glob(f"*-{mark}.passing"):
        passing.unlink()
    found = {name: one.kept(count) for name, one in parts.items()}
    return count, strays.written(folder, mark, found)


@define
class _Parts:
    """What is written of a table."""

    table: Table
    rows: int = 0
    files: dict[int, list[File]] = field(factory=dict)
    filled: Counter[str] = field(factory=Counter)
    unreadable: set[str] = field(factory=set)

    def add(self, height: int, written: Written) -> None:
        """Add the next span."""
        self.rows += height
        for bucket, file in written.files.items():
            self.files.setdefault(bucket, []).append(file)
        self.filled.update(written.filled)
        self.unreadable.update(written.unreadable)

    def kept(self, count: int) -> Kept:
        """Return the whole table, divided into a number of buckets if its rows belong to somebody."""
        numbers = range((count if self.table.owner else 1) if self.rows else 0)
        parts = tuple(tuple(self.files.get(number, ())) for number in numbers)
        unreadable = tuple(sorted(self.unreadable))
        return Kept(self.table.name, parts, self.rows, dict(self.filled), unreadable)
