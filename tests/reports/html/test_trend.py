"""Scores over time, from the runs that a database holds."""

import datetime as dt
from pathlib import Path
from typing import Any

from dealreview.engine.records import save_review
from dealreview.engine.review import Review
from dealreview.reports.history import History
from dealreview.store.database import Database
from tests.reports.html.pages import Reader, page_of
from tests.reports.shop import AS_OF, deal, reviewed, shop

DAYS = (dt.date(2026, 10, 24), dt.date(2026, 11, 7))
TERMS = (20, 90)


def with_history(tmp_path: Path, **options: Any) -> tuple[Database, Review]:
    """Return a company whose one deal got worse over two earlier reviews, and its review now."""
    database = shop(tmp_path, deal(1, "One"))
    for day, days_net in zip(DAYS, TERMS, strict=True):
        with database.write() as connection:
            connection.execute("UPDATE deals SET payment_terms_days = ?", (days_net,))
        save_review(database, reviewed(database, as_of=day, **options))
    with database.write() as connection:
        connection.execute("UPDATE deals SET payment_terms_days = 45")
    return database, reviewed(database)


def points(database: Database, review: Review, kind: str, subject: str) -> list[tuple[str, float]]:
    """Return the days and scores of a subject."""
    with database.read() as connection:
        found = History(connection, review).of(review.scorecard(kind, subject))
    return [(one.day.isoformat(), one.score) for one in found]


def test_scores_come_from_earlier_runs_and_end_with_this_one(tmp_path: Path) -> None:
    """One point a review, the oldest first; stored sums give the score of that day."""
    database, review = with_history(tmp_path)
    assert points(database, review, "deal", "crm:1") == [
        ("2026-10-24", 100.0),
        ("2026-11-07", 28.6),
        ("2026-11-14", 64.3),
    ]


def test_of_several_runs_of_a_day_the_newest_counts(tmp_path: Path) -> None:
    """A review that was repeated after an import is one point, and this day's runs are none."""
    database, review = with_history(tmp_path)
    save_review(database, review)
    save_review(database, reviewed(database, as_of=DAYS[0]))
    found = points(database, review, "deal", "crm:1")
    assert [day for day, _ in found] == ["2026-10-24", "2026-11-07", "2026-11-14"]
    assert found[0][1] == 64.3


def test_runs_with_other_checks_do_not_compare(tmp_path: Path) -> None:
    """A score over fewer checks is another number, so it is not drawn."""
    database, review = with_history(tmp_path, ignore=["acme/hours"])
    assert points(database, review, "deal", "crm:1") == []


def test_reps_and_closed_deals_have_no_line(tmp_path: Path) -> None:
    """A rep has no score, and that of a closed deal stands still."""
    database = shop(tmp_path)
    save_review(database, reviewed(database, as_of=DAYS[1]))
    review = reviewed(database)
    assert points(database, review, "rep", "crm:p1") == []
    assert points(database, review, "deal", "crm:5") == []
    assert points(database, review, "deal", "crm:2")


def test_the_page_says_what_changed(tmp_path: Path) -> None:
    """The picture says every point in words, and the text what is new since the last review."""
    database, review = with_history(tmp_path)
    page = Reader(page_of(database, review))
    assert "64 now, 35.7 more than on Sat 7 Nov 2026." in page.text
    labels = page.values("aria-label")
    assert "Score over time: 100 on 24 Oct 2026, 29 on 7 Nov 2026, 64 on 14 Nov 2026" in labels


def test_a_first_review_has_no_line(tmp_path: Path) -> None:
    """Without an earlier run, or with later ones only, nothing is drawn."""
    database = shop(tmp_path)
    save_review(database, reviewed(database))
    early = reviewed(database, as_of=AS_OF - dt.timedelta(days=7))
    assert "Score over time" not in Reader(page_of(database, early)).text
