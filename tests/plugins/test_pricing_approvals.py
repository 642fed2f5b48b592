"""Requests, approvals and the terms that they covered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
MAY = {day: dt.date(2025, 5, day) for day in range(1, 17)}
STATE = ["has_approval", "approval_state", "approval_pending_bd"]


def company(*requests: dict[str, Any], **deal: Any) -> Rows:
    """Return a deal D of Ana with requests; Eva may approve a fifth."""
    return {
        "people": [
            {"person_id": "ana", "max_discount_ratio": 0.1},
            {"person_id": "eva", "max_discount_ratio": 0.2},
            {"person_id": "tom"},
        ],
        "deals": [
            {"deal_id": "D", "account_id": "A", "owner_id": "ana", "created_on": MAY[1], **deal}
        ],
        "deal_lines": [
            {
                "line_id": "L",
                "deal_id": "D",
                "list_minor": 1000,
                "invoice_minor": 850,
                "cost_minor": 0,
            }
        ],
        "approvals": [
            {"approval_id": str(n), "deal_id": "D", "requested_on": MAY[1], **request}
            for n, request in enumerate(requests)
        ],
    }


def state(*requests: dict[str, Any], **options: Any) -> list[Any]:
    """Return whether there is an approval, the newest decision, and how long it is pending."""
    options = {"also": ["approvals"], **options}
    return list(facts_of(company(*requests), "deal", *STATE, **options)["D"].values())


def since(*requests: dict[str, Any], **deal: Any) -> dict[str, Any]:
    """Return what changed since the approval."""
    names = [
        "discount_since_approval_hi",
        "terms_since_approval_hi",
        "margin_fall_since_approval_hi",
        "approver_over_limit",
        "days_of_approval_left",
        "approver_words",
    ]
    return facts_of(company(*requests, **deal), "deal", *names)["D"]


def test_newest_request() -> None:
    """The newest request counts, by id among those of one day; any approval is one."""
    asked = {"decision": "pending", "requested_on": MAY[14]}
    granted = {"decision": "approved", "decided_on": MAY[2]}
    assert state() == [False, "none", None]
    assert state(granted, asked) == [True, "pending", 2]
    assert state(asked, granted) == [True, "pending", 2]
    assert state(asked, {**asked, "decision": "withdrawn"}) == [False, "withdrawn", None]


def test_absence_needs_a_feed() -> None:
    """Without approvals recorded since the deal began, only an approval that is there is known."""
    late = [Span("approvals", first=MAY[2]), Span("deals")]
    assert state(feeds=late) == [None, None, None]
    assert state({"decision": "approved"}, feeds=late) == [True, None, None]


def test_an_empty_decision() -> None:
    """It may be an approval, unless there is another."""
    assert state({"decided_on": MAY[2]}) == [None, None, None]
    assert state({}, {"decision": "approved"})[0] is True


def test_last_day() -> None:
    """Ninety days after the decision where none is stated; unknown without a day of decision."""
    stated = {"decision": "approved", "decided_on": MAY[12], "valid_until": MAY[15]}
    assert since(stated)["days_of_approval_left"] == -1
    assert since({**stated, "valid_until": None})["days_of_approval_left"] == 86
    undated = {"decision": "approved"}
    assert since(undated)["days_of_approval_left"] is None


def test_values_since_the_approval() -> None:
    """A value that was left empty is not tested; one that is empty now is unknown."""
    bare = {"decision": "approved", "approver_id": "eva"}
    found = since(bare)
    assert found["discount_since_approval_hi"] == 0
    assert found["terms_since_approval_hi"] == 0
    assert found["approver_over_limit"] is False
    full = {**bare, "discount_ratio": 0.1, "contribution_ratio": 0.9, "payment_terms_days": 30}
    found = since(full)
    assert found["discount_since_approval_hi"] == 0.05
    assert found["terms_since_approval_hi"] is None
    assert since(full, payment_terms_days=45)["terms_since_approval_hi"] == 15
    assert found["margin_fall_since_approval_hi"] == -0.1


def test_limit_of_the_approver() -> None:
    """Over the own limit is no approval; an empty limit is unknown."""
    granted = {"decision": "approved", "discount_ratio": 0.15}
    assert since({**granted, "approver_id": "eva"})["approver_over_limit"] is False
    found = since({**granted, "approver_id": "ana"})
    assert found["approver_over_limit"] is True
    assert found["approver_words"] == "; the approver may give 10.0%"
    assert since({**granted, "approver_id": "tom"})["approver_over_limit"] is None


@pytest.mark.parametrize(
    ("discount", "judged"), [(0.1, 0.1), (0.1003, 0.1), (0.1005, 0.1), (0.1006, 0.1006)]
)
def test_a_discount_over_the_limit_by_rounding(discount: float, judged: float) -> None:
    """Up to 0.05 points over the limit, that included, is the limit; what lies further over is not."""
    rows = company()
    prices = {"list_minor": 100_000, "invoice_minor": round(100_000 * (1 - discount))}
    rows["deal_lines"][0] |= prices
    assert facts_of(rows, "deal", "judged_discount")["D"]["judged_discount"] == pytest.approx(
        judged
    )
