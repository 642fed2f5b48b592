"""The machine and the versions that figures are of."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "dealreview",
    "polars",
    "duckdb",
    "connectorx",
    "pandas",
    "adbc-driver-sqlite",
    "zen-engine",
    "rule-engine",
    "dask",
)


def described() -> dict[str, str]:
    """Return what the machine is, and the versions of what is measured."""
    found = {"machine": _machine(), "system": f"{platform.system()} {platform.release()}"}
    found |= {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    return found | {name: _version(name) for name in PACKAGES}


def _machine() -> str:
    model = next(iter(_lines("/proc/cpuinfo", "model name")), platform.machine())
    memory = next(iter(_lines("/proc/meminfo", "MemTotal")), "")
    size = f", {int(memory.split()[0]) / 1024**2:.0f} GiB" if memory else ""
    return f"{model}, {os.cpu_count()} processors{size}"


def _lines(path: str, name: str) -> list[str]:
    """Return the values of a name in a file of Linux; none elsewhere."""
    file = Path(path)
    text = file.read_text("utf-8") if file.exists() else ""
    pairs = (line.partition(":") for line in text.splitlines())
    return [value.strip() for key, _, value in pairs if key.strip() == name]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
