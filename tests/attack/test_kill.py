"""A process that is killed at any moment leaves a database that opens and is whole."""

from __future__ import annotations

import datetime as dt
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dealreview.store.database import Database
from dealreview.testing import database_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEALS = 4_000
TRIES, MOST_TRIES = 20, 60
MAPPING = """
source = "crm"
currency = "EUR"

[stages.Proposal]
kind = "open"
milestone = 4

[[file]]
match = "deals.csv"
into = "deals"
complete = true

[file.fields]
deal_id = "id"
name = "name"
stage_id = "stage"
amount_minor = "amount"
expected_close_on = { column = "close", date = ["%Y-%m-%d"] }
"""


def command(*args: object, module: str = "dealreview") -> list[str]:
    """Return the command line of dealreview in this environment."""
    return [sys.executable, "-m", module, *map(str, args)]


def run(*args: object) -> int:
    """Run a command to its end and return its exit code."""
    done = subprocess.run(command(*args), capture_output=True, check=False, timeout=120)
    return done.returncode


def is_locked(connection: sqlite3.Connection) -> bool:
    """Whether somebody else is writing to the database of a connection."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    connection.execute("ROLLBACK")
    return False


class Victim:
    """A command that writes to a database, and a look at whether it is writing just now.

    Writing takes some tenths of a second. An import does by itself; a review would be done before
    anybody else had a look, if it did not write slowly.
    """

    def __init__(self, path: Path, *args: object) -> None:
        self.connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        module = "dealreview" if args[0] == "import" else "tests.attack.slowly"
        self.process = subprocess.Popen(command(*args, module=module), **quiet)

    def __enter__(self) -> Victim:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(timeout=30)
        self.connection.close()

    def is_writing(self) -> bool:
        """Whether it runs and has locked the database."""
        return is_locked(self.connection) and self.process.poll() is None

    def wait_until(self, *, writing: bool) -> None:
        """Wait until it begins or ends to write; it must do so before it ends."""
        while self.is_writing() is not writing:
            assert not writing or self.process.poll() is None, "it ended without writing"
            time.sleep(0.001)


def seconds_of_writing(path: Path, *args: object) -> float:
    """Run a command to its end and return how long it kept the database locked."""
    with Victim(path, *args) as victim:
        victim.wait_until(writing=True)
        begin = time.monotonic()
        victim.wait_until(writing=False)
        seconds = time.monotonic() - begin
        assert victim.process.wait(timeout=120) == 0
    return seconds


def kill_while_writing(path: Path, seconds: float, *args: object) -> bool:
    """Kill a command some time after it began to write, and return whether it was still writing."""
    with Victim(path, *args) as victim:
        victim.wait_until(writing=True)
        time.sleep(seconds)
        writing = victim.is_writing()
        victim.process.send_signal(signal.SIGKILL)
    return writing


class Kills:
    """How the kills of a test are spread over the time of writing, and what they hit."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.writing = 0
        self.states: set[str] = set()

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Yield number and moment of each kill: twenty, and more while something was not hit yet."""
        for number in range(MOST_TRIES):
            if number >= TRIES and self.writing and self.states == {"old", "new"}:
                return
            # A busy machine writes more slowly than it did when it was measured.
            longest = self.seconds * 1.5 * (1 + number // TRIES)
            yield number, longest * (number % TRIES) / TRIES

    def check(self) -> None:
        """Check that some kills hit while writing, some before and some after the end of it."""
        assert self.writing > 0
        assert self.states == {"old", "new"}


def export(folder: Path, amount: int) -> Path:
    """Write an export in which every deal has the same amount."""
    lines = [f"{n},Deal {n},Proposal,{amount},2025-06-30" for n in range(DEALS)]
    path = folder / "deals.csv"
    path.write_text("\n".join(["id,name,stage,amount,close", *lines]) + "\n")
    return path


def is_whole(path: Path) -> None:
    """Check a database: readable, consistent, no child without a parent."""
    with Database.open(path).read() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.slow
def test_import_killed_twenty_times(tmp_path: Path) -> None:
    """After each kill all deals have the old amount or all have the new one, with their changes."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING)
    database = tmp_path / "deals.db"
    where = ("--mapping", mapping, "--db", database)
    assert run("import", export(tmp_path, 1), *where) == 0
    stored, count = 2, 2
    took = seconds_of_writing(database, "import", export(tmp_path, stored), *where)
    kills = Kills(took)
    for number, moment in kills:
        path = export(tmp_path, number + 3)
        kills.writing += kill_while_writing(database, moment, "import", path, *where)
        is_whole(database)
        with Database.open(database).read() as connection:
            amounts = connection.execute(
                "SELECT amount_minor / 100, COUNT(*) FROM deals GROUP BY 1"
            ).fetchall()
            imports = connection.execute("SELECT COUNT(*) FROM imports").fetchone()[0]
            changed = connection.execute("SELECT COUNT(*) FROM deal_changes").fetchone()[0]
        assert amounts in ([(stored, DEALS)], [(number + 3, DEALS)])
        is_new = amounts[0][0] != stored
        assert imports == count + is_new
        assert changed == DEALS  # changes of one day are one change a deal
        kills.states.add("new" if is_new else "old")
        stored, count = amounts[0][0], imports
    kills.check()
    assert run("import", path, *where) == 0
    is_whole(database)


@pytest.mark.slow
def test_review_killed_twenty_times(tmp_path: Path) -> None:
    """After each kill every stored run has all of its scorecards, and none is half there."""
    rows = {
        "stages": [{"stage_id": "s", "kind": "open", "milestone": 4}],
        "deals": [
            {
                "deal_id": f"d{n}",
                "stage_id": "s",
                "amount_minor": 100,
                "currency": "EUR",
                "created_on": "2025-01-01",
                "expected_close_on": "2025-05-01",
            }
            for n in range(DEALS)
        ],
    }
    path = tmp_path / "deals.db"
    database_of(rows, path)
    first = dt.date(2025, 5, 8)
    kills = Kills(seconds_of_writing(path, "review", "--db", path, "--as-of", str(first)))
    for number, moment in kills:
        before = stored_runs(path)
        day = first + dt.timedelta(days=number + 1)
        asked = ("review", "--db", path, "--as-of", str(day))
        kills.writing += kill_while_writing(path, moment, *asked)
        is_whole(path)
        found = stored_runs(path)
        assert all(cards == deals == DEALS for cards, deals in found)
        assert len(found) - len(before) in (0, 1)
        kills.states.add("new" if len(found) > len(before) else "old")
    kills.check()
    assert run(*asked) == 0
    assert len(stored_runs(path)) == len(before) + 1


def stored_runs(path: Path) -> list[tuple[int, int]]:
    """Return how many scorecards of deals, and how many deals with findings, each stored run has."""
    query = """
        SELECT (SELECT SUM(subjects) FROM run_cards s WHERE s.run = r.run AND s.kind = 'deal'),
            (SELECT SUM(subjects) FROM run_facts f WHERE f.run = r.run AND f.kind = 'deal') FROM runs r
    """
    with Database.open(path).read() as connection:
        return connection.execute(query).fetchall()
