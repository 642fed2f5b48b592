"""The databases that are measured: made once, kept, and put back before each process.

    python -m benchmarks.databases make|cover big.db [deals seed]

What takes memory is made by a process of its own: the peak of whoever measures counts for all that it
starts.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.candidates import COVERING
from benchmarks.company import AS_OF
from benchmarks.generate import generate
from benchmarks.measure import measure
from benchmarks.peers.sql import COVERING as INDEXES
from benchmarks.work import FINDINGS, SCORECARDS, TABLES
from dealreview.store.snapshot.files import FACTS

if TYPE_CHECKING:
    from benchmarks.candidates import Candidate

CHANGED = "peer_changed"
"""Ids of accounts and reps that have changed, as triggers of a peer's own would note them."""

SHARE, SHARE_OF_REPS = 100, 200
"""One of so many accounts, and of so many people of ours, changes."""


def prepared(folder: Path, deals: int, seed: int) -> Path:
    """Return a database with so many deals and the empty tables of the peers; made if it is not there."""
    path = folder / f"d{deals}-{seed}.db"
    if not path.exists():
        _apart("make", path, str(deals), str(seed))
    return path


def make(path: Path, deals: int, seed: int) -> None:
    """Make a database with the tables of the peers."""
    new = path.with_suffix(".new")
    forget(new)
    generate(new, deals, seed)
    with closing(sqlite3.connect(new)) as connection:
        for statement in (*TABLES, f"CREATE TABLE {CHANGED} (kind TEXT, id TEXT)"):
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    new.rename(path)


def covered(path: Path) -> Path:
    """Return a copy of a database with covering indexes; made if it is not there."""
    copy = path.with_name(f"{path.stem}-{COVERING}.db")
    if not copy.exists():
        _apart("cover", path)
    return copy


def cover(path: Path) -> None:
    """Copy a database and make the covering indexes."""
    copy = path.with_name(f"{path.stem}-{COVERING}.db")
    new = copied(path, copy.with_suffix(".new"))
    with closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA cache_size = -262144")
        for number, columns in enumerate(INDEXES):
            connection.execute(f"CREATE INDEX peer_covering_{number} ON {columns}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    new.rename(copy)


def _apart(what: str, path: Path, *given: str) -> None:
    """Do it in a process of its own."""
    measure([sys.executable, "-m", "benchmarks.databases", what, str(path), *given])


def copied(path: Path, copy: Path) -> Path:
    """Copy a database that nobody has open."""
    forget(copy)
    checkpoint(path)
    shutil.copyfile(path, copy)
    return copy


def checkpoint(path: Path) -> None:
    """Bring what was written into the file itself."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def forget(path: Path) -> None:
    """Delete a database with everything beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    shutil.rmtree(snapshot_of(path), ignore_errors=True)


def snapshot_of(path: Path) -> Path:
    """Return the folder of the snapshot of a database."""
    return path.with_name(path.name + ".snapshot")


def put_back(path: Path, candidate: Candidate) -> None:
    """Empty what candidates write, and bring about the snapshot that one starts with.

    A fresh one has no facts of an earlier review beside it, so that all are computed.
    """
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'run%'"
        runs = [name for (name,) in connection.execute(query)]
        for name in (*runs, SCORECARDS, FINDINGS):
            connection.execute(f"DELETE FROM {name}")  # noqa: S608 - names of tables
        connection.commit()
    checkpoint(path)
    if candidate.before == "none":
        shutil.rmtree(snapshot_of(path), ignore_errors=True)
    if candidate.before in ("fresh", "seen"):
        refresh(path)
    if candidate.before == "fresh":
        for file in snapshot_of(path).glob(f"{FACTS}*"):
            file.unlink()


def refresh(path: Path) -> None:
    """Bring the snapshot of a database up to date."""
    measure([sys.executable, "-m", "dealreview", "snapshot", "build", "--db", str(path)])


def change(path: Path, turn: int) -> None:
    """Change one account in a hundred and the hours of one person in two hundred, others each turn.

    Of the accounts every deal gets another price on each line, another alternative, a held meeting,
    and other people who are for or against it.
    """
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in _CHANGES.split(";\n"):
            connection.execute(statement, {"turn": turn, "share": SHARE, "reps": SHARE_OF_REPS})
    checkpoint(path)


def _number(column: str) -> str:
    """Return the number in an id such as ``crm:d0000042``; it only scatters what changes."""
    return f"CAST(substr({column}, 6) AS INTEGER)"


_CHANGES = """
DELETE FROM peer_changed;
INSERT INTO peer_changed
SELECT 'account', account_id FROM accounts WHERE ({account} + :turn * 7) % :share = 0;
INSERT INTO peer_changed
SELECT 'rep', person_id FROM people WHERE ({person} + :turn * 3) % :reps = 0;
UPDATE deal_lines SET invoice_minor = invoice_minor * (70 + ({line} * 31 + :turn) % 50) / 100
WHERE deal_id IN ({deals});
UPDATE deals SET reference_minor = amount_minor * (80 + ({deal} * 17 + :turn) % 50) / 100
WHERE deal_id IN ({deals});
UPDATE stakeholders SET stance = -coalesce(stance, 1), stance_on = NULL
WHERE deal_id IN ({deals});
INSERT INTO activities (activity_id, deal_id, account_id, kind, status, at)
SELECT 'peer:' || :turn || deal_id, deal_id, account_id, 'meeting', 'held',
  coalesce(closed_on, '{as_of}') || 'T08:00:00Z'
FROM deals WHERE deal_id IN ({deals});
INSERT INTO time_entries (entry_id, person_id, day, hours, category)
SELECT 'peer:' || :turn || id, id, '{yesterday}', 8.5, 'operations'
FROM peer_changed WHERE kind = 'rep'
""".format(
    account=_number("account_id"),
    person=_number("person_id"),
    line=_number("line_id"),
    deal=_number("deal_id"),
    deals="SELECT deal_id FROM deals WHERE account_id IN "
    "(SELECT id FROM peer_changed WHERE kind = 'account')",
    as_of=AS_OF,
    yesterday=AS_OF - dt.timedelta(days=1),
)


def main() -> None:
    """Make what is named."""
    what, path, *given = sys.argv[1:]
    if what == "make":
        make(Path(path), *map(int, given))
    else:
        cover(Path(path))


if __name__ == "__main__":
    main()
