"""Money as integers in minor units of an ISO 4217 currency."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

NO_CURRENCY = "XXX"
"""What ISO 4217 calls an amount of which nobody knows the currency."""

CENTS_BELOW = 100
"""Amounts from here on are shown without cents: what matters in a deal is whole, an hour's cost is not."""


@lru_cache(maxsize=256)
def minor_digits(currency: str) -> int:
    """Return the number of decimal digits of a currency: EUR 2, JPY 0, KWD 3."""
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)


_FREQUENT = frozenset({"AUD", "CAD", "CHF", "CNY", "EUR", "GBP", "INR", "JPY", "SEK", "USD"})
"""Codes that are known without a look at all currencies, which takes longer than the rest of a start."""


def is_currency(code: str) -> bool:
    """Whether ``code`` is a known ISO 4217 code."""
    if code in _FREQUENT:
        return True
    from babel.numbers import is_currency as known

    return len(code) == 3 and code.isupper() and known(code)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an exact amount in minor units, rounded half to even once."""
    scaled = amount.scaleb(minor_digits(currency))
    return int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN))


_AMOUNT = re.compile(
    r"(?:(?P<before>[A-Z]{3}) )?(?P<number>\d{1,12}(?:\.\d{1,4})?)(?: (?P<after>[A-Z]{3}))?"
)


def amount_of(text: str) -> tuple[int, str] | None:
    """Return minor units and currency of an amount as ``60 EUR`` or ``EUR 62.50``; None if it is none."""
    found = _AMOUNT.fullmatch(text.strip())
    codes = [code for code in found.group("before", "after") if code] if found else []
    if found is None or len(codes) != 1 or not is_currency(codes[0]):
        return None
    exact = Decimal(found["number"])
    minor = to_minor(exact, codes[0])
    return (minor, codes[0]) if from_minor(minor, codes[0]) == exact else None


def from_minor(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact decimal amount."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def before_amount(currency: str | None) -> str:
    """Return what stands before an amount: ``EUR`` and a blank, nothing where none is known."""
    return "" if currency in {None, NO_CURRENCY} else f"{currency} "


def format_money(minor: int, currency: str | None) -> str:
    """Return an amount for people: ``EUR 9,450``, with cents only under a hundred.

    Without a currency the minor units are taken as hundredths and printed alone.
    """
    digits = minor_digits(currency) if currency else 2
    amount = Decimal(minor).scaleb(-digits)
    whole = amount == amount.to_integral_value() or abs(amount) >= CENTS_BELOW
    text = f"{amount:,.0f}" if whole else f"{amount:,.{digits}f}"
    sign, text = ("−", text[1:]) if text.startswith("-") else ("", text)
    return f"{sign}{before_amount(currency)}{text}"
