"""Days to the expected close."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import facts_of


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2025, 5, 9), {"days_to_close": -7, "days_past_close": 7}),
        (dt.date(2025, 5, 16), {"days_to_close": 0, "days_past_close": 0}),
        (dt.date(2025, 5, 30), {"days_to_close": 14, "days_past_close": -14}),
        (None, {"days_to_close": None, "days_past_close": None}),
        (dt.date(9999, 12, 31), {"days_to_close": None, "days_past_close": None}),
    ],
)
def test_days(day: dt.date | None, expected: dict[str, int | None]) -> None:
    """Negative to and positive past once it has passed; a date far ahead stands for none."""
    rows = {"deals": [{"deal_id": "D", "expected_close_on": day}]}
    assert facts_of(rows, "deal", "days_to_close", "days_past_close")["D"] == expected


def test_company_without_deals() -> None:
    """Facts of nobody are empty, not an error."""
    assert facts_of({"accounts": [{"account_id": "A"}]}, "deal", "days_to_close") == {}


@pytest.mark.parametrize(("created", "n"), [(1, 5), (2, 5), (3, 0)])
def test_a_deal_won_on_the_day_of_its_creation_is_a_measure(created: int, n: int) -> None:
    """One that was won before it was created is not."""
    won: dict[str, Any] = {"stage_id": "won", "account_id": "A", "closed_on": dt.date(2025, 4, 2)}
    made = [
        {"deal_id": str(key), "created_on": dt.date(2025, 4, created), **won} for key in range(5)
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "stages": [
            {"stage_id": "won", "kind": "won", "pipeline_id": "p"},
            {"stage_id": "open", "kind": "open", "pipeline_id": "p"},
        ],
        "deals": [{"deal_id": "D", "account_id": "A", "stage_id": "open"}, *made],
    }
    assert facts_of(rows, "deal", "deal_age_n", deal_age_min_n=5)["D"] == {"deal_age_n": n}
