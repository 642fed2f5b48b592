"""The score in integers, its bounds, its band and its points."""

from __future__ import annotations

import itertools
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine.scoring import (
    Sums,
    apportion,
    band_column,
    points,
    rounded,
    shown,
    sums_columns,
    sums_of,
)
from dealreview.model.outcome import DECIDED, OUTCOMES, Band, Outcome, Severity

FLOOR = Fraction(1, 2)
RANK = {None: 0, Band.RISK: 0, Band.UNRATED: 0, Band.WATCH: 1, Band.HEALTHY: 2}
"""Healthy is above watch, watch above both risk and unrated; the last two can't be compared."""

outcomes = st.sampled_from([o for o in OUTCOMES if o is not Outcome.NOT_REVIEWED])
severities = st.sampled_from(list(Severity))
cards = st.lists(st.tuples(outcomes, severities), max_size=12)


def named(card: list[tuple[Outcome, Severity]]) -> list[tuple[str, Outcome, Severity]]:
    """Return a card with check ids."""
    return [(f"p/c{n:02}", outcome, severity) for n, (outcome, severity) in enumerate(card)]


def test_the_formulas() -> None:
    """Score, bounds and coverage follow E, W(D) and W(A)."""
    sums = sums_of(
        [
            (Outcome.STRENGTH, Severity.MAJOR),
            (Outcome.WATCH, Severity.MAJOR),
            (Outcome.RISK, Severity.MINOR),
            (Outcome.INSUFFICIENT_DATA, Severity.MAJOR),
            (Outcome.NOT_APPLICABLE, Severity.BLOCKER),
        ]
    )
    assert (sums.earned, sums.decided, sums.asked) == (15, 12, 17)
    assert sums.score == Fraction(100 * 15, 24)
    assert sums.lower == Fraction(100 * 15, 34)
    assert sums.upper == Fraction(100 * (15 + 10), 34)
    assert sums.coverage == Fraction(12, 17)


def test_nothing_decided() -> None:
    """Without a decided verdict there is no score, the bounds are 0 and 100 and the subject is unrated."""
    sums = sums_of([(Outcome.INSUFFICIENT_DATA, Severity.MAJOR)])
    assert (sums.score, sums.lower, sums.upper) == (None, 0, 100)
    assert sums.band(FLOOR) is Band.UNRATED


def test_nothing_applies() -> None:
    """Where nothing applies, everything is null."""
    sums = sums_of([(Outcome.NOT_APPLICABLE, Severity.MAJOR)])
    assert (sums.score, sums.lower, sums.upper, sums.coverage, sums.band(FLOOR)) == (None,) * 5


@pytest.mark.parametrize(
    ("card", "band"),
    [
        ([(Outcome.RISK, Severity.BLOCKER), (Outcome.PASS, Severity.BLOCKER)], Band.RISK),
        (
            [(Outcome.ERROR, Severity.BLOCKER), *[(Outcome.PASS, Severity.BLOCKER)] * 9],
            Band.UNRATED,
        ),
        ([(Outcome.PASS, Severity.MAJOR), (Outcome.ERROR, Severity.MAJOR)], Band.WATCH),
        ([(Outcome.PASS, Severity.MINOR), (Outcome.ERROR, Severity.MAJOR)], Band.UNRATED),
        ([*[(Outcome.PASS, Severity.MAJOR)] * 3, (Outcome.RISK, Severity.MAJOR)], Band.HEALTHY),
        ([(Outcome.WATCH, Severity.MINOR)], Band.WATCH),
        ([(Outcome.PASS, Severity.MINOR), (Outcome.RISK, Severity.MAJOR)], Band.RISK),
        ([(Outcome.RISK, Severity.INFO)], None),
    ],
)
def test_bands(card: list[tuple[Outcome, Severity]], band: Band | None) -> None:
    """A blocker at risk is risk, thin cover or an open blocker is unrated, else the lower bound decides."""
    assert sums_of(card).band(FLOOR) is band


