"""The ladder: from four conditions to one outcome, for one row and for columns.

Each condition is false, true or unknown, so there are 81 cases. Both kernels take the outcome from
the same function over a case, and can't disagree about the order in which conditions are asked.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from dealreview.checks.terms import Apply, Column, Constant, Term, evaluate, inputs_of, walk
from dealreview.model.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import polars as pl

    from dealreview.checks.rules import Rules

_STATES: tuple[bool | None, ...] = (False, True, None)
_UNKNOWN = 2
"""Index of None in the states; that of false is 0, of true 1, as in a cast."""
_LACKING = frozenset({Outcome.INSUFFICIENT_DATA, Outcome.PASS})


def settle(
    applies: bool | None, risk: bool | None, watch: bool | None, strength: bool | None
) -> Outcome:
    """Return the outcome of four conditions; None is unknown.

    A known watch does not rescue an unknown risk, or deleting a value could raise a score. An
    unknown strength costs nothing: strength and pass are worth the same.
    """
    if applies is not True:
        return Outcome.INSUFFICIENT_DATA if applies is None else Outcome.NOT_APPLICABLE
    for outcome, condition in ((Outcome.RISK, risk), (Outcome.WATCH, watch)):
        if condition is not False:
            return Outcome.INSUFFICIENT_DATA if condition is None else outcome
    return Outcome.STRENGTH if strength else Outcome.PASS


def decide(rules: Rules, row: Mapping[str, Any]) -> tuple[Outcome, tuple[str, ...]]:
    """Return the outcome for one row of facts, and what is missing: to decide, or for a strength.

    What is missing are the unknown inputs of the condition that stopped the ladder, and of a pass
    those without which nobody knows whether it is a strength. If all of them are known, as in a
    division by zero, it is the inputs of the operation without a result.
    """
    values = {name: evaluate(condition, row) for name, condition in rules.conditions.items()}
    outcome = settle(**values)
    stopped = next((name for name, value in values.items() if value is None), None)
    if stopped is None or outcome not in _LACKING:
        return outcome, ()
    return outcome, _missing(rules.conditions[stopped], row)


def _missing(condition: Term, row: Mapping[str, Any]) -> tuple[str, ...]:
    unknown = tuple(_causes(sorted(set(_unknown(condition, row)))))
    if unknown:
        return unknown
    operations = (node for node in walk(condition) if isinstance(node, Apply))
    without_result = [node for node in operations if evaluate(node, row) is None]
    return inputs_of(*without_result[-1:])


def _unknown(root: Term, row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the unknown inputs that matter: those of a part that is known anyway do not."""
    if evaluate(root, row) is not None:
        return
    if isinstance(root, Column):
        yield root.name
    for part in root.args if isinstance(root, Apply) else ():
        yield from _unknown(part, row)


def _causes(unknown: Iterable[str]) -> Iterator[str]:
    """Leave out the low end of a pair that is unknown at both: what the high end lacks is the cause."""
    names = tuple(unknown)
    return (name for name in names if high_end(name) not in names)


def high_end(name: str) -> str:
    """Return the name of the other end of a pair's low one; nothing for any other fact."""
    return f"{name.removesuffix('_lo')}_hi" if name.endswith("_lo") else ""


def outcome_code(rules: Rules) -> pl.Expr:
    """Return the outcome's code (UInt8) over fact columns, by the same ladder as :func:`decide`.

    Every condition is computed once: the four states make a number, and a table holds the outcome
    of each. Rules without a fact give a single value.
    """
    import polars as pl

    table = [settle(*states).code for states in itertools.product(_STATES, repeat=4)]
    case, terms = _case(rules)
    if not terms:
        return pl.lit(table[case], dtype=pl.UInt8)
    number = pl.sum_horizontal(*terms) + pl.lit(case, dtype=pl.UInt8)
    return pl.lit(pl.Series(table, dtype=pl.UInt8)).gather(number)


def _case(rules: Rules) -> tuple[int, list[pl.Expr]]:
    """Return the number of the case as a plain part, from constants, and parts from columns."""
    plain, terms = 0, []
    for place, condition in zip((27, 9, 3, 1), rules.conditions.values(), strict=True):
        if isinstance(condition, Constant):
            plain += place * _STATES.index(condition.value)
        else:
            terms.append(_state(condition, place))
    return plain, terms


def _state(condition: Term, place: int) -> pl.Expr:
    import polars as pl

    from dealreview.checks.terms import to_polars

    return to_polars(condition).cast(pl.UInt8).fill_null(_UNKNOWN) * pl.lit(place, dtype=pl.UInt8)
