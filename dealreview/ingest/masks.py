"""Examples of values that can be shown: no mail address, no telephone number, nothing long."""

from __future__ import annotations

import re

LONGEST = 30
LONGEST_NAME = 80
PHONE_DIGITS = 7
MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
PHONE = re.compile(r"(?=.*[-+() /x]|0\d{6,}$)[+(]?\d[-\d\s()./]*(\s?x\d+)?")
DAY = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b.*", re.DOTALL)
NUMBER = re.compile(r"[-+(]?\d{1,3}([.,' \u00a0\u202f]\d{3})*([.,]\d+)?\)?")


def is_private(text: str) -> bool:
    """Whether a text seems to be a mail address or a telephone number."""
    if MAIL.search(text):
        return True
    digits = sum(c.isdigit() for c in text)
    is_plain = DAY.fullmatch(text) or NUMBER.fullmatch(text)
    return digits >= PHONE_DIGITS and not is_plain and bool(PHONE.fullmatch(text))


def is_word(text: str) -> bool:
    """Whether a text can stand in a proposal as the name of a stage or a value."""
    return len(text) <= LONGEST_NAME and not is_private(text)


def example(text: str, longest: int = LONGEST) -> str:
    """Return a value as an example: cut, or its shape where it is about a person."""
    return shape(text) if is_private(text) else cut(text, longest)


def shape(text: str) -> str:
    """Return what a value looks like without what it says: letters are x, digits are 9."""
    return "".join(map(mask, cut(text, LONGEST)))


def mask(character: str) -> str:
    """Return what stands for a character."""
    if character.isdigit():
        return "9"
    return ("X" if character.isupper() else "x") if character.isalpha() else character


def cut(text: str, longest: int) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
