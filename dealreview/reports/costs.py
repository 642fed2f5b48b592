"""What the parts of a review cost, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict

from dealreview.engine.profiling import CHECK, FACTS, REVIEW, TABLE
from dealreview.reports.layout import line, paragraph, spaced, table
from dealreview.reports.quantities import counted
from dealreview.reports.text import heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from dealreview.engine.profiling import Cost, Profile

HEAD = ("s", "CPU s", "rows", "calls", "kept MB", "peak MB")
_SECTIONS = (
    (FACTS, "FACTS", "provider", "in order of time; tables are read before"),
    (CHECK, "CHECKS", "check", "each asked alone"),
    (TABLE, "TABLES", "table", "read when first needed"),
)


def cost_objects(profile: Profile) -> list[dict[str, Any]]:
    """Return an object for each part, the review first."""
    sorts = (REVIEW, *(what for what, *_rest in _SECTIONS))
    return [asdict(cost) for what in sorts for cost in profile.of(what)]


def cost_lines(profile: Profile, width: int) -> Iterator[Text]:
    """Yield the report for people."""
    yield from spaced([_whole(profile, width), *_sections(profile, width)])


def _whole(profile: Profile, width: int) -> Iterator[Text]:
    (whole,) = profile.of(REVIEW)
    parts = {what: profile.of(what) for what, *_rest in _SECTIONS}
    spent = {what: sum(cost.seconds for cost in costs) for what, costs in parts.items()}
    rest = whole.seconds - sum(spent.values())
    yield line((f"Review as of {whole.name}: {_seconds(whole.seconds)} s", "bold"))
    yield from paragraph(
        f"{_seconds(spent[FACTS])} s for the facts of {counted(len(parts[FACTS]), 'provider')}, "
        f"{_seconds(spent[CHECK])} s for {counted(len(parts[CHECK]), 'check')}, "
        f"{_seconds(spent[TABLE])} s for reading {counted(len(parts[TABLE]), 'table')}, "
        f"{_seconds(rest)} s for everything else",
        width,
    )


def _sections(profile: Profile, width: int) -> Iterator[Iterator[Text]]:
    for what, title, named, how in _SECTIONS:
        if costs := profile.of(what):
            yield _section(costs, title, named, how, width)


def _section(costs: Sequence[Cost], title: str, named: str, how: str, width: int) -> Iterator[Text]:
    yield from heading(title, how, width)
    rows = [(*_figures(cost), _named(cost)) for cost in costs]
    # What says nothing is left out: one call each, no size, no system that knows its peak.
    filled = [n for n in range(len(HEAD) + 1) if any(row[n] for row in rows)]
    if costs[0].what != FACTS or all(cost.calls == 1 for cost in costs):
        filled.remove(HEAD.index("calls"))
    shown = [tuple(row[n] for n in filled) for row in [(*HEAD, named), *rows]]
    yield from table(shown, width, indent=2, numbers=len(filled) - 1)


def _figures(cost: Cost) -> tuple[str, ...]:
    return (
        _seconds(cost.seconds),
        _seconds(cost.cpu_seconds),
        f"{cost.rows:,}",
        f"{cost.calls:,}",
        _megabytes(cost.kept_bytes) if cost.what == FACTS else "",
        "" if cost.peak_bytes is None else _megabytes(cost.peak_bytes),
    )


def _named(cost: Cost) -> str:
    """Return the name, with how many facts a provider gives, and in which step if that is the second."""
    if not cost.facts:
        return cost.name
    about = counted(len(cost.facts), "fact")
    return f"{cost.name}, {about}{', organisation' if cost.step == 'organisation' else ''}"


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _megabytes(value: int) -> str:
    return f"{value / 1e6:,.1f}"
