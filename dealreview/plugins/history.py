"""A company's own closed deals as the measure for its open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import datetime as dt

WINDOW = "-24mo"
"""How far back closed deals count as comparable."""


def own_quantile(
    deals: pl.DataFrame, value: str, quantile: float, *, as_of: dt.date, min_n: int
) -> pl.DataFrame:
    """Return each deal's quantile over comparable won deals of the last 24 months, as ``quantile`` and ``n``.

    Comparable is the same pipeline and segment, else the same pipeline, each with at least
    ``min_n`` known values; under that the quantile is unknown and ``n`` says how many there are.

    Args:
        deals: ``id``, ``pipeline_id``, ``segment``, ``is_won``, ``closed_on`` and the value.
        value: Column to take the quantile of.
        quantile: Between 0 and 1, linear interpolation.
        as_of: The review's date.
        min_n: Fewest values that make a quantile.
    """
    since = pl.lit(as_of, dtype=pl.Date).dt.offset_by(WINDOW)
    won = deals.filter(
        pl.col("is_won") & (pl.col("closed_on") > since) & pl.col(value).is_not_null()
    )
    near = _quantiles(won, ["pipeline_id", "segment"], value, quantile, "near")
    wide = _quantiles(won, ["pipeline_id"], value, quantile, "wide")
    frame = deals.join(near, on=["pipeline_id", "segment"], how="left").join(
        wide, on="pipeline_id", how="left"
    )
    enough = pl.col("near_n") >= min_n
    return frame.select(
        "id",
        quantile=pl.when(enough).then("near").when(pl.col("wide_n") >= min_n).then("wide"),
        n=pl.when(enough).then("near_n").otherwise("wide_n").fill_null(0).cast(pl.Int64),
    )


def _quantiles(
    won: pl.DataFrame, by: list[str], value: str, quantile: float, name: str
) -> pl.DataFrame:
    measured = pl.col(value).cast(pl.Float64).quantile(quantile, interpolation="linear")
    return won.group_by(by).agg(measured.alias(name), pl.len().alias(f"{name}_n"))
