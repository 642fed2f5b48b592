"""The outcomes that a check can give, as far as can be seen without its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.checks.terms import inputs_of
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

_BY_CONDITION = {"risk": Outcome.RISK, "watch": Outcome.WATCH, "strength": Outcome.STRENGTH}
_FINDING: Wanted = frozenset({Outcome.RISK, Outcome.WATCH})


def wanted_cases(check: Check, registry: Registry) -> list[Wanted]:
    """Return what a check should have cases for, in a fixed order."""
    found = _of_function(check) if check.form == "function" else _of_rules(check, registry)
    return sorted(found, key=sorted)


def _of_rules(check: Check, registry: Registry) -> set[Wanted]:
    selection = make_selection(registry, Config(), select=[check.id])
    found = {Outcome.PASS}
    for kind in check.on:
        rules = try_rules(registry, check, kind, selection.base[check.id])
        if rules is None:
            continue
        given = {name for name, condition in rules.conditions.items() if inputs_of(condition)}
        found |= {_BY_CONDITION[name] for name in given & _BY_CONDITION.keys()}
        found |= {Outcome.NOT_APPLICABLE} if "applies" in given else set()
        # An unknown strength passes: nothing that is bad was asked for.
        found |= {Outcome.INSUFFICIENT_DATA} if given - {"strength"} else set()
    return {frozenset({outcome}) for outcome in found}


def _of_function(check: Check) -> set[Wanted]:
    seen = returned_by(check.function)
    gap = {Outcome.INSUFFICIENT_DATA} if check.needs else set()
    found = {frozenset({outcome}) for outcome in seen.outcomes | gap}
    if seen.whole:
        return found
    found |= {frozenset({Outcome.PASS})}
    return found if seen.outcomes & _FINDING else {*found, _FINDING}
