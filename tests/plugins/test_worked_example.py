"""The worked example: each row is an expected verdict with its arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.halden import halden
from tests.plugins.tinyfacts import facts_of, verdict

EXPECTED = [
    ("pricing/margin-floor", "deal", "D1", "risk"),
    ("pricing/margin-floor", "deal", "D2", "pass"),
    ("pricing/margin-floor", "deal", "D3", "pass"),
    ("pricing/margin-floor", "deal", "D4", "pass"),
    ("accounts/unprofitable-key-account", "account", "A1", "risk"),
    ("accounts/unprofitable-key-account", "account", "A2", "not_applicable"),
    ("accounts/unprofitable-key-account", "account", "A3", "not_applicable"),
    ("consensus/single-champion", "deal", "D1", "watch"),
    ("consensus/single-champion", "deal", "D2", "risk"),
    ("operations/time-share", "rep", "ana", "risk"),
    ("operations/time-share", "rep", "ben", "strength"),
    ("operations/time-share", "team", "north", "watch"),
    ("operations/diverted-owner", "deal", "D1", "watch"),
    ("operations/diverted-owner", "deal", "D2", "pass"),
    ("operations/diverted-owner", "deal", "D3", "pass"),
    ("operations/diverted-owner", "deal", "D4", "not_applicable"),
    ("hygiene/close-date-passed", "deal", "D1", "pass"),
]


@pytest.mark.parametrize(("check", "kind", "subject", "outcome"), EXPECTED)
def test_expected_verdicts(check: str, kind: str, subject: str, outcome: str) -> None:
    """Each check gives the verdict that the worked example derives by hand."""
    assert verdict(check, halden(), kind, subject) == outcome


def test_whale_curve() -> None:
    """Peak 200,000 lies above 1.2 and not above 1.5 times the total of 162,000."""
    rows = halden()
    assert (
        verdict("accounts/whale-curve", rows, "pipeline", "pipeline", params={"min_accounts": 3})
        == "watch"
    )
    assert verdict("accounts/whale-curve", rows, "pipeline", "pipeline") == "not_applicable"


def test_deal_without_cost_to_serve() -> None:
    """An unknown cost to serve decides nothing at 30 % and is a risk all the same at 22.2 %."""
    rows = halden()
    rows["deals"][0]["cost_to_serve_minor"] = None
    for month in rows["account_months"]:
        month["revenue_minor"] = None if month["account_id"] == "A1" else month["revenue_minor"]
    assert verdict("pricing/margin-floor", rows, "deal", "D1") == "insufficient_data"
    rows["deal_lines"][0]["cost_minor"] = 10_500_000
    assert verdict("pricing/margin-floor", rows, "deal", "D1") == "risk"


ARITHMETIC: list[tuple[str, str, dict[str, Any]]] = [
    (
        "deal",
        "D1",
        {
            "list_price": 16_000_000,
            "invoice_price": 14_000_000,
            "pocket_price": 13_500_000,
            "customer_price": 14_000_000,
            "pocket_margin": 4_050_000,
            "contribution_lo": 2_430_000,
            "contribution_hi": 2_430_000,
            "contribution_ratio_lo": 0.18,
            "discount_ratio": 0.125,
            "owner_operations_ratio_lo": 0.25,
            "owner_lost_selling_hours": 26.0,
            "likely_slip_days": 9.1,
            "engaged_contacts_lo": 2,
            "engaged_contacts_hi": 2,
            "engaged_contact_ids": ["lang", "weiss"],
        },
    ),
    ("deal", "D2", {"contribution_lo": 3_780_000, "contribution_ratio_hi": 0.45, "milestone": 4}),
    (
        "account",
        "A1",
        {
            "contribution_12m_lo": -3_800_000,
            "contribution_12m_hi": -3_800_000,
            "net_revenue_12m": 120_000_000,
            "known_months_12m": 12,
        },
    ),
    ("account", "A2", {"contribution_12m_lo": 17_600_000, "contribution_ratio_12m_hi": 0.44}),
    ("account", "A3", {"contribution_12m_lo": 2_400_000, "contribution_ratio_12m_hi": 0.096}),
    (
        "pipeline",
        "pipeline",
        {
            "whale_peak": 20_000_000,
            "whale_total": 16_200_000,
            "whale_losing_accounts": ["A1"],
            "whale_accounts_lo": 3,
            "whale_accounts_hi": 3,
        },
    ),
    ("rep", "ana", {"hours_4w": 152.0, "recorded_ratio": 0.95, "operations_ratio_hi": 0.25}),
    ("rep", "ana", {"base_selling_hours": 20.0, "base_weeks": 12}),
    ("team", "north", {"hours_4w": 304.0, "operations_hours_4w": 42.0}),
]


@pytest.mark.parametrize(("kind", "subject", "expected"), ARITHMETIC)
def test_arithmetic(kind: str, subject: str, expected: dict[str, Any]) -> None:
    """Facts are those of the worked example, over one bucket of accounts and over three."""
    for buckets in (1, 3):
        found = facts_of(halden(), kind, *expected, buckets=buckets)[subject]
        assert found == expected
