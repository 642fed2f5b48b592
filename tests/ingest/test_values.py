from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.ingest.values import (
    DateFormat,
    NumberFormat,
    locale_format,
    parse_bool,
    parse_date,
    parse_id,
    parse_instant,
    parse_number,
    parse_ratio,
    product,
    squeezed,
    translate,
)

BERLIN = DateFormat(("iso", "%d.%m.%Y %H:%M"), ZoneInfo("Europe/Berlin"), dt.date(2025, 5, 16))


@pytest.mark.parametrize(
    ("locale", "text", "number"),
    [
        ("en", "1,234,567.5", "1234567.5"),
        ("en", "1,23", None),
        ("en", "12,3456", None),
        ("de", "1.234,5", "1234.5"),
        ("de", "1.234.5", None),
        ("fr", "1 234,5", "1234.5"),
        ("fr", "1\u202f234,5", "1234.5"),
        ("de_CH", "1'234.5", "1234.5"),
        ("de_CH", "1’234.50 CHF", "1234.50"),
        ("en", "−5", "-5"),
        ("en", "5-", "-5"),
        ("en", "(5)", "-5"),
        ("en", "-$5.00", None),
        ("en", "CHF (5)", "-5"),
        ("en", "+5", "5"),
        ("en", ".5", "0.5"),
        ("en", "5.", "5"),
        ("en", ".", None),
        ("en", "", None),
        ("en", "--5", None),
        ("en", "1e5", None),
        ("en", "٣", None),
        ("en", "1_000", None),
        ("en", "9" * 50, None),
    ],
)
def test_numbers_are_strict(locale: str, text: str, number: str | None) -> None:
    """Only the stated separators at their places; no exponents, no foreign digits, no guessing."""
    parsed = parse_number(text, locale_format(locale), "CHF")
    assert parsed.value == (None if number is None else Decimal(number))
    assert bool(parsed.reason) is (number is None)


@given(st.decimals(-(10**12), 10**12, places=4))
def test_a_number_is_what_was_written(number: Decimal) -> None:
    """Written with German marks and read again, it is exactly the same."""
    text = f"{number:,.4f}".translate(str.maketrans(",.", ".,"))
    assert parse_number(text, NumberFormat(",", ".")).value == number


def test_a_mark_of_another_currency_is_a_problem() -> None:
    """EUR 5 in a row in dollars is not 5."""
    assert parse_number("EUR 5", NumberFormat(), "USD").reason == "is in EUR, not in USD"
    assert parse_number("$5", NumberFormat(), "CAD").value == 5
    assert parse_number("5 €", NumberFormat()).reason == "has a currency mark €"


@pytest.mark.parametrize(
    ("text", "unit", "ratio"),
    [
        ("0.25", "fraction", "0.25"),
        ("25", "percent", "0.25"),
        ("25 %", "fraction", "0.25"),
        ("1.5", "fraction", None),
        ("150", "percent", None),
        ("-0.1", "fraction", "-0.1"),
    ],
)
def test_shares(text: str, unit: str, ratio: str | None) -> None:
    """Over 1 is a problem; a percent sign speaks for itself; a surcharge is negative."""
    assert parse_ratio(text, NumberFormat(), unit).value == (
        None if ratio is None else Decimal(ratio)
    )


def test_products_are_exact() -> None:
    """No digit is lost before the one rounding at the end."""
    assert product([Decimal("0.1"), Decimal("0.2"), Decimal(3)]) == Decimal("0.06")
    long = Decimal("1234567890123456789.123456789")
    assert product([long, long]) == Decimal(
        "1524157875323883675323883573784484098.515622620750190521"
    )


@pytest.mark.parametrize(
    ("text", "instant", "reason"),
    [
        ("2025-05-16 12:00", "2025-05-16T10:00:00Z", ""),
        ("2025-05-16T12:00:00+00:00", "2025-05-16T12:00:00Z", ""),
        ("2025-05-16T12:00:00Z", "2025-05-16T12:00:00Z", ""),
        ("16.05.2025 12:00", "2025-05-16T10:00:00Z", ""),
        ("2025-05-16", "2025-05-15T22:00:00Z", ""),
        (
            "2025-03-30 02:30",
            "2025-03-30T01:30:00Z",
            "is a time that clocks skipped in Europe/Berlin",
        ),
        (
            "2024-10-27 02:30",
            "2024-10-27T00:30:00Z",
            "is a time that clocks showed twice in Europe/Berlin; taken as the first",
        ),
    ],
)
def test_instants_are_utc(text: str, instant: str, reason: str) -> None:
    """Naive times are in the mapping's zone; what the clocks skipped or showed twice is noted."""
    parsed = parse_instant(text, BERLIN)
    assert (parsed.value, parsed.reason) == (instant, reason)


def test_the_day_of_an_instant_is_the_zones() -> None:
    """Half past eleven at night UTC is tomorrow in Berlin."""
    assert parse_date("2025-05-16T23:30:00Z", BERLIN).value == "2025-05-17"


@pytest.mark.parametrize(
    ("formats", "text", "day"),
    [
        (("%m/%d/%Y", "%d/%m/%Y"), "3/14/2025", "2025-03-14"),
        (("%m/%d/%Y", "%d/%m/%Y"), "3/4/2025", None),
        (("%m/%d/%Y", "%d/%m/%Y"), "4/4/2025", "2025-04-04"),
        (("excel",), "45000", "2023-03-15"),
        (("unix",), "1747353600", "2025-05-16"),
        (("iso",), "2025-02-30", None),
        (("%d %b %Y",), "16 May 2025", "2025-05-16"),
        (("excel",), "nan", None),
        (("excel",), "9" * 30, None),
        (("iso",), "20250516", None),
    ],
)
def test_days_fit_one_stated_format(formats: tuple[str, ...], text: str, day: str | None) -> None:
    """Two different days are a problem; one day in two formats is not."""
    assert parse_date(text, DateFormat(formats, today=dt.date(2025, 5, 16))).value == day


def test_ids_keep_every_character() -> None:
    """Hexadecimal ids with an e are no numbers; a plus or a point shows a spreadsheet."""
    assert [parse_id(t).reason != "" for t in ("9237e622", "605e2246", "6.33E+07", "12.0", "0012")] == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_words_and_translations() -> None:
    """Case does not matter where it leaves one meaning."""
    assert parse_bool("Ja", frozenset({"ja"}), frozenset({"nein"})).value == 1
    assert parse_bool("oui", frozenset({"ja"}), frozenset({"nein"})).reason.endswith("(ja, nein)")
    assert translate("WON", {"won": "a"}) == "a"
    assert translate("Won", {"won": "a", "WON": "b"}) is None
    assert squeezed("GTX Pro-2") == squeezed("gtxpro 2") == "gtxpro2"
