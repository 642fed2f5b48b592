"""What a card leads with, what it folds into a line each, and what it only counts.

Forty findings are no review. The heaviest come first and in full; findings of one cause stand under
the heaviest of them; what one missing thing leaves open is one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.model.outcome import Outcome
from dealreview.reports.gaps import unpaired

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dealreview.model.scorecard import Context, Scorecard
    from dealreview.model.verdict import Verdict

COSTS_IN_FULL, STRENGTHS_IN_FULL, LACKS_IN_FULL = 5, 3, 5
COST_LINES, STRENGTH_LINES, LACK_LINES = 6, 3, 5
"""How many have a line each after those in full."""

FOLDED_SHOWN, CONTEXT_SHOWN = 2, 4
"""Lighter findings under the heaviest of a family, and lines of context."""


@frozen
class Group:
    """Verdicts that belong together.

    Attributes:
        verdicts: The verdicts, the heaviest first.
        cells: What they are all undecided for want of; empty for findings.
    """

    verdicts: tuple[Verdict, ...]
    cells: tuple[str, ...] = ()

    @property
    def first(self) -> Verdict:
        """The heaviest."""
        return self.verdicts[0]

    @property
    def others(self) -> tuple[Verdict, ...]:
        """All but the heaviest."""
        return self.verdicts[1:]

    @property
    def points(self) -> float:
        """Points that they take or leave open together."""
        return added(self.verdicts)


@frozen
class Digest:
    """A part of a card.

    Attributes:
        full: What is shown in full.
        lines: What has a line.
        rest: What is only counted.
    """

    full: tuple[Group, ...]
    lines: tuple[Group, ...] = ()
    rest: tuple[Group, ...] = ()

    @property
    def hidden(self) -> tuple[Verdict, ...]:
        """The verdicts that are only counted."""
        return tuple(verdict for group in self.rest for verdict in group.verdicts)


def added(verdicts: Iterable[Verdict]) -> float:
    """Return the points of verdicts together, in tenths as they are printed."""
    return round(sum((v.points_lost or v.points_open or 0.0) for v in verdicts), 1)


def strengths(card: Scorecard) -> Digest:
    """Return what goes well."""
    return _cut(families(card.with_outcome(Outcome.STRENGTH)), STRENGTHS_IN_FULL, STRENGTH_LINES)


def costs(card: Scorecard) -> Digest:
    """Return what was found, blockers and what takes most of the score first."""
    return _cut(families(card.with_outcome(Outcome.RISK, Outcome.WATCH)), COSTS_IN_FULL, COST_LINES)


def lacks(card: Scorecard) -> Digest:
    """Return what is not known, by what would have to be recorded, what leaves most open first."""
    undecided = by_cells(card.with_outcome(Outcome.INSUFFICIENT_DATA))
    return _cut(undecided, LACKS_IN_FULL, LACK_LINES)


def whole(found: Digest) -> Digest:
    """Return a part of a card with nothing folded."""
    return Digest((*found.full, *found.lines, *found.rest))


def _cut(groups: Sequence[Group], full: int, lines: int) -> Digest:
    end = full + lines
    end = len(groups) if len(groups) == end + 1 else end  # "and 1 more" takes as much room
    return Digest(tuple(groups[:full]), tuple(groups[full:end]), tuple(groups[end:]))


def families(verdicts: Iterable[Verdict]) -> list[Group]:
    """Return verdicts grouped by family, the heaviest first; one without a family stands alone."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.family or verdict.check, []).append(verdict)
    return [Group(tuple(group)) for group in found.values()]


def around(found: Iterable[Context]) -> list[tuple[Context, ...]]:
    """Return context grouped as findings are: by whom it is about and family, the heaviest first."""
    groups: dict[tuple[object, ...], list[Context]] = {}
    for one in found:
        said = one.verdict
        is_good = said.outcome is Outcome.STRENGTH
        key = (one.relation, said.subject_id, is_good, said.family or said.check)
        groups.setdefault(key, []).append(one)
    return [tuple(group) for group in groups.values()]


def by_cells(verdicts: Iterable[Verdict]) -> list[Group]:
    """Return undecided verdicts grouped by what is missing; one that names nothing stands alone."""
    found: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in verdicts:
        cells = tuple(sorted(set(map(unpaired, verdict.missing))))
        found.setdefault(cells or (verdict.check,), []).append(verdict)
    groups = [
        Group(tuple(group), cells if group[0].missing else ()) for cells, group in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.points, -len(group.verdicts)))
