"""Accounts among each other: prices, service and attention."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pytest

from dealreview.checks.columns import Columns
from dealreview.checks.ladder import decide
from dealreview.checks.parameters import effective
from dealreview.engine.config import Config
from dealreview.model.outcome import Kind
from dealreview.testing import review_tables
from tests.plugins.tinyfacts import AS_OF, Span, built_in, facts_of

Rows = dict[str, list[dict[str, Any]]]
MARCH = dt.date(2025, 3, 1)
OWN = ["realised_discount_12m", "service_minutes_per_1000", "has_revenue_12m"]


def ledger(**accounts: tuple[int | None, int | None, float | None]) -> Rows:
    """Return accounts with revenue, list price and service minutes of one month."""
    return {
        "accounts": [{"account_id": name} for name in accounts],
        "account_months": [
            {
                "account_id": name,
                "month": MARCH,
                "revenue_minor": revenue,
                "list_minor": listed,
                "currency": "EUR",
            }
            for name, (revenue, listed, _) in accounts.items()
        ],
        "service_costs": [
            {"account_id": name, "month": MARCH, "pool": "support", "minutes": minutes}
            for name, (*_, minutes) in accounts.items()
        ],
    }


def own(rows: Rows, **options: Any) -> list[Any]:
    """Return discount, service time and whether there is revenue of A."""
    one, three = (facts_of(rows, "account", *OWN, buckets=b, **options)["A"] for b in (1, 3))
    assert one == three
    return list(one.values())


def test_discount_and_service_time() -> None:
    """Over 12 months, in minutes per thousand of a currency with cents."""
    assert own(ledger(A=(80_000, 100_000, 20.5))) == [0.2, 25.625, True]


def test_an_empty_cell_is_unknown() -> None:
    """One month of unknown list, revenue or minutes leaves the number of the year unknown."""
    others = {"B": (1, 1, 1.0)}
    assert own(ledger(A=(80_000, None, 20.0), **others)) == [None, 25.0, True]
    assert own(ledger(A=(80_000, 100_000, None), **others)) == [0.2, None, True]
    assert own(ledger(A=(None, 100_000, 20.0), **others)) == [None, None, None]


def test_without_revenue() -> None:
    """No revenue in what is recorded throughout is none; a list of zero makes no discount."""
    assert own(ledger(A=(0, 0, 5.0))) == [None, None, False]
    rows = ledger(A=(80_000, 100_000, 20.0))
    feeds = [Span("account_months", first=dt.date(2024, 8, 1)), Span("service_costs")]
    assert own(rows, feeds=feeds) == [None, None, None]


def test_list_prices_of_won_deals() -> None:
    """Where no list is invoiced, that of won deals is held against their invoice price."""
    rows = ledger(A=(80_000, None, 20.0))
    rows["account_months"] = []
    rows["stages"] = [{"stage_id": "w", "kind": "won"}]
    deal = {"deal_id": "D", "account_id": "A", "stage_id": "w", "closed_on": MARCH}
    rows["deals"] = [{**deal, "created_on": dt.date(2023, 1, 1), "currency": "EUR"}]
    rows["deal_lines"] = [
        {"line_id": "1", "deal_id": "D", "list_minor": 100_000, "invoice_minor": 90_000}
    ]
    assert own(rows)[0] == 0.1
    rows["deals"][0]["currency"] = "USD"
    assert own(rows)[0] is None
    rows["fx_rates"] = [{"currency": "USD", "on_date": MARCH, "rate": 2.0}]
    assert own(rows)[0] == 0.1


def test_accounts_of_other_segments_are_no_peers() -> None:
    """Ranks are those among accounts with revenue of the same segment, unknown ones both ways."""
    rows = ledger(
        A=(80, 100, 9.0), B=(90, 100, 1.0), C=(85, None, 1.0), D=(0, 0, 1.0), E=(1, 100, 99.0)
    )
    for account, segment in zip(rows["accounts"], ["port"] * 4 + ["public"], strict=True):
        account["segment"] = segment
    names = ["discount_rank_lo", "discount_rank_hi", "service_peers_lo", "service_peers_hi"]
    found = facts_of(rows, "account", *names)
    assert list(found["A"].values()) == [0.5, 1.0, 2, 3]
    assert list(found["B"].values()) == [0.0, 0.5, 2, 3]
    assert list(found["C"].values()) == [None, None, 2, 3]
    assert list(found["D"].values()) == [None, None, 0, 0]
    assert list(found["E"].values()) == [None, None, 1, 1]


def test_an_account_of_an_unknown_segment_may_lie_anywhere() -> None:
    """It is measured against nobody, and nobody against it; the largest segment may be its own."""
    rows = ledger(A=(80, 100, 9.0), B=(90, 100, 1.0), C=(85, 100, 1.0), D=(None, 100, 2.0))
    names = ["discount_rank_lo", "discount_rank_hi", "service_peers_lo", "service_peers_hi"]
    told = "segment_told"
    for account in rows["accounts"][1:3]:
        account["segment"] = "port"
    found = facts_of(rows, "account", *names, told, "service_peers_told")
    unplaced = "its segment is unknown, and the largest has 3 accounts with it"
    assert list(found["A"].values()) == [0.0, 1.0, 0, 3, None, unplaced]
    assert list(found["B"].values())[:5] == [0.0, 0.0, 2, 2, True]
    assert list(found["D"].values()) == [None, None, 0, 3, None, unplaced]


@pytest.mark.parametrize("others", [None, "port"])
def test_an_emptied_segment_does_not_end_the_check(others: str | None) -> None:
    """The account that was at risk is undecided for want of its segment, if others have one."""
    rows = ledger(**{f"P{n:02}": (10_000 - 100 * n, 10_000, 1.0 + n) for n in range(13)})
    rows["accounts"] = [{**account, "segment": others} for account in rows["accounts"]]
    rows["accounts"][12]["segment"] = None
    feeds = ("account_months", "service_costs")
    rows["feeds"] = [
        {
            "table_name": name,
            "scope": "all",
            "covers_from": dt.date(2023, 1, 1),
            "covers_to": AS_OF,
        }
        for name in feeds
    ]
    config = Config(select=("accounts/special-price-and-service",), facts={"min_known_months": 1})
    review = review_tables(rows, AS_OF, config=config)
    (verdict,) = review.scorecard(Kind.ACCOUNT, "P12").verdicts
    expected = ("risk", ()) if others is None else ("insufficient_data", ("accounts.segment",))
    assert (verdict.outcome, verdict.missing) == expected


ATTENTION = ["attention_90d_lo", "attention_90d_hi", "attention_measure"]


def entries(*spent: tuple[dt.date, float | None, str | None, str | None, str | None]) -> Rows:
    """Return accounts A and B, a deal of A, and hours by day, category, account and deal."""
    return {
        "accounts": [{"account_id": "A"}, {"account_id": "B"}],
        "deals": [{"deal_id": "D", "account_id": "A"}],
        "time_entries": [
            {
                "entry_id": str(n),
                "person_id": "ana",
                "day": day,
                "hours": hours,
                "category": category,
                "account_id": account,
                "deal_id": deal,
            }
            for n, (day, hours, category, account, deal) in enumerate(spent)
        ],
    }


def attention(rows: Rows, **options: Any) -> list[list[Any]]:
    """Return the attention of all accounts."""
    found = facts_of(rows, "account", *ATTENTION, **options)
    return [list(row.values()) for row in found.values()]


def test_hours_of_accounts() -> None:
    """Selling and care of 90 days, by the account or the deal's; no category may be either."""
    day = dt.date(2025, 5, 1)
    rows = entries(
        (day, 2.0, "selling", None, "D"),
        (day, 1.5, "account_care", "A", None),
        (day, 3.0, "internal", "A", None),
        (day, 0.5, None, "A", None),
        (AS_OF - dt.timedelta(days=90), 4.0, "selling", "A", None),
        (AS_OF - dt.timedelta(days=89), 1.0, "selling", "B", None),
    )
    assert attention(rows) == [[3.5, 4.0, "hours"], [1.0, 1.0, "hours"]]
    rows["time_entries"][1]["hours"] = None
    assert attention(rows)[0] == [2.0, None, "hours"]
    short = [Span("time_entries", first=dt.date(2025, 3, 1))]
    assert attention(rows, feeds=short)[1] == [1.0, None, "hours"]


