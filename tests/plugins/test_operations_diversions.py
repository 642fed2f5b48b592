"""Diversions of teams: lengths, occasions and causes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
LENGTH = ["longest_diversion_bd_lo", "longest_diversion_bd_hi"]
TIMES = ["diversion_events_365d_lo", "diversion_events_365d_hi"]
BARE = ["diversions_without_cause_lo", "diversions_without_cause_hi"]


def day(month: int, number: int) -> dt.date:
    """Return a day of 2025."""
    return dt.date(2025, month, number)


def company(*diversions: dict[str, Any]) -> Rows:
    """Return two teams and diversions, of team north unless they say otherwise."""
    return {
        "teams": [{"team_id": "north"}, {"team_id": "south"}],
        "diversions": [
            {"diversion_id": f"V{n}", "team_id": "north", **row} for n, row in enumerate(diversions)
        ],
    }


def pair(names: list[str], rows: Rows, team: str = "north", **options: Any) -> list[int | None]:
    """Return both ends of a fact of a team."""
    return list(facts_of(rows, "team", *names, **options)[team].values())


def test_both_ends_count() -> None:
    """From Friday to Monday are two business days; the other team has none."""
    rows = company({"from_on": day(5, 9), "to_on": day(5, 12)})
    assert pair(LENGTH, rows) == [2, 2]
    assert pair(LENGTH, rows, "south") == [0, 0]


def test_one_that_runs_is_read_at_the_end_of_the_records() -> None:
    """It lasts at least to the last day recorded, and at most to the review's."""
    rows = company({"from_on": day(5, 5)})
    late = [Span("diversions", last=day(5, 9)), Span("teams", None, None)]
    assert pair(LENGTH, rows) == [10, 10]
    assert pair(LENGTH, rows, feeds=late) == [5, 10]


def test_a_planned_end_is_not_reached_yet() -> None:
    """An end after the review's day means that it runs."""
    assert pair(LENGTH, company({"from_on": day(5, 14), "to_on": day(6, 30)})) == [3, 3]


def test_what_is_not_known_leaves_the_length_open() -> None:
    """Without team or first day nobody knows how long it was."""
    for unknown in (
        {"from_on": day(5, 5), "to_on": day(5, 9), "team_id": None},
        {"to_on": day(5, 9)},
    ):
        assert pair(LENGTH, company(unknown)) == [0, None]
    assert pair(LENGTH, company(), feeds=[], also=["diversions"]) == [0, None]


def test_a_last_day_before_the_first_is_none() -> None:
    """It is taken as one that runs."""
    assert pair(LENGTH, company({"from_on": day(5, 9), "to_on": day(5, 5)})) == [6, 6]


def test_old_ones_do_not_matter() -> None:
    """One that ended before the window leaves nothing open, whatever it lacks."""
    assert pair(LENGTH, company({"to_on": day(1, 3), "team_id": None})) == [0, 0]


def test_occasions() -> None:
    """Rows that overlap or lie close are one, in any order."""
    rows = company(
        {"from_on": day(4, 14), "to_on": day(4, 15)},
        {"from_on": day(3, 3), "to_on": day(4, 7)},
        {"from_on": day(3, 5), "to_on": day(3, 6)},
    )
    assert pair(TIMES, rows) == [1, 1]
    assert pair(TIMES, rows, diversion_gap_days=6) == [2, 2]


def test_an_end_that_nobody_wrote_is_both_near_and_far() -> None:
    """It may have swallowed all later ones, or none."""
    rows = company({"from_on": day(1, 6)}, {"from_on": day(3, 3), "to_on": day(3, 4)})
    assert pair(TIMES, rows) == [1, 2]


def test_one_of_unknown_days_may_join_or_add() -> None:
    """It may bridge two others, or be a further one."""
    rows = company(
        {"from_on": day(1, 6), "to_on": day(1, 7)},
        {"from_on": day(3, 3), "to_on": day(3, 4)},
        {"to_on": day(4, 4)},
    )
    assert pair(TIMES, rows) == [1, 3]


def test_causes() -> None:
    """Both cause and owner are needed; of whose it is nobody knows, any team may lack them."""
    rows = company(
        {"from_on": day(3, 3), "cause": "process", "cause_owner_id": "mia"},
        {"from_on": day(4, 3), "cause": "process"},
        {"from_on": day(5, 2), "team_id": None},
    )
    assert pair(BARE, rows) == [1, None]
    rows["diversions"][2] |= {"cause": "talent", "cause_owner_id": "mia"}
    assert pair(BARE, rows) == [1, 1]
