"""Another Python like this one: how a process of ours is started, whatever this one runs in."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def is_python() -> bool:
    """Whether this runs in a Python that can be started again, not in a program that embeds one."""
    name = Path(sys.executable or "").name.lower()
    return not getattr(sys, "frozen", False) and name.startswith(("python", "pypy"))


def command(code: str, *arguments: str) -> list[str]:
    """Return a command that runs code with the modules that this process finds.

    What lies in the folder that somebody works in is not imported, unless this process would too.
    """
    return [sys.executable, "-P", "-c", code, *arguments]


def environment() -> dict[str, str]:
    """Return what such a process is to have in its environment; Polars has one thread there."""
    paths = [path for path in sys.path if isinstance(path, str) and path and os.pathsep not in path]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "POLARS_MAX_THREADS": "1"}


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
