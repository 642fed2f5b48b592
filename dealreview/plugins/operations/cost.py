"""What the longest diversion of a team cost: hours, opportunities that were not created, delay."""

from __future__ import annotations

import polars as pl

from dealreview import Fact, Inputs, facts
from dealreview.plugins.changes import taken_back
from dealreview.plugins.operations.created import CREATED, created_by
from dealreview.plugins.operations.events import (
    DIVERSIONS,
    LOOK_BACK,
    USUAL_DAY,
    dated,
    ended_within,
    members,
    of_teams,
)
from dealreview.plugins.operations.hours import SELLING
from dealreview.plugins.teams import STAFF
from dealreview.plugins.timesheets import SECONDS, seconds
from dealreview.plugins.words import counted, figure

BASE_DAYS = 84
"""Days before a diversion whose hours and opportunities give the rate of creation."""

WEEK = 7


@facts(
    "team",
    Fact("diversion_from_on", "date", "First day of the longest recent diversion."),
    Fact(
        "diversion_ids", "set", "The longest recent diversion, the latest of several; else nothing."
    ),
    Fact("diversion_people", "int", "People in it: those listed, else all reps.", "people"),
    Fact(
        "diversion_hours",
        "real",
        "Its people × business days × hours a day (8 where none are stated).",
        "hours",
    ),
    Fact(
        "diversion_opportunities",
        "real",
        "Opportunities not created: its hours × opportunities that its people created in the 84 "
        "days before ÷ their prospecting and selling hours of those days; unknown unless these are "
        "recorded, and where hours lack a category.",
        "opportunities",
    ),
    Fact(
        "diversion_delay_days",
        "real",
        "Calendar days that its business days take: × 7 ÷ business days a week.",
        "days",
    ),
    Fact("diversion_words", "text", "People, days and hours of it, in words."),
    step="organisation",
    reads={
        "diversions": (*DIVERSIONS["diversions"], "hours_per_day"),
        "diversion_people": ("diversion_id", "person_id"),
        "time_entries": ("person_id", "day", "hours", "category"),
    },
    uses=(*STAFF, *CREATED),
    params=LOOK_BACK,
)
def cost(inputs: Inputs) -> pl.DataFrame:
    """Work out what the longest recent diversion of each team took."""
    event = _longest(inputs)
    people = members(event, inputs.table("diversion_people"), inputs.facts()).filter("certain")
    heads = people.group_by("id").agg(people=pl.len().cast(pl.Int64))
    frame = inputs.subjects().join(event.drop("day"), on="id", how="left")
    frame = frame.join(heads, on="id", how="left")
    frame = frame.join(_rates(inputs, people), on="id", how="left")
    a_day = pl.col("hours_per_day").fill_null(USUAL_DAY)
    hours = pl.col("people") * pl.col("bd") * a_day
    lost = hours * pl.col("rate")
    return frame.select(
        "id",
        diversion_from_on="began",
        diversion_ids=pl.concat_list("diversion_id").list.drop_nulls(),
        diversion_people="people",
        diversion_hours=hours,
        diversion_opportunities=lost,
        diversion_delay_days=_calendar_days(inputs),
        diversion_words=_words(a_day, hours, lost),
    )


def _calendar_days(inputs: Inputs) -> pl.Expr:
    """Return the days that an event's business days take; unknown where no day is worked."""
    worked = len(inputs.calendar.working_days)
    return pl.col("bd") * WEEK / worked if worked else pl.lit(None, dtype=pl.Float64)


def _longest(inputs: Inputs) -> pl.DataFrame:
    """Return the longest recent event of each team; of several the latest, then by id."""
    events = of_teams(dated(inputs, "hours_per_day"), inputs.subjects())
    recent = events.filter(pl.col("sure") & ended_within(inputs.params["diversion_look_back"]))
    order = recent.sort("bd", "began", "diversion_id", descending=[True, True, False])
    return order.unique("id", keep="first", maintain_order=True)


