"""Putting the rows of many columns in order without holding all of them twice where rows are many."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

COLUMNS_AT_ONCE = 8
"""Columns that are put in order together, so that all cores have something to do."""

CELLS_AT_ONCE = 2**21
"""Cells that are put in order together where rows are few, which takes less time than few columns at once."""


def in_order(frames: list[pl.DataFrame], order: pl.Series) -> pl.DataFrame:
    """Return rows of frames with the same columns in an order.

    Args:
        frames: The frames; they are used up, and the list is left empty: a few columns are put in order at
            a time where there are many rows, and let go at once.
        order: The numbers of the rows, counted through all frames.
    """
    import polars as pl

    # In one piece, since rows are found in several by searching for each.
    rows = sum(frame.height for frame in frames)
    left = [deque(frame.get_columns()) for frame in frames]
    frames.clear()
    at_once = max(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(rows, 1))
    found: list[pl.Series] = []
    while left[0]:
        few = range(min(at_once, len(left[0])))
        parts = [pl.DataFrame([columns.popleft() for _ in few]) for columns in left]
        found += pl.concat(parts, rechunk=True)[order].get_columns()
    return pl.DataFrame(found)
