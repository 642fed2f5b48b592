"""What operations take from selling."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.operations import hours


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("operations", hours, description="What operations take from selling.")
