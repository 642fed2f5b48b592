"""The review as Markdown."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dealreview.engine.registry import Problem
from dealreview.engine.review import Review
from dealreview.reports.card import CardPage
from dealreview.reports.escape import clean
from dealreview.reports.markdown import review_markdown
from dealreview.reports.markdown_card import card_markdown
from dealreview.reports.markup import code, escaped
from dealreview.reports.names import NameBook
from dealreview.reports.text import Page
from dealreview.store.database import Database
from tests.reports.nearly import LACKS
from tests.reports.shop import deal, reviewed, shop
from tests.reports.test_text import assert_golden
from tests.support.nasty import NAMES

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
AROUND = "tests.reports.around"
OURS = {"heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th"}
OURS |= {"td", "inline", "text", "text_special", "strong", "em", "code_inline"}


def written(database: Database, review: Review, **options: Any) -> str:
    """Return the review as Markdown."""
    with database.read() as connection:
        return "".join(review_markdown(Page(review, NameBook(connection), **options)))


def card(database: Database, review: Review, subject: str, kind: str = "deal", **rest: Any) -> str:
    """Return a scorecard as Markdown."""
    with database.read() as connection:
        names = NameBook(connection)
        found = review.scorecard(kind, subject, names)
        return "".join(card_markdown(CardPage(found, review, names, **rest)))


def tokens(text: str) -> list[Token]:
    """Return what a reader of Markdown finds, flat."""
    blocks = READER.parse(text)
    return blocks + [child for block in blocks for child in block.children or ()]


def shown(text: str) -> str:
    """Return the text that a reader of Markdown shows."""
    parts = [t.content for t in tokens(text) if t.type in {"text", "text_special", "code_inline"}]
    return "".join(parts)


def kinds(text: str) -> set[str]:
    """Return what a document is made of."""
    return {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(text)}


def test_a_review_reads_like_this(tmp_path: Path) -> None:
    """Good first, then what to talk about with a question, what is not known, a table of deals."""
    database = shop(tmp_path)
    review = evolve(reviewed(database), run_number=38)
    assert_golden("review.md", written(database, review))


def test_a_scorecard_reads_like_this(tmp_path: Path) -> None:
    """Each part of the card is a section; findings of a family stand under the heaviest."""
    database = shop(tmp_path)
    review = reviewed(database)
    cards = [card(database, review, f"crm:{n}") for n in range(1, 6)]
    assert_golden("cards.md", "\n".join(cards))


def test_everything_is_there_when_asked_for(tmp_path: Path) -> None:
    """Passes and the facts, each in a section of its own."""
    database = shop(tmp_path)
    text = card(database, reviewed(database), "crm:2", everything=True)
    assert "\n## Passed\n\n- ✓ `acme/hours`: 5 h of selling to go\n" in text
    heading = "\n## Facts\n\n| Fact | Value |\n| --- | --- |\n"
    assert f"{heading}| `acme_amount` | EUR 100,000 |\n" in text.replace("\\", "")


def test_what_could_be_a_strength_is_said_when_asked_for(tmp_path: Path) -> None:
    """A pass names what would have to be known for it."""
    database = shop(tmp_path, deal(9, "Spares", payment_terms_days=None))
    review = reviewed(database, "tests.reports.nearly")
    text = card(database, review, "crm:9", everything=True)
    assert f"- ✓ `nearly/quick`: 5 h to go; {LACKS}\n" in text.replace("\\", "")


@pytest.mark.parametrize("name", NAMES)
def test_data_is_shown_and_does_nothing(name: str) -> None:
    """A name stands in a paragraph, a heading, a list, bold and a table as what it is."""
    as_text = " ".join(clean(name).split())
    text = escaped(name)
    for form in (
        f"{text}\n",
        f"# {text}\n",
        f"- **{text or '–'}** x\n",
        f"| a |\n|---|\n| {text} |\n",
    ):
        assert kinds(form) <= OURS
        assert as_text in shown(form)


@given(st.text("ab1 \\`*_{}[]()<>#+-.!|~$^=&;:/@w\n\t", max_size=30))
@example("http://a`b")
@example("\\`http://a|b`")
def test_no_text_is_markup(text: str) -> None:
    """Whatever is made of the characters of Markdown comes out as it went in."""
    as_text = " ".join(clean(text).split())
    assert kinds(f"x {escaped(text)}\n") <= OURS
    assert shown(f"x {escaped(text)}\n").strip() == f"x {as_text}".strip()
    assert shown(f"{escaped(text)}\n").strip() == as_text


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("see https://evil.example/x.", "see `https://evil.example/x.`"),
        ("www.evil.example", "`www.evil.example`"),
        ("mail a@evil.example", "mail `a@evil.example`"),
        ("ask @everybody", "ask `@everybody`"),
        ("javascript:alert(1)", "`javascript:alert(1)`"),
        ("Booking.com: 3 @ 5 // snake_case 51.9%", "Booking.com: 3 @ 5 // snake_case 51.9%"),
    ],
)
def test_an_address_is_code(text: str, markdown: str) -> None:
    """Nothing makes a link of code; what is no address is left alone."""
    assert escaped(text) == markdown


def test_an_id_is_code_where_it_can_be() -> None:
    """One that code could not hold is shown as text."""
    assert code("deal:crm:1") == "`deal:crm:1`"
    assert code("deal:a`b|c") == "deal:a\\`b\\|c"
    assert code("") == ""


def test_no_name_changes_the_document(tmp_path: Path) -> None:
    """With hostile names everywhere a review has the lines, tables and links that it has without."""
    hostile, plain = (documents(tmp_path / str(n), n) for n in (True, False))
    for text, expected in zip(hostile, plain, strict=True):
        assert kinds(text) <= OURS
        assert text.count("\n") == expected.count("\n")
        assert not {"\x1b", "\u202e", "\x9b", "\r"} & set(text)


def documents(folder: Path, hostile: bool) -> list[str]:
    """Return a review and scorecards of a company whose names are hostile or plain."""
    folder.mkdir()
    names = [name if hostile else f"Name {n}" for n, name in enumerate(NAMES)]
    accounts = [
        {"account_id": f"crm:a{n}", "name": name, "employees": 4} for n, name in enumerate(names)
    ]
    deals = [
        deal(n, name, account_id=f"crm:a{n}", payment_terms_days=90 if n % 2 else None)
        for n, name in enumerate(names)
    ]
    database = shop(folder, *deals, accounts=accounts)
    review = reviewed(database)
    cards = [card(database, review, f"crm:{n}", everything=True) for n in range(len(names))]
    return [written(database, review, everything=True), *cards]


def test_a_long_list_says_what_is_left_out(tmp_path: Path) -> None:
    """Only the first deals are told of and listed; everything is there when asked for."""
    deals = [deal(n, f"Deal {n}", payment_terms_days=90) for n in range(120)]
    database = shop(tmp_path, *deals)
    review = reviewed(database)
    short, whole = written(database, review), written(database, review, everything=True)
    assert "- 115 more deals with findings: `dealreview review --format markdown --all`" in short
    assert short.count("| Deal ") == 101
    assert whole.count("| Deal ") == 121
    assert "more deals" not in whole


def test_what_makes_a_run_incomplete_is_told(tmp_path: Path) -> None:
    """Problems, what was not seen and the exit code stand under the header."""
    database = shop(tmp_path)
    review = reviewed(database)
    stopped = Problem("feed activities", "ended on 1 Oct 2026.", kind="feed")
    failed = Problem("check 'acme/x'", "raised <b>.", kind="check")
    header = evolve(review.header, rejected_rows=3, problems=(failed, stopped))
    text = written(database, evolve(review, header=header), exit_code=3)
    assert "- **!** check 'acme/x': raised &lt;b&gt;." in text
    assert "- ◆ feed activities: ended on 1 Oct 2026." in text
    assert "3 rows of imports that could not be stored" in text
    assert "Exit 3." in text


def test_a_family_around_a_deal_is_one_item(tmp_path: Path) -> None:
    """Lighter findings of one family about one subject stand under the heaviest."""
    database = shop(tmp_path, deal(1, "One", account_id="crm:a2"))
    text = card(database, reviewed(database, "tests.reports.acme", AROUND), "crm:1")
    heaviest = "- ■ account Lindqvist Post: 4 employees (`around/staff`)"
    assert f"{heaviest}\n  - with 4 employees (`acme/size`)\n" in text


def test_a_rep_has_no_number(tmp_path: Path) -> None:
    """A rep's page says what it is not for; the review names no rep."""
    database = shop(tmp_path)
    review = reviewed(database)
    text = card(database, review, "crm:p1", "rep")
    assert "not for employment decisions" in text
    assert "kept" not in text
    assert "points" not in text
    assert "1 of 2 reps" in written(database, review)


def test_an_empty_database_is_a_short_document(tmp_path: Path) -> None:
    """Without any deal there is a header and nothing that pretends."""
    database = Database.open(tmp_path / "empty.db", create=True)
    text = written(database, reviewed(database))
    assert "0 open deals" in text
    assert "## Deals" not in text
