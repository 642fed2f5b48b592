"""What each letter sees in the rows of a deal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dealreview.testing import deal, review_tables, together
from dealreview.testing.factories import AS_OF

PACK = ["dealreview_meddpicc"]
SAID_BY_US, SAID, SHOWN = "said by us", "said by the customer", "shown by the customer"
EVERY = ("metrics", "economic_buyer", "criteria", "process", "paper", "pain", "champion")
"""Letters that an empty deal is known to lack; what the alternative is, nobody can know of it."""

PERSON = {"contact_id": "A1-C1", "account_id": "A1", "name": "Mira"}


def facts_of(*rows: dict[str, list[dict[str, Any]]], **columns: Any) -> dict[str, Any]:
    """Return the facts of a deal with one person of the customer who had a meeting with us."""
    company = together(deal(engaged=1, **columns), {"contacts": [PERSON]}, *rows)
    review = review_tables(company, AS_OF, modules=PACK, select=["meddpicc"])
    return dict(review.scorecard("deal", "D1").facts)


def item(**columns: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a value item of the deal."""
    row = {"value_item_id": "V1", "deal_id": "D1", "amount_minor": 100_00}
    return {"value_items": [{**row, "compared_with": "status_quo", **columns}]}


def ask(**columns: Any) -> dict[str, list[dict[str, Any]]]:
    """Return something that the customer was asked to do."""
    row = {"commitment_id": "K1", "deal_id": "D1", "side": "buyer", "asked_on": AS_OF}
    return {"commitments": [row | columns]}


