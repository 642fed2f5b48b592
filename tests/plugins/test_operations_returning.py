"""Coming back from a diversion."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import facts_of

Rows = dict[str, list[dict[str, Any]]]
RATIO = ["creation_after_return_lo", "creation_after_return_hi"]
BEFORE, AFTER = dt.date(2025, 2, 3), dt.date(2025, 4, 1)


def company(*created: tuple[str | None, dt.date | None]) -> Rows:
    """Return a team that came back in March, and deals by owner and day of creation."""
    return {
        "teams": [{"team_id": "north"}],
        "people": [{"person_id": p, "role": "rep", "team_id": "north"} for p in ("ana", "ben")],
        "diversions": [
            {
                "diversion_id": "V1",
                "team_id": "north",
                "from_on": dt.date(2025, 3, 10),
                "to_on": dt.date(2025, 3, 14),
            }
        ],
        "deals": [
            {"deal_id": f"D{n}", "owner_id": owner, "created_on": day}
            for n, (owner, day) in enumerate(created)
        ],
    }


def found(rows: Rows, *names: str, kind: str = "team", subject: str = "north", **more: Any) -> Any:
    """Return facts of a subject, three opportunities being enough."""
    found = facts_of(rows, kind, *names, return_min_created=3, **more)
    return list(found[subject].values())


def test_a_week_after_against_a_week_before() -> None:
    """Two in 4 weeks against three in 12 are twice as many."""
    rows = company(*[("ana", BEFORE)] * 3, *[("ben", AFTER)] * 2)
    assert found(rows, *RATIO) == [2.0, 2.0]
    assert found(rows, *RATIO, kind="rep", subject="ana") == [0.0, 0.0]
    assert found(rows, *RATIO, kind="rep", subject="ben") == [None, None]


def test_unknown_owners_and_days_count_on_either_side() -> None:
    """One without a day may be before or after; one that closed before it was not made in it."""
    rows = company(*[("ana", BEFORE)] * 3, ("ana", AFTER), ("ana", None))
    assert found(rows, *RATIO) == [0.75, 2.0]
    rows["deals"][-1]["closed_on"] = dt.date(2024, 12, 1)
    assert found(rows, *RATIO) == [1.0, 1.0]


def test_the_latest_return_counts() -> None:
    """Of two, the one that ended later."""
    rows = company()
    rows["diversions"].append(
        {
            "diversion_id": "V2",
            "team_id": "north",
            "from_on": dt.date(2025, 4, 1),
            "to_on": dt.date(2025, 4, 2),
        }
    )
    assert found(rows, "back_on", "back_diversion_ids") == [dt.date(2025, 4, 2), ["V2"]]


def test_who_was_away() -> None:
    """Those listed, else the team's reps; without a team or a last day nobody knows."""
    rows = company()
    one = {"kind": "rep", "subject": "ana"}
    assert found(rows, "is_back", **one) == [True]
    rows["diversion_people"] = [{"diversion_id": "V1", "person_id": "ben"}]
    assert found(rows, "is_back", **one) == [False]
    rows = company()
    rows["diversions"][0]["team_id"] = None
    assert found(rows, "is_back", **one) == [None]
    rows["diversion_people"] = [{"diversion_id": "V1", "person_id": "ana"}]
    assert found(rows, "is_back", **one) == [True]
    rows["diversions"][0]["to_on"] = None
    assert found(rows, "is_back", **one) == [None]


def test_no_fact_depends_on_the_buckets() -> None:
    """Who owned a deal first is found bucket by bucket."""
    rows = company(*[("ana", BEFORE)] * 3, ("ben", AFTER))
    assert found(rows, *RATIO, buckets=3) == found(rows, *RATIO)


def test_other_windows() -> None:
    """How long is looked back, how long after, and for how long a return is judged can be set."""
    rows = company(*[("ana", BEFORE)] * 3, *[("ben", AFTER)] * 2)
    assert found(rows, "is_back", *RATIO, return_base_days=28) == [True, None, None]
    assert found(rows, *RATIO, return_after_days=14) == [0.0, 0.0]
    assert found(rows, *RATIO, return_after_days=18) == [pytest.approx(2 * 28 / 18)] * 2
    words = "no diversion is known that ended 28 to 62 days ago"
    assert found(rows, "is_back", "return_words", return_within_days=62) == [False, words]
    assert found(rows, "is_back", return_within_days=63) == [True]
    # It is never judged for less time than is compared.
    assert found(rows, "is_back", return_after_days=63, return_within_days=28) == [True]
