"""How a deal came to where it stands: stages entered, dates moved, owners changed."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.demo.company import stories
from dealreview.demo.company.days import AS_OF, ago, workday
from dealreview.demo.company.names import PACE, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from dealreview.demo.company.plans import Plan

Entry = tuple[str, dt.date]
"""A stage and the day on which it was entered."""

USUAL_DAYS = (9, 12, 14, 13, 7, 3)
"""Days that open deals are in their present stage, if nothing is said."""


@frozen
class Change:
    """A change of an attribute of a deal."""

    field: str
    old: str | dt.date
    new: str | dt.date
    day: dt.date


@frozen
class Life:
    """What a deal has been through.

    Attributes:
        entries: Stages in the order in which they were entered.
        owner: Login of the present owner.
        expected: Day of the expected close as it is now.
        changes: Everything that changed, oldest first.
    """

    entries: tuple[Entry, ...]
    owner: str
    expected: dt.date | None
    changes: tuple[Change, ...]

    @property
    def stage(self) -> str:
        """The present stage."""
        return self.entries[-1][0]

    def stage_on(self, day: dt.date) -> str:
        """Return the stage at the end of a day."""
        return [stage for stage, entered in self.entries if entered <= day][-1]

    def value_on(self, field: str, now: str | dt.date | None, day: dt.date) -> str | dt.date | None:
        """Return what an attribute was at the end of a day."""
        later = [c.old for c in self.changes if c.field == field and c.day > day]
        return later[0] if later else now


def open_life(plan: Plan, created: dt.date, expected: dt.date | None) -> Life:
    """Return the life of an open deal."""
    usual = USUAL_DAYS[STAGES.index(plan.stage)]
    tail = stories.PATHS.get(plan.deal_id) or (
        (plan.stage, plan.stage_days or min(usual, plan.age)),
    )
    first = STAGES.index(tail[0][0])
    since = max(created, ago(tail[0][1]))
    early = _spread(created, since, STAGES[: first + 1], PACE)[:-1]
    entries = (*early, *((stage, max(created, workday(ago(days)))) for stage, days in tail))
    entries = ((entries[0][0], created), *entries[1:])
    return _life(entries, plan.owner, expected, plan.deal_id)


def closed_life(
    rng: Random, owner: str, created: dt.date, closed: dt.date, stages: Sequence[str], result: str
) -> Life:
    """Return the life of a won or lost deal."""
    pace = [share * rng.uniform(0.6, 1.4) for share in PACE]
    entries = (*_spread(created, closed, (*stages, result), pace)[:-1], (result, closed))
    pushed = (
        Change(
            "Close date", closed - dt.timedelta(days=24), closed, closed - dt.timedelta(days=26)
        ),
    )
    moved = pushed if rng.random() < 0.3 else ()
    changes = (*_stage_changes(entries), *moved)
    return Life(entries, owner, closed, tuple(sorted(changes, key=lambda change: change.day)))


def _spread(
    begin: dt.date, end: dt.date, stages: Sequence[str], pace: Sequence[float]
) -> tuple[Entry, ...]:
    """Return when each stage was entered, the first at the beginning and the last at the end."""
    shares = list(accumulate(pace[: len(stages) - 1], initial=0.0))
    whole = shares[-1] or 1.0
    days = (begin + (end - begin) * (share / whole) for share in shares)
    return tuple((stage, max(begin, workday(day))) for stage, day in zip(stages, days, strict=True))


def _life(entries: tuple[Entry, ...], owner: str, expected: dt.date | None, deal_id: str) -> Life:
    moves = (*_stage_changes(entries), *_pushes(deal_id, expected), *_hands(deal_id, owner))
    return Life(entries, owner, expected, tuple(sorted(moves, key=lambda change: change.day)))


def _stage_changes(entries: Iterable[Entry]) -> Iterator[Change]:
    for (old, _), (new, day) in pairwise(entries):
        yield Change("Stage", old, new, day)


def _pushes(deal_id: str, expected: dt.date | None) -> Iterator[Change]:
    """Yield how the expected close moved; one that has passed was moved there once."""
    late = ((33, 21),) if expected and expected < AS_OF else ()
    date = expected
    for days_ago, by in reversed(stories.PUSHES.get(deal_id, late)):
        if date:
            before = date - dt.timedelta(days=by)
            yield Change("Close date", before, date, workday(ago(days_ago)))
            date = before


def _hands(deal_id: str, owner: str) -> Iterator[Change]:
    new = owner
    for days_ago, old in reversed(stories.OWNERS.get(deal_id, ())):
        yield Change("Owner", old, new, workday(ago(days_ago)))
        new = old
