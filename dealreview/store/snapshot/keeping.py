"""Keeping a snapshot: looking at it, building it, bringing it up to date, taking it away."""

from __future__ import annotations

import datetime as dt
import errno
import shutil
import sqlite3
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from dealreview.model.errors import StoreError
from dealreview.store.changes import revision as data_revision
from dealreview.store.snapshot import files
from dealreview.store.snapshot.changes import TooMuch, changed_tables
from dealreview.store.snapshot.locks import READERS, WRITERS, locked, shared
from dealreview.store.snapshot.manifest import (
    Manifest,
    Unusable,
    read_manifest,
    shape_of,
    write_manifest,
)
from dealreview.store.snapshot.marks import has_mark, leave_mark, new_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dealreview.store.database import Database

    Progress = Callable[[str], None]

FRESH, STALE, MISSING, UNUSABLE = "fresh", "stale", "missing", "unusable"
"""States of a snapshot: as the database is; behind it; not there; there, but of no use."""


@frozen
class State:
    """How a snapshot stands to the data of one read transaction.

    Attributes:
        name: One of the states above.
        reason: What makes it unusable.
        manifest: The snapshot; None where it can't be read.
        revision: The data revision of the transaction.
    """

    name: str
    revision: int
    reason: str = ""
    manifest: Manifest | None = None


def state_of(folder: Path, connection: sqlite3.Connection, *, thorough: bool = False) -> State:
    """Return how a snapshot stands to the data that a connection sees.

    Args:
        folder: Where the snapshot is.
        connection: One read transaction of the database.
        thorough: Read every byte, instead of size and time of each file.
    """
    revision = data_revision(connection)
    try:
        manifest = read_manifest(folder)
        if manifest is None:
            return State(MISSING, revision)
        _check(folder, connection, manifest, revision, thorough=thorough)
    except Unusable as error:
        return State(UNUSABLE, revision, str(error))
    name = FRESH if manifest.revision == revision else STALE
    return State(name, revision, manifest=manifest)


def _check(
    folder: Path,
    connection: sqlite3.Connection,
    manifest: Manifest,
    revision: int,
    *,
    thorough: bool,
) -> None:
    if not has_mark(connection, manifest.mark):
        raise Unusable("it was made of another database, or of a later state of this one")
    if manifest.shape != shape_of(connection):
        raise Unusable("the tables of the database are not those that it was made of")
    if manifest.revision > revision:
        raise Unusable("it is newer than the data")
    for file in manifest.files():
        if not files.is_intact(folder, file, thorough=thorough):
            raise Unusable(f"{file.name} is damaged or gone")


@contextmanager
def held_state(folder: Path, connection: sqlite3.Connection) -> Iterator[State]:
    """Give the state of a snapshot, no file of which is deleted until the end."""
    with ExitStack() as held:
        try:
            held.enter_context(shared(folder / READERS))
        except sqlite3.OperationalError:
            # Nobody has written here.
            yield State(MISSING, data_revision(connection))
            return
        yield state_of(folder, connection)


@contextmanager
def writing(folder: Path, patience: float) -> Iterator[bool]:
    """Give whether this process alone may write; the folder is there then.

    Raises:
        StoreError: The folder can't be made or written.
    """
    try:
        folder.mkdir(exist_ok=True)
        with locked(folder / WRITERS, patience) as is_ours:
            if is_ours:
                # Whoever reads opens it without making it.
                (folder / READERS).touch()
            yield is_ours
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreError(
            f"{folder} can't be written: {error}.",
            mend="Check the rights on the folder, and the space on the disk.",
        ) from error


def _quiet(_sentence: str) -> None:
    """Say nothing."""


def make_snapshot(
    database: Database,
    tell: Progress,
    note: Progress = _quiet,
    *,
    patience: float,
    anew: bool = False,
) -> bool:
    """Build the snapshot of a database or bring it up to date; return False if another program is at it.

    One that has a byte which is not what was written is built anew.

    Args:
        database: The database.
        tell: Told what is going on.
        note: Told, in a sentence, which rows were read slowly, and why.
        patience: How long to wait for others, in seconds.
        anew: Build it anew even where it could be brought up to date.
    """
    folder = files.folder_of(database.path)
    with writing(folder, patience) as is_ours:
        if not is_ours:
            return False
        with database.read() as connection:
            state = state_of(folder, connection, thorough=not anew)
            if anew or state.name != FRESH:
                refresh(database, connection, state, tell, note, anew=anew)
    return True


