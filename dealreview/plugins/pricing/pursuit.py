"""What winning a deal still costs, against the chance that it is won."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Interval, Param, Rules, Term, at_least, check, facts
from dealreview.plugins.changes import READS, history_known, stage_steps
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.exchange import in_deal_currency
from dealreview.plugins.history import COMPARABLE, WINDOW, in_any_segment, own_rate
from dealreview.plugins.proportions import wilson
from dealreview.plugins.standins import HOURLY, HOURLY_COST, hourly_costs
from dealreview.plugins.subjects import with_facts, with_own_row
from dealreview.plugins.timesheets import SECONDS, seconds
from dealreview.plugins.words import between, counted, figure, interval

HISTORY = "deal_changes.stage_id"
HOURS = "deals.hours_to_go"
SPENT = "time_entries.deal_id"
PRICED = (HOURLY, "the setting [hourly_cost]")
MILESTONES = range(1, 7)
_OF = ": "
"""Between a milestone and its number of days in a set fact."""


@facts(
    "deal",
    Fact("hours_to_go", "real", "Selling hours that the deal still needs.", "hours", origin=HOURS),
    Fact(
        "external_cost_seen",
        "money",
        "The same as far as it is known.",
        "deal currency",
        origin="deals.external_cost_to_go_minor",
    ),
    Fact(
        "external_cost_to_go",
        "money",
        "Other cost of selling that is still to come; nothing where it is recorded nowhere.",
        "deal currency",
        origin="deals.external_cost_to_go_minor",
    ),
    Fact(
        "highest_milestone",
        "int",
        "How far a closed deal came: 6 when it was won, else the highest milestone of its stages; "
        "unknown unless all moves since its creation are recorded.",
        requires=(HISTORY,),
        origin=HISTORY,
    ),
    Fact(
        "days_from_milestones",
        "set",
        "Each milestone that a closed deal reached and the days from then to its closing, as "
        "'milestone: days'; unknown as above.",
    ),
    reads={
        "deals": (
            "deal_id",
            "created_on",
            "stage_id",
            "hours_to_go",
            "external_cost_to_go_minor",
        ),
        "stages": ("stage_id", "kind", "milestone"),
        "deal_changes": READS,
    },
    uses=("is_open", "is_won", "closed_on"),
)
def reached(inputs: Inputs) -> pl.DataFrame:
    """Read what a deal still needs, and how far closed deals came."""
    deals = with_own_row(with_facts(inputs), inputs.table("deals"))
    whole = history_known(inputs, "stage_id", pl.col("created_on"), pl.col("day"))
    closed = deals.filter(~pl.col("is_open") & whole & pl.col("closed_on").is_not_null())
    came = _milestones(inputs, closed)
    external = pl.col("external_cost_to_go_minor")
    if not inputs.feeds.is_recorded("deals.external_cost_to_go_minor"):
        external = pl.lit(0, dtype=pl.Int64)
    return deals.join(came, on="id", how="left").select(
        "id",
        "hours_to_go",
        "highest_milestone",
        "days_from_milestones",
        external_cost_to_go=external,
        external_cost_seen=external.fill_null(0),
    )


def _milestones(inputs: Inputs, closed: pl.DataFrame) -> pl.DataFrame:
    """Return how far closed deals came, and when they first got as far as each milestone.

    A deal with a change without a day, or that was in an open stage without milestone, may have come
    further than is seen, and is left out.
    """
    moves = stage_steps(inputs).rename({"deal_id": "id"})
    dated = moves.filter(pl.col("on").is_not_null())
    began = dated.group_by("id", maintain_order=True).agg(stage_id=pl.col("old").first())
    closed = closed.select("id", "created_on", "closed_on", "is_won").join(began, on="id")
    stages = inputs.table("stages").select(
        "stage_id", "kind", height=pl.col("milestone").cast(pl.Int64)
    )
    entered = pl.concat(
        [
            closed.select("id", "stage_id", on="created_on"),
            dated.select("id", pl.col("new").alias("stage_id"), "on"),
        ]
    ).join(stages, on="stage_id", how="left")
    unmapped = pl.col("height").is_null() & pl.col("kind").eq_missing("open")
    vague = pl.concat(
        [entered.filter(unmapped).select("id"), moves.filter(pl.col("on").is_null()).select("id")]
    )
    # A deal that was won got through all of them, whatever was skipped on the way.
    won = closed.filter("is_won").select("id", on="closed_on", height=pl.lit(6, dtype=pl.Int64))
    entered = pl.concat([entered.drop_nulls("height").select("id", "on", "height"), won])
    entered = entered.join(vague, on="id", how="anti").join(closed, on="id")
    return _first_reached(entered.filter(pl.col("on") <= pl.col("closed_on")))


def _first_reached(entered: pl.DataFrame) -> pl.DataFrame:
    marks = pl.DataFrame({"milestone": list(MILESTONES)}, schema={"milestone": pl.Int64})
    first = entered.join(marks, how="cross").filter(pl.col("height") >= pl.col("milestone"))
    ago = (pl.col("closed_on") - pl.col("on")).dt.total_days()
    first = first.group_by("id", "milestone").agg(ago=ago.max()).sort("id", "milestone")
    return first.group_by("id", maintain_order=True).agg(
        highest_milestone=pl.col("milestone").max(),
        days_from_milestones=pl.format("{}" + _OF + "{}", "milestone", "ago"),
    )


@facts(
    "deal",
    Fact(
        "win_rate_from_stage",
        "real",
        "Won ÷ closed of the deals of 24 months that ever reached the deal's milestone, same pipeline "
        "and segment, else same pipeline; unknown under `pursuit_min_n` deals.",
        "share",
        requires=(HISTORY,),
        origin=HISTORY,
    ),
    Fact(
        "win_rate_least",
        "real",
        "The same, and the smallest of all segments where the account's is unknown; the rate is then "
        "the largest of them.",
        "share",
        requires=(HISTORY,),
        origin=HISTORY,
    ),
    Fact(
        "has_closed_deals",
        "bool",
        "Enough deals were closed for a rate if all of their histories were known; never false: "
        "unknown under `pursuit_min_n` deals.",
        requires=(HISTORY,),
        origin="deals",
    ),
    Fact("win_rate_low", "real", "Lower end of its 95 % interval (Wilson).", "share"),
    Fact("win_rate_high", "real", "Upper end of its 95 % interval (Wilson).", "share"),
    Fact("win_rate_n", "int", "Closed deals behind the rate.", "deals"),
    Fact("win_rate_words", "text", "The rate with its interval, in words."),
    step="organisation",
    uses=(*COMPARABLE, "milestone", "highest_milestone"),
    params={
        "pursuit_min_n": (
            20,
            Param("Closed deals that a win rate needs", ge=10, le=500, unit="deals"),
        )
    },
)
def win_rate(inputs: Inputs) -> pl.DataFrame:
    """Measure how many deals are won from where a deal stands."""
    deals = with_facts(inputs)
    least = inputs.params["pursuit_min_n"]
    found = own_rate(deals, level="milestone", reached="highest_milestone", min_n=least)
    anywhere = deals.with_columns(highest_milestone=pl.col("highest_milestone").fill_null(6))
    most = own_rate(anywhere, level="milestone", reached="highest_milestone", min_n=least)
    found = found.join(most.select("id", most="n"), on="id")
    found = found.join(deals.select("id", "milestone"), on="id")
    low, high = wilson(pl.col("hits"), pl.col("n"))
    found = found.with_columns(rate=pl.col("hits") / pl.col("n"), low=low, high=high)
    rate = between(pl.col("rate"), pl.col("rate"))
    stated = pl.format("{} chance ({}, n={})", rate, interval(pl.col("low"), pl.col("high")), "n")
    closed = counted(pl.col("n"), pl.col("n"), "closed deal", "closed deals")
    few = pl.format("chance unknown ({} to go by, {} needed)", closed, pl.lit(least))
    enough = pl.col("milestone").is_null() | (pl.col("most") >= least)
    return found.select(
        "id",
        has_closed_deals=pl.when(enough).then(statement=True),
        win_rate_from_stage="rate",
        win_rate_least="least",
        win_rate_low="low",
        win_rate_high="high",
        win_rate_n="n",
        win_rate_words=pl.coalesce(stated, few),
    )


@facts(
    "deal",
    Fact(
        "remaining_pursuit_cost_lo",
        "money",
        "Hours to go × the owner's hourly cost, and the other cost to go as far as it is known. Hours "
        "that nobody stated are the median of closed deals of 24 months from this milestone on, same "
        "pipeline; unknown under `pursuit_hours_min_n` such deals.",
        "deal currency",
        requires=(PRICED, (HOURS, SPENT)),
        origin=HOURS,
    ),
    Fact(
        "remaining_pursuit_cost_hi",
        "money",
        "The same; unknown with the other cost to go.",
        "deal currency",
        requires=(PRICED, (HOURS, SPENT)),
        origin="deals.external_cost_to_go_minor",
    ),
    Fact(
        "owner_hourly_cost",
        "money",
        "Cost of the owner's hour; that of the role where it is recorded of nobody and the "
        "configuration names one.",
        "deal currency",
        requires=(PRICED,),
        origin=HOURLY,
    ),
    Fact(
        "hourly_cost_basis", "enum", "own or role: where the cost of the owner's hour comes from."
    ),
    Fact(
        "pursuit_hours",
        "real",
        "Hours to go: stated, else usual.",
        "hours",
        requires=((HOURS, SPENT),),
        origin=HOURS,
    ),
    Fact("pursuit_hours_words", "text", "The hours and where they come from."),
    step="organisation",
    reads={
        "people": ("person_id", "role", "hourly_cost_minor", "currency"),
        "time_entries": ("deal_id", "day", "hours", "category"),
    },
    uses=(
        "is_open",
        "closed_on",
        "pipeline_id",
        "milestone",
        "owner_id",
        "deal_currency",
        "hours_to_go",
        "external_cost_to_go",
        "days_from_milestones",
    ),
    params={
        "pursuit_hours_min_n": (
            10,
            Param("Closed deals that a usual number of hours needs", ge=5, le=500, unit="deals"),
        ),
        **HOURLY_COST,
    },
)
def to_go(inputs: Inputs) -> pl.DataFrame:
    """Price the hours and other cost that a deal still needs."""
    deals = with_facts(inputs)
    usual = _usual_hours(inputs, deals)
    deals = _hourly(inputs, deals).join(usual, on=["pipeline_id", "milestone"], how="left")
    enough = pl.col("n") >= inputs.params["pursuit_hours_min_n"]
    hours = pl.coalesce("hours_to_go", pl.when(enough).then("usual"))
    cost = (hours * pl.col("hourly")).round(0).cast(pl.Int64, strict=False)
    external = pl.col("external_cost_to_go")
    number = figure(hours)
    words = (
        pl.when(pl.col("hours_to_go").is_not_null())
        .then(pl.format("{} h, as stated", number))
        .when(enough)
        .then(pl.format("{} h, usual from here on, n={}", number, "n"))
        .otherwise(_no_hours(inputs.params["pursuit_hours_min_n"]))
    )
    of_role = pl.col("hourly_role")
    return deals.select(
        "id",
        remaining_pursuit_cost_lo=cost + external.fill_null(0),
        remaining_pursuit_cost_hi=cost + external,
        owner_hourly_cost="hourly",
        pursuit_hours=hours,
        hourly_cost_basis=pl.when(of_role.is_not_null())
        .then(pl.lit("role"))
        .when(pl.col("hourly").is_not_null())
        .then(pl.lit("own")),
        pursuit_hours_words=pl.concat_str(
            words, pl.format("; cost of an hour by role: {}", of_role).fill_null("")
        ),
    )


def _no_hours(least: int) -> pl.Expr:
    """Return why nobody knows the hours to go: ``hours unknown: 3 closed deals with hours, 10 needed``."""
    n = pl.col("n").fill_null(0)
    deals = counted(n, n, "closed deal", "closed deals")
    return pl.format("hours unknown: {} with hours to go by, {} needed", deals, pl.lit(least))


def _hourly(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Add the cost of the owner's hour in the currency of the deal."""
    people = hourly_costs(inputs).rename({"person_id": "owner_id"})
    frame = deals.join(people, on="owner_id", how="left")
    return in_deal_currency(inputs, frame, "hourly", "paid_in")


