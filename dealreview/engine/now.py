"""One deal or account as the data stand at this moment: what a service shows after an edit.

A review looks at everybody. Between two reviews one deal is judged anew from the rows of its family of
accounts; what only the whole organisation can say, such as medians of peers, is taken from the last
review that was stored.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from dealreview.engine.benchmarks import KINDS, benchmark_facts, benchmarks_of, with_benchmarks
from dealreview.engine.buckets import Cut
from dealreview.engine.facts import FactTables, Sights, View, local_parts
from dealreview.engine.facttable import FactTable
from dealreview.engine.known import FamilySight, Known
from dealreview.engine.onethread import on_this_thread
from dealreview.engine.orphans import orphans
from dealreview.engine.owntables import with_tables
from dealreview.engine.recalled import Recalled, place_of
from dealreview.engine.registry import NOTICE, Problem
from dealreview.engine.review import BenchmarksFrom, Header, Review
from dealreview.engine.run import (
    DEAL_COLUMNS,
    deals_shown,
    kind_review,
    make_context,
    registry_for,
    reported,
    views_of,
)
from dealreview.engine.selection import make_selection
from dealreview.engine.steps import Steps
from dealreview.model.errors import NothingSelected, StoreError
from dealreview.model.outcome import Kind
from dealreview.store.benchmarks import run_with_benchmarks
from dealreview.store.changes import changed_since
from dealreview.store.family import Family, FamilyRows, FamilyTables, family_of
from dealreview.store.feeds import load_feeds
from dealreview.store.past import Past
from dealreview.store.schema import TABLES
from dealreview.store.snapshot.files import folder_of
from dealreview.store.snapshot.opening import OFF
from dealreview.store.tables import Tables
from dealreview.version import __version__

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from dealreview.engine.benchmarks import Benchmarks
    from dealreview.engine.factplan import Wanted
    from dealreview.engine.facts import LocalPart, View
    from dealreview.engine.recalled import Place
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import KindReview
    from dealreview.engine.run import Context, Request
    from dealreview.engine.visible import VisibleTables
    from dealreview.store.database import Database


@contextmanager
def opened_now(database: Database, request: Request) -> Iterator[Now]:
    """Give what judges single deals; a process keeps it open as long as it likes.

    It belongs to the thread that opened it. A changed configuration or changed packs need a new one;
    changed data, shared tables included, and new reviews are seen at the next call.

    Args:
        database: The database.
        request: What to review, as for a review of everybody.
    """
    with database.read() as connection:
        tables = FamilyTables(Tables(connection))
        registry = registry_for(request.config, tables, request.modules)
        if registry.own:
            connection.rollback()
            with redirect_stdout(sys.stderr):
                registry = with_tables(database, registry)
            connection.execute("BEGIN")
            tables.reopen(connection, registry.tables)
        has_none = request.snapshot == OFF or not folder_of(database.path).exists()
        place = None if has_none else place_of(database, registry)
        yield Now(request, tables, registry, Past.of(connection), place)


@frozen
class _Common:
    """What stays the same from deal to deal, until something that all share changes.

    Attributes:
        context: What the steps of a review share; its tables are those of everybody.
        views: The local facts that checks of deals and accounts read.
        benchmarks: Those of the last review.
        broken: Facts that the last review could not compute.
        recalled: Local facts that the last review has left; None where none are asked for.
    """

    context: Context
    views: tuple[View, ...]
    benchmarks: Benchmarks
    broken: Mapping[tuple[Kind, str], Problem]
    recalled: Recalled | None
    _known: dict[frozenset[str], Known] = field(factory=dict, init=False)

    def known(self, family: Family) -> Known:
        """Return what is known of a family."""
        key = frozenset(family.accounts or family.deals)
        found = self._known.pop(key) if key in self._known else Known(FamilyRows(family))
        self._known[key] = found
        if len(self._known) > FAMILIES_AT_HAND:
            self._known.pop(next(iter(self._known)))
        return found


@define
class Now:
    """Judges single deals and accounts as the data stand; made by :func:`opened_now`.

    Attributes:
        request: What to review.
        tables: The tables of one family at a time.
        registry: What is loaded.
        past: What the database was at the last look, or when all that was loaded.
        place: Where reviews leave local facts; None where those are not asked for.
    """

    request: Request
    tables: FamilyTables
    registry: Registry
    past: Past
    place: Place | None = None
    _common: _Common | None = field(default=None, init=False)
    _orphans: tuple[Problem, ...] | None = field(default=None, init=False)

    def review(self, kind: Kind, subject_id: str, as_of: dt.date | None = None) -> Review:
        """Return a review of one deal with its account, or of one account.

        Its ``benchmarks_from`` says which stored run told what the organisation decides.

        Args:
            kind: ``deal`` or ``account``.
            subject_id: The deal or account.
            as_of: The day at whose end it is judged; None takes that of the request.

        Raises:
            NothingSelected: There is no such deal or account as of that day.
            StoreError: No review has been stored yet that could give benchmarks.
        """
        return on_this_thread(partial(self._review, kind, subject_id, as_of or self.request.as_of))

    def _review(self, kind: Kind, subject_id: str, as_of: dt.date) -> Review:
        connection = self.tables.connection
        connection.rollback()
        connection.execute("BEGIN")
        with redirect_stdout(sys.stderr):
            now = Past.of(connection)
            common = self._refreshed(as_of, now)
            self.past = now
            family = family_of(connection, kind, subject_id) or Family()
            known = common.known(family)
            known.look_at(self.tables, family)
            if common.recalled is not None and known.rows.look == 1:
                known.recall(common.recalled.of(connection, family))
            review = _reviewed(common, self.tables, known, kind, subject_id, now.revision)
            problems = (*review.header.problems, *self._without_a_deal())
        return evolve(review, header=evolve(review.header, problems=problems))

    def _without_a_deal(self) -> tuple[Problem, ...]:
        """Return the notices of rows that belong to no deal, which were counted since the last change."""
        if self._orphans is None:
            self._orphans = tuple(orphans(self.tables.connection))
        return self._orphans

    def _refreshed(self, as_of: dt.date, now: Past) -> _Common:
        """Return what all deals share, made anew where what it depends on has changed."""
        if not self.past.is_of(self.tables.connection, now):
            self._forget(now)
        changed, common = self._changed(now), self._common
        number = self._run_number(as_of)
        if common is not None and common.context.request.as_of == as_of:
            alike = not changed or (changed <= _OWNED and _is_recorded_as_before(common.context))
            if alike and common.benchmarks.run.number == number:
                return common
        if CUSTOM_FIELDS in changed:
            self.registry = self._loaded()
        benchmarks = benchmarks_of(self.tables.connection, number)
        self._common = _common(
            self.request, as_of, self.tables.whole, self.registry, benchmarks, self.place
        )
        return self._common

    def _forget(self, now: Past) -> None:
        """Read everything again: tables were altered, or other data lie where those were."""
        self.tables.reopen(self.tables.connection, self.registry.tables)
        self.registry = self._loaded()
        self.past, self._common, self._orphans = now, None, None

    def _loaded(self) -> Registry:
        return registry_for(self.request.config, self.tables, self.request.modules)

    def _changed(self, now: Past) -> set[str]:
        """Return the tables that have changed since the last call, which are then read anew."""
        if self.past.revision == now.revision:
            return set()
        self._orphans = None
        changed = changed_since(self.tables.connection, self.past.revision)
        for name in changed:
            self.tables.whole.forget(name, self.past.revision)
        return changed

    def _run_number(self, as_of: dt.date) -> int:
        chosen = make_selection(
            self.registry,
            self.request.config,
            select=self.request.select,
            ignore=self.request.ignore,
        )
        checks = [check.id for check in chosen.checks]
        number = run_with_benchmarks(self.tables.connection, as_of, checks)
        if number is None:
            raise StoreError(
                f"No review is stored that tells the benchmarks as of {as_of}.",
                mend="Store one first: `dealreview review`, of that day or an earlier one.",
            )
        return number


FAMILIES_AT_HAND = 128
"""Families of which a process knows what was computed, some hundred kilobytes each."""

CUSTOM_FIELDS = "custom_fields"
_OWNED = {name for name, table in TABLES.items() if table.owner} | {"custom_values"}
"""Tables whose rows are read for one family; a change of another one concerns everybody."""


def _is_recorded_as_before(context: Context) -> bool:
    found, recorded = load_feeds(context.tables, today=context.request.as_of)
    feeds = context.setting.feeds
    return (feeds.feeds, feeds.recorded) == (tuple(found), recorded)


def _common(
    request: Request,
    as_of: dt.date,
    whole: Tables,
    registry: Registry,
    benchmarks: Benchmarks,
    place: Place | None,
) -> _Common:
    # Amounts must be in the currency of the benchmarks, whatever most deals are in by now.
    currency = benchmarks.run.header["reporting_currency"]
    organisation = evolve(request.config.organisation, reporting_currency=currency)
    config = evolve(request.config, organisation=organisation)
    context = make_context(whole, evolve(request, as_of=as_of, config=config), _quiet, registry)
    plan = context.plan
    recalled = None if place is None else _recalled(context, place)
    checks = {kind: plan.checks[kind] if kind in KINDS else () for kind in Kind}
    context = evolve(
        context, request=evolve(request, as_of=as_of), plan=evolve(plan, checks=checks)
    )
    views = tuple(
        evolve(view, wanted=_local(registry, view.wanted)) for view in views_of(registry, plan)
    )
    broken = _broken(registry, benchmarks.run.header)
    return _Common(context, views, benchmarks, broken, recalled)


def _recalled(context: Context, place: Place) -> Recalled:
    """Return what a review of everybody would leave that asks for the same."""
    registry, config = context.registry, context.request.config
    return Recalled(place, registry, config, views_of(registry, context.plan), context.setting)


def _quiet(_sentence: str) -> None:
    """Tell nobody."""


def _local(registry: Registry, wanted: Wanted) -> Wanted:
    """Return the wanted facts of deals and accounts that need their own rows only."""
    return frozenset(
        (kind, name)
        for kind, name in wanted
        if kind in KINDS and registry.provider_of(kind, name).step == "local"
    )


def _broken(registry: Registry, header: Mapping[str, Any]) -> dict[tuple[Kind, str], Problem]:
    """Return the facts of the organisation that a stored run could not compute, and why."""
    told = {one["where"]: Problem(**one) for one in header["problems"] if one["kind"] == "fact"}
    return {
        (provider.on, fact.name): problem
        for provider in registry.providers
        if provider.on in KINDS and provider.step != "local"
        for where, problem in told.items()
        if f"{where} ".startswith(f"facts of {provider.name} ")
        for fact in provider.facts
    }


# --- one subject ---------------------------------------------------------------------------------


def _reviewed(
    common: _Common,
    tables: FamilyTables,
    known: Known,
    kind: Kind,
    subject_id: str,
    data_revision: int,
) -> Review:
    everybody = common.context.sights
    sights = Sights(*(_seen(tables, one, known) for one in (everybody.frozen, everybody.today)))
    sights.frozen.expect([{"deals": DEAL_COLUMNS}])
    context = evolve(common.context, sights=sights)
    steps = Steps(add=known.add)
    cut = _cut(tables.family)
    parts = local_parts(context.registry, common.views, cut, sights, context.setting, steps)
    chosen = _chosen(parts[0], kind, subject_id, sights)
    if subject_id not in chosen.ids[kind]:
        raise _not_there(kind, subject_id, context.request.as_of)
    connection = tables.connection
    kept = {
        on: [common.benchmarks.of(connection, on, one) for one in ids]
        for on, ids in chosen.ids.items()
    }
    views = [
        _with_organisation(common, part, chosen.ids, kept, number)
        for number, part in enumerate(parts)
    ]
    facts, live = views[0], views[-1]
    kinds = {on: kind_review(context, on, facts, live) for on in Kind}
    source = _benchmarks_from(common, chosen.ids, kept, data_revision)
    header = _header(common, kinds, facts, source, data_revision)
    return Review(header, kinds, context.selection, chosen.deals, benchmarks_from=source)


def _seen(tables: FamilyTables, whole: VisibleTables, known: Known) -> FamilySight:
    zone, frozen_closed = whole.time_zone, whole.frozen_closed
    return FamilySight(tables, whole.as_of, zone, frozen_closed, whole=whole, known=known)


def _cut(family: Family) -> Cut:
    """Return the whole of what is read, unless deals of others are among it."""
    import polars as pl

    if not family.guests:
        return Cut()
    accounts, deals = (pl.Series(ids, dtype=pl.String) for ids in (family.accounts, family.deals))
    return Cut(accounts, deals)


@frozen
class _Chosen:
    """Who is judged: ids by kind, and the deal as reports show it."""

    ids: Mapping[Kind, Sequence[str]]
    deals: pl.DataFrame


def _chosen(part: LocalPart, kind: Kind, subject_id: str, sights: Sights) -> _Chosen:
    deals = deals_shown(sights.frozen)
    deals = deals.filter(deals["deal_id"] == subject_id) if kind is Kind.DEAL else deals.clear()
    near = {subject_id} if kind is Kind.ACCOUNT else set()
    near |= {
        one for row in deals.select("account_id", "parent_account_id").iter_rows() for one in row
    }
    accounts = [one for one in part.frames[Kind.ACCOUNT]["id"] if one in near]
    return _Chosen({Kind.ACCOUNT: accounts, Kind.DEAL: deals["deal_id"].to_list()}, deals)


def _not_there(kind: Kind, subject_id: str, as_of: dt.date) -> NothingSelected:
    return NothingSelected(
        f"There is no {kind} '{subject_id}' as of {as_of}.",
        mend=f"Look for its id with `dealreview show {kind}:` and the Tab key, or import it first.",
    )


def _with_organisation(
    common: _Common,
    part: LocalPart,
    ids: Mapping[Kind, Sequence[str]],
    kept: Mapping[Kind, Sequence[Mapping[str, Any]]],
    number: int,
) -> FactTables:
    """Return all facts of who is judged: local ones, and those of the last review beside them."""
    registry, plan = common.context.registry, common.context.plan
    wanted = plan.live if number else plan.wanted | reported(registry)
    frames = {}
    for kind, chosen in ids.items():
        base = part.frames[kind]
        base = base.filter(base["id"].is_in(list(chosen)))
        names = benchmark_facts(registry, wanted, kind)
        facts = [registry.facts[kind][name] for name in names]
        frames[kind] = with_benchmarks(base, facts, kept[kind], number)
    nobody = part.frames[Kind.ACCOUNT].clear()
    frames |= {kind: nobody for kind in Kind if kind not in KINDS}
    tables = {kind: FactTable(frame) for kind, frame in frames.items()}
    return FactTables(tables, {**common.broken, **part.broken})


def _header(
    common: _Common,
    kinds: Mapping[Kind, KindReview],
    facts: FactTables,
    source: BenchmarksFrom,
    data_revision: int,
) -> Header:
    context = common.context
    registry, base = context.registry, context.selection.base
    failed = [
        result.problem
        for found in kinds.values()
        for result in found.results
        if result.problem is not None
    ]
    remark = Problem("judged alone", source.told, kind=NOTICE)
    problems = [*registry.problems, *context.notices, *facts.broken.values(), *failed, remark]
    return Header(
        as_of=context.request.as_of,
        data_revision=data_revision,
        config_hash=context.request.config.hash,
        reporting_currency=context.setting.currency,
        packs=registry.packs,
        checks={
            check.id: (check.version, base[check.id].digest) for check in context.selection.checks
        },
        problems=tuple(dict.fromkeys(problems)),
        benchmarks=common.benchmarks.run.header["benchmarks"],
        organisation_hash=common.benchmarks.run.header["organisation_hash"],
        recorded=tuple(sorted(context.setting.feeds.recorded)),
        engine_version=__version__,
        renamed=registry.renamed,
    )


def _benchmarks_from(
    common: _Common,
    ids: Mapping[Kind, Sequence[str]],
    kept: Mapping[Kind, Sequence[Mapping[str, Any]]],
    data_revision: int,
) -> BenchmarksFrom:
    run = common.benchmarks.run
    strangers = [
        f"{kind}:{one}"
        for kind in sorted(ids)
        for one, found in zip(ids[kind], kept[kind], strict=True)
        if not found
    ]
    return BenchmarksFrom(
        run.number or 0,
        run.as_of,
        is_older=run.data_revision != data_revision,
        is_alike=run.config_hash == common.context.request.config.hash,
        strangers=tuple(strangers),
    )
