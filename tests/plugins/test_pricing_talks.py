"""When price and value were talked about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
QUOTE = dt.date(2025, 4, 10)
ALSO = ["activity_topics", "activities"]


def company(*conversations: tuple[int, str, dict[str, Any]]) -> Rows:
    """Return a deal D with a quote on 10 April and conversations: day of April, topic, cells."""
    rows: Rows = {
        "accounts": [{"account_id": "A"}, {"account_id": "B"}],
        "contacts": [
            {"contact_id": "own", "account_id": "A"},
            {"contact_id": "guest", "account_id": "B"},
            {"contact_id": "somebody"},
        ],
        "stages": [{"stage_id": "s", "kind": "open", "milestone": 4}],
        "deals": [
            {
                "deal_id": "D",
                "account_id": "A",
                "stage_id": "s",
                "created_on": dt.date(2025, 2, 1),
                "first_quote_on": QUOTE,
            }
        ],
        "activities": [],
        "activity_attendees": [],
        "activity_topics": [],
    }
    for n, (day, topic, cells) in enumerate(conversations):
        who, key = cells.get("who", "own"), str(n)
        at = dt.datetime(2025, 4, day, 12, tzinfo=dt.UTC)
        talk = {"activity_id": key, "deal_id": "D", "kind": "meeting", "status": "held", "at": at}
        talk |= {name: value for name, value in cells.items() if name != "who"}
        rows["activities"].append(talk)
        there = {"activity_id": key, "attendee_id": who, "side": "buyer", "attended": True}
        rows["activity_attendees"].append(there)
        if topic:
            rows["activity_topics"].append({"activity_id": key, "topic": topic})
    return rows


def talked(*conversations: tuple[int, str, dict[str, Any]], **options: Any) -> list[Any]:
    """Return when it was talked about, and whether the price was."""
    options = {"also": ALSO, **options}
    names = ["price_talk", "price_discussed"]
    return list(facts_of(company(*conversations), "deal", *names, **options)["D"].values())


def test_before_and_after() -> None:
    """The day of the quote is still before it; one talk before it is enough."""
    assert talked((10, "price", {}), (12, "price", {})) == ["before_quote", True]
    assert talked((11, "value", {})) == ["after_quote", False]
    assert talked((11, "incident_update", {})) == ["none", False]
    assert talked() == ["none", False]


def test_what_counts_as_a_talk() -> None:
    """Held meetings and answered calls with a buyer person: no mails, nobody else's people."""
    assert talked((9, "price", {"kind": "email"})) == ["none", False]
    assert talked((9, "price", {"status": "cancelled"})) == ["none", False]
    assert talked((9, "price", {"who": "guest"})) == ["none", False]
    assert talked((9, "price", {"kind": "call", "status": "answered"})) == ["before_quote", True]


def test_talks_of_which_nobody_knows() -> None:
    """Somebody of unknown company, or an unknown status, may have made it one."""
    assert talked((9, "price", {"who": "somebody"})) == [None, None]
    other: tuple[int, str, dict[str, Any]] = (8, "incident_update", {})
    assert talked(other, (9, "price", {"kind": "call", "status": None})) == [None, None]
    assert talked(other, (9, "incident_update", {"who": "somebody"})) == ["none", False]


def test_topics_that_are_seldom_kept() -> None:
    """Where less than half of the conversations carry a topic, one that is missing means nothing."""
    other: tuple[int, str, dict[str, Any]] = (8, "incident_update", {})
    assert talked(other, (9, "", {})) == ["none", False]
    assert talked(other, (9, "", {}), (7, "", {})) == [None, None]
    assert talked((9, "price", {}), (8, "", {}), (7, "", {})) == ["before_quote", True]


def test_absence_needs_a_feed() -> None:
    """Activities must be recorded since the deal began."""
    late = [Span("activities", first=dt.date(2025, 3, 1)), Span("activity_topics")]
    assert talked(feeds=late) == [None, None]
    assert talked((11, "price", {}), feeds=late) == [None, True]
    assert talked((9, "price", {}), feeds=late) == ["before_quote", True]
