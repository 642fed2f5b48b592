"""A scorecard as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.model.outcome import Band, Outcome
from dealreview.reports.card import (
    about_subject,
    benchmarks_told,
    bounds_text,
    by_pack,
    facts_of,
    kept_text,
    particulars,
    quiet_text,
)
from dealreview.reports.card_findings import (
    AROUND,
    COSTS,
    NOT_COUNTED,
    context_text,
    held_against_text,
    show_all,
    what_lacks,
)
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
)
from dealreview.reports.digest import whole as unfolded
from dealreview.reports.gaps import meaning
from dealreview.reports.layout import fit
from dealreview.reports.marks import BAND_MARKS, MINUS, OUTCOME_MARKS
from dealreview.reports.markup import (
    NAME_WIDTH,
    asked,
    bold,
    code,
    escaped,
    lines,
    problem_items,
    section,
    sentence,
    table,
)
from dealreview.reports.quantities import counted, tenths, whole
from dealreview.reports.text import incomplete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.model.verdict import Verdict
    from dealreview.reports.card import CardPage
    from dealreview.reports.digest import Group

NEEDS_SHOWN = 4


def card_markdown(page: CardPage) -> Iterator[str]:
    """Yield the lines of a scorecard."""
    yield from lines(_card(page))


def _card(page: CardPage) -> Iterator[str]:
    card = page.card
    yield f"# {escaped(fit(card.name or card.id, NAME_WIDTH))}{_rating(page)}"
    subject, *others = about_subject(page)
    yield from ("", " · ".join([code(subject), *map(escaped, others)]))
    yield from ("", escaped(" · ".join(particulars(page))))
    yield from ("", escaped(told)) if (told := benchmarks_told(page)) else ()
    yield from _problems(page)
    yield from _sum(page)
    yield from section("Going well", _strengths(page))
    yield from section(COSTS[card.kind], _costs(page))
    yield from section(f"{AROUND} ({NOT_COUNTED})", _around(page))
    yield from section("What went wrong", _errors(page))
    yield from section("What we do not know", _gaps(page))
    yield from section("Not reviewed", _not_reviewed(page))
    if page.everything:
        yield from section("Passed", _quiet(page, Outcome.PASS))
        yield from section("Does not apply", _quiet(page, Outcome.NOT_APPLICABLE))
        yield from section("Facts", _facts(page))


def _problems(page: CardPage) -> Iterator[str]:
    if page.review.errors:
        yield ""
        yield from problem_items(page.review.errors)
        yield f"- {bold(incomplete(page.review))}"


def _rating(page: CardPage) -> str:
    card = page.card
    if not card.kind.has_score:
        return ""
    mark = BAND_MARKS[card.band]
    score = "" if card.band is Band.UNRATED else f", {whole(card.score)}"
    return f": {mark.shape} {mark.word}{score}"


def _sum(page: CardPage) -> Iterator[str]:
    card = page.card
    if card.lower is None:
        return
    yield from (
        "",
        f"{kept_text(card)}; {escaped(bounds_text(page))}. By pack: {escaped(by_pack(card))}.",
    )


def _shown(page: CardPage, found: Digest) -> Digest:
    return unfolded(found) if page.everything else found


def _strengths(page: CardPage) -> Iterator[str]:
    found = _shown(page, strengths(page.card))
    for group in found.full:
        for verdict in group.verdicts:
            yield from _finding(verdict, "")
    yield from _folded_lines(page, found, "strength")


def _costs(page: CardPage) -> Iterator[str]:
    found = _shown(page, costs(page.card))
    for group in found.full:
        yield from _finding(group.first, _points(group.first.points_lost))
        if decision(group.first):
            yield f"  - {escaped(decision(group.first))}"
        yield from _alike(page, group)
        yield from asked(group.first.question)
    yield from _folded_lines(page, found, "finding")


def _alike(page: CardPage, group: Group) -> Iterator[str]:
    """Yield the lighter findings of a family."""
    shown = group.others if page.everything else group.others[:FOLDED_SHOWN]
    for other in shown:
        yield f"  - with {sentence(other)}{_points(other.points_lost)}"
    more = group.others[len(shown) :]
    if more:
        yield f"  - with {len(more)} more of this kind{_points(added(more))}"


def _folded_lines(page: CardPage, found: Digest, noun: str) -> Iterator[str]:
    """Yield a line for each lighter group, then how many are not shown and how to see them."""
    for group in found.lines:
        shape = OUTCOME_MARKS[group.first.outcome].shape
        yield f"- {shape} {sentence(group.first)}{_points(group.first.points_lost)}"
        yield from _alike(page, group)
    if found.hidden:
        lost = _points(added(found.hidden)) if found.hidden[0].points_lost else ""
        yield _and_more(page, f"{counted(len(found.hidden), f'more {noun}')}{lost}")


def _and_more(page: CardPage, what: str) -> str:
    return f"- and {what}: {code(show_all(page.card))}"


def _points(points: float | None) -> str:
    return f" {MINUS}{tenths(points)} points" if points else ""


def _finding(verdict: Verdict, points: str) -> Iterator[str]:
    shape = OUTCOME_MARKS[verdict.outcome].shape
    yield f"- {shape} {bold(verdict.message or verdict.check)}{points}"
    against = escaped(held_against_text(verdict))
    yield f"  - {against} ({code(verdict.check)})" if against else f"  - {code(verdict.check)}"


def _around(page: CardPage) -> Iterator[str]:
    found = around(page.card.context)
    shown = found if page.everything else found[:CONTEXT_SHOWN]
    for group in shown:
        first = group[0].verdict
        shape = OUTCOME_MARKS[first.outcome].shape
        yield f"- {shape} {escaped(context_text(group[0]))} ({code(first.check)})"
        yield from (f"  - with {sentence(one.verdict)}" for one in group[1:])
    rest = sum(map(len, found[len(shown) :]))
    if rest:
        yield _and_more(page, f"{rest} more")


def _errors(page: CardPage) -> Iterator[str]:
    for verdict in page.card.with_outcome(Outcome.ERROR):
        yield from _finding(verdict, _open(verdict.points_open))


def _gaps(page: CardPage) -> Iterator[str]:
    found = lacks(page.card)
    if page.everything:
        for verdict in page.card.with_outcome(Outcome.INSUFFICIENT_DATA):
            yield _undecided(verdict)
        return
    for group in (*found.full, *found.lines):
        if group.others:
            yield from _lack(page, group)
        else:
            yield _undecided(group.first)
    if found.hidden:
        what = counted(len(found.hidden), "more undecided check")
        yield _and_more(page, f"{what}{_open(added(found.hidden))}")


def _undecided(verdict: Verdict) -> str:
    shape = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA].shape
    lacking = escaped(what_lacks(verdict))
    return f"- {shape} {lacking} ({code(verdict.check)}){_open(verdict.points_open)}"


def _lack(page: CardPage, group: Group) -> Iterator[str]:
    """Yield what is missing with what that is, then the checks that wait for it."""
    shape = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA].shape
    review = page.review.kinds[page.card.kind]
    cells = (f"{code(cell)} {escaped(meaning(review, cell))}".rstrip() for cell in group.cells)
    yield f"- {shape} missing: {', '.join(cells)}{_open(group.points)}"
    checks = ", ".join(code(verdict.check) for verdict in group.verdicts)
    yield f"  - {counted(len(group.verdicts), 'check')}: {checks}"


def _open(points: float | None) -> str:
    return f" {tenths(points)} points open" if points else ""


def _not_reviewed(page: CardPage) -> Iterator[str]:
    found = page.card.not_reviewed
    if len(found) <= NEEDS_SHOWN or page.everything:
        for missing in found:
            yield f"- {code(missing.check)}: needs {', '.join(map(code, missing.needs))}"
        return
    needs = list(dict.fromkeys(need for missing in found for need in missing.needs))
    more = f" and {len(needs) - NEEDS_SHOWN} more" if len(needs) > NEEDS_SHOWN else ""
    named = ", ".join(map(code, needs[:NEEDS_SHOWN]))
    yield f"- {counted(len(found), 'check')}: need {named}{more}"


def _quiet(page: CardPage, outcome: Outcome) -> Iterator[str]:
    for verdict in sorted(page.card.with_outcome(outcome), key=lambda found: found.check):
        text = quiet_text(verdict)
        said = f": {escaped(text)}" if text else ""
        yield f"- {OUTCOME_MARKS[outcome].shape} {code(verdict.check)}{said}"


def _facts(page: CardPage) -> Iterator[str]:
    known, unknown = facts_of(page)
    if known:
        rows = ((code(name), escaped(text)) for name, text in known.items())
        yield from table(("Fact", "Value"), rows)
    if unknown:
        yield from ("", f"Unknown: {', '.join(map(code, unknown))}.")
