"""Executors for tests: what they hand over goes through bytes, as it would between machines."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from dealreview import Executor, hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def sent(function: Callable[[Any], Any], works: Sequence[Any]) -> Iterable[Any]:
    """Send everything as bytes, there and back."""
    for work in works:
        there, given = pickle.loads(pickle.dumps((function, work)))  # noqa: S301 - our own
        yield pickle.loads(pickle.dumps(there(given)))  # noqa: S301 - our own


def torn(function: Callable[[Any], Any], works: Sequence[Any]) -> Iterable[Any]:
    """Fail at the second bucket."""
    yield function(works[0])
    raise OSError("the line is dead")


@hookimpl
def dealreview_executors() -> list[Executor]:
    """Bring one that works and some that don't."""
    return [
        Executor("sent", sent, buckets=3),
        Executor("torn", torn, buckets=2),
        Executor("short", lambda _function, _works: [], buckets=2),
        Executor("odd", lambda _function, works: [1 for _ in works], buckets=2),
    ]
