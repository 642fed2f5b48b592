"""One deal in a warm process: milliseconds, median and 99th percentile, over deals from all of a database.

python -m benchmarks.one big.db
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.naive import one_deal

if TYPE_CHECKING:
    from collections.abc import Callable

ASKED, WARM = 500, 20


def latencies(judge: Callable[[str], object], ids: list[str]) -> dict[str, float]:
    """Return the milliseconds that one deal takes, after some that warm up."""
    for deal_id in ids[:WARM]:
        judge(deal_id)
    times = []
    for deal_id in ids[WARM:]:
        start = time.perf_counter()
        judge(deal_id)
        times.append(1000 * (time.perf_counter() - start))
    return {"p50": statistics.median(times), "p99": statistics.quantiles(times, n=100)[98]}


def main() -> None:
    """Measure and print."""
    with closing(sqlite3.connect(Path(sys.argv[1]))) as connection:
        ids = [key for (key,) in connection.execute("SELECT deal_id FROM deals")]
        chosen = random.Random(1).choices(ids, k=ASKED + WARM)  # noqa: S311 - not a secret
        found = latencies(lambda deal_id: one_deal(connection, deal_id), chosen)
    print(json.dumps({"selects, objects, eight functions": found}))


if __name__ == "__main__":
    main()
