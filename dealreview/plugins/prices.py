"""Prices of deals from list to pocket, by their lines and price steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview.plugins.ledger import complete_sum

if TYPE_CHECKING:
    from dealreview import Inputs

OFF_INVOICE_KINDS = ("rebate", "freight", "payment_terms", "free_service")
ON_INVOICE_KINDS = ("volume", "contract", "promotion", "negotiated", "surcharge")
PRICED = {
    "deals": ("deal_id", "amount_minor", "created_on", "term_months", "value_horizon_months"),
    "deal_lines": ("line_id", "deal_id", "list_minor", "invoice_minor", "cost_minor", "period"),
    "price_steps": ("deal_id", "place", "kind", "amount_minor", "period"),
}
"""What prices of deals are made of."""


def priced(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Add the prices of deals and what they rest on; ``deals`` are some subjects with :data:`PRICED`."""
    deals = deals.with_columns(horizon_months=_horizon())
    frame = deals.join(_lines(inputs, deals), on="id", how="left").join(
        _steps(inputs, deals), on="id", how="left"
    )
    frame = frame.with_columns(has_lines=pl.col("lines").is_not_null(), covered=steps_known(inputs))
    return _pocket(inputs, _invoice(inputs, frame))


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
