"""A snapshot is up to date, or behind, or of no use and built anew; never wrong, never in the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from random import Random
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from dealreview.model.errors import StoreError
from dealreview.store.database import Database
from dealreview.store.snapshot import build, files, keeping, locks, opening
from dealreview.store.snapshot.files import MANIFEST, folder_of
from dealreview.store.snapshot.keeping import drop, make_snapshot
from dealreview.store.snapshot.locks import READERS, WRITERS, locked
from dealreview.store.snapshot.opening import open_tables
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.store.snapshot.verifying import verified
from dealreview.store.tables import Tables
from tests.store.rows import store
from tests.store.snapshots import assert_same, brought_up, looked_at, nobody, small
from tests.store.writers import write_anything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small():
        yield


@pytest.fixture
def kept(database: Database) -> Database:
    """Return a database of five deals with a snapshot."""
    store(database, "deals", *({"deal_id": f"d{n}", "amount_minor": n} for n in range(5)))
    brought_up(database)
    return database


def notes_of(database: Database) -> tuple[type[Tables], list[str]]:
    """Open the tables as a review does; return what they are read with, and what was noted."""
    notes: list[str] = []
    with (
        database.read() as connection,
        open_tables(database, connection, "auto", nobody, notes.append) as tables,
    ):
        found = tables.frame("deals", ["deal_id", "amount_minor", "source_row"])
        assert found.equals(Tables(connection).frame("deals", found.columns))
    return type(tables), notes


def test_a_snapshot_is_missing_fresh_or_behind(database: Database) -> None:
    """It is behind after any change of data, whoever made it, and up to date after a look at it."""
    assert looked_at(database).name == "missing"
    assert notes_of(database) == (SnapshotTables, [])
    assert looked_at(database).name == "fresh"
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("INSERT INTO deals (deal_id) VALUES ('x')")
        other.commit()
    assert looked_at(database).name == "stale"
    assert notes_of(database) == (SnapshotTables, [])
    assert_same(database)


def test_a_small_database_has_none(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read as fast as it is; a snapshot that somebody built is kept up to date all the same."""
    monkeypatch.setattr(opening, "WORTH_BYTES", 1 << 40)
    assert notes_of(database) == (Tables, [])
    assert not folder_of(database.path).exists()
    brought_up(database)
    store(database, "deals", {"deal_id": "x"})
    assert notes_of(database) == (SnapshotTables, [])


def test_off_is_off(kept: Database) -> None:
    """Nothing is read and nothing is written."""
    before = sorted(folder_of(kept.path).iterdir())
    store(kept, "deals", {"deal_id": "x"})
    with (
        kept.read() as connection,
        open_tables(kept, connection, "off", nobody, nobody) as tables,
    ):
        assert type(tables) is Tables
    assert sorted(folder_of(kept.path).iterdir()) == before


def data_file(database: Database, table: str = "deals") -> Path:
    """Return a file of a table."""
    return next(folder_of(database.path).glob(f"{table}-0-*.parquet"))


