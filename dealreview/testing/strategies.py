"""Whole companies that obey the schema and nothing else, from a seed.

Rows are drawn by a seeded generator, not cell by cell by hypothesis: a company has a thousand cells,
and what matters is how many companies are tried.
"""

from __future__ import annotations

import datetime as dt
import os
from random import Random
from typing import Any

from attrs import frozen
from hypothesis import Phase, settings
from hypothesis import strategies as st

from dealreview.store.schema import TABLES, Column, Table

SHARE = "DEALREVIEW_EXAMPLES"
"""Environment variable: by how much the number of companies is multiplied."""

AS_OF = dt.date(2025, 5, 16)
POOLS = {
    "accounts": ["a1", "a2", "a3", "a4"],
    "contacts": ["c1", "c2", "c3", "c4", "c5"],
    "people": ["p1", "p2", "p3"],
    "teams": ["t1", "t2"],
    "stages": [
        *("qualifying", "discovery", "evaluation", "proposal", "negotiation", "closing"),
        *("won", "won", "lost", "lost", "over"),
    ],
    "deals": ["d1", "d2", "d3", "d4", "d5", "d6"],
    "activities": [f"act{n}" for n in range(8)],
    "diversions": ["v1", "v2"],
}
"""Ids that keys and references are drawn from, so that rows meet; some are drawn more often."""

DANGLING = "nobody"
NAMES = [
    "Brandt Foods",
    "=1+1",
    "<b>x</b>",
    "\x1b[31mred",
    "\u202eevil",
    "",
    "N/A",
    "O'Neil; DROP TABLE deals",
]
Rows = dict[str, list[dict[str, Any]]]
WEIRD_DAYS = [dt.date(1900, 1, 1), dt.date(9999, 12, 31), dt.date(2032, 2, 29)]


@frozen
class Mood:
    """How hostile a company is.

    Attributes:
        blank: Share of cells that are empty.
        dangling: Share of references that point nowhere.
        weird: Share of days and amounts that nobody meant.
        feeds: Share of dated tables that are recorded to the review's date.
        fitting: Share of cells whose meaning another one says that hold what this one asks for.
    """

    blank: float
    dangling: float
    weird: float
    feeds: float
    fitting: float


MOODS = {
    "sane": Mood(blank=0.05, dangling=0.0, weird=0.0, feeds=1.0, fitting=1.0),
    "mixed": Mood(blank=0.2, dangling=0.1, weird=0.05, feeds=0.7, fitting=0.9),
    "hostile": Mood(blank=0.4, dangling=0.3, weird=0.3, feeds=0.3, fitting=0.4),
}
MEANT = {
    ("deal_changes", "old_value"): "field",
    ("deal_changes", "new_value"): "field",
    ("loss_statements", "subject_id"): "subject",
    ("targets", "holder_id"): "holder",
}
"""Columns of text, and the column that says what one of their cells holds."""

TABLE_OF = {"deal": "deals", "account": "accounts", "team": "teams", "person": "people"}

SIZES = {
    "approvals": 10,
    "deal_changes": 24,
    "loss_statements": 10,
    "deals": 8,
    "deal_lines": 12,
    "activities": 14,
    "activity_attendees": 20,
    "time_entries": 40,
    "account_months": 40,
    "service_costs": 30,
    "stakeholders": 12,
}


class Company(dict[str, list[dict[str, Any]]]):
    """Rows by table that print as the seed they come from."""

    def __init__(self, rows: Rows, origin: str) -> None:
        super().__init__(rows)
        self.origin = origin

    def __repr__(self) -> str:
        return self.origin


def company(seed: int, mood: str) -> Company:
    """Return rows by table: every table of the schema, parents always there."""
    random, how = Random(seed), MOODS[mood]  # noqa: S311 - chance for tests
    rows = {name: _rows(table, random, how) for name, table in TABLES.items()}
    if mood != "hostile" or random.random() < 0.5:
        rows["stages"] = STAGES
    rows["feeds"] = _feeds(random, how)
    return Company(without_orphans(rows), f"company({seed}, {mood!r})")


def without_orphans(rows: Rows) -> Rows:
    """Return rows by table without those whose parent is not there."""
    kept = dict(rows)
    for name, table in TABLES.items():
        for column, parent in table.parents.items():
            there = {row[TABLES[parent].key[0]] for row in kept.get(parent, ())}
            kept[name] = [row for row in kept.get(name, ()) if row[column] in there]
    return {name: found for name, found in kept.items() if found}


def companies(*moods: str) -> st.SearchStrategy[Company]:
    """Return companies of some moods; of all, from sane to hostile, when none is named."""
    return st.builds(company, st.integers(0, 2**32), st.sampled_from(moods or sorted(MOODS)))


def many(examples: int) -> settings:
    """Return settings for tests over companies: so many of them, each from a seed that can't shrink.

    The environment variable :data:`SHARE` makes it more of them for a long night, or fewer.
    """
    examples = max(2, round(examples * float(os.environ.get(SHARE, "1"))))
    phases = [phase for phase in Phase if phase not in {Phase.shrink, Phase.explain}]
    return settings(max_examples=examples, deadline=None, phases=phases)


