"""Which deals get a person's hours: those that fit or others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.accounts.fit import ANSWER, ASKED, by_settings
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.timesheets import SECONDS, seconds
from dealreview.plugins.words import between, figure

if TYPE_CHECKING:
    import datetime as dt

TIME_IS_RECORDED = ("time_entries.hours", "time_entries.category", "time_entries.deal_id")
WEEKS = 8

_HOURS = {
    "hours_8w": "Hours of the person in 8 complete weeks, absence left out",
    "deal_hours_8w": "Hours of the person on deals in 8 weeks",
    "poor_fit_hours_8w": "Hours of the person on deals of poor fit in 8 weeks",
    "prospecting_hours_8w": "Hours of the person on prospecting in 8 weeks",
}
_RATIOS = {
    "poor_fit_hours_ratio_lo": (
        "Hours on deals of poor fit ÷ hours on deals, 8 weeks, deals of unknown fit as good ones",
        ANSWER,
    ),
    "poor_fit_hours_ratio_hi": ("The same with deals of unknown fit as poor ones", ANSWER),
    "prospecting_ratio_lo": (
        "Prospecting ÷ prospecting and selling, 8 weeks, hours without category as selling",
        "time_entries.category",
    ),
    "prospecting_ratio_hi": ("The same with them as prospecting", "time_entries.category"),
}


@facts(
    "rep",
    *(
        Fact(n, "real", f"{text}.", "hours", requires=TIME_IS_RECORDED, origin="time_entries.hours")
        for n, text in _HOURS.items()
    ),
    *(
        Fact(
            n,
            "real",
            f"{text}; unknown under `min_hours_8w` hours"
            + (" or `min_fit_hours_share`." if n.startswith("poor") else "."),
            "share",
            requires=(*TIME_IS_RECORDED, ASKED),
            origin=origin,
        )
        for n, (text, origin) in _RATIOS.items()
    ),
    Fact("poor_fit_hours_words", "text", "Hours on deals of poor fit, in words."),
    Fact("poor_fit_hours_lack", "text", "What there is too little of for a share, in words."),
    step="organisation",
    reads={"time_entries": ("person_id", "day", "hours", "category", "deal_id")},
    uses=("deal.poor_fit",),
    params={
        "min_hours_8w": (
            40,
            Param("Hours recorded in 8 weeks that a share needs", ge=1, le=320, unit="hours"),
        ),
        "min_fit_hours_share": (
            0.7,
            Param("Share of deal hours that must have a known fit", ge=0, le=1, unit="share"),
        ),
    },
)
def poor_hours(inputs: Inputs) -> pl.DataFrame:
    """Share a person's hours on deals out by fit."""
    first, last = inputs.calendar.complete_weeks(inputs.as_of, WEEKS)
    sums = _hours(inputs, first, last).group_by("person_id").agg(_parts())
    frame = inputs.subjects().select("id")
    frame = frame.join(sums, left_on="id", right_on="person_id", how="left").fill_null(0)
    covered = inputs.feeds.covers("time_entries", first, last) & (pl.col("holes") == 0)
    names = [name for name in frame.columns if name not in ("id", "holes")]
    frame = frame.with_columns(pl.when(covered).then(pl.col(name)).alias(name) for name in names)
    shares = _poor_shares(
        frame, inputs.params["min_hours_8w"], inputs.params["min_fit_hours_share"]
    )
    basis = by_settings(inputs)
    words = pl.concat_str("poor_fit_hours_words", pl.lit(f", {basis}" if basis else ""))
    return shares.with_columns(poor_fit_hours_words=words)


