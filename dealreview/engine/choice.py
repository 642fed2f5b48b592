"""Why a check is in a run or not: the pattern that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.engine.selection import select_checks
from dealreview.model.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dealreview.checks.check import Check
    from dealreview.engine.config import Config

SELECT, IGNORE = ("--select", "review.select"), ("--ignore", "review.ignore")
"""Option and setting; patterns of the option take the place of the setting's, or are added to it."""


@frozen
class Choice:
    """Whether a check is selected, and by what.

    Attributes:
        selected: Whether it is.
        origin: The option or setting that decided; empty when nothing narrows the checks.
        patterns: Its patterns that name the check; all of them when none does.
        required: Whether it is reviewed even where nothing is recorded.
    """

    selected: bool
    origin: str
    patterns: tuple[str, ...]
    required: bool = False

    def __str__(self) -> str:
        """Return a sentence."""
        if not self.origin:
            return "Selected: neither an option nor the configuration narrows the checks."
        patterns = ", ".join(f"'{pattern}'" for pattern in self.patterns)
        if self.selected:
            return f"Selected by {self.origin} {patterns}."
        if self.origin in SELECT:
            return f"Not selected: {self.origin} takes {patterns} only."
        return f"Left out by {self.origin} {patterns}."


def choice_of(
    check: Check, config: Config, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Choice:
    """Return why a check is in a run of this configuration with these options, or is not."""
    required = bool(_naming(check, config.required_checks))
    for origin, patterns in zip(IGNORE, (ignore, config.ignore), strict=True):
        if found := _naming(check, patterns):
            return Choice(False, origin, found, required)
    for origin, patterns in zip(SELECT, (select, config.select), strict=True):
        if patterns:
            found = _naming(check, patterns)
            return Choice(bool(found), origin, found or tuple(patterns), required)
    return Choice(True, "", (), required)


def _naming(check: Check, patterns: Iterable[str]) -> tuple[str, ...]:
    return tuple(pattern for pattern in patterns if _names(check, pattern))


def _names(check: Check, pattern: str) -> bool:
    try:
        select_checks((check,), (pattern,), ())
    except ConfigurationError:  # it matches nothing
        return False
    return True
