"""Which customers earn their keep, and where the organisation's profit comes from."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Exposure,
    Fact,
    Inputs,
    Param,
    Rules,
    above,
    at_most,
    check,
    facts,
)
from dealreview.plugins.ledger import (
    MONEY,
    READS,
    calendar,
    complete_sum,
    month_number,
    this_month,
    with_invoiced,
    with_service,
)

REVENUE = ("account_months.revenue_minor", "deal_lines.invoice_minor", "deal_lines.list_minor")
COST = ("account_months.cost_of_goods_minor", "deal_lines.cost_minor")
INVOICED = "account_months.revenue_minor"
SERVED = "service_costs.cost_minor"
JUDGEMENT = "our own judgement"


# --- one account ---------------------------------------------------------------------------------


@facts(
    "account",
    Fact(
        "revenue_12m",
        "money",
        "Revenue of the last 12 complete months; unknown under `min_known_months` known months.",
        "reporting currency",
        requires=(REVENUE,),
        origin=INVOICED,
    ),
    Fact(
        "revenue_seen_12m",
        "money",
        "Revenue of the months that are known, however few.",
        "reporting currency",
    ),
    Fact(
        "contribution_12m",
        "money",
        "Revenue less steps off the invoice, cost of goods and service cost over the known ones "
        "of 12 months; "
        "unknown under `min_known_months`. Where service cost is recorded nowhere, before it.",
        "reporting currency",
        requires=(REVENUE, COST),
    ),
    Fact(
        "contribution_ratio_12m",
        "real",
        "Contribution ÷ (revenue − steps off the invoice) of 12 months; unknown with the "
        "contribution and "
        "without revenue.",
        "share",
        requires=(REVENUE, COST),
    ),
    Fact(
        "contribution_seen_12m",
        "money",
        "The same over the months of 12 that are recorded at all, however few; unknown if a "
        "recorded month has an unknown part.",
        "reporting currency",
        requires=(REVENUE, COST),
    ),
    Fact("recorded_months_12m", "int", "Months of 12 that are recorded at all.", "months"),
    Fact("known_months_12m", "int", "Months of 12 with revenue and every cost known.", "months"),
    Fact("months_basis", "enum", "account_months, or won_deals: by closing month of won deals."),
    Fact(
        "active_12m",
        "bool",
        "Some revenue or cost in 12 months; unknown if nothing is seen and a month is unknown.",
    ),
    Fact(
        "business_12m",
        "enum",
        "What the 12 months come to: no business, loses money, earns nothing, earns money.",
    ),
    Fact(
        "contribution_12m_label",
        "text",
        "What to call the contribution: before cost to serve, from won deals.",
    ),
    Fact("service_cost_recorded", "bool", "Service cost by account and month is recorded at all."),
    reads=READS,
    uses=(
        "deal.account_id",
        "deal.is_won",
        "deal.closed_on",
        "deal.deal_currency",
        "deal.invoice_price",
        "deal.pocket_price",
        "deal.cost_of_goods",
    ),
    params={
        "min_known_months": (
            10,
            Param("Known months of 12 that a yearly figure needs", ge=1, le=12, unit="months"),
        )
    },
)
def twelve_months(inputs: Inputs) -> pl.DataFrame:
    """Add up an account's last 12 complete months."""
    subjects = inputs.subjects()
    keys = subjects.select(pl.col("id").alias("account_id"), until=this_month(pl.col("day")))
    grid = calendar(keys)
    invoiced = inputs.feeds.is_recorded(INVOICED)
    grid = with_service(
        inputs, with_invoiced(inputs, grid) if invoiced else _with_won_deals(inputs, grid)
    )
    sums = _sums(grid, inputs.params["min_known_months"])
    frame = subjects.select("id").join(sums, left_on="id", right_on="account_id", how="left")
    served = inputs.feeds.is_recorded(SERVED)
    words = "contribution" if served else "contribution before cost to serve"
    return frame.with_columns(
        business_12m=_business(),
        months_basis=pl.lit("account_months" if invoiced else "won_deals"),
        contribution_12m_label=pl.lit(words if invoiced else f"{words} (from won deals)"),
        service_cost_recorded=pl.lit(served),
    )


