"""Verifying a snapshot: every byte against its digest, every cell against the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.store.schema import TABLES
from dealreview.store.snapshot.files import folder_of, is_intact
from dealreview.store.snapshot.keeping import FRESH, MISSING, State, held_state
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dealreview.store.database import Database
    from dealreview.store.snapshot.manifest import Manifest


def verified(database: Database, tell: Callable[[str], None], *, rows: bool) -> list[str] | None:
    """Return what is wrong with a snapshot, a sentence each; None when there is none.

    Args:
        database: The database.
        tell: Told what is looked at.
        rows: Whether cells are compared with the database.
    """
    folder = folder_of(database.path)
    with database.read() as connection, held_state(folder, connection) as state:
        if state.name == MISSING:
            return None
        if state.manifest is None:
            return [f"{state.reason}."]
        found = [*_damaged(folder, state.manifest, tell)]
        return found or list(_different(folder, connection, state, tell) if rows else ())


def _damaged(folder: Path, manifest: Manifest, tell: Callable[[str], None]) -> Iterator[str]:
    for file in manifest.files():
        tell(f"Reading {file.name}")
        if not is_intact(folder, file, thorough=True):
            yield f"{file.name} is not what was written."


def _different(
    folder: Path, connection: sqlite3.Connection, state: State, tell: Callable[[str], None]
) -> Iterator[str]:
    if state.name != FRESH or state.manifest is None:
        yield "It is behind the data: cells can't be compared. Build it first."
        return
    for name, table in TABLES.items():
        tell(f"Comparing {name}")
        # A table at a time, so that memory holds two copies of one and no more.
        plain = Tables(connection).frame(name, table.names)
        kept = SnapshotTables(connection, folder, state.manifest).frame(name, table.names)
        if not kept.equals(plain, null_equal=True):
            yield f"Table {name} is not what the database has."
