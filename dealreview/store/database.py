"""The database file: opening, migrating, and one transaction for reading or writing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.model.errors import StoreError
from dealreview.store import changes, migrations
from dealreview.store.schema import INTERNAL, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION_ID = int.from_bytes(b"DRVW", "big")
"""Written into the header, so that other SQLite files are told apart without a look at tables."""

BUSY_TIMEOUT_S = 30.0
CACHE_KIB = 64 * 1024
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@frozen
class Database:
    """A database file in the current format; made by :meth:`open`."""

    path: Path

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, create: bool = False) -> Database:
        """Return the database at a path, brought up to the current format.

        An older database is copied beside itself before it is changed.

        Args:
            path: The file.
            create: Make the file if there is none.

        Raises:
            StoreError: No file, or one that is not ours, newer, damaged or not readable.
        """
        _check_path(Path(path), create=create)
        # A check that changes the working directory must not lose the file.
        path = Path(path).absolute()
        with _explained(path), closing(_connect(path, create=create)) as connection:
            if _looked_at(connection, path, create=create) < len(migrations.STEPS):
                _migrate(connection, path, create=create)
            _prefer_wal(connection)
        return cls(path)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the data, whatever others write meanwhile."""
        _check_path(self.path, create=False)
        with _explained(self.path), closing(_connect(self.path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give a connection in a write transaction: stored whole, on any exception not at all."""
        _check_path(self.path, create=False)
        with _explained(self.path), closing(_connect(self.path)) as connection:
            _prepare_writing(connection)
            _begin(connection)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    def free_bytes(self) -> int:
        """Return how much of the file is free and used again before the file grows."""
        with self.read() as connection:
            return int(_pragma(connection, "freelist_count")) * int(
                _pragma(connection, "page_size")
            )

    def vacuum(self) -> int:
        """Give free space back to the disk, and return how many bytes.

        The whole file is written anew, beside itself.

        Raises:
            StoreError: There is no space for that, or another program is writing.
        """
        before = self.path.stat().st_size
        left = shutil.disk_usage(self.path.parent).free
        if left < 2 * before:
            raise StoreError(
                f"{self.path} can't be written anew: that takes {2 * before / 1e6:,.0f} MB of the disk, "
                f"{left / 1e6:,.0f} MB are free.",
                mend="Make room; what is free in the file is used again all the same.",
            )
        with _explained(self.path), closing(_connect(self.path)) as connection:
            _use_wal(connection)
            _patiently(connection, "VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before - self.path.stat().st_size

    def revision(self, connection: sqlite3.Connection) -> int:
        """Return the data revision: the number of changes ever, whoever made them."""
        return changes.revision(connection)


def _check_path(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a folder, not a database.", mend="Name a file in it.")
    if path.exists():
        return
    if not create:
        raise StoreError(f"There is no database at {path}.", mend=_IMPORT_FIRST)
    if not path.parent.is_dir():
        raise StoreError(
            f"There is no folder {path.parent}.", mend="Create it, or choose another path."
        )


_IMPORT_FIRST = "Import something first: dealreview import …"


def _connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    # A thread may read ahead for another one, which then does not use the connection itself.
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


def _prepare_writing(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # Triggers keep a statement journal; in a file it costs more than the rows themselves.
    connection.execute("PRAGMA temp_store = MEMORY")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, with which readers don't stop writers."""
    if _pragma(connection, "journal_mode") != "wal":
        _patiently(connection, "PRAGMA journal_mode = WAL")


def _prefer_wal(connection: sqlite3.Connection) -> None:
    """Use write-ahead logging from now on, unless somebody is in the way.

    A copy that ``VACUUM INTO`` made has none; whoever reads it would keep itself from writing beside.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        if _pragma(connection, "journal_mode") != "wal":
            connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: sqlite3.Connection) -> None:
    # A plain BEGIN takes the lock at the first write, when waiting for it is no longer possible.
    _patiently(connection, "BEGIN IMMEDIATE")


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file as a whole into sentences; others pass."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in _SENTENCES:
            raise
        message, mend = _SENTENCES[code]
        raise StoreError(message.format(path=path, error=error), mend=mend) from error


_BUSY_SENTENCE = (
    f"Another program has been writing to {{path}} for {BUSY_TIMEOUT_S:.0f} seconds.",
    "Wait until it is done, or end it.",
)
_RESTORE = "Restore a copy of it."
_ACCESS = "Check the rights on the file and its folder, and the space on the disk."
_SENTENCES = {
    sqlite3.SQLITE_NOTADB: ("{path} is not a SQLite database.", "Give the path of a database."),
    sqlite3.SQLITE_CORRUPT: ("{path} is damaged: {error}.", _RESTORE),
    sqlite3.SQLITE_CANTOPEN: ("{path} can't be opened: {error}.", _ACCESS),
    sqlite3.SQLITE_READONLY: ("{path} can't be written: {error}.", _ACCESS),
    sqlite3.SQLITE_FULL: ("{path} can't be written: {error}.", _ACCESS),
    sqlite3.SQLITE_IOERR: ("{path} can't be read or written: {error}.", _ACCESS),
    sqlite3.SQLITE_PERM: ("{path} can't be opened: {error}.", _ACCESS),
    sqlite3.SQLITE_BUSY: _BUSY_SENTENCE,
    sqlite3.SQLITE_LOCKED: _BUSY_SENTENCE,
}


def _pragma(connection: sqlite3.Connection, name: str) -> int | str:
    value: int | str = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _steps_taken(connection: sqlite3.Connection, path: Path, *, create: bool) -> int:
    """Return how many migrations a database has had.

    Raises:
        StoreError: It is not ours, or newer than this version, or empty and not to be created.
    """
    application, steps = (
        _pragma(connection, "application_id"),
        int(_pragma(connection, "user_version")),
    )
    if application == APPLICATION_ID:
        _check_not_newer(path, steps)
        _check_whole(connection, path, steps)
        return steps
    empty = not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application or steps or not empty:
        raise StoreError(
            f"{path} is a SQLite database, but not one of dealreview's.",
            mend="Give another path; its tables can be imported with a mapping.",
        )
    if not create:
        raise StoreError(f"{path} is empty.", mend=_IMPORT_FIRST)
    return 0


def _check_whole(connection: sqlite3.Connection, path: Path, steps: int) -> None:
    """Check that a database of this version has its tables: another program may have dropped one."""
    if steps != len(migrations.STEPS):
        return
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    lost = sorted({*TABLES, *INTERNAL} - there)
    if lost:
        raise StoreError(
            f"{path} is damaged: its table '{lost[0]}' is gone.",
            mend="Restore a copy, or import into a new database.",
        )


def _check_not_newer(path: Path, steps: int) -> None:
    if not 0 <= steps <= len(migrations.STEPS):
        raise StoreError(
            f"{path} was written by a newer dealreview (format {steps}; "
            f"this one knows {len(migrations.STEPS)}).",
            mend="Upgrade dealreview.",
        )


def _looked_at(connection: sqlite3.Connection, path: Path, *, create: bool) -> int:
    """Return the steps taken, read in one transaction: another process may be migrating."""
    connection.execute("BEGIN")
    try:
        return _steps_taken(connection, path, create=create)
    finally:
        connection.rollback()


def _migrate(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    """Take the missing steps in one transaction; another process may have taken them meanwhile."""
    _use_wal(connection)
    _begin(connection)
    try:
        steps = _steps_taken(connection, path, create=create)
        if steps < len(migrations.STEPS):
            if steps:
                back_up(path, f"before-{len(migrations.STEPS)}")
            _take_steps(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _take_steps(connection: sqlite3.Connection) -> None:
    import sqlite_utils

    # Inside our transaction sqlite-utils uses savepoints only.
    migrations.migration_set().apply(sqlite_utils.Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(migrations.STEPS)}")


def back_up(path: Path, label: str) -> None:
    """Copy a database beside itself; under the write lock, so that nothing changes meanwhile."""
    partial = path.with_name(f"{path.name}.bak.partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(_connect(path)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
        _sync(partial)
        partial.rename(_free_name(path, label))
        _sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _free_name(path: Path, label: str) -> Path:
    stem = f"{path.name}.{label}"
    names = (f"{stem}.bak" if number == 1 else f"{stem}.{number}.bak" for number in count(1))
    return next(found for name in names if not (found := path.with_name(name)).exists())


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
