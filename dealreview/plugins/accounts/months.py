"""What an account contributed in its last 12 complete months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dealreview import (
    Fact,
    Inputs,
    Param,
    facts,
)
from dealreview.plugins.evidence import JUDGEMENT
from dealreview.plugins.ledger import (
    MONEY,
    MONTHS,
    RATES,
    READS,
    calendar,
    lacks_only_rate,
    month_number,
    monthly,
    rated,
    settled,
    this_month,
    unrated,
    with_invoiced,
    with_service,
    with_sums,
)
from dealreview.plugins.words import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

REVENUE = ("account_months.revenue_minor", "deal_lines.invoice_minor", "deal_lines.list_minor")
COST = ("account_months.cost_of_goods_minor", "deal_lines.cost_minor")
INVOICED = "account_months.revenue_minor"
SERVED = "service_costs.cost_minor"
COSTS = "account_months.cost_of_goods_minor"
MIN_KNOWN_MONTHS: dict[str, tuple[Any, Param]] = {
    "min_known_months": (
        10,
        Param("Known months of 12 that a yearly figure needs", ge=1, le=12, unit="months"),
    )
}
"""The parameter of a provider that adds up a year."""

WON_DEALS = (
    "deal.account_id",
    "deal.is_won",
    "deal.closed_on",
    "deal.deal_currency",
    "deal.invoice_price",
    "deal.pocket_price",
    "deal.cost_of_goods",
)
"""Facts that stand for months where no invoiced ones are recorded."""

LAST_MONTHS = 17
"""Complete months that five complete quarters reach back: the last one ended up to two months ago."""


@facts(
    "account",
    Fact(
        "revenue_12m",
        "money",
        "Revenue of the recorded months of the last 12 complete ones; unknown with one of them, or "
        "under `min_known_months` of them.",
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
    Fact(
        "known_months_needed",
        "text",
        "How many of them are needed where they are too few, in words.",
    ),
    Fact("unknown_months_12m", "int", "Recorded months with an unknown part.", "months"),
    Fact(
        "unrated_months_12m", "int", "Recorded months of which nothing but an exchange rate lacks."
    ),
    Fact(
        "lacks_only_rates_12m",
        "bool",
        "Nothing but exchange rates keeps what the months come to unknown.",
        origin=RATES,
    ),
    Fact(
        "rated_12m",
        "bool",
        "Never false: unknown where nothing but exchange rates keeps what the months come to unknown.",
        origin=RATES,
    ),
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
    uses=WON_DEALS,
    params={
        **MIN_KNOWN_MONTHS,
        "unknown_cost_limit": (
            3.0,
            Param(
                "On the whale curve a month of unknown cost costs at most this many times its revenue "
                "or that of a usual month of the account",
                ge=1,
                le=100,
                unit="times the revenue",
                source=JUDGEMENT,
            ),
        ),
    },
)
def twelve_months(inputs: Inputs) -> pl.DataFrame:
    """Add up an account's last 12 complete months."""
    invoiced = inputs.feeds.is_recorded(INVOICED)
    year = money(inputs).filter(pl.col("number") >= pl.col("until") - MONTHS)
    sums = _weighed(_sums(year), inputs.params)
    frame = (
        inputs.subjects().select("id").join(sums, left_on="id", right_on="account_id", how="left")
    )
    served = inputs.feeds.is_recorded(SERVED)
    return frame.with_columns(
        business_12m=_business(),
        months_basis=pl.lit("account_months" if invoiced else "won_deals"),
        contribution_12m_label=_contribution_label(served=served, invoiced=invoiced),
        contribution_12m_span=_span(),
        service_cost_recorded=pl.lit(served),
    )


def money(inputs: Inputs) -> pl.DataFrame:
    """Return revenue, off-invoice steps, cost of goods and service cost of an account's last months.

    They come from invoiced months; where none are recorded at all, from won deals.
    """
    return inputs.shared(_money, reads=READS, uses=WON_DEALS)


