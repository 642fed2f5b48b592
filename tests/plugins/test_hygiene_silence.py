"""How long a customer has been silent, where conversations are partly unknown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import AS_OF, Span, facts_of

CREATED = dt.date(2025, 2, 3)
SILENCE = ("days_since_two_way_lo", "days_since_two_way_hi")
SENT = ("outbound_since_two_way_lo", "outbound_since_two_way_hi")


def event(key: str, ago: int, **cells: Any) -> dict[str, Any]:
    """Return an activity of deal D some days ago; without more it is a meeting that was held."""
    at = dt.datetime.combine(AS_OF, dt.time(12), dt.UTC) - dt.timedelta(days=ago)
    given = {"kind": "meeting", "status": "held", "automated": False, **cells}
    return {"activity_id": key, "deal_id": "D", "at": at, **given}


def mail(key: str, ago: int, direction: str | None = "outbound", **cells: Any) -> dict[str, Any]:
    """Return a mail of ours."""
    return event(key, ago, kind="email", status=None, direction=direction, **cells)


def found(
    activities: list[Any], *names: str, named: bool = True, **options: Any
) -> tuple[Any, ...]:
    """Return facts of deal D, in whose activities the buyer K took part where they are named."""
    rows = {
        "accounts": [{"account_id": "A"}],
        "contacts": [{"contact_id": "k", "account_id": "A"}],
        "stages": [{"stage_id": "open", "kind": "open", "milestone": 3}],
        "deals": [{"deal_id": "D", "account_id": "A", "stage_id": "open", "created_on": CREATED}],
        "activities": activities,
        "activity_attendees": [
            {"activity_id": one["activity_id"], "attendee_id": "k", "side": "buyer"}
            for one in activities
            if one["activity_id"] == "known" or (named and one["activity_id"] != "blind")
        ],
    }
    return tuple(facts_of(rows, "deal", *names, **options)["D"].values())


def test_what_may_be_a_word_bounds_from_below() -> None:
    """A meeting of which nobody knows who came may have broken the silence."""
    talks = [event("known", 30), event("somebody", 5)]
    assert found(talks, *SILENCE, named=False) == (5, 30)
    assert found(talks, *SILENCE) == (5, 5)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (CREATED, AS_OF, (30, 30)),
        (AS_OF - dt.timedelta(days=29), AS_OF, (28, 30)),
        (AS_OF - dt.timedelta(days=6), AS_OF, (0, 30)),
        (CREATED, AS_OF - dt.timedelta(days=3), (30, 30)),
        (CREATED, AS_OF - dt.timedelta(days=14), (16, 16)),
        (CREATED, AS_OF - dt.timedelta(days=15), (None, None)),
    ],
)
def test_the_feed_decides_what_is_known(
    since: dt.date, until: dt.date, expected: tuple[Any, ...]
) -> None:
    """Silence is known as far back as activities are recorded, and read where they end."""
    feeds = [Span("activities", since, until)]
    assert found([event("1", 30)], *SILENCE, feeds=feeds) == expected


@pytest.mark.parametrize("days", [7, 14, 21, 28, 42, 60, 90, 180, 365])
def test_silence_is_as_long_as_activities_are_recorded(days: int) -> None:
    """Where they do not reach back to the last word, it is known for the windows that are tried."""
    feeds = [Span("activities", AS_OF - dt.timedelta(days=days))]
    assert found([event("1", 400)], *SILENCE, feeds=feeds) == (days, 400)


def test_messages_after_the_last_word() -> None:
    """What went out before it does not count; a mail to nobody known counts at most."""
    sent = [event("talk", 20), mail("1", 25), mail("2", 15), mail("3", 10), mail("blind", 5)]
    assert found(sent, *SENT, "many_outbound", ghosted_sent=3) == (2, 3, None)
    assert found(sent, *SENT, "many_outbound", ghosted_sent=4) == (2, 3, False)
    assert found(sent, *SENT, "many_outbound", ghosted_sent=2) == (2, 3, True)


def test_a_mail_that_may_be_theirs() -> None:
    """It may have ended the silence, and then nothing of ours is unanswered."""
    sent = [event("talk", 20), mail("1", 15), mail("2", 5, None)]
    assert found(sent, *SILENCE, *SENT) == (5, 20, 0, 2)


def test_messages_where_the_history_is_short() -> None:
    """Those that are recorded count; how many there were before is not known."""
    feeds = [Span("activities", AS_OF - dt.timedelta(days=20))]
    sent = [mail(str(ago), ago) for ago in (2, 4, 6, 8, 40)]
    assert found(sent, *SENT, "many_outbound", feeds=feeds) == (4, None, True)


def test_no_plans_recorded_silences_nothing() -> None:
    """Where planned meetings are recorded nowhere none is near, and whether there is one is unknown."""
    names = ("has_buyer_meeting", "meeting_soon")
    assert found([event("1", 3)], *names) == (None, False)
    assert found([event("1", 3), event("2", -5, status="planned")], *names) == (True, True)
    assert found([event("1", 3), event("2", -15, status="planned")], *names) == (True, False)


def test_a_planned_meeting_with_nobody_named() -> None:
    """It may be one, so neither is known within its time."""
    names = ("has_buyer_meeting", "meeting_soon", "days_to_buyer_meeting_lo")
    ahead = [event("known", 3), event("2", -5, status="planned")]
    assert found(ahead, *names, named=False) == (None, None, 5)
    ahead = [event("known", 3), event("2", -15, status="planned")]
    assert found(ahead, *names, named=False) == (None, False, 15)


def test_support_for_the_forecast() -> None:
    """One person who talked lately supports pipeline, nobody who ever did supports nothing."""
    names = ("supported_rank_lo", "supported_rank_hi")
    assert found([event("1", 3)], *names) == (1, 1)
    assert found([mail("1", 3)], *names) == (0, 0)
    assert found([event("known", 3), event("2", 4)], *names, named=False) == (1, 2)
    feeds = [Span("activities", AS_OF - dt.timedelta(days=90))]
    assert found([mail("1", 3)], *names, feeds=feeds) == (0, 1)
