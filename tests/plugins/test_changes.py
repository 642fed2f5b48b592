"""How an attribute of deals changed, also where cells of the history are empty."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from dealreview.plugins.changes import taken_back
from tests.plugins.tinyfacts import Span, facts_of

CREATED = dt.date(2025, 1, 6)


def change(key: str, old: Any, new: Any, day: str | None, field: str = "expected_close_on") -> Any:
    """Return a change of deal D on a day, at the hour that its key says."""
    at = None if day is None else dt.datetime.fromisoformat(f"2025-{day}T{int(key):02}:00:00+00:00")
    values = {"old_value": old, "new_value": new, "changed_at": at}
    return {"change_id": key, "deal_id": "D", "field": field, **values}


def pushes(changes: list[Any], now: str | None = "2025-06-30", **options: Any) -> tuple[Any, Any]:
    """Return the fewest and most pushes of deal D."""
    day = now and dt.date.fromisoformat(now)
    deal = {"deal_id": "D", "created_on": CREATED, "expected_close_on": day}
    rows = {"deals": [deal], "deal_changes": changes}
    names = ("close_date_pushes_lo", "close_date_pushes_hi")
    found = facts_of(rows, "deal", *names, also=["deal_changes.expected_close_on"], **options)["D"]
    return found[names[0]], found[names[1]]


CHAIN = [
    change("1", "2025-03-31", "2025-04-30", "02-03"),
    change("2", "2025-04-30", "2025-05-31", "03-03"),
    change("3", "2025-05-31", "2025-06-30", "04-03"),
]


@pytest.mark.parametrize("row", [0, 1, 2])
@pytest.mark.parametrize("column", ["old_value", "new_value"])
def test_an_empty_cell_is_that_of_its_neighbour(row: int, column: str) -> None:
    """What a change led to is what the next began with, and the last led to what the deal says."""
    changes = [dict(one) for one in CHAIN]
    changes[row][column] = None
    # What the deal had before its first change stands nowhere else.
    expected = 2 if (row, column) == (0, "old_value") else 3
    assert pushes(changes) == (expected, expected)


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_change_without_a_day_counts_at_most(row: int) -> None:
    """It may be one half of a correction: nobody knows."""
    changes = [dict(one) for one in CHAIN]
    changes[row]["changed_at"] = None
    assert pushes(changes)[1] >= 3


def test_the_order_of_rows_does_not_matter() -> None:
    """Changes are put in order by their instant."""
    assert pushes(CHAIN[::-1]) == pushes(CHAIN) == (3, 3)


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        ([Span("deal_changes", CREATED, dt.date(2025, 5, 2))], (3, 3)),
        ([Span("deal_changes", CREATED, dt.date(2025, 5, 1))], (3, None)),
        ([Span("deal_changes", CREATED + dt.timedelta(days=1))], (3, None)),
        ([], (3, None)),
    ],
)
def test_a_history_that_is_not_whole_bounds_from_below(
    feeds: list[Span], expected: tuple[int, int | None]
) -> None:
    """What is there counts; how many there were altogether is known over the deal's whole life only."""
    assert pushes(CHAIN, feeds=feeds) == expected


def test_a_history_of_stages_says_nothing_about_dates() -> None:
    """That no date ever changed is not known where only changes of stages are exported."""
    deal = {"deal_id": "D", "created_on": CREATED, "expected_close_on": dt.date(2025, 6, 30)}
    rows = {"deals": [deal], "deal_changes": [change("1", "a", "b", "02-03", "stage_id")]}
    found = facts_of(rows, "deal", "close_date_pushes_lo", "close_date_pushes_hi")["D"]
    assert found == {"close_date_pushes_lo": 0, "close_date_pushes_hi": None}


def test_a_closed_deal_knows_no_change_after_its_closing() -> None:
    """Somebody who tidies up dates of closed deals pushes nothing."""
    deal = {"deal_id": "D", "created_on": CREATED, "closed_on": dt.date(2025, 3, 10)}
    rows = {
        "stages": [{"stage_id": "won", "kind": "won"}],
        "deals": [{**deal, "stage_id": "won"}],
        "deal_changes": CHAIN,
    }
    assert facts_of(rows, "deal", "close_date_pushes_lo")["D"]["close_date_pushes_lo"] == 2


@pytest.mark.parametrize(("day", "owner"), [(4, "ana"), (5, "ben"), (6, "ben")])
def test_a_value_is_that_of_the_end_of_the_day(day: int, owner: str) -> None:
    """What changed on the day itself has changed by then."""
    row = change("1", "ana", "ben", "05-05", field="owner_id")
    moves = pl.DataFrame([row])
    given: Any = SimpleNamespace(table=lambda _: moves, local_day=lambda at: at.dt.date())
    rows = pl.DataFrame({"deal_id": ["D"], "on": [dt.date(2025, 5, day)], "owner_id": ["ben"]})
    assert taken_back(given, rows, "owner_id")["owner_id"].to_list() == [owner]
