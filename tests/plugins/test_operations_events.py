"""When diversions began and ended, within windows."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from dealreview.plugins.operations.events import begun_within, ended_within

SEEN = dt.date(2025, 5, 16)


def ago(days: int | None) -> dt.date | None:
    """Return a day before the last one recorded."""
    return None if days is None else SEEN - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("began", "ended", "begun", "over"),
    [
        (9, 2, True, True),
        (10, None, True, True),
        (11, 10, False, True),
        (20, 11, False, False),
        (None, 10, None, True),
        (None, 11, False, False),
        (None, None, None, True),
    ],
)
def test_within_ten_days(
    began: int | None, ended: int | None, begun: bool | None, over: bool
) -> None:
    """What ended before the window began before it too; else an unknown first day stays unknown."""
    row = {"began": ago(began), "ended": ago(ended), "seen": SEEN}
    frame = pl.DataFrame([row], schema={"began": pl.Date, "ended": pl.Date, "seen": pl.Date})
    found = frame.select(begun=begun_within(10), over=ended_within(10))
    assert found.row(0) == (begun, over)
