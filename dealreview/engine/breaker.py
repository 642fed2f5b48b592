"""When a check is not asked any more: it only fails, its process keeps ending, or it takes too long."""

from __future__ import annotations

import time

from attrs import define, field

from dealreview.engine.isolation import EndedError, Raised

FAILURES_IN_A_ROW = 100
"""After so many subjects without one answer, nothing is learned from another failure."""

ENDINGS = 3
"""Each ended process costs its time limit and a new start; three tell enough."""


def _now() -> float:
    return time.monotonic()


@define
class Breaker:
    """Watches one check while it is asked about one subject after the other.

    Attributes:
        seconds: How long it may take for all of them.
        reason: Why no further subject is asked about; empty while there is no reason.
        unasked: How many subjects were not asked about.
    """

    seconds: float
    reason: str = ""
    unasked: int = 0
    _begun: float = field(factory=_now)
    _asked: int = 0
    _in_a_row: int = 0
    _endings: int = 0

    def note(self, answer: object) -> None:
        """Take in what came back for a subject."""
        self._asked += 1
        if isinstance(answer, Raised):
            self._in_a_row += 1
            self._endings += isinstance(answer.error, EndedError)
        else:
            self._in_a_row = 0

    def is_open(self) -> bool:
        """Whether there is a reason not to ask about the next subject, which is then counted."""
        if not self.reason:
            self.reason = self._found()
            if not self.reason:
                return False
        self.unasked += 1
        return True

    def _found(self) -> str:
        if self._endings >= ENDINGS:
            return f"its process ended {self._endings} times"
        if self._in_a_row >= FAILURES_IN_A_ROW:
            return f"it failed on {self._in_a_row} subjects in a row"
        if self._asked and _now() - self._begun > self.seconds:
            return f"the first {self._asked:,} took longer than {self.seconds:g} s"
        return ""