def role(name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the role of the person."""
    return {"stakeholder_roles": [{"deal_id": "D1", "contact_id": "A1-C1", "role": name}]}


def stakeholder(**columns: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what we wrote down about the person."""
    return {"stakeholders": [{"deal_id": "D1", "contact_id": "A1-C1", **columns}]}


def elsewhere(*tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows of another deal, so that a table is kept and this deal has none of them."""
    other = {"deals": [{"deal_id": "D2", "account_id": "A1"}]}
    moved = [
        {name: [row | {"deal_id": "D2"} for row in rows] for name, rows in each.items()}
        for each in tables
    ]
    return together(other, *moved)


KEPT = elsewhere(item(), ask(), role("user"), stakeholder(stance=0, influence=1, recommends="no"))
"""All tables are kept, and hold nothing of the deal."""


def test_what_is_kept_and_empty_is_none() -> None:
    """Where tables are recorded and hold nothing of a deal, nothing is known of its letters."""
    found = facts_of(KEPT)
    assert {name: found[f"meddpicc_{name}"] for name in EVERY} == dict.fromkeys(EVERY, "none")
    assert found["meddpicc_weakest"] == "none"


def test_what_is_kept_nowhere_is_unknown_and_not_none() -> None:
    """A letter of which the company records nothing is unknown, named, and does not weigh."""
    found = facts_of(role("decision_maker"), ask(contact_id="A1-C1", done_on=AS_OF))
    assert found["meddpicc_metrics"] is None
    assert found["meddpicc_metrics_lo"] is None
    assert found["meddpicc_metrics_words"] == "not recorded"
    assert "not recorded: metrics" in found["meddpicc_profile_words"]
    assert found["meddpicc_weakest"] is not None


CONFIRMED = {"confirmed_by_contact_id": "A1-C1", "confirmed_on": AS_OF}


@pytest.mark.parametrize(
    ("columns", "metrics", "pain"),
    [
        ({}, SAID_BY_US, SAID_BY_US),
        ({"author_contact_id": "A1-C1"}, SAID, SAID),
        (CONFIRMED, SHOWN, SHOWN),
        ({"rejected_on": AS_OF}, "none", "none"),
        ({"amount_minor": None}, None, SAID_BY_US),
        ({"compared_with": None}, SAID_BY_US, None),
        ({"confirmed_on": AS_OF}, None, None),
        ({"compared_with": "alternative"}, SAID_BY_US, "none"),
    ],
    ids=["ours", "theirs", "confirmed", "rejected", "no amount", "no side", "by whom", "rival"],
)
def test_value_is_worth_what_the_customer_says_of_it(
    columns: dict[str, Any], metrics: str | None, pain: str | None
) -> None:
    """An item counts by who wrote and confirmed it; a cell that is missing may be anything."""
    found = facts_of(KEPT, item(**columns))
    assert (found["meddpicc_metrics"], found["meddpicc_pain"]) == (metrics, pain)


def test_a_small_part_confirmed_is_not_yet_shown() -> None:
    """Metrics are shown once the customer confirmed half of the value."""
    small = item(value_item_id="V2", amount_minor=10_00, **CONFIRMED)["value_items"]
    found = facts_of(KEPT, {"value_items": [*item()["value_items"], *small]})
    assert found["meddpicc_metrics"] == SAID


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        ({}, KEPT, None),
        ({"reference_kind": "competitor"}, KEPT, SAID_BY_US),
        ({"reference_kind": "competitor"}, item(**CONFIRMED), SAID_BY_US),
        ({"reference_kind": "do_nothing"}, item(**CONFIRMED), SHOWN),
        ({}, item(compared_with="alternative", author_contact_id="A1-C1"), SAID),
    ],
    ids=["blank", "named", "another comparison", "to do nothing", "told by them"],
)
def test_competition(columns: dict[str, Any], rows: dict[str, Any], expected: str | None) -> None:
    """An empty alternative is unknown; to do nothing is compared with how it is today."""
    named = {"deals": [{"deal_id": "D3", "account_id": "A1", "reference_kind": "in_house"}]}
    assert facts_of(KEPT, named, rows, **columns)["meddpicc_competition"] == expected


def test_the_economic_buyer_is_named_met_and_acts() -> None:
    """A role is our word, a meeting is theirs, and a step that they did shows it."""
    cold = together(deal(), {"contacts": [PERSON]}, KEPT, role("decision_maker"))
    review = review_tables(cold, AS_OF, modules=PACK, select=["meddpicc"])
    named = review.scorecard("deal", "D1").facts["meddpicc_economic_buyer"]
    met = facts_of(KEPT, role("decision_maker"))["meddpicc_economic_buyer"]
    done = ask(contact_id="A1-C1", done_on=AS_OF)
    acts = facts_of(KEPT, role("decision_maker"), done)["meddpicc_economic_buyer"]
    assert (named, met, acts) == (SAID_BY_US, SAID, SHOWN)


def test_a_step_done_by_nobody_named_may_be_anybodys() -> None:
    """Where nobody knows who did a step, it is not certain that the economic buyer did nothing."""
    found = facts_of(KEPT, role("decision_maker"), ask(done_on=AS_OF))
    assert found["meddpicc_economic_buyer"] is None
    assert found["meddpicc_economic_buyer_words"].startswith(
        "not certain; seen so far: who decides"
    )


def test_somebody_of_another_company_is_not_the_customer() -> None:
    """A consultant with a role is no evidence; an adviser of the customer is."""
    other = {"contacts": [PERSON | {"account_id": "A2"}], "accounts": [{"account_id": "A2"}]}
    assert facts_of(KEPT, other, role("evaluator"))["meddpicc_criteria"] == "none"
    adviser = stakeholder(external_adviser=1)
    assert facts_of(KEPT, other, role("evaluator"), adviser)["meddpicc_criteria"] == SAID
    gone = {"contacts": [PERSON | {"left_on": AS_OF}]}
    assert facts_of(KEPT, gone, role("evaluator"))["meddpicc_criteria"] == "none"


@pytest.mark.parametrize(
    ("columns", "more", "expected"),
    [
        ({"stance": 1, "influence": 2, "recommends": "not_asked"}, [], SAID_BY_US),
        ({"stance": 1, "influence": 1, "recommends": "yes"}, [], "none"),
        ({"stance": 2, "influence": 3, "recommends": "yes"}, [], SAID),
        ({"stance": 2, "influence": 3, "recommends": None}, [], None),
        ({"stance": None, "influence": 3, "recommends": "no"}, [], None),
        ({"stance": 0, "influence": 1, "recommends": "no"}, [role("champion")], SAID_BY_US),
        ({"stance": 2, "influence": 3}, [ask(contact_id="A1-C1", status="done")], SHOWN),
    ],
)
def test_a_champion_has_influence_and_acts(
    columns: dict[str, Any], more: list[dict[str, Any]], expected: str | None
) -> None:
    """Being for us without influence is no champion, and believing it is only our word."""
    assert facts_of(KEPT, stakeholder(**columns), *more)["meddpicc_champion"] == expected


@pytest.mark.parametrize(
    ("columns", "day", "expected"),
    [
        ({"due_on": AS_OF, "status": "asked"}, None, None),
        ({"due_on": AS_OF, "status": "agreed"}, None, SAID),
        ({"due_on": AS_OF, "status": "done"}, None, SHOWN),
        ({"due_on": AS_OF, "status": "declined"}, AS_OF, SAID_BY_US),
        ({"side": "us", "status": "done"}, AS_OF - dt.timedelta(days=30), SAID_BY_US),
        ({"side": "us", "status": "done"}, AS_OF - dt.timedelta(days=31), "none"),
    ],
    ids=["asked", "agreed", "done", "declined", "day at the limit", "day long past"],
)
def test_the_decision_process_is_what_they_agreed_to(
    columns: dict[str, Any], day: dt.date | None, expected: str | None
) -> None:
    """A day that we wrote down is our word, a step that they agreed to is theirs."""
    found = facts_of(ask(**columns), decision_meeting_on=day)
    assert found["meddpicc_process"] == (expected or SAID_BY_US)


def test_a_blank_day_of_decision_is_unknown() -> None:
    """Where days of decision are kept, an empty one may only not have been written down."""
    dated = {"deals": [{"deal_id": "D3", "account_id": "A1", "decision_meeting_on": AS_OF}]}
    found = facts_of(KEPT, dated)
    assert (found["meddpicc_process_lo"], found["meddpicc_process_hi"]) == (0, 1)


def test_paper_is_shown_by_terms_and_documents() -> None:
    """Legal on the deal is our word; what they gave on terms, or sent, shows it."""
    given = {"concession_id": "G1", "deal_id": "D1", "given_by": "buyer", "agreed_on": AS_OF}
    sent = {"activity_id": "X", "deal_id": "D1", "kind": "document", "direction": "inbound"}
    at = {"at": dt.datetime.combine(AS_OF, dt.time(9), dt.UTC)}
    assert facts_of(KEPT, role("legal"))["meddpicc_paper"] == SAID
    terms = {"concessions": [given | {"kind": "prepayment"}]}
    assert facts_of(KEPT, terms)["meddpicc_paper"] == SHOWN
    scope = {"concessions": [given | {"kind": "scope"}]}
    assert facts_of(KEPT, scope)["meddpicc_paper"] == "none"
    assert facts_of(KEPT, {"activities": [sent | at]})["meddpicc_paper"] == SHOWN
    bought = {"contacts": [PERSON | {"function": "purchasing"}]}
    assert facts_of(KEPT, bought, stakeholder(stance=0, influence=1))["meddpicc_paper"] == SAID


def test_what_was_asked_before_asks_were_kept_is_unknown() -> None:
    """A feed that begins after the deal does can't show that nobody acted."""
    rows = together(deal(engaged=1), {"contacts": [PERSON]}, KEPT, role("decision_maker"))
    rows["feeds"] = [
        feed | {"covers_from": AS_OF} if feed["table_name"] == "commitments" else feed
        for feed in rows["feeds"]
    ]
    review = review_tables(rows, AS_OF, modules=PACK, select=["meddpicc"])
    found = review.scorecard("deal", "D1").facts
    assert found["meddpicc_economic_buyer"] is None


def test_the_profile_begins_with_the_worst() -> None:
    """The reading names the letters of which nothing is known first."""
    words = facts_of(KEPT, item(**CONFIRMED), reference_kind="do_nothing")["meddpicc_profile_words"]
    assert words.startswith("nothing known: economic buyer, decision criteria")
    assert words.endswith("they showed: metrics, identify pain, competition")
