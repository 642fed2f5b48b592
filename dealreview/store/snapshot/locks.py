"""Locks of a snapshot: one writes, and nothing is deleted that somebody may still be reading.

They are locks of SQLite on empty files, so that they hold on every system, across a network as far as
SQLite's do, and end with the process that holds them, however it ends. A file that has something in it
is emptied, not replaced: whoever holds it goes on holding it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITERS, READERS = "writers.lock", "readers.lock"


@contextmanager
def locked(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Give whether a lock could be had for this process alone; it is held until the end.

    Args:
        path: The file.
        patience: How long to wait for others, in seconds.

    Raises:
        sqlite3.OperationalError: The file can't be made or locked, and nobody else is why.
    """
    with closing(_connect(path, "rwc", patience)) as connection:
        try:
            # A journal would be a file: a full disk has no room for one, and may be why this is called.
            _asked(connection, path, "PRAGMA journal_mode = MEMORY")
            _asked(connection, path, "BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            # One that was raised here has no code.
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            yield False
            return
        yield True


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold a lock together with others who hold it so; whoever wants it alone goes without.

    Raises:
        sqlite3.OperationalError: The file can't be locked.
    """
    with closing(_connect(path, "ro", 5.0)) as connection:
        connection.execute("BEGIN")
        _asked(connection, path, "SELECT count(*) FROM sqlite_schema")
        yield


def _asked(connection: sqlite3.Connection, path: Path, statement: str) -> None:
    """Run a statement on a lock; one that something was written into is emptied first.

    Raises:
        sqlite3.OperationalError: It can't be locked, or emptied.
    """
    try:
        connection.execute(statement).fetchall()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        try:
            # By its name: to close an open file would end the locks that this process holds on it.
            os.truncate(path, 0)
            connection.execute(statement).fetchall()
        except (OSError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise sqlite3.OperationalError(f"{path.name} is damaged: {error}") from error


def _connect(path: Path, mode: str, patience: float) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(
        uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False
    )
