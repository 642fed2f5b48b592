"""Whether what a mapping says of dates can be read as days."""

from __future__ import annotations

import datetime as dt
import re

from dealreview.model.errors import ConfigurationError

NAMED = ("iso", "excel", "excel-1904", "unix")
YEAR, MONTH, DAY = frozenset("yYG"), frozenset("mbB"), frozenset("d")
WHOLE = frozenset("cx")
"""Directives that are a whole day."""

SAMPLE = dt.datetime(2025, 12, 31, 13, 59, 58, tzinfo=dt.UTC)
WORDS = (
    ("yyyy", "%Y"), ("jjjj", "%Y"), ("yy", "%y"), ("jj", "%y"), ("mmmm", "%B"), ("mmm", "%b"),
    ("mm", "%m"), ("dd", "%d"), ("tt", "%d"), ("hh", "%H"), ("m", "%m"), ("d", "%d"),
)  # fmt: skip
"""How spreadsheets say it."""


def check_formats(formats: tuple[str, ...], place: str, *, months: bool = False) -> None:
    """Raise for a format that does not make a day.

    Args:
        formats: The formats.
        place: Where the mapping says them.
        months: Whether a year and a month are enough.

    Raises:
        ConfigurationError: naming the format and the mend.
    """
    for name in formats:
        if name not in NAMED and (what := flaw(name, months=months)):
            raise ConfigurationError(f"{place} has date = '{name}', which {what}.", mend=mend(name))


def flaw(name: str, *, months: bool) -> str:
    """Return what is wrong with a format; empty when nothing."""
    found = set(re.findall(r"%(.)", name.replace("%%", "")))
    if not found:
        return "is no format"
    try:
        dt.datetime.strptime(SAMPLE.strftime(name), name)
    except (ValueError, re.error):
        return "is no format that can be read"
    is_day = found & DAY or months
    is_week = {"G", "V"} <= found and found & {"u", "w", "a", "A"}
    is_whole = found & WHOLE or is_week or (found & YEAR and "j" in found)
    if is_whole or (found & YEAR and found & MONTH and is_day):
        return ""
    return "does not say year, month and day"


def mend(name: str) -> str:
    """Return the format that was perhaps meant."""
    guess = name.casefold()
    for word, directive in WORDS:
        guess = re.sub(f"(?<![%a-z]){word}(?![a-z])", directive, guess)
    usual = f'Did you mean "{guess}"?' if not flaw(guess, months=False) else 'E.g. "%d.%m.%Y".'
    return usual if "%" in guess else f'E.g. "%d.%m.%Y", or one of {", ".join(NAMED)}.'