def flip(path: Path, at: int, *, keep_time: bool = False) -> None:
    """Change one bit of a file."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(content)
    if keep_time:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def damage(database: Database, how: str) -> None:
    """Damage a snapshot."""
    folder, file = folder_of(database.path), data_file(database)
    manifest = folder / MANIFEST
    body = json.loads(manifest.read_text())
    ways = {
        "a file is gone": file.unlink,
        "a file is cut": lambda: os.truncate(file, file.stat().st_size // 2),
        "a byte is flipped": lambda: flip(file, 30),
        "the manifest is cut": lambda: os.truncate(manifest, 100),
        "the manifest is empty": lambda: manifest.write_text(""),
        "the manifest is changed": lambda: flip(manifest, 200),
        "another format": lambda: manifest.write_text(json.dumps(body | {"format": 0})),
        "nonsense": lambda: manifest.write_text("[]"),
    }
    ways[how]()


@pytest.mark.parametrize(
    "how",
    [
        "a file is gone",
        "a file is cut",
        "a byte is flipped",
        "the manifest is cut",
        "the manifest is empty",
        "the manifest is changed",
        "another format",
        "nonsense",
    ],
)
def test_a_damaged_snapshot_is_named_and_built_anew(kept: Database, how: str) -> None:
    """The review goes on, with the right data, and says what it found."""
    damage(kept, how)
    assert looked_at(kept).name == "unusable"
    reader, notes = notes_of(kept)
    assert reader is SnapshotTables
    assert len(notes) == 1
    assert "is not used: it" in notes[0] or "damaged or gone" in notes[0]
    assert_same(kept)
    assert notes_of(kept) == (SnapshotTables, [])


def test_a_damaged_base_is_not_brought_up_to_date(kept: Database) -> None:
    """Bytes that the disk has lost while size and time are the same end in a new snapshot."""
    data_file(kept).write_bytes(b"x" * (size := data_file(kept).stat().st_size))
    state = looked_at(kept)
    assert state.name == "unusable"
    assert size
    store(kept, "deals", {"deal_id": "x"})
    notes_of(kept)
    assert_same(kept)


def test_a_damaged_file_costs_time_only(kept: Database) -> None:
    """What can't be read although it looks right is read from the database."""
    file = data_file(kept)
    status = file.stat()
    file.write_bytes(b"x" * status.st_size)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert looked_at(kept).name == "fresh"
    notes_of(kept)


def test_verify_finds_every_flipped_byte(kept: Database) -> None:
    """Also where size and time of the file are those of the file that was written."""
    assert verified(kept, nobody, rows=True) == []
    file = data_file(kept)
    for at in range(0, file.stat().st_size, 97):
        flip(file, at, keep_time=True)
        assert verified(kept, nobody, rows=False) == [f"{file.name} is not what was written."]
        flip(file, at, keep_time=True)
    assert verified(kept, nobody, rows=True) == []


def test_verify_compares_with_the_data(kept: Database) -> None:
    """A program that switches triggers off writes what nobody sees; comparing cells finds it."""
    with closing(sqlite3.connect(kept.path)) as other:
        number = other.execute("PRAGMA schema_version").fetchone()[0]
        (trigger,) = other.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'deals_update_log'"
        ).fetchone()
        other.execute("DROP TRIGGER deals_update_log")
        other.execute("UPDATE deals SET amount_minor = 77")
        other.execute(trigger)
        other.commit()
        other.execute(f"PRAGMA schema_version = {number}")
    assert looked_at(kept).name == "fresh"
    assert verified(kept, nobody, rows=True) == ["Table deals is not what the database has."]


def test_triggers_that_were_away_cost_the_snapshot(kept: Database) -> None:
    """Nobody knows what was written while the change log was not."""
    with closing(sqlite3.connect(kept.path)) as other:
        (trigger,) = other.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'deals_update_log'"
        ).fetchone()
        other.execute("DROP TRIGGER deals_update_log")
        other.execute("UPDATE deals SET amount_minor = 77")
        other.execute(trigger)
        other.commit()
    assert looked_at(kept).reason.startswith("the tables of the database")
    notes_of(kept)
    assert_same(kept)


