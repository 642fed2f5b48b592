"""What a diversion cost."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import SINCE, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
FROM = dt.date(2025, 3, 10)
BEFORE = dt.date(2025, 2, 3)
VALUE = ["diversion_open_value", "diversion_open_words"]


def deal(number: int, **columns: Any) -> dict[str, Any]:
    """Return a deal of Ana's that was open in March."""
    base = {"owner_id": "ana", "created_on": BEFORE, "amount_minor": 100, "currency": "EUR"}
    return {"deal_id": f"D{number}", **base, **columns}


def company(*deals: dict[str, Any]) -> Rows:
    """Return a team of Ana and Ben that was diverted for a week in March."""
    return {
        "teams": [{"team_id": "north"}],
        "people": [{"person_id": p, "role": "rep", "team_id": "north"} for p in ("ana", "ben")],
        "diversions": [
            {
                "diversion_id": "V1",
                "team_id": "north",
                "from_on": FROM,
                "to_on": dt.date(2025, 3, 14),
            }
        ],
        "time_entries": [
            {
                "entry_id": "1",
                "person_id": "ana",
                "day": BEFORE,
                "hours": 20.0,
                "category": "selling",
            }
        ],
        "deals": list(deals),
    }


def found(rows: Rows, *names: str, **options: Any) -> list[Any]:
    """Return facts of the team."""
    return list(facts_of(rows, "team", *names, **options)["north"].values())


def test_hours_and_opportunities() -> None:
    """2 people × 5 days × 8 h; one opportunity in 20 h makes four in 80."""
    rows = company(deal(1))
    names = ["diversion_hours", "diversion_opportunities", "diversion_delay_days"]
    assert found(rows, *names) == [80.0, 4.0, 7.0]
    rows["diversion_people"] = [{"diversion_id": "V1", "person_id": "ben"}]
    assert found(rows, *names) == [40.0, None, 7.0]


def test_opportunities_are_unknown_where_their_rate_is() -> None:
    """Without a feed of hours or deals, with an hour of no category or a deal of no owner."""
    rows = company(deal(1))
    lost = "diversion_opportunities"
    spans = {name: Span(name) for name in rows}
    for table in ("time_entries", "deals"):
        feeds = [*(spans | {table: Span(table, BEFORE, None)}).values()]
        assert found(rows, lost, feeds=feeds) == [None]
    entry = {"entry_id": "2", "person_id": "ana", "day": BEFORE, "hours": 1.0}
    assert found({**rows, "time_entries": [*rows["time_entries"], entry]}, lost) == [None]
    assert found(company(deal(1), deal(2, owner_id=None)), lost) == [None]


def test_the_longest_is_told_and_the_latest_of_two() -> None:
    """Of two as long the later one."""
    rows = company()
    rows["diversions"] += [
        {
            "diversion_id": name,
            "team_id": "north",
            "from_on": day,
            "to_on": day + dt.timedelta(days=length),
        }
        for name, day, length in (
            ("V2", dt.date(2025, 4, 7), 4),
            ("V3", dt.date(2025, 4, 21), 1),
        )
    ]
    assert found(rows, "diversion_ids", "diversion_from_on") == [["V2"], dt.date(2025, 4, 7)]


def test_two_currencies() -> None:
    """Amounts are converted at the rate of the first day; without one the sum is at least."""
    rows = company(deal(1), deal(2, currency="USD", amount_minor=200))
    assert found(rows, *VALUE) == [100, "at least "]
    rows["fx_rates"] = [{"currency": "USD", "on_date": FROM, "rate": 0.5}]
    assert found(rows, *VALUE) == [200, ""]


def test_only_what_was_open_on_that_day() -> None:
    """Closed before, created later, and of others, deals were not held up."""
    rows = company(
        deal(1, closed_on=FROM),
        deal(2, closed_on=FROM + dt.timedelta(days=1)),
        deal(3, created_on=FROM + dt.timedelta(days=1)),
        deal(4, owner_id="cem"),
    )
    assert found(rows, *VALUE) == [100, ""]


def test_no_diversion() -> None:
    """Nothing cost nothing: all is unknown, and no team is missing."""
    rows = company(deal(1)) | {"diversions": []}
    feeds = [Span(name, SINCE) for name in rows]
    assert found(rows, "diversion_hours", *VALUE, feeds=feeds) == [None, None, ""]
