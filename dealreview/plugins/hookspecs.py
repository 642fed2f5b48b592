"""The hooks that a plugin can implement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview import Executor, Importer, Notifier, OwnTables, Pack, Reporter

hookspec = pluggy.HookspecMarker("dealreview")


@hookspec
def dealreview_pack() -> Pack:  # type: ignore[empty-body]
    """Describe the pack that this plugin delivers.

    A module that does not implement it is searched for functions decorated with ``@check`` and
    ``@facts``, and is named after its entry point.
    """


@hookspec
def dealreview_tables() -> OwnTables:  # type: ignore[empty-body]
    """Bring tables of the pack's own, and the migrations that make them."""


@hookspec
def dealreview_reporters() -> Iterable[Reporter]:  # type: ignore[empty-body]
    """Bring other forms of reports."""


@hookspec
def dealreview_importers() -> Iterable[Importer]:  # type: ignore[empty-body]
    """Bring other forms of files to import."""


@hookspec
def dealreview_notifiers() -> Iterable[Notifier]:  # type: ignore[empty-body]
    """Bring ways to send what a review found."""


@hookspec
def dealreview_executors() -> Iterable[Executor]:  # type: ignore[empty-body]
    """Bring ways to compute facts on several processes or machines."""
