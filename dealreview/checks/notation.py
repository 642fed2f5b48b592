"""Rules as plain values, so that what a check said can be said again long after it has changed.

Each term is a list: what it is, then its parts. Only terms of the closed algebra have a notation, so
nothing that is read back is ever evaluated as code.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dealreview.checks.rules import Cite, Exposure, Limit, Rules
from dealreview.checks.terms import OPERATIONS, Apply, Column, Constant, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

_FACT, _VALUE, _DAY = "fact", "value", "day"


def plain_term(root: Term) -> list[Any]:
    """Return a term as lists, texts and numbers."""
    if isinstance(root, Column):
        return [_FACT, root.name]
    if isinstance(root, Apply):
        return [root.op, *map(plain_term, root.args)]
    assert isinstance(root, Constant)  # noqa: S101
    value, parameter = root.value, [root.parameter] if root.parameter else []
    if isinstance(value, dt.date):
        return [_DAY, value.isoformat(), *parameter]
    return [_VALUE, value, *parameter]


def term_of(plain: Any) -> Term:
    """Return the term that :func:`plain_term` wrote.

    Raises:
        ValueError: It is none: an operation that there is not, or the wrong number of parts.
    """
    head, *parts = plain
    if head == _FACT:
        (name,) = parts
        return Column(str(name))
    if head == _VALUE:
        return Constant(*parts)
    if head == _DAY:
        day, *parameter = parts
        return Constant(dt.date.fromisoformat(day), *parameter)
    if OPERATIONS.get(head) != len(parts):
        raise ValueError(f"'{head}' of {len(parts)} is no operation on facts")
    return Apply(head, tuple(map(term_of, parts)))


def plain_rules(rules: Rules) -> dict[str, Any]:
    """Return rules as values that JSON can hold; what was left out is left out."""
    found = {
        **{name: plain_term(condition) for name, condition in rules.conditions.items()},
        "message": dict(rules.message),
        "actual": _maybe(rules.actual),
        "expected": {outcome: _plain_limit(limit) for outcome, limit in rules.expected.items()},
        "evidence": [_plain_cite(cite) for cite in rules.evidence],
        "at_risk": None
        if rules.at_risk is None
        else [rules.at_risk.kind, plain_term(rules.at_risk.minor)],
        "values": {name: plain_term(value) for name, value in rules.values.items()},
    }
    return {name: part for name, part in found.items() if part}


def rules_of_plain(plain: Mapping[str, Any]) -> Rules:
    """Return the rules that :func:`plain_rules` wrote.

    Raises:
        ValueError: A part of it is not what it has to be.
    """
    conditions = {name: term_of(plain[name]) for name in ("applies", "risk", "watch", "strength")}
    expected = plain.get("expected", {})
    exposed = plain.get("at_risk")
    return Rules(
        **conditions,
        message=plain.get("message", {}),
        actual=_term_or_none(plain.get("actual")),
        expected={outcome: _limit(limit) for outcome, limit in expected.items()},
        evidence=[_cite(cite) for cite in plain.get("evidence", ())],
        at_risk=None if exposed is None else Exposure(exposed[0], term_of(exposed[1])),
        values={name: term_of(value) for name, value in plain.get("values", {}).items()},
    )


def _maybe(root: Term | None) -> list[Any] | None:
    return None if root is None else plain_term(root)


def _term_or_none(plain: Any) -> Term | None:
    return None if plain is None else term_of(plain)


def _plain_limit(limit: Limit) -> list[Any]:
    source = plain_term(limit.source) if isinstance(limit.source, Term) else limit.source
    return [limit.op, plain_term(limit.value), limit.unit, source, _maybe(limit.n)]


def _limit(plain: Any) -> Limit:
    op, value, unit, source, n = plain
    said = term_of(source) if isinstance(source, list) else source
    return Limit(op, term_of(value), unit, said, _term_or_none(n))


def _plain_cite(cite: Cite) -> list[Any]:
    return [cite.table, cite.field, _maybe(cite.value), _maybe(cite.ids)]


def _cite(plain: Any) -> Cite:
    table, name, value, ids = plain
    return Cite(table, name, _term_or_none(value), _term_or_none(ids))
