"""Who sells in a team, and what: what is said of it must hold whatever stands in an empty cell."""

from __future__ import annotations

import datetime as dt
from itertools import product
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.checks.columns import Columns
from dealreview.checks.ladder import decide
from dealreview.checks.parameters import effective
from dealreview.engine.config import Config
from dealreview.model.outcome import Kind, Outcome
from dealreview.plugins.teams import staff
from tests.engine.test_blanking import no_better
from tests.plugins.tinyfacts import AS_OF, built_in, facts_of, verdict
from tests.support.hostile import many

Rows = dict[str, list[dict[str, Any]]]
MONDAY = dt.date(2025, 4, 14)
PEOPLE = ("ana", "ben", "eva", "ida")
PAIRS = {
    "operations_ratio": "sales_role",
    "selling_ratio": "sales_role",
    "creation_after_return": "has_return_base",
    "other_outreach_fall": "incident_to_judge",
}
"""Facts with two ends, and what must be so for them to be looked at."""
CLAIMS = (
    "sales_role",
    "is_back",
    "has_return_base",
    "incident_to_judge",
    "everybody_has_profit_goal",
)
ENDS = tuple(f"{pair}_{end}" for pair in PAIRS for end in ("lo", "hi"))
LITTLE: dict[str, Any] = {"return_min_created": 3, "outreach_min": 1, "min_recorded": 0.3}


def company(random: Random) -> Rows:
    """Return a team of four whose hours, deals, messages and goals are drawn, and a manager elsewhere."""
    roles = [random.choice(["rep", "rep", "manager"]) for _ in PEOPLE]
    people = [
        {"person_id": who, "role": role, "team_id": "north", "weekly_hours": 10.0}
        for who, role in zip(PEOPLE, roles, strict=True)
    ]
    return {
        "teams": [{"team_id": "north"}, {"team_id": "south", "leader_id": "max"}],
        "people": [*people, {"person_id": "max", "role": "manager", "team_id": "south"}],
        "accounts": [{"account_id": "A", "owner_id": random.choice(PEOPLE)}, {"account_id": "B"}],
        "incidents": [{"incident_id": "I", "account_id": "A", "opened_on": dt.date(2025, 4, 21)}],
        "time_entries": [_entry(n, random) for n in range(60)],
        "deals": [_deal(n, random) for n in range(random.choice([8, 40]))],
        "activities": [_message(n, random) for n in range(60)],
        "diversions": [
            {"diversion_id": "V", "team_id": "north", "from_on": dt.date(2025, 3, 10)}
            | {"to_on": dt.date(2025, 3, 14)}
        ],
        "targets": [
            {"target_id": who, "holder": "person", "holder_id": who, "metric": "contribution"}
            | {"period_from": dt.date(2025, 1, 1), "period_to": dt.date(2025, 12, 31)}
            for who in PEOPLE
            if random.random() < 0.8
        ],
    }


def _entry(number: int, random: Random) -> dict[str, Any]:
    categories = ["operations", "service", "selling", "selling", "prospecting", "absence", None]
    return {
        "entry_id": f"T{number}",
        "person_id": random.choice(PEOPLE),
        "day": MONDAY + dt.timedelta(days=random.randint(0, 27)),
        "hours": float(random.randint(1, 6)),
        "category": random.choice(categories),
    }


def _deal(number: int, random: Random) -> dict[str, Any]:
    days = random.randint(0, 170)
    owner = random.choice(PEOPLE)
    return {"deal_id": f"D{number}", "owner_id": owner, "created_on": AS_OF - dt.timedelta(days)}


def _message(number: int, random: Random) -> dict[str, Any]:
    at = dt.datetime(2025, 5, 10, 12, tzinfo=dt.UTC) - dt.timedelta(days=random.randint(0, 75))
    fixed = {"kind": "email", "direction": "outbound", "at": at}
    who, account = random.choice([*PEOPLE, None]), random.choice(["A", "B", "B", "B"])
    return {"activity_id": f"M{number}", "person_id": who, "account_id": account, **fixed}


def with_roles(rows: Rows, roles: dict[str, str | None]) -> Rows:
    """Return the company in which people have other roles."""
    people = [{**one, "role": roles.get(one["person_id"], one["role"])} for one in rows["people"]]
    return {**rows, "people": people}


def north(rows: Rows) -> dict[str, Any]:
    """Return what is known of the team, little data being enough."""
    return facts_of(rows, "team", *ENDS, *CLAIMS, **LITTLE)["north"]


def ends(facts: dict[str, Any], pair: str) -> tuple[Any, Any]:
    """Return both ends of a fact."""
    return facts[f"{pair}_lo"], facts[f"{pair}_hi"]


