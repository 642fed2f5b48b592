"""Data as Markdown, made inert: whatever a name holds, it is shown and does nothing.

It can't be markup or HTML, break a line or a table, and an address is code, which nothing turns into
a link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dealreview.model.outcome import Outcome
from dealreview.reports.escape import clean
from dealreview.reports.marks import OUTCOME_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dealreview.engine.registry import Problem
    from dealreview.model.verdict import Verdict

NAME_WIDTH, CELL_WIDTH = 120, 60
"""Cells after which a name is cut, in a heading and in a table."""

_ADDRESS = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]*:)?//[^\s`|]+"
    r"|\bwww\.[^\s`|]+"
    r"|\b(?:mailto|xmpp|tel|data|javascript):[^\s`|]+"
    r"|[^\s`|]*@[^\s`|]+"
)
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"([\\`*{}\[\]|~#$^]|(?<!\w)_|_(?!\w))")
_AT_START = re.compile(r"^([+:=-]|\d+(?=[.)](?:\s|$)))")


def escaped(text: str) -> str:
    """Return data as Markdown that shows it and does nothing else, on one line."""
    text = " ".join(clean(text).split())
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [_bare(text[end : found.start()]), f"`{found[0]}`"]
        end = found.end()
    return _AT_START.sub(_held_back, "".join([*parts, _bare(text[end:])]))


def _bare(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text.translate(_ENTITIES))


def _held_back(found: re.Match[str]) -> str:
    r"""Return the beginning of a list or a definition as plain text: ``1\\.`` and ``\\-``."""
    return f"{found[1]}\\" if found[1].isdecimal() else f"\\{found[1]}"


def code(text: str) -> str:
    """Return an id as code; as escaped text where code could not hold it."""
    text = " ".join(clean(text).split())
    return escaped(text) if not text or {"`", "|"} & set(text) else f"`{text}`"


def bold(text: str) -> str:
    """Return data in bold type."""
    return f"**{escaped(text) or '–'}**"


def asked(question: str) -> Iterator[str]:
    """Yield the question under an entry; nothing where there is none."""
    if question:
        yield f"  - *{escaped(question)}*"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: int = 0) -> Iterator[str]:
    """Yield the lines of a table; the last ``right`` columns are aligned to the right."""
    left = len(head) - right
    yield _row(head)
    yield _row(["---"] * left + ["---:"] * right)
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a heading with what stands under it; nothing where nothing does."""
    for number, text in enumerate(lines):
        yield from () if number else ("", f"## {title}", "")
        yield text


def lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with their ends, never two empty ones on end."""
    before = ""
    for number, text in enumerate(lines):
        if text or (number and before):
            yield f"{text}\n"
        before = text


def sentence(verdict: Verdict) -> str:
    """Return what a check says, with its id."""
    check = code(verdict.check)
    return f"{escaped(verdict.message)} ({check})" if verdict.message else check


def problem_items(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield problems and remarks of a run as items of a list."""
    for problem in problems:
        remark = problem.is_remark
        shape = OUTCOME_MARKS[Outcome.WATCH if remark else Outcome.ERROR].shape
        yield f"- {shape if remark else f'**{shape}**'} {escaped(str(problem))}"
