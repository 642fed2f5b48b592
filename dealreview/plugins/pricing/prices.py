"""Prices of a deal from list to pocket, and its cost of goods."""

from __future__ import annotations

import polars as pl

from dealreview import Fact, Inputs, facts
from dealreview.plugins.ledger import complete_sum
from dealreview.plugins.words import late_clock

INVOICE = "deal_lines.invoice_minor"
PRICE = ("deals.amount_minor", "deal_lines.invoice_minor", "deal_lines.list_minor")
COST = "deal_lines.cost_minor"
OFF_INVOICE_KINDS = ("rebate", "freight", "payment_terms", "free_service")
ON_INVOICE_KINDS = ("volume", "contract", "promotion", "negotiated", "surcharge")


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
    reads={
        "deals": ("deal_id", "amount_minor", "created_on", "term_months", "value_horizon_months"),
        "deal_lines": ("line_id", "deal_id", "list_minor", "invoice_minor", "cost_minor", "period"),
        "price_steps": ("deal_id", "place", "kind", "amount_minor", "period"),
    },
)
def prices(inputs: Inputs) -> pl.DataFrame:
    """Compute the prices of a deal from list to pocket, and its cost of goods."""
    deals = inputs.subjects().join(
        inputs.table("deals"), left_on="id", right_on="deal_id", how="left"
    )
    deals = deals.with_columns(horizon_months=_horizon())
    frame = deals.join(_lines(inputs, deals), on="id", how="left").join(
        _steps(inputs, deals), on="id", how="left"
    )
    frame = frame.with_columns(has_lines=pl.col("lines").is_not_null(), covered=steps_known(inputs))
    frame = _pocket(inputs, _invoice(inputs, frame))
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
        lines_without_cost=pl.col("lines_without_cost").fill_null(pl.lit([], dtype=_IDS)),
        pocket_margin=pl.col("pocket_price") - pl.col("cost_of_goods"),
        discount_ratio=pl.when(discount.is_between(-0.5, 1)).then(discount),
    )


_IDS = pl.List(pl.String)


def steps_known(inputs: Inputs) -> pl.Expr:
    """Say whether all steps of a deal are recorded; steps without any date come whole or not at all."""
    recorded = inputs.feeds.is_recorded
    if recorded("price_steps") and not recorded("price_steps.given_on"):
        return pl.lit(value=True)
    start = pl.col("created_on") if recorded("deals.created_on") else pl.col("day")
    return inputs.feeds.reaches("price_steps", start, pl.col("day")).fill_null(value=False)


def _horizon() -> pl.Expr:
    stated = [
        pl.when(pl.col(n).is_between(1, 120)).then(pl.col(n))
        for n in ("value_horizon_months", "term_months")
    ]
    return pl.coalesce(*stated, 12).cast(pl.Int64)


def over_horizon(rows: pl.DataFrame, deals: pl.DataFrame, amounts: list[str]) -> pl.DataFrame:
    """Give rows of deals ``id``, and their amounts in twelfths of the total over the horizon."""
    rows = rows.join(deals.select("id", "horizon_months"), left_on="deal_id", right_on="id").rename(
        {"deal_id": "id"}
    )
    # In twelfths, a quarter or year over any horizon stays a whole number until the sum is rounded once.
    months = pl.col("horizon_months")
    period = pl.col("period")
    twelfths = (
        pl.when(period == "month").then(12 * months).when(period == "quarter").then(4 * months)
        .when(period == "year").then(months).otherwise(12)
    )  # fmt: skip
    return rows.with_columns(pl.col(amount) * twelfths for amount in amounts)


def whole(name: str) -> pl.Expr:
    """Return a sum of :func:`over_horizon` in minor units."""
    return ((pl.col(name) + 6) // 12).alias(name)


def _lines(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    names = {
        "list_minor": "list_price",
        "invoice_minor": "line_invoice",
        "cost_minor": "cost_of_goods",
    }
    rows = over_horizon(inputs.table("deal_lines"), deals, list(names)).rename(names)
    sums = rows.group_by("id").agg(
        *(complete_sum(name) for name in names.values()),
        pl.len().alias("lines"),
        lines_without_cost=pl.col("line_id").filter(pl.col("cost_of_goods").is_null()),
    )
    return sums.with_columns(whole(name) for name in names.values())


def _steps(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Sum the steps by deal: ``on`` and ``off`` the invoice, ``off_seen``, ``rebate`` and ``free``.

    A sum is unknown if one of its steps is; ``off_seen`` leaves those out.
    """
    rows = over_horizon(inputs.table("price_steps"), deals, ["amount_minor"])
    kind, amount = pl.col("kind"), pl.col("amount_minor")
    by_kind = (
        pl.when(kind.is_in(OFF_INVOICE_KINDS)).then(pl.lit("off_invoice"))
        .when(kind.is_in(ON_INVOICE_KINDS)).then(pl.lit("on_invoice"))
    )  # fmt: skip
    rows = rows.with_columns(place=pl.coalesce("place", by_kind))
    off = pl.col("place") == "off_invoice"
    rebate = pl.when(kind == "rebate").then(amount).when(kind.is_not_null()).then(0)
    free = pl.when(kind == "free_service").then(amount).when(kind.is_not_null()).then(0)
    rows = rows.with_columns(
        free=free,
        on=pl.when(~off).then(amount).when(off).then(0),
        off=pl.when(off).then(amount).when(~off).then(0),
        rebate=pl.when(off).then(rebate).when(~off).then(0),
    )
    sums = rows.group_by("id").agg(
        complete_sum("on"),
        complete_sum("off"),
        complete_sum("rebate"),
        complete_sum("free"),
        pl.col("off").sum().alias("off_seen"),
        pl.len().alias("steps"),
    )
    return sums.with_columns(whole(name) for name in ("on", "off", "rebate", "free", "off_seen"))


def _invoice(inputs: Inputs, frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``invoice_price`` and the steps that are known to be zero."""
    recorded = inputs.feeds.is_recorded
    none_given = pl.col("steps").is_null() & pl.col("covered")
    frame = frame.with_columns(
        [
            pl.when(none_given).then(0).otherwise(pl.col(n)).alias(n)
            for n in ("on", "off", "rebate", "free")
        ]
        + [pl.col("off_seen").fill_null(0)]
    )
    listed = pl.col("list_price") - pl.when(pl.col("covered")).then(pl.col("on"))
    priced = recorded("deal_lines.invoice_minor") or recorded("deal_lines.list_minor")
    amount = pl.col("amount_minor")
    by_lines = pl.coalesce("line_invoice", listed) if priced else amount
    return frame.with_columns(
        invoice_price=pl.when("has_lines").then(by_lines).otherwise(amount),
        by_amount=pl.lit(not priced) | ~pl.col("has_lines"),
    )


def _pocket(inputs: Inputs, frame: pl.DataFrame) -> pl.DataFrame:
    """Add customer and pocket price; steps that are recorded nowhere take nothing off, labelled."""
    steps = inputs.feeds.is_recorded("price_steps")
    whole = pl.col("by_amount") | pl.lit(not steps)
    invoice = pl.col("invoice_price")

    def less(name: str) -> pl.Expr:
        return pl.when(whole).then(invoice).when("covered").then(invoice - pl.col(name))

    return frame.with_columns(
        customer_price=less("rebate"),
        pocket_price=less("off"),
        pocket_price_hi=pl.when(whole).then(invoice).otherwise(invoice - pl.col("off_seen")),
        pocket_basis=pl.when("by_amount")
        .then(pl.lit("amount_no_lines"))
        .otherwise(pl.lit("lines" if steps else "invoice_no_steps")),
    )
