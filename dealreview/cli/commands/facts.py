"""``dealreview facts``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import config_option, database_option, format_option, modules_option

if TYPE_CHECKING:
    from dealreview.checks.facts import Fact, Provider
    from dealreview.engine.config import Config
    from dealreview.engine.registry import Registry

INCOMPLETE = 3
KINDS = ("deal", "account", "rep", "team", "pipeline")
HELP = """List the facts that checks judge, with type, unit and meaning.

With --db, a company's own columns (x_…) are listed too.

\b
Examples:
  dealreview facts --on deal
  dealreview facts --format json --db deals.db
"""


@click.command("facts", help=HELP)
@click.option("--on", type=click.Choice(KINDS), help="Kind of subject. Left out: all.")
@database_option(needed=False, meaning="Database whose own columns are listed too.")
@format_option("text", "json")
@config_option
@modules_option
def command(on: str | None, db_path: Path | None, config_path: Path | None, **asked: Any) -> int:
    """List the facts."""
    from dealreview.cli.listing import write_list, write_problems
    from dealreview.cli.session import open_config

    registry = _registry(open_config(config_path), asked["modules"], db_path)
    found = [(p, f) for p in registry.providers for f in p.facts if on in (None, p.on)]
    found.sort(key=lambda item: (item[0].on, item[1].name))
    items = [_item(provider, fact) for provider, fact in found]
    rows = [(f"{p.on}.{f.name}", _shape(f), f.description) for p, f in found]
    write_list(items, rows, asked["output_format"], "There is no fact.")
    write_problems(registry.problems)
    return INCOMPLETE if registry.problems else 0


def _registry(config: Config, modules: tuple[str, ...], db_path: Path | None) -> Registry:
    from dealreview.cli.session import load_registry, open_database

    if db_path is None:
        return load_registry(config, modules)
    from dealreview.store.tables import Tables

    with open_database(db_path).read() as connection:
        return load_registry(config, modules, Tables(connection))


def _shape(fact: Fact) -> str:
    return f"{fact.type}, {fact.unit}" if fact.unit else fact.type


def _item(provider: Provider, fact: Fact) -> dict[str, Any]:
    return {
        "on": provider.on,
        "name": fact.name,
        "type": fact.type,
        "unit": fact.unit or None,
        "description": fact.description,
        "pack": provider.name.partition("/")[0],
        "step": provider.step,
        "requires": fact.requires,
        "origin": fact.origin or None,
    }
