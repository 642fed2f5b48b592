"""How a check came to its verdict on one subject: what it read, what decided, what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.model.outcome import Outcome
from dealreview.reports.card_findings import could_be, held_against_text, what_lacks
from dealreview.reports.checkpage import bounds_text, origin_text, written
from dealreview.reports.explain_check import fact_parameters
from dealreview.reports.layout import line, paragraph, sides, table, wrap
from dealreview.reports.marks import ASKED, MINUS, OUTCOME_MARKS
from dealreview.reports.quantities import long_day, spoken, tenths
from dealreview.reports.ruling import decision
from dealreview.reports.text import HEADING, subject_name
from dealreview.store.feeds import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from dealreview.model.verdict import Evidence
    from dealreview.reports.checkpage import CheckPage
    from dealreview.reports.ruling import Condition, Input, Ruling, Source, Tried
    from dealreview.store.feeds import Feed

_ASKING = frozenset({Outcome.RISK, Outcome.WATCH, Outcome.INSUFFICIENT_DATA})
"""Outcomes whose question is printed."""


def _of_subject(page: CheckPage, width: int) -> Iterator[Text]:
    ruling = _ruling(page)
    card = ruling.card
    right = line((subject_name(card), "dim"))
    left = line((card.name or card.id, "bold"))
    left.truncate(max(width - right.cell_len - 2, 20), overflow="ellipsis")
    yield from sides(left, right, width)
    how = "closed, judged as of" if card.closed else "as of"
    yield from paragraph(f"{how} {long_day(ruling.day)}", width, style="dim")


def _ruling(page: CheckPage) -> Ruling:
    assert page.ruling is not None  # noqa: S101 - these sections are printed with a subject only
    return page.ruling


def _not_reviewed(page: CheckPage, width: int) -> Iterator[Text]:
    yield line(("VERDICT", HEADING))
    lead = OUTCOME_MARKS[Outcome.NOT_REVIEWED].lead
    text = f"not reviewed: nothing is recorded of {', '.join(_ruling(page).lacking)}."
    yield from paragraph(text, width, indent=2, hang=2, lead=lead)


def _effective(page: CheckPage, width: int) -> Iterator[Text]:
    ruling, base = _ruling(page), page.selection.base[page.check.id]
    if ruling.effective is None:
        return
    yield line(("WHAT IT WORKS WITH HERE", HEADING))
    values = {"severity": ruling.effective.severity, **ruling.effective.values}
    usual = {"severity": base.severity, **base.values}
    bounds = {parameter.name: bounds_text(parameter) for parameter in page.check.parameters}
    for name, value in values.items():
        changed = f"; elsewhere {written(usual[name])}" if usual[name] != value else ""
        origin = f"({origin_text(ruling.effective.origins[name])}{changed})"
        left = line((name, "bold"), f" = {written(value)} {origin}", indent=2)
        yield from sides(left, line((bounds.get(name, ""), "dim")), width)
    yield from fact_parameters(page, width)
    for tried in ruling.tried:
        yield from _override(tried, page.check.id, width)


def _override(tried: Tried, check: str, width: int) -> Iterator[Text]:
    words = {True: "holds", False: "does not hold", None: "is unknown, so it does not hold"}
    override = tried.override
    changes = ", ".join(f"{k} = {written(v)}" for k, v in override.changes[check].items())
    text = f"override {override.number} {words[tried.held]}: {override.text} ({changes})"
    yield from paragraph(text, width, indent=2, hang=2, style="" if tried.held else "dim")


def _recorded(page: CheckPage, width: int) -> Iterator[Text]:
    ruling = _ruling(page)
    if ruling.sources:
        yield line(("WHAT IS RECORDED", HEADING))
    rows = [(source.table, _said_of(source)) for source in ruling.sources]
    yield from table(rows, width, indent=2)


def _said_of(source: Source) -> str:
    scopes: dict[str, list[str]] = {}
    for feed in source.feeds:
        scopes.setdefault(_span(feed), []).extend([] if feed.scope == ALL else [feed.scope])
    spans = "; ".join(f"{span}{_within(known)}" for span, known in scopes.items())
    spans = spans or "not recorded"
    blank = f"; nothing in {', '.join(source.blank)}" if source.blank else ""
    return spans + blank


def _within(scopes: Sequence[str]) -> str:
    return f" ({', '.join(scopes)})" if scopes else ""


def _span(feed: Feed) -> str:
    if feed.first is None and feed.last is None:
        return "always"
    first = "ever since" if feed.first is None else f"from {spoken(feed.first)}"
    last = "on" if feed.last is None else f"to {spoken(feed.last)}"
    return f"{first} {last}"


def _inputs(page: CheckPage, width: int) -> Iterator[Text]:
    ruling = _ruling(page)
    if ruling.inputs:
        yield line(("WHAT IT READS", HEADING))
    for one in ruling.inputs:
        if one.decides:
            yield from _input(ruling, one, width)
    printed = [(o.fact.name, _value(ruling, o)) for o in ruling.inputs if not o.decides]
    if printed:
        yield line(("only printed:", "dim"), indent=2)
    yield from table(printed, width, indent=4)


def _input(ruling: Ruling, one: Input, width: int) -> Iterator[Text]:
    first, *rest = wrap(f"{one.fact.name} = {_value(ruling, one)}", width - 4)
    yield line((first, "bold"), indent=2)
    yield from (line((part, "bold"), indent=4) for part in rest)
    yield from paragraph(one.fact.description, width, indent=4)
    origin = f"{one.fact.origin}, by {one.provider.name}" if one.fact.origin else one.provider.name
    yield from paragraph(f"from {origin}", width, indent=4, style="dim")


def _value(ruling: Ruling, one: Input) -> str:
    if one.fact.type in {"set", "text"} and one.value:
        return _unit_free(ruling, one.value)
    if one.fact.type != "money":
        return spoken(one.value, one.fact.unit)
    whose = "reporting" if one.fact.unit == "reporting currency" else "own"
    return spoken(one.value, f"{ruling.currency[whose]} minor units")


def _decided(page: CheckPage, width: int) -> Iterator[Text]:
    ruling = _ruling(page)
    yield line(("HOW IT WAS DECIDED", HEADING))
    if not ruling.conditions:
        yield from paragraph(_without_conditions(ruling), width, indent=2)
        return
    for one in ruling.conditions:
        yield from _condition(one, width)
    yield from paragraph(decision(ruling), width, indent=2)


def _without_conditions(ruling: Ruling) -> str:
    if ruling.problem:
        return f"It failed, so nothing was decided: {ruling.problem}"
    name = getattr(ruling.check.function, "__qualname__", "")
    where = f" ({ruling.check.function.__module__}.{name})" if name else ""
    return (
        f"A Python function decides{where}: it has no conditions to show. It is called with the "
        "facts and parameters above."
    )


def _condition(one: Condition, width: int) -> Iterator[Text]:
    style = "bold" if one.decides else "" if one.asked else "dim"
    head = f"{ASKED if one.decides else ' '} {one.name:<10}{_truth(one.value):<9}"
    text = one.text if one.asked else f"{one.text} (not asked any more)"
    first, *rest = wrap(text, width - len(head) - 2)
    yield line((head, style), (first, style), indent=2)
    yield from (line((part, style), indent=len(head) + 2) for part in rest)
    if not one.asked:
        return
    for clause, value in one.clauses:
        yield from paragraph(
            clause, width, indent=len(head) + 2, hang=9, lead=(f"{_truth(value):<9}", "dim")
        )
    limits = ", ".join(f"{value} from {name}" for value, name in one.limits)
    yield from paragraph(limits, width, indent=len(head) + 2, style="dim")


def _truth(value: bool | None) -> str:
    return "unknown" if value is None else str(value).lower()


def _verdict(page: CheckPage, width: int) -> Iterator[Text]:
    ruling = _ruling(page)
    verdict = ruling.verdict
    assert verdict is not None  # noqa: S101 - as above
    yield line(("VERDICT", HEADING))
    lead = OUTCOME_MARKS[verdict.outcome].lead
    said = f": {verdict.message}" if verdict.message else ""
    outcome = str(verdict.outcome).replace("_", " ")
    yield from paragraph(outcome + said, width, indent=2, hang=2, style="bold", lead=lead)
    undecided = verdict.outcome is Outcome.INSUFFICIENT_DATA
    lacking = what_lacks(verdict) if verdict.missing and undecided else could_be(verdict)
    for text in filter(None, (held_against_text(verdict), lacking, _points(page))):
        yield from paragraph(text, width, indent=4)
    if verdict.question and verdict.outcome in _ASKING:
        lead = (f"{ASKED} ", "")
        yield from paragraph(verdict.question, width, indent=4, hang=2, style="italic", lead=lead)
    read = {one.fact.name for one in ruling.inputs}
    others = [c for c in verdict.evidence if c.table != "facts" or c.field not in read]
    if others:
        yield line(("evidence beside what it reads:", "dim"), indent=4)
    yield from table([_cell(page, cell) for cell in others], width, indent=6)


def _cell(page: CheckPage, cell: Evidence) -> tuple[str, str]:
    """Return where a cell is and what it holds, with the unit of the input of that name or origin."""
    ruling = _ruling(page)
    whose = "" if cell.id == ruling.card.id else f" of {_unit_free(ruling, cell.id)}"
    cited = f"{cell.table}.{cell.field}"
    known = (o for o in ruling.inputs if cell.field == o.fact.name or cited == o.fact.origin)
    same = next((one for one in known if one.value == cell.value), None)
    value = _value(ruling, same) if same is not None else _unit_free(ruling, cell.value)
    return cited + whose, value


def _unit_free(ruling: Ruling, value: Any) -> str:
    """Return a value as it stands, with names for ids."""
    named = ruling.names or str
    if isinstance(value, list | tuple):
        return ", ".join(named(str(one)) for one in value) or "none"
    return "" if value is None else named(value) if isinstance(value, str) else spoken(value)


def _points(page: CheckPage) -> str:
    """Return what the verdict costs or leaves open, and how that is reckoned."""
    ruling = _ruling(page)
    verdict, points = ruling.verdict, ruling.points
    if verdict is None or points is None or verdict.outcome is Outcome.NOT_APPLICABLE:
        return ""
    if page.choice is not None and not page.choice.selected:
        return "No points: the check is not in the review."
    severity = f"{verdict.severity}, weight {points.weight}"
    if verdict.points_lost is None:
        open_points = tenths(verdict.points_open)
        return f"{open_points} points open: {severity} of {points.asked} that apply."
    kept = ("nothing", "half", "all")[verdict.outcome.half_values]
    lost = f"{MINUS}{tenths(verdict.points_lost)}" if verdict.points_lost else "no"
    return f"{lost} points: {severity} of {points.decided} that are decided, {kept} of it kept."


UNSEEN = (_of_subject, _not_reviewed)
RULED = (_of_subject, _effective, _recorded, _inputs, _decided, _verdict)
"""Sections on a subject that was not reviewed, and on one that was."""
