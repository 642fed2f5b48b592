"""The first page: the whale curve and selling time, as far as they are recorded."""

import datetime as dt
from pathlib import Path
from typing import Any

from attrs import evolve

from dealreview.engine.config import Config
from dealreview.engine.review import Review
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Kind
from dealreview.reports.html.book import Book, whale_of
from dealreview.reports.html.summary import Summary
from dealreview.reports.names import NameBook
from dealreview.reports.text import Page
from tests.reports.html.pages import Reader, page_of
from tests.reports.shop import AS_OF, SHOP, deal, reviewed, shop

EUR = 100


def months(account: str, revenue: int, cost: int | None) -> list[dict[str, Any]]:
    """Return twelve months of an account."""
    first = dt.date(2025, 11, 1)
    return [
        {
            "account_id": account,
            "month": f"{first.year + (first.month + n - 1) // 12}-{(first.month + n - 1) % 12 + 1:02}-01",
            "revenue_minor": revenue * EUR,
            "off_invoice_minor": 0,
            "cost_of_goods_minor": None if cost is None else cost * EUR,
            "currency": "EUR",
        }
        for n in range(12)
    ]


def company(path: Path, *figures: tuple[int, int | None]) -> tuple[Any, Review]:
    """Return a company whose accounts have these monthly revenues and costs, and its review."""
    accounts: list[dict[str, Any]] = [
        {"account_id": f"crm:x{n}", "name": f"Account {n}", "is_key": 1}
        for n in range(len(figures))
    ]
    rows = [row for n, pair in enumerate(figures) for row in months(f"crm:x{n}", *pair)]
    database = shop(path, accounts=[*SHOP["accounts"], *accounts], account_months=rows)
    request = Request(AS_OF, Config(autoload=False), ["accounts"])
    return database, review_database(database, request)


def test_the_curve_goes_from_the_best_account_to_the_worst(tmp_path: Path) -> None:
    """It adds up to the total that the check speaks of, and names who takes money back."""
    database, review = company(tmp_path, (100, 60), (90, 100), (50, 20), (40, 30))
    whale = whale_of(review)
    assert whale is not None
    assert whale.ids == ("crm:x0", "crm:x2", "crm:x3", "crm:x1")
    facts = review.kinds[Kind.PIPELINE].base.row(0, named=True)
    assert (whale.total, max(whale.curve.values)) == (facts["whale_total"], facts["whale_peak"])
    with database.read() as connection:
        panel = Summary(Book(Page(review, NameBook(connection)))).whale
    assert panel is not None
    assert panel.headline == "3 of 4 accounts earn EUR 960, 114.3% of what is left"
    assert panel.text.startswith("1 account at a loss takes EUR 120; EUR 840 is left.")
    assert [name for name, _, _ in panel.losing] == ["Account 1"]


def test_a_page_holds_the_line_of_the_curve_once(tmp_path: Path) -> None:
    """Cards of accounts refer to the line of the summary."""
    database, review = company(tmp_path, (100, 60), (90, 100), (50, 20))
    page = page_of(database, review)
    assert page.count('id="whale-path"') == 1
    assert page.count('href="#whale-path"') == 3


def test_too_little_known_gives_no_curve(tmp_path: Path) -> None:
    """Where most of the revenue has no known cost, nothing is drawn."""
    _, review = company(tmp_path, (100, None), (90, None), (10, 5), (10, 4))
    assert whale_of(review) is None


def test_without_account_figures_there_is_no_curve(tmp_path: Path) -> None:
    """A company that records no months has no panel and no hole in the page."""
    database = shop(tmp_path)
    review = evolve(reviewed(database), run_number=1)
    assert whale_of(review) is None
    assert "Where the profit comes from" not in page_of(database, review)


def test_nothing_found_is_not_nothing_wrong(tmp_path: Path) -> None:
    """With unrated deals an empty agenda says that it says little; without deals, that there is none."""
    unknown = deal(1, "One", payment_terms_days=None, hours_to_go=None)
    database = shop(tmp_path, unknown)
    text = Reader(page_of(database, reviewed(database))).text
    assert "Nothing was found, and that says little: 1 deal unrated" in text
    long_ago = reviewed(database, as_of=dt.date(2001, 1, 1))
    assert "There is no deal to talk about." in Reader(page_of(database, long_ago)).text
