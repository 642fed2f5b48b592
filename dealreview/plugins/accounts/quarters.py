"""How the contribution of an account moves from quarter to quarter."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, above, at_least, check, facts
from dealreview.plugins.accounts.months import (
    COST,
    COSTS,
    INVOICED,
    REVENUE,
    SERVED,
    WON_DEALS,
    money,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.ledger import (
    MONEY,
    RATES,
    READS,
    complete_sum,
    lacks_only_rate,
    rated,
)

QUARTERS = 5
LATEST, YEAR_BEFORE = 0, 4
TABLE = "account_months"
"""Quarters are counted back from the last complete one."""


@facts(
    "account",
    *(
        Fact(
            f"contribution_ratio_q{back}",
            "real",
            f"Contribution ÷ net revenue of the complete fiscal quarter {back} before the last one; "
            "unknown with a part of one of its months and for a net revenue of zero or less.",
            "share",
            requires=(REVENUE, COST),
            origin=COSTS,
        )
        for back in range(QUARTERS)
    ),
    Fact(
        "has_steady_revenue",
        "bool",
        "Revenue in at least 4 of 5 quarters, none of them under `steady_share` of their mean; "
        "unknown with the revenue of a quarter that could matter.",
        requires=(REVENUE,),
        origin=INVOICED,
    ),
    Fact(
        "has_year_before",
        "bool",
        "There is net revenue in the last quarter and in that of a year before; unknown with either, "
        "and false where the latter is not recorded.",
        requires=(REVENUE,),
        origin=INVOICED,
    ),
    Fact(
        "contribution_ratio_change",
        "real",
        "Ratio of the last quarter less that of the same quarter a year before; unknown with either.",
        "share points",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "contribution_falls",
        "bool",
        "The ratio fell by `least_fall` or more three times in a row, up to the last quarter; "
        "unknown with one of the four that could matter.",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "quarters_lack_only_rates",
        "bool",
        "Nothing but exchange rates keeps the comparison of the quarters unknown.",
        origin=RATES,
    ),
    Fact(
        "quarters_rated",
        "bool",
        "Never false: unknown where nothing but exchange rates keeps that comparison unknown.",
        origin=RATES,
    ),
    *(
        Fact(
            f"five_quarters_{name}",
            "bool",
            f"Never false: unknown where {what} recorded later than the first of five quarters begins, "
            "and the falls since do not decide.",
            origin=table,
        )
        for name, what, table in (
            ("recorded", "months are", TABLE),
            ("served", "service cost is", SERVED.partition(".")[0]),
        )
    ),
    Fact("contribution_falls_words", "text", "That there are such falls, if so, in words."),
    Fact("contribution_quarters", "text", "The five ratios and the change, in words."),
    Fact("service_recorded_quarters", "bool", "Service cost is recorded at all.", origin=SERVED),
    reads=READS,
    uses=WON_DEALS,
    params={
        "least_fall": (
            0.01,
            Param("A fall of the ratio that counts", ge=0, le=0.5, unit="share", source=JUDGEMENT),
        ),
        "steady_share": (
            0.25,
            Param(
                "Share of the mean that each quarter's revenue must reach",
                ge=0,
                le=1,
                unit="share",
                source=JUDGEMENT,
            ),
        ),
    },
)
def quarters(inputs: Inputs) -> pl.DataFrame:
    """Compare the contribution ratios of an account's last five complete quarters."""
    last = inputs.calendar.complete_quarters(inputs.as_of, 1)[1]
    until = last.year * 12 + last.month + 2
    grid = money(inputs).filter(pl.col("number").is_between(until - 3 * QUARTERS, until - 1))
    grid = grid.with_columns(back=(until - 1 - pl.col("number")) // 3)
    frame = inputs.subjects().select("id")
    for back, quarter in _quarters(grid).items():
        names = {name: f"{name}_{back}" for name in quarter.columns if name != "account_id"}
        frame = frame.join(quarter.rename(names), left_on="id", right_on="account_id", how="left")
    frame = frame.with_columns(_judged(inputs.params["least_fall"], inputs.params["steady_share"]))
    short = ~pl.col(f"recorded_{YEAR_BEFORE}") & ~pl.col("contribution_falls").fill_null(
        value=False
    )
    begins = inputs.calendar.complete_quarters(inputs.as_of, QUARTERS)[0]
    ends = inputs.calendar.complete_quarters(inputs.as_of, QUARTERS - 1)[0] - dt.timedelta(days=1)
    covered = inputs.feeds.covers(TABLE, begins, ends)
    lacks_rates = _lacks_only_rates()
    ratios = {f"contribution_ratio_q{n}": pl.col(f"ratio_{n}") for n in range(QUARTERS)}
    return frame.select(
        "id",
        "has_steady_revenue",
        "has_year_before",
        "contribution_ratio_change",
        "contribution_falls",
        contribution_quarters=_words(short),
        five_quarters_recorded=rated(short & ~covered),
        five_quarters_served=rated(short & covered),
        contribution_falls_words=pl.when("contribution_falls")
        .then(pl.lit("; three falls in a row"))
        .otherwise(pl.lit("")),
        quarters_lack_only_rates=lacks_rates,
        quarters_rated=rated(lacks_rates),
        service_recorded_quarters=pl.lit(inputs.feeds.is_recorded(SERVED)),
        **ratios,
    )


def _quarters(grid: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """Return revenue, net revenue and ratio of accounts by quarter; unknown with one of its months.

    Args:
        grid: Months, and by how many quarters each lies ``back``.
    """
    parts = [pl.when("recorded").then(name).alias(name) for name in MONEY]
    net = pl.col("revenue") - pl.col("off_invoice")
    lacks = pl.col("recorded") & lacks_only_rate()
    grid = grid.with_columns(*parts, lacks=lacks).with_columns(net=net)
    left = pl.col("net") - pl.col("cost_of_goods") - pl.col("service")
    sums = (
        grid.with_columns(left=left)
        .group_by("account_id", "back")
        .agg(
            complete_sum("revenue"),
            complete_sum("net"),
            complete_sum("left"),
            recorded=pl.col("recorded").all(),
            unrated=pl.col("lacks").any() & (pl.col("lacks") | pl.col("left").is_not_null()).all(),
        )
    )
    ratio = pl.when(pl.col("net") > 0).then(pl.col("left") / pl.col("net"))
    sums = sums.with_columns(ratio=ratio)
    return {n: sums.filter(pl.col("back") == n).drop("back", "left") for n in range(QUARTERS)}


def _judged(least_fall: float, steady_share: float) -> list[pl.Expr]:
    ratio = [pl.col(f"ratio_{n}") for n in range(QUARTERS)]
    sold = [pl.col(f"net_{n}") > 0 for n in range(QUARTERS)]
    # A quarter without sales has no ratio: nothing can have fallen to it or from it.
    falls = [
        pl.when(sold[n] & sold[n + 1])
        .then((ratio[n + 1] - ratio[n]).round(9) >= least_fall)
        .when(~sold[n] | ~sold[n + 1])
        .then(statement=False)
        for n in range(3)
    ]
    change = (ratio[LATEST] - ratio[YEAR_BEFORE]).round(9)
    year_before = (
        pl.when(pl.col(f"recorded_{YEAR_BEFORE}")).then(sold[YEAR_BEFORE]).otherwise(False)
    )
    return [
        _steady(steady_share).alias("has_steady_revenue"),
        (sold[LATEST] & year_before).alias("has_year_before"),
        change.alias("contribution_ratio_change"),
        pl.all_horizontal(falls).alias("contribution_falls"),
    ]


def _lacks_only_rates() -> pl.Expr:
    """Return whether the quarters could be compared with the rates, and can't be without them."""
    unrated = [pl.col(f"unrated_{n}").fill_null(value=False) for n in range(QUARTERS)]
    known = [pl.col(f"net_{n}").is_not_null() | unrated[n] for n in range(QUARTERS)]
    before, change = pl.col("has_year_before"), pl.col("contribution_ratio_change")
    undecided = (
        pl.when(before.fill_null(value=True)).then(change.is_null())
        .otherwise(pl.col("contribution_falls").is_null())
    )  # fmt: skip
    undecided = undecided | pl.col("has_steady_revenue").is_null()
    return pl.any_horizontal(unrated) & pl.all_horizontal(known) & undecided


def _steady(share: float) -> pl.Expr:
    """Say whether there is revenue in four of five quarters, none of them tiny beside the others."""
    revenues = [pl.col(f"revenue_{n}") for n in range(QUARTERS)]
    positive = [pl.when(r > 0).then(r) for r in revenues]
    sold = pl.sum_horizontal(p.is_not_null() for p in positive)
    # One quarter less than five may be recorded: with sales in all others it is not needed.
    first = ~pl.col(f"recorded_{YEAR_BEFORE}") & (sold == QUARTERS - 1)
    unknown = pl.sum_horizontal(r.is_null() for r in revenues) - first.cast(pl.Int64)
    even = pl.min_horizontal(positive) >= share * pl.mean_horizontal(positive)
    known = pl.when(unknown == 0).then((sold >= QUARTERS - 1) & even)
    return pl.when(sold + unknown < QUARTERS - 1).then(statement=False).otherwise(known)


def _words(short: pl.Expr) -> pl.Expr:
    """Return the ratios, the oldest first: ``31% → 27% → 24% → 20%``, and the change of a year.

    Args:
        short: Whether a fifth quarter would be needed.
    """
    spoken = [_percent(n) for n in reversed(range(QUARTERS))]
    tenths = (pl.col("contribution_ratio_change") * 1000).round(0).cast(pl.Int64, strict=False)
    points = pl.format("{}.{} points", tenths.abs() // 10, tenths.abs() % 10)
    way = (
        pl.when(tenths < 0).then(pl.lit("under"))
        .when(tenths > 0).then(pl.lit("over"))
    )  # fmt: skip
    change = pl.format("; {} {} the same quarter a year before", points, way)
    needed = (
        pl.when(short).then(pl.lit("; five recorded quarters are needed")).otherwise(pl.lit(""))
    )
    return pl.concat_str([pl.concat_str(spoken, separator=" → "), change.fill_null(""), needed])


def _percent(back: int) -> pl.Expr:
    """Return a ratio in whole percent; a dash for a quarter without sales."""
    percent = (pl.col(f"ratio_{back}") * 100).round(0).cast(pl.Int64, strict=False)
    sign = pl.when(percent < 0).then(pl.lit("−")).otherwise(pl.lit(""))
    said = pl.format("{}{}%", sign, percent.abs())
    without = pl.when(pl.col(f"net_{back}") <= 0).then(pl.lit("no sales"))
    unrated = pl.when(pl.col(f"unrated_{back}")).then(pl.lit("no exchange rate"))
    outside = pl.when(~pl.col(f"recorded_{back}")).then(pl.lit("not recorded"))
    return pl.coalesce(said, without, unrated, outside, pl.lit("unknown"))


@check.columns(
    "accounts/sliding-profit",
    on="account",
    severity="minor",
    ask=["What changed first: the price, the mix or the effort?"],
    sources=[f"fall: {JUDGEMENT}"],
)
def sliding_profit(
    d: Columns,
    *,
    fall: Annotated[
        float,
        Param(
            "Watch if the ratio fell by this much in a year, risk at twice as much",
            ge=0.01,
            le=0.5,
            unit="share",
        ),
    ] = 0.05,
) -> Rules:
    """What an account leaves does not slide away.

    Few customers become bad ones in a day: a discount here, a service there, and each looks small.
    The contribution ratio of the last complete fiscal quarter is compared with that of the same
    quarter a year before, so that a season is no slide: five points less are a watch, ten a risk,
    five more a strength. Three falls in a row of at least one point each, up to the last quarter,
    are a watch too; without sales a year before they alone decide. So they do where only the last
    four quarters are recorded; without such falls it takes five quarters to say anything.

    Asked of accounts with revenue in at least four of the last five quarters, each at least a
    quarter of their mean. Needs revenue and cost of goods by month, else won deals with lines;
    where service cost is recorded nowhere, contribution is before cost to serve and no strength is
    given.
    """
    change = d.contribution_ratio_change
    said = "contribution by quarter {contribution_quarters}"
    return Rules(
        applies=(d.has_steady_revenue | d.quarters_lack_only_rates)
        & d.quarters_rated
        & d.five_quarters_recorded
        & d.five_quarters_served,
        risk=d.has_year_before & (change <= -2 * fall),
        watch=(d.has_year_before & (change <= -fall)) | d.contribution_falls,
        strength=d.service_recorded_quarters & (change >= fall),
        message={
            "risk": said,
            "watch": said
            + "{contribution_falls_words} (expected: a fall under {fall:points} in a year, and "
            "not three in a row)",
            "pass": said,
            "strength": said,
            "insufficient_data": said,
        },
        actual=change,
        # A watch can come from three falls too; without a year before they alone decide.
        expected={
            "risk": above(-2 * fall, source=JUDGEMENT),
            "pass": above(-fall, source=JUDGEMENT),
            "strength": at_least(fall, source=JUDGEMENT),
        },
        evidence=cited(d, *(f"contribution_ratio_q{n}" for n in reversed(range(QUARTERS)))),
    )
