"""Opportunities that people created in a time."""

from __future__ import annotations

import polars as pl

from dealreview import Fact, Inputs, facts

CREATED = ("deal.first_owner_id", "deal.created_on", "deal.closed_on")
"""Facts that :func:`created_by` needs."""


@facts(
    "deal",
    Fact(
        "first_owner_id",
        "text",
        "Who owned the deal first: the owner before the first change of owner, else the owner; "
        "unknown without either.",
        origin="deals.owner_id",
    ),
    reads={"deal_changes": ("change_id", "deal_id", "field", "old_value", "changed_at")},
    uses=("owner_id",),
)
def first_owner(inputs: Inputs) -> pl.DataFrame:
    """Find who created a deal."""
    moves = inputs.table("deal_changes").filter(pl.col("field") == "owner_id")
    earliest = moves.sort("changed_at", "change_id").unique(
        "deal_id", keep="first", maintain_order=True
    )
    before = earliest.select(id="deal_id", before="old_value")
    frame = inputs.facts().join(before, on="id", how="left")
    return frame.select("id", first_owner_id=pl.coalesce("before", "owner_id"))


def created_by(inputs: Inputs, spans: pl.DataFrame) -> pl.DataFrame:
    """Add how many opportunities each person created in a span of days: ``sure`` and ``maybe``.

    ``maybe`` counts also those without an owner or a day of creation; it is unknown where deals are
    not recorded for the whole span.

    Args:
        inputs: What the provider got; it uses :data:`CREATED`.
        spans: ``person_id``, ``first`` and ``last`` day, and whatever else.
    """
    deals = inputs.facts("deal").select("first_owner_id", "created_on", "closed_on")
    spans = spans.with_row_index("_span")
    owned = spans.join(deals, left_on="person_id", right_on="first_owner_id")
    strays = deals.filter(pl.col("first_owner_id").is_null()).drop("first_owner_id")
    strays = spans.join(strays.group_by("created_on", "closed_on").len("_deals"), how="cross")
    own = owned.group_by("_span").agg(
        sure=_inside().fill_null(value=False).sum(), own=_possible().sum()
    )
    loose = strays.group_by("_span").agg(strays=pl.col("_deals").filter(_possible()).sum())
    frame = spans.join(own, on="_span", how="left").join(loose, on="_span", how="left")
    sure, possible, stray = (
        pl.col(n).fill_null(0).cast(pl.Int64) for n in ("sure", "own", "strays")
    )
    whole = inputs.feeds.covers("deals", pl.col("first"), pl.col("last"))
    return frame.with_columns(sure=sure, maybe=pl.when(whole).then(possible + stray)).drop(
        "_span", "own", "strays"
    )


def _inside() -> pl.Expr:
    return pl.col("created_on").is_between("first", "last")


def _possible() -> pl.Expr:
    """Say whether a deal may have been created in the span; one that closed before it was not."""
    over = (pl.col("closed_on") < pl.col("first")).fill_null(value=False)
    return _inside().fill_null(~over)
