"""Where local facts are computed: here, or bucket by bucket on processes and machines of an executor.

A bucket is handed over as ids of accounts and the path of the database: whoever computes it opens the
database and the snapshot beside it, loads the same packs, and gives back frames.
"""

from __future__ import annotations

import os
import pickle
import platform
import sys
import threading
from collections import deque
from contextlib import ExitStack, closing, redirect_stdout
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.checks.extensions import OWN_EXECUTORS, Executor
from dealreview.engine.facts import LocalPart, Sights, View, local_parts
from dealreview.model.errors import ConfigurationError, DealreviewError, did_you_mean
from dealreview.model.interpreter import processors
from dealreview.store.changes import revision
from dealreview.store.database import Database
from dealreview.store.snapshot.opening import tables_of_mark
from dealreview.store.snapshot.reading import Lost, SnapshotTables

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from dealreview.engine.buckets import Cut
    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Setting
    from dealreview.engine.registry import Registry

SERIAL, PROCESSES, DASK = OWN_EXECUTORS


class ExecutorError(DealreviewError):
    """An executor that did not give what it was asked for."""


@frozen
class Shared:
    """What all buckets of a step have in common.

    Attributes:
        path: The database.
        revision: The data revision that is reviewed.
        config: The configuration, for the same packs.
        modules: Modules that are packs, beside those of the configuration.
        views: Which facts, and how closed deals are seen.
        setting: What every provider shares; feeds and rates are those of the whole database.
        mark: Name of the snapshot that the review reads; empty where it reads none.
        packs: Name and version of the packs of the review.
    """

    path: Path
    revision: int
    config: Config
    modules: tuple[str, ...]
    views: tuple[View, ...]
    setting: Setting
    mark: str
    packs: frozenset[tuple[str, str]] = frozenset()


@frozen(eq=False)
class Work:
    """A bucket as it is sent to whoever computes it.

    Attributes:
        shared: :class:`Shared`, pickled once for all.
        cut: Its accounts and deals.
    """

    shared: bytes
    cut: Cut


@frozen
class Opened:
    """What a process keeps open from bucket to bucket."""

    shared: bytes
    stack: ExitStack
    registry: Registry
    sights: Sights
    views: tuple[View, ...]
    setting: Setting
    is_same_data: bool


_HERE = threading.local()
"""Connections are bound to a thread, and some executors work with several."""


def compute(work: Work) -> tuple[LocalPart, ...] | None:
    """Return the local facts of a bucket for each view; None if its rows are others than when it was cut.

    Somebody has written since, or the files of the snapshot can't be read any more.
    Nothing else is read or written, so it can run anywhere where the database and the packs are.
    """
    with redirect_stdout(sys.stderr):
        at = _opened(work.shared)
        if not at.is_same_data:
            return None
        tables = at.sights.frozen.tables
        try:
            parts = local_parts(at.registry, at.views, work.cut, at.sights, at.setting)
        except Lost:
            return None
        if isinstance(tables, SnapshotTables) and tables.is_lost:
            return None
        unreadable = dict(tables.unreadable)
        return tuple(evolve(part, unreadable=unreadable) for part in parts)


def _opened(shared: bytes) -> Opened:
    kept: Opened | None = getattr(_HERE, "opened", None)
    if kept is None or kept.shared != shared:
        close()
        kept = _HERE.opened = _open(shared)
    return kept


def _open(packed: bytes) -> Opened:
    from dealreview.engine.run import registry_for

    shared: Shared = pickle.loads(packed)  # noqa: S301 - our own bytes
    stack, database = ExitStack(), Database(shared.path)
    connection = stack.enter_context(database.read())
    tables = stack.enter_context(tables_of_mark(database, connection, shared.mark))
    registry = registry_for(shared.config, tables, shared.modules)
    _demand_same_packs(shared.packs, _packs(registry))
    tables.reopen(connection, registry.tables)
    sights = Sights.of(tables, shared.setting)
    sights.expect_local(registry, shared.views)
    same = revision(connection) == shared.revision
    return Opened(packed, stack, registry, sights, shared.views, shared.setting, same)


def _packs(registry: Registry) -> frozenset[tuple[str, str]]:
    return frozenset((pack.name, pack.version) for pack in registry.packs)


def _demand_same_packs(
    wanted: frozenset[tuple[str, str]], found: frozenset[tuple[str, str]]
) -> None:
    """Raise if a pack of the review is not here, or is another version."""
    for name, version in sorted(wanted - found):
        others = [other for known, other in found if known == name]
        raise ExecutorError(
            f"The review has pack {name} {version}; {platform.node()}, which computes a bucket, has "
            f"{f'{name} {others[0]}' if others else 'no such pack'}.",
            mend="Install the same packs wherever buckets are computed, or review without --executor.",
        )


