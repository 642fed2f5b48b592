"""Prices from list to pocket, costs, contribution."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.tinyfacts import SINCE, Span, facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Rows = dict[str, list[dict[str, Any]]]
CREATED = dt.date(2025, 2, 3)
LINE = {"line_id": "L", "deal_id": "D", "list_minor": 1000, "invoice_minor": 900, "cost_minor": 400}
PRICES = ["list_price", "invoice_price", "customer_price", "pocket_price", "pocket_price_hi"]


def deal(*lines: dict[str, Any], steps: list[dict[str, Any]] | None = None, **cells: Any) -> Rows:
    """Return a deal D with its lines and price steps."""
    rows: Rows = {"deals": [{"deal_id": "D", "account_id": "A", "created_on": CREATED, **cells}]}
    rows["deal_lines"] = [
        {"line_id": str(n), "deal_id": "D", **line} for n, line in enumerate(lines)
    ]
    if steps is not None:
        day = dt.date(2025, 4, 4)
        rows["price_steps"] = [
            {"step_id": str(n), "deal_id": "D", "given_on": day, **step}
            for n, step in enumerate(steps)
        ]
    return rows


def prices(rows: Rows, **options: Any) -> list[int | None]:
    """Return list, invoice, customer and pocket price, and the most that the last can be."""
    return list(facts_of(rows, "deal", *PRICES, **options)["D"].values())


def test_steps() -> None:
    """Rebates lower what the customer pays; every step off the invoice lowers what we keep."""
    steps = [
        {"kind": "negotiated", "amount_minor": 100},
        {"kind": "rebate", "amount_minor": 30},
        {"kind": "other", "place": "off_invoice", "amount_minor": 20},
    ]
    assert prices(deal(LINE, steps=steps)) == [1000, 900, 870, 850, 850]
    unpriced = {**LINE, "invoice_minor": None}
    assert prices(deal(unpriced, steps=steps)) == [1000, 900, 870, 850, 850]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"kind": "free_service", "amount_minor": 30}, {"kind": "rebate", "amount_minor": 9}], 30),
        ([{"kind": "rebate", "amount_minor": None}], 0),
        ([{"kind": "free_service", "amount_minor": None}], None),
        ([{"kind": "free_service", "amount_minor": 30}, {"kind": None, "amount_minor": 9}], None),
    ],
    ids=["some", "none", "unknown amount", "unknown kind"],
)
def test_free_services(steps: list[dict[str, Any]], expected: int | None) -> None:
    """Services given away are added up by themselves; what may be one leaves the sum unknown."""
    assert facts_of(deal(LINE, steps=steps), "deal", "free_services")["D"] == {
        "free_services": expected
    }
    assert facts_of(deal(LINE), "deal", "free_services")["D"] == {"free_services": None}


def test_period_over_the_horizon() -> None:
    """One-off amounts count once, recurring ones over the horizon; the sum is rounded once."""
    lines = [
        {"invoice_minor": 100, "period": "one_off"},
        {"invoice_minor": 10, "period": "month"},
        {"invoice_minor": 7, "period": "quarter"},
        {"invoice_minor": 1, "period": "year"},
    ]
    assert prices(deal(*lines, term_months=14))[1] == 100 + 140 + 33 + 1
    assert prices(deal(*lines, term_months=14, value_horizon_months=24))[1] == 100 + 240 + 56 + 2
    assert prices(deal(*lines, term_months=0))[1] == 100 + 120 + 28 + 1


@pytest.mark.parametrize("cell", ["list_minor", "invoice_minor", "cost_minor"])
def test_an_unknown_cell_makes_its_sum_unknown(cell: str) -> None:
    """A line with an empty cell is never counted as zero."""
    name = {
        "list_minor": "list_price",
        "invoice_minor": "invoice_price",
        "cost_minor": "cost_of_goods",
    }[cell]
    rows = deal(LINE, {**LINE, cell: None}, amount_minor=5000)
    assert facts_of(rows, "deal", name)["D"][name] is None


def test_steps_recorded_nowhere() -> None:
    """Without any price step in the database, pocket price is invoice price, and says so."""
    found = facts_of(deal(LINE), "deal", "pocket_price", "pocket_basis")["D"]
    assert found == {"pocket_price": 900, "pocket_basis": "invoice_no_steps"}


def test_steps_not_recorded_for_the_window() -> None:
    """Steps that were seen lower the most that can be kept; the rest is unknown."""
    rows = deal(LINE, steps=[{"kind": "freight", "amount_minor": 50}])
    feeds = [Span("price_steps", first=dt.date(2025, 4, 1))]
    assert prices(rows, feeds=feeds) == [1000, 900, None, None, 850]
    rows["price_steps"][0]["amount_minor"] = None
    assert prices(rows, feeds=[Span("price_steps")]) == [1000, 900, 900, None, 900]


def test_steps_that_end_a_little_early() -> None:
    """Steps recorded to 14 days before the day are read at their last day, which is said."""
    rows = deal(LINE, steps=[{"kind": "freight", "amount_minor": 50}])
    for last, price, words in (
        (14, 850, ""),
        (2, 850, "; as of 2 May 2025, the last day recorded"),
        (1, None, ""),
    ):
        feeds = [Span("price_steps", last=dt.date(2025, 5, last))]
        found = facts_of(rows, "deal", "pocket_price", "prices_as_of", feeds=feeds)["D"]
        assert list(found.values()) == [price, words]


def test_lines_without_cost_are_named() -> None:
    """The cells to fill in."""
    rows = deal(LINE, {**LINE, "cost_minor": None, "line_id": "second"})
    names = ["lines_without_cost", "contribution_unknown"]
    assert list(facts_of(rows, "deal", *names)["D"].values()) == [["second"], "cost of goods"]


def test_steps_without_dates() -> None:
    """Steps that carry no date come whole or not at all."""
    rows = deal(LINE, steps=[{"kind": "freight", "amount_minor": 50, "given_on": None}])
    assert prices(rows, feeds=[])[3:] == [850, 850]


def test_a_step_of_unknown_place() -> None:
    """Nobody knows whether the invoice shows it: what we keep is unknown, the most is not."""
    assert prices(deal(LINE, steps=[{"kind": "other", "amount_minor": 50}])) == [
        1000,
        900,
        None,
        None,
        900,
    ]


def test_amount_without_lines() -> None:
    """An amount stands for all prices; list price and cost are unknown."""
    rows = deal(amount_minor=700)
    rows["deal_lines"] = [{**LINE, "deal_id": "another"}]
    found = facts_of(rows, "deal", *PRICES, "cost_of_goods", "pocket_basis", "has_lines")["D"]
    assert list(found.values()) == [None, 700, 700, 700, 700, None, "amount_no_lines", False]


def test_discount_ratio() -> None:
    """Unknown where it makes no sense: no list price, or far outside of what people give."""
    for listed, invoiced, expected in (
        (1000, 900, 0.1),
        (0, 0, None),
        (1000, 1600, None),
        (1000, 1100, -0.1),
    ):
        rows = deal({"list_minor": listed, "invoice_minor": invoiced})
        assert facts_of(rows, "deal", "discount_ratio")["D"]["discount_ratio"] == expected


WEIGHED = ["contribution_lo", "contribution_hi", "contribution_ratio_lo", "contribution_ratio_hi"]


def weighed(rows: Rows, **options: Any) -> list[Any]:
    """Return contribution and its ratio at worst and at best, and what to call it."""
    return list(facts_of(rows, "deal", *WEIGHED, "contribution_label", **options)["D"].values())


def test_contribution() -> None:
    """An unknown cost to serve leaves the least open; where it is recorded nowhere, it is left out."""
    assert weighed(deal(LINE, cost_to_serve_minor=50)) == [450, 450, 0.5, 0.5, "contribution"]
    also = ["deals.cost_to_serve_minor"]
    ratio = round(500 / 900, 9)
    assert weighed(deal(LINE), also=also) == [None, 500, None, ratio, "contribution at most"]
    assert weighed(deal(LINE)) == [500, 500, ratio, ratio, "contribution before cost to serve"]


def test_contribution_with_unknown_or_higher_cost() -> None:
    """An unknown cost of goods leaves nothing known; a loss is called one; a price of zero has no ratio."""
    unknown = {**LINE, "cost_minor": None}
    assert weighed(deal(unknown, cost_to_serve_minor=50)) == [
        None,
        None,
        None,
        None,
        "contribution",
    ]
    free = {**LINE, "invoice_minor": 0}
    label = "loses money: contribution"
    assert weighed(deal(free, cost_to_serve_minor=50)) == [-450, -450, None, None, label]


def months(account: str, count: int, **cells: Any) -> list[dict[str, Any]]:
    """Return the last months before May 2025."""
    days = [dt.date(2024 + (m > 11), m % 12 + 1, 1) for m in range(4, 16)][-count:]
    return [{"account_id": account, "month": day, "currency": "EUR", **cells} for day in days]


def served(rows: Rows, feeds: Sequence[Span] | None = None) -> dict[str, Any]:
    """Return what D costs to serve, and where the figure comes from."""
    return facts_of(rows, "deal", "cost_to_serve", "cost_to_serve_basis", feeds=feeds)["D"]


def test_cost_to_serve_from_the_account() -> None:
    """Pocket price × service cost ÷ revenue of 12 months; an estimate of the deal wins."""
    rows = deal(LINE)
    rows["account_months"] = months("A", 12, revenue_minor=1000)
    rows["service_costs"] = months("A", 12, cost_minor=100)
    assert served(rows) == {"cost_to_serve": 90, "cost_to_serve_basis": "account"}
    rows["deals"][0]["cost_to_serve_minor"] = 7
    assert served(rows) == {"cost_to_serve": 7, "cost_to_serve_basis": "estimate"}


def test_ten_recorded_months_show_what_service_costs() -> None:
    """Months before the record began are left out, up to two of them."""
    rows = deal(LINE)
    for count, cost in ((10, 90), (9, None)):
        rows["account_months"] = months("A", count, revenue_minor=1000)
        rows["service_costs"] = months("A", count, cost_minor=100)
        begun = rows["account_months"][0]["month"]
        feeds = [Span(table, first=begun) for table in ("account_months", "service_costs")]
        assert served(rows, feeds)["cost_to_serve"] == cost


def test_an_empty_month_hides_what_service_costs() -> None:
    """A cell that was left empty is not averaged over: it may be the one that costs."""
    rows = deal(LINE)
    rows["account_months"] = months("A", 12, revenue_minor=1000)
    rows["service_costs"] = months("A", 12, cost_minor=100)
    rows["service_costs"][3]["cost_minor"] = None
    assert served(rows) == {"cost_to_serve": None, "cost_to_serve_basis": None}


def test_no_average_in_place_of_an_estimate_that_others_have() -> None:
    """Where open deals are estimated an open deal without estimate is unknown; won ones don't count."""
    rows = deal(LINE)
    rows["account_months"] = months("A", 12, revenue_minor=1000)
    rows["service_costs"] = months("A", 12, cost_minor=100)
    rows["stages"] = [{"stage_id": "won", "kind": "won"}]
    closed = {"stage_id": "won", "closed_on": dt.date(2025, 5, 1), "cost_to_serve_minor": 5}
    first = {**rows["deals"][0], **dict.fromkeys(closed)}
    rows["deals"] = [first, {**first, **closed, "deal_id": "W"}]
    assert served(rows)["cost_to_serve_basis"] == "account"
    rows["deals"].append({**first, "deal_id": "E", "cost_to_serve_minor": 5})
    assert served(rows) == {"cost_to_serve": None, "cost_to_serve_basis": None}


