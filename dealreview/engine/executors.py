"""Where local facts are computed: here, or bucket by bucket on processes and machines of an executor.

A bucket is handed over as ids of accounts and the path of the database: whoever computes it opens the
database itself, loads the same packs, and gives back frames.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from contextlib import ExitStack, redirect_stdout
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.checks.extensions import OWN_EXECUTORS, Executor
from dealreview.engine.buckets import Bucket
from dealreview.engine.factplan import LocalPart, local_part, local_providers
from dealreview.engine.visible import VisibleTables
from dealreview.model.errors import ConfigurationError, DealreviewError
from dealreview.store.changes import revision
from dealreview.store.database import Database
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.checks.facts import Provider
    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Setting, Wanted
    from dealreview.engine.registry import Registry

SERIAL, PROCESSES = OWN_EXECUTORS


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
        wanted: Facts to compute.
        setting: What every provider shares; feeds and rates are those of the whole database.
        frozen_closed: Whether closed deals are seen as of their closing day.
    """

    path: Path
    revision: int
    config: Config
    modules: tuple[str, ...]
    wanted: Wanted
    setting: Setting
    frozen_closed: bool


@frozen(eq=False)
class Work:
    """A bucket as it is sent to whoever computes it.

    Attributes:
        shared: :class:`Shared`, pickled once for all.
        accounts: Ids of its accounts.
        deals: Ids of their deals.
    """

    shared: bytes
    accounts: pl.Series | None
    deals: pl.Series | None


@frozen
class Opened:
    """What a process keeps open from bucket to bucket."""

    shared: bytes
    stack: ExitStack
    visible: VisibleTables
    providers: tuple[Provider, ...]
    setting: Setting
    is_same_data: bool


_HERE = threading.local()
"""Connections are bound to a thread, and some executors work with several."""


def compute(work: Work) -> LocalPart | None:
    """Return the local facts of a bucket; None if the data has changed since it was cut.

    Nothing else is read or written, so it can run anywhere where the database and the packs are.
    """
    with redirect_stdout(sys.stderr):
        opened = _opened(work.shared)
        if not opened.is_same_data:
            return None
        bucket = Bucket(opened.visible, work.accounts, work.deals)
        part = local_part(opened.providers, bucket, opened.setting)
        return evolve(part, unreadable=dict(opened.visible.tables.unreadable))


def _opened(shared: bytes) -> Opened:
    kept: Opened | None = getattr(_HERE, "opened", None)
    if kept is None or kept.shared != shared:
        close()
        kept = _HERE.opened = _open(shared)
    return kept


def _open(packed: bytes) -> Opened:
    from dealreview.engine.run import registry_for

    shared: Shared = pickle.loads(packed)  # noqa: S301 - our own bytes
    stack = ExitStack()
    connection = stack.enter_context(Database(shared.path).read())
    tables = Tables(connection)
    registry = registry_for(shared.config, tables, shared.modules)
    tables.reopen(connection, registry.tables)
    zone = shared.setting.calendar.time_zone
    visible = VisibleTables(tables, shared.setting.as_of, zone, shared.frozen_closed)
    providers = local_providers(registry, shared.wanted)
    visible.expect(provider.reads for provider in providers)
    same = revision(connection) == shared.revision
    return Opened(packed, stack, visible, tuple(providers), shared.setting, same)


def close() -> None:
    """Close what this thread keeps open."""
    kept: Opened | None = getattr(_HERE, "opened", None)
    if kept is not None:
        _HERE.opened = None
        kept.stack.close()


# --- executors -----------------------------------------------------------------------------------


def find(registry: Registry, name: str) -> Executor | None:
    """Return the executor of a name; None for computing here.

    Raises:
        ConfigurationError: There is none of that name.
    """
    if name == SERIAL:
        return None
    if name == PROCESSES:
        return Executor(PROCESSES, on_processes, "The processes of this machine.")
    try:
        return registry.extension(Executor, name)
    except ConfigurationError as error:
        mend = f"dealreview itself has {' and '.join(OWN_EXECUTORS)}. {error.mend}"
        raise ConfigurationError(error.message, mend=mend) from error


def buckets_of(executor: Executor) -> int:
    """Return into how many buckets the accounts are cut for an executor."""
    return executor.buckets or os.cpu_count() or 1


def on_processes(function: Callable[[Any], Any], works: Sequence[Any]) -> Iterable[Any]:
    """Yield what a function gives for each work, in their order, computed on processes of this machine."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    count = min(len(works), os.cpu_count() or 1)
    # A process that is forked inherits locks that Polars holds.
    with ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin) as pool:
        yield from pool.map(function, works)


def _begin() -> None:
    """Leave the other processors to the other processes; Polars asks when it is imported."""
    os.environ["POLARS_MAX_THREADS"] = "1"


def spread(
    executor: Executor,
    shared: Shared,
    tables: Tables,
    buckets: Sequence[Bucket],
    providers: Sequence[Provider],
) -> list[LocalPart]:
    """Return the local facts of buckets, computed through an executor.

    A bucket whose data has changed for others meanwhile is computed here, in the transaction of the
    review.

    Raises:
        ExecutorError: The executor raised, or gave something else.
    """
    packed = pickle.dumps(shared)
    works = [Work(packed, bucket.accounts, bucket.deals) for bucket in buckets]
    try:
        found = list(executor.map(compute, works))
    except (Exception, SystemExit) as error:
        raise ExecutorError(
            f"The executor '{executor.name}' failed: {type(error).__name__}: {error}.",
            mend="Review without --executor, or with another one.",
        ) from error
    finally:
        close()
    _demand_parts(executor, found, len(works))
    for part in found:
        tables.unreadable.update(part.unreadable if part is not None else {})
    return [
        local_part(providers, bucket, shared.setting) if part is None else part
        for part, bucket in zip(found, buckets, strict=True)
    ]


def _demand_parts(executor: Executor, found: Sequence[object], count: int) -> None:
    if len(found) != count or not all(p is None or isinstance(p, LocalPart) for p in found):
        raise ExecutorError(
            f"The executor '{executor.name}' gave {len(found)} results for {count} buckets, "
            "or others than the function gave it.",
            mend="It must give what the function returns, one a bucket, in their order.",
        )
