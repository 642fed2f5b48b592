"""What winning a deal still costs, and how often deals are won from where it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import SINCE, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
STAGES: list[dict[str, Any]] = [
    {"stage_id": "first", "kind": "open", "milestone": 2, "pipeline_id": "p"},
    {"stage_id": "offer", "kind": "open", "milestone": 4, "pipeline_id": "p"},
    {"stage_id": "odd", "kind": "open", "pipeline_id": "p"},
    {"stage_id": "won", "kind": "won", "pipeline_id": "p"},
    {"stage_id": "lost", "kind": "lost", "pipeline_id": "p"},
]
CREATED, OFFERED, CLOSED = dt.date(2025, 1, 1), dt.date(2025, 1, 11), dt.date(2025, 1, 31)
RATE = ["win_rate_from_stage", "win_rate_n"]
COST = ["remaining_pursuit_cost_lo", "remaining_pursuit_cost_hi"]


def company(**deal: Any) -> Rows:
    """Return an open deal D of Ben in an offer."""
    own = {"stage_id": "offer", "owner_id": "ben", "currency": "EUR", "created_on": CREATED, **deal}
    return {
        "accounts": [{"account_id": "A"}],
        "stages": STAGES,
        "people": [{"person_id": "ben", "hourly_cost_minor": 50, "currency": "EUR"}],
        "deals": [{"deal_id": "D", "account_id": "A", **own}],
        "deal_changes": [],
    }


def add(rows: Rows, key: str, *way: str) -> None:
    """Add a closed deal that went from one stage to the next, ten days and then twenty days later."""
    closed = {"created_on": CREATED, "closed_on": CLOSED, "stage_id": way[-1]}
    rows["deals"].append({"deal_id": key, "account_id": "A", **closed})
    days = [OFFERED, CLOSED][-len(way) + 1 :]
    for n, day in enumerate(days):
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        change = {"change_id": f"{key}{n}", "deal_id": key, "field": "stage_id", "changed_at": at}
        rows["deal_changes"].append({**change, "old_value": way[n], "new_value": way[n + 1]})


def rate(rows: Rows, **options: Any) -> list[Any]:
    """Return the win rate of D and the number of deals behind it."""
    options = {"pursuit_min_n": 10, **options}
    return list(facts_of(rows, "deal", *RATE, **options)["D"].values())


def cost(rows: Rows, **options: Any) -> list[Any]:
    """Return what D still costs, at least and at most."""
    return list(facts_of(rows, "deal", *COST, **options)["D"].values())


def with_closed(won: int, lost: int, early: int, **deal: Any) -> Rows:
    """Return D beside deals that were won, lost after an offer, and lost before one."""
    rows = company(**deal)
    for n in range(won):
        add(rows, f"W{n}", "first", "won")
    for n in range(lost):
        add(rows, f"L{n}", "first", "offer", "lost")
    for n in range(early):
        add(rows, f"E{n}", "first", "lost")
    return rows


def test_deals_that_came_as_far() -> None:
    """Won deals came all the way; deals lost before the offer do not count for a deal in it."""
    rows = with_closed(4, 6, 5)
    assert rate(rows) == [0.4, 10]
    assert rate(with_closed(4, 6, 5, stage_id="first")) == [round(4 / 15, 9), 15]
    assert rate(rows, pursuit_min_n=11) == [None, 10]
    for buckets in (1, 3):
        assert rate(rows, buckets=buckets) == [0.4, 10]


def test_just_enough_deals_of_the_segment_are_enough() -> None:
    """With ten of ten needed, those of other segments are left aside; with one short they are not."""
    rows = with_closed(4, 6, 0)
    rows["accounts"] = [{"account_id": "A", "segment": "s"}, {"account_id": "B", "segment": "t"}]
    for n in range(10):
        add(rows, f"B{n}", "first", "won")
        rows["deals"][-1]["account_id"] = "B"
    assert rate(rows) == [0.4, 10]
    assert rate(rows, pursuit_min_n=11) == [0.7, 20]


def test_words_of_the_rate() -> None:
    """The interval is printed beside the rate; too few say how many are needed."""
    rows = with_closed(4, 6, 0)
    words = facts_of(rows, "deal", "win_rate_words", pursuit_min_n=10)["D"]["win_rate_words"]
    assert words == "40% chance (17–69%, n=10)"
    words = facts_of(rows, "deal", "win_rate_words")["D"]["win_rate_words"]
    assert words == "chance unknown (10 closed deals to go by, 20 needed)"


def test_ways_that_are_not_known() -> None:
    """A deal without history, with an undated move or in a stage without milestone is left out."""
    feeds = [Span("deal_changes", first=dt.date(2025, 1, 5)), Span("deals")]
    assert rate(with_closed(4, 6, 0), feeds=feeds) == [None, 0]
    rows = with_closed(5, 6, 0)
    add(rows, "odd", "first", "odd", "won")
    rows["deal_changes"][0]["changed_at"] = None
    assert rate(rows) == [0.4, 10]


def test_old_deals_do_not_count() -> None:
    """Only deals closed in the last 24 months make the rate."""
    rows = with_closed(4, 7, 0)
    rows["deals"][-1].update(created_on=SINCE, closed_on=dt.date(2023, 5, 15))
    rows["deal_changes"][-2:] = [
        {**row, "changed_at": dt.datetime(2023, 5, 15, tzinfo=dt.UTC)}
        for row in rows["deal_changes"][-2:]
    ]
    assert rate(rows) == [0.4, 10]


def test_stated_hours() -> None:
    """Hours × hourly cost; other cost is none where it is recorded nowhere, else open when empty."""
    assert cost(company(hours_to_go=10.0)) == [500, 500]
    assert cost(company(hours_to_go=10.0, external_cost_to_go_minor=7)) == [507, 507]
    also = ["deals.external_cost_to_go_minor"]
    assert cost(company(hours_to_go=10.0), also=also) == [500, None]
    assert cost(company()) == [None, None]


def test_hours_in_another_currency() -> None:
    """The owner's cost is converted into the currency of the deal."""
    rows = company(hours_to_go=10.0, currency="USD")
    day = dt.date(2025, 5, 16)
    rows["fx_rates"] = [{"currency": "USD", "on_date": day, "rate": 0.5}]
    assert cost(rows) == [1000, 1000]
    rows["fx_rates"] = []
    assert cost(rows) == [None, None]


