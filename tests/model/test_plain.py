"""Values as JSON holds them."""

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from dealreview.model.outcome import Outcome
from dealreview.model.plain import dumped, plain


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
