"""The page of each check: its words, what it needs and one example of each outcome from its cases."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dealreview.plugins
from dealreview.checks.columns import Columns
from dealreview.checks.messages import fields_of
from dealreview.checks.parameters import effective
from dealreview.checks.rules import Rules
from dealreview.checks.terms import inputs_of
from dealreview.engine.config import Config
from dealreview.engine.selection import make_selection
from dealreview.model.outcome import Kind, Outcome
from dealreview.reports.checklist import CheckList
from dealreview.testing import load_cases
from dealreview.testing.cases import verdict_of
from tools.markdown import joined, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dealreview.checks.check import Check
    from dealreview.checks.parameters import Parameter
    from dealreview.engine.registry import PackInfo, Registry
    from dealreview.testing import Case, CaseFile

CASES = Path(dealreview.plugins.__file__).parent / "cases"
ON_WHAT = {
    Kind.DEAL: "deals",
    Kind.ACCOUNT: "accounts",
    Kind.REP: "reps",
    Kind.TEAM: "teams",
    Kind.PIPELINE: "the pipeline",
}
ORDER = (
    Outcome.RISK,
    Outcome.WATCH,
    Outcome.INSUFFICIENT_DATA,
    Outcome.PASS,
    Outcome.STRENGTH,
    Outcome.NOT_APPLICABLE,
)
"""The examples on a page."""
NAMED = {
    "people": "person_id",
    "contacts": "contact_id",
    "accounts": "account_id",
    "deals": "deal_id",
    "teams": "team_id",
    "stages": "stage_id",
}
"""Tables whose records have a name, and their keys."""


def check_pages(registry: Registry, packs: Iterable[PackInfo]) -> dict[str, str]:
    """Return the list of all checks, a page for each pack and one for each check, by path."""
    packs = tuple(packs)
    selection = make_selection(registry, Config())
    known = CheckList(registry, selection)
    needs = {one["id"]: one["needs"] for one in known.objects()}
    found = {"checks.md": list_page(registry, packs)}
    for pack in packs:
        found[f"checks/{pack.name}.md"] = pack_page(registry, pack)
    for check in registry.checks:
        shaping = known.fact_parameters(check)
        found[f"checks/{check.id}.md"] = check_page(registry, check, needs[check.id], shaping)
    return found


def list_page(registry: Registry, packs: Iterable[PackInfo]) -> str:
    """Return the list of all checks."""
    lines = ["# Checks", ""]
    lines += [
        "Every check that comes with dealreview. Those of your own: [plugins.md](../plugins.md)."
    ]
    for pack in packs:
        link = f"[All about the pack](checks/{pack.name}.md)"
        lines += ["", f"## `{pack.name}`", "", f"{pack.description} {link}", ""]
        lines += index(checks_of(registry, pack), "checks/")
    return joined(lines)


def pack_page(registry: Registry, pack: PackInfo) -> str:
    """Return the page of a pack, an index of its checks."""
    checks = checks_of(registry, pack)
    return joined(
        [f"# Pack `{pack.name}`", "", pack.description, "", "## Checks", "", *index(checks)]
    )


def index(checks: Iterable[Check], folder: str = "") -> Iterator[str]:
    """Yield a table of checks with links to their pages."""
    rows = ((f"[`{c.id}`]({folder}{c.id}.md)", kinds(c), str(c.severity), c.title) for c in checks)
    return table("check|on|severity|what must be so", rows)


def checks_of(registry: Registry, pack: PackInfo) -> list[Check]:
    """Return the checks of a pack."""
    return [check for check in registry.checks if check.pack == pack.name]


def kinds(check: Check) -> str:
    """Return what a check is on, for people."""
    return ", ".join(ON_WHAT[kind] for kind in check.on)


# --- the page of a check -------------------------------------------------------------------------


def check_page(
    registry: Registry,
    check: Check,
    needs: Mapping[Kind, Iterable[str]],
    shaping: Sequence[Parameter],
) -> str:
    """Return the page of a check; ``shaping`` are the parameters of the facts that it reads."""
    lines = [f"# `{check.id}`", "", check.description, "", _in_short(check)]
    lines += ["", "## Data", "", *_data(registry, check, needs)]
    if check.parameters:
        lines += ["", "## Parameters", "", *parameter_table(check.parameters)]
    if shaping:
        lines += ["", "## Parameters of its facts", "", _SHAPING, "", *parameter_table(shaping)]
    lines += ["", "## Examples", "", *_example_lines(registry, check)]
    lines += ["", "## Questions", "", *(f"- {question}" for question in check.ask)]
    lines += ["", "## Sources", "", *(f"- {source}" for source in check.sources or ("ours",))]
    return joined(lines)


_SHAPING = "Set under `[facts]` in `dealreview.toml`, for all checks that read these facts."


def _in_short(check: Check) -> str:
    family = f" · family `{check.family}`" if check.family else ""
    after = " · goes on after the deal is closed" if check.after_close else ""
    return f"On {kinds(check)} · {check.severity} · version {check.version}{family}{after}"


def _data(registry: Registry, check: Check, needs: Mapping[Kind, Iterable[str]]) -> Iterator[str]:
    for kind in check.on:
        recorded = ", ".join(f"`{name}`" for name in needs[kind]) or "nothing beside the subject"
        facts = ", ".join(f"`{name}`" for name in decides(registry, check, kind))
        yield f"- To be recorded, or {ON_WHAT[kind]} are not reviewed: {recorded}"
        yield f"- Decided by these [facts](../../facts.md) of {ON_WHAT[kind]}: {facts}"


def parameter_table(parameters: Iterable[Parameter]) -> Iterator[str]:
    """Yield the table of parameters."""
    rows = (
        (f"`{p.name}`", f"`{shown(p.default)}`", p.bounds, p.info.unit or "–", p.info.description)
        for p in parameters
    )
    return table("parameter|default|allowed|unit|meaning", rows)


def shown(value: Any) -> str:
    """Return a default as TOML writes it."""
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def decides(registry: Registry, check: Check, kind: Kind) -> Iterable[str]:
    """Return the facts that decide about a subject."""
    if check.form == "function":
        return check.needs
    values = effective(check.parameters, {}, of=check.id)
    rules = check.function(Columns(kind, registry.fact_types[kind]), **values)
    return rules.condition_inputs if isinstance(rules, Rules) else ()


# --- examples ------------------------------------------------------------------------------------


@cache
def case_files() -> tuple[CaseFile, ...]:
    """Return the cases of all checks, the main file of each first."""
    return tuple(
        map(load_cases, sorted(CASES.rglob("*.toml"), key=lambda path: path.with_suffix("")))
    )


def examples(
    check_id: str, registry: Registry, files: Iterable[CaseFile] | None = None
) -> list[tuple[CaseFile, Case]]:
    """Return a case for each outcome that the cases of a check give, those of the packs or ``files``."""
    files = case_files() if files is None else files
    found = [(file, case) for file in files if file.check == check_id for case in file.cases]
    first: dict[Outcome, tuple[CaseFile, Case]] = {}
    for file, case in sorted(found, key=lambda one: _unfit(one, registry)):
        first.setdefault(case.outcome, (file, case))
    return [first[outcome] for outcome in ORDER if outcome in first]


def _unfit(example: tuple[CaseFile, Case], registry: Registry) -> tuple[bool, bool, bool, bool]:
    """Rank low what shows most.

    Rows come before facts: only theirs are words and numbers that surely belong together; of facts,
    those that give all their words come first. Usual parameters come before others, and a message
    that a test compares before one that none does.
    """
    file, case = example
    changed = bool(case.params or case.fact_params)
    wordless = not has_own_words(file, case, registry)
    return case.facts is not None, wordless, changed, "message" not in case.expect


def _example_lines(registry: Registry, check: Check) -> Iterator[str]:
    rows = (
        (outcome.replace("_", " "), name, f"`{said}`" if said else "–")
        for outcome, name, said in told(registry, check.id)
    )
    return table("outcome|case|what is printed", rows)


def told(registry: Registry, check_id: str) -> Iterator[tuple[Outcome, str, str]]:
    """Yield outcome, name and message of each example.

    What is not applicable says nothing, and of a case whose words are not all its own none are shown.
    """
    for file, case in examples(check_id, registry):
        silent = case.outcome is Outcome.NOT_APPLICABLE or not has_own_words(file, case, registry)
        yield case.outcome, case.name, "" if silent else message(file, case, registry)


def has_own_words(file: CaseFile, case: Case, registry: Registry) -> bool:
    """Whether every fact that the message prints is made from rows, or given by the case itself.

    A fact that the file gives to all cases alike tells of another one.
    """
    if case.facts is None:
        return True
    check = registry.by_id[file.check]
    if check.form == "function":
        return True
    values = effective(check.parameters, dict(case.params), of=check.id)
    rules = check.function(Columns(case.on, registry.fact_types[case.on]), **values)
    template = rules.message.get(case.outcome.value, "") if isinstance(rules, Rules) else ""
    printed = {name for name, _ in fields_of(template)}
    for name, term in rules.values.items():
        printed |= set(inputs_of(term)) if name in printed else set()
    return printed & set(registry.facts[case.on]) <= _own_facts(file.path, case.name)


@cache
def _own_facts(path: Path, name: str) -> frozenset[str]:
    """Return the facts that a case gives itself."""
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
        if case["name"] == name:
            return frozenset(case.get("facts", ()))
    return frozenset()


def message(file: CaseFile, case: Case, registry: Registry) -> str:
    """Return what is printed of a case, with names for ids."""
    names = names_in(case)
    said = case.expect.get("message")
    if said is not None and not any(identity in said for identity in names):
        return str(said)
    verdict = verdict_of(file, case, registry, names=lambda one: names.get(one, one))
    if verdict.outcome is not case.outcome:
        raise RuntimeError(f"{file.check}, case '{case.name}' gives {verdict.outcome}.")
    return verdict.message


def names_in(case: Case) -> dict[str, str]:
    """Return the names of people, accounts and deals by id, as far as rows of the case give them."""
    tables = case.tables or {}
    rows = [(row, key) for table, key in NAMED.items() for row in tables.get(table, ())]
    return {row[key]: row["name"] for row, key in rows if row.get("name")}
