"""Diversions: times in which a team was kept from selling, how often they come and why."""

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
    at_most,
    below,
    check,
    facts,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.operations.events import (
    DIVERSIONS,
    LOOK_BACK,
    RECORDED,
    begun_within,
    covered,
    dated,
    ended_within,
    occasions,
    of_teams,
)
from dealreview.plugins.words import counted, late_clock, spoken

YEAR = 365
_OPEN = "the same with those that may be; unknown where the recorded time does not cover it"


def _pair(name: str, low: str, high: str, unit: str = "") -> tuple[Fact, ...]:
    """Return the facts of a number that is only known to lie between two."""
    return (
        Fact(f"{name}_lo", "int", low, unit, requires=RECORDED, origin="diversions"),
        Fact(f"{name}_hi", "int", high, unit, requires=RECORDED, origin="diversions"),
    )


@facts(
    "team",
    *_pair(
        "longest_diversion_bd",
        "Business days of the team's longest diversion that runs or ended within "
        "`diversion_look_back` days, both ends included; one that runs is read at the last day "
        "recorded; 0 without one.",
        "The most that it can be: one that runs is read at the review's day; unknown where a "
        "diversion lacks its team or first day, or the recorded time does not cover the window.",
        "business days",
    ),
    Fact("diversions_as_of", "text", "The last day recorded, in words, where diversions are late."),
    step="organisation",
    reads=DIVERSIONS,
    params=LOOK_BACK,
)
def longest(inputs: Inputs) -> pl.DataFrame:
    """Measure the longest recent diversion of each team."""
    back, sure = inputs.params["diversion_look_back"], pl.col("sure")
    sums = (
        of_teams(dated(inputs), inputs.subjects())
        .filter(ended_within(back))
        .group_by("id")
        .agg(
            low=pl.col("bd").filter(sure).max(),
            high=pl.col("bd_hi").filter(sure).max(),
            vague=(~sure).any(),
        )
    )
    frame = inputs.subjects().join(sums, on="id", how="left")
    known = covered(inputs, back) & ~pl.col("vague").fill_null(value=False)
    return frame.select(
        "id",
        longest_diversion_bd_lo=pl.col("low").fill_null(0),
        longest_diversion_bd_hi=pl.when(known).then(pl.col("high").fill_null(0)),
        diversions_as_of=late_clock(inputs, "diversions"),
    )


@facts(
    "team",
    *_pair(
        "diversion_events_365d",
        "Times in 365 days that the team was diverted: diversions begun then, those that overlap "
        "or lie at most `diversion_gap_days` apart taken as one.",
        f"At most so many: {_OPEN}.",
    ),
    Fact("diverted_since", "date", "First day of the earliest of them; empty without one."),
    Fact("diverted_words", "text", "How often at the least, in words."),
    step="organisation",
    reads=DIVERSIONS,
    params={
        "diversion_gap_days": (
            7,
            Param("Days between two diversions that are still one", ge=0, le=60, unit="days"),
        )
    },
)
def habit(inputs: Inputs) -> pl.DataFrame:
    """Count how often a team was diverted in a year."""
    gap = inputs.params["diversion_gap_days"]
    events = of_teams(dated(inputs), inputs.subjects()).filter(
        begun_within(YEAR).fill_null(value=True)
    )
    sure, vague = events.filter("sure"), events.filter(~pl.col("sure"))
    fewest, most = occasions(sure, gap, longest=True), occasions(sure, gap, longest=False)
    frame = inputs.subjects().join(fewest, on="id", how="left")
    frame = frame.join(most.select("id", most="times"), on="id", how="left")
    frame = frame.join(vague.group_by("id").agg(vague=pl.len()), on="id", how="left")
    times, unsure = pl.col("times").fill_null(0), pl.col("vague").fill_null(0).cast(pl.Int64)
    # One of unknown days may lie between two others and make them one.
    surely = pl.when((unsure > 0) & (times > 1)).then(1).otherwise(times)
    return frame.select(
        "id",
        diversion_events_365d_lo=surely,
        diversion_events_365d_hi=pl.when(covered(inputs, YEAR)).then(
            pl.col("most").fill_null(0) + unsure
        ),
        diverted_since="since",
        diverted_words=counted(surely, surely, "time", "times"),
    )


