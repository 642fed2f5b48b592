"""Prices and costs of deals: steps from list to pocket price, lines, what deals are worth to customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.demo.company import stories
from dealreview.demo.company.days import ago, workday
from dealreview.demo.company.names import BENEFITS, BURDENS
from dealreview.demo.company.stories import Step, Value
from dealreview.demo.world.groups import engaged

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from dealreview.demo.world.accounts import Contact
    from dealreview.demo.world.deals import Deal

OFF_INVOICE = (("rebate", 0.02), ("freight", 0.01))
"""Shares of the invoice price that every deal loses after it."""

OFF_KINDS = {"payment_terms", "free_service"}
ROUTINE = 0.06
"""Discounts up to this share of the list price come from the price list and are not negotiated."""

TRADES = ("volume", "term_length", "reference", "decision_date", "scope", "prepayment")
MOST_SERVICE = 0.2
"""Share of a closed deal's price that serving it costs at most."""


@frozen
class Given:
    """A price step as it was given.

    Attributes:
        kind: Kind.
        cents: By how much it lowers the price.
        day: The day.
        negotiated: Whether somebody gave it in a negotiation.
        traded: What the customer gave for it.
        worth: What that is worth, in cents.
    """

    kind: str
    cents: int
    day: dt.date
    negotiated: bool
    traded: str = ""
    worth: int = 0

    @property
    def place(self) -> str:
        """Whether the invoice shows it."""
        off = OFF_KINDS | {kind for kind, _share in OFF_INVOICE}
        return "off_invoice" if self.kind in off else "on_invoice"


@frozen
class Worth:
    """A difference in money that the customer gets."""

    name: str
    against: str
    cents: int
    author: Contact | None
    confirmed_by: Contact | None
    confirmed_on: dt.date | None


def steps(deal: Deal) -> tuple[Given, ...]:
    """Return all price steps of a quoted deal, oldest first."""
    quoted = deal.quoted_on
    if quoted is None:
        return ()
    dealt = stories.NEGOTIATED.get(deal.deal_id, _usual_deal(deal))
    on_invoice = sum(step.share for step in dealt if step.kind not in OFF_KINDS)
    routine = max(0, round(deal.list_price * (deal.discount - on_invoice)))
    found = [Given("volume", routine, quoted, negotiated=False)] if routine else []
    found += [_given(deal, step, max(quoted, workday(_when(deal, step)))) for step in dealt]
    price = deal.list_price - sum(step.cents for step in found if step.place == "on_invoice")
    found += [
        Given(kind, round(price * share), quoted, negotiated=False) for kind, share in OFF_INVOICE
    ]
    return tuple(found)


def _usual_deal(deal: Deal) -> tuple[Step, ...]:
    rng = deal.rng("steps")
    if deal.discount <= ROUTINE:
        return ()
    traded = rng.choice(TRADES) if deal.plan or rng.random() < 0.85 else ""
    return (
        Step(
            "negotiated", round(deal.discount / 2, 3), -1, traded, round(rng.uniform(0.2, 0.9), 2)
        ),
    )


def _when(deal: Deal, step: Step) -> dt.date:
    if step.given >= 0:
        return ago(step.given)
    quoted = deal.quoted_on or deal.created
    return quoted + (deal.end - quoted) / 2


def _given(deal: Deal, step: Step, day: dt.date) -> Given:
    cents = round(deal.list_price * step.share)
    return Given(
        step.kind, cents, day, negotiated=True, traded=step.traded, worth=round(cents * step.worth)
    )


def invoice(deal: Deal, day: dt.date) -> int:
    """Return the invoice price in cents as of a day; without a quote, what the seller expects."""
    if deal.quoted_on is None:
        return round(deal.list_price * (1 - deal.discount))
    given = sum(s.cents for s in steps(deal) if s.place == "on_invoice" and s.day <= day)
    return round((deal.list_price - given) * deal.size(day))


def pocket(deal: Deal) -> int:
    """Return what is left of the price in the end, in cents."""
    return invoice(deal, deal.end) - sum(s.cents for s in steps(deal) if s.place == "off_invoice")


def goods(deal: Deal, service_share: float) -> int | None:
    """Return the cost of goods that leads to the planned margin, in cents."""
    if deal.margin is None:
        return None
    return round(pocket(deal) * (1 - deal.margin - service_share))


def closed_service(deal: Deal) -> float:
    """Return the share of a closed deal's price that serving it costs, as finance worked it out."""
    return min(deal.customer.service, MOST_SERVICE)


# --- worth to the customer -----------------------------------------------------------------------


def value(deal: Deal) -> Value | None:
    """Return what a deal is worth to the customer, if somebody has worked it out."""
    plan = deal.plan
    if (
        plan is None
        or plan.stage in {"Qualification", "Discovery"}
        or deal.deal_id in stories.NO_VALUE
    ):
        return None
    rng = deal.rng("value")
    usual = Value(
        round(rng.uniform(0.7, 0.95), 2),
        rng.choice(("competitor", "current_supplier", "in_house")),
        round(rng.uniform(0.4, 0.8), 2),
        round(rng.uniform(2.6, 5.4), 1),
        rng.choice((1, 2, 2, 3)),
        rng.choice((1, 2)),
    )
    return stories.VALUES.get(deal.deal_id, usual)


def customer_price(deal: Deal) -> int:
    """Return what the customer pays after rebates, in cents."""
    price = invoice(deal, deal.end)
    return price - round(price * OFF_INVOICE[0][1]) if deal.quoted_on else price


def worths(deal: Deal, contacts: Sequence[Contact]) -> Iterator[Worth]:
    """Yield what the customer gets, item by item."""
    told = value(deal)
    if told is None:
        return
    people = engaged(deal, contacts)
    confirmers = (people * told.by)[: max(1, told.by)] if told.by > 1 else people[:1]
    for number, (name, against, share) in enumerate(_items(deal, told)):
        sure = number < told.confirmed
        yield Worth(
            name,
            against,
            round(customer_price(deal) * share),
            people[0] if told.theirs and number == 0 else None,
            confirmers[number % len(confirmers)] if sure else None,
            workday(ago(4 + 3 * number)) if sure else None,
        )


def _items(deal: Deal, told: Value) -> Iterator[tuple[str, str, float]]:
    rng = deal.rng("items")
    names = rng.sample(BENEFITS, 4)
    if told.gain:
        yield names[0], "status_quo", round(told.gain * 0.6, 3)
        yield names[1], "status_quo", round(told.gain * 0.4, 3)
    against = "status_quo" if told.kind == "do_nothing" else "alternative"
    burden = 0.15 * abs(told.extra)
    yield names[2], against, told.extra + burden if told.extra > 0 else burden
    yield rng.choice(BURDENS), against, -burden if told.extra > 0 else told.extra - burden
