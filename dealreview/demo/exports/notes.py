"""What people write down by hand: notes of reviews, asks and promises, worth, reasons for losses."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dealreview.demo.company import people_stories as tales
from dealreview.demo.company import stories
from dealreview.demo.company.customers import CUSTOMERS, STATEMENTS
from dealreview.demo.company.days import AS_OF, ago
from dealreview.demo.exports.table import euros, iso, table, text
from dealreview.demo.world.groups import by_role, loss_contact
from dealreview.demo.world.prices import customer_price, steps, value, worths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.company.plans import Plan
    from dealreview.demo.exports.table import Export, Window
    from dealreview.demo.world import World
    from dealreview.demo.world.deals import Deal

STATED_DAYS_AGO = 200
NOTES = (
    "Opportunity|Scope|Alternative|Alternative costs|Currency|Worth as a reference|Later business|Hours to go"
    "|They decide on|Quiet until|Quiet because|Who said no"
)
ASKS = "No|Opportunity|What|Who acts|Contact|Ours|Asked|Due|Done|Status"
TRADES = "No|Opportunity|Given by|What|Worth|Agreed|For step"
ITEMS = "No|Opportunity|What|Against|Amount|Written by contact|Written by|Confirmed by|Confirmed"
LOSSES = "No|About|Number|Reason|Answers for it|Until|Stated"


def note_exports(world: World, window: Window) -> tuple[Export, ...]:
    """Return the files that people keep by hand."""
    deals = [deal for deal in world.deals if deal.created <= window.day]
    noted = (_note(world, deal) for deal in deals if deal.plan or deal.loss)
    return (
        table("notes_deals.csv", NOTES, noted),
        table("notes_asks.csv", ASKS, _asks(world, deals, window)),
        table("notes_trades.csv", TRADES, _trades(deals, window)),
        table("value_items.csv", ITEMS, _worths(world, deals)),
        table("notes_losses.csv", LOSSES, _statements(window)),
        table("notes_key_accounts.csv", "Account no|Reviewed|Kept", _reviews()),
    )


# --- deals ---------------------------------------------------------------------------------------


def _note(world: World, deal: Deal) -> tuple[str, ...]:
    plan, told = deal.plan, value(deal)
    reference, later = _beside(deal)
    quiet, why = stories.SNOOZES.get(deal.deal_id, (None, ""))
    contact = loss_contact(deal, world.group_of(deal))
    return (
        deal.deal_id,
        _scope(plan) if plan else "",
        told.kind if told else "",
        euros(round(customer_price(deal) * told.reference)) if told else "",
        deal.customer.currency,
        reference,
        later,
        text(plan.hours if plan else None),
        iso(_decides(deal)),
        iso(None if quiet is None else ago(-quiet)),
        why,
        contact.contact_id if contact else "",
    )


def _decides(deal: Deal) -> dt.date | None:
    """Return when they decide: by what was said, else before the expected close."""
    if deal.deal_id in tales.DECISIONS:
        return ago(tales.DECISIONS[deal.deal_id])
    if deal.plan is None or deal.quoted_on is None or deal.deal_id in tales.UNDECIDED:
        return None
    close = deal.life.expected or AS_OF
    return max(close - dt.timedelta(days=5), ago(-6))


def _scope(plan: Plan) -> str:
    by_price = (
        "team" if plan.list_price < 80 else "department" if plan.list_price < 230 else "enterprise"
    )
    return plan.scope or by_price


def _beside(deal: Deal) -> tuple[str, str]:
    """Return what a deal is worth as a reference and as later business."""
    if deal.plan is None or deal.deal_id in stories.WORTHLESS:
        return "", ""
    rng = deal.rng("worth")
    usual = ("", rng.randrange(20, 200)) if rng.random() < 0.5 else ("Shows the new controls", 0)
    reference, later = stories.WORTH.get(deal.deal_id, usual)
    return reference, euros(later * 100_000) if later else ""


def _worths(world: World, deals: list[Deal]) -> Iterator[tuple[str, ...]]:
    for deal in deals:
        for number, item in enumerate(worths(deal, world.group_of(deal)), 1):
            yield (
                f"{deal.deal_id}-V{number}",
                deal.deal_id,
                item.name,
                item.against,
                euros(item.cents),
                item.author.contact_id if item.author else "",
                "" if item.author else deal.owner,
                item.confirmed_by.contact_id if item.confirmed_by else "",
                iso(item.confirmed_on),
            )


def _trades(deals: list[Deal], window: Window) -> Iterator[tuple[str, ...]]:
    """Yield what the customer gave for a step, and terms that we gave."""
    for deal in deals:
        for number, step in enumerate(steps(deal), 1):
            if step.traded and window.knows(step.day):
                key = f"{deal.deal_id}/{number}"
                yield (
                    f"T-{key}",
                    deal.deal_id,
                    "buyer",
                    step.traded,
                    euros(step.worth),
                    iso(step.day),
                    key,
                )
        kind, share, days = stories.OUR_TERMS.get(deal.deal_id, ("", 0.0, 0))
        if kind and window.knows(ago(days)):
            worth = euros(round(deal.list_price * share))
            yield f"T-{deal.deal_id}-us", deal.deal_id, "us", kind, worth, iso(ago(days)), ""


# --- asks and promises ---------------------------------------------------------------------------


def _asks(world: World, deals: list[Deal], window: Window) -> Iterator[tuple[str, ...]]:
    """Yield what was asked of customers, and what we promised."""
    found = {deal.deal_id: deal for deal in deals}
    for number, ask in enumerate(tales.ASKS, 1):
        deal = found.get(ask.deal_id)
        if deal and window.knows(ago(ask.asked)):
            (contact,) = by_role(world.group_of(deal), ask.role)
            days = _days(window, ask.asked, ask.due, ask.done)
            status = ask.status if days[-1] or ask.done is None else "agreed"
            yield (
                f"A{number:02d}",
                ask.deal_id,
                ask.what,
                "buyer",
                contact.contact_id,
                "",
                *days,
                status,
            )
    for number, (deal_id, what, asked, due, done) in enumerate(tales.PROMISES, 1):
        deal = found.get(deal_id)
        if deal and window.knows(ago(asked)):
            days = _days(window, asked, due, done)
            status = "done" if days[-1] else "agreed"
            yield f"P{number:02d}", deal_id, what, "us", "", deal.owner, *days, status


def _days(window: Window, asked: int, due: int, done: int | None) -> tuple[str, str, str]:
    """Return when something was asked, due and done, as far as it is known."""
    finished = None if done is None else window.shown(ago(done))
    return iso(ago(asked)), iso(ago(due)), iso(finished)


# --- losses and key accounts ---------------------------------------------------------------------


def _statements(window: Window) -> Iterator[tuple[str, ...]]:
    for said in STATEMENTS:
        if window.knows(ago(STATED_DAYS_AGO if said.subject == "account" else 30)):
            ends = None if said.ends is None else ago(said.ends)
            stated = iso(ago(STATED_DAYS_AGO if said.subject == "account" else 30))
            yield (
                said.key,
                said.subject,
                said.subject_id,
                said.reason,
                said.owner,
                iso(ends),
                stated,
            )


def _reviews() -> Iterator[tuple[str, ...]]:
    for customer in CUSTOMERS:
        if customer.reviewed:
            yield customer.number, iso(customer.reviewed), "yes" if customer.kept else "no"
