"""The reference work in plain Python: rows become objects, and eight functions judge each deal."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from attrs import define, field

from benchmarks import work
from benchmarks.company import AS_OF
from benchmarks.work import CHECKS, FINDINGS, PASS, RISK, SCORECARDS, STRENGTH, UNKNOWN, WATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from benchmarks.child import Laps


@define
class Line:
    """A line of a deal."""

    price: int | None
    listed: int | None
    cost: int | None


@define
class Stakeholder:
    """A person who has to do with a deal, with the roles that they have."""

    stance: int | None
    stance_on: str | None
    roles: list[str] = field(factory=list)


@define
class Activity:
    """Something that happened on a deal."""

    status: str | None
    day: str


@define
class Approval:
    """A request to approve a deal."""

    decision: str | None
    requested_on: str


@define
class Account:
    """An account with its money of twelve months."""

    is_key: bool | None
    revenue: int | None = None
    kept: int = 0


@define
class Owner:
    """A person of ours with tenths of hours of eight weeks."""

    allowed: float | None
    hours: int = 0
    operations: int = 0


@define
class Deal:
    """A deal with everything that the checks look at."""

    id: str
    account: Account | None
    owner: Owner | None
    stage: str | None
    alternative: int | None
    expected: str | None
    day: str
    lines: list[Line] = field(factory=list)
    people: dict[str, Stakeholder] = field(factory=dict)
    activities: list[Activity] = field(factory=list)
    approvals: list[Approval] = field(factory=list)


def total(values: Iterable[int | None]) -> int | None:
    """Return the sum of known values; None without any or where one is unknown."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if found and len(known) == len(found) else None


