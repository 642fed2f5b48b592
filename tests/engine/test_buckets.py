"""A bucket holds every row that a local fact of its accounts may need."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine.buckets import Bucket, cuts
from dealreview.engine.visible import VisibleTables
from dealreview.store.schema import TABLES
from tests.plugins.tinyfacts import Memory

if TYPE_CHECKING:
    from collections.abc import Mapping

AS_OF = dt.date(2025, 5, 16)
OURS, THEIRS = ("a1", "d1"), ("a2", "d2")


def bucket_of(rows: Mapping[str, Any], *accounts: str, deals: tuple[str, ...] = ()) -> Bucket:
    """Return a bucket of some accounts and deals."""
    visible = VisibleTables(Memory(rows), AS_OF, "UTC")  # type: ignore[arg-type]
    text = pl.String
    return Bucket(visible, pl.Series(accounts, dtype=text), pl.Series(deals, dtype=text))


def held(bucket: Bucket, table: str, column: str) -> list[Any]:
    """Return a column of the bucket's rows."""
    return bucket.frame(table, [column])[column].to_list()


def owned(owner: str) -> list[str]:
    """Return the tables whose rows belong to an account in this way."""
    return [name for name, table in TABLES.items() if table.owner == owner]


@pytest.mark.parametrize("table", owned("account") + owned("deal"))
def test_rows_of_accounts_and_deals(table: str) -> None:
    """A table that an account or a deal owns is cut by whichever of the two ids it has."""
    names = TABLES[table].by_name
    rows = []
    for account, deal in (OURS, THEIRS):
        cells = {"account_id": account, "deal_id": deal}
        row = {key: AS_OF if names[key].type == "date" else account for key in TABLES[table].key}
        rows.append({**row, **{name: value for name, value in cells.items() if name in names}})
    found = bucket_of({table: rows}, "a1", deals=("d1",))
    key = TABLES[table].key[0]
    assert held(found, table, key) == [rows[0][key]]


def test_a_row_of_a_deal_goes_with_the_deal() -> None:
    """Hours on a deal of ours that name no account are ours, and so are those on an account without deal."""
    rows = {
        "time_entries": [
            {"entry_id": "deal", "deal_id": "d1"},
            {"entry_id": "account", "account_id": "a1"},
            {"entry_id": "theirs", "deal_id": "d2", "account_id": "a2"},
            {"entry_id": "nobody"},
        ]
    }
    assert held(bucket_of(rows, "a1", deals=("d1",)), "time_entries", "entry_id") == [
        "deal",
        "account",
    ]


PEOPLE = {
    "contacts": [
        {"contact_id": "own", "account_id": "a1"},
        {"contact_id": "adviser", "account_id": "a2"},
        {"contact_id": "guest", "account_id": "a2"},
        {"contact_id": "stranger", "account_id": "a2"},
    ],
    "stakeholders": [{"deal_id": "d1", "contact_id": "adviser"}],
    "activities": [
        {"activity_id": "ours", "deal_id": "d1"},
        {"activity_id": "visit", "account_id": "a2"},
        {"activity_id": "theirs", "account_id": "a2"},
    ],
    "activity_attendees": [
        {"activity_id": "ours", "attendee_id": "guest"},
        {"activity_id": "visit", "attendee_id": "own"},
        {"activity_id": "theirs", "attendee_id": "stranger"},
    ],
}


def test_contacts_and_activities_of_several_accounts() -> None:
    """Others on our deals and meetings are there, and meetings of others that ours attended."""
    bucket = bucket_of(PEOPLE, "a1", deals=("d1",))
    assert held(bucket, "contacts", "contact_id") == ["own", "adviser", "guest"]
    assert held(bucket, "activities", "activity_id") == ["ours", "visit"]
    assert held(bucket, "activity_attendees", "attendee_id") == ["guest", "own"]


def test_shared_tables_are_whole() -> None:
    """Stages, people and rates are the same for every bucket."""
    rows = {"stages": [{"stage_id": "s"}], "people": [{"person_id": "p"}]}
    assert held(bucket_of(rows, "a1"), "stages", "stage_id") == ["s"]
    assert held(bucket_of(rows), "people", "person_id") == ["p"]


def test_columns_come_as_asked() -> None:
    """The columns by which rows are cut are not left over."""
    bucket = bucket_of(PEOPLE, "a1", deals=("d1",))
    assert bucket.frame("activities", ["at", "activity_id"]).columns == ["at", "activity_id"]


ACCOUNTS = [f"a{n}" for n in range(8)]


@given(st.dictionaries(st.sampled_from(ACCOUNTS), st.sampled_from([*ACCOUNTS, "ghost"])))
def test_families_stay_together(parents: dict[str, str]) -> None:
    """Whoever is parent, child or sibling of an account is in its bucket, circles and ghosts included."""
    rows = {
        "accounts": [{"account_id": a, "parent_account_id": parents.get(a)} for a in ACCOUNTS],
        "deals": [{"deal_id": f"d-{a}", "account_id": a} for a in [*ACCOUNTS, "ghost"]],
    }
    visible = VisibleTables(Memory(rows), AS_OF, "UTC")  # type: ignore[arg-type]
    where: dict[str, int] = {}
    for number, bucket in enumerate(cuts(visible, 3)):
        assert bucket.accounts is not None
        assert bucket.deals is not None
        where |= dict.fromkeys([*bucket.accounts, *bucket.deals], number)
    for child, parent in parents.items():
        assert where[child] == where[parent]
    assert all(where[a] == where[f"d-{a}"] for a in ACCOUNTS)
