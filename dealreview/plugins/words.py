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


def between(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Return a share that is only known to lie between two: ``48%``, ``20% to 48%``."""
    least, most = (
        pl.format("{}%", (share * 100).round(0).cast(pl.Int64, strict=False))
        for share in (low, high)
    )
    return pl.when(least == most).then(least).otherwise(pl.format("{} to {}", least, most))


def clock(inputs: Inputs, table: str) -> pl.Expr:
    """Return the day at which a table is read: that of the subject, or the end of a feed that is late."""
    return pl.coalesce(inputs.feeds.clock(table, pl.col("day")), pl.col("day"))


def late_clock(inputs: Inputs, table: str) -> pl.Expr:
    """Return what a message adds where a table is read at the end of its feed; else nothing."""
    is_late = clock(inputs, table) < pl.col("day")
    # Clocks that are late all show the end of the feed, which is put into words once.
    end = spoken(pl.lit(inputs.feeds.last_day(table), dtype=pl.Date))
    said = pl.format("; as of {}, the last day recorded", end)
    return pl.when(is_late).then(said).otherwise(pl.lit(""))


def counted(low: pl.Expr, high: pl.Expr, one: str, many: str, none: str = "") -> pl.Expr:
    """Return how many there are: ``3 pushes``, ``1 push``, ``2 to 3 pushes``, ``at most 1 push``.

    Args:
        low: The fewest that there can be.
        high: The most; unknown when there is no saying: ``at least 2 pushes``.
        one: What one is called.
        many: What several are called.
        none: What none is called, ``no push``; empty for ``0 pushes``.
    """
    most = pl.coalesce(high, low)
    word = pl.when(most == 1).then(pl.lit(one)).otherwise(pl.lit(many))
    range_of = (
        pl.when(low == most).then(pl.format("{}", low))
        .when(low == 0).then(pl.format("at most {}", most))
        .otherwise(pl.format("{} to {}", low, most))
    )  # fmt: skip
    said = pl.format("{} {}", range_of, word)
    if none:
        said = pl.when(most == 0).then(pl.lit(none)).otherwise(said)
    seen = pl.lit(f"{none or f'0 {many}'} seen")
    open_ended = pl.when(low == 0).then(seen).otherwise(pl.format("at least {}", said))
    return pl.when(high.is_null()).then(open_ended).otherwise(said)


def grouped(number: pl.Expr) -> pl.Expr:
    """Return a whole number that is not negative with its thousands apart: ``4,238``."""
    backwards = number.cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "${1},")
    return backwards.str.reverse().str.strip_chars_start(",")


def share_told(share: pl.Expr) -> pl.Expr:
    """Return a share with a digit after the point only where it has one: ``20%``, ``20.4%``."""
    tenths = (share * 1000).round(0).cast(pl.Int64, strict=False)
    sign = pl.when(tenths < 0).then(pl.lit("−")).otherwise(pl.lit(""))
    return pl.format("{}{}%", sign, figure(tenths.abs() / 10))


def fixed_basis(n: pl.Expr, least: int) -> pl.Expr:
    """Return why a limit is fixed: ``fixed default: 6 own won deals, 20 needed``."""
    number = counted(n, n, "own won deal", "own won deals", "no own won deal")
    return pl.format("fixed default: {}, {} needed", number, pl.lit(least))


def spoken(day: pl.Expr) -> pl.Expr:
    """Return a day as people write it: 9 May 2025; unknown stays unknown."""
    return day.dt.strftime("%-d %b %Y")


def figure(value: pl.Expr) -> pl.Expr:
    """Return a number with at most one digit after the point: ``480``, ``7.5``."""
    tenths = (value * 10).round(0).cast(pl.Int64, strict=False)
    whole = pl.format("{}", tenths // 10)
    return pl.when(tenths % 10 == 0).then(whole).otherwise(pl.format("{}.{}", whole, tenths % 10))


def interval(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Return the ends of the interval of a share: ``16–53%``; unknown with either."""
    ends = ((end * 100).round(0).cast(pl.Int64, strict=False) for end in (low, high))
    return pl.format("{}–{}%", *ends)
