"""What is said about a check, and how its numbers are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.checks.parameters import Parameter
    from dealreview.engine.choice import Choice
    from dealreview.engine.selection import Selection
    from dealreview.model.outcome import Kind
    from dealreview.reports.ruling import Ruling


Told = tuple["Parameter", Any, str]
"""A parameter of a fact, its effective value and where that comes from."""


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
        behind: The same of the facts that those are made from.
        choice: Why it is in a review or not.
        ruling: How it came to its verdict on a subject; None when none was named.
    """

    check: Check
    selection: Selection
    needs: Mapping[Kind, tuple[str, ...]]
    lacking: Mapping[Kind, tuple[str, ...]] | None
    facts: Mapping[Kind, tuple[Fact, ...]]
    fact_parameters: tuple[Told, ...] = ()
    behind: tuple[Told, ...] = ()
    choice: Choice | None = None
    ruling: Ruling | None = None


def values_of(page: CheckPage, parameter: Parameter) -> Iterator[tuple[Any, str]]:
    """Yield each effective value with its origin: the base, then what overrides make of it."""
    base = page.selection.base[page.check.id]
    yield base.values[parameter.name], base.origins[parameter.name]
    for override in page.selection.overrides:
        changes = override.changes.get(page.check.id, {})
        if parameter.name in changes:
            yield changes[parameter.name], f"override {override.number}"


def origin_text(origin: str) -> str:
    """Return where a value comes from, for people."""
    return {"configuration": "set in the configuration"}.get(origin, origin)


def written(value: Any) -> str:
    """Return a value as a configuration takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        pairs = (f"{name} = {written(item)}" for name, item in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def bounds_text(parameter: Parameter) -> str:
    """Return the bounds of a parameter with its unit."""
    unit = f" {parameter.info.unit}" if parameter.info.unit else ""
    return f"{parameter.bounds}{unit}" if parameter.type in (int, float) else unit.strip()
