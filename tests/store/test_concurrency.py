"""Several processes use one database at once."""

import multiprocessing
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from dealreview.store.database import Database
from tests.store import workers
from tests.store.rows import insert, store

SPAWN = multiprocessing.get_context("spawn")


def _start(work: Callable[..., None], *arguments: Any) -> BaseProcess:
    process = SPAWN.Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def _all_succeed(*processes: BaseProcess) -> bool:
    for process in processes:
        process.join(timeout=60)
    return [process.exitcode for process in processes] == [0] * len(processes)


def test_two_writing_processes_lose_nothing(database: Database) -> None:
    """Two processes with a thousand transactions each both succeed, and every row is there."""
    path = str(database.path)
    assert _all_succeed(*(_start(workers.write_deals, path, name, 1000) for name in "ab"))
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM deals").fetchone() == (2000,)
        assert database.revision(connection) == 2000


def test_a_killed_writer_leaves_whole_transactions_only(database: Database, tmp_path: Path) -> None:
    """Whenever a writing process is killed, the file is sound and each deal has all its lines."""
    rng = random.Random(7)
    for attempt in range(4):
        started = tmp_path / f"started{attempt}"
        process = _start(workers.write_pairs, str(database.path), str(started))
        while not started.exists():
            time.sleep(0.01)
        time.sleep(rng.uniform(0.01, 0.2))
        process.kill()
        process.join(timeout=10)
        _check_whole(database)
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM deals").fetchone()[0] > 0


def _check_whole(database: Database) -> None:
    query = "SELECT count(*) FROM deal_lines GROUP BY deal_id"
    with database.read() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert {count for (count,) in connection.execute(query)} <= {20}
        (deals,) = connection.execute("SELECT count(*) FROM deals").fetchone()
        assert len(connection.execute(query).fetchall()) == deals


def test_two_processes_may_create_one_database(tmp_path: Path) -> None:
    """Whoever comes second finds the database that the first one made."""
    path, answers = tmp_path / "deals.db", [tmp_path / "a", tmp_path / "b"]
    assert _all_succeed(
        *(_start(workers.create_and_count, str(path), str(answer)) for answer in answers)
    )
    assert [answer.read_text() for answer in answers] == ["0", "0"]


def test_two_processes_may_migrate_one_database(database: Database, tmp_path: Path) -> None:
    """Both see the migrated data, and one backup is made."""
    store(database, "deals", {"deal_id": "d", "name": "Pumps"})
    answers = [tmp_path / "a", tmp_path / "b"]
    path = str(database.path)
    assert _all_succeed(
        *(_start(workers.migrate_and_count, path, str(answer)) for answer in answers)
    )
    assert [answer.read_text() for answer in answers] == ["1", "1"]
    assert [found.name for found in tmp_path.glob("*.bak*")] == [
        f"deals.db.before-{len(workers.LATER_STEPS)}.bak"
    ]


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    """Rows that are committed during a read transaction show up in the next one only."""
    with database.read() as reader:
        store(database, "deals", {"deal_id": "d"})
        assert reader.execute("SELECT count(*) FROM deals").fetchone() == (0,)
        assert database.revision(reader) == 0
    with database.read() as reader:
        assert reader.execute("SELECT count(*) FROM deals").fetchone() == (1,)


def test_a_writer_waits_for_another_program(database: Database) -> None:
    """A plain connection that holds the lock for a moment only delays a transaction."""
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        process = _start(workers.write_deals, str(database.path), "a", 1)
        time.sleep(0.5)
        insert(other, "deals", deal_id="other")
        other.execute("COMMIT")
    assert _all_succeed(process)
