"""What is recorded for which days: windows, lag, scopes and gaps."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from attrs import evolve

from dealreview.engine.feeds import LAG_THAT_STOPS, RecordedFeeds
from dealreview.store.feeds import Feed

AS_OF = dt.date(2025, 5, 16)
TABLE = "activities"


def day(number: int) -> dt.date:
    """Return a day so many after the review's date."""
    return AS_OF + dt.timedelta(days=number)


def feed(first: int | None, last: int | None, scope: str = "all", table: str = TABLE) -> Feed:
    """Return a segment by days from the review's date; None is open."""
    begin, end = (None if n is None else day(n) for n in (first, last))
    return Feed(table, scope, begin, end)


def recorded(*feeds: Feed, max_lag: int = 3) -> RecordedFeeds:
    """Return feeds as of the review's date."""
    return RecordedFeeds(feeds, frozenset(f.table for f in feeds), AS_OF, max_lag)


def covers(feeds: RecordedFeeds, first: int, last: int) -> bool:
    """Return whether every day of a window is recorded."""
    return bool(pl.select(feeds.covers(TABLE, day(first), day(last))).item())


def reaches(feeds: RecordedFeeds, first: int, last: int) -> bool:
    """Return whether a window is recorded, or ends a little after its feed."""
    return bool(pl.select(feeds.reaches(TABLE, day(first), day(last))).item())


def clock(feeds: RecordedFeeds, number: int) -> int | None:
    """Return at which day clocks of a day are read."""
    found = pl.select(feeds.clock(TABLE, day(number))).item()
    return None if found is None else (found - AS_OF).days


@pytest.mark.parametrize(
    ("first", "last", "known"),
    [(-90, 0, True), (-91, 0, False), (-30, -20, True), (-200, -100, False)],
)
def test_a_window_must_begin_within_the_feed(first: int, last: int, known: bool) -> None:
    """From the first recorded day on a window is known, from the day before not."""
    assert covers(recorded(feed(-90, 0)), first, last) == known


@pytest.mark.parametrize(("lag", "known"), [(0, True), (3, True), (14, True), (15, False)])
def test_a_feed_may_end_fourteen_days_early(lag: int, known: bool) -> None:
    """What began in a feed up to 14 days old can be judged at its end; what is absent since can't be."""
    assert LAG_THAT_STOPS == 14
    assert reaches(recorded(feed(-90, -lag)), -30, 0) == known
    assert covers(recorded(feed(-90, -lag)), -30, 0) == (lag == 0)


@pytest.mark.parametrize(
    ("lag", "at"), [(0, 0), (-5, 0), (3, 0), (4, -4), (14, -14), (15, None), (99, None)]
)
def test_clocks(lag: int, at: int | None) -> None:
    """A lag of three days is not worth a word, one of 14 sets the clock back, more stops it."""
    assert clock(recorded(feed(-200, -lag)), 0) == at


def test_clocks_of_days_gone_by() -> None:
    """The clock of a closed deal is its closing day where the feed went on, and never a later day."""
    assert clock(recorded(feed(-200, -4)), -30) == -30
    assert clock(recorded(feed(-200, -4, "crm"), feed(-200, -36, "mail")), -30) == -36
    assert clock(recorded(), 0) is None


def test_a_window_after_the_end_of_the_feed() -> None:
    """Of a week of which no day is recorded nothing is said, however short ago the feed ended."""
    assert not reaches(recorded(feed(-90, -10)), -7, 0)
    assert reaches(recorded(feed(-90, -7)), -7, 0)


def test_a_closed_deal_is_held_against_its_own_day() -> None:
    """The lag counts from the day that the window ends, not from the review's date."""
    stopped = recorded(feed(-300, -100))
    assert reaches(stopped, -150, -90)
    assert not reaches(stopped, -150, -80)


