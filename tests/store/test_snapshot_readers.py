"""Processes read what would be read here, and whatever is in their way costs time only."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given

from dealreview.model import interpreter
from dealreview.store.changes import revision
from dealreview.store.database import Database
from dealreview.store.schema import TABLES
from dealreview.store.snapshot import reader, readers, spans
from dealreview.store.snapshot.files import folder_of
from dealreview.store.snapshot.keeping import make_snapshot
from dealreview.store.snapshot.reader import Source, UnreadableError
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.store.snapshot.rows import Unordered, as_typed
from dealreview.store.snapshot.spans import cells_of, spans_of
from dealreview.store.tables import Tables
from dealreview.testing import database_of
from dealreview.testing.strategies import Company, companies, many
from tests.store.rows import store
from tests.store.snapshots import (
    assert_same,
    brought_up,
    by_processes,
    folder_named,
    looked_at,
    nobody,
    small,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl


def read_here(database: Database, name: str) -> list[pl.DataFrame | None]:
    """Return the spans of a table, read cell by cell; None for one with a key out of order."""
    with database.read() as connection:
        found = []
        for span in spans_of(connection, TABLES[name]):
            try:
                found.append(as_typed(span.query, cells_of(connection, span)))
            except Unordered:
                found.append(None)
        return found


def read_by_driver(database: Database, name: str) -> list[pl.DataFrame | None]:
    """Return the same through the driver, in this process: nobody else has the file open here."""
    with database.read() as connection:
        wanted = list(spans_of(connection, TABLES[name]))
    with ExitStack() as stack:
        source = Source.open(f"{database.path.absolute().as_uri()}?mode=ro", stack)
        found = []
        for span in wanted:
            try:
                found.append(source.rows(span))
            except Unordered:
                found.append(None)
        return found


def assert_both_alike(database: Database, *names: str) -> None:
    """Check that the driver gives what is read cell by cell."""
    for name in names or TABLES:
        here, there = read_here(database, name), read_by_driver(database, name)
        assert len(here) == len(there), name
        for own, other in zip(here, there, strict=True):
            assert (own is None) == (other is None), name
            if own is not None and other is not None:
                assert own.schema == other.schema, name
                assert own.equals(other, null_equal=True), name


@given(companies())
@many(20)
def test_the_driver_gives_every_cell(rows: Company) -> None:
    """Of any company, in spans of a few rows, with types learnt from the first two."""
    with (
        tempfile.TemporaryDirectory() as folder,
        small(),
        mock.patch.object(reader, "BATCH_ROWS", 2),
    ):
        assert_both_alike(database_of(rows, Path(folder) / "a.db"))


@pytest.mark.parametrize(
    "text",
    ["", "\x1f", "\x00", "a\x00b", "'; DROP TABLE deals; --", "ä\u2028", "ä'\U0001f600" * 90],
)
def test_the_driver_gives_any_text(database: Database, text: str) -> None:
    """In cells, and as the key with which a span ends."""
    rows = [{"deal_id": f"{text}d{n}", "name": text if n % 2 else None} for n in range(9)]
    store(database, "deals", *rows, {"deal_id": "e", "name": "x"})
    with small(span=2), mock.patch.object(reader, "BATCH_ROWS", 1):
        assert_both_alike(database, "deals")


def test_the_driver_gives_every_digit(database: Database) -> None:
    """Of numbers with a fraction and of whole ones, of either sign, after cells without any."""
    hours = [None, None, 0.1, 1 / 3, 1e-300, 5e-324, 23.999999999999996, 7.0, -0.0]
    amounts = [None, None, -(2**63), 2**63 - 1, 0, -1]
    entries = [{"entry_id": f"t{n}", "person_id": "p", "hours": one} for n, one in enumerate(hours)]
    store(database, "time_entries", *entries)
    deals = [{"deal_id": f"d{n}", "amount_minor": one} for n, one in enumerate(amounts)]
    store(database, "deals", *deals)
    for rows in (1, 2, 100):
        with mock.patch.object(reader, "BATCH_ROWS", rows):
            assert_both_alike(database, "time_entries", "deals")


def test_a_column_that_is_empty_at_first_is_read(database: Database) -> None:
    """What the first rows have nothing in may have something later."""
    rows = [{"deal_id": f"d{n:02}", "name": "late" if n > 30 else None} for n in range(40)]
    store(database, "deals", *rows)
    with (
        small(span=10),
        mock.patch.object(reader, "SAMPLE_ROWS", 3),
        mock.patch.object(reader, "BATCH_ROWS", 3),
    ):
        assert_both_alike(database, "deals")


def test_the_driver_gives_no_text_that_is_none(database: Database) -> None:
    """Bytes that are not UTF-8 are read otherwise, with characters in their place."""
    store(database, "deals", {"deal_id": "d", "name": "x"})
    _spoil(database)
    with pytest.raises(UnreadableError, match="name"):
        read_by_driver(database, "deals")


def _spoil(database: Database) -> None:
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("UPDATE deals SET name = CAST(x'ff41' AS TEXT) WHERE deal_id = 'd'")
        other.commit()


# --- whole snapshots -----------------------------------------------------------------------------


def company(database: Database) -> None:
    """Fill a database with rows of several buckets."""
    store(database, "accounts", *({"account_id": f"a{n}"} for n in range(6)))
    store(database, "deals", *({"deal_id": f"d{n}", "account_id": f"a{n % 5}"} for n in range(20)))
    contacts = ({"contact_id": f"c{n}", "account_id": f"a{n % 6}"} for n in range(6))
    store(database, "contacts", *contacts)
    # Some of them belong to accounts of other buckets.
    named = ({"deal_id": f"d{n}", "contact_id": f"c{n % 4}"} for n in range(20))
    store(database, "stakeholders", *named)
    calls = (
        {"activity_id": f"e{n}", "deal_id": f"d{n % 20}", "account_id": f"a{n % 6}"}
        for n in range(50)
    )
    store(database, "activities", *calls)
    met = ({"activity_id": f"e{n}", "attendee_id": f"c{n % 6}"} for n in range(50))
    store(database, "activity_attendees", *met)


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    """Give a database with rows of several buckets, of which processes are worth their time."""
    company(database)
    with small(), mock.patch.object(readers, "WORTH_BYTES", 0):
        yield database


def names_in(database: Database) -> set[str]:
    """Return the names of what a snapshot leaves in its folder, without its mark."""
    folder = folder_of(database.path)
    return {path.name.rpartition("-")[0] or path.name for path in folder.iterdir()}


def test_processes_build_what_is_built_here(filled: Database) -> None:
    """The same files by name, the same rows, and nothing is left that was put down on the way."""
    with mock.patch.object(readers, "find_spec", return_value=None):
        here = brought_up(filled)
    names = names_in(filled)
    line = readers.Process._line
    with (
        by_processes(),
        mock.patch.object(readers.Process, "_line", autospec=True, side_effect=line) as lines,
    ):
        there = brought_up(filled, anew=True)
    # Starting, everybody's accounts and deals, and a span.
    patience = {call.args[1] - readers.STARTING_S for call in lines.call_args_list}
    assert len(patience) == 3
    assert (min(patience), max(patience)) == (0, spans.SPAN_BYTES / readers.SLOWEST)
    assert names_in(filled) == names
    assert not list(folder_of(filled.path).glob("*.passing"))
    assert_same(filled)
    for name, kept in here.tables.items():
        other = there.tables[name]
        assert (kept.rows, kept.filled, kept.unreadable) == (
            other.rows,
            other.filled,
            other.unreadable,
        )
        assert [len(part) for part in kept.parts] == [len(part) for part in other.parts]
        assert (kept.strays is None) == (other.strays is None), name
    assert here.tables["contacts"].strays is not None


def test_a_text_that_is_none_is_read_here(filled: Database) -> None:
    """Only its span; characters stand for the bytes."""
    store(filled, "deals", {"deal_id": "d", "name": "x"})
    _spoil(filled)
    with mock.patch.object(readers, "cells_of", side_effect=cells_of) as here:
        brought_up(filled)
    assert [call.args[1].table for call in here.call_args_list] == ["deals"]
    assert_same(filled)


def test_whoever_builds_is_told_why_rows_are_read_slowly(filled: Database) -> None:
    """Once for all tables with the same reason; a review is told nothing of it."""
    store(filled, "deals", {"deal_id": "d", "name": "x"})
    _spoil(filled)
    assert notes_of(filled) == [
        "deals: read cell by cell, since name has a cell that is no text in UTF-8."
    ]
    with mock.patch.object(readers, "find_spec", return_value=None):
        assert notes_of(filled) == [
            "All rows are read cell by cell, since the package adbc-driver-sqlite is not installed."
        ]
        with mock.patch.object(readers, "WORTH_BYTES", 1 << 40):
            assert notes_of(filled) == []


def notes_of(database: Database) -> list[str]:
    """Build a snapshot anew and return what is noted of it."""
    notes: list[str] = []
    assert make_snapshot(database, nobody, notes.append, patience=0, anew=True)
    assert_same(database)
    return notes


@pytest.mark.parametrize(
    ("names", "listed"),
    [(1, "t0"), (2, "t0 and t1"), (3, "t0, t1 and t2"), (4, "t0, t1 and 2 other tables")],
)
def test_many_tables_are_counted(names: int, listed: str) -> None:
    """A line stays a line."""
    assert readers._listed([f"t{n}" for n in range(names)]) == listed


def test_a_key_out_of_order_leaves_its_table_out(filled: Database) -> None:
    """Found by the process, told to whoever builds."""
    store(filled, "teams", {"team_id": "\ufffd"})
    with by_processes():
        assert "teams" not in brought_up(filled).tables
    assert_same(filled)


SAYS = {
    "exit 1": "gave no answer",
    "echo nonsense": "gave no answer",
    "echo '[1]'; cat": "gave no answer",
    """echo '{"seen": [0, 0, 0]}'; cat""": "saw other data",
    "exec sleep 600": "gave no answer",
    "echo '{seen}'; exec sleep 600": "gave no answer",
    "echo '{seen}'; echo; exec cat": "gave no answer",
    "echo '{seen}'; echo '[]'; exec cat": "gave no answer",
}


@pytest.mark.parametrize("says", SAYS)
def test_without_processes_everything_is_read_here(
    filled: Database, tmp_path: Path, says: str
) -> None:
    """It ends, answers nonsense, sees other data, or says nothing, at once or later: nobody waits twice."""
    for name in ("people", "teams", "stages", "holidays"):
        key = {column: f"{column}-1" for column in TABLES[name].key}
        store(filled, name, key | ({"on_date": "2025-05-16"} if "on_date" in key else {}))
    program = tmp_path / "python"
    with filled.read() as connection:
        seen = json.dumps({"seen": [revision(connection), readers._schema(connection), 1]})
    program.write_text(f"#!/bin/sh\n{says.replace('{seen}', seen)}\n", encoding="utf-8")
    program.chmod(0o755)
    line = readers.Process._line
    with (
        mock.patch.object(interpreter.sys, "executable", str(program)),
        mock.patch.object(readers, "STARTING_S", 0.5),
        mock.patch.object(readers, "SLOWEST", 1 << 40),
        mock.patch.object(readers.Process, "_line", autospec=True, side_effect=line) as lines,
    ):
        (note,) = notes_of(filled)
    assert lines.call_count <= 2 * interpreter.processors()
    assert note.endswith(f"read cell by cell, since a process that reads {SAYS[says]}.")


@pytest.mark.parametrize("program", ["", None, "/nowhere/python", "/usr/bin/server"])
def test_a_program_that_is_no_python_is_not_started(filled: Database, program: str | None) -> None:
    """Nor one that is not there."""
    with mock.patch.object(interpreter.sys, "executable", program):
        brought_up(filled)
    assert_same(filled)


def test_what_else_stands_in_the_path_of_modules_does_no_harm(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python takes no notice of what is no text."""
    monkeypatch.setattr("sys.path", [*sys.path, Path("/x"), b"y", ""])
    with by_processes():
        brought_up(filled)
    assert_same(filled)


