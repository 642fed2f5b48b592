"""``dealreview packs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import config_option, format_option, modules_option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.checks.check import Check
    from dealreview.engine.registry import Registry

INCOMPLETE = 3
HELP = """List the packs that are loaded, and what went wrong.

A pack that can't be loaded is named on standard error and takes nothing else with it.

\b
Examples:
  dealreview packs
  dealreview packs -p our_checks --format json
  dealreview packs new acme
  dealreview packs check dealreview-acme
"""
NEW_HELP = """Write a new pack to begin with: dealreview-NAME, a package that installs.

It has a check in each of the three forms, a fact, cases, tests that pass at once, a file for CI and
a README. NAME is the namespace of its checks.

\b
Example:
  dealreview packs new acme --into ~/src
"""
CHECK_HELP = """Say what a pack lacks before others can use it.

PATH is the folder of its project, or a folder or file of checks. Every check needs a docstring that
says how it is computed, a question, a source, and a case for each outcome that it can give; every
case must come out as it says.

\b
Examples:
  dealreview packs check .
  dealreview packs check rules/acme.toml --format json

\b
Exit codes: 0 nothing is lacking, 1 something is, 2 there is no pack.
"""
LACKING = 1


@click.group("packs", help=HELP, invoke_without_command=True)
@format_option("text", "json")
@config_option
@modules_option
@click.pass_context
def command(ctx: click.Context, /, **asked: Any) -> int:
    """List the packs, or run a command on one."""
    return 0 if ctx.invoked_subcommand else _list(**asked)


@command.command("new", help=NEW_HELP)
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="Folder to make it in; left out, this one.",
)
def new(name: str, into: Path) -> int:
    """Write a new pack."""
    from dealreview.testing.scaffold import new_pack

    written = new_pack(name, into)
    root = into / f"dealreview-{name}"
    for path in written:
        click.echo(path)
    click.echo(
        f"\nNext:\n  cd {root}\n  pip install -e '.[test]'\n  pytest\n  dealreview packs check ."
    )
    return 0


@command.command("check", help=CHECK_HELP)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@format_option("text", "json")
def check(path: Path, output_format: str) -> int:
    """Say what a pack lacks."""
    from attrs import asdict

    from dealreview.cli.listing import write_list
    from dealreview.reports.quantities import counted
    from dealreview.testing.packcheck import check_pack

    found = check_pack(path)
    fine = f"{counted(len(found.checks), 'check')}, {counted(found.cases, 'case')}: nothing is lacking."
    rows = [(fault.where, f"{fault.cause} {fault.mend}".strip()) for fault in found.faults]
    write_list([asdict(fault) for fault in found.faults], rows, output_format, fine)
    return LACKING if found.faults else 0


def _of(registry: Registry, pack: str) -> list[Check]:
    return [check for check in registry.checks if check.pack == pack]


def _unstable(checks: Iterable[Check]) -> dict[str, Any]:
    """Return the checks that may change or go, and the former ids of others."""
    checks = tuple(checks)
    return {
        "preview": [check.id for check in checks if check.status == "preview"],
        "deprecated": {c.id: c.replacement for c in checks if c.status == "deprecated"},
        "renamed": {old: check.id for check in checks for old in check.renamed_from},
    }


def _tell_unstable(preview: list[str], deprecated: dict[str, str], renamed: dict[str, str]) -> None:
    """Say on standard error which checks are not stable, so that JSON stays whole."""
    for check in preview:
        click.echo(f"note: {check} is in preview.", err=True)
    for check, replacement in deprecated.items():
        click.echo(f"note: {check} is deprecated; use {replacement}.", err=True)
    for old, new in renamed.items():
        click.echo(f"note: {old} is called {new} now.", err=True)


def _list(config_path: Path | None, modules: tuple[str, ...], **asked: Any) -> int:
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
    items = [asdict(pack) | _unstable(_of(registry, pack.name)) for pack in registry.packs]
    write_list(items, rows, asked["output_format"], "There is no pack.")
    _tell_unstable(**_unstable(registry.checks))
    write_problems(registry.problems)
    return INCOMPLETE if registry.problems else 0
