"""Making and comparing snapshots in tests."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from dealreview.store.schema import TABLES
from dealreview.store.snapshot import buckets, files, opening, readers, spans
from dealreview.store.snapshot.files import folder_of
from dealreview.store.snapshot.keeping import FRESH, State, make_snapshot, state_of
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dealreview.store.database import Database
    from dealreview.store.snapshot.manifest import Manifest


@contextmanager
def small(deals: int = 2, span: int = 7) -> Iterator[None]:
    """Make buckets and spans so small that a tiny company has several, and worth a snapshot."""
    with ExitStack() as patches:
        for module, name, value in (
            (buckets, "DEALS_A_BUCKET", deals),
            (spans, "SPAN_ROWS", span),
            (spans, "CHUNK_ROWS", 3),
            (opening, "WORTH_BYTES", 0),
        ):
            patches.enter_context(mock.patch.object(module, name, value))
        # What a power cut would do is not what is tested, and disks are slow.
        patches.enter_context(mock.patch.object(files.os, "fsync", return_value=None))
        yield


@contextmanager
def by_processes() -> Iterator[None]:
    """Have even a tiny database read by processes, and nothing here."""
    with (
        mock.patch.object(readers, "WORTH_BYTES", 0),
        mock.patch.object(readers, "cells_of", side_effect=AssertionError("read here")),
    ):
        yield


def damage(folder: Path, harm: str) -> None:
    """Cut, take away or touch the facts of deals that a review has left, or garble one of the files."""
    file = next(folder.glob("facts-*-deal.arrow"))
    if harm == "cut":
        os.truncate(file, file.stat().st_size // 2)
    elif harm == "gone":
        file.unlink()
    elif harm == "written":
        os.utime(file)
    else:
        (folder / harm).write_text("{")


def folder_named(parent: Path, name: bytes) -> Path:
    """Make a folder with a name that need not be text, where the file system takes it."""
    folder = parent / os.fsdecode(name)
    try:
        folder.mkdir()
    except (OSError, ValueError):
        pytest.skip("the file system takes no such name")
    return folder


def nobody(_sentence: str) -> None:
    """Listen to nothing."""


def brought_up(database: Database, *, anew: bool = False) -> Manifest:
    """Return the snapshot of a database, brought up to date or built."""
    assert make_snapshot(database, nobody, patience=0, anew=anew)
    state = looked_at(database)
    assert state.name == FRESH, state
    assert state.manifest is not None
    return state.manifest


def looked_at(database: Database) -> State:
    """Return how the snapshot of a database stands."""
    with database.read() as connection:
        return state_of(folder_of(database.path), connection)


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
