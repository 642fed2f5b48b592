"""The page of a check: what it looks at, its numbers and where each comes from.

With a subject it goes on: what the check read there, what each condition came to, and the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.checks.terms import Constant
from dealreview.checks.wording import spoken as term_text
from dealreview.model.outcome import Kind, Outcome
from dealreview.reports.card import held_against, what_lacks
from dealreview.reports.document import verdict_object
from dealreview.reports.layout import line, paragraph, sides, spaced, table, wrap
from dealreview.reports.marks import ASKED, MINUS, OUTCOME_MARKS
from dealreview.reports.quantities import long_day, spoken, tenths
from dealreview.reports.ruling import decision
from dealreview.reports.text import HEADING, subject_name
from dealreview.store.feeds import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.text import Text

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.checks.parameters import Parameter
    from dealreview.engine.choice import Choice
    from dealreview.engine.selection import Selection
    from dealreview.model.verdict import Evidence
    from dealreview.reports.ruling import Condition, Input, Ruling, Source, Tried
    from dealreview.store.feeds import Feed


@frozen
class CheckPage:
    """What is said about a check.

    Attributes:
        check: The check.
        selection: What it works with.
        needs: What must be recorded before it can be reviewed, by kind of subject.
        lacking: What of that a database lacks, by kind; None when no database was named.
        facts: The facts that it reads, by kind.
        fact_parameters: Parameters of those facts, with effective value and origin.
        choice: Why it is in a review or not.
        ruling: How it came to its verdict on a subject; None when none was named.
    """

    check: Check
    selection: Selection
    needs: Mapping[Kind, tuple[str, ...]]
    lacking: Mapping[Kind, tuple[str, ...]] | None
    facts: Mapping[Kind, tuple[Fact, ...]]
    fact_parameters: tuple[tuple[Parameter, Any, str], ...] = ()
    choice: Choice | None = None
    ruling: Ruling | None = None


def explain_text(page: CheckPage, width: int) -> Iterator[Text]:
    """Yield the lines of a check's page, and of how it came to its verdict on a subject."""
    yield from spaced(section(page, width) for section in _sections(page))


def _sections(page: CheckPage) -> list[Callable[[CheckPage, int], Iterator[Text]]]:
    about: list[Callable[[CheckPage, int], Iterator[Text]]] = [_header, _description, _questions]
    numbers = [_parameters, _needs, _facts]
    rest = [_sources, _history, _selected]
    if page.ruling is None:
        return about + numbers + rest
    if page.ruling.verdict is None:
        return [*about, *numbers, *rest, _of_subject, _not_reviewed]
    return [*about, *rest, _of_subject, _effective, _recorded, _inputs, _decided, _verdict]


def _header(page: CheckPage, width: int) -> Iterator[Text]:
    check = page.check
    base = page.selection.base[check.id]
    yield from sides(line((check.title, "bold")), line((check.id, "dim")), width)
    origin = base.origins["severity"]
    severity = f"{base.severity} (weight {base.severity.weight}, {_origin(origin)})"
    family = f" · family {check.family}" if check.family else ""
    yield from paragraph(f"{severity} · on {', '.join(check.on)}{family}", width)


def _description(page: CheckPage, width: int) -> Iterator[Text]:
    _, _, body = page.check.description.partition("\n")
    parts = [part for part in body.split("\n\n") if part.strip()]
    yield from spaced(paragraph(part, width) for part in parts)


def _questions(page: CheckPage, width: int) -> Iterator[Text]:
    if page.check.ask:
        yield line(("QUESTIONS", HEADING))
    for question in page.check.ask:
        yield from paragraph(
            question, width, indent=2, hang=2, style="italic", lead=(f"{ASKED} ", "")
        )


def _parameters(page: CheckPage, width: int) -> Iterator[Text]:
    if not page.check.parameters:
        return
    yield line(("PARAMETERS", HEADING))
    for parameter in page.check.parameters:
        settings = [
            f"{_written(value)} ({_origin(origin)})" for value, origin in _values(page, parameter)
        ]
        left = line((parameter.name, "bold"), f" = {'; '.join(settings)}", indent=2)
        yield from sides(left, line((_bounds(parameter), "dim")), width)
        about = parameter.info.description
        source = f"; default from {parameter.info.source}" if parameter.info.source else ""
        yield from paragraph(about + source, width, indent=4)
    yield from _overrides(page, width)


