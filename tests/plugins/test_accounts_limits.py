"""Facts of accounts exactly at the limits that they are made with."""

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
PLACE = ["sales_accounts_lo", "sales_accounts_hi", "revenue_rank_lo", "revenue_rank_hi"]


def invoiced(**revenue: int | None) -> Rows:
    """Return accounts with what they were invoiced in March."""
    march = {"month": dt.date(2025, 3, 1), "list_minor": 200, "currency": "EUR"}
    return {
        "accounts": [{"account_id": name} for name in revenue],
        "account_months": [
            {"account_id": name, **march, "revenue_minor": minor} for name, minor in revenue.items()
        ],
    }


@pytest.mark.parametrize(("first", "discount"), [("2024-07-01", 0.5), ("2024-08-01", None)])
def test_ten_known_months_make_a_year(first: str, discount: float | None) -> None:
    """With ten of the twelve months recorded the discount is known, with nine it is not."""
    feeds = [Span("account_months", first=dt.date.fromisoformat(first)), Span("service_costs")]
    found = facts_of(invoiced(A=100), "account", "realised_discount_12m", feeds=feeds)
    assert found["A"]["realised_discount_12m"] == discount


def test_an_account_that_bought_nothing_is_no_peer() -> None:
    """Accounts without revenue are not counted, one of unknown revenue may be."""
    found = facts_of(invoiced(A=100, B=0, C=None, D=50), "account", *PLACE)
    assert [found["A"][name] for name in PLACE[:2]] == [2, 3]


def test_equal_revenue_counts_as_reached() -> None:
    """An account's rank is the share of the others that have no more than it has."""
    found = facts_of(invoiced(A=100, B=100, C=100, D=50), "account", *PLACE)
    assert [found["A"][name] for name in PLACE[2:]] == [1, 1]


@pytest.mark.parametrize(("named", "measure"), [(4.0, "hours"), (3.9, "events"), (0.0, "events")])
def test_hours_are_the_measure_if_half_of_them_name_an_account(named: float, measure: str) -> None:
    """Half of the hours of selling is enough; without any such hours events are counted."""
    rows = invoiced(A=100)
    spent = {"person_id": "ana", "day": dt.date(2025, 5, 5), "category": "selling"}
    rows["people"] = [{"person_id": "ana", "role": "rep"}]
    rows["time_entries"] = [
        {"entry_id": "1", **spent, "hours": named, "account_id": "A"},
        {"entry_id": "2", **spent, "hours": 4.0 if named else 0.0},
    ]
    found = facts_of(rows, "account", "attention_measure", also=["activities"])
    assert found["A"]["attention_measure"] == measure
