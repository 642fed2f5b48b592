"""Lists of subjects: a row for everybody, as the cards would say it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dealreview.model.outcome import Kind
from dealreview.reports.html.book import Book
from dealreview.reports.html.tables import account_rows, deal_rows, rep_rows
from dealreview.reports.names import NameBook
from dealreview.reports.text import Page, score_text
from tests.reports.shop import reviewed, shop


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """The usual company in the making of its page."""
    database = shop(tmp_path)
    with database.read() as connection:
        yield Book(Page(reviewed(database), NameBook(connection)))


def test_every_deal_has_one_row(book: Book) -> None:
    """Open and closed deals together are all, the worst band first."""
    judged = book.agenda.judged
    first = [row.name for row in deal_rows(book, judged)]
    rest = [row.name for row in deal_rows(book, ~judged)]
    assert first == ["Line 4 controls", "Cold-chain retrofit", "Service renewal", "Sorting hall"]
    assert rest == ["Old press"]


def test_a_row_says_what_the_card_says(book: Book) -> None:
    """Score, bounds and counts are the same as on the scorecard."""
    rows = {row.name: row for row in deal_rows(book, book.agenda.judged)}
    for card in book.deals.scorecards():
        if card.closed:
            continue
        row = rows[card.name]
        assert row.score == score_text(card, card.band)
        said = {mark.word: count for mark, count in row.counts}
        assert said.get("risk", 0) == sum(v.outcome == "risk" for v in card.verdicts)
        assert said.get("watch", 0) == sum(v.outcome == "watch" for v in card.verdicts)


def test_money_at_risk_is_the_largest_of_one_kind(book: Book) -> None:
    """A row names one kind of money and its amount in whole units."""
    row = next(row for row in deal_rows(book, book.agenda.judged) if row.at_risk)
    assert row.at_risk == ("286,000", "delay")
    assert row.at_risk_minor == 28_600_000


def test_accounts_and_reps_have_rows(book: Book) -> None:
    """An account counts its open deals; reps come by name and have no number."""
    assert [(row.name, row.cells["deals"]) for row in account_rows(book)] == [
        ("Lindqvist Post", 1),
        ("Harrow Castings", 3),
    ]
    assert [(one.name, one.talk) for one in rep_rows(book)] == [
        ("Ines Duarte", False),
        ("Tomasz Wilk", True),
    ]
    assert book.review.kinds[Kind.REP].base.height == 2