def _values(page: CheckPage, parameter: Parameter) -> Iterator[tuple[Any, str]]:
    """Yield each effective value with its origin: the base, then what overrides make of it."""
    base = page.selection.base[page.check.id]
    yield base.values[parameter.name], base.origins[parameter.name]
    for override in page.selection.overrides:
        changes = override.changes.get(page.check.id, {})
        if parameter.name in changes:
            yield changes[parameter.name], f"override {override.number}"


def _overrides(page: CheckPage, width: int) -> Iterator[Text]:
    for override in page.selection.overrides:
        changes = override.changes.get(page.check.id)
        if changes:
            severity = f"; severity {changes['severity']}" if "severity" in changes else ""
            text = f"override {override.number}: for each {override.kind} where {override.text}{severity}"
            yield from paragraph(text, width, indent=2, hang=2, style="dim")


def _origin(origin: str) -> str:
    return {"configuration": "set in the configuration"}.get(origin, origin)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bounds(parameter: Parameter) -> str:
    unit = f" {parameter.info.unit}" if parameter.info.unit else ""
    return f"{parameter.bounds}{unit}" if parameter.type in (int, float) else unit.strip()


def _needs(page: CheckPage, width: int) -> Iterator[Text]:
    found = {kind: needs for kind, needs in page.needs.items() if needs}
    if found:
        yield line(("MUST BE RECORDED", HEADING))
    for kind, needs in found.items():
        yield from paragraph(f"{kind}: {', '.join(needs)}", width, indent=2, hang=2)
    for kind, lacking in (page.lacking or {}).items():
        text = (
            f"Not reviewed on {kind} in this database: nothing is recorded of {', '.join(lacking)}."
            if lacking
            else f"Reviewed on {kind} in this database."
        )
        yield from paragraph(text, width, indent=2, hang=2, style="bold" if lacking else "")


def _facts(page: CheckPage, width: int) -> Iterator[Text]:
    if any(page.facts.values()):
        yield line(("FACTS", HEADING))
    for facts in page.facts.values():
        yield from table([(f.name, f.description) for f in facts], width, indent=2)
    yield from _fact_parameters(page, width)


def _fact_parameters(page: CheckPage, width: int) -> Iterator[Text]:
    for parameter, value, origin in page.fact_parameters:
        left = line(parameter.name, f" = {_written(value)} ({_origin(origin)})", indent=2)
        yield from sides(left, line((_bounds(parameter), "dim")), width)
        yield from paragraph(parameter.info.description, width, indent=4)


def _sources(page: CheckPage, width: int) -> Iterator[Text]:
    if page.check.sources:
        yield line(("SOURCES", HEADING))
    for source in page.check.sources:
        yield from paragraph(source, width, indent=2, hang=2)


def _history(page: CheckPage, width: int) -> Iterator[Text]:
    check = page.check
    parts = [f"version {check.version}", check.status]
    parts += [f"use {check.replacement} instead"] if check.replacement else []
    parts += [f"formerly {', '.join(check.renamed_from)}"] if check.renamed_from else []
    parts += ["goes on judging closed deals"] if check.after_close else []
    yield from paragraph(" · ".join(parts), width, style="dim")


def _selected(page: CheckPage, width: int) -> Iterator[Text]:
    if page.choice is None:
        return
    required = " Reviewed even where nothing is recorded (review.required_checks)."
    yield line(("IN THE REVIEW", HEADING))
    text = f"{page.choice}{required if page.choice.required else ''}"
    yield from paragraph(text, width, indent=2, hang=2)


_ASKING = frozenset({Outcome.RISK, Outcome.WATCH, Outcome.INSUFFICIENT_DATA})
"""Outcomes whose question is printed."""


# --- on one subject ------------------------------------------------------------------------------


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
    shape, style = OUTCOME_MARKS[Outcome.NOT_REVIEWED]
    text = f"not reviewed: nothing is recorded of {', '.join(_ruling(page).lacking)}."
    yield from paragraph(text, width, indent=2, hang=2, lead=(f"{shape} ", style))


