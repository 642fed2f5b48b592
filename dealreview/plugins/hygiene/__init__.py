"""Whether what is written down about a deal can still be true."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.hygiene import dates, stages


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("hygiene", dates, stages, description=__doc__ or "")
