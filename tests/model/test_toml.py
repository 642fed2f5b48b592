"""Tests of TOML that people save."""

from __future__ import annotations

import pytest

from dealreview.model.errors import ConfigurationError
from dealreview.model.toml import decoded, parsed


def test_a_mark_at_the_beginning_is_no_part_of_the_text() -> None:
    """Editors that write one do no harm."""
    assert parsed(decoded(b"\xef\xbb\xbfa = 1", "x.toml"), "x.toml") == {"a": 1}


@pytest.mark.parametrize(
    ("raw", "what"), [("a = 1".encode("utf-16"), "is UTF-16"), (b"a = '\xe9'", "is not UTF-8")]
)
def test_other_encodings_are_named(raw: bytes, what: str) -> None:
    """The mend is to save the file as UTF-8."""
    with pytest.raises(ConfigurationError, match=rf"x\.toml {what}.*Save it as UTF-8"):
        decoded(raw, "x.toml")


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{a=" * 100_000])
def test_deep_nesting_is_an_error_like_others(text: str) -> None:
    """No traceback."""
    with pytest.raises(ConfigurationError, match=r"x\.toml is"):
        parsed(text, "x.toml")
