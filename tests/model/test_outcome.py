"""Outcomes, severities and kinds: the closed vocabularies."""

import pytest

from dealreview.model.outcome import DECIDED, OUTCOMES, Kind, Outcome, Severity


def test_the_bytes_of_outcomes_are_pinned():
    """Stored runs hold these bytes, so their order never changes."""
    assert [str(outcome) for outcome in OUTCOMES] == [
        "not_applicable",
        "strength",
        "pass",
        "watch",
        "risk",
        "insufficient_data",
        "error",
        "not_reviewed",
    ]
    assert [outcome.code for outcome in OUTCOMES] == list(range(len(OUTCOMES)))


def test_decided_outcomes_count_into_the_score():
    """Strength and pass are worth the same, a watch half, a risk nothing."""
    worth = {outcome: outcome.half_values for outcome in OUTCOMES if outcome.is_decided}
    assert worth == {Outcome.STRENGTH: 2, Outcome.PASS: 2, Outcome.WATCH: 1, Outcome.RISK: 0}
    assert set(worth) == DECIDED


@pytest.mark.parametrize(
    ("severity", "weight"), [("blocker", 10), ("major", 5), ("minor", 2), ("info", 0)]
)
def test_severities_have_fixed_weights(severity, weight):
    """The weights are part of what a score means."""
    assert Severity(severity).weight == weight


def test_reps_have_no_score():
    """A number for a person would be used to rank."""
    assert [kind for kind in Kind if not kind.has_score] == [Kind.REP]
