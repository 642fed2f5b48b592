"""Does a deal earn its keep: price against value, margin, discount against what it bought."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.pricing import (
    approvals,
    margin,
    prices,
    pursuit,
    talks,
    terms,
    trades,
    value,
)


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of(
        "pricing",
        prices,
        margin,
        value,
        talks,
        trades,
        terms,
        approvals,
        pursuit,
        description=__doc__,
    )
