"""The worked example: what the accounts of Halden Pumps come to."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.plugins.halden import halden
from tests.plugins.tinyfacts import facts_of, verdict

LOSS = "accounts/stated-strategic-loss"
EXPECTED = [
    ("accounts/unprofitable-key-account", "account", "A1", "risk"),
    ("accounts/unprofitable-key-account", "account", "A2", "not_applicable"),
    (LOSS, "account", "A1", "risk"),
    (LOSS, "account", "A2", "not_applicable"),
    (LOSS, "deal", "D1", "not_applicable"),
    ("accounts/worth-winning", "deal", "D1", "pass"),
    ("accounts/worth-winning", "deal", "D4", "not_applicable"),
]


@pytest.mark.parametrize(("check", "kind", "subject", "outcome"), EXPECTED)
def test_expected_verdicts(check: str, kind: str, subject: str, outcome: str) -> None:
    """Statements of losses are recorded and none was made: the loss of A1 has no reason."""
    assert verdict(check, halden(), kind, subject, also=["loss_statements"]) == outcome


@pytest.mark.parametrize(("reviewed", "outcome"), [(None, "risk"), (dt.date(2025, 2, 1), "pass")])
def test_a_key_account_since_2016(reviewed: dt.date | None, outcome: str) -> None:
    """Brandt Foods has been a key account for nine years; nobody asked what for."""
    rows = halden()
    rows["accounts"][0] |= {"key_since_on": dt.date(2016, 3, 1), "key_reviewed_on": reviewed}
    assert verdict("accounts/key-by-habit", rows, "account", "A1") == outcome


def test_a_stated_loss() -> None:
    """Three parts given and the end ahead: it passes until that day."""
    rows = halden()
    statement = {"subject": "account", "subject_id": "A1", "stated_on": dt.date(2025, 1, 1)}
    parts = {"reason": "line 5", "owner_id": "ana", "ends_on": dt.date(2025, 5, 16)}
    rows["loss_statements"] = [{"statement_id": "1", **statement, **parts}]
    assert verdict(LOSS, rows, "account", "A1") == "pass"
    later = dt.date(2025, 5, 17)
    assert verdict(LOSS, rows, "account", "A1", as_of=later) == "risk"


def test_even_quarters_do_not_slide() -> None:
    """The year's money is spread evenly; with or without one before it, nothing fell."""
    check, words = "accounts/sliding-profit", "contribution_quarters"
    rows = halden()
    assert verdict(check, rows, "account", "A2") == "pass"
    found = facts_of(rows, "account", words)["A2"][words]
    assert found == "no sales → 44% → 44% → 44% → 44%"
    for table in ("account_months", "service_costs"):
        rows[table] += [{**row, "month": _year_before(row["month"])} for row in rows[table]]
    assert verdict(check, rows, "account", "A2") == "pass"
    found = facts_of(rows, "account", words)["A2"][words]
    assert found == "44% → 44% → 44% → 44% → 44%"


def _year_before(month: dt.date) -> dt.date:
    return month.replace(year=month.year - 1)
