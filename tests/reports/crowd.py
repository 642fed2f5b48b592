"""Sixty checks of every outcome and severity, some in families, some for want of the same cell."""

import sys
from collections.abc import Callable
from typing import Any

import polars as pl

from dealreview import Deal, Fact, Inputs, Pack, Verdict, check, facts, hookimpl
from dealreview.model.verdict import MoneyAtRisk

COUNT = 60
SEVERITIES = ("major", "minor", "major", "minor", "info")
KINDS = ("risk", "watch", "strength", "terms", "hours", "passes")


@facts(
    "deal",
    Fact("crowd_terms", "int", "Days net.", "days", origin="deals.payment_terms_days"),
    Fact("crowd_hours", "real", "Hours to go.", "hours", origin="deals.hours_to_go"),
    Fact("crowd_amount", "money", "Amount.", "deal currency", origin="deals.amount_minor"),
    reads={"deals": ("deal_id", "payment_terms_days", "hours_to_go", "amount_minor")},
)
def of_deals(inputs: Inputs) -> pl.DataFrame:
    """Read plain cells of deals."""
    frame = inputs.subjects().join(inputs.table("deals"), left_on="id", right_on="deal_id")
    names = {"payment_terms_days": "terms", "hours_to_go": "hours", "amount_minor": "amount"}
    return frame.select("id", *(pl.col(old).alias(f"crowd_{new}") for old, new in names.items()))


def _said(number: int, deal: Deal) -> Verdict:
    kind, late = KINDS[number % len(KINDS)], deal.crowd_amount > 10_000_000
    text = f"finding number {number} of {deal.name}, said at the length at which checks speak"
    if kind == "risk" and late:
        money = MoneyAtRisk("margin", number * 100_000 + 1, "EUR")
        return Verdict.risk(text, money_at_risk=money)
    if kind == "watch" and late:
        return Verdict.watch(text)
    return Verdict.strength(text) if kind == "strength" else Verdict.passed(text)


def _check(number: int) -> Callable[[Deal], Verdict]:
    kind = KINDS[number % len(KINDS)]
    needs = ["crowd_amount", *([f"crowd_{kind}"] if kind in {"terms", "hours"} else [])]

    def judge(deal: Deal) -> Verdict:
        return _said(number, deal)

    judge.__doc__ = f"Number {number} is as it should be."
    return check(
        f"crowd/number-{number:02}",
        severity="blocker" if number == 36 else SEVERITIES[number % len(SEVERITIES)],
        needs=needs,
        ask=[f"What would you do about number {number}?"],
        family=f"kin{number % 4}" if number % 3 == 0 else "",
    )(judge)


for _number in range(COUNT):
    globals()[f"number_{_number}"] = _check(_number)


@hookimpl
def dealreview_pack() -> Pack:
    """Deliver the checks of this module."""
    module: Any = sys.modules[__name__]
    return Pack.of("crowd", module, description="A crowd of checks.")
