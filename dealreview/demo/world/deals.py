"""Deals: the open ones from their plans, the closed ones from what each rep won and lost."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.demo.company import stories
from dealreview.demo.company.customers import CUSTOMERS, Customer
from dealreview.demo.company.days import AS_OF, SEED, ago, workday
from dealreview.demo.company.names import LOSS_REASONS, PLACES, PROJECTS, STAGES
from dealreview.demo.company.plans import BACKGROUND, PLANS, Plan
from dealreview.demo.company.staff import RECORDS, REPS, UNSIGNED, Record
from dealreview.demo.world.history import Life, closed_life, open_life

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNTS = {customer.number: customer for customer in CUSTOMERS}
SIZES = (1.3, 0.5, 1.6, 0.7, 1.1, 0.8)
"""Deals won, as multiples of a rep's usual size."""

LOST_AT = (2, 3, 3, 4, 4, 4, 5)
"""How many stages lost deals had reached."""

CLOSED_DAYS = {
    "recent": (6, 43), "now": (45, 226), "other": (227, 409), "before": (410, 591), "lost": (15, 700),
}  # fmt: skip
"""Days ago on which deals closed: since October, April to September, between, the year before, ever."""

AFTERMATH = (dt.date(2026, 8, 3), dt.date(2026, 9, 14))
"""From the second diversion of team South until it was back at work: its deals began before."""

SOUTH = {person.login for person in REPS if person.team == "T2"}


@frozen(slots=False)
class Deal:
    """A deal with its days.

    Attributes:
        deal_id: Key in the CRM.
        name: Name.
        customer: The account.
        list_price: List price in cents of its currency.
        discount: Share of the list price.
        margin: Contribution as a share of the pocket price; None where the cost was never entered.
        created: Day of creation.
        life: Owner, stages and dates of the expected close over time.
        closed: Closing day of a won or lost deal.
        plan: Where it stands, if it is open.
        signed: Day of the signature.
        loss: Why it was lost.
        early: Days by which a promised delivery lay before the earliest possible.
    """

    deal_id: str
    name: str
    customer: Customer
    list_price: int
    discount: float
    margin: float | None
    created: dt.date
    life: Life
    closed: dt.date | None = None
    plan: Plan | None = None
    signed: dt.date | None = None
    loss: str = ""
    early: int = 0

    @property
    def is_won(self) -> bool:
        """Whether it was won."""
        return self.life.stage == "Won"

    @property
    def owner(self) -> str:
        """Login of the present owner."""
        return self.life.owner

    @property
    def end(self) -> dt.date:
        """The last day on which anybody worked on it."""
        return self.closed or AS_OF

    @cached_property
    def quoted_on(self) -> dt.date | None:
        """Day of the first quote, soon after the proposal was reached."""
        if (self.plan and not self.plan.has_quote) or self.deal_id in stories.NO_QUOTE_YET:
            return None
        entered = [day for stage, day in self.life.entries if stage == "Proposal"]
        return min(entered[0] + dt.timedelta(days=2), self.end) if entered else None

    @property
    def shrunk_on(self) -> dt.date:
        """Day from which the deal has its present size."""
        return ago(5 if self.deal_id == "65e4d07f" else 11)

    def size(self, day: dt.date) -> float:
        """Return how large the deal was on a day, as a multiple of its present size."""
        fell = stories.SHRUNK.get(self.deal_id, 0.0) if day < self.shrunk_on else 0.0
        return 1 / (1 - fell)

    def rng(self, theme: str) -> Random:
        """Return random numbers that nothing else about the company changes."""
        return Random(f"{SEED} {self.deal_id} {theme}")  # noqa: S311 - nothing here is a secret


def make_deals() -> tuple[Deal, ...]:
    """Return all deals, open ones first."""
    rng = Random(SEED)  # noqa: S311 - nothing here is a secret
    names = [f"{place} {project}" for place in PLACES for project in PROJECTS]
    rng.shuffle(names)
    others = (_background(rng, n, names.pop(), *pair) for n, pair in enumerate(BACKGROUND))
    plans = (*PLANS, *others)
    closed = [deal for record in RECORDS for deal in _closed_deals(rng, names, record)]
    return (*(_open_deal(plan) for plan in plans), *closed)


def _deal_id(name: str) -> str:
    return f"{Random(f'{SEED} {name}').getrandbits(32):08x}"  # noqa: S311 - nothing here is a secret


# --- open deals ----------------------------------------------------------------------------------


