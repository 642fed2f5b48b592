"""The facts of a review: local ones bucket by bucket, then those of the organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from attrs import evolve, field, frozen

from dealreview.engine.ahead import one_ahead
from dealreview.engine.buckets import Bucket, cuts, is_divided
from dealreview.engine.factparts import Aside
from dealreview.engine.factplan import local_providers, needed_providers
from dealreview.engine.facttable import FactTable, table_of
from dealreview.engine.isolation import attempt
from dealreview.engine.steps import PLAIN
from dealreview.engine.subjects import BASE, local_subjects, organisation_subjects
from dealreview.engine.validation import used_fact
from dealreview.engine.visible import VisibleTables
from dealreview.model.outcome import Kind
from dealreview.store.snapshot.reading import Lost, SnapshotTables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    import polars as pl

    from dealreview.checks.facts import Provider
    from dealreview.engine.buckets import Cut
    from dealreview.engine.factparts import Part
    from dealreview.engine.factplan import Setting, Wanted
    from dealreview.engine.registry import Problem, Registry
    from dealreview.engine.steps import Steps
    from dealreview.store.tables import Tables

LOCAL_KINDS = (Kind.ACCOUNT, Kind.DEAL)
ORGANISATION_KINDS = (Kind.REP, Kind.TEAM, Kind.PIPELINE)

SHEET_BYTES = 64 * 2**20
"""Bytes of facts of the organisation that are put into a file together."""


@frozen
class View:
    """One way to look at the rows of a review.

    Attributes:
        wanted: Kind and name of each fact.
        frozen_closed: Whether closed deals are seen as of their closing day.
        at_hand: Those that are asked of everybody at once when everything is judged.
    """

    wanted: Wanted
    frozen_closed: bool = True
    at_hand: Wanted = frozenset()


@frozen
class FactTables:
    """Facts of every subject.

    Attributes:
        tables: Base columns and facts, by kind.
        broken: Facts that could not be computed, and the problem that says why.
    """

    tables: Mapping[Kind, FactTable]
    broken: Mapping[tuple[Kind, str], Problem]


@frozen
class LocalPart:
    """Local facts of one bucket.

    Attributes:
        frames: Base columns and facts of deals and accounts, in order of id; they are taken out as they are
            put together.
        broken: As in :class:`FactTables`.
        unreadable: As in :class:`Tables`, where others than the review's have read them.
    """

    frames: dict[Kind, pl.DataFrame]
    broken: Mapping[tuple[Kind, str], Problem]
    unreadable: Mapping[str, int] = field(factory=dict)


Spread = Callable[["Sequence[Cut]"], Iterable[Sequence[LocalPart]]]
"""Computes buckets elsewhere: for each of them a part for each view."""


class Memory(Protocol):
    """Local facts of everybody that an earlier review has computed."""

    def facts(self) -> list[FactTables] | None:
        """Return them for each view, as the rows are now, and keep them; None where all must be computed."""

    def keep(self, found: Sequence[FactTables]) -> None:
        """Keep them for the next review."""


@frozen(eq=False)
class Sights:
    """The whole tables as they are looked at: read once, whoever looks.

    Attributes:
        frozen: Closed deals as of their closing day.
        today: All deals as of the review's date.
    """

    frozen: VisibleTables
    today: VisibleTables

    @classmethod
    def of(cls, tables: Tables, setting: Setting) -> Sights:
        """Return both ways to look at tables."""
        as_of, zone = setting.as_of, setting.calendar.time_zone
        return cls(*(VisibleTables(tables, as_of, zone, closed) for closed in (True, False)))

    def for_view(self, view: View) -> VisibleTables:
        """Return the tables as a view sees them."""
        return self.frozen if view.frozen_closed else self.today

    def bucket(self, cut: Cut, view: View) -> Bucket:
        """Return a bucket of these tables as a view sees it."""
        return cut.bucket(self.for_view(view), self.today if view.frozen_closed else None)

    def expect_local(self, registry: Registry, views: Iterable[View]) -> None:
        """Take note of what local providers will ask for."""
        for view in views:
            for provider in local_providers(registry, view.wanted):
                seen = self.today if provider.after_close else self.for_view(view)
                seen.expect([provider.reads])

    def look_ahead(self) -> None:
        """Look through the tables of a bucket that its own files hold, before anybody asks for rows."""
        for seen in (self.frozen, self.today):
            seen.look_ahead()


def compute_facts(
    registry: Registry,
    views: Sequence[View],
    sights: Sights,
    setting: Setting,
    *,
    buckets: int = 1,
    spread: Spread | None = None,
    memory: Memory | None = None,
    steps: Steps = PLAIN,
) -> list[FactTables]:
    """Return the facts of each view: local ones bucket by bucket, then those of the organisation.

    Args:
        registry: Providers.
        views: Which facts, and how closed deals are seen.
        sights: The tables.
        setting: What every provider shares.
        buckets: Into how many buckets of accounts step one is cut, where no snapshot is divided
            already; the result does not depend on it.
        spread: Computes buckets elsewhere; None computes them here, one after the other.
        memory: Local facts of the last review, which still hold where nothing has changed.
        steps: What adds the facts of a provider here.
    """
    for view in views:
        providers = needed_providers(registry, view.wanted)
        sights.today.expect(p.reads for p in providers if p.step == "organisation")
    kept = memory.facts() if memory is not None else None
    if kept is None:
        compute = partial(_computed, registry, views, sights, setting, buckets, spread, steps)
        kept = _from_what_is_there(sights.frozen.tables, compute)
        if memory is not None:
            memory.keep(kept)
    return [
        _with_organisation(registry, view, part, sights, setting, steps)
        for view, part in zip(views, kept, strict=True)
    ]


def _from_what_is_there(
    tables: Tables, compute: Callable[[], list[FactTables]]
) -> list[FactTables]:
    """Return what is computed from a snapshot, or from the database where a bucket of it is lost."""
    if is_divided(tables):
        with suppress(Lost):
            found = compute()
            if not tables.is_lost:
                return found
        tables.leave()
    return compute()


def _computed(
    registry: Registry,
    views: Sequence[View],
    sights: Sights,
    setting: Setting,
    buckets: int,
    spread: Spread | None,
    steps: Steps,
) -> list[FactTables]:
    """Return the local facts of everybody for each view."""
    if not is_divided(sights.frozen.tables):
        # All buckets are cut out of the whole tables, and these are looked through once.
        sights.expect_local(registry, views)
    pieces = cuts(sights.frozen, buckets, named=spread is not None)
    found = (
        spread(pieces)
        if spread is not None
        else _one_by_one(registry, views, pieces, sights, setting, steps)
    )
    aside = Aside(_folder(sights))
    gathered = [_Gathered() for _ in views]
    for parts in found:
        for one, part in zip(gathered, parts, strict=True):
            one.take(part, aside)
    return [
        one.together(at_hand_of(registry, view), aside)
        for one, view in zip(gathered, views, strict=True)
    ]


def _one_by_one(
    registry: Registry,
    views: Sequence[View],
    pieces: Sequence[Cut],
    sights: Sights,
    setting: Setting,
    steps: Steps,
) -> Iterator[tuple[LocalPart, ...]]:
    """Yield the local facts of each bucket; meanwhile the rows of the next one are read.

    Only reading and making rows visible, which is no code of packs, goes on beside anything else.
    """

    def look_ahead(own: Sights) -> Sights:
        # Whoever looks on wants to see what reading costs whom.
        if steps is PLAIN:
            # What is in the way is told where a fact asks for the rows.
            attempt(own.look_ahead)
        return own

    # Tables are opened here: that may ask the database, which one thread alone does.
    opened = (_own_sights(registry, views, cut, sights, setting) for cut in pieces)
    with closing(one_ahead(look_ahead, opened, "rows")) as ahead:
        for cut, own in zip(pieces, ahead, strict=True):
            yield _parts_of(registry, views, cut, own, setting, steps)


def _folder(sights: Sights) -> Path | None:
    """Return where facts may be put; without a snapshot rows of everybody are held, which are more."""
    tables = sights.frozen.tables
    return tables.folder if isinstance(tables, SnapshotTables) else None


@frozen
class _Gathered:
    """The local facts of one bucket after the other, for one view.

    Attributes:
        parts: Facts, by kind.
        broken: As in :class:`FactTables`.
    """

    parts: Mapping[Kind, list[Part]] = field(factory=lambda: {kind: [] for kind in LOCAL_KINDS})
    broken: dict[tuple[Kind, str], Problem] = field(factory=dict)

    def take(self, part: LocalPart, aside: Aside) -> None:
        """Take the facts of a bucket."""
        for kind, parts in self.parts.items():
            parts.extend(aside.put_few_together(part.frames.pop(kind)))
        # What failed on several buckets is told by the first of them, wherever they were computed.
        self.broken.update({key: why for key, why in part.broken.items() if key not in self.broken})

    def together(self, at_hand: Mapping[Kind, Collection[str]], aside: Aside) -> FactTables:
        """Return the facts of everybody."""
        pages = Aside(aside.folder, is_full=True) if aside.is_full else None
        tables = {
            kind: table_of(parts, at_hand[kind], aside=pages) for kind, parts in self.parts.items()
        }
        return FactTables(tables, self.broken)


def at_hand_of(registry: Registry, view: View) -> Mapping[Kind, Collection[str]]:
    """Return by kind which local facts are asked of everybody at once: they stay in memory."""
    providers = needed_providers(registry, view.wanted)
    organisation = [provider for provider in providers if provider.step == "organisation"]
    return {kind: _asked_at_once(view, organisation, kind) for kind in LOCAL_KINDS}


def _asked_at_once(view: View, providers: Sequence[Provider], kind: Kind) -> set[str]:
    """Return the facts of a kind that reports or some providers ask of everybody at once."""
    used = {used_fact(name, provider.on) for provider in providers for name in provider.uses}
    return {*BASE, *(name for on, name in used | view.at_hand if on == kind)}


def local_parts(
    registry: Registry,
    views: Sequence[View],
    cut: Cut,
    sights: Sights,
    setting: Setting,
    steps: Steps = PLAIN,
) -> tuple[LocalPart, ...]:
    """Return the local facts of a bucket for each view: they depend on nothing but what is given."""
    own = _own_sights(registry, views, cut, sights, setting)
    return _parts_of(registry, views, cut, own, setting, steps)


def _own_sights(
    registry: Registry, views: Sequence[View], cut: Cut, sights: Sights, setting: Setting
) -> Sights:
    """Return the tables of a bucket, told which of their columns will be asked for."""
    rows = cut.tables(sights.frozen.tables)
    own = sights if rows is sights.frozen.tables else Sights.of(rows, setting)
    own.expect_local(registry, views)
    return own


def _parts_of(
    registry: Registry,
    views: Sequence[View],
    cut: Cut,
    own: Sights,
    setting: Setting,
    steps: Steps,
) -> tuple[LocalPart, ...]:
    return tuple(
        _local_part(local_providers(registry, view.wanted), own.bucket(cut, view), setting, steps)
        for view in views
    )


def _local_part(
    providers: Iterable[Provider], bucket: Bucket, setting: Setting, steps: Steps
) -> LocalPart:
    frames = {kind: local_subjects(kind, bucket) for kind in LOCAL_KINDS}
    broken: dict[tuple[Kind, str], Problem] = {}
    kept: dict[Any, Any] = {}
    for provider in providers:
        steps.add(provider, bucket, frames, setting, broken, kept)
    return LocalPart(frames, broken)


def _with_organisation(
    registry: Registry,
    view: View,
    local: FactTables,
    sights: Sights,
    setting: Setting,
    steps: Steps,
) -> FactTables:
    broken = dict(local.broken)
    seen = sights.for_view(view)
    frames = {kind: table.at_hand for kind, table in local.tables.items()}
    frames |= {kind: organisation_subjects(kind, seen) for kind in ORGANISATION_KINDS}
    everybody, kept = Bucket(sights.today), dict[Any, Any]()
    asked = [p for p in needed_providers(registry, view.wanted) if p.step == "organisation"]
    tables = {kind: local.tables.get(kind, FactTable(frame)) for kind, frame in frames.items()}
    aside = Aside(_folder(sights), is_full=True)
    for number, provider in enumerate(asked, start=1):
        steps.add(provider, everybody, frames, setting, broken, kept)
        for kind in LOCAL_KINDS:
            needed = _asked_at_once(view, asked[number:], kind)
            least = SHEET_BYTES if number < len(asked) else 0
            tables[kind], frames[kind] = _relieved(tables[kind], frames[kind], needed, aside, least)
    named = {
        kind: [
            *table.columns,
            *(fact.name for provider in asked if provider.on is kind for fact in provider.facts),
        ]
        for kind, table in local.tables.items()
        if table.pages
    }
    return FactTables(
        {
            kind: evolve(table, at_hand=frames[kind], named=named.get(kind, ()))
            for kind, table in tables.items()
        },
        broken,
    )


def _relieved(
    table: FactTable, frame: pl.DataFrame, needed: Collection[str], aside: Aside, least: int
) -> tuple[FactTable, pl.DataFrame]:
    """Return facts of all subjects, those put aside that nobody asks of everybody any more.

    Args:
        table: Where they are.
        frame: Those at hand.
        needed: Those that are still asked for.
        aside: What puts facts aside.
        least: Bytes under which it is not worth a file.
    """
    done = [name for name in frame.columns if name not in needed]
    if not table.pages or not done:
        return table, frame
    new = frame.select(name for name in done if name not in table.columns)
    if new.estimated_size() < least:
        return table, frame
    if new.columns:
        table = table.with_aside(new, aside)
    return table, frame.drop(done)
