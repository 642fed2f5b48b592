"""Where a subject stands among others, some of which nobody knows."""

from __future__ import annotations

from typing import Literal

import polars as pl


def ranked(frame: pl.DataFrame, by: str, value: str, *, ties: bool = False) -> pl.DataFrame:
    """Return the share of the others in its group that each row lies above, at least and at most.

    A value lies above the p-quantile of its group (linear interpolation) if it is larger than more
    than a share p of the other values, and reaches it if it is at least as large as a share p of
    them, ``ties`` included. Where values are only known to lie between two ends, or not at all, the
    share is weighed at its worst and at its best.

    Args:
        frame: ``id``, the group and the value's ends ``<value>_lo`` and ``<value>_hi``.
        by: Column of the group.
        value: Name of the value without ``_lo`` and ``_hi``.
        ties: Whether equal values count as below.

    Returns:
        ``id``, ``lo`` and ``hi``; unknown for a row without any end, and for one that is alone.
    """
    schema = {"id": pl.String, "lo": pl.Float64, "hi": pl.Float64}
    ends = (f"{value}_lo", f"{value}_hi")
    groups = [_among(group, *ends, ties=ties) for group in frame.partition_by(by)]
    return pl.concat([pl.DataFrame(schema=schema), *groups])


def _among(group: pl.DataFrame, low: str, high: str, *, ties: bool) -> pl.DataFrame:
    infinite = float("inf")
    least = group[low].cast(pl.Float64).fill_null(-infinite)
    most = group[high].cast(pl.Float64).fill_null(infinite)
    side: Literal["left", "right"] = "right" if ties else "left"
    surely = most.sort().search_sorted(least, side=side)
    possibly = least.sort().search_sorted(most, side=side)
    # Nobody is below themselves, however their own ends compare.
    itself_surely = (most <= least) if ties else (most < least)
    itself_possibly = (least <= most) if ties else (least < most)
    others = group.height - 1
    found = group.select(
        "id",
        known=pl.col(low).is_not_null() | pl.col(high).is_not_null(),
        surely=surely.cast(pl.Int64) - itself_surely.cast(pl.Int64),
        possibly=possibly.cast(pl.Int64) - itself_possibly.cast(pl.Int64),
    )
    share = {
        name: pl.when(pl.col("known") & pl.lit(others > 0)).then(pl.col(column) / max(others, 1))
        for name, column in (("lo", "surely"), ("hi", "possibly"))
    }
    return found.select("id", **share)
