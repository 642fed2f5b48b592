"""Changes of owner, where some are unknown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import facts_of


def change(key: str, deal: str, day: int | None) -> dict[str, Any]:
    """Return a change of owner in May."""
    at = None if day is None else dt.datetime(2025, 5, day, 9, tzinfo=dt.UTC)
    values = {"old_value": "ana", "new_value": "ben", "changed_at": at}
    return {"change_id": key, "deal_id": deal, "field": "owner_id", **values}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], (0, 0)),
        ([change("1", "D", 5)], (1, 1)),
        ([change("1", "D", None)], (0, 1)),
    ],
)
def test_changes_of_owner(changes: list[Any], expected: tuple[int, int]) -> None:
    """A deal without a change has none, and one without a day counts at most."""
    deals = [
        {"deal_id": key, "account_id": "A", "owner_id": "ben", "created_on": dt.date(2025, 2, 3)}
        for key in ("D", "other")
    ]
    rows = {"deals": deals, "deal_changes": [*changes, change("9", "other", 6)]}
    names = ("owner_changes_180d_lo", "owner_changes_180d_hi")
    assert tuple(facts_of(rows, "deal", *names)["D"].values()) == expected
