"""``dealreview checks``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import (
    as_of_option,
    config_option,
    database_option,
    format_option,
    modules_option,
    repeated,
    selection_options,
)

if TYPE_CHECKING:
    from dealreview.engine.config import Config

INCOMPLETE = 3
HELP = """List the checks, with severity, the subjects that they are on and what they look at.

JSON has everything that is declared: the docstring, questions, outcomes that it can give, parameters
with bounds, unit and source, what must be recorded, the facts that it reads and their parameters.

With --profile, a database is reviewed, which is not stored, and it is said what each provider of
facts, each check and each table costs: time, processor time, rows, size of the columns that were
added, and how far memory rose meanwhile, which only Linux says.

\b
Examples:
  dealreview checks
  dealreview checks --select pricing --format json
  dealreview checks --profile --db deals.db --as-of 2026-11-14
"""


@click.command("checks", help=HELP)
@selection_options
@format_option("text", "json")
@click.option("--profile", is_flag=True, help="Say what each costs in a review of --db.")
@database_option(meaning="With --profile: the database to review.")
@as_of_option
@config_option
@modules_option
def command(config_path: Path | None, modules: tuple[str, ...], **asked: Any) -> int:
    """List the checks, or what they cost."""
    from dealreview.cli.session import open_config

    config = open_config(config_path)
    if asked["profile"]:
        return _profile(config, modules, asked)
    if typed := repeated(asked, "db_path", "as_of").split():
        raise click.UsageError(f"{typed[0]} goes with --profile.")
    return _list(config, modules, asked)


def _list(config: Config, modules: tuple[str, ...], asked: dict[str, Any]) -> int:
    from dealreview.cli.listing import write_list, write_problems
    from dealreview.cli.session import load_registry
    from dealreview.engine.selection import make_selection
    from dealreview.reports.checklist import CheckList

    registry = load_registry(config, modules)
    selection = make_selection(registry, config, select=asked["select"], ignore=asked["ignore"])
    items = CheckList(registry, selection).objects() if asked["output_format"] == "json" else []
    base = selection.base
    rows = [(c.id, base[c.id].severity, ", ".join(c.on), c.title) for c in selection.checks]
    write_list(items, rows, asked["output_format"], "There is no check.")
    write_problems(registry.problems)
    return INCOMPLETE if registry.problems else 0


def _profile(config: Config, modules: tuple[str, ...], asked: dict[str, Any]) -> int:
    from dealreview.cli.commands.review import Asked, noted
    from dealreview.cli.listing import json_list, write_incomplete
    from dealreview.cli.output import terminal_width, write_lines, write_pieces
    from dealreview.cli.progress import progress
    from dealreview.cli.session import check_modules, open_database, review_day
    from dealreview.engine.profiling import profile_review
    from dealreview.reports.costs import cost_lines, cost_objects

    day, packs = review_day(asked["as_of"], config), check_modules(modules)
    request = Asked(config, day, asked["select"], asked["ignore"], packs).request()
    with progress() as tell:
        review, profile = profile_review(open_database(asked["db_path"]), request, tell, noted)
    if asked["output_format"] == "json":
        write_pieces([json_list(cost_objects(profile))])
    else:
        write_lines(cost_lines(profile, terminal_width()))
    write_incomplete(review)
    return INCOMPLETE if review.errors else 0
