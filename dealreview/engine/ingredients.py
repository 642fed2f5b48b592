"""What facts are made of besides rows: settings and code, in a form that can be compared."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import site
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from dealreview.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Setting
    from dealreview.engine.facts import View
    from dealreview.engine.registry import Registry
    from dealreview.store.snapshot.manifest import Manifest

FORMAT = 6
"""Of the files that local facts are left in."""

Code = list[list[Any]]
"""Names, versions, sizes and times of what is computed with."""


@attrs.frozen
class Key:
    """What local facts depend on but the rows.

    Attributes:
        digest: Of settings, of the code of packs, and of what is installed.
        loaded: Other code that was loaded, from elsewhere than where distributions are installed.
    """

    digest: str
    loaded: Code


@attrs.frozen
class Loaded:
    """The code that facts are computed with.

    Attributes:
        packs: Every installed distribution, and every file of the packages that providers come from.
        others: Other modules, imported from elsewhere than where distributions are installed.
    """

    packs: Code
    others: Code


MOST_FILES = 2_000
"""Files of code that are looked at; a pack with more of them is not trusted to be known."""


def key_of(
    registry: Registry,
    config: Config,
    views: Sequence[View],
    setting: Setting,
    manifest: Manifest,
    code: Loaded | None = None,
) -> Key | None:
    """Return all that local facts depend on but the rows; None where they can't be kept.

    They can't with packs in processes of their own, tables of packs, code or parameters that can't be
    compared, or cells that can't be read, which every review counts anew.

    Args:
        registry: Providers.
        config: The configuration.
        views: Which facts, and how closed deals are seen.
        setting: What every provider shares.
        manifest: The snapshot beside which they are left.
        code: What :func:`code_of` has said when the packs were loaded; None asks it now.
    """
    unreadable = any(kept.unreadable for kept in manifest.tables.values())
    if config.isolated or registry.own or unreadable or not manifest.has_owned:
        return None
    try:
        code, given = code or code_of(registry), [plain(views), plain(setting)]
    except (OSError, TypeError):
        # A file that has just gone, or a parameter of a kind that can't be compared.
        return None
    if code is None:
        return None
    known = [FORMAT, __version__, manifest.shape, code.packs, *given]
    return Key(hashlib.sha256(json.dumps(known).encode()).hexdigest(), code.others)


def code_of(registry: Registry) -> Loaded | None:
    """Return what code facts are computed with; None if that is not known.

    That is every installed distribution with its version, and name, size and time of every file that
    may have been edited since.

    Raises:
        OSError: A file has just gone.
    """
    files, loaded = _files(registry), set(_edited_modules())
    if files is None or len(files | loaded) > MOST_FILES:
        return None
    packs = [["python", sys.version], *([one] for one in _installed()), *_stated(files)]
    return Loaded(packs, _stated(loaded - files))


def edited_code() -> Code:
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


def _stated(files: Iterable[str]) -> Code:
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
    found = set[str]()
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
