"""What a pack in a process of its own may use."""

from __future__ import annotations

from attrs import frozen


@frozen
class Limits:
    """What a pack in a process of its own may use.

    Attributes:
        seconds: For a question about one subject, or the rules of a check.
        seconds_for_all: For being imported, and for the facts of all subjects.
        memory_mib: Memory beyond what the interpreter itself needs.
    """

    seconds: float = 10.0
    seconds_for_all: float = 120.0
    memory_mib: int = 1024
