"""How long the customer has been silent, what we sent into the silence, and what is planned."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Fact,
    Inputs,
    Param,
    Rules,
    at_most,
    below,
    check,
    facts,
)
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    outbound,
    planned_meetings,
    reads,
    two_way,
)
from dealreview.plugins.evidence import JUDGEMENT, beyond, cited, exposed
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.words import counted, late_clock, spoken

_WINDOWS = (365, 180, 90, 60, 42, 28, 21, 14, 7)
"""Days for which it is tried whether activities are recorded, where they don't reach back further."""


@facts(
    "deal",
    Fact(
        "days_since_two_way_lo",
        "int",
        "Fewest days since the customer last wrote or talked with us, else since the deal was "
        "created: events that may be two-way count. Activities that ended up to 14 days ago are read "
        "at their last day; unknown where they ended earlier.",
        "days",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "days_since_two_way_hi",
        "int",
        "Most days: only events that surely are two-way count.",
        "days",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "ever_two_way",
        "bool",
        "Whether there ever was a two-way event; unknown where there may have been one.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "outbound_since_two_way_lo",
        "int",
        "Fewest messages and calls of ours to a buyer person since the last two-way event.",
        "messages",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "outbound_since_two_way_hi",
        "int",
        "Most messages and calls of ours since then.",
        "messages",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "many_outbound",
        "bool",
        "Whether we wrote or called at least `ghosted_sent` times since the last two-way event.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact("last_two_way_ids", "set", "The last two-way event, where it is sure."),
    Fact(
        "is_first_milestone",
        "int",
        "1 while the deal is being qualified, 0 from discovery on; unknown with the milestone.",
        origin="stages.milestone",
    ),
    Fact("maybe_first_milestone", "int", "The same, and 1 where the milestone is unknown."),
    Fact("silence_told", "text", "The silence in words."),
    Fact("outbound_told", "text", "What we sent into the silence, in words."),
    Fact(
        "silence_notes", "text", "What a message adds: a late feed, a snooze that does not count."
    ),
    reads=reads(),
    uses=(*USES, "created_on", "milestone", "snooze_ignored"),
    params={
        "ghosted_sent": (
            4,
            Param(
                "Messages and calls without answer that make a silence deliberate",
                ge=2,
                le=20,
                unit="messages",
                source=JUDGEMENT,
            ),
        )
    },
)
def silence(inputs: Inputs) -> pl.DataFrame:
    """Measure the silence of the customer."""
    deals = with_facts(inputs)
    talks = two_way(inputs, deals)
    sure = talks.filter(pl.col("surely").is_not_null())
    deals = deals.join(_last(sure, "sure"), on="id", how="left")
    deals = deals.join(_last(talks, "maybe"), on="id", how="left")
    deals = _measured(inputs, deals)
    deals = deals.join(_sent(outbound(inputs, deals), deals), on="id", how="left")
    return _silent(inputs, deals)


def _last(events: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the last event of each deal: its day, instant and id, under names of their own."""
    last = events.sort("id", "at", "activity_id").unique("id", keep="last", maintain_order=True)
    return last.select(
        "id",
        pl.col("on").alias(f"{name}_on"),
        pl.col("at").alias(f"{name}_at"),
        pl.col("activity_id").alias(f"{name}_id"),
    )


def _measured(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Add the fewest and most days of silence, ``low`` and ``high``, and since when it is ``seen``."""
    feeds, day = inputs.feeds, pl.col("day")
    clock = feeds.clock("activities", day)
    maybe = pl.coalesce("maybe_on", "created_on")
    seen = [
        pl.when(feeds.reaches("activities", clock - pl.duration(days=days), day)).then(
            clock - pl.duration(days=days)
        )
        for days in _WINDOWS
    ]
    since = pl.max_horizontal(
        maybe,
        pl.when(~feeds.reaches("activities", maybe, day).fill_null(value=False)).then(
            pl.coalesce(*seen, clock)
        ),
    )
    deals = deals.with_columns(clock=clock, seen=since)
    return deals.with_columns(
        low=_days(pl.col("clock") - pl.col("seen")),
        high=_days(pl.col("clock") - pl.coalesce("sure_on", "created_on")),
        whole=feeds.reaches("activities", pl.coalesce("sure_on", "created_on"), day),
    )


def _days(length: pl.Expr) -> pl.Expr:
    return length.dt.total_days().clip(lower_bound=0)


def _sent(sent: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Return how often we wrote since the last two-way event, and since when."""
    edges = deals.select("id", "sure_at", "maybe_at", "seen")
    found = sent.join(edges, on="id")
    after_sure = (pl.col("at") > pl.col("sure_at")) | pl.col("sure_at").is_null()
    after_maybe = (pl.col("at") > pl.col("maybe_at")) | pl.col("maybe_at").is_null()
    inside = (pl.col("on") >= pl.col("seen")).fill_null(value=False)
    counts = pl.col("surely").fill_null(value=False) & after_maybe & inside
    return found.group_by("id").agg(
        sent_lo=counts.sum().cast(pl.Int64),
        sent_hi=after_sure.sum().cast(pl.Int64),
        sent_since=pl.col("on").filter(counts).min(),
    )


def _silent(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of the silence; all unknown where the feed ended too long ago."""
    live = pl.col("clock").is_not_null()
    low = pl.col("sent_lo").fill_null(0)
    high = pl.when("whole").then(pl.col("sent_hi").fill_null(0))
    many = inputs.params["ghosted_sent"]
    said = pl.col("sure_on").is_not_null()
    return deals.select(
        "id",
        days_since_two_way_lo="low",
        days_since_two_way_hi=pl.when(live).then("high"),
        ever_two_way=pl.when(said)
        .then(statement=True)
        .when(pl.col("maybe_on").is_null() & pl.col("whole") & live)
        .then(statement=False),
        outbound_since_two_way_lo=pl.when(live).then(low),
        outbound_since_two_way_hi=pl.when(live).then(high),
        many_outbound=pl.when(live & (low >= many))
        .then(statement=True)
        .when(live & (high < many))
        .then(statement=False),
        last_two_way_ids=pl.when(said).then(pl.concat_list("sure_id")).otherwise([]),
        is_first_milestone=(pl.col("milestone") == 1).cast(pl.Int64),
        maybe_first_milestone=(pl.col("milestone") == 1).fill_null(value=True).cast(pl.Int64),
        silence_told=_silence_in_words(),
        outbound_told=_outbound_in_words(low, high),
        silence_notes=_notes(inputs),
    )


def _notes(inputs: Inputs) -> pl.Expr:
    """Return what a message adds where activities are late or a snooze does not count."""
    live = inputs.feeds.clock("activities", pl.col("day")).is_not_null()
    ended = pl.lit("; activities ended over 14 days ago")
    return pl.concat_str(
        pl.when(live).then(late_clock(inputs, "activities")).otherwise(ended),
        pl.format("; {}", "snooze_ignored").fill_null(""),
    )


def _silence_in_words() -> pl.Expr:
    low, high = pl.col("low"), pl.col("high")
    length = counted(low, high, "d", "d")
    said = pl.col("sure_on").is_not_null() | pl.col("maybe_on").is_not_null()
    never = pl.format("no word from the buyer since the deal began {} ago", length)
    return (
        pl.when(low.is_null())
        .then(pl.lit("unknown when the buyer last spoke"))
        .when(said)
        .then(pl.format("last word from the buyer {} ago", length))
        .otherwise(never)
    )


def _outbound_in_words(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    since = pl.format(" since {}", spoken(pl.col("sent_since"))).fill_null("")
    sent = counted(low, high, "message from us", "messages from us", "no message from us")
    return pl.concat_str(sent, since)


@facts(
    "deal",
    Fact(
        "has_buyer_meeting",
        "bool",
        "Whether a meeting with a buyer person is planned; unknown where nobody knows who comes, or "
        "activities ended over 14 days ago.",
        requires=(*ARE_RECORDED, "activities.planned"),
        origin="activities",
    ),
    Fact(
        "days_to_buyer_meeting_lo",
        "int",
        "Days to the first that may be one.",
        "days",
        origin="activities",
    ),
    Fact(
        "days_to_buyer_meeting_hi",
        "int",
        "Days to the first that surely is one.",
        "days",
        origin="activities",
    ),
    Fact(
        "next_buyer_meeting_on", "date", "Day of the first that surely is one.", origin="activities"
    ),
    Fact(
        "meeting_soon",
        "bool",
        "Whether a meeting with a buyer person is planned within `meeting_soon_days`; no where planned "
        "meetings are recorded nowhere.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact("next_meeting_told", "text", "The next meeting in words."),
    Fact(
        "meeting_notes", "text", "What a message adds: a late feed, a snooze that does not count."
    ),
    reads=reads(),
    uses=(*USES, "snooze_ignored"),
    params={
        "meeting_soon_days": (
            14,
            Param(
                "A meeting planned within these days answers the question what comes next",
                ge=1,
                le=90,
                unit="days",
                source=JUDGEMENT,
            ),
        )
    },
)
def next_meeting(inputs: Inputs) -> pl.DataFrame:
    """Find the next meeting with the customer."""
    deals = with_facts(inputs)
    found = planned_meetings(inputs, deals)
    first = found.group_by("id").agg(
        maybe=pl.col("on").min(), sure=pl.col("on").filter(pl.col("surely")).min()
    )
    deals = deals.join(first, on="id", how="left")
    maybe, sure = pl.col("maybe"), pl.col("sure")
    to_maybe, to_sure = ((on - pl.col("day")).dt.total_days() for on in (maybe, sure))
    current = inputs.feeds.reaches("activities", pl.col("day"), pl.col("day"))
    plans = inputs.feeds.is_recorded("activities.planned")
    none = maybe.is_null() & current & plans
    unknown = pl.lit(None, dtype=pl.Boolean)
    has = pl.when(sure.is_not_null()).then(statement=True).when(none).then(statement=False)
    near = inputs.params["meeting_soon_days"]
    soon = pl.when(to_sure <= near).then(statement=True).when(to_maybe <= near)
    soon_or_not = (
        soon.then(unknown).when(none | maybe.is_not_null() | (not plans)).then(statement=False)
    )
    told = (
        pl.when(sure.is_not_null())
        .then(pl.format("next meeting on {}", spoken(sure)))
        .when(maybe.is_not_null())
        .then(pl.format("the meeting on {} names nobody of theirs", spoken(maybe)))
        .otherwise(pl.lit("no meeting in the calendar"))
    )
    return deals.select(
        "id",
        has_buyer_meeting=has,
        days_to_buyer_meeting_lo=to_maybe,
        days_to_buyer_meeting_hi=to_sure,
        next_buyer_meeting_on=sure,
        meeting_soon=soon_or_not,
        next_meeting_told=told,
        meeting_notes=_notes(inputs),
    )


@check.columns(
    "hygiene/no-activity",
    severity="major",
    ask=["What do you know about their last two weeks?"],
    family="silence",
    sources=[f"days and messages: {JUDGEMENT}"],
)
def no_activity(
    d: Columns,
    *,
    watch: Annotated[
        int,
        Param("Watch from this silence on", ge=1, le=365, unit="days", at_most="risk"),
    ] = 7,
    risk: Annotated[int, Param("Risk from this silence on", ge=1, le=365, unit="days")] = 14,
    first_watch: Annotated[
        int,
        Param(
            "Watch while the deal is being qualified",
            ge=1,
            le=365,
            unit="days",
            at_most="first_risk",
        ),
    ] = 14,
    first_risk: Annotated[
        int, Param("Risk while the deal is being qualified", ge=1, le=365, unit="days")
    ] = 28,
) -> Rules:
    """The customer of an open deal wrote or talked with us lately.

    Counted are the days since the last two-way event: a mail of theirs, or a meeting or call that
    took place with somebody of theirs. What we send resets nothing, nor do automatic replies. Where
    there never was one, the days count from the deal's creation. A deal that is being qualified has
    more time. A meeting planned within 14 days answers the question; so does a snooze with a
    reason. From `ghosted_sent` unanswered messages on `hygiene/ghosted` takes over. At risk the
    deal's amount counts as delayed.

    Needs activities with the people who took part.
    """
    silent, early = d.interval("days_since_two_way"), d.is_first_milestone
    watch_at = watch + early * (first_watch - watch)
    risk_at = risk + early * (first_risk - risk)
    # What is printed where the milestone is unknown is the limit that is missed either way.
    watch_limit = watch + d.maybe_first_milestone * (first_watch - watch)
    risk_limit = risk + d.maybe_first_milestone * (first_risk - risk)
    told = "{silence_told}%s; {outbound_told}{silence_notes}"
    return Rules(
        applies=d.is_open & ~d.is_snoozed & ~d.meeting_soon & ~d.many_outbound,
        # Beyond both limits nothing depends on the milestone.
        risk=(silent >= risk_at) | ((silent >= risk) & (silent >= first_risk)),
        watch=(silent >= watch_at) | ((silent >= watch) & (silent >= first_watch)),
        message={
            "risk": told % " (limit {risk_limit:days})",
            "watch": told % " (limit {watch_limit:days})",
            "pass": told % "",
            "insufficient_data": told % "",
        },
        actual=d.days_since_two_way_lo,
        expected={
            "risk": below(risk_limit, source=JUDGEMENT),
            "watch": below(watch_limit, source=JUDGEMENT),
            "pass": below(watch_limit, source=JUDGEMENT),
        },
        evidence=[Cite("activities", "at", ids=d.last_two_way_ids)],
        at_risk=exposed("delay", d.amount, beyond(d.days_since_two_way_lo, risk_limit - 1)),
        values={"watch_limit": watch_limit, "risk_limit": risk_limit},
    )


@check.columns(
    "hygiene/ghosted",
    severity="minor",
    ask=["What might their silence be telling you, and who else could say?"],
    family="silence",
    sources=[f"messages and days: {JUDGEMENT}"],
)
def ghosted(
    d: Columns,
    *,
    watch: Annotated[
        int,
        Param("Watch from this silence on", ge=1, le=365, unit="days", at_most="risk"),
    ] = 7,
    risk: Annotated[int, Param("Risk from this silence on", ge=1, le=365, unit="days")] = 14,
) -> Rules:
    """The customer of an open deal answers what we send.

    Silence after several messages is an answer of its own. The check speaks from `ghosted_sent`
    messages and calls of ours to a buyer person on since the customer last wrote or talked with us;
    until then `hygiene/no-activity` does. Automatic messages count on neither side. A meeting planned
    within 14 days, or a snooze with a reason, ends it. At risk the deal's amount counts as delayed.

    Needs activities with the people who took part.
    """
    silent = d.interval("days_since_two_way")
    told = "{outbound_told}; {silence_told}{silence_notes}"
    return Rules(
        applies=d.is_open & ~d.is_snoozed & ~d.meeting_soon & d.many_outbound,
        risk=silent >= risk,
        watch=silent >= watch,
        message={
            "risk": told + " (limit {risk:days})",
            "watch": told + " (limit {watch:days})",
            "pass": told,
            "insufficient_data": told,
        },
        actual=d.days_since_two_way_lo,
        expected={
            "risk": below(risk, source=JUDGEMENT),
            "watch": below(watch, source=JUDGEMENT),
            "pass": below(watch, source=JUDGEMENT),
        },
        evidence=[Cite("activities", "at", ids=d.last_two_way_ids)],
        at_risk=exposed("delay", d.amount, beyond(d.days_since_two_way_lo, risk - 1)),
    )


@check.columns(
    "hygiene/no-next-meeting",
    severity="minor",
    ask=["When will you next speak with them, and what will each side bring?"],
    family="silence",
    sources=[f"14 days: {JUDGEMENT}"],
)
def no_next_meeting(
    d: Columns,
    *,
    days: Annotated[
        int, Param("A meeting is planned within these days", ge=1, le=90, unit="days")
    ] = 14,
) -> Rules:
    """The next meeting with the customer of an open deal is in the calendar.

    A deal moves from one agreed step to the next. From discovery on a meeting with a buyer person
    is planned within 14 days; once the proposal is out, having none planned at all is a risk. A
    meeting that was cancelled or put off is none. A snooze with a reason ends it.

    Needs activities with planned meetings and the people who take part in them.
    """
    has, ahead = d.has_buyer_meeting, d.interval("days_to_buyer_meeting")
    return Rules(
        applies=d.is_open & (d.milestone >= 2) & ~d.is_snoozed,
        risk=~has & d.proposal_reached,
        watch=~(has & (ahead <= days)),
        message={
            "risk": "{next_meeting_told}, and the proposal is out{meeting_notes}",
            "watch": "{next_meeting_told}; one within {days:days} is expected{meeting_notes}",
            "pass": "{next_meeting_told}{meeting_notes}",
            "insufficient_data": "{next_meeting_told}{meeting_notes}",
        },
        actual=d.days_to_buyer_meeting_hi,
        expected=at_most(days, source=JUDGEMENT),
        evidence=cited(d, "next_buyer_meeting_on"),
    )
