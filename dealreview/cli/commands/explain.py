"""``dealreview explain``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from dealreview.cli.options import config_option, database_option, format_option, modules_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.checks.parameters import Parameter
    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Wanted
    from dealreview.engine.registry import Registry
    from dealreview.engine.selection import Selection
    from dealreview.model.outcome import Kind
    from dealreview.reports.explain import CheckPage
    from dealreview.store.tables import Tables

HELP = """Explain a check: what it looks at, its numbers and where they come from.

Each parameter is printed with its bounds, its effective value and whether that is the default, comes
from the configuration or from an override. With --db it is said whether the check is reviewed there.

\b
Examples:
  dealreview explain pricing/margin-floor
  dealreview explain margin-floor --db deals.db
"""


@click.command("explain", help=HELP)
@click.argument("check")
@database_option(needed=False, meaning="Database that is asked for what the check needs.")
@format_option("text", "json")
@config_option
@modules_option
def command(check: str, db_path: Path | None, config_path: Path | None, **asked: Any) -> int:
    """Explain a check."""
    from dealreview.cli.session import open_config, open_database

    config = open_config(config_path)
    if db_path is None:
        page = _page(check, config, asked["modules"], None)
    else:
        from dealreview.store.tables import Tables

        with open_database(db_path).read() as connection:
            page = _page(check, config, asked["modules"], Tables(connection))
    _write(page, asked["output_format"])
    return 0


def _page(name: str, config: Config, modules: tuple[str, ...], tables: Tables | None) -> CheckPage:
    from dealreview.cli.session import load_registry
    from dealreview.engine.selection import make_selection
    from dealreview.reports.explain import CheckPage

    registry = load_registry(config, modules, tables)
    check = _find(registry, name)
    found = make_selection(registry, evolve(config, select=(), ignore=()), select=[check.id])
    selection = evolve(found, required=frozenset())
    wanted = _wanted(registry, selection)
    facts = {kind: _facts(registry, wanted, kind) for kind in check.on}
    windows = tuple(_fact_parameters(registry, selection, config, wanted))
    needs = _lacking(registry, selection, check, frozenset())
    lacking = None if tables is None else _lacking(registry, selection, check, _recorded(tables))
    return CheckPage(check, selection, needs, lacking, facts, windows)


def _find(registry: Registry, name: str) -> Check:
    """Return a check by its id, a former id, or its slug where only one pack has it.

    Raises:
        ConfigurationError: There is none.
    """
    from dealreview.model.errors import ConfigurationError, did_you_mean

    slugs = [check for check in registry.checks if check.id.partition("/")[2] == name]
    if name in registry.by_id or len(slugs) == 1:
        return registry.by_id.get(name) or slugs[0]
    known = {**registry.by_id, **{c.id.partition("/")[2]: c for c in registry.checks}}
    raise ConfigurationError(
        f"There is no check '{name}'.{did_you_mean(name, known)}",
        mend="`dealreview checks` lists them.",
    )


def _recorded(tables: Tables) -> frozenset[str]:
    from dealreview.store.feeds import load_feeds

    return load_feeds(tables)[1]


def _lacking(
    registry: Registry, selection: Selection, check: Check, recorded: frozenset[str]
) -> Mapping[Kind, tuple[str, ...]]:
    from dealreview.engine.plan import make_plan

    plan = make_plan(registry, selection, recorded)
    return {kind: tuple(n for m in plan.not_reviewed[kind] for n in m.needs) for kind in check.on}


def _wanted(registry: Registry, selection: Selection) -> Wanted:
    """Return the facts that the check reads, as if everything were recorded."""
    from dealreview.engine.plan import make_plan

    groups = [g for facts in registry.facts.values() for f in facts.values() for g in f.requires]
    everything = {name for group in groups for name in group}
    everything |= {name for check in selection.checks for name in check.requires}
    plan = make_plan(registry, selection, frozenset(everything))
    return plan.wanted | plan.live


def _facts(registry: Registry, wanted: Wanted, kind: Kind) -> tuple[Fact, ...]:
    return tuple(registry.facts[kind][name] for on, name in sorted(wanted) if on is kind)


def _fact_parameters(
    registry: Registry, selection: Selection, config: Config, wanted: Wanted
) -> Iterator[tuple[Parameter, Any, str]]:
    """Yield the parameters of the facts and of those behind them, each once."""
    from dealreview.engine.factplan import needed_providers

    providers = needed_providers(registry, wanted)
    found = {p.name: p for provider in providers for p in provider.parameters}
    for name, parameter in sorted(found.items()):
        origin = "configuration" if name in config.facts else "default"
        yield parameter, selection.fact_params[name], origin


def _write(page: CheckPage, output_format: str) -> None:
    from dealreview.cli.output import terminal_width, write_lines, write_pieces
    from dealreview.model.plain import dumped, plain
    from dealreview.reports.explain import explain_object, explain_text

    if output_format == "json":
        write_pieces([dumped(plain(explain_object(page))) + "\n"])
    else:
        write_lines(explain_text(page, terminal_width()))
