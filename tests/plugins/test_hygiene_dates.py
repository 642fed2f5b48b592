"""Days to the expected close."""

from __future__ import annotations

import datetime as dt

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
