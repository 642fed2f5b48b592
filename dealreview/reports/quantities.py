"""Values with their units, as people read them."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from dealreview.checks.messages import day, number
from dealreview.model.money import before_amount, format_money, from_minor

if TYPE_CHECKING:
    from dealreview.model.verdict import Expected, MoneyAtRisk, Quantity

_CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_MINOR_UNITS = " minor units"
_SHORT_UNITS = {"days": "d", "hours": "h", "months": "months", "people": "people"}
_ONE = {"people": "person", "criteria": "criterion"}
_WORDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than", "=": ""}
_THOUSAND, _MILLION, _BILLION = 1_000, 1_000_000, 1_000_000_000


def spoken(value: Any, unit: str = "") -> str:
    """Return a value with its unit: ``18.6%``, ``EUR 9,450``, ``19 d``, ``unknown``."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, int | float):
        return _number(value, unit)
    if isinstance(value, str):
        return value
    return ", ".join(map(str, value)) or "none"


def in_plain_words(text: str) -> str:
    """Return a code of ours in words, ``decision_maker`` as "decision maker"; other text as it is."""
    return text.replace("_", " ") if _CODE.fullmatch(text) else text


def _number(value: float, unit: str) -> str:
    if unit.endswith(_MINOR_UNITS):
        return format_money(round(value), unit.removesuffix(_MINOR_UNITS))
    if unit in {"share", "ratio"}:
        return f"{number(round(value * 100, 1))}%"
    if unit == "share points":
        return f"{number(round(value * 100, 1))} points"
    return f"{number(value)} {_unit(value, unit)}".rstrip()


def _unit(value: float, unit: str) -> str:
    """Return a unit as it stands behind a number: short where there is a sign for it, one of one."""
    word = _SHORT_UNITS.get(unit, unit)
    if value != 1:
        return word
    one = f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")
    return _ONE.get(word, one)


def spoken_quantity(quantity: Quantity, message: str = "") -> str:
    """Return an actual value as people read it, a share as exactly as the message has it."""
    text = in_plain_words(spoken(quantity.value, quantity.unit))
    if quantity.unit not in {"share", "ratio"} or quantity.value is None:
        return text
    percent = [f"{quantity.value * 100:z,.{digits}f}%".replace("-", "−") for digits in (1, 0)]
    return next((one for one in percent if one in message), text)


def spoken_limit(expected: Expected) -> str:
    """Return what was expected and by what: ``at most 14 d expected, by own history, n = 212``."""
    limit = f"{_WORDS.get(expected.op, expected.op)} {spoken(expected.value, expected.unit)}"
    source = f", by {expected.source}" if expected.source not in {"", "default"} else ""
    cases = "" if expected.n is None else f", n = {number(expected.n)}"
    return f"{limit.strip()} expected{source}{cases}"


def spoken_money(money: MoneyAtRisk) -> str:
    """Return money at risk with its kind: ``EUR 26,200 of margin``."""
    return f"{format_money(money.minor, money.currency)} of {money.kind} at risk"


def short_money(minor: int, currency: str) -> str:
    """Return an amount to three figures: ``EUR 9.8 million``, ``EUR 286k``, ``EUR 950``."""
    size, sign = abs(float(from_minor(minor, currency))), "−" if minor < 0 else ""
    for limit, unit in ((_BILLION, " billion"), (_MILLION, " million"), (_THOUSAND, "k")):
        if round(size) >= limit:
            scaled = size / limit
            digits = 0 if scaled >= (10 if unit == "k" else 100) else 1
            text = f"{scaled:,.{digits}f}".removesuffix(".0")
            return f"{sign}{before_amount(currency)}{text}{unit}"
    return f"{sign}{before_amount(currency)}{size:,.0f}"


def tenths(value: float | None) -> str:
    """Return points to one tenth; nothing for None."""
    return "" if value is None else f"{value:.1f}"


def whole(value: float | None) -> str:
    """Return a score as a whole number, rounded half up; ``–`` for none."""
    return "–" if value is None else f"{int(value + 0.5)}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: ``1 deal``, ``12,000 deals``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def long_day(value: dt.date) -> str:
    """Return a date with its weekday: Sat 14 Nov 2026."""
    return f"{value:%a} {day(value)}"


def bare_money(minor: int, currency: str) -> str:
    """Return an amount in whole units without its currency, for a column that names it: ``26,200``."""
    return f"{from_minor(minor, currency):z,.0f}".replace("-", "−")
