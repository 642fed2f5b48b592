"""A verdict as it stands on a card: what was seen against what was expected, and one question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.model.money import format_money
from dealreview.model.outcome import Outcome
from dealreview.reports.card import CardPage, fact_text, families
from dealreview.reports.gaps import meaning, unpaired
from dealreview.reports.html.shapes import OUTCOMES
from dealreview.reports.marks import MINUS
from dealreview.reports.quantities import (
    short_money,
    spoken,
    spoken_limit,
    spoken_money,
    spoken_quantity,
    tenths,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dealreview.checks.facts import Fact
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Evidence, Verdict
    from dealreview.reports.html.book import Book
    from dealreview.reports.html.shapes import Mark

EVIDENCE_SHOWN, PEOPLE_SHOWN = 8, 12
_SPAN = re.compile(r"_(\d+)([dwm])(?=_|$)")
_UNITS = {"d": "days", "w": "weeks", "m": "months"}


@frozen
class Gap:
    """Something that is not recorded.

    Attributes:
        cell: Its table and column, or the fact.
        meaning: What that is.
    """

    cell: str
    meaning: str


@frozen
class Finding:
    """A verdict in the words of a page.

    Attributes:
        mark: Shape of the outcome.
        title: The check in a few words.
        check: Its id.
        message: What it says.
        actual: What was seen, with its unit.
        expected: What was expected and by whom.
        evidence: What it rests on: names and values.
        missing: What was not recorded.
        question: One open question.
        points: Points lost or open.
        money: Money at risk with its kind, short.
        money_in_full: The same in full.
        severity: How much the check matters.
        folded: Lighter findings of the same family.
    """

    mark: Mark
    title: str
    check: str
    message: str
    actual: str = ""
    expected: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    missing: tuple[Gap, ...] = ()
    question: str = ""
    points: str = ""
    money: tuple[str, str] | None = None
    money_in_full: str = ""
    severity: str = ""
    folded: tuple[Finding, ...] = field(default=())


def title_of(check: str) -> str:
    """Return a check's id in words: ``pricing/margin-floor`` is ``Margin floor``."""
    words = check.rpartition("/")[2].replace("-", " ")
    return words[:1].upper() + words[1:]


def findings(book: Book, card: Scorecard, *outcomes: Outcome) -> tuple[Finding, ...]:
    """Return the verdicts with one of the outcomes, the heaviest first, families folded."""
    grouped = families(card.with_outcome(*outcomes))
    return tuple(_finding(book, card, first, tuple(rest)) for first, *rest in grouped)


def gaps(book: Book, card: Scorecard) -> tuple[Finding, ...]:
    """Return what could not be decided, the heaviest first."""
    return tuple(_finding(book, card, one) for one in card.with_outcome(Outcome.INSUFFICIENT_DATA))


def _finding(
    book: Book, card: Scorecard, verdict: Verdict, others: Iterable[Verdict] = ()
) -> Finding:
    money = verdict.money_at_risk
    both = verdict.actual is not None and verdict.expected is not None
    return Finding(
        OUTCOMES[verdict.outcome],
        title_of(verdict.check),
        verdict.check,
        verdict.message,
        spoken_quantity(verdict.actual) if both and verdict.actual else "",
        spoken_limit(verdict.expected) if both and verdict.expected else "",
        tuple(_evidence(book, card, verdict)),
        tuple(_missing(book, card, verdict)),
        verdict.question,
        points_text(verdict),
        None if money is None else (_short(book, verdict), str(money.kind)),
        "" if money is None else spoken_money(money),
        str(verdict.severity),
        tuple(_finding(book, card, other) for other in others),
    )


def points_text(verdict: Verdict) -> str:
    """Return the points that a verdict takes, or that it leaves open."""
    if verdict.points_lost:
        return f"{MINUS}{tenths(verdict.points_lost)}"
    return tenths(verdict.points_open) if verdict.points_open else ""


def _short(book: Book, verdict: Verdict) -> str:
    money = verdict.money_at_risk
    if money is None:
        return ""
    if money.reporting_minor is not None:
        return short_money(money.reporting_minor, book.currency)
    return (
        short_money(money.minor, money.currency)
        if money.currency
        else format_money(money.minor, None)
    )


# --- evidence ------------------------------------------------------------------------------------


def _evidence(book: Book, card: Scorecard, verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield names of cells with their values; ends of an interval and people of a kind together."""
    facts = book.review.kinds[card.kind].facts
    found: dict[str, list[str]] = {}
    for cell in verdict.evidence:
        label, value = _cell(book, card, facts, cell)
        known = found.setdefault(label, [])
        if value not in known:
            known.append(value)
    shown = list(found.items())
    for label, values in shown[:EVIDENCE_SHOWN]:
        yield label, _joined(values, " to " if _is_interval(label, facts) else ", ")
    if len(shown) > EVIDENCE_SHOWN:
        yield "", f"and {len(shown) - EVIDENCE_SHOWN} more"


def _is_interval(label: str, facts: Mapping[str, Fact]) -> bool:
    return any(
        in_words(name.removesuffix("_lo")) == label for name in facts if name.endswith("_lo")
    )


def in_words(name: str) -> str:
    """Return the name of a fact or a column in words: ``hours_4w`` is ``hours (4 weeks)``."""
    return _SPAN.sub(lambda found: f" ({found[1]} {_UNITS[found[2]]})", name).replace("_", " ")


def _joined(values: list[str], between: str) -> str:
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
        return in_words(unpaired(cell.field)), str(value)
    whose = "" if cell.id == card.id else book.name(cell.id)
    label = f"{cell.table} {in_words(cell.field.removesuffix('_id'))}"
    if cell.value is None:
        return (label.removesuffix(" name"), whose) if whose else (label, "unknown")
    value = _named(book, cell.field, cell.value)
    return (f"{label} of {whose}" if whose else label), value


def _named(book: Book, field_name: str, value: Any) -> str:
    return (
        book.name(value) if field_name.endswith("_id") and isinstance(value, str) else spoken(value)
    )


def _fact_text(book: Book, card: Scorecard, fact: Fact, value: Any) -> str:
    if fact.type == "set" and value is not None:
        return _joined([book.name(str(one)) for one in value], ", ") or "none"
    return fact_text(CardPage(card, book.review, book.names), fact, value)


def _missing(book: Book, card: Scorecard, verdict: Verdict) -> Iterator[Gap]:
    for cell in dict.fromkeys(map(unpaired, verdict.missing)):
        yield Gap(cell, meaning(book.review.kinds[card.kind], cell))
