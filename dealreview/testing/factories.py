"""Small companies for tests: a deal with everything around it, from the few words that matter.

A factory gives rows by table; :func:`together` puts several into one company. What is not said is
sane: an open deal in euros, offered, with an account, an owner, lines and a recorded history.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dealreview.model.errors import did_you_mean
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AS_OF = dt.date(2025, 5, 16)
"""The day as of which the companies stand."""

SINCE = dt.date(2023, 1, 1)
"""The day from which everything is recorded."""

Rows = dict[str, list[dict[str, Any]]]
MILESTONES = ("qualifying", "discovery", "evaluation", "proposal", "negotiation", "closing")
STAGES: list[dict[str, Any]] = [
    *(
        {"stage_id": name, "name": name.title(), "kind": "open", "milestone": n, "position": n}
        for n, name in enumerate(MILESTONES, start=1)
    ),
    {"stage_id": "won", "name": "Won", "kind": "won", "position": 7},
    {"stage_id": "lost", "name": "Lost", "kind": "lost", "position": 8},
]
FINAL = ("won", "lost")
_HELD = dt.timedelta(days=7)


def deal(
    deal_id: str = "D1",
    *,
    stage: str = "proposal",
    amount: float = 100_000.0,
    discount: float = 0.0,
    margin: float | None = None,
    engaged: int = 0,
    account_id: str = "A1",
    owner_id: str = "P1",
    **columns: Any,
) -> Rows:
    """Return a deal with its account, owner, lines and conversations.

    Args:
        deal_id: Its id.
        stage: One of :data:`MILESTONES`, ``won`` or ``lost``.
        amount: What the customer is invoiced, in units of the currency.
        discount: Share taken off the list price.
        margin: Share of the amount that is left after the cost of goods; None leaves costs unknown.
        engaged: How many people of the customer had a meeting with us a week ago.
        account_id: Its account.
        owner_id: Who of us owns it.
        **columns: Columns of the table ``deals``.

    Raises:
        TypeError: A column or stage that is not there, or a discount of 1 or more.
    """
    _demand_columns("deals", columns)
    if stage not in {*MILESTONES, *FINAL}:
        raise TypeError(f"there is no stage '{stage}'.{did_you_mean(stage, [*MILESTONES, *FINAL])}")
    if not discount < 1:
        raise TypeError(f"a discount is a share under 1, not {discount}")
    minor = round(amount * 100)
    closed = {"closed_on": AS_OF - _HELD} if stage in FINAL else {}
    row = {
        "deal_id": deal_id,
        "account_id": account_id,
        "name": f"Deal {deal_id}",
        "stage_id": stage,
        "owner_id": owner_id,
        "amount_minor": minor,
        "currency": "EUR",
        "created_on": AS_OF - dt.timedelta(days=60),
        "expected_close_on": AS_OF + dt.timedelta(days=30),
    }
    line = {
        "line_id": f"{deal_id}-1",
        "deal_id": deal_id,
        "quantity": 1.0,
        "list_minor": round(minor / (1 - discount)),
        "invoice_minor": minor,
        "cost_minor": None if margin is None else round(minor * (1 - margin)),
        "period": "one_off",
    }
    own: Rows = {"deals": [{**row, **closed, **columns}], "deal_lines": [line]}
    return together(account(account_id), rep(owner_id), own, _talks(deal_id, account_id, engaged))


def _talks(deal_id: str, account_id: str, people: int) -> Rows:
    """Return a held meeting with each of so many people of a customer."""
    found: Rows = {"contacts": [], "activities": [], "activity_attendees": []}
    for n in range(1, people + 1):
        contact, meeting = f"{account_id}-C{n}", f"{deal_id}-M{n}"
        found["contacts"].append({"contact_id": contact, "account_id": account_id, "name": contact})
        at = dt.datetime.combine(AS_OF - _HELD, dt.time(9), dt.UTC)
        found["activities"].append(
            {
                "activity_id": meeting,
                "deal_id": deal_id,
                "account_id": account_id,
                "kind": "meeting",
                "status": "held",
                "direction": "outbound",
                "at": at,
                "automated": 0,
            }
        )
        found["activity_attendees"].append(
            {"activity_id": meeting, "attendee_id": contact, "side": "buyer", "attended": 1}
        )
    return found


def account(account_id: str = "A1", **columns: Any) -> Rows:
    """Return an account.

    Raises:
        TypeError: A column that is not there.
    """
    _demand_columns("accounts", columns)
    row = {"account_id": account_id, "name": f"Account {account_id}", "employees": 250}
    return _recorded({"accounts": [row | columns], "stages": STAGES})


def rep(person_id: str = "P1", *, team_id: str = "T1", **columns: Any) -> Rows:
    """Return a seller and the team.

    Raises:
        TypeError: A column that is not there.
    """
    _demand_columns("people", columns)
    row = {"person_id": person_id, "name": f"Person {person_id}", "role": "rep", "team_id": team_id}
    team = {"team_id": team_id, "name": f"Team {team_id}"}
    return _recorded({"people": [row | {"weekly_hours": 40.0} | columns], "teams": [team]})


def _recorded(rows: Rows) -> Rows:
    """Return rows with the word that every dated table is recorded, so that no row means nothing."""
    feeds = [
        {"table_name": name, "scope": "all", "covers_from": SINCE, "covers_to": AS_OF}
        for name, table in TABLES.items()
        if table.dated_by
    ]
    return {**rows, "feeds": feeds}


def together(*companies: Mapping[str, Iterable[Mapping[str, Any]]]) -> Rows:
    """Return several companies as one; of two rows with one key the later one holds.

    Rows of a pack's own tables are told apart by all their cells.
    """
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for rows in companies:
        for name, records in rows.items():
            key = TABLES[name].key if name in TABLES else None
            found.setdefault(name, {}).update(
                {tuple(record[part] for part in key or record): dict(record) for record in records}
            )
    return {name: list(records.values()) for name, records in found.items()}


def _demand_columns(table: str, given: Iterable[str]) -> None:
    known = TABLES[table].names
    for name in given:
        if name not in known:
            raise TypeError(f"{table} has no column '{name}'.{did_you_mean(name, known)}")
