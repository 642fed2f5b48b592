"""Opening tables for a review: from the snapshot where that is cheaper, else from the database."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from dealreview.model.errors import StoreError
from dealreview.store.snapshot.files import folder_of
from dealreview.store.snapshot.keeping import (
    FRESH,
    STALE,
    UNUSABLE,
    give_up,
    held_state,
    refresh,
    state_of,
    writing,
)
from dealreview.store.snapshot.locks import READERS, shared
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dealreview.store.database import Database
    from dealreview.store.snapshot.manifest import Manifest

    Told = Callable[[str], None]

AUTO, OFF = "auto", "off"
MODES = (AUTO, OFF)
"""Whether a review reads a snapshot: where it pays, or never."""

WORTH_BYTES = 32 * 1024 * 1024
"""Size of a database from which on a snapshot is built; a smaller one is read in a second or two."""

PATIENCE_S = 5.0
"""How long to wait for another program that is bringing the snapshot up to date."""


@contextmanager
def open_tables(
    database: Database, connection: sqlite3.Connection, mode: str, tell: Told, note: Told
) -> Iterator[Tables]:
    """Give the tables of a read transaction; the frames are the same wherever they come from.

    A snapshot that is as old as the data is read. One that is behind is brought up to date first; one
    that is missing or of no use is built if the database is large. Whatever is in the way of that
    costs time only: then the database is read. One that turns out to be damaged is built anew next time.

    Args:
        database: The database.
        connection: One read transaction of it.
        mode: One of :data:`MODES`.
        tell: Told what is going on.
        note: Told, in a sentence, why a snapshot that is there is not used.
    """
    folder = folder_of(database.path)
    if mode == OFF or not (folder.exists() or _is_large(database.path)):
        yield Tables(connection)
        return
    with ExitStack() as held:
        manifest = _manifest(database, connection, held, tell, note)
        if manifest is None:
            yield Tables(connection)
            return
        tables = SnapshotTables(connection, folder, manifest)
        yield tables
    if tables.is_damaged:
        give_up(folder, manifest.mark)


def _is_large(path: Path) -> bool:
    return path.stat().st_size >= WORTH_BYTES


def _manifest(
    database: Database, connection: sqlite3.Connection, held: ExitStack, tell: Told, note: Told
) -> Manifest | None:
    """Return the snapshot to read, held against deletion; None to read the database."""
    folder = folder_of(database.path)
    found = held.enter_context(held_state(folder, connection))
    if found.name == FRESH:
        return found.manifest
    if found.name == UNUSABLE and _is_newer(database):
        return None
    if found.name == UNUSABLE:
        note(f"The snapshot in {folder} is not used: {found.reason}.")
    if found.name != STALE and not _is_large(database.path):
        return None
    try:
        with writing(folder, PATIENCE_S) as is_ours:
            if is_ours:
                return _made(database, connection, held, tell)
    except StoreError as error:
        note(f"The snapshot is not brought up to date: {error.message}")
        return None
    note("The snapshot is not brought up to date: another program is at it.")
    return None


def _made(
    database: Database, connection: sqlite3.Connection, held: ExitStack, tell: Told
) -> Manifest | None:
    """Bring the snapshot up to date, unless somebody has done so meanwhile."""
    folder = folder_of(database.path)
    state = state_of(folder, connection)
    if state.name == UNUSABLE and _is_newer(database):
        return None
    if state.name == FRESH:
        manifest = state.manifest
    else:
        held.close()
        manifest = refresh(database, connection, state, tell)
    held.enter_context(shared(folder / READERS))
    return manifest


def _is_newer(database: Database) -> bool:
    """Whether somebody has made the snapshot of data that was written after this review began."""
    with database.read() as connection:
        return state_of(folder_of(database.path), connection).name in {FRESH, STALE}


@contextmanager
def tables_of_mark(
    database: Database, connection: sqlite3.Connection, mark: str
) -> Iterator[Tables]:
    """Give the tables of a read transaction, from the snapshot of a name if that is there and fresh."""
    folder = folder_of(database.path)
    with ExitStack() as held:
        state = held.enter_context(held_state(folder, connection)) if mark else None
        if (
            state is not None
            and state.name == FRESH
            and state.manifest
            and state.manifest.mark == mark
        ):
            yield SnapshotTables(connection, folder, state.manifest)
        else:
            yield Tables(connection)
