"""One verdict, held against what a test expects."""

from __future__ import annotations

import pytest

from dealreview.testing import assert_verdict, deal, together

CHECK = "hygiene/close-date-passed"


def test_what_is_expected() -> None:
    """Rows or facts; further words are compared too."""
    assert_verdict(CHECK, deal(), "pass")
    facts = {"is_open": True, "days_past_close": 40}
    assert_verdict(CHECK, None, "risk", facts=facts, actual=40)
    assert_verdict(CHECK, None, "pass", facts=facts, params={"watch": 50, "risk": 60})


def test_what_is_not_expected_is_told() -> None:
    """The error says what came out, and why."""
    with pytest.raises(AssertionError, match="expected risk, got pass"):
        assert_verdict(CHECK, deal(), "risk")
    facts = {"is_open": True, "days_past_close": 40}
    with pytest.raises(AssertionError, match="expected actual 3, got 40"):
        assert_verdict(CHECK, None, "risk", facts=facts, actual=3)
    with pytest.raises(AssertionError, match="there is no check"):
        assert_verdict("hygiene/none", deal(), "risk")


def test_whom_to_look_at() -> None:
    """Of several subjects one is named."""
    rows = together(deal("D1"), deal("D2", expected_close_on="2025-01-01"))
    assert_verdict(CHECK, rows, "risk", subject="D2")
    with pytest.raises(ValueError, match="there are 2 in deals"):
        assert_verdict(CHECK, rows, "risk")
    with pytest.raises(ValueError, match="one of the two"):
        assert_verdict(CHECK, rows, "risk", facts={})
