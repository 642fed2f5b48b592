"""What a function's verdict may hold: only what every report can show."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dealreview.checks.rules import MONEY_KINDS, OPERATORS
from dealreview.model.money import is_currency
from dealreview.model.outcome import Outcome
from dealreview.model.verdict import Evidence, Expected, MoneyAtRisk, Quantity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST_MINOR = 2**62
_is_finite = math.isfinite
_OF_THE_ENGINE = _ERROR, _NOT_REVIEWED = Outcome.ERROR, Outcome.NOT_REVIEWED
_LISTS = (list, tuple)
_NOTHING: tuple[()] = ()
_PLAIN = (type(None), bool, int, str, dt.date)


class NoVerdictError(TypeError):
    """A check that returned something else than a verdict; nothing returned is never a pass."""


def accepted(answer: object) -> Verdict:
    """Return a function's answer if it is a verdict that can be shown.

    Raises:
        NoVerdictError: It is something else, or a part of it is; the message says which.
    """
    # Hundreds of thousands are looked at a second, and most say little: what is not certain at a glance
    # is looked at in full below.
    if (
        type(answer) is Verdict
        and type(outcome := answer.outcome) is Outcome
        and outcome is not _ERROR
        and outcome is not _NOT_REVIEWED
        and type(answer.message) is str
        and type(answer.question) is str
        and (answer.actual is None or _is_number(answer.actual) or _is_quantity(answer.actual))
        and answer.expected is None
        and answer.evidence is _NOTHING
        and answer.missing is _NOTHING
        and answer.money_at_risk is None
    ):
        return answer
    if not isinstance(answer, Verdict):
        raise NoVerdictError(f"returned {answer!r} instead of a Verdict")
    if answer.outcome in _OF_THE_ENGINE:
        raise NoVerdictError(f"returned '{answer.outcome}', which only the engine can say")
    for name, is_allowed in _PARTS.items():
        part = getattr(answer, name)
        if not is_allowed(part):
            raise NoVerdictError(f"returned a verdict whose {name} is {part!r}")
    return answer


def _is_plain(value: Any) -> bool:
    """Whether a value is one that JSON and a terminal can show: no NaN, no object."""
    if isinstance(value, float):
        return _is_finite(value)
    if isinstance(value, _LISTS):
        return all(_is_plain(item) and not isinstance(item, _LISTS) for item in value)
    return isinstance(value, _PLAIN)


def _is_count(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _is_number(part: object) -> bool:
    """Whether something is at a glance a quantity as most are."""
    return (
        type(part) is Quantity
        and (type(value := part.value) is int or (type(value) is float and _is_finite(value)))
        and type(part.unit) is str
    )


def _is_quantity(part: Any) -> bool:
    return part is None or (
        isinstance(part, Quantity) and _is_plain(part.value) and isinstance(part.unit, str)
    )


def _is_expected(part: Any) -> bool:
    if part is None:
        return True
    return (
        isinstance(part, Expected)
        and part.op in OPERATORS
        and _is_plain(part.value)
        and all(isinstance(text, str) for text in (part.unit, part.source))
        and _is_count(part.n)
    )


def _is_evidence(part: Any) -> bool:
    return isinstance(part, Sequence) and all(
        isinstance(item, Evidence)
        and all(isinstance(text, str) for text in (item.table, item.id, item.field))
        and _is_plain(item.value)
        for item in part
    )


def _is_texts(part: Any) -> bool:
    return isinstance(part, Sequence) and all(isinstance(item, str) for item in part)


def _is_money(part: Any) -> bool:
    if part is None:
        return True
    return (
        isinstance(part, MoneyAtRisk)
        and part.kind in MONEY_KINDS
        and type(part.minor) is int
        and abs(part.minor) < _LARGEST_MINOR
        and (part.currency is None or is_currency(part.currency))
        and _is_count(part.reporting_minor)
    )


_PARTS: dict[str, Callable[[Any], bool]] = {
    "outcome": lambda part: isinstance(part, Outcome),
    "message": lambda part: isinstance(part, str),
    "question": lambda part: isinstance(part, str),
    "actual": _is_quantity,
    "expected": _is_expected,
    "evidence": _is_evidence,
    "missing": _is_texts,
    "money_at_risk": _is_money,
}
