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


def own_quantile(deals: pl.DataFrame, value: str, quantile: float, *, min_n: int) -> pl.DataFrame:
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
    """
    month_before = pl.col("day").dt.month_start().dt.offset_by("-1d")
    deals = deals.with_columns(
        until=pl.when(pl.col("is_open").fill_null(value=True)).then("day").otherwise(month_before)
    )
    won = deals.filter(
        pl.col("is_won") & pl.col("closed_on").is_not_null() & pl.col(value).is_not_null()
    )
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