def test_hours_that_hardly_name_an_account_are_no_measure() -> None:
    """Then two-way events are counted, once each, whether they name a deal or the account."""
    day = dt.date(2025, 5, 1)
    rows = entries((day, 2.0, "selling", None, "D"), (day, 2.1, "selling", None, None))
    rows["contacts"] = [{"contact_id": "a", "account_id": "A"}]
    talk = {"kind": "meeting", "status": "held", "at": dt.datetime(2025, 5, 2, 9, tzinfo=dt.UTC)}
    rows["activities"] = [
        {"activity_id": "1", "account_id": "A", "deal_id": "D", **talk},
        {"activity_id": "2", "account_id": "A", "deal_id": None, **talk},
        {"activity_id": "3", "account_id": "A", "deal_id": None, **talk, "status": "no_show"},
        {"activity_id": "4", "account_id": "A", "deal_id": None, **talk},
    ]
    rows["activity_attendees"] = [
        {"activity_id": n, "attendee_id": "a", "side": "buyer", "attended": True} for n in "123"
    ]
    assert attention(rows) == [[2.0, 3.0, "events"], [0.0, 0.0, "events"]]
    words = facts_of(rows, "account", "attention_words")
    assert [row["attention_words"] for row in words.values()] == [
        "2 to 3 two-way events",
        "0 two-way events",
    ]


