"""Where a deal stands, whose it is, who people are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import Span, facts_of

STAGES = [
    {"stage_id": "eval", "kind": "open", "milestone": 3, "pipeline_id": "p"},
    {"stage_id": "prop", "kind": "open", "milestone": 4, "pipeline_id": "p"},
    {"stage_id": "own", "kind": "open", "pipeline_id": "p"},
    {"stage_id": "odd", "pipeline_id": "p"},
    {"stage_id": "won", "kind": "won", "pipeline_id": "p"},
    {"stage_id": "lost", "kind": "lost", "pipeline_id": "p"},
    {"stage_id": "over", "kind": "closed", "pipeline_id": "p"},
]


def deal(**cells: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a deal D among the stages."""
    return {"stages": STAGES, "deals": [{"deal_id": "D", "account_id": "A", **cells}]}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"stage_id": "eval"}, (True, False, False, 3, True, False)),
        ({"stage_id": "prop"}, (True, False, False, 4, True, True)),
        ({"stage_id": "own"}, (True, False, False, None, None, None)),
        (
            {"stage_id": "won", "closed_on": dt.date(2025, 5, 1)},
            (False, True, False, None, False, False),
        ),
        (
            {"stage_id": "lost", "closed_on": dt.date(2025, 5, 1)},
            (False, False, True, None, False, False),
        ),
        ({"closed_on": dt.date(2025, 5, 1)}, (False, None, None, None, False, False)),
        ({"stage_id": "over"}, (False, None, None, None, False, False)),
        (
            {"stage_id": "over", "closed_on": dt.date(2025, 5, 1)},
            (False, None, None, None, False, False),
        ),
        ({}, (None, None, None, None, None, None)),
        ({"stage_id": "odd"}, (None, None, None, None, None, None)),
    ],
)
def test_stage(cells: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """A stage without milestone keeps its conditions unknown; a closing day helps without a stage."""
    names = ["is_open", "is_won", "is_lost", "milestone", "evaluation_or_later", "proposal_reached"]
    assert tuple(facts_of(deal(**cells), "deal", *names)["D"].values()) == expected


def test_closed_and_nobody_knows_how() -> None:
    """A deal in such a stage is not open, though closing days are recorded and it has none."""
    found = facts_of(deal(stage_id="over"), "deal", "is_open", "is_won", also=["deals.closed_on"])
    assert found["D"] == {"is_open": False, "is_won": None}


def test_a_stage_that_nobody_mapped() -> None:
    """Where closing days are recorded, one without is open; what needs a milestone stays unknown."""
    names = ["is_open", "is_won", "evaluation_or_later", "proposal_reached"]
    for stage_id in ("odd", None, "gone"):
        rows = deal(stage_id=stage_id)
        found = facts_of(rows, "deal", *names, also=["deals.closed_on"])["D"]
        assert list(found.values()) == [True, False, None, None]
        rows["deals"][0] |= {"first_quote_on": dt.date(2025, 5, 1)}
        assert facts_of(rows, "deal", *names, also=["deals.closed_on"])["D"]["proposal_reached"]
        rows["deals"][0] |= {"closed_on": dt.date(2025, 5, 16)}
        assert list(facts_of(rows, "deal", *names)["D"].values()) == [False, None, False, False]


def test_a_label_held_back_does_not_hide_a_quote() -> None:
    """A quote that is out makes a proposal of any open deal; one of tomorrow does not."""
    for day, out in ((16, True), (17, False)):
        rows = deal(stage_id="eval", first_quote_on=dt.date(2025, 5, day))
        assert facts_of(rows, "deal", "quote_out", "proposal_reached")["D"] == {
            "quote_out": out,
            "proposal_reached": out,
        }


def test_a_quote_of_an_unknown_day_may_be_out() -> None:
    """An amount was quoted some day; where there is none either, no quote has been given."""
    for amount, out in ((500, None), (None, False)):
        rows = deal(stage_id="eval", first_quote_minor=amount)
        assert facts_of(rows, "deal", "quote_out")["D"]["quote_out"] is out


def test_expected_close_far_ahead_is_none() -> None:
    """A date over 1,095 days ahead stands for none."""
    for day, kept in (
        (dt.date(2028, 5, 15), True),
        (dt.date(2028, 5, 16), False),
        (dt.date(9999, 12, 31), False),
    ):
        found = facts_of(deal(expected_close_on=day), "deal", "expected_close_on")["D"]
        assert found["expected_close_on"] == (day if kept else None)


def test_proposal_on() -> None:
    """The earlier of the first quote and the first entry into a late stage; unknown without its history."""
    rows = deal(stage_id="prop", created_on=dt.date(2025, 3, 1), first_quote_on=dt.date(2025, 5, 5))
    assert facts_of(rows, "deal", "proposal_on")["D"]["proposal_on"] == dt.date(2025, 5, 5)
    rows["deal_changes"] = [
        {
            "change_id": "1",
            "deal_id": "D",
            "field": "stage_id",
            "old_value": "eval",
            "new_value": "prop",
            "changed_at": dt.datetime(2025, 4, 2, 9, tzinfo=dt.UTC),
        }
    ]
    assert facts_of(rows, "deal", "proposal_on")["D"]["proposal_on"] == dt.date(2025, 4, 2)
    late = [Span("deal_changes", first=dt.date(2025, 4, 1))]
    assert facts_of(rows, "deal", "proposal_on", feeds=late)["D"]["proposal_on"] is None


@pytest.mark.parametrize("day", [15, 16, 17])
def test_a_quote_of_today_is_a_proposal(day: int) -> None:
    """One of tomorrow is none yet."""
    quoted_on = dt.date(2025, 5, day)
    rows = deal(stage_id="eval", created_on=dt.date(2025, 3, 1), first_quote_on=quoted_on)
    proposal_on = facts_of(rows, "deal", "proposal_on")["D"]["proposal_on"]
    assert proposal_on == (quoted_on if day <= 16 else None)


def test_currency_and_segment() -> None:
    """Where no deal names a currency it is the reporting one; an empty cell beside others stays unknown."""
    assert facts_of(deal(), "deal", "deal_currency", "segment")["D"] == {
        "deal_currency": "EUR",
        "segment": "all",
    }
    rows = deal()
    rows["deals"].append({"deal_id": "E", "account_id": "A", "currency": "USD"})
    assert facts_of(rows, "deal", "deal_currency")["D"]["deal_currency"] is None


def test_amount() -> None:
    """The amount, else the pocket price of the lines; in reporting currency with a rate near the day."""
    rows = deal(amount_minor=1000, currency="USD")
    rows["deals"].append({"deal_id": "E", "account_id": "A", "currency": "USD"})
    rows["deal_lines"] = [{"line_id": "L", "deal_id": "E", "invoice_minor": 500}]
    names = ["amount", "amount_reporting"]
    assert facts_of(rows, "deal", *names) == {
        "D": {"amount": 1000, "amount_reporting": None},
        "E": {"amount": 500, "amount_reporting": None},
    }
    rows["fx_rates"] = [{"currency": "USD", "on_date": dt.date(2025, 5, 14), "rate": 0.9}]
    assert facts_of(rows, "deal", *names)["D"]["amount_reporting"] == 900


def test_people() -> None:
    """Where roles are recorded nowhere whoever owns deals is a rep, and nobody else may be."""
    rows = deal(owner_id="ana")
    rows["people"] = [
        {"person_id": "ana", "team_id": "north"},
        {"person_id": "mia", "team_id": "south"},
    ]
    rows["teams"] = [{"team_id": "north"}, {"team_id": "south"}]
    assert facts_of(rows, "team", "sales_role", "sales_people", "unsure_people") == {
        "north": {"sales_role": True, "sales_people": ["ana"], "unsure_people": None},
        "south": {"sales_role": False, "sales_people": None, "unsure_people": None},
    }


def test_people_without_a_role() -> None:
    """Where others have a role, an owner without one is judged as a rep, but a team may do without."""
    rows = deal(owner_id="ana")
    rows["people"] = [
        {"person_id": "ana", "team_id": "north"},
        {"person_id": "mia", "role": "manager", "team_id": "south"},
        {"person_id": "ben", "role": "rep", "team_id": "east"},
        {"person_id": "eva", "team_id": "east"},
        {"person_id": "ida", "team_id": "east", "left_on": dt.date(2025, 5, 16)},
    ]
    rows["teams"] = [{"team_id": name} for name in ("east", "north", "south")]
    assert facts_of(rows, "rep", "person_role", "sales_role") == {
        "ana": {"person_role": "rep", "sales_role": True},
        "ben": {"person_role": "rep", "sales_role": True},
    }
    names = ["sales_role", "sales_people", "unsure_people", "unsure_people_words"]
    found = facts_of(rows, "team", *names)
    assert {team: list(facts.values()) for team, facts in found.items()} == {
        "east": [True, ["ben"], ["eva"], "; 1 member without a role may sell or not"],
        "north": [None, ["ana"], ["ana"], "; 1 member without a role may sell or not"],
        "south": [False, None, None, ""],
    }


def test_people_without_a_team() -> None:
    """Where others have a team, a rep without one may be of any; a manager sells in none."""
    rows = deal(owner_id="ana")
    rows["people"] = [
        {"person_id": "ana", "role": "rep"},
        {"person_id": "ben", "role": "rep", "team_id": "east"},
        {"person_id": "eva"},
        {"person_id": "max", "role": "manager"},
    ]
    rows["teams"] = [{"team_id": "east"}, {"team_id": "south"}]
    names = ["sales_role", "sales_people", "unsure_people", "unsure_people_words"]
    found = facts_of(rows, "team", *names)
    words = "; 2 people without a team may sell in it or not"
    assert {team: list(facts.values()) for team, facts in found.items()} == {
        "east": [True, ["ben"], ["ana", "eva"], words],
        "south": [None, None, ["ana", "eva"], words],
    }
    rows["people"][1]["team_id"] = None
    assert facts_of(rows, "team", "unsure_people")["south"] == {"unsure_people": None}


@pytest.mark.parametrize(
    ("until", "reason", "snoozed", "wrong"),
    [
        (dt.date(2025, 5, 16), "fair in May", True, None),
        (dt.date(2025, 8, 14), "fair in May", True, None),
        (
            dt.date(2025, 8, 15),
            "fair in May",
            False,
            "the snooze reaches more than 90 d ahead and does not count",
        ),
        (dt.date(2025, 5, 15), "fair in May", False, None),
        (dt.date(2025, 5, 20), None, False, "the snooze has no reason and does not count"),
        (dt.date(2025, 5, 20), "  ", False, "the snooze has no reason and does not count"),
        (None, "fair in May", False, None),
    ],
)
def test_snooze(until: dt.date | None, reason: str | None, snoozed: bool, wrong: str) -> None:
    """A snooze counts to the end of its day, with a reason and not too far ahead; else it is named."""
    rows = deal(snoozed_until=until, snooze_reason=reason)
    found = facts_of(rows, "deal", "is_snoozed", "snooze_ignored")["D"]
    assert (found["is_snoozed"], found["snooze_ignored"]) == (snoozed, wrong)