@facts(
    "team",
    *_pair(
        "recent_diversions",
        "Diversions of the team begun in the last `root_cause_days` days.",
        f"At most so many: {_OPEN}.",
    ),
    *_pair(
        "diversions_without_cause",
        "Those of them without cause (`other` is none) or without an owner of the cause.",
        f"At most so many: {_OPEN}.",
    ),
    *_pair(
        "uncaused_diversion_bd",
        "Business days since the oldest of those without cause or owner began, read at the last day "
        "recorded; 0 without one.",
        "The same read at the review's day; unknown where the recorded time does not cover it.",
        "business days",
    ),
    Fact("uncaused_diversion_ids", "set", "The diversions without cause or owner."),
    Fact(
        "root_cause_days", "int", "The window in which a diversion is asked for its cause.", "days"
    ),
    Fact("uncaused_words", "text", "What the oldest of them lacks, in words."),
    step="organisation",
    reads={
        "diversions": (*DIVERSIONS["diversions"], "cause", "cause_owner_id"),
    },
    params={
        "root_cause_days": (
            180,
            Param("Days for which a diversion is asked for its cause", ge=30, le=730, unit="days"),
        )
    },
)
def causes(inputs: Inputs) -> pl.DataFrame:
    """Find the diversions that nobody has explained."""
    days = inputs.params["root_cause_days"]
    events = of_teams(dated(inputs, "cause", "cause_owner_id"), inputs.subjects())
    events = events.filter(begun_within(days).fill_null(value=True)).with_columns(
        no_cause=pl.col("cause").is_null() | (pl.col("cause") == "other"),
        no_owner=pl.col("cause_owner_id").is_null(),
        age=inputs.business_days(pl.col("began"), pl.col("seen")),
        age_hi=inputs.business_days(pl.col("began"), pl.col("day")),
    )
    events = events.with_columns(bare=pl.col("no_cause") | pl.col("no_owner"))
    frame = inputs.subjects().join(_unexplained(events), on="id", how="left")
    whole = covered(inputs, days)
    vague, vague_bare = (pl.col(n).fill_null(value=False) for n in ("vague", "vague_bare"))
    nobody = pl.lit([], dtype=pl.List(pl.String))
    return frame.select(
        "id",
        recent_diversions_lo=pl.col("n").fill_null(0),
        recent_diversions_hi=pl.when(whole & ~vague).then(pl.col("n").fill_null(0)),
        diversions_without_cause_lo=pl.col("bare").fill_null(0),
        diversions_without_cause_hi=pl.when(whole & ~vague_bare).then(pl.col("bare").fill_null(0)),
        uncaused_diversion_bd_lo=pl.col("age").fill_null(0),
        uncaused_diversion_bd_hi=pl.when(whole & ~vague_bare).then(pl.col("age_hi").fill_null(0)),
        uncaused_diversion_ids=pl.col("ids").fill_null(nobody),
        root_cause_days=pl.lit(days, dtype=pl.Int64),
        uncaused_words=pl.col("words").fill_null("cause and owner given"),
    )


def _unexplained(events: pl.DataFrame) -> pl.DataFrame:
    """Return by team how many events there are, how many without explanation, and since when."""
    sure, bare = pl.col("sure"), pl.col("sure") & pl.col("bare")
    began = spoken(pl.col("began"))
    lacks = (
        pl.when(pl.col("no_cause") & pl.col("no_owner")).then(pl.lit("neither cause nor owner"))
        .when("no_cause").then(pl.lit("no cause")).otherwise(pl.lit("no owner of the cause"))
    )  # fmt: skip
    ago = counted(pl.col("age"), pl.col("age"), "business day", "business days")
    words = pl.format("{} given for the diversion begun {}, {} ago", lacks, began, ago)
    ordered = events.with_columns(words=words).sort("id", "began", "diversion_id")
    return ordered.group_by("id", maintain_order=True).agg(
        n=sure.sum().cast(pl.Int64),
        bare=bare.sum().cast(pl.Int64),
        age=pl.col("age").filter(bare).max(),
        age_hi=pl.col("age_hi").filter(bare).max(),
        ids=pl.col("diversion_id").filter(bare).sort(),
        words=pl.col("words").filter(bare).first(),
        vague=(~sure).any(),
        vague_bare=(~sure & pl.col("bare")).any(),
    )


# --- checks --------------------------------------------------------------------------------------


