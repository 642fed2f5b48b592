"""``dealreview checks``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import Any

import click

from dealreview.cli.options import config_option, format_option, modules_option, selection_options

INCOMPLETE = 3
HELP = """List the checks, with severity, the subjects that they are on and what they look at.

JSON has everything that is declared: the docstring, questions, outcomes that it can give, parameters
with bounds, unit and source, what must be recorded, the facts that it reads and their parameters.

\b
Examples:
  dealreview checks
  dealreview checks --select pricing --format json
"""


@click.command("checks", help=HELP)
@selection_options
@format_option("text", "json")
@config_option
@modules_option
def command(config_path: Path | None, modules: tuple[str, ...], **asked: Any) -> int:
    """List the checks."""
    from dealreview.cli.listing import write_list, write_problems
    from dealreview.cli.session import load_registry, open_config
    from dealreview.engine.selection import make_selection
    from dealreview.reports.checklist import CheckList

    config = open_config(config_path)
    registry = load_registry(config, modules)
    selection = make_selection(registry, config, select=asked["select"], ignore=asked["ignore"])
    items = CheckList(registry, selection).objects() if asked["output_format"] == "json" else []
    base = selection.base
    rows = [(c.id, base[c.id].severity, ", ".join(c.on), c.title) for c in selection.checks]
    write_list(items, rows, asked["output_format"], "There is no check.")
    write_problems(registry.problems)
    return INCOMPLETE if registry.problems else 0
