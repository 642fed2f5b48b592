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
from tests.reports.nearly import LACKS
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
    """Message, evidence, one question, points and money stand together."""
    database = shop(tmp_path)
    shown = card(database, reviewed(database), "deal", "crm:1")
    [finding] = shown.costs.full
    assert (finding.title, finding.message) == ("Terms", "90 d net; 30 d is the limit")
    assert (finding.actual, finding.expected) == ("", "")  # the message has both
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
    assert shown.bounds == "0–100, too little is decided"


def test_a_pass_says_what_would_make_it_a_strength(tmp_path: Path) -> None:
    """What would have to be known stands beside the checks that passed."""
    database = shop(tmp_path, deal(9, "Spares", payment_terms_days=None))
    review = reviewed(database, "tests.reports.nearly")
    assert card(database, review, "deal", "crm:9").nearly == (("nearly/quick", LACKS),)
    assert LACKS in Reader(page_of(database, review)).text


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


# --- many findings -------------------------------------------------------------------------------


CROWD = ("tests.reports.crowd", "tests.reports.acme", "tests.reports.around")
BIG = deal(1, "Big", amount_minor=28_600_000, payment_terms_days=None, hours_to_go=None)


def test_a_card_leads_with_five_and_folds_the_rest(tmp_path: Path) -> None:
    """Five findings in full, then lines that open, then a count with what it takes together."""
    database = shop(tmp_path, BIG)
    shown = card(database, reviewed(database, *CROWD), "deal", "crm:1")
    assert (len(shown.costs.full), len(shown.strengths.full)) == (5, 3)
    assert shown.costs.full[0].check == "crowd/number-36"
    assert shown.strengths.summary == "4 more strengths"
    everything = [*shown.costs.full, *shown.costs.lines, *shown.costs.rest]
    assert len(everything) + sum(len(one.folded) for one in everything) == 20


def test_what_lacks_the_same_cell_is_one_gap(tmp_path: Path) -> None:
    """One empty cell that holds up eleven checks is one entry that names them all."""
    database = shop(tmp_path, BIG)
    shown = card(database, reviewed(database, *CROWD), "deal", "crm:1")
    [terms, hours] = shown.gaps.full
    assert terms.title == "Not recorded: payment terms days"
    assert len(terms.waiting) == len(hours.waiting) == 11
    assert float(terms.points) == pytest.approx(
        sum(float(one.points or 0) for one in terms.waiting), abs=0.05
    )


def test_a_long_sum_ends_with_what_the_lighter_ones_take(tmp_path: Path) -> None:
    """Six rows and one for all others still add up to the score."""
    database = shop(tmp_path, BIG)
    found = card(database, reviewed(database, *CROWD), "deal", "crm:1").sum
    assert found is not None
    assert len(found.losses) == 7
    lost = sum(float(loss.points.replace("−", "-")) for loss in found.losses)
    assert 100 + lost == pytest.approx(float(found.score), abs=0.05)


def test_what_is_around_a_deal_leads_to_where_it_stands(tmp_path: Path) -> None:
    """Each line names what it is to the deal and links to that subject's card."""
    database = shop(tmp_path, deal(1, "One", account_id="crm:a2"))
    shown = card(database, reviewed(database, *CROWD), "deal", "crm:1")
    account, owner, *_ = shown.context
    assert [(one.relation, one.name) for one in (account, owner)] == [
        ("account", "Lindqvist Post"),
        ("owner", "Tomasz Wilk"),
    ]
    assert all(one.href for one in shown.context)
    assert shown.context[-1].name == ""


def test_a_family_around_a_deal_is_one_line(tmp_path: Path) -> None:
    """Findings of one family about one subject fold under the heaviest; each still counts as one."""
    database = shop(tmp_path, deal(1, "One", account_id="crm:a2"))
    account, *others = card(database, reviewed(database, *CROWD), "deal", "crm:1").context
    assert (account.check, account.count) == ("around/staff", 2)
    assert [one.check for one in account.folded] == ["acme/size"]
    assert not any(one.folded for one in others)


def test_a_card_ends_with_the_command_that_explains_it(tmp_path: Path) -> None:
    """It names the heaviest finding and the subject; a card without findings has none."""
    database = shop(tmp_path)
    review = reviewed(database)
    hint = "dealreview explain acme/terms --deal crm:1"
    assert card(database, review, "deal", "crm:1").explain == hint
    assert card(database, review, "deal", "crm:3").explain == ""


def test_accounts_without_a_check_still_list_their_deals(tmp_path: Path) -> None:
    """An account that no check looked at has a card without a score, if its deals are talked about."""
    database = shop(tmp_path, deal(1, "One", payment_terms_days=90))
    page = Reader(page_of(database, reviewed(database, "tests.reports.crowd")))
    [account] = [one for one in page.all("div") if (one.get("id") or "").startswith("account-")]
    shown = card(database, reviewed(database, "tests.reports.crowd"), "account", "crm:a1")
    assert account["id"] == shown.anchor
    assert shown.mark is None
    assert [one.name for one in shown.deals] == ["One"]