@check.columns(
    "operations/diversion-event",
    on="team",
    severity="major",
    ask=["What are we choosing not to sell while we do this?"],
    family="one diversion",
    sources=[f"three days: {JUDGEMENT}"],
)
def diversion_event(
    d: Columns,
    *,
    days: Annotated[
        int,
        Param("Risk from this many business days", ge=1, le=30, unit="business days"),
    ] = 3,
) -> Rules:
    """A team that sells is not taken off selling.

    When a team mends a backlog, what it does not sell meanwhile is seen months later. A dated
    diversion of the team that runs, or ended in the last 90 days, is judged by its business days,
    first and last included; one that runs counts up to the review's day. The longest decides:
    three business days or more are a risk, fewer a watch.

    What it cost is worked out beside it: people in it (those listed, else all reps) × business days
    × hours a day (8 where none are stated) = hours. Opportunities not created = those hours × the
    opportunities that the same people created in the 84 days before ÷ their prospecting and
    selling hours of these days; it is left out where these are not recorded. Delay = business days
    × 7 ÷ business days a week; what they had open on the first day, at the amounts of that day, is
    the money that it delays.

    Needs diversions with team and days, recorded for the 90 days; people, time entries and deals
    with owner, amount and day of creation for the cost.
    """
    longest_bd = d.interval("longest_diversion_bd")
    said = (
        "diversion begun {diversion_from_on:date}: {diversion_words}; open deals worth "
        "{diversion_open_words}{diversion_open_value:money} delayed by "
        "{diversion_delay_days:days}{diversions_as_of}"
    )
    return Rules(
        risk=longest_bd >= days,
        watch=longest_bd >= 1,
        message={
            "risk": said,
            "watch": said,
            "pass": "no diversion runs or ended lately{diversions_as_of}",
            "insufficient_data": "longest diversion seen, in business days: "
            "{longest_diversion_bd_lo:count}{diversions_as_of}",
        },
        actual=d.longest_diversion_bd_lo,
        expected={
            "risk": below(days, source=JUDGEMENT),
            "watch": below(1, source=JUDGEMENT),
            "pass": below(1, source=JUDGEMENT),
        },
        evidence=[
            Cite("diversions", "from_on", d.diversion_from_on, ids=d.diversion_ids),
            *cited(d, "longest_diversion_bd_lo", "diversion_people", "diversion_hours"),
            *cited(d, "diversion_opportunities", "diversion_delay_days", "diversion_open_value"),
        ],
        at_risk=Exposure("delay", d.diversion_open_value),
    )


@check.columns(
    "operations/repeat-rescue",
    on="team",
    severity="minor",
    ask=["What have we taught the organisation to expect?"],
    family="one diversion",
    sources=[f"twice and three times: {JUDGEMENT}"],
)
def repeat_rescue(
    d: Columns,
    *,
    some: Annotated[
        int,
        Param("Watch from this many times a year", ge=1, le=12, unit="times", at_most="many"),
    ] = 2,
    many: Annotated[int, Param("Risk from this many times a year", ge=1, le=12, unit="times")] = 3,
) -> Rules:
    """Rescuing operations is not a habit.

    Whoever is rescued once has an accident; whoever is rescued three times has a plan that counts
    on it. Counted are the team's diversions begun in the last 365 days; those that overlap or lie
    at most seven days apart are one. One without a last day is taken both as short and as still
    running.

    Needs diversions with team and days, recorded for 365 days.
    """
    times = d.interval("diversion_events_365d")
    said = "diverted {diverted_words} in 365 d"
    return Rules(
        risk=times >= many,
        watch=times >= some,
        message={
            "risk": said + ", first on {diverted_since:date}",
            "watch": said + ", first on {diverted_since:date}",
            "pass": said,
            "insufficient_data": said + ", as far as is seen",
        },
        actual=d.diversion_events_365d_lo,
        expected={
            "risk": below(many, source=JUDGEMENT),
            "watch": below(some, source=JUDGEMENT),
            "pass": below(some, source=JUDGEMENT),
        },
        evidence=cited(d, "diversion_events_365d_lo", "diverted_since"),
    )


@check.columns(
    "operations/no-root-cause",
    on="team",
    severity="minor",
    ask=["What is this backlog telling us about how operations is set up?"],
    family="one diversion",
    sources=[f"five days and half a year: {JUDGEMENT}"],
)
def no_root_cause(
    d: Columns,
    *,
    grace_bd: Annotated[
        int,
        Param(
            "Business days in which cause and owner may be open", ge=0, le=60, unit="business days"
        ),
    ] = 5,
) -> Rules:
    """Every diversion has a cause and somebody who works on it.

    A team that is taken off selling without anybody asking why will be taken off again. Each
    diversion begun in the last 180 days should have a cause (resources, process, talent or
    leadership; `other` is none) and an owner of that cause. While the oldest that lacks one began
    at most five business days ago it is a watch, later a risk.

    Needs diversions with team and days, recorded for 180 days. An empty cause or owner is the
    finding itself.
    """
    return Rules(
        applies=d.interval("recent_diversions") >= 1,
        risk=d.interval("uncaused_diversion_bd") > grace_bd,
        watch=d.interval("diversions_without_cause") >= 1,
        message={
            "risk": "{uncaused_words}",
            "watch": "{uncaused_words}",
            "pass": "diversions begun in the last {root_cause_days:days}: "
            "{recent_diversions_lo:count}, each with cause and owner",
            "insufficient_data": "diversions seen in {root_cause_days:days}: "
            "{recent_diversions_lo:count}, without cause or owner: "
            "{diversions_without_cause_lo:count}",
        },
        actual=d.diversions_without_cause_lo,
        expected=at_most(0, source=JUDGEMENT),
        evidence=[
            Cite("diversions", "cause", ids=d.uncaused_diversion_ids),
            Cite("diversions", "cause_owner_id", ids=d.uncaused_diversion_ids),
            *cited(d, "uncaused_diversion_bd_lo", "recent_diversions_lo"),
        ],
    )
