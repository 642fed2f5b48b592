"""Does a deal earn its keep: price against value, margin, discount against what it bought."""

from __future__ import annotations

from dealreview import Pack, hookimpl
from dealreview.plugins.pricing import (
    approvals,
    goals,
    margin,
    prices,
    pursuit,
    talks,
    terms,
    trades,
    value,
)

MODULES = (prices, margin, value, talks, trades, terms, approvals, pursuit, goals)


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("pricing", *MODULES, description=__doc__)