def _with_won_deals(inputs: Inputs, grid: pl.DataFrame) -> pl.DataFrame:
    """Add revenue, off-invoice steps and cost of goods of each month from deals won in it."""
    won = inputs.facts("deal").filter(pl.col("is_won") & pl.col("closed_on").is_not_null())
    prices = {
        "invoice_price": "revenue",
        "pocket_price": "pocket",
        "cost_of_goods": "cost_of_goods",
    }
    converted = [
        inputs.to_reporting(won, old, "deal_currency", "closed_on").alias(new)
        for old, new in prices.items()
    ]
    rows = won.select("account_id", number=month_number(pl.col("closed_on"))).with_columns(
        converted
    )
    rows = rows.with_columns(off_invoice=pl.col("revenue") - pl.col("pocket"))
    names = ["revenue", "off_invoice", "cost_of_goods"]
    sums = rows.group_by("account_id", "number").agg(
        *(complete_sum(name) for name in names), pl.len().alias("deals")
    )
    covered = inputs.feeds.covers("deals", pl.col("month"), pl.col("month"))
    grid = grid.join(sums, on=["account_id", "number"], how="left")
    nothing = pl.col("deals").is_null() & covered
    zeroes = (pl.when(nothing).then(0).otherwise(pl.col(n)).alias(n) for n in names)
    recorded = (pl.col("deals").is_not_null() | covered).alias("recorded")
    return grid.with_columns(recorded, *zeroes).drop("deals")


def _sums(grid: pl.DataFrame, min_known: int) -> pl.DataFrame:
    """Add up the known months of each account."""
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in MONEY)
    kept = pl.col("revenue") - pl.col("off_invoice")
    left = kept - pl.col("cost_of_goods") - pl.col("service")
    some = pl.any_horizontal((pl.col(name) != 0).fill_null(value=False) for name in MONEY).any()
    sums = grid.group_by("account_id").agg(
        revenue_seen_12m=pl.col("revenue").sum(),
        revenue_months=pl.col("revenue").count(),
        kept=kept.filter(known).sum(),
        left=left.filter(known).sum(),
        known_months_12m=known.sum().cast(pl.Int64),
        recorded_months_12m=pl.col("recorded").sum().cast(pl.Int64),
        gaps=(pl.col("recorded") & ~known).any(),
        some=some,
    )
    enough = pl.col("known_months_12m") >= min_known
    return sums.select(
        "account_id",
        "revenue_seen_12m",
        "known_months_12m",
        "recorded_months_12m",
        contribution_seen_12m=pl.when(~pl.col("gaps") & (pl.col("known_months_12m") > 0)).then(
            "left"
        ),
        revenue_12m=pl.when(pl.col("revenue_months") >= min_known).then("revenue_seen_12m"),
        contribution_12m=pl.when(enough).then("left"),
        contribution_ratio_12m=pl.when(enough & (pl.col("kept") > 0)).then(
            pl.col("left") / pl.col("kept")
        ),
        active_12m=pl.when("some")
        .then(statement=True)
        .when(pl.col("known_months_12m") == 12)
        .then(statement=False),
    )


def _business() -> pl.Expr:
    left = pl.col("contribution_12m")
    return (
        pl.when(left.is_null()).then(None)
        .when(~pl.col("active_12m")).then(pl.lit("no business"))
        .when(left < 0).then(pl.lit("loses money"))
        .when(left == 0).then(pl.lit("earns nothing"))
        .otherwise(pl.lit("earns money"))
    )  # fmt: skip


