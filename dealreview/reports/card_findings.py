"""What was found, on a scorecard in a terminal: the few that matter in full, the rest in a line each."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dealreview.engine.context import PIPELINE
from dealreview.model.outcome import Kind, Outcome
from dealreview.reports.decisions import decision
from dealreview.reports.digest import (
    CONTEXT_SHOWN,
    FOLDED_SHOWN,
    Digest,
    added,
    around,
    costs,
    lacks,
    strengths,
    whole,
)
from dealreview.reports.gaps import meaning, unpaired
from dealreview.reports.layout import fit, line, paragraph, sides, wrap
from dealreview.reports.marks import ASKED, MINUS, OUTCOME_MARKS
from dealreview.reports.quantities import (
    counted,
    held_against,
    spoken_money,
    tenths,
)
from dealreview.reports.text import LONGEST_NAME, heading, subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

    from dealreview.model.scorecard import Context, Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.reports.card import CardPage
    from dealreview.reports.digest import Group

COSTS = {
    Kind.DEAL: "What could cost us this deal",
    Kind.ACCOUNT: "What this account could cost us",
    Kind.REP: "What to talk about",
    Kind.TEAM: "What could cost this team its sales",
    Kind.PIPELINE: "What could cost us",
}
"""Title of the findings by kind."""

AROUND = "Around this deal"
NOT_COUNTED = "not counted in the score"

WIDEST_POINTS = 7
"""Cells for points."""


def show_all(card: Scorecard) -> str:
    """Return the command that prints everything about a subject."""
    return f"dealreview show {shlex.quote(subject_name(card))} --all"


def explain_command(verdict: Verdict) -> str:
    """Return the command that says how a check came to its verdict on its subject."""
    if verdict.kind is Kind.DEAL:
        return f"dealreview explain {verdict.check} --deal {shlex.quote(verdict.subject_id)}"
    name = str(verdict.kind)
    subject = name if verdict.kind is Kind.PIPELINE else f"{name}:{verdict.subject_id}"
    return f"dealreview explain {verdict.check} --subject {shlex.quote(subject)}"


def _shown(page: CardPage, found: Digest) -> Digest:
    return whole(found) if page.everything else found


# --- what is good, what could cost us ------------------------------------------------------------


def _strengths(page: CardPage) -> Iterator[Text]:
    found = _shown(page, strengths(page.card))
    if found.full:
        yield from heading("GOING WELL")
    for group in found.full:
        for verdict in group.verdicts:
            yield from _finding(page, verdict, "")
    yield from _lines(page, found, "strength")


def _costs(page: CardPage) -> Iterator[Text]:
    found = _shown(page, costs(page.card))
    if not found.full:
        return
    yield from heading(COSTS[page.card.kind].upper(), order_text(page.card), page.width)
    for group in found.full:
        yield from _finding(page, group.first, minus(group.first.points_lost))
        yield from _question(page, group.first)
        yield from _decided(page, group.first)
        yield from _folded(page, group)
    yield from _lines(page, found, "finding")
    yield from _together(page)


def order_text(card: Scorecard) -> str:
    """Return what findings are ordered by, as the head of their column of points."""
    return "blockers first, then by points lost" if card.kind.has_score else "the heaviest first"


def _together(page: CardPage) -> Iterator[Text]:
    """Yield what the column of points comes to."""
    if page.card.score is None:
        return
    lost = round(100 - page.card.score, 1)
    text = f"100.0 {MINUS} {tenths(lost)} = {tenths(page.card.score)}, the score"
    yield from sides(line((text, "dim"), indent=4), line((minus(lost), "bold")), page.width)


def minus(points: float | None) -> str:
    """Return points that are lost; nothing where none are."""
    return f"{MINUS}{tenths(points)}" if points else ""


def _finding(page: CardPage, verdict: Verdict, points: str) -> Iterator[Text]:
    """Yield what a check says, with its points at the right end, then what was expected."""
    first, *rest = wrap(verdict.message or verdict.check, page.width - 4 - len(points) - 2) or [""]
    left = line(OUTCOME_MARKS[verdict.outcome].lead, (first, "bold"), indent=2)
    yield from sides(left, line((points, "bold")), page.width)
    yield from (line((part, "bold"), indent=4) for part in rest)
    yield from _with_check(page, held_against_text(verdict), verdict.check)


def held_against_text(verdict: Verdict) -> str:
    """Return actual against expected and the money at risk, as far as there is any."""
    money = verdict.money_at_risk
    at_risk = "" if money is None else spoken_money(money)
    return "; ".join(filter(None, (*held_against(verdict), at_risk)))


def _with_check(page: CardPage, text: str, check: str) -> Iterator[Text]:
    parts = wrap(text, page.width - 4)
    yield from (line(part, indent=4) for part in parts[:-1])
    if not parts:
        yield line((check, "dim"), indent=4)
        return
    left, right = line(parts[-1], indent=4), line((check, "dim"))
    if left.cell_len + right.cell_len + 2 <= page.width:
        yield from sides(left, right, page.width)
    else:
        yield left
        yield line((check, "dim"), indent=4)


def _question(page: CardPage, verdict: Verdict) -> Iterator[Text]:
    lead = (f"{ASKED} ", "")
    yield from paragraph(verdict.question, page.width, indent=4, hang=2, style="italic", lead=lead)


def _decided(page: CardPage, verdict: Verdict) -> Iterator[Text]:
    yield from paragraph(decision(verdict), page.width, indent=4, style="dim")


def _folded(page: CardPage, group: Group) -> Iterator[Text]:
    """Yield the lighter findings of a family, a line each."""
    shown = group.others if page.everything else group.others[:FOLDED_SHOWN]
    for verdict in shown:
        yield from _one_line(page, _with(verdict), minus(verdict.points_lost), indent=4)
    more = group.others[len(shown) :]
    if more:
        text = f"with {counted(len(more), 'more of this kind', 'more of this kind')}"
        yield from _one_line(page, (text, "dim"), minus(added(more)), indent=4)


def _with(verdict: Verdict) -> tuple[str, str]:
    return f"with {_named(verdict)}", "dim"


def _named(verdict: Verdict) -> str:
    """Return what a check says after its short name."""
    slug = verdict.check.partition("/")[2]
    return f"{slug}: {verdict.message}" if verdict.message else slug


def _one_line(
    page: CardPage,
    text: tuple[str, str],
    points: str,
    *,
    indent: int = 2,
    lead: tuple[str, str] | None = None,
) -> Iterator[Text]:
    """Yield a text that is cut to what is left of a line beside its points, wrapped when all is asked for."""
    before = [] if lead is None else [lead]
    room = page.width - indent - 2 * len(before) - (len(points) + 2 if points else 0)
    first, *rest = wrap(text[0], room) or [""]
    if rest and not page.everything:
        first, rest = fit(text[0], room), []
    yield from sides(
        line(*before, (first, text[1]), indent=indent), line((points, "dim")), page.width
    )
    yield from (line((part, text[1]), indent=indent + 2) for part in rest)


def _lines(page: CardPage, found: Digest, noun: str) -> Iterator[Text]:
    """Yield a line for each lighter group, then how many are not shown and how to see them."""
    for group in found.lines:
        lead = OUTCOME_MARKS[group.first.outcome].lead
        lost = minus(group.first.points_lost)
        yield from _one_line(page, (_named(group.first), ""), lost, lead=lead)
        yield from _folded(page, group)
    yield from _more(page, found, noun, minus(added(found.hidden)))


def _more(page: CardPage, found: Digest, noun: str, points: str) -> Iterator[Text]:
    if found.hidden:
        text = f"and {counted(len(found.hidden), f'more {noun}')}: {show_all(page.card)}"
        *before, last = wrap(text, page.width - 4 - WIDEST_POINTS - 2)
        yield from (line((part, "dim"), indent=2) for part in before)
        left = line((last, "dim"), indent=2 + 2 * bool(before))
        yield from sides(left, line((points, "bold")), page.width)


def _errors(page: CardPage) -> Iterator[Text]:
    found = page.card.with_outcome(Outcome.ERROR)
    if found:
        yield from heading("WHAT WENT WRONG", "points open", page.width)
    for verdict in found:
        yield from _finding(page, verdict, tenths(verdict.points_open))


# --- around the deal -----------------------------------------------------------------------------


def _context(page: CardPage) -> Iterator[Text]:
    found = around(page.card.context)
    if not found:
        return
    yield from heading(AROUND.upper(), NOT_COUNTED, page.width)
    shown = found if page.everything else found[:CONTEXT_SHOWN]
    for group in shown:
        lead = OUTCOME_MARKS[group[0].verdict.outcome].lead
        yield from paragraph(context_text(group[0]), page.width, indent=2, hang=2, lead=lead)
        for one in group[1:]:  # without their points, which are another subject's
            yield from _one_line(page, _with(one.verdict), "", indent=4)
    rest = sum(map(len, found[len(shown) :]))
    if rest:
        text = f"and {rest} more: {show_all(page.card)}"
        yield from paragraph(text, page.width, indent=2, hang=2, style="dim")


def context_text(found: Context) -> str:
    """Return a finding about something that a deal belongs to, and what that is."""
    name = "" if found.relation == PIPELINE else fit(found.name, LONGEST_NAME)
    whose = f"{found.relation} {name}".rstrip()
    return f"{whose}: {found.verdict.message or found.verdict.check}"


# --- what nobody knows ---------------------------------------------------------------------------


def _unknown(page: CardPage) -> Iterator[Text]:
    found = lacks(page.card)
    if not found.full:
        return
    has_score = page.card.kind.has_score
    yield from heading("WHAT WE DO NOT KNOW", "points open" if has_score else "", page.width)
    if page.everything:
        for verdict in page.card.with_outcome(Outcome.INSUFFICIENT_DATA):
            yield from _undecided(page, verdict)
        return
    for group in found.full:
        yield from _undecided(page, group.first) if not group.others else _lack(page, group)
    lead = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA].lead
    for group in found.lines:
        text = lack_text(page, group) if group.others else what_lacks(group.first)
        yield from _one_line(page, (text, ""), _open(group.points), lead=lead)
    yield from _more(page, found, "undecided check", _open(added(found.hidden)))


def _open(points: float | None) -> str:
    return tenths(points) if points else ""


def _undecided(page: CardPage, verdict: Verdict) -> Iterator[Text]:
    """Yield one undecided verdict with its check and the points that it leaves open."""
    shape, style = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA].lead
    points = f"{_open(verdict.points_open):>{WIDEST_POINTS}}"
    check = line((verdict.check, "dim"), (points, "bold"))
    parts = wrap(what_lacks(verdict), page.width - 4)
    for number, part in enumerate(parts):
        left = line("  " if number else (shape, style), part, indent=2)
        last = number == len(parts) - 1
        yield from sides(left, check, page.width) if last else [left]


def could_be(verdict: Verdict) -> str:
    """Return what has to be known for a pass to become a strength; nothing where all is known."""
    if verdict.outcome is not Outcome.PASS or not verdict.missing:
        return ""
    names = dict.fromkeys(map(_more_of, map(unpaired, verdict.missing)))
    return f"could be a strength if {' and '.join(names)} were known"


def _more_of(name: str) -> str:
    """Return what has to be known: of a whole table, more of its rows."""
    from dealreview.store.schema import TABLES

    return f"more {name.replace('_', ' ')}" if name in TABLES else name


def what_lacks(verdict: Verdict) -> str:
    """Return what a verdict could not be decided for want of."""
    names = dict.fromkeys(map(unpaired, verdict.missing))
    missing = f"missing: {', '.join(names)}" if names else ""
    return "; ".join(filter(None, (verdict.message, missing))) or "not decided"


def _lack(page: CardPage, group: Group) -> Iterator[Text]:
    """Yield what is missing, then the checks that wait for it."""
    lead = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA].lead
    points = _open(group.points)
    first, *rest = wrap(lack_text(page, group), page.width - 4 - len(points) - 2)
    yield from sides(line(lead, (first, "bold"), indent=2), line((points, "bold")), page.width)
    yield from (line((part, "bold"), indent=4) for part in rest)
    checks = ", ".join(verdict.check for verdict in group.verdicts)
    yield line((fit(f"waiting: {checks}", page.width - 4), "dim"), indent=4)


def lack_text(page: CardPage, group: Group) -> str:
    """Return what to record, what that is, and how many checks it would settle."""
    about = cells_text(page, group.cells)
    return f"{about} ({counted(len(group.verdicts), 'check')})"


def cells_text(page: CardPage, cells: Iterable[str]) -> str:
    """Return cells or facts with what they are."""
    review = page.review.kinds[page.card.kind]
    named = [(cell, meaning(review, cell)) for cell in cells]
    return ", ".join(f"{cell}: {about}" if about else cell for cell, about in named)


FOUND = (_strengths, _costs, _context, _errors, _unknown)
"""Sections in their order."""
