"""Work over few rows: where it is done, what it returns and raises, and that a review is the same."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from unittest import mock

import polars as pl
import pytest

from dealreview.engine import now, onethread, run
from dealreview.engine.config import Config
from dealreview.engine.now import opened_now
from dealreview.engine.onethread import are_few_rows, on_this_thread
from dealreview.engine.records import save_review
from dealreview.engine.run import Request, review_database
from dealreview.model.errors import NothingSelected, StoreError
from dealreview.model.outcome import Kind
from dealreview.testing import database_of
from dealreview.testing.strategies import AS_OF, company

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


def test_what_work_raises_keeps_nothing_alive() -> None:
    """A service that is asked for what is not there, again and again, must not grow."""

    def work() -> None:
        raise _Noted

    for _ in range(3):
        with pytest.raises(_Noted) as caught:
            on_this_thread(work)
        _Noted.known.append(weakref.ref(caught.value))
        del caught
    gc.collect()
    assert [one() for one in _Noted.known] == [None, None, None]


class _Noted(Exception):  # noqa: N818 - no error
    known: ClassVar[list[weakref.ref[BaseException]]] = []


def test_work_is_done_here_where_a_query_calls_it_from_elsewhere() -> None:
    """A later Polars might call functions on threads of its own: then it is done as if there were none."""
    calling = pl.LazyFrame.map_batches

    def elsewhere(frame: pl.LazyFrame, called: Callable[[pl.DataFrame], pl.DataFrame]) -> Any:
        with ThreadPoolExecutor(1) as other:
            other.submit(called, pl.DataFrame()).result()
        return calling(frame, lambda nothing: nothing)

    done = []
    with mock.patch.object(pl.LazyFrame, "map_batches", elsewhere):
        on_this_thread(lambda: done.append(threading.get_ident()))
    assert done == [threading.get_ident()]


@pytest.mark.skipif(not TASKS.exists(), reason="needs what Linux tells of threads")
def test_no_other_thread_is_woken() -> None:
    """That is all that it is for; outside of it the same work wakes threads each time."""
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


@pytest.mark.parametrize(("most", "done"), [(0, 0), (onethread.FEW_BYTES, 1)])
def test_only_a_small_company_is_reviewed_on_one_thread(
    tmp_path: Path, most: int, done: int
) -> None:
    """A large one has enough to do for several."""
    database = database_of({}, tmp_path / "deals.db")
    with (
        mock.patch.object(onethread, "FEW_BYTES", most),
        mock.patch.object(run, "on_this_thread", side_effect=on_this_thread) as working,
    ):
        review_database(database, Request(AS_OF, Config(autoload=False)))
    assert working.call_count == done


def test_one_deal_is_looked_at_on_one_thread(tmp_path: Path) -> None:
    """However many others there are: it has few rows."""
    database = database_of(company(1, "sane"), tmp_path / "deals.db")
    request = Request(AS_OF, Config(autoload=False))
    save_review(database, review_database(database, request))
    with (
        mock.patch.object(now, "on_this_thread", side_effect=on_this_thread) as working,
        opened_now(database, request) as desk,
        pytest.raises(NothingSelected),
    ):
        desk.review(Kind.DEAL, "nobody's")
    assert working.call_count == 1


def test_a_database_that_is_gone_is_told_by_whoever_opens_it(tmp_path: Path) -> None:
    """Its size is not the first thing that is missing."""
    database = database_of({}, tmp_path / "deals.db")
    database.path.unlink()
    with pytest.raises(StoreError, match="There is no database"):
        review_database(database, Request(AS_OF, Config()))


def test_few_rows_are_told_by_the_size_of_a_database(tmp_path: Path) -> None:
    """Up to it everything is done here; a byte more and it is worth waking threads."""
    file = tmp_path / "deals.db"
    file.write_bytes(b"12345")
    with mock.patch.object(onethread, "FEW_BYTES", 5):
        assert are_few_rows(file)
        file.write_bytes(b"123456")
        assert not are_few_rows(file)
