"""Find, load and classify packs; a broken one is named and takes nothing else with it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
from attrs import frozen

from dealreview.checks.pack import PROJECT, Pack
from dealreview.engine.registry import Problem, Registry
from dealreview.engine.validation import Loaded, classify
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.plugins import BUILT_IN, hookspecs
from dealreview.version import API_VERSION, __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from dealreview.checks.facts import Provider

ENTRY_POINTS = "dealreview.packs"


@frozen
class Candidate:
    """A pack that was found and not yet imported.

    Attributes:
        name: Entry point name, module name or file name.
        source: Distribution, folder or ``built in``.
        version: Version of the distribution or digest of the file.
        load: Imports it and returns the module.
        own_namespace: Whether its checks must carry ``name``; a local file brings its own.
    """

    name: str
    source: str
    version: str
    load: Callable[[], ModuleType]
    own_namespace: bool = True


def load_packs(
    *,
    folders: Iterable[Path] = (),
    modules: Iterable[str] = (),
    blocked: Iterable[str] = (),
    autoload: bool = True,
    extra: Iterable[Provider] = (),
) -> Registry:
    """Return everything that can be loaded, and a problem for everything that can't.

    Args:
        folders: Folders of Python and TOML files.
        modules: Importable modules that are packs.
        blocked: Names of packs that are not even imported.
        autoload: Whether installed distributions are searched.
        extra: Providers that the engine itself brings, such as those of custom fields.

    Raises:
        ConfigurationError: A blocked name that nothing has, or a folder that is not there.
    """
    candidates = find(folders, modules, autoload=autoload)
    blocked = frozenset(blocked)
    names = {candidate.name for candidate in candidates}
    for name in sorted(blocked - names):
        raise ConfigurationError(
            f"blocked_packs names '{name}', which is not there.{did_you_mean(name, names)}"
        )
    loaded, problems = load([c for c in candidates if c.name not in blocked])
    return classify(loaded, problems, tuple(extra))


def find(folders: Iterable[Path], modules: Iterable[str], *, autoload: bool) -> list[Candidate]:
    """Return every pack that is there, in a fixed order, and import none."""
    found = [_built_in(name) for name in BUILT_IN]
    if autoload:
        points = entry_points(group=ENTRY_POINTS)
        found += sorted(map(_installed, points), key=lambda c: (c.source, c.name))
    found += [
        Candidate(name, "module", "", partial(importlib.import_module, name), own_namespace=False)
        for name in modules
    ]
    for folder in folders:
        found += _in_folder(folder)
    return found


def _built_in(name: str) -> Candidate:
    load = partial(importlib.import_module, f"dealreview.plugins.{name}")
    return Candidate(name, "built in", __version__, load)


def _installed(point: EntryPoint) -> Candidate:
    source, version = (point.dist.name, point.dist.version) if point.dist else (point.value, "")
    return Candidate(point.name, source, version, point.load)


def _in_folder(folder: Path) -> list[Candidate]:
    if not folder.is_dir():
        raise ConfigurationError(f"plugins names '{folder}', which is not a folder.")
    paths = sorted(
        p
        for p in folder.iterdir()
        if p.suffix in {".py", ".toml"} and not p.name.startswith(("_", "."))
    )
    return [
        Candidate(
            path.stem,
            str(folder.name),
            _digest(path),
            partial(_import_file, path),
            own_namespace=False,
        )
        for path in paths
    ]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _import_file(path: Path) -> ModuleType:
    """Import a Python file under a name of its own; a TOML file becomes a module that holds its rules."""
    name = f"dealreview_local_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}_{path.stem}"
    if path.suffix == ".toml":
        module = ModuleType(name, doc=f"Rules of {path.name}.")
        module.RULES = [path]  # type: ignore[attr-defined]
        return module
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def load(candidates: Iterable[Candidate]) -> tuple[list[Loaded], list[Problem]]:
    """Import candidates one by one and ask each what it delivers; exits and exceptions become problems."""
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    seen: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.own_namespace and candidate.name in seen:
            problems.append(_duplicate(candidate, seen[candidate.name]))
            continue
        try:
            pack = describe(candidate)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a pack raises must not end the run
            problems.append(_broken(candidate, error))
            continue
        if candidate.own_namespace:
            seen[candidate.name] = candidate
        loaded.append(
            Loaded(pack, candidate.source, candidate.version, own_namespace=candidate.own_namespace)
        )
    return loaded, problems


def describe(candidate: Candidate) -> Pack:
    """Import a candidate and return its pack, from its hook or from what its module declares.

    Raises:
        TypeError: The hook returned something else than one Pack.
        pluggy.PluginValidationError: The hook has the wrong signature.
    """
    module = candidate.load()
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(module, candidate.name)
    manager.check_pending()
    api = getattr(module, "DEALREVIEW_API", API_VERSION)
    results: list[Any] = manager.hook.dealreview_pack()
    if not results:
        return Pack.of(candidate.name, module, rules=getattr(module, "RULES", ()), api=api)
    if len(results) != 1 or not isinstance(results[0], Pack):
        raise TypeError(f"dealreview_pack() must return one Pack, not {results[0]!r}")
    return results[0]


def _duplicate(candidate: Candidate, first: Candidate) -> Problem:
    return Problem(
        f"pack '{candidate.name}' of {candidate.source} {candidate.version}".strip(),
        f"has the same name as a pack of {first.source}, which was loaded.",
        "Uninstall one of the two, or block it under blocked_packs.",
    )


def _broken(candidate: Candidate, error: BaseException) -> Problem:
    if isinstance(error, SystemExit):
        cause = f"called sys.exit({error.code!r}) while it was imported."
    elif isinstance(error, pluggy.PluginValidationError):
        cause = f"implements a hook wrongly: {error}."
    else:
        cause = f"can't be imported: {type(error).__name__}: {error}."
    where = f"pack '{candidate.name}' of {candidate.source} {candidate.version}".strip()
    return Problem(where, cause, "Mend or uninstall it, or name it under blocked_packs.")
