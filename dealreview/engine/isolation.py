"""Authors' code, run so that whatever it raises costs only what it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

Given = ParamSpec("Given")
Result = TypeVar("Result")


class EndedError(Exception):
    """The process of a pack that has ended, or had to be."""


@frozen
class Raised:
    """What came instead of a result.

    Attributes:
        error: The exception, an exit or a panic of a library included.
    """

    error: BaseException

    @property
    def text(self) -> str:
        """What the exception says; empty when it says nothing, or can't."""
        said = attempt(str, self.error)
        return said if isinstance(said, str) else ""

    def __str__(self) -> str:
        """Return the exception's type and text."""
        # What was raised in another process comes with the name that it had there.
        name = getattr(self.error, "raised_as", type(self.error).__name__)
        return f"{name}: {self.text}" if self.text else name


def attempt(
    function: Callable[Given, Result], *args: Given.args, **values: Given.kwargs
) -> Result | Raised:
    """Call an author's function; what it raises is returned, but for the user's interruption.

    An exit and a panic inside Polars are no ``Exception``, and must not end a run either.
    """
    try:
        return function(*args, **values)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the author
        return Raised(error)
