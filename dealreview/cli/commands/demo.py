"""``dealreview demo``."""

from __future__ import annotations

from pathlib import Path

import click

HELP = """Make the files and the database of an invented company to try things on.

Forty customers, three teams, some 300 deals: what the company's systems export on four Fridays, the
mappings and a configuration are written to DIR, imported there and reviewed week by week.

\b
Examples:
  dealreview demo
  dealreview demo /tmp/company
"""


@click.command("demo", help=HELP)
@click.argument(
    "folder", metavar="[DIR]", default="dealreview-demo", type=click.Path(path_type=Path)
)
def command(folder: Path) -> int:
    """Make the demo."""
    from dealreview.cli.output import terminal_width, write_lines
    from dealreview.demo import make_demo

    return make_demo(folder, show=write_lines, width=terminal_width())
