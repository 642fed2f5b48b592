"""The facts of a review: local ones bucket by bucket, then those of the organisation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from dealreview.engine.buckets import Bucket, cuts, is_divided
from dealreview.engine.factplan import local_providers, needed_providers
from dealreview.engine.isolation import attempt
from dealreview.engine.steps import PLAIN
from dealreview.engine.subjects import local_subjects, organisation_subjects
from dealreview.engine.visible import VisibleTables
from dealreview.model.outcome import Kind
from dealreview.store.snapshot.reading import Lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import polars as pl

    from dealreview.checks.facts import Provider
    from dealreview.engine.buckets import Cut
    from dealreview.engine.factplan import Setting, Wanted
    from dealreview.engine.registry import Problem, Registry
    from dealreview.engine.steps import Steps
    from dealreview.store.tables import Tables

LOCAL_KINDS = (Kind.ACCOUNT, Kind.DEAL)
ORGANISATION_KINDS = (Kind.REP, Kind.TEAM, Kind.PIPELINE)
AT_ONCE = 8
"""Columns of facts that are put in order together."""


@frozen
class View:
    """One way to look at the rows of a review.

    Attributes:
        wanted: Kind and name of each fact.
        frozen_closed: Whether closed deals are seen as of their closing day.
    """

    wanted: Wanted
    frozen_closed: bool = True


@frozen
class FactFrames:
    """Facts of every subject.

    Attributes:
        frames: ``id``, ``name``, ``day`` and facts, by kind, in order of id.
        broken: Facts that could not be computed, and the problem that says why.
    """

    frames: Mapping[Kind, pl.DataFrame]
    broken: Mapping[tuple[Kind, str], Problem]


@frozen
class LocalPart:
    """Local facts of one bucket.

    Attributes:
        frames: As in :class:`FactFrames`, deals and accounts only; those of buckets are taken out as they
            are put together.
        broken: As in :class:`FactFrames`.
        unreadable: As in :class:`Tables`, where others than the review's have read them.
    """

    frames: dict[Kind, pl.DataFrame]
    broken: Mapping[tuple[Kind, str], Problem]
    unreadable: Mapping[str, int] = field(factory=dict)


Spread = Callable[["Sequence[Cut]"], "Sequence[Sequence[LocalPart]]"]
"""Computes buckets elsewhere: for each of them a part for each view."""


class Memory(Protocol):
    """Local facts of everybody that an earlier review has computed."""

    def facts(self) -> list[LocalPart] | None:
        """Return them for each view, as the rows are now, and keep them; None where all must be computed."""

    def keep(self, parts: Sequence[LocalPart]) -> None:
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
) -> list[FactFrames]:
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


def _from_what_is_there(tables: Tables, compute: Callable[[], list[LocalPart]]) -> list[LocalPart]:
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
) -> list[LocalPart]:
    """Return the local facts of everybody for each view."""
    if not is_divided(sights.frozen.tables):
        # All buckets are cut out of the whole tables, and these are looked through once.
        sights.expect_local(registry, views)
    pieces = cuts(sights.frozen, buckets, named=spread is not None)
    found = (
        spread(pieces)
        if spread is not None
        else list(_one_by_one(registry, views, pieces, sights, setting, steps))
    )
    return [_together(parts) for parts in zip(*found, strict=True)]


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
    from concurrent.futures import ThreadPoolExecutor

    def look_ahead(own: Sights) -> Sights:
        # Whoever looks on wants to see what reading costs whom.
        if steps is PLAIN:
            # What is in the way is told where a fact asks for the rows.
            attempt(own.look_ahead)
        return own

    with ThreadPoolExecutor(1, thread_name_prefix="rows") as thread:
        # Tables are opened here: that may ask the database, which one thread alone does.
        opened = (_own_sights(registry, views, cut, sights, setting) for cut in pieces)
        coming = deque(thread.submit(look_ahead, own) for own in islice(opened, 1))
        for cut in pieces:
            own = coming.popleft().result()
            coming.extend(thread.submit(look_ahead, following) for following in islice(opened, 1))
            yield _parts_of(registry, views, cut, own, setting, steps)


def _together(parts: Sequence[LocalPart]) -> LocalPart:
    # What failed on several buckets is told by the first of them, wherever they were computed.
    broken = {key: why for part in reversed(parts) for key, why in part.broken.items()}
    frames = {kind: in_order([part.frames.pop(kind) for part in parts]) for kind in LOCAL_KINDS}
    return LocalPart(frames, broken)


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
    part: LocalPart,
    sights: Sights,
    setting: Setting,
    steps: Steps,
) -> FactFrames:
    broken, frames = dict(part.broken), dict(part.frames)
    seen = sights.for_view(view)
    frames |= {kind: organisation_subjects(kind, seen) for kind in ORGANISATION_KINDS}
    everybody, kept = Bucket(sights.today), dict[Any, Any]()
    for provider in needed_providers(registry, view.wanted):
        if provider.step == "organisation":
            steps.add(provider, everybody, frames, setting, broken, kept)
    return FactFrames(frames, broken)


def in_order(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the rows of all buckets in order of id; the frames are used up, the list is left empty."""
    import polars as pl

    if len(frames) == 1:
        return frames.pop()
    order = pl.concat([frame["id"] for frame in frames]).arg_sort()
    # A few columns at a time and each let go at once, so that memory does not hold all facts twice and all
    # cores have something to do; in one piece, since rows are found in several by searching for each.
    left = [deque(frame.get_columns()) for frame in frames]
    frames.clear()
    found: list[pl.Series] = []
    while left[0]:
        few = range(min(AT_ONCE, len(left[0])))
        parts = [pl.DataFrame([columns.popleft() for _ in few]) for columns in left]
        found += pl.concat(parts, rechunk=True)[order].get_columns()
    return pl.DataFrame(found)
