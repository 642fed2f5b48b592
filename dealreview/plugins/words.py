"""Parts of messages that facts carry, where a template can't choose its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dealreview import Inputs


def percent(share: pl.Expr) -> pl.Expr:
    """Return a share to 0.1 point: ``−3.2%``; unknown stays unknown."""
    tenths = (share * 1000).round(0).cast(pl.Int64, strict=False)
    sign = pl.when(tenths < 0).then(pl.lit("−")).otherwise(pl.lit(""))
    return pl.format("{}{}.{}%", sign, tenths.abs() // 10, tenths.abs() % 10)


def clock(inputs: Inputs, table: str) -> pl.Expr:
    """Return the day at which a table is read: that of the subject, or the end of a feed that is late."""
    return pl.coalesce(inputs.feeds.clock(table, pl.col("day")), pl.col("day"))


def late_clock(inputs: Inputs, table: str) -> pl.Expr:
    """Return what a message adds where a table is read at the end of its feed; else nothing."""
    read = clock(inputs, table)
    spoken = pl.format("; as of {}, the last day recorded", read.dt.strftime("%-d %b %Y"))
    return pl.when(read < pl.col("day")).then(spoken).otherwise(pl.lit(""))


def figure(value: pl.Expr) -> pl.Expr:
    """Return a number with at most one digit after the point: ``480``, ``7.5``."""
    tenths = (value * 10).round(0).cast(pl.Int64, strict=False)
    whole = pl.format("{}", tenths // 10)
    return pl.when(tenths % 10 == 0).then(whole).otherwise(pl.format("{}.{}", whole, tenths % 10))


def counted(number: pl.Expr, one: str, many: str) -> pl.Expr:
    """Return a number with its noun: ``1 rep``, ``6 reps``."""
    noun = pl.when(number == 1).then(pl.lit(one)).otherwise(pl.lit(many))
    return pl.format("{} {}", number, noun)
