"""Cases as data beside a check: facts or rows in, verdict out.

A case file is TOML::

    check = "pricing/margin-floor"

    [defaults]
    as_of = 2025-05-16
    facts = { is_open = true }

    [[case]]
    name = "exactly at the floor"
    outcome = "watch"
    facts = { contribution_ratio_lo = 0.25, contribution_ratio_hi = 0.25 }

A case gives ``facts`` (what is not given is unknown) or ``tables`` (rows by table; the whole engine
runs over them, and ``subject`` names whom to look at). ``params`` sets parameters, ``fact_params``
those of facts, ``settings`` what stands in for what is not recorded: ``discount_ladder``,
``hourly_cost``, ``fit`` and ``words``, as in ``dealreview.toml``. ``expect`` may hold ``actual``,
``expected``, ``missing``, ``message``, ``money`` (minor units) and ``question``; what is not named
there is not compared.
"""

from __future__ import annotations

import datetime as dt
import math
import sqlite3
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.engine.config import Config
from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import dtype_of
from dealreview.engine.facttable import FactTable
from dealreview.engine.loader import load_packs
from dealreview.engine.selection import make_selection
from dealreview.engine.standins import read_stand_ins
from dealreview.engine.verdicts import Speaker
from dealreview.model.errors import ConfigurationError, DealreviewError, did_you_mean
from dealreview.model.outcome import Kind, Outcome
from dealreview.testing.companies import review_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.checks.messages import Names
    from dealreview.engine.functions import Related
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import Review
    from dealreview.model.verdict import Verdict

_CASE_KEYS = frozenset(
    [
        "name",
        "outcome",
        "on",
        "facts",
        "tables",
        "params",
        "fact_params",
        "settings",
        "subject",
        "as_of",
        "expect",
        "currency",
    ]
)
_FILE_KEYS = frozenset({"check", "defaults", "case"})
_BASE = {"id": "case", "name": "The case", "day": None, "currency": None, "closed": False}


@frozen
class Case:
    """One case of a check.

    Attributes:
        name: What it shows.
        outcome: The expected outcome.
        on: Kind of the subject.
        facts: Facts by name; the rest are unknown. None when the case gives tables.
        tables: Rows by table.
        subject: Id of the subject to look at, for tables.
        params: Parameters of the check.
        fact_params: Parameters of facts.
        settings: Stand-ins, as a configuration has them.
        as_of: The review's date.
        currency: Currency of the subject, for facts.
        expect: What the verdict must say.
    """

    name: str
    outcome: Outcome = field(converter=Outcome)
    on: Kind = field(converter=Kind)
    facts: Mapping[str, Any] | None = None
    tables: Mapping[str, Any] | None = None
    subject: str = ""
    params: Mapping[str, Any] = field(factory=dict)
    fact_params: Mapping[str, Any] = field(factory=dict)
    settings: Mapping[str, Any] = field(factory=dict)
    as_of: dt.date = dt.date(2025, 5, 16)
    currency: str = "EUR"
    expect: Mapping[str, Any] = field(factory=dict)


@frozen
class CaseFile:
    """The cases of one check.

    Attributes:
        check: Its id.
        cases: The cases in the order of the file.
        path: The file.
    """

    check: str
    cases: tuple[Case, ...]
    path: Path