def test_hours_by_role() -> None:
    """Where nobody's hour has a cost, that of the role counts; without roles who owns a deal sells."""
    names = [*COST, "hourly_cost_basis", "pursuit_hours_words"]
    rows = company(hours_to_go=10.0)
    roles = {"rep": {"minor": 70, "currency": "EUR"}, "leader": {"minor": 90, "currency": "USD"}}

    def found(**person: Any) -> list[Any]:
        rows["people"] = [{"person_id": "ben", **person}, {"person_id": "zoe", "role": "manager"}]
        return list(facts_of(rows, "deal", *names, hourly_cost=roles)["D"].values())

    assert found(role="rep") == [700, 700, "role", "10 h, as stated; cost of an hour by role: rep"]
    assert found(role="leader")[:2] == [None, None]
    rows["fx_rates"] = [{"currency": "USD", "on_date": dt.date(2025, 5, 16), "rate": 0.5}]
    assert found(role="leader")[:2] == [450, 450]
    assert found(role="manager")[:3] == [None, None, None]
    assert found() == [None, None, None, "10 h, as stated"]
    own = {"hourly_cost_minor": 50, "currency": "EUR", "role": "rep"}
    assert found(**own) == [500, 500, "own", "10 h, as stated"]
    rows["people"] = [{"person_id": "ben"}]
    assert list(facts_of(rows, "deal", *COST, hourly_cost=roles)["D"].values()) == [700, 700]


def test_an_hour_without_a_currency() -> None:
    """It is in the reporting currency where nobody's cost names one, else nobody knows in which."""
    rows = company(hours_to_go=10.0)
    rows["people"] = [{"person_id": "ben", "hourly_cost_minor": 50}, {"person_id": "zoe"}]
    assert cost(rows) == [500, 500]
    rows["people"][1] |= {"hourly_cost_minor": 70, "currency": "EUR"}
    assert cost(rows) == [None, None]


def test_usual_hours() -> None:
    """The median of closed deals from the milestone on, for those with time recorded on them."""
    rows = with_closed(0, 5, 0)
    rows["time_entries"] = []
    for n in range(5):
        for day, hours in ((OFFERED, 99.0), (CLOSED, float(n)), (dt.date(2025, 2, 1), 50.0)):
            entry = {"entry_id": f"{n}{day}", "deal_id": f"L{n}", "day": day, "hours": hours}
            rows["time_entries"].append({**entry, "category": "selling", "person_id": "ben"})
    assert cost(rows, pursuit_hours_min_n=5) == [100, 100]
    assert cost(rows) == [None, None]
    words = facts_of(rows, "deal", "pursuit_hours_words", pursuit_hours_min_n=5)["D"]
    assert words == {"pursuit_hours_words": "2 h, usual from here on, n=5"}
    rows["time_entries"][0]["hours"] = None
    assert cost(rows, pursuit_hours_min_n=5) == [None, None]
    words = facts_of(rows, "deal", "pursuit_hours_words", pursuit_hours_min_n=5)["D"]
    said = "hours unknown: 4 closed deals with hours to go by, 5 needed"
    assert words == {"pursuit_hours_words": said}


def test_usual_hours_are_those_of_two_years() -> None:
    """A deal that closed 24 months ago or earlier says nothing about the hours of today."""
    rows = with_closed(0, 6, 0)
    rows["time_entries"] = [
        {
            "entry_id": f"{n}",
            "deal_id": f"L{n}",
            "day": CLOSED,
            "hours": 2.0,
            "category": "selling",
            "person_id": "ben",
        }
        for n in range(6)
    ]
    assert cost(rows, pursuit_hours_min_n=6) == [100, 100]
    rows["deals"][1] |= {"closed_on": dt.date(2023, 5, 16), "created_on": dt.date(2023, 4, 1)}
    for change in rows["deal_changes"]:
        if change["deal_id"] == rows["deals"][1]["deal_id"]:
            change["changed_at"] -= dt.timedelta(days=640)
    assert cost(rows, pursuit_hours_min_n=6) == [None, None]
    assert cost(rows, pursuit_hours_min_n=5) == [100, 100]
