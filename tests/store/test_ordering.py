"""Rows of many columns are put in order, however many columns are taken at once."""

from __future__ import annotations

from random import Random
from unittest import mock

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dealreview.store import ordering
from dealreview.store.ordering import in_order


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=4),
    st.integers(1, 7),
    st.integers(1, 3),
    st.integers(1, 40),
    st.integers(0, 2**20),
)
def test_rows_are_put_in_order(
    heights: list[int], columns: int, at_once: int, cells: int, seed: int
) -> None:
    """Whatever is taken at once; the frames are used up, and some rows may be left out."""
    random = Random(seed)
    frames = [
        pl.DataFrame(
            {f"c{column}": [random.random() for _ in range(height)] for column in range(columns)},
            schema={f"c{column}": pl.Float64 for column in range(columns)},
        )
        for height in heights
    ]
    rows = list(range(sum(heights)))
    random.shuffle(rows)
    order = pl.Series(rows[: random.randint(0, len(rows))], dtype=pl.UInt32)
    expected = pl.concat(frames)[order]
    with (
        mock.patch.object(ordering, "COLUMNS_AT_ONCE", at_once),
        mock.patch.object(ordering, "CELLS_AT_ONCE", cells),
    ):
        assert_frame_equal(in_order(frames, order), expected)
    assert not frames


@pytest.mark.parametrize(("height", "at_once"), [(0, 40), (2, 20), (10, 4), (30, 3)])
def test_few_columns_are_held_twice_where_rows_are_many(height: int, at_once: int) -> None:
    """All of them where rows are few."""
    frame = pl.DataFrame({f"c{n}": range(height) for n in range(41)})
    taken = []

    def noted(parts: list[pl.DataFrame], *, rechunk: bool) -> pl.DataFrame:
        taken.append(parts[0].width)
        return whole(parts, rechunk=rechunk)

    whole = pl.concat
    with (
        mock.patch.object(ordering, "COLUMNS_AT_ONCE", 3),
        mock.patch.object(ordering, "CELLS_AT_ONCE", 40),
        mock.patch.object(pl, "concat", noted),
    ):
        in_order([frame], pl.Series(range(height), dtype=pl.UInt32))
    assert max(taken) == at_once
    assert sum(taken) == 41