def close() -> None:
    """Close what this thread keeps open."""
    kept: Opened | None = getattr(_HERE, "opened", None)
    if kept is not None:
        _HERE.opened = None
        kept.stack.close()


# --- executors -----------------------------------------------------------------------------------


def find(registry: Registry, name: str, scheduler: str = "") -> Executor | None:
    """Return the executor of a name; None for computing here.

    Args:
        registry: What packs bring.
        name: Its name.
        scheduler: Address of a dask scheduler; empty for a cluster of this machine.

    Raises:
        ConfigurationError: There is none of that name, or it is not installed.
    """
    if name == SERIAL:
        return None
    if name == PROCESSES:
        return Executor(PROCESSES, on_processes, "The processes of this machine.")
    if name == DASK:
        from dealreview.engine.daskcluster import on_dask

        return Executor(DASK, on_dask(scheduler), "The workers of a dask scheduler.")
    try:
        return registry.extension(Executor, name)
    except ConfigurationError as error:
        *first, last = OWN_EXECUTORS
        mend = f"dealreview itself has {', '.join(first)} and {last}. {error.mend}"
        said = error.message + (
            "" if error.message.endswith("?") else did_you_mean(name, OWN_EXECUTORS)
        )
        raise ConfigurationError(said, mend=mend) from error


def buckets_of(executor: Executor) -> int:
    """Return into how many buckets the accounts are cut for an executor."""
    return executor.buckets or processors()


def on_processes(function: Callable[[Any], Any], works: Sequence[Any]) -> Iterable[Any]:
    """Yield what a function gives for each work, in their order, computed on processes of this machine."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    count = min(len(works), processors())
    # A process that is forked inherits locks that Polars holds.
    with ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin) as pool:
        begun: deque[Future[Any]] = deque()
        for work in works:
            # What is done waits in memory until somebody takes it: no more is begun than that.
            if len(begun) > count:
                yield begun.popleft().result()
            begun.append(pool.submit(function, work))
        while begun:
            yield begun.popleft().result()


def _begin() -> None:
    """Leave the other processors to the other processes; Polars asks when it is imported."""
    os.environ["POLARS_MAX_THREADS"] = "1"


def spread(
    executor: Executor,
    shared: Shared,
    registry: Registry,
    sights: Sights,
    pieces: Sequence[Cut],
) -> Iterator[tuple[LocalPart, ...]]:
    """Yield the local facts of one bucket after the other for each view, computed through an executor.

    A bucket whose data has changed for others meanwhile is computed here, in the transaction of the
    review.

    Raises:
        ExecutorError: The executor raised, or gave something else.
    """
    packed = pickle.dumps(_portable(shared, registry))
    left = deque(pieces)
    try:
        with closing(_mapped(executor, [Work(packed, piece) for piece in pieces])) as found:
            for part in found:
                if not left or not (part is None or _is_parts(part)):
                    raise _other_than_given(executor, pieces, len(pieces) - len(left) + 1)
                piece = left.popleft()
                if part is None:
                    yield local_parts(registry, shared.views, piece, sights, shared.setting)
                else:
                    sights.frozen.tables.unreadable.update(part[0].unreadable)
                    yield part
    finally:
        close()
    if left:
        raise _other_than_given(executor, pieces, len(pieces) - len(left))


def _mapped(executor: Executor, works: Sequence[Work]) -> Generator[Any]:
    """Yield what an executor gives for each work."""
    try:
        yield from executor.map(compute, works)
    except ExecutorError:
        raise
    except (Exception, SystemExit) as error:
        raise ExecutorError(
            f"The executor '{executor.name}' failed: {type(error).__name__}: {error}.",
            mend="Review without --executor, or with another one.",
        ) from error


def _portable(shared: Shared, registry: Registry) -> Shared:
    """Return what is shared so that it means the same in another folder, and on another machine."""
    plugins = tuple(path.absolute() for path in shared.config.plugins)
    config = evolve(shared.config, plugins=plugins)
    return evolve(shared, config=config, packs=_packs(registry))


def _other_than_given(executor: Executor, pieces: Sequence[Cut], found: int) -> ExecutorError:
    return ExecutorError(
        f"The executor '{executor.name}' gave {found} results for {len(pieces)} buckets, "
        "or others than the function gave it.",
        mend="It must give what the function returns, one a bucket, in their order.",
    )


def _is_parts(given: object) -> bool:
    return isinstance(given, tuple) and all(isinstance(part, LocalPart) for part in given)
