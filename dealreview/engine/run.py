"""Review a database: load, plan, compute, evaluate, and put the result together."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.engine.benchmarks import benchmark_facts
from dealreview.engine.columndigests import digests
from dealreview.engine.criteria import with_criteria
from dealreview.engine.customfacts import custom_providers
from dealreview.engine.executors import SERIAL, Shared, buckets_of, find, spread
from dealreview.engine.factplan import Setting, needed_providers
from dealreview.engine.facts import FactTables, Sights, View, compute_facts
from dealreview.engine.feeds import RecordedFeeds
from dealreview.engine.loader import load_packs
from dealreview.engine.notices import notices
from dealreview.engine.onethread import are_few_rows, on_this_thread
from dealreview.engine.orphans import orphans
from dealreview.engine.owntables import with_tables
from dealreview.engine.plan import Plan, make_plan
from dealreview.engine.rates import Rates
from dealreview.engine.registry import Problem, Registry
from dealreview.engine.remembered import Later, at_once, remembering
from dealreview.engine.review import Header, KindReview, Review
from dealreview.engine.selection import Selection, digest, make_selection
from dealreview.engine.steps import PLAIN, Steps
from dealreview.engine.subjects import SUBJECT_COLUMN
from dealreview.engine.validation import INSIDE
from dealreview.engine.vanished import vanished
from dealreview.model.calendar import month_number, month_start
from dealreview.model.errors import ConfigurationError
from dealreview.model.money import NO_CURRENCY, is_currency
from dealreview.model.outcome import Kind
from dealreview.store.changes import revision as data_revision
from dealreview.store.feeds import load_feeds
from dealreview.store.snapshot.opening import OFF, open_tables
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.version import __version__

if TYPE_CHECKING:
    import sqlite3

    import polars as pl

    from dealreview.checks.check import Check
    from dealreview.engine.config import Config
    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.factplan import Wanted
    from dealreview.engine.facttable import FactTable
    from dealreview.engine.functions import Related
    from dealreview.engine.visible import VisibleTables
    from dealreview.store.database import Database
    from dealreview.store.tables import Tables

EARLIEST, LATEST = dt.date(1970, 1, 1), dt.date(2199, 12, 31)
"""The days that a review can be made as of."""

FAR = dt.timedelta(days=180)
"""Distance of the newest deal from the review's date at which another date is proposed."""

DEAL_COLUMNS = (
    "deal_id",
    "account_id",
    "owner_id",
    "stage_id",
    "amount_minor",
    "currency",
    "created_on",
    "expected_close_on",
    "closed_on",
    "day",
)
"""Attributes of deals that a review keeps for its reports."""

REPORTED = ((Kind.DEAL, "amount"), (Kind.DEAL, "amount_reporting"))
"""Facts that reports show and rank by, whether a selected check needs them or not."""

Progress = Callable[[str], None]


def _quiet(_sentence: str) -> None:
    """Tell nobody."""


@frozen
class Request:
    """What to review.

    Attributes:
        as_of: The day at whose end the review stands.
        config: The configuration.
        select: Patterns of checks; empty takes those of the configuration, else all.
        ignore: Patterns of checks to leave out, beside those of the configuration.
        modules: Importable modules that are packs, beside those of the configuration.
        buckets: Into how many buckets of accounts facts are computed.
        executor: Name of what computes them, ``serial`` for this process.
        snapshot: Whether tables are read from the snapshot: ``auto`` or ``off``.
    """

    as_of: dt.date
    config: Config
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    modules: Sequence[str] = ()
    buckets: int = 1
    executor: str = SERIAL
    snapshot: str = OFF


@frozen
class Context:
    """What the steps of a review share.

    Attributes:
        request: What to review.
        registry: What was loaded.
        selection: Checks and parameters.
        plan: What is reviewed and what it needs.
        tables: The tables as they are stored.
        setting: What every provider shares.
        sights: The tables as of the review's date.
        database: The database.
        notices: What is to be known of checks that are not stable.
        tell: Told the name of each step.
        steps: What adds facts and asks checks.
        later: What keeps facts for the next review.
    """

    request: Request
    registry: Registry
    selection: Selection
    plan: Plan
    tables: Tables
    setting: Setting
    sights: Sights
    tell: Progress
    database: Database | None = None
    notices: tuple[Problem, ...] = ()
    steps: Steps = PLAIN
    later: Later = at_once


