"""What a verdict must not say against itself."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from dealreview.model.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dealreview.model.verdict import Verdict

FINDINGS = (Outcome.RISK, Outcome.WATCH)
FINE = (Outcome.PASS, Outcome.STRENGTH)
RELATIONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


def contradictions(verdict: Verdict) -> Iterator[str]:
    """Yield what a verdict says about itself that can't all be true."""
    outcome, actual, expected = verdict.outcome, verdict.actual, verdict.expected
    money = verdict.money_at_risk
    if money is not None and money.minor < 0:
        yield f"{outcome} with {money.minor} at risk"
    if outcome not in (*FINDINGS, *FINE):
        return
    # A pass may lack what would make it a strength.
    if verdict.missing and outcome is not Outcome.PASS:
        yield f"{outcome} without {', '.join(verdict.missing)}"
    if expected is None:
        return
    values: tuple[Any, Any] = (actual.value if actual else None, expected.value)
    numeric = all(isinstance(value, int | float) for value in values)
    if numeric and RELATIONS[expected.op](*values) != (outcome in FINE):
        yield f"{outcome} with {values[0]}, {expected.op} {values[1]} expected"
