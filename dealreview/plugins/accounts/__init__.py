"""Which customers earn their keep, and where the organisation's profit comes from."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.accounts import drift, fit, hours, key, losses, months, quarters, whale


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of(
        "accounts",
        months,
        key,
        whale,
        losses,
        fit,
        drift,
        hours,
        quarters,
        description=__doc__ or "",
    )
