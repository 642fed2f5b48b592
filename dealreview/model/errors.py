"""Errors that a person sees: what happened, where, and the mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class DealreviewError(Exception):
    """A problem that ends a command with a message for a person and an exit code.

    Attributes:
        message: What happened, one sentence.
        mend: What to do about it; empty when there is nothing to do.
        exit_code: The process exit code: 2 usage or configuration, 3 incomplete, 5 nothing
            selected.
    """

    exit_code = 2

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(f"{message} {mend}".strip())
        self.message = message
        self.mend = mend


class ConfigurationError(DealreviewError):
    """A configuration file, option or mapping that says something impossible."""


class NothingSelected(DealreviewError):  # noqa: N818 - a state of a selection, not a fault
    """A selection that leaves no check or no subject."""

    exit_code = 5


class StoreError(DealreviewError):
    """A database that can't be opened, migrated or written."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the nearest known name, or an empty string."""
    import difflib  # not for those who are understood

    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""
