"""A company's own closed deals as the measure for its others."""

from __future__ import annotations

import polars as pl

from dealreview import Param

WINDOW = "-24mo"
"""How far back closed deals count as comparable."""

COMPARABLE = ("is_open", "is_won", "closed_on", "pipeline_id", "segment")
"""Facts of deals that :func:`own_quantile` compares them by."""

_SEGMENT = ("pipeline_id", "segment")
_PIPELINE = ("pipeline_id",)


def fewest(description: str) -> tuple[int, Param]:
    """Return the parameter of a provider that says how many own deals make a measure."""
    return 20, Param(description, ge=5, le=500, unit="deals")


def own_quantile(
    deals: pl.DataFrame, value: str, quantile: float, *, min_n: int, asked: pl.Expr | None = None
) -> pl.DataFrame:
    """Return each deal's quantile over comparable won deals of 24 months, as ``quantile`` and ``n``.

    Comparable is the same pipeline and segment, else the same pipeline, each with at least
    ``min_n`` known values; under that the quantile is unknown and ``n`` says how many there are.
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
    enough = pl.col("n") >= min_n
    return frame.select(
        "id",
        quantile=pl.when(enough)
        .then("quantile")
        .when(pl.col("n_wide") >= min_n)
        .then("quantile_wide"),
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
    """Return how many of the comparable closed deals of 24 months were won: ``hits`` and ``n``.

    Of those that ever reached the deal's own level, in the same pipeline and segment, else in the
    same pipeline, each with at least ``min_n``; under that ``hits`` is unknown. Closed deals of which
    nobody knows how far they came or how they ended are left out. Only open deals get a rate.

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
    near = _rates(closed, wanted, _SEGMENT, level, reached)
    wide = _rates(closed, wanted, _PIPELINE, level, reached)
    frame = deals.select("id").join(near, on="id", how="left")
    frame = frame.join(wide, on="id", how="left", suffix="_wide")
    enough = pl.col("n") >= min_n
    return frame.select(
        "id",
        hits=pl.when(enough).then("hits").when(pl.col("n_wide") >= min_n).then("hits_wide"),
        n=pl.when(enough).then("n").otherwise("n_wide").fill_null(0).cast(pl.Int64),
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
