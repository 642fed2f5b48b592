"""What the customer was asked to do, how often we came back to it, and whom they wait for."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, below, check, facts
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import cited
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.words import counted as counted_words
from dealreview.plugins.words import late_clock, spoken

OPEN = ("asked", "agreed")
COMMITMENT = (
    "commitment_id",
    "deal_id",
    "what",
    "side",
    "contact_id",
    "asked_on",
    "done_on",
    "status",
)
PRACTICE = "a rule of thumb of practitioners"


def asks(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return what the buyers of deals were asked for, and whether each ask ``is_open``.

    Done is what has a day of doing; where states are recorded, an empty one says nothing.
    """
    found = inputs.table("commitments").rename({"deal_id": "id", "commitment_id": "ask"})
    found = deals.select("id", "day").join(found, on="id")
    state = pl.col("status").is_in(OPEN)
    if not inputs.feeds.is_recorded("commitments.status"):
        state = state.fill_null(value=True)
    undone = pl.col("done_on").is_null()
    found = found.with_columns(is_open=(pl.col("side") == "buyer") & undone & state)
    return found.rename({"contact_id": "asked_id"})


@facts(
    "deal",
    Fact(
        "open_asks_lo",
        "int",
        "Things that the customer was asked to do and has not done.",
        "asks",
        requires=("commitments.side",),
        origin="commitments.side",
    ),
    Fact(
        "open_asks_hi",
        "int",
        "The same with those that may be open or the customer's.",
        "asks",
        requires=("commitments.side",),
        origin="commitments.status",
    ),
    Fact(
        "nudges_lo",
        "int",
        "Days on which we wrote or called about the open ask that we came back to most, after it was "
        "asked; as few as may be.",
        "nudges",
        requires=(*ARE_RECORDED, "activities.direction", "commitments.side"),
        origin="commitments.contact_id",
    ),
    Fact(
        "nudges_hi",
        "int",
        "The same, as many as may be; unknown unless activities are recorded since it was asked.",
        "nudges",
        requires=(*ARE_RECORDED, "activities.direction", "commitments.side"),
        origin="activities",
    ),
    Fact("nudged_ids", "set", "Whom that ask was put to.", "people"),
    Fact("nudged_ask_ids", "set", "That ask."),
    Fact("nudged_ask", "text", "What was asked, and when, in words."),
    Fact("nudges_told", "text", "How often we came back to it, in words."),
    Fact("nudges_as_of", "text", "The last day recorded, in words, where activities are late."),
    reads=reads("commitment_id", commitments=COMMITMENT),
    uses=USES,
)
def nudges(inputs: Inputs) -> pl.DataFrame:
    """Count how often we came back to what the customer was asked for."""
    deals = with_facts(inputs)
    put = asks(inputs, deals).filter(pl.col("is_open").fill_null(value=True))
    counted = _counted(put, _touches(inputs, deals))
    whole = inputs.feeds.reaches("activities", pl.col("asked_on"), pl.col("day"))
    sure = pl.col("is_open").fill_null(value=False)
    counted = counted.with_columns(
        least=pl.when(sure).then("least").otherwise(0),
        whole=whole.fill_null(value=False),
        told=pl.format(
            "the ask{}{}",
            pl.format(" “{}”", "what").fill_null(""),
            pl.format(" of {}", spoken(pl.col("asked_on"))).fill_null(""),
        ),
    ).sort(["id", "least", "most", "ask"], descending=[False, True, True, False])
    first = counted.group_by("id", maintain_order=True).agg(
        open_asks_lo=pl.col("is_open").fill_null(value=False).sum().cast(pl.Int64),
        open_asks_hi=pl.len().cast(pl.Int64),
        nudges_lo=pl.col("least").max(),
        nudges_hi=pl.when(pl.col("whole").all()).then(pl.col("most").max()),
        nudged_ids=pl.col("asked_id").head(1),
        nudged_ask_ids=pl.col("ask").head(1),
        nudged_ask=pl.col("told").first(),
    )
    frame = deals.with_columns(nudges_as_of=late_clock(inputs, "activities"))
    frame = frame.select("id", "nudges_as_of").join(first, on="id", how="left")
    numbers = pl.col("open_asks_lo", "open_asks_hi", "nudges_lo")
    nobody = pl.lit([], dtype=pl.List(pl.String))
    told = counted_words(pl.col("nudges_lo"), pl.col("nudges_hi"), "nudge", "nudges", "no nudge")
    return frame.with_columns(
        numbers.fill_null(0), pl.col("nudged_ids", "nudged_ask_ids").fill_null(nobody)
    ).with_columns(nudges_told=told)


