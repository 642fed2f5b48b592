"""Prices of a deal from list to pocket, and its cost of goods."""

from __future__ import annotations

import polars as pl

from dealreview import Fact, Inputs, facts
from dealreview.plugins.prices import PRICED, priced
from dealreview.plugins.subjects import with_deals
from dealreview.plugins.words import late_clock

INVOICE = "deal_lines.invoice_minor"
PRICE = ("deals.amount_minor", "deal_lines.invoice_minor", "deal_lines.list_minor")
COST = "deal_lines.cost_minor"


@facts(
    "deal",
    Fact("has_lines", "bool", "The deal has lines.", origin="deal_lines"),
    Fact("lines_without_cost", "set", "Lines of the deal whose cost is unknown."),
    Fact("prices_as_of", "text", "The last day recorded, in words, where price steps are late."),
    Fact(
        "horizon_months",
        "int",
        "Months over which price and cost are compared: own horizon, term, else 12.",
        "months",
    ),
    Fact(
        "list_price",
        "money",
        "List price of the lines over the horizon; unknown without lines or if one line's is.",
        "deal currency",
        requires=("deal_lines.list_minor",),
        origin="deal_lines.list_minor",
    ),
    Fact(
        "invoice_price",
        "money",
        "Invoice price over the horizon: the lines', else list less steps on the invoice, else "
        "(without lines) the amount; unknown if one line's is.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "customer_price",
        "money",
        "What the customer pays: invoice price less rebates; unknown with either.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "pocket_price",
        "money",
        "What we keep: invoice price less steps off the invoice; unknown with either.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "pocket_price_hi",
        "money",
        "The most that the pocket price can be: only the steps that are known are taken off.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "pocket_basis",
        "enum",
        "lines; amount_no_lines: the amount stands for all prices; invoice_no_steps: no steps are "
        "recorded.",
    ),
    Fact(
        "discount_ratio",
        "real",
        "1 − invoice ÷ list price; unknown for a list price of zero or less and outside −0.5 to 1.",
        "share",
        requires=("deal_lines.list_minor",),
        origin="deal_lines.list_minor",
    ),
    Fact(
        "free_services",
        "money",
        "List price of the services that are given away over the horizon; unknown with one of them, "
        "with the kind of a step, and where steps are not recorded since the deal began.",
        "deal currency",
        requires=("price_steps.kind",),
        origin="price_steps",
    ),
    Fact(
        "cost_of_goods",
        "money",
        "Cost of goods of the lines over the horizon; unknown without lines or if one line's is.",
        "deal currency",
        requires=(COST,),
        origin=COST,
    ),
    Fact(
        "pocket_margin",
        "money",
        "Pocket price less cost of goods; unknown with either.",
        "deal currency",
        requires=(PRICE, COST),
    ),
    reads=PRICED,
)
def prices(inputs: Inputs) -> pl.DataFrame:
    """Compute the prices of a deal from list to pocket, and its cost of goods."""
    deals = with_deals(inputs)
    frame = priced(inputs, deals)
    discount = pl.when(pl.col("list_price") > 0).then(
        1 - pl.col("invoice_price") / pl.col("list_price")
    )
    return frame.select(
        "id",
        "has_lines",
        "horizon_months",
        "list_price",
        "invoice_price",
        "customer_price",
        "pocket_price",
        "pocket_price_hi",
        "pocket_basis",
        "cost_of_goods",
        free_services=pl.when("covered").then("free"),
        prices_as_of=late_clock(inputs, "price_steps")
        if inputs.feeds.is_recorded("price_steps.given_on")
        else pl.lit(""),
        lines_without_cost=pl.col("lines_without_cost").fill_null(
            pl.lit([], dtype=pl.List(pl.String))
        ),
        pocket_margin=pl.col("pocket_price") - pl.col("cost_of_goods"),
        discount_ratio=pl.when(discount.is_between(-0.5, 1)).then(discount),
    )