def _hours(inputs: Inputs, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the entries of a span of days with their seconds and the fit of their deal."""
    fits = inputs.facts("deal").rename({"id": "deal_id"})
    entries = inputs.table("time_entries").filter(pl.col("day").is_between(first, last))
    return entries.with_columns(seconds=seconds()).join(fits, on="deal_id", how="left")


def _parts() -> list[pl.Expr]:
    """Return the sums of entries that the shares are made of."""
    spent, category, poor = pl.col("seconds"), pl.col("category"), pl.col("poor_fit")
    working = category.ne_missing("absence")
    on_deal = working & pl.col("deal_id").is_not_null()
    parts = {
        "all": working,
        "on_deals": on_deal,
        "poor": on_deal & poor.fill_null(value=False),
        "unjudged": on_deal & poor.is_null(),
        "prospecting": category == "prospecting",
        "selling": category == "selling",
        "open": category.is_null(),
    }
    sums = [spent.filter(part).sum().alias(name) for name, part in parts.items()]
    return [*sums, spent.is_null().sum().cast(pl.Int64).alias("holes")]


def _poor_shares(frame: pl.DataFrame, min_hours: float, min_known: float) -> pl.DataFrame:
    hours = {name: pl.col(name) / SECONDS for name in ("all", "on_deals", "poor", "prospecting")}
    enough = hours["all"] >= min_hours
    on_deals, unjudged = pl.col("on_deals"), pl.col("unjudged")
    judged = enough & (on_deals > 0) & (on_deals - unjudged >= min_known * on_deals)
    begun = pl.col("prospecting") + pl.col("selling") + pl.col("open")

    def share(part: pl.Expr, whole: pl.Expr, when: pl.Expr) -> pl.Expr:
        return pl.when(when & (whole > 0)).then(part / whole)

    frame = frame.with_columns(
        poor_fit_hours_ratio_lo=share(pl.col("poor"), on_deals, judged),
        poor_fit_hours_ratio_hi=share(pl.col("poor") + unjudged, on_deals, judged),
        prospecting_ratio_lo=share(pl.col("prospecting"), begun, enough),
        prospecting_ratio_hi=share(pl.col("prospecting") + pl.col("open"), begun, enough),
    )
    least, most = pl.col("poor_fit_hours_ratio_lo"), pl.col("poor_fit_hours_ratio_hi")
    return frame.select(
        "id",
        *_RATIOS,
        hours_8w=hours["all"],
        deal_hours_8w=hours["on_deals"],
        poor_fit_hours_8w=hours["poor"],
        prospecting_hours_8w=hours["prospecting"],
        poor_fit_hours_words=between(least, most),
        poor_fit_hours_lack=_lack(min_hours, min_known),
    )


def _lack(min_hours: float, min_known: float) -> pl.Expr:
    """Return what keeps a share from being known: ``39 h recorded in 8 weeks, 40 needed``."""
    hours, on_deals = pl.col("all") / SECONDS, pl.col("on_deals")
    known = 1 - pl.col("unjudged") / on_deals
    return (
        pl.when(hours.is_null()).then(pl.lit("the hours of 8 weeks are not all recorded"))
        .when(hours < min_hours)
        .then(pl.format("{} h recorded in 8 weeks, {} needed", figure(hours), pl.lit(min_hours)))
        .when(on_deals == 0).then(pl.lit("no hours on deals in 8 weeks"))
        .when(known < min_known)
        .then(pl.format("the fit is known for {} of the hours on deals, {} needed",
                        between(known, known), pl.lit(f"{min_known:.0%}")))
        .otherwise(pl.lit("hours without category or on deals of unknown fit decide"))
    )  # fmt: skip


@check.columns(
    "accounts/hours-in-poor-fits",
    on="rep",
    severity="minor",
    ask=["What would ten of those hours do elsewhere?"],
    sources=[f"shares, weeks and fewest hours: {JUDGEMENT}"],
)
def hours_in_poor_fits(
    d: Columns,
    *,
    poor_share: Annotated[
        float, Param("Watch above this share of the hours on deals", ge=0, le=1, unit="share")
    ] = 0.40,
    prospecting: Annotated[
        float,
        Param(
            "Risk if prospecting is also under this share of prospecting and selling",
            ge=0,
            le=1,
            unit="share",
        ),
    ] = 0.10,
) -> Rules:
    """Hours go to deals that fit, and some to finding them.

    Who works on deals that do not fit and looks for no others will have the same deals next
    quarter. Poor share = hours on deals whose fit is under one half ÷ hours on deals; prospecting
    share = prospecting ÷ prospecting and selling; both over the last eight complete weeks. Too
    large a poor share is a watch, and a risk where there is hardly any prospecting beside it. Hours
    on deals of unknown fit, and hours without category, are weighed at both ends. For coaching, not
    for judging people.

    Needs time entries with category and deal, at least 40 h of them, and the fit of the deals on
    which at least 70 % of the hours on deals were spent: answers to the criteria, or criteria in the
    configuration (`[[fit]]`).
    """
    poor = d.interval("poor_fit_hours_ratio") > poor_share
    said = (
        "{poor_fit_hours_8w:number} of {deal_hours_8w:hours} on deals went to deals of poor fit "
        "({poor_fit_hours_words}); prospecting {prospecting_hours_8w:hours}"
    )
    return Rules(
        applies=d.sales_role,
        risk=poor & (d.interval("prospecting_ratio") < prospecting),
        watch=poor,
        message={
            "risk": said + " ({prospecting_ratio_hi:share}); over {poor_share:share} and under "
            "{prospecting:share} is a risk",
            "watch": said + "; at most {poor_share:share} expected",
            "pass": said,
            "insufficient_data": "{poor_fit_hours_lack}",
        },
        actual=d.poor_fit_hours_ratio_hi,
        expected=at_most(poor_share, source=JUDGEMENT),
        evidence=cited(d, "poor_fit_hours_8w", "deal_hours_8w", "prospecting_hours_8w", "hours_8w"),
    )
