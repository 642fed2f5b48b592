"""What people decided about findings, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.checks.messages import day

if TYPE_CHECKING:
    from dealreview.model.verdict import Verdict


def decision(verdict: Verdict) -> str:
    """Return what people decided about a finding; empty where they have not."""
    made = verdict.disposition
    if made is None:
        return ""
    what = "accepted" if made.kind == "accepted" else "called a false positive"
    return f"{what} until {day(made.until)}: {made.reason} ({made.author}, {made.approver})"