def _background(rng: Random, number: int, name: str, owner: str, customer: str) -> Plan:
    """Return an open deal without a story of its own; every third one goes badly."""
    stage = rng.choice(STAGES[2:5] if number % 3 == 0 else STAGES[:5])
    first = STAGES.index(stage)
    well = Plan(
        _deal_id(name),
        name,
        customer,
        owner,
        stage,
        rng.randrange(35, 180),
        6 + 15 * first + rng.randrange(10),
        (90, 75, 60, 30, 14)[first] + rng.randrange(12),
        min(2 + first // 2, 4),
        round(rng.uniform(0.03, 0.12), 2),
        round(rng.uniform(0.37, 0.52), 2),
    )
    return evolve(well, **_TROUBLE, age=well.age + 45) if number % 3 == 0 else well


_TROUBLE: dict[str, Any] = {
    "closes_in": -9,
    "engaged": 1,
    "discount": 0.14,
    "margin": 0.21,
    "stage_days": 50,
    "silent": 17,
    "meeting": 0,
    "terms": 65,
    "unnamed": "decision_maker",
}


def _open_deal(plan: Plan) -> Deal:
    created = ago(plan.age)
    expected = None if plan.closes_in is None else ago(-plan.closes_in)
    return Deal(
        plan.deal_id,
        plan.name,
        ACCOUNTS[plan.customer],
        plan.list_price * 100_000,
        plan.discount,
        plan.margin,
        created,
        open_life(plan, created, expected),
        plan=plan,
    )


# --- closed deals --------------------------------------------------------------------------------


def _closed_deals(rng: Random, names: list[str], record: Record) -> Iterator[Deal]:
    mine = [c for c in CUSTOMERS if c.owner == record.login and not c.is_small]
    now = (record.size_now, record.margin_now)
    before = (record.size_before, record.margin_before)
    for window, count, usual in (
        ("recent", record.recent, now),
        ("now", record.now, now),
        ("before", record.before, before),
        ("other", record.other, before),
    ):
        for number in range(count):
            yield _won(rng, names.pop(), record, rng.choice(mine), window, *usual, number)
    for number in range(record.lost):
        yield _lost(rng, names.pop(), record, rng.choice(mine), number)


def _won(
    rng: Random,
    name: str,
    record: Record,
    customer: Customer,
    window: str,
    size: int,
    margin: float,
    number: int,
) -> Deal:
    unsigned = UNSIGNED.get(record.login) if (window, number) == ("recent", 0) else None
    closed = workday(ago(unsigned or rng.randint(*CLOSED_DAYS[window])))
    early = record.early and window == "now" and number % record.early == 0
    signed = closed + dt.timedelta(days=rng.randrange(3))
    return _closed(
        rng, name, record.login, customer, closed, "Won",
        list_price=round(size * SIZES[number % len(SIZES)] * rng.uniform(0.95, 1.05)),
        margin=round(margin + rng.uniform(-0.09, 0.09), 3),
        signed=None if unsigned else signed,
        early=rng.randint(4, 24) if early else 0,
    )  # fmt: skip


def _lost(rng: Random, name: str, record: Record, customer: Customer, number: int) -> Deal:
    span = (CLOSED_DAYS["lost"][1] - CLOSED_DAYS["lost"][0]) // record.lost
    closed = workday(ago(CLOSED_DAYS["lost"][0] + number * span + rng.randrange(span)))
    excuse = number < record.excuses
    return _closed(
        rng, name, record.login, customer, closed, "Lost",
        list_price=rng.randrange(40, 210),
        margin=round(rng.uniform(0.26, 0.5), 3),
        loss="operations" if excuse else rng.choice(LOSS_REASONS),
    )  # fmt: skip


def _closed(
    rng: Random, name: str, owner: str, customer: Customer, closed: dt.date, result: str, *,
    list_price: int, margin: float, signed: dt.date | None = None, loss: str = "", early: int = 0,
) -> Deal:  # fmt: skip
    created = closed - dt.timedelta(days=rng.randint(38, 140))
    if owner in SOUTH and AFTERMATH[0] <= created <= AFTERMATH[1]:
        created -= dt.timedelta(days=45)
    reached = len(STAGES) if result == "Won" else rng.choice(LOST_AT)
    return Deal(
        _deal_id(name), name, customer, list_price * 100_000,
        round(rng.uniform(0.02, 0.14), 2), margin, created,
        closed_life(rng, owner, created, closed, STAGES[:reached], result),
        closed, signed=signed, loss=loss, early=early,
    )  # fmt: skip