@pytest.mark.parametrize("name", [b"a[1]", b"b*c?", b"%20 #d", b"{e}", b"\xff\xe4"])
def test_any_name_of_a_folder_will_do(filled: Database, tmp_path: Path, name: bytes) -> None:
    """Some of them would be patterns, one is no text."""
    folder = folder_named(tmp_path, name)
    moved = Database(Path(shutil.copy(filled.path, folder / "deals.db")))
    with by_processes():
        brought_up(moved)
    store(moved, "deals", {"deal_id": "new"})
    brought_up(moved)
    assert_same(moved)
    with (
        moved.read() as connection,
        mock.patch.object(Tables, "_columns", side_effect=AssertionError),
    ):
        manifest = looked_at(moved).manifest
        assert manifest is not None
        tables = SnapshotTables(connection, folder_of(moved.path), manifest)
        assert tables.frame("deals", ["deal_id"]).height == 21


def test_what_lies_in_the_working_folder_is_not_run(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file there may have the name of a library."""
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("json", "polars", "attrs", "adbc_driver_sqlite"):
        text = f"open({str(tmp_path / 'was-run')!r}, 'w')"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    with by_processes():
        brought_up(filled)
    assert not (tmp_path / "was-run").exists()


def test_processes_that_see_other_data_are_not_asked(filled: Database) -> None:
    """Somebody wrote between two transactions."""

    def start(uri: str, place: object, sees: list[int]) -> object:
        return starting(uri, place, [sees[0] - 1, *sees[1:]])

    starting = readers.Process.start
    with (
        mock.patch.object(readers.Process, "start", side_effect=start),
        mock.patch.object(readers, "cells_of", side_effect=cells_of) as here,
    ):
        brought_up(filled)
    assert here.call_count
    assert_same(filled)


def test_whoever_stops_leaves_no_process(filled: Database) -> None:
    """They are ended before the files are taken away."""
    begun: list[readers.Process] = []
    starting = readers.Process.start

    def start(*given: object) -> object:
        begun.append(starting(*given))
        return begun[-1]

    def tell(sentence: str) -> None:
        if "rows" in sentence:
            raise KeyboardInterrupt

    with (
        mock.patch.object(readers.Process, "start", side_effect=start),
        pytest.raises(KeyboardInterrupt),
    ):
        make_snapshot(filled, tell, patience=0)
    assert begun
    assert all(process.popen.poll() is not None for process in begun)
    assert not [name for name in names_in(filled) if name.startswith(("deals", "buckets"))]


def test_a_process_ends_when_nobody_asks_any_more(filled: Database) -> None:
    """Whoever started it was killed."""
    uri = f"{filled.path.absolute().as_uri()}?mode=ro"
    code = f"from {reader.__name__} import main; main()"
    command = [sys.executable, "-c", code, uri, str(filled.path.parent), "0" * 16]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert b"seen" in process.stdout.readline()
        process.stdin.close()
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert process.poll() == 0


def test_spans_hold_every_row_once(filled: Database) -> None:
    """One after the other, each as high as it says."""
    for size in (1, 3, 20, 21):
        with filled.read() as connection, mock.patch.object(spans, "SPAN_ROWS", size):
            found = list(spans_of(connection, TABLES["deals"]))
            cells = [cells_of(connection, span)[0] for span in found]
        assert [one.len() for one in cells] == [span.height for span in found]
        keys = [key for some in cells for key in some]
        assert keys == sorted(f"d{n}" for n in range(20))
        assert [span.first for span in found] == list(range(0, 20, size))


def test_a_span_of_long_rows_has_fewer_of_them(database: Database) -> None:
    """So that memory holds it; one row at least."""
    store(database, "deals", *({"deal_id": f"d{n}", "name": "x" * 100} for n in range(20)))
    for size, heights in ((1_050, [10, 10]), (1, [1] * 20), (10**9, [20])):
        with database.read() as connection, mock.patch.object(spans, "SPAN_BYTES", size):
            found = [span.height for span in spans_of(connection, TABLES["deals"])]
        assert found == heights


@pytest.mark.parametrize("longest", [1_000, 20_000])
@pytest.mark.parametrize("which", [range(100), range(150, 250), range(300, 400), range(7, 400, 9)])
def test_rows_that_are_long_in_the_middle_are_noticed(
    database: Database, which: range, longest: int
) -> None:
    """Wherever they stand, spans hold little more than they may; short rows stay together."""
    rows = [
        {"deal_id": f"d{n:03}", "name": "x" * (longest if n in which else 1)} for n in range(400)
    ]
    store(database, "deals", *rows)
    with (
        database.read() as connection,
        mock.patch.object(spans, "SPAN_BYTES", 16_000),
        mock.patch.object(spans, "STEP_ROWS", 10),
    ):
        found = list(spans_of(connection, TABLES["deals"]))
    lengths = [len(row["name"]) + 4 for row in rows]
    sizes = [sum(lengths[span.first :][: span.height]) for span in found]
    assert sum(span.height for span in found) == 400
    # A step's worth of them may be taken for short ones.
    assert max(sizes) <= 16_000 + 10 * longest
    if longest == 1_000:
        assert len(found) < 2.5 * sum(lengths) / 16_000
    if which == range(150, 250):
        assert found[0].height >= 150


def test_a_short_row_after_long_ones_does_not_speak_for_them(database: Database) -> None:
    """Once rows are known to be long, each is measured."""
    rows = [
        {"deal_id": f"d{n}", "name": "x" * (900 if n in {0, 1, 2, 3, 9} else 1)} for n in range(10)
    ]
    store(database, "deals", *rows)
    with database.read() as connection, mock.patch.object(spans, "SPAN_BYTES", 2_000):
        found = [span.height for span in spans_of(connection, TABLES["deals"])]
    assert found[0] == 2
    assert sum(found) == 10


def test_building_is_told_from_its_beginning(filled: Database) -> None:
    """The first rows may take a while."""
    told: list[str] = []
    make_snapshot(filled, told.append, patience=0)
    assert told[0] == "Building the snapshot"
    assert told[-1].startswith("Building the snapshot: ")
