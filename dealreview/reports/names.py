"""Names of people, contacts, accounts and deals, looked up one by one when they are shown."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    import sqlite3

_SOURCES = (
    "SELECT name FROM people WHERE person_id = ?",
    "SELECT name FROM contacts WHERE contact_id = ?",
    "SELECT name FROM accounts WHERE account_id = ?",
    "SELECT name FROM deals WHERE deal_id = ?",
    "SELECT name FROM teams WHERE team_id = ?",
)


@frozen(slots=False)
class NameBook:
    """The names in a database.

    Attributes:
        connection: A read transaction.
    """

    connection: sqlite3.Connection
    _known: dict[str, str] = field(factory=dict, init=False)

    def __call__(self, identity: str) -> str:
        """Return the name of whoever has an id; the id itself where none or several have it."""
        if identity not in self._known:
            self._known[identity] = self._find(identity)
        return self._known[identity]

    def _find(self, identity: str) -> str:
        found = {
            row[0]
            for query in _SOURCES
            for row in self.connection.execute(query, (identity,))
            if row[0]
        }
        return found.pop() if len(found) == 1 else identity

    def account(self, identity: str | None) -> str:
        """Return the name of an account; nothing for none."""
        return self._one("SELECT name FROM accounts WHERE account_id = ?", identity)

    def person(self, identity: str | None) -> str:
        """Return the name of one of our people; nothing for none."""
        return self._one("SELECT name FROM people WHERE person_id = ?", identity)

    def _one(self, query: str, identity: str | None) -> str:
        if identity is None:
            return ""
        found = self.connection.execute(query, (identity,)).fetchone()
        return (found[0] if found else None) or identity

    @cached_property
    def stages(self) -> dict[str, tuple[str, str | None]]:
        """Name and kind of each stage by id, in the order of the pipelines."""
        query = (
            "SELECT stage_id, name, kind FROM stages "
            "ORDER BY pipeline_id, position IS NULL, position, milestone, stage_id"
        )
        return {key: (name or key, kind) for key, name, kind in self.connection.execute(query)}