def load_cases(path: Path) -> CaseFile:
    """Read a case file.

    Raises:
        ConfigurationError: A key that no case has, or a value that makes no sense; names file and case.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path.name} can't be read: {error}.") from error
    for key in given:
        if key not in _FILE_KEYS:
            raise ConfigurationError(f"{path.name}: no key '{key}'.{did_you_mean(key, _FILE_KEYS)}")
    if "check" not in given or not given.get("case"):
        raise ConfigurationError(
            f"{path.name} names no check or holds no case.",
            mend='Add check = "pack/slug" and a [[case]].',
        )
    defaults = given.get("defaults", {})
    return CaseFile(
        given["check"], tuple(_case(raw, defaults, path) for raw in given["case"]), path
    )


def _case(raw: Mapping[str, Any], defaults: Mapping[str, Any], path: Path) -> Case:
    merged = {"on": "deal", **defaults, **raw}
    for name in ("facts", "tables", "params", "fact_params", "settings"):
        if name in raw and name in defaults:
            merged[name] = {**defaults[name], **raw[name]}
    if "tables" in raw:
        merged.pop("facts", None)
    elif "facts" in raw:
        merged.pop("tables", None)
    if merged.get("tables") is None:
        merged.setdefault("facts", {})
    where = f"{path.name}, case '{raw.get('name')}'"
    for key in merged:
        if key not in _CASE_KEYS:
            raise ConfigurationError(f"{where}: no key '{key}'.{did_you_mean(key, _CASE_KEYS)}")
    try:
        return Case(**merged)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{where}: {error}.", mend="Give it a name and an outcome."
        ) from error


def run_cases(path: Path | str, *modules: str, folders: Sequence[Path] = ()) -> list[str]:
    """Run a case file, or every case file below a folder; return a sentence for each case that fails.

    Args:
        path: A case file or a folder of them.
        *modules: Importable modules of packs that are not installed.
        folders: Folders of checks, as ``plugins`` in the configuration names them.
    """
    registry = load_packs(modules=modules, folders=folders)
    files = sorted(Path(path).rglob("*.toml")) if Path(path).is_dir() else [Path(path)]
    return [
        fault
        for file in map(load_cases, files)
        for case in file.cases
        for fault in run_case(file, case, registry, modules=modules, folders=folders)
    ]


def run_case(
    file: CaseFile,
    case: Case,
    registry: Registry,
    *,
    modules: Sequence[str] = (),
    folders: Sequence[Path] = (),
) -> list[str]:
    """Return a sentence for each way in which a verdict differs from what a case expects.

    Args:
        file: The file of the case.
        case: The case.
        registry: Everything that is loaded.
        modules: Modules that the registry was loaded from; a case with tables loads them again.
        folders: Folders that the registry was loaded from.
    """
    if file.check not in registry.by_id:
        problems = "; ".join(map(str, registry.problems))
        return [f"{file.path.name}: there is no check '{file.check}'. {problems}".strip()]
    try:
        verdict = verdict_of(file, case, registry, modules=modules, folders=folders)
    except (DealreviewError, sqlite3.Error) as error:
        return [f"{file.check}, case '{case.name}': {error}"]
    return [f"{file.check}, case '{case.name}': {fault}" for fault in _differences(case, verdict)]


def verdict_of(
    file: CaseFile,
    case: Case,
    registry: Registry,
    *,
    modules: Sequence[str] = (),
    folders: Sequence[Path] = (),
    names: Names | None = None,
) -> Verdict:
    """Return what a check says of a case; ``names`` turns ids in its message into names.

    The other arguments are those of :func:`run_case`.
    """
    check = registry.by_id[file.check]
    if case.facts is not None:
        return _over_facts(check, case, registry, names)
    review = _reviewed(check, case, registry, modules, folders)
    subject = case.subject or ("pipeline" if case.on is Kind.PIPELINE else "case")
    card = review.scorecard(case.on, subject, names)
    return next(verdict for verdict in card.verdicts if verdict.check == check.id)


def _config(check: Check, case: Case) -> Config:
    return Config(
        checks={check.id: dict(case.params)},
        facts=dict(case.fact_params),
        stand_ins=read_stand_ins(case.settings, "settings"),
    )


def _over_facts(check: Check, case: Case, registry: Registry, names: Names | None) -> Verdict:
    """Judge one subject whose facts are given."""
    config = _config(check, case)
    selection = make_selection(registry, config, select=[check.id])
    frame = _frame(case, registry)
    types = registry.fact_types[case.on]
    related: Related = {table: {} for table in check.related}  # facts come without records
    [result] = evaluate_kind(selection, [check], case.on, FactTable(frame), types, {}, related)
    speaker = Speaker(case.on, registry.facts[case.on], case.currency, names)
    return speaker.verdict(result, 0, frame.row(0, named=True))


def _frame(case: Case, registry: Registry) -> pl.DataFrame:
    """Return one row of facts; those that the case does not give are unknown."""
    import polars as pl

    facts, given = registry.facts[case.on], dict(case.facts or {})
    for name, value in given.items():
        if name not in facts:
            raise ConfigurationError(f"no fact '{name}' on {case.on}.{did_you_mean(name, facts)}")
        given[name] = _cell(facts[name], value)
    base = {**_BASE, "day": case.as_of, "currency": case.currency}
    schema: dict[str, Any] = {
        "id": pl.String,
        "name": pl.String,
        "day": pl.Date,
        "currency": pl.String,
        "closed": pl.Boolean,
    }
    schema |= {name: dtype_of(fact) for name, fact in facts.items()}
    return pl.DataFrame([{**dict.fromkeys(facts), **given, **base}], schema=schema, strict=False)


def _cell(fact: Fact, value: Any) -> Any:
    """Return the value of a fact; one of another type would silently be unknown."""
    import polars as pl

    exact = float(value) if fact.type == "real" and type(value) is int else value
    try:
        cell = pl.Series([exact], dtype=dtype_of(fact), strict=True)
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise ConfigurationError(
            f"the fact '{fact.name}' is a {fact.type}, not {value!r}"
        ) from error
    return cell.to_list()[0]


def _reviewed(
    check: Check,
    case: Case,
    registry: Registry,
    modules: Sequence[str],
    folders: Sequence[Path],
) -> Review:
    """Review a company whose rows are given; packs with tables of their own are loaded for it."""
    config = evolve(_config(check, case), required_checks=(check.id,), plugins=tuple(folders))
    return review_tables(
        case.tables or {},
        case.as_of,
        config=config,
        registry=None if registry.own else registry,
        select=[check.id],
        modules=modules,
    )


def _differences(case: Case, verdict: Verdict) -> list[str]:
    faults = []
    if verdict.outcome is not case.outcome:
        missing = f", missing {', '.join(verdict.missing)}" if verdict.missing else ""
        faults.append(
            f"expected {case.outcome}, got {verdict.outcome}{missing} ({verdict.message})"
        )
    for key, wanted in case.expect.items():
        got = _READ[key](verdict) if key in _READ else None
        if key not in _READ:
            faults.append(f"'{key}' can't be compared.{did_you_mean(key, _READ)}")
        elif not _same(wanted, got):
            faults.append(f"expected {key} {wanted!r}, got {got!r}")
    return faults


_READ: Mapping[str, Callable[[Verdict], Any]] = {
    "actual": lambda v: v.actual.value if v.actual else None,
    "expected": lambda v: v.expected.value if v.expected else None,
    "n": lambda v: v.expected.n if v.expected else None,
    "missing": lambda v: list(v.missing),
    "message": lambda v: v.message,
    "money": lambda v: v.money_at_risk.minor if v.money_at_risk else None,
    "question": lambda v: v.question,
}


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, float) and isinstance(got, int | float):
        return math.isclose(wanted, got, rel_tol=1e-6, abs_tol=1e-9)
    return bool(wanted == got)
