"""``dealreview schema``."""

from __future__ import annotations

import click

HELP = """Print the reference of the tables, of the configuration, or the JSON Schema of a review.

\b
Examples:
  dealreview schema
  dealreview schema --format json
  dealreview schema --settings
  dealreview schema --review > review.schema.json
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
def command(output_format: str, *, review: bool, settings: bool) -> int:
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
    from dealreview.store.reference import schema_json, schema_markdown

    write_pieces([schema_json() if output_format == "json" else schema_markdown()])
    return 0
