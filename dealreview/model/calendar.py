"""Working days, weeks, months and fiscal quarters."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _sorted_days(days: Iterable[dt.date]) -> tuple[dt.date, ...]:
    return tuple(sorted(set(days)))


@frozen(slots=False)
class Calendar:
    """The company's calendar.

    Attributes:
        time_zone: IANA name of the zone in which a day ends.
        working_days: Weekdays that are worked, 0 is Monday.
        holidays: Days that are not worked, sorted.
        fiscal_start: First month of the fiscal year, 1 to 12.
    """

    time_zone: str = "UTC"
    working_days: frozenset[int] = frozenset(range(5))
    holidays: tuple[dt.date, ...] = field(default=(), converter=_sorted_days)
    fiscal_start: int = 1

    @cached_property
    def _holiday_set(self) -> frozenset[dt.date]:
        return frozenset(self.holidays)

    def is_working_day(self, day: dt.date) -> bool:
        """Whether ``day`` is worked."""
        return day.weekday() in self.working_days and day not in self._holiday_set

    def business_days(self, after: dt.date, to: dt.date) -> int:
        """Count the business days x with ``after < x <= to``; 0 when ``to`` is not later."""
        if to <= after:
            return 0
        weeks, rest = divmod((to - after).days, 7)
        count = weeks * len(self.working_days)
        first = after.weekday() + 1
        count += sum((first + day) % 7 in self.working_days for day in range(rest))
        lost = self.holidays[bisect_right(self.holidays, after) : bisect_right(self.holidays, to)]
        return count - sum(day.weekday() in self.working_days for day in lost)

    def complete_weeks(self, as_of: dt.date, count: int) -> tuple[dt.date, dt.date]:
        """Return the Monday of the first and the Sunday of the last of ``count`` complete weeks.

        A week is complete when it ended before ``as_of``.
        """
        last = as_of - dt.timedelta(days=as_of.weekday() + 1)
        return last - dt.timedelta(days=7 * count - 1), last

    def complete_months(self, as_of: dt.date, count: int) -> tuple[dt.date, dt.date]:
        """Return the first day of the first and of the last of ``count`` complete months.

        The month that ends on ``as_of`` is complete.
        """
        this_month = month_number(as_of + dt.timedelta(days=1))
        return month_start(this_month - count), month_start(this_month - 1)

    def complete_quarters(self, as_of: dt.date, count: int) -> tuple[dt.date, dt.date]:
        """Return the first day of the first and of the last of ``count`` complete fiscal quarters.

        The quarter that ends on ``as_of`` is complete.
        """
        this_month = month_number(as_of + dt.timedelta(days=1))
        this_quarter = this_month - (this_month - self.fiscal_start + 1) % 3
        return month_start(this_quarter - 3 * count), month_start(this_quarter - 3)


def month_number(day: dt.date) -> int:
    """Return months since year 0, so that months can be counted."""
    return day.year * 12 + day.month - 1


def month_start(number: int) -> dt.date:
    """Return the first day of the month with a :func:`month_number`."""
    return dt.date(number // 12, number % 12 + 1, 1)
