"""What is not about one deal: mails to other customers, chores, incidents, and the hours of reps."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.demo.company.customers import CUSTOMERS, INCIDENTS
from dealreview.demo.company.days import AS_OF, SEED, TIME_FROM, ago, workday
from dealreview.demo.company.staff import CHORES, DIVERSIONS, REPS, TAKEN
from dealreview.demo.world.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dealreview.demo.company.staff import Person
    from dealreview.demo.world.accounts import Contact
    from dealreview.demo.world.deals import Deal

WEEK_HOURS = 40.0
MOST_A_ROW = 20.0
"""The time tool takes a day at most in one row."""

SHARES = (("SALES", 0.50), ("CARE", 0.14), ("PREP", 0.10))
"""Codes of the time tool, and what share of the hours left for selling each gets beside prospecting;
meetings get the rest."""

TOUCHES = {"c.weber": 4}
"""Mails a day of a rep to customers without a deal under way, at most; two if not named."""

SENT = 0.9
"""Share of them that is sent."""

NEGLECTED = {"001023"}
"""Customers whom nobody thinks of."""

BUSY = {"c.weber": (ago(31), ago(17), 0.05)}
"""An incident that left a rep no time for others: from, to, and the share of mails that were still sent."""


@frozen
class Hours:
    """Hours of a person in a week for something."""

    person: str
    week: dt.date
    code: str
    hours: float
    deal: str = ""
    customer: str = ""


# --- mails, chores, incidents --------------------------------------------------------------------


def office_events(
    contacts: Mapping[str, Sequence[Contact]], open_deals: Mapping[str, Sequence[Deal]]
) -> Iterator[Event]:
    """Yield what is not about one deal."""
    # A mail to an account with one open deal would count for that deal.
    others = [
        c.number
        for c in CUSTOMERS
        if len(open_deals.get(c.number, ())) != 1 and c.number not in NEGLECTED
    ]
    for person in REPS:
        yield from _touches(person, contacts, others)
        yield from _chores(person)
    yield from _incidents(contacts)


def _touches(
    person: Person, contacts: Mapping[str, Sequence[Contact]], others: Sequence[str]
) -> Iterator[Event]:
    rng = Random(f"{SEED} {person.login} touches")  # noqa: S311 - nothing here is a secret
    begin, end, share = BUSY.get(person.login, (AS_OF, AS_OF, 1.0))
    for days in range(104, 0, -1):
        day = ago(days)
        busy = share if begin <= day <= end else 1.0
        if day.weekday() > 4 or _is_taken(person, day):
            continue
        for _number in range(TOUCHES.get(person.login, 2)):
            if rng.random() < SENT * busy:
                account = rng.choice(others)
                yield Event(
                    "email", "outbound", "sent", day, person.login,
                    customer=account, contacts=(rng.choice(contacts[account]),),
                )  # fmt: skip


def _is_taken(person: Person, day: dt.date) -> bool:
    return _diverted_hours(person, day) >= 4


def _chores(person: Person) -> Iterator[Event]:
    for weeks, count in zip((5, 4, 3, 2), person.chores, strict=True):
        monday = AS_OF - dt.timedelta(days=AS_OF.weekday() + 7 * (weeks - 1))
        for number in range(count):
            day = monday + dt.timedelta(days=number % 5)
            chore = CHORES[(number + weeks) % len(CHORES)]
            yield Event("task", "internal", "held", day, person.login, minutes=20, chore=chore)


def _incidents(contacts: Mapping[str, Sequence[Contact]]) -> Iterator[Event]:
    owners = {customer.number: customer.owner for customer in CUSTOMERS}
    for incident in INCIDENTS:
        for topic, days in incident.steps:
            yield Event(
                "call", "outbound", "answered", workday(ago(days)), owners[incident.customer],
                customer=incident.customer, contacts=tuple(contacts[incident.customer][:1]),
                minutes=15, topics=(topic,),
            )  # fmt: skip


# --- hours ---------------------------------------------------------------------------------------


def make_hours(deals: Sequence[Deal]) -> tuple[Hours, ...]:
    """Return the time sheets of all reps, week by week."""
    weeks = [TIME_FROM + dt.timedelta(days=7 * n) for n in range((AS_OF - TIME_FROM).days // 7 + 1)]
    rows = (row for person in REPS for row in _sheets(person, weeks, deals))
    return tuple(rows)


def _sheets(person: Person, weeks: Sequence[dt.date], deals: Sequence[Deal]) -> Iterator[Hours]:
    rng = Random(f"{SEED} {person.login} hours")  # noqa: S311 - nothing here is a secret
    mine = [deal for deal in deals if deal.owner == person.login]
    holiday = rng.choice(weeks[6:12])
    for week in weeks:
        if rng.random() >= person.recorded:
            continue
        if week == holiday:
            yield from (
                Hours(person.login, week + dt.timedelta(days=n), "ABS", 8.0) for n in range(5)
            )
        else:
            yield from _week(rng, person, week, mine)


def _week(rng: Random, person: Person, week: dt.date, mine: Sequence[Deal]) -> Iterator[Hours]:
    days = [week + dt.timedelta(days=n) for n in range(5)]
    taken = sum(_diverted_hours(person, day) for day in days)
    usual = person.operations * rng.uniform(0.7, 1.3) * WEEK_HOURS * (1 - taken / WEEK_HOURS)
    operations = _quarters(taken + usual)
    left = WEEK_HOURS - operations
    hours = {code: _quarters(left * share * rng.uniform(0.9, 1.1)) for code, share in SHARES}
    hours["ACQ"] = _quarters(left * person.prospecting)
    hours["MEET"] = left - sum(hours.values())
    hours["OPS"] = operations
    for code, amount in hours.items():
        yield from _booked(rng, person, week, code, amount, mine)


def _diverted_hours(person: Person, day: dt.date) -> float:
    return sum(
        diversion.hours * TAKEN.get(person.login, 1.0)
        for diversion in DIVERSIONS
        if person.login in diversion.people and diversion.first <= day <= diversion.last
        if day.weekday() < 5
    )


def _booked(
    rng: Random, person: Person, week: dt.date, code: str, amount: float, mine: Sequence[Deal]
) -> Iterator[Hours]:
    """Yield hours with what they were for; long rows are divided among the days of the week."""
    if code == "SALES":
        alive = [d for d in mine if d.created <= week + dt.timedelta(days=4) and d.end >= week]
        chosen = rng.sample(alive, min(4, len(alive)))
        weights = [deal.list_price for deal in chosen]
        for deal, weight in zip(chosen, weights, strict=True):
            part = _quarters(amount * 0.85 * weight / sum(weights))
            amount -= part
            yield from _rows(
                Hours(person.login, week, code, part, deal.deal_id, deal.customer.number)
            )
    if code == "CARE":
        cared = [
            c.number for c in CUSTOMERS if c.owner == person.login and c.number not in NEGLECTED
        ]
        for number in rng.sample(cared, min(2, len(cared))):
            yield from _rows(
                Hours(person.login, week, code, _quarters(amount / 2), customer=number)
            )
        return
    yield from _rows(Hours(person.login, week, code, amount))


def _rows(entry: Hours) -> Iterator[Hours]:
    left, day = entry.hours, entry.week
    while left > 0:
        part = min(left, MOST_A_ROW)
        yield Hours(entry.person, day, entry.code, part, entry.deal, entry.customer)
        left, day = left - part, day + dt.timedelta(days=1)


def _quarters(hours: float) -> float:
    return round(hours * 4) / 4
