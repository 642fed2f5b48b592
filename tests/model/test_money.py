"""Money: integers in minor units, exact both ways."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.model.money import (
    amount_of,
    format_money,
    from_minor,
    is_currency,
    minor_digits,
    to_minor,
)

currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_minor_units_follow_the_currency(currency, digits):
    """A yen has no cents and a dinar a thousand fils."""
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1.005", "EUR", 100),
        ("1.015", "EUR", 102),
        ("-1.005", "EUR", -100),
        ("0.0001", "EUR", 0),
        ("2.5", "JPY", 2),
        ("1.2345", "KWD", 1234),
    ],
)
def test_amounts_are_rounded_half_to_even_once(amount, currency, minor):
    """Halves go to the even neighbour, so that errors don't add up."""
    assert to_minor(Decimal(amount), currency) == minor


@given(minor=st.integers(-(10**15), 10**15), currency=currencies)
def test_minor_units_survive_the_way_there_and_back(minor, currency):
    """Nothing is lost between integers and decimals."""
    assert to_minor(from_minor(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (945_000, "EUR", "EUR 9,450"),
        (79_777, "EUR", "EUR 798"),
        (6_250, "EUR", "EUR 62.50"),
        (945_050, "EUR", "EUR 9,450"),
        (100_050, "EUR", "EUR 1,000"),
        (-9_999, "EUR", "−EUR 99.99"),
        (10_000, "EUR", "EUR 100"),
        (-945_000, "EUR", "−EUR 9,450"),
        (0, "EUR", "EUR 0"),
        (9_450, "JPY", "JPY 9,450"),
        (9_450, "KWD", "KWD 9.450"),
        (945_000, None, "9,450"),
    ],
)
def test_money_is_shown_with_its_currency(minor, currency, shown):
    """Cents appear only under a hundred, and where they are not zero."""
    assert format_money(minor, currency) == shown


@pytest.mark.parametrize(
    ("code", "known"), [("EUR", True), ("eur", False), ("EURO", False), ("QQQ", False), ("", False)]
)
def test_a_currency_is_an_iso_code_in_capitals(code, known):
    """Anything else is not one."""
    assert is_currency(code) is known


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("60 EUR", (6000, "EUR")),
        (" EUR 62.50 ", (6250, "EUR")),
        ("9000 JPY", (9000, "JPY")),
        ("0 CHF", (0, "CHF")),
        ("60", None),
        ("60 eur", None),
        ("60EUR", None),
        ("1,200 EUR", None),
        ("EUR 60 EUR", None),
        ("60.5 JPY", None),
        ("60 XQX", None),
        ("", None),
    ],
)
def test_an_amount_as_people_write_it(text, amount):
    """A number and one currency, exact to its last unit; anything else is no amount."""
    assert amount_of(text) == amount
