"""A process that is killed at any moment leaves a database that opens and is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dealreview.store.database import Database
from dealreview.testing import database_of

if TYPE_CHECKING:
    from pathlib import Path

DEALS = 4_000
TRIES = 20
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


def command(*args: object) -> list[str]:
    """Return the command line of dealreview in this environment."""
    return [sys.executable, "-m", "dealreview", *map(str, args)]


def run(*args: object) -> float:
    """Run a command to its end and return the seconds it took."""
    begin = time.monotonic()
    subprocess.run(command(*args), capture_output=True, check=False, timeout=120)
    return time.monotonic() - begin


def kill_while(seconds: float, *args: object) -> None:
    """Start a command and kill it after some time."""
    process = subprocess.Popen(command(*args), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)


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
    took = run("import", export(tmp_path, 1), "--mapping", mapping, "--db", database)
    for number in range(TRIES):
        path = export(tmp_path, number + 2)
        kill_while(
            random.uniform(0.2, took * 1.2), "import", path, "--mapping", mapping, "--db", database
        )
        is_whole(database)
        with Database.open(database).read() as connection:
            amounts = connection.execute(
                "SELECT amount_minor, COUNT(*) FROM deals GROUP BY 1"
            ).fetchall()
            imports = connection.execute("SELECT COUNT(*) FROM imports").fetchone()[0]
            changed = connection.execute("SELECT COUNT(*) FROM deal_changes").fetchone()[0]
        assert [count for _, count in amounts] == [DEALS]
        # Changes of one day are one change a deal.
        assert changed == (DEALS if imports > 1 else 0)
    assert run("import", path, "--mapping", mapping, "--db", database) > 0
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
    took = run("review", "--db", path, "--as-of", "2025-05-16", "--no-save")
    for number in range(TRIES):
        day = f"2025-05-{number + 8:02}"
        kill_while(random.uniform(0.2, took * 1.4), "review", "--db", path, "--as-of", day)
        is_whole(path)
        with Database.open(path).read() as connection:
            counts = connection.execute(
                "SELECT (SELECT COUNT(*) FROM run_scorecards s WHERE s.run = r.run AND s.kind = 'deal'),"
                " (SELECT COUNT(*) FROM run_verdicts v WHERE v.run = r.run) FROM runs r"
            ).fetchall()
        assert all(cards == DEALS and verdicts >= DEALS for cards, verdicts in counts)
    assert run("review", "--db", path, "--as-of", "2025-05-16") > 0
    with Database.open(path).read() as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] >= 1
    assert os.path.getsize(path) > 0
