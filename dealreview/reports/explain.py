"""The page of a check: what it looks at, its numbers and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.reports.layout import line, paragraph, sides, spaced, table
from dealreview.reports.marks import ASKED
from dealreview.reports.text import HEADING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.text import Text

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.checks.parameters import Parameter
    from dealreview.engine.selection import Selection
    from dealreview.model.outcome import Kind


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
    """

    check: Check
    selection: Selection
    needs: Mapping[Kind, tuple[str, ...]]
    lacking: Mapping[Kind, tuple[str, ...]] | None
    facts: Mapping[Kind, tuple[Fact, ...]]
    fact_parameters: tuple[tuple[Parameter, Any, str], ...] = ()


def explain_text(page: CheckPage, width: int) -> Iterator[Text]:
    """Yield the lines of a check's page."""
    sections = (_header, _description, _questions, _parameters, _needs, _facts, _sources, _history)
    yield from spaced(section(page, width) for section in sections)


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
