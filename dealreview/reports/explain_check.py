"""The page of a check: what it looks at, its numbers and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.reports.checkpage import bounds_text, origin_text, values_of, written
from dealreview.reports.layout import line, paragraph, sides, spaced, table
from dealreview.reports.marks import ASKED
from dealreview.reports.text import HEADING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

    from dealreview.checks.facts import Fact
    from dealreview.reports.checkpage import CheckPage


def _header(page: CheckPage, width: int) -> Iterator[Text]:
    check = page.check
    base = page.selection.base[check.id]
    yield from sides(line((check.title, "bold")), line((check.id, "dim")), width)
    origin = base.origins["severity"]
    severity = f"{base.severity} (weight {base.severity.weight}, {origin_text(origin)})"
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
            f"{written(value)} ({origin_text(origin)})"
            for value, origin in values_of(page, parameter)
        ]
        left = line((parameter.name, "bold"), f" = {'; '.join(settings)}", indent=2)
        yield from sides(left, line((bounds_text(parameter), "dim")), width)
        about = parameter.info.description
        source = f"; default from {parameter.info.source}" if parameter.info.source else ""
        yield from paragraph(about + source, width, indent=4)
    yield from _overrides(page, width)


def _overrides(page: CheckPage, width: int) -> Iterator[Text]:
    for override in page.selection.overrides:
        changes = override.changes.get(page.check.id)
        if changes:
            severity = f"; severity {changes['severity']}" if "severity" in changes else ""
            text = f"override {override.number}: for each {override.kind} where {override.text}{severity}"
            yield from paragraph(text, width, indent=2, hang=2, style="dim")


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
    alike = len(set(map(_told, page.facts.values()))) == 1
    for kind, facts in list(page.facts.items())[: 1 if alike else None]:
        if len(page.facts) > 1:
            yield line(("of each of them:" if alike else f"of each {kind}:", "dim"), indent=2)
        yield from table(_told(facts), width, indent=2)
    yield from fact_parameters(page, width)


def _told(facts: Iterable[Fact]) -> tuple[tuple[str, str], ...]:
    return tuple((fact.name, fact.description) for fact in facts)


def fact_parameters(page: CheckPage, width: int) -> Iterator[Text]:
    """Yield the parameters of the facts that the check reads, and in a line those behind them."""
    set_here = [told for told in page.behind if told[2] != "default"]
    for parameter, value, origin in (*page.fact_parameters, *set_here):
        left = line(parameter.name, f" = {written(value)} ({origin_text(origin)})", indent=2)
        yield from sides(left, line((bounds_text(parameter), "dim")), width)
        yield from paragraph(parameter.info.description, width, indent=4)
    others = [
        f"{p.name} = {written(value)}" for p, value, origin in page.behind if origin == "default"
    ]
    if others:
        text = f"as everywhere: {', '.join(others)} (dealreview schema --settings)"
        yield from paragraph(text, width, indent=2, hang=2, style="dim")


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


ABOUT = (_header, _description, _questions)
NUMBERS = (_parameters, _needs, _facts)
REST = (_sources, _history, _selected)
"""Sections of the page in their order."""
