"""Days to the expected close."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dealreview.engine.config import Config
from dealreview.model.outcome import Kind
from dealreview.testing import review_tables
from tests.plugins.tinyfacts import AS_OF, facts_of


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2025, 5, 9), {"days_to_close": -7, "days_past_close": 7}),
        (dt.date(2025, 5, 16), {"days_to_close": 0, "days_past_close": 0}),
        (dt.date(2025, 5, 30), {"days_to_close": 14, "days_past_close": -14}),
        (None, {"days_to_close": None, "days_past_close": None}),
        (dt.date(9999, 12, 31), {"days_to_close": None, "days_past_close": None}),
    ],
)
def test_days(day: dt.date | None, expected: dict[str, int | None]) -> None:
    """Negative to and positive past once it has passed; a date far ahead stands for none."""
    rows = {"deals": [{"deal_id": "D", "expected_close_on": day}]}
    assert facts_of(rows, "deal", "days_to_close", "days_past_close")["D"] == expected


def test_company_without_deals() -> None:
    """Facts of nobody are empty, not an error."""
    assert facts_of({"accounts": [{"account_id": "A"}]}, "deal", "days_to_close") == {}


@pytest.mark.parametrize(("created", "n"), [(1, 5), (2, 5), (3, 0)])
def test_a_deal_won_on_the_day_of_its_creation_is_a_measure(created: int, n: int) -> None:
    """One that was won before it was created is not."""
    won: dict[str, Any] = {"stage_id": "won", "account_id": "A", "closed_on": dt.date(2025, 4, 2)}
    made = [
        {"deal_id": str(key), "created_on": dt.date(2025, 4, created), **won} for key in range(5)
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "stages": [
            {"stage_id": "won", "kind": "won", "pipeline_id": "p"},
            {"stage_id": "open", "kind": "open", "pipeline_id": "p"},
        ],
        "deals": [{"deal_id": "D", "account_id": "A", "stage_id": "open"}, *made],
    }
    assert facts_of(rows, "deal", "deal_age_n", deal_age_min_n=5)["D"] == {"deal_age_n": n}


@pytest.mark.parametrize(
    ("age", "known", "blank"),
    [(60, "watch", "insufficient_data"), (900, "risk", "risk"), (40, "pass", "pass")],
)
def test_an_unknown_segment_decides_only_what_every_segment_does(
    age: int, known: str, blank: str
) -> None:
    """A deal that is old in its own segment and young in another is undecided without a segment."""
    created = AS_OF - dt.timedelta(days=500)
    took = {"small": 50, "large": 400}
    closed = [
        {
            "deal_id": f"{segment}{n}",
            "account_id": segment,
            "stage_id": "w",
            "created_on": created,
            "closed_on": created + dt.timedelta(days=days),
        }
        for segment, days in took.items()
        for n in range(20)
    ]
    begun = AS_OF - dt.timedelta(days=age)
    mine = {"deal_id": "D", "account_id": "A", "stage_id": "s", "created_on": begun}
    stages = [{"stage_id": "w", "kind": "won"}, {"stage_id": "s", "kind": "open"}]
    found = []
    for segment in ("small", None):
        accounts = [{"account_id": name, "segment": name} for name in took]
        accounts.append({"account_id": "A", "segment": segment})
        rows = {"accounts": accounts, "stages": stages, "deals": [*closed, mine]}
        config = Config(select=("hygiene/deal-age",))
        review = review_tables(rows, AS_OF, config=config)
        found.append(review.scorecard(Kind.DEAL, "D").verdicts[0])
    assert [verdict.outcome for verdict in found] == [known, blank]
    assert found[1].missing == (("accounts.segment",) if blank == "insufficient_data" else ())
