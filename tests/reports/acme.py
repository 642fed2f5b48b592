"""The company's own checks: a few of each kind, over facts of their own."""

import sys
from typing import Annotated, Any

import polars as pl

from dealreview import (
    Columns,
    Deal,
    Exposure,
    Fact,
    Inputs,
    Pack,
    Param,
    Rules,
    Verdict,
    at_most,
    check,
    facts,
    hookimpl,
)


@facts(
    "deal",
    Fact("acme_amount", "money", "Amount.", "deal currency", origin="deals.amount_minor"),
    Fact("acme_terms", "int", "Days net.", "days", origin="deals.payment_terms_days"),
    Fact("acme_hours", "real", "Hours to go.", "hours", origin="deals.hours_to_go"),
    reads={"deals": ("deal_id", "amount_minor", "payment_terms_days", "hours_to_go")},
)
def of_deals(inputs: Inputs) -> pl.DataFrame:
    """Read plain cells of deals."""
    frame = inputs.subjects().join(inputs.table("deals"), left_on="id", right_on="deal_id")
    names = {"amount_minor": "amount", "payment_terms_days": "terms", "hours_to_go": "hours"}
    return frame.select("id", *(pl.col(old).alias(f"acme_{new}") for old, new in names.items()))


@facts(
    "account",
    Fact("acme_employees", "int", "Employees.", "people", origin="accounts.employees"),
    reads={"accounts": ("account_id", "employees")},
)
def of_accounts(inputs: Inputs) -> pl.DataFrame:
    """Read plain cells of accounts."""
    frame = inputs.table("accounts")
    return frame.select(id="account_id", acme_employees="employees")


@facts(
    "rep",
    Fact("acme_week", "real", "Hours a week.", "hours", origin="people.weekly_hours"),
    step="organisation",
    reads={"people": ("person_id", "weekly_hours")},
)
def of_reps(inputs: Inputs) -> pl.DataFrame:
    """Read plain cells of people."""
    return inputs.table("people").select(id="person_id", acme_week="weekly_hours")


@check.columns(
    "acme/terms", severity="major", ask=["What would they give for longer terms?"], family="terms"
)
def terms(
    d: Columns,
    *,
    soft: Annotated[int, Param("Watch above", ge=0, le=365, unit="days", at_most="hard")] = 30,
    hard: Annotated[int, Param("Risk above", ge=0, le=365, unit="days")] = 60,
) -> Rules:
    """Payment terms stay short."""
    return Rules(
        risk=d.acme_terms > hard,
        watch=d.acme_terms > soft,
        strength=d.acme_terms <= 10,
        message="{acme_terms:days} net; {soft:days} is the limit",
        actual=d.acme_terms,
        expected=at_most(soft),
        at_risk=Exposure("delay", d.acme_amount),
    )


@check(
    "acme/hours", severity="minor", needs=["acme_hours"], ask=["Who could help?"], family="terms"
)
def hours(deal: Deal) -> Verdict:
    """Not much selling is left."""
    if deal.acme_hours > 10:
        return Verdict.watch(f"{deal.acme_hours:.0f} h of selling to go for {deal.name}")
    return Verdict.passed(f"{deal.acme_hours:.0f} h of selling to go")


@check.columns(
    "acme/size", on="account", severity="major", ask=["Who else could buy?"], family="size"
)
def size(a: Columns) -> Rules:
    """Customers are large enough."""
    return Rules(watch=a.acme_employees < 10, message="{acme_employees:count} employees")


@check.columns("acme/week", on="rep", severity="major", ask=["What would give you more time?"])
def week(r: Columns) -> Rules:
    """Reps have a full week."""
    return Rules(watch=r.acme_week < 30, message="{acme_week:hours} a week")


@check.columns(
    "acme/diary",
    severity="minor",
    ask=["What did you do last week?"],
    requires=["time_entries.hours"],
)
def diary(d: Columns) -> Rules:
    """Somebody works on it."""
    return Rules(watch=d.acme_hours > 1_000, message="no time")


@hookimpl
def dealreview_pack() -> Pack:
    """Deliver the checks of this module."""
    module: Any = sys.modules[__name__]
    return Pack.of("acme", module, description="Our own checks.")
