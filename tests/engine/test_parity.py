"""A review does not depend on who computes it, in how many buckets, or in which order rows came."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from dealreview.engine import benchmarks, factplan, keeping, onethread, records
from dealreview.engine.config import Config
from dealreview.engine.records import save_review
from dealreview.engine.remembered import Remembering
from dealreview.engine.run import Request, review_database
from dealreview.engine.visible import VisibleTables
from dealreview.model.outcome import Kind
from dealreview.reports.document import Options, json_document
from dealreview.testing import database_of
from tests.store.snapshots import brought_up, small
from tests.support.facts import in_files, whole
from tests.support.hostile import AS_OF, companies, company, many

if TYPE_CHECKING:
    from dealreview.engine.review import Review
    from dealreview.store.database import Database
    from tests.support.hostile import Rows

EXECUTORS = ("serial", "processes", "dask")


def shuffled(rows: Rows, seed: int) -> Rows:
    """Return the same rows, each table in another order."""
    random = Random(seed)
    return {name: random.sample(some, len(some)) for name, some in rows.items()}


def reviewed(database: Database, scheduler: str = "", **more: Any) -> Review:
    """Return a review with every check."""
    config = Config(autoload=False, dask=scheduler)
    return review_database(database, Request(AS_OF, config, **more))


def assert_same(found: Review, expected: Review) -> None:
    """Check every fact, every outcome and weight of every check, every verdict and the header."""
    for kind, review in expected.kinds.items():
        other = found.kinds[kind]
        # Most checks look at the same frame; one comparison is enough for all of them.
        pairs = {
            (id(other.tables[name]), id(table)): (other.tables[name], table)
            for name, table in review.tables.items()
        }
        for tables in pairs.values():
            assert_frame_equal(*map(whole, tables))
        assert [one.check.id for one in other.results] == [one.check.id for one in review.results]
        for one, same in zip(other.results, review.results, strict=True):
            assert_series_equal(one.codes, same.codes)
            assert_series_equal(one.weights, same.weights)
            assert (one.said, one.problem) == (same.said, same.problem)
    assert_frame_equal(found.deals, expected.deals)
    assert written(found) == written(expected)


def written(review: Review) -> str:
    """Return a review with every verdict as text."""
    return "".join(json_document(review, Options(everything=True)))


@given(companies(), st.integers(0, 99))
@many(2)
def test_any_number_of_buckets_in_any_order_of_rows(rows: Rows, seed: int) -> None:
    """Cut by ids or stored apart, on one thread or all: facts, verdicts and header are the same."""
    with TemporaryDirectory() as folder:
        expected = reviewed(database_of(rows, Path(folder) / "a.db"))
        database = database_of(shuffled(rows, seed), Path(folder) / "b.db")
        with mock.patch.object(onethread, "FEW_BYTES", 0):
            assert_same(reviewed(database, buckets=2), expected)
        assert_same(reviewed(database, buckets=5), expected)
        with small(deals=2):
            brought_up(database)
            assert_same(reviewed(database, snapshot="auto"), expected)
            with in_files():
                assert_same(reviewed(database, snapshot="auto"), expected)
                # The next one takes what that one has left, and reads it where it is.
                assert_same(reviewed(database, snapshot="auto"), expected)


def test_a_run_is_stored_alike(tmp_path: Path) -> None:
    """Whether its facts were held in memory or lay in files: the same bytes, so that it is one run."""
    database = database_of(company(1, "hostile"), tmp_path / "a.db")
    with ExitStack() as held:
        held.enter_context(small(deals=2))
        for module in (keeping, records, benchmarks):
            held.enter_context(mock.patch.object(module, "SUBJECTS_A_BLOCK", 2))
        assert brought_up(database).buckets > 1
        number = save_review(database, reviewed(database, snapshot="auto"))
        with in_files(page=4), mock.patch.object(Remembering, "facts", return_value=None):
            again = reviewed(database, snapshot="auto")
            assert len(again.kinds[Kind.DEAL].seen.pages) > 1
            assert save_review(database, again) == number


@pytest.mark.parametrize("stored", [False, True], ids=["cut by ids", "stored apart"])
@pytest.mark.parametrize("executor", EXECUTORS[1:])
def test_any_executor(tmp_path: Path, scheduler: str, executor: str, *, stored: bool) -> None:
    """Other processes give the same, from the tables and from buckets of a snapshot."""
    rows = company(1, "hostile")
    expected = reviewed(database_of(rows, tmp_path / "a.db"))
    database = database_of(shuffled(rows, 5), tmp_path / "b.db")
    with ExitStack() as held:
        if stored:
            held.enter_context(small(deals=2))
            assert brought_up(database).buckets > 1
        how = {"snapshot": "auto" if stored else "off", "buckets": 3, "executor": executor}
        assert_same(reviewed(database, scheduler, **how), expected)


def test_rows_are_read_ahead_and_packs_are_not_run_beside(tmp_path: Path) -> None:
    """Rows of the next bucket are read by a thread; every provider is asked by the one that reviews."""
    rows = company(4, "sane")
    reading: set[str] = set()
    asking: set[str] = set()
    expected = reviewed(database_of(rows, tmp_path / "a.db"))
    database = database_of(rows, tmp_path / "b.db")
    making, providing = VisibleTables._make, factplan._provided

    def make(*given: Any) -> Any:
        reading.add(threading.current_thread().name.partition("_")[0])
        return making(*given)

    def provided(*given: Any) -> Any:
        asking.add(threading.current_thread().name)
        return providing(*given)

    with (
        small(deals=2),
        mock.patch.object(VisibleTables, "_make", make),
        mock.patch.object(factplan, "_provided", provided),
    ):
        assert_same(reviewed(database, snapshot="auto"), expected)
    assert "rows" in reading
    assert asking == {threading.current_thread().name}


@pytest.mark.parametrize("raised", [OSError, type("PanicException", (BaseException,), {})])
def test_rows_that_cant_be_read_ahead_are_read_when_they_are_asked_for(
    tmp_path: Path, raised: type[BaseException]
) -> None:
    """Whatever is in the way of it, a library that gives up included."""
    rows = company(4, "sane")
    expected = reviewed(database_of(rows, tmp_path / "a.db"))
    database = database_of(rows, tmp_path / "b.db")
    with small(deals=2), mock.patch.object(VisibleTables, "look_ahead", side_effect=raised):
        assert_same(reviewed(database, snapshot="auto"), expected)


# --- the mutant ----------------------------------------------------------------------------------

BOUND = ("tests.engine.bucketbound",)


@pytest.mark.slow
@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_fact_of_the_whole_bucket_is_noticed(
    tmp_path: Path, scheduler: str, executor: str
) -> None:
    """A local fact that counts rows of others is another one as soon as there are two buckets."""
    database = database_of(company(1, "sane"), tmp_path / "a.db")
    how = {"modules": BOUND, "select": ["acme"]}
    expected = reviewed(database, **how)
    assert expected.kinds["deal"].results
    with pytest.raises(AssertionError):
        assert_same(reviewed(database, scheduler, executor=executor, buckets=3, **how), expected)
