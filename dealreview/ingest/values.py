"""Texts of other people's files as values: exact, strict, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from dealreview.ingest.cells import Exact
from dealreview.ingest.readers import clean
from dealreview.model.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dealreview.ingest.cells import Cell

NULLS = frozenset(
    {"", "#N/A", "N/A", "NULL", "null", "-", "None", "nan", "NaN", "000000000000000AAA"}
)
"""Texts that mean "empty" in every file; a mapping can add its own."""

TRUE_WORDS = frozenset({"true", "yes", "1"})
FALSE_WORDS = frozenset({"false", "no", "0"})
FIRST_PLAUSIBLE = dt.date(1970, 1, 1)
DAYS_AHEAD = 1095
LARGEST_INT = 2**63 - 1
EXACT_DIGITS = 120
LONGEST_NUMBER = 40


@frozen
class Parsed:
    """A value, and what was wrong with its text.

    Attributes:
        value: The value, None where there is none.
        reason: What is wrong; empty when nothing is.
        action: ``emptied`` when the value was dropped, ``noted`` when it was kept.
        is_habit: Whether it is how the column is written, told once and not for each value.
    """

    value: Any = None
    reason: str = ""
    action: str = ""
    is_habit: bool = False


NOTHING = Parsed()
PLACEHOLDER = "is a placeholder, not a day"


def bad(reason: str) -> Parsed:
    """Return an emptied cell with the reason."""
    return Parsed(None, reason, "emptied")


def odd(value: Any, reason: str) -> Parsed:
    """Return a value that is kept, with what is strange about it."""
    return Parsed(value, reason, "noted")


# Texts and ids


def parse_text(text: str) -> Parsed:
    """Return a text as it is; a character that could not be read is noted."""
    if "\ufffd" in text:
        return odd(text, "has a character that could not be read (U+FFFD)")
    return Parsed(text)


DAMAGED_ID = re.compile(r"[+-]?\d+\.\d*([eE][+-]?\d+)?|[+-]?\d+[eE][+-]\d+")


def parse_id(text: str) -> Parsed:
    """Return an id as it is; one that a spreadsheet seems to have taken for a number or day is noted."""
    if isinstance(text, Exact) and text.is_day:
        return odd(text, "looks like an id that a spreadsheet turned into a day")
    if DAMAGED_ID.fullmatch(text):
        return odd(text, "looks like an id that a spreadsheet turned into a number")
    return parse_text(text)


# Numbers


@frozen
class NumberFormat:
    """How numbers are written.

    Attributes:
        decimal: The decimal separator.
        thousands: The characters that may separate thousands, each alone; empty for none.
    """

    decimal: str = "."
    thousands: str = ""
    pattern: re.Pattern[str] = field(init=False, eq=False, repr=False)

    @pattern.default
    def _pattern(self) -> re.Pattern[str]:
        point = re.escape(self.decimal)
        plain = "[0-9]+"
        if self.thousands:
            group = f"(?P<group>[{re.escape(self.thousands)}])"
            plain += f"|[0-9]{{1,3}}{group}[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
        return re.compile(f"(?P<whole>{plain})?(?:{point}(?P<rest>[0-9]*))?")

    def parse(self, text: str) -> Decimal | None:
        """Return an unsigned number, or None when it is not written in this format."""
        match = self.pattern.fullmatch(text)
        if not match or not (match["whole"] or match["rest"]):
            return None
        digits = "".join(c for c in match["whole"] or "0" if c in "0123456789")
        return Decimal(f"{digits}.{match['rest'] or '0'}")


PLAIN = NumberFormat()
"""A point and no thousands mark."""


@lru_cache(maxsize=64)
def locale_format(name: str) -> NumberFormat:
    """Return how a locale writes numbers: ``en`` 1,234.5, ``de`` 1.234,5, ``fr`` 1 234,5.

    Raises:
        ConfigurationError: when the locale is unknown.
    """
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_decimal_symbol, get_group_symbol

    try:
        locale = Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        mend = 'Use a language such as "en", "de" or "fr", or say decimal and thousands.'
        raise ConfigurationError(f"There is no number format '{name}'.", mend=mend) from error
    return NumberFormat(get_decimal_symbol(locale), blank_groups(get_group_symbol(locale)))


def blank_groups(symbol: str) -> str:
    """Return the characters that may stand for a group symbol: any blank for a blank."""
    if not symbol.strip():
        return " \u00a0\u202f"
    return "'’" if symbol in "'’" else symbol


SYMBOLS: Mapping[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "GIP", "SHP", "FKP", "SYP", "LBP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "$": frozenset(),
    "US$": frozenset({"USD"}),
    "₹": frozenset({"INR"}),
    "zł": frozenset({"PLN"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
    "Fr.": frozenset({"CHF"}),
}
"""Currencies that a symbol can mean; an empty set stands for every dollar and peso."""

UNIT = re.compile(r"US\$|[€£¥$₹]|zł|kr|Fr\.|[A-Z]{3}")


def parse_number(text: str, numbers: NumberFormat, currency: str = "") -> Parsed:
    """Return an exact decimal; signs, brackets and a fitting currency mark are understood."""
    if isinstance(text, Exact):
        return exact_number(text, currency)
    if len(text) > LONGEST_NUMBER:
        return bad("is too long for a number")
    body, negative = unsigned(text)
    body, mark = without_mark(body)
    if not negative:
        body, negative = unsigned(body)
    if mark and not fits_currency(mark, currency):
        return bad(
            f"is in {mark}, not in {currency}" if currency else f"has a currency mark {mark}"
        )
    number = numbers.parse(body)
    if number is None:
        return bad(f"is not a number {written(numbers)}")
    return Parsed(-number if negative else number)


def exact_number(text: Exact, currency: str) -> Parsed:
    """Return the number of a cell; a percentage is a fraction, a shown currency must be the row's."""
    bare, _, mark = text.partition(" ")
    if mark and currency and not fits_currency(mark, currency):
        return bad(f"is in {mark}, not in {currency}")
    body, negative = unsigned(bare.removesuffix("%"))
    number = PLAIN.parse(body)
    if number is None:
        return bad("has more digits than a spreadsheet keeps" if text.is_number else "is no number")
    number = number / 100 if bare.endswith("%") else number
    return Parsed(-number if negative else number)


