"""The page in a browser: accessible, usable with a keyboard, narrow, dark, printed, without script."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine.records import save_review
from tests.reports.html.pages import page_of
from tests.reports.shop import deal, reviewed, shop
from tools.browser import CHROMIUM, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("playwright", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with eight open deals, written to a file."""
    folder = tmp_path_factory.mktemp("page")
    names = ["Line 4", "Retrofit", "Sorting hall", "Press", "Oven", "Kiln", "L" * 300, "שלום"]
    deals = [
        deal(n, name, payment_terms_days=(90, 45, 5, None)[n % 4], amount_minor=(n + 1) * 100_000)
        for n, name in enumerate(names)
    ]
    database = shop(folder, *deals)
    path = folder / "review.html"
    path.write_text(page_of(database, reviewed(database)), "utf-8")
    return path


@pytest.fixture(scope="module")
def crowded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on which a deal has forty findings, context and earlier scores."""
    folder = tmp_path_factory.mktemp("crowded")
    deals = [
        deal(1, "Big", amount_minor=28_600_000, payment_terms_days=None, hours_to_go=None),
        deal(2, "L" * 300, account_id="crm:a2", amount_minor=45_000_000, payment_terms_days=90),
    ]
    database = shop(folder, *deals)
    packs = ("tests.reports.crowd", "tests.reports.acme", "tests.reports.around")
    save_review(database, reviewed(database, *packs, as_of=dt.date(2026, 11, 7)))
    path = folder / "review.html"
    path.write_text(page_of(database, reviewed(database, *packs)), "utf-8")
    return path


@pytest.fixture(scope="module", params=["usual", "crowded"])
def any_file(request: pytest.FixtureRequest, page_file: Path, crowded_file: Path) -> Path:
    """Both pages in turn."""
    return page_file if request.param == "usual" else crowded_file


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests of this file."""
    with started() as browser:
        yield browser


def opened(browser: Any, path: Path, width: int = 1280, **options: Any) -> Any:
    """Return the page opened in a window of its own, with what the browser complains of."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(path.as_uri())
    return page


def names_in(page: Any) -> list[str]:
    """Return the names of the open deals that are shown."""
    rows = page.locator("#deals > .list tbody tr:visible th")
    return [text.strip() for text in rows.all_inner_texts()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(browser: Any, any_file: Path, width: int, scheme: str) -> None:
    """No rule of axe is broken, contrast included, wide and narrow, light and dark."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(browser, any_file, width, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = axe.Axe().run(page)
    assert [(one["id"], one["help"]) for one in found.response["violations"]] == []


@pytest.mark.parametrize("width", [1280, 800, 360])
def test_nothing_is_wider_than_the_window(browser: Any, any_file: Path, width: int) -> None:
    """A name of 300 characters wraps; nobody has to scroll sideways."""
    page = opened(browser, any_file, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    wide = "[...document.querySelectorAll('.panel, .finding')].filter((e) => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{wide}.length") == 0


def test_the_policy_blocks_nothing_of_the_page(browser: Any, page_file: Path) -> None:
    """Style and script run under the page's own policy, without a word from the browser."""
    page = opened(browser, page_file)
    assert page.complaints == []
    assert page.locator("#deals .filters").count() == 1


def test_sorting_works_with_the_keyboard_and_is_told(browser: Any, page_file: Path) -> None:
    """Enter on a heading sorts, a second time the other way round; aria-sort says how."""
    page = opened(browser, page_file)
    head = page.locator("#deals > .list thead th").nth(4)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert names_in(page)[0] == "שלום"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert names_in(page)[0] == "Line 4"


def test_filters_leave_what_fits_and_tell_the_count(browser: Any, page_file: Path) -> None:
    """Text and band narrow the list, the count is announced, and one button shows all again."""
    page = opened(browser, page_file)
    part = page.locator("#deals > .list")
    part.get_by_label("Find by name").fill("L")
    part.get_by_label("Band").select_option(label="■ risk")
    assert names_in(page) == ["Line 4"]
    said = part.locator("output[aria-live=polite]")
    said.get_by_text("1 of 8 shown").wait_for()
    part.get_by_role("button", name="Show all").click()
    said.get_by_text("8 of 8 shown").wait_for()
    assert len(names_in(page)) == 8


