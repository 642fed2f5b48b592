"""Facts about roles, stances, asks and meetings: missing feeds, unknown cells, several buckets."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.halden import halden, with_stakeholders
from tests.plugins.tinyfacts import AS_OF, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
SHORT = [Span("activities", first=dt.date(2025, 5, 1))]


@pytest.fixture
def company() -> Rows:
    """The worked example with its stakeholders, asks and signatures."""
    return with_stakeholders(halden())


def facts(rows: Rows, deal: str, *names: str, **options: Any) -> list[Any]:
    """Return facts of a deal."""
    return list(facts_of(rows, "deal", *names, **options)[deal].values())


def told(rows: Rows, deal: str) -> str:
    """Return what messages say about people of other companies."""
    parts = [f"outsider_{n}{part}" for n in (1, 2, 3) for part in ("_lead", "", "_verb", "_of")]
    return "".join(facts(rows, deal, *parts, "outsiders_more"))


def event(rows: Rows, key: str, deal: str, who: list[str], *, ago: int, **cells: Any) -> None:
    """Add an event of some days ago."""
    at = dt.datetime.combine(AS_OF, dt.time(9), dt.UTC) - dt.timedelta(days=ago)
    rows["activities"].append({"activity_id": key, "deal_id": deal, "at": at, **cells})
    rows["activity_attendees"] += [
        {"activity_id": key, "attendee_id": one, "side": "buyer", "attended": True} for one in who
    ]


def test_roles_over_a_window_that_is_not_recorded(company: Rows) -> None:
    """What was seen counts; how much more there is nobody knows."""
    names = ["role_coverage_lo", "role_coverage_hi", "gate_silent_lo", "decision_maker_engaged"]
    assert facts(company, "D1", *names) == [0.285714286, 0.285714286, 2, False]
    assert facts(company, "D1", *names, feeds=SHORT) == [0.285714286, None, 1, None]


def test_somebody_of_unknown_role(company: Rows) -> None:
    """Whoever talks with us and has no role may hold any; who is silent changes nothing."""
    names = ["role_coverage_lo", "role_coverage_hi", "roleless_contact_ids"]
    company["contacts"].append({"contact_id": "new", "account_id": "A1"})
    event(company, "late", "D1", ["new"], ago=60, kind="meeting", status="held")
    assert facts(company, "D1", *names)[1] == 0.285714286
    event(company, "soon", "D1", ["new"], ago=6, kind="meeting", status="held")
    assert facts(company, "D1", *names) == [0.285714286, 1.0, ["new"]]


def test_a_role_of_another_company(company: Rows) -> None:
    """It is named as not counted; where nobody knows the company it may count."""
    names = ["named_roles", "maybe_named_roles", "foreign_role_words", "foreign_role_contact_ids"]
    company["contacts"][3]["account_id"] = "A2"
    assert facts(company, "D1", *names) == [
        ["evaluator", "finance", "user"],
        ["evaluator", "finance", "user"],
        "; held by another company: decision maker",
        ["ek"],
    ]
    company["contacts"][3]["account_id"] = None
    assert facts(company, "D1", *names)[1:3] == [
        ["decision_maker", "evaluator", "finance", "user"],
        "",
    ]


@pytest.mark.parametrize(
    ("units", "scope"),
    [(0, None), (1, "team"), (2, "department"), (4, "department"), (5, "enterprise"), (None, None)],
)
def test_scope_from_units(company: Rows, units: int | None, scope: str | None) -> None:
    """One unit is a team, two to four a department, five or more the enterprise."""
    company["deals"] = [{**deal, "scope": None} for deal in company["deals"]]
    company["deals"][0] |= {"units_affected": units}
    assert facts(company, "D1", "purchase_scope") == [scope]


def test_unknown_influence_and_company_in_stances(company: Rows) -> None:
    """An unknown influence weighs from 1 to 3; who may belong elsewhere may count for nothing."""
    names = ["stance_sum_lo", "stance_sum_hi", "stakeholders_lo", "stakeholders_hi"]
    assert facts(company, "D2", *names) == [3.0, 3.0, 3, 3]
    company["stakeholders"][5]["influence"] = None
    assert facts(company, "D2", *names) == [2.0, 4.0, 3, 3]
    company["contacts"][4]["account_id"] = None
    assert facts(company, "D2", *names) == [-2.0, 4.0, 2, 3]


def test_who_left_has_no_stance_and_no_role(company: Rows) -> None:
    """Somebody who has left decides nothing any more."""
    company["contacts"][2]["left_on"] = AS_OF
    assert facts(company, "D1", "opponents_hi", "named_roles") == [
        1,
        ["decision_maker", "evaluator", "user"],
    ]


def test_nudges_before_the_feed_begins(company: Rows) -> None:
    """What is recorded counts, and there may be more."""
    assert facts(company, "D2", "nudges_lo", "nudges_hi", feeds=SHORT) == [4, None]


def test_a_nudge_linked_to_another_ask(company: Rows) -> None:
    """It counts for that ask, and not for what else the same person was asked."""
    company["commitments"].append({**company["commitments"][0], "commitment_id": "other"})
    for row in company["activities"]:
        row["commitment_id"] = "other" if row["activity_id"] == "nudge-0" else None
    assert facts(company, "D2", "nudges_lo", "nudged_ask_ids") == [4, ["other"]]


def test_an_event_of_an_account_with_a_deal_of_unknown_state(company: Rows) -> None:
    """It may be a nudge of the open deal, and may not: unknown is neither."""
    for row in company["activities"]:
        if row["activity_id"] == "nudge-1":
            row |= {"deal_id": None, "account_id": "A2"}
    assert facts(company, "D2", "nudges_lo", "nudges_hi") == [4, 4]
    company["deals"] = company["deals"][:4]
    company["deals"][3] |= {"stage_id": "nobody mapped", "closed_on": None}
    assert facts(company, "D2", "nudges_lo", "nudges_hi") == [3, 4]


def test_main_contact_by_talks(company: Rows) -> None:
    """Most two-way events decide, ties by id; where an event names nobody, nobody knows."""
    company["stakeholders"] = [{**row, "is_main": None} for row in company["stakeholders"]]
    assert facts(company, "D1", "main_contact_id") == ["lang"]
    event(company, "more", "D1", ["weiss"], ago=6, kind="meeting", status="held")
    assert facts(company, "D1", "main_contact_id") == ["weiss"]
    event(company, "who", "D1", [], ago=6, kind="meeting", status="held")
    assert facts(company, "D1", "main_contact_id") == [None]


def test_their_yes(company: Rows) -> None:
    """The last entry into closing counts; moving inside it does not begin anew."""
    stage = {"pipeline_id": "p", "kind": "open", "milestone": 6}
    company["stages"] += [{"stage_id": key, **stage} for key in ("verbal", "papers")]
    company["deals"][0]["stage_id"] = "papers"
    moves = [
        ("negotiation", "verbal", 4, 1),
        ("verbal", "negotiation", 4, 15),
        ("negotiation", "verbal", 5, 2),
        ("verbal", "papers", 5, 9),
    ]
    company["deal_changes"] = [
        {
            "change_id": str(n),
            "deal_id": "D1",
            "field": "stage_id",
            "old_value": old,
            "new_value": new,
            "changed_at": dt.datetime(2025, month, day, 9, tzinfo=dt.UTC),
        }
        for n, (old, new, month, day) in enumerate(moves)
    ]
    assert facts(company, "D1", "yes_on", "unsigned_bd") == [dt.date(2025, 5, 2), 10]
    late = [Span("deal_changes", first=dt.date(2025, 4, 1))]
    assert facts(company, "D1", "yes_on", feeds=late) == [None]


def test_facts_over_several_buckets(company: Rows) -> None:
    """How accounts are spread over buckets changes no fact of the pack."""
    from tests.plugins.tinyfacts import built_in

    company["stakeholder_roles"].append({"deal_id": "D2", "contact_id": "ek", "role": "approver"})
    names = [
        fact.name
        for provider in built_in().providers
        if provider.name.startswith("consensus/")
        for fact in provider.facts
    ]
    whole = facts_of(company, "deal", *names)
    assert facts_of(company, "deal", *names, buckets=3) == whole
    assert len(whole) == 13


def test_people_of_other_companies_are_told(company: Rows) -> None:
    """Three with their company, the rest as a number; all of them are listed, wherever they are."""
    assert told(company, "D1") == ""
    company["accounts"].append({"account_id": "Z"})
    company["contacts"] += [{"contact_id": f"z{n}", "account_id": "Z"} for n in range(4)]
    company["stakeholders"] = [{"deal_id": "D1", "contact_id": "z0", "stance": -2}]
    assert told(company, "D1") == "; not counted: z0 belongs to Z"
    company["stakeholder_roles"].append({"deal_id": "D1", "contact_id": "z1", "role": "champion"})
    event(company, "outside", "D1", ["z2", "z3"], ago=3, kind="meeting", status="held")
    assert facts(company, "D1", "outsider_contact_ids") == [["z0", "z1", "z2", "z3"]]
    assert told(company, "D1") == (
        "; not counted: z0 belongs to Z, z1 belongs to Z, z2 belongs to Z and 1 more"
    )


def test_roles_that_only_another_company_holds(company: Rows) -> None:
    """With one of the customer's own in it a role is none of them; an unknown company may be."""
    names = ["foreign_only_roles_lo", "foreign_only_roles_hi", "foreign_only_words"]
    company["accounts"].append({"account_id": "Z"})
    company["contacts"].append({"contact_id": "z", "account_id": "Z"})
    held = {"deal_id": "D1", "contact_id": "z", "role": "champion"}
    company["stakeholder_roles"].append(held)
    assert facts(company, "D1", *names) == [1, 1, "; held by another company only: champion"]
    del company["contacts"][-1]["account_id"]
    assert facts(company, "D1", *names) == [0, 1, ""]
    company["contacts"][-1]["account_id"] = "Z"
    del held["role"]
    assert facts(company, "D1", *names) == [0, 1, ""]
    held["role"] = company["stakeholder_roles"][0]["role"]
    assert facts(company, "D1", *names)[:2] == [0, 0]
