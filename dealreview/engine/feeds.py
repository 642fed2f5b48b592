"""What is recorded, for which days, asked by providers and by the planner."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from dealreview.checks.messages import day as spoken
from dealreview.engine.registry import Problem
from dealreview.store.feeds import ALL, Feed, merged
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl

    from dealreview.store.feeds import Segment

Day: TypeAlias = "pl.Expr | dt.date"

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

    def covers(self, table: str, first: Day, last: Day) -> pl.Expr:
        """Return whether every day from ``first`` to ``last`` is recorded in every scope of the table."""
        return self._everywhere(table, first, last, days_late=0)

    def reaches(self, table: str, first: Day, day: Day) -> pl.Expr:
        """Return whether a table is recorded from ``first`` to ``day``, or to at most 14 days before it.

        What happened since is then not known, and clocks are read at :meth:`clock`.
        """
        return self._everywhere(table, first, day, days_late=LAG_THAT_STOPS)

    def clock(self, table: str, day: Day) -> pl.Expr:
        """Return the day at which clocks are read: ``day``, or the end of a feed that ended earlier.

        A lag of up to ``max_lag`` days needs no mention; beyond 14 days the clock is unknown.
        """
        import polars as pl

        day = _expression(day)
        end = self.last_day(table)
        if end is None:
            return pl.lit(None, dtype=pl.Date)
        lag = (day - pl.lit(end, dtype=pl.Date)).dt.total_days()
        late = pl.when(lag <= LAG_THAT_STOPS).then(pl.lit(end, dtype=pl.Date))
        return pl.when(lag <= self.max_lag).then(day).otherwise(late)

    def _everywhere(self, table: str, first: Day, last: Day, *, days_late: int) -> pl.Expr:
        import polars as pl

        start, end = _expression(first), _expression(last)
        inside = [
            pl.any_horizontal(_holds(segment, start, end, days_late) for segment in segments)
            for segments in self._by_table.get(table, {}).values()
        ]
        return pl.all_horizontal(inside) if inside else pl.lit(value=False)

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
            monthly = table in TABLES and TABLES[table].dated_by == "month"
            due = last_month_end if monthly else self.as_of
            for scope, segments in sorted(scopes.items()):
                last = max((s.last or self.as_of for s in segments), default=self.as_of)
                lag = (due - last).days
                if lag > self.max_lag:
                    yield Problem(
                        f"feed {table}" + (f" ({scope})" if scope != ALL else ""),
                        f"ended on {spoken(last)}, {lag} day{'' if lag == 1 else 's'} too early.",
                        "Import a newer export, or review as of an earlier date.",
                        "feed",
                    )


def _expression(day: Day) -> pl.Expr:
    import polars as pl

    return pl.lit(day, dtype=pl.Date) if isinstance(day, dt.date) else day


def _holds(segment: Feed, start: pl.Expr, end: pl.Expr, days_late: int) -> pl.Expr:
    """Return whether a segment holds both days, the later one up to some days after its end."""
    import polars as pl

    begun = pl.lit(value=True) if segment.first is None else start >= segment.first
    if segment.last is None:
        return begun
    return begun & (start <= segment.last) & (end <= segment.last + dt.timedelta(days=days_late))
