"""Message templates: facts, parameters and named values, printed in named formats.

``"contribution {contribution_ratio:share} (floor {floor:share})"``. A field is a plain name: no
attribute, no index, no call. An unknown value prints "unknown".
"""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from dealreview.model.money import format_money

Names = Callable[[str], str]
"""Gives a person, account or deal id the name that it is shown with."""


class TemplateError(ValueError):
    """A template that asks for something that a message can't print."""


def fields_of(template: str) -> tuple[tuple[str, str], ...]:
    """Return the (name, format) pairs of a template, in order.

    Raises:
        TemplateError: Unbalanced braces, attribute or index access, a conversion or an unknown
            format.
    """
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise TemplateError(f"message {template!r}: {error}") from error
    found = []
    for _text, name, spec, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or conversion:
            raise TemplateError(f"message {template!r}: '{{{name}}}' must be a plain name")
        if spec not in FORMATS:
            known = ", ".join(sorted(filter(None, FORMATS)))
            raise TemplateError(f"message {template!r}: no format '{spec}'; there are {known}")
        found.append((name, spec or ""))
    return tuple(found)


def render(
    template: str,
    values: Mapping[str, Any],
    *,
    currencies: Mapping[str, str] | None = None,
    names: Names | None = None,
) -> str:
    """Return the template with its values.

    Args:
        template: A template that :func:`fields_of` accepts.
        values: Values by name.
        currencies: ISO 4217 code of each ``money``, by its name; without one the number stands alone.
        names: Turns ids into names in the formats ``person`` and ``people``; None leaves ids.
    """
    known = currencies or {}
    named = names or (lambda identity: identity)
    parts = []
    for text, name, spec in _parts_of(template):
        parts.append(text)
        if name is not None:
            value = values[name]
            context = _Context(known.get(name), named)
            parts.append("unknown" if value is None else FORMATS[spec or ""](value, context))
    return "".join(parts)


@lru_cache(maxsize=1_024)
def _parts_of(template: str) -> tuple[tuple[str, str | None, str | None], ...]:
    return tuple((text, name, spec) for text, name, spec, _ in string.Formatter().parse(template))


class _Context:
    __slots__ = ("currency", "names")

    def __init__(self, currency: str | None, names: Names) -> None:
        self.currency = currency
        self.names = names


def number(value: float, digits: int = 1) -> str:
    """Return a number without needless digits: 3, 3.5, 12,000."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}".replace("-", "−")
    return _digits(value, digits)


def _digits(value: float, digits: int) -> str:
    # "z" keeps a small negative number from printing as "-0".
    return f"{value:z,.{digits}f}".replace("-", "−")


def _plain(value: Any, _context: _Context) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, str):
        return value
    return ", ".join(map(str, value)) or "none"


def day(value: dt.date) -> str:
    """Return a date as people write it: 9 May 2025."""
    return f"{value.day} {value:%b %Y}"


def _people(value: Iterable[str], context: _Context) -> str:
    return ", ".join(context.names(identity) for identity in value) or "nobody"


def _counted(word: str) -> Callable[[Any, _Context], str]:
    return lambda value, _context: f"{number(value)} {word}"


FORMATS: dict[str, Callable[[Any, _Context], str]] = {
    "": _plain,
    "count": lambda value, _context: number(value, 0),
    "number": lambda value, _context: number(value),
    "date": lambda value, _context: day(value),
    "days": _counted("d"),
    "hours": _counted("h"),
    "money": lambda value, context: format_money(round(value), context.currency),
    "share": lambda value, _context: f"{_digits(value * 100, 0)}%",
    "margin": lambda value, _context: f"{_digits(value * 100, 1)}%",
    "points": lambda value, _context: f"{_digits(value * 100, 1)} points",
    "person": lambda value, context: context.names(value),
    "people": _people,
    "list": lambda value, _context: ", ".join(map(str, value)) or "none",
}
