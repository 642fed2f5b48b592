"""The reference work as a pack, written as anybody would with the public API; see ``benchmarks.work``."""

from __future__ import annotations

import polars as pl

from benchmarks.work import HEARD, HOURS_AFTER, MONTHS_FROM, MONTHS_TO, ROLE_POINTS
from dealreview import Columns, Fact, Inputs, Rules, at_least, at_most, check, facts

UNIT = "deal currency"


def _sum(name: str) -> pl.Expr:
    """Sum a column; unknown where a row has none."""
    return pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum())


@facts(
    "deal",
    Fact("reference_invoice", "money", "Sum of the invoice prices; unknown where one is.", UNIT),
    Fact("reference_list", "money", "Sum of the list prices; unknown where one is.", UNIT),
    Fact("reference_cost", "money", "Sum of the costs; unknown where one is.", UNIT),
    reads={"deal_lines": ("deal_id", "list_minor", "invoice_minor", "cost_minor")},
)
def lines(inputs: Inputs) -> pl.DataFrame:
    """Add up the lines of a deal."""
    return (
        inputs.table("deal_lines")
        .group_by(id="deal_id")
        .agg(
            reference_invoice=_sum("invoice_minor"),
            reference_list=_sum("list_minor"),
            reference_cost=_sum("cost_minor"),
        )
    )


@facts(
    "deal",
    Fact("reference_alternative", "money", "Price of the customer's alternative.", UNIT),
    Fact("reference_late", "int", "Days since the expected close.", "days"),
    reads={"deals": ("deal_id", "reference_minor", "expected_close_on")},
)
def attributes(inputs: Inputs) -> pl.DataFrame:
    """Read what a deal says of itself."""
    deals = inputs.subjects().join(
        inputs.table("deals"), left_on="id", right_on="deal_id", how="left"
    )
    return deals.select(
        "id",
        reference_alternative="reference_minor",
        reference_late=(pl.col("day") - pl.col("expected_close_on")).dt.total_days(),
    )


def _within(inputs: Inputs, table: str) -> pl.DataFrame:
    """Return the rows of a table of months that count."""
    return inputs.table(table).filter(pl.col("month").is_between(MONTHS_FROM, MONTHS_TO))


@facts(
    "account",
    Fact("reference_revenue", "money", "Revenue of twelve months; unknown without any.", UNIT),
    Fact("reference_profit", "money", "What is left of it; unknown without any.", UNIT),
    reads={
        "account_months": (
            "account_id",
            "month",
            "revenue_minor",
            "off_invoice_minor",
            "cost_of_goods_minor",
        ),
        "service_costs": ("account_id", "month", "cost_minor"),
    },
)
def profit(inputs: Inputs) -> pl.DataFrame:
    """Take what an account costs from what it brings."""
    left = pl.col("revenue_minor") - pl.col("off_invoice_minor") - pl.col("cost_of_goods_minor")
    months = _within(inputs, "account_months").group_by(id="account_id")
    served = _within(inputs, "service_costs").group_by(id="account_id")
    found = months.agg(reference_revenue=pl.col("revenue_minor").sum(), left=left.sum()).join(
        served.agg(served=pl.col("cost_minor").sum()), on="id", how="left"
    )
    rest = pl.col("left") - pl.col("served").fill_null(0)
    return found.select("id", "reference_revenue", reference_profit=rest)


@facts(
    "deal",
    Fact("reference_is_key", "bool", "The account is a key account."),
    Fact("reference_account_revenue", "money", "Revenue of the account.", UNIT),
    Fact("reference_account_profit", "money", "What is left of it.", UNIT),
    uses=[
        "account_id",
        "account.is_key",
        "account.reference_revenue",
        "account.reference_profit",
    ],
)
def account(inputs: Inputs) -> pl.DataFrame:
    """Look up the account of a deal."""
    accounts = inputs.facts("account")
    return (
        inputs.facts()
        .join(accounts, left_on="account_id", right_on="id", how="left")
        .select(
            "id",
            reference_is_key="is_key",
            reference_account_revenue="reference_revenue",
            reference_account_profit="reference_profit",
        )
    )


