"""Scorecards: the verdicts of a subject in order, and what of it is at stake."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from dealreview.model.outcome import Kind, Outcome, Severity
from dealreview.model.scorecard import Scorecard
from dealreview.model.verdict import MoneyAtRisk, Verdict


def card(*verdicts: Verdict, **cells: Any) -> Scorecard:
    """Return the scorecard of a deal."""
    return Scorecard(
        kind=Kind.DEAL,
        id="crm:1",
        name="Press line",
        score=None,
        lower=None,
        upper=None,
        band=None,
        coverage=None,
        dimensions=(),
        not_reviewed=(),
        verdicts=verdicts,
        **cells,
    )


def found(check: str, made: Verdict, severity: Severity = Severity.MINOR) -> Verdict:
    """Return a verdict of a check."""
    return made.filled(check=check, severity=severity)


def at_stake(minor: int, reporting: int | None, kind: str = "delay") -> Verdict:
    """Return a risk with money behind it."""
    money = MoneyAtRisk(kind, minor, "USD", reporting_minor=reporting)
    return Verdict.risk("said", money_at_risk=money)


def names(verdicts: tuple[Verdict, ...]) -> list[str]:
    """Return the checks of verdicts."""
    return [verdict.check for verdict in verdicts]


def test_a_card_is_that_of_an_open_deal_until_it_is_said_otherwise() -> None:
    """A subject of another kind is never closed."""
    assert card().closed is False


def test_facts_do_not_make_a_card_another() -> None:
    """Cards can be compared and put into sets, whatever facts they carry."""
    assert len({card(facts={"amount": 1}), card(facts={"amount": 2})}) == 1


def test_only_verdicts_of_the_outcomes_that_are_asked_for() -> None:
    """One outcome, several, or one that does not occur."""
    both = card(found("a/risk", Verdict.risk("x")), found("a/pass", Verdict.passed("x")))
    assert names(both.with_outcome(Outcome.PASS)) == ["a/pass"]
    assert names(both.with_outcome(Outcome.PASS, Outcome.RISK)) == ["a/risk", "a/pass"]
    assert both.with_outcome(Outcome.WATCH) == ()


def test_the_heaviest_verdict_comes_first() -> None:
    """Blockers, then what costs most points, then most money, then the name of the check."""
    verdicts = (
        found("a/a", Verdict.risk("x")),
        found("a/b", Verdict.risk("x")),
        found("a/c", at_stake(900, None)),
        found("a/d", at_stake(100, 90)),
        found("a/e", Verdict.watch("x"), Severity.MAJOR),
        found("a/f", Verdict.risk("x"), Severity.MAJOR),
        found("a/g", Verdict.watch("x"), Severity.BLOCKER),
    )
    ordered = card(*verdicts).with_outcome(Outcome.RISK, Outcome.WATCH)
    heavy = names(ordered)
    assert heavy[:2] == ["a/g", "a/f"]
    assert heavy[-4:] == ["a/d", "a/c", "a/a", "a/b"]


def test_money_at_risk_is_the_largest_of_each_kind() -> None:
    """Amounts with a rate are more than any without, and nothing is added up."""
    largest = card(
        found("a/a", at_stake(500, 400)),
        found("a/b", at_stake(900, None)),
        found("a/c", at_stake(200, 450)),
        found("a/d", at_stake(700, 70, kind="margin")),
        found("a/e", Verdict.passed("x")),
    ).money_at_risk
    assert {kind: money.minor for kind, money in largest.items()} == {"delay": 200, "margin": 700}


def test_the_first_of_equal_amounts_stays() -> None:
    """Which finding is named does not depend on more of the same size."""
    first = at_stake(500, 400)
    again = evolve(first, money_at_risk=MoneyAtRisk("delay", 500, "EUR", reporting_minor=400))
    assert card(first, again).money_at_risk["delay"].currency == "USD"


def test_a_single_amount_without_a_rate_is_the_largest() -> None:
    """However small it is; beside one with a rate, even of next to nothing, it is not."""
    assert card(found("a/a", at_stake(1, None))).money_at_risk["delay"].minor == 1
    both = card(found("a/a", at_stake(9, 0)), found("a/b", at_stake(900, None)))
    assert both.money_at_risk["delay"].minor == 9
