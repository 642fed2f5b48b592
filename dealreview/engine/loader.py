"""Find, load and classify packs; a broken one is named and takes nothing else with it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from functools import partial
from importlib.metadata import EntryPoint, distributions
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
from attrs import evolve, frozen

from dealreview.checks.check import Check
from dealreview.checks.extensions import EXTENSIONS, Extension
from dealreview.checks.facts import Provider
from dealreview.checks.pack import PROJECT, Pack
from dealreview.engine.criteria import criteria_provider
from dealreview.engine.isolation import Raised, attempt
from dealreview.engine.precision import engine_provider
from dealreview.engine.registry import Problem, Registry
from dealreview.engine.validation import INSIDE, Loaded, classify
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.plugins import BUILT_IN, hookspecs
from dealreview.version import API_VERSION, __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from packaging.requirements import Requirement

    from dealreview.engine.limits import Limits

ENTRY_POINTS = "dealreview.packs"
NOBODY_ISOLATED: Mapping[str, Limits] = {}


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
    required: Iterable[str] = (),
    isolated: Mapping[str, Limits] = NOBODY_ISOLATED,
    extra: Iterable[Provider] = (),
) -> Registry:
    """Return everything that can be loaded, and a problem for everything that can't.

    Args:
        folders: Folders of Python and TOML files, or single files.
        modules: Importable modules that are packs.
        blocked: Names of packs that are not even imported.
        autoload: Whether installed distributions are searched.
        required: Packs that must be loaded, as requirements: ``acme>=1.2``.
        isolated: Packs that run in a process of their own, by name, and what each may use.
        extra: Providers that the engine itself brings, such as those of custom fields.

    Raises:
        ConfigurationError: A blocked or isolated name that nothing has, or a folder or file that is
            not there.
    """
    candidates = find(folders, modules, autoload=autoload)
    blocked = frozenset(blocked)
    names = {candidate.name for candidate in candidates}
    for where, given in (("blocked_packs", blocked), ("[packs]", isolated.keys())):
        for name in sorted(given - names):
            raise ConfigurationError(
                f"{where} names '{name}', which is not there.{did_you_mean(name, names)}"
            )
    loaded, problems = load([c for c in candidates if c.name not in blocked], isolated)
    problems += unmet(required, loaded, blocked)
    return classify(loaded, problems, (engine_provider(), criteria_provider(), *extra))


def unmet(
    required: Iterable[str], loaded: Iterable[Loaded], blocked: frozenset[str]
) -> list[Problem]:
    """Return a problem for every required pack that was not loaded in a version that fits."""
    if not required:
        return []
    from packaging.requirements import Requirement

    there = {item.pack.name: item.version for item in loaded}
    wanted = map(Requirement, required)
    causes = ((w, _lacking(w, there, blocked)) for w in wanted)
    mend = "Install it, or take it out of required_packs."
    return [Problem(f"required pack '{wanted}'", cause, mend) for wanted, cause in causes if cause]


def _lacking(wanted: Requirement, there: Mapping[str, str], blocked: frozenset[str]) -> str:
    """Return why a requirement is not met; empty where it is."""
    from packaging.version import InvalidVersion, Version

    if wanted.name not in there:
        return "is blocked." if wanted.name in blocked else "is not loaded."
    if not wanted.specifier:
        return ""
    try:
        fits = wanted.specifier.contains(Version(there[wanted.name]), prereleases=True)
    except InvalidVersion:
        return "is a file without a version; only its name can be required."
    return "" if fits else f"is loaded in version {there[wanted.name]}."


def find(folders: Iterable[Path], modules: Iterable[str], *, autoload: bool) -> list[Candidate]:
    """Return every pack that is there, in a fixed order, and import none."""
    found = [_built_in(name) for name in BUILT_IN]
    points = installed_points() if autoload else []
    found += sorted(map(_installed, points), key=lambda c: (c.source, c.name))
    # A module that an installed pack consists of is there already.
    there = {point.value for point in points}
    found += [
        Candidate(name, "module", "", partial(importlib.import_module, name), own_namespace=False)
        for name in modules
        if name not in there
    ]
    for folder in folders:
        found += _in_folder(folder)
    return found


def installed_points() -> list[EntryPoint]:
    """Return the entry points of every distribution, in the order of the path.

    Of two versions of a distribution on the path Python's own list names the first only; here the other
    is found too, so that it can be named.
    """
    found = {
        (point.name, point.value, dist.name, dist.version): point
        for dist in distributions()
        for point in dist.entry_points
        if point.group == ENTRY_POINTS
    }
    return list(found.values())


def _built_in(name: str) -> Candidate:
    load = partial(importlib.import_module, f"dealreview.plugins.{name}")
    return Candidate(name, INSIDE, __version__, load)


def _installed(point: EntryPoint) -> Candidate:
    source, version = (point.dist.name, point.dist.version) if point.dist else (point.value, "")
    return Candidate(point.name, source, version, point.load)


def _in_folder(folder: Path) -> list[Candidate]:
    return [
        Candidate(
            path.stem,
            str(path.parent.name),
            _digest(path),
            partial(_import_file, path),
            own_namespace=False,
        )
        for path in _files_of(folder)
    ]


def _files_of(folder: Path) -> list[Path]:
    if folder.is_file() and folder.suffix in _SUFFIXES:
        return [folder]
    if not folder.is_dir():
        raise ConfigurationError(
            f"plugins names '{folder}', which is neither a folder nor a Python or TOML file."
        )
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in _SUFFIXES and path.is_file() and not path.name.startswith(("_", "."))
    )


_SUFFIXES = frozenset({".py", ".toml"})


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
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def load(
    candidates: Iterable[Candidate], isolated: Mapping[str, Limits] = NOBODY_ISOLATED
) -> tuple[list[Loaded], list[Problem]]:
    """Import candidates one by one and ask each what it delivers; exits and exceptions become problems."""
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    seen: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.own_namespace and candidate.name in seen:
            problems.append(_duplicate(candidate, seen[candidate.name]))
            continue
        pack = attempt(_described, candidate, isolated.get(candidate.name))
        if isinstance(pack, Raised):
            problems.append(_broken(candidate, pack))
            continue
        if candidate.own_namespace:
            if pack.name in seen:
                problems.append(_duplicate(candidate, seen[pack.name]))
                continue
            seen[pack.name] = candidate
        loaded.append(
            Loaded(pack, candidate.source, candidate.version, own_namespace=candidate.own_namespace)
        )
    return loaded, problems


def _described(candidate: Candidate, limits: Limits | None) -> Pack:
    """Return what a candidate delivers, imported here or in a process of its own."""
    if limits is None:
        return describe(candidate)
    from dealreview.engine.processes import Host

    return _sound(Host(candidate, limits).describe())


def describe(candidate: Candidate) -> Pack:
    """Import a candidate and return its pack, from its hook or from what its module declares.

    Raises:
        TypeError: The hook returned something else than one Pack.
        pluggy.PluginValidationError: The hook has the wrong signature.
    """
    module = candidate.load()
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    _register(module, manager)
    if manager.hook.dealreview_pack.get_hookimpls():
        results: list[Any] = manager.hook.dealreview_pack()  # pluggy leaves out None
        pack = results[0] if results else None
        if not isinstance(pack, Pack):
            return _sound(pack)
        for other in pack.modules:
            _register(other, manager)
        return _sound(evolve(pack, **_brought(manager)))
    name = candidate.name.rpartition(".")[2]
    api = getattr(module, "DEALREVIEW_API", API_VERSION)
    rules = getattr(module, "RULES", ())
    return _sound(Pack.of(name, module, rules=rules, api=api, **_brought(manager)))


def _register(module: ModuleType, manager: pluggy.PluginManager) -> None:
    """Take in the hooks of a module, once."""
    if _may_have_hooks(module) and not manager.is_registered(module):
        manager.register(module)
        manager.check_pending()
        _demand_hooks(module, manager)


def _may_have_hooks(module: ModuleType) -> bool:
    """Whether a module may show a hook or what has the name of one; most that packs name hold checks only.

    Whoever registers a module looks at each of its names in every way that it could be a hook.
    """
    if type(module) is not ModuleType or not vars(module).keys().isdisjoint(_ASKED_FIRST):
        return True
    return any(isinstance(one, _HOOKS) and hasattr(one, _MARK) for one in vars(module).values())


def _answers(manager: pluggy.PluginManager, name: str) -> list[Any]:
    """Return what each function of a hook gives; one that two modules show is asked once."""
    implementations = getattr(manager.hook, name).get_hookimpls()
    functions = dict.fromkeys(one.function for one in implementations)
    return [answer for function in functions if (answer := function()) is not None]


def _brought(manager: pluggy.PluginManager) -> dict[str, Any]:
    """Return what the hooks bring beside checks and facts."""
    return {"extensions": _extensions(manager), "tables": _tables(manager)}


def _demand_hooks(module: ModuleType, manager: pluggy.PluginManager) -> None:
    """Refuse a function with the name of a hook that is none: it would never be called."""
    for name in _NAMES:
        implemented = [impl.plugin for impl in getattr(manager.hook, name).get_hookimpls()]
        if hasattr(module, name) and module not in implemented:
            raise TypeError(f"{name}() is no hook: decorate it with @hookimpl")


HOOKS: dict[str, type[Extension]] = {
    f"dealreview_{kind.__name__.lower()}s": kind for kind in EXTENSIONS
}
"""Hooks for extensions, and what each must bring."""

_NAMES = ("dealreview_pack", "dealreview_tables", *HOOKS)
_ASKED_FIRST = frozenset({*_NAMES, "__getattr__", "__dir__"})
_HOOKS = (FunctionType, MethodType, classmethod, staticmethod)
_MARK = f"{PROJECT}_impl"
"""What pluggy leaves on a function that is a hook."""


def _extensions(manager: pluggy.PluginManager) -> tuple[Extension, ...]:
    found: list[Extension] = []
    for name, kind in HOOKS.items():
        for extension in (one for given in _answers(manager, name) for one in given):
            if not isinstance(extension, kind):
                raise TypeError(f"{name}() brings {type(extension).__name__}, not {kind.__name__}")
            found.append(extension)
    return tuple(found)


def _tables(manager: pluggy.PluginManager) -> Any:
    """Return the tables that a module brings, not yet looked at; None where it brings none."""
    found = _answers(manager, "dealreview_tables")
    if len(found) > 1:
        raise TypeError("two functions implement dealreview_tables(): bring all tables in one")
    return found[0] if found else None


def _sound(pack: object) -> Pack:
    """Return a pack if it holds what packs hold, and anything at all."""
    if not isinstance(pack, Pack):
        raise TypeError(f"dealreview_pack() must return one Pack, not {type(pack).__name__}")
    if type(pack.name) is not str or type(pack.api) is not int:
        raise TypeError("the name of a pack is a text, its api a whole number")
    for kind, members in ((Check, pack.checks), (Provider, pack.providers)):
        for member in members:
            if not isinstance(member, kind):
                found = getattr(member, "__name__", type(member).__name__)
                raise TypeError(
                    f"'{found}' is no {kind.__name__}: decorated functions go through Pack.of()"
                )
    if not any((pack.checks, pack.providers, pack.rules, pack.extensions, pack.tables)):
        raise ValueError("it delivers nothing: no check, no facts, no rules and no extension")
    return pack


def _of(candidate: Candidate) -> str:
    """Return distribution and version of a pack."""
    return f"{candidate.source} {candidate.version}".strip()


def _duplicate(candidate: Candidate, first: Candidate) -> Problem:
    return Problem(
        f"pack '{candidate.name}' of {_of(candidate)}",
        f"has the same name as a pack of {_of(first)}, which was loaded.",
        "Uninstall one of the two, or block it under blocked_packs.",
    )


def _broken(candidate: Candidate, raised: Raised) -> Problem:
    if isinstance(raised.error, SystemExit):
        cause = f"called sys.exit({raised.error.code!r}) while it was imported."
    elif isinstance(raised.error, pluggy.PluginValidationError):
        cause = f"implements a hook wrongly: {raised.error}."
    else:
        cause = f"can't be loaded: {raised}."
    where = f"pack '{candidate.name}' of {_of(candidate)}"
    return Problem(where, cause, "Mend or uninstall it, or name it under blocked_packs.")