@facts(
    "account",
    Fact("first_revenue_on", "date", "The stated day, else the first recorded month with revenue."),
    Fact(
        "first_revenue_days_lo",
        "int",
        "Days since the first revenue that is seen; unknown if none is.",
        "days",
        origin="accounts.first_revenue_on",
    ),
    Fact(
        "first_revenue_days_hi",
        "int",
        "The most days since the first revenue; unknown if it may lie before what is recorded.",
        "days",
        origin="accounts.first_revenue_on",
    ),
    reads={
        "accounts": ("account_id", "first_revenue_on"),
        "account_months": ("account_id", "month", "revenue_minor"),
    },
    uses=("deal.account_id", "deal.is_won", "deal.closed_on"),
)
def first_revenue(inputs: Inputs) -> pl.DataFrame:
    """Date the beginning of business with an account."""
    invoiced = inputs.feeds.is_recorded(INVOICED)
    months = inputs.table("account_months").filter(pl.col("revenue_minor") > 0)
    won = inputs.facts("deal").filter(pl.col("is_won"))
    dated = (
        months.select("account_id", on="month")
        if invoiced
        else won.select("account_id", on="closed_on")
    )
    frame = (
        inputs.subjects()
        .join(inputs.table("accounts"), left_on="id", right_on="account_id", how="left")
        .join(
            dated.group_by("account_id").agg(seen=pl.col("on").min()),
            left_on="id",
            right_on="account_id",
            how="left",
        )
    )
    first = pl.coalesce("first_revenue_on", "seen")
    days = (pl.col("day") - first).dt.total_days()
    # A first month at the very start of the feed says nothing about the months before it.
    before = pl.col("seen").dt.offset_by("-1mo")
    covered = inputs.feeds.covers("account_months" if invoiced else "deals", before, before)
    return frame.select(
        "id",
        first_revenue_on=first,
        first_revenue_days_lo=days,
        first_revenue_days_hi=pl.when(pl.col("first_revenue_on").is_not_null() | covered).then(
            days
        ),
    )


@facts(
    "account",
    Fact(
        "account_contribution_p25",
        "real",
        "25th percentile of the contribution ratio of all accounts.",
        "share",
    ),
    Fact(
        "account_contribution_p75",
        "real",
        "75th percentile of the contribution ratio of all accounts.",
        "share",
    ),
    Fact(
        "account_contribution_n",
        "int",
        "Number of accounts with a known contribution ratio.",
        "accounts",
    ),
    step="organisation",
    uses=("contribution_ratio_12m",),
)
def peers(inputs: Inputs) -> pl.DataFrame:
    """Measure what accounts usually leave."""
    ratio = pl.col("contribution_ratio_12m")
    measured = inputs.facts().select(
        account_contribution_p25=ratio.quantile(0.25, interpolation="linear"),
        account_contribution_p75=ratio.quantile(0.75, interpolation="linear"),
        account_contribution_n=ratio.count().cast(pl.Int64),
    )
    return inputs.subjects().select("id").join(measured, how="cross")


# --- all accounts --------------------------------------------------------------------------------


@facts(
    "pipeline",
    Fact(
        "whale_peak",
        "money",
        "Highest cumulated contribution of the recorded months of 12, best account first, at least "
        "0; unknown unless "
        "accounts with "
        "a known contribution make `min_complete_share` of the revenue seen.",
        "reporting currency",
        requires=(REVENUE, COST),
    ),
    Fact(
        "whale_total",
        "money",
        "Contribution of all accounts over those months; unknown like the peak.",
        "reporting currency",
    ),
    Fact(
        "whale_peak_ratio",
        "real",
        "Peak ÷ total; unknown with them and for a total of zero or less.",
        "share",
    ),
    Fact(
        "whale_peak_share",
        "real",
        "Accounts that earn money ÷ all with a known contribution.",
        "share",
    ),
    Fact("whale_losing_accounts", "set", "Accounts with a contribution under zero."),
    Fact(
        "whale_accounts_lo", "int", "Accounts with some revenue or cost in 12 months.", "accounts"
    ),
    Fact(
        "whale_accounts_hi",
        "int",
        "The same with accounts whose months are not all known.",
        "accounts",
    ),
    Fact(
        "whale_complete_revenue_share",
        "real",
        "Revenue of accounts with a known contribution ÷ revenue seen.",
        "share",
    ),
    Fact(
        "whale_label",
        "text",
        "What to call the contribution: before cost to serve, from won deals.",
    ),
    step="organisation",
    uses=(
        "account.contribution_seen_12m",
        "account.recorded_months_12m",
        "account.revenue_seen_12m",
        "account.active_12m",
        "account.contribution_12m_label",
    ),
    params={
        "min_complete_share": (
            0.8,
            Param(
                "Share of revenue that must lie with accounts of known contribution",
                ge=0,
                le=1,
                unit="share",
            ),
        )
    },
)
def whale(inputs: Inputs) -> pl.DataFrame:
    """Cumulate the accounts' contribution from the best to the worst."""
    accounts = inputs.facts("account")
    # Nothing seen in the recorded months: no member of a curve over those months.
    unknown = pl.col("contribution_seen_12m").is_null()
    active = accounts.filter(pl.col("active_12m").fill_null(unknown))
    known = active.filter(pl.col("contribution_seen_12m").is_not_null())
    seen = pl.col("revenue_seen_12m").sum()
    counted = accounts.select(
        whale_accounts_lo=pl.col("active_12m").sum().cast(pl.Int64),
        whale_accounts_hi=pl.lit(active.height, dtype=pl.Int64),
        whale_label=_label(),
        all_known=pl.lit(known.height == active.height).cast(pl.Float64),
    )
    sums = pl.concat(
        [counted, active.select(seen=seen), known.select(complete=seen), _curve(known)],
        how="horizontal",
    )
    # Accounts with costs alone have no revenue to weigh them by: all of them must be known.
    share = (
        pl.when(pl.col("seen") > 0).then(pl.col("complete") / pl.col("seen")).otherwise("all_known")
    )
    sums = sums.with_columns(whale_complete_revenue_share=share).drop(
        "seen", "complete", "all_known"
    )
    decided = pl.lit(known.height > 0) & (
        pl.col("whale_complete_revenue_share") >= inputs.params["min_complete_share"]
    )
    sums = sums.with_columns(pl.when(decided).then(pl.col(*_CURVE)).name.keep())
    return inputs.subjects().select("id").join(sums, how="cross")


