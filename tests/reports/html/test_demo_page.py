"""The demo company's page, with every check, in a browser: read, heard, walked through, printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dealreview.store.database import Database
from tests.reports.html.pages import page_of
from tools.browser import CHROMIUM, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dealreview.engine.review import Review

pytest.importorskip("playwright", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.slow,
]

OPEN_ALL = "document.querySelectorAll('details:not(.more)').forEach((one) => { one.open = true; })"


AXE_CARDS = 8
"""Cards on the page that axe looks at: it takes minutes over forty."""


FEW_ROWS = (
    "document.querySelectorAll('.rows tbody tr:nth-child(n+9), .checks > div:nth-child(n+9)')"
    ".forEach((one) => one.remove())"
)
"""Rows are all alike, and contrast is looked at one by one."""


@pytest.fixture(scope="module")
def demo_page(
    demo_company: tuple[Path, Review, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The review of the demo company as a file, and beside it one with a few cards only."""
    company, review, _ = demo_company
    database, folder = Database.open(company / "dealreview.db"), tmp_path_factory.mktemp("page")
    for name, detail in (("review", 50), ("few", AXE_CARDS)):
        (folder / f"{name}.html").write_text(page_of(database, review, detail), "utf-8")
    return folder / "review.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests of this file."""
    with started() as browser:
        yield browser


def opened(browser: Any, path: Path, width: int = 1280, **options: Any) -> Any:
    """Return the page in a window of its own."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "dark")])
def test_axe_finds_nothing(browser: Any, demo_page: Path, width: int, scheme: str) -> None:
    """With all checks and everything unfolded no rule of axe is broken, contrast included."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    few = demo_page.with_name("few.html")
    page = opened(browser, few, width, color_scheme=scheme, bypass_csp=True)
    page.evaluate(OPEN_ALL)
    page.evaluate(FEW_ROWS)
    found = axe.Axe().run(page)
    assert [(one["id"], one["help"]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_tab_goes_down_the_page_and_is_always_seen(browser: Any, demo_page: Path) -> None:
    """Tab visits what can be used in the order of the page, each with an outline, nothing twice."""
    page = opened(browser, demo_page, reduced_motion="reduce")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
    assert [one["order"] for one in seen] == sorted({one["order"] for one in seen})
    assert {one["outline"] for one in seen} == {"solid"}
    assert all(one["visible"] and one["name"] for one in seen)
    assert not page.locator("[tabindex]:not([tabindex='0'])").count()


FOCUSED = """(() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const order = [...document.querySelectorAll("*")].indexOf(one);
  const name = (one.labels?.[0] ?? one).textContent.trim();
  return {
    order, name, outline: getComputedStyle(one).outlineStyle,
    visible: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
})()"""


def test_without_styles_it_reads_in_order(browser: Any, demo_page: Path) -> None:
    """Read aloud, outcomes have words, numbers their units, and nothing is told by place alone."""
    page = opened(browser, demo_page, java_script_enabled=False)
    headings = page.locator("main h1, main h2").all_inner_texts()
    assert headings.index("Talk about these") < headings.index("What we do not know")
    assert headings.index("What we do not know") < headings.index("Deals")
    shapes = page.locator(".mark:not([role='img'][aria-label]):not([aria-hidden='true'])")
    assert shapes.count() == 0
    said = page.locator("#deals .card").first.text_content()
    assert " ".join(said.split()).count("points") >= 1
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0


def test_the_columns_of_points_add_up(browser: Any, demo_page: Path) -> None:
    """On every card own points, with what is folded and counted, come to what is lost."""
    page = opened(browser, demo_page, java_script_enabled=False)
    sums = page.evaluate(SUMS)
    assert len(sums) > 20
    assert [one for one in sums if one["parts"] != one["total"]] == []


SUMS = """(() => {
  const tenths = (one) => Math.round(10 * Number(one.textContent.trim().replace("\u2212", "-")) || 0);
  return [...document.querySelectorAll(".card .total")].map((total) => {
    const stack = total.previousElementSibling;
    const hidden = ".rest-of > .line *, .rest-of > .alike *, .fold > .folded *";
    const parts = [...stack.querySelectorAll(".takes > span:first-child > b, .line > summary > b, "
      + ".folded > b, .fold > summary > b, .rest-of > summary > b")]
      .filter((one) => !one.matches(hidden));
    return {
      parts: parts.reduce((sum, one) => sum + tenths(one), 0), total: tenths(total.querySelector("b")),
    };
  });
})()"""


def test_it_prints_on_a_few_sheets(browser: Any, demo_page: Path) -> None:
    """Paper has the summary, the lists and the cards on the agenda: some thirty sheets, not hundreds."""
    page = opened(browser, demo_page)
    pages = page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")
    assert 10 < pages <= 40


def test_a_phone_gets_a_page_that_can_be_scrolled_through(browser: Any, demo_page: Path) -> None:
    """Closed cards and short lists keep it under forty screens; the navigation stays on top."""
    page = opened(browser, demo_page, 360)
    assert page.evaluate("document.documentElement.scrollHeight") < 40 * 780
    page.locator("nav a", has_text="Accounts").click()
    assert page.locator("#accounts-title").is_visible()
    assert page.locator("nav").bounding_box()["y"] >= 0


def test_machine_talk_stays_out_of_evidence(browser: Any, demo_page: Path) -> None:
    """Evidence has names for ids and words for columns; only check ids are written as such."""
    page = opened(browser, demo_page, java_script_enabled=False)
    texts = page.evaluate(
        "[...document.querySelectorAll('.evidence')].map((one) => {"
        " const copy = one.cloneNode(true);"
        " copy.querySelectorAll('code').forEach((code) => code.remove());"
        " return copy.textContent; })"
    )
    assert len(texts) > 100
    talk = [text for text in texts if "crm:" in text or "_" in text or " bd " in text]
    assert talk == []