def _effective(page: CheckPage, width: int) -> Iterator[Text]:
    ruling, base = _ruling(page), page.selection.base[page.check.id]
    if ruling.effective is None:
        return
    yield line(("WHAT IT WORKS WITH HERE", HEADING))
    values = {"severity": ruling.effective.severity, **ruling.effective.values}
    usual = {"severity": base.severity, **base.values}
    bounds = {parameter.name: _bounds(parameter) for parameter in page.check.parameters}
    for name, value in values.items():
        changed = f"; elsewhere {_written(usual[name])}" if usual[name] != value else ""
        origin = f"({_origin(ruling.effective.origins[name])}{changed})"
        left = line((name, "bold"), f" = {_written(value)} {origin}", indent=2)
        yield from sides(left, line((bounds.get(name, ""), "dim")), width)
    yield from _fact_parameters(page, width)
    for tried in ruling.tried:
        yield from _override(tried, page.check.id, width)


def _override(tried: Tried, check: str, width: int) -> Iterator[Text]:
    words = {True: "holds", False: "does not hold", None: "is unknown, so it does not hold"}
    override = tried.override
    changes = ", ".join(f"{k} = {_written(v)}" for k, v in override.changes[check].items())
    text = f"override {override.number} {words[tried.held]}: {override.text} ({changes})"
    yield from paragraph(text, width, indent=2, hang=2, style="" if tried.held else "dim")


def _recorded(page: CheckPage, width: int) -> Iterator[Text]:
    ruling = _ruling(page)
    if ruling.sources:
        yield line(("WHAT IS RECORDED", HEADING))
    rows = [(source.table, _said_of(source)) for source in ruling.sources]
    yield from table(rows, width, indent=2)


def _said_of(source: Source) -> str:
    spans = "; ".join(map(_span, source.feeds)) or "not recorded"
    blank = f"; nothing in {', '.join(source.blank)}" if source.blank else ""
    return spans + blank


def _span(feed: Feed) -> str:
    scope = "" if feed.scope == ALL else f" ({feed.scope})"
    if feed.first is None and feed.last is None:
        return f"always{scope}"
    first = "ever since" if feed.first is None else f"from {spoken(feed.first)}"
    last = "on" if feed.last is None else f"to {spoken(feed.last)}"
    return f"{first} {last}{scope}"


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
    yield from sides(line((first, "bold"), indent=2), line((_raw(one), "dim")), width)
    yield from (line((part, "bold"), indent=4) for part in rest)
    yield from paragraph(one.fact.description, width, indent=4)
    origin = f"{one.fact.origin}, by {one.provider.name}" if one.fact.origin else one.provider.name
    yield from paragraph(f"from {origin}", width, indent=4, style="dim")


def _value(ruling: Ruling, one: Input) -> str:
    if one.fact.type != "money":
        return spoken(one.value, one.fact.unit)
    whose = "reporting" if one.fact.unit == "reporting currency" else "own"
    return spoken(one.value, f"{ruling.currency[whose]} minor units")


def _raw(one: Input) -> str:
    """Return a value as conditions see it, where people see another number."""
    scaled = one.fact.type == "money" or one.fact.unit in {"share", "ratio"}
    return term_text(Constant(one.value)) if scaled and one.value is not None else ""


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
    shape, style = OUTCOME_MARKS[verdict.outcome]
    said = f": {verdict.message}" if verdict.message else ""
    outcome = str(verdict.outcome).replace("_", " ")
    yield from paragraph(
        outcome + said, width, indent=2, hang=2, style="bold", lead=(f"{shape} ", style)
    )
    lacking = what_lacks(verdict) if verdict.missing else ""
    for text in filter(None, (held_against(verdict), lacking, _points(page))):
        yield from paragraph(text, width, indent=4)
    if verdict.question and verdict.outcome in _ASKING:
        lead = (f"{ASKED} ", "")
        yield from paragraph(verdict.question, width, indent=4, hang=2, style="italic", lead=lead)
    if verdict.evidence:
        yield line(("evidence:", "dim"), indent=4)
    yield from table([_cell(page, cell) for cell in verdict.evidence], width, indent=6)


def _cell(page: CheckPage, cell: Evidence) -> tuple[str, str]:
    """Return where a cell is and what it holds, with the unit of the input of that name or origin."""
    ruling = _ruling(page)
    whose = "" if cell.id == ruling.card.id else f" of {cell.id}"
    cited = f"{cell.table}.{cell.field}"
    known = (o for o in ruling.inputs if cell.field == o.fact.name or cited == o.fact.origin)
    same = next((one for one in known if one.value == cell.value), None)
    value = _value(ruling, same) if same is not None else _unit_free(cell.value)
    return cited + whose, value


