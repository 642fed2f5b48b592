"""The subjects of a provider with what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dealreview import Inputs


def with_facts(inputs: Inputs) -> pl.DataFrame:
    """Return the subjects, ``id`` and ``day``, and the facts of their kind that the provider uses."""
    # Facts of the own kind stand in the order of the subjects, so they need no join.
    return inputs.subjects().hstack(inputs.facts().get_columns()[1:])


def with_deals(inputs: Inputs) -> pl.DataFrame:
    """Return deals as subjects, ``id`` and ``day``, with the columns of ``deals`` that the provider reads."""
    subjects, deals = inputs.subjects(), inputs.table("deals")
    # Each is in the order of its key, so that they stand side by side unless rows are missing.
    if deals["deal_id"].equals(subjects["id"], null_equal=False):
        return subjects.hstack(deals.drop("deal_id").get_columns())
    return subjects.join(deals, left_on="id", right_on="deal_id", how="left")


def begun(inputs: Inputs) -> pl.Expr:
    """Return the day on which a deal began, in ``created_on``; where nobody records any, ``day``.

    Where others have theirs and one deal has none, it is not known how far back its rows would reach.
    """
    return pl.col("created_on" if inputs.feeds.is_recorded("deals.created_on") else "day")
