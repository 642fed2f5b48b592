"""What the CRM exports: semicolons, German days and amounts, a byte order mark."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

from dealreview.demo.company import AS_OF, CUSTOMERS, PEOPLE
from dealreview.demo.export import Export, german_day, german_euros, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.world import Contact, Deal, World

TEAM_KEYS = {"North": "T1", "South": "T2"}
FORECAST = {
    "Evaluation": "Pipeline",
    "Proposal": "Best case",
    "Negotiation": "Commit",
    "Verbal yes": "Commit",
}
"""Forecast category by stage; earlier stages are pipeline."""
STANCES = ("2", "1", "1", "0", "-1", "")
PUSHED_BY = dt.timedelta(days=21)


def crm_exports(world: World) -> tuple[Export, ...]:
    """Return the files of the CRM and of the staff directory."""
    return (
        _teams(),
        _people(),
        _accounts(),
        _contacts(world),
        _deals(world),
        _roles(world),
        _history(world),
    )


def invoice(deal: Deal) -> int:
    """Return the invoice price in cents."""
    return round(deal.list_price * (1 - deal.discount))


def _teams() -> Export:
    leads = {person.team: person.login for person in PEOPLE if person.role == "Team lead"}
    rows = ((TEAM_KEYS[name], name, lead) for name, lead in leads.items())
    return table("teams.csv", "Team|Name|Lead", rows)


def _people() -> Export:
    leads = {person.team: person.login for person in PEOPLE if person.role == "Team lead"}
    rows = (
        (
            p.login,
            p.name,
            p.role,
            TEAM_KEYS[p.team],
            "" if p.login in leads.values() else leads[p.team],
            "40",
        )
        for p in PEOPLE
    )
    return table("people.csv", "Login|Name|Role|Team|Reports to|Hours a week", rows)


def _accounts() -> Export:
    owners = [person.name for person in PEOPLE if person.role == "Sales"]
    rows = (
        (
            customer.number,
            customer.name,
            customer.segment,
            str(customer.employees),
            "Key" if customer.is_key else "Standard",
            owners[number % len(owners)],
            german_day(dt.date(2019 + number % 4, 3, 1)),
        )
        for number, customer in enumerate(CUSTOMERS)
    )
    columns = "Account no|Account name|Segment|Employees|Tier|Owner|Customer since"
    return table("crm_accounts.csv", columns, rows, delimiter=";", encoding="utf-8-sig")


def _contacts(world: World) -> Export:
    everyone = [contact for contacts in world.contacts.values() for contact in contacts]
    rows = ((c.contact_id, c.customer, c.name, c.title, c.function) for c in everyone)
    columns = "Contact no|Account no|Name|Title|Department"
    return table("crm_contacts.csv", columns, rows, delimiter=";")


def _deals(world: World) -> Export:
    rows = [_deal(deal) for deal in world.deals]
    rows.insert(7, rows[4])
    columns = "Opportunity|Name|Account no|Owner|Stage|Forecast|Amount|Currency|Created|Close date|Closed on"
    return table("crm_opportunities.csv", columns, rows, delimiter=";")


def _deal(deal: Deal) -> tuple[str, ...]:
    owner = next(person.name for person in PEOPLE if person.login == deal.owner)
    return (
        deal.deal_id,
        deal.name,
        deal.customer,
        owner,
        deal.stage,
        FORECAST.get(deal.stage, "Pipeline") if deal.is_open else "",
        german_euros(invoice(deal)),
        "EUR",
        german_day(deal.created),
        german_day(deal.expected) if deal.expected else "31.12.9999",
        german_day(deal.closed) if deal.closed else "",
    )


# --- the buying group ----------------------------------------------------------------------------


def buying_group(world: World, deal: Deal) -> tuple[Contact, ...]:
    """Return the contacts that have to do with a deal: those engaged, and one who is not yet."""
    return world.contacts[deal.customer][: deal.engaged + 1]


def _roles(world: World) -> Export:
    rows = (
        (deal.deal_id, contact.contact_id, contact.role, "x" if number == 0 else "", stance)
        for deal in world.deals
        if deal.is_open
        for number, (contact, stance) in enumerate(
            zip(buying_group(world, deal), STANCES, strict=False)
        )
    )
    return table(
        "crm_contact_roles.csv", "Opportunity|Contact no|Role|Primary|Attitude", rows, delimiter=";"
    )


# --- the history of fields -----------------------------------------------------------------------


def _history(world: World) -> Export:
    rows = (
        (f"H{number:05d}", deal_id, field, old, new, f"{german_day(day)} 09:00")
        for number, (deal_id, field, old, new, day) in enumerate(_changes(world), 1)
    )
    columns = "Entry|Opportunity|Field|Old value|New value|Changed"
    return table("crm_field_history.csv", columns, rows, delimiter=";")


def _changes(world: World) -> Iterator[tuple[str, str, str, str, dt.date]]:
    for deal in world.deals:
        yield from _stage_moves(deal)
        yield from _pushes(deal)


def _stage_moves(deal: Deal) -> Iterator[tuple[str, str, str, str, dt.date]]:
    end = deal.closed or AS_OF - dt.timedelta(days=9)
    stages = deal.reached
    for number, (old, new) in enumerate(pairwise(stages), 1):
        day = deal.created + (end - deal.created) * number // (len(stages) - 1)
        yield deal.deal_id, "Stage", old, new, day


def _pushes(deal: Deal) -> Iterator[tuple[str, str, str, str, dt.date]]:
    """Give deals whose date has passed, and won ones, an earlier date that was pushed once."""
    if deal.expected and deal.expected < AS_OF:
        before, day = deal.expected - PUSHED_BY, deal.expected - PUSHED_BY
        yield deal.deal_id, "Close date", german_day(before), german_day(deal.expected), day
