"""The worked example: what is written down about its deals."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.halden import AS_OF, halden
from tests.plugins.tinyfacts import facts_of, verdict

ENTERED = (("D1", "negotiation", "2025-04-25"), ("D2", "proposal", "2025-03-28"),
           ("D3", "evaluation", "2025-04-22"), ("D4", "won", "2025-05-07"))  # fmt: skip
ALSO = ("deal_changes.expected_close_on", "deal_changes.owner_id", "deal_changes.amount_minor")


def _move(deal: str, old: str, new: str, day: str) -> dict[str, Any]:
    at = dt.datetime.fromisoformat(f"{day}T10:00:00+00:00")
    values = {"old_value": old, "new_value": new, "changed_at": at}
    return {"change_id": f"{deal}-{new}", "deal_id": deal, "field": "stage_id", **values}


def with_history() -> dict[str, list[dict[str, Any]]]:
    """Return the worked example with its stages, and six won deals with a known time in proposal."""
    rows = halden()
    for position, stage in enumerate(rows["stages"]):
        stage["position"] = position
    rows["stages"].append(
        {"stage_id": "discovery", "pipeline_id": "p", "kind": "open", "position": -1}
    )
    rows["deal_changes"] = [_move(deal, "discovery", new, day) for deal, new, day in ENTERED]
    for number in range(6):
        key = f"W{number}"
        days = {"created_on": dt.date(2024, 9, 2), "closed_on": dt.date(2024, 11, 4)}
        rows["deals"].append({"deal_id": key, "account_id": "A3", "stage_id": "won", **days})
        rows["deal_changes"] += [
            _move(key, "discovery", "proposal", "2024-10-01"),
            _move(key, "proposal", "won", "2024-11-04"),
        ]
    return rows


EXPECTED = [
    ("hygiene/stage-age", "D1", "pass"),
    ("hygiene/stage-age", "D2", "watch"),
    ("hygiene/stage-age", "D3", "pass"),
    ("hygiene/stage-age", "D4", "not_applicable"),
    ("hygiene/moved-back", "D1", "pass"),
    ("hygiene/date-pushes", "D2", "pass"),
    ("hygiene/amount-fell", "D1", "pass"),
    ("hygiene/amount-fell", "D3", "not_applicable"),
    ("hygiene/owner-gap", "D2", "pass"),
    ("hygiene/too-little-time-left", "D2", "insufficient_data"),
    ("hygiene/no-activity", "D1", "watch"),
    ("hygiene/no-activity", "D2", "risk"),
    ("hygiene/no-activity", "D3", "risk"),
    ("hygiene/no-activity", "D4", "not_applicable"),
    ("hygiene/ghosted", "D2", "not_applicable"),
]


@pytest.mark.parametrize(("check", "deal", "outcome"), EXPECTED)
def test_expected_verdicts(check: str, deal: str, outcome: str) -> None:
    """Each check gives the verdict that the worked example derives by hand."""
    assert verdict(check, with_history(), "deal", deal, also=ALSO) == outcome


def test_days_in_proposal() -> None:
    """28 March to 16 May is 3 + 30 + 16 = 49 days; six won deals are too few for an own limit."""
    names = ["stage_age_days_lo", "stage_age_days_hi", "stage_age_base_days", "stage_age_basis"]
    for buckets in (1, 3):
        found = facts_of(with_history(), "deal", *names, buckets=buckets)
        basis = "fixed default: 6 own won deals, 20 needed"
        assert tuple(found["D2"].values()) == (49, 49, 20.0, basis)
        assert found["D1"]["stage_age_days_lo"] == 21
    assert dt.date(2025, 5, 16) == AS_OF
