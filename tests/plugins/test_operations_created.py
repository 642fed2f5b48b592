"""Who created how many opportunities in a time, by first_owner_id."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from attrs import frozen

from dealreview.engine.feeds import RecordedFeeds
from dealreview.plugins.operations.created import created_by
from dealreview.store.feeds import Feed

FIRST, LAST = dt.date(2025, 4, 1), dt.date(2025, 4, 30)
DAY = dt.timedelta(days=1)


@frozen
class Given:
    """Deals, as the engine gives them."""

    deals: list[dict[str, Any]]
    feeds: RecordedFeeds

    def facts(self, _: str) -> pl.DataFrame:
        """Return the facts of deals."""
        schema = {"first_owner_id": pl.String, "created_on": pl.Date, "closed_on": pl.Date}
        return pl.DataFrame(self.deals, schema=schema)


def counted(**cells: Any) -> tuple[int, int]:
    """Return the sure and the possible number of Ana's opportunities in April, of one deal."""
    feeds = RecordedFeeds((Feed("deals", "all", None, None),), frozenset({"deals"}), LAST)
    given: Any = Given([{"first_owner_id": "ana", "created_on": FIRST, **cells}], feeds)
    spans = pl.DataFrame([{"person_id": "ana", "first": FIRST, "last": LAST}])
    row = created_by(given, spans).row(0, named=True)
    return row["sure"], row["maybe"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(FIRST - DAY, 0), (FIRST, 1), (LAST, 1), (LAST + DAY, 0)],
)
@pytest.mark.parametrize("owner", ["ana", None])
def test_the_span_holds_both_its_days(day: dt.date, expected: int, owner: str | None) -> None:
    """A deal of nobody counts at most, and only if it was created in the span."""
    found = counted(first_owner_id=owner, created_on=day)
    assert found == (expected if owner else 0, expected)


@pytest.mark.parametrize(
    ("closed_on", "most"), [(None, 1), (LAST, 1), (FIRST, 1), (FIRST - DAY, 0)]
)
@pytest.mark.parametrize("owner", ["ana", None])
def test_without_a_day_of_creation(closed_on: dt.date | None, most: int, owner: str | None) -> None:
    """It may have been created in the span, unless it had closed before."""
    assert counted(first_owner_id=owner, created_on=None, closed_on=closed_on) == (0, most)


def test_deals_of_others_do_not_count() -> None:
    """Only one's own do, and those of nobody."""
    assert counted(first_owner_id="ben") == (0, 0)
