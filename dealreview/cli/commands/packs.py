"""``dealreview packs``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import Any

import click

from dealreview.cli.options import config_option, format_option, modules_option

INCOMPLETE = 3
HELP = """List the packs that are loaded, and what went wrong.

A pack that can't be loaded is named on standard error and takes nothing else with it.

\b
Examples:
  dealreview packs
  dealreview packs -p our_checks --format json
"""


@click.command("packs", help=HELP)
@format_option("text", "json")
@config_option
@modules_option
def command(config_path: Path | None, modules: tuple[str, ...], **asked: Any) -> int:
    """List the packs."""
    from attrs import asdict

    from dealreview.cli.listing import write_list, write_problems
    from dealreview.cli.session import load_registry, open_config
    from dealreview.reports.quantities import counted

    registry = load_registry(open_config(config_path), modules)
    rows = [
        (
            p.name,
            p.version,
            p.source,
            f"{counted(p.checks, 'check')}, {counted(p.facts, 'fact')}. {p.description}",
        )
        for p in registry.packs
    ]
    items = [asdict(pack) for pack in registry.packs]
    write_list(items, rows, asked["output_format"], "There is no pack.")
    write_problems(registry.problems)
    return INCOMPLETE if registry.problems else 0
