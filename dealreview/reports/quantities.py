"""Values with their units, as people read them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dealreview.checks.messages import day, number
from dealreview.engine.scoring import rounded
from dealreview.model.money import before_amount, format_money, from_minor
from dealreview.model.verdict import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.model.verdict import Expected, MoneyAtRisk, Verdict

_CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_FIGURE = re.compile(r"\d[^\d.,]|[^\d.,−]\d")
"""A number with a unit before or behind it."""
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
    if quantity.unit not in {"share", "ratio"} or not isinstance(quantity.value, int | float):
        return text
    percent = [f"{quantity.value * 100:z,.{digits}f}%".replace("-", "−") for digits in (1, 0)]
    return next((one for one in percent if one in message), text)


def spoken_limit(expected: Expected) -> str:
    """Return what was expected and by what: ``at most 14 d expected, by own history, n = 212``."""
    limit = f"{_WORDS.get(expected.op, expected.op)} {spoken(expected.value, expected.unit)}"
    origin = "".join(f", {part}" for part in _origin(expected))
    return f"{limit.strip()} expected{origin}"


def _origin(expected: Expected) -> Iterator[str]:
    """Yield whose expectation it is and what it rests on; nothing of a default without a source."""
    if expected.source not in {"", "default"}:
        yield f"by {expected.source}"
    if expected.n is not None:
        yield f"n = {number(expected.n)}"


def held_against(verdict: Verdict) -> tuple[str, str]:
    """Return what was seen, and what was expected by whom.

    Where the message gives both figures, they are not repeated: what remains is whose limit it is.
    """
    actual, expected, message = verdict.actual, verdict.expected, verdict.message
    if actual is None or expected is None:
        return "", ""
    # Where there is no figure, the message has said so.
    seen = "" if actual.value is None else spoken_quantity(actual, message)
    limit = spoken_quantity(Quantity(expected.value, expected.unit), message)
    if not _has_both(message, seen, limit):
        return seen, spoken_limit(expected)
    origin = ", ".join(_origin(expected))
    return "", f"limit {origin}" if origin else ""


def _has_both(message: str, seen: str, limit: str) -> bool:
    """Whether a message gives two figures with their units; a bare number may be another one."""
    wanted = Counter((seen, limit))
    return all(
        _FIGURE.search(text) and len(_places(message, text)) >= count
        for text, count in wanted.items()
    )


def _places(message: str, text: str) -> list[str]:
    return re.findall(rf"(?<![\w.,–−]){re.escape(text)}(?!\w)", message)


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
    """Return a score as a whole number that fits its band; ``–`` for none."""
    return "–" if value is None else f"{int(rounded(Fraction(value)))}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: ``1 deal``, ``12,000 deals``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def long_day(value: dt.date) -> str:
    """Return a date with its weekday: Sat 14 Nov 2026."""
    return f"{value:%a} {day(value)}"


def bare_money(minor: int, currency: str) -> str:
    """Return an amount in whole units without its currency, for a column that names it: ``26,200``."""
    return f"{from_minor(minor, currency):z,.0f}".replace("-", "−")
