"""One deal in a warm process: milliseconds, over deals from all of a database.

    python -m benchmarks.one big.db

Deals from all of the database are judged at a first look, and open ones again after each of some edits.
A review of everybody is stored first, since it tells what only the whole organisation can, and leaves
local facts beside the snapshot. Edits stay: give it a copy.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import time
from collections import defaultdict
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.company import AS_OF
from benchmarks.goals import AGAIN, EMPTY_TOO, OURS
from benchmarks.ours import requiring_all
from benchmarks.peers.naive import one_deal
from dealreview.engine import evaluation, now
from dealreview.engine.benchmarks import Benchmarks
from dealreview.engine.config import Config
from dealreview.engine.known import FamilySight
from dealreview.engine.recalled import Recalled
from dealreview.engine.records import save_review
from dealreview.engine.review import Review
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Kind
from dealreview.store.database import Database
from dealreview.store.family import FamilyTables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ASKED, WARM, EDITED = 200, 20, 40
PARTS: dict[str, tuple[Any, str]] = {
    "whether anything has changed": (now.Now, "_refreshed"),
    "ids of the family": (now, "family_of"),
    "rows of the family": (FamilyTables, "_columns"),
    "tables as of the day, rows included": (FamilySight, "frame"),
    "facts of the last review": (Recalled, "of"),
    "local facts, tables included": (now, "local_parts"),
    "benchmarks": (Benchmarks, "of"),
    "judging": (now, "kind_review"),
    "of that, conditions": (evaluation, "_select"),
    "scorecard": (Review, "scorecard"),
}


@contextmanager
def taken_apart() -> Iterator[dict[str, float]]:
    """Give the seconds that each part takes, added up."""
    spent: dict[str, float] = defaultdict(float)
    before = {part: getattr(where, name) for part, (where, name) in PARTS.items()}
    for part, (where, name) in PARTS.items():
        setattr(where, name, _timed(before[part], part, spent))
    try:
        yield spent
    finally:
        for part, (where, name) in PARTS.items():
            setattr(where, name, before[part])


def _timed(function: Callable[..., Any], part: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            spent[part] += time.perf_counter() - start

    return timed


def latencies(judge: Callable[[str], object], ids: list[str]) -> dict[str, float]:
    """Return the milliseconds that one deal takes, after some that warm up."""
    for deal_id in ids[:WARM]:
        judge(deal_id)
    return _summed_up([_milliseconds(judge, deal_id) for deal_id in ids[WARM:]])


def _summed_up(times: list[tuple[float, float]]) -> dict[str, float]:
    walls, cpus = zip(*times, strict=True)
    worst = statistics.quantiles(walls, n=100, method="inclusive")[98]
    return {"p50": statistics.median(walls), "p99": worst, "cpu": statistics.median(cpus)}


def _milliseconds(judge: Callable[[str], object], deal_id: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    judge(deal_id)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def asked(config: Config) -> Request:
    """Return what is asked for, with the snapshot that a review of so many deals makes."""
    return Request(AS_OF, config, snapshot=config.snapshot)


def ours(database: Database, config: Config, ids: list[str]) -> dict[str, Any]:
    """Return the figures of this project, with the part that each step takes."""
    with now.opened_now(database, asked(config)) as desk:

        def judge(deal_id: str) -> int:
            return len(desk.review(Kind.DEAL, deal_id).scorecard(Kind.DEAL, deal_id).verdicts)

        checks = max(judge(deal_id) for deal_id in ids[:WARM])
        found = latencies(judge, ids)
        with taken_apart() as spent:
            for deal_id in ids[WARM:]:
                judge(deal_id)
    parts = {part: 1000 * seconds / (len(ids) - WARM) for part, seconds in spent.items()}
    return found | {"checks": checks, "mean by part": parts}


EDITS = {
    "nothing": "SELECT 1 WHERE :deal IS NULL",
    "an amount": "UPDATE deals SET amount_minor = amount_minor + 100 WHERE deal_id = :deal",
    "a closing date": """
        UPDATE deals SET expected_close_on = date(expected_close_on, '+1 day') WHERE deal_id = :deal
    """,
    "a call": """
        INSERT INTO activities (activity_id, deal_id, account_id, kind, direction, status, at)
        SELECT 'one:' || hex(randomblob(8)), deal_id, account_id, 'call', 'outbound', 'held',
          '2026-01-05T10:00:00Z' FROM deals WHERE deal_id = :deal
    """,
}
"""What is written before a deal is judged again."""


def after_edits(path: Path, config: Config, ids: list[str]) -> dict[str, dict[str, float]]:
    """Return the milliseconds that a deal takes that was looked at before, by what was edited."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as writer,
        now.opened_now(Database.open(path), asked(config)) as desk,
    ):

        def judge(deal_id: str) -> None:
            desk.review(Kind.DEAL, deal_id).scorecard(Kind.DEAL, deal_id)

        for deal_id in ids:
            judge(deal_id)
            for edit, statement in EDITS.items():
                writer.execute(statement, {"deal": deal_id})
                found[edit].append(_milliseconds(judge, deal_id))
    return {edit: _summed_up(times) for edit, times in found.items()}


def main() -> None:
    """Measure and print."""
    path = Path(sys.argv[1])
    with closing(sqlite3.connect(path)) as connection:
        known = [key for (key,) in connection.execute("SELECT deal_id FROM deals")]
        ids = random.Random(1).choices(known, k=ASKED + WARM)  # noqa: S311 - not a secret
        query = "SELECT deal_id FROM deals WHERE closed_on IS NULL"
        still_open = [key for (key,) in connection.execute(query)]
        edited = random.Random(1).choices(still_open, k=EDITED)  # noqa: S311 - as above
        peer = latencies(lambda deal_id: one_deal(connection, deal_id), ids)
    database = Database.open(path)
    found: dict[str, Any] = {"selects, objects, eight functions": peer}
    for name, config in ((OURS, Config()), (EMPTY_TOO, requiring_all())):
        save_review(database, review_database(database, asked(config)))
        found[name] = first = ours(database, config, ids)
        for edit, times in after_edits(path, config, edited).items():
            found[f"{name}, {AGAIN} {edit}"] = times | {"checks": first["checks"]}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
