"""Findings that people accept until a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from dealreview.engine.gate import FAILED, FINE, Gate, exit_code
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import Kind, Outcome
from dealreview.reviews.waivers import (
    LONGEST,
    State,
    excused_by,
    make_waiver,
    outcome_of,
    standings,
)
from tests.reports.shop import AS_OF, deal, reviewed, shop

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review
    from dealreview.store.waivers import Waiver

BAD = deal(1, "bad", payment_terms_days=90)
LARGE = [{"account_id": "crm:a1", "employees": 900}]
SAID: dict[str, Any] = {
    "check": "acme/terms",
    "subject": (Kind.DEAL, "crm:1"),
    "outcome": Outcome.RISK,
    "reason": "entry into a new market",
    "author": "Ana",
    "approver": "Ben",
    "today": AS_OF,
    "until": AS_OF + dt.timedelta(days=30),
}


def waiver(**changes: Any) -> Waiver:
    """Return a waiver of the finding on the bad deal."""
    return make_waiver(**SAID | changes)


def company(path: Path, *deals: dict[str, Any], **config: Any) -> Review:
    """Return a review in which only deals can be found fault with."""
    return reviewed(shop(path, *(deals or (BAD,)), accounts=LARGE, people=[]), **config)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": " "}, "needs its reason"),
        ({"approver": ""}, "needs its approver"),
        ({"approver": "ANA "}, "Ana can't approve"),
        ({"until": AS_OF - dt.timedelta(days=1)}, "is past"),
        ({"until": AS_OF + LONGEST + dt.timedelta(days=1)}, "at most 180"),
        ({"outcome": Outcome.PASS}, "no watch or risk"),
        ({"outcome": Outcome.INSUFFICIENT_DATA}, "no watch or risk"),
    ],
)
def test_a_waiver_keeps_the_rules(changes: dict[str, Any], said: str) -> None:
    """A reason, two people, a day not too far away, and a finding: without one there is none."""
    with pytest.raises(ConfigurationError, match=said):
        waiver(**changes)


def test_the_last_day_may_be_the_180th() -> None:
    """The limit includes its day."""
    assert waiver(until=AS_OF + LONGEST).until == AS_OF + LONGEST


def test_what_a_waiver_is_worth(tmp_path: Path) -> None:
    """It holds through its day, and not for what got worse, what is gone, or what nobody looked at."""
    review = company(tmp_path)
    ended = evolve(waiver(), until=AS_OF - dt.timedelta(days=1))
    last_day = evolve(waiver(), until=AS_OF)
    milder = waiver(outcome=Outcome.WATCH)
    others = [evolve(waiver(), id="crm:9"), evolve(waiver(), check="acme/hours")]
    unknown = evolve(waiver(), check="acme/none")
    found = standings(review, [waiver(), last_day, ended, milder, *others, unknown])
    assert [standing.state for standing in found] == [
        State.HOLDS, State.HOLDS, State.EXPIRED, State.WORSE, State.UNUSED, State.UNUSED,
        State.NOT_LOOKED_AT,
    ]  # fmt: skip


def test_a_waiver_of_a_risk_holds_for_a_watch(tmp_path: Path) -> None:
    """Who accepted the worse accepts the better."""
    review = company(tmp_path, evolve_deal(payment_terms_days=45))
    assert outcome_of(review, "acme/terms", ("deal", "crm:1")) is Outcome.WATCH
    assert [s.state for s in standings(review, [waiver()])] == [State.HOLDS]


def evolve_deal(**cells: Any) -> dict[str, Any]:
    """Return the bad deal with other cells."""
    return BAD | cells


def test_a_gap_is_not_an_end(tmp_path: Path) -> None:
    """Where a check can't decide, nobody knows whether the waiver is still needed."""
    review = company(tmp_path, evolve_deal(payment_terms_days=None))
    assert [s.state for s in standings(review, [waiver()])] == [State.NOT_LOOKED_AT]


def test_the_gate_leaves_alone_what_is_accepted(tmp_path: Path) -> None:
    """The accepted finding passes the gate; the score and the outcome stay what they were."""
    review, gate = company(tmp_path), Gate(Outcome.RISK)
    excused = excused_by(standings(review, [waiver()]))
    assert exit_code(review, gate) == FAILED
    assert exit_code(review, gate, excused) == FINE
    assert exit_code(review, Gate(min_score=60), excused) == FAILED
    assert outcome_of(review, "acme/terms", ("deal", "crm:1")) is Outcome.RISK


def test_the_gate_does_not_leave_alone_what_got_worse(tmp_path: Path) -> None:
    """An accepted watch that became a risk fails again, whatever the gate asks."""
    review = company(tmp_path)
    excused = excused_by(standings(review, [waiver(outcome=Outcome.WATCH)]))
    for mildest in (Outcome.WATCH, Outcome.RISK):
        assert exit_code(review, Gate(mildest), excused) == FAILED


def test_a_waiver_is_for_one_verdict(tmp_path: Path) -> None:
    """The same finding on another deal is not accepted with it."""
    review = company(tmp_path, BAD, deal(2, "too", payment_terms_days=90))
    excused = excused_by(standings(review, [waiver()]))
    assert exit_code(review, Gate(Outcome.RISK), excused) == FAILED


def test_the_day_of_the_review_counts(tmp_path: Path) -> None:
    """A review of an earlier day judges as on that day, whenever it is made."""
    review = company(tmp_path)
    ended = evolve(waiver(), until=AS_OF - dt.timedelta(days=1))
    assert excused_by(standings(review, [ended])) == excused_by([])
    review = evolve(review, header=evolve(review.header, as_of=ended.until))
    assert excused_by(standings(review, [ended])) == excused_by(standings(review, [waiver()]))
