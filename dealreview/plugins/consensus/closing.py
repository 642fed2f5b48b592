"""What follows their decision: a word of ours the day after, and a signature."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.changes import READS as CHANGES
from dealreview.plugins.changes import history_known, stage_steps
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    outbound,
    reads,
    two_way,
)
from dealreview.plugins.evidence import JUDGEMENT, beyond, cited, exposed
from dealreview.plugins.subjects import with_facts, with_own_row
from dealreview.plugins.words import clock, counted, late_clock, spoken

PRACTICE = "a rule of thumb of practitioners"


@facts(
    "deal",
    Fact(
        "decision_meeting_on",
        "date",
        "Day on which they decide.",
        origin="deals.decision_meeting_on",
    ),
    Fact(
        "decision_day_over",
        "bool",
        "They decided today or in the last `decision_day_window` days; unknown without that day "
        "once the proposal is out.",
        requires=("deals.decision_meeting_on",),
        origin="deals.decision_meeting_on",
    ),
    Fact(
        "decision_followed_up",
        "bool",
        "On that day or since we wrote to or called a buyer person, or spoke with one.",
        requires=(*ARE_RECORDED, "activities.direction"),
        origin="activities",
    ),
    Fact(
        "decision_follow_up_bd",
        "int",
        "Business days from that day to the first such event.",
        "business days",
        origin="activities",
    ),
    Fact(
        "decision_day_bd_lo",
        "int",
        "Business days since that day, up to the last day on which activities are recorded.",
        "business days",
        origin="activities",
    ),
    Fact(
        "decision_day_bd_hi",
        "int",
        "Business days since that day.",
        "business days",
        origin="deals.decision_meeting_on",
    ),
    Fact(
        "decision_wait_bd",
        "int",
        "Business days from that day to the first such event, or to the last day recorded.",
        "business days",
        origin="activities",
    ),
    Fact("decision_words", "text", "What followed, in words."),
    Fact("decision_as_of", "text", "The last day recorded, in words, where activities are late."),
    reads=reads(deals=("deal_id", "decision_meeting_on")),
    uses=(*USES, "proposal_reached"),
    params={
        "decision_day_window": (
            30,
            Param("Days after their decision in which it is asked", ge=1, le=180, unit="days"),
        )
    },
)
def decision_day(inputs: Inputs) -> pl.DataFrame:
    """Look for a word of ours after they decided."""
    deals = with_own_row(with_facts(inputs), inputs.table("deals"))
    decided, day = pl.col("decision_meeting_on"), pl.col("day")
    since = pl.col("on").is_between("decision_meeting_on", "day")
    touches = pl.concat([two_way(inputs, deals, since), outbound(inputs, deals, since)])
    first = touches.group_by("id").agg(
        first=pl.col("on").filter(pl.col("surely").fill_null(value=False)).min(), maybe=pl.len()
    )
    read_on = clock(inputs, "activities")
    frame = deals.join(first, on="id", how="left").with_columns(
        decision_as_of=late_clock(inputs, "activities"), read_on=pl.max_horizontal(read_on, decided)
    )
    whole = inputs.feeds.reaches("activities", decided, day)
    days = (day - decided).dt.total_days()
    over = days.is_between(0, inputs.params["decision_day_window"])
    none = whole & pl.col("maybe").is_null()
    frame = frame.with_columns(
        decision_day_over=pl.when(decided.is_not_null())
        .then(over)
        .when(~pl.col("proposal_reached"))
        .then(statement=False),
        decision_followed_up=pl.when(pl.col("first").is_not_null())
        .then(statement=True)
        .when(none)
        .then(statement=False),
        decision_follow_up_bd=inputs.business_days(decided, pl.col("first")),
        decision_day_bd_lo=inputs.business_days(decided, pl.col("read_on")),
        decision_day_bd_hi=inputs.business_days(decided, day),
    )
    return frame.select(
        "id",
        "decision_meeting_on",
        "decision_day_over",
        "decision_followed_up",
        "decision_follow_up_bd",
        "decision_day_bd_lo",
        "decision_day_bd_hi",
        "decision_as_of",
        decision_wait_bd=pl.when("decision_followed_up")
        .then("decision_follow_up_bd")
        .otherwise("decision_day_bd_lo"),
        decision_words=_what_followed(),
    )


def _what_followed() -> pl.Expr:
    followed = pl.col("decision_followed_up")
    after = pl.format("in touch after {}", _business_days("decision_follow_up_bd"))
    at_once = pl.when(pl.col("decision_follow_up_bd") == 0).then(pl.lit("in touch the same day"))
    silent = pl.format("no follow-up for {}", _business_days("decision_day_bd_lo"))
    return (
        pl.when(followed).then(at_once.otherwise(after)).when(~followed).then(silent)
        .otherwise(pl.lit("unclear whether we were in touch"))
    )  # fmt: skip


def _business_days(name: str) -> pl.Expr:
    return counted(pl.col(name), pl.col(name), "business day", "business days")


@check.columns(
    "consensus/decision-day-follow-up",
    severity="minor",
    ask=["What did you agree would happen the day after?"],
    sources=[f"one and three business days: {PRACTICE}"],
)
def decision_day_follow_up(
    d: Columns,
    *,
    soon: Annotated[
        int,
        Param(
            "Watch after this many business days",
            ge=0,
            le=20,
            unit="business days",
            at_most="late",
        ),
    ] = 1,
    late: Annotated[
        int, Param("Risk after this many business days", ge=0, le=20, unit="business days")
    ] = 3,
) -> Rules:
    """After the customer's decision meeting we are in touch the next business day.

    What was left open in that room is answered the day after or by somebody else. Looked at are open
    deals whose decision meeting was today or in the last 30 days. No word of ours to somebody of
    theirs, and no talk, since then: more than one business day is a watch, more than three a risk.
    In touch within one business day is a strength; later passes and the message says how late.

    Needs the day of that meeting (asked for from the proposal on) and activities since, with their
    direction and who took part.
    """
    followed, days = d.decision_followed_up, d.interval("decision_day_bd")
    said = "decision meeting on {decision_meeting_on:date}, {decision_words}"
    return Rules(
        applies=d.is_open & d.decision_day_over,
        risk=~followed & (days > late),
        watch=~followed & (days > soon),
        strength=followed & (d.decision_follow_up_bd <= soon),
        message={
            "risk": said + " (over {late:count} is a risk){decision_as_of}",
            "watch": said + " (at most {soon:count} expected){decision_as_of}",
            **dict.fromkeys(("pass", "strength"), said + "{decision_as_of}"),
            "insufficient_data": "decision meeting: {decision_meeting_on:date}; {decision_words}"
            "{decision_as_of}",
        },
        actual=d.decision_wait_bd,
        expected={
            "risk": at_most(late, source=PRACTICE),
            "watch": at_most(soon, source=PRACTICE),
            "strength": at_most(soon, source=PRACTICE),
        },
        evidence=cited(d, "decision_meeting_on", "decision_followed_up", "decision_wait_bd"),
    )


@facts(
    "deal",
    Fact("is_signed", "bool", "A day of signature is recorded.", requires=("deals.signed_on",)),
    Fact("signed_on", "date", "Day of the signature."),
    Fact("signed_words", "text", "Whether it is signed, in words."),
    Fact("yes_words", "text", "Their yes, in words."),
    Fact(
        "is_win",
        "int",
        "1 where their yes is the closing of a won deal, 0 where it is a verbal one.",
        origin="deals.closed_on",
    ),
    Fact(
        "days_since_closing",
        "int",
        "Days since the deal was closed; unknown without that day.",
        "days",
        origin="deals.closed_on",
    ),
    Fact(
        "yes_on",
        "date",
        "Day of their yes: the closing of a won deal, or the last entry into milestone 6 of an open "
        "one; unknown where the history of stages does not tell.",
        origin="deal_changes",
    ),
    Fact(
        "unsigned_bd",
        "int",
        "Business days since their yes; 0 once it is signed.",
        "business days",
        origin="deal_changes",
    ),
    reads={
        "deals": ("deal_id", "signed_on", "created_on", "stage_id"),
        "stages": ("stage_id", "milestone"),
        "deal_changes": CHANGES,
    },
    uses=("is_open", "is_won", "milestone", "closed_on"),
)
def signature(inputs: Inputs) -> pl.DataFrame:
    """Date their yes, and look for the signature."""
    frame = with_own_row(with_facts(inputs), inputs.table("deals").drop("stage_id"))
    frame = frame.join(_entered_last(inputs), on="id", how="left")
    known = history_known(inputs, "stage_id", pl.col("created_on"), pl.col("day"))
    at_start = pl.when(known & pl.col("unmoved").fill_null(value=True)).then("created_on")
    entered = pl.when(known).then(pl.coalesce("entered_on", at_start))
    yes = pl.when(pl.col("is_won")).then("closed_on").when(pl.col("milestone") == 6).then(entered)
    waited = inputs.business_days(yes, pl.col("day"))
    is_signed = pl.col("signed_on").is_not_null()
    frame = frame.with_columns(
        yes_on=yes, unsigned_bd=pl.when(is_signed).then(0).otherwise(waited).cast(pl.Int64)
    )
    return frame.select(
        "id",
        "signed_on",
        "yes_on",
        "unsigned_bd",
        is_signed=is_signed,
        is_win=pl.col("is_won").cast(pl.Int64),
        signed_words=_signature_in_words(),
        yes_words=pl.format(
            "{} on {}",
            pl.when("is_won").then(pl.lit("won")).otherwise(pl.lit("verbal yes")),
            spoken(pl.col("yes_on")).fill_null("an unknown day"),
        ),
        days_since_closing=(pl.col("day") - pl.col("closed_on")).dt.total_days(),
    )


def _signature_in_words() -> pl.Expr:
    unsigned = pl.format("not signed after {}", _business_days("unsigned_bd"))
    yet = pl.when(pl.col("unsigned_bd") > 0).then(unsigned).otherwise(pl.lit("not signed yet"))
    return pl.format("signed on {}", spoken(pl.col("signed_on"))).fill_null(yet)


def _entered_last(inputs: Inputs) -> pl.DataFrame:
    """Return when each deal last came into milestone 6 from elsewhere, and whether it never moved."""
    last = inputs.table("stages").filter(pl.col("milestone").cast(pl.Int64) == 6)["stage_id"]
    moves = stage_steps(inputs).rename({"deal_id": "id"})
    inside = pl.col("new").is_in(last.implode()) & ~pl.col("old").is_in(last.implode()).fill_null(
        value=False
    )
    arrived = moves.group_by("id").agg(entered_on=pl.col("on").filter(inside).max())
    return arrived.with_columns(unmoved=pl.lit(value=False))


@facts(
    "deal",
    Fact(
        "signature_missing",
        "bool",
        "No signature is recorded where signatures are kept: for at least `signatures_kept` of the "
        "won deals of 12 months in the pipeline; unknown where they are not.",
        requires=("deals.signed_on",),
        origin="deals.signed_on",
    ),
    Fact(
        "signatures_basis", "text", "How many of them have one, and how many are needed, in words."
    ),
    step="organisation",
    uses=("is_won", "closed_on", "pipeline_id", "is_signed"),
    params={
        "signatures_kept": (
            0.2,
            Param(
                "Share of won deals with a signature that shows it is kept",
                ge=0,
                le=1,
                unit="share",
            ),
        )
    },
)
def missing_signature(inputs: Inputs) -> pl.DataFrame:
    """Tell a missing signature from one that nobody writes down."""
    deals = with_facts(inputs)
    until = pl.lit(inputs.as_of, dtype=pl.Date)
    recent = (pl.col("closed_on") > until.dt.offset_by("-12mo")) & (pl.col("closed_on") <= until)
    won = deals.filter(pl.col("is_won") & recent)
    share = won.group_by("pipeline_id").agg(signed=pl.col("is_signed").sum(), n=pl.len())
    frame = deals.join(share, on="pipeline_id", how="left")
    signed, n = pl.col("signed").fill_null(0), pl.col("n").fill_null(0)
    least = pl.max_horizontal(inputs.params["signatures_kept"] * n, pl.lit(1)).ceil()
    kept = signed >= least
    needed = pl.when(~kept).then(pl.format(", {} needed", least.cast(pl.Int64)))
    return frame.select(
        "id",
        signature_missing=pl.when("is_signed")
        .then(statement=False)
        .when(kept)
        .then(statement=True),
        signatures_basis=pl.format(
            "day of signature recorded for {} of {} of 12 months{}",
            signed,
            counted(n, n, "won deal", "won deals"),
            needed.otherwise(pl.lit("")),
        ),
    )


@check.columns(
    "consensus/unsigned-win",
    severity="major",
    ask=["What is still open between their yes and their signature?"],
    after_close=True,
    sources=[f"five business days: {JUDGEMENT}"],
)
def unsigned_win(
    d: Columns,
    *,
    won_bd: Annotated[
        int,
        Param("Risk this many business days after winning", ge=0, le=60, unit="business days"),
    ] = 5,
    yes_bd: Annotated[
        int,
        Param(
            "Watch this many business days after their verbal yes; risk after three times as many",
            ge=0,
            le=60,
            unit="business days",
        ),
    ] = 5,
    window_days: Annotated[
        int, Param("Days after winning in which it is asked", ge=7, le=365, unit="days")
    ] = 180,
) -> Rules:
    """A deal that is won is signed.

    A yes without a signature can still be taken back. Looked at are deals won in the last 180 days,
    and open ones at the stage of closing. Won and unsigned: from the next business day a watch, after
    more than five business days a risk. At closing: more than five business days without a signature
    are a watch, more than fifteen a risk. At risk is the deal's amount.

    Needs the day of the signature, and that signatures are kept at all: where under a fifth of the
    won deals of 12 months carry one, an empty field says nothing. At closing it also needs the
    history of stages. Weekends and holidays do not count. The clock goes on after the closing.
    """
    missing, days = d.signature_missing, d.unsigned_bd
    closing = d.is_open & (d.milestone == 6)
    risk_at = d.is_win * won_bd + (1 - d.is_win) * 3 * yes_bd
    watch_at = (1 - d.is_win) * yes_bd
    return Rules(
        applies=(d.is_won & (d.days_since_closing <= window_days)) | closing,
        risk=missing & ((d.is_won & (days > won_bd)) | (closing & (days > 3 * yes_bd))),
        watch=missing & ((d.is_won & (days >= 1)) | (closing & (days > yes_bd))),
        message={
            **dict.fromkeys(("risk", "watch", "pass"), "{yes_words}, {signed_words}"),
            "insufficient_data": "{yes_words}; {signatures_basis}",
        },
        actual=days,
        expected={
            "risk": at_most(risk_at, source=JUDGEMENT),
            "watch": at_most(watch_at, source=JUDGEMENT),
            "pass": at_most(watch_at, source=JUDGEMENT),
        },
        evidence=cited(d, "yes_on", "signed_on", "unsigned_bd"),
        at_risk=exposed("value", d.amount, beyond(days, risk_at)),
    )
