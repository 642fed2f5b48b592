"""The review in a terminal."""

import datetime as dt
import os
import re
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from rich.cells import cell_len

from dealreview.checks.facts import Fact
from dealreview.engine.registry import Problem
from dealreview.engine.review import Review
from dealreview.model.outcome import Kind
from dealreview.reports.card import CardPage, card_text, facts_of
from dealreview.reports.layout import text_of
from dealreview.reports.names import NameBook
from dealreview.reports.text import Page, healthy_text, review_text
from dealreview.store.database import Database
from tests.reports.nearly import LACKS
from tests.reports.shop import deal, reviewed, shop

GOLDEN = Path(__file__).parent / "golden"


def printed(database: Database, review: Review, **options: Any) -> str:
    """Return the review as plain text."""
    with database.read() as connection:
        return text_of(review_text(Page(review, NameBook(connection), **options)))


def card(database: Database, review: Review, kind: str, subject: str, **options: Any) -> str:
    """Return a scorecard as plain text."""
    with database.read() as connection:
        names = NameBook(connection)
        found = review.scorecard(kind, subject, names)
        return text_of(card_text(CardPage(found, review, names, **options)))


def assert_golden(name: str, text: str) -> None:
    """Compare with the expected text; GOLDEN=write in the environment writes it anew."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("width", [80, 120])
def test_a_review_reads_like_this(tmp_path: Path, width: int) -> None:
    """Good first, then what to talk about with one open question each, then what is not known."""
    database = shop(tmp_path)
    review = evolve(reviewed(database), run_number=38)
    assert_golden(f"review-{width}.txt", printed(database, review, width=width))


@pytest.mark.parametrize("width", [80, 120])
def test_a_scorecard_reads_like_this(tmp_path: Path, width: int) -> None:
    """Findings come with their points, those of a family fold under the heaviest."""
    database = shop(tmp_path)
    review = reviewed(database)
    text = "\n".join(card(database, review, "deal", f"crm:{n}", width=width) for n in (1, 3, 4, 5))
    assert_golden(f"cards-{width}.txt", text)


def test_everything_is_shown_when_asked_for(tmp_path: Path) -> None:
    """Passes, what does not apply, what was not reviewed and the facts stand at the end."""
    database = shop(tmp_path)
    text = card(database, reviewed(database), "deal", "crm:2", width=100, everything=True)
    rest, _, facts = text.partition("\nFACTS\n")
    assert_golden("card-all-100.txt", rest)
    assert "UNKNOWN" not in facts
    shown = [" ".join(line.split()) for line in facts.splitlines()]
    assert shown == sorted(shown)
    assert {"acme_amount EUR 100,000", "acme_terms 45 d", "amount EUR 100,000"} <= set(shown)


def test_facts_that_are_unknown_are_named(tmp_path: Path) -> None:
    """They stand behind the others, since they have no value to show."""
    database = shop(tmp_path)
    text = card(database, reviewed(database), "deal", "crm:4", width=100, everything=True)
    unknown = text.partition("\n\nFACTS THAT ARE UNKNOWN HERE\n")[2]
    assert unknown.split() == ["acme_hours,", "acme_terms"]


@pytest.mark.parametrize(
    ("fact", "value", "text"),
    [
        (Fact("has_own_limit", "int", "Whether there is one."), 1, "yes"),
        (Fact("is_first_milestone", "int", "Whether it is."), 0, "no"),
        (Fact("has_meetings", "int", "Meetings.", "meetings"), 1, "1 meeting"),
        (Fact("meetings", "int", "Meetings."), 1, "1"),
        (
            Fact("stays", "set", "Days by stage."),
            ["crm:s4: 31", "crm:x: 2"],
            "Proposal: 31, crm:x: 2",
        ),
        (Fact("who", "text", "Who wrote it."), "; all entered by us", ""),
        (Fact("sign", "text", "Up or down."), "+", ""),
        (Fact("code", "text", "As recorded.", origin="deals.name"), "(A) 1", "(A) 1"),
        (Fact("holder_id", "text", "Who owns it."), "crm:p1", "Tomasz Wilk"),
        (Fact("holder", "text", "Who owned it, as written."), "crm:p1", "crm:p1"),
    ],
)
def test_facts_are_printed_for_people(tmp_path: Path, fact: Fact, value: Any, text: str) -> None:
    """Yes and no are words, stages and people have names, half sentences of messages are left out."""
    database = shop(tmp_path)
    review = reviewed(database)
    kinds = {Kind.DEAL: evolve(review.kinds[Kind.DEAL], facts={fact.name: fact})}
    found = evolve(review.scorecard("deal", "crm:1"), facts={fact.name: value})
    with database.read() as connection:
        known, unknown = facts_of(
            CardPage(found, evolve(review, kinds=kinds), NameBook(connection))
        )
    assert (known, unknown) == ({fact.name: text} if text else {}, [])


NEARLY = "tests.reports.nearly"


def test_what_could_be_a_strength_is_said_when_asked_for(tmp_path: Path) -> None:
    """A pass names what would have to be known for it, and stays out of the short card."""
    unknown = deal(9, "Spares", payment_terms_days=None)
    database = shop(tmp_path, unknown, deal(2, "Mills", payment_terms_days=45))
    review = reviewed(database, NEARLY)
    whole = card(database, review, "deal", "crm:9", width=120, everything=True)
    assert f"✓ nearly/quick  5 h to go; {LACKS}" in whole
    assert "strength" not in card(database, review, "deal", "crm:9", width=120)
    known = card(database, review, "deal", "crm:2", width=120, everything=True)
    assert "strength" not in known


CROWD = "tests.reports.crowd"
BIG = deal(1, "Line 4 controls", amount_minor=28_600_000, payment_terms_days=None)


def test_forty_findings_fit_on_a_screen_or_two(tmp_path: Path) -> None:
    """A few in full, some in a line, the rest counted with the command that shows them."""
    database = shop(tmp_path, BIG)
    review = reviewed(database, CROWD, "tests.reports.acme")
    assert_golden("crowd-80.txt", card(database, review, "deal", "crm:1"))


@pytest.mark.parametrize("everything", [False, True])
def test_the_printed_column_of_points_adds_up(tmp_path: Path, everything: bool) -> None:
    """Own points of every line, of what is folded and of what is only counted come to what is lost."""
    database = shop(tmp_path, BIG)
    review = reviewed(database, CROWD, "tests.reports.acme")
    text = card(database, review, "deal", "crm:1", everything=everything)
    section = text[text.index("WHAT COULD COST") :].partition("\n\n")[0]
    points = [float(found) for found in re.findall(r" −(\d+\.\d)$", section, re.MULTILINE)]
    *parts, total = points
    assert round(sum(parts), 1) == total
    assert f"100.0 − {total} = {review.scorecard('deal', 'crm:1').score}" in section


def test_everything_that_was_folded_is_there_when_asked_for(tmp_path: Path) -> None:
    """--all prints every finding in full, uncut, and no count of what is hidden."""
    database = shop(tmp_path, BIG)
    review = reviewed(database, CROWD)
    text = card(database, review, "deal", "crm:1", everything=True, width=100)
    verdicts = review.scorecard("deal", "crm:1").verdicts
    assert all(verdict.check.partition("/")[2] in text for verdict in verdicts)
    assert "…" not in text
    assert " more " not in text


def test_the_agenda_says_how_much_more_was_found(tmp_path: Path) -> None:
    """A deal has its heaviest finding and the number of the others."""
    database = shop(tmp_path, BIG)
    text = " ".join(printed(database, reviewed(database, CROWD)).split())
    assert "(+19 more)" in text


def test_what_is_around_a_deal_is_told_apart_from_what_it_is_judged_by(tmp_path: Path) -> None:
    """Account, owner and team stand in a section of their own that says that it does not count."""
    database = shop(tmp_path, deal(1, "One", account_id="crm:a2"))
    review = reviewed(database, "tests.reports.acme", "tests.reports.around")
    text = card(database, review, "deal", "crm:1")
    section = text[text.index("AROUND THIS DEAL") : text.index("NOT REVIEWED")]
    assert "not counted in the score" in section
    assert "■ account Lindqvist Post: 4 employees" in section
    assert "\n    with size: 4 employees\n" in section
    assert "and 1 more: dealreview show deal:crm:1 --all" in section
    whole = card(database, review, "deal", "crm:1", everything=True)
    assert "◆ pipeline: 1 small customers" in whole


def test_commands_name_subjects_so_that_a_shell_takes_them(tmp_path: Path) -> None:
    """An id with a blank or a quote is quoted in the commands that a card ends with."""
    odd = deal(1, "One", deal_id="crm:it's 1", payment_terms_days=90)
    database = shop(tmp_path, odd)
    text = card(database, reviewed(database), "deal", "crm:it's 1")
    assert """dealreview show 'deal:crm:it'"'"'s 1' --all""" in text
    assert """dealreview explain acme/terms --deal 'crm:it'"'"'s 1'""" in text
    rep = card(database, reviewed(database), "rep", "crm:p1")
    assert "dealreview explain acme/week --subject rep:crm:p1" in rep


def test_a_rep_is_for_coaching(tmp_path: Path) -> None:
    """A rep's card has no number and says what it is not for; the review does not name reps."""
    database = shop(tmp_path)
    review = reviewed(database)
    text = card(database, review, "rep", "crm:p1")
    assert "not for employment decisions" in " ".join(text.split())
    assert "kept" not in text
    assert "20 h a week" not in printed(database, review)
    assert "1 of 2 reps" in printed(database, review)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(tmp_path: Path, width: int) -> None:
    """Long and wide names, ids and messages stay within the columns."""
    name = "Ein sehr langer Name mit 汉字汉字汉字 und noch viel mehr " * 3
    deals = [deal(n, name, deal_id=f"crm:{'9' * 60}{n}", payment_terms_days=90) for n in range(7)]
    database = shop(tmp_path, *deals)
    review = reviewed(database)
    texts = [printed(database, review, width=width, everything=flag) for flag in (True, False)]
    texts.append(card(database, review, "deal", f"crm:{'9' * 60}1", width=width))
    if width >= 80:
        assert max(cell_len(part) for text in texts for part in text.splitlines()) <= width


