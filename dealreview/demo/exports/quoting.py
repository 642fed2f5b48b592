"""What the quoting tool exports: commas, ISO days, quotes, lines, steps to the pocket price, approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.demo.company import stories
from dealreview.demo.company.days import AS_OF, ago
from dealreview.demo.company.names import PRODUCTS
from dealreview.demo.exports.table import Export, euros, iso, table, text
from dealreview.demo.world.prices import closed_service, goods, invoice, steps

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from dealreview.demo.exports.table import Window
    from dealreview.demo.world import World
    from dealreview.demo.world.deals import Deal

PARTS = (0.5, 0.3, 0.2)
"""Shares of a deal's list price that its lines have."""

NOT_AVAILABLE = "#N/A"
LINES = "Line|Opportunity|Product|Quantity|List price|Invoice price|Cost"
QUOTES = "Opportunity|First quote|First amount|Currency|Days net|Signed"
STEPS = "Step|Opportunity|Kind|Place|Amount|Date|By|Negotiated"
APPROVALS = (
    "Request|Opportunity|Approver|Decision|Requested|Decided|Valid until|Discount %|Contribution %"
    "|Days net"
)


def quote_exports(world: World, window: Window) -> tuple[Export, ...]:
    """Return the files of the quoting tool."""
    quoted = [deal for deal in world.deals if window.knows(deal.quoted_on)]
    calculated = [deal for deal in world.deals if _has_lines(deal, window)]
    rows = (row for deal in calculated for row in _lines(world, deal, window))
    lines = table("quote_lines.csv", LINES, rows)
    return (
        table("quotes.csv", QUOTES, (_quote(deal, window) for deal in quoted)),
        Export(lines.name, lines.columns, lines.rows, raw=(_broken_line(quoted),)),
        table("quote_steps.csv", STEPS, (row for deal in quoted for row in _steps(deal, window))),
        table("quote_approvals.csv", APPROVALS, _approvals(quoted, window)),
    )


def _has_lines(deal: Deal, window: Window) -> bool:
    """Whether there are lines: drafts before the first quote, and what was quoted."""
    draft = deal.plan is not None and deal.plan.has_lines and deal.created <= window.day
    return draft or window.knows(deal.quoted_on)


def _quote(deal: Deal, window: Window) -> tuple[str, ...]:
    first = deal.quoted_on or deal.created
    terms = deal.plan.terms if deal.plan else 30
    signed = window.shown(deal.signed)
    return (
        deal.deal_id,
        iso(first),
        euros(invoice(deal, first)),
        deal.customer.currency,
        text(terms),
        iso(signed),
    )


def _broken_line(quoted: list[Deal]) -> str:
    """Return a line of a lost deal whose product has a comma and no quotes."""
    lost = next(deal for deal in quoted if deal.loss)
    return f"L4-{lost.deal_id},{lost.deal_id},Guard rail, galvanised,12,4800.00,4560.00,3100.00"


def _parts(cents: int) -> tuple[int, ...]:
    first = [round(cents * share) for share in PARTS[:-1]]
    return (*first, cents - sum(first))


def _lines(world: World, deal: Deal, window: Window) -> Iterator[tuple[str, ...]]:
    size = deal.size(window.day)
    listed, invoiced = _parts(round(deal.list_price * size)), _parts(invoice(deal, window.day))
    service = (
        closed_service(deal) if deal.closed else world.service_share(deal.customer.number, AS_OF)
    )
    cost = goods(deal, service)
    costs = (
        [NOT_AVAILABLE] * len(PARTS)
        if cost is None
        else [euros(part) for part in _parts(round(cost * size))]
    )
    for number, part in enumerate(costs):
        product = PRODUCTS[(number + len(deal.name)) % len(PRODUCTS)]
        yield (
            f"L{number + 1}-{deal.deal_id}",
            deal.deal_id,
            product,
            str(number + 1),
            euros(listed[number]),
            euros(invoiced[number]),
            part,
        )


def _steps(deal: Deal, window: Window) -> Iterator[tuple[str, ...]]:
    for number, step in enumerate(steps(deal), 1):
        if window.logs(step.day):
            yield (
                f"{deal.deal_id}/{number}",
                deal.deal_id,
                step.kind,
                step.place,
                euros(step.cents),
                iso(step.day),
                deal.owner,
                "yes" if step.negotiated else "no",
            )


def _approvals(quoted: list[Deal], window: Window) -> Iterator[tuple[str, ...]]:
    here = {deal.deal_id for deal in quoted}
    for deal_id, asked in stories.APPROVALS.items():
        if deal_id not in here or not window.knows(ago(asked.requested)):
            continue
        decided = None if asked.decided is None else window.shown(ago(asked.decided))
        yield (
            f"R-{deal_id}",
            deal_id,
            asked.approver,
            asked.decision if decided else "pending",
            iso(ago(asked.requested)),
            iso(decided),
            iso(_day(asked.valid) if decided else None),
            _percent(asked.discount if decided else None),
            _percent(asked.contribution if decided else None),
            text(asked.terms if decided else None),
        )


def _day(days_ago: int | None) -> dt.date | None:
    return None if days_ago is None else ago(days_ago)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f}"
