"""A company's own closed deals as the measure for its others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview import Param

if TYPE_CHECKING:
    from dealreview import Term

WINDOW = "-24mo"
"""How far back closed deals count as comparable."""

COMPARABLE = ("is_open", "is_won", "closed_on", "pipeline_id", "segment")
"""Facts of deals that :func:`own_quantile` compares them by."""

_SEGMENT = ("pipeline_id", "segment")
_PIPELINE = ("pipeline_id",)


def fewest(description: str) -> tuple[int, Param]:
    """Return the parameter of a provider that says how many own deals make a measure."""
    return 20, Param(description, ge=5, le=500, unit="deals")


def in_any_segment(surely: Term, possibly: Term, told: Term) -> Term:
    """Return whether a limit is passed; one that depends on an unknown segment asks for that.

    Args:
        surely: Whether the limit that is kindest of those of all segments is passed.
        possibly: Whether the strictest is.
        told: Never false: unknown where the segment is.
    """
    return surely | (possibly & ~told)


def own_quantile(
    deals: pl.DataFrame, value: str, quantile: float, *, min_n: int, asked: pl.Expr | None = None
) -> pl.DataFrame:
    """Return each deal's quantile over comparable won deals of 24 months: ``quantile``, ``least``, ``n``.

    Comparable is the same pipeline and segment, else the same pipeline, each with at least
    ``min_n`` known values; under that the quantile is unknown and ``n`` says how many there are.
    Both are the same but for a deal whose segment is unknown: they are then the largest and the
    smallest that it could have, of all segments and of the pipeline.

    An open deal is measured against deals won up to its day. A closed one is measured against those
    won before the month in which it closed: what is won later never changes its verdict.

    Args:
        deals: ``id``, ``day``, ``pipeline_id``, ``segment``, ``is_open``, ``is_won``, ``closed_on``
            and the value.
        value: Column to take the quantile of.
        quantile: Between 0 and 1, linear interpolation.
        min_n: Fewest values that make a quantile.
        asked: Which deals are returned; None takes all.
    """
    month_before = pl.col("day").dt.month_start().dt.offset_by("-1d")
    deals = deals.with_columns(
        until=pl.when(pl.col("is_open").fill_null(value=True)).then("day").otherwise(month_before)
    )
    won = deals.filter(
        pl.col("is_won") & pl.col("closed_on").is_not_null() & pl.col(value).is_not_null()
    )
    # Each day is counted anew, so only those of the deals that somebody asks about.
    deals = deals if asked is None else deals.filter(asked)
    days = deals["until"].unique().drop_nulls().to_list()
    near = _quantiles(won, _SEGMENT, days, value, quantile)
    wide = _quantiles(won, _PIPELINE, days, value, quantile)
    frame = deals.join(near, on=["until", *_SEGMENT], how="left")
    frame = frame.join(wide, on=["until", *_PIPELINE], how="left", suffix="_wide")
    ends = (pl.col("quantile").min().alias("low"), pl.col("quantile").max().alias("high"))
    segments = near.filter(pl.col("segment").is_not_null() & (pl.col("n") >= min_n))
    in_any = segments.group_by("until", *_PIPELINE).agg(*ends)
    frame = frame.join(in_any, on=["until", *_PIPELINE], how="left")
    enough, unsure = pl.col("n") >= min_n, pl.col("segment").is_null()
    spread = pl.when(pl.col("n_wide") >= min_n).then("quantile_wide")
    own = pl.when(enough).then("quantile").otherwise(spread)
    return frame.select(
        "id",
        quantile=pl.when(unsure).then(pl.max_horizontal(spread, "high")).otherwise(own),
        least=pl.when(unsure).then(pl.min_horizontal(spread, "low")).otherwise(own),
        n=pl.when(enough).then("n").otherwise("n_wide").fill_null(0).cast(pl.Int64),
    )


def _quantiles(
    won: pl.DataFrame, by: tuple[str, ...], days: list[object], value: str, quantile: float
) -> pl.DataFrame:
    """Return the quantile and number of values of each group, as of each day."""
    measured = pl.col(value).cast(pl.Float64).quantile(quantile, interpolation="linear")
    parts = [won.clear().group_by(by).agg(measured.alias("quantile"), pl.len().alias("n"))]
    parts[0] = parts[0].with_columns(pl.lit(None, dtype=pl.Date).alias("until"))
    for day in days:
        end = pl.lit(day, dtype=pl.Date)
        inside = (pl.col("closed_on") > end.dt.offset_by(WINDOW)) & (pl.col("closed_on") <= end)
        found = won.filter(inside).group_by(by).agg(measured.alias("quantile"), pl.len().alias("n"))
        parts.append(found.with_columns(end.alias("until")))
    return pl.concat(parts)


def own_rate(deals: pl.DataFrame, *, level: str, reached: str, min_n: int) -> pl.DataFrame:
    """Return how many of the comparable closed deals of 24 months were won: ``hits``, ``n``, ``least``.

    Of those that ever reached the deal's own level, in the same pipeline and segment, else in the
    same pipeline, each with at least ``min_n``; under that ``hits`` is unknown. Closed deals of which
    nobody knows how far they came or how they ended are left out. Only open deals get a rate, and
    ``least`` is that rate. Where the segment is unknown, the best of all segments and of the
    pipeline is counted, and ``least`` is the worst.

    Args:
        deals: ``id``, ``day``, ``pipeline_id``, ``segment``, ``is_open``, ``is_won``, ``closed_on``
            and both columns.
        level: Whole number: where an open deal stands.
        reached: Whole number: how far a closed deal came.
        min_n: Fewest closed deals that make a rate.
    """
    known = pl.col("closed_on").is_not_null() & pl.col("is_won").is_not_null()
    closed = deals.filter(known & pl.col(reached).is_not_null() & ~pl.col("is_open"))
    wanted = deals.filter(pl.col("is_open") & pl.col(level).is_not_null())
    unsure = wanted.filter(pl.col("segment").is_null()).drop("segment")
    segments = closed.select("segment").drop_nulls().unique()
    in_any = unsure.join(segments, how="cross").select(wanted.columns)
    placed = pl.concat([wanted.filter(pl.col("segment").is_not_null()), in_any])
    near = _rates(closed, placed, _SEGMENT, level, reached).filter(pl.col("n") >= min_n)
    wide = _rates(closed, wanted, _PIPELINE, level, reached)
    # The pipeline counts where no segment does, and beside them where the deal's own is unknown.
    either = wide.join(near.join(unsure, on="id", how="anti"), on="id", how="anti")
    rate = pl.when(pl.col("n") >= min_n).then(pl.col("hits") / pl.col("n"))
    found = pl.concat([near, either]).with_columns(rate=rate).sort("rate", "n", nulls_last=False)
    found = found.group_by("id").agg(
        pl.col("hits").last(), pl.col("n").last(), pl.col("rate").last(), least=pl.col("rate").min()
    )
    frame = deals.select("id").join(found, on="id", how="left", maintain_order="left")
    return frame.select(
        "id",
        hits=pl.when(pl.col("rate").is_not_null()).then("hits"),
        n=pl.col("n").fill_null(0).cast(pl.Int64),
        least="least",
    )


def _rates(
    closed: pl.DataFrame, wanted: pl.DataFrame, by: tuple[str, ...], level: str, reached: str
) -> pl.DataFrame:
    """Return won and closed deals for each wanted deal, of its group and up to its day."""
    counted = (
        pl.col("is_won").sum().cast(pl.Int64).alias("hits"),
        pl.len().cast(pl.Int64).alias("n"),
    )
    parts = [
        closed.clear()
        .group_by(by)
        .agg(*counted)
        .join(wanted.clear(), on=by)
        .select("id", "hits", "n")
    ]
    for (day, height), group in wanted.group_by("day", level):
        end = pl.lit(day, dtype=pl.Date)
        inside = (pl.col("closed_on") > end.dt.offset_by(WINDOW)) & (pl.col("closed_on") <= end)
        found = closed.filter(inside & (pl.col(reached) >= height)).group_by(by).agg(*counted)
        parts.append(group.join(found, on=by).select("id", "hits", "n"))
    return pl.concat(parts)
