"""TOML of people: marks, encodings and nesting that a parser alone would stumble over."""

from __future__ import annotations

import codecs
from typing import Any

from dealreview.model.errors import ConfigurationError

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(raw: bytes, name: str) -> str:
    """Return the text of a UTF-8 file, without the mark that some editors put first.

    Raises:
        ConfigurationError: when it is not UTF-8.
    """
    if raw.startswith(WIDE_MARKS):
        raise ConfigurationError(f"{name} is UTF-16, not UTF-8.", mend="Save it as UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name} is not UTF-8.", mend="Save it as UTF-8.") from error


def parsed(text: str, name: str) -> dict[str, Any]:
    """Return what a TOML text says.

    Raises:
        ConfigurationError: when it is not TOML, or is nested too deeply to be read.
    """
    import tomllib

    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name} is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise ConfigurationError(
            f"{name} is nested too deeply.", mend="Write it flatter."
        ) from error
