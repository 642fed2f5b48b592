"""``dealreview snapshot``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import database_option, format_option

if TYPE_CHECKING:
    from dealreview.store.database import Database
    from dealreview.store.snapshot.keeping import State
    from dealreview.store.snapshot.manifest import Manifest

HELP = """Keep a columnar copy beside a large database, so that reviews need not read its rows.

A review looks after it by itself: it builds the copy of a database of 32 MB or more, brings it up to
date from what has changed, and reads the database where that is not possible. The copy holds nothing
that the database does not; deleting it costs time only. It lies in the folder FILE.snapshot beside
the database FILE.

\b
Examples:
  dealreview snapshot --db deals.db
  dealreview snapshot build --db deals.db
  dealreview snapshot verify --rows --db deals.db
  dealreview snapshot drop --db deals.db
  dealreview review --snapshot off --db deals.db

\b
Exit codes: 0 fine, 2 it can't be done, 3 it is damaged (verify).
"""
STATUS_HELP = """Say whether there is a snapshot, whether it is up to date, and how large it is.

\b
Example:
  dealreview snapshot status --format json
"""
BUILD_HELP = """Build the snapshot, or bring it up to date if there is one.

\b
Examples:
  dealreview snapshot build --db deals.db
  dealreview snapshot build --anew
"""
DROP_HELP = """Delete the snapshot.

\b
Example:
  dealreview snapshot drop --db deals.db
"""
VERIFY_HELP = """Read every byte of the snapshot and compare it with what was written.

The facts of the last review that lie beside it are part of that. Whether they are those that a
review of all rows finds is not looked at, with --rows neither; review --snapshot off computes them.

\b
Examples:
  dealreview snapshot verify --db deals.db
  dealreview snapshot verify --rows
"""
PATIENCE_S = 60.0
DAMAGED = 3


@click.group("snapshot", help=HELP, invoke_without_command=True)
@click.pass_context
@database_option()
@format_option("text", "json")
def command(ctx: click.Context, /, **asked: Any) -> int:
    """Run a command on the snapshot, or say how it stands."""
    ctx.obj = asked
    return 0 if ctx.invoked_subcommand else _status(**asked)


def _both(session: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Return options, which may stand before or behind the name of the command."""
    database = asked["db_path"] or session["db_path"]
    form = session["output_format"] if asked["output_format"] == "text" else asked["output_format"]
    return asked | {"db_path": database, "output_format": form}


@command.command("status", help=STATUS_HELP)
@database_option()
@format_option("text", "json")
@click.pass_obj
def status(session: dict[str, Any], /, **asked: Any) -> int:
    """Say how the snapshot stands."""
    return _status(**_both(session, asked))


def _status(db_path: Path | None, output_format: str, slow: list[str] | None = None) -> int:
    from dealreview.cli.session import open_database
    from dealreview.store.snapshot.files import folder_of
    from dealreview.store.snapshot.keeping import state_of

    database = open_database(db_path)
    with database.read() as connection:
        state = state_of(folder_of(database.path), connection)
    document, said = _document(database, state), _sentences(database, state)
    if slow is not None:
        document["read_slowly"] = slow
        said += [f"  {sentence}" for sentence in slow]
    _write(document, said, output_format)
    return 0


def _document(database: Database, state: State) -> dict[str, Any]:
    from dealreview.store.snapshot.files import folder_of

    found = state.manifest
    return {
        "folder": str(folder_of(database.path)),
        "state": state.name,
        "reason": state.reason,
        "data_revision": state.revision,
        "revision": found.revision if found else None,
        "made_at": found.made_at if found else None,
        "rows": found.rows if found else None,
        "changed_rows_since_built": _changed(found) if found else None,
        "buckets": found.buckets if found else None,
        "bytes": found.size if found else None,
        "tables_not_kept": _not_kept(found) if found else [],
    }


def _changed(manifest: Manifest) -> int:
    return manifest.revision - manifest.base


def _not_kept(manifest: Manifest) -> list[str]:
    from dealreview.store.schema import TABLES

    return [name for name in TABLES if name not in manifest.tables]


