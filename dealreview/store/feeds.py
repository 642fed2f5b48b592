"""Feeds: which tables are recorded, and for which days."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.model.calendar import month_number, month_start
from dealreview.model.errors import StoreError
from dealreview.store.ddl import quoted
from dealreview.store.schema import TABLES, table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from dealreview.store.tables import Tables

ALL = "all"
"""The scope of a feed that holds for every row of its table."""

HISTORIES = frozenset(
    f"deal_changes.{name}" for name in TABLES["deal_changes"].by_name["field"].values
)
"""Names under which the history of an attribute of deals is recorded."""

PLANS = "activities.planned"
"""Name under which meetings that lie ahead are recorded."""

EARLIEST = dt.date(1970, 1, 1)
PLAUSIBLE_AHEAD = dt.timedelta(days=1095)
_DAY = dt.timedelta(days=1)
Segment = tuple[dt.date, dt.date]


@frozen
class Feed:
    """A time for which a table is recorded without gaps.

    Attributes:
        table: The table.
        scope: Whose rows: :data:`ALL`, or a name such as that of a source.
        first: First day; None means ever since.
        last: Last day; None means that it goes on.
    """

    table: str
    scope: str
    first: dt.date | None
    last: dt.date | None


def load_feeds(
    tables: Tables, *, today: dt.date | None = None
) -> tuple[tuple[Feed, ...], frozenset[str]]:
    """Return the feeds of every table, and what is recorded at all.

    A table with rows of which nobody said anything is taken as recorded from its earliest to its
    latest date, one without dates as recorded always. Where a row of ``feeds`` has no end, the
    latest date of its table is the end. A dated table without any date covers nothing.

    Args:
        tables: The tables of a read transaction.
        today: Dates more than 1,095 days later are taken as typing errors.
    """
    latest = (today or dt.datetime.now(dt.UTC).date()) + PLAUSIBLE_AHEAD
    stated = tuple(_stated(tables, latest))
    names = {feed.table for feed in stated}
    silent = [name for name in tables.known if name not in names and tables.recorded_columns(name)]
    implicit = tuple(feed for name in silent for feed in _implicit(tables, name, latest))
    recorded = _recorded(tables, names) | _histories(tables, stated) | _plans(tables)
    return (*stated, *implicit), recorded


def _plans(tables: Tables) -> frozenset[str]:
    """Return :data:`PLANS` where any activity is planned: an export may hold the past alone."""
    query = "SELECT EXISTS (SELECT 1 FROM activities WHERE status = 'planned')"
    return frozenset((PLANS,) if tables.connection.execute(query).fetchone()[0] else ())


def _histories(tables: Tables, stated: tuple[Feed, ...]) -> frozenset[str]:
    """Return ``deal_changes.<attribute>`` for each attribute of deals whose changes are recorded.

    An export of changes often holds those of stages alone: that no date ever changed is then not
    known. Differences between whole exports of deals show the changes of all attributes.
    """
    whole = {ALL, *(feed.scope for feed in stated if feed.table == "deals")}
    if any(feed.table == "deal_changes" and feed.scope in whole for feed in stated):
        return frozenset(HISTORIES)
    given = tables.connection.execute("SELECT DISTINCT field FROM deal_changes")
    return HISTORIES & {f"deal_changes.{name}" for (name,) in given}


def _recorded(tables: Tables, names: set[str]) -> frozenset[str]:
    """Return each ``table`` with a feed or rows, and each ``table.column`` with any value."""
    found = set(names)
    for name in tables.known:
        columns = tables.recorded_columns(name)
        found.update(f"{name}.{column}" for column in columns)
        found.update((name,) if columns else ())
    return frozenset(found)


def record_feed(
    connection: sqlite3.Connection, name: str, scope: str, first: dt.date, last: dt.date
) -> None:
    """Note that a table is recorded from one day to another, joined with what touches it.

    The days are taken as they are said; :func:`last_covered` gives the end of a span of rows.

    Raises:
        StoreError: An unknown table, or a last day before the first.
    """
    name = name if _is_own(name) else table(name).name
    if last < first:
        raise StoreError(f"The feed of '{name}' ends on {last}, before {first}.")
    before = _segments(connection, name, scope)
    after = merged([*before, (first, last)])
    for begin, _ in set(before) - set(after):
        connection.execute(_DELETE, (name, scope, begin.isoformat()))
    rows = [(name, scope, b.isoformat(), e.isoformat()) for b, e in after if (b, e) not in before]
    connection.executemany(_UPSERT, rows)


def _is_own(name: str) -> bool:
    """Whether a table is a pack's; such names, and no others, have two underscores in a row."""
    return "__" in name


_DELETE = "DELETE FROM feeds WHERE table_name = ? AND scope = ? AND covers_from = ?"
_UPSERT = (
    "INSERT INTO feeds (table_name, scope, covers_from, covers_to) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET covers_to = excluded.covers_to"
)


def merged(segments: Iterable[Segment]) -> list[Segment]:
    """Return segments sorted, those that overlap or follow each other without a gap joined."""
    found: list[Segment] = []
    for first, last in sorted(segments):
        if found and (first - found[-1][1]) <= _DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _segments(connection: sqlite3.Connection, name: str, scope: str) -> list[Segment]:
    query = "SELECT covers_from, covers_to FROM feeds WHERE table_name = ? AND scope = ?"
    found = []
    for first, last in connection.execute(query, (name, scope)):
        begin, end = _day(first), _day(last)
        if begin and end:
            found.append((begin, end))
    return found


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


def _stated(tables: Tables, latest: dt.date) -> Iterator[Feed]:
    frame = tables.frame("feeds", ["table_name", "scope", "covers_from", "covers_to"])
    for name, scope, first, end in frame.iter_rows():
        last = end or (_span(tables, name, latest)[1] if name in tables.known else None)
        if first and (last is None or first <= last):
            yield Feed(name, scope, first, last)


def _implicit(tables: Tables, name: str, latest: dt.date) -> Iterator[Feed]:
    if not tables.schema(name).dated_by:
        yield Feed(name, ALL, None, None)
        return
    first, last = _span(tables, name, latest)
    if first and last:
        yield Feed(name, ALL, first, last)


def _span(tables: Tables, name: str, latest: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """Return the earliest and the latest plausible day in a table; none for one without dates."""
    column = tables.schema(name).dated_by
    if not column:
        return None, None
    key = (name, latest.isoformat())
    if key not in tables.spans:
        tables.spans[key] = _ends(tables, name, column, latest)
    first, last = map(_day, tables.spans[key])
    return first, None if last is None else last_covered(name, last)


def _ends(tables: Tables, name: str, column: str, latest: dt.date) -> tuple[str | None, str | None]:
    day = f"substr({quoted(column)}, 1, 10)"
    # A planned meeting proves nothing about what is recorded; the 30th of February is no day.
    happened = " AND status IS NOT 'planned'" if name == "activities" else ""
    query = (
        f"SELECT min({day}), max({day}) FROM {quoted(name)} "  # noqa: S608 - names of the schema
        f"WHERE {day} BETWEEN ? AND ? AND date({day}) = {day}{happened}"
    )
    values = (EARLIEST.isoformat(), latest.isoformat())
    first, last = tables.connection.execute(query, values).fetchone()
    return first, last


def last_covered(name: str, last: dt.date) -> dt.date:
    """Return the last day that a row's date covers: figures of a month are dated by its first day."""
    if _is_own(name) or table(name).dated_by != "month":
        return last
    return month_start(month_number(last) + 1) - dt.timedelta(days=1)