def written(numbers: NumberFormat) -> str:
    """Return a description of a number format for people."""
    thousands = (
        f"'{numbers.thousands[0]}' between thousands" if numbers.thousands else "no thousands mark"
    )
    return f"with decimal '{numbers.decimal}' and {thousands}"


def unsigned(text: str) -> tuple[str, bool]:
    """Return a number's text without its sign or brackets, and whether it is negative."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text[:1] in ("-", "−"):
        return text[1:].strip(), True
    if text.endswith("-"):
        return text[:-1].strip(), True
    return (text[1:].strip() if text.startswith("+") else text), False


def without_mark(text: str) -> tuple[str, str]:
    """Return a number's text without a currency mark at either end, and the mark."""
    match = UNIT.match(text)
    if match:
        return text[match.end() :].strip(), match[0]
    ends = [m for m in UNIT.finditer(text) if m.end() == len(text)]
    return (text[: ends[0].start()].strip(), ends[0][0]) if ends else (text, "")


def fits_currency(mark: str, currency: str) -> bool:
    """Whether a mark can stand for a currency."""
    if not currency:
        return False
    if mark == "$":
        return currency.endswith("D") or currency in ("MXN", "ARS", "CLP", "COP")
    return currency in SYMBOLS.get(mark, {mark})


def parse_ratio(text: str, numbers: NumberFormat, unit: str) -> Parsed:
    """Return a share as a decimal, 0.2 for 20 %; over 1 or under −1 is a problem.

    Args:
        text: The cell.
        numbers: How it is written.
        unit: ``fraction`` or ``percent``; a percent sign in the cell says percent by itself.
    """
    percent = text.endswith("%")
    parsed = parse_number(type(text)(text.removesuffix("%").strip()), numbers)
    if parsed.value is None:
        return parsed
    ratio = parsed.value / 100 if percent or unit == "percent" else parsed.value
    if abs(ratio) > 1:
        return bad(f"is over {'100 %' if percent or unit == 'percent' else '1, as a fraction'}")
    return Parsed(ratio)


