"""What operations take from selling."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.operations import cost, created, diversions, hours


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of(
        "operations",
        hours,
        created,
        diversions,
        cost,
        description="What operations take from selling.",
    )
