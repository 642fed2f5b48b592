"""Text from data, made safe to show: it can't steer a terminal, change direction or break a line."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""Format characters that scripts and emoji need and that move nothing."""

_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")


def clean(text: str) -> str:
    r"""Return a text on one line, with control, direction and other unseen characters written out.

    ``\x1b[31m`` becomes the eight visible characters; line breaks and tabs become a space.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in _BREAKS:
        return " "
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in _JOINERS
    return _written(ord(character)) if hidden else character


def _written(number: int) -> str:
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