def _usual_hours(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the median of hours that closed deals took from each milestone on, and their number.

    Deals on which nobody ever recorded an hour say nothing about hours.
    """
    entries = inputs.table("time_entries").filter(pl.col("category").ne_missing("absence"))
    entries = entries.select("day", id="deal_id", seconds=seconds())
    closed_on = pl.col("closed_on")
    today = pl.lit(inputs.as_of, dtype=pl.Date)
    recent = closed_on.is_between(today.dt.offset_by(WINDOW), today, closed="right")
    closed = deals.filter(~pl.col("is_open") & recent).explode("days_from_milestones")
    parts = pl.col("days_from_milestones").str.split_exact(_OF, 1)
    closed = closed.drop_nulls("days_from_milestones").select(
        "id",
        "pipeline_id",
        "closed_on",
        milestone=parts.struct.field("field_0").cast(pl.Int64),
        since=closed_on - pl.duration(days=parts.struct.field("field_1").cast(pl.Int64)),
    )
    closed = closed.filter(inputs.feeds.covers("time_entries", pl.col("since"), closed_on))
    spent = closed.join(entries, on="id")
    inside = (pl.col("day") > pl.col("since")) & (pl.col("day") <= closed_on)
    hours = spent.group_by("id", "pipeline_id", "milestone").agg(
        known=pl.col("seconds").is_not_null().all() & pl.col("day").is_not_null().all(),
        hours=pl.col("seconds").filter(inside).sum() / SECONDS,
    )
    return (
        hours.filter("known")
        .group_by("pipeline_id", "milestone")
        .agg(usual=pl.col("hours").median(), n=pl.len().cast(pl.Int64))
    )


@check.columns(
    "pricing/unprofitable-pursuit",
    severity="major",
    ask=["What would you do with the hours this deal still needs if it were not on your list?"],
    sources=[
        "win rate: the organisation's own closed deals, with its Wilson 95 % interval",
        f"one and a half times: {JUDGEMENT}",
    ],
)
def unprofitable_pursuit(
    d: Columns,
    *,
    margin: Annotated[
        float,
        Param("Watch under this many times the cost to go", ge=1, le=5, unit="times the cost"),
    ] = 1.5,
) -> Rules:
    """What may still be won is worth what winning it still costs.

    A deal that earns money may still cost more than it is likely to bring. The chance is the
    organisation's own: won ÷ closed of the deals of 24 months that ever reached this milestone, in
    the same pipeline and segment, else in the same pipeline, at least 20 of them, printed with its
    95 % interval. Chance × contribution less than the cost still to go is a risk, less than one and a
    half times that cost a watch. What was spent already is gone either way and is left out.

    Cost to go is the hours that the deal still needs × the owner's hourly cost, and other selling
    cost. Hours that nobody stated are the median that closed deals took from this milestone on (at
    least 10). Open deals with a contribution above zero are judged; the floor under the margin says
    the rest. An unknown cost to serve, or other cost to go, is weighed at its worst and at its best.

    Where the cost of an hour is recorded of nobody, that of the owner's role counts if the
    configuration names one (`[hourly_cost]`), and the message says so.

    Needs the history of stages of closed deals, the contribution, the owner's hourly cost, and hours
    to go or time entries on deals.
    """
    rate = d.win_rate_from_stage
    hours = d.pursuit_hours * d.owner_hourly_cost
    cost_lo, cost_hi = hours + d.external_cost_seen, hours + d.external_cost_to_go
    left = rate * d.contribution_hi - cost_lo

    def under(times: float) -> Term:
        """Return whether the chance is worth less than so many times the cost to go."""
        low, high = cost_lo * times, cost_hi * times
        kind, strict = (
            Interval(r * d.contribution_lo - high, r * d.contribution_hi - low) < 0
            for r in (rate, d.win_rate_least)
        )
        return in_any_segment(kind, strict, d.segment_told)

    said = (
        "{win_rate_words} × contribution {contribution_hi:money} − cost to go "
        "{remaining_pursuit_cost_lo:money} ({pursuit_hours_words})"
    )
    return Rules(
        applies=d.is_open & (d.interval("contribution") > 0) & d.has_closed_deals,
        risk=under(1),
        watch=under(margin),
        message={
            "risk": said + " = {left:money}",
            "watch": said
            + " = {left:money}; the chance should be worth {margin:number}× the cost to go",
            "pass": said + " = {left:money}",
            "insufficient_data": said,
        },
        actual=left,
        expected={
            "risk": at_least(0, source=JUDGEMENT),
            "watch": at_least(d.remaining_pursuit_cost_lo * (margin - 1), source=JUDGEMENT),
            "pass": at_least(d.remaining_pursuit_cost_lo * (margin - 1), source=JUDGEMENT),
        },
        evidence=cited(
            d,
            "win_rate_from_stage",
            "win_rate_low",
            "win_rate_high",
            "win_rate_n",
            "contribution_hi",
            "pursuit_hours",
            "owner_hourly_cost",
            "hourly_cost_basis",
        ),
        values={"left": left},
    )
