"""Statements of losses, and what winning a deal would bring."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import Span, facts_of, verdict

Rows = dict[str, list[dict[str, Any]]]
PARTS = ["loss_reason_stated", "loss_owner_stated", "loss_end_stated"]
CHECK = "accounts/stated-strategic-loss"


def deal(cost: int | None, **more: Any) -> Rows:
    """Return a proposal of 100 with a cost."""
    row = {"deal_id": "D", "stage_id": "s", "created_on": dt.date(2025, 2, 3), **more}
    line = {"line_id": "1", "deal_id": "D", "invoice_minor": 100, "cost_minor": cost}
    other = {"line_id": "2", "deal_id": "E", "invoice_minor": 100, "cost_minor": 1}
    return {
        "stages": [
            {"stage_id": "s", "kind": "open", "milestone": 4},
            {"stage_id": "w", "kind": "won"},
        ],
        "deals": [row, {"deal_id": "E", "stage_id": "s"}],
        "deal_lines": [line, other],
    }


def statement(number: str, day: dt.date | None, **parts: Any) -> dict[str, Any]:
    """Return a statement about the deal."""
    return {
        "statement_id": number,
        "subject": "deal",
        "subject_id": "D",
        "stated_on": day,
        **parts,
    }


def said(rows: Rows, **options: Any) -> list[Any]:
    """Return what is stated about the deal."""
    return list(facts_of(rows, "deal", *PARTS, **options)["D"].values())


@pytest.mark.parametrize(("cost", "loses"), [(101, True), (100, False), (None, None)])
def test_a_loss(cost: int | None, loses: bool | None) -> None:
    """An unknown cost may or may not make a loss."""
    assert facts_of(deal(cost), "deal", "loses_money")["D"]["loses_money"] is loses


def test_the_latest_statement_counts() -> None:
    """By its day, then by its id; a reason of blanks is none, and other subjects don't count."""
    rows = deal(150)
    rows["loss_statements"] = [
        statement("2", dt.date(2025, 3, 1), reason=" ", owner_id="ana"),
        statement("1", dt.date(2025, 3, 1), reason="entry", ends_on=dt.date(2025, 9, 1)),
        {**statement("4", dt.date(2025, 4, 1), reason="entry"), "subject": "account"},
    ]
    assert said(rows) == [False, True, False]
    rows["loss_statements"].reverse()
    assert said(rows, buckets=3) == [False, True, False]


def test_a_statement_without_its_day_may_be_the_latest() -> None:
    """What it and the latest of the others agree on is known; alone it counts."""
    rows = deal(150)
    dated = statement("1", dt.date(2025, 3, 1), reason="entry", ends_on=dt.date(2025, 9, 1))
    older = statement("2", dt.date(2025, 2, 4), owner_id="ana")
    rows["loss_statements"] = [dated, older, statement("3", None, reason="entry")]
    assert said(rows) == [True, False, None]
    rows["loss_statements"] = [statement("3", None, reason="entry")]
    assert said(rows) == [True, False, False]


def test_nothing_is_missing_where_nothing_is_recorded() -> None:
    """Statements must have been recorded since the deal was created before one can be missing."""
    rows = deal(150)
    for first, expected in ((3, [False] * 3), (4, [None] * 3)):
        feeds = [Span("loss_statements", first=dt.date(2025, 2, first))]
        assert said(rows, feeds=feeds, also=["loss_statements"]) == expected
    feeds = [Span("loss_statements", last=dt.date(2025, 5, 1))]
    assert said(rows, feeds=feeds, also=["loss_statements"]) == [None] * 3


def test_a_statement_counts_even_where_the_record_has_holes() -> None:
    """What is there is there."""
    rows = deal(150)
    rows["loss_statements"] = [statement("1", dt.date(2025, 3, 1), reason="entry")]
    assert said(rows, feeds=[]) == [True, False, False]


def test_a_closed_deal_keeps_to_what_was_stated() -> None:
    """A statement made after closing changes nothing."""
    rows = deal(150, stage_id="w", closed_on=dt.date(2025, 4, 1))
    parts = {"reason": "entry", "owner_id": "ana", "ends_on": dt.date(2025, 12, 1)}
    rows["loss_statements"] = [statement("1", dt.date(2025, 4, 2), **parts)]
    assert verdict(CHECK, rows, "deal", "D") == "risk"
    rows["loss_statements"] = [statement("1", dt.date(2025, 4, 1), **parts)]
    assert verdict(CHECK, rows, "deal", "D") == "pass"
    assert verdict(CHECK, rows, "deal", "D", as_of=dt.date(2026, 1, 1)) == "pass"


@pytest.mark.parametrize("blanked", ["reason", "owner_id"])
def test_blanking_a_statement_never_helps(blanked: str) -> None:
    """Each part that goes makes it worse."""
    rows = deal(150)
    parts = {"reason": "entry", "owner_id": "ana", "ends_on": dt.date(2025, 12, 1)}
    rows["loss_statements"] = [statement("1", dt.date(2025, 4, 1), **parts)]
    rows["loss_statements"][0][blanked] = None
    assert verdict(CHECK, rows, "deal", "D") == "watch"


def test_what_speaks_for_a_deal() -> None:
    """A known contribution, a reference in words, business to come; zero is an answer."""
    names = ["worth_reasons", "has_other_worth"]
    assert list(facts_of(deal(None), "deal", *names)["D"].values()) == [0, False]
    assert list(facts_of(deal(50), "deal", *names)["D"].values()) == [1, False]
    rows = deal(50, reference_worth="the largest port", future_value_minor=0)
    assert list(facts_of(rows, "deal", *names)["D"].values()) == [3, True]
    rows = deal(None, reference_worth="  ", future_value_minor=0)
    assert list(facts_of(rows, "deal", *names)["D"].values()) == [1, False]