def _sentences(database: Database, state: State) -> list[str]:
    from dealreview.store.snapshot.files import folder_of

    said = {
        "fresh": "up to date",
        "stale": "behind the data; the next review brings it up to date",
        "missing": "not there: dealreview snapshot build",
        "unusable": f"of no use: {state.reason}; it is built anew when it is needed",
    }
    lines = [f"{folder_of(database.path)}: {said[state.name]}"]
    if state.manifest is None:
        return lines
    found = state.manifest
    lines.append(
        f"  {found.rows:,} rows, {found.size / 1e6:,.1f} MB, made {found.made_at}, "
        f"data revision {found.revision:,} of {state.revision:,}"
    )
    left = _not_kept(found)
    if left:
        lines.append(f"  Read from the database, as their keys can't be kept: {', '.join(left)}")
    return lines


def _write(document: dict[str, Any], sentences: list[str], output_format: str) -> None:
    from dealreview.cli.output import write_lines, write_pieces
    from dealreview.model.plain import dumped, plain
    from dealreview.reports.layout import line

    if output_format == "json":
        write_pieces([dumped(plain(document)) + "\n"])
        return
    write_lines([line(sentence) for sentence in sentences])


@command.command("build", help=BUILD_HELP)
@database_option()
@format_option("text", "json")
@click.option("--anew", is_flag=True, help="Build it anew, even if it is there.")
@click.pass_obj
def build(session: dict[str, Any], /, *, anew: bool, **asked: Any) -> int:
    """Build the snapshot or bring it up to date."""
    from dealreview.cli.progress import progress
    from dealreview.cli.session import open_database
    from dealreview.store.snapshot.keeping import make_snapshot

    given = _both(session, asked)
    database = open_database(given["db_path"])
    slow: list[str] = []
    with progress() as tell:
        made = make_snapshot(database, tell, slow.append, patience=PATIENCE_S, anew=anew)
    if not made:
        raise _busy()
    return _status(given["db_path"], given["output_format"], slow)


def _busy() -> Exception:
    from dealreview.model.errors import StoreError

    return StoreError(
        "Another program is writing or reading the snapshot.", mend="Try again when it is done."
    )


@command.command("drop", help=DROP_HELP)
@database_option()
@format_option("text", "json")
@click.pass_obj
def drop(session: dict[str, Any], /, **asked: Any) -> int:
    """Delete the snapshot."""
    from dealreview.cli.session import database_path
    from dealreview.store.snapshot import keeping
    from dealreview.store.snapshot.files import folder_of

    given = _both(session, asked)
    folder = folder_of(database_path(given["db_path"]).absolute())
    there = folder.is_dir()
    if there and not keeping.drop(folder, PATIENCE_S):
        raise _busy()
    said = "is deleted" if there else "was not there"
    document = {"folder": str(folder), "deleted": there}
    _write(document, [f"{folder} {said}."], given["output_format"])
    return 0


@command.command("verify", help=VERIFY_HELP)
@database_option()
@format_option("text", "json")
@click.option("--rows", is_flag=True, help="Also compare every cell with the database; it is read.")
@click.pass_obj
def verify(session: dict[str, Any], /, *, rows: bool, **asked: Any) -> int:
    """Read the snapshot and compare it with what was written."""
    from dealreview.cli.progress import progress
    from dealreview.cli.session import open_database
    from dealreview.engine.factfiles import damaged_facts
    from dealreview.model.errors import StoreError
    from dealreview.store.snapshot.files import folder_of
    from dealreview.store.snapshot.verifying import verified

    given = _both(session, asked)
    database = open_database(given["db_path"])
    with progress() as tell:
        found = verified(database, tell, rows=rows)
    if found is None:
        raise StoreError("There is no snapshot.", mend="dealreview snapshot build")
    folder = folder_of(database.path)
    found += damaged_facts(folder)
    said = [f"{folder}: {'damaged' if found else 'as it was written'}"]
    document = {"folder": str(folder), "damage": found}
    _write(document, [*said, *(f"  {fault}" for fault in found)], given["output_format"])
    return DAMAGED if found else 0
