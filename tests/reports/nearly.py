"""A check that passes, and could be a strength if the payment terms were known."""

import sys
from typing import Any

import polars as pl

from dealreview import Columns, Fact, Inputs, Pack, Rules, check, facts, hookimpl

LACKS = "could be a strength if deals.payment_terms_days were known"
"""What reports say of it."""


@facts(
    "deal",
    Fact("nearly_terms", "int", "Days net.", "days", origin="deals.payment_terms_days"),
    Fact("nearly_hours", "real", "Hours to go.", "hours", origin="deals.hours_to_go"),
    reads={"deals": ("deal_id", "payment_terms_days", "hours_to_go")},
)
def of_deals(inputs: Inputs) -> pl.DataFrame:
    """Read plain cells of deals."""
    frame = inputs.subjects().join(inputs.table("deals"), left_on="id", right_on="deal_id")
    return frame.select("id", nearly_terms="payment_terms_days", nearly_hours="hours_to_go")


@check.columns("nearly/quick", severity="major", ask=["What would make it quicker?"])
def quick(d: Columns) -> Rules:
    """Little is left to do, and short terms are a strength."""
    return Rules(
        risk=d.nearly_hours > 1_000,
        strength=d.nearly_terms <= 10,
        message="{nearly_hours:hours} to go",
    )


@hookimpl
def dealreview_pack() -> Pack:
    """Deliver the check of this module."""
    module: Any = sys.modules[__name__]
    return Pack.of("nearly", module, description="A check that passes.")
