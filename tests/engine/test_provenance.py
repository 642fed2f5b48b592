"""What a change between two runs can be put down to."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dealreview.engine.config import Config
from dealreview.testing import review_tables

if TYPE_CHECKING:
    from dealreview.engine.review import Review

AS_OF = dt.date(2025, 5, 16)
AGE, CLOSE = "hygiene/deal-age", "hygiene/close-date-passed"


def company(won: int, days: int = 30) -> dict[str, list[dict[str, Any]]]:
    """Return one open deal and some won ones that took so many days."""
    opened = dt.date(2025, 1, 1)
    closed = opened + dt.timedelta(days=days)
    deals = [
        {"deal_id": f"w{n}", "stage_id": "won", "created_on": opened, "closed_on": closed}
        for n in range(won)
    ]
    deals.append(
        {"deal_id": "d", "stage_id": "open", "created_on": opened, "expected_close_on": AS_OF}
    )
    return {
        "stages": [{"stage_id": "open", "kind": "open"}, {"stage_id": "won", "kind": "won"}],
        "deals": deals,
    }


def review(rows: dict[str, list[dict[str, Any]]], **config: Any) -> Review:
    """Return a review of the two checks."""
    return review_tables(rows, AS_OF, config=Config(**config), select=[AGE, CLOSE])


def test_a_fact_parameter_is_a_threshold_of_the_checks_that_read_it() -> None:
    """A parameter that shapes a fact changes the parameters' hash of its checks and of no other."""
    before, after = review(company(30)), review(company(30), facts={"deal_age_fixed_days": 60})
    assert before.header.checks[AGE] != after.header.checks[AGE]
    assert before.header.checks[CLOSE] == after.header.checks[CLOSE]


def test_a_benchmark_has_a_hash_of_its_own() -> None:
    """When won deals take longer, the benchmark of the age changes, and nothing else."""
    before, after = review(company(30)), review(company(30, days=60))
    assert before.header.benchmarks[AGE] != after.header.benchmarks[AGE]
    assert before.header.benchmarks[CLOSE] == after.header.benchmarks[CLOSE] == ""
    assert before.header.checks == after.header.checks
