"""Tags that people set on activities: what is missing is only missing where they are set at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dealreview import Param

if TYPE_CHECKING:
    from dealreview import Inputs

MIN_TAG_COVERAGE: dict[str, tuple[Any, Param]] = {
    "min_tag_coverage": (
        0.5,
        Param(
            "Share of conversations with a topic from which a missing one means something",
            ge=0,
            le=1,
            unit="share",
        ),
    )
}
"""The parameter of a provider that finds tags absent."""


def told(inputs: Inputs) -> pl.Expr:
    """Say of a group of activities whether enough of those ``held`` are ``tagged``.

    Where nothing was held, nothing lacks a tag.
    """
    held, tagged = both()
    return enough(inputs, held, tagged)


def both() -> tuple[pl.Expr, pl.Expr]:
    """Return how many of a group of activities are ``held``, and how many of those are ``tagged``."""
    return pl.col("held").sum(), (pl.col("held") & pl.col("tagged")).sum()


def enough(inputs: Inputs, held: pl.Expr, tagged: pl.Expr) -> pl.Expr:
    """Say whether so many of those held are tagged that a missing tag means something."""
    least: float = inputs.params["min_tag_coverage"]
    return tagged >= least * held


def needed(inputs: Inputs, held: pl.Expr, tagged: pl.Expr) -> pl.Expr:
    """Return what a message adds where too few are tagged: ``, 4 needed``; else nothing."""
    least = (inputs.params["min_tag_coverage"] * held).ceil().cast(pl.Int64)
    lacking = ~enough(inputs, held, tagged)
    return pl.when(lacking).then(pl.format(", {} needed", least)).otherwise(pl.lit(""))
