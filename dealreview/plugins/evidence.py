"""What findings rest on: where a limit comes from, and the facts that decided."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

from dealreview import Cite, Columns, Exposure

if TYPE_CHECKING:
    from dealreview import Term

JUDGEMENT = "our own judgement"
FIXED = "fixed default"
OWN_HISTORY = "own history"


def cited(d: Columns, *names: str) -> list[Cite]:
    """Return facts of the subject as evidence."""
    return [Cite("facts", name, getattr(d, name)) for name in names]


def beyond(value: Term, limit: Any) -> Term:
    """Return a number that is above zero where a value lies above a limit, and else zero."""
    over: Term = value - limit
    return over + over.abs()


def exposed(kind: str, amount: Term, *over: Term) -> Exposure:
    """Expose an amount once one of the numbers is above zero, see :func:`beyond`.

    A whole deal is at stake only where a limit of risk is missed; a watch asks, and exposes nothing.
    """
    total = functools.reduce(operator.add, over)
    # A number divided by itself is one; zero by zero is unknown, which exposes nothing.
    return Exposure(kind, amount * (total / total))