def registry_for(
    config: Config, tables: Tables | None = None, modules: Sequence[str] = ()
) -> Registry:
    """Return what the configuration loads, with custom fields of a database as facts."""
    with redirect_stdout(sys.stderr):
        return _loaded(config, tables, modules)


def _loaded(config: Config, tables: Tables | None, modules: Sequence[str]) -> Registry:
    return load_packs(
        folders=config.plugins,
        modules=modules,
        blocked=config.blocked_packs,
        autoload=config.autoload,
        required=config.required_packs,
        isolated=config.isolated,
        extra=custom_providers(tables) if tables is not None else (),
    )


@contextmanager
def opened(
    database: Database,
    request: Request,
    tell: Progress = _quiet,
    note: Progress = _quiet,
    registry: Registry | None = None,
) -> Iterator[tuple[Tables, Registry]]:
    """Give the tables of a read transaction and what is loaded, with the tables of its packs made."""
    with ExitStack() as held:
        reading = held.enter_context(ExitStack())
        connection = reading.enter_context(database.read())
        tables = held.enter_context(open_tables(database, connection, request.snapshot, tell, note))
        tell("Loading packs")
        registry = registry or registry_for(request.config, tables, request.modules)
        if registry.own:
            reading.close()
            with redirect_stdout(sys.stderr):
                registry = with_tables(database, registry)
            tables.reopen(reading.enter_context(database.read()), registry.tables)
        yield tables, registry


def review_database(
    database: Database,
    request: Request,
    tell: Progress = _quiet,
    note: Progress = _quiet,
    registry: Registry | None = None,
    steps: Steps = PLAIN,
    afterwards: Later = at_once,
) -> Review:
    """Return the review of a database; nothing is written but the snapshot and tables of packs.

    Args:
        database: The database.
        request: What to review.
        tell: Told the name of each step.
        note: Told in a sentence why a snapshot is not used.
        registry: What is loaded; None loads it.
        steps: What adds facts and asks checks.
        afterwards: Calls, perhaps beside other work, what only the next review needs.

    Raises:
        ConfigurationError: Something in the configuration that does not exist or is out of bounds.
        NothingSelected: No check is selected.
    """
    work = partial(_reviewed, database, request, tell, note, registry, steps, afterwards)
    return on_this_thread(work) if are_few_rows(database.path) else work()


def _reviewed(
    database: Database,
    request: Request,
    tell: Progress,
    note: Progress,
    registry: Registry | None,
    steps: Steps,
    afterwards: Later,
) -> Review:
    held: list[tuple[Any, ...]] = []

    def after_facts(*call: Any) -> None:
        # Whoever writes while facts are still read keeps them waiting.
        held.append(call)

    # What authors print must not get into a report on standard output.
    with (
        redirect_stdout(sys.stderr),
        opened(database, request, tell, note, registry) as (tables, loaded),
    ):
        context = make_context(tables, request, tell, loaded)
        context = evolve(context, database=database, steps=steps, later=after_facts)
        facts, live = _facts(context)
        for call in held:
            afterwards(*call)
        kinds = {kind: kind_review(context, kind, facts, live) for kind in Kind}
        context.tell("Putting it together")
        header = _header(context, kinds, [*facts.broken.values(), *live.broken.values()], database)
        deals = deals_shown(context.sights.frozen)
        if isinstance(tables, SnapshotTables) and tables.is_damaged:
            note("Files of the snapshot could not be read, so that the database was.")
    return Review(header, kinds, context.selection, deals)


def deals_shown(visible: VisibleTables) -> pl.DataFrame:
    """Return the attributes of deals that reports show, with whom each belongs to."""
    deals = visible.frame("deals", DEAL_COLUMNS).sort("deal_id")
    parents = visible.frame("accounts", ["account_id", "parent_account_id"])
    teams = visible.frame("people", ["person_id", "team_id"]).rename({"person_id": "owner_id"})
    for people in (parents, teams):
        key = people.columns[0]
        deals = deals.join(people, on=key, how="left", validate="m:1", maintain_order="left")
    return deals


