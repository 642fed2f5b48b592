"""Checks whose rule is monotone: the worse a fact or a cell, the worse the outcome, never the better."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.checks.columns import Columns
from dealreview.model.outcome import Kind, Outcome
from dealreview.testing import review_tables
from dealreview.testing.factories import AS_OF, Rows, deal, together
from tests.plugins.tinyfacts import built_in, judge
from tests.support.drawn import any_value, ordered, parameters
from tests.support.hostile import many

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STEADY = {
    "has_steady_revenue": True,
    "quarters_rated": True,
    "five_quarters_recorded": True,
    "five_quarters_served": True,
}
OPEN = {"is_open": True, "is_snoozed": False}
SILENT = {**OPEN, "meeting_soon": False}
PURSUED = {
    "is_open": True,
    "has_closed_deals": True,
    "win_rate_from_stage": 0.5,
    "contribution_lo": 100_000,
    "contribution_hi": 100_000,
    "external_cost_seen": 0,
    "external_cost_to_go": 0,
}
VALUED = {
    "proposal_reached": True,
    "has_value_items": True,
    "has_comparison": True,
    "customer_price": 100_000,
}
USUAL: dict[str, Any] = {
    "is_first_milestone": False,
    "deal_age_limit_days": 90.0,
    "has_own_deal_age": False,
    "stage_age_base_days": 20.0,
    "engaged_early_min": 2,
    "engaged_min": 3,
    "contribution_lo": 100_000,
    "contribution_hi": 100_000,
    "owner_discount_limit": 0.2,
    "judged_discount": 0.2,
    "approval_state": "none",
    "is_large_deal": False,
    "deal_size_lacks_rate": False,
    "deal_size_rated": True,
    "deal_size_lacks_segment": False,
    "segment_told": True,
    "side_tasks_rising": False,
    "contribution_falls": False,
    "selling_ratio_lo": 0.5,
    "selling_ratio_hi": 0.5,
    "prospecting_ratio_lo": 0.05,
    "prospecting_ratio_hi": 0.05,
}
"""Facts beside the one that moves, with which most rules decide."""
LADDER = [Outcome.STRENGTH, Outcome.PASS, Outcome.WATCH, Outcome.RISK]
"""Outcomes that are decided, the best first."""


@frozen
class Monotone:
    """A fact that a check's outcome only gets worse with.

    Attributes:
        check: The check.
        fact: The fact; of a pair of ends what stands before ``_lo`` and ``_hi``.
        best: Its best value that is tried.
        worst: Its worst one; below the best where a falling fact is the worse one.
        given: Facts under which the check applies.
        kind: Kind of the subject.
    """

    check: str
    fact: str
    best: float
    worst: float
    given: Mapping[str, Any]
    kind: str = "deal"


MONOTONE = [
    Monotone(
        "hygiene/no-activity", "days_since_two_way", 0, 400, {**SILENT, "many_outbound": False}
    ),
    Monotone("hygiene/ghosted", "days_since_two_way", 0, 400, {**SILENT, "many_outbound": True}),
    Monotone("hygiene/close-date-passed", "days_past_close", -90, 400, OPEN),
    Monotone("hygiene/date-pushes", "close_date_pushes", 0, 30, OPEN),
    Monotone("hygiene/deal-age", "deal_age_days", 0, 4000, OPEN),
    Monotone("hygiene/stage-age", "stage_age_days", 0, 600, OPEN),
    Monotone("hygiene/moved-back", "stage_regressions", 0, 12, OPEN),
    Monotone(
        "hygiene/amount-fell",
        "amount_fall",
        -0.5,
        1.0,
        {**OPEN, "quote_out": True, "first_quote_amount": 100},
    ),
    Monotone(
        "hygiene/no-next-meeting",
        "days_to_buyer_meeting",
        1,
        100,
        {**OPEN, "milestone": 4, "has_buyer_meeting": True},
    ),
    Monotone(
        "consensus/nudge-limit", "nudges", 0, 25, {**OPEN, "open_asks_lo": 1, "open_asks_hi": 1}
    ),
    Monotone(
        "consensus/single-champion",
        "engaged_contacts",
        25,
        0,
        {"evaluation_or_later": True, "proposal_reached": True, "employees_recorded": False},
    ),
    Monotone(
        "accounts/deal-fit", "fit_ratio", 1.0, 0.0, {**OPEN, "milestone": 2, "fit_criteria": 20}
    ),
    Monotone(
        "accounts/sliding-profit",
        "contribution_ratio_change",
        1.0,
        -2.0,
        {**STEADY, "has_year_before": True},
        "account",
    ),
    Monotone("operations/time-share", "operations_ratio", 0.0, 1.0, {"sales_role": True}, "rep"),
    Monotone(
        "operations/diverted-owner",
        "owner_operations_ratio",
        0.0,
        1.0,
        {**OPEN, "owner_sales_role": True},
    ),
    Monotone("operations/role-creep", "side_tasks_weekly", 0.0, 60.0, {"sales_role": True}, "rep"),
    Monotone(
        "operations/slow-return",
        "creation_after_return",
        2.0,
        0.0,
        {"is_back": True, "has_return_base": True},
        "rep",
    ),
    Monotone(
        "operations/over-promised-delivery",
        "promise_gap_bd",
        -60,
        300,
        {"proposal_reached": True, "delivery_is_due": True},
    ),
    Monotone(
        "operations/over-promised-delivery",
        "early_promise_share",
        0.0,
        1.0,
        {"dated_wins_lo": 500, "dated_wins_hi": 500},
        "team",
    ),
    Monotone("pricing/payment-terms", "payment_terms_days", 0, 400, {"proposal_reached": True}),
    Monotone("pricing/margin-floor", "contribution_ratio", 1.0, -2.0, {"proposal_reached": True}),
    Monotone(
        "pricing/discount-beyond-authority",
        "judged_discount",
        0.0,
        1.0,
        {"proposal_reached": True, "has_approval": False},
    ),
    Monotone(
        "pricing/discount-beyond-authority",
        "owner_discount_limit",
        1.0,
        0.0,
        {"proposal_reached": True, "has_approval": False},
    ),
    Monotone(
        "pricing/unprofitable-pursuit",
        "pursuit_hours",
        0.0,
        1000.0,
        {**PURSUED, "owner_hourly_cost": 10_000},
    ),
    Monotone(
        "pricing/unprofitable-pursuit",
        "win_rate_from_stage",
        1.0,
        0.0,
        {**PURSUED, "pursuit_hours": 10.0, "owner_hourly_cost": 1_000},
    ),
    Monotone("pricing/buyer-return", "customer_value", 10_000_000, -100_000, VALUED),
    Monotone(
        "pricing/value-exceeds-cost",
        "total_cost",
        1,
        10_000_000,
        {**VALUED, "customer_value": 9_000},
    ),
    Monotone(
        "pricing/customer-confirmed-value",
        "value_confirmed_ratio",
        1.0,
        0.0,
        {"evaluation_or_later": True, "proposal_reached": True, "has_value_items": True},
    ),
    Monotone(
        "accounts/hours-in-poor-fits", "poor_fit_hours_ratio", 0.0, 1.0, {"sales_role": True}, "rep"
    ),
]


def ends(rule: Monotone) -> tuple[str, ...]:
    """Return the facts that make up the one that moves."""
    pair = (f"{rule.fact}_lo", f"{rule.fact}_hi")
    return pair if pair[0] in built_in().fact_types[Kind(rule.kind)] else (rule.fact,)


def values(rule: Monotone) -> st.SearchStrategy[list[float]]:
    """Values of a fact from its best to its worst, as many as two pairs of ends have."""
    low, high = sorted((rule.best, rule.worst))
    whole = built_in().facts[Kind(rule.kind)][ends(rule)[0]].type in {"int", "money"}
    near = st.integers(int(low), int(high)) if whole else st.floats(low, high, allow_nan=False)
    if not whole:
        near = st.one_of(near, st.sampled_from([0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.8]))
    else:
        near = st.one_of(near, st.integers(int(low), min(int(high), int(low) + 120)))
    return st.lists(near, min_size=4, max_size=4).map(sorted)


def named(rule: Monotone) -> str:
    """Return the name of a test."""
    return f"{rule.check}-{rule.kind}-{rule.fact}"


@pytest.mark.parametrize("rule", MONOTONE, ids=named)
def test_both_ends_are_decided(rule: Monotone) -> None:
    """The best value is fine and the worst one a finding, so that there is something to compare."""
    usual = {name: USUAL[name] for name in inputs(rule) & USUAL.keys()}
    found = [
        judge(rule.check, rule.kind, {**usual, **rule.given, **dict.fromkeys(ends(rule), value)})
        for value in (rule.best, rule.worst)
    ]
    assert found[0] in LADDER[:2]
    assert found[1] in LADDER[2:]


@pytest.mark.parametrize("rule", MONOTONE, ids=named)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_worse_fact_is_never_judged_better(rule: Monotone, data: st.DataObject) -> None:
    """Whatever else is known and whatever the limits are, a worse value gives no better outcome."""
    check, facts = built_in().by_id[rule.check], built_in().facts[Kind(rule.kind)]
    params = data.draw(parameters(check), label="parameters")
    other = {
        name: st.one_of(st.just(USUAL[name]), any_value(facts[name].type))
        if name in USUAL
        else any_value(facts[name].type)
        for name in sorted(inputs(rule) - {*ends(rule), *rule.given})
    }
    row = data.draw(st.fixed_dictionaries(other), label="other facts")
    row = {**row, **ordered(row), **rule.given}
    low, *between, high = data.draw(values(rule), label=rule.fact)
    # Two pairs of ends that are one value each, lie apart, or overlap.
    exact, apart = [(low, low), (high, high)], [(low, between[0]), (between[1], high)]
    overlapping = [(low, between[1]), (between[0], high)]
    pairs = list(data.draw(st.sampled_from([exact, apart, overlapping])))
    if rule.worst < rule.best:
        pairs.reverse()
    moved = [
        judge(rule.check, rule.kind, row | dict(zip(ends(rule), pair, strict=False)), **params)
        for pair in pairs
    ]
    if all(outcome in LADDER for outcome in moved):
        assert LADDER.index(moved[0]) <= LADDER.index(moved[1])


def inputs(rule: Monotone) -> set[str]:
    """Return the facts that decide a check."""
    check, kind = built_in().by_id[rule.check], Kind(rule.kind)
    values = {parameter.name: parameter.default for parameter in check.parameters}
    found = check.function(Columns(kind, built_in().fact_types[kind]), **values)
    return set(found.condition_inputs)


# --- cells ---------------------------------------------------------------------------------------


def named_deal(number: int, **given: Any) -> Rows:
    """Return a deal of an account of its own."""
    return deal(f"D{number:02}", account_id=f"A{number:02}", **given)


def with_margin(number: int, percent: int) -> Rows:
    """Return a deal that loses so many percent of its price; below zero it earns them."""
    return named_deal(number, margin=-percent / 100)


def with_discount(number: int, percent: int) -> Rows:
    """Return a deal with a discount that was refused; its owner may give a sixth alone."""
    rows = named_deal(number, discount=percent / 100)
    rows["people"][0]["max_discount_ratio"] = 1 / 6
    refused = {"approval_id": f"Q{number}", "deal_id": f"D{number:02}", "decision": "rejected"}
    rows["approvals"] = [refused | {"requested_on": AS_OF, "decided_on": AS_OF}]
    return rows


def with_terms(number: int, days: int) -> Rows:
    """Return a deal that is paid so many days after the invoice."""
    return named_deal(number, payment_terms_days=days)


def with_expected_close(number: int, days: int) -> Rows:
    """Return a deal that was expected so many days ago."""
    return named_deal(number, expected_close_on=AS_OF - dt.timedelta(days=days))


def with_age(number: int, days: int) -> Rows:
    """Return a deal that was created so many days ago."""
    return named_deal(number, created_on=AS_OF - dt.timedelta(days=days))


def without_people(number: int, missing: int) -> Rows:
    """Return a deal in which all but so many of eight people talk with us."""
    return named_deal(number, engaged=8 - missing)


def with_silence(number: int, days: int) -> Rows:
    """Return a deal whose customer talked with us so many days ago."""
    rows = named_deal(number, engaged=1)
    day = AS_OF - dt.timedelta(days=days)
    rows["activities"][0]["at"] = dt.datetime.combine(day, dt.time(9), dt.UTC)
    return rows


def with_pushes(number: int, pushes: int) -> Rows:
    """Return a deal whose expected close was put off so often, a month each time."""
    rows = named_deal(number)
    days = [AS_OF - dt.timedelta(days=30 * n) for n in range(pushes + 1)]
    rows["deal_changes"] = [
        {
            "change_id": f"{number}-{n}",
            "deal_id": f"D{number:02}",
            "field": "expected_close_on",
            "old_value": f"{days[n + 1]}",
            "new_value": f"{days[n]}",
            "changed_at": f"{AS_OF - dt.timedelta(days=n + 1)}T08:00:00Z",
        }
        for n in range(pushes)
    ]
    return rows


def with_promise(number: int, days: int) -> Rows:
    """Return a deal whose delivery is promised so many days before it is possible."""
    earliest = AS_OF + dt.timedelta(days=120)
    promise = {"delivery_id": f"P{number}", "deal_id": f"D{number:02}", "earliest_on": earliest}
    promise["promised_on"] = earliest - dt.timedelta(days=days)
    promise["promise_made_on"] = AS_OF - dt.timedelta(days=5)
    return {**named_deal(number), "delivery_dates": [promise]}


CELLS: list[tuple[str, Callable[[int, int], Rows], int, int]] = [
    ("pricing/margin-floor", with_margin, -90, 30),
    ("pricing/discount-beyond-authority", with_discount, 0, 90),
    ("pricing/payment-terms", with_terms, 0, 120),
    ("hygiene/close-date-passed", with_expected_close, -60, 60),
    ("hygiene/deal-age", with_age, 0, 500),
    ("consensus/single-champion", without_people, 0, 8),
    ("hygiene/no-activity", with_silence, 0, 60),
    ("hygiene/date-pushes", with_pushes, 0, 6),
    ("operations/over-promised-delivery", with_promise, -30, 90),
]
"""Checks, deals that get worse with a number, and between which numbers."""


@pytest.mark.parametrize(
    ("check", "made", "best", "worst"), CELLS, ids=[check for check, *_rest in CELLS]
)
@many(3)
@given(data=st.data())
def test_a_worse_cell_is_never_judged_better(
    check: str,
    made: Callable[[int, int], Rows],
    best: int,
    worst: int,
    data: st.DataObject,
) -> None:
    """Of deals that differ in one thing, the worse one has no better outcome."""
    drawn = data.draw(st.lists(st.integers(best, worst), min_size=10, max_size=10))
    numbers = sorted([best, *drawn, worst])
    rows = together(*(made(n, number) for n, number in enumerate(numbers)))
    review = review_tables(rows, AS_OF, select=[check])
    cards = [review.scorecard(Kind.DEAL, f"D{n:02}") for n in range(len(numbers))]
    found = [verdict.outcome for card in cards for verdict in card.verdicts]
    steps = [LADDER.index(outcome) for outcome in found]
    assert steps == sorted(steps)
    assert steps[0] < 2 <= steps[-1]
