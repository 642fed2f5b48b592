"""Where nothing but an exchange rate lacks, that is what a check asks for."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.checks.columns import Columns
from dealreview.checks.ladder import decide
from dealreview.checks.parameters import effective
from dealreview.model.outcome import Kind
from tests.plugins.tinyfacts import AS_OF, built_in, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.model.outcome import Outcome

Rows = dict[str, list[dict[str, Any]]]
MARCH = dt.date(2025, 3, 1)
RATE = {"currency": "USD", "on_date": MARCH, "rate": 1.0}
"""With it an amount in the other currency is the same number in the reporting one."""

RANKED = {
    "accounts/special-price-and-service": {"min_peers": 6, "high": 0.5, "top": 0.6},
    "accounts/starved-good-accounts": {"min_accounts": 6, "good": 0.5, "starved": 0.5},
}


def company(random: Random) -> Rows:
    """Return eight accounts with prices, costs, service and hours, all in one currency."""
    names = [f"A{n}" for n in range(8)]
    month = {"month": MARCH, "currency": "EUR"}
    return {
        "accounts": [{"account_id": name} for name in names],
        "account_months": [
            {
                "account_id": name,
                "revenue_minor": random.randint(1, 9) * 10,
                "list_minor": 100,
                "off_invoice_minor": 0,
                "cost_of_goods_minor": random.randint(0, 60),
                **month,
            }
            for name in names
        ],
        "service_costs": [
            {
                "account_id": name,
                "pool": "support",
                "minutes": float(random.randint(0, 9)),
                "cost_minor": random.randint(0, 9),
                **month,
            }
            for name in names
        ],
        "time_entries": [
            {
                "entry_id": name,
                "day": AS_OF,
                "hours": float(random.randint(0, 9)),
                "category": "selling",
                "account_id": name,
            }
            for name in names
        ],
    }


def said(
    check_id: str, rows: Rows, kind: str, **params: Any
) -> dict[str, tuple[Outcome, tuple[str, ...]]]:
    """Return what a check says about each subject, and the cells that are missing."""
    registry = built_in()
    check, on = registry.by_id[check_id], Kind(kind)
    values = effective(check.parameters, params, of=check_id)
    rules = check.function(Columns(kind, registry.fact_types[on]), **values)
    found = facts_of(rows, kind, *rules.condition_inputs)
    decided = {name: decide(rules, row) for name, row in found.items()}
    origins = registry.facts[on]
    return {
        name: (outcome, tuple(sorted({origins[fact].origin or fact for fact in missing})))
        for name, (outcome, missing) in decided.items()
    }


def abroad(rows: Rows, table: str, accounts: Iterable[str]) -> None:
    """Turn the amounts of accounts into another currency."""
    for row in rows[table]:
        if row["account_id"] in accounts:
            row["currency"] = "USD"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("table", ["account_months", "service_costs"])
@pytest.mark.parametrize("check", RANKED)
def test_a_rank_asks_for_the_rates_alone(check: str, table: str, seed: int) -> None:
    """Accounts abroad leave an outcome as it is or open for want of rates; with them it is as before."""
    random = Random(seed)
    rows = company(random)
    before = said(check, rows, "account", **RANKED[check])
    abroad(rows, table, random.sample([row["account_id"] for row in rows["accounts"]], 2))
    for name, (outcome, missing) in said(check, rows, "account", **RANKED[check]).items():
        assert (outcome, missing) == before[name] or missing == ("fx_rates",), name
    assert said(check, rows | {"fx_rates": [RATE]}, "account", **RANKED[check]) == before


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("table", ["account_months", "service_costs"])
def test_the_curve_asks_for_the_rates_alone(table: str, seed: int) -> None:
    """So does the curve of all accounts."""
    random = Random(seed)
    rows = company(random)
    params = {"min_accounts": 7}
    [before] = said("accounts/whale-curve", rows, "pipeline", **params).values()
    abroad(rows, table, random.sample([row["account_id"] for row in rows["accounts"]], 2))
    [found] = said("accounts/whale-curve", rows, "pipeline", **params).values()
    assert found == before or found[1] == ("fx_rates",)
    again = said("accounts/whale-curve", rows | {"fx_rates": [RATE]}, "pipeline", **params)
    assert list(again.values()) == [before]


@pytest.mark.parametrize("check", [*RANKED, "accounts/whale-curve"])
def test_an_empty_cell_beside_it_is_asked_for(check: str) -> None:
    """Where another account lacks the amount itself, rates are not all that lacks."""
    on = "account" if check in RANKED else "pipeline"
    rows = company(Random(1))
    abroad(rows, "account_months", ["A0"])
    rows["account_months"][1] |= {"revenue_minor": None}
    params = RANKED.get(check, {"min_accounts": 7}) | (
        {"min_peers": 7} if "special" in check else {}
    )
    found = said(check, rows, on, **params)
    judged = {name: cells for name, (_, cells) in found.items() if cells and name != "A0"}
    assert judged
    assert all("fx_rates" not in cells for cells in judged.values())


def test_the_size_of_a_deal_asks_for_the_rate() -> None:
    """Three people are enough or not by the deal's size, which only a rate tells."""
    stages = [
        {"stage_id": "o", "kind": "open", "milestone": 4},
        {"stage_id": "w", "kind": "won"},
    ]
    shared = {"account_id": "A", "created_on": dt.date(2024, 1, 1), "currency": "EUR"}
    won = {**shared, "stage_id": "w", "closed_on": MARCH, "amount_minor": 100}
    contacts = [{"contact_id": f"c{n}", "account_id": "A"} for n in range(3)]
    rows: Rows = {
        "stages": stages,
        "accounts": [{"account_id": "A"}],
        "contacts": contacts,
        "deals": [
            {**shared, "deal_id": "D", "stage_id": "o", "amount_minor": 50, "currency": "USD"},
            *({**won, "deal_id": f"W{n}"} for n in range(20)),
        ],
        "activities": [
            {
                "activity_id": "1",
                "deal_id": "D",
                "kind": "meeting",
                "status": "held",
                "at": dt.datetime(2025, 5, 9, 10, tzinfo=dt.UTC),
            }
        ],
        "activity_attendees": [
            {"activity_id": "1", "attendee_id": f"c{n}", "side": "buyer"} for n in range(3)
        ],
    }
    found = said("consensus/single-champion", rows, "deal")["D"]
    assert (str(found[0]), found[1]) == ("insufficient_data", ("fx_rates",))
    near = {**RATE, "on_date": AS_OF}
    assert (
        str(said("consensus/single-champion", rows | {"fx_rates": [near]}, "deal")["D"][0])
        == "pass"
    )
    rows["deals"][0]["amount_minor"] = None
    found = said("consensus/single-champion", rows, "deal")["D"]
    assert (str(found[0]), found[1]) == ("insufficient_data", ("deals.amount_minor",))
