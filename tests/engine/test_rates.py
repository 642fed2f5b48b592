"""Money in reporting currency: nearest rate, its age, minor units and rounding."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine.rates import Rates

DAY = dt.date(2025, 5, 16)
SCHEMA = {"currency": pl.String, "on_date": pl.Date, "rate": pl.Float64}


def rates(*rows: tuple[str, int, float], reporting: str = "EUR", max_age: int = 7) -> Rates:
    """Return rates given as currency, days before the day, and rate."""
    frame = pl.DataFrame(
        [(c, DAY - dt.timedelta(days=n), r) for c, n, r in rows], schema=SCHEMA, orient="row"
    )
    return Rates(frame, reporting, max_age)


def converted(given_: Rates, *amounts: tuple[int | None, str | None]) -> list[int | None]:
    """Return amounts in reporting currency at the rate of the day."""
    frame = pl.DataFrame(
        list(amounts), schema={"minor": pl.Int64, "currency": pl.String}, orient="row"
    ).with_columns(day=pl.lit(DAY))
    return given_.convert(frame, "minor", "currency", "day").to_list()


@pytest.mark.parametrize(("age", "amount"), [(0, 110), (7, 110), (8, None), (-1, None)])
def test_the_age_of_a_rate(age: int, amount: int | None) -> None:
    """A rate of the last seven days will do, an older one or one of tomorrow will not."""
    assert converted(rates(("USD", age, 1.1)), (100, "USD")) == [amount]


def test_the_newest_rate_counts() -> None:
    """Of several rates the last on or before the day is taken."""
    found = rates(("USD", 5, 2.0), ("USD", 1, 3.0), ("USD", -1, 4.0), ("GBP", 0, 9.0))
    assert converted(found, (100, "USD")) == [300]


def test_no_age_at_all() -> None:
    """With a largest age of nought only a rate of the day itself will do."""
    assert converted(rates(("USD", 0, 2.0), max_age=0), (100, "USD")) == [200]
    assert converted(rates(("USD", 1, 2.0), max_age=0), (100, "USD")) == [None]


def test_what_can_not_be_converted() -> None:
    """An unknown amount, currency or rate gives nothing, and costs no other row."""
    amounts = [(100, "USD"), (None, "USD"), (100, None), (100, "XYZ"), (100, "usd"), (7, "EUR")]
    assert converted(rates(("USD", 0, 2.0)), *amounts) == [200, None, None, None, None, 7]


def test_the_reporting_currency_needs_no_rate() -> None:
    """It is taken as it is, whatever a table of rates says about it."""
    assert converted(rates(("EUR", 0, 5.0)), (100, "EUR"), (None, "EUR")) == [100, None]
    assert converted(rates(), (100, "EUR")) == [100]


@pytest.mark.parametrize(
    ("amount", "currency", "reporting", "rate", "wanted"),
    [
        (1000, "JPY", "EUR", 0.006, 600),
        (600, "EUR", "JPY", 166.6, 1000),
        (1000, "KWD", "EUR", 3.0, 300),
        (300, "EUR", "KWD", 1 / 3, 1000),
        (1000, "JPY", "KWD", 0.002, 2000),
        (2000, "KWD", "JPY", 500.0, 1000),
    ],
)
def test_currencies_with_other_minor_units(
    amount: int, currency: str, reporting: str, rate: float, wanted: int
) -> None:
    """A yen has no cents and a dinar a thousand fils: the rate is for whole units."""
    found = rates((currency, 0, rate), reporting=reporting)
    assert converted(found, (amount, currency)) == [wanted]


@pytest.mark.parametrize(
    ("amount", "wanted"), [(1, 0), (3, 2), (5, 2), (7, 4), (-1, 0), (-3, -2), (0, 0)]
)
def test_halves_are_rounded_to_even(amount: int, wanted: int) -> None:
    """Half a cent goes to the even neighbour, so that sums do not drift."""
    assert converted(rates(("USD", 0, 0.5)), (amount, "USD")) == [wanted]


@given(st.integers(-(10**11), 10**11), st.integers(1, 10**6))
def test_it_is_the_exact_product_to_a_cent(amount: int, rate: int) -> None:
    """For amounts of people the result is that of exact decimals, or its neighbour at a half."""
    [found] = converted(rates(("USD", 0, rate / 10_000)), (amount, "USD"))
    exact = Decimal(amount) * Decimal(rate) / 10_000
    assert found is not None
    assert abs(Decimal(found) - exact) <= Decimal("0.51")
    if abs(exact) < 10**9 and exact % 1 not in (Decimal("0.5"), Decimal("-0.5")):
        assert found == int(exact.to_integral_value(ROUND_HALF_EVEN))


def test_too_large() -> None:
    """An amount that no integer can hold is unknown."""
    assert converted(rates(("USD", 0, 1e12)), (10**15, "USD")) == [None]


@pytest.mark.parametrize("rate", [float("inf"), float("nan")])
def test_a_rate_that_is_none(rate: float) -> None:
    """A rate that is no number converts nothing; one of nought or less can't be stored."""
    assert converted(rates(("USD", 0, rate)), (100, "USD")) == [None]


def test_order_and_length_are_kept() -> None:
    """Every row has its own day, and comes back in its place."""
    found = rates(("USD", 20, 2.0), ("USD", 0, 3.0))
    frame = pl.DataFrame(
        {
            "minor": [1, 2, 3, 4],
            "currency": ["USD", "EUR", "USD", "USD"],
            "day": [DAY, DAY, DAY - dt.timedelta(days=15), None],
        }
    )
    assert found.convert(frame, "minor", "currency", "day").to_list() == [3, 2, 6, None]
    assert found.convert(frame.clear(), "minor", "currency", "day").to_list() == []
