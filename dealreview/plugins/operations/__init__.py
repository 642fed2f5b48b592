"""What operations take from selling."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.operations import (
    cost,
    created,
    diversions,
    excuses,
    hours,
    incidents,
    promises,
    returning,
    side_work,
    stopping,
)


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
        side_work,
        excuses,
        incidents,
        promises,
        stopping,
        description="What operations take from selling.",
    )
