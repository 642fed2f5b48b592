"""Buckets on the workers of dask: of a scheduler that the configuration names, else of this machine."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import pickle
import platform
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dealreview.engine.executors import ExecutorError, close
from dealreview.model.errors import ConfigurationError, StoreError
from dealreview.model.interpreter import processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from distributed import Client, Future, LocalCluster

COMPARED = ("dealreview", "polars")
"""Packages whose version decides what a bucket gives; all must have the same."""

CONNECT_S = 10
"""How long to wait for a scheduler."""

PATIENCE_S = 30
"""How long to go on without any worker, for one that starts anew."""

_LOOK_S = 2


def on_dask(address: str) -> Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[Any]]:
    """Return what computes works on the workers of a scheduler; without an address, on this machine.

    Raises:
        ConfigurationError: The package ``distributed`` is not installed.
    """
    if find_spec("distributed") is None:
        raise ConfigurationError(
            "The executor 'dask' needs the package 'distributed', which is not installed.",
            mend="pip install 'dealreview[dask]'",
        )
    return partial(_computed, address)


def _computed(address: str, function: Callable[[Any], Any], works: Sequence[Any]) -> Iterator[Any]:
    """Yield what a function gives for each work, in their order."""
    with _quiet(), ExitStack() as held:
        client = held.enter_context(_connected(address or held.enter_context(cluster(len(works)))))
        _demand_same(client.get_versions(packages=list(COMPARED)))
        # One by one: all in one message would be as large as all ids of the company.
        futures = [client.submit(alone, function, pickle.dumps(one), pure=False) for one in works]
        for number, future in enumerate(futures):
            yield pickle.loads(_result(client, future))  # noqa: S301 - from our own workers
            # What has been fetched need not wait in the memory of its worker.
            del future
            futures[number] = None


def alone(function: Callable[[Any], Any], work: bytes) -> bytes:
    """Compute a work and keep nothing open: workers live on when the review is over.

    Raises:
        ExecutorError: The database can't be read from here.
    """
    try:
        return pickle.dumps(function(pickle.loads(work)))  # noqa: S301 - from our own review
    except StoreError as error:
        raise ExecutorError(
            f"A worker of dask on {platform.node()} can't read the database: {error.message}",
            mend="Put it, and the snapshot beside it, under one path that all workers see.",
        ) from error
    finally:
        close()


def _result(client: Client, future: Future) -> Any:
    """Return what a work gave, once it is done.

    Raises:
        ExecutorError: It failed, or nobody is left to compute it.
    """
    from distributed import KilledWorker

    missed = 0
    try:
        while missed < PATIENCE_S:
            try:
                return future.result(timeout=_LOOK_S)
            except TimeoutError:
                # Otherwise it took longer, or has come just now.
                if future.status == "error":
                    raise
            missed = 0 if client.ncores() else missed + _LOOK_S
    except KilledWorker as error:
        raise ExecutorError(
            "The workers of dask died one after the other of the same bucket.",
            mend="Mostly they lack memory: give each more, or review without --executor.",
        ) from error
    except (asyncio.CancelledError, concurrent.futures.CancelledError, OSError) as error:
        if future.status == "error":
            raise
        raise ExecutorError(
            "The scheduler of dask is gone.", mend="Start it anew, or review without --executor."
        ) from error
    raise ExecutorError(
        "No worker of dask is left.", mend="Start some, or review without --executor."
    )


# --- clusters ------------------------------------------------------------------------------------


@contextmanager
def _connected(where: LocalCluster | str) -> Iterator[Client]:
    """Give a client of a cluster that has a worker.

    Raises:
        ExecutorError: No scheduler answers, or it has no worker.
    """
    from distributed import Client

    try:
        client = Client(where, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ExecutorError(
            f"No dask scheduler answers at {where}.",
            mend="Start `dask scheduler` there, or mend 'review.dask' in dealreview.toml.",
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError as error:
            raise ExecutorError(
                f"The dask scheduler at {where} has no worker.",
                mend="Start `dask worker` with its address.",
            ) from error
        yield client


@contextmanager
def cluster(works: int) -> Iterator[LocalCluster]:
    """Give a cluster of processes of this machine, which leaves nothing behind."""
    import dask.config
    from distributed import LocalCluster

    count = min(works, processors())
    no_pages: dict[str, Any] = {
        f"distributed.{who}.http.routes": [] for who in ("scheduler", "worker")
    }
    with (
        TemporaryDirectory(prefix="dealreview-", ignore_cleanup_errors=True) as folder,
        dask.config.set({**no_pages, "temporary-directory": folder}),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            # Not the usual port, about which a second review would complain.
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            # The other processors are for the other processes; Polars asks when it is imported.
            env={"POLARS_MAX_THREADS": "1"},
        ) as made,
    ):
        yield made


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave it to our own errors to say what happens to a cluster."""
    import warnings

    from distributed.utils import silence_logging_cmgr
    from distributed.versions import VersionMismatchWarning

    with warnings.catch_warnings(), silence_logging_cmgr(logging.CRITICAL):
        warnings.simplefilter("ignore", VersionMismatchWarning)
        yield


def _demand_same(versions: Mapping[str, Any]) -> None:
    """Raise if the scheduler or a worker has another version of what decides a result.

    Raises:
        ExecutorError: Says who has which.
    """
    ours = versions["client"]["packages"]
    others = {"The scheduler": versions["scheduler"]}
    others |= {f"The worker {name}": found for name, found in versions["workers"].items()}
    for who, found in others.items():
        theirs = found["packages"]
        for name in COMPARED:
            if theirs.get(name) != ours[name]:
                has = f"{name} {theirs[name]}" if theirs.get(name) else f"no {name}"
                raise ExecutorError(
                    f"{who} of dask has {has}; this review runs with {ours[name]}.",
                    mend=f"pip install '{name}=={ours[name]}' there, or the other one here.",
                )
