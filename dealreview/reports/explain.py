"""The page of a check in a terminal.

With a subject it goes on: what the check read there, what each condition came to, and the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.reports.explain_check import ABOUT, NUMBERS, REST
from dealreview.reports.explain_subject import RULED, UNSEEN
from dealreview.reports.layout import spaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.text import Text

    from dealreview.reports.checkpage import CheckPage

    Section = Callable[[CheckPage, int], Iterator[Text]]


def explain_text(page: CheckPage, width: int) -> Iterator[Text]:
    """Yield the lines of a check's page, and of how it came to its verdict on a subject."""
    yield from spaced(section(page, width) for section in _sections(page))


def _sections(page: CheckPage) -> tuple[Section, ...]:
    if page.ruling is None:
        return (*ABOUT, *NUMBERS, *REST)
    if page.ruling.verdict is None:
        return (*ABOUT, *NUMBERS, *REST, *UNSEEN)
    return (*ABOUT, *REST, *RULED)
