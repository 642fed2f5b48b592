"""What findings rest on: where a limit comes from, and the facts that decided."""

from __future__ import annotations

from dealreview import Cite, Columns

JUDGEMENT = "our own judgement"
FIXED = "fixed default"
OWN_HISTORY = "own history"


def cited(d: Columns, *names: str) -> list[Cite]:
    """Return facts of the subject as evidence."""
    return [Cite("facts", name, getattr(d, name)) for name in names]
