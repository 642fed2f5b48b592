"""Days that everything else is counted from."""

from __future__ import annotations

import datetime as dt

SEED = 20261113
AS_OF = dt.date(2026, 11, 13)
"""A Friday: the last four complete weeks are those from 12 October to 8 November."""

EARLIER = (dt.date(2026, 10, 23), dt.date(2026, 10, 30), dt.date(2026, 11, 6))
"""The Fridays before, on which the company exported and reviewed as well."""

LOOKED_BACK_TO = dt.date(2026, 7, 31)
"""A day of which the first export tells too, long enough ago to see what came of its findings."""

MONTHS_FROM = dt.date(2024, 11, 1)
"""First month in the files of the finance department: 24 months up to October 2026."""

TIME_FROM = dt.date(2026, 5, 11)
"""First Monday in time tracking: 26 complete weeks, and the one under way."""

DELIVERIES_FROM = dt.date(2024, 11, 1)
"""Since then promised and earliest days of delivery are kept."""

HOLIDAYS = (
    "2024-12-25", "2024-12-26", "2025-01-01", "2025-04-18", "2025-04-21", "2025-05-01", "2025-05-29",
    "2025-06-09", "2025-10-03", "2025-12-25", "2025-12-26", "2026-01-01", "2026-04-03", "2026-04-06",
    "2026-05-01", "2026-05-14", "2026-05-25", "2026-12-25",
)  # fmt: skip
"""Days that the works calendar leaves out."""

RATES = {"GBP": 1.16, "USD": 0.92}
"""Euros for one unit, about which the weekly rates move."""


def ago(days: int) -> dt.date:
    """Return the day that many days before the review; negative lies ahead."""
    return AS_OF - dt.timedelta(days=days)


def workday(day: dt.date) -> dt.date:
    """Return the day, or the Friday before a weekend."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