@facts(
    "deal",
    Fact("reference_roles", "int", "Points of the roles that are not against us.", "points"),
    reads={
        "stakeholders": ("deal_id", "contact_id", "stance"),
        "stakeholder_roles": ("deal_id", "contact_id", "role"),
    },
)
def coverage(inputs: Inputs) -> pl.DataFrame:
    """Add up the points of the roles that are held by somebody who is not against us."""
    people = inputs.table("stakeholders")
    ours = people.filter((pl.col("stance") >= 0) | pl.col("stance").is_null())
    points = (
        inputs.table("stakeholder_roles")
        .join(ours, on=["deal_id", "contact_id"], how="semi")
        .unique(["deal_id", "role"])
        .group_by(id="deal_id")
        .agg(points=pl.col("role").replace_strict(ROLE_POINTS, default=0).sum())
    )
    deals = people.select(id="deal_id").unique().join(points, on="id", how="left")
    return deals.select("id", reference_roles=pl.col("points").fill_null(0).cast(pl.Int64))


@facts(
    "deal",
    Fact("reference_silence", "int", "Days since the last contact; unknown without one.", "days"),
    reads={"activities": ("deal_id", "status", "at")},
)
def silence(inputs: Inputs) -> pl.DataFrame:
    """Count the days since the last contact."""
    heard = inputs.table("activities").filter(pl.col("status").is_in(HEARD))
    last = heard.group_by(id="deal_id").agg(pl.col("at").max())
    days = pl.col("day") - inputs.local_day(pl.col("at"))
    found = inputs.subjects().join(last, on="id", how="left")
    return found.select("id", reference_silence=days.dt.total_days())


@facts(
    "rep",
    Fact("reference_hours", "int", "Tenths of hours of eight weeks; unknown without any."),
    Fact("reference_operations", "int", "Those of operations."),
    step="organisation",
    reads={"time_entries": ("person_id", "day", "hours", "category")},
)
def hours(inputs: Inputs) -> pl.DataFrame:
    """Add up the hours of a person."""
    tenths = (pl.col("hours") * 10).round().cast(pl.Int64)
    entries = inputs.table("time_entries").filter(pl.col("day") > HOURS_AFTER)
    return entries.group_by(id="person_id").agg(
        reference_hours=tenths.sum(),
        reference_operations=tenths.filter(pl.col("category") == "operations").sum(),
    )


@facts(
    "deal",
    Fact("reference_owner_hours", "int", "Tenths of hours of the owner."),
    Fact("reference_owner_operations", "int", "Those of operations."),
    step="organisation",
    uses=["owner_id", "rep.reference_hours", "rep.reference_operations"],
)
def owner(inputs: Inputs) -> pl.DataFrame:
    """Look up the hours of the owner of a deal."""
    reps = inputs.facts("rep")
    return (
        inputs.facts()
        .join(reps, left_on="owner_id", right_on="id", how="left")
        .select(
            "id",
            reference_owner_hours="reference_hours",
            reference_owner_operations="reference_operations",
        )
    )


@facts(
    "deal",
    Fact("reference_allowed", "real", "Largest discount that the owner may give.", "share"),
    Fact("reference_approved", "bool", "An approval was given."),
    Fact("reference_pending", "bool", "An approval is pending."),
    reads={
        "approvals": ("deal_id", "decision"),
        "people": ("person_id", "max_discount_ratio"),
    },
    uses=["owner_id"],
)
def approved(inputs: Inputs) -> pl.DataFrame:
    """Look up what the owner may give, and what was approved."""
    decision = pl.col("decision")
    asked = (
        inputs.table("approvals")
        .group_by(id="deal_id")
        .agg(approved=(decision == "approved").any(), pending=(decision == "pending").any())
    )
    people = inputs.table("people")
    found = (
        inputs.facts()
        .join(people, left_on="owner_id", right_on="person_id", how="left")
        .join(asked, on="id", how="left")
    )
    return found.select(
        "id",
        reference_allowed="max_discount_ratio",
        reference_approved=pl.col("approved").fill_null(value=False),
        reference_pending=pl.col("pending").fill_null(value=False),
    )


