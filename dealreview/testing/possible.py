"""The outcomes that a check can give, as far as can be seen without its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.checks.reach import outcomes_of
from dealreview.engine.config import Config
from dealreview.engine.plan import try_rules
from dealreview.engine.selection import make_selection
from dealreview.model.outcome import Outcome
from dealreview.testing.returned import returned_by

if TYPE_CHECKING:
    from dealreview.checks.check import Check
    from dealreview.engine.registry import Registry

Wanted = frozenset[Outcome]
"""Outcomes of which a case for any is enough."""

_FINDING: Wanted = frozenset({Outcome.RISK, Outcome.WATCH})


def wanted_cases(check: Check, registry: Registry) -> list[Wanted]:
    """Return what a check should have cases for, in a fixed order."""
    found = _of_function(check) if check.form == "function" else _of_rules(check, registry)
    return sorted(found, key=sorted)


def _of_rules(check: Check, registry: Registry) -> set[Wanted]:
    selection = make_selection(registry, Config(), select=[check.id])
    tried = {kind: try_rules(registry, check, kind, selection.base[check.id]) for kind in check.on}
    types = registry.fact_types
    found = [outcomes_of(rules, types[kind]) for kind, rules in tried.items() if rules]
    return {
        frozenset({outcome})
        for outcomes in found or [frozenset({Outcome.PASS})]
        for outcome in outcomes
    }


def _of_function(check: Check) -> set[Wanted]:
    seen = returned_by(check.function)
    gap = {Outcome.INSUFFICIENT_DATA} if check.needs else set()
    found = {frozenset({outcome}) for outcome in seen.outcomes | gap}
    if seen.whole:
        return found
    found |= {frozenset({Outcome.PASS})}
    return found if seen.outcomes & _FINDING else {*found, _FINDING}