def test_a_copy_that_is_put_back_is_another_past(kept: Database, tmp_path: Path) -> None:
    """The revision of both pasts is the same, and the rows are not."""
    with closing(sqlite3.connect(kept.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = shutil.copy(kept.path, tmp_path / "copy.db")
    store(kept, "deals", {"deal_id": "x", "amount_minor": 1})
    brought_up(kept)
    with closing(sqlite3.connect(kept.path)) as target, closing(sqlite3.connect(copy)) as source:
        source.backup(target)
    store(kept, "deals", {"deal_id": "x", "amount_minor": 2})
    assert looked_at(kept).reason.startswith("it was made of another database")
    notes_of(kept)
    assert_same(kept)


def test_a_moved_database_takes_its_snapshot_along(kept: Database, tmp_path: Path) -> None:
    """Other times of the files are no damage: the bytes are looked at."""
    with closing(sqlite3.connect(kept.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    there = tmp_path / "there"
    there.mkdir()
    copy = Database.open(shutil.copy(kept.path, there / "b.db"))
    shutil.copytree(folder_of(kept.path), folder_of(copy.path), copy_function=shutil.copy)
    assert looked_at(copy).name == "fresh"
    assert_same(copy)


def test_another_program_at_work_is_waited_for_and_then_left(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The review reads the database meanwhile, and says so."""
    monkeypatch.setattr(opening, "PATIENCE_S", 0)
    store(kept, "deals", {"deal_id": "x"})
    with locked(folder_of(kept.path) / WRITERS) as ours:
        assert ours
        reader, notes = notes_of(kept)
        assert not make_snapshot(kept, nobody, patience=0)
    assert reader is Tables
    assert notes == ["The snapshot is not brought up to date: another program is at it."]
    assert notes_of(kept) == (SnapshotTables, [])


def test_a_folder_that_cannot_be_made_costs_time_only(database: Database) -> None:
    """A file stands in its way."""
    folder_of(database.path).write_text("mine")
    reader, notes = notes_of(database)
    assert reader is Tables
    assert len(notes) == 1
    assert folder_of(database.path).read_text() == "mine"


def test_a_full_disk_costs_time_only(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun is taken away again, and the old snapshot stays."""
    before, there = looked_at(kept).manifest, set(folder_of(kept.path).iterdir())
    store(kept, "deals", {"deal_id": "x"})

    def full(_path: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "synced", full)
    reader, notes = notes_of(kept)
    assert reader is Tables
    assert len(notes) == 1
    assert "No space left" in notes[0]
    assert looked_at(kept).manifest == before
    assert set(folder_of(kept.path).iterdir()) == there


def test_a_database_that_cannot_be_written_is_read(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is built that could not be marked."""
    store(kept, "deals", {"deal_id": "x"})

    def refused(*_given: object) -> None:
        raise StoreError("a.db can't be written.")

    monkeypatch.setattr(keeping, "leave_mark", refused)
    monkeypatch.delattr(build, "build_tables")
    monkeypatch.delattr(keeping, "changed_tables")
    reader, notes = notes_of(kept)
    assert reader is Tables
    assert notes == ["The snapshot is not brought up to date: a.db can't be written."]


def test_a_reader_keeps_what_it_reads(kept: Database) -> None:
    """It sees one snapshot to the end, whatever is written; then old files are deleted."""
    folder = folder_of(kept.path)
    with (
        kept.read() as connection,
        open_tables(kept, connection, "auto", nobody, nobody) as tables,
    ):
        store(kept, "deals", {"deal_id": "x"})
        brought_up(kept, anew=True)
        store(kept, "deals", {"deal_id": "y"})
        brought_up(kept)
        assert type(tables) is SnapshotTables
        assert tables.frame("deals", ["deal_id"]).height == 5
        assert tables.manifest.revision < looked_at(kept).revision
        assert not drop(folder, 0)
    store(kept, "deals", {"deal_id": "z"})
    manifest = brought_up(kept)
    there = {path.name for path in folder.iterdir()} - {MANIFEST, READERS, WRITERS}
    assert there == {file.name for file in manifest.files()}


def garbled(file: Path) -> None:
    """Put something else into a file, without a sign of it outside."""
    status = file.stat()
    file.write_bytes(b"x" * status.st_size)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def file_of_deals(database: Database) -> Path:
    """Return a file with deals."""
    return next(folder_of(database.path).glob("deals-*.parquet"))


def test_building_by_hand_reads_every_byte(kept: Database) -> None:
    """What looks as it was written, and is not, is built anew."""
    garbled(file_of_deals(kept))
    assert looked_at(kept).name == "fresh"
    brought_up(kept)
    assert verified(kept, nobody, rows=True) == []


def test_what_cannot_be_read_is_built_anew_by_the_next_review(kept: Database) -> None:
    """Whoever finds it takes the manifest away, and reads the database."""
    garbled(file_of_deals(kept))
    assert notes_of(kept) == (SnapshotTables, [])
    assert looked_at(kept).name == "missing"
    assert notes_of(kept) == (SnapshotTables, [])
    assert_same(kept)


@pytest.mark.parametrize("by_the_disk", [False, True])
def test_what_cannot_be_brought_up_to_date_is_built_anew(
    kept: Database, monkeypatch: pytest.MonkeyPatch, by_the_disk: bool
) -> None:
    """Whether the file has something else in it or the disk does not give it."""
    store(kept, "deals", {"deal_id": "x"})
    if by_the_disk:
        monkeypatch.setattr(keeping, "changed_tables", mock.Mock(side_effect=OSError(5, "EIO")))
    garbled(file_of_deals(kept))
    assert notes_of(kept) == (SnapshotTables, [])
    assert_same(kept)


def test_a_newer_snapshot_is_not_given_up_with_an_old_one(kept: Database) -> None:
    """Another program has built it while the old one was read."""
    old = brought_up(kept).mark
    new = brought_up(kept, anew=True).mark
    keeping.give_up(folder_of(kept.path), old)
    assert looked_at(kept).name == "fresh"
    with locked(folder_of(kept.path) / WRITERS):
        keeping.give_up(folder_of(kept.path), new)
    assert looked_at(kept).name == "fresh"
    keeping.give_up(folder_of(kept.path), new)
    assert looked_at(kept).name == "missing"


@pytest.mark.parametrize("name", [READERS, WRITERS])
def test_a_lock_that_is_garbled_is_mended(kept: Database, name: str) -> None:
    """Reviews, building and dropping go on as if nothing had been."""
    lock = folder_of(kept.path) / name
    lock.write_bytes(b"x" * 700)
    store(kept, "deals", {"deal_id": "x"})
    assert notes_of(kept) == (SnapshotTables, [])
    lock.write_bytes(b"x" * 700)
    brought_up(kept, anew=True)
    lock.write_bytes(b"x" * 700)
    assert drop(lock.parent, 0)
    assert not lock.parent.exists()


@pytest.mark.parametrize("name", [READERS, WRITERS])
def test_a_lock_that_cannot_be_mended_costs_time_only(
    kept: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The review reads the database and says why; the commands say it too."""
    monkeypatch.setattr(os, "truncate", mock.Mock(side_effect=PermissionError("denied")))
    (folder_of(kept.path) / name).write_bytes(b"x" * 700)
    store(kept, "deals", {"deal_id": "x"})
    reader, notes = notes_of(kept)
    assert reader is Tables
    assert f"{name} is damaged: denied" in notes[0]
    with pytest.raises(StoreError, match=f"{name} is damaged"):
        drop(folder_of(kept.path), 0)


def test_a_lock_that_is_mended_by_two_is_had_by_one(tmp_path: Path) -> None:
    """The second found it garbled too, and empties it when the first holds it already."""
    lock, mend = tmp_path / WRITERS, os.truncate
    lock.write_bytes(b"x" * 700)
    others: list[bool] = []

    def mended(path: Path, size: int) -> None:
        # Another one is faster, and holds it while this one goes on.
        first = held.enter_context(locked_elsewhere(path, mend))
        others.append(first)
        mend(path, size)

    with ExitStack() as held:
        with (
            mock.patch.object(os, "truncate", side_effect=mended),
            locked(lock) as is_ours,
        ):
            assert (others, is_ours) == ([True], False)
        with locked(lock) as is_ours:
            assert not is_ours
    with locked(lock) as is_ours:
        assert is_ours


@contextmanager
def locked_elsewhere(lock: Path, mend: Callable[[Path, int], None]) -> Iterator[bool]:
    """Give whether another process has mended a lock and holds it."""
    mend(lock, 0)
    command = [sys.executable, "-c", HOLDING, str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip() == b"True"
        process.communicate()


HOLDING = """
import sys
from pathlib import Path
from dealreview.store.snapshot.locks import locked
with locked(Path(sys.argv[1])) as is_ours:
    print(is_ours, flush=True)
    sys.stdin.read()
"""


def test_an_older_reader_does_not_turn_the_snapshot_back(kept: Database) -> None:
    """A review that began before others wrote reads the database as it was then."""
    notes: list[str] = []
    with kept.read() as connection:
        store(kept, "deals", {"deal_id": "x"})
        manifest = brought_up(kept)
        with open_tables(kept, connection, "auto", nobody, notes.append) as tables:
            assert type(tables) is Tables
            assert tables.frame("deals", ["deal_id"]).height == 5
    assert looked_at(kept).manifest == manifest
    assert notes == []


def test_dropping_costs_nothing_but_time(kept: Database) -> None:
    """The folder is gone, and the next review makes it anew."""
    assert drop(folder_of(kept.path), 0)
    assert not folder_of(kept.path).exists()
    assert looked_at(kept).name == "missing"
    assert notes_of(kept) == (SnapshotTables, [])


FULL = """
import resource, sys
from pathlib import Path
from dealreview.store.snapshot.keeping import drop

resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
assert drop(Path(sys.argv[1]), 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Files have no such limit there.")
def test_a_full_disk_can_be_relieved(kept: Database) -> None:
    """Dropping takes no byte of space."""
    command = [sys.executable, "-c", FULL, str(folder_of(kept.path))]
    done = subprocess.run(command, check=False, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert not folder_of(kept.path).exists()


def test_a_lock_that_cannot_be_had_blames_nobody(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with the disk is said as it is."""
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    connection = mock.Mock()
    connection.execute.side_effect = full
    monkeypatch.setattr(locks, "_connect", lambda *_given: connection)
    with pytest.raises(StoreError, match="disk is full"):
        drop(folder_of(kept.path), 0)


KILLED = """
import os, signal, sys
from tests.store.snapshots import brought_up, nobody
from dealreview.store.database import Database
from dealreview.store.snapshot import buckets
from dealreview.store.snapshot.keeping import make_snapshot

buckets.DEALS_A_BUCKET = 2
left = int(sys.argv[2])

def counted(call):
    def one_step(*args, **given):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **given)
    return one_step

os.fsync, os.replace, os.unlink, os.rename = map(
    counted, (os.fsync, os.replace, os.unlink, os.rename)
)
print("ready", flush=True)
make_snapshot(Database.open(sys.argv[1]), nobody, patience=5, anew=sys.argv[3] == "anew")
"""


def killed(database: Database, steps: int, how: str) -> bool:
    """Make the snapshot in another process that ends itself at a step; return whether it did."""
    command = [sys.executable, "-c", KILLED, str(database.path), str(steps), how]
    done = subprocess.run(command, check=False, capture_output=True, timeout=120)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode != 0


@pytest.mark.slow
@pytest.mark.parametrize("how", ["anew", "update"])
def test_a_process_killed_at_any_step_leaves_the_old_or_the_new(kept: Database, how: str) -> None:
    """It opens, gives what the database has, and nothing that was begun is left in the end."""
    steps, states = 0, set()
    while True:
        write_anything(kept, steps, 10)
        before = looked_at(kept)
        hit = killed(kept, steps, how)
        after = looked_at(kept)
        assert after.name in {"fresh", "stale"}
        assert after.name == "fresh" or after.manifest == before.manifest
        states.add(after.name)
        notes_of(kept)
        assert_same(kept)
        if not hit:
            break
        # Every step near the end, where the new one takes the place of the old one.
        steps += 1 if how == "update" and steps < 4 else 1 + steps // 2
    assert states == {"fresh", "stale"}
    manifest = brought_up(kept, anew=True)
    there = {path.name for path in folder_of(kept.path).iterdir()} - {MANIFEST, READERS, WRITERS}
    assert there == {file.name for file in manifest.files()}


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_the_old_or_the_new(kept: Database) -> None:
    """The moment is one of the clock, also in the middle of a file."""
    random = Random(5)
    for number in range(8):
        write_anything(kept, number, 20)
        command = [sys.executable, "-c", KILLED, str(kept.path), "1000000", "anew"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.random() * 0.8)
            process.kill()
        assert looked_at(kept).name in {"fresh", "stale"}
        notes_of(kept)
        assert_same(kept)


@pytest.mark.slow
def test_two_at_once_are_as_good_as_one(kept: Database) -> None:
    """Processes that build and bring up to date at the same time leave one whole snapshot."""
    command = [sys.executable, "-c", KILLED, str(kept.path), "1000000"]
    for number in range(3):
        write_anything(kept, number, 20)
        both = [subprocess.Popen([*command, how]) for how in ("anew", "update", "anew")]
        assert [one.wait(timeout=120) for one in both] == [0, 0, 0]
        assert_same(kept)
