"""What is recorded, for which days, asked by providers and by the planner."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attrs import field, frozen

from dealreview.checks.messages import day as spoken
from dealreview.engine.registry import Problem
from dealreview.store.feeds import ALL, Feed, merged
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl

    from dealreview.store.feeds import Segment

LAG_THAT_STOPS = 14
"""Days a feed may end before the day that counts; beyond that nothing can be said of absence."""


def _open(first: dt.date, last: dt.date) -> tuple[dt.date | None, dt.date | None]:
    return (None if first == dt.date.min else first, None if last == dt.date.max else last)


@frozen(slots=False)
class RecordedFeeds:
    """The feeds of a database, seen as of a date; computed once for the whole database.

    Attributes:
        feeds: Segments by table and scope.
        recorded: ``table`` and ``table.column`` names that are recorded at all.
        as_of: The review's date.
        max_lag: Days of lag that need no mention.
    """

    feeds: tuple[Feed, ...]
    recorded: frozenset[str]
    as_of: dt.date
    max_lag: int = 3
    _by_table: dict[str, dict[str, list[Feed]]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        found: dict[tuple[str, str], list[Segment]] = {}
        for feed in self.feeds:
            ends = (feed.first or dt.date.min, feed.last or dt.date.max)
            found.setdefault((feed.table, feed.scope), []).append(ends)
        for (table, scope), segments in found.items():
            # Written by hand, one after the other, they would otherwise leave a gap of no day.
            joined = [Feed(table, scope, *_open(*ends)) for ends in merged(segments)]
            self._by_table.setdefault(table, {})[scope] = joined

    def is_recorded(self, name: str) -> bool:
        """Whether ``table`` or ``table.column`` is recorded at all."""
        return name in self.recorded

    def covers(self, table: str, first: pl.Expr | dt.date, last: pl.Expr | dt.date) -> pl.Expr:
        """Return whether every day from ``first`` to ``last`` is recorded in every scope of the table.

        A feed may end up to 14 days before ``last``: clocks are then read at its end, and the run
        header says so.
        """
        import polars as pl

        scopes = self._by_table.get(table, {})
        start, end = (
            pl.lit(x, dtype=pl.Date) if isinstance(x, dt.date) else x for x in (first, last)
        )
        inside = [
            pl.any_horizontal(self._holds(segment, start, end) for segment in segments)
            for segments in scopes.values()
        ]
        return pl.all_horizontal(inside) if inside else pl.lit(value=False)

    @staticmethod
    def _holds(segment: Feed, start: pl.Expr, end: pl.Expr) -> pl.Expr:
        import polars as pl

        begun = pl.lit(value=True) if segment.first is None else start >= segment.first
        if segment.last is None:
            return begun
        return begun & (end <= segment.last + dt.timedelta(days=LAG_THAT_STOPS))

    def last_day(self, table: str) -> dt.date | None:
        """Return the last day that every scope of the table covers, at most the review's date."""
        ends = [
            max((s.last or self.as_of for s in segments), default=None)
            for segments in self._by_table.get(table, {}).values()
        ]
        known = [end for end in ends if end is not None]
        return min((*known, self.as_of)) if known else None

    def stopped(self, tables: Iterable[str], last_month_end: dt.date) -> Iterator[Problem]:
        """Yield a note for each feed of ``tables`` that ended more than ``max_lag`` days too early.

        Args:
            tables: Tables that the review reads.
            last_month_end: Last day of the last complete month, which is all that monthly figures can reach.
        """
        for table, scopes in sorted(self._by_table.items()):
            if table not in tables:
                continue
            due = last_month_end if TABLES[table].dated_by == "month" else self.as_of
            for scope, segments in sorted(scopes.items()):
                last = max((s.last or self.as_of for s in segments), default=self.as_of)
                lag = (due - last).days
                if lag > self.max_lag:
                    yield Problem(
                        f"feed {table}" + (f" ({scope})" if scope != ALL else ""),
                        f"ended on {spoken(last)}, {lag} days too early.",
                        "Import a newer export, or review as of an earlier date.",
                        "feed",
                    )
