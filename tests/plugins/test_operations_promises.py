"""Delivery dates that were promised."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
EARLY = {"promised_on": dt.date(2025, 6, 2), "earliest_on": dt.date(2025, 6, 4)}
GAP = ["delivery_is_due", "promise_gap_bd_lo", "promise_gap_bd_hi"]


def company(*deliveries: dict[str, Any]) -> Rows:
    """Return a deal with deliveries, promised in May."""
    made = {"promise_made_on": dt.date(2025, 5, 2), "deal_id": "D"}
    return {
        "deals": [{"deal_id": "D", "created_on": dt.date(2025, 2, 3)}],
        "delivery_dates": [
            {"delivery_id": str(n), **made, **row} for n, row in enumerate(deliveries)
        ],
    }


def gap(rows: Rows, **options: Any) -> list[Any]:
    """Return whether a delivery is due and by how much it was promised too early."""
    return list(facts_of(rows, "deal", *GAP, also=["delivery_dates"], **options)["D"].values())


def test_the_largest_gap_counts() -> None:
    """Of the deliveries that have not taken place."""
    done = {**EARLY, "earliest_on": dt.date(2025, 7, 1), "actual_on": dt.date(2025, 5, 9)}
    on_time = {**EARLY, "earliest_on": dt.date(2025, 5, 4)}
    assert gap(company(EARLY, done, on_time)) == [True, 2, 2]
    assert gap(company(done)) == [False, 0, 0]


def test_days_that_nobody_knows() -> None:
    """Without the earliest day the gap is open, without the promised one whether there is any."""
    assert gap(company(EARLY, {**EARLY, "earliest_on": None})) == [True, 2, None]
    assert gap(company({**EARLY, "promised_on": None})) == [None, 0, None]


def test_feeds() -> None:
    """No row means no promise where they are recorded since the deal began, or are never dated."""
    late = [Span("deals"), Span("delivery_dates", first=dt.date(2025, 3, 1))]
    other = {**EARLY, "deal_id": "X"}
    assert gap(company(other)) == [False, 0, 0]
    assert gap(company(other), feeds=late) == [None, 0, None]
    assert gap(company({**other, "promise_made_on": None}), feeds=late) == [False, 0, 0]


def test_buckets() -> None:
    """The same over one bucket and over three."""
    rows = company(EARLY)
    assert gap(rows, buckets=3) == gap(rows) == [True, 2, 2]


SHARE = ["dated_wins_lo", "dated_wins_hi", "early_promise_share_lo", "early_promise_share_hi"]


def share(*wins: dict[str, Any], **options: Any) -> list[Any]:
    """Return the share of early promises in a team's wins of the last quarter, one promised in time."""
    rows: Rows = {
        "teams": [{"team_id": "north"}],
        "people": [{"person_id": "ana", "role": "rep", "team_id": "north"}],
        "stages": [{"stage_id": "won", "kind": "won"}],
        "deals": [
            {
                "deal_id": str(n),
                "stage_id": "won",
                "owner_id": "ana",
                "closed_on": dt.date(2025, 2, 3),
                **{name: win[name] for name in ("owner_id", "closed_on") if name in win},
            }
            for n, win in enumerate(({}, *wins))
        ],
        "delivery_dates": [
            {
                "delivery_id": str(n),
                "deal_id": str(n),
                "promise_made_on": dt.date(2025, 1, 2),
                "promised_on": dt.date(2025, 6, 2),
                "earliest_on": win.get("earliest_on", dt.date(2025, 6, 2)),
            }
            for n, win in enumerate(({}, *wins))
        ],
    }
    return list(facts_of(rows, "team", *SHARE, **options)["north"].values())


def test_shares() -> None:
    """Unknown days and owners are weighed both ways; other quarters and people do not count."""
    assert share() == [1, 1, 0.0, 0.0]
    assert share({"earliest_on": dt.date(2025, 6, 3)}) == [2, 2, 0.5, 0.5]
    assert share({"earliest_on": None}) == [1, 2, 0.0, 0.5]
    assert share({"owner_id": None}) == [1, 2, 0.0, 0.5]
    assert share({"closed_on": None}) == [1, 2, 0.0, 0.5]
    assert share({"owner_id": "cem"}) == [1, 1, 0.0, 0.0]
    assert share({"closed_on": dt.date(2025, 4, 1)}) == [1, 1, 0.0, 0.0]
    assert share(feeds=[Span("deals")])[1] is None
