"""Dated exchange rates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.model.money import is_currency, minor_digits

if TYPE_CHECKING:
    import polars as pl


@frozen
class Rates:
    """Rates into the reporting currency.

    Attributes:
        frame: ``currency``, ``on_date`` and ``rate``: reporting units for one unit.
        reporting: ISO 4217 code of the reporting currency.
        max_age: Days that a rate may be older than the amount.
    """

    frame: pl.DataFrame
    reporting: str
    max_age: int = 7

    def convert(
        self, frame: pl.DataFrame, amount: str, currency: str, on: str | pl.Expr
    ) -> pl.Series:
        """Return an amount column in reporting currency minor units, rounded half to even.

        Unknown where the amount, its currency or a rate of the last ``max_age`` days is.
        """
        import polars as pl

        own = pl.col(currency) == self.reporting
        # Most amounts of most companies are in their own currency: rates are looked up for others only.
        if not (frame[currency] != self.reporting).any():
            unknown = pl.lit(None, dtype=pl.Int64)
            same = pl.when(own).then(amount).otherwise(unknown)
            return frame.select(same.alias(amount)).to_series()
        asked = frame.select(
            own.alias("_own"),
            pl.col(amount).alias("_amount"),
            pl.col(currency).alias("currency"),
            (pl.col(on) if isinstance(on, str) else on).alias("on_date"),
        ).with_row_index("_row")
        foreign = asked.filter(~pl.col("_own"), pl.col("on_date").is_not_null())
        found = asked.join(self._converted(foreign), on="_row", how="left", maintain_order="left")
        converted = pl.when("_own").then("_amount").otherwise("_converted")
        return found.select(converted.alias(amount)).to_series()

    def _converted(self, asked: pl.DataFrame) -> pl.DataFrame:
        """Return ``_row`` and the amount in reporting currency; unknown without a rate."""
        import polars as pl

        found = asked.sort("on_date").join_asof(
            self.frame.drop_nulls().sort("on_date"),
            on="on_date",
            by="currency",
            strategy="backward",
            tolerance=dt.timedelta(days=self.max_age),
            check_sortedness=False,
        )
        found = found.join(self._digits(found["currency"]), on="currency", how="left")
        scaled = pl.col("_amount") * pl.col("rate") * 10.0 ** pl.col("_shift")
        return found.select("_row", _converted=scaled.round(0).cast(pl.Int64, strict=False))

    def _digits(self, currencies: pl.Series) -> pl.DataFrame:
        """Return how many digits minor units of each currency are shifted by."""
        import polars as pl

        target = minor_digits(self.reporting)
        codes = [
            c for c in currencies.unique().sort().to_list() if c is not None and is_currency(c)
        ]
        shifts = [float(target - minor_digits(code)) for code in codes]
        return pl.DataFrame(
            {"currency": codes, "_shift": shifts},
            schema={"currency": pl.String, "_shift": pl.Float64},
        )
