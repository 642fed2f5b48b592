"""Which events are a deal's, which way they went, and whom they reached."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from dealreview.engine.feeds import RecordedFeeds
from dealreview.plugins import conversations
from dealreview.plugins.conversations import conversations_of
from tests.plugins.tinyfacts import AS_OF, Memory, recorded

CELLS = ["status", "automated", "direction"]
RECORDED = [f"activities.{name}" for name in CELLS] + ["activity_attendees.attended"]
READS = {
    "accounts": ("account_id", "parent_account_id"),
    "contacts": ("contact_id", "account_id", "left_on"),
    "people": ("person_id",),
    "stakeholders": ("deal_id", "contact_id", "external_adviser"),
    "activities": (
        "activity_id",
        "account_id",
        "deal_id",
        "kind",
        "direction",
        "status",
        "at",
        "automated",
    ),
    "activity_attendees": ("activity_id", "attendee_id", "side", "attended"),
}


class Tables:
    """The tables of a provider, from rows."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        self.rows = rows
        self.feeds = RecordedFeeds((), recorded(rows, RECORDED), AS_OF)

    def table(self, name: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return a table, or some rows of it."""
        frame = Memory(self.rows).frame(name, READS[name])
        return frame if where is None else frame.filter(where)

    def shared(self, make: Any, **_needs: Any) -> Any:
        """Return what is made for several providers."""
        return make(self)

    def local_day(self, instant: pl.Expr) -> pl.Expr:
        """Return the day of an instant."""
        return instant.dt.date()


def two_way(tables: Any, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the two-way events of deals."""
    return conversations.two_way(tables, deals, talks=conversations_of(tables, deals))


def outbound(tables: Any, deals: pl.DataFrame) -> pl.DataFrame:
    """Return what was sent in deals."""
    return conversations.outbound(tables, deals, talks=conversations_of(tables, deals))


def planned_meetings(tables: Any, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the meetings ahead in deals."""
    return conversations.planned_meetings(tables, deals, talks=conversations_of(tables, deals))


def event(who: tuple[str, ...] = ("c",), ago: int = 3, **cells: Any) -> dict[str, Any]:
    """Return the tables of a company with one event, ``ago`` days before the day."""
    at = dt.datetime.combine(AS_OF, dt.time(9), dt.UTC) - dt.timedelta(days=ago)
    activity = {"activity_id": "1", "deal_id": "D", "kind": "meeting", "status": "held", "at": at}
    attendee = {"activity_id": "1", "side": cells.pop("side", "buyer")}
    attendee["attended"] = cells.pop("attended", True)
    return {
        "accounts": [{"account_id": "A"}, {"account_id": "X"}],
        "contacts": [
            {"contact_id": "c", "account_id": "A"},
            {"contact_id": "x", "account_id": "X"},
            {"contact_id": "n"},
        ],
        "people": [{"person_id": "us"}],
        "activities": [activity | cells],
        "activity_attendees": [{**attendee, "attendee_id": one} for one in who],
    }


def deals(*is_open: bool | None) -> pl.DataFrame:
    """Return deals D, E, … of account A."""
    rows = [("DEF"[n], AS_OF, "A", one) for n, one in enumerate(is_open)]
    schema = {"id": pl.String, "day": pl.Date, "account_id": pl.String, "is_open": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def found(frame: pl.DataFrame) -> dict[str, bool | None]:
    """Return by deal whether the event surely is one."""
    return {row["id"]: row["surely"] for row in frame.to_dicts()}


MAIL = {"kind": "email", "status": None, "automated": False}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, {"D": True}),
        ({"who": ("x",)}, {}),
        ({"who": ("n",)}, {"D": None}),
        ({"who": ("unlisted",)}, {"D": None}),
        ({"who": ("unlisted",), "side": None}, {"D": None}),
        ({"who": ("us",), "side": None}, {}),
        ({"who": ()}, {"D": None}),
        ({"who": (), "status": "cancelled"}, {}),
        ({"attended": False}, {}),
        ({**MAIL, "direction": "inbound"}, {"D": True}),
        ({**MAIL, "direction": "inbound", "who": ()}, {"D": True}),
        ({**MAIL, "direction": "inbound", "automated": True}, {}),
        ({**MAIL, "direction": "inbound", "automated": None}, {"D": None}),
        ({**MAIL, "direction": None}, {"D": None}),
        ({**MAIL, "direction": "outbound"}, {}),
        ({"kind": "call", "status": "unanswered", "direction": "outbound"}, {}),
    ],
)
def test_what_moves_a_clock(cells: dict[str, Any], expected: dict[str, bool | None]) -> None:
    """A talk with a buyer person or a message of theirs; an unknown cell leaves it open."""
    assert found(two_way(Tables(event(**cells)), deals(True))) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({**MAIL, "direction": "outbound"}, {"D": True}),
        ({**MAIL, "direction": "outbound", "status": "planned"}, {}),
        ({**MAIL, "direction": "outbound", "automated": True}, {}),
        ({**MAIL, "direction": "outbound", "automated": None}, {"D": None}),
        ({**MAIL, "direction": None}, {"D": None}),
        ({**MAIL, "direction": "outbound", "who": ()}, {"D": None}),
        ({**MAIL, "direction": "outbound", "who": ("x",)}, {}),
        ({**MAIL, "direction": "inbound"}, {}),
        (
            {"kind": "call", "status": "unanswered", "direction": None, "automated": False},
            {"D": None},
        ),
        ({"kind": "call", "status": "answered", "direction": None, "automated": False}, {}),
    ],
)
def test_what_we_sent(cells: dict[str, Any], expected: dict[str, bool | None]) -> None:
    """Outbound is what we sent by hand to a buyer person."""
    assert found(outbound(Tables(event(**cells)), deals(True))) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, {"D": True}),
        ({"attended": None}, {"D": True}),
        ({"attended": False}, {}),
        ({"who": ()}, {"D": None}),
        ({"who": ("x",)}, {}),
        ({"ago": 0}, {}),
        ({"status": "cancelled"}, {}),
        ({"kind": "call"}, {}),
        ({"kind": None}, {"D": None}),
    ],
)
def test_planned_meetings(cells: dict[str, Any], expected: dict[str, bool | None]) -> None:
    """A meeting ahead counts when a buyer person was invited and did not decline."""
    rows = event(**{"ago": -4, "status": "planned", **cells})
    assert found(planned_meetings(Tables(rows), deals(True))) == expected


@pytest.mark.parametrize(
    ("is_open", "expected"),
    [
        ((True,), {"D": True}),
        ((True, False), {"D": True}),
        ((True, True), {}),
        ((False,), {}),
        ((None,), {"D": None}),
        ((True, None), {"D": None}),
        ((None, None), {"D": None, "E": None}),
    ],
)
def test_an_event_without_deal(
    is_open: tuple[bool | None, ...], expected: dict[str, bool | None]
) -> None:
    """It belongs to the only open deal of its account; where that is not known it may."""
    rows = event(deal_id=None, account_id="A")
    assert found(two_way(Tables(rows), deals(*is_open))) == expected


def test_an_adviser_is_a_buyer_person() -> None:
    """Who advises the customer from outside counts, whatever company they belong to."""
    rows = event(who=("x",))
    rows["stakeholders"] = [{"deal_id": "D", "contact_id": "x", "external_adviser": True}]
    assert found(two_way(Tables(rows), deals(True))) == {"D": True}
