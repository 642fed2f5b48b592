"""Marks in the database: what proves that a snapshot was made of it, and of no other past of it.

A data revision alone does not. When a copy of a database is put back and other rows are written, the
revision may be the same and the rows are not; but then the later marks are gone.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from dealreview.store.database import Database

KEPT = 20
"""Marks that are kept; a snapshot needs the last one only."""


def new_mark() -> str:
    """Return a name that no other snapshot has."""
    return os.urandom(8).hex()


def has_mark(connection: sqlite3.Connection, mark: str) -> bool:
    """Whether a database was there when a snapshot was made."""
    query = "SELECT EXISTS (SELECT 1 FROM snapshot_marks WHERE mark = ?)"
    return bool(connection.execute(query, (mark,)).fetchone()[0])


def leave_mark(database: Database, mark: str, revision: int) -> None:
    """Write a mark, while the data of the snapshot is read or after it; none can be found without."""
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    with database.write() as connection:
        connection.execute("INSERT INTO snapshot_marks VALUES (?, ?, ?)", (mark, revision, now))
        connection.execute(_FORGET, (mark, KEPT))


_FORGET = """
DELETE FROM snapshot_marks WHERE mark <> ? AND mark NOT IN (
  SELECT mark FROM snapshot_marks ORDER BY made_at DESC, data_revision DESC LIMIT ?
)
"""
