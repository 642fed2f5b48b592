"""A window or a number that shapes a fact can be set, and changes what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

import dealreview.plugins
from dealreview.model.outcome import Outcome
from dealreview.testing import load_cases, run_case
from tests.plugins.tinyfacts import built_in

CASES = Path(dealreview.plugins.__file__).parent / "cases"

CHANGED = [
    ("consensus/stance-behind-it", "three for it", "stance_good", 2.0, "pass"),
    ("hygiene/commit-without-evidence", "an approver has a name", "forecast_people", 3, "watch"),
    ("hygiene/commit-without-evidence", "everything", "commit_word_days", 1, "pass"),
    ("hygiene/forecast-vs-evidence", "two people", "forecast_people", 3, "watch"),
    ("hygiene/forecast-vs-evidence", "22 days", "forecast_word_days", 22, "pass"),
    ("hygiene/no-activity", "a meeting a day later", "meeting_soon_days", 15, "not_applicable"),
    ("hygiene/owner-gap", "two changes within", "owner_change_days", 30, "pass"),
    ("operations/excuse-pattern-limits", "opened 180 days", "incident_days", 179, "watch"),
    ("operations/excuse-pattern-limits", "opened 180 days", "loss_days", 30, "not_applicable"),
    ("pricing/re-approval", "12.5 % against", "approval_valid_days", 1, "risk"),
]


@pytest.mark.parametrize(
    ("file", "name", "parameter", "value", "outcome"),
    CHANGED,
    ids=[f"{changed[0]} {changed[2]}" for changed in CHANGED],
)
def test_another_value_another_outcome(
    file: str, name: str, parameter: str, value: float, outcome: str
) -> None:
    """What a case says with the default comes out otherwise with another value."""
    cases = load_cases(CASES / f"{file}.toml")
    [case] = [c for c in cases.cases if c.name.startswith(name) and c.facts is None]
    assert case.outcome.value != outcome
    set_so = evolve(case, fact_params={parameter: value}, outcome=Outcome(outcome), expect={})
    assert run_case(cases, set_so, built_in()) == []


def test_every_number_has_a_unit() -> None:
    """Who sets a limit is told what it is counted in."""
    registry = built_in()
    declared = [(check.id, check.parameters) for check in registry.checks]
    declared += [(provider.name, provider.parameters) for provider in registry.providers]
    bare = [
        (of, parameter.name)
        for of, parameters in declared
        for parameter in parameters
        if parameter.type in (int, float) and not parameter.info.unit
    ]
    assert bare == []
