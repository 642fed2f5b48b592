"""Does a deal earn its keep: price against value, margin, discount against what it bought."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.pricing import margin


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("pricing", margin, description=(__doc__ or "").rstrip("."))