def _touches(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return what we sent: ``id``, ``on``, ``contact_id``, ``commitment_id``, ``surely``."""
    found = events(inputs, deals)
    people = with_people(inputs, found).with_columns(surely="addressed")
    unnamed = nobody_named(found).with_columns(
        surely=pl.col("ours") & pl.col("outbound") & pl.lit(None, dtype=pl.Boolean),
        contact_id=pl.lit(None, dtype=pl.String),
    )
    columns = ["id", "on", "contact_id", "commitment_id", "surely"]
    both = pl.concat([people.select(columns), unnamed.select(columns)])
    return both.filter(pl.col("surely").fill_null(value=True))


def _counted(put: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Add to each ask the days on which we came back to it, ``least`` and ``most``.

    What names an ask is about that one; what names none is about whatever its contact was asked.
    """
    pairs = put.select("id", "ask", "asked_id", "asked_on").join(touches, on="id")
    linked = pl.col("commitment_id") == pl.col("ask")
    same = pl.col("asked_id") == pl.col("contact_id")
    about = pl.when(pl.col("commitment_id").is_not_null()).then(linked).otherwise(same)
    counts = about & (pl.col("on") > pl.col("asked_on")) & pl.col("surely")
    days = pairs.with_columns(counts=counts).filter(pl.col("counts").fill_null(value=True))
    numbers = days.group_by("ask").agg(
        least=pl.col("on").filter(pl.col("counts").fill_null(value=False)).n_unique(),
        most=pl.col("on").n_unique(),
    )
    counted = put.join(numbers, on="ask", how="left")
    return counted.with_columns(pl.col("least", "most").fill_null(0).cast(pl.Int64))


@check.columns(
    "consensus/nudge-limit",
    severity="minor",
    ask=["What do you believe happens between your messages?"],
    family="stuck contact",
    sources=[f"four and five nudges: {PRACTICE}"],
)
def nudge_limit(
    d: Columns,
    *,
    watch: Annotated[
        int, Param("Watch from this many nudges", ge=1, le=20, unit="nudges", at_most="risk")
    ] = 4,
    risk: Annotated[int, Param("Risk from this many nudges", ge=1, le=20, unit="nudges")] = 5,
) -> Rules:
    """What we asked the customer to do moves without a fifth reminder.

    After four reminders the next one rarely helps: either the step is hard for the person we
    remind, or it is not theirs to take. Counted are the days after the ask on which we wrote to or
    called the person it was put to, several messages of a day once; a message that is linked to an
    ask counts for that one only. The ask that we came back to most decides: four such days are a
    watch, five a risk.

    Needs the asks (`commitments` of the customer's side, open ones) and activities with their
    direction and attendees since they were asked. A snoozed deal is left alone; of a snooze that
    does not count the message says so.
    """
    n = d.interval("nudges")
    said = "{nudges_told} after {nudged_ask}, put to {nudged_ids:people}"
    noted = "{nudges_as_of}{snooze_note}"
    return Rules(
        applies=d.is_open & ~d.is_snoozed & (d.interval("open_asks") >= 1),
        risk=n >= risk,
        watch=n >= watch,
        message={
            "risk": said + " ({risk:count} or more are a risk)" + noted,
            "watch": said + " (fewer than {watch:count} expected)" + noted,
            "pass": said + noted,
            "insufficient_data": "{nudges_told} after {nudged_ask}{nudges_as_of}{snooze_note}",
        },
        actual=d.nudges_lo,
        expected={
            "risk": below(risk, source=PRACTICE),
            "watch": below(watch, source=PRACTICE),
            "pass": below(watch, source=PRACTICE),
        },
        evidence=[
            Cite("commitments", "asked_on", ids=d.nudged_ask_ids),
            Cite("contacts", "name", ids=d.nudged_ids),
            *cited(d, "nudges_lo", "nudges_hi"),
        ],
    )
