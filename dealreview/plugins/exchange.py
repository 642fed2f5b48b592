"""Amounts turned from one currency into another, and what is said where a rate lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from dealreview import Inputs, Interval, Term

_UNIT = 1_000_000


def but_for_rates(value: Interval, reaches: Callable[[Interval | Term], Term], rated: Term) -> Term:
    """Return whether a value reaches a limit; a value left open by rates alone asks for them.

    Args:
        value: What is known between two ends.
        reaches: Holds it against a limit, where more is more.
        rated: Never false: unknown where nothing but exchange rates keeps the ends apart.
    """
    return reaches(value) | (reaches(value.high) & ~rated)


def in_deal_currency(
    inputs: Inputs, frame: pl.DataFrame, amount: str, currency: str
) -> pl.DataFrame:
    """Return the frame with an amount column in minor units of ``deal_currency``.

    The rates are those of the ``day``; without them the amount is unknown, but where both
    currencies are the same it stays as it is.

    Args:
        inputs: What the provider got.
        frame: ``day``, ``deal_currency``, and both columns.
        amount: Column in minor units of its currency.
        currency: Column of ISO 4217 codes.
    """
    units = frame.with_columns(_unit=pl.lit(_UNIT))
    paid = inputs.to_reporting(units, amount, currency, "day").alias("_paid")
    unit = inputs.to_reporting(units, "_unit", "deal_currency", "day").alias("_unit")
    turned = (pl.col("_paid") / pl.col("_unit") * _UNIT).round(0).cast(pl.Int64, strict=False)
    same = pl.col(currency) == pl.col("deal_currency")
    frame = frame.with_columns(paid, unit)
    return frame.with_columns(pl.when(same).then(amount).otherwise(turned).alias(amount)).drop(
        "_paid", "_unit"
    )
