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
    held = pl.col("held").sum()
    tagged = (pl.col("held") & pl.col("tagged")).sum()
    least: float = inputs.params["min_tag_coverage"]
    return tagged >= least * held
