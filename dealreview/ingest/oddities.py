"""Records that contradict themselves or each other; they are kept, and noted."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING

from dealreview.ingest.mapping import BARE_KEYS
from dealreview.ingest.summary import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.ingest.importer import Job

DAY_MINUTES = 24 * 60
CONTRADICTIONS = (
    (
        "deals",
        "closed_on",
        "is before the day on which the deal was created",
        "t.closed_on < t.created_on",
    ),
    (
        "deals",
        "closed_on",
        "is the closing day of a deal in an open stage",
        "s.kind = 'open' AND t.closed_on <= :day",
    ),
    ("deals", "closed_on", "is after the day of the export", "t.closed_on > :day"),
    (
        "deals",
        "closed_on",
        "is empty, and the deal is won or lost",
        "s.kind IN ('won', 'lost') AND t.closed_on IS NULL",
    ),
    (
        "deals",
        "amount_minor",
        "is in no currency; say which with currency in the mapping",
        "t.amount_minor IS NOT NULL AND t.currency IS NULL",
    ),
    (
        "activities",
        "at",
        "is after the day of the export, of something that took place",
        "t.status IN ('held', 'answered') AND t.at >= :end",
    ),
    (
        "activities",
        "duration_min",
        "is longer than a day",
        f"t.duration_min > {DAY_MINUTES}",
    ),
)
"""Table, column, what is told, and the condition on the row ``t`` and the stage ``s`` of a deal."""

PARENTS = (
    ("accounts", "parent_account_id"),
    ("teams", "parent_team_id"),
    ("people", "manager_id"),
)


def note_oddities(job: Job) -> None:
    """Note what can't all be true."""
    for table, column, reason, condition in CONTRADICTIONS:
        if job.writer.seen.get(table) and job.writer.is_given(table, column):
            note_rows(job, table, column, reason, condition)
    for table, column in PARENTS:
        if job.writer.seen.get(table) and job.writer.is_given(table, column):
            note_circles(job, table, column)
    for table, seen in job.writer.seen.items():
        if table not in BARE_KEYS:
            note_alike(job, table, sorted(str(key[0]) for key in seen if len(key) == 1))


def note_rows(job: Job, table: str, column: str, reason: str, condition: str) -> None:
    """Note the records of this import for which a condition is true."""
    key = {"deals": "deal_id", "activities": "activity_id"}[table]
    stages = "LEFT JOIN stages s ON s.stage_id = t.stage_id" if table == "deals" else ""
    day = job.export_day
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), job.mapping.zone)
    values = {"day": day.isoformat(), "end": f"{end.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"}
    # What is stored of an amount is not what the file says: it is left out.
    told = "NULL" if column.endswith("_minor") else f"t.{column}"
    sql = f"SELECT t.{key}, {told} FROM {table} t {stages} WHERE {condition}"  # noqa: S608
    for record, value in job.connection.execute(sql, values):
        note(job, table, record, column, "" if value is None else str(value), reason)


def note(job: Job, table: str, record: str, column: str, value: str, reason: str) -> None:
    """Note something about a record, if this import read it."""
    from dealreview.ingest.afterwards import source_column

    if origin := job.writer.seen.get(table, {}).get((record,)):
        name = source_column(job, origin, column)
        job.log.add(Problem(origin.file, origin.line, name, value, reason, "noted"))


# Parents


def note_circles(job: Job, table: str, column: str) -> None:
    """Note records that are above themselves; a circle is told once."""
    key = {"accounts": "account_id", "teams": "team_id", "people": "person_id"}[table]
    sql = f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {key}"  # noqa: S608
    for circle in circles(dict(job.connection.execute(sql))):
        if len(circle) == 1:
            reason = "points at itself"
        else:
            shown = " → ".join((*circle[:5], *(("…",) if len(circle) > 5 else ()), circle[0]))
            reason = f"is part of a circle: {shown}"
        note(job, table, circle[0], column, circle[0], reason)


def circles(above: dict[str, str]) -> Iterator[list[str]]:
    """Yield every circle once, from its first record by id."""
    done: set[str] = set()
    for start in above:
        path: dict[str, int] = {}
        here: str | None = start
        while here in above and here not in done and here not in path:
            path[here] = len(path)
            here = above[here]
        if here in path:
            members = list(path)[path[here] :]
            first = members.index(min(members))
            yield members[first:] + members[:first]
        done |= path.keys()


# Ids


def note_alike(job: Job, table: str, ids: Iterable[str]) -> None:
    """Note ids that differ only by case or by the width or form of their letters."""
    first: dict[str, str] = {}
    for text in ids:
        known = first.setdefault(plain_form(text), text)
        if known != text:
            reason = f"differs from '{known}' only by the case or form of its letters"
            origin = job.writer.seen[table][text,]
            job.log.add(Problem(origin.file, origin.line, "", text, reason, "noted"))


def plain_form(text: str) -> str:
    """Return a text without case, and with one form of each letter."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text.casefold())
