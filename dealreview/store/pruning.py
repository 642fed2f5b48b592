"""Old runs: which are kept, which go, and which people asked to keep."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.model.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dealreview.store.database import Database

AUTO, OFF = "auto", "off"
"""Whether a review that is stored takes old runs out."""

BASELINE = "baseline of --new-only"
BASELINE_HOLDS = dt.timedelta(days=90)
"""How long after its last use a run is kept that a gate compares with."""


@frozen
class Policy:
    """Which runs are kept; see the settings of ``[runs]``."""

    prune: str = AUTO
    keep_last: int = 30
    keep_weeks: int = 53
    keep_months: int = 60


@frozen
class OldRun:
    """What decides whether a run is kept.

    Attributes:
        number: Its number.
        as_of: The day that it looks at.
        checks: Its checks, as they are stored: scores of other checks do not compare.
    """

    number: int
    as_of: dt.date
    checks: str


@frozen
class Pin:
    """A run that is kept however old it is.

    Attributes:
        run: The run.
        reason: What for.
        until: Last day on which it holds; None means always.
    """

    run: int
    reason: str
    until: dt.date | None


# --- what goes -----------------------------------------------------------------------------------


def runs_to_prune(
    runs: Iterable[OldRun], policy: Policy, today: dt.date, pinned: Iterable[int] = ()
) -> tuple[OldRun, ...]:
    """Return the runs that a policy takes out, the oldest first.

    The last ones stay; before them the last stored of each week, and further back of each month, of
    those with the same checks. Weeks and months are those of the day that a run looks at, and are
    counted back from the newest of them that is not in the future.
    """
    newest_first = sorted(runs, key=lambda run: -run.number)
    past = [run.as_of for run in newest_first if run.as_of <= today]
    kept = {run.number for run in newest_first[: policy.keep_last]} | set(pinned)
    kept |= {run.number for run in newest_first if run.as_of > today}
    if past:
        weekly = max(past) - dt.timedelta(weeks=policy.keep_weeks)
        monthly = _months_before(max(past), policy.keep_months)
        kept |= _firsts((run, _week(run.as_of)) for run in newest_first if run.as_of > weekly)
        kept |= _firsts((run, _month(run.as_of)) for run in newest_first if run.as_of > monthly)
    return tuple(run for run in reversed(newest_first) if run.number not in kept)


def _firsts(runs: Iterable[tuple[OldRun, tuple[int, int]]]) -> set[int]:
    """Return the number of the first run of each span and of each list of checks."""
    found: dict[Any, int] = {}
    for run, span in runs:
        found.setdefault((span, run.checks), run.number)
    return set(found.values())


def _week(day: dt.date) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return year, week


def _month(day: dt.date) -> tuple[int, int]:
    return day.year, day.month


def _months_before(day: dt.date, months: int) -> dt.date:
    """Return the last day of the month that lies some months before that of a day."""
    year, month = divmod(day.year * 12 + day.month - months, 12)
    return dt.date(year, month + 1, 1) - dt.timedelta(days=1) if year > 0 else dt.date.min


def old_runs(connection: sqlite3.Connection) -> tuple[OldRun, ...]:
    """Return what is known of all runs, in order of number."""
    rows = connection.execute("SELECT run, as_of, checks_json FROM runs ORDER BY run")
    return tuple(
        OldRun(number, dt.date.fromisoformat(day), checks or "") for number, day, checks in rows
    )


def prunable(connection: sqlite3.Connection, policy: Policy, today: dt.date) -> tuple[OldRun, ...]:
    """Return the stored runs that a policy would take out today, the oldest first."""
    pinned = [pin.run for pin in load_pins(connection).values() if _holds(pin, today)]
    return runs_to_prune(old_runs(connection), policy, today, pinned)


def prune(database: Database, runs: Sequence[OldRun], today: dt.date) -> Iterator[OldRun]:
    """Take runs out one by one, and yield each that is gone; others can write in between.

    A run leaves its number and day behind. One that was pinned meanwhile stays.
    """
    for run in runs:
        with database.write() as connection:
            pin = load_pins(connection).get(run.number)
            gone = (pin is None or not _holds(pin, today)) and _take_out(connection, run.number)
        if gone:
            yield run


def _take_out(connection: sqlite3.Connection, number: int) -> bool:
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    connection.execute(_REMEMBER, (now, number))
    # Its scorecards and findings go with it.
    return connection.execute("DELETE FROM runs WHERE run = ?", (number,)).rowcount == 1


_REMEMBER = """
INSERT INTO pruned_runs (run, key, as_of, created_at, pruned_at)
SELECT run, key, as_of, created_at, ? FROM runs WHERE run = ?
"""


# --- what people keep ----------------------------------------------------------------------------


def pin_run(
    connection: sqlite3.Connection,
    number: int,
    reason: str,
    today: dt.date,
    until: dt.date | None = None,
) -> Pin:
    """Keep a run however old it is, and return what holds now; a lasting pin is not shortened.

    Raises:
        StoreError: There is no such run, or it was pruned.
    """
    _demand_run(connection, number)
    held = load_pins(connection).get(number)
    if until is not None and held is not None and (held.until is None or held.until >= until):
        return held
    last = None if until is None else until.isoformat()
    connection.execute(_PIN, (number, reason, today.isoformat(), last))
    return Pin(number, reason, until)


def release_run(connection: sqlite3.Connection, number: int) -> None:
    """Let a run be pruned when it is old.

    Raises:
        StoreError: It is not kept, or there is no such run.
    """
    _demand_run(connection, number)
    if not connection.execute("DELETE FROM run_pins WHERE run = ?", (number,)).rowcount:
        raise StoreError(f"Run {number} is not kept.", mend="There is nothing to release.")


def _demand_run(connection: sqlite3.Connection, number: int) -> None:
    from dealreview.store.runs import load_run

    load_run(connection, number)


def load_pins(connection: sqlite3.Connection) -> Mapping[int, Pin]:
    """Return the pins by number of the run, also those that have run out."""
    rows = connection.execute("SELECT run, reason, until FROM run_pins ORDER BY run")
    return {
        number: Pin(number, reason, None if until is None else dt.date.fromisoformat(until))
        for number, reason, until in rows
    }


def _holds(pin: Pin, today: dt.date) -> bool:
    return pin.until is None or pin.until >= today


_PIN = """
INSERT OR REPLACE INTO run_pins (run, reason, pinned_on, until) VALUES (?, ?, ?, ?)
"""
