"""The outcomes that rules can come to."""

from __future__ import annotations

import pytest

from dealreview.checks.columns import Columns
from dealreview.checks.reach import outcomes_of
from dealreview.checks.rules import Rules
from dealreview.model.outcome import Kind, Outcome

TYPES = {"n": "int", "m": "int", "n_lo": "int", "n_hi": "int", "share": "real"}
D = Columns(Kind.DEAL, TYPES)


def test_whole_numbers_between_which_nothing_lies_leave_no_pass() -> None:
    """At least one is a watch, none a strength: a third there is not."""
    rules = Rules(watch=D.n >= 1, strength=D.n <= 0)
    assert outcomes_of(rules, TYPES) == {
        Outcome.WATCH,
        Outcome.STRENGTH,
        Outcome.INSUFFICIENT_DATA,
    }


def test_intervals_without_a_gap_leave_no_pass() -> None:
    """A number that is known to lie between two is surely low, surely high, or unknown."""
    low_to_high = D.interval("n")
    rules = Rules(watch=low_to_high >= 1, strength=low_to_high <= 0)
    assert Outcome.PASS not in outcomes_of(rules, TYPES)


@pytest.mark.parametrize(
    "rules",
    [
        Rules(watch=D.n >= 2, strength=D.n <= 0),
        Rules(watch=D.share >= 1, strength=D.share <= 0),
        Rules(watch=D.n >= 1, strength=D.m <= 0),
        Rules(watch=D.n >= D.m, strength=D.n < D.m),
        Rules(watch=D.n >= 1),
    ],
    ids=["a gap", "shares", "another fact", "a fact as limit", "no strength"],
)
def test_other_rules_leave_a_pass(rules: Rules) -> None:
    """A pass is left out only where it is sure that none can be."""
    assert Outcome.PASS in outcomes_of(rules, TYPES)


def test_conditions_that_are_left_out_give_no_outcome() -> None:
    """Rules for a finding alone apply to all, and know no strength."""
    found = outcomes_of(Rules(risk=D.n >= 1), TYPES)
    assert found == {Outcome.PASS, Outcome.RISK, Outcome.INSUFFICIENT_DATA}
    assert Outcome.NOT_APPLICABLE in outcomes_of(Rules(applies=D.m >= 1, risk=D.n >= 1), TYPES)
