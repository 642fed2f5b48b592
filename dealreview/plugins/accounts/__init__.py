"""Which customers earn their keep, and where the organisation's profit comes from."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.accounts import key, losses, months, whale


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("accounts", months, key, whale, losses, description=__doc__ or "")