@many(25)
@given(st.integers(0, 2**32), st.integers(1, 2))
def test_what_is_known_without_a_role_holds_with_any(seed: int, unknown: int) -> None:
    """Each fact of a team with emptied roles is unknown, or holds whatever those people do."""
    random = Random(seed)
    rows = company(random)
    who = random.sample(PEOPLE, unknown)
    blanked = north(with_roles(rows, dict.fromkeys(who)))
    for roles in product(["rep", "manager"], repeat=unknown):
        found = north(with_roles(rows, dict(zip(who, roles, strict=True))))
        for name in CLAIMS:
            assert blanked[name] in {None, found[name]}, name
        for pair, claim in PAIRS.items():
            (low, high), (least, most) = ends(blanked, pair), ends(found, pair)
            if blanked[claim] is not None:
                assert low is None or low <= least + 1e-9, pair
                assert high is None or high >= most - 1e-9, pair


WINDOWS = (dt.date(2024, 10, 1), dt.date(2023, 10, 1), dt.date(2024, 5, 1))
"""First days of the quarters of growth, of those they are compared with, and of others."""

CELLS: dict[tuple[str, str], tuple[Any, ...]] = {
    ("people", "role"): ("rep", "manager"),
    ("people", "team_id"): ("north", "south"),
    ("time_entries", "person_id"): (*PEOPLE, "max"),
    ("deals", "owner_id"): (*PEOPLE, "max"),
    ("deals", "closed_on"): WINDOWS,
    ("deals", "stage_id"): ("won", "lost", "open"),
}
"""What can stand in a cell."""

LIMITS: dict[str, dict[str, Any]] = {
    "operations/time-share": {"strong_operations": 0.2, "watch": 0.25, "risk": 0.55},
    "operations/slow-return": {},
    "operations/selling-stops": {},
    "operations/over-promised-delivery": {"min_wins": 3, "watch_share": 0.3, "share": 0.6},
    "pricing/revenue-only-goals": {},
    "pricing/profitless-growth": {"min_deals": 2},
}
"""Checks on teams that add something up over their people."""


def winners(random: Random) -> Rows:
    """Return a company that wins deals with promised days; some cells are empty."""
    rows = company(random)
    wins = [_win(n, random) for n in range(14)]
    lines = [
        {
            "line_id": win["deal_id"],
            "deal_id": win["deal_id"],
            "cost_minor": random.randint(20, 110),
        }
        | dict.fromkeys(("list_minor", "invoice_minor"), random.choice([80, 100, 120]))
        for win in wins
    ]
    promises = [
        {"delivery_id": win["deal_id"], "deal_id": win["deal_id"]}
        | {"promise_made_on": dt.date(2023, 6, 1), "promised_on": dt.date(2025, 6, 2)}
        | {"earliest_on": dt.date(2025, 6, random.choice([2, 2, 3]))}
        for win in wins
    ]
    stages = [{"stage_id": kind, "kind": kind} for kind in ("won", "lost", "open")]
    deals = [{**deal, "stage_id": "open"} for deal in rows["deals"]] + wins
    metrics = random.choice(["contribution", "revenue"])
    targets = [{**goal, "metric": random.choice([metrics, "revenue"])} for goal in rows["targets"]]
    more = {"deal_lines": lines, "delivery_dates": promises, "stages": stages, "deals": deals}
    rows = {**rows, **more, "targets": targets}
    for _ in range(random.choice([0, 1, 2])):
        rows = emptied(rows, *random.choice(list(CELLS)), random)[0]
    return rows


def _win(number: int, random: Random) -> dict[str, Any]:
    first = random.choice([*WINDOWS[:2], *WINDOWS])
    made = {"currency": "EUR", "created_on": dt.date(2023, 6, 1), "cost_to_serve_minor": 0}
    return {
        "deal_id": f"W{number:02}",
        "owner_id": random.choice([*PEOPLE, *PEOPLE, "max"]),
        "account_id": random.choice("AB"),
        "stage_id": random.choice(["won"] * 6 + ["lost", "open"]),
        "closed_on": first + dt.timedelta(days=random.randint(0, 150)),
        **made,
    }


def emptied(rows: Rows, table: str, column: str, random: Random) -> tuple[Rows, int]:
    """Return the company with one cell of a column empty, and the number of its row."""
    filled = [n for n, row in enumerate(rows[table]) if row.get(column) is not None]
    number = random.choice(filled)
    return with_cell(rows, table, column, number, None), number


def with_cell(rows: Rows, table: str, column: str, number: int, value: Any) -> Rows:
    """Return the company with another value in one cell."""
    after = [{**r, column: value} if n == number else r for n, r in enumerate(rows[table])]
    return {**rows, table: after}


