"""Growth in what is won against what it earns, and what people are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import AS_OF, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
NOW, YEAR_AGO, BEFORE = dt.date(2025, 1, 10), dt.date(2024, 1, 10), dt.date(2024, 7, 10)
GROWTH = ["won_revenue_growth", "won_contribution_change", "won_contribution_growth"]
THIN = ["below_floor_share_lo", "below_floor_share_hi"]
SINCE_2022 = [Span("deals", first=dt.date(2022, 1, 1)), Span("price_steps")]


def company() -> Rows:
    """Return a team of Ana, Ben and the leader Eva."""
    return {
        "teams": [{"team_id": "north", "leader_id": "eva"}],
        "people": [
            {"person_id": "ana", "role": "rep", "team_id": "north"},
            {"person_id": "ben", "role": "rep", "team_id": "north"},
            {"person_id": "eva", "role": "manager"},
        ],
        "stages": [{"stage_id": "won", "kind": "won"}],
        "deals": [],
        "deal_lines": [],
    }


def win(
    rows: Rows, owner: str, day: dt.date, price: int | None, cost: int | None, **deal: Any
) -> None:
    """Add a won deal."""
    key = f"W{len(rows['deals'])}"
    own = {
        "account_id": "A",
        "stage_id": "won",
        "closed_on": day,
        "created_on": day,
        "currency": "EUR",
    }
    rows["deals"].append({"deal_id": key, "owner_id": owner, **own, **deal})
    rows["deal_lines"].append(
        {
            "line_id": key,
            "deal_id": key,
            "list_minor": price,
            "invoice_minor": price,
            "cost_minor": cost,
        }
    )


def grown(rows: Rows, kind: str = "rep", who: str = "ana", **options: Any) -> list[Any]:
    """Return growth of revenue, change and growth of contribution."""
    options = {"feeds": SINCE_2022, **options}
    return list(facts_of(rows, kind, *GROWTH, **options)[who].values())


def test_a_year_earlier() -> None:
    """The quarters of October to March against the same of the year before, whatever lay between."""
    rows = company()
    win(rows, "ana", NOW, 120, 60)
    win(rows, "ana", YEAR_AGO, 100, 50)
    win(rows, "ana", BEFORE, 1000, 0)
    win(rows, "ana", AS_OF, 1000, 0)
    assert grown(rows) == [0.2, 10, 0.2]


def test_two_quarters_before() -> None:
    """Where deals are not recorded a year back, the two quarters before are compared, and it is said."""
    rows = company()
    win(rows, "ana", NOW, 120, 60)
    win(rows, "ana", BEFORE, 100, 50)
    feeds = [Span("deals", first=dt.date(2024, 4, 1)), Span("price_steps")]
    assert grown(rows, feeds=feeds) == [0.2, 10, 0.2]
    words = facts_of(rows, "rep", "growth_windows_words", feeds=feeds)["ana"]
    assert words == {"growth_windows_words": "the two quarters before"}
    late = [Span("deals", first=dt.date(2024, 4, 2)), Span("price_steps")]
    found = facts_of(rows, "rep", "won_deals_now", "won_deals_before", feeds=late)["ana"]
    assert found == {"won_deals_now": None, "won_deals_before": None}


def test_fiscal_edges() -> None:
    """The first and the last day of the quarters belong to them."""
    rows = company()
    for day in (dt.date(2024, 10, 1), dt.date(2025, 3, 31), dt.date(2025, 4, 1)):
        win(rows, "ana", day, 50, 0)
    win(rows, "ana", dt.date(2023, 10, 1), 50, 0)
    names = ["won_deals_now", "won_deals_before"]
    found = facts_of(rows, "rep", *names, feeds=SINCE_2022)
    assert found["ana"] == {"won_deals_now": 2, "won_deals_before": 1}
    assert found["ben"] == {"won_deals_now": 0, "won_deals_before": 0}


def test_a_loss_before() -> None:
    """The difference is in money; a growth from a loss has no meaning."""
    rows = company()
    win(rows, "ana", NOW, 120, 122)
    win(rows, "ana", YEAR_AGO, 100, 105)
    assert grown(rows) == [0.2, 3, None]


def test_unknown_costs() -> None:
    """Up to a fifth of the revenue may be of unknown contribution, and is then weighed as thin or not."""
    rows = company()
    win(rows, "ana", NOW, 80, 70)
    win(rows, "ana", NOW, 20, None)
    win(rows, "ana", YEAR_AGO, 100, 50)
    assert grown(rows) == [0.0, -40, -0.8]
    assert list(facts_of(rows, "rep", *THIN, feeds=SINCE_2022)["ana"].values()) == [0.8, 1.0]
    win(rows, "ana", NOW, 1, None)
    assert grown(rows) == [None, None, None]


def test_unknown_price() -> None:
    """One deal of unknown price leaves revenue unknown."""
    rows = company()
    win(rows, "ana", NOW, 120, 60)
    win(rows, "ana", NOW, None, 60)
    win(rows, "ana", YEAR_AGO, 100, 50)
    assert grown(rows) == [None, None, None]


def test_team_and_currencies() -> None:
    """A team adds its people, at the rate of each closing day."""
    rows = company()
    win(rows, "ana", NOW, 100, 50)
    win(rows, "ben", NOW, 40, 20, currency="USD")
    win(rows, "eva", NOW, 999, 0)
    win(rows, "ana", YEAR_AGO, 100, 50)
    rows["fx_rates"] = [{"currency": "USD", "on_date": NOW, "rate": 0.5}]
    assert grown(rows, "team", "north") == [0.2, 10, 0.2]
    for buckets in (1, 3):
        assert grown(rows, "team", "north", buckets=buckets) == [0.2, 10, 0.2]


def goal(holder_id: str, metric: str | None, **cells: Any) -> dict[str, Any]:
    """Return a goal for the whole year."""
    year = {"period_from": dt.date(2025, 1, 1), "period_to": dt.date(2025, 12, 31)}
    return {"holder": "person", "holder_id": holder_id, "metric": metric, **year, **cells}


def asked(*goals: dict[str, Any]) -> list[Any]:
    """Return goals, goals on profit at least and at most, and whether everybody has one."""
    rows = company()
    rows["targets"] = [{"target_id": str(n), **one} for n, one in enumerate(goals)]
    names = ["goals", "profit_goals_lo", "profit_goals_hi", "everybody_has_profit_goal"]
    return list(facts_of(rows, "team", *names, also=["targets.metric"])["north"].values())


def test_goals_of_a_team() -> None:
    """Goals of the team, its people and its leader count, those in force on the day."""
    team = goal("north", "gross_margin", holder="team")
    assert asked(goal("ana", "revenue"), goal("eva", "bookings"), team) == [3, 1, 1, False]
    assert asked(goal("ana", "revenue"), goal("stranger", "contribution")) == [1, 0, 0, False]
    over = goal("ben", "contribution", period_to=dt.date(2025, 5, 15))
    assert asked(goal("ana", "revenue"), over) == [1, 0, 0, False]
    assert asked() == [0, None, None, False]


def test_goals_of_everybody() -> None:
    """Every rep and the leader need one of their own."""
    three = [goal(who, "contribution") for who in ("ana", "ben", "eva")]
    assert asked(*three) == [3, 3, 3, True]
    assert asked(*three[:2])[3] is False


def test_goals_of_unknown_metric_or_time() -> None:
    """They may be on profit and in force."""
    assert asked(goal("ana", None), goal("ben", "revenue")) == [2, 0, 1, False]
    assert asked(goal("ana", "contribution", period_to=None)) == [1, 0, 1, False]


def test_only_won_deals_are_growth() -> None:
    """What was lost in the same quarters brings neither revenue nor contribution."""
    rows = company()
    rows["stages"].append({"stage_id": "lost", "kind": "lost"})
    win(rows, "ana", NOW, 120, 60)
    win(rows, "ana", YEAR_AGO, 100, 50)
    win(rows, "ana", NOW, 1000, 0, stage_id="lost")
    assert grown(rows) == [0.2, 10, 0.2]
