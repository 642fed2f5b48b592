"""One process at a time: wall time, processor time and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

KIB, MIB = 1024, 1024 * 1024


@frozen
class Measured:
    """One process, or the median of several.

    Attributes:
        seconds: Wall time.
        cpu: Processor time with that of processes of its own, which a busy machine changes little.
        peak: Most resident memory of one process, in bytes.
    """

    seconds: float
    cpu: float
    peak: int


class Failed(Exception):  # noqa: N818 - what is told, not a kind of fault
    """A process that ended with another code than 0."""


def measure(
    command: Sequence[str],
    output: IO[bytes] | None = None,
    limit: float = 3600,
    errors: IO[bytes] | None = None,
) -> Measured:
    """Run a command to its end.

    A child begins with the peak of the process that starts it, so whoever measures stays small.

    Args:
        command: Program and arguments.
        output: Where its standard output goes; None drops it.
        limit: Seconds after which it is ended.
        errors: Where its standard error goes; None shows it.

    Raises:
        Failed: It did not end with 0.
    """
    start = time.perf_counter()
    where = subprocess.DEVNULL if output is None else output
    # What is installed has its bytecode; a machine that writes none would compile it every time.
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, stdout=where, stderr=errors, env=given)  # noqa: S603 - our own command
    guard = threading.Timer(limit, process.kill)
    guard.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    finally:
        guard.cancel()
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"ended with {process.returncode} after {seconds:.0f} s")
    unit = 1 if sys.platform == "darwin" else KIB
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def median(found: Sequence[Measured]) -> Measured:
    """Return the median of each figure."""
    return Measured(
        statistics.median(one.seconds for one in found),
        statistics.median(one.cpu for one in found),
        round(statistics.median(one.peak for one in found)),
    )