@given(cards)
def test_bounds_are_consistent(card: list[tuple[Outcome, Severity]]) -> None:
    """Lower is score × coverage, and the bounds are 100 × (1 − coverage) apart and enclose the score."""
    sums = sums_of(card)
    if sums.asked:
        assert sums.lower is not None
        assert sums.upper is not None
        assert sums.coverage is not None
        assert sums.upper - sums.lower == 100 * (1 - sums.coverage)
        if sums.score is not None:
            assert sums.lower == sums.score * sums.coverage
            assert sums.lower <= sums.score <= sums.upper


@given(cards, st.randoms())
def test_order_does_not_matter(card: list[tuple[Outcome, Severity]], random: object) -> None:
    """The order of checks changes nothing."""
    shuffled = list(card)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sums_of(shuffled) == sums_of(card)


@given(cards, severities)
def test_worse_outcomes_never_raise(
    card: list[tuple[Outcome, Severity]], severity: Severity
) -> None:
    """From pass to watch to risk neither score, nor a bound, nor the band goes up."""
    steps = [sums_of([*card, (o, severity)]) for o in (Outcome.PASS, Outcome.WATCH, Outcome.RISK)]
    for better, worse in itertools.pairwise(steps):
        for figure in ("score", "lower", "upper"):
            before, after = getattr(better, figure), getattr(worse, figure)
            assert (before is None and after is None) or after <= before
        assert RANK[worse.band(FLOOR)] <= RANK[better.band(FLOOR)]


@given(
    cards,
    st.sampled_from(sorted(DECIDED)),
    severities,
    st.sampled_from(["insufficient_data", "error"]),
)
def test_blanking_never_helps(
    card: list[tuple[Outcome, Severity]], decided: Outcome, severity: Severity, blank: str
) -> None:
    """A decided verdict that can't be decided any more raises neither the lower bound nor the band."""
    before = sums_of([*card, (decided, severity)])
    after = sums_of([*card, (Outcome(blank), severity)])
    assert (before.lower is None and after.lower is None) or after.lower <= before.lower  # type: ignore[operator]
    assert RANK[after.band(FLOOR)] <= RANK[before.band(FLOOR)]


@given(cards)
def test_points_add_up(card: list[tuple[Outcome, Severity]]) -> None:
    """Points lost add up to 100 − score, points open to upper − lower, as all are shown."""
    sums, given_points = sums_of(card), points(named(card)).values()
    lost = round(sum(10 * (p or 0) for p, _ in given_points))
    is_open = round(sum(10 * (p or 0) for _, p in given_points))
    if sums.score is not None:
        assert lost == 1000 - 10 * rounded(sums.score, 10)
    if sums.upper is not None and sums.lower is not None:
        assert is_open == 10 * (rounded(sums.upper, 10) - rounded(sums.lower, 10))
    assert all((lost_ is None) or (open_ is None) for lost_, open_ in given_points)


@given(cards)
def test_worse_loses_at_least_as_much(card: list[tuple[Outcome, Severity]]) -> None:
    """On a card a heavier or worse verdict never loses fewer points than a lighter one."""
    given_points = points(named(card))
    weighed = [
        (severity.weight * (2 - outcome.half_values), given_points[check][0] or 0)
        for check, outcome, severity in named(card)
        if outcome in DECIDED
    ]
    for weight, lost in weighed:
        assert all(other_lost <= lost for other, other_lost in weighed if other < weight)


@given(
    st.dictionaries(st.text("abc", min_size=1), st.integers(0, 50), max_size=8),
    st.integers(0, 1000),
)
def test_apportioned_tenths(shares: dict[str, int], total: int) -> None:
    """Tenths by largest remainder add up and are within one of the exact share."""
    given_ = apportion(shares, total)
    whole = sum(shares.values())
    assert sum(given_.values()) == (total if whole else 0)
    assert all(
        abs(given_[name] - Fraction(shares[name] * total, whole or 1)) < 1
        for name in shares
        if whole
    )