def parse_discount(parsed: Parsed) -> Parsed:
    """Return a discount; a negative one is a surcharge, which is said once for its column."""
    if parsed.value is None or parsed.value >= 0 or parsed.reason:
        return parsed
    return Parsed(parsed.value, "a negative discount is a surcharge", "noted", is_habit=True)


def as_int(number: Decimal) -> Parsed:
    """Return a whole number; anything else is a problem."""
    if number != number.to_integral_value():
        return bad("is not a whole number")
    return sized(int(number))


def sized(number: int) -> Parsed:
    """Return a whole number that a database can hold."""
    return Parsed(number) if abs(number) <= LARGEST_INT else bad("is too large")


def product(factors: Iterable[Decimal]) -> Decimal:
    """Return an exact product."""
    with localcontext() as context:
        context.prec = EXACT_DIGITS
        result = Decimal(1)
        for factor in factors:
            result *= factor
        return result


def exact_difference(amount: Decimal, less: Iterable[Decimal]) -> Decimal:
    """Return an amount less others, exactly."""
    with localcontext() as context:
        context.prec = EXACT_DIGITS
        return amount - sum(less, Decimal(0))


# Days and instants


@frozen
class DateFormat:
    """How days and instants are written.

    Attributes:
        formats: ``strptime`` formats, or ``iso``, ``excel`` (days since 1899-12-30), ``excel-1904`` (days
            since 1904-01-01), ``unix`` (seconds).
        zone: The zone of times that name none, and in which an instant has its day.
        today: The day from which "too far ahead" is counted.
    """

    formats: tuple[str, ...] = ("iso",)
    zone: ZoneInfo = field(factory=lambda: ZoneInfo("UTC"))
    today: dt.date = dt.date.max

    def readings(self, text: str) -> dict[dt.datetime, str]:
        """Return every instant that the text can mean, naive in this zone, with the format."""
        # A day of a sheet is a day, however the mapping says that texts write theirs.
        is_day = isinstance(text, Exact) and text.is_day
        return read_instants(text, ("iso",) if is_day else self.formats, self.zone)


SERIAL_DAYS = {"excel": dt.datetime(1899, 12, 30), "excel-1904": dt.datetime(1904, 1, 1)}
"""The day 0 of spreadsheets' numbers of days."""


def to_second(moment: dt.datetime) -> dt.datetime:
    """Return an instant rounded to the second: fractions of a day are never exact."""
    return (moment + dt.timedelta(microseconds=500_000)).replace(microsecond=0)


