"""What a finding rests on: cells and facts under names that people read, with their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.reports.card import CardPage, fact_text
from dealreview.reports.gaps import unpaired
from dealreview.reports.quantities import in_plain_words, spoken
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dealreview.checks.facts import Fact
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Evidence, Verdict
    from dealreview.reports.html.book import Book

EVIDENCE_SHOWN, PEOPLE_SHOWN = 8, 12
LONGEST_LABEL = 44
"""Characters of a description that still reads as a name."""

_SPAN = re.compile(r"_(\d+)([dwm])(?=_|$)")
_UNITS = {"d": "days", "w": "weeks", "m": "months"}
_UNIT = re.compile(r"(?<=[a-z])_(?:bd|days|ids?|ratio|share)(?=_\d|_q\d|$)")
"""What the name of a fact says of its unit, which stands behind the value anyway."""

_CLAUSE = re.compile(r"[;:.]")


@frozen
class _Cited:
    """What stands under one name: its values, and what is written between them."""

    values: list[str] = field(factory=list)
    between: list[str] = field(factory=list)


def evidence_of(book: Book, card: Scorecard, verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield names of cells with their values; ends of an interval and people of a kind together."""
    facts = book.review.kinds[card.kind].facts
    found: dict[str, _Cited] = {}
    for cell in verdict.evidence:
        label, value = _cell(book, card, facts, cell)
        known = found.setdefault(label, _Cited())
        if value not in known.values:
            known.values.append(value)
            known.between.append(" to " if _is_end(cell, facts) else ", ")
    shown = list(found.items())
    for label, cited in shown[:EVIDENCE_SHOWN]:
        yield label, _joined(cited.values, cited.between[-1])
    if len(shown) > EVIDENCE_SHOWN:
        yield "", f"and {len(shown) - EVIDENCE_SHOWN} more"


def _is_end(cell: Evidence, facts: Mapping[str, Fact]) -> bool:
    """Whether a cell is one end of an interval."""
    return cell.table == "facts" and f"{unpaired(cell.field)}_lo" in facts


def label_of(name: str, description: str = "") -> str:
    """Return what to call a fact or a column: its description where that is short, else its name in words.

    ``hours_4w`` is ``hours (4 weeks)``; one end of an interval is called what both ends share.
    """
    clause = _CLAUSE.split(description, maxsplit=1)[0].strip()
    reads_well = clause[:1].isalpha() and len(clause) <= LONGEST_LABEL and "_" not in clause
    if name != unpaired(name) or not reads_well:
        return in_words(unpaired(name))
    return clause if clause[1:2].isupper() else clause[:1].lower() + clause[1:]


def in_words(name: str) -> str:
    """Return the name of a fact or a column in words: ``hours_4w`` is ``hours (4 weeks)``."""
    name = _UNIT.sub("", name)
    return _SPAN.sub(lambda found: f" ({found[1]} {_UNITS[found[2]]})", name).replace("_", " ")


def _joined(values: Sequence[str], between: str) -> str:
    more = len(values) - PEOPLE_SHOWN
    shown = between.join(values[:PEOPLE_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _cell(
    book: Book, card: Scorecard, facts: Mapping[str, Fact], cell: Evidence
) -> tuple[str, str]:
    """Return the name of a cell and what it holds."""
    if cell.table == "facts":
        fact = facts.get(cell.field)
        value = cell.value if fact is None else _fact_text(book, card, fact, cell.value)
        label = label_of(cell.field, fact.description if fact else "")
        return in_words(cell.field) if label == value else label, str(value)
    whose = "" if cell.id == card.id else book.name(cell.id)
    if cell.value is None:
        return (in_words(cell.table), whose) if whose else (_column_label(cell), "unknown")
    label, value = _column_label(cell), _named(book, cell, card)
    return (f"{label} of {whose}" if whose else label), value


def _column_label(cell: Evidence) -> str:
    """Return what to call a column of a table of the database, or of another one."""
    columns = TABLES[cell.table].by_name if cell.table in TABLES else {}
    if cell.field not in columns:
        return f"{in_words(cell.table)} {in_words(cell.field)}"
    is_id = cell.field.endswith("_id")
    described = "" if is_id else columns[cell.field].description
    return label_of(cell.field.removesuffix("_id"), described)


def _named(book: Book, cell: Evidence, card: Scorecard) -> str:
    """Return the value of a column: a name for an id, an amount with its currency."""
    if cell.field.endswith("_id") and isinstance(cell.value, str):
        return book.name(cell.value)
    if cell.field.endswith("_minor") and isinstance(cell.value, int):
        return spoken(cell.value, f"{card.facts.get('currency') or book.currency} minor units")
    return in_plain_words(spoken(cell.value))


def _worded(book: Book, one: str) -> str:
    """Return the name behind an id, else a code in words."""
    return book.name(one) if book.names(one) != one else in_plain_words(one)


def _fact_text(book: Book, card: Scorecard, fact: Fact, value: Any) -> str:
    if fact.type == "set" and value is not None:
        return _joined([_worded(book, str(one)) for one in value], ", ") or "none"
    return fact_text(CardPage(card, book.review, book.names), fact, value)
