"""What a card leads with, folds and counts."""

from pathlib import Path

import pytest
from attrs import evolve

from dealreview.model.outcome import Kind, Outcome, Severity
from dealreview.model.scorecard import Scorecard
from dealreview.model.verdict import MoneyAtRisk, Verdict
from dealreview.reports.digest import (
    COST_LINES,
    COSTS_IN_FULL,
    Digest,
    added,
    by_cells,
    costs,
    lacks,
    strengths,
    whole,
)
from tests.reports.shop import deal, reviewed, shop

CROWD = "tests.reports.crowd"


def risk(check: str, severity: str = "major", minor: int = 0, family: str = "") -> Verdict:
    """Return a finding."""
    money = MoneyAtRisk("margin", minor, "EUR", minor) if minor else None
    found = Verdict.risk("bad", money_at_risk=money)
    points = float(Severity(severity).weight)
    return evolve(
        found, check=check, severity=Severity(severity), family=family, points_lost=points
    )


def card(*verdicts: Verdict, kind: Kind = Kind.DEAL) -> Scorecard:
    """Return a scorecard of some verdicts."""
    return Scorecard(kind, "d", "D", 50.0, 40.0, 60.0, None, 0.8, (), (), verdicts)


def checks(found: Digest) -> list[str]:
    """Return the first check of each group."""
    return [group.first.check for group in whole(found).full]


def test_blockers_come_first_then_points_then_money() -> None:
    """A blocker at watch is before a major at risk; of two alike the one with more money is."""
    watched = evolve(risk("p/z", "blocker"), outcome=Outcome.WATCH, points_lost=5.0)
    found = costs(card(risk("p/a"), risk("p/b", minor=900), risk("p/c", "minor"), watched))
    assert checks(found) == ["p/z", "p/b", "p/a", "p/c"]


def test_reps_have_the_same_order_without_points() -> None:
    """Where nothing has points, severity and outcome order the findings."""
    verdicts = [evolve(risk(f"p/{s}", s), points_lost=None) for s in ("info", "minor", "major")]
    assert checks(costs(card(*verdicts, kind=Kind.REP))) == ["p/major", "p/minor", "p/info"]


def test_a_family_stands_under_its_heaviest() -> None:
    """The lighter members are folded, and their points count together."""
    found = costs(card(risk("p/a", "minor", family="f"), risk("p/b", family="f"), risk("p/c")))
    [first, second] = found.full
    assert [v.check for v in first.verdicts] == ["p/b", "p/a"]
    assert (first.points, second.points) == (7.0, 5.0)


@pytest.mark.parametrize(
    ("count", "full", "lines", "hidden"),
    [(3, 3, 0, 0), (6, 5, 1, 0), (12, 5, 7, 0), (13, 5, 6, 2), (40, 5, 6, 29)],
)
def test_so_many_are_shown(count: int, full: int, lines: int, hidden: int) -> None:
    """Five in full, six in a line each, the rest only counted; a single one is not worth counting."""
    assert (COSTS_IN_FULL, COST_LINES) == (5, 6)
    found = costs(card(*(risk(f"p/n{n}") for n in range(count))))
    assert (len(found.full), len(found.lines), len(found.hidden)) == (full, lines, hidden)
    assert len(whole(found).full) == count


def undecided(check: str, *missing: str, points: float = 1.0) -> Verdict:
    """Return a verdict that could not be decided."""
    return evolve(Verdict.insufficient(*missing), check=check, points_open=points)


def test_what_waits_for_the_same_cell_is_one() -> None:
    """Checks that lack the same are grouped, both ends of an interval being the same thing."""
    found = by_cells(
        [
            undecided("p/a", "deals.x"),
            undecided("p/b", "deals.x", points=2.5),
            undecided("p/c", "share_lo"),
            undecided("p/d", "share_hi"),
            undecided("p/e"),
            undecided("p/f"),
        ]
    )
    assert [(group.cells, len(group.verdicts)) for group in found] == [
        (("deals.x",), 2),
        (("share",), 2),
        ((), 1),
        ((), 1),
    ]
    assert found[0].points == 3.5


def test_nothing_is_lost_between_full_lines_and_count(tmp_path: Path) -> None:
    """Of sixty checks every finding is in one group, and the points of all groups add up."""
    database = shop(tmp_path, deal(1, "Big", amount_minor=28_600_000, payment_terms_days=None))
    found = reviewed(database, CROWD).scorecard("deal", "crm:1")
    parts = [strengths(found), costs(found), lacks(found)]
    verdicts = [v for part in parts for group in whole(part).full for v in group.verdicts]
    said = (Outcome.STRENGTH, Outcome.RISK, Outcome.WATCH, Outcome.INSUFFICIENT_DATA)
    assert sorted(v.check for v in verdicts) == sorted(v.check for v in found.with_outcome(*said))
    assert found.score is not None
    assert found.lower is not None
    assert found.upper is not None
    assert added(found.with_outcome(Outcome.RISK, Outcome.WATCH)) == round(100 - found.score, 1)
    left_open = sum(group.points for group in whole(parts[2]).full)
    assert round(left_open, 1) == round(found.upper - found.lower, 1)