def make_context(
    tables: Tables, request: Request, tell: Progress, registry: Registry | None = None
) -> Context:
    """Return what the steps of a review share: packs loaded, checks selected, the plan made.

    Args:
        tables: The tables of a read transaction.
        request: What to review.
        tell: Told the name of each step.
        registry: What is loaded; None loads it.
    """
    config, as_of = request.config, request.as_of
    if not EARLIEST <= as_of <= LATEST:
        raise ConfigurationError(
            f"A review as of {as_of} is not possible.",
            mend=f"Choose a day from {EARLIEST} to {LATEST}.",
        )
    registry = registry or registry_for(config, tables, request.modules)
    registry = with_criteria(registry, config.stand_ins.get("fit", {}), config.source)
    selection = make_selection(registry, config, select=request.select, ignore=request.ignore)
    found, recorded = load_feeds(tables, today=as_of)
    feeds = RecordedFeeds(tuple(found), recorded, as_of, config.organisation.max_feed_lag_days)
    currency = config.organisation.reporting_currency or _main_currency(tables)
    rates = tables.frame("fx_rates", ["currency", "on_date", "rate"])
    setting = Setting(
        as_of,
        config.calendar(_holidays(config, tables), range(as_of.year - 3, as_of.year + 2)),
        currency,
        feeds,
        Rates(rates, currency, config.organisation.max_rate_age_days),
        selection.fact_params,
    )
    sights = Sights.of(tables, setting)
    plan = make_plan(registry, selection, recorded)
    selection = selection.shaped_by(_shaping(registry, selection, plan))
    said = notices(registry, selection, config, request.select, request.ignore)
    return Context(request, registry, selection, plan, tables, setting, sights, tell, notices=said)


def _shaping(registry: Registry, selection: Selection, plan: Plan) -> dict[str, dict[str, Any]]:
    """Return the fact parameters that each check depends on through the facts that it reads."""
    return {
        check: {
            parameter.name: selection.fact_params[parameter.name]
            for provider in needed_providers(registry, reads)
            for parameter in provider.parameters
        }
        for check, reads in plan.reads.items()
    }


def _main_currency(tables: Tables) -> str:
    """Return the currency of most deals, the first by code of several, if any has one."""
    for table in ("deals", "account_months"):
        given = tables.frame(table, ["currency"])["currency"].drop_nulls().value_counts()
        counts = {str(code): count for code, count in given.iter_rows() if is_currency(code)}
        if counts:
            return min(counts, key=lambda code: (-counts[code], code))
    return NO_CURRENCY


def _holidays(config: Config, tables: Tables) -> list[dt.date]:
    """Return the days of the configured calendar in the table of holidays."""
    frame = tables.frame("holidays", ["calendar", "on_date"])
    return [
        day
        for name, day in frame.iter_rows()
        if name == config.organisation.holiday_calendar and day is not None
    ]


def _facts(context: Context) -> tuple[FactTables, FactTables]:
    """Return facts with closed deals frozen, and those of checks that go on after closing."""
    context.tell("Computing facts")
    facts, *live = _computed(context, views_of(context.registry, context.plan))
    return facts, live[0] if live else FactTables({}, {})


def views_of(registry: Registry, plan: Plan) -> list[View]:
    """Return which facts a review needs: those with closed deals frozen, and any that go on."""
    shown = reported(registry)
    views = [View(plan.wanted | shown, at_hand=shown)]
    if any(check.after_close for check in plan.checks[Kind.DEAL]):
        views.append(View(plan.live, frozen_closed=False))
    return views


def _computed(context: Context, views: Sequence[View]) -> list[FactTables]:
    """Return the facts of each view, their local part through the executor that was asked for."""
    request, setting, registry = context.request, context.setting, context.registry
    executor = find(registry, request.executor, request.config.dask)
    sights, buckets, elsewhere = context.sights, request.buckets, None
    if executor is not None and context.database is not None:
        shared = Shared(
            context.database.path,
            data_revision(context.tables.connection),
            request.config,
            tuple(request.modules),
            tuple(views),
            setting,
            context.tables.manifest.mark if isinstance(context.tables, SnapshotTables) else "",
        )
        buckets = max(request.buckets, buckets_of(executor))
        elsewhere = partial(spread, executor, shared, registry, sights)
    # Who looks on wants to see everything computed.
    memory = (
        remembering(registry, request.config, views, sights, setting, context.later)
        if context.steps is PLAIN
        else None
    )
    return compute_facts(
        registry,
        views,
        sights,
        setting,
        buckets=buckets,
        spread=elsewhere,
        memory=memory,
        steps=context.steps,
    )


def reported(registry: Registry) -> Wanted:
    """Return the facts that reports show, as far as a pack provides them."""
    return frozenset((kind, name) for kind, name in REPORTED if name in registry.facts[kind])


