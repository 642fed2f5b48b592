"""Parameters of checks and facts: plain values with a type, bounds and a unit."""

from __future__ import annotations

import inspect
import math
import typing
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.model.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TYPES = (bool, int, float, str)


@frozen
class Param:
    """What a parameter means, for ``Annotated[float, Param("Risk above this share", ge=0, le=1)]``.

    Attributes:
        description: What the number does, one phrase.
        ge: Smallest allowed value.
        le: Largest allowed value.
        unit: ``share``, ``days``, ``hours``, ``people``, ``accounts``…
        at_most: Name of a parameter that this one must not exceed.
        source: Where the default comes from; empty means our own judgement.
    """

    description: str
    ge: float | None = None
    le: float | None = None
    unit: str = ""
    at_most: str | None = None
    source: str = ""


@frozen
class Parameter:
    """A parameter of a check or a fact provider: its :class:`Param`, name, type and default.

    One of type ``dict`` is a section of the configuration that stands in for what is not recorded;
    only facts have such, and only those that the engine reads.
    """

    name: str
    type: type
    default: Any
    info: Param

    def accept(self, value: Any, *, of: str) -> Any:
        """Return ``value`` if the parameter allows it.

        Args:
            value: The value from a configuration file.
            of: Whose parameter this is, for the message.

        Raises:
            ConfigurationError: Wrong type or out of bounds.
        """
        if self.type is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not self.type or (isinstance(value, float) and not math.isfinite(value)):
            raise ConfigurationError(
                f"{of}: '{self.name}' takes {_TYPE_NAMES[self.type]}, not {value!r}.",
                mend=f"The default is {self.default!r}.",
            )
        if not self._within(value):
            raise ConfigurationError(
                f"{of}: '{self.name}' = {value!r} is out of bounds ({self.bounds})."
            )
        return value

    def _within(self, value: Any) -> bool:
        low, high = self.info.ge, self.info.le
        return (low is None or value >= low) and (high is None or value <= high)

    @property
    def bounds(self) -> str:
        """The allowed range, for people."""
        if self.type is dict:
            return "a section of its own"
        low = "…" if self.info.ge is None else f"{self.info.ge:g}"
        high = "…" if self.info.le is None else f"{self.info.le:g}"
        return f"{low} to {high}".replace("-", "−")


_TYPE_NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    dict: "a table",
}


def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return the keyword-only parameters of a check function.

    Raises:
        TypeError: A parameter without a ``Param`` annotation, a plain type or a default.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    found = []
    for name, item in inspect.signature(function).parameters.items():
        if item.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        extras = getattr(hints.get(name), "__metadata__", ())
        info = next((extra for extra in extras if isinstance(extra, Param)), None)
        kind = typing.get_args(hints[name])[0] if info else None
        if info is None or kind not in _TYPES or item.default is inspect.Parameter.empty:
            raise TypeError(
                f"parameter '{name}' needs a type, bounds and a default: "
                f'{name}: Annotated[float, Param("what it does", ge=0, le=1)] = 0.5'
            )
        found.append(Parameter(name, kind, _default(name, kind, item.default), info))
    return tuple(found)


def _default(name: str, kind: type, default: Any) -> Any:
    # A silent int(2.5) would judge by another number than the author wrote.
    if kind is float and type(default) is int:
        return float(default)
    if type(default) is not kind:
        raise TypeError(f"parameter '{name}' has the default {default!r}: use {_TYPE_NAMES[kind]}")
    return default


def effective(
    parameters: tuple[Parameter, ...], given: Mapping[str, Any], *, of: str
) -> dict[str, Any]:
    """Return the value of every parameter: the given one, else the default.

    Raises:
        ConfigurationError: An unknown name, a value that is not allowed, or a soft limit beyond its
            hard one.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise ConfigurationError(f"{of} has no parameter '{name}'.{did_you_mean(name, known)}")
    values = {
        name: parameter.accept(given[name], of=of) if name in given else parameter.default
        for name, parameter in known.items()
    }
    for name, parameter in known.items():
        other = parameter.info.at_most
        if other is not None and other not in known:
            raise ConfigurationError(
                f"{of}: '{name}' is at most '{other}', no parameter.{did_you_mean(other, known)}"
            )
        if other is not None and values[name] > values[other]:
            raise ConfigurationError(
                f"{of}: '{name}' = {values[name]!r} lies beyond '{other}' = {values[other]!r}.",
                mend=f"'{name}' must be at most '{other}'.",
            )
    return values