@pytest.mark.parametrize(
    "name", ["\x1b[31mred\x1b[0m", "\u202eevil", "two\nlines", "\x9b2J", "[red]x[/red]", ":smile:"]
)
def test_a_name_is_shown_and_not_obeyed(tmp_path: Path, name: str) -> None:
    """Escapes, direction marks, line breaks and markup in names do nothing."""
    broken = deal(1, name, payment_terms_days=90)
    database = shop(tmp_path, broken, accounts=[{"account_id": "crm:a1", "name": name}])
    review = reviewed(database)
    texts = printed(database, review), card(database, review, "deal", "crm:1")
    for text in texts:
        assert not {"\x1b", "\u202e", "\x9b"} & set(text)
        assert "two\nlines" not in text
    assert name not in ("[red]x[/red]", ":smile:") or all(name in text for text in texts)


def test_without_open_deals_the_won_ones_are_talked_about(tmp_path: Path) -> None:
    """A company that has only orders gets a review of them, and is told so."""
    won = deal(1, "Order 1", stage_id="crm:won", closed_on="2026-11-01", payment_terms_days=90)
    database = shop(tmp_path, won)
    text = printed(database, reviewed(database))
    assert text.startswith("No deal is open; 1 won deal, EUR 100k")
    assert "TALK ABOUT THESE WON DEALS" in text
    assert "deal:crm:1" in text


