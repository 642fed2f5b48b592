"""The page put together: one file with its own style and script, and a policy that allows no other."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dealreview.model.money import before_amount
from dealreview.model.outcome import Kind
from dealreview.reports.digest import CONTEXT_SHOWN, FOLDED_SHOWN
from dealreview.reports.escape import clean
from dealreview.reports.html.book import END, ISOLATE, Book
from dealreview.reports.html.cards import cards
from dealreview.reports.html.findings import title_of
from dealreview.reports.html.summary import Summary
from dealreview.reports.html.tables import account_rows, deal_rows, rep_rows, team_rows
from dealreview.reports.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.reports.text import Page

_ISOLATED = re.compile(f"{ISOLATE}([^{ISOLATE}{END}]*){END}")


def html_document(page: Page, detail: int) -> Iterator[str]:
    """Yield the pieces of one HTML file.

    Args:
        page: The review with what shapes its reports.
        detail: How many subjects get a card; the others have a row.
    """
    book = Book(page, detail)
    template = _environment().get_template("report.html")
    yield from template.generate(**_context(book))


def _context(book: Book) -> dict[str, Any]:
    deals = book.agenda.judged
    return {
        "book": book,
        "summary": Summary(book),
        "currency": before_amount(book.currency).strip(),
        "style": Markup(_file("style.css")),  # noqa: S704 - a file of this package
        "script": Markup(_file("script.js")),  # noqa: S704 - a file of this package
        "policy": policy(),
        "cards": lambda kind: cards(book, Kind(kind)),
        "count": {str(kind): book.review.kinds[kind].base.height for kind in Kind},
        "deals": list(deal_rows(book, deals)),
        "other_deals": list(deal_rows(book, ~deals)),
        "accounts": list(account_rows(book)),
        "teams": list(team_rows(book)),
        "reps": list(rep_rows(book)),
    }


@cache
def _environment() -> Environment:
    """Return the templates, where every value is made safe and escaped on its way out."""
    environment = Environment(
        loader=PackageLoader("dealreview.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"svg": Markup, "title_of": title_of, "counted": counted}
    environment.globals |= {"folded_shown": FOLDED_SHOWN, "context_shown": CONTEXT_SHOWN}
    return environment


def shown(value: Any) -> Any:
    """Return a value as it may stand on a page: unseen characters written out, names kept apart."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    text = str(value)
    return _isolated(text) if ISOLATE in text else clean(text)


def _isolated(text: str) -> Markup:
    parts, end = [], 0
    for found in _ISOLATED.finditer(text):
        parts.append(
            Markup("{}<bdi>{}</bdi>").format(clean(text[end : found.start()]), clean(found[1]))
        )
        end = found.end()
    return Markup("").join([*parts, Markup("{}").format(clean(text[end:]))])


@cache
def _file(name: str) -> str:
    return files("dealreview.reports.html").joinpath(name).read_text("utf-8").strip()


@cache
def policy() -> str:
    """Return the content security policy of the page: nothing but its own style and script."""
    rules = {
        "default-src": "'none'",
        "style-src": _hashed("style.css"),
        "script-src": _hashed("script.js"),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hashed(name: str) -> str:
    digest = base64.b64encode(hashlib.sha256(_file(name).encode()).digest()).decode()
    return f"'sha256-{digest}'"
