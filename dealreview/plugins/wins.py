"""Deals that are won, and those that may be: whose stage or closing day nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview.plugins.subjects import with_own_row

if TYPE_CHECKING:
    from dealreview import Inputs

STAGES = {"deals": ("deal_id", "stage_id")}
"""Columns that :func:`perhaps_won` reads."""

WINS = ("deal.owner_id", "deal.is_won", "deal.closed_on")
"""Facts of deals that it needs."""


def perhaps_won(inputs: Inputs) -> pl.DataFrame:
    """Return the facts of deals that are won, ``sure`` or perhaps.

    ``no_result``, ``no_day`` and ``no_owner`` say what is unknown of a deal.

    Args:
        inputs: What the provider got; it reads :data:`STAGES` and uses :data:`WINS`.
    """
    known = inputs.feeds.is_recorded("deals.stage_id")
    deals = with_own_row(inputs.facts("deal"), inputs.table("deals").select("deal_id", "stage_id"))
    no_day = pl.col("closed_on").is_null()
    # A deal without stage and closing day counts as open, and may be one that was won.
    neither = pl.col("stage_id").is_null() & no_day & pl.lit(known)
    deals = deals.with_columns(
        no_result=pl.col("is_won").is_null() | neither,
        no_day=no_day,
        no_owner=pl.col("owner_id").is_null(),
    ).filter(pl.col("is_won") | pl.col("no_result"))
    return deals.with_columns(sure=~pl.col("no_result") & ~pl.col("no_day"))
