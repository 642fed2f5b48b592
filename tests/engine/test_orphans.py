"""Rows that belong to nobody are counted and told, and leave a run complete."""

from __future__ import annotations

from typing import Any

import pytest

from dealreview.testing import deal, review_tables
from tests.support.hostile import AS_OF

TABLES = {"commitments": "commitment_id", "deal_lines": "line_id", "approvals": "approval_id"}


def told(rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return what a review says of rows that belong to nobody."""
    review = review_tables(rows, AS_OF)
    assert review.errors == ()
    return [str(p) for p in review.header.problems if "belong" in p.cause and p.kind == "notice"]


@pytest.mark.parametrize("table", TABLES)
def test_rows_without_a_deal_are_counted(table: str) -> None:
    """By table, one or many; those that have a deal are none of them."""
    rows = deal("D1")
    key = TABLES[table]
    rows[table] = [*rows.get(table, []), {key: "mine", "deal_id": "D1"}]
    assert told(rows) == []
    rows[table].append({key: "first", "deal_id": None})
    one = "1 row belongs to no deal and is not looked at; `deal_id` is empty."
    assert told(rows) == [f"table {table}: {one} Say there whose they are."]
    rows[table].append({key: "second", "deal_id": None})
    assert told(rows)[0].startswith(f"table {table}: 2 rows belong to no deal and are not")


def test_what_may_belong_to_an_account_is_no_orphan() -> None:
    """An activity or an hour without a deal counts for its account, or for its person."""
    rows = deal("D1")
    rows["activities"] = [{"activity_id": "x", "deal_id": None}]
    rows["time_entries"] = [{"entry_id": "x", "deal_id": None}]
    assert told(rows) == []


def test_an_incident_without_an_account_is_counted() -> None:
    """Nobody else could have had it."""
    rows = deal("D1")
    rows["incidents"] = [{"incident_id": "x", "account_id": None}]
    said = "1 row belongs to no account and is not looked at; `account_id` is empty."
    assert told(rows) == [f"table incidents: {said} Say there whose they are."]


def test_deals_without_an_account_are_counted_where_others_have_one() -> None:
    """They are looked at themselves, but are in no figure of an account."""
    rows = deal("D1")
    rows["deals"] = [{**row, "account_id": None} for row in rows["deals"]]
    assert told(rows) == []
    rows["deals"].append({**deal("D2")["deals"][0], "account_id": "A"})
    rows["accounts"] = [{"account_id": "A"}]
    said = "1 row belongs to no account and is left out of what is said of accounts"
    mend = "`account_id` is empty. Say there whose they are."
    assert told(rows) == [f"table deals: {said}; {mend}"]
