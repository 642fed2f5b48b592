"""What is written down about the dates of a deal, and how old it is."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.changes import READS, daily, history_known, steps, undated
from dealreview.plugins.evidence import FIXED, JUDGEMENT, OWN_HISTORY, beyond, cited, exposed
from dealreview.plugins.history import COMPARABLE, fewest, in_any_segment, own_quantile
from dealreview.plugins.subjects import with_deals, with_facts
from dealreview.plugins.words import counted, figure, fixed_basis, grouped, late_clock, spoken

RECENT_DAYS = 60
"""Days within which a push counts as recent."""


@facts(
    "deal",
    Fact(
        "days_to_close",
        "int",
        "Days to the expected close, negative once it has passed; unknown without an expected "
        "close.",
        "days",
        requires=("deals.expected_close_on",),
        origin="deals.expected_close_on",
    ),
    Fact(
        "days_past_close",
        "int",
        "Days since the expected close, negative while it is ahead; unknown without an expected "
        "close.",
        "days",
        requires=("deals.expected_close_on",),
        origin="deals.expected_close_on",
    ),
    uses=("expected_close_on",),
)
def closing(inputs: Inputs) -> pl.DataFrame:
    """Count the days to the expected close."""
    ahead = (pl.col("expected_close_on") - pl.col("day")).dt.total_days()
    frame = with_facts(inputs)
    return frame.select("id", days_to_close=ahead, days_past_close=-ahead)


@facts(
    "deal",
    Fact(
        "deal_age_days",
        "int",
        "Days since the deal was created; unknown without that day or when it lies ahead.",
        "days",
        requires=("deals.created_on",),
        origin="deals.created_on",
    ),
    uses=("created_on",),
)
def age(inputs: Inputs) -> pl.DataFrame:
    """Count the days that a deal has been open."""
    days = (pl.col("day") - pl.col("created_on")).dt.total_days()
    frame = with_facts(inputs)
    return frame.select("id", deal_age_days=pl.when(days >= 0).then(days))


@facts(
    "deal",
    Fact(
        "deal_age_limit_days",
        "real",
        "Days in which nine in ten won deals of 24 months were won, same pipeline and segment, "
        "else same pipeline; under `deal_age_min_n` of them a fixed number.",
        "days",
        origin="deals.closed_on",
    ),
    Fact(
        "deal_age_least_days",
        "real",
        "The same, and the smallest of all segments where the account's is unknown; the limit is "
        "then the largest of them.",
        "days",
        origin="deals.closed_on",
    ),
    Fact("deal_age_n", "int", "Number of won deals behind the limit.", "deals"),
    Fact(
        "has_own_deal_age",
        "int",
        "1 where the limit comes from the company's own won deals, 0 where it is fixed.",
        origin="deals.closed_on",
    ),
    Fact("deal_age_source", "text", "own history or fixed default."),
    Fact("deal_age_basis", "text", "The limit and where it comes from, in words."),
    step="organisation",
    uses=(*COMPARABLE, "created_on"),
    params={
        "deal_age_min_n": fewest("Won deals that an own limit of age needs"),
        "deal_age_fixed_days": (
            180,
            Param("Limit of age without own history", ge=1, le=3650, unit="days", source=JUDGEMENT),
        ),
    },
)
def usual_age(inputs: Inputs) -> pl.DataFrame:
    """Measure how long won deals took."""
    deals = with_facts(inputs)
    took = (pl.col("closed_on") - pl.col("created_on")).dt.total_days()
    deals = deals.with_columns(took=pl.when(took >= 0).then(took))
    least = inputs.params["deal_age_min_n"]
    found = own_quantile(deals, "took", 0.9, min_n=least)
    own, n = pl.col("quantile").is_not_null(), pl.col("n")
    fixed = float(inputs.params["deal_age_fixed_days"])
    days = pl.col("quantile").fill_null(fixed)
    basis = (
        pl.when(own)
        .then(pl.format("nine in ten won deals took at most {} d (n={})", figure(days), grouped(n)))
        .otherwise(pl.format("watch above {} d ({})", figure(days), fixed_basis(n, least)))
    )
    # Few limits are said of many deals: each is put into words once.
    by = ["quantile", "n"]
    said = found.select(by).unique().with_columns(deal_age_basis=basis)
    found = found.join(said, on=by, how="left", nulls_equal=True, maintain_order="left")
    return found.select(
        "id",
        "deal_age_basis",
        deal_age_limit_days=days,
        deal_age_least_days=pl.col("least").fill_null(fixed),
        deal_age_n="n",
        has_own_deal_age=own.cast(pl.Int64),
        deal_age_source=pl.when(own).then(pl.lit(OWN_HISTORY)).otherwise(pl.lit(FIXED)),
    )


@facts(
    "deal",
    Fact(
        "close_date_pushes_lo",
        "int",
        "Fewest pushes of the expected close: days on which it moved at least `push_min_days` later. "
        "Filling in an empty date is none.",
        requires=("deal_changes.expected_close_on",),
        origin="deal_changes.expected_close_on",
    ),
    Fact(
        "close_date_pushes_hi",
        "int",
        "Most pushes, counting changes without a day; unknown where the history does not reach back "
        "to the deal's creation.",
        requires=("deal_changes.expected_close_on",),
        origin="deal_changes.expected_close_on",
    ),
    Fact("close_date_push_ids", "set", "The changes that pushed the expected close."),
    Fact(
        "close_date_pushes_told",
        "text",
        "Number of pushes, those of the last 60 days, and the way from the first expected close to "
        "the present one, in words.",
    ),
    reads={
        "deals": ("deal_id", "created_on", "expected_close_on"),
        "deal_changes": READS,
    },
    params={
        "push_min_days": (
            3,
            Param(
                "A move by fewer days is a correction, no push",
                ge=1,
                le=60,
                unit="days",
                source=JUDGEMENT,
            ),
        )
    },
)
def pushes(inputs: Inputs) -> pl.DataFrame:
    """Count how often the expected close moved to a later date."""
    moves = steps(inputs, "expected_close_on")
    least = inputs.params["push_min_days"]
    old, new = (pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in ("old", "new"))
    later = (new - old).dt.total_days() >= least
    deals = with_deals(inputs).rename({"id": "deal_id"})
    pushed = daily(moves).filter(later).join(deals.select("deal_id", "day"), on="deal_id")
    recent = (pl.col("day") - pl.col("on")).dt.total_days() <= RECENT_DAYS
    sure = pushed.group_by("deal_id").agg(n=pl.len(), recent=recent.sum(), ids="change_id")
    # A change without a day may be one half of a correction: it is a push at most.
    maybe = (
        undated(moves).filter(later.fill_null(value=True)).group_by("deal_id").agg(more=pl.len())
    )
    began = moves.group_by("deal_id", maintain_order=True).agg(
        began=pl.coalesce(old, new).drop_nulls().first()
    )
    for found in (sure, maybe, began):
        deals = deals.join(found, on="deal_id", how="left")
    return _told_pushes(inputs, deals)


def _told_pushes(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the pushes of each deal, and how the expected close came to where it is."""
    whole = history_known(inputs, "expected_close_on", pl.col("created_on"), pl.col("day"))
    low = pl.col("n").fill_null(0).cast(pl.Int64)
    high = pl.when(whole).then(low + pl.col("more").fill_null(0).cast(pl.Int64))
    shift = (pl.col("expected_close_on") - pl.col("began")).dt.total_days()
    sign = pl.when(shift < 0).then(pl.lit("−")).otherwise(pl.lit("+"))
    way = pl.format(
        ": {} → {}{}",
        spoken(pl.col("began")),
        spoken(pl.col("expected_close_on")).fill_null("no date"),
        pl.format(" ({}{} d)", sign, shift.abs()).fill_null(""),
    )
    number = pl.when(pl.col("recent") > 0).then(pl.format("{}", "recent")).otherwise(pl.lit("none"))
    recent = pl.format(", {} in the last {} d", number, RECENT_DAYS)
    told = pl.concat_str(
        counted(
            low,
            high,
            "push of the expected close",
            "pushes of the expected close",
            "no push of the expected close",
        ),
        pl.when(low > 0).then(recent).otherwise(pl.lit("")),
        pl.when(low > 0).then(way.fill_null("")).otherwise(pl.lit("")),
        late_clock(inputs, "deal_changes"),
    )
    return deals.select(
        pl.col("deal_id").alias("id"),
        close_date_pushes_lo=low,
        close_date_pushes_hi=high,
        close_date_push_ids=pl.col("ids").fill_null([]),
        close_date_pushes_told=told,
    )


