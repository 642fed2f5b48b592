"""Checks of accounts, reps, teams and the pipeline, to be seen from the deals that they touch."""

import sys
from typing import Any

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Pack, Rules, check, facts, hookimpl


@facts(
    "account",
    Fact("around_staff", "int", "Employees.", "people", origin="accounts.employees"),
    reads={"accounts": ("account_id", "employees")},
)
def of_accounts(inputs: Inputs) -> pl.DataFrame:
    """Read plain cells of accounts."""
    return inputs.table("accounts").select(id="account_id", around_staff="employees")


@facts(
    "rep",
    Fact("around_week", "real", "Hours a week.", "hours", origin="people.weekly_hours"),
    step="organisation",
    reads={"people": ("person_id", "weekly_hours")},
)
def of_reps(inputs: Inputs) -> pl.DataFrame:
    """Read plain cells of people."""
    return inputs.table("people").select(id="person_id", around_week="weekly_hours")


@facts(
    "team",
    Fact("around_people", "int", "People of the team.", "people"),
    step="organisation",
    reads={"people": ("person_id", "team_id")},
)
def of_teams(inputs: Inputs) -> pl.DataFrame:
    """Count people."""
    people = inputs.table("people").filter(pl.col("team_id").is_not_null())
    return people.group_by(id="team_id").agg(around_people=pl.len().cast(pl.Int64))


@facts(
    "pipeline",
    Fact("around_small", "set", "Accounts with fewer than ten employees."),
    Fact("around_small_n", "int", "Number of them.", "accounts"),
    step="organisation",
    reads={"accounts": ("account_id", "employees")},
)
def of_pipeline(inputs: Inputs) -> pl.DataFrame:
    """Find small accounts."""
    accounts = inputs.table("accounts").filter(pl.col("employees") < 10)["account_id"]
    ids = sorted(accounts)
    columns = {"id": ["pipeline"], "around_small": [ids], "around_small_n": [len(ids)]}
    return pl.DataFrame(columns, schema_overrides={"around_small": pl.List(pl.String)})


@check.columns(
    "around/staff", on="account", severity="major", ask=["Who else could buy?"], family="size"
)
def staff(a: Columns) -> Rules:
    """Customers are large enough."""
    return Rules(
        risk=a.around_staff < 10,
        strength=a.around_staff > 500,
        message="{around_staff:count} employees",
    )


@check.columns("around/week", on="rep", severity="minor", ask=["What would give you more time?"])
def week(r: Columns) -> Rules:
    """Reps have a full week."""
    return Rules(watch=r.around_week < 30, message="{around_week:hours} a week")


@check.columns("around/people", on="team", severity="minor", ask=["Who could join?"])
def people(t: Columns) -> Rules:
    """Teams are large enough."""
    return Rules(watch=t.around_people < 3, message="{around_people:count} people")


@check.columns("around/small", on="pipeline", severity="minor", ask=["Which of them will grow?"])
def small(p: Columns) -> Rules:
    """Few customers are small."""
    return Rules(
        watch=p.around_small_n > 0,
        message="{around_small_n:count} small customers",
        evidence=[Cite("accounts", "name", ids=p.around_small)],
    )


@hookimpl
def dealreview_pack() -> Pack:
    """Deliver the checks of this module."""
    module: Any = sys.modules[__name__]
    return Pack.of("around", module, description="Checks around deals.")