def test_another_date_is_proposed_when_everything_lies_far_away(tmp_path: Path) -> None:
    """Old data reviewed today names the day that fits."""
    database = shop(tmp_path, deal(1, "Old", created_on="2019-03-01", expected_close_on=None))
    text = printed(database, reviewed(database))
    assert "dealreview review --as-of 2019-03-01" in text


def test_problems_are_named_with_their_exit_code(tmp_path: Path) -> None:
    """A check that raises is named in the header, and what it cost; nothing in it is obeyed."""
    database = shop(tmp_path)
    review = reviewed(database, "tests.reports.acme", "tests.reports.broken")
    text = " ".join(printed(database, review, exit_code=3, width=120).split())
    assert "! check 'broken/raises'" in text
    assert "\\x1b[31mno luck" in text
    assert "! check 'broken/one': raised ValueError: not this one" in text
    assert "Incomplete: 2 problems named above; 1 verdict counts as not decided. Exit 3." in text


def test_every_problem_is_named(tmp_path: Path) -> None:
    """However many there are, each place is named above the count; those of one cause stand together."""
    database = shop(tmp_path)
    review = reviewed(database)
    alike = [Problem(f"check 'a/c{n}'", "raised ValueError: x", kind="check") for n in range(9)]
    others = [Problem(f"pack 'p{n}'", f"can't be loaded: {n}.") for n in range(9)]
    feed = Problem("feed targets", "ended on 1 Oct 2026, 44 days too early.", kind="feed")
    header = evolve(review.header, problems=(feed, *alike, *others))
    text = " ".join(printed(database, evolve(review, header=header), exit_code=3).split())
    assert all(problem.where in text for problem in (*alike, *others, feed))
    assert text.count("raised ValueError: x") == 1
    assert "Incomplete: 18 problems named above. Exit 3." in text
    assert text.index("pack 'p8'") < text.index("feed targets")


