"""Values, keys and remarks as TOML, whatever other people's texts hold."""

from __future__ import annotations

import json
import re
from typing import Any

from attrs import frozen

CONFIRM = "# please confirm"
HIDDEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that JSON leaves as they are and that a terminal obeys or hides."""

SURROGATES = re.compile("[\ud800-\udfff]")


@frozen
class Line:
    """A line of the proposal: a key, its value as TOML, and a remark."""

    key: str
    value: str
    remark: str = ""

    def __str__(self) -> str:
        """Return it as TOML."""
        return f"{toml_key(self.key)} = {self.value}{'  ' if self.remark else ''}{self.remark}"


def toml(value: Any) -> str:
    """Return a value as TOML; characters that are not seen are written as escapes."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_key(k)} = {toml(v)}" for k, v in value.items()) + "}"
    text = SURROGATES.sub("\ufffd", json.dumps(value, ensure_ascii=False))
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04X}", text)


def toml_key(key: str) -> str:
    """Return a key as TOML."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml(key)


def remark(text: str) -> str:
    """Return a comment on one line; other people's texts can't end it."""
    return f"# {printable(text)}"


def confirm(text: str) -> str:
    """Return a comment that asks for confirmation."""
    return f"{CONFIRM}: {printable(text)}"


def printable(text: str) -> str:
    """Return a text with a blank for each character that is not seen."""
    return "".join(c if c.isprintable() else " " for c in text)


def literal(text: str) -> str:
    """Return the pattern that means this very text, where patterns are read."""
    # A name that is no Unicode can't be written in a file; any character stands for the odd ones.
    return SURROGATES.sub("?", re.sub(r"[*?[]", r"[\g<0>]", text))
