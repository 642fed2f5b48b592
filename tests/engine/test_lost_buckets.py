"""A snapshot that is damaged or taken away while a review reads it costs time only."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve

from dealreview.checks.extensions import Executor
from dealreview.engine import facts, run
from dealreview.engine.config import Config
from dealreview.engine.factfiles import INDEX
from dealreview.engine.facts import Sights
from dealreview.engine.gate import Gate
from dealreview.engine.run import Request, review_database
from dealreview.reports.document import Options, json_document
from dealreview.store.snapshot.files import folder_of, read_frame
from dealreview.store.snapshot.reading import BucketTables, SnapshotTables
from tests.engine.test_stored_buckets import AS_OF, made
from tests.store.rows import store
from tests.store.snapshots import brought_up, looked_at, nobody, small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dealreview.store.database import Database

REQUEST = Request(AS_OF, Config(autoload=False), snapshot="auto")


@pytest.fixture
def database() -> Iterator[Database]:
    """Give the database of a company whose rows lie in several buckets."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        found = made(folder, 1)
        assert brought_up(found).buckets > 2
        yield found


def said(database: Database, *notes: list[str], **asked: Any) -> str:
    """Return the document of a review with every verdict."""
    note = notes[0].append if notes else nobody
    review = review_database(database, evolve(REQUEST, **asked), nobody, note)
    return "".join(json_document(review, Options(True, Gate(None, None), 0)))


def cut(file: Path) -> None:
    """Leave half of a file."""
    content = file.read_bytes()
    # A new file: whoever reads the old one still has all of it.
    file.unlink()
    file.write_bytes(content[: len(content) // 2])


def nonsense(file: Path) -> None:
    """Put something else into a file."""
    size = file.stat().st_size
    file.unlink()
    file.write_bytes(b"x" * size)


def swapped(file: Path) -> None:
    """Put something else into a file, without a sign of it outside."""
    status = file.stat()
    nonsense(file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


HARM: dict[str, Callable[[Path], None]] = {"gone": os.unlink, "cut": cut, "nonsense": nonsense}
NOTE = "Files of the snapshot could not be read, so that the database was."


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("table", ["deals", "accounts", "activities", "stakeholders"])
def test_the_database_is_read_where_a_bucket_is_lost(
    database: Database, table: str, harm: str
) -> None:
    """Every verdict is that of a review without a snapshot, and nothing is remembered of it."""
    expected = said(database, snapshot="off")
    opening = Sights.of

    def harmed(*given: Any) -> Sights:
        for file in folder_of(database.path).glob(f"{table}-0-*.parquet"):
            HARM[harm](file)
        return opening(*given)

    notes: list[str] = []
    with mock.patch.object(Sights, "of", side_effect=harmed, autospec=False):
        assert said(database, notes) == expected
    assert NOTE in notes
    assert not (folder_of(database.path) / INDEX).exists()
    assert looked_at(database).name == "missing"
    assert said(database) == expected
    assert looked_at(database).name == "fresh"


def test_a_whole_table_that_is_lost_is_told_of_and_built_anew(database: Database) -> None:
    """Nothing is computed twice, since the database has its rows; the next review has a new copy."""
    store(database, "people", {"person_id": "p"})
    expected = said(database, snapshot="off")
    mark, notes = brought_up(database).mark, list[str]()
    for file in folder_of(database.path).glob("people-*.parquet"):
        swapped(file)
    assert looked_at(database).name == "fresh"
    with mock.patch.object(facts, "_computed", side_effect=facts._computed) as found:
        assert said(database, notes) == expected
    assert (notes, found.call_count) == ([NOTE], 1)
    notes.clear()
    assert said(database, notes) == expected
    assert not notes
    assert brought_up(database).mark != mark


@pytest.mark.parametrize("elsewhere", [False, True])
def test_code_that_goes_on_without_rows_changes_no_verdict(
    database: Database, elsewhere: bool
) -> None:
    """What was made of the rows that could be read is not used, here or where others compute."""
    expected = said(database, snapshot="off")
    reads = BucketTables._rows

    def lost(tables: BucketTables, name: str, *given: Any, **asked: Any) -> pl.DataFrame:
        found = reads(tables, name, *given, **asked)
        if tables.bucket == 1 and name == "stakeholders":
            tables.whole.is_lost = True
            return found.clear()
        return found

    by = Executor("odd", map, "Computes here.") if elsewhere else None
    with (
        mock.patch.object(run, "find", return_value=by),
        mock.patch.object(BucketTables, "_rows", lost),
        mock.patch.object(facts, "_computed", side_effect=facts._computed) as found,
    ):
        assert said(database) == expected
    assert found.call_count == 2


def test_whoever_computes_a_bucket_elsewhere_may_lose_it_too(database: Database) -> None:
    """What can't be read there nor here is not waited for: all are computed anew, from the database."""
    expected = said(database, snapshot="off")
    buckets, given = brought_up(database).buckets, list[object]()

    def harming(function: Callable[[Any], Any], works: Any) -> Iterator[Any]:
        for number, work in enumerate(works):
            if number == 1:
                for file in folder_of(database.path).glob("*-0-*.parquet"):
                    file.unlink()
            given.append(function(work))
            yield given[-1]

    with mock.patch.object(run, "find", return_value=Executor("odd", harming, "Loses files.")):
        assert said(database) == expected
    lost = [one is None for one in given]
    assert lost == [False, True] + [False] * (len(given) - 2)
    assert len(given) > buckets


def test_a_library_that_gives_up_is_a_file_that_cant_be_read(database: Database) -> None:
    """It raises what is no Exception; an interruption by the user stays one."""

    class PanicException(BaseException):
        pass

    expected = said(database, snapshot="off")
    file = next(folder_of(database.path).glob("deals-0-*.parquet"))
    with mock.patch.object(pl, "read_parquet", side_effect=PanicException("broken")):
        with pytest.raises(OSError, match="broken"):
            read_frame(file)
        assert said(database) == expected
    with (
        mock.patch.object(pl, "read_parquet", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        read_frame(file)


def test_whether_a_column_is_recorded_is_asked_of_the_database(database: Database) -> None:
    """Where every row that had a value may be gone, and the files with it."""
    with database.write() as connection:
        connection.execute("UPDATE deals SET name = 'x' WHERE deal_id = 'd0'")
        connection.execute("UPDATE deals SET currency = 'EUR' WHERE deal_id = 'd1'")
    brought_up(database, anew=True)
    with database.write() as connection:
        connection.execute("UPDATE deals SET name = NULL WHERE deal_id = 'd0'")
        connection.execute("UPDATE deals SET amount_minor = 1 WHERE deal_id IN ('d0', 'd2')")
    manifest = brought_up(database)
    folder = folder_of(database.path)
    for file in folder.glob("deals-*.parquet"):
        file.unlink()
    with database.read() as connection:
        recorded = SnapshotTables(connection, folder, manifest).recorded_columns("deals")
    assert "name" not in recorded
    assert "currency" in recorded
