"""The worked example: what it says of the people on the customer's side."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dealreview.model.outcome import Kind, Outcome
from dealreview.testing import review_tables
from tests.plugins.halden import AS_OF, halden, with_stakeholders
from tests.plugins.tinyfacts import facts_of, verdict

Rows = dict[str, list[dict[str, Any]]]
EXPECTED = [
    ("coverage", "D1", "risk"),
    ("coverage", "D2", "watch"),
    ("stance", "D1", "insufficient_data"),
    ("stance", "D2", "pass"),
    ("single-champion", "D1", "watch"),
    ("single-champion", "D2", "risk"),
    ("nudge-limit", "D1", "not_applicable"),
    ("nudge-limit", "D2", "watch"),
    ("decision-maker-unnamed", "D1", "pass"),
    ("decision-maker-unnamed", "D2", "risk"),
    ("role-gaps", "D1", "risk"),
    ("role-gaps", "D2", "not_applicable"),
]


@pytest.fixture
def company() -> Rows:
    """The worked example with its stakeholders, asks and signatures."""
    return with_stakeholders(halden())


@pytest.mark.parametrize(("slug", "deal", "outcome"), EXPECTED)
def test_expected_verdicts(company: Rows, slug: str, deal: str, outcome: str) -> None:
    """Each check gives the verdict that the worked example derives by hand."""
    assert verdict(f"consensus/{slug}", company, "deal", deal) == outcome


ARITHMETIC: list[tuple[str, dict[str, Any]]] = [
    ("D1", {"role_coverage_lo": 0.285714286, "role_coverage_hi": 0.285714286}),
    ("D2", {"role_coverage_lo": 0.4, "role_coverage_hi": 0.4}),
    ("D1", {"stance_sum_lo": -4.0, "stance_sum_hi": 8.0, "strong_opponents_hi": 1}),
    ("D1", {"stance_mean_if_neutral": 0.222222222, "stance_unknown_ids": ["ek"]}),
    ("D2", {"stance_sum_lo": 3.0, "stance_low_sum_lo": 0.5, "stance_good_sum_hi": -2.0}),
    ("D2", {"nudges_lo": 4, "nudges_hi": 4, "nudged_ids": ["mori"]}),
    ("D2", {"days_since_proposal": 49, "decision_maker_named": False}),
    ("D1", {"gate_missing_lo": 1, "gate_missing_hi": 1, "gate_missing_words": "approver"}),
]


@pytest.mark.parametrize(("deal", "expected"), ARITHMETIC)
def test_arithmetic(company: Rows, deal: str, expected: dict[str, Any]) -> None:
    """Facts are those of the worked example, over one bucket of accounts and over three."""
    for buckets in (1, 3):
        assert facts_of(company, "deal", *expected, buckets=buckets)[deal] == expected


def test_ek_at_nought(company: Rows) -> None:
    """With Ek neutral the mean is 2 of 9: not against us, and under a half."""
    company["stakeholders"][3]["stance"] = 0
    assert verdict("consensus/stance", company, "deal", "D1") == "watch"


def test_one_more_nudge(company: Rows) -> None:
    """A fifth day is a risk; once the ask is done there is none to remind of."""
    at = dt.datetime(2025, 5, 15, 9, tzinfo=dt.UTC)
    mail = {"activity_id": "more", "deal_id": "D2", "kind": "email", "direction": "outbound"}
    company["activities"].append({**mail, "at": at})
    company["activity_attendees"].append(
        {"activity_id": "more", "attendee_id": "mori", "side": "buyer"}
    )
    assert verdict("consensus/nudge-limit", company, "deal", "D2") == "risk"
    company["commitments"][0] |= {"done_on": dt.date(2025, 5, 15), "status": "done"}
    assert verdict("consensus/nudge-limit", company, "deal", "D2") == "not_applicable"


def test_messages(company: Rows) -> None:
    """A message says what decided, in words that a manager uses."""
    company["feeds"] = [
        {
            "table_name": "activities",
            "scope": "all",
            "covers_from": "2023-01-01",
            "covers_to": "2025-05-16",
        }
    ]
    review = review_tables(company, AS_OF, select=["consensus"])
    won = {v.check: v for v in review.scorecard(Kind.DEAL, "D4").verdicts}
    assert won["consensus/unsigned-win"].outcome is Outcome.RISK
    assert won["consensus/unsigned-win"].message == (
        "won on 7 May 2025, not signed after 7 business days"
    )
    said = {v.check: v.message for v in review.scorecard(Kind.DEAL, "D2").verdicts}
    assert said["consensus/coverage"] == "department scope: 2 of 5 roles (evaluator, user)"
    assert said["consensus/stance"] == "mean stance +0.6; against us: dahl"
    assert said["consensus/nudge-limit"] == (
        "4 nudges after the ask “take the proposal to Ms Berg” of 14 Apr 2025, put to mori "
        "(fewer than 4 expected)"
    )
    assert said["consensus/decision-maker-unnamed"] == (
        "no decision maker named; the proposal has been out for 49 d (14 d allowed)"
    )
