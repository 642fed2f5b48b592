"""Conditions by name, and the names of those that hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping


def names_where(frame: pl.DataFrame, flags: Mapping[str, pl.Expr]) -> pl.Series:
    """Return for each row the names whose condition is true, in the order given.

    Lists are dear to make row by row, and of few conditions there are few combinations: each is
    numbered, and its list is made once.

    Args:
        frame: The rows.
        flags: Conditions over its columns by name, at most 31 of them; an unknown one does not hold.
    """
    number = pl.sum_horizontal(
        flag.fill_null(value=False).cast(pl.UInt32) * 2**place
        for place, flag in enumerate(flags.values())
    )
    numbers = frame.select(number=number)
    seen = numbers.unique()
    lists = [
        [name for place, name in enumerate(flags) if one >> place & 1] for one in seen["number"]
    ]
    named = seen.with_columns(pl.Series("names", lists, dtype=pl.List(pl.String)))
    return numbers.join(named, on="number", how="left", maintain_order="left")["names"]
