"""Runs: what a review found, stored whole or not at all, and never changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from contextlib import closing
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from attrs import field, fields, frozen

from dealreview.model.errors import StoreError
from dealreview.store.benchmarks import StoredBenchmarks, drop_replaced
from dealreview.store.scorecards import StoredCards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dealreview.store.database import Database


@frozen
class StoredRun:
    """One review of the data.

    Attributes:
        key: Digest of what went in: data, configuration, packs, date.
        as_of: The day that it looks at.
        data_revision: The data revision that it read.
        config_hash: Digest of the configuration.
        header: The report header; must be JSON.
        checks: Ids of the checks in the order of the outcome bytes.
        number: Number of the run; None until it is stored.
        created_at: When it was stored; None until then.
    """

    key: str
    as_of: dt.date
    data_revision: int
    config_hash: str
    header: dict[str, Any]
    checks: tuple[str, ...] = field(converter=tuple)
    number: int | None = None
    created_at: dt.datetime | None = None


@frozen
class StoredVerdict:
    """A finding in full; ``detail_json`` is everything that has no column of its own."""

    kind: str
    id: str
    check: str
    outcome: str
    severity: str
    fingerprint: str
    detail_json: str


@frozen
class StoredRules:
    """What the checks of a kind say of the facts that a run keeps.

    Attributes:
        kind: Kind of subject.
        format: Of the data.
        data: Compressed JSON.
    """

    kind: str
    format: int
    data: bytes


@frozen
class StoredFacts:
    """The facts of some subjects with findings, in columns.

    Attributes:
        kind: Kind of subject.
        first_id: The first subject.
        last_id: The last subject; they are in order of id.
        subjects: How many there are.
        data: Parquet.
    """

    kind: str
    first_id: str
    last_id: str
    subjects: int
    data: bytes


@frozen
class Found:
    """What a run found.

    Attributes:
        cards: Scorecards.
        verdicts: Findings in full.
        rules: What is said of the others.
        facts: What they rest on.
        benchmarks: What the organisation decides about every deal and account.
    """

    cards: Iterable[StoredCards] = ()
    verdicts: Iterable[StoredVerdict] = ()
    rules: Iterable[StoredRules] = ()
    facts: Iterable[StoredFacts] = ()
    benchmarks: Iterable[StoredBenchmarks] = ()


def save_run(database: Database, run: StoredRun, found: Found) -> int:
    """Store a run and return its number.

    If the newest run with the same key found the same, its number is returned and nothing is
    stored. The header does not count there: it may say when and how long. Findings are made before
    the database is locked for writing.
    """
    with closing(_spool()) as spool:
        digest = _fill(spool, run, found)
        with database.write() as connection:
            same = _same_run(connection, run.key, digest)
            return same or _insert(connection, run, digest, spool)


def _spool() -> sqlite3.Connection:
    """Return a private database that lives in memory and goes to a temporary file when it grows."""
    spool = sqlite3.connect("", isolation_level=None)
    spool.execute(f"PRAGMA cache_size = -{SPOOLED_IN_MEMORY_KIB}")
    spool.execute("PRAGMA journal_mode = OFF")
    for part in _PARTS:
        spool.execute(f"CREATE TABLE {part.table} ({', '.join(part.columns)})")
    spool.execute("BEGIN")
    return spool


def _fill(spool: sqlite3.Connection, run: StoredRun, found: Found) -> str:
    """Put the findings of a run aside and return the digest of what it found."""
    said = [run.as_of.isoformat(), run.checks]
    digest = hashlib.sha256(json.dumps(said).encode())
    kept = (found.cards, found.verdicts, found.rules, found.facts, found.benchmarks)
    for part, items in zip(_PARTS, kept, strict=True):
        rows = _digested(map(part.row, items), digest)
        spool.executemany(part.insert(part.columns), rows)
    return digest.hexdigest()


def _insert(
    connection: sqlite3.Connection, run: StoredRun, digest: str, spool: sqlite3.Connection
) -> int:
    number = _insert_run(connection, run, digest)
    drop_replaced(connection, run.as_of, run.checks)
    for part in _PARTS:
        aside = spool.execute(f"SELECT ?, * FROM {part.table}", (number,))  # noqa: S608 - our names
        connection.executemany(part.insert(("run", *part.columns)), aside)
    return number


@frozen
class _Part:
    """A table of findings.

    Attributes:
        table: Its name.
        columns: Its columns without the run's number.
        row: Gives the cells of what is stored there.
    """

    table: str
    columns: tuple[str, ...]
    row: Callable[[Any], tuple[Any, ...]]

    def insert(self, columns: Sequence[str]) -> str:
        """Return the statement that stores a row."""
        marks = ", ".join("?" * len(columns))
        return f"INSERT INTO {self.table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our names


def _part(table: str, stored: type[Any], columns: Sequence[str]) -> _Part:
    return _Part(table, tuple(columns), attrgetter(*(one.name for one in fields(stored))))


_PARTS = (
    _part("run_cards", StoredCards, ("kind", "first_id", "last_id", "subjects", "data")),
    _part(
        "run_verdicts",
        StoredVerdict,
        ("kind", "id", "check_id", "outcome", "severity", "fingerprint", "detail_json"),
    ),
    _part("run_rules", StoredRules, ("kind", "format", "data")),
    _part("run_facts", StoredFacts, ("kind", "first_id", "last_id", "subjects", "data")),
    _part("run_benchmarks", StoredBenchmarks, ("kind", "first_id", "last_id", "data")),
)
SPOOLED_IN_MEMORY_KIB = 65_536
_INSERT_RUN = """
INSERT INTO runs
    (key, created_at, as_of, data_revision, config_hash, header_json, checks_json, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


def _insert_run(connection: sqlite3.Connection, run: StoredRun, digest: str) -> int:
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    header, checks = json.dumps(run.header, ensure_ascii=False), json.dumps(run.checks)
    day = run.as_of.isoformat()
    values = (run.key, now, day, run.data_revision, run.config_hash, header, checks, digest)
    number = connection.execute(_INSERT_RUN, values).lastrowid
    return int(number or 0)


def _digested(rows: Iterable[tuple[Any, ...]], digest: Any) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        for cell in row:
            data = cell if isinstance(cell, bytes) else str(cell).encode()
            digest.update(len(data).to_bytes(8))
            digest.update(data)
        yield row
    digest.update(b"\x1e")


def _same_run(connection: sqlite3.Connection, key: str, digest: str) -> int | None:
    query = "SELECT run, digest FROM runs WHERE key = ? ORDER BY run DESC LIMIT 1"
    found = connection.execute(query, (key,)).fetchone()
    return found[0] if found and found[1] == digest else None


_SELECT_RUN = """
SELECT key, as_of, data_revision, config_hash, header_json, checks_json, run, created_at FROM runs
"""


def list_runs(connection: sqlite3.Connection) -> tuple[StoredRun, ...]:
    """Return the runs, the newest first."""
    return tuple(map(_run, connection.execute(f"{_SELECT_RUN} ORDER BY run DESC")))


def run_before(connection: sqlite3.Connection, data_revision: int) -> StoredRun | None:
    """Return the newest run over older data."""
    query = f"{_SELECT_RUN} WHERE data_revision < ? ORDER BY run DESC LIMIT 1"
    found = connection.execute(query, (data_revision,)).fetchone()
    return None if found is None else _run(found)


def comparable_runs(
    connection: sqlite3.Connection, before: dt.date, checks: Sequence[str], count: int
) -> dict[int, dt.date]:
    """Return number and day of the last runs of earlier days, the oldest first.

    Args:
        connection: A read transaction.
        before: Only runs as of an earlier day.
        checks: The checks, in the order of the outcome bytes: scores of other checks do not compare.
        count: How many at most; of several runs as of a day the newest counts.
    """
    query = """
        SELECT max(run), as_of FROM runs WHERE as_of < ? AND checks_json = ?
        GROUP BY as_of ORDER BY as_of DESC LIMIT ?
    """
    found = connection.execute(query, (before.isoformat(), json.dumps(list(checks)), count))
    days = {number: dt.date.fromisoformat(day) for number, day in found}
    return dict(reversed(days.items()))


def load_run(connection: sqlite3.Connection, number: int) -> StoredRun:
    """Return a run.

    Raises:
        StoreError: There is no such run, or it was pruned.
    """
    found = connection.execute(f"{_SELECT_RUN} WHERE run = ?", (number,)).fetchone()
    if found is not None:
        return _run(found)
    pruned = connection.execute(_SELECT_PRUNED, (number,)).fetchone()
    if pruned is not None:
        as_of, day = pruned
        raise StoreError(
            f"Run {number} of {as_of} was pruned on {day}: it was old, and nobody had asked to keep it.",
            mend="`dealreview runs` lists what is there; `dealreview runs keep` keeps a run for ever.",
        )
    raise StoreError(f"There is no run {number}.", mend=_mend(connection))


def _mend(connection: sqlite3.Connection) -> str:
    low, high = connection.execute("SELECT min(run), max(run) FROM runs").fetchone()
    return f"There are runs {low} to {high}." if low else "No run has been stored yet."


def _run(row: tuple[Any, ...]) -> StoredRun:
    key, as_of, data_revision, config_hash, header, checks, number, created_at = row
    return StoredRun(
        key=key,
        as_of=dt.date.fromisoformat(as_of),
        data_revision=data_revision,
        config_hash=config_hash,
        header=json.loads(header),
        checks=json.loads(checks),
        number=number,
        created_at=dt.datetime.fromisoformat(created_at),
    )


def load_verdicts(
    connection: sqlite3.Connection, number: int, subject: tuple[str, str] | None = None
) -> Iterator[StoredVerdict]:
    """Yield the verdicts of a run that were stored in full, by kind, id and check.

    Args:
        connection: A read transaction.
        number: The run.
        subject: Kind and id; None means all.
    """
    one = "" if subject is None else " AND kind = ? AND id = ?"
    query = f"{_SELECT_VERDICTS}{one} ORDER BY kind, id, check_id"
    rows = connection.execute(query, (number, *(subject or ())))
    return (StoredVerdict(*row) for row in rows)


def load_rules(connection: sqlite3.Connection, number: int) -> tuple[StoredRules, ...]:
    """Return what the checks of a run say, by kind; nothing for a run of an earlier version."""
    query = "SELECT kind, format, data FROM run_rules WHERE run = ? ORDER BY kind"
    return tuple(StoredRules(*row) for row in connection.execute(query, (number,)))


def load_facts(
    connection: sqlite3.Connection, number: int, kind: str, subject_id: str | None = None
) -> Iterator[StoredFacts]:
    """Yield the facts of a kind that a run keeps, block by block in order of id.

    Args:
        connection: A read transaction.
        number: The run.
        kind: Kind of subject.
        subject_id: Only the block that the subject would be in.
    """
    if subject_id is None:
        rows = connection.execute(f"{_SELECT_FACTS} ORDER BY first_id", (number, kind))
    else:
        query = f"{_SELECT_FACTS} AND first_id <= ? ORDER BY first_id DESC LIMIT 1"
        rows = connection.execute(query, (number, kind, subject_id))
    return (StoredFacts(*row) for row in rows)


_SELECT_VERDICTS = """
SELECT kind, id, check_id, outcome, severity, fingerprint, detail_json
FROM run_verdicts WHERE run = ?
"""
_SELECT_PRUNED = "SELECT as_of, substr(pruned_at, 1, 10) FROM pruned_runs WHERE run = ?"
_SELECT_FACTS = """
SELECT kind, first_id, last_id, subjects, data FROM run_facts WHERE run = ? AND kind = ?
"""
