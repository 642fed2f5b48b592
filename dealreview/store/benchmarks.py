"""Benchmarks of the last review: what the whole organisation decides, for deals judged one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Sequence


@frozen
class StoredBenchmarks:
    """Facts of some subjects that the whole organisation decides, in columns.

    Attributes:
        kind: Kind of subject.
        first_id: The first subject.
        last_id: The last subject; they are in order of id.
        data: Parquet.
    """

    kind: str
    first_id: str
    last_id: str
    data: bytes


def drop_replaced(connection: sqlite3.Connection, as_of: dt.date, checks: Sequence[str]) -> None:
    """Take out the benchmarks of runs of the same checks that are not of a later day."""
    connection.execute(_REPLACED, (as_of.isoformat(), json.dumps(list(checks))))


_REPLACED = """
DELETE FROM run_benchmarks
WHERE run IN (SELECT run FROM runs WHERE as_of <= ? AND checks_json = ?)
"""


def run_with_benchmarks(
    connection: sqlite3.Connection, as_of: dt.date, checks: Sequence[str]
) -> int | None:
    """Return the newest run with benchmarks that is not of a later day.

    Args:
        connection: A read transaction.
        as_of: The day.
        checks: A run of these checks comes before all others.
    """
    values = (as_of.isoformat(), json.dumps(list(checks)))
    found = connection.execute(_NEWEST, values).fetchone()
    return None if found is None else int(found[0])


_NEWEST = """
SELECT run FROM runs WHERE as_of <= ?
AND EXISTS (SELECT 1 FROM run_benchmarks WHERE run_benchmarks.run = runs.run)
ORDER BY checks_json = ? DESC, run DESC LIMIT 1
"""


def benchmark_blocks(connection: sqlite3.Connection, number: int) -> dict[str, list[str]]:
    """Return the first subject of each block of benchmarks of a run, by kind."""
    query = "SELECT kind, first_id FROM run_benchmarks WHERE run = ? ORDER BY kind, first_id"
    found: dict[str, list[str]] = {}
    for kind, first in connection.execute(query, (number,)):
        found.setdefault(kind, []).append(first)
    return found


def load_benchmarks(connection: sqlite3.Connection, number: int, kind: str, first_id: str) -> bytes:
    """Return a block of benchmarks of a run."""
    query = "SELECT data FROM run_benchmarks WHERE run = ? AND kind = ? AND first_id = ?"
    found: bytes = connection.execute(query, (number, kind, first_id)).fetchone()[0]
    return found
