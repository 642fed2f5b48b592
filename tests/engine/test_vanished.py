"""Feeds that were there in the last run and are not any more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dealreview.engine.config import Config
from dealreview.engine.records import save_review
from dealreview.engine.run import Request, review_database
from dealreview.testing import database_of

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = dt.date(2025, 5, 16)


def test_a_vanished_feed_is_named(tmp_path: Path) -> None:
    """A table that the last run knew and this one does not is named, again and again the same."""
    rows = {
        "deals": [{"deal_id": "d", "created_on": "2025-05-01"}],
        "time_entries": [{"entry_id": "t", "person_id": "p", "day": "2025-05-15", "hours": 8.0}],
    }
    database = database_of(rows, tmp_path / "x.db")
    request = Request(AS_OF, Config())
    first = review_database(database, request)
    assert not [p for p in first.header.problems if "is gone" in p.cause]
    save_review(database, first)
    with database.write() as connection:
        connection.execute("DELETE FROM time_entries")
    for _ in range(2):
        review = review_database(database, request)
        [problem] = [p for p in review.header.problems if "is gone" in p.cause]
        assert problem.where == "feed time_entries"
        assert not review.errors
        save_review(database, review)
