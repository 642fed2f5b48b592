"""Text from data, made safe to show."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.reports.escape import clean


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Jörg 汉字 [bold]", "Jörg 汉字 [bold]"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b2J", "\\x9b2J"),
        ("a\nb\tc\r\nd", "a b c  d"),
        ("a\u2028b", "a b"),
        ("\u202eevil", "\\u202eevil"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("👩\u200d🔧", "👩\u200d🔧"),
    ],
)
def test_what_can_not_be_seen_is_written_out(text: str, shown: str) -> None:
    """Controls, direction marks and unseen characters show as escapes; breaks become a space."""
    assert clean(text) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    """Whatever the text, no control or direction character comes through."""
    left = {unicodedata.category(c) for c in clean(text) if c not in "\u200c\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}
