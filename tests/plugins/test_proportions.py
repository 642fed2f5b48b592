"""Intervals of rates and differences between two."""

from __future__ import annotations

import math
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.plugins.proportions import Z_ONE_SIDED, rise, trials_needed, wilson


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


def moved(before: tuple[int, int], after: tuple[int, int]) -> float:
    """Return the test's score for two rates; not a number where there is none."""
    hits, trials = pl.lit(before[0]), pl.lit(before[1])
    later, more = pl.lit(after[0]), pl.lit(after[1])
    found = pl.select(rise(hits, trials, later, more)).item()
    return math.nan if found is None else float(found)


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


@settings(max_examples=60)
@given(counts(), counts())
def test_order_of_windows(first: tuple[int, int], second: tuple[int, int]) -> None:
    """A rise from one to the other is the fall from the other to the one."""
    assert math.isclose(moved(first, second), -moved(second, first), abs_tol=1e-7)


@settings(max_examples=30)
@given(counts())
def test_same_rate(given: tuple[int, int]) -> None:
    """The same counts have not moved."""
    assert abs(moved(given, given)) < 1e-6


def test_chance_and_change() -> None:
    """Three against five in thirty is chance, three against twelve is not."""
    assert 0 < moved((3, 30), (5, 30)) < Z_ONE_SIDED
    assert moved((3, 30), (12, 30)) > Z_ONE_SIDED
    assert moved((12, 30), (3, 30)) < -Z_ONE_SIDED


def test_no_trials_no_score() -> None:
    """A window without trials shows nothing; neither does an impossible count."""
    assert math.isnan(moved((0, 0), (5, 30)))
    assert math.isnan(moved((5, 30), (31, 30)))


@pytest.mark.parametrize(
    ("before", "after", "needed"),
    [(0.50, 0.10, 16), (0.03, 0.30, 23), (0.10, 0.03, 153), (0.30, 0.20, 231)],
)
def test_trials_needed(before: float, after: float, needed: int) -> None:
    """A small change needs many trials, a large one few, whichever way it goes."""
    assert trials_needed(before, after) == trials_needed(after, before) == needed


@pytest.mark.parametrize(("before", "after"), [(0.2, 0.2), (-0.1, 0.2), (0.2, 1.1)])
def test_no_change_to_show(before: float, after: float) -> None:
    """No number of trials shows a change that is none or no change of a rate."""
    with pytest.raises(ValueError, match="no number of trials"):
        trials_needed(before, after)
