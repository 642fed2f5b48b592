"""``dealreview schema``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import Any

import click

from dealreview.cli.options import config_option, modules_option

INCOMPLETE = 3

HELP = """Print the reference of the tables, of the configuration, or the JSON Schema of a review.

\b
Examples:
  dealreview schema
  dealreview schema --format json
  dealreview schema --settings
  dealreview schema --review > review.schema.json
  dealreview schema -p our_pack

Tables of packs come after those of dealreview itself.
"""


@click.command("schema", help=HELP)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="Form of the reference of the tables.",
)
@click.option("--review", is_flag=True, help="Print the JSON Schema (2020-12) of a review instead.")
@click.option("--settings", is_flag=True, help="Print every key of dealreview.toml instead.")
@config_option
@modules_option
def command(output_format: str, *, review: bool, settings: bool, **asked: Any) -> int:
    """Print a reference."""
    from dealreview.cli.output import write_pieces

    if settings:
        from dealreview.engine.settings_reference import config_reference

        write_pieces([config_reference()])
        return 0
    if review:
        from dealreview.reports.schema import review_schema_text

        write_pieces([review_schema_text()])
        return 0
    return _tables(output_format, **asked)


def _tables(output_format: str, config_path: Path | None, modules: tuple[str, ...]) -> int:
    from dealreview.cli.listing import write_problems
    from dealreview.cli.output import write_pieces
    from dealreview.cli.session import load_registry, open_config
    from dealreview.store.reference import schema_json, schema_markdown
    from dealreview.store.schema import TABLES

    registry = load_registry(open_config(config_path), modules)
    tables = (*TABLES.values(), *registry.tables.values())
    write_pieces([schema_json(tables) if output_format == "json" else schema_markdown(tables)])
    write_problems(registry.problems)
    return INCOMPLETE if registry.problems else 0
