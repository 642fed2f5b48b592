"""``dealreview import``."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dealreview.checks.extensions import OWN_SUFFIXES
from dealreview.cli.options import (
    DEFAULT_DATABASE,
    config_option,
    database_option,
    format_option,
    modules_option,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dealreview.checks.owntables import OwnTables
    from dealreview.ingest.summary import ImportSummary
    from dealreview.store.database import Database

INCOMPLETE = 3
HELP = """Read exports of other systems into a database.

PATH is a file (CSV, TSV, XLSX, ODS, SQLite …) or a folder. The mapping says which columns become which
fields; it is a TOML file or the name of one that comes with dealreview, such as salesforce. No row is lost
silently: what can't be read is told with file, line, column, value and reason, and is kept in the
table import_problems. All of an import is stored, or nothing.

\b
Examples:
  dealreview import exports/ --mapping salesforce --db deals.db
  dealreview import deals.csv accounts.csv --mapping crm.toml --dry-run
  dealreview import exports/ --suggest > crm.toml

\b
Exit codes: 0 fine, 2 wrong use, mapping or file, 3 rows were rejected, or
most of a column could not be read.
"""


@click.command("import", help=HELP)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH...",
    type=click.Path(path_type=Path, exists=True),
)
@click.option("--mapping", metavar="FILE|NAME", help="Mapping file, or the name of a built-in one.")
@database_option(
    needed=False, meaning=f"Database; made if there is none. Left out: {DEFAULT_DATABASE}."
)
@click.option("--dry-run", is_flag=True, help="Do everything and store nothing.")
@click.option(
    "--strict",
    is_flag=True,
    help="Store nothing if rows are rejected or most of a column is lost.",
)
@click.option("--suggest", is_flag=True, help="Print a mapping to begin with, and import nothing.")
@format_option("text", "json")
@config_option
@modules_option
def command(
    paths: tuple[Path, ...], mapping: str | None, db_path: Path | None, **asked: Any
) -> int:
    """Import files."""
    if asked["suggest"]:
        with _readable(paths, asked) as readable:
            return _suggest(readable)
    if mapping is None:
        raise click.UsageError(
            "Say with --mapping how the files are read, or ask for a first mapping with --suggest.",
            click.get_current_context(),
        )
    from dealreview.ingest.importer import run_import
    from dealreview.ingest.mapping_file import load_mapping

    own = _own_tables(mapping, asked)
    known = {table.name: table for one in own for table in one.tables}
    with _readable(paths, asked) as readable, _progress() as on_progress:
        summary = run_import(
            db_path or Path(DEFAULT_DATABASE),
            readable,
            load_mapping(mapping, known),
            dry_run=asked["dry_run"],
            strict=asked["strict"],
            on_progress=on_progress,
            ready=lambda database: _make_tables(database, own),
        )
    _report(summary, asked["output_format"], db_path)
    return INCOMPLETE if summary.is_incomplete else 0


def _readable(
    paths: tuple[Path, ...], asked: dict[str, Any]
) -> AbstractContextManager[Sequence[Path]]:
    """Give the paths; packs are loaded only where a file is of a kind that dealreview doesn't know."""
    if all(is_known_kind(path) for path in paths):
        return nullcontext(paths)
    from dealreview.checks.extensions import Importer
    from dealreview.cli.converted import converted
    from dealreview.cli.session import load_registry, open_config

    registry = load_registry(open_config(asked["config_path"]), asked["modules"])
    return converted(paths, [one for one in registry.extensions if isinstance(one, Importer)])


def _own_tables(mapping: str, asked: dict[str, Any]) -> Sequence[OwnTables]:
    """Return the tables of packs that a mapping feeds; packs are loaded only where it names one."""
    path = Path(mapping)
    text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
    if "__" not in text:
        return ()
    from dealreview.cli.session import load_registry, open_config

    registry = load_registry(open_config(asked["config_path"]), asked["modules"])
    return [own for own in registry.own if any(table.name in text for table in own.tables)]


def _make_tables(database: Database, own: Sequence[OwnTables]) -> None:
    if own:
        from dealreview.engine.owntables import make_tables

        make_tables(database, own)


def is_known_kind(path: Path) -> bool:
    """Whether a file, or every file of a folder, has an ending that needs no pack."""
    files = path.iterdir() if path.is_dir() else [path]
    return all(file.suffix.lower() in OWN_SUFFIXES for file in files if file.is_file())


def _suggest(paths: Sequence[Path]) -> int:
    from dealreview.cli.output import write_utf8
    from dealreview.ingest.suggest import suggest

    # A mapping is read as UTF-8, whatever the terminal's encoding.
    write_utf8([suggest(paths)])
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[int, int | None, str], None]]:
    from dealreview.cli.progress import progress

    with progress() as tell:
        yield lambda done, total, file: tell(
            f"{Path(file).name}: {done:,} rows" + (f" of {total:,}" if total else "")
        )


def _report(summary: ImportSummary, output_format: str, database: Path | None) -> None:
    from dealreview.cli.output import terminal_width, write_lines, write_pieces

    if output_format == "json":
        from dealreview.model.plain import dumped, plain

        write_pieces([dumped(plain(summary.to_dict())) + "\n"])
        return
    from dealreview.reports.imports import import_text

    write_lines(import_text(summary, terminal_width(), str(database or DEFAULT_DATABASE)))
