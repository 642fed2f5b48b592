"""A snapshot has what the database has: every cell, in the same order, after whatever was written."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from dealreview.store.schema import TABLES
from dealreview.store.snapshot import buckets as buckets_module
from dealreview.store.snapshot import rows as rows_module
from dealreview.store.snapshot.files import folder_of
from dealreview.store.snapshot.keeping import FRESH, refresh, state_of, writing
from dealreview.store.snapshot.manifest import LEFT_OUT
from dealreview.store.snapshot.reading import SnapshotTables, bucket_rows
from dealreview.store.tables import Tables
from dealreview.testing import database_of
from dealreview.testing.strategies import Company, companies, many
from tests.store.writers import write_anything

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from dealreview.store.database import Database
    from dealreview.store.snapshot.manifest import Manifest

SMALL_BUCKETS = 2


@contextmanager
def small(deals: int = SMALL_BUCKETS, rows: int = 3) -> Iterator[None]:
    """Make buckets and chunks so small that a tiny company has several."""
    with (
        mock.patch.object(buckets_module, "DEALS_A_BUCKET", deals),
        mock.patch.object(rows_module, "CHUNK_ROWS", rows),
    ):
        yield


def brought_up(database: Database, *, anew: bool = False) -> Manifest:
    """Return the snapshot of a database, brought up to date or built."""
    folder = folder_of(database.path)
    with writing(folder, 0) as is_ours, database.read() as connection:
        assert is_ours
        state = state_of(folder, connection)
        if state.name == FRESH and not anew:
            assert state.manifest is not None
            return state.manifest
        return refresh(database, connection, state, lambda _step: None, anew=anew)


def assert_same(database: Database) -> None:
    """Check that the snapshot is fresh and gives what the database gives."""
    folder = folder_of(database.path)
    with database.read() as connection:
        state = state_of(folder, connection)
        assert state.name == FRESH, state
        assert state.manifest is not None
        plain = Tables(connection)
        fast = SnapshotTables(connection, folder, state.manifest)
        for name, table in TABLES.items():
            expected, found = plain.frame(name, table.names), fast.frame(name, table.names)
            assert found.schema == expected.schema, name
            assert found.equals(expected, null_equal=True), name
            assert fast.recorded_columns(name) == plain.recorded_columns(name), name
        assert fast.unreadable == plain.unreadable


def by_bucket(database: Database) -> dict[tuple[str, int], pl.DataFrame]:
    """Return the rows of each bucket of each table."""
    folder = folder_of(database.path)
    with database.read() as connection:
        manifest = state_of(folder, connection).manifest
    assert manifest is not None
    return {
        (name, number): bucket_rows(
            folder, kept, [c for c in TABLES[name].names if c not in LEFT_OUT], number
        )
        for name, kept in manifest.tables.items()
        for number in range(manifest.buckets)
    }


@given(companies())
@many(25)
def test_a_new_snapshot_has_what_the_database_has(rows: Company) -> None:
    """Whatever the company, in one bucket or several."""
    with tempfile.TemporaryDirectory() as folder, small():
        database = database_of(rows, Path(folder) / "a.db")
        manifest = brought_up(database)
        assert manifest.buckets == max(len(rows.get("deals", ())) // SMALL_BUCKETS, 1)
        assert_same(database)


@given(companies(), st.lists(st.tuples(st.integers(0, 2**32), st.integers(1, 30)), max_size=4))
@many(60)
def test_it_follows_whatever_is_written(rows: Company, writes: list[tuple[int, int]]) -> None:
    """After each round of writing it is brought up to date, and its buckets are those of a new one."""
    with tempfile.TemporaryDirectory() as folder, small():
        database = database_of(rows, Path(folder) / "a.db")
        brought_up(database)
        for seed, count in writes:
            write_anything(database, seed, count)
            brought_up(database)
            assert_same(database)
        followed = by_bucket(database)
        count = {number for _, number in followed}
        with mock.patch("dealreview.store.snapshot.build.bucket_count", return_value=len(count)):
            brought_up(database, anew=True)
        anew = by_bucket(database)
        assert followed.keys() == anew.keys()
        for key, frame in anew.items():
            assert followed[key].equals(frame, null_equal=True), key