def _rows(table: Table, random: Random, how: Mood) -> list[dict[str, Any]]:
    size = SIZES.get(table.name, 5)
    rows = [_row(table, random, how) for _ in range(random.randint(size // 2, size))]
    return list({tuple(row[key] for key in table.key): row for row in rows}.values())


def _row(table: Table, random: Random, how: Mood) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name in table.key or column.name in table.parents:
            row[column.name] = _key(table, column.name, random, how)
        elif column.name == "gone_on":
            row[column.name] = _day(random, how) if random.random() < how.dangling / 3 else None
        elif column.name != "source_row":
            blank = random.random() < how.blank
            row[column.name] = None if blank else _cell(table, column, row, random, how)
    return row


def _cell(table: Table, column: Column, row: dict[str, Any], random: Random, how: Mood) -> Any:
    """Return a value of a column, one that fits the rest of the row where another cell asks for it."""
    asked = row.get(MEANT.get((table.name, column.name), ""))
    if asked is None or random.random() >= how.fitting:
        return _value(column, random, how)
    if table.name == "deal_changes":
        return str(_value(TABLES["deals"].column(asked), random, how))
    return random.choice(POOLS[TABLE_OF[asked]])


def _key(table: Table, name: str, random: Random, how: Mood) -> Any:
    column, parent = table.column(name), table.parents.get(name)
    if parent or (table.name in POOLS and len(table.key) == 1):
        return random.choice(POOLS[parent or table.name])
    if name == "month":
        return _month(random.randint(-16, 1)).isoformat()
    if name == "attendee_id":
        return random.choice([*POOLS["contacts"], *POOLS["people"], DANGLING])
    if column.type == "text" and not column.references and name != "currency":
        return f"k{random.randint(0, 50)}"
    return _value(column, random, how)


def _value(column: Column, random: Random, how: Mood) -> Any:
    if column.references:
        pool = POOLS.get(column.references.partition(".")[0], ["x1"])
        return DANGLING if random.random() < how.dangling else random.choice(pool)
    if column.name == "currency":
        return random.choice(["USD", "JPY", "XXX"]) if random.random() < how.weird else "EUR"
    if column.type in {"date", "instant"}:
        day = _day(random, how)
        return day if column.type == "date" else f"{day}T{random.randint(0, 23):02}:00:00Z"
    return _plain(column, random, how)


def _plain(column: Column, random: Random, how: Mood) -> Any:
    weird = random.random() < how.weird
    low: float = 0 if column.low is None else column.low
    low = -2_000 if weird and column.low is None else low
    high: float = {"money": 2_000_000, "int": 400, "real": 40}.get(column.type, 0)
    high = high if column.high is None else column.high
    if column.type == "real":
        return round(random.uniform(low, high), 3)
    if column.type in {"int", "money"}:
        return random.randint(int(low + (low % 1 > 0)), int(high))
    if column.type == "bool":
        return random.randint(0, 1)
    return random.choice(column.values or NAMES)


def _day(random: Random, how: Mood) -> str:
    if random.random() < how.weird:
        return random.choice(WEIRD_DAYS).isoformat()
    return (AS_OF + dt.timedelta(days=random.randint(-420, 40))).isoformat()


def _month(offset: int) -> dt.date:
    number = AS_OF.year * 12 + AS_OF.month - 1 + offset
    return dt.date(number // 12, number % 12 + 1, 1)


STAGES = [
    {"stage_id": "qualifying", "kind": "open", "milestone": 1, "position": 1, "pipeline_id": "p"},
    {"stage_id": "discovery", "kind": "open", "milestone": 2, "position": 2, "pipeline_id": "p"},
    {"stage_id": "evaluation", "kind": "open", "milestone": 3, "position": 3, "pipeline_id": "p"},
    {"stage_id": "proposal", "kind": "open", "milestone": 4, "position": 4, "pipeline_id": "p"},
    {"stage_id": "negotiation", "kind": "open", "milestone": 5, "position": 5, "pipeline_id": "p"},
    {"stage_id": "closing", "kind": "open", "milestone": 6, "position": 6, "pipeline_id": "p"},
    {"stage_id": "won", "kind": "won", "position": 7, "pipeline_id": "p"},
    {"stage_id": "lost", "kind": "lost", "position": 8, "pipeline_id": "p"},
    {"stage_id": "over", "kind": "closed", "position": 9, "pipeline_id": "p"},
]


def _feeds(random: Random, how: Mood) -> list[dict[str, Any]]:
    """Return feeds of dated tables: long ones, short ones, and ones that stopped."""
    found = []
    for name in [name for name, table in TABLES.items() if table.dated_by]:
        good = random.random() < how.feeds
        if good or random.random() < 0.5:
            begin, lag = (
                (900, 0) if good else (random.choice([900, 30]), random.choice([5, 20, 200]))
            )
            segment = {"covers_from": begin, "covers_to": min(lag, begin)}
            days = {key: (AS_OF - dt.timedelta(days=n)).isoformat() for key, n in segment.items()}
            found.append({"table_name": name, "scope": "all" if good else "crm", **days})
    return found
