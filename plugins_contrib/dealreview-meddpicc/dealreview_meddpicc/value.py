"""Metrics, pain and competition: what was written down in money, and by whom it is confirmed."""

from __future__ import annotations

import polars as pl

from dealreview import Inputs, Param, facts
from dealreview_meddpicc.evidence import (
    BUYERS,
    EVERYTHING,
    blank_is_no,
    deals_of,
    seen,
    tally,
    with_buyers,
)
from dealreview_meddpicc.letters import COMPETITION, METRICS, PAIN, standing

SHARE = "meddpicc_confirmed_share"


@facts(
    "deal",
    *METRICS.facts(),
    *PAIN.facts(),
    *COMPETITION.facts(),
    reads={
        **BUYERS,
        "deals": ("deal_id", "reference_kind"),
        "value_items": (
            "deal_id",
            "compared_with",
            "amount_minor",
            "author_contact_id",
            "confirmed_by_contact_id",
            "confirmed_on",
            "rejected_on",
        ),
    },
    uses=("account_id", "value_confirmed_ratio_lo", "value_confirmed_ratio_hi"),
    params={
        SHARE: (
            0.5,
            Param(
                "Share of the value that the customer confirmed, from which metrics count as shown",
                ge=0.01,
                le=1,
                unit="share",
                source="our own judgement",
            ),
        )
    },
)
def worth(inputs: Inputs) -> pl.DataFrame:
    """Weigh what was written down about worth, pain and the alternative."""
    own = inputs.table("deals").rename({"deal_id": "id"})
    deals = deals_of(inputs).join(own, on="id", how="left")
    frame = deals.join(_items(inputs, deals), on="id", how="left")
    named = pl.col("reference_kind").is_not_null()
    kept = inputs.feeds.is_recorded("deals.reference_kind")
    named = pl.when(named).then(named) if kept else pl.lit(value=False)
    by_us, from_them, by_them = (
        {name: seen(f"{name}_{step}", EVERYTHING) for name in ("money", "pain", "rival")}
        for step in ("written", "told", "confirmed")
    )
    return frame.select(
        "id",
        **standing(inputs, METRICS, by_us["money"], from_them["money"], _confirmed_most(inputs)),
        **standing(inputs, PAIN, by_us["pain"], from_them["pain"], by_them["pain"]),
        **standing(
            inputs, COMPETITION, named | by_us["rival"], from_them["rival"], by_them["rival"]
        ),
    )


def _items(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return of each deal whether items of each sort are written, told by them and confirmed by them."""
    items = inputs.table("value_items").filter(pl.col("rejected_on").is_null())
    items = items.rename({"deal_id": "id", "confirmed_by_contact_id": "contact_id"})
    items = items.join(deals.select("id", "reference_kind"), on="id")
    items = with_buyers(inputs, deals, items)
    nothing = pl.col("reference_kind").eq_missing("do_nothing")
    # To do nothing is their alternative: what their present way costs is then the comparison.
    against = pl.coalesce("compared_with", pl.when(nothing).then(pl.lit("status_quo")))
    priced = blank_is_no(inputs, "value_items.amount_minor", _is_known("amount_minor"))
    sorts = {
        "money": priced,
        "pain": against == "status_quo",
        "rival": (against == "alternative") | ((against == "status_quo") & nothing),
    }
    named, dated = pl.col("contact_id").is_not_null(), pl.col("confirmed_on").is_not_null()
    # Confirmed on a day by nobody named: perhaps by one of theirs.
    confirmed = pl.when(named).then(pl.col("buyer")).when(~dated).then(statement=False)
    told = pl.col("author_contact_id").is_not_null() | confirmed
    return tally(
        items,
        **{f"{name}_written": sort for name, sort in sorts.items()},
        **{f"{name}_told": sort & told for name, sort in sorts.items()},
        **{f"{name}_confirmed": sort & confirmed for name, sort in sorts.items()},
    )


def _is_known(column: str) -> pl.Expr:
    """Return true for a cell that is filled in, and unknown for an empty one: it may be anything."""
    return pl.when(pl.col(column).is_not_null()).then(statement=True)


def _confirmed_most(inputs: Inputs) -> pl.Expr:
    """Return whether the customer confirmed the needed share of the value in money."""
    least = inputs.params[SHARE]
    low, high = pl.col("value_confirmed_ratio_lo"), pl.col("value_confirmed_ratio_hi")
    # Without items in force there is no share, and nothing that they could have confirmed.
    none = pl.col("money_written_maybe").is_null() | (high < least).fill_null(value=False)
    yes = (low >= least).fill_null(value=False)
    return pl.when(yes).then(statement=True).when(none).then(statement=False)
