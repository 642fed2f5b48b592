"""What was given in a negotiation, and what it bought."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
APRIL = {day: dt.date(2025, 4, day) for day in range(1, 31)}
DISCOUNT = {"kind": "negotiated", "amount_minor": 100, "given_on": APRIL[4]}
LATER = {"kind": "payment_terms", "amount_minor": 10, "given_on": APRIL[6]}
THEIRS = {"given_by": "buyer", "kind": "volume", "agreed_on": APRIL[4]}
OURS = {"given_by": "us", "kind": "warranty", "agreed_on": APRIL[5]}
COUNTS = ["negotiated_steps_lo", "negotiated_steps_hi", "untraded_steps_lo", "untraded_steps_hi"]
PAIRS = [
    "margin_terms_pairs_lo",
    "margin_terms_pairs_hi",
    "untraded_pairs_lo",
    "untraded_pairs_hi",
]


def company(steps: list[dict[str, Any]], given: list[dict[str, Any]], **line: Any) -> Rows:
    """Return a deal D with price steps S0… and concessions C0…."""
    line = {"line_id": "L", "deal_id": "D", "list_minor": 1000, **line}
    return {
        "deals": [{"deal_id": "D", "account_id": "A", "created_on": APRIL[1]}],
        "deal_lines": [line],
        "price_steps": [{"step_id": f"S{n}", "deal_id": "D", **s} for n, s in enumerate(steps)],
        "concessions": [
            {"concession_id": f"C{n}", "deal_id": "D", **c} for n, c in enumerate(given)
        ],
    }


def counts(rows: Rows, **options: Any) -> list[int | None]:
    """Return negotiated and untraded steps, each at least and at most."""
    return list(facts_of(rows, "deal", *COUNTS, **options)["D"].values())


def together(rows: Rows, **options: Any) -> list[int | None]:
    """Return pairs and untraded pairs, each at least and at most."""
    return list(facts_of(rows, "deal", *PAIRS, **options)["D"].values())


def test_a_concession_may_cover_several_steps() -> None:
    """What the buyer gave counts for each step within three days, a linked one for its step only."""
    steps = [DISCOUNT, {**DISCOUNT, "given_on": APRIL[7]}, {**DISCOUNT, "given_on": APRIL[8]}]
    assert counts(company(steps, [THEIRS])) == [3, 3, 1, 1]
    assert counts(company(steps, [{**THEIRS, "step_id": "S2"}])) == [3, 3, 2, 2]


def test_unknown_cells_of_steps() -> None:
    """A step of unknown size may count, one without day may be traded by whatever the buyer gave."""
    assert counts(company([{**DISCOUNT, "amount_minor": None}], [OURS])) == [0, 1, 0, 1]
    assert counts(company([{**DISCOUNT, "given_on": None}], [THEIRS])) == [1, 1, 0, 1]
    assert counts(company([{**DISCOUNT, "given_on": None}], [OURS])) == [1, 1, 1, 1]
    assert counts(company([DISCOUNT], [OURS], list_minor=None)) == [0, 1, 0, 1]


def test_who_negotiated() -> None:
    """A step counts unless somebody said that it was not negotiated; where nobody ever does, by kind."""
    plain = {**DISCOUNT, "kind": "volume"}
    also = ["price_steps.negotiated"]
    assert counts(company([plain], [OURS]), also=also) == [1, 1, 1, 1]
    assert counts(company([{**plain, "negotiated": False}], [OURS])) == [0, 0, 0, 0]
    assert counts(company([plain], [OURS])) == [0, 0, 0, 0]
    assert counts(company([{**plain, "kind": "other"}], [OURS])) == [1, 1, 1, 1]


def test_steps_that_are_not_recorded() -> None:
    """Without steps recorded since the deal began there may be more than are seen."""
    feeds = [Span("price_steps", first=APRIL[3]), Span("concessions")]
    assert counts(company([DISCOUNT], [OURS]), feeds=feeds) == [1, None, 1, None]
    none = company([], [OURS])
    assert counts(none, feeds=feeds, also=["price_steps.given_on"]) == [0, None, 0, None]


def test_recurring_steps() -> None:
    """A monthly step is weighed over the horizon, like the list price."""
    monthly = {**DISCOUNT, "amount_minor": 1, "period": "month"}
    assert counts(company([monthly], [OURS])) == [1, 1, 1, 1]
    found = facts_of(company([monthly], [OURS]), "deal", "untraded_words")["D"]
    assert found == {"untraded_words": "−1.2% on 4 Apr 2025, nothing obtained for it"}


def test_worth_of_what_was_got() -> None:
    """It is unknown with the worth of one concession of the buyer."""
    rows = company([DISCOUNT], [{**THEIRS, "value_minor": 60}, OURS])
    assert facts_of(rows, "deal", "traded_value_ratio")["D"]["traded_value_ratio"] == 0.6
    rows["concessions"].append({**THEIRS, "concession_id": "C9", "deal_id": "D"})
    assert facts_of(rows, "deal", "traded_value_ratio")["D"]["traded_value_ratio"] is None


def test_pairs_are_matched_nearest_first() -> None:
    """Each half is used once: two price steps and one concession on terms make one pair."""
    steps = [DISCOUNT, {**DISCOUNT, "given_on": APRIL[6]}]
    assert together(company(steps, [{**OURS, "agreed_on": APRIL[7]}])) == [1, 1, 1, 1]
    rows = company(steps, [{**OURS, "agreed_on": APRIL[7]}])
    assert facts_of(rows, "deal", "pair_step_ids")["D"] == {"pair_step_ids": ["S1"]}


def test_recorded_twice() -> None:
    """Longer payment as a price step and as a concession is one concession."""
    steps = [DISCOUNT, {**DISCOUNT, "given_on": APRIL[5]}, LATER]
    twice = {"given_by": "us", "kind": "payment_terms", "agreed_on": APRIL[7]}
    assert together(company(steps, [twice]))[0] == 1
    assert together(company(steps, [{**twice, "kind": "warranty"}]))[0] == 2
    linked = {**OURS, "step_id": "S0"}
    assert together(company([DISCOUNT], [linked]))[0] == 0


def test_pairs_of_which_nobody_knows() -> None:
    """An unknown day, size or giver leaves the number open, if both halves may be there."""
    assert together(company([{**DISCOUNT, "given_on": None}, LATER], [THEIRS])) == [
        0,
        None,
        0,
        None,
    ]
    assert together(company([{**DISCOUNT, "given_on": None}], [THEIRS])) == [0, 0, 0, 0]
    assert together(company([DISCOUNT], [{**OURS, "given_by": None}])) == [0, None, 0, None]
    late = [Span("price_steps"), Span("concessions", first=APRIL[2])]
    assert together(company([DISCOUNT], [OURS]), feeds=late) == [1, None, 0, None]


def test_halves_that_were_traded() -> None:
    """A pair is untraded when the buyer gave nothing for either half."""
    far = {**THEIRS, "agreed_on": APRIL[1]}
    assert together(company([DISCOUNT], [OURS, far])) == [1, 1, 0, 0]
    assert together(company([DISCOUNT], [OURS, {**far, "agreed_on": APRIL[20]}])) == [1, 1, 1, 1]