@given(
    st.lists(cards, max_size=5),
    st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(0), Fraction(1)]),
)
def test_columns_agree_with_one_card(
    rows: list[list[tuple[Outcome, Severity]]], floor: Fraction
) -> None:
    """Sums and bands over columns are those of each card alone."""
    width = max(map(len, rows), default=0)
    padded = [
        [*row, *[(Outcome.NOT_APPLICABLE, Severity.INFO)] * (width - len(row))] for row in rows
    ]
    checks = [f"p/c{n:02}" for n in range(width)]
    columns = list(zip(*padded, strict=True)) if padded else [() for _ in checks]
    said = [
        (
            pl.Series([outcome.code for outcome, _ in column], dtype=pl.UInt8),
            pl.Series([severity.weight for _, severity in column], dtype=pl.Int64),
        )
        for column in columns
    ]
    sums = sums_columns(said, len(padded))
    bands = band_column(sums, floor)
    for number, card in enumerate(padded):
        alone = sums_of(card)
        assert Sums(**sums.row(number, named=True)) == alone
        assert bands[number] == alone.band(floor)


def test_half_tenths_round_up() -> None:
    """A score is shown to a tenth, half up, in exact arithmetic."""
    assert shown(Fraction(125, 100)) == 1.3
    assert shown(Fraction(1, 3)) == 0.3
    assert shown(None) is None


@pytest.mark.parametrize(
    ("exact", "tenths", "whole"),
    [
        (Fraction(7496, 100), 74.9, 74),
        (Fraction(748, 10), 74.8, 74),
        (Fraction(75), 75.0, 75),
        (Fraction(7552, 100), 75.5, 76),
        (Fraction(4999, 100), 49.9, 49),
        (Fraction(744, 10), 74.4, 74),
    ],
)
def test_no_number_is_rounded_up_to_a_limit(exact: Fraction, tenths: float, whole: int) -> None:
    """What lies under the limit of a band is printed as a number under it."""
    assert (shown(exact), rounded(exact)) == (tenths, whole)


@given(cards)
def test_a_printed_lower_bound_fits_the_band(card: list[tuple[Outcome, Severity]]) -> None:
    """Read off the printed lower bound, in tenths or whole, a rated card has the band that it has."""
    sums = sums_of(card)
    band = sums.band(FLOOR)
    if sums.lower is None or band in {None, Band.UNRATED} or sums.blocker_at_risk:
        return
    for parts in (1, 10):
        lower = rounded(sums.lower, parts)
        said = Band.HEALTHY if lower >= 75 else Band.WATCH if lower >= 50 else Band.RISK
        assert said is band


@pytest.mark.parametrize("floor", [Fraction(1, 2), Fraction(1, 3), Fraction(0), Fraction(1)])
def test_bands_over_columns_at_every_limit(floor: Fraction) -> None:
    """For every small score, on the limits and beside them, columns give the band of the card."""
    flags = [(False, False), (True, False), (False, True), (True, True)]
    every = [
        Sums(earned, decided, asked, at_risk, is_open)
        for asked in range(18)
        for decided in range(asked + 1)
        for earned in range(2 * decided + 1)
        for at_risk, is_open in flags
    ]
    names = ["earned", "decided", "asked", "blocker_at_risk", "blocker_open"]
    frame = pl.DataFrame({name: [getattr(sums, name) for sums in every] for name in names})
    assert band_column(frame, floor).to_list() == [sums.band(floor) for sums in every]


@pytest.mark.parametrize(
    ("earned", "band"),
    [(199, Band.RISK), (200, Band.WATCH), (299, Band.WATCH), (300, Band.HEALTHY)],
)
def test_limits_of_bands_of_long_cards(earned: int, band: Band) -> None:
    """However much is asked, a quarter of a point under 50 is risk and under 75 is watch."""
    sums = Sums(earned, decided=200, asked=200)
    names = ["earned", "decided", "asked", "blocker_at_risk", "blocker_open"]
    frame = pl.DataFrame({name: [getattr(sums, name)] for name in names})
    assert (sums.band(FLOOR), *band_column(frame, FLOOR)) == (band, band)


def test_ties_go_by_name() -> None:
    """Of equal remainders the first names get the tenth more, in whatever order they come."""
    assert apportion({"c": 1, "a": 1, "b": 1}, 100) == {"a": 34, "b": 33, "c": 33}
    assert apportion({"b": 1, "c": 1, "a": 1}, 101) == {"a": 34, "b": 34, "c": 33}
