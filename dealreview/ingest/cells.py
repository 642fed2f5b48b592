"""What a cell can be: a text, a value that needs no reading of formats, bytes, or nothing that counts."""

from __future__ import annotations

import re

from attrs import frozen

NUMBER = re.compile(r"-?\d+(\.\d+)?(E[+-]\d+)?%?( \S+)?")


class Exact(str):
    """A value that its file keeps as such, written plainly: 1200.5, 20%, 2025-05-09, true.

    How a mapping says that texts write numbers and days does not touch it.
    """

    __slots__ = ()

    @property
    def is_day(self) -> bool:
        """Whether it is a day or an instant."""
        return self[4:5] == "-" and self[:4].isdigit()

    @property
    def is_number(self) -> bool:
        """Whether it is a number, perhaps with a percent sign or a currency."""
        return bool(NUMBER.fullmatch(self))


@frozen
class BadCell:
    """A cell that holds no value that could be trusted, with what it shows and the reason."""

    text: str
    reason: str


Cell = str | bytes | BadCell | None
