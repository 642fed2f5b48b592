"""What a finding is held against is the limit that decided it, and its money what is at stake."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dealreview.testing import assert_verdict
from tests.plugins.tinyfacts import facts_of


def pair(name: str, value: float) -> dict[str, float]:
    """Return both ends of a fact that is known."""
    return {f"{name}_lo": value, f"{name}_hi": value}


RANKED = {"has_revenue_12m": True, "revenue_lacks_only_rates": False, **pair("service_peers", 12)}
STARVED = {
    "revenue_12m": 100,
    "sales_lack_only_rates": False,
    **pair("sales_accounts", 12),
    **pair("revenue_rank", 1.0),
}
STATED = {
    "loses_money": True,
    "loss_lacks_only_rates": False,
    "loss_rated": True,
    "loss_end_passed": False,
    **pair("loss_term_days", 0),
}
WHALE = {
    "whale_curve_rated": True,
    **pair("whale_accounts", 10),
    "whale_peak": 16_000,
    "whale_total": 10_000,
}
LOST = {**pair("whale_lost", 6_000), **pair("whale_total", 10_000), "whale_peak_ratio": 1.6}
INCIDENT = {"has_open_incident": True, "incident_date_renegotiated": False}
STEADY = {
    "has_steady_revenue": True,
    "quarters_lack_only_rates": False,
    "quarters_rated": True,
    "five_quarters_recorded": True,
    "five_quarters_served": True,
}
CREEP = {"sales_role": True, "side_tasks_rising": True, "side_tasks_last_week": 3}
GROWN = {
    **pair("won_deals_now", 5),
    **pair("won_deals_before", 5),
    **pair("won_contribution_change", 300),
}
VALUED = {"has_value_items": True, "evaluation_or_later": True, "proposal_reached": True}
HOURLY = {"pursuit_hours": 1.0, "owner_hourly_cost": 500, "external_cost_seen": 0}
PURSUED = {
    **HOURLY,
    "has_closed_deals": True,
    "external_cost_to_go": 0,
    "remaining_pursuit_cost_lo": 500,
}

FOUND = [
    ("accounts/fit-drift", "pipeline", "risk", pair("poor_fit_value_share", 0.6), 0.6, 0.5),
    ("accounts/key-by-habit", "account", "risk", {"is_key": True, "key_days": 731}, 731, 730),
    (
        "accounts/sliding-profit",
        "account",
        "risk",
        {**STEADY, "has_year_before": True, "contribution_ratio_change": -0.12},
        -0.12,
        -0.10,
    ),
    (
        "accounts/special-price-and-service",
        "account",
        "watch",
        {**RANKED, **pair("discount_rank", 0.95), **pair("service_rank", 0.55)},
        0.55,
        0.50,
    ),
    (
        "accounts/starved-good-accounts",
        "account",
        "pass",
        {**STARVED, **pair("contribution_rank", 0.2), **pair("attention_rank", 0.1)},
        0.1,
        None,
    ),
    (
        "accounts/stated-strategic-loss",
        "deal",
        "watch",
        {**STATED, **pair("loss_parts_stated", 2)},
        2,
        3,
    ),
    ("accounts/whale-curve", "pipeline", "risk", {**WHALE, **LOST}, 1.6, 1.5),
    (
        "operations/diverted-owner",
        "deal",
        "risk",
        {"is_open": True, "owner_sales_role": True, **pair("owner_operations_ratio", 0.5)},
        0.5,
        0.4,
    ),
    (
        "operations/over-promised-delivery",
        "team",
        "risk",
        {**pair("dated_wins", 20), **pair("early_promise_share", 0.3)},
        0.3,
        0.2,
    ),
    ("operations/repeat-rescue", "team", "risk", pair("diversion_events_365d", 4), 4, 3),
    (
        "operations/right-help",
        "account",
        "watch",
        {
            **INCIDENT,
            "incident_mitigated": False,
            "incident_open_bd": 6,
            **pair("incident_silent_bd", 1),
        },
        1,
        None,
    ),
    (
        "operations/role-creep",
        "rep",
        "watch",
        {**CREEP, **pair("side_tasks_weekly", 1.5)},
        1.5,
        None,
    ),
    (
        "pricing/profitless-growth",
        "rep",
        "watch",
        {**GROWN, **pair("won_revenue_growth", 0.2), **pair("below_floor_share", 0.3)},
        300,
        None,
    ),
    (
        "pricing/profitless-growth",
        "rep",
        "pass",
        {
            **GROWN,
            **pair("won_revenue_growth", 0.0),
            **pair("won_contribution_change", -300),
            **pair("below_floor_share", 0.1),
        },
        -300,
        None,
    ),
    (
        "pricing/customer-confirmed-value",
        "deal",
        "risk",
        {**VALUED, **pair("value_confirmed_ratio", 0.0)},
        0.0,
        0,
    ),
    (
        "pricing/untraded-discount",
        "deal",
        "risk",
        {**pair("negotiated_steps", 3), **pair("untraded_steps", 3)},
        3,
        2,
    ),
    (
        "pricing/unprofitable-pursuit",
        "deal",
        "watch",
        {
            "is_open": True,
            "segment_told": True,
            "win_rate_from_stage": 0.6,
            **pair("contribution", 1_000),
            **PURSUED,
        },
        100.0,
        250.0,
    ),
]


@pytest.mark.parametrize(
    ("check", "on", "outcome", "facts", "actual", "expected"),
    FOUND,
    ids=[f"{found[0]} {found[2]}" for found in FOUND],
)
def test_the_limit_that_decided(
    check: str, on: str, outcome: str, facts: dict[str, Any], actual: Any, expected: Any
) -> None:
    """What is judged misses it; where several things can decide, none is named beside the message."""
    if check == "accounts/fit-drift":
        facts = {**facts, **pair("fit_open_deals", 5)}
    assert_verdict(check, None, outcome, on=on, facts=facts, actual=actual, expected=expected)


@pytest.mark.parametrize(("slip", "money"), [(9.1, 14_000_000), (0.0, None), (None, None)])
def test_only_a_likely_slip_delays_money(slip: float | None, money: int | None) -> None:
    """A deal whose owner loses no selling hours, or of whom nobody knows, is not said to be late."""
    busy = {"is_open": True, "owner_sales_role": True, **pair("owner_operations_ratio", 0.5)}
    facts = {**busy, "amount": 14_000_000, "likely_slip_days": slip}
    assert_verdict("operations/diverted-owner", None, "risk", facts=facts, money=money)


def test_hours_that_are_too_few_say_how_many_are_needed() -> None:
    """Of 160 hours of contract 40 are recorded; who owns nothing is no owner of whom hours lack."""
    rows: dict[str, list[dict[str, Any]]] = {
        "people": [{"person_id": "ana", "role": "rep", "weekly_hours": 40.0}],
        "deals": [{"deal_id": "D", "owner_id": "ana"}, {"deal_id": "E"}],
        "time_entries": [
            {"person_id": "ana", "day": dt.date(2025, 5, 5), "hours": 40.0, "category": "selling"}
        ],
    }
    said = facts_of(rows, "rep", "hours_words")["ana"]["hours_words"]
    assert said == "40 of 160 h recorded in 4 weeks, 60% needed"
    words = facts_of(rows, "deal", "owner_hours_words")
    assert words["D"]["owner_hours_words"] == f"owner: {said}"
    assert words["E"]["owner_hours_words"] == "the deal has no owner"
