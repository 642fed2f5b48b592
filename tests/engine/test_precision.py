"""What became of the findings of earlier runs."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.model.outcome import Outcome
from dealreview.testing import database_of
from tests.support.facts import facts_of_database

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = dt.date(2025, 5, 16)
CHECKS = ["acme/first", "acme/second"]
CREATED = dt.date(2024, 1, 8)
STAGES = [{"stage_id": kind, "kind": kind} for kind in ("open", "won", "lost")]


def deal(key: str, stage: str = "open", ago: int | None = None, **cells: Any) -> dict[str, Any]:
    """Return a deal, closed some days ago when that is given."""
    closed = None if ago is None else AS_OF - dt.timedelta(days=ago)
    return {"deal_id": key, "stage_id": stage, "created_on": CREATED, "closed_on": closed, **cells}


def push(key: str, ago: int, old: str, new: str) -> dict[str, Any]:
    """Return a change of the expected close of a deal."""
    at = dt.datetime.combine(AS_OF, dt.time(12), dt.UTC) - dt.timedelta(days=ago)
    values = {"old_value": old, "new_value": new, "changed_at": at}
    return {"change_id": f"{key}{ago}", "deal_id": key, "field": "expected_close_on", **values}


def run(number: int, ago: int, found: dict[str, str], seen: str = "abcd") -> dict[str, Any]:
    """Return the rows of a run: findings of the first check by deal, and the deals that were seen."""
    day = AS_OF - dt.timedelta(days=ago)
    head = {"run": number, "key": str(number), "as_of": day, "checks_json": json.dumps(CHECKS)}
    subject = {"run": number, "kind": "deal"}
    return {
        "runs": [head],
        "run_scorecards": [
            {**subject, "id": key, "outcomes": bytes([_code(found.get(key)), _code(None)])}
            for key in seen
        ],
    }


def _code(outcome: str | None) -> int:
    return Outcome(outcome or "pass").code


def precision(
    tmp_path: Path, runs: list[Any], deals: list[Any], changes: list[Any] | None = None
) -> list[str]:
    """Return the precision of each check."""
    path = tmp_path / "a.db"
    rows = {"stages": STAGES, "deals": deals, "deal_changes": changes or []}
    database = database_of(rows, path)
    with database.write() as connection:
        for table in ("runs", "run_scorecards"):
            for row in [row for one in runs for row in one[table]]:
                marks = ", ".join("?" * len(row))
                values = [v.isoformat() if isinstance(v, dt.date) else v for v in row.values()]
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})",
                    values,
                )
    found = facts_of_database(path, AS_OF, "pipeline", "check_precision")
    result: list[str] = found["pipeline"]["check_precision"]
    return result


def test_without_runs_there_is_nothing(tmp_path: Path) -> None:
    """A first review knows nothing of its checks."""
    assert precision(tmp_path, [], [deal("a")]) == []


def test_lost_within_ninety_days_is_a_hit(tmp_path: Path) -> None:
    """Won, lost later or still open is none; the base are all open deals of the run."""
    found = {"a": "risk", "b": "watch", "c": "risk", "d": "strength"}
    deals = [
        deal("a", "lost", 110),
        deal("b", "lost", 109),
        deal("c", "won", 150),
        deal("d", "lost", 150),
    ]
    runs = [run(1, 200, found)]
    assert precision(tmp_path, runs, deals) == ["acme/first: 1 of 3, base 2 of 4"]


def test_pushed_by_thirty_days_is_a_hit(tmp_path: Path) -> None:
    """Moves add up over the 90 days; what happens later does not count."""
    deals = [
        deal("a", expected_close_on=dt.date(2025, 3, 2)),
        deal("b", expected_close_on=dt.date(2025, 3, 1)),
        deal("c", expected_close_on=dt.date(2025, 9, 30)),
    ]
    changes = [
        push("a", 190, "2025-01-31", "2025-02-15"),
        push("a", 120, "2025-02-15", "2025-03-02"),
        push("b", 150, "2025-01-31", "2025-03-01"),
        push("c", 109, "2025-01-31", "2025-09-30"),
    ]
    runs = [run(1, 200, dict.fromkeys("abc", "risk"), "abc")]
    assert precision(tmp_path, runs, deals, changes) == ["acme/first: 1 of 3, base 1 of 3"]


def test_a_deal_counts_once(tmp_path: Path) -> None:
    """Weekly runs find the same thing again and again; the first finding counts."""
    deals = [deal("a", "lost", 100), deal("b")]
    runs = [run(n, 300 - 7 * n, {"a": "risk"}, "ab") for n in range(4)]
    assert precision(tmp_path, runs, deals) == ["acme/first: 0 of 1, base 0 of 2"]


@pytest.mark.parametrize(("ago", "counts"), [(456, False), (455, True), (90, True), (89, False)])
def test_runs_of_a_year_count(tmp_path: Path, ago: int, counts: bool) -> None:
    """Younger runs are not decided yet, older ones are another time."""
    assert bool(precision(tmp_path, [run(1, ago, {"a": "risk"}, "a")], [deal("a")])) is counts


def test_the_newest_run_of_a_day_counts(tmp_path: Path) -> None:
    """Somebody who reviews the same day twice, with other settings, counts once."""
    runs = [run(1, 200, {"a": "risk"}, "a"), run(2, 200, {}, "a")]
    assert precision(tmp_path, runs, [deal("a")]) == []


def test_deals_that_were_closed_do_not_count(tmp_path: Path) -> None:
    """A finding on a deal that was decided already proves nothing."""
    runs = [run(1, 200, {"a": "risk"}, "a")]
    assert precision(tmp_path, runs, [deal("a", "lost", 200)]) == []
