"""How long deals stay in their stages, and where nobody knows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import Span, facts_of

CREATED = dt.date(2025, 1, 6)
STAGES = [
    {"stage_id": "a: 1", "name": "Talk", "kind": "open", "position": 1},
    {"stage_id": "b", "name": "Offer", "kind": "open", "position": 2},
    {"stage_id": "won", "name": "Won", "kind": "won", "position": 9},
]
MOVES = [("a: 1", "b", "2025-02-05"), ("b", "a: 1", "2025-03-07"), ("a: 1", "b", "2025-05-06")]


AGE = ("stage_age_days_lo", "stage_age_days_hi")


def company(moves: list[Any], **deal: Any) -> dict[str, list[dict[str, Any]]]:
    """Return deal D with its moves between stages."""
    changes = [
        {
            "change_id": str(number),
            "deal_id": "D",
            "field": "stage_id",
            "old_value": old,
            "new_value": new,
            "changed_at": day and dt.datetime.fromisoformat(f"{day}T10:00:00+00:00"),
        }
        for number, (old, new, day) in enumerate(moves)
    ]
    own = {"deal_id": "D", "account_id": "A", "stage_id": "b", "created_on": CREATED, **deal}
    return {"stages": STAGES, "deals": [own], "deal_changes": changes}


def age(rows: Any, **options: Any) -> tuple[Any, ...]:
    """Return the fewest and most days in the present stage, and what is said of them."""
    names = (*AGE, "stage_age_told")
    return tuple(facts_of(rows, "deal", *names, **options)["D"].values())


def test_visits_add_up() -> None:
    """30 days and 10 days in the same stage are 40, whatever lies between."""
    assert age(company(MOVES)) == (40, 40, "40 d")


@pytest.mark.parametrize(
    ("moves", "deal", "feeds", "expected"),
    [
        (MOVES, {}, [Span("deal_changes", dt.date(2025, 2, 1))], (40, 130, "40 to 130 d")),
        (MOVES, {"created_on": None}, None, (40, None, "at least 40 d")),
        (MOVES, {"stage_id": "a: 1"}, None, (60, 130, "60 to 130 d")),
        ([*MOVES, ("b", "b2", None)], {}, None, (0, 130, "at most 130 d")),
    ],
    ids=["feed too short", "no day of creation", "disagrees", "a move without a day"],
)
def test_what_is_not_known_is_bounded(
    moves: list[Any], deal: Any, feeds: Any, expected: tuple[Any, ...]
) -> None:
    """A deal is in no stage longer than it exists, and no shorter than what is recorded of it."""
    assert age(company(moves, **deal), feeds=feeds) == expected


def test_stays_of_a_won_deal() -> None:
    """Days by stage and since it was last left; a closing change dated later does not matter."""
    moves = [*MOVES, ("b", "won", "2025-05-14")]
    rows = company(moves, stage_id="won", closed_on=dt.date(2025, 5, 12))
    found = facts_of(rows, "deal", "stage_stays", "days_after_stages")["D"]
    assert found["stage_stays"] == ["a: 1: 90", "b: 36"]
    assert found["days_after_stages"] == ["a: 1: 6", "b: 0"]


def test_a_deal_that_was_closed_without_a_change_teaches_nothing() -> None:
    """Its stages are not recorded, and their days would be the whole life of the deal."""
    rows = company([], stage_id="won", closed_on=dt.date(2025, 5, 12))
    found = facts_of(rows, "deal", "stage_stays", also=["deal_changes.stage_id"])["D"]
    assert found["stage_stays"] is None


def with_won_deals() -> dict[str, list[dict[str, Any]]]:
    """Return deal D, open in its first stage, and five won ones that left it after ten days."""
    rows = company(MOVES[:2], stage_id="a: 1")
    for number in range(5):
        key = f"W{number}"
        closed = dt.date(2025, 4, 1)
        won = {"deal_id": key, "account_id": "A", "stage_id": "won", "created_on": CREATED}
        rows["deals"].append({**won, "closed_on": closed})
        moves = company([("a: 1", "b", "2025-01-16"), ("b", "won", "2025-04-01")])["deal_changes"]
        rows["deal_changes"] += [
            {**move, "deal_id": key, "change_id": f"{key}{move['change_id']}"} for move in moves
        ]
    return rows


def test_own_history_is_of_the_same_stage() -> None:
    """A stage whose name ends like a number keeps its own days."""
    names = ("stage_age_base_days", "stage_age_n", "stage_age_basis")
    found = facts_of(with_won_deals(), "deal", *names, stage_age_min_n=5)["D"]
    assert tuple(found.values()) == (10.0, 5, "by own won deals, n=5")


def test_a_shorter_history_says_that_the_limit_is_not_our_own() -> None:
    """Won deals that began before it can't be measured, and the words say how many."""
    rows = with_won_deals()
    rows["deals"][0] |= {"created_on": dt.date(2025, 3, 1)}
    late = [Span("deal_changes", dt.date(2025, 2, 1))]
    names = ("stage_age_base_days", "stage_age_n", "stage_age_basis")
    found = facts_of(rows, "deal", *names, stage_age_min_n=5, feeds=late)["D"]
    assert tuple(found.values()) == (
        20.0,
        0,
        "fixed default: no own won deal, 5 needed; 5 more have no complete history of stages",
    )


@pytest.mark.parametrize(
    ("positions", "expected"),
    [([1, 2], (False, True)), ([1, None], (None, None)), ([2, 2], (True, True))],
)
def test_the_last_open_stage(positions: list[Any], expected: tuple[Any, ...]) -> None:
    """A won stage is none, and without all positions nobody knows."""
    stages = [{**one, "position": p} for one, p in zip(STAGES, positions, strict=False)]
    deals = [
        {"deal_id": n, "stage_id": stage["stage_id"]} for n, stage in zip("DE", stages, strict=True)
    ]
    rows = {"stages": [*stages, STAGES[2]], "deals": deals}
    found = facts_of(rows, "deal", "is_last_open_stage")
    assert tuple(found[name]["is_last_open_stage"] for name in "DE") == expected


def test_a_move_from_nowhere() -> None:
    """The stage before is unknown, unless the deal was created on that day: then there was none."""
    names = ("stage_regressions_lo", "stage_regressions_hi", *AGE)
    found = facts_of(company([(None, "b", "2025-03-07")]), "deal", *names)["D"]
    assert tuple(found.values()) == (0, 1, 0, 130)
    found = facts_of(company([(None, "b", "2025-01-06")]), "deal", *names)["D"]
    assert tuple(found.values()) == (0, 0, 130, 130)


def test_a_move_back_without_a_day_counts_at_most() -> None:
    """It happened, but may have been undone at once."""
    rows = company([("b", "a: 1", None)], stage_id="a: 1")
    names = ("stage_regressions_lo", "stage_regressions_hi", "stage_regressions_told")
    found = facts_of(rows, "deal", *names)["D"]
    assert tuple(found.values()) == (0, 1, "at most 1 move back")
