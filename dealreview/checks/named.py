"""Parameter values that remember which parameter they are, so that a limit can say where it comes from."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class _Named:
    """Keeps the parameter's name through + - and * with plain numbers."""

    parameter: str = ""

    def __add__(self, other: Any) -> Any:
        return _kept(self, operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return _kept(self, operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return _kept(self, operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return _kept(self, operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return _kept(self, operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _kept(self, operator.mul, other, self)


class NamedFloat(_Named, float):
    """A parameter's number."""


class NamedInt(_Named, int):
    """A parameter's whole number."""


class NamedText(_Named, str):
    """A parameter's text."""


_KINDS: dict[type, Any] = {float: NamedFloat, int: NamedInt, str: NamedText}


def named(name: str, value: Any) -> Any:
    """Return a value that knows its parameter; true and false can't, and come back as they are."""
    kind = _KINDS.get(type(value))
    if kind is None:
        return value
    result = kind(value)
    result.parameter = name
    return result


def plain_value(value: Any) -> Any:
    """Return a value without its parameter."""
    if not isinstance(value, _Named):
        return value
    kind = next(plain for plain, own in _KINDS.items() if isinstance(value, own))
    return kind(value)


def _kept(who: _Named, operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if not all(isinstance(side, int | float) for side in (left, right)):
        return NotImplemented
    return named(who.parameter, operation(plain_value(left), plain_value(right)))
