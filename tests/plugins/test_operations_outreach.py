"""Side tasks and outreach of sellers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import AS_OF, SINCE, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
FALL = ["other_outreach_fall_lo", "other_outreach_fall_hi"]
OPENED = dt.date(2025, 4, 21)


def noon(day: dt.date) -> dt.datetime:
    """Return noon of a day."""
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def company(*days: int, **columns: Any) -> Rows:
    """Return an incident at A and messages of Ana's to B so many days after it; negative is before."""
    base = {
        "account_id": "B",
        "person_id": "ana",
        "direction": "outbound",
        "kind": "email",
        **columns,
    }
    return {
        "teams": [{"team_id": "north"}],
        "people": [{"person_id": "ana", "role": "rep", "team_id": "north"}],
        "accounts": [{"account_id": "A", "owner_id": "ana"}, {"account_id": "B"}],
        "incidents": [{"incident_id": "I", "account_id": "A", "opened_on": OPENED}],
        "activities": [
            {**base, "activity_id": str(n), "at": noon(OPENED + dt.timedelta(days=day))}
            for n, day in enumerate(days)
        ],
    }


def fall(rows: Rows, kind: str = "rep", subject: str = "ana", **options: Any) -> list[float | None]:
    """Return both ends of the fall, one message a block being enough."""
    return list(facts_of(rows, kind, *FALL, outreach_min=1, **options)[subject].values())


USUAL = (-56, -50, -40, -30, -20, -10, -5, -1)


def test_windows() -> None:
    """56 days before and 14 after count; the day itself and what lies outside do not."""
    assert fall(company(*USUAL, 1, 14)) == [0.0, 0.0]
    assert fall(company(-57, *USUAL, 0, 1, 15)) == [0.5, 0.5]
    assert fall(company(*USUAL, 1, 14), "team", "north") == [0.0, 0.0]


def test_what_may_be_outreach_counts_both_ways() -> None:
    """A message without direction, person or account may be one."""
    for name in ("direction", "person_id", "account_id"):
        rows = company(*USUAL, 1, 2)
        rows["activities"][-1][name] = None
        assert fall(rows) == [0.0, 0.5]


def test_messages_of_nobody_to_the_account_itself() -> None:
    """They were outreach to no other, whoever wrote them."""
    rows = company(*USUAL, 1, 2)
    rows["activities"][-1] |= {"person_id": None, "account_id": "A"}
    assert fall(rows) == [0.5, 0.5]


def test_what_is_none() -> None:
    """To the account itself, from a machine, planned or from them: nothing is left to compare."""
    for columns in (
        {"account_id": "A"},
        {"automated": True},
        {"status": "cancelled"},
        {"direction": "inbound"},
    ):
        assert fall(company(*USUAL, 1, **columns)) == [None, None]


def test_absence_comes_off() -> None:
    """Half of the days away, half of the messages are as many."""
    rows = company(*USUAL, 1)
    week = [dt.date(2025, 4, 28) + dt.timedelta(days=n) for n in range(5)]
    rows["time_entries"] = [
        {"entry_id": str(day), "person_id": "ana", "day": day, "hours": 8.0, "category": "absence"}
        for day in week
    ]
    assert fall(rows) == [0.0, 0.0]
    # Without hours it was at most a whole day, of nobody at most a day of anybody.
    for cell in ("hours", "person_id", "category"):
        entries = [{**rows["time_entries"][0], cell: None}, *rows["time_entries"][1:]]
        assert fall({**rows, "time_entries": entries}) == [0.0, 0.166666667]


def test_away_all_the_time() -> None:
    """Of whom was on leave for the whole of a time nothing is known, whether they wrote or not."""
    away = {"person_id": "ana", "hours": 8.0, "category": "absence"}
    after = [OPENED + dt.timedelta(days=n) for n in range(1, 15)]
    assert fall(company(*USUAL)) == [1.0, 1.0]
    for wrote in ([], [3]):
        rows = company(*USUAL, *wrote)
        rows["time_entries"] = [{**away, "entry_id": str(day), "day": day} for day in after]
        assert fall(rows) == [None, None]


