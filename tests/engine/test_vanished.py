"""Feeds that were there in the last run and are not any more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine.config import Config
from dealreview.engine.records import save_review
from dealreview.engine.run import Request, review_database
from dealreview.engine.standins import STAND_INS, TAKES_OVER, takes_over
from dealreview.store.schema import TABLES
from dealreview.testing import database_of

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.registry import Problem

AS_OF = dt.date(2025, 5, 16)


def told_after(
    query: str, rows: dict[str, Any], folder: Path, settings: dict[str, Any] | None = None
) -> Problem:
    """Return what a review tells of a feed that a statement takes away after the first run."""
    database = database_of(rows, folder / "x.db")
    request = Request(AS_OF, Config(stand_ins=settings or {}))
    save_review(database, review_database(database, request))
    with database.write() as connection:
        connection.execute(query)
    problems = review_database(database, request).header.problems
    [problem] = [p for p in problems if "is gone" in p.cause]
    return problem


def test_a_vanished_feed_is_named(tmp_path: Path) -> None:
    """A table that the last run knew and this one does not is named, again and again the same."""
    rows: dict[str, Any] = {
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
        assert problem.mend.startswith("Import it again; not reviewed without it: ")
        assert "accounts/hours-in-poor-fits" in problem.mend
        assert not review.errors
        save_review(database, review)


LADDER = {"discount_ladder": {"rep": 0.5}}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            LADDER,
            "until then the setting [discount_ladder] stands in for it: a limit is that of the role",
        ),
        ({}, "not reviewed without it: pricing/discount-beyond-authority"),
    ],
)
def test_what_takes_over_is_named(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    """Where the last limit of a person is emptied the ladder holds, and the notice says so."""
    person = {"person_id": "ana", "role": "rep", "max_discount_ratio": 0.1}
    rows: dict[str, Any] = {"people": [person], "deals": [{"deal_id": "d", "owner_id": "ana"}]}
    problem = told_after("UPDATE people SET max_discount_ratio = NULL", rows, tmp_path, settings)
    assert problem.where == "feed people.max_discount_ratio"
    assert said in problem.mend


def test_what_nothing_hangs_on_alone(tmp_path: Path) -> None:
    """A column that only tells more than others leaves no check out, and the notice says so."""
    rows: dict[str, Any] = {
        "deals": [{"deal_id": "d"}],
        "stakeholders": [{"deal_id": "d", "contact_id": "c", "is_main": 1}],
    }
    problem = told_after("UPDATE stakeholders SET is_main = NULL", rows, tmp_path)
    assert problem.where == "feed stakeholders.is_main"
    assert problem.mend.startswith("Import it again; no check needs it alone")


def test_stand_ins_that_take_over() -> None:
    """Each names a setting and columns that exist, and holds only with what it needs."""
    for name, found in TAKES_OVER.items():
        columns = [f"{t}.{c.name}" for t, table in TABLES.items() for c in table.columns]
        assert {name, *filter(None, [found.needs])} <= {*columns, *TABLES}
        assert found.setting in {"", *STAND_INS}
    assert {one.setting for one in TAKES_OVER.values()} >= {"discount_ladder", "hourly_cost", "fit"}
    assert takes_over("contacts.function", {}, frozenset()) is None
    assert takes_over("contacts.function", {}, frozenset({"contacts.job_title"})) is not None
    assert takes_over("deals", LADDER, frozenset()) is None
