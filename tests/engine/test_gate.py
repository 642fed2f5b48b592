"""The gate and the exit codes of a review."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from dealreview.engine.gate import (
    FAILED,
    FINE,
    INCOMPLETE,
    NOTHING,
    USAGE,
    Excused,
    Gate,
    exit_code,
)
from dealreview.engine.registry import Problem
from dealreview.engine.review import Review
from dealreview.model.outcome import Outcome
from tests.reports.shop import deal, reviewed, shop

GOOD = deal(1, "good", payment_terms_days=20)
WATCHED = deal(2, "watched", payment_terms_days=45)
BAD = deal(3, "bad", payment_terms_days=90)
UNRATED = deal(4, "unrated", payment_terms_days=None, hours_to_go=None)
WON = deal(5, "won", stage_id="crm:won", closed_on="2026-11-01", payment_terms_days=90)
LARGE = [{"account_id": "crm:a1", "employees": 900}]
RISK, WATCH, SCORE = Gate(Outcome.RISK), Gate(Outcome.WATCH), Gate(min_score=60)


def review_of(path: Path, *deals: dict[str, Any]) -> Review:
    """Return a review in which only the given deals can be found fault with."""
    return reviewed(shop(path, *deals, accounts=LARGE, people=[]))


def broken(review: Review, kind: str) -> Review:
    """Return the review with a problem."""
    problem = Problem("somewhere", "something", kind=kind)
    return evolve(review, header=evolve(review.header, problems=(problem,)))


@pytest.mark.parametrize(
    ("deals", "gate", "code"),
    [
        ((BAD, UNRATED), Gate(), FINE),
        ((GOOD,), WATCH, FINE),
        ((GOOD, WATCHED), RISK, FINE),
        ((GOOD, WATCHED), WATCH, FAILED),
        ((GOOD, BAD), RISK, FAILED),
        ((GOOD, BAD), WATCH, FAILED),
        ((GOOD, WATCHED), SCORE, FINE),
        ((GOOD, BAD), SCORE, FAILED),
        ((GOOD, WATCHED), Gate(min_score=65), FAILED),
        ((GOOD, UNRATED), RISK, INCOMPLETE),
        ((BAD, UNRATED), RISK, INCOMPLETE),
        ((BAD, UNRATED), SCORE, INCOMPLETE),
        ((GOOD, WON), Gate(Outcome.RISK, 100), FINE),
    ],
)
def test_the_exit_code_of_a_gate(
    tmp_path: Path, deals: tuple[dict[str, Any], ...], gate: Gate, code: int
) -> None:
    """Without a gate all is fine; with one an unrated subject is incomplete, which wins over a failure."""
    assert exit_code(review_of(tmp_path, *deals), gate) == code


@pytest.mark.parametrize("gate", [Gate(), RISK, SCORE])
@pytest.mark.parametrize("kind", ["pack", "check", "fact", "data"])
def test_a_problem_makes_a_run_incomplete_whatever_the_gate(
    tmp_path: Path, gate: Gate, kind: str
) -> None:
    """What could not be looked at wins over what failed."""
    assert exit_code(broken(review_of(tmp_path, BAD), kind), gate) == INCOMPLETE


def test_an_old_feed_is_no_problem(tmp_path: Path) -> None:
    """A feed that stopped is told and does not make the run incomplete."""
    assert exit_code(broken(review_of(tmp_path, GOOD), "feed"), RISK) == FINE


def test_a_lower_bound_that_is_just_reached_is_enough(tmp_path: Path) -> None:
    """The gate compares exactly, not what is shown."""
    review = review_of(tmp_path, WATCHED)
    exact = 100 * 4.5 / 7
    assert exit_code(review, Gate(min_score=exact - 1e-9)) == FINE
    assert exit_code(review, Gate(min_score=exact + 1e-9)) == FAILED


def test_the_numbers_of_exit_codes() -> None:
    """Scripts rely on them."""
    assert (FINE, FAILED, USAGE, INCOMPLETE, NOTHING) == (0, 1, 2, 3, 5)


def test_what_is_excused_is_left_alone_until_it_gets_worse() -> None:
    """An accepted watch excuses no risk; an accepted risk excuses both; nothing else is excused."""
    excused = Excused({("deal", "p/c"): {"w": Outcome.WATCH, "r": Outcome.RISK}})
    left_alone = {
        (subject, outcome.value)
        for subject in ("w", "r", "other")
        for outcome in Outcome
        if excused.leaves_alone("deal", "p/c", subject, outcome)
    }
    assert left_alone == {("w", "watch"), ("r", "watch"), ("r", "risk")}
    assert not excused.leaves_alone("deal", "p/other", "r", Outcome.RISK)
    assert not excused.leaves_alone("account", "p/c", "r", Outcome.RISK)


def test_what_either_excuses_is_excused() -> None:
    """Of two that excuse the same the more generous one counts, whichever comes first."""
    accepted = Excused(
        {("deal", "p/c"): {"a": Outcome.WATCH, "b": Outcome.RISK}},
        {"deal": frozenset("a")},
        {"deal": frozenset("x")},
    )
    known = Excused(
        {("deal", "p/c"): {"a": Outcome.RISK, "c": Outcome.WATCH}},
        {"deal": frozenset("b"), "team": frozenset("t")},
    )
    for both in (accepted | known, known | accepted):
        assert both.verdicts == {
            ("deal", "p/c"): {"a": Outcome.RISK, "b": Outcome.RISK, "c": Outcome.WATCH}
        }
        assert both.low == {"deal": frozenset("ab"), "team": frozenset("t")}
        assert both.unrated == {"deal": frozenset("x")}


@pytest.mark.parametrize("gate", [WATCH, Gate(min_score=60)])
def test_a_gate_judges_accounts_too(tmp_path: Path, gate: Gate) -> None:
    """What is found on an account fails a gate, though every deal is fine."""
    small = [{"account_id": "crm:a1", "employees": 4}]
    review = reviewed(shop(tmp_path, GOOD, accounts=small, people=[]))
    assert exit_code(review, gate) == FAILED


def test_a_finding_that_is_excused_fails_no_gate(tmp_path: Path) -> None:
    """Excused as bad as it is, it is left alone; excused as a watch, a risk still fails."""
    review = review_of(tmp_path, GOOD, BAD)
    bad = [
        ("deal", verdict.check, card.id)
        for card in review.scorecards()
        for verdict in card.verdicts
        if verdict.outcome in {Outcome.WATCH, Outcome.RISK}
    ]
    assert bad
    for worst, code in ((Outcome.RISK, FINE), (Outcome.WATCH, FAILED)):
        excused = Excused({(kind, check): {subject: worst} for kind, check, subject in bad})
        assert exit_code(review, RISK, excused) == code