def days_between(first: str, last: str) -> int:
    """Return the days from one ISO date to another."""
    return (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days


def margin(deal: Deal) -> int:
    """Judge what is left of the price."""
    price, cost = total(one.price for one in deal.lines), total(one.cost for one in deal.lines)
    if price is None or cost is None:
        return UNKNOWN
    return judge_margin(price, cost)


def judge_margin(price: int, cost: int) -> int:
    """Judge what is left of a price."""
    left = (price - cost) * 100
    if left < price * 15:
        return RISK
    if left < price * 30:
        return WATCH
    return STRENGTH if left >= price * 50 else PASS


def value(deal: Deal) -> int:
    """Judge the price against the alternative."""
    price, other = total(one.price for one in deal.lines), deal.alternative
    if price is None or other is None:
        return UNKNOWN
    if price * 100 > other * 120:
        return RISK
    if price > other:
        return WATCH
    return STRENGTH if price * 100 <= other * 50 else PASS


def key_account(deal: Deal) -> int:
    """Judge what a key account leaves."""
    account = deal.account
    if account is None or account.is_key is None:
        return UNKNOWN
    if not account.is_key:
        return work.NOT_APPLICABLE
    if account.revenue is None:
        return UNKNOWN
    if account.kept * 100 < account.revenue * 20:
        return RISK
    return WATCH if account.kept * 100 < account.revenue * 30 else PASS


def coverage(deal: Deal) -> int:
    """Judge which roles are held by people who are not against us."""
    if not deal.people:
        return UNKNOWN
    held: set[str] = set()
    for person in deal.people.values():
        unseen = person.stance_on is not None and person.stance_on > deal.day
        if unseen or person.stance is None or person.stance >= 0:
            held.update(person.roles)
    points = sum(work.ROLE_POINTS.get(role, 0) for role in held)
    if points < 4:
        return RISK
    if points < 6:
        return WATCH
    return STRENGTH if points >= 7 else PASS


def silence(deal: Deal) -> int:
    """Judge how long nothing was heard."""
    heard = (one.day for one in deal.activities if one.status in work.HEARD and one.day <= deal.day)
    last = max(heard, default=None)
    if last is None:
        return UNKNOWN
    days = days_between(last, deal.day)
    return RISK if days > 90 else WATCH if days > 30 else PASS


def date(deal: Deal) -> int:
    """Judge the expected close."""
    if deal.stage is None:
        return UNKNOWN
    if deal.stage != "open":
        return work.NOT_APPLICABLE
    if deal.expected is None:
        return UNKNOWN
    days = days_between(deal.expected, deal.day)
    return RISK if days > 14 else WATCH if days > 0 else PASS


def operations(deal: Deal) -> int:
    """Judge the owner's share of operations."""
    owner = deal.owner
    if owner is None or not owner.hours:
        return UNKNOWN
    part = owner.operations * 100
    return RISK if part > owner.hours * 35 else WATCH if part > owner.hours * 25 else PASS


def discount(deal: Deal) -> int:
    """Judge the discount and its approval."""
    seen = {one.decision for one in deal.approvals if one.requested_on <= deal.day}
    if "approved" in seen:
        return PASS
    price, listed = total(one.price for one in deal.lines), total(one.listed for one in deal.lines)
    allowed = deal.owner.allowed if deal.owner else None
    if price is None or listed is None or allowed is None:
        return UNKNOWN
    if listed - price <= listed * allowed:
        return PASS
    return WATCH if "pending" in seen else RISK


FUNCTIONS: tuple[Callable[[Deal], int], ...] = (
    margin,
    value,
    key_account,
    coverage,
    silence,
    date,
    operations,
    discount,
)

MONTHS = f"month BETWEEN '{work.MONTHS_FROM}' AND '{work.MONTHS_TO}'"
HOURS = f"day > '{work.HOURS_AFTER}' AND day <= '{AS_OF}'"
_DEALS = (
    "SELECT deal_id, account_id, owner_id, kind, reference_minor, expected_close_on, "
    "coalesce(closed_on, ?) FROM deals LEFT JOIN stages USING (stage_id)"
)
_OF_DEALS = {
    "deal_lines": "invoice_minor, list_minor, cost_minor",
    "stakeholders": "contact_id, stance, stance_on",
    "stakeholder_roles": "contact_id, role",
    "activities": "status, substr(at, 1, 10)",
    "approvals": "decision, requested_on",
}


def deals_of(connection: sqlite3.Connection, only: str | None = None) -> dict[str, Deal]:
    """Return the deals with all their objects: every one, or only the one with an id."""
    run = connection.execute
    given = () if only is None else (only,)
    where = "" if only is None else " WHERE deal_id = ?"
    rows = list(run(_DEALS + where, (AS_OF.isoformat(), *given)))
    accounts = accounts_of(connection, rows[0][1] if only is not None and rows else None)
    owners = owners_of(connection, rows[0][2] if only is not None and rows else None)
    deals = {
        row[0]: Deal(row[0], accounts.get(row[1]), owners.get(row[2]), *row[3:]) for row in rows
    }
    found = {
        table: run(f"SELECT deal_id, {cells} FROM {table}{where}", given)  # noqa: S608 - our names
        for table, cells in _OF_DEALS.items()
    }
    _fill(deals, found)
    return deals


def _fill(deals: dict[str, Deal], found: Mapping[str, Iterable[tuple[Any, ...]]]) -> None:
    for deal_id, *cells in found["deal_lines"]:
        deals[deal_id].lines.append(Line(*cells))
    for deal_id, contact, *cells in found["stakeholders"]:
        deals[deal_id].people[contact] = Stakeholder(*cells)
    for deal_id, contact, role in found["stakeholder_roles"]:
        if contact in deals[deal_id].people:
            deals[deal_id].people[contact].roles.append(role)
    for deal_id, *cells in found["activities"]:
        deals[deal_id].activities.append(Activity(*cells))
    for deal_id, *cells in found["approvals"]:
        deals[deal_id].approvals.append(Approval(*cells))


def accounts_of(connection: sqlite3.Connection, only: str | None = None) -> dict[str, Account]:
    """Return the accounts with their money."""
    given = () if only is None else (only,)
    which, also = ("", "") if only is None else (" WHERE account_id = ?", " AND account_id = ?")
    query = f"SELECT account_id, is_key FROM accounts{which}"  # noqa: S608 - our names
    accounts = {key: Account(is_key) for key, is_key in connection.execute(query, given)}
    query = (
        "SELECT account_id, revenue_minor, off_invoice_minor, cost_of_goods_minor "  # noqa: S608
        f"FROM account_months WHERE {MONTHS}{also}"
    )
    for key, revenue, off, cost in connection.execute(query, given):
        accounts[key].revenue = (accounts[key].revenue or 0) + revenue
        accounts[key].kept += revenue - off - cost
    query = f"SELECT account_id, cost_minor FROM service_costs WHERE {MONTHS}{also}"  # noqa: S608
    for key, cost in connection.execute(query, given):
        accounts[key].kept -= cost
    return accounts


def owners_of(connection: sqlite3.Connection, only: str | None = None) -> dict[str, Owner]:
    """Return the people of ours with their hours."""
    given = () if only is None else (only,)
    which, also = ("", "") if only is None else (" WHERE person_id = ?", " AND person_id = ?")
    query = f"SELECT person_id, max_discount_ratio FROM people{which}"  # noqa: S608 - our names
    owners = {key: Owner(allowed) for key, allowed in connection.execute(query, given)}
    query = f"SELECT person_id, hours, category FROM time_entries WHERE {HOURS}{also}"  # noqa: S608
    for key, hours, category in connection.execute(query, given):
        tenths = round(hours * 10)
        owners[key].hours += tenths
        owners[key].operations += tenths if category == "operations" else 0
    return owners


def judged(deal: Deal) -> tuple[int, ...]:
    """Return the statuses of a deal."""
    return tuple(function(deal) for function in FUNCTIONS)


def _rows(
    cards: dict[str, tuple[int, ...]],
) -> tuple[Iterator[tuple[Any, ...]], Iterator[tuple[Any, ...]]]:
    found = (
        (deal_id, check, status)
        for deal_id, statuses in cards.items()
        for check, status in zip(CHECKS, statuses, strict=True)
        if status in work.FOUND
    )
    return ((key, *statuses, work.score(statuses)) for key, statuses in cards.items()), found


def review(database: Path, laps: Laps) -> None:
    """Review everything, object by object."""
    with closing(sqlite3.connect(database)) as connection, connection:
        deals = deals_of(connection)
        laps("load")
        cards = {deal.id: judged(deal) for deal in deals.values()}
        laps("compute")
        scores, found = _rows(cards)
        marks = ", ".join("?" * (len(CHECKS) + 2))
        connection.executemany(f"INSERT INTO {SCORECARDS} VALUES ({marks})", scores)  # noqa: S608
        connection.executemany(f"INSERT INTO {FINDINGS} VALUES (?, ?, ?)", found)  # noqa: S608
    laps("write")


def one_deal(connection: sqlite3.Connection, deal_id: str) -> tuple[int, ...]:
    """Review a single deal over indexed selects."""
    return judged(deals_of(connection, deal_id)[deal_id])
