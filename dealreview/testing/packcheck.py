"""Is a pack ready for others: what every check of it lacks, and what to add."""

from __future__ import annotations

import sys
import tomllib
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from dealreview.checks.reach import outcomes_of
from dealreview.checks.toml_rules import Rule
from dealreview.engine.config import Config
from dealreview.engine.loader import load_packs
from dealreview.engine.plan import try_rules
from dealreview.engine.selection import make_selection
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import Outcome
from dealreview.plugins import BUILT_IN
from dealreview.testing.cases import load_cases, run_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dealreview.checks.check import Check
    from dealreview.engine.registry import Registry
    from dealreview.testing.cases import CaseFile


@frozen
class Fault:
    """What a pack lacks.

    Attributes:
        where: The check, case or pack.
        cause: What is not there.
        mend: What to add.
    """

    where: str
    cause: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.cause} {self.mend}".strip()


@define
class Findings:
    """What was looked at, and what is lacking.

    Attributes:
        checks: Ids of the pack's checks.
        cases: How many cases were run.
        faults: What is lacking.
    """

    checks: tuple[str, ...] = ()
    cases: int = 0
    faults: list[Fault] = field(factory=list)


@frozen
class Project:
    """A pack in a folder.

    Attributes:
        root: The folder.
        modules: Modules of its packs.
        files: Python or TOML files that are packs by themselves.
    """

    root: Path
    modules: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def check_pack(path: Path) -> Findings:
    """Return what a pack lacks to be published.

    Args:
        path: The folder of its project, with a pyproject.toml that names its entry points, or a
            folder or file of checks as ``plugins`` in the configuration names them.

    Raises:
        ConfigurationError: There is no pack.
    """
    project = project_at(path)
    for folder in (project.root / "src", project.root):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    registry = load_packs(folders=project.files, modules=project.modules, autoload=False)
    ours = tuple(check for check in registry.checks if check.pack not in BUILT_IN)
    found = Findings(tuple(check.id for check in ours))
    found.faults += [Fault(p.where, p.cause, p.mend) for p in registry.problems]
    files = list(case_files(project.root if path.is_dir() else path.parent, found.faults))
    for check in ours:
        found.faults += faults_of(check, registry, files)
    for file in files:
        found.cases += len(file.cases)
        found.faults += wrong_cases(file, registry, project)
    return found


def project_at(path: Path) -> Project:
    """Return the pack that lies at a path.

    Raises:
        ConfigurationError: There is none.
    """
    described = path / "pyproject.toml"
    if not described.is_file():
        return Project(path if path.is_dir() else path.parent, files=(path,))
    try:
        project = tomllib.loads(described.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{described} can't be read: {error}.") from error
    points = project.get("entry-points", {}).get("dealreview.packs", {})
    if not points:
        raise ConfigurationError(
            f"{described} names no pack.",
            mend='Add [project.entry-points."dealreview.packs"] with NAME = "module".',
        )
    return Project(path, modules=tuple(points.values()))


def case_files(folder: Path, faults: list[Fault]) -> Iterator[CaseFile]:
    """Yield the case files below a folder: TOML files that name a check."""
    for path in sorted(folder.rglob("*.toml")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            faults.append(Fault(path.name, f"can't be read: {error}."))
            continue
        if isinstance(given.get("check"), str):
            try:
                yield load_cases(path)
            except ConfigurationError as error:
                faults.append(Fault(path.name, error.message, error.mend))


def faults_of(check: Check, registry: Registry, files: Iterable[CaseFile]) -> Iterator[Fault]:
    """Yield what a check lacks: words, a question, a source, a case for each outcome.

    The examples of a rule are run when it is loaded, and count as cases.
    """
    if len(check.description.strip().splitlines()) < 2 and check.form != "rule":
        mend = "Say below its first line how it is computed and what it needs."
        yield Fault(check.id, "has a docstring of one line.", mend)
    if not check.ask:
        yield Fault(check.id, "asks no question.", "Add ask=['What …?'].")
    if not check.sources:
        yield Fault(
            check.id, "names no source.", "Add sources=['…']; 'our own judgement' is one too."
        )
    shown = {case.outcome for file in files if file.check == check.id for case in file.cases}
    if isinstance(check.function, Rule):
        shown |= {Outcome(example.expect) for example in check.function.examples}
    for outcome in sorted(possible(check, registry) - shown, key=str):
        mend = f'Add a [[case]] with outcome = "{outcome}" to a file with check = "{check.id}".'
        yield Fault(check.id, f"has no case that gives {outcome}.", mend)


def possible(check: Check, registry: Registry) -> frozenset[Outcome]:
    """Return the outcomes that a check can give, as far as can be seen without its facts."""
    if check.form == "function":
        gap = {Outcome.INSUFFICIENT_DATA} if check.needs else set()
        return frozenset({Outcome.PASS, *gap})
    selection = make_selection(registry, Config(), select=[check.id])
    base = selection.base[check.id]
    tried = {kind: try_rules(registry, check, kind, base) for kind in check.on}
    types = registry.fact_types
    found = [outcomes_of(rules, types[kind]) for kind, rules in tried.items() if rules]
    return frozenset({Outcome.PASS}) if not found else frozenset().union(*found)


def wrong_cases(file: CaseFile, registry: Registry, project: Project) -> Iterator[Fault]:
    """Yield the cases that don't give what they say."""
    if file.check not in registry.by_id:
        yield Fault(file.path.name, f"is for '{file.check}', which is not there.")
        return
    where: Sequence[Path] = project.files
    for case in file.cases:
        for said in run_case(file, case, registry, modules=project.modules, folders=where):
            yield Fault(file.path.name, said)
