"""What the quoting tool exports: commas, ISO days, lines and the steps from list to pocket price."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dealreview.demo.company import AS_OF, PRODUCTS
from dealreview.demo.crm import invoice
from dealreview.demo.export import Export, euros, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.world import Deal, World

PARTS = (0.5, 0.3, 0.2)
"""Shares of a deal's list price that its lines have."""

OFF_INVOICE = (("rebate", 0.02), ("freight", 0.01))
NOT_AVAILABLE = "#N/A"
LINES = "Line|Opportunity|Product|Quantity|List price|Invoice price|Cost"


def quote_exports(world: World) -> tuple[Export, ...]:
    """Return the files of the quoting tool."""
    quoted = [deal for deal in world.deals if deal.quoted]
    lines = table("quote_lines.csv", LINES, (row for deal in quoted for row in _lines(world, deal)))
    steps = (row for deal in quoted for row in _steps(deal))
    columns = "Step|Opportunity|Kind|Place|Amount|Date|By"
    return (
        Export(lines.name, lines.columns, lines.rows, raw=(_broken_line(world),)),
        table("quote_steps.csv", columns, steps),
    )


def pocket(deal: Deal) -> int:
    """Return the pocket price in cents."""
    price = invoice(deal)
    return price - sum(round(price * share) for _kind, share in OFF_INVOICE)


def _broken_line(world: World) -> str:
    """Return a line of a lost deal whose product has a comma and no quotes."""
    lost = next(deal for deal in world.deals if deal.stage == "Lost")
    return f"{lost.deal_id}-4,{lost.deal_id},Guard rail, galvanised,12,4800.00,4560.00,3100.00"


def _parts(cents: int) -> tuple[int, ...]:
    first = [round(cents * share) for share in PARTS[:-1]]
    return (*first, cents - sum(first))


def _lines(world: World, deal: Deal) -> Iterator[tuple[str, ...]]:
    listed, invoiced = _parts(deal.list_price), _parts(invoice(deal))
    costs = [NOT_AVAILABLE] * len(PARTS)
    if deal.margin is not None:
        service = world.service_share(deal.customer, deal.closed or AS_OF)
        goods = round(pocket(deal) * (1 - deal.margin - service))
        costs = [euros(part) for part in _parts(goods)]
    for number, cost in enumerate(costs):
        product = PRODUCTS[(number + len(deal.name)) % len(PRODUCTS)]
        yield (
            f"{deal.deal_id}-{number + 1}",
            deal.deal_id,
            product,
            str(number + 1),
            euros(listed[number]),
            euros(invoiced[number]),
            cost,
        )


def _steps(deal: Deal) -> Iterator[tuple[str, ...]]:
    price = invoice(deal)
    given = (deal.created + dt.timedelta(days=20)).isoformat()
    amounts = [("negotiated", "on_invoice", deal.list_price - price)]
    amounts += [(kind, "off_invoice", round(price * share)) for kind, share in OFF_INVOICE]
    for number, (kind, place, cents) in enumerate(amounts, 1):
        yield f"{deal.deal_id}/{number}", deal.deal_id, kind, place, euros(cents), given, deal.owner
