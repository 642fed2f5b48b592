"""A company's own closed deals as a measure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from dealreview.plugins.history import own_quantile, own_rate

TODAY = dt.date(2025, 5, 16)
SCHEMA = {
    "id": pl.String,
    "day": pl.Date,
    "pipeline_id": pl.String,
    "segment": pl.String,
    "is_open": pl.Boolean,
    "is_won": pl.Boolean,
    "closed_on": pl.Date,
    "milestone": pl.Int64,
    "highest": pl.Int64,
    "took": pl.Int64,
}


def open_deal(key: str = "D", **cells: Any) -> dict[str, Any]:
    """Return an open deal in its third milestone."""
    given = {"pipeline_id": "p", "segment": "small", "is_open": True, "is_won": False}
    return {"id": key, "day": TODAY, "milestone": 3, **given, **cells}


def closed_deal(key: str, **cells: Any) -> dict[str, Any]:
    """Return a deal that was won in March after 40 days, having come to the fourth milestone."""
    closed_on = dt.date(2025, 3, 3)
    given = {"day": closed_on, "is_open": False, "is_won": True, "closed_on": closed_on}
    return open_deal(key, milestone=None, highest=4, took=40) | given | cells


def rate(*closed: dict[str, Any], min_n: int = 1) -> tuple[Any, ...]:
    """Return hits and number for the open deal."""
    frame = pl.DataFrame([open_deal(), *closed], schema=SCHEMA)
    found = own_rate(frame, level="milestone", reached="highest", min_n=min_n)
    assert found["id"].to_list() == frame["id"].to_list()
    return found.row(0)[1:3]


def usual(*closed: dict[str, Any], min_n: int = 1) -> tuple[Any, ...]:
    """Return the median of days and its number for the open deal."""
    frame = pl.DataFrame([open_deal(), *closed], schema=SCHEMA)
    found = own_quantile(frame, "took", 0.5, min_n=min_n)
    assert sorted(found["id"]) == sorted(frame["id"])
    row = found.row(by_predicate=pl.col("id") == "D", named=True)
    assert row["least"] == row["quantile"]
    return row["quantile"], row["n"]


def test_won_of_closed() -> None:
    """Deals that came less far are no measure; open ones neither, even with a closing day."""
    assert rate(closed_deal("1"), closed_deal("2", is_won=False)) == (1, 2)
    assert rate(closed_deal("1", highest=2)) == (None, 0)
    assert rate(closed_deal("1"), closed_deal("2", is_open=True)) == (1, 1)


def test_a_deal_of_which_nobody_knows_how_it_ended_is_no_measure() -> None:
    """Nor one without closing day, or of which nobody knows how far it came."""
    for cell in ("is_won", "closed_on", "highest", "is_open"):
        assert rate(closed_deal("1"), closed_deal("2", **{cell: None})) == (1, 1)


def test_too_few_of_the_segment_leave_the_pipeline() -> None:
    """Under the least number the other segments of the pipeline count too, other pipelines never."""
    others = [closed_deal("1"), closed_deal("2", segment="large", took=80, is_won=False)]
    assert rate(*others, min_n=2) == (1, 2)
    assert usual(*others, min_n=1) == (40.0, 1)
    elsewhere = closed_deal("3", pipeline_id="q")
    assert rate(*others, elsewhere, min_n=3) == (None, 2)


def test_an_unknown_segment_may_be_any() -> None:
    """The best and the worst of all segments and of the pipeline count; others are not moved by it."""
    closed = [
        closed_deal("1", segment="small", took=10),
        closed_deal("2", segment="large", took=80, is_won=False),
        closed_deal("3", segment="large", took=90),
        closed_deal("4", segment=None, took=1_000),
    ]
    frame = pl.DataFrame([open_deal(segment=None), open_deal("E"), *closed], schema=SCHEMA)
    found = own_quantile(frame, "took", 0.5, min_n=1).rows_by_key("id", unique=True)
    assert found["D"] == (90.0, 10.0, 3)
    assert found["E"] == (10.0, 10.0, 1)
    rates = own_rate(frame, level="milestone", reached="highest", min_n=1)
    assert rates.rows_by_key("id", unique=True)["D"] == (1, 1, 0.5)
    assert rates.rows_by_key("id", unique=True)["E"] == (1, 1, 1.0)
    few = own_rate(frame, level="milestone", reached="highest", min_n=3)
    assert few.rows_by_key("id", unique=True)["D"] == (3, 4, 0.75)


def test_a_deal_with_nothing_to_go_by_is_not_lost() -> None:
    """Its measure is unknown, of no deals."""
    assert usual() == (None, 0)
    assert usual(closed_deal("1", pipeline_id="q")) == (None, 0)
    assert rate() == (None, 0)
