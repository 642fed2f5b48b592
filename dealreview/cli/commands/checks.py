"""``dealreview checks``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import config_option, format_option, modules_option, selection_options

if TYPE_CHECKING:
    from dealreview.checks.check import Check
    from dealreview.engine.selection import Selection

INCOMPLETE = 3
HELP = """List the checks, with severity, the subjects that they are on and what they look at.

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

    config = open_config(config_path)
    registry = load_registry(config, modules)
    selection = make_selection(registry, config, select=asked["select"], ignore=asked["ignore"])
    items = [check_item(check, selection) for check in selection.checks]
    rows = [(i["id"], i["severity"], ", ".join(i["on"]), i["title"]) for i in items]
    write_list(items, rows, asked["output_format"], "There is no check.")
    write_problems(registry.problems)
    return INCOMPLETE if registry.problems else 0


def check_item(check: Check, selection: Selection) -> dict[str, Any]:
    """Return a check for programs, with what it works with where no override holds."""
    base = selection.base[check.id]
    return {
        "id": check.id,
        "title": check.title,
        "severity": base.severity,
        "on": check.on,
        "family": check.family or None,
        "status": check.status,
        "version": check.version,
        "questions": check.ask,
        "parameters": base.values,
    }
