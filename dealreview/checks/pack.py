"""Packs: checks and facts delivered together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy
from attrs import field, frozen

from dealreview.version import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from dealreview.checks.check import Check
    from dealreview.checks.extensions import Extension
    from dealreview.checks.facts import Provider
    from dealreview.checks.owntables import OwnTables

PROJECT = "dealreview"
hookimpl = pluggy.HookimplMarker(PROJECT)


def _paths(given: Iterable[Path | str]) -> tuple[Path, ...]:
    return tuple(Path(path) for path in given)


def _members(given: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(given)


@frozen
class Pack:
    """What one plugin delivers.

    Attributes:
        name: The namespace of its checks (``name/slug``) and of its facts (``name_…``).
        checks: Checks written in Python.
        providers: Fact providers.
        rules: TOML files with rules.
        extensions: Reporters, importers, notifiers and executors; filled from their hooks.
        description: One sentence for ``dealreview packs``.
        api: Version of the contract that it was written for.
        tables: Tables of its own; filled from their hook.
        modules: Modules whose hooks count beside those of the one that describes the pack.
    """

    name: str
    checks: tuple[Check, ...] = field(default=(), converter=_members)
    providers: tuple[Provider, ...] = field(default=(), converter=_members)
    rules: tuple[Path, ...] = field(default=(), converter=_paths)
    extensions: tuple[Extension, ...] = field(default=(), converter=_members)
    description: str = ""
    api: int = API_VERSION
    tables: OwnTables | None = None
    modules: tuple[ModuleType, ...] = field(default=(), converter=_members, repr=False)

    @classmethod
    def of(
        cls, name: str, *modules: ModuleType, rules: Iterable[Path | str] = (), **rest: Any
    ) -> Pack:
        """Return a pack of everything that the modules declare with ``@check``, ``@facts`` and hooks."""
        members = [member for module in modules for member in vars(module).values()]
        description = next(((m.__doc__ or "").strip().partition("\n")[0] for m in modules), "")
        return cls(
            name,
            _unique(members, "__dealreview_check__"),
            _unique(members, "__dealreview_provider__"),
            tuple(rules),
            **{"description": description, "modules": modules, **rest},
        )


def _unique(members: Iterable[Any], mark: str) -> tuple[Any, ...]:
    found = {
        id(declared): declared
        for declared in (getattr(m, mark, None) for m in members)
        if declared is not None
    }
    return tuple(found.values())
