"""Qualification by MEDDPICC: how far each letter is shown by what the customer said and did."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview_meddpicc import checks, process, stakeholders, value, weakest

THEMES = (value, stakeholders, process, weakest, checks)


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("meddpicc", *THEMES, description=(__doc__ or "").rstrip("."))
