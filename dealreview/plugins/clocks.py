"""The day at which a window is read where a feed ended a little before the day that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dealreview import Inputs


def clock(inputs: Inputs, table: str) -> pl.Expr:
    """Return the last day that is known of a table, the day that counts where none is near."""
    return pl.coalesce(inputs.feeds.clock(table, pl.col("day")), pl.col("day"))


def late_clock(inputs: Inputs, table: str) -> pl.Expr:
    """Return what a message adds where the clock differs from the day that counts, else nothing."""
    read = clock(inputs, table)
    spoken = pl.format(
        "; as of {}, the last day recorded",
        read.dt.strftime("%-d %b %Y"),
    )
    return pl.when(read < pl.col("day")).then(spoken).otherwise(pl.lit(""))
