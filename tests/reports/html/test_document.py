"""The page as a whole: one file, safe, the same for the same review, readable without its script."""

import base64
import hashlib
import itertools
import re
from pathlib import Path

import pytest
from attrs import evolve

from dealreview.engine.registry import Problem
from dealreview.reports.html.document import policy, shown
from dealreview.store.database import Database
from tests.reports.html.pages import Reader, page_of
from tests.reports.shop import deal, reviewed, shop
from tests.support.nasty import NAMES as NASTY

NAMES = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "</style></script><b>",
    "\x1b[31mred\x1b[0m",
    "\u202eevil",
    "two\nlines",
    "=HYPERLINK(1)",
    "{{ 7 * 7 }}",
    "שלום 😀 汉字",
    "L" * 300,
]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the usual company."""
    database = shop(tmp_path_factory.mktemp("usual"))
    return page_of(database, evolve(reviewed(database), run_number=38))


def test_the_file_needs_nothing_else(usual: str) -> None:
    """Nothing is loaded from anywhere: one style, one script, no address."""
    read = Reader(usual)
    assert len(read.all("style")) == len(read.all("script")) == 1
    assert not read.values("src")
    assert all(href.startswith("#") for href in read.values("href"))
    assert not re.search(r"url\(|@import|https?://", usual)


def test_a_strict_policy_holds(usual: str) -> None:
    """No style attribute and no handler; the policy names the digests of the one style and script."""
    read = Reader(usual)
    names = {name for _, attributes in read.elements for name in attributes}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]
    [given] = [m["content"] for m in read.all("meta") if "http-equiv" in m]
    assert given == policy()
    assert "default-src 'none'" in policy()
    for tag in ("style", "script"):
        found = re.search(f"<{tag}>(.*?)</{tag}>", usual, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy()


def test_the_same_review_gives_the_same_bytes(tmp_path: Path) -> None:
    """No clock, no machine, no order of a set gets into the page."""
    database = shop(tmp_path)
    assert page_of(database, reviewed(database)) == page_of(database, reviewed(database))


def test_links_lead_somewhere_and_names_of_places_are_unique(usual: str) -> None:
    """Every link of the page has its place on it, exactly once."""
    read = Reader(usual)
    places = read.values("id")
    assert len(places) == len(set(places))
    assert {href[1:] for href in read.values("href")} <= set(places)


def test_headings_go_down_one_by_one(usual: str) -> None:
    """There is one first heading, and no level is left out."""
    levels = [level for level, _ in Reader(usual).headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_it_can_be_read_without_seeing_it(usual: str) -> None:
    """Landmarks, a way past them, captions and words for every shape and chart are there."""
    read = Reader(usual)
    tags = [tag for tag, _ in read.elements]
    assert [tags.count(tag) for tag in ("main", "nav", "footer")] == [1, 1, 1]
    assert tags.count("table") == tags.count("caption")
    first_link = next(given for tag, given in read.elements if tag == "a")
    assert first_link["href"] == "#main"
    assert all(one.get("aria-label") for one in read.all("span") if one.get("role") == "img")
    charts = [c for c in read.all("svg") if "chart" in (c.get("class") or "")]
    assert charts
    assert all(c.get("aria-label") or c.get("aria-hidden") == "true" for c in charts)
    heads = [given for given in read.all("th") if given.get("scope") not in ("col", "row")]
    assert not heads


def test_the_summary_comes_first(usual: str) -> None:
    """What stands where, what to talk about, what goes well and what is not known, then the lists."""
    titles = [text.strip() for _, text in Reader(usual).headings]
    order = [
        *("4 open deals, EUR 586k", "What this review could not look at", "Talk about these"),
        *("Going well", "Bands by stage", "Money at risk by kind"),
        *("What we do not know", "Deals", "Accounts", "Reps", "How this was judged"),
    ]
    places = [titles.index(title) for title in order]
    assert places == sorted(places)


def test_nothing_unknown_is_printed_as_such(usual: str) -> None:
    """No None, no NaN and no empty braces are shown."""
    text = Reader(usual).text
    assert not re.search(r"\bNone\b|\bnan\b|NaN|\{\}|Undefined", text)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_and_not_obeyed(tmp_path: Path, name: str) -> None:
    """Markup, handlers, escapes and direction marks in names of all kinds do nothing."""
    database = shop(
        tmp_path,
        deal(1, name, payment_terms_days=90),
        accounts=[{"account_id": "crm:a1", "name": name, "employees": 3}],
        people=[{"person_id": "crm:p1", "name": name, "role": "rep", "weekly_hours": 5.0}],
        stages=[{"stage_id": "crm:s4", "name": name, "kind": "open"}],
        contacts=[{"contact_id": "crm:c1", "name": name, "job_title": name}],
        stakeholders=[{"deal_id": "crm:1", "contact_id": "crm:c1"}],
    )
    page = page_of(database, reviewed(database))
    read = Reader(page)
    assert len(read.all("script")) == len(read.all("style")) == 1
    assert not {"onmouseover", "b", "img"} & {n for _, given in read.elements for n in given}
    assert not set("\x1b\u202e\u2068\u2069") & set(page)
    if name.isprintable() and "\u202e" not in name:
        assert name in read.text.replace(" </bdi>", "")


def test_nasty_names_are_inert_in_folds_context_and_labels(tmp_path: Path) -> None:
    """Names of every kind on subjects with many findings add no element, handler or unseen sign."""
    deals = [
        deal(n, name, account_id=f"crm:a{n}", owner_id=f"crm:p{n}", amount_minor=20_000_000 + n)
        for n, name in enumerate(NASTY)
    ]
    accounts = [
        {"account_id": f"crm:a{n}", "name": name, "employees": 4} for n, name in enumerate(NASTY)
    ]
    people = [
        {"person_id": f"crm:p{n}", "name": name, "role": "rep", "team_id": "crm:t1"}
        | {"weekly_hours": 10.0}
        for n, name in enumerate(NASTY)
    ]
    teams = [{"team_id": "crm:t1", "name": NASTY[0]}]
    database = shop(tmp_path, *deals, accounts=accounts, people=people, teams=teams)
    packs = ("tests.reports.crowd", "tests.reports.acme", "tests.reports.around")
    text = page_of(database, reviewed(database, *packs))
    page = Reader(text)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not page.all("img")
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]
    assert not {"\x1b", "\x9b", "\x07", "\u202e", "\u202c", "\u200b", "\u2066"} & set(text)
    hrefs = [one["href"] or "" for one in page.all("a")]
    assert all(href.startswith("#") for href in hrefs)


def test_a_name_in_a_sentence_keeps_its_direction_to_itself() -> None:
    """Names inside messages are isolated, whatever else stands in the message."""
    assert shown("seen: \u2068שלום\u2069, 3 <d>") == "seen: <bdi>שלום</bdi>, 3 &lt;d&gt;"
    assert shown("loose \u2068 end") == "loose \\u2068 end"
    assert shown(None) == ""


@pytest.mark.parametrize(("detail", "count"), [(0, 0), (1, 1), (4, 4), (200, 9)])
def test_so_many_subjects_get_a_card_and_all_a_row(tmp_path: Path, detail: int, count: int) -> None:
    """--detail counts the cards; every deal keeps its row, and links only where there is a card."""
    database = shop(tmp_path)
    read = Reader(page_of(database, reviewed(database), detail))
    cards = [one for one in read.all("article") if one.get("class") == "card"]
    assert len(cards) == count
    for name in ("Line 4 controls", "Cold-chain retrofit", "Sorting hall", "Old press"):
        assert name in read.text
    assert {href[1:] for href in read.values("href")} <= set(read.values("id"))


def test_problems_and_remarks_are_named_first(tmp_path: Path) -> None:
    """What makes the run incomplete stands above everything else."""
    database = shop(tmp_path)
    review = reviewed(database)
    stopped = Problem("feed activities", "ended on 1 Oct 2026.", kind="feed")
    header = evolve(review.header, problems=(stopped,), rejected_rows=3)
    text = Reader(page_of(database, evolve(review, header=header), note="Not stored.")).text
    before = text[: text.index("Talk about these")]
    assert "feed activities: ended on 1 Oct 2026." in before
    assert "3 rows of imports that could not be stored" in before
    assert "1 check not reviewed" in before
    assert "Not stored." in before


def test_an_empty_database_has_a_page(tmp_path: Path) -> None:
    """Without any deal the page says so and is whole."""
    database = Database.open(tmp_path / "empty.db", create=True)
    with database.write() as connection:
        connection.execute("SELECT 1")
    read = Reader(page_of(database, reviewed(database)))
    assert "0 open deals" in read.text
    assert "There is no deal to talk about." in read.text


def test_without_open_deals_the_won_ones_are_talked_about(tmp_path: Path) -> None:
    """A company that has only orders gets a page about them."""
    won = deal(1, "Order", stage_id="crm:won", closed_on="2026-11-01", payment_terms_days=90)
    database = shop(tmp_path, won)
    text = Reader(page_of(database, reviewed(database))).text
    assert "No deal is open; 1 won deal" in text
    assert "Talk about these won deals" in text
    assert "1 Nov 2026" in text
