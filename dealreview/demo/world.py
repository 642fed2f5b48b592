"""The demo company as it happened: deals, contacts and months made from the plan with a fixed seed."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.demo.company import (
    AS_OF,
    CUSTOMERS,
    FIRST_NAMES,
    FUNCTIONS,
    LAST_NAMES,
    LOST,
    PEOPLE,
    PLANS,
    PROJECTS,
    SEED,
    SEEN_FROM,
    STAGES,
    WON_FROM,
    WON_MARGINS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dealreview.demo.company import Customer, Plan

AWKWARD_ID = "605e2246"
"""An id that a spreadsheet would read as a number with an exponent."""

SMALL = 10
"""Employees below which a customer has two contacts only."""


@frozen
class Contact:
    """A person of a customer."""

    contact_id: str
    customer: str
    name: str
    title: str
    function: str
    role: str


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


@frozen
class Deal:
    """A deal with its days.

    Attributes:
        deal_id: Key in the CRM.
        name: Name.
        customer: Number of the account.
        owner: Login of the owner.
        stage: Present stage.
        list_price: List price in cents.
        discount: Share of the list price.
        margin: Contribution as a share of the pocket price; None where the cost was never entered.
        created: Day of creation.
        expected: Expected close; None is the CRM's 31.12.9999.
        closed: Closing day of a won or lost deal.
        engaged: People of the customer who talked with us lately.
        quoted: Whether the quoting tool has lines.
        nameless: Whether a meeting was recorded without its participants.
    """

    deal_id: str
    name: str
    customer: str
    owner: str
    stage: str
    list_price: int
    discount: float
    margin: float | None
    created: dt.date
    expected: dt.date | None
    closed: dt.date | None = None
    engaged: int = 2
    quoted: bool = True
    nameless: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the deal is still worked on."""
        return self.closed is None

    @property
    def reached(self) -> tuple[str, ...]:
        """The stages that the deal went through, the present one included."""
        if self.is_open:
            return STAGES[: STAGES.index(self.stage) + 1]
        return (*(STAGES if self.stage == "Won" else STAGES[:4]), self.stage)


@frozen
class World:
    """Everything that the files tell.

    Attributes:
        deals: The deals, open ones first.
        contacts: The contacts by account.
        months: The months by account, oldest first.
    """

    deals: tuple[Deal, ...]
    contacts: Mapping[str, tuple[Contact, ...]]
    months: Mapping[str, tuple[Month, ...]]

    def service_share(self, customer: str, day: dt.date) -> float:
        """Return cost to serve ÷ revenue of the 12 complete months before a day."""
        before = [m for m in self.months[customer] if m.first < day.replace(day=1)][-12:]
        revenue = sum(month.revenue for month in before)
        return sum(month.service for month in before) / revenue if revenue else 0.0


def make_world() -> World:
    """Return the demo company; the same each time."""
    rng = Random(SEED)  # noqa: S311 - nothing here is a secret
    months = {customer.number: tuple(_months(rng, customer)) for customer in CUSTOMERS}
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    rng.shuffle(names)
    contacts = {customer.number: tuple(_contacts(customer, names)) for customer in CUSTOMERS}
    deals = (*(_open_deal(rng, plan) for plan in PLANS), *_closed_deals(rng))
    return World(deals, contacts, months)


# --- accounts ------------------------------------------------------------------------------------


def months_seen() -> list[dt.date]:
    """Return the first day of every complete month in the files, oldest first."""
    count = (AS_OF.year - SEEN_FROM.year) * 12 + AS_OF.month - SEEN_FROM.month
    return list(accumulate(range(1, count), lambda day, _n: _next_month(day), initial=SEEN_FROM))


def _next_month(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=1)


def _months(rng: Random, customer: Customer) -> Iterator[Month]:
    firsts = months_seen()
    unbooked = set(firsts[len(firsts) - customer.months_without_cost :])
    for first in firsts:
        growth = 1 - 0.05 * (firsts[-1].year - first.year)
        revenue = round(customer.revenue * 100 / 12 * growth * rng.uniform(0.92, 1.08))
        yield Month(
            customer.number,
            first,
            round(revenue * rng.uniform(1.08, 1.16)),
            revenue,
            round(revenue * customer.off_invoice),
            None
            if first in unbooked
            else round(revenue * customer.goods * rng.uniform(0.98, 1.02)),
            round(revenue * customer.service * rng.uniform(0.97, 1.03)),
        )


def _contacts(customer: Customer, names: list[str]) -> Iterator[Contact]:
    functions = FUNCTIONS if customer.employees > SMALL else FUNCTIONS[-1:] + FUNCTIONS[:1]
    for number, (title, function, role) in enumerate(functions, 1):
        contact_id = f"{customer.number}-{number:02d}"
        yield Contact(contact_id, customer.number, names.pop(), title, function, role)


# --- deals ---------------------------------------------------------------------------------------


def _deal_id(rng: Random, name: str) -> str:
    number = f"{rng.getrandbits(32):08x}"
    return AWKWARD_ID if name == PLANS[0].name else number


def _open_deal(rng: Random, plan: Plan) -> Deal:
    expected = None if plan.closes_in is None else AS_OF + dt.timedelta(days=plan.closes_in)
    return Deal(
        _deal_id(rng, plan.name),
        plan.name,
        plan.customer,
        plan.owner,
        plan.stage,
        plan.list_price * 100,
        plan.discount,
        plan.margin,
        AS_OF - dt.timedelta(days=plan.age),
        expected,
        engaged=plan.engaged,
        quoted=plan.quoted,
        nameless=plan.nameless,
    )


def _closed_deals(rng: Random) -> Iterator[Deal]:
    margins = [*WON_MARGINS, *(round(rng.uniform(0.2, 0.45), 2) for _ in range(LOST))]
    sellers = [person.login for person in PEOPLE if person.role == "Sales"]
    for number, (name, margin) in enumerate(zip(PROJECTS, margins, strict=True)):
        stage = "Won" if number < len(WON_MARGINS) else "Lost"
        closed = AS_OF - dt.timedelta(days=rng.randint(20, 690))
        yield Deal(
            _deal_id(rng, name),
            name,
            rng.choice(WON_FROM),
            rng.choice(sellers),
            stage,
            rng.randrange(30, 240) * 100_000,
            round(rng.uniform(0.02, 0.2), 2),
            margin,
            closed - dt.timedelta(days=rng.randint(45, 150)),
            closed,
            closed,
        )
