"""Growth in what is won against what it earns, and what people are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import AS_OF, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
NOW, YEAR_AGO, BEFORE = dt.date(2025, 1, 10), dt.date(2024, 1, 10), dt.date(2024, 7, 10)
GROWTH = ["won_revenue_growth", "won_contribution_change", "won_contribution_growth"]
ENDS = [f"{name}_{end}" for name in GROWTH for end in ("lo", "hi")]
WINS = ["won_deals_now_lo", "won_deals_now_hi", "won_deals_before_lo", "won_deals_before_hi"]
THIN = ["below_floor_share_lo", "below_floor_share_hi"]
SINCE_2022 = [Span("deals", first=dt.date(2022, 1, 1)), Span("price_steps")]


def company() -> Rows:
    """Return a team of Ana, Ben and the leader Eva."""
    return {
        "teams": [{"team_id": "north", "leader_id": "eva"}, {"team_id": "board"}],
        "people": [
            {"person_id": "ana", "role": "rep", "team_id": "north"},
            {"person_id": "ben", "role": "rep", "team_id": "north"},
            {"person_id": "eva", "role": "manager", "team_id": "board"},
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
    """Return growth of revenue, change and growth of contribution, each known to a point."""
    found = facts_of(rows, kind, *ENDS, **{"feeds": SINCE_2022, **options})[who]
    assert all(found[f"{name}_lo"] == found[f"{name}_hi"] for name in GROWTH)
    return [found[f"{name}_hi"] for name in GROWTH]


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
    found = facts_of(rows, "rep", *WINS, feeds=late)["ana"]
    assert set(found.values()) == {None}


def test_fiscal_edges() -> None:
    """The first and the last day of the quarters belong to them."""
    rows = company()
    for day in (dt.date(2024, 10, 1), dt.date(2025, 3, 31), dt.date(2025, 4, 1)):
        win(rows, "ana", day, 50, 0)
    win(rows, "ana", dt.date(2023, 10, 1), 50, 0)
    found = facts_of(rows, "rep", *WINS, feeds=SINCE_2022)
    assert list(found["ana"].values()) == [2, 2, 1, 1]
    assert list(found["ben"].values()) == [0, 0, 0, 0]


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
    """They may be on profit and in force; where none is for sure, it is not known that there are any."""
    assert asked(goal("ana", None), goal("ben", "revenue")) == [2, 0, 1, False]
    assert asked(goal("ana", "contribution", period_to=None)) == [1, None, None, False]


def test_only_won_deals_are_growth() -> None:
    """What was lost in the same quarters brings neither revenue nor contribution."""
    rows = company()
    rows["stages"].append({"stage_id": "lost", "kind": "lost"})
    win(rows, "ana", NOW, 120, 60)
    win(rows, "ana", YEAR_AGO, 100, 50)
    win(rows, "ana", NOW, 1000, 0, stage_id="lost")
    assert grown(rows) == [0.2, 10, 0.2]


def unsure(**cells: Any) -> dict[str, Any]:
    """Return what is known of the team where Ben won a deal of which some cells are empty."""
    rows = company()
    win(rows, "ana", NOW, 100, 50)
    win(rows, "ben", NOW, 20, 30, **cells)
    win(rows, "ana", YEAR_AGO, 100, 40)
    names = [*WINS, *ENDS, *THIN, "won_growth_words", "won_unsure_words"]
    return facts_of(rows, "team", *names, feeds=SINCE_2022)["north"]


def test_a_deal_of_unknown_owner_or_result() -> None:
    """It counts at the most and not at the least, or the other way where it loses money."""
    for cell, words in (("owner_id", "owner"), ("stage_id", "result")):
        found = unsure(**{cell: None})
        assert [found[name] for name in WINS] == [1, 2, 1, 1]
        assert [found[name] for name in ENDS[:4]] == [0.0, 0.2, -20, -10]
        assert [found[name] for name in THIN] == [0.0, 0.166666667]
        assert found["won_growth_words"] == "0.0% to +20.0%"
        assert found["won_unsure_words"] == f"; 1 deal may count too ({words} unknown)"


def test_a_deal_of_unknown_day() -> None:
    """It was won now, before, or at another time."""
    found = unsure(closed_on=None)
    assert [found[name] for name in WINS] == [1, 2, 1, 2]
    assert [found[name] for name in ENDS[:4]] == [-0.166666667, 0.2, -20, 0]
    assert found["won_unsure_words"] == "; 1 deal may count too (closing day unknown)"
    both = unsure(closed_on=None, stage_id=None, owner_id=None)
    assert [both[name] for name in ENDS] == [found[name] for name in ENDS]
    assert both["won_unsure_words"].endswith("(closing day, result, owner unknown)")


def test_a_deal_of_somebody_without_a_team() -> None:
    """It may be any team's; the person's own growth is known all the same."""
    rows = company()
    rows["people"][1]["team_id"] = None
    win(rows, "ana", NOW, 100, 50)
    win(rows, "ben", NOW, 20, 30)
    win(rows, "stranger", NOW, 500, 30)
    win(rows, "ben", YEAR_AGO, 20, 10)
    names = [*WINS, "won_unsure_words"]
    found = facts_of(rows, "team", *names, feeds=SINCE_2022)
    words = "; 2 deals may count too (team of the owner unknown)"
    assert list(found["north"].values()) == [1, 2, 0, 1, words]
    assert list(found["board"].values()) == [0, 1, 0, 1, words]
    assert grown(rows, who="ben") == [0.0, -20, -2.0]
