"""The pack against the contract; pytest collects the files in cases/ by itself."""

from __future__ import annotations

import dealreview_deal_desk
import pytest

from dealreview.testing import assert_verdict, contract_tests

PACK = ["dealreview_deal_desk"]
SMALL, LARGE = 24_999_999, 25_000_000

TestContract = contract_tests(dealreview_deal_desk, examples=15, whole=2)
"""What must hold for every check: gaps never help, nothing raises, same input same output."""


@pytest.mark.parametrize(
    ("discount", "amount", "rung"),
    [
        (0.10, LARGE, None),
        (0.11, SMALL, None),
        (0.20, SMALL, None),
        (0.21, SMALL, "second-rung"),
        (0.30, SMALL, "second-rung"),
        (0.31, SMALL, "third-rung"),
        (0.11, LARGE, "second-rung"),
        (0.20, LARGE, "second-rung"),
        (0.21, LARGE, "third-rung"),
        (0.90, LARGE, "third-rung"),
    ],
)
def test_an_approved_discount_stands_on_one_rung(
    discount: float, amount: int, rung: str | None
) -> None:
    """Whatever the discount and the amount, at most one rung asks who approved it."""
    facts = {
        "proposal_reached": True,
        "has_approval": True,
        "discount_ratio": discount,
        "amount_reporting": amount,
        "approver_discount_limit": 0.0,
    }
    for name in ("second-rung", "third-rung"):
        outcome = "risk" if name == rung else "not_applicable"
        assert_verdict(f"deal-desk/{name}", None, outcome, facts=facts, modules=PACK)
