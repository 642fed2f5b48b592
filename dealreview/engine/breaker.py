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
    _failed: int = 0
    _in_a_row: int = 0
    _endings: int = 0

    def is_open(self) -> bool:
        """Whether there is a reason not to ask about the next subject; either way that is counted."""
        if not self.reason and self._asked and time.monotonic() - self._begun > self.seconds:
            self.reason = f"the first {self._asked:,} took longer than {self.seconds:g} s"
        if self.reason:
            self.unasked += 1
            return True
        self._asked += 1
        return False

    def failed(self, raised: Raised) -> None:
        """Take in what came instead of an answer about the subject that was asked about last."""
        # Nobody tells of an answer, of which there are many: a row ends where a number is left out.
        self._in_a_row = self._in_a_row + 1 if self._failed == self._asked - 1 else 1
        self._failed = self._asked
        self._endings += isinstance(raised.error, EndedError)
        if self._endings >= ENDINGS:
            self.reason = f"its process ended {self._endings} times"
        elif self._in_a_row >= FAILURES_IN_A_ROW:
            self.reason = f"it failed on {self._in_a_row} subjects in a row"
