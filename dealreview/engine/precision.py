"""How often what checks found in earlier runs came true."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.checks.facts import Fact, Provider, facts
from dealreview.engine.subjects import PIPELINE_ID
from dealreview.model.outcome import Outcome
from dealreview.store.scorecards import load_outcomes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    import polars as pl

OLDEST, NEWEST = 455, 90
"""Days before the review between which runs count: a year, that ended long enough ago to know more."""

AFTER_DAYS = 90
"""Days after a finding within which it comes true or not."""

PUSHED_DAYS = 30
"""Days by which an expected close moves later when a finding came true."""

_FINDING = re.compile(b"[" + bytes([Outcome.WATCH.code, Outcome.RISK.code]) + b"]")
Firsts = dict[str, dt.date]
"""Deals, and the day on which each is counted."""


@facts(
    "pipeline",
    Fact(
        "check_precision",
        "set",
        "For each check with findings on open deals in runs of 90 to 455 days ago, as 'check: hits of "
        "n, base hits of n': how many of the deals were lost, or pushed by 30 days or more, within 90 "
        "days of the first finding, and how many of all open deals of the same runs. Pushes count "
        "where the history of the expected close is recorded.",
    ),
    step="organisation",
    reads={
        "deals": ("deal_id", "stage_id", "closed_on", "expected_close_on"),
        "stages": ("stage_id", "kind"),
        "deal_changes": ("change_id", "deal_id", "field", "old_value", "new_value", "changed_at"),
    },
)
def precision(inputs: Any) -> pl.DataFrame:
    """Hold the findings of earlier runs against what became of the deals."""
    import polars as pl

    connection = inputs.source.visible.tables.connection
    runs = _runs(connection, inputs.as_of)
    lines = []
    if runs:
        ends = _ends(inputs)
        bases: dict[frozenset[int], tuple[int, int]] = {}
        for check, found in sorted(_first_findings(connection, runs).items()):
            asked = frozenset(run for run, (_day, checks) in runs.items() if check in checks)
            if asked not in bases:
                bases[asked] = _came_true(ends, _first_seen(connection, runs, asked))
            hits, n = _came_true(ends, found)
            if n:
                base_hits, base_n = bases[asked]
                lines.append(f"{check}: {hits} of {n}, base {base_hits} of {base_n}")
    return pl.DataFrame(
        {"id": [PIPELINE_ID], "check_precision": [lines]},
        schema={"id": pl.String, "check_precision": pl.List(pl.String)},
    )


def engine_provider() -> Provider:
    """Return the provider that the engine itself brings."""
    declared: Provider = precision.__dealreview_provider__  # type: ignore[attr-defined]
    return evolve(declared, name="runs/precision")


def _runs(
    connection: sqlite3.Connection, as_of: dt.date
) -> dict[int, tuple[dt.date, frozenset[str]]]:
    """Return the day and the checks of each run that counts, the newest of each day, in order."""
    span = [(as_of - dt.timedelta(days=days)).isoformat() for days in (OLDEST, NEWEST)]
    query = "SELECT run, as_of, checks_json FROM runs WHERE as_of BETWEEN ? AND ? ORDER BY run"
    newest = {day: (run, checks) for run, day, checks in connection.execute(query, span)}
    return {
        run: (dt.date.fromisoformat(day), frozenset(json.loads(checks)))
        for day, (run, checks) in sorted(newest.items())
    }


def _first_findings(
    connection: sqlite3.Connection, runs: Mapping[int, tuple[dt.date, Any]]
) -> dict[str, Firsts]:
    """Return for each check the deals that it found something on, and the day of the first run."""
    found: dict[str, Firsts] = {}
    for run, (day, _checks) in runs.items():
        [(checks,)] = connection.execute("SELECT checks_json FROM runs WHERE run = ?", (run,))
        by_place = [found.setdefault(check, {}) for check in json.loads(checks)]
        for deal, outcomes in load_outcomes(connection, run, "deal").items():
            for place in _FINDING.finditer(outcomes or b""):
                by_place[place.start()].setdefault(deal, day)
    return {check: firsts for check, firsts in found.items() if firsts}


def _first_seen(
    connection: sqlite3.Connection, runs: Mapping[int, tuple[dt.date, Any]], asked: frozenset[int]
) -> Firsts:
    """Return the deals of some runs, and the day of the first of them."""
    found: Firsts = {}
    for run, (day, _checks) in runs.items():
        if run in asked:
            for deal in load_outcomes(connection, run, "deal"):
                found.setdefault(deal, day)
    return found


@frozen
class Ends:
    """What became of deals.

    Attributes:
        deals: ``deal_id``, ``closed_on``, ``expected_close_on`` and whether it was ``lost``.
        moves: ``deal_id``, day and value before each change of the expected close, in order.
    """

    deals: pl.DataFrame
    moves: pl.DataFrame


def _ends(inputs: Any) -> Ends:
    import polars as pl

    from dealreview.plugins.changes import daily, steps

    deals = inputs.table("deals").join(inputs.table("stages"), on="stage_id", how="left")
    moves = daily(steps(inputs, "expected_close_on"))
    return Ends(
        deals.select("deal_id", "closed_on", "expected_close_on", lost=pl.col("kind") == "lost"),
        moves.select("deal_id", _moved_on="on", _was="old").sort("_moved_on"),
    )


def _came_true(ends: Ends, firsts: Firsts) -> tuple[int, int]:
    """Return how many of the deals that were open on their day were lost or pushed, and how many."""
    import polars as pl

    schema = {"deal_id": pl.String, "on": pl.Date}
    frame = pl.DataFrame([list(firsts), list(firsts.values())], schema=schema)
    frame = frame.join(ends.deals, on="deal_id").with_columns(
        until=pl.col("on") + pl.duration(days=AFTER_DAYS)
    )
    closed = pl.col("closed_on")
    frame = frame.filter(closed.is_null() | (closed > pl.col("on")))
    frame = _close_date_at(ends, _close_date_at(ends, frame, "on"), "until")
    lost = pl.col("lost") & (closed <= pl.col("until"))
    pushed = (pl.col("close_until") - pl.col("close_on")).dt.total_days() >= PUSHED_DAYS
    hits = (lost.fill_null(value=False) | pushed.fill_null(value=False)).sum()
    return int(frame.select(hits).item()), frame.height


def _close_date_at(ends: Ends, frame: pl.DataFrame, day: str) -> pl.DataFrame:
    """Add the expected close as it was at the end of a day, as ``close_<day>``."""
    import polars as pl

    following = (pl.col(day) + pl.duration(days=1)).alias("_next")
    frame = frame.with_columns(following).sort("_next")
    frame = frame.join_asof(
        ends.moves,
        left_on="_next",
        right_on="_moved_on",
        by="deal_id",
        strategy="forward",
        check_sortedness=False,
    )
    was = pl.col("_was").str.to_date("%Y-%m-%d", strict=False)
    moved = pl.col("_moved_on").is_not_null()
    value = pl.when(moved).then(was).otherwise(pl.col("expected_close_on"))
    return frame.with_columns(value.alias(f"close_{day}")).drop("_next", "_was", "_moved_on")
