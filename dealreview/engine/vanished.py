"""Feeds that the last run over older data had and this one does not: a report names what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.engine.registry import Problem
from dealreview.engine.standins import takes_over
from dealreview.store.changes import revision

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from dealreview.engine.feeds import RecordedFeeds
    from dealreview.model.outcome import Kind
    from dealreview.model.scorecard import NotReviewed

NAMED = 3
"""How many checks a notice names before it counts the others."""


def vanished(
    connection: sqlite3.Connection,
    feeds: RecordedFeeds,
    settings: Mapping[str, Any],
    not_reviewed: Mapping[Kind, Sequence[NotReviewed]],
) -> Iterator[Problem]:
    """Yield a notice for each table or column that was recorded in the last run and no longer is.

    Args:
        connection: The database; its last run over older data is compared.
        feeds: What is recorded now.
        settings: Stand-ins of the configuration by fact parameter.
        not_reviewed: Checks that are left out for want of a feed, by kind.
    """
    from dealreview.store.runs import run_before

    earlier = run_before(connection, revision(connection))
    if earlier is None:
        return
    lost = [name for name in earlier.header.get("recorded", ()) if not feeds.is_recorded(name)]
    left_out = [one for found in not_reviewed.values() for one in found]
    cause = f"was recorded in run {earlier.number} and is gone."
    for name in lost:
        table, dot, _ = name.partition(".")
        if not dot or table not in lost:
            mend = _taken_over(name, settings, feeds.recorded) or _without(name, left_out)
            yield Problem(f"feed {name}", cause, f"Import it again; {mend}", "feed")


def _taken_over(name: str, settings: Mapping[str, Any], recorded: frozenset[str]) -> str:
    """Return what stands in for a feed that is gone; empty where nothing does."""
    instead = takes_over(name, settings, recorded)
    if instead is None:
        return ""
    return f"until then {instead.name} stands in for it: {instead.differs}."


def _without(name: str, left_out: Sequence[NotReviewed]) -> str:
    """Return what is not reviewed until a feed that is gone is there again."""
    checks = sorted({one.check for one in left_out if _needs(one, name)})
    if not checks:
        return "no check needs it alone, and what only it tells counts as unknown."
    first, others = checks[:NAMED], len(checks[NAMED:])
    more = f" and {others} more" if others else ""
    return f"not reviewed without it: {', '.join(first)}{more}."


def _needs(check: NotReviewed, feed: str) -> bool:
    """Whether a table, or a column of it, is among what a check has nothing to look at without."""
    named = (name for needs in check.needs for name in needs.split(" or "))
    return any(name == feed or name.startswith(f"{feed}.") for name in named)