def neighbours(count: int) -> Rows:
    """Return a deal D of an account without costs, and open deals of others in its segment."""
    rows = deal(LINE)
    rows["account_months"], rows["service_costs"], rows["accounts"] = [], [], [{"account_id": "A"}]
    for n in range(1, count + 1):
        account = f"N{n:02}"
        rows["accounts"].append({"account_id": account})
        rows["deals"].append({"deal_id": account, "account_id": account, "created_on": CREATED})
        rows["account_months"] += months(account, 12, revenue_minor=100)
        rows["service_costs"] += months(account, 12, cost_minor=n)
    return rows


def test_cost_to_serve_from_the_segment() -> None:
    """Without any of its own: pocket price × the median of ten accounts of the segment."""
    names = ["cost_to_serve", "cost_to_serve_basis", "cost_to_serve_n"]
    feeds = [Span("account_months", first=dt.date(2024, 5, 1)), Span("price_steps")]
    rows = neighbours(10)
    usual = {"cost_to_serve": 50, "cost_to_serve_basis": "segment", "cost_to_serve_n": 10}
    for buckets in (1, 3):
        assert facts_of(rows, "deal", *names, feeds=feeds, buckets=buckets)["D"] == usual
    few = facts_of(neighbours(9), "deal", *names, feeds=feeds)["D"]
    assert few == {"cost_to_serve": None, "cost_to_serve_basis": None, "cost_to_serve_n": 9}
    for segment in ("other", None):
        placed = [{**account, "segment": "one"} for account in rows["accounts"]]
        placed[1]["segment"] = segment
        found = facts_of({**rows, "accounts": placed}, "deal", *names, feeds=feeds)["D"]
        assert found == few
    rows = neighbours(10)
    rows["deals"][0]["closed_on"] = dt.date(2025, 5, 2)
    assert facts_of(rows, "deal", *names, feeds=feeds)["D"]["cost_to_serve"] is None


