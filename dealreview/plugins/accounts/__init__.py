"""Which customers earn their keep, and where the organisation's profit comes from."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.accounts import (
    attention,
    drift,
    fit,
    hours,
    key,
    losses,
    months,
    quarters,
    service,
    whale,
)


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    modules = (months, key, whale, losses, fit, drift, hours, quarters, service, attention)
    return Pack.of("accounts", *modules, description=__doc__ or "")