def outcomes(rows: Rows) -> dict[str, str]:
    """Return what the checks say of the team, little data being enough."""
    registry = built_in()
    rules = {}
    for name, params in LIMITS.items():
        check = registry.by_id[name]
        columns = Columns("team", registry.fact_types[Kind.TEAM])
        rules[name] = check.function(columns, **effective(check.parameters, params, of=name))
    names = {name for one in rules.values() for name in one.condition_inputs}
    facts = facts_of(rows, "team", *names, also=["targets.metric"], **LITTLE)["north"]
    return {name: decide(one, facts)[0].value for name, one in rules.items()}


HOLDS = {
    "insufficient_data": {*(outcome.value for outcome in Outcome)},
    "pass": {"pass", "strength"},
}
"""What may be said with a cell that is said without it: else nothing but the same."""


@many(15)
@given(st.integers(0, 2**32), st.sampled_from(sorted(CELLS)))
def test_what_is_said_with_an_empty_cell_holds_with_any(seed: int, cell: tuple[str, str]) -> None:
    """A verdict on a team with an emptied cell is open, or stands whatever stood there."""
    random = Random(seed)
    blanked, number = emptied(winners(random), *cell, random)
    said = outcomes(blanked)
    for value in CELLS[cell]:
        found = outcomes(with_cell(blanked, *cell, number, value))
        for name, outcome in said.items():
            assert found[name] in HOLDS.get(outcome, {outcome}), (name, value)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_something_is_said_with_an_empty_cell(cell: tuple[str, str]) -> None:
    """One empty cell does not make every verdict open."""
    told = set()
    for seed in range(8):
        random = Random(seed)
        said = outcomes(emptied(winners(random), *cell, random)[0])
        told |= {
            name
            for name, outcome in said.items()
            if outcome in {"risk", "watch", "pass", "strength"}
        }
    assert len(told) >= 4


@many(3)
@given(st.integers(0, 2**32))
def test_a_blanked_role_never_helps(seed: int) -> None:
    """No team and no deal stands better once the role of a member is emptied, with or without deals."""
    rows = company(Random(seed))
    dated = ("time_entries", "deals", "activities", "diversions", "incidents")
    since = {"scope": "all", "covers_from": "2023-01-01", "covers_to": AS_OF}
    rows["feeds"] = [{"table_name": table, **since} for table in dated]
    blanked = (with_roles(rows, {one["person_id"]: None}) for one in rows["people"])
    no_better(rows, *blanked, config=Config(facts=LITTLE))


def test_something_is_known_without_a_role() -> None:
    """One without a role does not make every fact of a team unknown."""
    blanked = [
        north(with_roles(company(Random(seed)), {"ida": None, "ana": "rep"})) for seed in range(12)
    ]
    known = {name for facts in blanked for name, value in facts.items() if value is not None}
    assert known == {*ENDS, *CLAIMS}


def hours(*people: tuple[str, str | None, float]) -> Rows:
    """Return a team of people by role, with hours on operations of 40 a week, the rest on selling."""
    entries = [
        {"person_id": who, "day": MONDAY + dt.timedelta(days=7 * n), "hours": spent, "category": what}
        for who, _role, operations in people
        for n in range(4)
        for what, spent in (("operations", operations), ("selling", 20.0), ("selling", 20.0 - operations))
    ]  # fmt: skip
    return {
        "teams": [{"team_id": "north"}],
        "people": [{"person_id": p, "role": r, "team_id": "north"} for p, r, _hours in people],
        "time_entries": [{"entry_id": str(n), **entry} for n, entry in enumerate(entries)],
    }


@pytest.mark.parametrize(
    ("role", "spent", "outcome"),
    [
        ("rep", 18.0, "risk"),
        ("manager", 18.0, "strength"),
        (None, 18.0, "insufficient_data"),
        (None, 0.0, "strength"),
    ],
)
def test_the_hours_of_a_member_without_a_role(role: str | None, spent: float, outcome: str) -> None:
    """Emptying the role of one who mends orders does not clear the team; like hours decide nothing."""
    rows = hours(("ana", "rep", 0.0), ("ben", role, spent))
    assert verdict("operations/time-share", rows, "team", "north") == outcome


def test_a_team_of_people_without_roles() -> None:
    """Whether anybody sells there is unknown where roles are recorded of others."""
    rows = hours(("ana", None, 0.0))
    rows["people"].append({"person_id": "max", "role": "manager", "team_id": "south"})
    assert verdict("operations/time-share", rows, "team", "north") == "insufficient_data"
    rows["people"].pop()
    assert verdict("operations/time-share", rows, "team", "north") == "not_applicable"


def test_staff() -> None:
    """An owner without a role is among the reps and not sure; a team without anybody has no rows."""
    teams = pl.DataFrame(
        {
            "id": ["north", "south"],
            "sales_people": [["ana", "ben"], None],
            "unsure_people": [["ben", "eva"], None],
        }
    )
    assert sorted(staff(teams).rows()) == [
        ("north", "ana", True),
        ("north", "ben", False),
        ("north", "eva", False),
    ]
