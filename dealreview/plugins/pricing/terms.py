"""What is offered beside the price: when the customer pays."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.standins import LADDER, LIMIT, discount_limits
from dealreview.plugins.subjects import with_deals
from dealreview.plugins.words import percent


@facts(
    "deal",
    Fact(
        "owner_discount_limit",
        "real",
        "The largest discount that the owner may give alone; that of the role where limits are "
        "recorded for nobody and the configuration has a ladder.",
        "share",
        requires=((LIMIT, "the setting [discount_ladder]"),),
        origin=LIMIT,
    ),
    Fact("discount_limit_basis", "enum", "own or ladder: where the owner's limit comes from."),
    Fact(
        "owner_limit_words", "text", "What the owner may give, and whether by the ladder, in words."
    ),
    Fact(
        "payment_terms_days",
        "int",
        "Days net from the invoice that are offered.",
        "days",
        requires=("deals.payment_terms_days",),
        origin="deals.payment_terms_days",
    ),
    reads={
        "deals": ("deal_id", "owner_id", "payment_terms_days"),
        "people": ("person_id", "role", "max_discount_ratio"),
    },
    params=LADDER,
)
def terms(inputs: Inputs) -> pl.DataFrame:
    """Read what is offered and what the owner may offer."""
    people = discount_limits(inputs, owns=True).rename({"person_id": "owner_id"})
    frame = with_deals(inputs)
    limit, role = pl.col("limit"), pl.col("limit_role")
    basis = pl.when(role.is_null()).then(pl.lit("own")).otherwise(pl.lit("ladder"))
    return frame.join(people, on="owner_id", how="left").select(
        "id",
        "payment_terms_days",
        owner_discount_limit="limit",
        discount_limit_basis=pl.when(limit.is_not_null()).then(basis),
        owner_limit_words=_limit_words(),
    )


def _limit_words() -> pl.Expr:
    given = pl.format("the owner may give {}", percent(pl.col("limit")))
    ladder = pl.format(" (ladder for {})", "limit_role").fill_null("")
    return pl.format("{}{}", given.fill_null("what the owner may give is unknown"), ladder)


@check.columns(
    "pricing/payment-terms",
    severity="minor",
    ask=["Who on their side needs these terms, and what would earlier payment be worth to us?"],
    sources=[f"45 and 60 days, a tenth a year for money: {JUDGEMENT}"],
)
def payment_terms(
    d: Columns,
    *,
    long: Annotated[
        int, Param("Watch above these days net", ge=0, le=365, unit="days", at_most="too_long")
    ] = 45,
    too_long: Annotated[int, Param("Risk above these days net", ge=0, le=365, unit="days")] = 60,
    money_cost: Annotated[
        float, Param("What a year of waiting costs, of the amount", ge=0, le=1, unit="share")
    ] = 0.10,
) -> Rules:
    """The customer pays soon after the invoice.

    Late payment is a discount that no price list shows. Days net from the invoice above 45 are a
    watch, above 60 a risk; none (due with the invoice, or before it) are a strength. The message says
    what waiting costs: invoice price × days ÷ 365 × 10 % a year. "End of month" adds 15 days. Judged
    from the proposal on.

    Needs the payment terms of the deal; its price for the cost of waiting.
    """
    waiting = d.invoice_price * d.payment_terms_days / 365 * money_cost
    waits = "; waiting costs {waiting:money}"
    return Rules(
        applies=d.proposal_reached,
        risk=d.payment_terms_days > too_long,
        watch=d.payment_terms_days > long,
        strength=d.payment_terms_days <= 0,
        message={
            "risk": "{payment_terms_days:days} net, over {too_long:days} is a risk" + waits,
            "watch": "{payment_terms_days:days} net, at most {long:days} expected" + waits,
            "pass": "{payment_terms_days:days} net" + waits,
            "strength": "{payment_terms_days:days} net: due with the invoice or before it",
            "insufficient_data": "the payment terms are unknown",
        },
        actual=d.payment_terms_days,
        expected={
            "risk": at_most(too_long, source=JUDGEMENT),
            "watch": at_most(long, source=JUDGEMENT),
            "pass": at_most(long, source=JUDGEMENT),
            "strength": at_most(0, source=JUDGEMENT),
        },
        evidence=cited(d, "payment_terms_days", "invoice_price"),
        values={"waiting": waiting},
    )