def test_a_failed_gate_says_which(tmp_path: Path) -> None:
    """The header repeats what the run was held to."""
    database = shop(tmp_path)
    review = reviewed(database)
    text = printed(database, review, exit_code=1, gate="--fail-on risk")
    assert "The gate failed (--fail-on risk). Exit 1." in text
    unrated = printed(database, review, exit_code=3, gate="--min-score 50")
    assert "every subject must be rated" in unrated


def test_rejected_rows_and_todays_values_are_told(tmp_path: Path) -> None:
    """What is not in the review, and what was judged by today's values, stands in the header."""
    database = shop(tmp_path)
    header = evolve(reviewed(database).header, rejected_rows=3, judged_by_todays_values=1, gone=2)
    text = " ".join(printed(database, evolve(reviewed(database), header=header)).split())
    rows = "3 rows of imports that could not be stored"
    assert f"{rows}: sqlite-utils rows dealreview.db import_problems" in text
    assert "1 deal judged by today's stage" in text
    assert "2 deals left out: a complete export no longer had them" in text


def test_a_stopped_feed_is_told_and_is_no_problem(tmp_path: Path) -> None:
    """A feed that ended before the date is a remark; the run is not incomplete for it."""
    database = shop(tmp_path)
    review = reviewed(database)
    stopped = Problem("feed activities", "ended on 1 Oct 2026, 44 days too early.", kind="feed")
    review = evolve(review, header=evolve(review.header, problems=(stopped,)))
    assert not review.errors
    assert "◆ feed activities: ended on 1 Oct 2026" in printed(database, review)


def test_amounts_without_a_rate_are_told(tmp_path: Path) -> None:
    """An amount that can't be converted is counted, with what to do about it."""
    database = shop(tmp_path, deal(1, "a", currency="USD"), deal(2, "b"))
    text = " ".join(printed(database, reviewed(database)).split())
    assert "2 open deals, EUR 100k (1 without an amount in EUR)" in text
    assert "1 open deal in USD: no rate to EUR. Import fx_rates" in text


def test_money_at_risk_without_a_rate_is_counted(tmp_path: Path) -> None:
    """What can't be converted is told, and a sum that it is half of is not printed."""
    dollars = deal(1, "a", currency="USD", payment_terms_days=90)
    database = shop(tmp_path, dollars, deal(2, "b", payment_terms_days=90))
    text = " ".join(printed(database, reviewed(database)).split())
    assert "At risk in open deals" not in text
    assert "Money at risk in 1 open deal is left out: no rate to EUR." in text


