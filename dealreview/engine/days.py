"""Days as providers count them: that of an instant, and business days between two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from dealreview.model.calendar import Calendar


class CountsDays:
    """What every provider can ask of a calendar, wherever it runs."""

    __slots__ = ()

    @property
    def calendar(self) -> Calendar:
        """Working days, weeks and quarters."""
        raise NotImplementedError

    def local_day(self, instant: pl.Expr) -> pl.Expr:
        """Return the day of an instant in the configured time zone."""
        return instant.dt.convert_time_zone(self.calendar.time_zone).dt.date()

    def business_days(self, after: pl.Expr, to: pl.Expr) -> pl.Expr:
        """Return the number of business days after a day and up to another; 0 when that is not later."""
        import polars as pl

        calendar = self.calendar
        if not calendar.working_days:
            return pl.when(after.is_not_null() & to.is_not_null()).then(pl.lit(0, dtype=pl.Int64))
        worked = tuple(day in calendar.working_days for day in range(7))
        count = pl.business_day_count(
            after.dt.offset_by("1d"),
            to.dt.offset_by("1d"),
            week_mask=worked,
            holidays=calendar.holidays,
        )
        return count.cast(pl.Int64).clip(lower_bound=0)