def test_the_first_key_leads_past_the_navigation(browser: Any, page_file: Path) -> None:
    """Tab shows the way to the review, and what has the focus is outlined."""
    page = opened(browser, page_file)
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.textContent") == "Skip to the review"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"


def test_everything_is_there_without_script(browser: Any, page_file: Path) -> None:
    """The list is a plain table without dead controls, and cards are whole."""
    page = opened(browser, page_file, java_script_enabled=False)
    assert page.locator("button, input, select").count() == 0
    assert len(names_in(page)) == 8
    assert page.get_by_role("heading", name="What we do not know").first.is_visible()


def test_the_dark_page_is_dark_and_prints_light(browser: Any, page_file: Path) -> None:
    """Paper stays white, links are not coloured, and controls are not printed."""
    page = opened(browser, page_file, color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.emulate_media(media="print", color_scheme="dark")
    assert dark != page.evaluate(background) == "rgb(255, 255, 255)"
    assert not page.locator(".filters, nav, .back").filter(visible=True).count()
    link = "getComputedStyle(document.querySelector('.rows a')).color"
    assert page.evaluate(link) == page.evaluate("getComputedStyle(document.body).color")


def test_what_is_folded_opens_with_the_keyboard(browser: Any, crowded_file: Path) -> None:
    """A line opens with Enter and shows what the check says in full; it works without script."""
    page = opened(browser, crowded_file, java_script_enabled=False)
    folded = page.locator("details.line").first
    assert not folded.locator(".evidence").is_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert folded.locator(".evidence").is_visible()


def test_a_link_opens_the_card_that_it_leads_to(browser: Any, page_file: Path) -> None:
    """A closed card opens when somebody follows a link to it, without script too."""
    for script in (True, False):
        page = opened(browser, page_file, java_script_enabled=script)
        closed = page.locator("#deals .card > details:not([open])").last
        name = closed.locator("h3").inner_text()
        page.locator("#deals > .list").get_by_role("link", name=name, exact=True).click()
        card = page.locator("#deals .card", has=page.get_by_role("heading", name=name, exact=True))
        assert card.locator(".figure").is_visible()


def test_a_card_opens_with_the_keyboard(browser: Any, page_file: Path) -> None:
    """Enter on a card's name opens it, a second time closes it; what has the focus is outlined."""
    page = opened(browser, page_file, java_script_enabled=False)
    card = page.locator("#deals .card:has(> details:not([open]))").first
    summary = card.locator("> details > summary")
    details = summary.element_handle().evaluate_handle("(one) => one.parentElement")
    summary.focus()
    page.keyboard.press("Enter")
    assert details.evaluate("(one) => one.open")
    page.keyboard.press("Enter")
    assert not details.evaluate("(one) => one.open")


def test_on_a_phone_cards_are_closed_until_asked_for(browser: Any, page_file: Path) -> None:
    """The page is short: the names of cards, and the first rows of a list with a button for the rest."""
    page = opened(browser, page_file, 360)
    assert page.locator(".card > details[open]").count() == 0
    page.get_by_role("button", name="Open all cards").first.click()
    assert page.locator("#deals .card > details:not([open])").count() == 0
    linked = page.locator("#deals > .list tbody a[href^='#deal-']").first.get_attribute("href")
    page.goto(f"{page_file.as_uri()}{linked}")
    page.reload()
    assert page.locator(".card > details[open]").count() == 1


def test_paper_has_the_cards_that_are_open(browser: Any, page_file: Path) -> None:
    """Cards on the agenda are printed, closed ones are left to their row in the list."""
    page = opened(browser, page_file)
    page.emulate_media(media="print")
    shown = page.locator(".card").filter(visible=True).count()
    assert (
        0 < shown == page.locator(".card > details[open]").count() < page.locator(".card").count()
    )
    assert page.locator("#deals > .list tbody tr").filter(visible=True).count() == 8
