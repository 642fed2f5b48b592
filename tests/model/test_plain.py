"""Values as JSON holds them."""

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from dealreview.model.outcome import Outcome
from dealreview.model.plain import dumped, plain, told


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dt.date(2026, 11, 14), "2026-11-14"),
        (math.nan, None),
        (math.inf, None),
        (Decimal("1.5"), 1.5),
        (("a", 1), ["a", 1]),
        ({"b", "a"}, ["a", "b"]),
        ({Outcome.RISK: dt.date(2026, 1, 2)}, {"risk": "2026-01-02"}),
        (Outcome.RISK, "risk"),
        (True, True),
        (None, None),
    ],
)
def test_a_value_becomes_what_json_can_hold(value: Any, expected: Any) -> None:
    """Dates are ISO text, what is no number is null, sets are sorted."""
    assert plain(value) == expected


def test_what_json_has_no_form_for_is_named_by_its_type() -> None:
    """An object's own text could hold an address in memory, which no two runs share."""
    assert plain(object()) == "<object>"
    assert plain(b"x") == "<bytes>"


def test_text_is_ascii() -> None:
    """What a name holds can't steer a terminal that shows the JSON."""
    assert dumped("\x1b[31m\u202e\xf6") == '"\\u001b[31m\\u202e\\u00f6"'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (200.70000000000002, 200.7),
        (0.1 + 0.2, 0.3),
        ([1 / 3, 7], [0.333333333333, 7]),
        (123456789.01, 123456789.01),
        (1e-9, 1e-9),
        (math.nan, None),
        (True, True),
        ("0.30000000000000004", "0.30000000000000004"),
    ],
)
def test_numbers_are_told_without_a_tail(value: Any, expected: Any) -> None:
    """What floats leave behind the twelfth digit is nobody's evidence; texts stay as they are."""
    assert told(value) == expected
