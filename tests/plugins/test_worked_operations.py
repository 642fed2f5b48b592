"""The worked example: what operations take from the team North."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dealreview.model.outcome import Kind
from dealreview.testing import review_tables
from tests.plugins.halden import AS_OF, with_diversion
from tests.plugins.tinyfacts import facts_of, verdict

EXPECTED = [
    ("operations/diversion-event", "team", "north", "risk"),
    ("operations/no-root-cause", "team", "north", "risk"),
    ("operations/repeat-rescue", "team", "north", "pass"),
    ("operations/slow-return", "team", "north", "risk"),
    ("operations/slow-return", "rep", "ana", "insufficient_data"),
    ("operations/time-share", "rep", "ana", "risk"),
    ("operations/time-share", "rep", "ben", "strength"),
    ("operations/time-share", "team", "north", "watch"),
    ("operations/diverted-owner", "deal", "D1", "watch"),
]


@pytest.mark.parametrize(("check", "kind", "subject", "outcome"), EXPECTED)
def test_expected_verdicts(check: str, kind: str, subject: str, outcome: str) -> None:
    """Each check gives the verdict that the worked example derives by hand."""
    assert verdict(check, with_diversion(), kind, subject) == outcome


def test_what_the_diversion_cost() -> None:
    """2 × 5 × 8 = 80 h; 80 × 12 ÷ 480 = 2 opportunities; 5 × 7 ÷ 5 = 7 d; 340,000 open."""
    names = [
        "longest_diversion_bd_lo",
        "longest_diversion_bd_hi",
        "diversion_hours",
        "diversion_opportunities",
        "diversion_delay_days",
        "diversion_open_value",
        "diversion_open_words",
    ]
    found = facts_of(with_diversion(), "team", *names)["north"]
    assert list(found.values()) == [5, 5, 80.0, 2.0, 7.0, 34_000_000, ""]


def test_said_in_a_review() -> None:
    """The finding carries its arithmetic, and the money that it delays."""
    rows: dict[str, Any] = with_diversion()
    first = dt.date(2023, 1, 1)
    rows["feeds"] = [
        {"table_name": table, "scope": "all", "covers_from": first, "covers_to": AS_OF}
        for table in rows
    ]
    card = review_tables(rows, AS_OF, select=["operations"]).scorecard(Kind.TEAM, "north")
    found = {verdict.check: verdict for verdict in card.verdicts}
    event = found["operations/diversion-event"]
    assert event.message == (
        "diversion begun 10 Mar 2025: 2 people × 5 business days × 8 h = 80 h ≈ 2 opportunities; "
        "open deals worth EUR 340,000 delayed by 7 d"
    )
    assert event.money_at_risk is not None
    assert (event.money_at_risk.kind, event.money_at_risk.minor) == ("delay", 34_000_000)
    assert found["operations/no-root-cause"].message == (
        "neither cause nor owner given for the diversion begun 10 Mar 2025, 49 business days ago"
    )
