"""Strategies for whole companies that obey the schema and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from dealreview.store.schema import TABLES, Column, Table

AS_OF = dt.date(2025, 5, 16)
POOLS = {
    "accounts": ["a1", "a2", "a3", "a4"],
    "contacts": ["c1", "c2", "c3", "c4", "c5"],
    "people": ["p1", "p2", "p3"],
    "teams": ["t1", "t2"],
    "stages": ["discovery", "proposal", "won", "lost"],
    "deals": ["d1", "d2", "d3", "d4", "d5", "d6"],
    "activities": [f"act{n}" for n in range(8)],
    "diversions": ["v1", "v2"],
}
"""Ids that keys and references are drawn from, so that rows meet."""

DANGLING = "nobody"
NAMES = ["Brandt Foods", "=1+1", "<b>x</b>", "\x1b[31mred", "‮evil", "", "N/A", "O'Neil; DROP TABLE deals"]
WEIRD_DAYS = [dt.date(1900, 1, 1), dt.date(9999, 12, 31), dt.date(2032, 2, 29)]


def days() -> st.SearchStrategy[dt.date]:
    """Days around the review's date, and a few that nobody meant."""
    near = st.integers(-420, 60).map(lambda n: AS_OF + dt.timedelta(days=n))
    return st.one_of(near, near, near, st.sampled_from(WEIRD_DAYS))


def _instant(day: dt.date, second: int) -> str:
    at = dt.datetime.combine(day, dt.time(), dt.UTC)
    return (at + dt.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _values(column: Column) -> st.SearchStrategy[Any]:
    if column.references:
        pool = POOLS.get(column.references.partition(".")[0])
        return st.sampled_from([*pool, DANGLING]) if pool else st.just("x1")
    if column.name == "currency":
        return st.sampled_from(["EUR", "EUR", "USD", "JPY", "XXX"])
    low = column.low if column.low is not None else -2_000
    high = column.high if column.high is not None else 2_000_000
    return {
        "enum": lambda: st.sampled_from(column.values),
        "bool": lambda: st.integers(0, 1),
        "date": lambda: days().map(dt.date.isoformat),
        "instant": lambda: st.builds(_instant, days(), st.integers(0, 86_399)),
        "int": lambda: st.integers(int(low), int(min(high, 400))),
        "money": lambda: st.integers(int(low), int(high)),
        "real": lambda: st.floats(float(low), float(min(high, 200)), allow_nan=False),
        "text": lambda: st.sampled_from(NAMES),
        "any": lambda: st.sampled_from(NAMES),
    }[column.type]()


def _key(table: Table, name: str) -> st.SearchStrategy[Any]:
    parent = table.parents.get(name)
    if parent:
        return st.sampled_from(POOLS[parent])
    if table.name in POOLS and len(table.key) == 1:
        return st.sampled_from(POOLS[table.name])
    column = table.column(name)
    if name in {"month"}:
        return st.integers(-16, 1).map(lambda n: _month(n).isoformat())
    if name == "attendee_id":
        return st.sampled_from([*POOLS["contacts"], *POOLS["people"], DANGLING])
    if column.type == "text" and not column.references and name != "currency":
        return st.sampled_from([f"k{n}" for n in range(9)])
    return _values(column)


def _month(offset: int) -> dt.date:
    number = AS_OF.year * 12 + AS_OF.month - 1 + offset
    return dt.date(number // 12, number % 12 + 1, 1)


def _rows(table: Table, most: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    cells: dict[str, st.SearchStrategy[Any]] = {}
    for column in table.columns:
        if column.name in table.key:
            cells[column.name] = _key(table, column.name)
        elif column.name == "gone_on":
            cells[column.name] = st.one_of(st.none(), st.none(), st.none(), days().map(dt.date.isoformat))
        elif column.name != "source_row":
            cells[column.name] = st.one_of(st.none(), _values(column), _values(column))
    for name, parent in table.parents.items():
        cells[name] = st.sampled_from(POOLS[parent])
    return st.lists(
        st.fixed_dictionaries(cells), max_size=most, unique_by=lambda row: tuple(row[k] for k in table.key)
    )


STAGES = [
    {"stage_id": "discovery", "kind": "open", "milestone": 2, "position": 1, "pipeline_id": "p"},
    {"stage_id": "proposal", "kind": "open", "milestone": 4, "position": 2, "pipeline_id": "p"},
    {"stage_id": "won", "kind": "won", "position": 3, "pipeline_id": "p"},
    {"stage_id": "lost", "kind": "lost", "position": 4, "pipeline_id": "p"},
]


@st.composite
def companies(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Rows by table: every table of the schema, parents always there, everything else hostile."""
    rows: dict[str, list[dict[str, Any]]] = {}
    sizes = {"deals": 6, "activities": 8, "activity_attendees": 12, "time_entries": 10, "account_months": 14}
    for name, table in TABLES.items():
        rows[name] = draw(_rows(table, sizes.get(name, 5)))
    rows["stages"] = draw(st.sampled_from([STAGES, STAGES, STAGES, rows["stages"]]))
    rows["feeds"] = draw(_feeds())
    for name, table in TABLES.items():
        for column, parent in table.parents.items():
            key = TABLES[parent].key[0]
            there = {row[key] for row in rows[parent]}
            rows[name] = [row for row in rows[name] if row[column] in there]
    return {name: found for name, found in rows.items() if found}


@st.composite
def _feeds(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Feeds of some tables: long ones, short ones, and ones that stopped."""
    dated = [name for name, table in TABLES.items() if table.dated_by]
    chosen = draw(st.lists(st.sampled_from(dated), unique=True, max_size=len(dated)))
    ends = st.sampled_from([0, 0, 0, -5, -20, -200])
    return [
        {
            "table_name": name,
            "scope": draw(st.sampled_from(["all", "crm"])),
            "covers_from": (AS_OF - dt.timedelta(days=draw(st.sampled_from([900, 900, 30])))).isoformat(),
            "covers_to": (AS_OF + dt.timedelta(days=draw(ends))).isoformat(),
        }
        for name in chosen
    ]
