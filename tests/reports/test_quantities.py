"""Values with their units."""

import datetime as dt
from typing import Any

import pytest

from dealreview.model.verdict import Expected, MoneyAtRisk
from dealreview.reports.quantities import (
    counted,
    short_money,
    spoken,
    spoken_limit,
    spoken_money,
    whole,
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "days", "unknown"),
        (19, "days", "19 d"),
        (0.186, "share", "18.6%"),
        (0.5, "share", "50%"),
        (945_000, "EUR minor units", "EUR 9,450"),
        (1234, "JPY minor units", "JPY 1,234"),
        (3, "people", "3 people"),
        (1, "people", "1 person"),
        (1, "deals", "1 deal"),
        (1, "days", "1 d"),
        (1, "opportunities", "1 opportunity"),
        (1, "criteria", "1 criterion"),
        (1, "business days", "1 business day"),
        (0.9, "times the price", "0.9 times the price"),
        (1, "of 3", "1 of 3"),
        (-0.157, "share", "−15.7%"),
        (-0.144, "share points", "−14.4 points"),
        (0.1, "share points", "10 points"),
        (-3, "days", "−3 d"),
        (-945_000, "EUR minor units", "−EUR 9,450"),
        (True, "", "yes"),
        (dt.date(2026, 5, 9), "", "9 May 2026"),
        (["a", "b"], "", "a, b"),
        ([], "", "none"),
    ],
)
def test_a_value_is_spoken_with_its_unit(value: Any, unit: str, text: str) -> None:
    """Shares are percent, money has its currency, what is not known says so."""
    assert spoken(value, unit) == text


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (980_000_000, "EUR", "EUR 9.8 million"),
        (28_600_000, "EUR", "EUR 286k"),
        (950_000, "EUR", "EUR 9.5k"),
        (95_000, "EUR", "EUR 950"),
        (-28_600_000, "EUR", "−EUR 286k"),
        (-9_500, "EUR", "−EUR 95"),
        (5_000_000_000, "JPY", "JPY 5 billion"),
        (100_000_000, "EUR", "EUR 1 million"),
        (99_999_999, "EUR", "EUR 1 million"),
    ],
)
def test_a_large_amount_is_short(minor: int, currency: str, text: str) -> None:
    """Amounts are told to two or three figures, in the currency's own minor units."""
    assert short_money(minor, currency) == text


def test_a_limit_tells_where_it_comes_from() -> None:
    """Own history prints n; a default without a source prints nothing."""
    own = Expected("<=", 14, "days", "own history", 212)
    assert spoken_limit(own) == "at most 14 d expected, by own history, n = 212"
    assert spoken_limit(Expected(">=", 0.25, "share", "default")) == "at least 25% expected"


def test_money_at_risk_names_its_kind() -> None:
    """Kinds of money are never told without their name."""
    assert spoken_money(MoneyAtRisk("margin", 2_620_000, "EUR")) == "EUR 26,200 of margin at risk"


def test_scores_round_half_up() -> None:
    """A score is shown as a whole number; none is a dash."""
    assert [whole(value) for value in (72.5, 0.4, None)] == ["73", "0", "–"]


def test_one_is_not_many() -> None:
    """A count agrees with its noun."""
    assert (counted(1, "deal"), counted(12_000, "deal")) == ("1 deal", "12,000 deals")