def refresh(
    database: Database,
    connection: sqlite3.Connection,
    state: State,
    tell: Progress,
    note: Progress = _quiet,
    *,
    anew: bool = False,
) -> Manifest:
    """Make a snapshot of what a connection sees; the caller has the lock of writers.

    Args:
        database: The database.
        connection: One read transaction of it.
        state: How the snapshot stands to it.
        tell: Told what is going on.
        note: Told, in a sentence, which rows are read slowly, and why.
        anew: Build it anew even where it could be brought up to date.
    """
    folder, mark = files.folder_of(database.path), new_mark()
    # First, so that a database that can't be written costs no building.
    leave_mark(database, mark, state.revision)
    try:
        manifest = None
        if state.name == STALE and state.manifest is not None and not anew:
            manifest = _updated(connection, folder, state.manifest, mark, tell)
        manifest = manifest or _built(database, connection, folder, mark, tell, note)
        files.synced(folder)
        write_manifest(folder, manifest)
    except BaseException:
        # What fills a disk is not left on it.
        for path in folder.glob(f"*-{mark}.*"):
            path.unlink(missing_ok=True)
        raise
    clear(folder, manifest)
    return manifest


def _updated(
    connection: sqlite3.Connection, folder: Path, manifest: Manifest, mark: str, tell: Progress
) -> Manifest | None:
    """Return a snapshot with what has changed; None if it must be built anew."""
    import polars as pl

    tell("Bringing the snapshot up to date")
    revision = data_revision(connection)
    try:
        tables = changed_tables(connection, folder, manifest, mark, revision)
    except (TooMuch, pl.exceptions.PolarsError):
        return None
    except OSError as error:
        # A disk that can't read a file, or a library that gave up on it; not one that is full.
        if error.errno not in {None, errno.EIO}:
            raise
        return None
    return evolve(manifest, mark=mark, revision=revision, made_at=_now(), tables=tables)


def _built(
    database: Database,
    connection: sqlite3.Connection,
    folder: Path,
    mark: str,
    tell: Progress,
    note: Progress,
) -> Manifest:
    done = 0

    def told(table: str, rows: int) -> None:
        nonlocal done
        done += rows
        tell(f"Building the snapshot: {done:,} rows, now {table}")

    tell("Building the snapshot")
    from dealreview.store.snapshot.build import build_tables

    buckets, tables = build_tables(connection, database.path, folder, mark, told, note)
    revision = data_revision(connection)
    return Manifest(mark, revision, revision, shape_of(connection), buckets, _now(), tables)


def _now() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def clear(folder: Path, manifest: Manifest) -> bool:
    """Delete files that no snapshot has any more; return False if somebody may be reading them.

    The caller has the lock of writers.
    """
    needed = {file.name for file in manifest.files()} | {files.MANIFEST, READERS, WRITERS}
    with locked(folder / READERS) as nobody_reads:
        for path in folder.iterdir() if nobody_reads else ():
            if path.name not in needed and not path.name.startswith(
                (READERS, WRITERS, files.FACTS)
            ):
                path.unlink(missing_ok=True)
    return nobody_reads


def give_up(folder: Path, mark: str) -> None:
    """Let a snapshot that can't be read be built anew, unless another has taken its place.

    Where nothing can be written, or another program is writing, it stays until the next one who finds it.
    """
    with suppress(StoreError, OSError, Unusable), writing(folder, 0.0) as is_ours:
        found = read_manifest(folder) if is_ours else None
        if found is not None and found.mark == mark:
            (folder / files.MANIFEST).unlink()


def drop(folder: Path, patience: float) -> bool:
    """Delete a snapshot; return False if somebody is writing or reading it.

    What is left when this is killed has no manifest, and is no snapshot.
    """
    with writing(folder, patience) as is_ours:
        if not is_ours:
            return False
        with locked(folder / READERS, patience) as nobody_reads:
            if not nobody_reads:
                return False
            (folder / files.MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return True
