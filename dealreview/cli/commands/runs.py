"""``dealreview runs``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import config_option, database_option, format_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dealreview.store.database import Database
    from dealreview.store.pruning import OldRun, Pin
    from dealreview.store.runs import StoredRun

HELP = """List the reviews that are stored in a database, the newest first; keep some, take old ones out.

Of the checks that were selected it is said how many had anything recorded to look at.

\b
Examples:
  dealreview runs --db deals.db
  dealreview runs --format json
  dealreview runs prune --dry-run
  dealreview runs keep 12 --reason "board meeting"
"""
PRUNE_HELP = """Take old runs out, as [runs] in dealreview.toml says, and name them.

By default the last 30 stay, of the last 53 weeks the last run of each, and of the last 60 months the
last run of each; runs with other checks count by themselves. A run that is kept (`dealreview runs
keep`), or that a review was compared with by --new-only in the last 90 days, stays. Storing a review
does the same.

The space is used again by later runs. --vacuum gives it back to the disk: the whole file is written
anew, which takes ten seconds a gigabyte or more, and room for two more copies while it lasts.

\b
Examples:
  dealreview runs prune --dry-run
  dealreview runs prune --vacuum
"""
KEEP_HELP = """Keep a run however old it gets.

\b
Example:
  dealreview runs keep 12 --reason "board meeting"
"""
RELEASE_HELP = """Let a run be taken out when it is old.

\b
Example:
  dealreview runs release 12
"""


@click.group("runs", help=HELP, invoke_without_command=True)
@click.pass_context
@database_option()
@format_option("text", "json")
def command(ctx: click.Context, /, **asked: Any) -> int:
    """List the stored reviews, or run a command on them."""
    ctx.obj = asked
    return 0 if ctx.invoked_subcommand else _list(**asked)


def _both(session: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Return options, which may stand before or behind the name of the command."""
    database = asked["db_path"] or session["db_path"]
    form = session["output_format"] if asked["output_format"] == "text" else asked["output_format"]
    return asked | {"db_path": database, "output_format": form}


def _list(db_path: Path | None, output_format: str) -> int:
    from dealreview.cli.listing import write_list
    from dealreview.cli.session import open_database
    from dealreview.store.pruning import load_pins
    from dealreview.store.runs import list_runs

    with open_database(db_path).read() as connection:
        runs, pins = list_runs(connection), load_pins(connection)
    rows = [_row(run, pins) for run in runs]
    items = [_item(run, pins) for run in runs]
    write_list(items, rows, output_format, "No review is stored: dealreview review")
    return 0


@command.command("prune", help=PRUNE_HELP)
@database_option()
@format_option("text", "json")
@config_option
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--vacuum", is_flag=True, help="Give the space back to the disk.")
@click.pass_obj
def prune(
    session: dict[str, Any], /, *, config_path: Path | None, dry_run: bool, **asked: Any
) -> int:
    """Take old runs out."""
    from dealreview.cli.progress import progress
    from dealreview.cli.session import open_config, open_database, today
    from dealreview.store.pruning import prunable
    from dealreview.store.pruning import prune as prune_runs

    given, config = _both(session, asked), open_config(config_path)
    database, day = open_database(given["db_path"]), today(config)
    with database.read() as connection:
        runs: Sequence[OldRun] = prunable(connection, config.runs, day)
    returned = 0
    if not dry_run:
        with progress() as tell:
            tell("Taking old runs out")
            runs = list(prune_runs(database, runs, day))
            if given["vacuum"]:
                tell("Writing the file anew")
                returned = database.vacuum()
    _write_pruned(database, runs, given["output_format"], dry_run=dry_run, returned=returned)
    return 0


def _write_pruned(
    database: Database, runs: Sequence[OldRun], output_format: str, *, dry_run: bool, returned: int
) -> None:
    from dealreview.cli.output import write_lines, write_pieces
    from dealreview.model.plain import dumped, plain
    from dealreview.reports.layout import line

    free = database.free_bytes()
    if output_format == "json":
        items = [{"run": run.number, "as_of": run.as_of} for run in runs]
        sizes = {"free_bytes": free, "returned_bytes": returned}
        write_pieces([dumped(plain({"pruned": items, "dry_run": dry_run} | sizes)) + "\n"])
        return
    says = "would go" if dry_run else "is gone"
    lines = [f"run {run.number} of {run.as_of} {says}" for run in runs] or [
        "No run is to be pruned."
    ]
    if returned:
        lines.append(f"{returned / 1e6:,.1f} MB are given back to the disk.")
    elif free and not dry_run:
        lines.append(f"{free / 1e6:,.1f} MB of the file are free for later runs; see --vacuum.")
    write_lines([line(sentence) for sentence in lines])


@command.command("keep", help=KEEP_HELP)
@click.argument("number", metavar="RUN", type=int)
@database_option()
@click.option("--reason", required=True, metavar="TEXT", help="What it is kept for.")
@config_option
@click.pass_obj
def keep(
    session: dict[str, Any],
    /,
    *,
    number: int,
    db_path: Path | None,
    reason: str,
    config_path: Path | None,
) -> int:
    """Keep a run."""
    from dealreview.cli.session import open_config, open_database, today
    from dealreview.store.pruning import pin_run

    day = today(open_config(config_path))
    with open_database(db_path or session["db_path"]).write() as connection:
        pin_run(connection, number, reason, day)
    click.echo(f"Run {number} is kept.")
    return 0


@command.command("release", help=RELEASE_HELP)
@click.argument("number", metavar="RUN", type=int)
@database_option()
@click.pass_obj
def release(session: dict[str, Any], /, *, number: int, db_path: Path | None) -> int:
    """Let a run be pruned."""
    from dealreview.cli.session import open_database
    from dealreview.store.pruning import release_run

    with open_database(db_path or session["db_path"]).write() as connection:
        release_run(connection, number)
    click.echo(f"Run {number} may be pruned when it is old.")
    return 0


def _row(run: StoredRun, pins: Mapping[int, Pin]) -> tuple[str, ...]:
    from dealreview.reports.quantities import counted

    problems = len(run.header.get("problems", ()))
    stored = f"stored {run.created_at:%Y-%m-%d %H:%M} UTC" if run.created_at else ""
    reviewed, checks = _reviewed(run), counted(len(run.checks), "check")
    of = "" if reviewed in {None, len(run.checks)} else f"{reviewed:,} of "
    about = f"{of}{checks}, data revision {run.data_revision}"
    troubles = f", {counted(problems, 'problem')}" if problems else ""
    pin = pins.get(run.number or 0)
    kept = f", kept: {pin.reason}" if pin else ""
    return f"run {run.number}", f"as of {run.as_of}", stored, about + troubles + kept


def _reviewed(run: StoredRun) -> int | None:
    """Return how many checks had anything to look at; None for a run that did not keep it."""
    left_out = run.header.get("not_reviewed")
    return None if left_out is None else len(run.checks) - len(left_out)


def _item(run: StoredRun, pins: Mapping[int, Pin]) -> dict[str, Any]:
    pin = pins.get(run.number or 0)
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
        "kept": {"reason": pin.reason, "until": pin.until} if pin else None,
    }
