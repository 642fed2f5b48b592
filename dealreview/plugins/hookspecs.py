"""The hooks that a plugin can implement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from dealreview import Pack

hookspec = pluggy.HookspecMarker("dealreview")


@hookspec
def dealreview_pack() -> Pack:  # type: ignore[empty-body]
    """Describe the pack that this plugin delivers.

    A module that does not implement it is searched for functions decorated with ``@check`` and
    ``@facts``, and is named after its entry point.
    """
