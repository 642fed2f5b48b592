"""The larger and the smaller of two numbers, from what conditions can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dealreview import Term


def larger(one: Term, other: Term | float) -> Term:
    """Return the larger of two numbers; unknown with either."""
    return (one + other + (one - other).abs()) * 0.5


def smaller(one: Term, other: Term | float) -> Term:
    """Return the smaller of two numbers; unknown with either."""
    return (one + other - (one - other).abs()) * 0.5
