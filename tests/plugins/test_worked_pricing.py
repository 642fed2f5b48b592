"""The worked example: prices, value, approvals and pursuit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.halden import AS_OF, halden
from tests.plugins.tinyfacts import SINCE, Span, facts_of, verdict

EUR = 100
Rows = dict[str, list[dict[str, Any]]]
REFERENCES = {
    "D1": (150_000, "competitor"),
    "D2": (60_000, "current_supplier"),
    "D3": (60_000, "in_house"),
}
ITEMS = [  # deal, amount, who confirmed it
    ("D1", 60_000, None),
    ("D2", 90_000, None),
    ("D2", 45_000, "mori"),
    ("D2", -15_000, None),
    ("D3", -10_000, None),
]
LIMITS = {"ana": 0.10, "ben": 0.15}
ALSO = ["approvals", "approvals.decision", "concessions", "concessions.given_by"]
EXPECTED = [
    ("value-share", "D1", "risk"),
    ("value-share", "D2", "strength"),
    ("value-share", "D3", "not_applicable"),
    ("buyer-return", "D2", "watch"),
    ("customer-confirmed-value", "D2", "watch"),
    ("value-exceeds-cost", "D2", "pass"),
    ("margin-floor", "D1", "risk"),
    ("untraded-discount", "D1", "watch"),
    ("untraded-discount", "D2", "not_applicable"),
    ("discount-beyond-authority", "D1", "risk"),
    ("discount-beyond-authority", "D2", "pass"),
    ("re-approval", "D1", "not_applicable"),
    ("unprofitable-pursuit", "D3", "risk"),
    ("margin-and-terms", "D1", "pass"),
]


def priced() -> Rows:
    """Return the worked example with references, value items, limits and a price per hour."""
    rows = halden()
    for deal in rows["deals"]:
        minor, kind = REFERENCES.get(deal["deal_id"], (None, None))
        deal["reference_minor"] = None if minor is None else minor * EUR
        deal["reference_kind"] = kind
        deal["hours_to_go"] = 200.0 if deal["deal_id"] == "D3" else None
    for person in rows["people"]:
        limit = LIMITS[person["person_id"]]
        person |= {"max_discount_ratio": limit, "hourly_cost_minor": 55 * EUR, "currency": "EUR"}
    for step in rows["price_steps"]:
        step["negotiated"] = step["kind"] == "negotiated"
    rows["value_items"] = [
        {
            "value_item_id": str(n),
            "deal_id": deal,
            "compared_with": "alternative",
            "amount_minor": amount * EUR,
            "confirmed_by_contact_id": contact,
        }
        for n, (deal, amount, contact) in enumerate(ITEMS)
    ]
    return rows


def with_history() -> Rows:
    """Return the same with fifty closed deals that came to the evaluation, nine of them won."""
    rows = priced()
    rows["stages"].append({"stage_id": "lost", "pipeline_id": "p", "kind": "lost"})
    closed, rows["deal_changes"] = dt.date(2025, 3, 3), []
    for n in range(50):
        key, end = f"H{n:02}", "won" if n < 9 else "lost"
        stage = {"stage_id": end, "closed_on": closed, "created_on": dt.date(2024, 9, 2)}
        rows["deals"].append({"deal_id": key, "account_id": "A3", "currency": "EUR", **stage})
        at = dt.datetime.combine(closed, dt.time(9), dt.UTC)
        rows["deal_changes"].append(
            {
                "change_id": key,
                "deal_id": key,
                "field": "stage_id",
                "old_value": "evaluation",
                "new_value": end,
                "changed_at": at,
            }
        )
    return rows


def feeds(rows: Rows) -> list[Span]:
    """Return that everything is recorded since January 2023."""
    tables = {*rows, *(name.partition(".")[0] for name in ALSO)}
    return [Span(table, SINCE, AS_OF) for table in sorted(tables)]


@pytest.mark.parametrize(("check", "deal", "outcome"), EXPECTED)
def test_expected_verdicts(check: str, deal: str, outcome: str) -> None:
    """Each check gives the verdict that the worked example derives by hand."""
    rows = with_history()
    found = verdict(f"pricing/{check}", rows, "deal", deal, feeds=feeds(rows), also=ALSO)
    assert found == outcome


def test_expected_numbers() -> None:
    """The facts behind them are those of the example."""
    rows = with_history()
    wanted: dict[str, dict[str, Any]] = {
        "D1": {"capture_ratio": -0.166666667, "discount_ratio": 0.125, "untraded_steps_lo": 1},
        "D2": {
            "capture_ratio": 0.2,
            "customer_value": 180_000 * EUR,
            "value_confirmed_ratio_lo": 0.3,
            "total_cost": 46_200 * EUR,
        },
        "D3": {
            "win_rate_from_stage": 0.18,
            "win_rate_words": "18% chance (10–31%, n=50)",
            "contribution_lo": 40_000 * EUR,
            "remaining_pursuit_cost_lo": 11_000 * EUR,
            "remaining_pursuit_cost_hi": 11_000 * EUR,
        },
    }
    for deal, facts in wanted.items():
        found = facts_of(rows, "deal", *facts, feeds=feeds(rows), also=ALSO)[deal]
        assert found == facts


def test_the_narrower_range_at_the_proposal() -> None:
    """D3 adds less than nothing: 65,000 lie above 60,000 − 10,000, a risk without a ratio."""
    rows = priced()
    rows["deals"][2]["stage_id"] = "proposal"
    assert verdict("pricing/value-share", rows, "deal", "D3") == "risk"
