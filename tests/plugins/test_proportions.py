"""Intervals of rates."""

from __future__ import annotations

import math
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.plugins.proportions import wilson


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    """Return hits and trials."""
    trials = draw(st.integers(1, 5000))
    return draw(st.integers(0, trials)), trials


def interval(hits: int | None, trials: int | None) -> tuple[float, float]:
    """Return the interval of one rate; not a number where there is none."""
    frame = pl.DataFrame({"h": [hits], "n": [trials]}, schema={"h": pl.Int64, "n": pl.Int64})
    low, high = wilson(pl.col("h"), pl.col("n"))
    ends = frame.select(low.alias("low"), high.alias("high")).fill_null(math.nan)
    return ends["low"].item(), ends["high"].item()


def test_known_interval() -> None:
    """Nine of fifty is 18 %, between 10 and 31 %."""
    low, high = interval(9, 50)
    assert (round(low, 4), round(high, 4)) == (0.0977, 0.3080)


@pytest.mark.parametrize(("hits", "trials"), [(0, 0), (None, 5), (1, None), (6, 5), (-1, 5)])
def test_no_interval(hits: int | None, trials: int | None) -> None:
    """Without a trial, with an unknown or an impossible count, there is no interval."""
    assert all(math.isnan(end) for end in interval(hits, trials))


@settings(max_examples=60)
@given(counts())
def test_holds_its_rate(given: tuple[int, int]) -> None:
    """The interval lies between 0 and 1 and holds the rate itself."""
    low, high = interval(*given)
    assert 0 <= low <= given[0] / given[1] * (1 + 1e-8)
    assert given[0] / given[1] * (1 - 1e-8) <= high <= 1


@settings(max_examples=60)
@given(counts())
def test_mirror(given: tuple[int, int]) -> None:
    """Misses have the mirrored interval of hits."""
    (low, high), (other_low, other_high) = interval(*given), interval(given[1] - given[0], given[1])
    assert math.isclose(low, 1 - other_high, abs_tol=1e-8)
    assert math.isclose(high, 1 - other_low, abs_tol=1e-8)


def test_more_trials_narrow_it() -> None:
    """The same rate from more trials has a narrower interval."""
    widths = [high - low for low, high in (interval(n, 4 * n) for n in (1, 5, 25, 125))]
    assert all(wide > narrow for wide, narrow in pairwise(widths))