@check.columns(
    "hygiene/close-date-passed",
    severity="major",
    ask=["What has to happen on their side before a new date means something?"],
    family="date",
    sources=[f"watch and risk: {JUDGEMENT}"],
)
def close_date_passed(
    d: Columns,
    *,
    watch: Annotated[
        int,
        Param(
            "Watch from this many days after the expected close",
            ge=1,
            le=365,
            unit="days",
            at_most="risk",
        ),
    ] = 1,
    risk: Annotated[
        int, Param("Risk from this many days after the expected close", ge=1, le=365, unit="days")
    ] = 7,
) -> Rules:
    """An open deal's expected close lies ahead.

    A date that has passed says that nobody has looked, or that the customer's date was ours. Days
    past = the review's day − expected close; a close expected today is fine. A date over three
    years ahead counts as none. At risk the deal's amount counts as delayed.

    Needs the expected close.
    """
    past = d.days_past_close
    return Rules(
        applies=d.is_open,
        risk=past >= risk,
        watch=past >= watch,
        message={
            "risk": "expected to close on {expected_close_on:date}, {days_past_close:days} ago",
            "watch": "expected to close on {expected_close_on:date}, {days_past_close:days} ago",
            "pass": "expected to close on {expected_close_on:date}",
            "insufficient_data": "expected close: {expected_close_on:date}",
        },
        actual=past,
        expected={
            "risk": at_most(risk - 1, source=JUDGEMENT),
            "watch": at_most(watch - 1, source=JUDGEMENT),
            "pass": at_most(watch - 1, source=JUDGEMENT),
        },
        evidence=[Cite("deals", "expected_close_on", d.expected_close_on)],
        at_risk=exposed("delay", d.amount, beyond(past, risk - 1)),
    )


