"""Opening, migrating, reading and writing a database file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dealreview.model.errors import StoreError
from dealreview.store import database as module
from dealreview.store import migrations
from dealreview.store.database import Database
from tests.store.rows import insert, store
from tests.store.workers import LATER_STEPS, later_step_sql


def _count(database: Database) -> int:
    with database.read() as connection:
        count: int = connection.execute("SELECT count(*) FROM deals").fetchone()[0]
        return count


def test_a_created_database_is_ours_and_current(database: Database) -> None:
    """The header says whose file it is and how many migrations it has had; nothing else is left."""
    with database.read() as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (module.APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(migrations.STEPS),)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        done = connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
    assert [name for (name,) in done] == list(migrations.STEPS)
    assert [path.name for path in database.path.parent.iterdir()] == ["deals.db"]


def test_opening_again_changes_nothing(database: Database) -> None:
    """A current database is opened as it is, with or without leave to create it."""
    before = database.path.read_bytes()
    assert (
        Database.open(database.path) == Database.open(str(database.path), create=True) == database
    )
    assert database.path.read_bytes() == before


def test_a_copy_without_write_ahead_logging_gets_it(database: Database, tmp_path: Path) -> None:
    """`VACUUM INTO` leaves it off; while somebody reads the copy it stays off, and nobody waits."""
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM deals").fetchone()
        Database.open(copy)
        assert mode_of(copy) == "delete"
    Database.open(copy)
    assert mode_of(copy) == "wal"


def mode_of(path: Path) -> str:
    """Return how a database keeps a journal."""
    with closing(sqlite3.connect(path)) as connection:
        mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    return mode


def test_a_missing_file_says_to_import_first(tmp_path: Path) -> None:
    """Nothing is created by looking."""
    with pytest.raises(StoreError, match=r"no database at .*dealreview import"):
        Database.open(tmp_path / "deals.db")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_taken_only_for_creating(tmp_path: Path) -> None:
    """What a killed first import leaves behind is mended by the next one."""
    path = tmp_path / "deals.db"
    path.touch()
    with pytest.raises(StoreError, match="is empty"):
        Database.open(path)
    Database.open(path, create=True)
    assert _count(Database.open(path)) == 0


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("content", [b"hello", b"name,amount\n" * 500])
def test_a_file_that_is_no_database_is_left_alone(
    tmp_path: Path, content: bytes, create: bool
) -> None:
    """Somebody's spreadsheet is named and not touched."""
    path = tmp_path / "deals.csv"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a SQLite database"):
        Database.open(path, create=create)
    assert path.read_bytes() == content


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE t (a)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"],
)
def test_another_programs_database_is_left_alone(
    tmp_path: Path, statement: str, create: bool
) -> None:
    """A SQLite file that is not ours is never migrated."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not one of dealreview's"):
        Database.open(path, create=create)
    assert path.read_bytes() == before


def test_a_newer_database_is_left_alone(database: Database) -> None:
    """A file of a later version asks for an upgrade of the program."""
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(StoreError, match=r"newer dealreview \(format 9.*Upgrade"):
        Database.open(database.path)


@pytest.mark.parametrize("create", [False, True])
def test_a_folder_is_not_a_database(tmp_path: Path, create: bool) -> None:
    """A folder in place of a file is said to be one."""
    with pytest.raises(StoreError, match="is a folder"):
        Database.open(tmp_path, create=create)


def test_a_database_needs_its_folder(tmp_path: Path) -> None:
    """A folder that does not exist is not made on the way."""
    with pytest.raises(StoreError, match="no folder"):
        Database.open(tmp_path / "no" / "deals.db", create=True)


def test_a_damaged_database_is_said_to_be_damaged(database: Database) -> None:
    """A page overwritten by something else ends in a sentence, not in a traceback."""
    store(database, "deals", {"deal_id": "d"})
    content = bytearray(database.path.read_bytes())
    content[200:4096] = b"\xff" * 3896
    database.path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), database.read() as connection:
        connection.execute("SELECT * FROM deals").fetchall()


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    """Characters that mean something in an address do not in a file name."""
    database = Database.open(tmp_path / "a?mode=memory#b%41.db", create=True)
    store(database, "deals", {"deal_id": "d"})
    assert [path.name for path in tmp_path.iterdir()] == ["a?mode=memory#b%41.db"]
    assert _count(database) == 1


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """Whatever ends a write transaction early, an interrupt too, undoes all of it."""
    for problem in (ValueError, KeyboardInterrupt, SystemExit):
        with pytest.raises(problem):
            _write_and_raise(database, problem)
    assert _count(database) == 0


def _write_and_raise(database: Database, problem: type[BaseException]) -> None:
    with database.write() as connection:
        insert(connection, "deals", deal_id="d")
        raise problem


def test_a_read_transaction_cannot_write(database: Database) -> None:
    """Reading is only reading."""
    with pytest.raises(StoreError, match="can't be written"), database.read() as connection:
        insert(connection, "deals", deal_id="d")


def test_a_broken_constraint_stays_what_it_is(database: Database) -> None:
    """A row that does not fit is the caller's business, not the file's."""
    with pytest.raises(sqlite3.IntegrityError), database.write() as connection:
        insert(connection, "deals", deal_id=" ")


def test_a_lock_that_stays_ends_in_a_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that never lets go is named as the reason."""
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program"), database.write():
            pass


def _later_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "STEPS", LATER_STEPS)
    monkeypatch.setattr(migrations, "step_sql", later_step_sql)


def test_an_older_database_is_copied_and_brought_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows stay, the new column is there, and the file as it was lies beside it."""
    store(database, "deals", {"deal_id": "d", "name": "Pumps"})
    _later_version(monkeypatch)
    with Database.open(database.path).read() as connection:
        assert connection.execute("SELECT deal_id, later FROM deals").fetchall() == [("d", "Pumps")]
    backup = database.path.with_name(f"deals.db.before-{len(LATER_STEPS)}.bak")
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(LATER_STEPS) - 1,)
        assert connection.execute("SELECT name FROM deals").fetchall() == [("Pumps",)]
    assert sorted(p.name for p in backup.parent.glob("deals*")) == ["deals.db", backup.name]


def test_a_backup_is_never_overwritten(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup of the same name stays, and the next one gets a number."""
    older = database.path.with_name(f"deals.db.before-{len(LATER_STEPS)}.bak")
    older.write_text("precious")
    _later_version(monkeypatch)
    Database.open(database.path)
    assert older.read_text() == "precious"
    assert database.path.with_name(f"deals.db.before-{len(LATER_STEPS)}.2.bak").exists()


def test_a_failed_migration_leaves_the_old_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that fails half-way changes nothing: the old version can still open the file."""
    store(database, "deals", {"deal_id": "d"})
    with monkeypatch.context() as later:
        later.setattr(migrations, "STEPS", LATER_STEPS)
        broken = "ALTER TABLE deals ADD COLUMN later TEXT;\nINSERT INTO nowhere VALUES (1);\n"
        later.setattr(migrations, "step_sql", lambda _step: broken)
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            Database.open(database.path)
    with Database.open(database.path).read() as connection:
        assert connection.execute("SELECT * FROM deals").fetchone()[0] == "d"
        assert "later" not in {row[1] for row in connection.execute("PRAGMA table_info(deals)")}
