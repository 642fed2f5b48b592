"""One deal by all built-in checks in a warm process: milliseconds, median and 99th percentile, and by part.

python -m benchmarks.one_deal big.db [DEALS]

A review must be stored in the database; the deals are judged as of its day.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from dealreview.engine import evaluation, now
from dealreview.engine.benchmarks import Benchmarks
from dealreview.engine.config import Config
from dealreview.engine.review import Review
from dealreview.engine.run import Request, registry_for
from dealreview.model.outcome import Kind
from dealreview.store.database import Database
from dealreview.store.family import FamilyTables
from dealreview.store.runs import list_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ASKED, WARM = 200, 20
PARTS: dict[str, tuple[Any, str]] = {
    "whether anything has changed": (now.Now, "_refreshed"),
    "ids of the family": (now, "family_of"),
    "rows of the family": (FamilyTables, "_columns"),
    "tables as of the day, rows included": (now.FamilySight, "frame"),
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


def everything(config: Config) -> Config:
    """Return a configuration under which every check is reviewed, recorded or not."""
    names = tuple(check.id for check in registry_for(config).checks)
    return evolve(config, required_checks=names)


def measure(path: Path, config: Config, count: int) -> dict[str, Any]:
    """Return the milliseconds of a deal: wall and processor time, and by part."""
    database = Database.open(path)
    with database.read() as connection:
        as_of = list_runs(connection)[0].as_of
        ids = [key for (key,) in connection.execute("SELECT deal_id FROM deals")]
    chosen = random.Random(1).choices(ids, k=count + WARM)  # noqa: S311 - not a secret
    with now.opened_now(database, Request(as_of, config)) as desk:

        def judge(deal_id: str) -> int:
            return len(desk.review(Kind.DEAL, deal_id).scorecard(Kind.DEAL, deal_id).verdicts)

        verdicts = [judge(deal_id) for deal_id in chosen[:WARM]]
        times = [_milliseconds(judge, deal_id) for deal_id in chosen[WARM:]]
        with taken_apart() as spent:
            for deal_id in chosen[WARM:]:
                judge(deal_id)
    walls, cpus = zip(*times, strict=True)
    parts = {part: round(1000 * seconds / count, 1) for part, seconds in spent.items()}
    return {
        "checks": max(verdicts),
        "wall": _told(walls),
        "cpu": _told(cpus),
        "mean by part": parts,
    }


def _milliseconds(judge: Callable[[str], int], deal_id: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    judge(deal_id)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def _told(times: tuple[float, ...]) -> dict[str, float]:
    worst = statistics.quantiles(times, n=100)[98]
    return {"p50": round(statistics.median(times), 1), "p99": round(worst, 1)}


def main() -> None:
    """Measure and print."""
    path, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ASKED
    found = {
        "checks of what is recorded": measure(path, Config(), count),
        "all built-in checks": measure(path, everything(Config()), count),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