WORTH = {"risk": 0.0, "insufficient_data": 0.0, "watch": 0.5, "pass": 1.0}


def outcomes(check_id: str, rows: Rows, **params: Any) -> dict[str, str]:
    """Return what a check says about every account."""
    check = built_in().by_id[check_id]
    types = built_in().fact_types[Kind.ACCOUNT]
    values = effective(check.parameters, params, of=check_id)
    rules = check.function(Columns("account", types), **values)
    found = facts_of(rows, "account", *rules.condition_inputs)
    return {name: str(decide(rules, row)[0]) for name, row in found.items()}


def crowd(random: Random) -> Rows:
    """Return eight accounts with prices, costs, service minutes and hours."""
    rows = ledger(
        **{f"A{n}": (random.randint(1, 9) * 10, 100, float(random.randint(0, 9))) for n in range(8)}
    )
    for row in rows["account_months"]:
        row["cost_of_goods_minor"] = random.randint(0, 9)
    spent = [(f"A{n}", float(random.randint(0, 9))) for n in range(8)]
    rows["time_entries"] = [
        {
            "entry_id": name,
            "day": dt.date(2025, 5, 1),
            "hours": hours,
            "category": "selling",
            "account_id": name,
        }
        for name, hours in spent
    ]
    return rows


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("check", "params", "cells"),
    [
        (
            "accounts/special-price-and-service",
            {"min_peers": 6, "high": 0.5, "top": 0.6},
            [("account_months", "list_minor"), ("service_costs", "minutes")],
        ),
        (
            "accounts/starved-good-accounts",
            {"min_accounts": 6, "good": 0.5, "starved": 0.5},
            [("account_months", "cost_of_goods_minor"), ("time_entries", "hours")],
        ),
    ],
)
def test_blanking_a_cell_of_any_account_never_helps_one(
    check: str, params: dict[str, Any], cells: list[tuple[str, str]], seed: int
) -> None:
    """An unknown peer is weighed below and above, so no account passes or drops out for it."""
    random = Random(seed)
    rows = crowd(random)
    before = outcomes(check, rows, **params)
    table, column = random.choice([*cells, ("account_months", "revenue_minor")])
    random.choice(rows[table])[column] = None
    after = outcomes(check, rows, **params)
    for account, outcome in before.items():
        if outcome != "not_applicable":
            assert WORTH[after[account]] <= WORTH[outcome], account
