"""Pages of the small company, and what a test reads of them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from dealreview.reports.html.document import html_document
from dealreview.reports.names import NameBook
from dealreview.reports.text import Page

if TYPE_CHECKING:
    from typing import Any

    from dealreview.engine.review import Review
    from dealreview.store.database import Database

VOID = frozenset({"meta", "br", "input", "link", "img"})


def page_of(database: Database, review: Review, detail: int = 200, **options: Any) -> str:
    """Return the HTML of a review."""
    with database.read() as connection:
        return "".join(html_document(Page(review, NameBook(connection), **options), detail))


class Reader(HTMLParser):
    """Elements with their attributes, and the text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append((int(tag[1:]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without children."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that elements are closed in order."""
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        """Note text that is shown."""
        if "script" in self.open or "style" in self.open:
            return
        self.words.append(data)
        if any(tag[0] == "h" and tag[1:].isdigit() for tag in self.open):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    @property
    def text(self) -> str:
        """The text that is shown, with single blanks."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        """Return every value of an attribute."""
        return [given[attribute] or "" for _, given in self.elements if attribute in given]
