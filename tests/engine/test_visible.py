"""The tables as they stood: nothing dated later, deals taken back, closed deals frozen."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine.visible import HISTORY_FIELDS, SEALED, VisibleTables
from dealreview.store.schema import TABLES
from tests.plugins.tinyfacts import Memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AS_OF = dt.date(2025, 5, 16)
NOON = dt.time(12)


def day(number: int) -> dt.date:
    """Return a day so many after the review's date."""
    return AS_OF + dt.timedelta(days=number)


def instant(number: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    """Return an instant in UTC on a day so many after the review's date."""
    return dt.datetime.combine(day(number), dt.time(hour, minute), dt.UTC)


def seen(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    table: str,
    *columns: str,
    zone: str = "UTC",
    frozen: bool = True,
    as_of: dt.date = AS_OF,
) -> list[Any]:
    """Return rows of a table as of the date; single values where one column is asked for."""
    visible = VisibleTables(Memory(rows), as_of, zone, frozen)  # type: ignore[arg-type]
    found = visible.frame(table, columns).rows()
    return [row[0] for row in found] if len(columns) == 1 else found


# --- rows ----------------------------------------------------------------------------------------


def test_rows_dated_later_are_not_there() -> None:
    """A row of the day is seen, one of the next day is not, one without a day is."""
    rows = {
        "time_entries": [
            {"entry_id": "before", "day": day(-1)},
            {"entry_id": "today", "day": day(0)},
            {"entry_id": "tomorrow", "day": day(1)},
            {"entry_id": "undated"},
        ]
    }
    assert seen(rows, "time_entries", "entry_id") == ["before", "today", "undated"]


@pytest.mark.parametrize(
    ("zone", "hour", "found"),
    [
        ("UTC", 23, True),
        ("Europe/Berlin", 21, True),
        ("Europe/Berlin", 22, False),
        ("America/New_York", 23, True),
        ("Pacific/Auckland", 11, True),
        ("Pacific/Auckland", 12, False),
    ],
)
def test_a_day_ends_in_the_companys_time_zone(zone: str, hour: int, found: bool) -> None:
    """The last second of the day where the company is belongs to it, the next one does not."""
    rows = {"activities": [{"activity_id": "x", "at": instant(0, hour, 59 if found else 0)}]}
    for frozen in (True, False):
        assert bool(seen(rows, "activities", "activity_id", zone=zone, frozen=frozen)) == found


def test_a_day_can_end_on_the_next_day_in_utc() -> None:
    """In New York the evening of the day is the morning of the next in UTC."""
    rows = {"activities": [{"activity_id": "x", "at": instant(1, 3, 59)}]}
    assert seen(rows, "activities", "activity_id", zone="America/New_York") == ["x"]
    assert seen(rows, "activities", "activity_id") == []


def test_planned_activities_are_seen() -> None:
    """What is planned ahead is known today; what is only dated ahead is not."""
    rows = {
        "activities": [
            {"activity_id": "held", "at": instant(3), "status": "held"},
            {"activity_id": "planned", "at": instant(3), "status": "planned"},
            {"activity_id": "unsaid", "at": instant(3)},
        ]
    }
    assert seen(rows, "activities", "activity_id") == ["planned"]


def test_rows_that_are_gone() -> None:
    """A record that an export no longer had is seen until the day before."""
    rows = {
        "accounts": [
            {"account_id": "later", "gone_on": day(1)},
            {"account_id": "today", "gone_on": day(0)},
            {"account_id": "long", "gone_on": day(-9)},
        ]
    }
    assert seen(rows, "accounts", "account_id") == ["later"]


@pytest.mark.parametrize("table", sorted(SEALED))
def test_cells_that_became_true_later(table: str) -> None:
    """A cell with a day of its own is empty before it, with the cells that go with it."""
    for happened, others in SEALED[table].items():
        key = TABLES[table].key
        cells = {c: _value(table, c) for c in others}
        names = (happened, *others)
        for number, known in ((0, True), (1, False)):
            row = dict.fromkeys(key, "k") | cells | {happened: day(number)}
            [found] = seen({table: [row]}, table, *names, frozen=False)
            given = (day(number), *cells.values())
            wanted = given if known else (None,) * len(names)
            assert (found if len(names) > 1 else (found,)) == wanted, (happened, number)


def _value(table: str, column: str) -> Any:
    kinds = {"bool": True, "int": 3, "money": 300, "real": 0.5, "date": day(-2)}
    return kinds.get(TABLES[table].column(column).type, "text")


def test_only_what_is_asked_for_is_sealed() -> None:
    """A cell is emptied also when its day is not asked for."""
    rows = {"stakeholders": [{"deal_id": "d", "contact_id": "c", "stance": 2, "stance_on": day(1)}]}
    assert seen(rows, "stakeholders", "stance") == [None]


# --- deals ---------------------------------------------------------------------------------------


def deal(**cells: Any) -> dict[str, Any]:
    """Return a deal that was created long ago."""
    return {"deal_id": "d", "created_on": day(-90), **cells}


def change(field: str, old: Any, new: Any, at: dt.datetime, number: int = 0) -> dict[str, Any]:
    """Return a change of an attribute of the deal."""
    texts = {"old_value": None if old is None else str(old), "new_value": new and str(new)}
    return {"change_id": f"c{number}", "deal_id": "d", "field": field, "changed_at": at, **texts}


def test_a_deal_created_later_does_not_exist() -> None:
    """A deal of the day exists, one of the next day does not, one without a day does."""
    rows = {
        "deals": [{"deal_id": str(n), "created_on": day(n)} for n in (0, 1)] + [{"deal_id": "x"}]
    }
    assert seen(rows, "deals", "deal_id") == ["0", "x"]


VALUES = {
    "stage_id": ("proposal", "won"),
    "amount_minor": (100, 250),
    "currency": ("EUR", "USD"),
    "expected_close_on": (dt.date(2025, 6, 1), dt.date(2025, 9, 1)),
    "owner_id": ("p1", "p2"),
    "forecast_category": ("pipeline", "commit"),
}


@pytest.mark.parametrize("field", HISTORY_FIELDS)
def test_attributes_are_taken_back(field: str) -> None:
    """A change after the day is undone, one on the day is kept."""
    old, new = VALUES[field]
    for number, wanted in ((1, old), (0, new), (-1, new)):
        rows = {
            "deals": [deal(**{field: new})],
            "deal_changes": [change(field, old, new, instant(number))],
        }
        assert seen(rows, "deals", field) == [wanted], number


def test_the_first_of_several_later_changes_counts() -> None:
    """The value on the day is the one before the first change after it."""
    rows = {
        "deals": [deal(amount_minor=400)],
        "deal_changes": [
            change("amount_minor", 300, 400, instant(9), 1),
            change("amount_minor", 100, 200, instant(-3), 2),
            change("amount_minor", 200, 300, instant(2), 3),
        ],
    }
    assert seen(rows, "deals", "amount_minor") == [200]


def test_a_change_of_unknown_day() -> None:
    """It was before or after, so what stood there on the day is not known, nor is today's value taken."""
    rows = {
        "deals": [deal(amount_minor=400)],
        "deal_changes": [change("amount_minor", 300, 400, None)],
    }
    assert seen(rows, "deals", "amount_minor") == [None]


def test_a_value_that_was_empty() -> None:
    """What was only filled in later is taken back to nothing."""
    rows = {
        "deals": [deal(owner_id="p1")],
        "deal_changes": [change("owner_id", None, "p1", instant(1))],
    }
    assert seen(rows, "deals", "owner_id") == [None]


@pytest.mark.parametrize("old", ["much", "12.5", "", "2025-02-30"])
def test_an_old_value_that_can_not_be_read(old: str) -> None:
    """Where the history holds nonsense, the value is unknown, not today's."""
    rows = {
        "deals": [deal(amount_minor=400, expected_close_on=day(30))],
        "deal_changes": [
            change("amount_minor", old, 400, instant(1), 1),
            change("expected_close_on", old, day(30), instant(1), 2),
        ],
    }
    assert seen(rows, "deals", "amount_minor", "expected_close_on") == [(None, None)]


def test_a_change_is_dated_in_the_companys_time_zone() -> None:
    """A change at ten in the evening in UTC is one of the next day in Berlin."""
    rows = {
        "deals": [deal(amount_minor=200)],
        "deal_changes": [change("amount_minor", 100, 200, instant(0, 22))],
    }
    assert seen(rows, "deals", "amount_minor", zone="Europe/Berlin") == [100]
    assert seen(rows, "deals", "amount_minor", zone="UTC") == [200]


def test_a_deal_that_closes_later_was_open() -> None:
    """Its closing day is not known yet, and its stage is the old one, or unknown without history."""
    closed = deal(stage_id="won", closed_on=day(1), loss_reason="price")
    history = [change("stage_id", "proposal", "won", instant(1))]
    columns = ("closed_on", "stage_id", "loss_reason", "closed", "day")
    assert seen({"deals": [closed], "deal_changes": history}, "deals", *columns) == [
        (None, "proposal", None, False, AS_OF)
    ]
    assert seen({"deals": [closed]}, "deals", *columns) == [(None, None, None, False, AS_OF)]


def test_a_deal_that_closed_today_is_closed() -> None:
    """The closing day itself is the day as of which it is judged."""
    rows = {"deals": [deal(stage_id="won", closed_on=day(0))]}
    assert seen(rows, "deals", "closed_on", "stage_id", "closed", "day") == [
        (day(0), "won", True, day(0))
    ]


# --- closed deals --------------------------------------------------------------------------------

CLOSED = deal(
    stage_id="won", closed_on=day(-10), amount_minor=500, signed_on=day(-8), owner_id="p2"
)
AFTER = [
    change("amount_minor", 300, 500, instant(-9), 1),
    change("owner_id", "p1", "p2", instant(-10, 23), 2),
    change("stage_id", "proposal", "won", instant(-9), 3),
]


def test_a_closed_deal_is_seen_as_of_its_closing_day() -> None:
    """What changed after the closing day is undone but for the final stage; on the day it counts."""
    columns = ("amount_minor", "owner_id", "stage_id", "signed_on", "closed", "day")
    rows = {"deals": [CLOSED], "deal_changes": AFTER}
    assert seen(rows, "deals", *columns) == [(300, "p2", "won", None, True, day(-10))]
    assert seen(rows, "deals", *columns, frozen=False) == [(500, "p2", "won", day(-8), True, AS_OF)]


def test_rows_of_a_closed_deal_end_with_it() -> None:
    """Rows of the closing day are seen, later ones only where the view is live."""
    entries = [{"entry_id": str(n), "deal_id": "d", "day": day(n)} for n in (-11, -10, -9)]
    rows = {"deals": [CLOSED], "time_entries": entries}
    assert seen(rows, "time_entries", "entry_id") == ["-11", "-10"]
    assert seen(rows, "time_entries", "entry_id", frozen=False) == ["-11", "-10", "-9"]


def test_rows_of_activities_follow_the_deal() -> None:
    """Attendees of a meeting are those of its deal's day; gone ones of a closed deal stay."""
    rows = {
        "deals": [CLOSED],
        "activities": [
            {"activity_id": "a", "deal_id": "d", "at": instant(-10)},
            {"activity_id": "free", "at": instant(-5)},
        ],
        "activity_attendees": [
            {"activity_id": "a", "attendee_id": "kept", "gone_on": day(-5)},
            {"activity_id": "free", "attendee_id": "lost", "gone_on": day(-5)},
        ],
    }
    assert seen(rows, "activity_attendees", "attendee_id") == ["kept"]
    assert seen(rows, "activities", "activity_id") == ["a", "free"]


def test_a_deal_that_closed_before_it_was_created_is_still_there() -> None:
    """A mistake in its dates makes a deal no less reviewed, frozen or live."""
    rows = {"deals": [deal(created_on=day(-3), closed_on=day(-10), stage_id="won")]}
    for frozen in (True, False):
        assert seen(rows, "deals", "deal_id", frozen=frozen) == ["d"]


def test_a_closed_deal_that_is_gone() -> None:
    """A deal that an export no longer had is not reviewed, however long it is closed."""
    rows = {"deals": [{**CLOSED, "gone_on": day(-2)}]}
    assert seen(rows, "deals", "deal_id") == []
    assert seen(rows, "deals", "deal_id", as_of=day(-3)) == ["d"]


def test_shared_tables_do_not_know_deals() -> None:
    """Stages, people and rates are those of the review's date."""
    rows = {
        "deals": [CLOSED],
        "fx_rates": [{"currency": "USD", "on_date": day(n), "rate": 1.0} for n in (-9, 0, 1)],
    }
    assert seen(rows, "fx_rates", "on_date") == [day(-9), day(0)]
