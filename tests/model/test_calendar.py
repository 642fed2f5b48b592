"""The calendar: working days, complete weeks and months."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.model.calendar import Calendar, month_number, month_start

DAY = dt.timedelta(days=1)
days = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))
calendars = st.builds(
    Calendar,
    working_days=st.frozensets(st.integers(0, 6)),
    holidays=st.lists(st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)), max_size=20),
)


@given(calendar=calendars, first=days, second=days)
def test_business_days_are_the_days_worked_after_the_first_up_to_the_second(
    calendar, first, second
):
    """The quick count is the count day by day; a later first day gives none."""
    walked, day = 0, first
    while day < second:
        day += DAY
        walked += calendar.is_working_day(day)
    assert calendar.business_days(first, second) == walked


def test_a_weekend_and_a_holiday_are_not_worked():
    """From Thursday over Labour Day to Monday there is one working day."""
    calendar = Calendar(holidays=[dt.date(2025, 5, 2), dt.date(2025, 5, 2)])
    assert calendar.business_days(dt.date(2025, 5, 1), dt.date(2025, 5, 5)) == 1
    assert calendar.holidays == (dt.date(2025, 5, 2),)


@given(as_of=days, count=st.integers(1, 60))
def test_complete_weeks_run_from_monday_to_sunday_and_end_before_the_day(as_of, count):
    """The last week ended within the seven days before."""
    first, last = Calendar().complete_weeks(as_of, count)
    assert (first.weekday(), last.weekday()) == (0, 6)
    assert (last - first).days == 7 * count - 1
    assert 1 <= (as_of - last).days <= 7


@given(as_of=days, count=st.integers(1, 36))
def test_complete_months_end_on_or_before_the_day(as_of, count):
    """The month that ends on the day itself is complete."""
    first, last = Calendar().complete_months(as_of, count)
    assert first.day == last.day == 1
    assert month_number(last) - month_number(first) == count - 1
    assert month_start(month_number(last) + 1) - DAY <= as_of
    assert month_start(month_number(last) + 2) - DAY > as_of


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        (dt.date(2025, 5, 30), dt.date(2025, 4, 1)),
        (dt.date(2025, 5, 31), dt.date(2025, 5, 1)),
        (dt.date(2024, 12, 31), dt.date(2024, 12, 1)),
        (dt.date(2025, 1, 1), dt.date(2024, 12, 1)),
    ],
)
def test_the_last_complete_month(as_of, last):
    """Ends of months and years come out right."""
    assert Calendar().complete_months(as_of, 12)[1] == last


@pytest.mark.parametrize(
    ("fiscal_start", "as_of", "first", "last"),
    [
        (1, dt.date(2025, 5, 16), dt.date(2024, 7, 1), dt.date(2025, 1, 1)),
        (1, dt.date(2025, 6, 30), dt.date(2024, 10, 1), dt.date(2025, 4, 1)),
        (4, dt.date(2025, 5, 16), dt.date(2024, 7, 1), dt.date(2025, 1, 1)),
        (2, dt.date(2025, 5, 16), dt.date(2024, 8, 1), dt.date(2025, 2, 1)),
        (12, dt.date(2025, 5, 30), dt.date(2024, 6, 1), dt.date(2024, 12, 1)),
        (12, dt.date(2025, 5, 31), dt.date(2024, 9, 1), dt.date(2025, 3, 1)),
    ],
)
def test_complete_quarters_begin_with_the_fiscal_year(fiscal_start, as_of, first, last):
    """Three quarters before the day, the last of which ended on or before it."""
    calendar = Calendar(fiscal_start=fiscal_start)
    assert calendar.complete_quarters(as_of, 3) == (first, last)


@given(days)
def test_months_can_be_counted(day):
    """The number of a month gives its first day back."""
    assert month_start(month_number(day)) == day.replace(day=1)
