"""Intervals of rates and differences between two."""

from __future__ import annotations

import math
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.plugins.proportions import (
    Z95,
    Z_ONE_SIDED,
    by_chance,
    in_hundred,
    rise,
    trials_for_wilson,
    trials_needed,
    wilson,
)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    """Return hits and trials."""
    trials = draw(st.integers(1, 5000))
    return draw(st.integers(0, trials)), trials


def known(figure: float | None) -> float:
    """Return a figure, or not a number where it is unknown; a column never holds that itself.

    In a column it would lie above every limit.
    """
    assert figure is None or not math.isnan(figure)
    return math.nan if figure is None else figure


def interval(hits: float | None, trials: int | None) -> tuple[float, float]:
    """Return the interval of one rate; not a number where there is none."""
    frame = pl.DataFrame({"h": [hits], "n": [trials]}, schema={"h": pl.Float64, "n": pl.Int64})
    low, high = wilson(pl.col("h"), pl.col("n"))
    ends = frame.select(low.alias("low"), high.alias("high")).row(0)
    return known(ends[0]), known(ends[1])


def moved(before: tuple[float, float], after: tuple[float, float]) -> float:
    """Return the test's score for two rates; not a number where there is none."""
    return known(pl.select(rise(*map(pl.lit, (*before, *after)))).item())


def needed(before: float, after: float) -> int | None:
    """Return the trials that show a change."""
    found: int | None = pl.select(trials_needed(pl.lit(before), pl.lit(after))).item()
    return found


def needed_for_interval(share: float, other: float) -> int | None:
    """Return the trials from which the interval of a share leaves out another."""
    found: int | None = pl.select(trials_for_wilson(pl.lit(share), pl.lit(other))).item()
    return found


def at_random(before: tuple[int, int], after: tuple[int, int]) -> float:
    """Return how often as many of all hits or more fall on the second side by chance alone."""
    hits, trials = before[0] + after[0], before[1] + after[1]
    ways = [
        math.comb(after[1], k) * math.comb(before[1], hits - k)
        for k in range(max(0, hits - before[1]), min(hits, after[1]) + 1)
    ]
    first = after[0] - max(0, hits - before[1])
    return sum(ways[first:]) / math.comb(trials, hits)


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


def test_known_score() -> None:
    """Sixty of a hundred after forty-five: 0.15 ÷ √(0.525 · 0.475 · 0.02)."""
    assert moved((45, 100), (60, 100)) == pytest.approx(2.12398, abs=1e-5)


@settings(max_examples=60)
@given(counts(), counts())
def test_order_of_windows(first: tuple[int, int], second: tuple[int, int]) -> None:
    """A rise from one to the other is the fall from the other to the one."""
    assert math.isclose(moved(first, second), -moved(second, first), abs_tol=1e-7)


@settings(max_examples=60)
@given(counts(), counts())
def test_misses_fall_where_hits_rise(first: tuple[int, int], second: tuple[int, int]) -> None:
    """Counting what did not happen turns the sign and nothing else."""
    missed = [(n - hits, n) for hits, n in (first, second)]
    assert math.isclose(moved(*missed), -moved(first, second), rel_tol=1e-6, abs_tol=1e-7)


@settings(max_examples=30)
@given(counts())
def test_same_rate(given: tuple[int, int]) -> None:
    """The same counts have not moved."""
    assert abs(moved(given, given)) < 1e-6


@settings(max_examples=30)
@given(counts(), st.integers(2, 9))
def test_more_trials_are_surer(given: tuple[int, int], times: int) -> None:
    """The same two rates from more trials lie further apart in standard errors."""
    before, after = (given[0], 2 * given[1]), (2 * given[0], 2 * given[1])
    larger = [(times * hits, times * n) for hits, n in (before, after)]
    assert moved(*larger) == pytest.approx(moved(before, after) * math.sqrt(times), abs=1e-6)


