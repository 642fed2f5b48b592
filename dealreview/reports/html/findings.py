"""A verdict as it stands on a card: what was seen against what was expected, and one question."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from dealreview.model.money import format_money
from dealreview.model.outcome import Outcome
from dealreview.reports.decisions import decision
from dealreview.reports.digest import FOLDED_SHOWN, added, costs, lacks, strengths
from dealreview.reports.gaps import meaning, unpaired
from dealreview.reports.html.evidence import evidence_of
from dealreview.reports.marks import MINUS, OUTCOME_MARKS
from dealreview.reports.quantities import (
    counted,
    held_against,
    short_money,
    spoken_money,
    tenths,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.reports.digest import Digest, Group
    from dealreview.reports.html.book import Book
    from dealreview.reports.marks import Mark


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
        folded_points: The same of those folded under it that are only counted at first.
        money: Money at risk with its kind, short.
        money_in_full: The same in full.
        severity: How much the check matters.
        decision: What people decided about it.
        folded: Lighter findings of the same family.
        waiting: Checks that are all undecided for want of what is missing.
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
    folded_points: str = ""
    money: tuple[str, str] | None = None
    money_in_full: str = ""
    severity: str = ""
    decision: str = ""
    folded: tuple[Finding, ...] = field(default=())
    waiting: tuple[Finding, ...] = field(default=())


def title_of(check: str) -> str:
    """Return a check's id in words: ``pricing/margin-floor`` is ``Margin floor``."""
    words = check.rpartition("/")[2].replace("-", " ")
    words = f"re-{words[3:]}" if words.startswith("re ") else words
    return words[:1].upper() + words[1:]


@frozen
class Part:
    """A part of a card: what it leads with, what has a line, what lies folded below.

    Attributes:
        full: Findings in full.
        lines: Lighter findings, each a line that opens.
        rest: Still lighter ones, behind their count.
        summary: The count of the rest.
        points: What they take or leave open.
    """

    full: tuple[Finding, ...]
    lines: tuple[Finding, ...] = ()
    rest: tuple[Finding, ...] = ()
    summary: str = ""
    points: str = ""


def strengths_of(book: Book, card: Scorecard) -> Part:
    """Return what goes well."""
    return _part(strengths(card), partial(_family, book, card), "more strength")


def costs_of(book: Book, card: Scorecard) -> Part:
    """Return what could cost us, families folded under their heaviest finding."""
    return _part(costs(card), partial(_family, book, card), "more finding")


def gaps_of(book: Book, card: Scorecard) -> Part:
    """Return what could not be decided, by what would have to be recorded."""
    return _part(lacks(card), partial(_lack, book, card), "more undecided check")


def errors_of(book: Book, card: Scorecard) -> Part:
    """Return the checks that went wrong: every one, since each makes the review incomplete."""
    return Part(tuple(_finding(book, card, one) for one in card.with_outcome(Outcome.ERROR)))


def _part(found: Digest, make: Callable[[Group], Finding], noun: str) -> Part:
    hidden = found.hidden
    points = _points(added(hidden), lost=bool(hidden and hidden[0].points_lost))
    return Part(
        tuple(map(make, found.full)),
        tuple(map(make, found.lines)),
        tuple(map(make, found.rest)),
        counted(len(hidden), noun) if hidden else "",
        points,
    )


def _family(book: Book, card: Scorecard, group: Group) -> Finding:
    others = tuple(_finding(book, card, other) for other in group.others)
    made = _finding(book, card, group.first)
    points = _points(added(group.others[FOLDED_SHOWN:]), lost=True)
    return evolve(made, folded=others, folded_points=points)


def _lack(book: Book, card: Scorecard, group: Group) -> Finding:
    """Return what one missing thing leaves open, with the checks that wait for it."""
    if not group.others:
        return _finding(book, card, group.first)
    waiting = tuple(_finding(book, card, one) for one in group.verdicts)
    missing = tuple(_missing(book, card, group.first))
    points = _points(group.points, lost=False)
    return Finding(
        OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA],
        lack_title(missing),
        "",
        "",
        missing=missing,
        points=points,
        waiting=waiting,
    )


def lack_title(missing: Iterable[Gap]) -> str:
    """Return what is missing as a title."""
    names = [gap.cell.rpartition(".")[2].replace("_", " ") for gap in missing]
    return f"Not recorded: {', '.join(names)}"


def _finding(book: Book, card: Scorecard, verdict: Verdict) -> Finding:
    money = verdict.money_at_risk
    seen, expected = held_against(verdict)
    return Finding(
        OUTCOME_MARKS[verdict.outcome],
        title_of(verdict.check),
        verdict.check,
        verdict.message,
        seen,
        expected,
        tuple(evidence_of(book, card, verdict)),
        tuple(_missing(book, card, verdict)),
        verdict.question,
        points_text(verdict),
        "",
        None if money is None else (_short(book, verdict), str(money.kind)),
        "" if money is None else spoken_money(money),
        str(verdict.severity),
        decision(verdict),
    )


def points_text(verdict: Verdict) -> str:
    """Return the points that a verdict takes, or that it leaves open."""
    if verdict.points_lost:
        return _points(verdict.points_lost, lost=True)
    return _points(verdict.points_open, lost=False)


def _points(points: float | None, *, lost: bool) -> str:
    return f"{MINUS if lost else ''}{tenths(points)}" if points else ""


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


# --- what is missing -----------------------------------------------------------------------------


def _missing(book: Book, card: Scorecard, verdict: Verdict) -> Iterator[Gap]:
    for cell in dict.fromkeys(map(unpaired, verdict.missing)):
        yield Gap(cell, meaning(book.review.kinds[card.kind], cell))
