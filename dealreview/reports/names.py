"""Names of people, contacts, accounts, deals and records, looked up one by one when they are shown."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import field, frozen

from dealreview.checks.messages import day as written_day

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_SOURCES = (
    "SELECT name FROM people WHERE person_id = ?",
    "SELECT name FROM contacts WHERE contact_id = ?",
    "SELECT name FROM accounts WHERE account_id = ?",
    "SELECT name FROM deals WHERE deal_id = ?",
    "SELECT name FROM teams WHERE team_id = ?",
    "SELECT name FROM stages WHERE stage_id = ?",
)

_RECORDS = {
    "activities": ("activity_id", "kind", "at"),
    "approvals": ("approval_id", "'approval'", "coalesce(decided_on, requested_on)"),
    "commitments": ("commitment_id", "what", "asked_on"),
    "concessions": ("concession_id", "kind", "agreed_on"),
    "deal_changes": ("change_id", "'change of ' || replace(field, '_on', '')", "changed_at"),
    "deal_lines": ("line_id", "product", "NULL"),
    "delivery_dates": ("delivery_id", "'delivery promise'", "promise_made_on"),
    "diversions": ("diversion_id", "'diversion'", "from_on"),
    "incidents": ("incident_id", "'incident'", "opened_on"),
    "loss_statements": ("statement_id", "'statement of a loss'", "stated_on"),
    "price_steps": ("step_id", "'price step'", "given_on"),
    "targets": ("target_id", "'goal on ' || metric", "period_from"),
}
"""Records that have no name: their key, what they are, and the day that tells them apart."""


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
        if found:
            return found.pop() if len(found) == 1 else identity
        records = {text for table in _RECORDS for text in self._record(table, identity)}
        return records.pop() if len(records) == 1 else identity

    def _record(self, table: str, identity: str) -> Iterator[str]:
        """Yield what to call a record: ``meeting on 3 Nov 2026``."""
        key, what, day = _RECORDS[table]
        query = f"SELECT {what}, substr({day}, 1, 10) FROM {table} WHERE {key} = ?"  # noqa: S608 - of this module
        for said, iso in self.connection.execute(query, (identity,)):
            if said:
                when = f" on {written_day(dt.date.fromisoformat(iso))}" if iso else ""
                yield f"{str(said).replace('_', ' ')}{when}"

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