def test_every_scope_must_cover() -> None:
    """What one of two sources does not record is not known."""
    assert covers(recorded(feed(-90, 0, "crm"), feed(-60, 0, "mail")), -60, 0)
    assert not covers(recorded(feed(-90, 0, "crm"), feed(-60, 0, "mail")), -61, 0)
    assert not covers(recorded(feed(-90, 0, "crm"), feed(-60, -20, "mail")), -30, 0)


def test_a_gap_is_not_covered() -> None:
    """A window over a gap is unknown, one on either side of it is known."""
    gap = recorded(feed(-90, -61), feed(-30, 0))
    assert not covers(gap, -80, 0)
    assert covers(gap, -80, -61)
    assert covers(gap, -30, 0)
    assert not covers(gap, -40, 0)


def test_segments_that_touch_are_one() -> None:
    """Two segments without a day between them cover a window over both, in any order."""
    touching = feed(-90, -61), feed(-60, 0)
    assert covers(recorded(*touching), -80, 0)
    assert covers(recorded(*reversed(touching)), -80, 0)
    assert covers(recorded(feed(None, -50), feed(-60, None)), -80, 0)


def test_open_ends() -> None:
    """A segment without ends covers everything, one without a beginning everything before its end."""
    assert covers(recorded(feed(None, None)), -9999, 0)
    assert covers(recorded(feed(None, -5)), -9999, -5)
    assert not covers(recorded(feed(None, -5)), -9999, -4)


def test_nothing_recorded() -> None:
    """Without a feed no window is known."""
    nothing = recorded()
    assert not covers(nothing, 0, 0)
    assert nothing.last_day(TABLE) is None
    assert not nothing.is_recorded(TABLE)


def test_windows_may_differ_by_row() -> None:
    """Windows can be columns; an unknown end is unknown."""
    frame = pl.DataFrame({"first": [day(-30), day(-99), None], "last": [day(0), day(0), day(0)]})
    held = recorded(feed(-90, 0)).covers(TABLE, pl.col("first"), pl.col("last"))
    assert frame.select(held).to_series().to_list() == [True, False, None]


def test_the_last_recorded_day() -> None:
    """It is the last day that every scope reaches, never after the review's date."""
    assert recorded(feed(-90, 30)).last_day(TABLE) == AS_OF
    assert recorded(feed(-90, -4, "crm"), feed(-90, -2, "mail")).last_day(TABLE) == day(-4)
    assert recorded(feed(-90, -30), feed(-20, -6)).last_day(TABLE) == day(-6)
    assert recorded(feed(-90, None)).last_day(TABLE) == AS_OF


@pytest.mark.parametrize(("lag", "named"), [(0, 0), (3, 0), (4, 1), (400, 1)])
def test_a_feed_that_stopped_is_named(lag: int, named: int) -> None:
    """A lag of over three days is named with its length, less is not worth a word."""
    notes = list(recorded(feed(-900, -lag)).stopped([TABLE], AS_OF))
    assert len(notes) == named
    assert all(f"{lag} days too early" in str(note) and note.kind == "feed" for note in notes)


def test_one_day_too_early_is_one_day() -> None:
    """The length of a lag agrees with its noun."""
    (note,) = evolve(recorded(feed(-900, -1)), max_lag=0).stopped([TABLE], AS_OF)
    assert "1 day too early" in str(note)


def test_only_feeds_that_are_read_are_named() -> None:
    """An old feed of a table that the review does not read is left alone."""
    old = recorded(feed(-90, -30), feed(-90, -40, "mail", "time_entries"))
    assert [note.where for note in old.stopped(["time_entries"], AS_OF)] == [
        "feed time_entries (mail)"
    ]


def test_monthly_figures_are_due_at_the_end_of_the_month() -> None:
    """Figures by month that reach the end of last month are not late in the middle of this one."""
    monthly = recorded(feed(-400, -16, table="account_months"))
    assert list(monthly.stopped(["account_months"], dt.date(2025, 4, 30))) == []
    late = recorded(feed(-400, -46, table="account_months"))
    assert len(list(late.stopped(["account_months"], dt.date(2025, 4, 30)))) == 1
