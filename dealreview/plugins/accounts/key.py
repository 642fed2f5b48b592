"""Whether a key account earns what it gets."""

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
    at_least,
    at_most,
    check,
    facts,
)
from dealreview.plugins.accounts.months import COSTS, INVOICED
from dealreview.plugins.evidence import FIXED, JUDGEMENT, OWN_HISTORY, cited
from dealreview.plugins.subjects import with_own_row
from dealreview.plugins.words import percent, spoken


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
        "The most days since the first revenue; unknown if it may lie before what is recorded, or if "
        "the day is stated of other accounts.",
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
    frame = with_own_row(inputs.subjects(), inputs.table("accounts"), "account_id").join(
        dated.group_by("account_id").agg(seen=pl.col("on").min()),
        left_on="id",
        right_on="account_id",
        how="left",
    )
    first = pl.coalesce("first_revenue_on", "seen")
    days = (pl.col("day") - first).dt.total_days()
    # A first month at the very start of the feed says nothing about the months before it.
    before, until = pl.col("seen").dt.offset_by("-1mo"), pl.col("seen").dt.offset_by("-1d")
    covered = inputs.feeds.covers("account_months" if invoiced else "deals", before, until)
    # Where others state the day, one that was left out may lie before what is seen.
    covered &= not inputs.feeds.is_recorded("accounts.first_revenue_on")
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
        "25th percentile of the contribution ratio of accounts; unknown under `key_account_min_n`.",
        "share",
        origin=COSTS,
    ),
    Fact(
        "account_contribution_p75",
        "real",
        "75th percentile of the contribution ratio of accounts; unknown under `key_account_min_n`.",
        "share",
        origin="accounts",
    ),
    Fact(
        "account_contribution_n",
        "int",
        "Number of accounts with a known contribution ratio.",
        "accounts",
    ),
    Fact(
        "key_account_watch_limit",
        "real",
        "Contribution ratio under which a key account is watched: `key_account_floor`, or the 25th "
        "percentile of accounts if it lies lower.",
        "share",
        origin=COSTS,
    ),
    Fact(
        "key_account_watch_n",
        "int",
        "Accounts behind a limit that is a quarter of them; unknown of the floor.",
        "accounts",
    ),
    Fact("key_account_watch_source", "text", "Own history, or why it is the fixed floor."),
    Fact("key_account_watch_basis", "text", "The limit and where it comes from, in words."),
    step="organisation",
    uses=("contribution_ratio_12m_lo",),
    params={
        "key_account_floor": (
            0.25,
            Param(
                "Watch a key account under this share of net revenue",
                ge=-1,
                le=1,
                unit="share",
                source=JUDGEMENT,
            ),
        ),
        "key_account_min_n": (
            20,
            Param("Accounts that make percentiles", ge=5, le=500, unit="accounts"),
        ),
    },
)
def peers(inputs: Inputs) -> pl.DataFrame:
    """Measure what accounts usually leave, and what is little for a key account."""
    ratio = inputs.facts().get_column("contribution_ratio_12m_lo").drop_nulls()
    n, floor = ratio.len(), inputs.params["key_account_floor"]
    enough = n >= inputs.params["key_account_min_n"]
    p25, p75 = (
        ratio.quantile(share, interpolation="linear") if enough else None for share in (0.25, 0.75)
    )
    own = p25 is not None and p25 < floor
    limit = p25 if own else floor
    quarter = f"your lowest quarter of {n} accounts ends at"
    fixed = pl.format(f"the fixed floor: {quarter} {{}}", percent(pl.lit(p25, dtype=pl.Float64)))
    few = pl.lit(f"{FIXED}, n = {n} of {inputs.params['key_account_min_n']} needed")
    basis = quarter if own else "the floor is"
    return inputs.subjects().select(
        "id",
        account_contribution_p25=pl.lit(p25, dtype=pl.Float64),
        account_contribution_p75=pl.lit(p75, dtype=pl.Float64),
        account_contribution_n=pl.lit(n, dtype=pl.Int64),
        key_account_watch_limit=pl.lit(limit, dtype=pl.Float64),
        key_account_watch_n=pl.lit(n if own else None, dtype=pl.Int64),
        key_account_watch_source=pl.lit(OWN_HISTORY) if own else fixed.fill_null(few),
        key_account_watch_basis=pl.format(basis + " {}", percent(pl.lit(limit))),
    )


