"""Incidents: what the customer heard, what was lost over them, who fell silent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import AS_OF, SINCE, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
OPENED = dt.date(2025, 5, 7)
SILENT = ["incident_silent_bd_lo", "incident_silent_bd_hi"]


def at(day: int) -> dt.datetime:
    """Return noon of a day in May."""
    return dt.datetime(2025, 5, day, 12, tzinfo=dt.UTC)


def company(*activities: dict[str, Any], topic: str | None = "incident_update") -> Rows:
    """Return an account with an open incident, and activities with a topic."""
    rows = [
        {"activity_id": str(n), "account_id": "A", **activity}
        for n, activity in enumerate(activities)
    ]
    return {
        "accounts": [{"account_id": "A"}],
        "incidents": [
            {"incident_id": "I", "account_id": "A", "opened_on": OPENED},
            {
                "incident_id": "old",
                "account_id": "A",
                "opened_on": dt.date(2024, 5, 7),
                "resolved_on": dt.date(2024, 5, 8),
            },
        ],
        "activities": rows,
        "activity_topics": [
            {"activity_id": row["activity_id"], "topic": topic} for row in rows if topic
        ],
    }


def silent(rows: Rows, **options: Any) -> list[int | None]:
    """Return both ends of the silence."""
    return list(facts_of(rows, "account", *SILENT, **options)["A"].values())


def test_what_reaches_the_customer() -> None:
    """A held talk and a message of ours do; a call that nobody took and a note inside do not."""
    call = {"kind": "call", "at": at(14)}
    mail = {"kind": "email", "at": at(14)}
    assert silent(company({**call, "status": "held"})) == [2, 2]
    assert silent(company({**mail, "direction": "outbound"})) == [2, 2]
    assert silent(company({**mail, "direction": "internal"})) == [7, 7]
    assert silent(company({**call, "status": "planned"})) == [7, 7]
    assert silent(company({**mail})) == [2, 7]
    assert silent(company({**call})) == [2, 7]


def test_talks_without_topic() -> None:
    """Where few carry one, the latest may have been an update."""
    talk = {"kind": "meeting", "status": "held", "at": at(15)}
    assert silent(company(talk, topic=None), also=["activity_topics"]) == [1, 7]
    assert silent(company(talk, topic="price")) == [7, 7]


def test_feeds() -> None:
    """Activities that are late are read at their end; that were never recorded say nothing."""
    rows = company({"kind": "call", "status": "held", "at": at(8)})
    spans = {name: Span(name) for name in rows}
    late = spans | {"activities": Span("activities", SINCE, dt.date(2025, 5, 12))}
    assert silent(rows, feeds=[*late.values()]) == [2, 6]
    short = spans | {"activities": Span("activities", dt.date(2025, 5, 10), AS_OF)}
    assert silent(rows, feeds=[*short.values()]) == [0, 6]


def test_is_it_open() -> None:
    """None is open where all are resolved; whether one is, is unknown without account or feed."""
    rows = company()
    name = "has_open_incident"

    def is_open(**options: Any) -> bool | None:
        return facts_of(rows, "account", name, **options)["A"][name]  # type: ignore[no-any-return]

    assert is_open() is True
    rows["incidents"][0]["account_id"] = None
    assert is_open() is None
    rows["incidents"][0]["resolved_on"] = AS_OF
    assert is_open() is False
    assert is_open(feeds=[Span("incidents", SINCE, dt.date(2025, 4, 1))]) is None


def test_buckets() -> None:
    """The same over one bucket of accounts and over three."""
    rows = company({"kind": "call", "status": "held", "at": at(14)})
    rows["accounts"].append({"account_id": "B"})
    assert silent(rows, buckets=3) == silent(rows) == [2, 2]


# --- losses --------------------------------------------------------------------------------------

LOSSES = ["ops_losses_without_incident_lo", "ops_losses_without_incident_hi"]


def losses(
    *incidents: dict[str, Any], loss: dict[str, Any] | None = None, **options: Any
) -> list[int]:
    """Return how many unexplained losses Ana has, at least and at most, of one."""
    lost = {"deal_id": "L", "account_id": "A", "stage_id": "lost", "owner_id": "ana"}
    lost |= {"closed_on": dt.date(2025, 3, 3), "loss_reason": "operations", **(loss or {})}
    rows: Rows = {
        "people": [{"person_id": "ana", "role": "rep"}],
        "stages": [{"stage_id": "lost", "kind": "lost"}],
        "deals": [lost],
        "incidents": [
            {"incident_id": str(n), "account_id": "A", **row} for n, row in enumerate(incidents)
        ],
    }
    found = facts_of(rows, "rep", *LOSSES, also=["incidents"], **options)["ana"]
    return list(found.values())


def test_incidents_that_explain() -> None:
    """One begun in the 180 days before, or still open then, explains; another customer's does not."""
    assert losses() == [1, 1]
    assert losses({"opened_on": dt.date(2024, 9, 4)}) == [0, 0]
    assert losses({"opened_on": dt.date(2025, 3, 4)}) == [1, 1]
    assert losses({"opened_on": dt.date(2025, 3, 1), "account_id": "B"}) == [1, 1]
    early: dict[str, Any] = {"opened_on": dt.date(2024, 1, 1)}
    assert losses({**early, "resolved_on": dt.date(2024, 2, 1)}) == [1, 1]
    assert losses({**early, "resolved_on": dt.date(2024, 9, 4)}) == [0, 0]
    assert losses(early) == [0, 1]


def test_losses_of_unknown_cells() -> None:
    """A loss without reason, owner, account or closing day may be one."""
    for name in ("loss_reason", "owner_id", "account_id", "closed_on"):
        assert losses(loss={name: None}) == [0, 1]
    assert losses({"opened_on": None}) == [0, 1]
    assert losses(feeds=[Span("deals")]) == [0, 1]
    assert losses(loss={"loss_reason": "price"}) == [0, 0]
