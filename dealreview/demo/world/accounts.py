"""What customers are: their people, and their money by month."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.demo.company.customers import BIG, CUSTOMERS
from dealreview.demo.company.days import AS_OF, MONTHS_FROM, SEED, ago
from dealreview.demo.company.names import CONTACTS, FIRST_NAMES, LAST_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dealreview.demo.company.customers import Customer

LEFT = {"001011-01": ago(80), "001017-05": ago(35)}
"""Contacts who no longer work there."""

LAST_QUARTER = dt.date(2026, 7, 1)
"""First day of the last complete quarter, at which costs are those of the plan."""


@frozen
class Contact:
    """A person of a customer."""

    contact_id: str
    customer: str
    name: str
    title: str
    function: str
    role: str
    influence: int
    left: dt.date | None


@frozen
class Month:
    """An account's money in a month, in cents."""

    customer: str
    first: dt.date
    list_price: int
    revenue: int
    off_invoice: int
    goods: int | None
    service: int


def make_contacts() -> Mapping[str, tuple[Contact, ...]]:
    """Return the contacts by account, in the order in which a good deal wins them."""
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    Random(SEED).shuffle(names)  # noqa: S311 - nothing here is a secret
    return {customer.number: tuple(_contacts(customer, names)) for customer in CUSTOMERS}


def _contacts(customer: Customer, names: list[str]) -> Iterator[Contact]:
    count = 2 if customer.is_small else len(CONTACTS) - (customer.segment != BIG)
    for number, (title, function, role, influence) in enumerate(CONTACTS[:count], 1):
        key = f"{customer.number}-{number:02d}"
        yield Contact(
            key, customer.number, names.pop(), title, function, role, influence, LEFT.get(key)
        )


def make_months() -> Mapping[str, tuple[Month, ...]]:
    """Return the months by account, oldest first."""
    return {customer.number: tuple(_months(customer)) for customer in CUSTOMERS}


def months_seen() -> list[dt.date]:
    """Return the first day of every complete month in the files, oldest first."""
    count = (AS_OF.year - MONTHS_FROM.year) * 12 + AS_OF.month - MONTHS_FROM.month
    return list(accumulate(range(1, count), lambda day, _n: _next_month(day), initial=MONTHS_FROM))


def _next_month(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=1)


def _months(customer: Customer) -> Iterator[Month]:
    rng = Random(f"{SEED} {customer.number}")  # noqa: S311 - nothing here is a secret
    firsts = months_seen()
    unbooked = set(firsts[len(firsts) - customer.months_without_cost :])
    for first in firsts:
        growth = 1 - 0.05 * (firsts[-1].year - first.year)
        revenue = round(customer.revenue * 100_000 / 12 * growth * rng.uniform(0.92, 1.08))
        quarters = min(4, max(0, _quarter(LAST_QUARTER) - _quarter(first)))
        goods = round(
            revenue * (customer.goods - customer.slide * quarters) * rng.uniform(0.99, 1.01)
        )
        # A recall that lands in one month turns what all customers together leave.
        late = customer.last_service * 100_000 if first == firsts[-1] else 0
        yield Month(
            customer.number,
            first,
            round(revenue / (1 - customer.price_cut) * rng.uniform(0.99, 1.01)),
            revenue,
            round(revenue * customer.off_invoice),
            None if first in unbooked else goods,
            round(revenue * customer.service * rng.uniform(0.97, 1.03)) + late,
        )


def _quarter(day: dt.date) -> int:
    return day.year * 4 + (day.month - 1) // 3