def test_a_closed_deal_reads_the_months_before_its_closing() -> None:
    """Twelve months end with the month before the closing day, not before the review."""
    rows = deal(LINE, stage_id="won", created_on=SINCE, closed_on=dt.date(2024, 5, 20))
    rows["stages"] = [{"stage_id": "won", "kind": "won"}]
    rows["account_months"] = [*months("A", 12, revenue_minor=1000)]
    rows["service_costs"] = [*months("A", 12, cost_minor=100)]
    early = {"account_id": "A", "month": dt.date(2024, 4, 1), "currency": "EUR"}
    rows["account_months"].append({**early, "revenue_minor": 1000})
    rows["service_costs"].append({**early, "cost_minor": 500})
    assert facts_of(rows, "deal", "cost_to_serve")["D"]["cost_to_serve"] == 450


def test_own_percentile() -> None:
    """Won deals of the same pipeline and segment, else of the pipeline, from 20 on; lost ones never.

    A closed deal is measured against what was won before its month.
    """
    rows: Rows = {
        "deals": [],
        "deal_lines": [],
        "stages": [{"stage_id": s, "kind": s} for s in ("open", "won", "lost")],
    }
    rows["accounts"] = [
        {"account_id": "A", "segment": "mid"},
        {"account_id": "B", "segment": "big"},
    ]
    for n in range(21):
        stage, account = ("lost", "B") if n == 20 else ("won", "A" if n % 2 else "B")
        key = f"W{n:02}"
        rows["deals"].append(
            {
                "deal_id": key,
                "account_id": account,
                "stage_id": stage,
                "closed_on": dt.date(2025, 3, 1),
                "created_on": SINCE,
            }
        )
        rows["deal_lines"].append(
            {"line_id": key, "deal_id": key, "invoice_minor": 100, "cost_minor": 100 - n}
        )
    rows["deals"].append(
        {"deal_id": "O", "account_id": "B", "stage_id": "open", "created_on": SINCE}
    )
    names = ["own_contribution_ratio_p75", "own_contribution_ratio_n"]
    wide = facts_of(rows, "deal", *names)["O"]
    assert wide == {"own_contribution_ratio_p75": 0.1425, "own_contribution_ratio_n": 20}
    near = facts_of(rows, "deal", *names, strength_min_n=10)["O"]
    assert near == {"own_contribution_ratio_p75": 0.135, "own_contribution_ratio_n": 10}
    few = facts_of(rows, "deal", *names, strength_min_n=30)["O"]
    assert few == {"own_contribution_ratio_p75": None, "own_contribution_ratio_n": 20}
    closed = facts_of(rows, "deal", *names)["W00"]
    assert closed == {"own_contribution_ratio_p75": None, "own_contribution_ratio_n": 0}
