"""The steps that make a database what the schema describes; a released step never changes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlite_utils import Database, Migrations

STEPS: tuple[str, ...] = (
    "0001_initial",
    "0002_closed_stages",
    "0003_waivers",
    "0004_snapshot_marks",
    "0005_told_again",
    "0006_activity_titles",
    "0007_one_deal",
    "0008_scorecards_in_columns",
)
"""Names of the steps, each an SQL file in this folder; their number is a database's format."""


def migration_set() -> Migrations:
    """Return the steps as a migration set."""
    from sqlite_utils import Migrations

    found = Migrations("dealreview")
    for step in STEPS:
        found(name=step)(_run(step))
    return found


def _run(step: str) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        # One by one: executescript would commit the transaction that all steps share.
        for statement in statements(step_sql(step)):
            db.conn.execute(statement)

    return run


def step_sql(step: str) -> str:
    """Return the SQL text of a step."""
    from importlib import resources

    return resources.files(__name__).joinpath(f"{step}.sql").read_text(encoding="utf-8")


def statements(script: str) -> Iterator[str]:
    """Yield the statements of an SQL script, triggers whole."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if pending.strip():
        yield pending.strip()