def kind_review(context: Context, kind: Kind, facts: FactTables, live: FactTables) -> KindReview:
    """Return what the planned checks say about the subjects of a kind.

    Args:
        context: What the steps of a review share.
        kind: The kind.
        facts: Facts with closed deals as of their closing day.
        live: Facts for the checks that go on after closing.
    """
    context.tell(f"Judging: {kind}")
    checks = context.plan.checks[kind]
    live_checks = [c for c in checks if c.after_close and kind is Kind.DEAL]
    frozen_checks = [c for c in checks if c not in live_checks]
    sights = context.sights
    seen = sights.frozen if kind is Kind.DEAL else sights.today
    results = _evaluate(context, frozen_checks, kind, facts, seen)
    results += _evaluate(context, live_checks, kind, live, sights.today)
    tables = {check.id: facts.tables[kind] for check in frozen_checks}
    tables |= {check.id: live.tables[kind] for check in live_checks}
    return KindReview(
        kind,
        tuple(sorted(results, key=lambda result: result.check.id)),
        tables,
        facts.tables[kind],
        context.registry.facts[kind],
        context.plan.not_reviewed[kind],
        context.setting.rates,
        Fraction(str(context.request.config.coverage_floor)),
        benchmarks=_benchmarks_read(context, kind),
    )