@lru_cache(maxsize=65536)
def read_instants(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> dict[dt.datetime, str]:
    """Return what a text means in each format that fits; the same instant is listed once."""
    found: dict[dt.datetime, str] = {}
    if text.isascii():
        for name in formats:
            moment = read_instant(text, name)
            if moment is not None:
                found.setdefault(localized(moment, zone), name)
    return found


def localized(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return an instant as wall-clock time of the zone."""
    try:
        return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment
    except OverflowError:
        return moment.replace(tzinfo=None)


def read_instant(text: str, name: str) -> dt.datetime | None:
    """Return the instant of a text in one format, or None."""
    try:
        if name == "iso":
            is_iso = text[4:5] == "-" and text[5:6] != "W"
            return dt.datetime.fromisoformat(text) if is_iso else None
        if name in SERIAL_DAYS:
            return to_second(SERIAL_DAYS[name] + dt.timedelta(days=plain_float(text)))
        if name == "unix":
            return dt.datetime.fromtimestamp(plain_float(text), dt.UTC)
        return dt.datetime.strptime(text, name)
    except (ValueError, OverflowError, OSError):
        return None


def plain_float(text: str) -> float:
    """Return a number of digits and at most one point."""
    if not text.replace(".", "", 1).isdigit():
        raise ValueError(text)
    return float(text)


def parse_instant(text: str, dates: DateFormat) -> Parsed:
    """Return an instant as ISO UTC with ``Z``; a time that clocks skipped or showed twice is noted."""
    parsed = single_reading(text, dates)
    if parsed.value is None:
        return parsed
    moment: dt.datetime = parsed.value
    try:
        utc = moment.replace(tzinfo=dates.zone).astimezone(dt.UTC)
    except OverflowError:
        return bad("is not a day of the calendar")
    reason = parsed.reason or clock_change(moment, dates.zone)
    value = utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return odd(value, reason) if reason else Parsed(value)


def clock_change(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Return what is strange about a wall-clock time: skipped or shown twice by its zone."""
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    back = first.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None)
    if back != moment:
        return f"is a time that clocks skipped in {zone.key}"
    return f"is a time that clocks showed twice in {zone.key}; taken as the first"


def parse_date(text: str, dates: DateFormat) -> Parsed:
    """Return an ISO day; an implausible one is noted, a placeholder such as 9999-12-31 is emptied."""
    parsed = single_reading(text, dates)
    if parsed.value is None:
        return parsed
    stated = midnight_utc(text, dates)
    if stated and stated != parsed.value.date():
        reason = "is midnight UTC, taken as that day and not as a time"
        return Parsed(stated.isoformat(), reason, "noted", is_habit=True)
    day = parsed.value.date().isoformat()
    return odd(day, parsed.reason) if parsed.reason else Parsed(day)


def midnight_utc(text: str, dates: DateFormat) -> dt.date | None:
    """Return the day of a text that says midnight UTC: programs write days so. None for others."""
    if "iso" not in dates.formats or not text.endswith(("Z", "z", "+00:00", "+0000", "+00")):
        return None
    moment = read_instant(text, "iso")
    is_midnight = moment is not None and moment.time() == dt.time() and moment.tzinfo is not None
    return moment.date() if moment and is_midnight else None


def single_reading(text: str, dates: DateFormat) -> Parsed:
    """Return the one instant that a text can mean, or why there is none."""
    found = dates.readings(text)
    if not found and isinstance(text, Exact) and text.is_number:
        return bad(
            'is a number without the format of a date; if it counts days, say date = "excel"'
        )
    if not found:
        return bad(f"is not a date written as {' or '.join(dates.formats)}")
    if len(found) > 1:
        read = " or ".join(f"{moment} ({name})" for moment, name in found.items())
        return bad(f"can be read as {read}")
    moment = next(iter(found))
    if moment.year in (1, 9999):
        return bad(PLACEHOLDER)
    return Parsed(moment, implausible(moment.date(), dates.today), "noted")


def implausible(day: dt.date, today: dt.date) -> str:
    """Return what is strange about a day, if anything."""
    if day < FIRST_PLAUSIBLE:
        return "is before 1970"
    if day.toordinal() > today.toordinal() + DAYS_AHEAD:
        return f"is more than {DAYS_AHEAD:,} days ahead"
    return ""


# Words


def parse_bool(text: str, true: frozenset[str], false: frozenset[str]) -> Parsed:
    """Return 1 or 0 for a stated word."""
    if isinstance(text, Exact) and text in ("true", "false"):
        return Parsed(int(text == "true"))
    word = text.casefold()
    if word in true:
        return Parsed(1)
    if word in false:
        return Parsed(0)
    known = ", ".join(sorted(true | false))
    return bad(f"is none of the words for yes and no ({known})")


def parse_enum(text: str, allowed: tuple[str, ...]) -> Parsed:
    """Return one of the allowed values, or name them."""
    if text in allowed:
        return Parsed(text)
    return bad(f"is not translated to one of {', '.join(allowed)}")


def translate(text: str, values: Mapping[str, str]) -> str | None:
    """Return the stated translation of a text, exactly or but for case; None where there is none."""
    if text in values:
        return values[text]
    folded = [new for old, new in values.items() if old.casefold() == text.casefold()]
    return folded[0] if len(set(folded)) == 1 else None


def as_text(cell: Cell) -> str:
    """Return a cell as trimmed text; NULL, bytes and cells without a value are empty."""
    if isinstance(cell, Exact):
        return cell
    return clean(cell) if isinstance(cell, str) else ""


def squeezed(text: str) -> str:
    """Return letters and digits only, without case: what names that almost agree share."""
    return "".join(c for c in text.casefold() if c.isalnum())