def test_the_worst_of_two_incidents() -> None:
    """The one after which less was said, by name."""
    rows = company(*USUAL, 1, 2, 3)
    rows["incidents"].append(
        {"incident_id": "J", "account_id": "A", "opened_on": OPENED + dt.timedelta(days=4)}
    )
    found = facts_of(rows, "rep", "judged_incident_ids", "judged_incident_account", outreach_min=1)
    assert list(found["ana"].values()) == [["J"], "A"]


def test_feeds_of_outreach() -> None:
    """Incidents that are not recorded leave open whether there was one; activities, how far it fell."""
    rows = company(*USUAL, 1)
    spans = {name: Span(name) for name in rows}
    short = spans | {"activities": Span("activities", dt.date(2025, 3, 1), AS_OF)}
    assert fall(rows, feeds=[*short.values()]) == [None, None]
    rows["incidents"][0]["opened_on"] = dt.date(2024, 4, 21)
    name = "incident_to_judge"
    assert facts_of(rows, "rep", name)["ana"] == {name: False}
    assert facts_of(rows, "rep", name, feeds=[Span("incidents", SINCE, OPENED)])["ana"] == {
        name: None
    }


# --- side tasks ----------------------------------------------------------------------------------


def tasks(*mays: int, **columns: Any) -> Rows:
    """Return side tasks of Ana's on days of May."""
    base = {"person_id": "ana", "side_task": "ticket", "kind": "task", **columns}
    return {
        "teams": [{"team_id": "north"}],
        "people": [
            {"person_id": "ana", "role": "rep", "team_id": "north"},
            {"person_id": "ben", "role": "rep", "team_id": "north"},
            {"person_id": "cem", "role": "rep"},
        ],
        "activities": [
            {**base, "activity_id": str(n), "at": noon(dt.date(2025, 5, day))}
            for n, day in enumerate(mays)
        ],
    }


WEEKLY = ["side_tasks_weekly_lo", "side_tasks_weekly_hi", "side_tasks_rising"]


def weekly(rows: Rows, person: str = "ana", **options: Any) -> list[Any]:
    """Return the side tasks of a person a week."""
    return list(facts_of(rows, "rep", *WEEKLY, **options)[person].values())


def test_weeks() -> None:
    """Four complete weeks; this week does not count, nor what is planned."""
    assert weekly(tasks(5, 6, 11, 12)) == [0.75, 0.75, False]
    assert weekly(tasks(1, 5, 6, status="planned")) == [0.0, None, None]
    assert weekly(tasks(1, 5, 6)) == [0.75, 0.75, True]


def test_whose() -> None:
    """A colleague's tasks show that they are marked; one without a person may be anybody's."""
    rows = tasks(5, 6)
    assert weekly(rows, "ben") == [0.0, 0.0, False]
    assert weekly(rows, "cem") == [0.0, None, None]
    rows["activities"][0]["person_id"] = None
    assert weekly(rows) == [0.25, 0.5, None]
    rows["activities"][0] |= {"person_id": "ana", "at": None}
    assert weekly(rows) == [0.25, 0.5, None]


def test_words_of_the_fullest_week() -> None:
    """One is one, two are several, and the latest of two weeks is told."""
    rows = tasks(1, 2, 5, 6)
    rows["activities"][2]["side_task"] = "order_chasing"
    name = "side_task_words"
    found = facts_of(rows, "rep", name)
    assert found["ana"] == {name: "1 order chase, 1 ticket in the week of 5 May 2025"}
    assert found["ben"] == {name: "no side tasks"}


def test_other_windows_of_outreach() -> None:
    """How many days are compared with how many, and for how long an incident is judged can be set."""
    rows = company(*USUAL, 1, 14)
    assert fall(rows, outreach_blocks=1) == [pytest.approx(1 / 3)] * 2
    assert fall(rows, outreach_block_days=7) == [0.0, 0.0]
    names = ["incident_to_judge", "outreach_block_days"]
    for days, judged in ((24, False), (25, True)):
        found = facts_of(rows, "rep", *names, incident_within_days=days)["ana"]
        assert list(found.values()) == [judged, 14]
    # It is never judged for less time than is compared.
    found = facts_of(rows, "rep", *names, incident_within_days=5, outreach_block_days=25)["ana"]
    assert list(found.values()) == [True, 25]
