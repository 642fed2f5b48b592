"""Hours of people, and what they take from deals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import Span, facts_of, verdict

Rows = dict[str, list[dict[str, Any]]]
MONDAY = dt.date(2025, 4, 14)
SHARES = [
    "recorded_ratio",
    "operations_ratio_lo",
    "operations_ratio_hi",
    "selling_ratio_lo",
    "selling_ratio_hi",
]


def week(
    person: str, hours: float | None, category: str | None, *, weeks_ago: int = 0
) -> list[dict[str, Any]]:
    """Return hours on the Monday of a week, by default in each of the four that are looked at."""
    mondays = [MONDAY + dt.timedelta(days=7 * n) for n in range(4)]
    if weeks_ago:
        mondays = [MONDAY - dt.timedelta(days=7 * weeks_ago)]
    return [
        {"person_id": person, "day": day, "hours": hours, "category": category} for day in mondays
    ]


def company(*entries: list[dict[str, Any]]) -> Rows:
    """Return a team of Ana and Ben with time entries, and a deal of Ana's."""
    flat = [entry for group in entries for entry in group]
    return {
        "teams": [{"team_id": "north"}],
        "people": [{"person_id": p, "role": "rep", "team_id": "north"} for p in ("ana", "ben")],
        "stages": [{"stage_id": "prop", "kind": "open", "milestone": 4}],
        "deals": [{"deal_id": "D", "account_id": "A", "stage_id": "prop", "owner_id": "ana"}],
        "time_entries": [{"entry_id": str(n), **entry} for n, entry in enumerate(flat)],
    }


def shares(rows: Rows, person: str = "ana", **options: Any) -> list[float | None]:
    """Return the shares of a person's hours."""
    return list(facts_of(rows, "rep", *SHARES, **options)[person].values())


def test_hours_without_category_are_weighed_both_ways() -> None:
    """As none and as all operations, and the same for selling."""
    rows = company(
        week("ana", 3.0, "service"), week("ana", 6.0, None), week("ana", 21.0, "selling")
    )
    assert shares(rows) == [0.75, 0.1, 0.3, 0.7, 0.9]


def test_missing_weeks_are_not_zero_hours() -> None:
    """Under 60 % of contract hours less absence, shares are unknown; so they are without a feed."""
    rows = company(week("ana", 20.0, "operations"))
    assert shares(rows) == [0.5, None, None, None, None]
    assert shares(rows, min_recorded=0.5) == [0.5, 1.0, 1.0, 0.0, 0.0]
    away = company(week("ana", 20.0, "operations"), week("ana", 10.0, "absence"))
    assert shares(away)[:2] == [0.666666667, 1.0]
    full = company(week("ana", 24.0, "selling"))
    late = [Span("time_entries", first=dt.date(2025, 4, 15))]
    assert shares(full, feeds=late) == [None] * 5
    assert shares(full, person="ben")[0] == 0.0


def test_contract_hours() -> None:
    """Stated hours a week, else 40."""
    rows = company(week("ana", 20.0, "selling"))
    rows["people"][0]["weekly_hours"] = 20.0
    assert shares(rows)[0] == 1.0


def test_an_entry_without_hours_leaves_the_sum_unknown() -> None:
    """Nobody knows how much is missing."""
    rows = company(week("ana", 24.0, "selling"), [{**week("ana", None, "operations")[0]}])
    assert shares(rows) == [None] * 5


def test_team_adds_up_its_reps() -> None:
    """Hours are added, not shares; one rep's missing weeks count for the team's record."""
    rows = company(week("ana", 30.0, "operations"), week("ben", 10.0, "selling"))
    found = facts_of(rows, "team", "hours_4w", "recorded_ratio", "operations_ratio_lo")["north"]
    assert list(found.values()) == [160.0, 0.5, None]


def test_usual_weeks() -> None:
    """The median of weeks with hours and at most 10 % operations, from six of them on."""
    usual = [
        week("ana", float(hours), "selling", weeks_ago=n + 1)
        for n, hours in enumerate((10, 20, 30, 20, 20))
    ]
    diverted = [
        week("ana", 9.0, "operations", weeks_ago=6),
        week("ana", 9.0, "selling", weeks_ago=6),
    ]
    long_ago = [week("ana", 40.0, "selling", weeks_ago=13)]
    names = ["base_selling_hours", "base_weeks"]
    rows = company(*usual, *diverted, *long_ago)
    assert list(facts_of(rows, "rep", *names)["ana"].values()) == [None, 5]
    assert list(facts_of(rows, "rep", *names, min_base_weeks=5)["ana"].values()) == [20.0, 5]
    rows = company(*usual, *diverted, *long_ago, week("ana", 40.0, "selling", weeks_ago=12))
    assert list(facts_of(rows, "rep", *names)["ana"].values()) == [20.0, 6]


def slip(*now: list[dict[str, Any]]) -> list[float | None]:
    """Return lost selling hours and slip of Ana's deal, her usual week being 20 hours."""
    usual = [week("ana", 20.0, "selling", weeks_ago=n) for n in range(1, 7)]
    names = ["owner_lost_selling_hours", "likely_slip_days"]
    return list(facts_of(company(*usual, *now), "deal", *names)["D"].values())


def test_lost_selling_hours() -> None:
    """The smaller of operations hours and what is missing to four usual weeks, never under none."""
    assert slip(week("ana", 10.0, "operations"), week("ana", 12.0, "selling")) == [32.0, 11.2]
    assert slip(week("ana", 2.0, "operations"), week("ana", 12.0, "selling")) == [8.0, 2.8]
    assert slip(week("ana", 2.0, "operations"), week("ana", 22.0, "selling")) == [0.0, 0.0]


def test_lost_hours_in_words() -> None:
    """One hour is one hour, none is said, and nothing is said where it is unknown."""
    usual = [week("ana", 20.0, "selling", weeks_ago=n) for n in range(1, 7)]
    for hours, words in (
        (12.0, "; 32 selling hours lost; likely slip 11 d"),
        (19.75, "; 1 selling hour lost; likely slip 0 d"),
        (22.0, "; no selling hours lost"),
    ):
        rows = company(*usual, week("ana", 10.0, "operations"), week("ana", hours, "selling"))
        found = facts_of(rows, "deal", "owner_slip_words")["D"]
        assert found == {"owner_slip_words": words}
    rows = company(week("ana", 30.0, "operations"))
    assert facts_of(rows, "deal", "owner_slip_words")["D"] == {"owner_slip_words": ""}


def test_owners() -> None:
    """Somebody who is not meant to sell is left alone; without an owner or a role nobody knows."""
    rows = company(week("ana", 30.0, "operations"))
    check = "operations/diverted-owner"
    assert verdict(check, rows, "deal", "D") == "risk"
    rows["people"][0]["role"] = "manager"
    assert verdict(check, rows, "deal", "D") == "not_applicable"
    rows["people"][0]["role"] = None
    assert verdict(check, rows, "deal", "D") == "insufficient_data"
    words = facts_of(rows, "deal", "owner_hours_words")["D"]["owner_hours_words"]
    assert words == "the owner has no role, so nobody knows whether they sell"
    rows["people"][1]["role"] = None
    assert verdict(check, rows, "deal", "D") == "risk"
    rows["deals"][0]["owner_id"] = None
    assert verdict(check, rows, "deal", "D") == "insufficient_data"