def _benchmarks_read(context: Context, kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    registry, plan = context.registry, context.plan
    frozen = benchmark_facts(registry, plan.wanted | reported(registry), kind)
    return frozen, benchmark_facts(registry, plan.live, kind)


def _evaluate(
    context: Context,
    checks: Sequence[Check],
    kind: Kind,
    facts: FactTables,
    visible: VisibleTables,
) -> list[CheckResult]:
    if not checks:
        return []
    types = context.registry.fact_types[kind]
    related = _related(visible, checks, kind)
    return context.steps.evaluate(
        context.selection, checks, kind, facts.tables[kind], types, facts.broken, related
    )


def _related(visible: VisibleTables, checks: Sequence[Check], kind: Kind) -> Related:
    """Return the records that functions ask for, by table and subject id, in order of their keys."""
    wanted: dict[str, set[str]] = {}
    for check in checks:
        for table, columns in check.related.items():
            wanted.setdefault(table, set()).update(columns)
    found: dict[str, dict[str, tuple[Mapping[str, Any], ...]]] = {}
    key = SUBJECT_COLUMN.get(kind)
    for table, asked in wanted.items():
        names = sorted({*asked, *([key] if key else [])})
        by_subject: dict[str, list[Mapping[str, Any]]] = {}
        for record in visible.frame(table, names).iter_rows(named=True):
            by_subject.setdefault(record[key] if key else "pipeline", []).append(record)
        found[table] = {subject: tuple(records) for subject, records in by_subject.items()}
    return found


# --- the header ----------------------------------------------------------------------------------


def _header(
    context: Context,
    kinds: Mapping[Kind, KindReview],
    broken: Sequence[Problem],
    database: Database,
) -> Header:
    connection = context.tables.connection
    failed = [
        _of_pack(context.registry, result.problem, result.check.pack)
        for kind in kinds.values()
        for result in kind.results
        if result.problem is not None
    ]
    problems = [
        *context.registry.problems,
        *context.notices,
        *(_of_pack(context.registry, one, _pack_of_facts(one)) for one in broken),
        *failed,
        *_unreadable(context),
        *_stopped(context),
        *orphans(connection),
        *vanished(
            connection,
            context.setting.feeds,
            context.request.config.stand_ins,
            context.plan.not_reviewed,
        ),
    ]
    base = context.selection.base
    benchmarks = _benchmarks(context, kinds)
    return Header(
        as_of=context.request.as_of,
        data_revision=database.revision(connection),
        config_hash=context.request.config.hash,
        reporting_currency=context.setting.currency,
        packs=context.registry.packs,
        checks={
            check.id: (check.version, base[check.id].digest) for check in context.selection.checks
        },
        problems=tuple(dict.fromkeys(problems)),
        rejected_rows=_rejected(connection),
        judged_by_todays_values=_without_history(context),
        gone=_gone(context),
        proposed_as_of=_proposal(context),
        benchmarks=benchmarks,
        organisation_hash=digest(benchmarks),
        recorded=tuple(sorted(context.setting.feeds.recorded)),
        engine_version=__version__,
        renamed=context.registry.renamed,
    )


def _of_pack(registry: Registry, problem: Problem, pack: str) -> Problem:
    """Return a problem that names the distribution and version of a pack that was installed."""
    info = next((info for info in registry.packs if info.name == pack), None)
    if info is None or info.source == INSIDE or not info.version:
        return problem
    return evolve(problem, where=f"{problem.where} of {info.source} {info.version}")


def _pack_of_facts(problem: Problem) -> str:
    """Return the pack of a problem of facts, which is named after a provider: ``facts of pack/name``."""
    return problem.where.rpartition(" ")[2].partition("/")[0]


def _stopped(context: Context) -> Iterable[Problem]:
    """Return notes on feeds that ended too early, of the tables that this review reads."""
    providers = needed_providers(context.registry, context.plan.wanted | context.plan.live)
    schema = context.sights.frozen.schema
    tables = {table for provider in providers for table in provider.reads if schema(table).dated_by}
    _, month = context.setting.calendar.complete_months(context.request.as_of, 1)
    month_end = month_start(month_number(month) + 1) - dt.timedelta(days=1)
    return context.setting.feeds.stopped(tables - {"deals"}, month_end)


def _unreadable(context: Context) -> list[Problem]:
    found = context.tables.unreadable.items()
    return [
        Problem(
            name,
            "1 cell can't be read as what the column holds; it counts as empty."
            if count == 1
            else f"{count:,} cells can't be read as what the column holds; they count as empty.",
            kind="data",
        )
        for name, count in sorted(found)
        if count
    ]


def _rejected(connection: sqlite3.Connection) -> int:
    """Count the rows that the latest import of each file rejected."""
    seen: set[str] = set()
    total = 0
    newest_first = "SELECT summary_json FROM imports ORDER BY import_id DESC"
    for (summary,) in connection.execute(newest_first):
        counts = [entry for entry in json.loads(summary or "[]") if entry["file"] not in seen]
        total += sum(entry.get("rejected", 0) for entry in counts)
        seen.update(entry["file"] for entry in counts)
    return total


def _without_history(context: Context) -> int:
    """Count deals judged by today's attributes: seen before the end of their feed, without a change log."""
    import polars as pl

    feeds, as_of = context.setting.feeds, context.request.as_of
    ends = [feed.last for feed in feeds.feeds if feed.table == "deals" and feed.last is not None]
    if not ends or max(ends) <= as_of:
        return 0
    known = pl.select(feeds.covers("deal_changes", as_of, max(ends))).item()
    return 0 if known else context.sights.frozen.deals.height


def _gone(context: Context) -> int:
    frame = context.tables.frame("deals", ["deal_id", "gone_on"])
    return frame.filter(frame["gone_on"] <= context.request.as_of).height


def _proposal(context: Context) -> dt.date | None:
    """Return the newest day of the data when it lies far before, or every deal after, the review's date."""
    as_of = context.request.as_of
    frame = context.tables.frame("deals", ["created_on", "closed_on"])
    # Series of dates give dates.
    first: Any = frame["created_on"].min()
    days: list[Any] = [day for name in frame.columns if (day := frame[name].max()) is not None]
    too_early = first is not None and (first > as_of or not context.sights.frozen.deals.height)
    if not days or not (too_early or as_of - max(days) > FAR):
        return None
    newest: dt.date = max(days + _other_days(context))
    return newest if (too_early and newest > as_of) or as_of - newest > FAR else None


def _other_days(context: Context) -> list[dt.date]:
    """Return the last days of what happened on deals, and the day that the configuration gives."""
    import polars as pl

    zone, configured = context.setting.calendar.time_zone, context.request.config.as_of
    held = context.tables.frame("activities", ["at", "status"]).filter(
        pl.col("status").ne_missing("planned")
    )
    last = held.select(pl.col("at").max().dt.convert_time_zone(zone).dt.date()).item()
    worked = context.tables.frame("time_entries", ["day"])["day"].max()
    return [day for day in (last, worked, configured) if isinstance(day, dt.date)]


def _benchmarks(context: Context, kinds: Mapping[Kind, KindReview]) -> dict[str, str]:
    """Return by check 16 hex digits over the organisation facts that it reads, of all its subjects."""
    asked = {
        check: [
            (kind, name)
            for kind, name in sorted(reads)
            if context.registry.provider_of(kind, name).step == "organisation"
        ]
        for check, reads in context.plan.reads.items()
    }
    names: dict[FactTable, set[str]] = {}
    for check, facts in asked.items():
        for kind, name in facts:
            names.setdefault(kinds[kind].tables[check], set()).add(name)
    known = {table: digests(table, some) for table, some in names.items()}
    found = {}
    for check, facts in asked.items():
        text = hashlib.sha256()
        for kind, name in facts:
            text.update(known[kinds[kind].tables[check]][name])
        found[check] = text.hexdigest()[:16] if facts else ""
    return found
