"""Work over few rows: where it is done, what it returns and raises, and that a review is the same."""

from __future__ import annotations

import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import polars as pl
import pytest

from dealreview.engine import onethread
from dealreview.engine.onethread import are_few_rows, on_this_thread

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS = Path("/proc/self/task")


def test_it_is_done_here_and_gives_what_work_gives() -> None:
    """A database connection may be used in it, and something in it may ask for the same."""
    here = threading.get_ident()
    assert on_this_thread(threading.get_ident) == here
    assert on_this_thread(lambda: on_this_thread(threading.get_ident)) == here
    assert on_this_thread(lambda: None) is None


@pytest.mark.parametrize("raised", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_work_raises_is_raised(raised: type[BaseException]) -> None:
    """It is the very exception: an error of a query would hide what it was."""
    error = raised("why")

    def work() -> None:
        raise error

    with pytest.raises(raised) as caught:
        on_this_thread(work)
    assert caught.value is error


def test_work_is_done_once_where_a_query_calls_it_from_elsewhere() -> None:
    """A later Polars might call functions on threads of its own: then it is done as if there were none."""
    done = []
    with mock.patch.object(onethread, "get_ident", side_effect=count().__next__):
        assert on_this_thread(lambda: done.append(1)) is None
    assert done == [1]


@pytest.mark.skipif(not TASKS.exists(), reason="needs what Linux tells of threads")
def test_no_other_thread_is_woken() -> None:
    """That is all that it is for; done outside of it, the same work wakes threads each time."""
    frame = pl.DataFrame({"id": ["a", "b", "c"], "n": [1, 2, 3]})

    def work() -> None:
        for _ in range(WORK):
            frame.join(frame, on="id", how="left").group_by("id").agg(pl.col("n").sum()).sort("id")

    work()
    outside = _turns_of_others(work)
    assert outside > WORK
    assert _turns_of_others(lambda: on_this_thread(work)) < outside / 4


WORK = 200


def _turns_of_others(work: Callable[[], None]) -> int:
    """Return how often threads of this process other than this one were given a processor meanwhile."""
    # Threads of a pool look around for a moment before they sleep.
    time.sleep(0.2)
    before = _turns()
    work()
    own = threading.get_native_id()
    return sum(turns - before.get(task, 0) for task, turns in _turns().items() if task != own)


def _turns() -> dict[int, int]:
    return {
        int(task.name): int((task / "schedstat").read_text().split()[2]) for task in TASKS.iterdir()
    }


def test_few_rows_are_told_by_the_size_of_a_database(tmp_path: Path) -> None:
    """Up to it everything is done here; a byte more and it is worth waking threads."""
    file = tmp_path / "deals.db"
    file.write_bytes(b"12345")
    with mock.patch.object(onethread, "FEW_BYTES", 5):
        assert are_few_rows(file)
        file.write_bytes(b"123456")
        assert not are_few_rows(file)
