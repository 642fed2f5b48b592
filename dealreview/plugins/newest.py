"""The newest of several rows, where the day of one may be empty."""

from __future__ import annotations

import polars as pl


def possibly_newest(
    rows: pl.DataFrame, subject: str, day: str, number: str, counts: pl.Expr | None = None
) -> pl.DataFrame:
    """Return the rows that may be the newest of their subject; of one day the last by number.

    A row without the day may be older or newer than any other, so it is always among them; so is a
    newer one of which nobody knows whether it counts. ``counts`` says whether a row counts at all;
    where it is not given, all do.
    """
    rows = rows.with_columns(_counts=pl.lit(value=True) if counts is None else counts)
    rows = rows.filter(pl.col("_counts").fill_null(value=True))
    sure = rows.filter(pl.col("_counts") & pl.col(day).is_not_null())
    newest = sure.sort(subject, day, number).group_by(subject, maintain_order=True).last()
    newest = newest.select(subject, _day=day, _number=number)
    later = (pl.col(day) > pl.col("_day")) | (
        (pl.col(day) == pl.col("_day")) & (pl.col(number) >= pl.col("_number"))
    )
    # Without the day of either it is unknown which is later.
    found = rows.join(newest, on=subject, how="left").filter(later.fill_null(value=True))
    return found.drop("_counts", "_day", "_number").sort(subject, number)


def agreed(value: pl.Expr) -> pl.Expr:
    """Return what all rows of a group say, null where they differ."""
    return pl.when(value.n_unique() == 1).then(value.first())


def least(value: pl.Expr) -> pl.Expr:
    """Return the least value of a group, null where one is unknown."""
    return pl.when(value.null_count() == 0).then(value.min())


def most(value: pl.Expr) -> pl.Expr:
    """Return the largest value of a group, null where one is unknown."""
    return pl.when(value.null_count() == 0).then(value.max())