def _money(inputs: Inputs) -> pl.DataFrame:
    day = this_month(pl.col("day"))
    keys = inputs.subjects().select(pl.col("id").alias("account_id"), until=day)
    grid = calendar(keys, LAST_MONTHS)
    if inputs.feeds.is_recorded(INVOICED):
        return with_service(inputs, with_invoiced(inputs, grid))
    return with_service(inputs, _with_won_deals(inputs, grid))


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
    stated = won.select(currency="deal_currency", **{new: old for old, new in prices.items()})
    rows = won.select("account_id", number=month_number(pl.col("closed_on"))).with_columns(
        converted
    )
    rows = rows.with_columns(unrated(stated, converted)).with_columns(
        off_invoice=pl.col("revenue") - pl.col("pocket"), off_invoice_unrated="pocket_unrated"
    )
    names = ["revenue", "off_invoice", "cost_of_goods"]
    grid = with_sums(grid, monthly(rows, *names))
    return settled(inputs, grid, "deals", names, "rows")


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
    lacking = {
        f"without_{name}": recorded
        & pl.col(name).is_null()
        & ~pl.col(f"{name}_unrated").fill_null(value=False)
        for name in PARTS
    }
    unrated_parts = pl.any_horizontal(
        pl.col(f"{name}_unrated").fill_null(value=False) for name in PARTS
    )
    return grid.group_by("account_id").agg(
        count_of(recorded).alias("recorded_months_12m"),
        count_of(known).alias("known_months_12m"),
        count_of(recorded & ~known).alias("unknown_months_12m"),
        revenue_seen_12m=pl.col("revenue").sum(),
        revenue_months=pl.col("revenue").count(),
        net=pl.when(priced).then(pl.col("net").sum()),
        most=pl.when(priced).then(pl.col("most").sum()),
        scale=pl.col("scale").sum(),
        some=pl.any_horizontal((pl.col(n) != 0).fill_null(value=False) for n in MONEY).any(),
        unrated_months_12m=count_of(recorded & lacks_only_rate()),
        without_rate=count_of(recorded & unrated_parts),
        **{name: count_of(lacks) for name, lacks in lacking.items()},
    )


def count_of(condition: pl.Expr) -> pl.Expr:
    """Return how many rows meet a condition; unknown ones don't."""
    return condition.sum().cast(pl.Int64)


def _weighed(sums: pl.DataFrame, params: Mapping[str, Any]) -> pl.DataFrame:
    """Give what the months contribute at their worst and at their best."""
    enough = pl.col("known_months_12m") >= params["min_known_months"]
    whole, seen = pl.col("unknown_months_12m") == 0, pl.col("recorded_months_12m") > 0
    most, net = pl.col("most"), pl.col("net")
    ratio = pl.when(enough & (net > 0)).then(most / net)
    dearest = pl.when(whole).then(0).otherwise(_dearest(params["unknown_cost_limit"]))
    # A month of unknown revenue is no month of none: without it the year's revenue is unknown.
    priced = (pl.col("revenue_months") >= params["min_known_months"]) & net.is_not_null()
    nothing = pl.col("known_months_12m") == 12
    lacks_rates = _lacks_only_rates(params["min_known_months"], most=pl.when(enough).then(most))
    return sums.select(
        "account_id",
        "revenue_seen_12m",
        "known_months_12m",
        "recorded_months_12m",
        "unknown_months_12m",
        "unrated_months_12m",
        known_months_needed=pl.when(~enough)
        .then(pl.lit(f", {params['min_known_months']} needed"))
        .otherwise(pl.lit("")),
        unknown_12m=_unknown_parts(),
        lacks_only_rates_12m=lacks_rates,
        rated_12m=rated(lacks_rates),
        revenue_12m=pl.when(priced).then("revenue_seen_12m"),
        net_revenue_12m=pl.when(enough).then(net),
        contribution_12m_lo=pl.when(enough & whole).then(most),
        contribution_12m_hi=pl.when(enough).then(most),
        contribution_ratio_12m_lo=pl.when(whole).then(ratio),
        contribution_ratio_12m_hi=ratio,
        contribution_seen_12m_lo=pl.when(seen).then(most - dearest),
        contribution_seen_12m_hi=pl.when(seen).then(most),
        active_12m=pl.when("some").then(statement=True).when(nothing).then(statement=False),
    )


def _lacks_only_rates(least: int, *, most: pl.Expr) -> pl.Expr:
    """Return whether the year would be known with the rates of its months, and is not without them."""
    unrated_months, unknown = pl.col("unrated_months_12m"), pl.col("unknown_months_12m")
    would_do = pl.col("known_months_12m") + unrated_months >= least
    # Nothing left at best stays nothing: it is found without them.
    certain = (most <= 0).fill_null(value=False)
    return (unrated_months > 0) & (unrated_months == unknown) & would_do & ~certain


def _dearest(limit: float) -> pl.Expr:
    """Return the most that the unknown months can have cost, unknown without revenue to go by."""
    scale = pl.col("scale")
    return pl.when(scale > 0).then((limit * scale).round(0).cast(pl.Int64, strict=False))


def _unknown_parts() -> pl.Expr:
    """Return which parts are unknown in how many months, in words."""
    left_out = 12 - pl.col("recorded_months_12m")
    counts = {words: pl.col(f"without_{name}") for name, words in PARTS.items()}
    others = {"exchange rate": pl.col("without_rate"), "everything": left_out}
    parts = [
        pl.when(n > 0).then(pl.format("{} in {} of 12 months", pl.lit(words), n))
        for words, n in (counts | others).items()
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
    short = (pl.col("unknown_months_12m") > 0) & pl.col("contribution_12m_hi").is_not_null()
    at_most = pl.when(short).then(pl.lit(f"{label} at most"))
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
