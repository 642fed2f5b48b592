"""Work over few rows, all of it on the thread that asks for it."""

from __future__ import annotations

from concurrent.futures import Future
from threading import get_ident
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

Result = TypeVar("Result")

FEW_BYTES = 64 * 1024 * 1024
"""Size of a database up to which a review of everybody is faster on one thread, some 15,000 deals."""


def are_few_rows(database: Path) -> bool:
    """Whether a review of a database takes less time on one thread than on all of them."""
    return database.stat().st_size <= FEW_BYTES


def on_this_thread(work: Callable[[], Result]) -> Result:
    """Return what work returns, with all that Polars does for it done on this thread.

    Most calls of Polars hand their work to the threads of a pool, wake them and wait, which for a handful
    of rows takes longer than the work (``benchmarks/PROFILES.md``). In a function that a query calls it
    hands nothing over, lest that waits for itself; so that is where the work is done.

    Raises:
        BaseException: What the work raises.
    """
    import polars as pl

    thread, outcome = get_ident(), Future[Result]()

    def called(nothing: pl.DataFrame) -> pl.DataFrame:
        # On another thread nobody may use what this one has opened.
        if get_ident() == thread:
            _settle(outcome, work)
        return nothing

    pl.LazyFrame({"nothing": [None]}).map_batches(called).collect()
    return outcome.result() if outcome.done() else work()


def _settle(outcome: Future[Result], work: Callable[[], Result]) -> None:
    # A query makes an error of its own of most exceptions.
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised again, outside of the query
        outcome.set_exception(error)
