"""What a database was at a look, by which the next look sees that it is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.store.changes import revision

if TYPE_CHECKING:
    import sqlite3


@frozen
class Past:
    """What a database was at a look: the next one sees by it what has changed, or that it is another one.

    Attributes:
        revision: The data revision.
        change: The line of the change log that made it.
        schema: Changes with every table that is altered, and when a copy is put back by a connection.
    """

    revision: int
    change: tuple[Any, ...] | None
    schema: int

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Past:
        """Return what a database is."""
        now = revision(connection)
        (schema,) = connection.execute("PRAGMA schema_version").fetchone()
        return cls(now, _change(connection, now), schema)

    def is_of(self, connection: sqlite3.Connection, now: Past) -> bool:
        """Whether a database that is as it is now has been this."""
        return self.schema == now.schema and self.change == _change(connection, self.revision)


def _change(connection: sqlite3.Connection, number: int) -> tuple[Any, ...] | None:
    found = connection.execute("SELECT * FROM change_log WHERE seq = ?", (number,)).fetchone()
    return found and tuple(found)
