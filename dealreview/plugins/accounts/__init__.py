"""Which customers earn their keep, and where the organisation's profit comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Exposure,
    Fact,
    Inputs,
    Interval,
    Param,
    Rules,
    Term,
    above,
    at_least,
    at_most,
    check,
    facts,
)
from dealreview.plugins.evidence import FIXED, JUDGEMENT, OWN_HISTORY, cited
from dealreview.plugins.ledger import (
    MONEY,
    READS,
    calendar,
    complete_sum,
    month_number,
    settled,
    this_month,
    with_invoiced,
    with_service,
)
from dealreview.plugins.words import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

REVENUE = ("account_months.revenue_minor", "deal_lines.invoice_minor", "deal_lines.list_minor")
COST = ("account_months.cost_of_goods_minor", "deal_lines.cost_minor")
INVOICED = "account_months.revenue_minor"
SERVED = "service_costs.cost_minor"
COSTS = "account_months.cost_of_goods_minor"


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
        "contribution_12m_lo",
        "money",
        "The least that the recorded months of 12 contribute: revenue less steps off the invoice, "
        "cost of goods and service cost; unknown if a recorded month has an unknown part (it may have "
        "cost anything) or under `min_known_months` known months. Where service cost is recorded "
        "nowhere, before it.",
        "reporting currency",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "contribution_12m_hi",
        "money",
        "The most that they contribute: unknown costs and steps off the invoice count as none; unknown "
        "with the revenue of a recorded month or under `min_known_months` known months.",
        "reporting currency",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "net_revenue_12m",
        "money",
        "Revenue less known steps off the invoice over the same months; unknown with the most that "
        "they contribute.",
        "reporting currency",
        requires=(REVENUE,),
        origin=INVOICED,
    ),
    Fact(
        "contribution_ratio_12m_lo",
        "real",
        "Least contribution ÷ net revenue; unknown with either and for a net revenue of zero or less.",
        "share",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "contribution_ratio_12m_hi",
        "real",
        "Most contribution ÷ net revenue; unknown with either and for a net revenue of zero or less.",
        "share",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "contribution_seen_12m_lo",
        "money",
        "As the least contribution, of the recorded months however few; an unknown month costs at most "
        "`unknown_cost_limit` times its revenue or that of a usual month; unknown without any.",
        "reporting currency",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "contribution_seen_12m_hi",
        "money",
        "As the most contribution, of the recorded months however few.",
        "reporting currency",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "recorded_months_12m",
        "int",
        "Months of 12 that are recorded: with rows, or inside the feeds to their last day.",
        "months",
    ),
    Fact("known_months_12m", "int", "Months of 12 with revenue and every cost known.", "months"),
    Fact("unknown_months_12m", "int", "Recorded months with an unknown part.", "months"),
    Fact("unknown_12m", "text", "Which parts are unknown in how many months, in words."),
    Fact("months_basis", "enum", "account_months, or won_deals: by closing month of won deals."),
    Fact(
        "active_12m",
        "bool",
        "Some revenue or cost in 12 months; unknown if nothing is seen and a month is unknown.",
        origin=INVOICED,
    ),
    Fact(
        "business_12m",
        "enum",
        "What the months come to: no business, loses money, earns nothing, earns money; unknown if an "
        "unknown part could change it.",
    ),
    Fact(
        "contribution_12m_label",
        "text",
        "What to call the contribution: at most, before cost to serve, from won deals.",
    ),
    Fact("contribution_12m_span", "text", "Ratio and number of months, in words."),
    Fact(
        "service_cost_recorded",
        "bool",
        "Service cost by account and month is recorded at all.",
        origin=SERVED,
    ),
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
        ),
        "unknown_cost_limit": (
            3.0,
            Param(
                "On the whale curve a month of unknown cost costs at most this many times its revenue "
                "or that of a usual month of the account",
                ge=1,
                le=100,
                source=JUDGEMENT,
            ),
        ),
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
    sums = _weighed(_sums(grid), inputs.params)
    frame = subjects.select("id").join(sums, left_on="id", right_on="account_id", how="left")
    served = inputs.feeds.is_recorded(SERVED)
    return frame.with_columns(
        business_12m=_business(),
        months_basis=pl.lit("account_months" if invoiced else "won_deals"),
        contribution_12m_label=_contribution_label(served=served, invoiced=invoiced),
        contribution_12m_span=_span(),
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
    grid = grid.join(sums, on=["account_id", "number"], how="left")
    return settled(inputs, grid, "deals", names, "deals")


PARTS = {
    "revenue": "revenue",
    "off_invoice": "steps off the invoice",
    "cost_of_goods": "cost of goods",
    "service": "service cost",
}
"""What the parts of a month are called."""


def _sums(grid: pl.DataFrame) -> pl.DataFrame:
    """Add up the recorded months of each account, unknown costs as none."""
    recorded = pl.col("recorded")
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in MONEY)
    net = pl.col("revenue") - pl.col("off_invoice").fill_null(0)
    most = net - pl.col("cost_of_goods").fill_null(0) - pl.col("service").fill_null(0)
    grid = grid.with_columns(net=pl.when(recorded).then(net), most=pl.when(recorded).then(most))
    priced = (~recorded | pl.col("revenue").is_not_null()).all()
    # What a month of unknown cost can have cost is guessed from its revenue, or a usual month's.
    usual = pl.col("revenue").mean().over("account_id")
    scale = pl.max_horizontal("revenue", usual.ceil().cast(pl.Int64, strict=False))
    grid = grid.with_columns(scale=pl.when(recorded & ~known).then(scale))
    lacking = {f"without_{name}": recorded & pl.col(name).is_null() for name in PARTS}
    return grid.group_by("account_id").agg(
        _count(recorded).alias("recorded_months_12m"),
        _count(known).alias("known_months_12m"),
        _count(recorded & ~known).alias("unknown_months_12m"),
        revenue_seen_12m=pl.col("revenue").sum(),
        revenue_months=pl.col("revenue").count(),
        net=pl.when(priced).then(pl.col("net").sum()),
        most=pl.when(priced).then(pl.col("most").sum()),
        scale=pl.col("scale").sum(),
        some=pl.any_horizontal((pl.col(n) != 0).fill_null(value=False) for n in MONEY).any(),
        **{name: _count(lacks) for name, lacks in lacking.items()},
    )


def _count(condition: pl.Expr) -> pl.Expr:
    return condition.sum().cast(pl.Int64)


def _weighed(sums: pl.DataFrame, params: Mapping[str, Any]) -> pl.DataFrame:
    """Give what the months contribute at their worst and at their best."""
    enough = pl.col("known_months_12m") >= params["min_known_months"]
    whole, seen = pl.col("unknown_months_12m") == 0, pl.col("recorded_months_12m") > 0
    most, net = pl.col("most"), pl.col("net")
    ratio = pl.when(enough & (net > 0)).then(most / net)
    dearest = pl.when(whole).then(0).otherwise(_dearest(params["unknown_cost_limit"]))
    priced_months = pl.col("revenue_months") >= params["min_known_months"]
    nothing = pl.col("known_months_12m") == 12
    return sums.select(
        "account_id",
        "revenue_seen_12m",
        "known_months_12m",
        "recorded_months_12m",
        "unknown_months_12m",
        unknown_12m=_unknown_parts(),
        revenue_12m=pl.when(priced_months).then("revenue_seen_12m"),
        net_revenue_12m=pl.when(enough).then(net),
        contribution_12m_lo=pl.when(enough & whole).then(most),
        contribution_12m_hi=pl.when(enough).then(most),
        contribution_ratio_12m_lo=pl.when(whole).then(ratio),
        contribution_ratio_12m_hi=ratio,
        contribution_seen_12m_lo=pl.when(seen).then(most - dearest),
        contribution_seen_12m_hi=pl.when(seen).then(most),
        active_12m=pl.when("some").then(statement=True).when(nothing).then(statement=False),
    )


def _dearest(limit: float) -> pl.Expr:
    """Return the most that the unknown months can have cost, unknown without revenue to go by."""
    scale = pl.col("scale")
    return pl.when(scale > 0).then((limit * scale).round(0).cast(pl.Int64, strict=False))


def _unknown_parts() -> pl.Expr:
    """Return which parts are unknown in how many months, in words."""
    left_out = 12 - pl.col("recorded_months_12m")
    counts = {words: pl.col(f"without_{name}") for name, words in PARTS.items()}
    parts = [
        pl.when(n > 0).then(pl.format("{} in {} of 12 months", pl.lit(words), n))
        for words, n in (counts | {"everything": left_out}).items()
    ]
    listed = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    return pl.when(listed == "").then(pl.lit("nothing")).otherwise(listed)


def _span() -> pl.Expr:
    """Return ratio and months: `` (−3.2%) in 10 of 12 months``; no ratio where there is none."""
    months = pl.col("recorded_months_12m")
    span = pl.when(months < 12).then(pl.format("in {} of 12 months", months))
    ratio = percent(pl.col("contribution_ratio_12m_hi"))
    return pl.concat_str(
        pl.when(ratio.is_not_null()).then(pl.format(" ({})", ratio)).otherwise(pl.lit("")),
        pl.lit(" "),
        span.otherwise(pl.lit("in 12 months")),
    )


def _contribution_label(*, served: bool, invoiced: bool) -> pl.Expr:
    label = f"contribution{'' if served else ' before cost to serve'}"
    label += "" if invoiced else " (from won deals)"
    at_most = pl.when(pl.col("unknown_months_12m") > 0).then(pl.lit(f"{label} at most"))
    return at_most.otherwise(pl.lit(label))


def _business() -> pl.Expr:
    least, most = pl.col("contribution_12m_lo"), pl.col("contribution_12m_hi")
    return (
        pl.when(most < 0).then(pl.lit("loses money"))
        .when(least.is_null() & (most > 0)).then(None)
        .when((most == 0) & ~pl.col("active_12m")).then(pl.lit("no business"))
        .when(most == 0).then(pl.lit("earns nothing"))
        .when(most > 0).then(pl.lit("earns money"))
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
    before, until = pl.col("seen").dt.offset_by("-1mo"), pl.col("seen").dt.offset_by("-1d")
    covered = inputs.feeds.covers("account_months" if invoiced else "deals", before, until)
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
        origin=COSTS,
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
    Fact("key_account_watch_source", "text", "own history or fixed default."),
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
    basis = f"your lowest quarter of {n} accounts ends at" if own else "floor"
    return inputs.subjects().select(
        "id",
        account_contribution_p25=pl.lit(p25, dtype=pl.Float64),
        account_contribution_p75=pl.lit(p75, dtype=pl.Float64),
        account_contribution_n=pl.lit(n, dtype=pl.Int64),
        key_account_watch_limit=pl.lit(limit, dtype=pl.Float64),
        key_account_watch_source=pl.lit(OWN_HISTORY if own else FIXED),
        key_account_watch_basis=pl.format(basis + " {}", percent(pl.lit(limit))),
    )


# --- all accounts --------------------------------------------------------------------------------


_ENDS = {
    "whale_lost_lo": "What accounts at a loss take, unknown costs at their best.",
    "whale_lost_hi": "What accounts at a loss take, unknown costs at their worst.",
    "whale_total_lo": "Contribution of all accounts, unknown costs at their worst.",
    "whale_total_hi": "Contribution of all accounts, unknown costs at their best.",
}


@facts(
    "pipeline",
    Fact(
        "whale_peak",
        "money",
        "Highest cumulated contribution of the recorded months of 12, best account first, at least "
        "0; of accounts with a known contribution.",
        "reporting currency",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "whale_total",
        "money",
        "Contribution of the same accounts over those months.",
        "reporting currency",
        origin=COSTS,
    ),
    *(
        Fact(
            name,
            "money",
            f"{text} Unknown under `min_complete_share`, and as for the accounts.",
            "reporting currency",
            requires=(REVENUE, COST),
            origin=COSTS,
        )
        for name, text in _ENDS.items()
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
    Fact("whale_worst_accounts", "set", "The three of them that lose most."),
    Fact(
        "whale_accounts_lo",
        "int",
        "Accounts with some revenue or cost in 12 months.",
        "accounts",
        origin=INVOICED,
    ),
    Fact(
        "whale_accounts_hi",
        "int",
        "The same with accounts whose months are not all known.",
        "accounts",
        origin=INVOICED,
    ),
    Fact("whale_unknown_accounts", "set", "Accounts with business of an unknown contribution."),
    Fact("whale_left_out", "text", "How many accounts the curve leaves out, in words."),
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
        "account.contribution_seen_12m_lo",
        "account.contribution_seen_12m_hi",
        "account.recorded_months_12m",
        "account.unknown_months_12m",
        "account.revenue_seen_12m",
        "account.active_12m",
        "account.months_basis",
        "account.service_cost_recorded",
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
    whole = (pl.col("unknown_months_12m") == 0) & (pl.col("recorded_months_12m") > 0)
    # Nothing seen in the recorded months: no member of a curve over those months.
    active = accounts.with_columns(known=whole).filter(pl.col("active_12m").fill_null(~whole))
    known, unknown = active.filter("known"), active.filter(~pl.col("known"))
    share = _complete_share(known, active)
    decided = known.height > 0 and share >= inputs.params["min_complete_share"]
    counted = accounts.select(
        whale_accounts_lo=_count(pl.col("active_12m")),
        whale_accounts_hi=pl.lit(active.height, dtype=pl.Int64),
        whale_label=_label(),
        whale_complete_revenue_share=pl.lit(share),
    )
    ends = _ends(active).select(pl.when(pl.lit(decided)).then(pl.all()).name.keep())
    parts = [counted, _left_out(unknown), _curve(known), ends]
    return inputs.subjects().select("id").join(pl.concat(parts, how="horizontal"), how="cross")


def _complete_share(known: pl.DataFrame, active: pl.DataFrame) -> float:
    """Return the share of revenue whose accounts are known; without revenue all must be."""
    part, seen = (int(frame["revenue_seen_12m"].sum()) for frame in (known, active))
    return part / seen if seen > 0 else float(known.height == active.height)


def _left_out(unknown: pl.DataFrame) -> pl.DataFrame:
    """Return the accounts of unknown contribution, and how many they are in words."""
    n = unknown.height
    words = f"; {n} account{'s' if n > 1 else ''} of unknown cost left out" if n else ""
    return unknown.select(
        whale_unknown_accounts=pl.col("id").implode(), whale_left_out=pl.lit(words)
    )


def _label() -> pl.Expr:
    """Return what the contribution is called; fewer than 12 recorded months are said."""
    months = pl.col("recorded_months_12m").max()
    served = pl.col("service_cost_recorded").first()
    won = pl.col("months_basis").first() == "won_deals"
    label = pl.concat_str(
        pl.lit("contribution"),
        pl.when(served).then(pl.lit("")).otherwise(pl.lit(" before cost to serve")),
        pl.when(won).then(pl.lit(" (from won deals)")).otherwise(pl.lit("")),
    )
    short = pl.format("{}, {} of 12 months recorded", label, months)
    return pl.when(months < 12).then(short).otherwise(label)


def _curve(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return the points of the curve over accounts with a known contribution, ties by id."""
    left = pl.col("contribution_seen_12m_hi")
    ordered = accounts.sort("contribution_seen_12m_hi", "id", descending=[True, False])
    losing = pl.col("id").filter(left < 0)
    points = ordered.select(
        whale_peak=pl.max_horizontal(left.cum_sum().max(), 0).cast(pl.Int64),
        whale_total=left.sum(),
        whale_peak_share=(left > 0).mean(),
        whale_losing_accounts=losing.implode(),
        whale_worst_accounts=losing.tail(3).implode(),
    )
    ratio = pl.when(pl.col("whale_total") > 0).then(pl.col("whale_peak") / pl.col("whale_total"))
    return points.with_columns(whale_peak_ratio=ratio)


