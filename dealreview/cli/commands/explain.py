"""``dealreview explain``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from dealreview.cli.commands.show import complete
from dealreview.cli.options import (
    DEFAULT_DATABASE,
    as_of_option,
    config_option,
    database_option,
    format_option,
    modules_option,
    selection_options,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Wanted
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import Review
    from dealreview.engine.selection import Selection
    from dealreview.model.outcome import Kind
    from dealreview.reports.checkpage import CheckPage, Told
    from dealreview.reports.ruling import Ruling
    from dealreview.store.database import Database
    from dealreview.store.tables import Tables

HELP = """Explain a check: what it looks at, its numbers and where they come from.

Each parameter is printed with its bounds, its effective value and whether that is the default, comes
from the configuration or from an override. With --db it is said whether the check is reviewed there.

With a deal or another subject it is told how the check judged it: which parameters held, what it
read and where that comes from, what each condition came to and which one decided, and the verdict
with its evidence and points. The conditions are written as TOML rules take them.

\b
Examples:
  dealreview explain pricing/margin-floor
  dealreview explain margin-floor --deal crm:4417
  dealreview explain whale-curve --subject pipeline --as-of 2026-11-14

\b
Exit codes: 0 fine, 2 wrong use or configuration, 3 incomplete (with a subject),
5 no such subject.
"""


@click.command("explain", help=HELP)
@click.argument("check")
@click.option("--deal", metavar="ID", help="Deal that it judged.")
@click.option(
    "--subject",
    metavar="SUBJECT",
    help="What it judged: deal:ID, account:ID, rep:ID, team:ID or pipeline.",
    shell_complete=complete,
)
@database_option(
    needed=False,
    meaning="Database that is asked for what the check needs; with a subject and left out, "
    f"{DEFAULT_DATABASE} of this folder.",
)
@as_of_option
@selection_options
@format_option("text", "json")
@config_option
@modules_option
def command(check: str, db_path: Path | None, config_path: Path | None, **asked: Any) -> int:
    """Explain a check."""
    from dealreview.cli.session import load_registry, open_config, open_database

    config = open_config(config_path)
    wanted = _wanted_subject(asked["deal"], asked["subject"])
    if db_path is None and wanted is None:
        page = _page(load_registry(config, asked["modules"]), check, config, None, asked)
        _write(page, asked["output_format"])
        return 0
    from dealreview.store.tables import Tables

    database = open_database(db_path)
    with database.read() as connection:
        tables = Tables(connection)
        registry = load_registry(config, asked["modules"], tables)
        page = _page(registry, check, config, tables, asked)
    if wanted is not None:
        return _explain_subject(page, registry, database, config, wanted, asked)
    _write(page, asked["output_format"])
    return 0


def _wanted_subject(deal: str | None, subject: str | None) -> str | None:
    from dealreview.cli.subjects import parse_subject

    if deal is not None and subject is not None:
        raise click.UsageError("--deal and --subject name two subjects: give one of them.")
    wanted = f"deal:{deal.removeprefix('deal:')}" if deal is not None else subject
    if wanted is not None:
        parse_subject(wanted)
    return wanted


def _page(
    registry: Registry,
    name: str,
    config: Config,
    tables: Tables | None,
    asked: Mapping[str, Any],
) -> CheckPage:
    from dealreview.engine.choice import choice_of
    from dealreview.engine.selection import make_selection
    from dealreview.reports.checkpage import CheckPage

    check = _find(registry, name)
    found = make_selection(registry, evolve(config, select=(), ignore=()), select=[check.id])
    selection = evolve(found, required=frozenset())
    wanted = _wanted(registry, selection)
    needs = _lacking(registry, selection, check, frozenset())
    return CheckPage(
        check,
        selection,
        needs,
        None if tables is None else _lacking(registry, selection, check, _recorded(tables)),
        {kind: _facts(registry, wanted, kind) for kind in check.on},
        *_fact_parameters(registry, selection, config, wanted),
        choice_of(check, config, asked["select"], asked["ignore"]),
    )


def _explain_subject(
    page: CheckPage,
    registry: Registry,
    database: Database,
    config: Config,
    wanted: str,
    asked: Mapping[str, Any],
) -> int:
    """Write the page with how the check judged a subject; return the exit code of the review."""
    from dealreview.cli.commands.review import Asked, run_review
    from dealreview.cli.listing import write_incomplete
    from dealreview.cli.session import review_day
    from dealreview.cli.subjects import find_subject
    from dealreview.engine.gate import Gate, exit_code

    _demand_judged(page.check, wanted)
    day, select, ignore = review_day(asked["as_of"], config), asked["select"], asked["ignore"]
    if page.choice is not None and not page.choice.selected:
        config = evolve(config, select=(), ignore=())
        select, ignore = (page.check.id,), ()
    review = run_review(database, Asked(config, day, select, ignore, asked["modules"]))
    subject = find_subject(review, wanted)
    write_incomplete(review)
    with database.read() as connection:
        ruling = _ruling(page.check, review, registry, connection, subject)
        # Ids get their names while the page is written.
        _write(evolve(page, ruling=ruling), asked["output_format"])
    return exit_code(review, Gate())


def _demand_judged(check: Check, wanted: str) -> None:
    """Refuse a kind of subject that a check does not judge.

    Raises:
        ConfigurationError: It does not.
    """
    from dealreview.cli.subjects import parse_subject
    from dealreview.model.errors import ConfigurationError

    kind, _ = parse_subject(wanted)
    if kind is not None and kind not in check.on:
        raise ConfigurationError(
            f"{check.id} judges {', '.join(check.on)}, not {kind}.",
            mend=f"Write {' or '.join(_FORMS[on] for on in check.on)}.",
        )


_FORMS = {
    "deal": "--deal ID",
    "account": "--subject account:ID",
    "rep": "--subject rep:ID",
    "team": "--subject team:ID",
    "pipeline": "--subject pipeline",
}


def _ruling(
    check: Check,
    review: Review,
    registry: Registry,
    connection: sqlite3.Connection,
    subject: tuple[Kind, str],
) -> Ruling:
    from dealreview.reports.names import NameBook
    from dealreview.reports.ruling import Case, make_ruling
    from dealreview.store.feeds import load_feeds
    from dealreview.store.tables import Tables

    feeds, recorded = load_feeds(Tables(connection, registry.tables), today=review.header.as_of)
    case = Case(review, registry, feeds, recorded, NameBook(connection))
    return make_ruling(case, check, *subject)


def _find(registry: Registry, name: str) -> Check:
    """Return a check by its id, a former id, or its slug where only one pack has it.

    Raises:
        ConfigurationError: There is none.
    """
    from dealreview.model.errors import ConfigurationError, did_you_mean

    slugs = [check for check in registry.checks if check.id.partition("/")[2] == name]
    if name in registry.by_id or len(slugs) == 1:
        return registry.by_id.get(name) or slugs[0]
    refused = [str(problem) for problem in registry.problems if f"'{name}'" in problem.where]
    known = {**registry.by_id, **{c.id.partition("/")[2]: c for c in registry.checks}}
    raise ConfigurationError(
        f"There is no check '{name}'.{did_you_mean(name, known)}",
        mend="\n".join(refused) or "`dealreview checks` lists them.",
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
) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """Return the parameters of the facts, and those of the facts behind them, each once."""
    from dealreview.engine.factplan import needed_providers

    near = {registry.provider_of(*fact).name for fact in wanted}
    found = {
        p.name: (p, one.name in near)
        for one in needed_providers(registry, wanted)
        for p in one.parameters
    }
    near_by: dict[bool, list[Told]] = {True: [], False: []}
    for name, (parameter, is_near) in sorted(found.items()):
        is_set = name in config.facts or name in config.stand_ins
        origin = "configuration" if is_set else "default"
        near_by[is_near].append((parameter, selection.fact_params[name], origin))
    return tuple(near_by[True]), tuple(near_by[False])


def _write(page: CheckPage, output_format: str) -> None:
    from dealreview.cli.output import terminal_width, write_lines, write_pieces
    from dealreview.model.plain import dumped, plain
    from dealreview.reports.explain import explain_text
    from dealreview.reports.explain_document import explain_object

    if output_format == "json":
        write_pieces([dumped(plain(explain_object(page))) + "\n"])
    else:
        write_lines(explain_text(page, terminal_width()))
