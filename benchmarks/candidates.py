"""What is measured against what."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.child import Laps

PLAIN, COVERING = "plain", "covering"


@frozen
class Candidate:
    """A way to do the reference work.

    Attributes:
        name: What ``--only`` calls it.
        title: What tables call it.
        function: Module and function, which take a database and laps.
        before: What its snapshot is like when it starts: ``none``, ``fresh``, ``seen`` with the facts of a
            review of the same data beside it, or empty for any.
        indexes: Indexes of its database.
        needs: Modules that must be there.
        own: Whether it stores a run, instead of the tables of peers.
        slow: Whether one process is enough for a million deals.
        most: Most deals that it is asked for; 0 is any number.
    """

    name: str
    title: str
    function: str
    before: str = ""
    indexes: str = PLAIN
    needs: tuple[str, ...] = ()
    own: bool = False
    slow: bool = False
    most: int = 0

    @property
    def missing(self) -> str:
        """What is not there to run it; empty where nothing is missing."""
        lacking = [name for name in self.needs if find_spec(name) is None]
        return f"not installed: {', '.join(lacking)}" if lacking else ""

    def load(self) -> Callable[[Path, Laps], None]:
        """Return the function."""
        module, _, name = self.function.partition(":")
        loaded: Callable[[Path, Laps], None] = getattr(import_module(module), name)
        return loaded


_OURS, _PEERS = "benchmarks.ours", "benchmarks.peers"
WHOLE = (
    Candidate("sql", "SQL in SQLite, foreign-key indexes", f"{_PEERS}.sql:review"),
    Candidate("cold", "dealreview, snapshot built on the way", f"{_OURS}:review", "none", own=True),
    Candidate("warm", "dealreview, snapshot up to date", f"{_OURS}:review", "fresh", own=True),
    Candidate(
        "unchanged", "dealreview, nothing new since the last", f"{_OURS}:review", "seen", own=True
    ),
    Candidate(
        "rows",
        "dealreview, without a snapshot",
        f"{_OURS}:without_snapshot",
        own=True,
        most=100_000,
    ),
    Candidate("processes", "dealreview, two processes", f"{_OURS}:by_processes", "fresh", own=True),
    Candidate(
        "dask",
        "dealreview, Dask",
        f"{_OURS}:by_dask",
        "fresh",
        needs=("distributed",),
        own=True,
    ),
    Candidate(
        "files",
        "Polars by hand on the snapshot's files",
        f"{_PEERS}.frames:by_files",
        "fresh",
        needs=("adbc_driver_sqlite", "pyarrow"),
    ),
    Candidate(
        "connectorx",
        "Polars by hand and connectorx",
        f"{_PEERS}.frames:by_connectorx",
        needs=("connectorx", "pyarrow"),
    ),
    Candidate(
        "duckdb",
        "DuckDB over the attached file",
        f"{_PEERS}.duck:review",
        needs=("duckdb", "duckdb_extension_sqlite_scanner"),
    ),
    Candidate(
        "covering", "SQL in SQLite, covering indexes", f"{_PEERS}.sql:review", indexes=COVERING
    ),
    Candidate("pandas", "pandas", f"{_PEERS}.pandas_frames:review", needs=("pandas",), slow=True),
    Candidate("naive", "rows, objects, eight functions", f"{_PEERS}.naive:review", slow=True),
)
"""Whole reviews of the same work; the first gives the results that all others are held against."""

BESIDE = (
    Candidate(
        "all",
        "dealreview, built-in checks whose tables have rows",
        f"{_OURS}:checks_with_rows",
        "fresh",
        own=True,
    ),
    Candidate(
        "empty-too",
        "dealreview, built-in checks, tables that are empty too",
        f"{_OURS}:every_check",
        "fresh",
        own=True,
        slow=True,
    ),
    Candidate(
        "function", "dealreview, one function check", f"{_OURS}:one_function", "fresh", most=100_000
    ),
    Candidate("loop", "the bare function in a loop", "benchmarks.bare:loop", most=100_000),
)
"""Other work, whose results are not compared."""

AGAIN = (
    Candidate("again", "dealreview after 1 % changed", f"{_OURS}:review", own=True),
    Candidate("sql-again", "incremental SQL by hand", f"{_PEERS}.sql:again"),
)
"""After a change: what each had before is there."""

ALL = {one.name: one for one in (*WHOLE, *BESIDE, *AGAIN)}