def _unit_free(value: Any) -> str:
    return "" if value is None else spoken(value)


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


# --- for programs --------------------------------------------------------------------------------


def explain_object(page: CheckPage) -> dict[str, Any]:
    """Return a check's page for programs."""
    check, base = page.check, page.selection.base[page.check.id]
    return {
        "id": check.id,
        "title": check.title,
        "description": check.description,
        "severity": base.severity,
        "severity_origin": base.origins["severity"],
        "on": check.on,
        "family": check.family or None,
        "questions": check.ask,
        "parameters": [_parameter_object(page, parameter) for parameter in check.parameters],
        "needs": page.needs,
        "lacking": page.lacking,
        "facts": {kind: [fact.name for fact in facts] for kind, facts in page.facts.items()},
        "fact_parameters": [
            _told(parameter) | {"value": value, "origin": origin}
            for parameter, value, origin in page.fact_parameters
        ],
        "sources": check.sources,
        "version": check.version,
        "status": check.status,
        "replacement": check.replacement or None,
        "renamed_from": check.renamed_from,
        "after_close": check.after_close,
        "in_review": None if page.choice is None else _choice_object(page.choice),
        "subject": None if page.ruling is None else ruling_object(page.ruling),
    }


def _choice_object(choice: Choice) -> dict[str, Any]:
    return {
        "selected": choice.selected,
        "origin": choice.origin or None,
        "patterns": choice.patterns,
        "required": choice.required,
    }


def ruling_object(ruling: Ruling) -> dict[str, Any]:
    """Return how a check came to its verdict on a subject, for programs."""
    card, effective, decider = ruling.card, ruling.effective, ruling.decider
    return {
        "kind": card.kind,
        "id": card.id,
        "name": card.name,
        "as_of": ruling.day,
        "lacking": ruling.lacking,
        "problem": ruling.problem or None,
        "severity": effective.severity if effective else None,
        "parameters": effective.values if effective else {},
        "origins": effective.origins if effective else {},
        "overrides": [
            {
                "number": tried.override.number,
                "when": tried.override.text,
                "held": tried.held,
                "changes": tried.override.changes[ruling.check.id],
            }
            for tried in ruling.tried
        ],
        "inputs": [_input_object(ruling, one) for one in ruling.inputs],
        "recorded": [_source_object(source) for source in ruling.sources],
        "conditions": [_condition_object(one) for one in ruling.conditions],
        "decided_by": decider.name if decider else None,
        "verdict": None if ruling.verdict is None else verdict_object(ruling.verdict),
    }


def _input_object(ruling: Ruling, one: Input) -> dict[str, Any]:
    whose = "reporting" if one.fact.unit == "reporting currency" else "own"
    is_money = one.fact.type == "money"
    return {
        "name": one.fact.name,
        "value": one.value,
        "unit": f"{ruling.currency[whose]} minor units" if is_money else one.fact.unit or None,
        "decides": one.decides,
        "origin": one.fact.origin or None,
        "provider": one.provider.name,
        "reads": one.provider.reads,
        "uses": one.provider.uses,
        "description": one.fact.description,
    }


def _source_object(source: Source) -> dict[str, Any]:
    feeds = [{"scope": f.scope, "from": f.first, "to": f.last} for f in source.feeds]
    return {"table": source.table, "feeds": feeds, "nothing_in": source.blank}


def _condition_object(one: Condition) -> dict[str, Any]:
    return {
        "name": one.name,
        "text": term_text(one.term),
        "value": one.value,
        "asked": one.asked,
        "decides": one.decides,
        "clauses": [{"text": text, "value": value} for text, value in one.clauses],
        "limits": [{"value": value, "parameter": name} for value, name in one.limits],
    }


def _parameter_object(page: CheckPage, parameter: Parameter) -> dict[str, Any]:
    (value, origin), *others = _values(page, parameter)
    overrides = [{"origin": where, "value": other} for other, where in others]
    return _told(parameter) | {"value": value, "origin": origin, "overrides": overrides}


def _told(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "description": parameter.info.description,
        "unit": parameter.info.unit or None,
        "default": parameter.default,
        "ge": parameter.info.ge,
        "le": parameter.info.le,
        "source": parameter.info.source or None,
    }
