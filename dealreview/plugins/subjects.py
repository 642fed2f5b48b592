"""The subjects of a provider with what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from dealreview import Inputs


def with_facts(inputs: Inputs) -> pl.DataFrame:
    """Return the subjects, ``id`` and ``day``, and the facts of their kind that the provider uses."""
    # Facts of the own kind stand in the order of the subjects, so they need no join.
    return inputs.subjects().hstack(inputs.facts().get_columns()[1:])
