"""What facts are made of besides rows: settings and code, in a form that can be compared."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import site
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dealreview.engine.registry import Registry

MOST_FILES = 2_000
"""Files of code that are looked at; a pack with more of them is not trusted to be known."""


def code_of(registry: Registry) -> list[list[Any]] | None:
    """Return what code facts are computed with; None if that is not known.

    That is every installed distribution with its version, and name, size and time of every file that
    may have been edited since: those of the packages that providers come from, and modules that were
    imported from elsewhere than where distributions are installed.
    """
    files = _files(registry)
    if files is None or len(files) > MOST_FILES:
        return None
    return [["python", sys.version], *([one] for one in _installed()), *_stated(files)]


def edited_code() -> list[list[Any]]:
    """Return name, size and time of every loaded file of code that may be edited.

    Providers may import more when they run, so that this has more in it afterwards.

    Raises:
        OSError: A file has just gone.
    """
    return _stated(_edited_modules())


def is_as_it_was(stated: Iterable[Sequence[Any]]) -> bool:
    """Whether files of code are still what :func:`edited_code` has said.

    Raises:
        OSError: One is gone.
    """
    found = [list(one) for one in stated]
    return _stated(path for path, _, _ in found) == found


def _stated(files: Iterable[str]) -> list[list[Any]]:
    # Some hundred files are looked at in each review: a Path of each would take longer than all the rest.
    stated = [(path, os.stat(path)) for path in sorted(set(files))]
    return [[path, status.st_size, status.st_mtime_ns] for path, status in stated]


def _installed() -> list[str]:
    """Return what is installed: names of folders that say it with the version, without reading them.

    What is imported from an archive is told by its size and time.
    """
    places = [Path(place) for place in sys.path]
    folders = (one.name for place in places for one in place.glob("*.*-info"))
    archives = [(place, place.stat()) for place in places if place.is_file()]
    return sorted([*folders, *(f"{a} {s.st_size} {s.st_mtime_ns}" for a, s in archives)])


def _files(registry: Registry) -> set[str] | None:
    found = set(_edited_modules())
    for name in {provider.function.__module__.partition(".")[0] for provider in registry.providers}:
        module = sys.modules.get(name)
        place = getattr(module, "__file__", None)
        if place is None:
            return None
        is_package = hasattr(module, "__path__")
        found.update(_modules_in(os.path.dirname(place)) if is_package else [place])
    return found


def _modules_in(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names if name.endswith(".py"))


def _edited_modules() -> Iterator[str]:
    """Yield the files of loaded modules that no distribution has put where it is."""
    for module in list(sys.modules.values()):
        place = getattr(module, "__file__", None)
        if place and place.endswith(".py") and not place.startswith(_INSTALLED):
            yield place


def _installed_places() -> Iterator[str]:
    """Yield the folders into which distributions and Python itself are installed."""
    paths = sysconfig.get_paths()
    yield from (paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from site.getsitepackages()
    yield site.getusersitepackages()


_INSTALLED = tuple({os.path.join(place, "") for place in _installed_places()})


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
