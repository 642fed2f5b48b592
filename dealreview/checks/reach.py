"""The outcomes that rules can come to, whatever the facts are."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from dealreview.checks.ladder import settle
from dealreview.checks.terms import Apply, Column, Constant, evaluate, inputs_of, walk
from dealreview.model.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dealreview.checks.rules import Rules
    from dealreview.checks.terms import Term

MOST_ROWS = 200_000
"""Rows that are tried; rules that would take more are taken to leave room for a pass."""
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "=", "!="})
_LOGIC = frozenset({"and", "or", "not", "surely"})


def outcomes_of(rules: Rules, types: Mapping[str, str]) -> frozenset[Outcome]:
    """Return the outcomes that conditions leave room for, errors apart.

    Args:
        rules: The rules.
        types: Types of the facts by name.
    """
    return frozenset(_outcomes(rules, types))


def _outcomes(rules: Rules, types: Mapping[str, str]) -> Iterator[Outcome]:
    if _can_pass(rules, types):
        yield Outcome.PASS
    for name in ("risk", "watch", "strength"):
        term = rules.conditions[name]
        if not (isinstance(term, Constant) and not term.value):
            yield Outcome(name)
    if not (isinstance(rules.applies, Constant) and rules.applies.value):
        yield Outcome.NOT_APPLICABLE
    # An unknown strength passes: nothing that is bad was asked for.
    if inputs_of(rules.applies, rules.risk, rules.watch):
        yield Outcome.INSUFFICIENT_DATA


def _can_pass(rules: Rules, types: Mapping[str, str]) -> bool:
    """Whether something is left between finding and strength.

    Whole numbers that are only compared with plain ones leave few rows to try: each limit, its
    neighbours and unknown. All other rules are taken to leave room.
    """
    asked = {"risk": rules.risk, "watch": rules.watch, "strength": rules.strength}
    names = inputs_of(*asked.values())
    limits = [
        one.value for term in asked.values() for one in walk(term) if isinstance(one, Constant)
    ]
    whole = {limit for limit in limits if type(limit) is int}
    values = (None, *sorted({limit + step for limit in whole for step in (-1, 0, 1)}))
    simple = all(map(_only_compares, asked.values()))
    if not simple or {types.get(name) for name in names} != {"int"}:
        return True
    if len(values) ** len(names) > MOST_ROWS:
        return True
    rows = itertools.product(values, repeat=len(names))
    return any(_passes(asked, dict(zip(names, row, strict=True))) for row in rows)


def _only_compares(root: Term) -> bool:
    """Whether a condition is logic over comparisons of a fact with a whole number."""
    if not isinstance(root, Apply):
        return isinstance(root, Constant) and isinstance(root.value, bool)
    if root.op in _LOGIC:
        return all(map(_only_compares, root.args))
    limits = [arg.value for arg in root.args if isinstance(arg, Constant)]
    facts = [arg for arg in root.args if isinstance(arg, Column)]
    return root.op in _COMPARISONS and len(facts) == 1 and [type(one) for one in limits] == [int]


def _passes(asked: Mapping[str, Term], row: Mapping[str, Any]) -> bool:
    states = {name: evaluate(term, row) for name, term in asked.items()}
    return settle(applies=True, **states) is Outcome.PASS