@settings(max_examples=60)
@given(st.integers(20, 80), st.integers(20, 80), st.data())
def test_against_counting_all_ways(n: int, m: int, data: st.DataObject) -> None:
    """What lies well beyond the limit is rare when all ways are counted, what lies well under is not."""
    before = (data.draw(st.integers(n // 5, n - n // 5)), n)
    after = (data.draw(st.integers(m // 5, m - m // 5)), m)
    score = moved(before, after)
    if score > Z_ONE_SIDED + 0.6:
        assert at_random(before, after) < 0.05
    if score < Z_ONE_SIDED:
        assert at_random(before, after) > 0.04


def test_chance_and_change() -> None:
    """Three against five in thirty is chance, three against twelve is not."""
    assert 0 < moved((3, 30), (5, 30)) < Z_ONE_SIDED
    assert moved((3, 30), (12, 30)) > Z_ONE_SIDED
    assert moved((12, 30), (3, 30)) < -Z_ONE_SIDED


def test_no_trials_no_score() -> None:
    """A window without trials on either side shows nothing; neither does an impossible count."""
    assert math.isnan(moved((0, 0), (5, 30)))
    assert math.isnan(moved((5, 30), (0, 0)))
    assert math.isnan(moved((5, 30), (31, 30)))
    assert math.isnan(moved((31, 30), (5, 30)))


@pytest.mark.parametrize(
    ("before", "after", "trials"),
    [(0.50, 0.10, 16), (0.03, 0.30, 23), (0.10, 0.03, 153), (0.30, 0.20, 231)],
)
def test_trials_needed(before: float, after: float, trials: int) -> None:
    """A small change needs many trials, a large one few, whichever way it goes."""
    assert needed(before, after) == needed(after, before) == trials


@settings(max_examples=60)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_as_many_as_needed_show_it(before: float, after: float) -> None:
    """With that many trials on each side the change is beyond chance."""
    trials = needed(before, after)
    if trials is not None and trials < 1e12 and after > before:
        assert moved((before * trials, trials), (after * trials, trials)) > Z_ONE_SIDED


@pytest.mark.parametrize(
    ("before", "after"), [(0.2, 0.2), (-0.1, 0.2), (0.2, -0.1), (1.1, 0.2), (0.2, 1.1)]
)
def test_no_change_to_show(before: float, after: float) -> None:
    """No number of trials shows a change that is none or no change of a rate."""
    assert needed(before, after) is None


@pytest.mark.parametrize(
    ("share", "other", "trials"), [(0.18, 0.10, 55), (0.10, 0.18, 89), (0.9, 0.1, 1)]
)
def test_trials_for_an_interval(share: float, other: float, trials: int) -> None:
    """The further apart two shares are, the fewer trials tell them apart."""
    assert needed_for_interval(share, other) == trials


@settings(max_examples=60)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_the_interval_leaves_out_another_share_from_there_on(share: float, other: float) -> None:
    """With so many trials the other share lies outside of the interval, with one fewer inside."""
    trials = needed_for_interval(share, other)
    if trials is None or abs(share - other) < 1e-3 or trials == 1:
        return
    low, high = interval(share * trials, trials)
    assert not low <= other <= high
    low, high = interval(share * (trials - 1), trials - 1)
    assert low <= other * (1 + 1e-6)
    assert other * (1 - 1e-6) <= high


@pytest.mark.parametrize(("share", "other"), [(0.2, 0.2), (0.2, 0.0), (0.2, 1.0), (0.2, 1.1)])
def test_no_interval_to_leave(share: float, other: float) -> None:
    """No number of trials is named for the same share, nor for none, for all or for more than all."""
    assert needed_for_interval(share, other) is None


def test_how_often_chance_does_it() -> None:
    """No difference comes about every other time, and the limits of the test as often as they say."""
    scores = pl.DataFrame({"score": [0.0, Z_ONE_SIDED, Z95, -Z_ONE_SIDED, None]})
    found = scores.select(by_chance(pl.col("score")))["score"].to_list()
    assert found == [0.5, pytest.approx(0.05), pytest.approx(0.025), pytest.approx(0.95), None]


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.274, "in 27.4% of cases (p = 0.274)"),
        (0.05, "in 5.0% of cases (p = 0.050)"),
        (0.001, "in 0.1% of cases (p = 0.001)"),
        (0.0009, "in fewer than 0.1% of cases (p < 0.001)"),
    ],
)
def test_p_in_words(p: float, said: str) -> None:
    """Both as a share of cases and as the number that others know."""
    assert pl.select(in_hundred(pl.lit(p))).item() == said
