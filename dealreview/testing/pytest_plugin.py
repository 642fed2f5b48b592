"""The pytest plugin: case files are tests, each case one, without a line of Python.

A TOML file in a folder ``cases`` that names a check is collected. Packs are those that are installed,
and the modules under ``dealreview_modules`` in the configuration of pytest.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dealreview.engine.registry import Registry
    from dealreview.testing.cases import Case, CaseFile

MODULES = "dealreview_modules"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting for packs that are not installed."""
    parser.addini(MODULES, "modules that are packs of dealreview", type="args", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CasesFile | None:
    """Collect the TOML files in folders called ``cases`` that name a check."""
    if file_path.suffix != ".toml" or "cases" not in file_path.parts:
        return None
    try:
        given = tomllib.loads(file_path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(given.get("check"), str):
        return None
    found: CasesFile = CasesFile.from_parent(parent, path=file_path)
    return found


class CasesFile(pytest.File):
    """The cases of one check."""

    def collect(self) -> Iterator[CaseItem]:
        """Yield a test for each case."""
        from dealreview.testing.cases import load_cases

        file = load_cases(self.path)
        for case in file.cases:
            yield CaseItem.from_parent(self, name=case.name, file=file, case=case)


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, file: CaseFile, case: Case, **rest: Any) -> None:
        super().__init__(**rest)
        self.file, self.case = file, case

    def runtest(self) -> None:
        """Demand that the verdict is what the case says."""
        from dealreview.testing.cases import run_case

        modules = self.config.getini(MODULES)
        faults = run_case(self.file, self.case, _registry(self.config), modules=modules)
        if faults:
            raise WrongVerdictError("\n".join(faults))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what differs, without the way that led there."""
        if isinstance(excinfo.value, WrongVerdictError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return where the case stands."""
        return self.path, None, f"{self.file.check}: {self.case.name}"


class WrongVerdictError(AssertionError):
    """A verdict that is not what a case says."""


_LOADED = pytest.StashKey["Registry"]()


def _registry(config: pytest.Config) -> Registry:
    """Return everything that is loaded, once a run."""
    from dealreview.engine.loader import load_packs

    if _LOADED not in config.stash:
        config.stash[_LOADED] = load_packs(modules=config.getini(MODULES))
    return config.stash[_LOADED]
