"""Contribution by fiscal quarter."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
MONTHS = [dt.date(2024 + n // 12, n % 12 + 1, 1) for n in range(15)]
RATIOS = [f"contribution_ratio_q{n}" for n in range(5)]
JUDGED = [
    "has_steady_revenue",
    "has_year_before",
    "contribution_ratio_change",
    "contribution_falls",
]


def quarters(*left: int) -> Rows:
    """Return an account that brings 100 a month and keeps so much of it, the oldest quarter first."""
    return {
        "accounts": [{"account_id": "A"}],
        "account_months": [
            {
                "account_id": "A",
                "month": month,
                "revenue_minor": 100,
                "cost_of_goods_minor": 100 - left[n // 3],
                "currency": "EUR",
            }
            for n, month in enumerate(MONTHS)
            if n // 3 < len(left)
        ],
    }


def judged(rows: Rows, *names: str, **options: Any) -> list[Any]:
    """Return facts of the account, the same over one bucket and over three."""
    one, three = (facts_of(rows, "account", *names, buckets=b, **options)["A"] for b in (1, 3))
    assert one == three
    return list(one.values())


def test_the_last_five_complete_quarters() -> None:
    """January to March 2025 is the last; the change is against the same quarter of 2024."""
    rows = quarters(30, 31, 27, 24, 20)
    assert judged(rows, *RATIOS) == [0.2, 0.24, 0.27, 0.31, 0.3]
    assert judged(rows, *JUDGED) == [True, True, -0.1, True]
    assert judged(rows, *RATIOS, as_of=dt.date(2025, 3, 31))[0] == 0.2
    assert judged(rows, *RATIOS, as_of=dt.date(2025, 3, 30))[0] == 0.24


def test_a_fall_under_a_point_does_not_count() -> None:
    """Three falls of a point each do; the parameter says how large one must be."""
    assert judged(quarters(30, 30, 29, 28, 27), "contribution_falls") == [True]
    assert judged(quarters(30, 30, 29, 28, 28), "contribution_falls") == [False]
    assert judged(quarters(30, 30, 29, 28, 27), "contribution_falls", least_fall=0.02) == [False]


@pytest.mark.parametrize("cell", ["revenue_minor", "cost_of_goods_minor"])
def test_an_empty_cell_leaves_its_quarter_unknown(cell: str) -> None:
    """And what is concluded from it, but no more."""
    rows = quarters(30, 31, 27, 24, 20)
    rows["account_months"][0][cell] = None
    steady = None if cell == "revenue_minor" else True
    assert judged(rows, *JUDGED) == [steady, steady, None, True]
    assert judged(rows, RATIOS[4]) == [None]
    rows = quarters(30, 31, 27, 24, 20)
    rows["account_months"][-1][cell] = None
    assert judged(rows, *JUDGED[2:]) == [None, None]


def test_no_sales_are_not_unknown() -> None:
    """Inside the record a quarter without rows had no sales; before it, four with sales will do."""
    rows = quarters(30, 31, 27, 24, 20)
    del rows["account_months"][:3]
    assert judged(rows, *JUDGED) == [True, False, None, True]
    feeds = [Span("account_months", first=MONTHS[3])]
    assert judged(rows, *JUDGED, feeds=feeds) == [True, False, None, True]
    del rows["account_months"][:6]
    assert judged(rows, *JUDGED) == [False, False, None, False]
    assert judged(rows, "contribution_quarters") == ["no sales → no sales → no sales → 24% → 20%"]


def test_three_recorded_quarters_do_not_decide() -> None:
    """Without a row in the fourth nobody knows whether there were sales in four, nor of the fall."""
    rows = quarters(30, 31, 27, 24, 20)
    del rows["account_months"][:6]
    feeds = [Span("account_months", first=MONTHS[6])]
    assert judged(rows, *JUDGED, feeds=feeds) == [None, False, None, None]


def test_a_tiny_quarter_is_not_steady() -> None:
    """Each quarter with revenue has at least a quarter of their mean."""
    rows = quarters(30, 30, 30, 30, 30)
    for revenue, steady in ((22, True), (21, False)):
        for row in rows["account_months"][:3]:
            row["revenue_minor"] = revenue
        assert judged(rows, "has_steady_revenue") == [steady]
    assert judged(rows, "has_steady_revenue", steady_share=0.0) == [True]


def test_other_currencies_need_a_rate() -> None:
    """A month without a rate is unknown."""
    rows = quarters(30, 30, 30, 30, 30)
    rows["account_months"][-1]["currency"] = "USD"
    assert judged(rows, RATIOS[0]) == [None]
    rows["fx_rates"] = [{"currency": "USD", "on_date": MONTHS[-1], "rate": 2.0}]
    assert judged(rows, RATIOS[0]) == [0.3]
