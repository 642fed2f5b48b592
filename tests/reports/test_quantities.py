"""Values with their units."""

import datetime as dt
from typing import Any

import pytest

from dealreview.model.verdict import Expected, MoneyAtRisk, Quantity, Verdict
from dealreview.reports.quantities import (
    counted,
    held_against,
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


@pytest.mark.parametrize(
    ("message", "actual", "expected", "texts"),
    [
        # Both figures are in the message: whose limit it is remains.
        ("50 d net, at most 45 d expected", (50, "days"), ("<=", 45, "days"), ("", "limit by us")),
        (
            "29% fit; under 30% is a risk",
            (0.29, "share"),
            (">=", 0.3, "share"),
            ("", "limit by us"),
        ),
        ("27.0%, may give 15.0%", (0.27, "share"), ("<=", 0.15, "share"), ("", "limit by us")),
        ("7 d ago (limit 7 d)", (7, "days"), ("<", 7, "days"), ("", "limit by us")),
        # The limit is missing, or what looks like it is another number.
        ("7 d ago", (7, "days"), ("<", 7, "days"), ("7 d", "less than 7 d expected, by us")),
        ("90 d net", (90, "days"), ("<=", 45, "days"), ("90 d", "at most 45 d expected, by us")),
        ("3 pushes, 2 of late", (3, ""), ("<=", 2, ""), ("3", "at most 2 expected, by us")),
        ("5 of 9 (0–20%)", (0.5, "share"), ("<=", 0.2, "share"), None),
        ("9 d, then 145 d", (9, "days"), ("<=", 45, "days"), None),
        ("25.9% captured", (0.259, "share"), ("in", "20–50%", "share"), None),
        # What is not known has no figure.
        ("no meeting", (None, "days"), ("<=", 14, "days"), ("", "at most 14 d expected, by us")),
    ],
)
def test_a_limit_that_the_message_gives_is_not_repeated(
    message: str,
    actual: tuple[Any, str],
    expected: tuple[str, Any, str],
    texts: tuple[str, str] | None,
) -> None:
    """Where a message has the figure and its limit, only the origin of the limit is added."""
    verdict = Verdict.watch(message, actual=Quantity(*actual), expected=Expected(*expected, "us"))
    seen, limit = held_against(verdict)
    if texts is None:
        assert seen
        assert "expected" in limit
    else:
        assert (seen, limit) == texts


def test_a_repeated_limit_without_an_origin_adds_nothing() -> None:
    """A default of nobody in particular is not spoken of; cases behind a limit are."""
    said = {"message": "90 d net; 30 d is the limit", "actual": Quantity(90, "days")}
    plain = Expected("<=", 30, "days", "default")
    assert held_against(Verdict.watch(**said, expected=plain)) == ("", "")
    counted_on = Expected("<=", 30, "days", "own history", 43)
    limit = "limit by own history, n = 43"
    assert held_against(Verdict.watch(**said, expected=counted_on)) == ("", limit)


def test_scores_round_half_up() -> None:
    """A score is shown as a whole number that fits its band; none is a dash."""
    assert [whole(value) for value in (72.5, 0.4, None)] == ["73", "0", "–"]
    assert [whole(value) for value in (74.8, 75.0, 49.9, 50.6)] == ["74", "75", "49", "51"]


def test_one_is_not_many() -> None:
    """A count agrees with its noun."""
    assert (counted(1, "deal"), counted(12_000, "deal")) == ("1 deal", "12,000 deals")
