"""The people on the customer's side of a deal, read when they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Collection, Mapping

    from dealreview.reports.names import NameBook

ROLES = (
    "decision_maker",
    "approver",
    "champion",
    "evaluator",
    "user",
    "technical",
    "finance",
    "legal",
    "gatekeeper",
)
"""Roles in the order in which they are shown."""

_PEOPLE = """
    SELECT s.contact_id, s.external_adviser, c.job_title, c.left_on, (
        SELECT group_concat(r.role) FROM stakeholder_roles r
        WHERE r.deal_id = s.deal_id AND r.contact_id = s.contact_id
            AND (r.gone_on IS NULL OR r.gone_on > :day)
    ) FROM stakeholders s LEFT JOIN contacts c ON c.contact_id = s.contact_id
    WHERE s.deal_id = :deal AND (s.gone_on IS NULL OR s.gone_on > :day)
"""
_CONTACT = "SELECT job_title, left_on FROM contacts WHERE contact_id = ?"


@frozen
class Member:
    """Somebody on the customer's side.

    Attributes:
        id: The contact.
        name: The name, else the id.
        title: Job title; empty when unknown.
        roles: Roles in the deal, in words.
        engaged: Whether there was two-way contact in the window; None when that is not known.
        adviser: Whether it is somebody who advises the buyer from outside.
        left: Whether the person has left the company.
    """

    id: str
    name: str
    title: str = ""
    roles: tuple[str, ...] = ()
    engaged: bool | None = None
    adviser: bool = False
    left: bool = False


def members(
    names: NameBook, deal_id: str, day: dt.date, facts: Mapping[str, Any]
) -> tuple[Member, ...]:
    """Return who has to do with a deal as of its day: the named and those who talk with us.

    Args:
        names: Names and the database.
        deal_id: The deal.
        day: The day as of which it is judged.
        facts: Facts of the deal, which say who is engaged.
    """
    talking = facts.get("engaged_contact_ids")
    found = names.connection.execute(_PEOPLE, {"deal": deal_id, "day": day.isoformat()}).fetchall()
    people = [_named(names, row, day, facts) for row in found]
    known = {member.id for member in people}
    people += [_unnamed(names, who, day) for who in talking or () if who not in known]
    return tuple(sorted(people, key=_place))


def _place(member: Member) -> tuple[bool, int, bool, str, str]:
    first = min((_rank(role) for role in member.roles), default=len(ROLES))
    return (member.left, first, member.engaged is not True, member.name, member.id)


def _rank(role: str) -> int:
    name = role.replace(" ", "_")
    return ROLES.index(name) if name in ROLES else len(ROLES)


def _named(
    names: NameBook, row: sqlite3.Row | tuple[Any, ...], day: dt.date, facts: Mapping[str, Any]
) -> Member:
    contact, adviser, title, left_on, roles = row
    in_words = sorted(
        (role.replace("_", " ") for role in (roles or "").split(",") if role), key=_rank
    )
    left = _has_left(left_on, day)
    engaged = _engaged(contact, facts)
    return Member(
        contact, names(contact), title or "", tuple(in_words), engaged, bool(adviser), left
    )


def _unnamed(names: NameBook, contact: str, day: dt.date) -> Member:
    """Return somebody who talks with us and has no role on the deal."""
    title, left_on = names.connection.execute(_CONTACT, (contact,)).fetchone() or (None, None)
    return Member(contact, names(contact), title or "", (), True, left=_has_left(left_on, day))


def _has_left(left_on: str | None, day: dt.date) -> bool:
    return left_on is not None and left_on <= day.isoformat()


def _engaged(contact: str, facts: Mapping[str, Any]) -> bool | None:
    """Say whether somebody is engaged; nobody is said to be silent where not everything was seen."""
    talking: Collection[str] | None = facts.get("engaged_contact_ids")
    if talking is None:
        return None
    if contact in talking:
        return True
    lo, hi = facts.get("engaged_contacts_lo"), facts.get("engaged_contacts_hi")
    return False if hi is not None and lo == hi else None
