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
    return with_own_row(inputs.subjects(), inputs.table("deals"))


def with_own_row(
    frame: pl.DataFrame, table: pl.DataFrame, key: str = "deal_id", on: str = "id"
) -> pl.DataFrame:
    """Return subjects with the other columns of their own row of a table, unknown where there is none.

    Args:
        frame: A row for each subject.
        table: A table with one row for each of them at most.
        key: The subject's column in the table.
        on: The subject's column in the frame.
    """
    more = table.drop(c for c in frame.columns if c != key and c in table.columns)
    # Each is in the order of its key: putting columns side by side takes a fraction of looking texts up.
    if table[key].equals(frame[on], null_equal=False):
        return frame.hstack(more.drop(key).get_columns())
    return frame.join(more, left_on=on, right_on=key, how="left", maintain_order="left")


def begun(inputs: Inputs) -> pl.Expr:
    """Return the day on which a deal began, in ``created_on``; where nobody records any, ``day``.

    Where others have theirs and one deal has none, it is not known how far back its rows would reach.
    """
    return pl.col("created_on" if inputs.feeds.is_recorded("deals.created_on") else "day")
