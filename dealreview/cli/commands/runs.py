"""``dealreview runs``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import database_option, format_option

if TYPE_CHECKING:
    from dealreview.store.runs import StoredRun

HELP = """List the reviews that are stored in a database, the newest first.

Of the checks that were selected it is said how many had anything recorded to look at.

\b
Examples:
  dealreview runs --db deals.db
  dealreview runs --format json
"""


@click.command("runs", help=HELP)
@database_option()
@format_option("text", "json")
def command(db_path: Path | None, **asked: Any) -> int:
    """List the stored reviews."""
    from dealreview.cli.listing import write_list
    from dealreview.cli.session import open_database
    from dealreview.store.runs import list_runs

    with open_database(db_path).read() as connection:
        runs = list_runs(connection)
    rows = [_row(run) for run in runs]
    items = [_item(run) for run in runs]
    write_list(items, rows, asked["output_format"], "No review is stored: dealreview review")
    return 0


def _row(run: StoredRun) -> tuple[str, ...]:
    from dealreview.reports.quantities import counted

    problems = len(run.header.get("problems", ()))
    stored = f"stored {run.created_at:%Y-%m-%d %H:%M} UTC" if run.created_at else ""
    reviewed, checks = _reviewed(run), counted(len(run.checks), "check")
    of = "" if reviewed in {None, len(run.checks)} else f"{reviewed:,} of "
    about = f"{of}{checks}, data revision {run.data_revision}"
    troubles = f", {counted(problems, 'problem')}" if problems else ""
    return f"run {run.number}", f"as of {run.as_of}", stored, about + troubles


def _reviewed(run: StoredRun) -> int | None:
    """Return how many checks had anything to look at; None for a run that did not keep it."""
    left_out = run.header.get("not_reviewed")
    return None if left_out is None else len(run.checks) - len(left_out)


def _item(run: StoredRun) -> dict[str, Any]:
    return {
        "run": run.number,
        "id": run.key[:16],
        "as_of": run.as_of,
        "created_at": run.created_at,
        "data_revision": run.data_revision,
        "config_hash": run.config_hash,
        "checks": len(run.checks),
        "checks_reviewed": _reviewed(run),
        "problems": run.header.get("problems", []),
    }
