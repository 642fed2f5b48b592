"""Local facts of accounts may see what happened on a deal after it closed, wherever they are computed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dealreview import Fact, facts
from dealreview.engine.config import Config
from dealreview.engine.now import opened_now
from dealreview.engine.records import save_review
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Kind
from dealreview.testing import database_of
from tests.store.snapshots import small

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review
    from dealreview.store.database import Database

AS_OF, CLOSED = dt.date(2025, 5, 16), dt.date(2025, 4, 1)
NAMES = [f"a{n}" for n in range(8)]


def hours(number: int, day: dt.date) -> dict[str, Any]:
    """Return an hour on a deal."""
    return {"entry_id": f"{day}{number}", "deal_id": f"d{number}", "day": day, "hours": 1.0}


def company(path: Path) -> Database:
    """Return accounts of which each has a won deal, with hours before and after the win."""
    rows: dict[str, list[dict[str, Any]]] = {
        "accounts": [{"account_id": name} for name in NAMES],
        "deals": [
            {"deal_id": f"d{n}", "account_id": name, "closed_on": CLOSED}
            for n, name in enumerate(NAMES)
        ],
        "time_entries": [
            hours(n, CLOSED + dt.timedelta(days=later))
            for n in range(len(NAMES))
            for later in (-3, 3, 90)
        ],
    }
    return database_of(rows, path / "a.db")


def request(**options: Any) -> Request:
    """Return the request for the check of the pack."""
    modules = ("tests.engine.afterclose",)
    return Request(AS_OF, Config(), select=("acme/after",), modules=modules, **options)


def said(review: Review) -> set[tuple[str, str]]:
    """Return what is said of every account."""
    cards = [review.scorecard(Kind.ACCOUNT, name) for name in NAMES]
    return {(str(v.outcome), v.message) for card in cards for v in card.verdicts}


LATER = """INSERT INTO time_entries (entry_id, deal_id, day, hours)
SELECT 'x' || deal_id, deal_id, '2025-05-02', 2 FROM deals"""


@pytest.mark.parametrize("snapshot", ["off", "auto"])
def test_hours_after_the_win_count_for_the_account(tmp_path: Path, snapshot: str) -> None:
    """From the database as from buckets, after a change as at first; what two providers share is apart."""
    with small(deals=2):
        database = company(tmp_path)
        assert said(review_database(database, request(snapshot=snapshot))) == {
            ("watch", "1 h, 2 h")
        }
        with database.write() as connection:
            connection.execute(LATER)
        assert said(review_database(database, request(snapshot=snapshot))) == {
            ("watch", "1 h, 4 h")
        }


def test_one_account_is_judged_as_in_a_review(tmp_path: Path) -> None:
    """Also after an edit that only those see who look beyond the closing day."""
    database = company(tmp_path)
    save_review(database, review_database(database, request()))
    with opened_now(database, request()) as now:

        def judged() -> str:
            (verdict,) = now.review(Kind.ACCOUNT, "a3").scorecard(Kind.ACCOUNT, "a3").verdicts
            return verdict.message

        assert judged() == "1 h, 2 h"
        with database.write() as connection:
            connection.execute(LATER)
        assert judged() == "1 h, 4 h"


@pytest.mark.parametrize(("kind", "step"), [("deal", "local"), ("account", "organisation")])
def test_other_facts_can_not_say_so(kind: Any, step: Any) -> None:
    """Deals are judged as of their day, and organisation facts look beyond it anyway."""
    with pytest.raises(ValueError, match="after_close"):
        facts(kind, Fact("acme_x", "int", "X."), step=step, after_close=True)
