"""Amounts turned from one currency into another."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from attrs import frozen

from dealreview.engine.rates import Rates
from dealreview.plugins.exchange import in_deal_currency

DAY = dt.date(2025, 5, 16)


@frozen
class Given:
    """The rates of a day, reporting in euros."""

    rates: dict[str, float]

    def to_reporting(self, frame: pl.DataFrame, amount: str, currency: str, on: str) -> pl.Series:
        """Return an amount in euros."""
        rows = [{"currency": c, "on_date": DAY, "rate": rate} for c, rate in self.rates.items()]
        schema = {"currency": pl.String, "on_date": pl.Date, "rate": pl.Float64}
        return Rates(pl.DataFrame(rows, schema=schema), "EUR").convert(frame, amount, currency, on)


@pytest.mark.parametrize(
    ("amount", "currency", "into", "turned"),
    [
        (15_000, "USD", "EUR", 7_500),
        (15_000, "EUR", "USD", 30_000),
        (15_000, "USD", "USD", 15_000),
        (15_000, "XXX", "XXX", 15_000),
        (0, "USD", "EUR", 0),
        (101, "EUR", "GBP", 81),
        (1_000, "JPY", "USD", 1_200),
        (9_000_000_000_000, "USD", "GBP", 3_600_000_000_000),
        (None, "USD", "EUR", None),
        (15_000, None, "EUR", None),
        (15_000, "USD", None, None),
        (15_000, "CHF", "EUR", None),
        (15_000, "USD", "CHF", None),
        (15_000, "USD", "SEK", None),
        (0, "USD", "SEK", None),
    ],
)
def test_an_amount_in_the_currency_of_the_deal(
    amount: int | None, currency: str | None, into: str | None, turned: int | None
) -> None:
    """Unknown without both rates, or with a rate of nothing; the same currency needs none."""
    given: Any = Given({"USD": 0.5, "JPY": 0.006, "GBP": 1.25, "SEK": 0.0})
    row = {"day": DAY, "deal_currency": into, "paid": amount, "paid_in": currency}
    schema = {"day": pl.Date, "deal_currency": pl.String, "paid": pl.Int64, "paid_in": pl.String}
    found = in_deal_currency(given, pl.DataFrame([row], schema=schema), "paid", "paid_in")
    assert found.row(0, named=True) == row | {"paid": turned}
