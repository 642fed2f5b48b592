"""What facts are made of besides rows: settings and code, in a form that can be compared."""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from dealreview.engine.registry import Registry

MOST_FILES = 2_000
"""Files of code that are looked at; a pack beside more of them is not trusted to be known."""


def code_of(registry: Registry) -> list[list[Any]] | None:
    """Return name, size and time of every file beside those that providers come from; None if unknown."""
    import polars as pl

    found: list[list[Any]] = [["python", sys.version], ["polars", pl.__version__]]
    roots = {_root(provider.function.__module__) for provider in registry.providers}
    for root in sorted(roots, key=str):
        if root is None:
            return None
        for path in sorted(root.rglob("*.py")):
            status = path.stat()
            found.append([str(path), status.st_size, status.st_mtime_ns])
            if len(found) > MOST_FILES:
                return None
    return found


def _root(module: str) -> Path | None:
    """Return the folder of the topmost package of a module, or that in which the module lies."""
    place = getattr(sys.modules.get(module.partition(".")[0]), "__file__", None)
    return None if place is None else Path(place).parent


def plain(value: Any) -> Any:
    """Return a value as JSON knows it, the same for equal values.

    Raises:
        TypeError: A value of a kind that has no such form.
    """
    import polars as pl

    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, pl.DataFrame):
        return hashlib.sha256(value.write_ndjson().encode()).hexdigest()
    if isinstance(value, dt.date):
        return value.isoformat()
    return [type(value).__name__, *_parts(value)]


def _parts(value: Any) -> list[Any]:
    if attrs.has(type(value)):
        names = [one.name for one in attrs.fields(type(value)) if one.init]
        return [[name, plain(getattr(value, name))] for name in names]
    if isinstance(value, dict):
        return sorted(([plain(name), plain(one)] for name, one in value.items()), key=repr)
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value), key=repr)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no plain form")
