"""What finance, the service desk and time tracking export."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING

from dealreview.demo.company import AS_OF, CUSTOMERS, DIVERTED, PEOPLE, SEED
from dealreview.demo.crm import TEAM_KEYS
from dealreview.demo.export import Export, euros, german_day, german_euros, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.company import Person
    from dealreview.demo.world import Month, World

DAY_HOURS = 8.0
SELLING = (("ACQ", 0.12), ("SALES", 0.45), ("CARE", 0.15), ("PREP", 0.13), ("MEET", 0.15))
"""Codes of the time tool, and what share of the hours left for selling each gets."""

TIME_FROM = dt.date(2026, 7, 20)
"""Sixteen weeks of time sheets: the four that count, and the twelve before them."""

SERVICE_POOLS = (("support", 0.55), ("returns", 0.25), ("account_care", 0.20))
MINUTE_CENTS = 95
"""Cost of a minute at the service desk."""

MISSPELT = {"001005": "QUILLON-FOODS", "001009": "Ferrandglass"}
"""How finance writes two customers."""

DIVERSION = "D-2026-1"


def office_exports(world: World) -> tuple[Export, ...]:
    """Return the files of finance, service desk, time tracking, and the list of diversions."""
    return (_finance(world), _service(world), _time_sheets(), _diversions(), _diverted_people())


# --- money ---------------------------------------------------------------------------------------


def _finance(world: World) -> Export:
    """Return the monthly result as an old ledger writes it: cp1252, customers by name, two misspelt."""
    names = {customer.number: customer.name for customer in CUSTOMERS} | MISSPELT
    rows = (
        (
            names[month.customer],
            f"{month.first:%m.%Y}",
            german_euros(month.list_price),
            german_euros(month.revenue),
            german_euros(month.off_invoice),
            "#N/A" if month.goods is None else german_euros(month.goods),
            "EUR",
        )
        for month in _months(world)
    )
    columns = "Kunde|Monat|Listenumsatz|Umsatz|Erlösschmälerungen|Wareneinsatz|Währung"
    return table("finance_months.csv", columns, rows, delimiter=";", encoding="cp1252")


def _months(world: World) -> Iterator[Month]:
    for months in world.months.values():
        yield from months


def _service(world: World) -> Export:
    rows = (
        (
            month.customer,
            f"{month.first:%Y-%m}",
            pool,
            str(round(cents / MINUTE_CENTS)),
            euros(cents),
        )
        for month in _months(world)
        for pool, share in SERVICE_POOLS
        for cents in (round(month.service * share),)
    )
    return table("service_desk.csv", "Account no|Month|Pool|Minutes|Cost EUR", rows)


# --- time ----------------------------------------------------------------------------------------


def _time_sheets() -> Export:
    """Return time sheets as the tool writes them: tabs, no header, decimal commas."""
    rng = Random(SEED + 2)  # noqa: S311 - nothing here is a secret
    days = [TIME_FROM + dt.timedelta(days=n) for n in range((AS_OF - TIME_FROM).days + 1)]
    rows = (
        row
        for person in PEOPLE
        if person.role == "Sales"
        for day in days
        if day.weekday() < 5 and rng.random() < person.recorded
        for row in _sheet(rng, person, day)
    )
    return table("time_sheets.tsv", "", rows, delimiter="\t")


def _sheet(rng: Random, person: Person, day: dt.date) -> Iterator[tuple[str, ...]]:
    usual = person.operations * rng.uniform(0.6, 1.4) * DAY_HOURS
    busy = person.diverted if DIVERTED[0] <= day <= DIVERTED[1] else 0.0
    operations = _quarters(max(usual, busy))
    left = DAY_HOURS - operations
    hours = [(code, _quarters(left * share)) for code, share in SELLING]
    hours[1] = ("SALES", hours[1][1] + left - sum(h for _code, h in hours))
    for code, amount in [*hours, ("OPS", operations)]:
        if amount > 0:
            yield person.login, german_day(day), f"{amount:.2f}".replace(".", ","), code


def _quarters(hours: float) -> float:
    return round(hours * 4) / 4


def _diversions() -> Export:
    row = (DIVERSION, TEAM_KEYS["South"], *(day.isoformat() for day in DIVERTED), "6")
    return table("diversions.csv", "Id|Team|From|To|Hours a day", [row])


def _diverted_people() -> Export:
    rows = ((DIVERSION, person.login) for person in PEOPLE if person.diverted)
    return table("diversion_people.csv", "Id|Login", rows)
