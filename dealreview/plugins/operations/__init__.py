"""What operations take from selling."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.operations import cost, created, diversions, hours, returning


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of(
        "operations",
        hours,
        created,
        diversions,
        cost,
        returning,
        description="What operations take from selling.",
    )
