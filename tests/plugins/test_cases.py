"""The cases beside each check: the verdicts they name, and what all verdicts have in common."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

import dealreview.plugins
from dealreview.checks.reach import outcomes_of
from dealreview.model.outcome import Outcome
from dealreview.testing import cases, load_cases, run_cases
from dealreview.testing.packcheck import faults_of
from tests.plugins.tinyfacts import built_in, rules_of
from tests.support.contradictions import FINDINGS, contradictions

if TYPE_CHECKING:
    from dealreview.model.verdict import Verdict

CASES = Path(dealreview.plugins.__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.toml"))
EXEMPT: dict[str, str] = {}
"""Checks whose limit may contradict their outcome, and the reason."""
FALLS_BY = frozenset({"hygiene/amount-fell"})
"""Checks of these two packs that expose what is surely gone, and no whole deal."""


@cache
def judged(path: Path) -> tuple[list[str], list[tuple[str, Verdict]]]:
    """Return the faults of a file's cases, and each case's name with its verdict."""
    found: list[tuple[str, Verdict]] = []
    differences = cases._differences

    def noted(case: cases.Case, verdict: Verdict) -> list[str]:
        found.append((case.name, verdict))
        return differences(case, verdict)

    with patch.object(cases, "_differences", noted):
        return run_cases(path), found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cases(path: Path) -> None:
    """Every case of a check gives the verdict that the file says."""
    assert judged(path)[0] == []


def test_every_check_has_cases() -> None:
    """A case file lies beside every check, under its pack and slug; further ones add a theme to it."""
    named = {str(path.relative_to(CASES).with_suffix("")): load_cases(path).check for path in FILES}
    checks = [check.id for check in built_in().checks]
    assert {name for name, check in named.items() if name == check} == set(checks)
    assert [name for name, check in named.items() if not f"{name}-".startswith(f"{check}-")] == []


def test_every_outcome_has_a_case() -> None:
    """No check lacks words, a question, a source, or a case for an outcome that it can give."""
    files, registry = [load_cases(path) for path in FILES], built_in()
    faults = (faults_of(check, registry, files) for check in registry.checks)
    assert list(map(str, itertools.chain.from_iterable(faults))) == []


@pytest.mark.parametrize("check_id", [c.id for c in built_in().checks if len(c.on) > 1])
def test_every_kind_has_a_case_for_every_outcome(check_id: str) -> None:
    """A check of several kinds of subjects is tried on each of them."""
    files = [file for file in map(load_cases, FILES) if file.check == check_id]
    for kind, rules in rules_of(check_id).items():
        shown = {case.outcome for file in files for case in file.cases if case.on == kind}
        assert outcomes_of(rules, built_in().fact_types[kind]) - shown == set(), kind


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_limit_is_the_one_that_decided(path: Path) -> None:
    """A finding misses what was expected, what is fine meets it, and nothing that decided is missing."""
    check = load_cases(path).check
    if check in EXEMPT:
        pytest.skip(EXEMPT[check])
    found = [(name, said) for name, v in judged(path)[1] for said in contradictions(v)]
    assert found == []


def test_exemptions_are_of_checks() -> None:
    """A check that is left out exists."""
    assert {check.id for check in built_in().checks} >= EXEMPT.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_limit_is_unknown(path: Path) -> None:
    """What is expected of a finding is known; nobody can meet "at least unknown"."""
    unknown = [
        name
        for name, verdict in judged(path)[1]
        if verdict.outcome in FINDINGS and verdict.expected and verdict.expected.value is None
    ]
    assert unknown == []


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.parent.name in {"hygiene", "consensus"}],
    ids=lambda path: path.stem,
)
def test_a_watch_exposes_no_whole_deal(path: Path) -> None:
    """A whole deal is at stake where a limit of risk is missed; a watch only asks."""
    watched = [
        (name, verdict.money_at_risk)
        for name, verdict in judged(path)[1]
        if verdict.outcome is Outcome.WATCH and verdict.check not in FALLS_BY
    ]
    assert [money for _name, money in watched if money] == []