@check.columns("reference/margin", severity="major", ask=["What would make it cheaper to deliver?"])
def margin(d: Columns) -> Rules:
    """A deal earns at least 30 % of its price."""
    left = d.reference_invoice - d.reference_cost
    return Rules(
        risk=left * 100 < d.reference_invoice * 15,
        watch=left * 100 < d.reference_invoice * 30,
        strength=left * 100 >= d.reference_invoice * 50,
        message="{left:money} of {reference_invoice:money} are left",
        actual=left / d.reference_invoice,
        expected=at_least(0.30),
        values={"left": left},
    )


@check.columns("reference/value", severity="major", ask=["What else is it worth to them?"])
def value(d: Columns) -> Rules:
    """A deal costs no more than what the customer could have instead."""
    price, other = d.reference_invoice * 100, d.reference_alternative
    return Rules(
        risk=price > other * 120,
        watch=price > other * 100,
        strength=price <= other * 50,
        message="{reference_invoice:money}, and {reference_alternative:money} elsewhere",
        actual=d.reference_invoice / d.reference_alternative,
        expected=at_most(1.0),
    )


@check.columns("reference/key-account", severity="minor", ask=["What do they get for nothing?"])
def key_account(d: Columns) -> Rules:
    """A key account leaves at least 30 % of its revenue."""
    return Rules(
        applies=d.reference_is_key,
        risk=d.reference_account_profit * 100 < d.reference_account_revenue * 20,
        watch=d.reference_account_profit * 100 < d.reference_account_revenue * 30,
        message="{reference_account_profit:money} of {reference_account_revenue:money} are left",
        actual=d.reference_account_profit / d.reference_account_revenue,
        expected=at_least(0.30),
    )


@check.columns("reference/coverage", severity="major", ask=["Who decides, and who told us so?"])
def role_coverage(d: Columns) -> Rules:
    """The roles that decide are held by people who are not against us."""
    return Rules(
        risk=d.reference_roles < 4,
        watch=d.reference_roles < 6,
        strength=d.reference_roles >= 7,
        message="{reference_roles:count} of 12 points",
        actual=d.reference_roles,
        expected=at_least(6),
    )


@check.columns("reference/silence", severity="major", ask=["Who calls them, and with what?"])
def stalled(d: Columns) -> Rules:
    """They were heard of within a month."""
    return Rules(
        risk=d.reference_silence > 90,
        watch=d.reference_silence > 30,
        message="silent for {reference_silence:days}",
        actual=d.reference_silence,
        expected=at_most(30),
    )


@check.columns("reference/date", severity="minor", ask=["What has to happen before the new date?"])
def date_passed(d: Columns) -> Rules:
    """The expected close of an open deal lies ahead."""
    return Rules(
        applies=d.is_open,
        risk=d.reference_late > 14,
        watch=d.reference_late > 0,
        message="{reference_late:days} after the date",
        actual=d.reference_late,
        expected=at_most(0),
    )


@check.columns("reference/operations", severity="minor", ask=["Who could do that instead?"])
def operations(d: Columns) -> Rules:
    """Whoever owns a deal has time to sell."""
    part, whole = d.reference_owner_operations * 100, d.reference_owner_hours
    return Rules(
        risk=part > whole * 35,
        watch=part > whole * 25,
        message="{share:share} of the hours go into operations",
        actual=d.reference_owner_operations / d.reference_owner_hours,
        expected=at_most(0.25),
        values={"share": d.reference_owner_operations / d.reference_owner_hours},
    )


@check.columns("reference/discount", severity="major", ask=["What did they give in return?"])
def discount(d: Columns) -> Rules:
    """A discount above what the owner may give is approved."""
    given = d.reference_list - d.reference_invoice
    over = given > d.reference_list * d.reference_allowed
    return Rules(
        risk=over & ~d.reference_approved & ~d.reference_pending,
        watch=over & ~d.reference_approved & d.reference_pending,
        message="{share:share} off the list price",
        actual=given / d.reference_list,
        expected=at_most(d.reference_allowed),
        values={"share": given / d.reference_list},
    )
