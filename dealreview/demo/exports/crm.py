"""What the CRM exports: semicolons, German days and amounts, a byte order mark."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dealreview.demo.company.customers import CUSTOMERS
from dealreview.demo.company.days import ago
from dealreview.demo.company.names import CRITERIA, FORECAST
from dealreview.demo.company.staff import PEOPLE, TEAMS
from dealreview.demo.exports.table import Export, german_day, german_euros, table, text
from dealreview.demo.world.groups import is_kept, stakeholders
from dealreview.demo.world.prices import invoice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.company.staff import Person, Team
    from dealreview.demo.exports.table import Window
    from dealreview.demo.world import World
    from dealreview.demo.world.deals import Deal
    from dealreview.demo.world.history import Change

NAMES = {person.login: person.name for person in PEOPLE}
LIMITS = {"Sales": "15", "Team lead": "25"}
COSTS = {"Sales": "62", "Team lead": "88", "Presales": "70"}
FIT_KEPT_FROM = ago(330)
"""Deals closed before it have no checklist any more."""

UNASKED = {"fabd7f90": 2, "cb63b914": 3}
"""Criteria of the checklist that nobody has answered yet, by deal."""

YEAR = ("01.01.2026", "31.12.2026")
GOALS = {
    "Bookings": 900_000,
    "Revenue": 4_000_000,
    "Contribution": 330_000,
    "Gross margin": 1_500_000,
    "New opportunities": 24,
}


def crm_exports(world: World, window: Window) -> tuple[Export, ...]:
    """Return the files of the CRM and of the staff directory."""
    deals = [deal for deal in world.deals if deal.created <= window.day]
    return (
        _teams(),
        _people(),
        _accounts(),
        _contacts(world),
        _deals(deals, window),
        _roles(world, deals),
        _history(deals, window),
        _checklists(deals),
        _quotas(),
    )


def _teams() -> Export:
    return table(
        "teams.csv", "Team|Name|Lead", ((team.key, team.name, team.lead) for team in TEAMS)
    )


def _people() -> Export:
    leads = {team.key: team.lead for team in TEAMS}
    columns = "Login|Name|Role|Team|Reports to|Hours a week|Cost of an hour|Discount limit|Left"
    return table("people.csv", columns, (_person(person, leads[person.team]) for person in PEOPLE))


def _person(person: Person, lead: str) -> tuple[str, ...]:
    return (
        person.login,
        person.name,
        person.role,
        person.team,
        "" if person.login == lead else lead,
        "40",
        COSTS.get(person.role, "55"),
        LIMITS.get(person.role, ""),
        text(person.left),
    )


def _accounts() -> Export:
    rows = (
        (
            customer.number,
            customer.name,
            customer.segment,
            customer.industry,
            customer.country,
            str(customer.employees),
            "Key" if customer.is_key else "Standard",
            german_day(customer.key_since),
            NAMES[customer.owner],
            customer.parent,
            german_day(dt.date(2012 + number * 7 % 11, 3, 1)),
        )
        for number, customer in enumerate(CUSTOMERS)
    )
    columns = (
        "Account no|Account name|Segment|Industry|Country|Employees|Tier|Key since|Owner|Parent no"
    )
    columns += "|Customer since"
    return table("crm_accounts.csv", columns, rows, delimiter=";", encoding="utf-8-sig")


def _contacts(world: World) -> Export:
    everyone = [contact for contacts in world.contacts.values() for contact in contacts]
    rows = (
        (c.contact_id, c.customer, c.name, c.title, c.function, german_day(c.left))
        for c in everyone
    )
    columns = "Contact no|Account no|Name|Title|Department|Left"
    return table("crm_contacts.csv", columns, rows, delimiter=";")


def _deals(deals: list[Deal], window: Window) -> Export:
    rows = [_deal(deal, window) for deal in deals]
    rows.insert(7, rows[4])
    columns = "Opportunity|Name|Account no|Owner|Stage|Forecast|Amount|Currency|Created|Close date|Closed on"
    columns += "|Reason lost"
    return table("crm_opportunities.csv", columns, rows, delimiter=";")


def _deal(deal: Deal, window: Window) -> tuple[str, ...]:
    life, closed = deal.life, window.shown(deal.closed)
    stage = life.stage_on(window.day)
    owner = str(life.value_on("Owner", life.owner, window.day))
    expected = life.value_on("Close date", life.expected, window.day)
    return (
        deal.deal_id,
        deal.name,
        deal.customer.number,
        NAMES.get(owner, ""),
        stage,
        "" if closed else _forecast(deal, stage),
        german_euros(invoice(deal, window.day)),
        deal.customer.currency,
        german_day(deal.created),
        german_day(expected) if isinstance(expected, dt.date) else "31.12.9999",
        german_day(closed),
        deal.loss if closed else "",
    )


def _forecast(deal: Deal, stage: str) -> str:
    stated = deal.plan.forecast if deal.plan and deal.plan.stage == stage else ""
    return stated or FORECAST.get(stage, "Pipeline")


def _roles(world: World, deals: list[Deal]) -> Export:
    people = (
        (deal, one)
        for deal in deals
        if is_kept(deal)
        for one in stakeholders(deal, world.group_of(deal))
    )
    rows = (
        (
            deal.deal_id,
            one.contact.contact_id,
            one.contact.role,
            "x" if one.is_main else "",
            text(one.influence),
            text(one.stance),
            german_day(one.judged_on if one.stance is not None else None),
            one.recommends,
            german_day(one.judged_on if one.recommends else None),
        )
        for deal, one in people
    )
    columns = (
        "Opportunity|Contact no|Role|Primary|Influence|Attitude|Judged on|Would recommend|Asked on"
    )
    return table("crm_contact_roles.csv", columns, rows, delimiter=";")


def _history(deals: list[Deal], window: Window) -> Export:
    """Return the history of stages, dates and owners; amounts and forecasts the CRM does not keep."""
    rows = (
        (f"H-{deal.deal_id}-{number:02d}", deal.deal_id, *_change(change))
        for deal in deals
        for number, change in enumerate(deal.life.changes, 1)
        if window.logs(change.day)
    )
    columns = "Entry|Opportunity|Field|Old value|New value|Changed"
    return table("crm_field_history.csv", columns, rows, delimiter=";")


def _change(change: Change) -> tuple[str, ...]:
    return change.field, _cell(change.old), _cell(change.new), f"{german_day(change.day)} 09:00"


def _cell(value: str | dt.date) -> str:
    return german_day(value) if isinstance(value, dt.date) else value


def _checklists(deals: list[Deal]) -> Export:
    kept = [deal for deal in deals if deal.closed is None or deal.closed >= FIT_KEPT_FROM]
    rows = ((deal.deal_id, *answer) for deal in kept for answer in _answers(deal))
    return table("crm_checklists.csv", "Opportunity|Criterion|Met", rows, delimiter=";")


def _answers(deal: Deal) -> Iterator[tuple[str, str]]:
    rng = deal.rng("fit")
    usual = deal.customer.fit - (deal.customer.fit > 5 and rng.random() < 0.5)
    fit = usual if deal.plan is None or deal.plan.fit is None else deal.plan.fit
    lacking = rng.sample(CRITERIA, len(CRITERIA) - fit)
    open_ones = CRITERIA[len(CRITERIA) - UNASKED.get(deal.deal_id, 0) :]
    for criterion in CRITERIA:
        met = "no" if criterion in lacking else "yes"
        yield criterion, "" if criterion in open_ones else met


def _quotas() -> Export:
    members = {
        team.key: [p for p in PEOPLE if p.team == team.key and p.role == "Sales"] for team in TEAMS
    }
    rows = [row for team in TEAMS for row in _goals(team, [p.login for p in members[team.key]])]
    return table("crm_quotas.csv", "Quota|Whose|Holder|Metric|From|To|Goal", rows, delimiter=";")


def _goals(team: Team, reps: list[str]) -> Iterator[tuple[str, ...]]:
    for metric in team.goals:
        for login in reps:
            yield f"Q-{login}-{metric}", "person", login, metric, *YEAR, str(GOALS[metric])
    for metric in team.lead_goals:
        yield f"Q-{team.lead}-{metric}", "person", team.lead, metric, *YEAR, str(GOALS[metric] * 4)
    yield f"Q-{team.key}", "team", team.key, "Revenue", *YEAR, "2800000"
