"""Reviews in their published form, as far as a notifier reads them."""

from __future__ import annotations

from typing import Any


def verdict(
    check: str, outcome: str = "risk", *, severity: str = "major", money: int | None = None
) -> dict[str, Any]:
    """Return a verdict."""
    at_risk = {"kind": "value", "minor": money, "currency": "EUR", "reporting_minor": money}
    return {
        "check": check,
        "outcome": outcome,
        "severity": severity,
        "message": f"found by {check}",
        "question": "What now?",
        "points_lost": 1.0,
        "money_at_risk": None if money is None else at_risk,
    }


def card(
    identity: str,
    owner: str | None,
    *verdicts: dict[str, Any],
    kind: str = "deal",
    name: str | None = None,
) -> dict[str, Any]:
    """Return a scorecard."""
    subject = {"kind": kind, "id": identity, "name": f"Deal {identity}" if name is None else name}
    return {"subject": subject, "owner_id": owner, "verdicts": list(verdicts)}


def document(*cards: dict[str, Any]) -> dict[str, Any]:
    """Return a review of 3 November 2026."""
    return {"schema_version": 1, "run": {"as_of": "2026-11-03"}, "scorecards": list(cards)}