def test_an_amount_without_a_currency_is_told(tmp_path: Path) -> None:
    """Where currencies are recorded, an amount without one is in none, on the card too."""
    database = shop(tmp_path, deal(1, "a", currency=None), deal(2, "b"))
    review = reviewed(database)
    text = " ".join(printed(database, review).split())
    assert "1 open deal with an amount of no currency. Import deals.currency." in text
    assert "\n100,000 · Proposal" in card(database, review, "deal", "crm:1")


def test_no_currency_is_made_up(tmp_path: Path) -> None:
    """Where no amount says its currency, they are printed without one, and the review says so."""
    database = shop(tmp_path, deal(1, "a", currency=None), deal(2, "b", currency=None))
    text = " ".join(printed(database, reviewed(database)).split())
    assert "2 open deals, 200k as of" in text
    assert "No amount says its currency: they stand as in the files." in text
    assert not {"EUR", "XXX"} & set(text.split())


LINES = {"deal_lines": [{"line_id": "l1", "deal_id": "crm:1", "invoice_minor": 1_300_000}]}


def test_a_deal_without_an_amount_is_worth_its_lines(tmp_path: Path) -> None:
    """Header, list and card show the pocket price of the lines where a deal has no amount."""
    only_lines = deal(1, "a", amount_minor=None, payment_terms_days=90)
    database = shop(tmp_path, only_lines, **LINES)
    review = reviewed(database)
    text = printed(database, review)
    assert text.startswith("1 open deal, EUR 13k ")
    assert "\n    EUR 13k   Tomasz Wilk\n" in text
    assert "\nEUR 13,000 · Proposal" in card(database, review, "deal", "crm:1")


def test_deals_that_did_not_exist_yet_are_no_empty_database(tmp_path: Path) -> None:
    """Before the first deal a later date is proposed, that of the last thing that is recorded."""
    meeting = {"activity_id": "x", "kind": "call", "status": "held", "at": "2026-11-20T09:00:00Z"}
    planned = meeting | {"activity_id": "y", "status": "planned", "at": "2027-03-01T09:00:00Z"}
    database = shop(tmp_path, activities=[meeting, planned])
    review = reviewed(database, as_of=dt.date(2026, 1, 1))
    text = " ".join(printed(database, review).split())
    assert "no deal in the database" not in text
    assert "No deal existed as of Thu 1 Jan 2026; its" not in text
    assert "No deal existed as of Thu 1 Jan 2026; the data's last day is Fri 20 Nov 2026" in text
    assert "next dealreview review --as-of 2026-11-20" in text


def test_subjects_without_a_line_of_their_own_are_named(tmp_path: Path) -> None:
    """What is healthy for all its findings, and what is unrated, has its name with its id."""
    unknown = deal(4, "Service renewal", payment_terms_days=None, hours_to_go=None)
    database = shop(tmp_path, unknown, deal(6, "", payment_terms_days=None, hours_to_go=None))
    review = reviewed(database)
    text = " ".join(printed(database, review, width=100).split())
    assert "could be decided: Service renewal (deal:crm:4), deal:crm:6 " in text
    accounts = review.kinds[Kind.ACCOUNT]
    with database.read() as connection:
        said = healthy_text(Page(review, NameBook(connection)), accounts, [0, 1])
    assert said.endswith(": Harrow Castings (account:crm:a1), Lindqvist Post (account:crm:a2)")


def test_one_is_spoken_of_as_one(tmp_path: Path) -> None:
    """Counts of one agree with their nouns."""
    bad = [deal(n, f"d{n}", payment_terms_days=90) for n in range(6)]
    database = shop(tmp_path, *bad)
    text = " ".join(printed(database, reviewed(database)).split())
    assert "1 more deal with findings: dealreview review --all" in text
    assert "1 of 2 reps has something to talk about" in text
    assert "1 check not reviewed" in text


def test_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    """Without any deal the next step is an import."""
    database = Database.open(tmp_path / "empty.db", create=True)
    text = printed(database, reviewed(database))
    assert text.startswith("0 open deals")
    assert "dealreview import --help" in text
