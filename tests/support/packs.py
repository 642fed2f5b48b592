"""Tiny packs: as files in a folder, as installed distributions, and from functions in memory."""

from __future__ import annotations

from itertools import count
from textwrap import dedent, indent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from dealreview.checks.pack import Pack
from dealreview.engine import run
from dealreview.engine.config import Config
from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import dtype_of
from dealreview.engine.facttable import FactTable
from dealreview.engine.loader import load_packs
from dealreview.engine.selection import make_selection
from dealreview.engine.validation import Loaded, classify
from dealreview.model.outcome import OUTCOMES, Kind
from dealreview.testing import review_tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.functions import Related
    from dealreview.engine.registry import Problem, Registry
    from dealreview.engine.review import Review

IMPORTS = """
import sys
from typing import Annotated

import polars as pl

from dealreview import *
"""


# --- as text -------------------------------------------------------------------------------------


def columns_check(check_id: str = "acme/late", **changes: str) -> str:
    """Return the source of a check over columns; ``doc``, ``options``, ``params``, ``body`` change it."""
    given = {
        "doc": '"""A deal keeps its date."""',
        "options": 'severity="major", ask=["What changed?"]',
        "params": "",
        "body": 'return Rules(watch=d.is_open, message="late")',
    } | changes
    name = check_id.rpartition("/")[2].replace("-", "_")
    return (
        f'\n@check.columns("{check_id}", {given["options"]})\n'
        f"def {name}(d: Columns{given['params'] and ', *, ' + given['params']}):\n"
        f"{indent(given['doc'], '    ')}\n{indent(given['body'], '    ')}\n"
    )


def rule(check_id: str = "acme/rule", **changes: str) -> str:
    """Return a rule in TOML; every key can be changed, an empty one is left out."""
    given = {
        "title": '"A deal keeps its date"',
        "severity": '"major"',
        "ask": '"What changed?"',
        "watch": '"is_open"',
        "message": '"late"',
        "example": '[{ facts = { is_open = true }, expect = "watch" }]',
    } | changes
    lines = "".join(f"{key} = {value}\n" for key, value in given.items() if value)
    return f'[[check]]\nid = "{check_id}"\n{lines}'


def write(folder: Path, **files: str) -> Path:
    """Write Python files, or TOML files for names that end with ``_toml``, and return the folder."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        if name.endswith("_toml"):
            (folder / f"{name.removesuffix('_toml')}.toml").write_text(dedent(text), "utf-8")
        else:
            (folder / f"{name}.py").write_text(IMPORTS + dedent(text), "utf-8")
    return folder


def loaded(folder: Path, **files: str) -> Registry:
    """Return what is loaded from a folder of such files, and the built-in packs."""
    return load_packs(folders=[write(folder, **files)], autoload=False)


_NUMBERS = count()
"""A module is imported once a process, so each gets a name of its own."""


def install(site: Path, name: str, text: str, *, point: str = "", module: str = "") -> None:
    """Put a distribution with an entry point of the name into a folder of the path."""
    module = module or f"installed_{next(_NUMBERS)}"
    (site / f"{module}.py").write_text(IMPORTS + dedent(text), "utf-8")
    info = site / f"dealreview_{name}-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: dealreview-{name}\nVersion: 1.5\n"
    )
    (info / "entry_points.txt").write_text(f"[dealreview.packs]\n{point or name} = {module}\n")


def told(registry: Registry) -> str:
    """Return every problem, a line each."""
    return "\n".join(map(str, registry.problems))


# --- in memory -----------------------------------------------------------------------------------


def pack_of(*members: Callable[..., Any], name: str = "acme", **rest: Any) -> Pack:
    """Return a pack of decorated functions."""
    module = ModuleType(name)
    vars(module).update({str(number): member for number, member in enumerate(members)})
    return Pack.of(name, module, **rest)


def registry_of(
    *members: Callable[..., Any], name: str = "acme", extra: Iterable[Loaded] = ()
) -> Registry:
    """Return the registry of a third-party pack alone, without the built-in packs."""
    return classify([*extra, Loaded(pack_of(*members, name=name), "test", "1")], [])


def accepted(*members: Callable[..., Any], **rest: Any) -> Registry:
    """Return the same, and demand that nothing is refused."""
    registry = registry_of(*members, **rest)
    assert registry.problems == (), told(registry)
    return registry


def frame_of(registry: Registry, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows of facts as the engine would have computed them; what is not given is unknown."""
    schema: dict[str, Any] = {
        "id": pl.String,
        "name": pl.String,
        "day": pl.Date,
        "currency": pl.String,
        "closed": pl.Boolean,
    }
    schema |= {name: dtype_of(fact) for name, fact in registry.facts[kind].items()}
    full = [
        {**dict.fromkeys(schema), "id": f"s{number}", "closed": False, **row}
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(full, schema=schema)


def judge(
    registry: Registry,
    rows: Sequence[Mapping[str, Any]],
    config: Config | None = None,
    *,
    kind: Kind = Kind.DEAL,
    broken: Mapping[tuple[Kind, str], Problem] | None = None,
    related: Related | None = None,
) -> dict[str, CheckResult]:
    """Return what every check says about rows of facts, by check id."""
    selection = make_selection(registry, config or Config())
    checks = [check for check in selection.checks if kind in check.on]
    frame, types = frame_of(registry, kind, rows), registry.fact_types[kind]
    found = evaluate_kind(
        selection, checks, kind, FactTable(frame), types, broken or {}, related or {}
    )
    return {result.check.id: result for result in found}


def outcomes(result: CheckResult) -> list[str]:
    """Return the outcomes of a check, row by row."""
    return [OUTCOMES[code].value for code in result.codes]


def review_with(
    registry: Registry, rows: Mapping[str, Any], as_of: dt.date, **request: Any
) -> Review:
    """Return the review of a company by the checks of a registry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "registry_for", lambda *_args: registry)
        return review_tables(rows, as_of, **request)
