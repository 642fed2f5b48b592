"""Formats that fit every value of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attrs import frozen

from dealreview.ingest.values import (
    NumberFormat,
    locale_format,
    parse_number,
    read_instants,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from decimal import Decimal

DAYS = (
    "iso", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
    "%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d",
    "%m/%Y", "%m.%Y", "%Y-%m", "%b %Y", "%b-%y",
)  # fmt: skip
TIMES = (" %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
DATE_FORMATS = (*DAYS, *(day + time for day in DAYS[1:16] for time in TIMES), "excel")
EXCEL_DAYS = (20_000, 80_000)
NUMBER_FORMATS: tuple[tuple[str, str], ...] = (
    ("", ""),
    ("en", "en"),
    ("de", "de"),
    ("fr", "fr"),
    ("de_CH", "de_CH"),
)
UTC = ZoneInfo("UTC")


@frozen
class Fit:
    """The formats that fit all values of a column, and whether that leaves no choice."""

    formats: tuple[str, ...]
    values: int

    @property
    def is_certain(self) -> bool:
        """Whether exactly one format fits."""
        return len(self.formats) == 1


def date_fit(values: Iterable[str]) -> Fit:
    """Return the date formats that fit every value; formats that always agree count as one."""
    texts = sorted(set(values))
    fitting = [
        name for name in DATE_FORMATS if texts and all(fits_date(text, name) for text in texts)
    ]
    meanings: dict[tuple[dt.datetime, ...], str] = {}
    for name in fitting:
        meanings.setdefault(tuple(next(iter(read_instants(t, (name,), UTC))) for t in texts), name)
    return Fit(tuple(meanings.values()), len(texts))


def fits_date(text: str, name: str) -> bool:
    """Whether a text is a plausible day in a format."""
    found = read_instants(text, (name,), UTC)
    if name == "excel":
        low, high = EXCEL_DAYS
        return bool(found) and low <= float(text) <= high
    return bool(found)


def date_cover(values: Iterable[str]) -> tuple[str, ...]:
    """Return formats that together fit every value, each fitting the most of what is left."""
    left, chosen = set(values), []
    while left:
        best = max(DATE_FORMATS, key=lambda name: sum(fits_date(text, name) for text in left))
        covered = {text for text in left if fits_date(text, best)}
        if not covered:
            return ()
        chosen.append(best)
        left -= covered
    return tuple(chosen)


def number_fit(values: Iterable[str], currency: str = "EUR") -> Fit:
    """Return the number formats that fit every value; formats that always agree count as one."""
    texts = sorted(set(values))
    meanings: dict[tuple[Decimal | None, ...], str] = {}
    for name, _ in NUMBER_FORMATS if texts else ():
        numbers = tuple(number_in(text, name, currency) for text in texts)
        if None not in numbers:
            meanings.setdefault(numbers, name)
    return Fit(tuple(meanings.values()), len(texts))


def number_in(text: str, name: str, currency: str = "EUR") -> Decimal | None:
    """Return the number that a text is in a format, None for none; an empty name is the plain one."""
    numbers = locale_format(name) if name else NumberFormat()
    number: Decimal | None = parse_number(text, numbers, mark_of(text) or currency).value
    return number


def readings_of(text: str, formats: Iterable[str]) -> dict[str, Decimal]:
    """Return what a number is in each format."""
    found = {name: number_in(text, name) for name in formats}
    return {name: number for name, number in found.items() if number is not None}


def mark_of(text: str) -> str:
    """Return a currency that a mark in the text fits, so that the mark itself is no obstacle."""
    marks = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN", "kr": "SEK"}
    found = [code for mark, code in marks.items() if mark in text]
    codes = [
        word
        for word in text.replace("-", " ").split()
        if len(word) == 3 and word.isalpha() and word.isupper()
    ]
    return (found or codes or [""])[0]
