"""What finance, service desk, ERP and time tracking export, and the lists of operations."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from dealreview.demo.company import stories
from dealreview.demo.company.customers import CUSTOMERS, INCIDENTS
from dealreview.demo.company.days import (
    AS_OF,
    DELIVERIES_FROM,
    HOLIDAYS,
    MONTHS_FROM,
    RATES,
    ago,
    workday,
)
from dealreview.demo.company.staff import DIVERSIONS
from dealreview.demo.exports.table import (
    DatabaseExport,
    Export,
    euros,
    german_euros,
    iso,
    table,
)
from dealreview.demo.world.prices import closed_service, pocket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.exports.table import Window
    from dealreview.demo.world import World
    from dealreview.demo.world.accounts import Month
    from dealreview.demo.world.deals import Deal

SERVICE_POOLS = (("support", 0.55), ("returns", 0.25), ("account_care", 0.20))
MINUTE_CENTS = 95
"""Cost of a minute at the service desk."""

MISSPELT = {"001005": "QUILLON-FOODS", "001009": "Ferrandglass"}
"""How finance writes two customers."""

SHEET = ("login", "day", "code", "opportunity", "customer", "hours")


def office_exports(world: World, window: Window) -> tuple[Export | DatabaseExport, ...]:
    """Return the files of everybody but sales."""
    diversions = [diversion for diversion in DIVERSIONS if diversion.first <= window.day]
    rows = (
        (d.key, d.team, iso(d.first), iso(d.last), f"{d.hours:g}", d.cause, d.cause_owner)
        for d in diversions
    )
    helpers = ((d.key, login) for d in diversions for login in d.people)
    columns = "Id|Team|From|To|Hours a day|Cause|Cause owner"
    return (
        _finance(world, window),
        _service(world, window),
        _recalculated(world, window),
        _rates(window),
        _incidents(window),
        _deliveries(world, window),
        _time(world, window),
        table("diversions.csv", columns, rows),
        table("diversion_people.csv", "Id|Login", helpers),
        table("holidays.csv", "Calendar|Day", (("works", day) for day in HOLIDAYS)),
    )


# --- money ---------------------------------------------------------------------------------------


def _months(world: World, window: Window) -> Iterator[Month]:
    """Yield the months whose books were closed by then: a month is booked on the sixth of the next."""
    for months in world.months.values():
        yield from (month for month in months if window.logs(_booked_on(month.first)))


def _booked_on(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=6)


def _finance(world: World, window: Window) -> Export:
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
        for month in _months(world, window)
    )
    columns = "Kunde|Monat|Listenumsatz|Umsatz|Erlösschmälerungen|Wareneinsatz|Währung"
    return table("finance_months.csv", columns, rows, delimiter=";", encoding="cp1252")


def _service(world: World, window: Window) -> Export:
    rows = (
        (
            month.customer,
            f"{month.first:%Y-%m}",
            pool,
            str(round(cents / MINUTE_CENTS)),
            euros(cents),
        )
        for month in _months(world, window)
        for pool, share in SERVICE_POOLS
        for cents in (round(month.service * share),)
    )
    return table("service_desk.csv", "Account no|Month|Pool|Minutes|Cost EUR", rows)


def _recalculated(world: World, window: Window) -> Export:
    """Return what finance works out when a deal is over: what it costs to serve it."""
    closed = [deal for deal in world.deals if window.knows(deal.closed) and deal.quoted_on]
    rows = (
        (deal.deal_id, euros(round(pocket(deal) * closed_service(deal))), deal.customer.currency)
        for deal in closed
    )
    return table("finance_deals.csv", "Opportunity|Cost to serve|Currency", rows)


def _rates(window: Window) -> Export:
    """Return weekly rates without a header, as a bank sends them."""
    fridays = [AS_OF - dt.timedelta(days=7 * n) for n in range((AS_OF - MONTHS_FROM).days // 7 + 1)]
    rows = (
        (currency, iso(day), f"{rate * (1 + 0.03 * math.sin(number / 9)):.4f}")
        for currency, rate in RATES.items()
        for number, day in enumerate(fridays)
        if window.logs(day)
    )
    return table("exchange_rates.tsv", "", rows, delimiter="\t")


# --- operations ----------------------------------------------------------------------------------


def _incidents(window: Window) -> Export:
    rows = (
        (
            one.key,
            one.customer,
            one.kind,
            str(one.severity),
            iso(ago(one.opened)),
            "" if one.resolved is None else iso(window.shown(ago(one.resolved))),
        )
        for one in INCIDENTS
        if window.knows(ago(one.opened))
    )
    return table("incidents.csv", "Case|Account no|Kind|Severity|Opened|Resolved", rows)


def _deliveries(world: World, window: Window) -> Export:
    rows = (
        (f"L-{deal.deal_id}", deal.deal_id, *_delivery(deal, window))
        for deal in world.deals
        if window.knows(deal.quoted_on) and not deal.loss and deal.end >= DELIVERIES_FROM
    )
    columns = "Delivery|Opportunity|Promised|Promised on|Earliest by plan|Delivered"
    return table("deliveries.csv", columns, rows)


def _delivery(deal: Deal, window: Window) -> tuple[str, ...]:
    rng = deal.rng("delivery")
    promised = workday((deal.life.expected or deal.end) + dt.timedelta(days=rng.randint(50, 75)))
    early = stories.LATE_PROMISES.get(deal.deal_id, deal.early)
    slack = -early if early else rng.randint(0, 14)
    earliest = workday(promised - dt.timedelta(days=slack)) if slack else promised
    arrived = promised + dt.timedelta(days=rng.randint(-5, 8) + early)
    delivered = window.shown(arrived) if deal.is_won else None
    return iso(promised), iso(deal.quoted_on), iso(earliest), iso(delivered)


def _time(world: World, window: Window) -> DatabaseExport:
    """Return the time sheets as the tool's own database."""
    rows = (
        (h.person, iso(h.week), h.code, h.deal, h.customer, f"{h.hours:.2f}".replace(".", ","))
        for h in world.hours
        if window.logs(h.week)
    )
    return DatabaseExport("time_tracking.sqlite", "time_sheets", SHEET, tuple(rows))