def _label() -> pl.Expr:
    """Return what the contribution is called; fewer than 12 recorded months are said."""
    label, months = pl.col("contribution_12m_label").first(), pl.col("recorded_months_12m").max()
    return (
        pl.when(months < 12)
        .then(pl.format("{}, {} of 12 months recorded", label, months))
        .otherwise(label)
    )


_CURVE = (
    "whale_peak",
    "whale_total",
    "whale_peak_ratio",
    "whale_peak_share",
    "whale_losing_accounts",
)


def _curve(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return the points of the curve over accounts with a known contribution, ties by id."""
    ordered = accounts.sort("contribution_seen_12m", "id", descending=[True, False])
    left = pl.col("contribution_seen_12m")
    points = ordered.select(
        whale_peak=pl.max_horizontal(left.cum_sum().max(), 0).cast(pl.Int64),
        whale_total=left.sum(),
        whale_peak_share=(left > 0).mean(),
        whale_losing_accounts=pl.col("id").filter(left < 0).implode(),
    )
    ratio = pl.when(pl.col("whale_total") > 0).then(pl.col("whale_peak") / pl.col("whale_total"))
    return points.with_columns(whale_peak_ratio=ratio)


# --- checks --------------------------------------------------------------------------------------


@check.columns(
    "accounts/unprofitable-key-account",
    on="account",
    severity="major",
    ask=["If they came to us as a new customer on these terms, what would we say?"],
    family="loss",
    sources=[
        "the largest customers stand at both ends of the profit list (Kaplan and Narayanan)",
        "floor: our own judgement",
        "peers: the organisation's own accounts",
    ],
)
def unprofitable_key_account(
    d: Columns,
    *,
    floor: Annotated[
        float,
        Param(
            "Watch under this share of revenue and the lowest quarter of accounts",
            ge=-1,
            le=1,
            unit="share",
        ),
    ] = 0.25,
    min_days: Annotated[
        int,
        Param(
            "Days since the first revenue before a key account is judged",
            ge=0,
            le=3650,
            unit="days",
        ),
    ] = 365,
    min_n: Annotated[
        int, Param("Accounts that make percentiles", ge=5, le=500, unit="accounts")
    ] = 20,
) -> Rules:
    """A key account earns money.

    A customer that is run as a key account gets the best people, prices and service; what it
    leaves after all of that shows whether it earns them. Contribution is revenue less steps off
    the invoice, cost of goods and service cost over the last 12 complete months. Zero or less is a
    risk; a ratio under the floor that also lies in the lowest quarter of the organisation's
    accounts is a watch; the best quarter is a strength. Percentiles count from 20 accounts on.

    Needs the key flag, the first revenue, and by month revenue and cost of goods, at least 10 of
    12 months known: a month without row is zero where the feed covers it, a row with an empty cost
    is unknown. Without invoiced months, deals won in a month stand for it, labelled. Where service
    cost is recorded nowhere, contribution is before cost to serve and no strength is given.
    """
    ratio, contribution, n = d.contribution_ratio_12m, d.contribution_12m, d.account_contribution_n
    said = (
        "{business_12m}: revenue {revenue_12m:money}, {contribution_12m_label} "
        "{contribution_12m:money} "
        "({contribution_ratio_12m:margin}) in 12 months"
    )
    return Rules(
        applies=d.is_key & (d.interval("first_revenue_days") >= min_days),
        risk=contribution <= 0,
        watch=(ratio < floor) & ((n < min_n) | (ratio < d.account_contribution_p25)),
        strength=d.service_cost_recorded & (n >= min_n) & (ratio >= d.account_contribution_p75),
        message={
            "risk": said,
            "watch": said
            + "; floor {floor:share}, lowest quarter of {account_contribution_n:count} accounts",
            "pass": said,
            "strength": said
            + "; your best quarter of accounts starts at {account_contribution_p75:margin}",
        },
        actual=contribution,
        expected={"risk": above(0), "pass": above(0)},
        evidence=[
            Cite("account_months", "revenue_12m", d.revenue_12m),
            Cite("account_months", "contribution_ratio_12m", ratio),
            Cite("account_months", "known_months_12m", d.known_months_12m),
            Cite("account_months", "months_basis", d.months_basis),
        ],
        at_risk=Exposure("margin", -contribution),
    )


@check.columns(
    "accounts/whale-curve",
    on="pipeline",
    severity="major",
    ask=["Which three of these could become good accounts, and how?"],
    sources=[
        "the top 20 % of customers make 150 to 300 % of profit (Kaplan)",
        "watch, risk and the number of accounts: our own judgement",
    ],
)
def whale_curve(
    d: Columns,
    *,
    watch: Annotated[
        float,
        Param(
            "Watch if the peak is above the total by more than this share of it",
            ge=0,
            le=10,
            unit="share",
            at_most="risk",
        ),
    ] = 0.20,
    risk: Annotated[
        float,
        Param(
            "Risk if the peak is above the total by more than this share of it",
            ge=0,
            le=10,
            unit="share",
        ),
    ] = 0.50,
    min_accounts: Annotated[int, Param("Accounts that make a curve", ge=3, unit="accounts")] = 10,
) -> Rules:
    """No accounts eat up what the others earn.

    Accounts are put in order of their contribution of 12 months, the best first, and cumulated.
    The peak is what the accounts that earn money bring together; what is lost on the way from
    there to the total goes to accounts that lose money. Risk: peak > (1 + risk) × total; watch:
    peak > (1 + watch) × total. Written without a division, so that it also holds for a total of
    zero or less.

    Needs revenue and cost of goods by account and month (else won deals with lines, labelled);
    accounts with a known contribution must make four fifths of the revenue. Where service cost is
    recorded nowhere, the curve is before cost to serve and flatter than the truth.
    """
    peak, total = d.whale_peak, d.whale_total
    said = (
        "{whale_label}: the best {whale_peak_share:share} of accounts bring {whale_peak:money}; "
        "accounts at a loss: {losing:count}, they take {lost:money}; {whale_total:money} is left"
    )
    return Rules(
        applies=d.interval("whale_accounts") >= min_accounts,
        risk=peak > (1 + risk) * total,
        watch=peak > (1 + watch) * total,
        message=said,
        actual=d.whale_peak_ratio,
        expected=at_most(1 + watch, source=JUDGEMENT),
        evidence=[
            Cite("accounts", "whale_losing_accounts", ids=d.whale_losing_accounts),
            Cite("account_months", "whale_peak", peak),
            Cite("account_months", "whale_total", total),
            Cite("account_months", "whale_complete_revenue_share", d.whale_complete_revenue_share),
        ],
        values={
            "losing": d.whale_losing_accounts.count(),
            "lost": peak - total,
        },
    )
