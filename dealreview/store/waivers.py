"""Waivers as they are stored: findings that people have agreed to live with until a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.model.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


@frozen
class Waiver:
    """What people decided about one verdict.

    Attributes:
        check: The check.
        kind: Kind of subject.
        id: The subject.
        outcome: ``watch`` or ``risk``: what was accepted; a worse outcome is not.
        disposition: ``accepted`` or ``false_positive``.
        reason: Why.
        author: Who asked for it.
        approver: Who agreed.
        made_on: When it was made.
        until: Last day on which it holds.
        number: Its number; None until it is stored.
    """

    check: str
    kind: str
    id: str
    outcome: str
    disposition: str
    reason: str
    author: str
    approver: str
    made_on: dt.date
    until: dt.date
    number: int | None = None


def add_waiver(
    connection: sqlite3.Connection, waiver: Waiver, former: Iterable[str] = ()
) -> Waiver:
    """Store a waiver in place of the one that stands for the same verdict, and return it with its number.

    Args:
        connection: A write transaction.
        waiver: The waiver.
        former: Former ids of its check, under which the other one may stand.
    """
    for check in (waiver.check, *former):
        connection.execute(_WITHDRAW_SAME, (str(waiver.made_on), check, waiver.kind, waiver.id))
    cells = (waiver.check, waiver.kind, waiver.id, waiver.outcome, waiver.disposition)
    people = (waiver.reason, waiver.author, waiver.approver)
    days = (str(waiver.made_on), str(waiver.until))
    number = connection.execute(_INSERT, (*cells, *people, *days)).lastrowid
    return evolve(waiver, number=number)


def withdraw_waiver(connection: sqlite3.Connection, number: int, day: dt.date) -> Waiver:
    """Take a waiver back and return it; it stays in the database.

    Raises:
        StoreError: There is no such waiver, or it was taken back before.
    """
    row = connection.execute(f"{_SELECT} AND waiver = ?", (number,)).fetchone()
    if row is None:
        raise StoreError(
            f"There is no waiver {number} that stands.", mend="`dealreview waivers` lists them."
        )
    connection.execute(_WITHDRAW, (str(day), number))
    return _waiver(row)


def load_waivers(connection: sqlite3.Connection) -> tuple[Waiver, ...]:
    """Return the waivers that were not taken back, also those that have run out, the oldest first."""
    return tuple(map(_waiver, connection.execute(f"{_SELECT} ORDER BY waiver")))


def _waiver(row: tuple[Any, ...]) -> Waiver:
    *texts, made_on, until, number = row
    days = [dt.date.fromisoformat(day) for day in (made_on, until)]
    cells: list[Any] = [*texts, *days, number]
    return Waiver(*cells)


_SELECT = """
SELECT check_id, kind, id, outcome, disposition, reason, author, approver, made_on, until, waiver
FROM waivers WHERE withdrawn_on IS NULL
"""
_INSERT = """
INSERT INTO waivers
    (check_id, kind, id, outcome, disposition, reason, author, approver, made_on, until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_WITHDRAW = "UPDATE waivers SET withdrawn_on = ? WHERE waiver = ?"
_WITHDRAW_SAME = """
UPDATE waivers SET withdrawn_on = ?
WHERE check_id = ? AND kind = ? AND id = ? AND withdrawn_on IS NULL
"""