def _ends(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return what is lost and what is left over all accounts, unknown costs at both ends."""
    least, most = pl.col("contribution_seen_12m_lo"), pl.col("contribution_seen_12m_hi")
    ends = accounts.select(
        whale_lost_lo=(-most).clip(lower_bound=0),
        whale_lost_hi=(-least).clip(lower_bound=0),
        whale_total_lo=least,
        whale_total_hi=most,
    )
    return ends.select(complete_sum(name) for name in ends.columns)


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
    watched = at_least(limit, source=d.key_account_watch_source, n=n)
    return Rules(
        applies=d.is_key & (d.interval("first_revenue_days") >= min_days),
        risk=d.interval("contribution_12m") <= 0,
        watch=ratio < limit,
        strength=d.service_cost_recorded & (ratio >= best),
        message={
            "risk": said,
            "watch": said + "; {key_account_watch_basis}",
            "pass": said,
            "strength": said + "; your best quarter of {account_contribution_n:count} accounts "
            "starts at {account_contribution_p75:margin}",
            "insufficient_data": "{known_months_12m:count} of 12 months are known in full; unknown: "
            "{unknown_12m}",
        },
        actual=d.contribution_ratio_12m_hi,
        expected={
            "risk": above(0),
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
    there to the total goes to accounts that lose money. Risk: peak > (1 + risk) × total, that is
    lost > risk × total; watch: lost > watch × total. Written without a division, so that it also
    holds for a total of zero or less.

    Needs revenue and cost of goods by account and month (else won deals with lines, labelled);
    accounts with a known contribution must make four fifths of the revenue. The others are named
    and left out of the curve that is printed; the outcome must be the same with their unknown
    months at no cost and at `unknown_cost_limit` times their revenue (or that of a usual month),
    else nothing is decided. Where service cost is recorded nowhere, the curve is before cost to serve
    and flatter than the truth.
    """

    def lost_more_than(share: float) -> Term:
        at_best = d.whale_lost_lo - share * d.whale_total_hi
        return Interval(at_best, d.whale_lost_hi - share * d.whale_total_lo) > 0

    curve = (
        "{whale_label}: the best {whale_peak_share:share} of accounts bring {whale_peak:money}; "
        "at a loss: {losing:count}, they take {lost:money}"
    )
    rest = "; {whale_total:money} is left{whale_left_out}"
    worst = " (largest: {whale_worst_accounts:people})"
    return Rules(
        applies=d.interval("whale_accounts") >= min_accounts,
        risk=lost_more_than(risk),
        watch=lost_more_than(watch),
        message={
            "risk": curve + worst + rest,
            "watch": curve + worst + rest,
            "pass": curve + rest,
            "insufficient_data": "accounts of known cost make {whale_complete_revenue_share:share} "
            "of the revenue; of unknown cost: {unknown:count} ({whale_unknown_accounts:people})",
        },
        actual=d.whale_peak_ratio,
        expected=at_most(1 + watch, source=JUDGEMENT),
        evidence=[
            Cite("accounts", "name", ids=d.whale_losing_accounts),
            Cite("accounts", "name", ids=d.whale_unknown_accounts),
            *cited(d, "whale_peak", "whale_total", "whale_complete_revenue_share"),
        ],
        values={
            "losing": d.whale_losing_accounts.count(),
            "lost": d.whale_peak - d.whale_total,
            "unknown": d.whale_unknown_accounts.count(),
        },
    )
