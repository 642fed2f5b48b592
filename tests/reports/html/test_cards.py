"""Cards: how a score adds up, what stands where, and what is not said about people."""

from pathlib import Path
from typing import Any

import pytest

from dealreview.engine.review import Review
from dealreview.model.outcome import Kind
from dealreview.reports.html.book import Book
from dealreview.reports.html.cards import Card, card_of, cards
from dealreview.reports.names import NameBook
from dealreview.reports.text import Page
from dealreview.store.database import Database
from tests.reports.html.pages import Reader, page_of
from tests.reports.shop import PEOPLE, deal, reviewed, shop


def card(database: Database, review: Review, kind: str, subject: str) -> Card:
    """Return a card as a page shows it."""
    with database.read() as connection:
        book = Book(Page(review, NameBook(connection)))
        return card_of(book, review.scorecard(kind, subject, book.name))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_printed_column_adds_up(tmp_path: Path, number: int) -> None:
    """100 less what each finding takes is the score, to the tenth."""
    database = shop(tmp_path)
    review = reviewed(database)
    found = card(database, review, "deal", f"crm:{number}").sum
    if found is None:
        assert number == 4
        return
    lost = [round(10 * float(loss.points.replace("−", "-"))) for loss in found.losses]
    assert 1000 + sum(lost) == round(10 * float(found.score))


def test_a_deal_says_what_could_cost_it(tmp_path: Path) -> None:
    """Message, actual against expected, evidence, one question, points and money stand together."""
    database = shop(tmp_path)
    shown = card(database, reviewed(database), "deal", "crm:1")
    [finding] = shown.costs.full
    assert (finding.title, finding.message) == ("Terms", "90 d net; 30 d is the limit")
    assert (finding.actual, finding.expected) == ("90 d", "at most 30 d expected")
    assert finding.question == "What would they give for longer terms?"
    assert finding.points.startswith("−")
    assert finding.money == ("EUR 286k", "delay")
    assert finding.evidence == (("days net from the invoice", "90"),)
    assert [other.title for other in finding.folded] == ["Hours"]


def test_a_gap_says_what_would_settle_it(tmp_path: Path) -> None:
    """What is not known names the cell and its meaning."""
    database = shop(tmp_path)
    shown = card(database, reviewed(database), "deal", "crm:4")
    cells = {gap.cell: gap.meaning for finding in shown.gaps.full for gap in finding.missing}
    assert set(cells) == {"deals.payment_terms_days", "deals.hours_to_go"}
    assert all(cells.values())
    assert all(finding.points for finding in shown.gaps.full)
    assert shown.bounds == "0–100 if the gaps were filled"


def test_a_rep_has_no_number(tmp_path: Path) -> None:
    """A rep's card has no score, no band, no points, and says what it is for."""
    database = shop(tmp_path)
    review = reviewed(database)
    shown = card(database, review, "rep", "crm:p1")
    assert (shown.mark, shown.score, shown.sum, shown.range_chart) == (None, "", None, "")
    assert [finding.points for finding in shown.costs.full] == [""]
    text = Reader(page_of(database, review)).text
    part = text[text.index("For coaching.") :]
    assert "no score and no ranking" in part
    assert "not for employment decisions" in part


def test_reps_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Who has findings comes no earlier than who has none: nobody is ranked."""
    people = [PEOPLE[1] | {"name": "Zoe"}, PEOPLE[0] | {"name": "Adam", "weekly_hours": 40.0}]
    people[0]["weekly_hours"] = 5.0
    database = shop(tmp_path, people=people)
    review = reviewed(database)
    with database.read() as connection:
        book = Book(Page(review, NameBook(connection)))
        assert [one.name for one in cards(book, Kind.REP)] == ["Adam", "Zoe"]


def test_an_account_lists_its_open_deals(tmp_path: Path) -> None:
    """The largest first, each with its band and a link to its card."""
    database = shop(tmp_path)
    shown = card(database, reviewed(database), "account", "crm:a1")
    assert [one.name for one in shown.deals] == [
        "Line 4 controls",
        "Cold-chain retrofit",
        "Service renewal",
    ]
    assert all(one.href.startswith("#deal-") for one in shown.deals)


def test_a_closed_deal_says_as_of_when_it_is_judged(tmp_path: Path) -> None:
    """Its closing day stands in its head."""
    database = shop(tmp_path)
    stated: dict[str, Any] = {
        one.name: (one.value, one.note)
        for one in card(database, reviewed(database), "deal", "crm:5").stated
    }
    assert stated["Closed"] == ("Tue 20 Oct 2026", "judged as of that day")
    assert stated["Stage"][0] == "Won"


def test_people_without_a_decision_maker_are_told(tmp_path: Path) -> None:
    """The buying group shows roles, and that nobody decides where roles are recorded."""
    database = shop(
        tmp_path,
        deal(1, "Line", payment_terms_days=90),
        contacts=[{"contact_id": "crm:c1", "account_id": "crm:a1", "name": "K. Mori"}],
        stakeholders=[{"deal_id": "crm:1", "contact_id": "crm:c1"}],
        stakeholder_roles=[{"deal_id": "crm:1", "contact_id": "crm:c1", "role": "champion"}],
    )
    shown = card(database, reviewed(database), "deal", "crm:1")
    assert shown.group is not None
    assert [(one.name, one.roles, one.engaged) for one in shown.group] == [
        ("K. Mori", ("champion",), None)
    ]
    assert "Nobody is recorded as the decision maker." in shown.group_notes