@facts(
    "account",
    Fact(
        "key_days",
        "int",
        "Days since the later of the last review of the key status and the day it began; unknown "
        "without either.",
        "days",
        requires=(("accounts.key_since_on", "accounts.key_reviewed_on"),),
        origin="accounts.key_reviewed_on",
    ),
    Fact(
        "key_review_days",
        "int",
        "Days since the last review of the key status.",
        "days",
        origin="accounts.key_reviewed_on",
    ),
    Fact(
        "key_review_kept",
        "bool",
        "Whether that review kept the status.",
        origin="accounts.key_review_kept",
    ),
    Fact("key_history", "text", "Since when it is a key account and when it was reviewed."),
    reads={"accounts": ("account_id", "key_since_on", "key_reviewed_on", "key_review_kept")},
)
def key_status(inputs: Inputs) -> pl.DataFrame:
    """Count the days since somebody looked at an account's key status."""
    frame = with_own_row(inputs.subjects(), inputs.table("accounts"), "account_id")
    since, reviewed = pl.col("key_since_on"), pl.col("key_reviewed_on")
    kept = pl.col("key_review_kept")
    result = (
        pl.when(kept).then(pl.lit(" and kept"))
        .when(~kept).then(pl.lit(" and not kept"))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    return frame.select(
        "id",
        "key_review_kept",
        key_days=(pl.col("day") - pl.max_horizontal(since, reviewed)).dt.total_days(),
        key_review_days=(pl.col("day") - reviewed).dt.total_days(),
        key_history=pl.concat_str(
            pl.format("key account since {}", spoken(since)).fill_null(
                "since when it is a key account is unknown"
            ),
            pl.format(", last reviewed {}{}", spoken(reviewed), result).fill_null(
                ", no review recorded"
            ),
        ),
    )


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
    min_days: Annotated[
        int,
        Param(
            "Days since the first revenue before a key account is judged",
            ge=0,
            le=3650,
            unit="days",
        ),
    ] = 365,
) -> Rules:
    """A key account earns money.

    A customer that is run as a key account gets the best people, prices and service; what it
    leaves after all of that shows whether it earns them. Contribution is revenue less steps off
    the invoice, cost of goods and service cost over the last 12 complete months, its ratio that
    contribution ÷ net revenue (revenue less steps off the invoice). Zero or less is a risk; a
    ratio under the floor that also lies in the lowest quarter of the organisation's accounts is a
    watch; the best quarter is a strength. Percentiles count from 20 accounts on.

    Needs the key flag, the first revenue, and by month revenue and cost of goods, at least 10 of
    12 months known. A month without row is zero where the feeds cover it to its last day, else it
    is left out and the message says so. A month with an empty cell may have cost anything: it is
    weighed at its best, and a loss that remains is a risk; without one nothing is decided. Without
    invoiced months, deals won in a month stand for it, labelled. Where service cost is recorded
    nowhere, contribution is before cost to serve and no strength is given.
    """
    ratio, limit = d.interval("contribution_ratio_12m"), d.key_account_watch_limit
    best, n = d.account_contribution_p75, d.account_contribution_n
    said = (
        "{business_12m}: net revenue {net_revenue_12m:money}, {contribution_12m_label} "
        "{contribution_12m_hi:money}{contribution_12m_span}"
    )
    watched = at_least(limit, source=d.key_account_watch_source, n=d.key_account_watch_n)
    return Rules(
        applies=d.is_key & (d.interval("first_revenue_days") >= min_days) & d.rated_12m,
        risk=d.interval("contribution_12m") <= 0,
        watch=ratio < limit,
        strength=d.service_cost_recorded & (ratio >= best),
        message={
            "risk": said,
            "watch": said + "; {key_account_watch_basis}",
            "pass": said,
            "strength": said + "; your best quarter of {account_contribution_n:count} accounts "
            "starts at {account_contribution_p75:margin}",
            "insufficient_data": "{known_months_12m:count} of 12 months are known in full"
            "{known_months_needed}; unknown: {unknown_12m}",
        },
        actual=d.contribution_ratio_12m_hi,
        expected={
            "risk": above(0, source=JUDGEMENT),
            "watch": watched,
            "pass": watched,
            "strength": at_least(best, source=OWN_HISTORY, n=n),
        },
        evidence=[
            Cite("accounts", "is_key", d.is_key),
            *cited(d, "net_revenue_12m", "contribution_12m_lo", "contribution_12m_hi"),
            *cited(d, "recorded_months_12m", "known_months_12m", "months_basis"),
        ],
        at_risk=Exposure("margin", -d.contribution_12m_hi),
    )


@check.columns(
    "accounts/key-by-habit",
    on="account",
    severity="minor",
    ask=["What did they do last year that earned the special treatment?"],
    sources=[f"watch and risk: {JUDGEMENT}"],
)
def key_by_habit(
    d: Columns,
    *,
    watch: Annotated[
        int,
        Param(
            "Watch above this many days without a review",
            ge=30,
            le=3650,
            unit="days",
            at_most="risk",
        ),
    ] = 365,
    risk: Annotated[
        int, Param("Risk above this many days without a review", ge=30, le=3650, unit="days")
    ] = 730,
) -> Rules:
    """A key account earns its status anew.

    Special prices and the best people were given for a reason; years later the reason may be gone
    while the treatment goes on. Days = the review's day − the later of the last review of the
    status and the day on which the account became a key account, so a young one has a year. A
    review within the watch limit that kept the status is a strength.

    Needs the day on which the account became a key account, or a review of that status.
    """
    said = "{key_history}"
    late = said + "; {key_days:days} without a review"
    return Rules(
        applies=d.is_key,
        risk=d.key_days > risk,
        watch=d.key_days > watch,
        strength=(d.key_review_days <= watch) & d.key_review_kept,
        message={
            "risk": late + ", over {risk:days} is a risk",
            "watch": late + ", at most {watch:days} expected",
            "pass": late,
            "strength": said,
            "insufficient_data": said,
        },
        actual=d.key_days,
        expected={
            "risk": at_most(risk, source=JUDGEMENT),
            "watch": at_most(watch, source=JUDGEMENT),
            "pass": at_most(watch, source=JUDGEMENT),
            "strength": at_most(watch, source=JUDGEMENT),
        },
        evidence=[Cite("accounts", "is_key", d.is_key), *cited(d, "key_days", "key_review_days")],
    )