@check.columns(
    "hygiene/date-pushes",
    severity="minor",
    ask=["What made each new date believable when it was set?"],
    family="date",
    sources=[
        "2 for a warning and 3 for an alarm: defaults of pipeline software (Pillar)",
        f"shortest push: {JUDGEMENT}",
    ],
)
def date_pushes(
    d: Columns,
    *,
    watch: Annotated[
        int,
        Param("Watch from this many pushes on", ge=1, le=20, unit="pushes", at_most="risk"),
    ] = 2,
    risk: Annotated[int, Param("Risk from this many pushes on", ge=1, le=20, unit="pushes")] = 3,
) -> Rules:
    """The expected close of an open deal stays where it was put.

    A date that moves again and again is ours, not the customer's. A push is a day on which the
    expected close moved at least `push_min_days` later, all changes of the day taken together.
    Earlier dates, small corrections and filling in an empty date are none. At risk the deal's
    amount counts as delayed.

    Needs the history of the expected close since the deal was created.
    """
    pushed = d.interval("close_date_pushes")
    return Rules(
        applies=d.is_open,
        risk=pushed >= risk,
        watch=pushed >= watch,
        message={
            **dict.fromkeys(("risk", "watch", "pass"), "{close_date_pushes_told}"),
            "insufficient_data": "{close_date_pushes_told}; the history of the expected close since "
            "the deal was created ({created_on:date}) is not complete",
        },
        actual=d.close_date_pushes_lo,
        expected={
            "risk": at_most(risk - 1, source=JUDGEMENT),
            "watch": at_most(watch - 1, source=JUDGEMENT),
            "pass": at_most(watch - 1, source=JUDGEMENT),
        },
        evidence=[
            Cite("deals", "expected_close_on", d.expected_close_on),
            Cite("deal_changes", "new_value", ids=d.close_date_push_ids),
        ],
        at_risk=exposed("delay", d.amount, beyond(d.close_date_pushes_lo, risk - 1)),
    )


@check.columns(
    "hygiene/deal-age",
    severity="major",
    ask=["What has kept this one alive longer than the deals you won?"],
    sources=[f"nine in ten, factor and fixed limits: {JUDGEMENT}"],
)
def deal_age(
    d: Columns,
    *,
    factor: Annotated[
        float,
        Param(
            "Risk above this multiple of the own limit",
            ge=1,
            le=5,
            unit="times the limit",
            source=JUDGEMENT,
        ),
    ] = 1.5,
    fixed_risk_days: Annotated[
        int,
        Param(
            "Risk above this age without own history", ge=1, le=3650, unit="days", source=JUDGEMENT
        ),
    ] = 365,
) -> Rules:
    """An open deal is not older than the deals that were won.

    A deal that has outlived nine in ten of the won ones is seldom late; more often nobody has said
    that it is over. Age = the review's day − the day it was created. The limit is the 90th
    percentile of the days from creation to closing of the company's own won deals of 24 months;
    with fewer than `deal_age_min_n` of them it is fixed.
    `hygiene/stage-age` may speak beside it.

    Needs the day of creation.
    """
    days, limit, own = d.deal_age_days, d.deal_age_limit_days, d.has_own_deal_age
    least = d.deal_age_least_days
    risk_at = own * limit * factor + (1 - own) * fixed_risk_days
    strict_at = own * least * factor + (1 - own) * fixed_risk_days
    source, n = d.deal_age_source, d.deal_age_n
    return Rules(
        applies=d.is_open,
        risk=in_any_segment(days > risk_at, days > strict_at, d.segment_told),
        watch=in_any_segment(days > limit, days > least, d.segment_told),
        message={
            "risk": "{deal_age_days:days} open, risk above {risk_at:days}; {deal_age_basis}",
            "watch": "{deal_age_days:days} open; {deal_age_basis}",
            "pass": "{deal_age_days:days} open; {deal_age_basis}",
            "insufficient_data": "day of creation: {created_on:date}; {deal_age_basis}",
        },
        actual=days,
        expected={
            "risk": at_most(risk_at, source=source, n=n),
            "watch": at_most(limit, source=source, n=n),
            "pass": at_most(limit, source=source, n=n),
        },
        evidence=[Cite("deals", "created_on", d.created_on), *cited(d, "deal_age_limit_days")],
        values={"risk_at": risk_at},
    )
