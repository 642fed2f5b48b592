"""Work over few rows, done on the thread that asks for it."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, TypeVar

from dealreview.engine.isolation import Raised, attempt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

Result = TypeVar("Result")

FEW_BYTES = 64 * 1024 * 1024
"""Size of a database up to which a review of everybody is faster on one thread, some 15,000 deals."""


def are_few_rows(database: Path) -> bool:
    """Whether a review of a database takes less time on one thread than on all of them."""
    try:
        return database.stat().st_size <= FEW_BYTES
    except OSError:
        # Whoever opens it says what is wrong.
        return False


def on_this_thread(work: Callable[[], Result]) -> Result:
    """Return what work returns, with what Polars does for it done on this thread.

    Most calls of Polars hand their work to the threads of a pool, wake them and wait, which for a handful
    of rows takes longer than the work (``benchmarks/PROFILES.md``). In a function that a query calls it
    hands nothing over, lest that waits for itself; so that is where the work is done. Only its streaming
    engine has threads of its own, which it also uses here.

    Raises:
        BaseException: What the work raises.
    """
    import polars as pl

    thread, outcomes = get_ident(), list[Result | Raised]()

    def called(nothing: pl.DataFrame) -> pl.DataFrame:
        # On another thread nobody may use what this one has opened.
        if get_ident() == thread:
            # A query would make an error of its own of what is raised.
            outcomes.append(attempt(work))
        return nothing

    pl.LazyFrame({"nothing": [None]}).map_batches(called).collect()
    if not outcomes:
        return work()
    # Taken out: a traceback leads to the query, which has that function, so that an error that is left
    # in it would be part of a circle through Polars, where nobody looks for one.
    outcome = outcomes.pop()
    try:
        if isinstance(outcome, Raised):
            raise outcome.error
        return outcome
    finally:
        del outcome
