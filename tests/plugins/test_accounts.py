"""Twelve months of accounts, and all of them together."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import Span, facts_of, verdict

Rows = dict[str, list[dict[str, Any]]]
MONTHS = [dt.date(2024 + (m > 11), m % 12 + 1, 1) for m in range(4, 16)]
TWELVE = ["revenue_12m", "contribution_12m_lo", "contribution_ratio_12m_lo", "known_months_12m"]
ENDS = ["net_revenue_12m", "contribution_12m_lo", "contribution_12m_hi", "recorded_months_12m"]


def ledger(**contribution: int) -> Rows:
    """Return accounts that bring 100 a month each and keep the given share of it."""
    rows: Rows = {"accounts": [{"account_id": key, "is_key": True} for key in contribution]}
    rows["account_months"] = [
        {
            "account_id": account,
            "month": month,
            "revenue_minor": 100,
            "off_invoice_minor": 0,
            "cost_of_goods_minor": 100 - left,
            "currency": "EUR",
        }
        for account, left in contribution.items()
        for month in MONTHS
    ]
    return rows


def test_an_empty_cost_may_be_anything() -> None:
    """The least is open; the most counts it as none, up to two months; nine known ones are too few."""
    rows = ledger(A=30)
    for blanked, expected in ((2, [1200, None, 500, 12]), (3, [None, None, None, 12])):
        for row in rows["account_months"][:blanked]:
            row["cost_of_goods_minor"] = None
        assert list(facts_of(rows, "account", *ENDS)["A"].values()) == expected
    assert facts_of(rows, "account", "unknown_12m")["A"]["unknown_12m"] == (
        "cost of goods in 3 of 12 months"
    )


def test_empty_revenue_leaves_both_ends_open() -> None:
    """Nobody knows how much such a month has brought, nor the year."""
    rows = ledger(A=30)
    rows["account_months"][0]["revenue_minor"] = None
    assert facts_of(rows, "account", "revenue_12m")["A"] == {"revenue_12m": None}
    assert list(facts_of(rows, "account", *ENDS)["A"].values()) == [None, None, None, 12]


@pytest.mark.parametrize("cell", ["off_invoice_minor", "cost_of_goods_minor", "revenue_minor"])
@pytest.mark.parametrize("blanked", range(1, 4))
def test_blanking_cells_never_helps_an_account(cell: str, blanked: int) -> None:
    """A key account that loses money stays a risk or becomes undecided, whichever cells are gone."""
    rows = ledger(A=10)
    for row in rows["account_months"][:blanked]:
        row["cost_of_goods_minor"] = 800
    before = loss(rows)
    assert before == "risk"
    for row in rows["account_months"][:blanked]:
        row[cell] = None
    assert loss(rows) in {before, "insufficient_data"}


def loss(rows: Rows, **options: Any) -> str:
    """Return what the check says about A as a customer of ten years."""
    rows["accounts"][0]["first_revenue_on"] = dt.date(2015, 1, 1)
    check = "accounts/unprofitable-key-account"
    return str(verdict(check, rows, "account", "A", **options))


def test_a_month_is_zero_where_all_of_it_is_recorded() -> None:
    """A feed that ends in the middle of a month, or begins there, says nothing about that month."""
    rows = ledger(A=30)
    del rows["account_months"][-1]
    for last, expected in ((30, [1100, 330, 0.3, 12]), (29, [1100, 330, 0.3, 11])):
        feeds = [Span("account_months", last=dt.date(2025, 4, last))]
        found = facts_of(rows, "account", *TWELVE, feeds=feeds)["A"]
        assert list(found.values()) == expected
    del rows["account_months"][0]
    feeds = [Span("account_months", first=dt.date(2024, 5, 2))]
    assert facts_of(rows, "account", *ENDS, feeds=feeds)["A"]["recorded_months_12m"] == 11


def test_months_of_service_cost_are_recorded_apart() -> None:
    """A month for which service cost is not recorded is left out, not unknown."""
    rows = ledger(A=30)
    rows["service_costs"] = [
        {"account_id": "A", "month": MONTHS[0], "pool": "x", "cost_minor": 5, "currency": "EUR"}
    ]
    feeds = [Span("account_months"), Span("service_costs", last=dt.date(2025, 4, 15))]
    found = facts_of(rows, "account", *ENDS, feeds=feeds)["A"]
    assert list(found.values()) == [1100, 325, 325, 11]


def test_a_month_without_row_is_zero_where_the_feed_covers_it() -> None:
    """Inside what is recorded nothing happened; outside nobody knows."""
    rows = ledger(A=30)
    del rows["account_months"][:4]
    assert list(facts_of(rows, "account", *TWELVE)["A"].values()) == [800, 240, 0.3, 12]
    feeds = [Span("account_months", first=dt.date(2024, 9, 1))]
    assert list(facts_of(rows, "account", *TWELVE, feeds=feeds)["A"].values()) == [
        None,
        None,
        None,
        8,
    ]


def test_service_cost_and_steps_off_the_invoice() -> None:
    """Recorded nowhere, they are left out and the label says so; an empty cell beside others is unknown."""
    rows = ledger(A=30)
    label = "contribution_12m_label"
    for row in rows["account_months"]:
        row["off_invoice_minor"] = None
    found = facts_of(rows, "account", "contribution_12m_lo", label)["A"]
    assert found == {"contribution_12m_lo": 360, label: "contribution before cost to serve"}
    rows["account_months"][0]["off_invoice_minor"] = 10
    assert facts_of(rows, "account", "known_months_12m")["A"]["known_months_12m"] == 1
    rows = ledger(A=30)
    rows["service_costs"] = [
        {"account_id": "A", "month": MONTHS[0], "pool": pool, "cost_minor": 50, "currency": "EUR"}
        for pool in ("support", "returns")
    ]
    found = facts_of(rows, "account", "contribution_12m_lo", label)["A"]
    assert found == {"contribution_12m_lo": 260, label: "contribution"}


def test_months_without_a_rate_are_unknown() -> None:
    """Revenue in another currency counts at a rate near the month, else the month is unknown."""
    rows = ledger(A=30)
    rows["account_months"][0]["currency"] = "USD"
    assert facts_of(rows, "account", *TWELVE)["A"]["known_months_12m"] == 11
    rows["fx_rates"] = [{"currency": "USD", "on_date": dt.date(2024, 4, 30), "rate": 0.5}]
    assert list(facts_of(rows, "account", *TWELVE)["A"].values()) == [1150, 345, 0.3, 12]


def test_what_the_months_come_to() -> None:
    """No business, a loss, nothing, a profit."""
    rows = ledger(A=-1, B=0, C=5)
    rows["accounts"].append({"account_id": "D"})
    found = facts_of(rows, "account", "business_12m", "active_12m")
    assert [row["business_12m"] for row in found.values()] == [
        "loses money",
        "earns nothing",
        "earns money",
        "no business",
    ]
    assert [row["active_12m"] for row in found.values()] == [True, True, True, False]


def test_won_deals_stand_for_months() -> None:
    """Without recorded months, lines of won deals do by closing month; a missing cost is unknown."""
    rows: Rows = {
        "accounts": [{"account_id": "A"}],
        "stages": [{"stage_id": "won", "kind": "won"}],
        "deals": [
            {
                "deal_id": d,
                "account_id": "A",
                "stage_id": "won",
                "created_on": MONTHS[0],
                "closed_on": day,
            }
            for d, day in (
                ("1", dt.date(2024, 6, 3)),
                ("2", dt.date(2024, 6, 9)),
                ("3", dt.date(2025, 5, 2)),
            )
        ],
        "deal_lines": [
            {"line_id": d, "deal_id": d, "invoice_minor": 1000, "cost_minor": 700} for d in "123"
        ],
    }
    found = facts_of(rows, "account", *TWELVE, "months_basis")["A"]
    assert list(found.values()) == [2000, 600, 0.3, 12, "won_deals"]
    rows["deal_lines"][0]["cost_minor"] = None
    assert facts_of(rows, "account", *TWELVE)["A"]["known_months_12m"] == 11


def test_first_revenue() -> None:
    """A first month at the start of the feed is only the latest that the first revenue can be."""
    names = ["first_revenue_days_lo", "first_revenue_days_hi"]
    rows = ledger(A=30)
    assert list(facts_of(rows, "account", *names)["A"].values()) == [380, 380]
    feeds = [Span("account_months", first=MONTHS[0])]
    assert list(facts_of(rows, "account", *names, feeds=feeds)["A"].values()) == [380, None]
    rows["accounts"][0]["first_revenue_on"] = dt.date(2025, 5, 6)
    assert list(facts_of(rows, "account", *names, feeds=feeds)["A"].values()) == [10, 10]
    rows["accounts"][0]["first_revenue_on"] = None
    rows["account_months"] = [{**rows["account_months"][0], "account_id": "B"}]
    assert list(facts_of(rows, "account", *names)["A"].values()) == [None, None]


def test_the_first_month_after_one_that_is_recorded_in_part() -> None:
    """Only a month that is recorded from its first day on shows that there was no business in it."""
    names = ["first_revenue_days_lo", "first_revenue_days_hi"]
    for first, known in ((dt.date(2024, 4, 1), 380), (dt.date(2024, 4, 2), None)):
        feeds = [Span("account_months", first=first)]
        found = facts_of(ledger(A=30), "account", *names, feeds=feeds)["A"]
        assert list(found.values()) == [380, known]


CURVE = ["whale_peak", "whale_total", "whale_peak_ratio", "whale_losing_accounts"]


def curve(rows: Rows, **options: Any) -> list[Any]:
    """Return peak, total, their ratio and the accounts at a loss."""
    return list(facts_of(rows, "pipeline", *CURVE, **options)["pipeline"].values())


def test_curve() -> None:
    """The peak is what the accounts that earn money bring together, at least nothing."""
    assert curve(ledger(A=10, B=-5, C=20, D=0)) == [360, 300, 1.2, ["B"]]
    assert curve(ledger(A=-1, B=-2)) == [0, -36, None, ["A", "B"]]


def test_curve_needs_most_of_the_revenue() -> None:
    """Accounts with unknown cost may hold a fifth of the revenue; with more the curve is unknown."""
    rows = ledger(A=10, B=10, C=10, D=10, E=10)
    for row in rows["account_months"][:12]:
        row["cost_of_goods_minor"] = None
    share = "whale_complete_revenue_share"
    assert facts_of(rows, "pipeline", share)["pipeline"][share] == 0.8
    assert curve(rows) == [480, 480, 1.0, []]
    ends = ["whale_lost_lo", "whale_lost_hi", "whale_total_lo", "whale_total_hi"]
    found = facts_of(rows, "pipeline", *ends)["pipeline"]
    assert list(found.values()) == [0, 2400, 480 + 1200 - 3600, 480 + 1200]
    found = facts_of(rows, "pipeline", *ends, min_complete_share=0.81)["pipeline"]
    assert list(found.values()) == [None] * 4


def test_accounts_left_out_of_the_curve_are_named() -> None:
    """Which they are, and how many, in words; the three worst of those that are known too."""
    rows = ledger(A=10, B=-1, C=-4, D=-2, E=-3)
    rows["account_months"][0]["cost_of_goods_minor"] = None
    names = ["whale_unknown_accounts", "whale_left_out", "whale_worst_accounts"]
    assert list(facts_of(rows, "pipeline", *names)["pipeline"].values()) == [
        ["A"],
        "; 1 account of unknown cost left out",
        ["C", "D", "E"],
    ]


def test_accounts_that_may_do_business() -> None:
    """An account of which nothing is seen and something is unknown may count."""
    rows = ledger(A=10, B=10)
    rows["account_months"] = [
        {
            **row,
            **(
                {"revenue_minor": None, "cost_of_goods_minor": None}
                if row["account_id"] == "B"
                else {}
            ),
        }
        for row in rows["account_months"]
    ]
    rows["accounts"].append({"account_id": "C"})
    names = ["whale_accounts_lo", "whale_accounts_hi"]
    assert list(facts_of(rows, "pipeline", *names)["pipeline"].values()) == [1, 2]


def test_peers() -> None:
    """Twenty accounts make a lowest quarter: a key account under the floor but above it passes."""
    rows = ledger(**{f"A{n:02}": n for n in range(20)})
    found = facts_of(
        rows,
        "account",
        "account_contribution_p25",
        "account_contribution_p75",
        "account_contribution_n",
    )
    assert list(found["A00"].values()) == [0.0475, 0.1425, 20]
    outcomes = [
        verdict("accounts/unprofitable-key-account", rows, "account", f"A{n:02}")
        for n in (0, 4, 5, 19)
    ]
    assert outcomes == ["risk", "watch", "pass", "pass"]


@pytest.mark.parametrize(
    ("accounts", "floor", "said"),
    [
        (20, 0.25, (0.0475, 20, "own history")),
        (
            20,
            0.04,
            (0.04, None, "the fixed floor: your lowest quarter of 20 accounts ends at 4.8%"),
        ),
        (19, 0.25, (0.25, None, "fixed default, n = 19 of 20 needed")),
    ],
)
def test_where_the_limit_comes_from(accounts: int, floor: float, said: tuple[Any, ...]) -> None:
    """A floor under the own lowest quarter is not for want of accounts, and is not called so."""
    rows = ledger(**{f"A{n:02}": n for n in range(accounts)})
    names = [f"key_account_watch_{name}" for name in ("limit", "n", "source")]
    found = facts_of(rows, "account", *names, key_account_floor=floor)["A00"]
    assert tuple(found.values()) == said


def test_without_accounts() -> None:
    """An empty company has no curve and nothing raises."""
    rows: Rows = {"deals": [{"deal_id": "D"}]}
    assert curve(rows) == [0, 0, None, []]
    assert facts_of(rows, "pipeline", "whale_lost_lo")["pipeline"] == {"whale_lost_lo": None}


def test_an_account_without_a_recorded_month_has_no_contribution() -> None:
    """Nothing seen is not nought."""
    rows = ledger(A=10)
    names = ("contribution_seen_12m_lo", "contribution_seen_12m_hi")
    assert None not in facts_of(rows, "account", *names)["A"].values()
    feeds = [Span("account_months", first=dt.date(2025, 5, 1))]
    rows["account_months"] = []
    found = facts_of(rows, "account", *names, feeds=feeds, also=["account_months"])["A"]
    assert list(found.values()) == [None, None]


def test_one_recorded_month_is_seen() -> None:
    """What it contributed is known, of that month."""
    rows = ledger(A=10)
    del rows["account_months"][:-1]
    feeds = [Span("account_months", first=dt.date(2025, 4, 1))]
    names = ("recorded_months_12m", "contribution_seen_12m_hi")
    assert list(facts_of(rows, "account", *names, feeds=feeds)["A"].values()) == [1, 10]
