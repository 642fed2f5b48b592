"""Feeds say which tables are recorded, and for which days."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.model.errors import StoreError
from dealreview.store.database import Database
from dealreview.store.feeds import Feed, last_covered, load_feeds, merged, record_feed
from dealreview.store.tables import Tables
from tests.store.rows import store

TODAY = dt.date(2025, 5, 16)
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2025, 2, 28))
SEGMENTS = st.lists(st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair))), max_size=8)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _feeds(database: Database) -> tuple[Feed, ...]:
    with database.read() as connection:
        return load_feeds(Tables(connection), today=TODAY)[0]


def _recorded(database: Database) -> frozenset[str]:
    with database.read() as connection:
        return load_feeds(Tables(connection), today=TODAY)[1]


def _record(database: Database, *segments: tuple[str, str], scope: str = "all") -> None:
    with database.write() as connection:
        for first, last in segments:
            record_feed(connection, "deals", scope, _day(first), _day(last))


def test_an_empty_database_records_nothing(database: Database) -> None:
    """Without rows and feeds there is nothing to go by."""
    assert (_feeds(database), _recorded(database)) == ((), frozenset())


def test_what_is_stated_holds(database: Database) -> None:
    """A row of feeds counts, whatever the dates in the table."""
    store(database, "deals", {"deal_id": "d", "created_on": "2020-01-01"})
    _record(database, ("2024-01-01", "2024-12-31"))
    assert _feeds(database)[0] == Feed("deals", "all", _day("2024-01-01"), _day("2024-12-31"))
    assert "deals" not in {feed.table for feed in _feeds(database)[1:]}


def test_a_feed_without_rows_makes_its_table_recorded(database: Database) -> None:
    """A recorded table in which nothing happened is recorded; its columns are not."""
    _record(database, ("2024-01-01", "2024-12-31"))
    assert {name for name in _recorded(database) if name.startswith("deals")} == {"deals"}


def test_recorded_columns_are_those_with_a_value(database: Database) -> None:
    """A column that is empty in every row is not recorded."""
    store(database, "deals", {"deal_id": "d", "amount_minor": 0})
    assert _recorded(database) == {"deals", "deals.deal_id", "deals.amount_minor"}


def test_a_table_with_dates_is_recorded_between_them(database: Database) -> None:
    """Nobody said anything: from the earliest to the latest plausible date."""
    days = ["1969-12-31", "2024-02-29", "2025-05-01", "2025-02-30", "9999-12-31", None, "soon"]
    rows = [{"deal_id": f"d{n}", "created_on": day} for n, day in enumerate(days)]
    store(database, "deals", *rows)
    assert _feeds(database) == (Feed("deals", "all", _day("2024-02-29"), _day("2025-05-01")),)


def test_planned_activities_extend_nothing(database: Database) -> None:
    """A meeting next month does not prove that mails are recorded until then."""
    rows = [("a", "held", "2025-05-01"), ("b", None, "2025-05-02"), ("c", "planned", "2025-06-01")]
    store(
        database,
        "activities",
        *({"activity_id": i, "status": s, "at": f"{d}T10:00:00Z"} for i, s, d in rows),
    )
    assert _feeds(database) == (Feed("activities", "all", _day("2025-05-01"), _day("2025-05-02")),)


def _change(field: str) -> dict[str, str]:
    return {"change_id": field, "field": field, "changed_at": "2025-01-01T10:00:00Z"}


def _changes(database: Database) -> set[str]:
    columns = {"change_id", "field", "changed_at"}
    names = {name.partition(".")[2] for name in _recorded(database) if "deal_changes." in name}
    return names - columns


def test_a_history_is_recorded_attribute_by_attribute(database: Database) -> None:
    """An export of stage changes says nothing about dates and owners."""
    store(database, "deal_changes", _change("stage_id"))
    assert _changes(database) == {"stage_id"}
    feed = {"table_name": "deal_changes", "scope": "crm/history", "covers_from": "2024-01-01"}
    store(database, "feeds", {**feed, "covers_to": "2025-01-01"})
    assert _changes(database) == {"stage_id"}


@pytest.mark.parametrize("scope", ["all", "crm/deals"])
def test_differences_of_whole_exports_show_every_attribute(database: Database, scope: str) -> None:
    """Where changes are as recorded as the deals themselves, no change of an owner means none."""
    for table in ("deals", "deal_changes"):
        days = {"covers_from": "2024-01-01", "covers_to": "2025-01-01"}
        store(database, "feeds", {"table_name": table, "scope": scope, **days})
    assert _changes(database) >= {"stage_id", "owner_id", "expected_close_on", "amount_minor"}


def test_a_table_without_dates_is_always_recorded(database: Database) -> None:
    """Reference data has no days."""
    store(database, "people", {"person_id": "p"})
    assert _feeds(database) == (Feed("people", "all", None, None),)


def test_a_dated_table_without_dates_covers_nothing(database: Database) -> None:
    """Rows that nobody dated show that the table is recorded, and for no day."""
    store(database, "deals", {"deal_id": "d"})
    assert _feeds(database) == ()
    assert "deals" in _recorded(database)


def test_a_feed_without_an_end_ends_with_the_rows(database: Database) -> None:
    """Somebody who wrote only the first day gets the latest date of the table as the end."""
    row = {"table_name": "deals", "scope": "all", "covers_from": "2024-01-01"}
    store(database, "feeds", row)
    store(database, "deals", {"deal_id": "d", "created_on": "2025-03-01"})
    assert Feed("deals", "all", _day("2024-01-01"), _day("2025-03-01")) in _feeds(database)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([("2024-01-01", "2024-03-31"), ("2024-03-01", "2024-06-30")], [("01-01", "06-30")]),
        ([("2024-01-01", "2024-03-31"), ("2024-04-01", "2024-06-30")], [("01-01", "06-30")]),
        (
            [("2024-01-01", "2024-03-31"), ("2024-04-02", "2024-06-30")],
            [("01-01", "03-31"), ("04-02", "06-30")],
        ),
        ([("2024-02-01", "2024-02-03"), ("2024-01-01", "2024-06-30")], [("01-01", "06-30")]),
        (
            [
                ("2024-01-01", "2024-01-02"),
                ("2024-01-05", "2024-01-06"),
                ("2024-01-03", "2024-01-04"),
            ],
            [("01-01", "01-06")],
        ),
    ],
)
def test_segments_that_touch_become_one(
    database: Database, segments: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    """Overlapping and adjacent times are joined; a gap of a day stays a gap."""
    _record(database, *segments)
    found = [(f"{feed.first}"[5:], f"{feed.last}"[5:]) for feed in _feeds(database)[:-1]]
    assert found == expected


def test_scopes_stay_apart(database: Database) -> None:
    """Two sources of one table have feeds of their own."""
    _record(database, ("2024-01-01", "2024-03-31"), scope="east")
    _record(database, ("2024-04-01", "2024-06-30"), scope="west")
    assert [feed.scope for feed in _feeds(database)[:-1]] == ["east", "west"]


def test_recording_the_same_again_changes_nothing(database: Database) -> None:
    """Importing a file twice leaves the data revision."""
    _record(database, ("2024-01-01", "2024-03-31"))
    with database.read() as connection:
        before = database.revision(connection)
    _record(database, ("2024-01-01", "2024-03-31"), ("2024-02-01", "2024-02-02"))
    with database.read() as connection:
        assert database.revision(connection) == before


def test_a_stated_end_is_taken_as_it_is_said(database: Database) -> None:
    """Figures of months that are said to be recorded to the 15th are not recorded to the 31st."""
    with database.write() as connection:
        record_feed(connection, "account_months", "all", _day("2024-01-01"), _day("2025-03-15"))
    stated = Feed("account_months", "all", _day("2024-01-01"), _day("2025-03-15"))
    assert _feeds(database)[0] == stated


def test_a_row_of_a_month_covers_all_of_it(database: Database) -> None:
    """Where nobody said anything, the last month's row stands for the month, its last day included."""
    rows = [{"account_id": "A", "month": f"2025-0{n}-01"} for n in (1, 2)]
    store(database, "accounts", {"account_id": "A"})
    store(database, "account_months", *rows)
    spans = [feed for feed in _feeds(database) if feed.table == "account_months"]
    assert spans == [Feed("account_months", "all", _day("2025-01-01"), _day("2025-02-28"))]
    assert last_covered("deals", _day("2025-02-01")) == _day("2025-02-01")


def test_a_feed_needs_a_table_and_an_order(database: Database) -> None:
    """A name that is none and an end before the beginning are refused."""
    with database.write() as connection:
        with pytest.raises(StoreError, match="no table 'deal'"):
            record_feed(connection, "deal", "all", TODAY, TODAY)
        with pytest.raises(StoreError, match="before"):
            record_feed(connection, "deals", "all", TODAY, TODAY - dt.timedelta(days=1))


@given(SEGMENTS)
def test_merging_keeps_every_day_and_no_other(segments: list[tuple[dt.date, dt.date]]) -> None:
    """Merged segments cover the same days, are sorted and have gaps between them."""
    joined = merged(segments)
    assert _covered(joined) == _covered(segments)
    for (_, last), (first, _) in pairwise(joined):
        assert (first - last).days > 1


def _covered(segments: list[tuple[dt.date, dt.date]]) -> set[int]:
    return {n for first, last in segments for n in range(first.toordinal(), last.toordinal() + 1)}