def _rates(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Return by team the opportunities that the people of its event created an hour before it."""
    span = people.select(
        "id",
        "person_id",
        first=pl.col("began") - pl.duration(days=BASE_DAYS),
        last=pl.col("began") - pl.duration(days=1),
    )
    made = created_by(inputs, span).group_by("id").agg(
        made=pl.col("sure").sum(), unsure=(pl.col("maybe") > pl.col("sure")).fill_null(value=True).any()
    )  # fmt: skip
    entries = inputs.table("time_entries").join(span, on="person_id")
    entries = entries.filter(pl.col("day").is_between("first", "last"))
    sold = entries.group_by("id").agg(
        sold=seconds().filter(pl.col("category").is_in(SELLING)).sum(),
        holes=(pl.col("hours").is_null() | pl.col("category").is_null()).any(),
    )
    ends = span.group_by("id").agg(pl.col("first").first(), pl.col("last").first())
    frame = ends.join(made, on="id").join(sold, on="id", how="left")
    whole = inputs.feeds.covers("time_entries", pl.col("first"), pl.col("last"))
    known = whole & ~pl.col("holes") & ~pl.col("unsure") & (pl.col("sold") > 0)
    return frame.select("id", rate=pl.when(known).then(pl.col("made") * SECONDS / pl.col("sold")))


def _words(a_day: pl.Expr, hours: pl.Expr, lost: pl.Expr) -> pl.Expr:
    """Return the arithmetic: ``6 people × 10 business days × 8 h = 480 h ≈ 9 opportunities``."""
    taken = pl.format(
        "{} × {} × {} h = {} h",
        counted(pl.col("people"), pl.col("people"), "person", "people"),
        counted(pl.col("bd"), pl.col("bd"), "business day", "business days"),
        figure(a_day),
        figure(hours),
    )
    rounded = lost.round(0).cast(pl.Int64, strict=False)
    some = counted(rounded, rounded, "opportunity", "opportunities")
    missed = pl.when(lost < 1).then(pl.format("{} opportunities", figure(lost))).otherwise(some)
    return pl.concat_str(taken, pl.format(" ≈ {}", missed).fill_null(""))


@facts(
    "team",
    Fact(
        "diversion_open_value",
        "money",
        "Amounts of the deals that its people had open when it began, as they were then; those of "
        "unknown amount, owner or day of creation are left out.",
        "reporting currency",
    ),
    Fact("diversion_open_words", "text", "'at least ' where some were left out."),
    step="organisation",
    reads={
        "diversions": (*DIVERSIONS["diversions"], "hours_per_day"),
        "diversion_people": ("diversion_id", "person_id"),
        "deal_changes": ("change_id", "deal_id", "field", "old_value", "changed_at"),
    },
    uses=(
        *STAFF,
        "deal.owner_id",
        "deal.amount",
        "deal.deal_currency",
        "deal.created_on",
        "deal.closed_on",
    ),
    params=LOOK_BACK,
)
def delayed(inputs: Inputs) -> pl.DataFrame:
    """Add up the open deals that a diversion held up."""
    event = _longest(inputs)
    people = members(event, inputs.table("diversion_people"), inputs.facts()).filter("certain")
    held = _held(inputs, event, people)
    worth = inputs.to_reporting(held, "amount", "currency", "began").alias("worth")
    sums = (
        held.with_columns(worth)
        .group_by("id")
        .agg(
            pl.col("worth").filter("sure").sum(),
            holes=(~pl.col("sure") | pl.col("worth").is_null()).any(),
        )
    )
    frame = inputs.subjects().join(event.select("id", "began"), on="id", how="left")
    frame = frame.join(sums, on="id", how="left")
    short = pl.col("holes").fill_null(value=False)
    held_up = pl.when(pl.col("began").is_not_null()).then(pl.col("worth").fill_null(0))
    return frame.select(
        "id",
        diversion_open_value=held_up,
        diversion_open_words=pl.when(short).then(pl.lit("at least ")).otherwise(pl.lit("")),
    )


def _held(inputs: Inputs, event: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return the deals that each event's people had open when it began; ``sure`` or perhaps."""
    deals = inputs.facts("deal").rename({"id": "deal_id"})
    # Deals that had closed before every event, or came after, need no look at each.
    first, last = (
        pl.lit(day, dtype=pl.Date) for day in (event["began"].min(), event["began"].max())
    )
    deals = deals.filter(
        (pl.col("closed_on") > first).fill_null(value=True)
        & (pl.col("created_on") <= last).fill_null(value=True)
    )
    began = pl.col("began")
    over = (pl.col("closed_on") <= began).fill_null(value=False)
    later = (pl.col("created_on") > began).fill_null(value=False)
    held = event.select("id", "began", on="began").join(deals, how="cross").filter(~over & ~later)
    held = taken_back(inputs, held, "owner_id")
    held = taken_back(inputs, held, "amount", "amount_minor")
    staff = people.select("id", owner_id="person_id", theirs=pl.lit(value=True))
    held = held.join(staff, on=["id", "owner_id"], how="left")
    held = held.filter("theirs" | pl.col("owner_id").is_null())
    sure = pl.col("theirs").fill_null(value=False) & pl.col("created_on").is_not_null()
    return held.select("id", "began", "amount", currency="deal_currency", sure=sure)
