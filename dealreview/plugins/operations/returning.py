"""What a person or team creates after coming back from a diversion."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_least, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.operations.created import CREATED, created_by
from dealreview.plugins.operations.events import (
    DIVERSIONS,
    RECORDED,
    covered,
    dated,
    members,
    of_people,
    of_teams,
)
from dealreview.plugins.teams import STAFF
from dealreview.plugins.words import between, counted

NEEDS = (*RECORDED, "deals.created_on")


def _return_facts(whose: str) -> tuple[Fact, ...]:
    created = "opportunities"
    return (
        Fact(
            "is_back",
            "bool",
            f"{whose} came back from a diversion at least `return_after_days` and at most "
            "`return_within_days` ago; unknown where it has no last day or team, or diversions are not "
            "recorded for that time.",
            requires=NEEDS,
            origin="diversions.to_on",
        ),
        Fact(
            "has_return_base",
            "bool",
            "There is enough to compare with; unknown where fewer than `return_min_created` "
            "opportunities were created in the `return_base_days` before it.",
            requires=NEEDS,
            origin="deals",
        ),
        Fact("back_on", "date", "Last day of the latest such diversion."),
        Fact("back_diversion_ids", "set", "That diversion."),
        Fact(
            "created_before",
            "int",
            "Opportunities created in the `return_base_days` before it; unknown under "
            "`return_min_created`.",
            created,
            requires=NEEDS,
            origin="deals.created_on",
        ),
        Fact(
            "creation_after_return_lo",
            "real",
            "Opportunities created a week in the `return_after_days` after the return ÷ in the "
            "`return_base_days` before the diversion, at the least: those without owner or day of "
            "creation count before it; unknown under `return_min_created` before, and where "
            "deals are not recorded.",
            "share",
            requires=NEEDS,
            origin="deals.created_on",
        ),
        Fact(
            "creation_after_return_hi",
            "real",
            "The same at the most: those without owner or day of creation count after it.",
            "share",
            requires=NEEDS,
            origin="deals.created_on",
        ),
        Fact("created_weekly_before", "real", "Opportunities seen a week before.", created),
        Fact("created_weekly_after", "real", "Opportunities seen a week after.", created),
        Fact(
            "return_counts_words", "text", "Opportunities seen before and after, and in how long."
        ),
        Fact("return_rate_words", "text", "Share of the rate before, from its least to its most."),
        Fact("return_words", "text", "Opportunities seen before it and those needed, in words."),
    )


_READS = {**DIVERSIONS, "diversion_people": ("diversion_id", "person_id")}
_PARAMS = {
    "return_min_created": (
        10,
        Param(
            "Opportunities before a diversion that a base needs",
            ge=3,
            le=200,
            unit="deals",
            source=JUDGEMENT,
        ),
    ),
    "return_base_days": (
        84,
        Param(
            "Days before a diversion that are the usual",
            ge=28,
            le=365,
            unit="days",
            source=JUDGEMENT,
        ),
    ),
    "return_after_days": (
        28,
        Param(
            "Days after a return that are compared, and that must be over",
            ge=7,
            le=84,
            unit="days",
            source=JUDGEMENT,
        ),
    ),
    "return_within_days": (
        112,
        Param(
            "Days for which a return is judged, at least those compared",
            ge=28,
            le=365,
            unit="days",
            source=JUDGEMENT,
        ),
    ),
}


@facts(
    "team",
    *_return_facts("The team"),
    step="organisation",
    reads=_READS,
    uses=(*STAFF, *CREATED),
    params=_PARAMS,
)
def team_return(inputs: Inputs) -> pl.DataFrame:
    """Compare what a team created after a diversion with what it did before."""
    events = of_teams(dated(inputs), inputs.subjects())
    people = members(_latest(inputs, events), inputs.table("diversion_people"), inputs.facts())
    return _compared(inputs, events, people)


@facts(
    "rep",
    *_return_facts("The person"),
    step="organisation",
    reads=_READS,
    uses=(*(f"team.{name}" for name in STAFF), *CREATED),
    params=_PARAMS,
)
def person_return(inputs: Inputs) -> pl.DataFrame:
    """Compare what a person created after a diversion with what they did before."""
    listed, teams = inputs.table("diversion_people"), inputs.facts("team")
    events = of_people(dated(inputs), listed, teams, inputs.subjects())
    people = _latest(inputs, events).with_columns(person_id="id", certain=pl.lit(value=True))
    return _compared(inputs, events, people)


def _between(inputs: Inputs) -> tuple[int, int]:
    """Return how many days ago a return must lie at the least, and may at the most."""
    after: int = inputs.params["return_after_days"]
    return after, max(after, inputs.params["return_within_days"])


def _ago(days: int) -> pl.Expr:
    return pl.col("day") - pl.duration(days=days)


def _latest(inputs: Inputs, events: pl.DataFrame) -> pl.DataFrame:
    """Return each subject's latest event that it came back from long enough ago."""
    least, most = _between(inputs)
    back = events.filter(pl.col("sure") & pl.col("ended").is_between(_ago(most), _ago(least)))
    order = back.sort("ended", "began", "diversion_id", descending=[True, True, False])
    return order.unique("id", keep="first", maintain_order=True)


def _perhaps(inputs: Inputs, events: pl.DataFrame) -> pl.DataFrame:
    """Return the subjects that may be back from an event, as far as its cells say."""
    least, most = _between(inputs)
    ended = pl.col("ended").is_between(_ago(most), _ago(least))
    may_have = pl.col("open_ended") & (pl.col("began") <= _ago(least)).fill_null(value=True)
    return events.filter(ended.fill_null(value=False) | may_have).select("id").unique()


def _compared(inputs: Inputs, events: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of subjects from their events and the people of the latest."""
    latest = _latest(inputs, events)
    frame = inputs.subjects().join(latest.drop("day"), on="id", how="left")
    rates = _rates(inputs, people)
    frame = frame.join(rates, on="id", how="left")
    perhaps = _perhaps(inputs, events).with_columns(perhaps=pl.lit(value=True))
    frame = frame.join(perhaps, on="id", how="left")
    back = pl.col("ended").is_not_null()
    nowhere = covered(inputs, _between(inputs)[1]) & pl.col("perhaps").is_null()
    least = inputs.params["return_min_created"]
    before = pl.when(pl.col("before") >= least).then("before")
    weeks_before, weeks_after = (
        inputs.params[name] / 7 for name in ("return_base_days", "return_after_days")
    )
    now, usual = pl.col("after") / weeks_after, pl.col("before") / weeks_before
    highest = pl.col("after_hi") / weeks_after
    base = pl.col("before_hi") / weeks_before
    return frame.select(
        "id",
        is_back=pl.when(back).then(statement=True).when(nowhere).then(statement=False),
        has_return_base=pl.when(before.is_not_null() | ~back).then(statement=True),
        back_on="ended",
        back_diversion_ids=pl.concat_list("diversion_id").list.drop_nulls(),
        created_before=before,
        creation_after_return_lo=pl.when(before.is_not_null()).then(now / base),
        creation_after_return_hi=pl.when(before.is_not_null()).then(highest / usual),
        return_counts_words=_counts_words(inputs),
        return_rate_words=_rate_words(now / base, highest / usual),
        return_words=_return_words(inputs),
        created_weekly_before=usual,
        created_weekly_after=now,
    )


def _counts_words(inputs: Inputs) -> pl.Expr:
    """Return how many were seen on each side; rates a week would round their difference away."""
    usual, later = (
        pl.lit(inputs.params[name]) for name in ("return_base_days", "return_after_days")
    )
    seen = (pl.col(name).cast(pl.Int64) for name in ("before", "after"))
    words = "{} in the {} d before the diversion, {} in the {} d after the return"
    return pl.format(words, next(seen), usual, next(seen), later)


def _rate_words(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Return the rate after as a share of that before, between both ends where they differ."""
    return pl.coalesce(between(low, high), pl.format("at least {}", between(low, low)))


def _return_words(inputs: Inputs) -> pl.Expr:
    """Return how much there is to compare with, and what is needed."""
    shortest, longest = _between(inputs)
    number = pl.col("before").cast(pl.Int64)
    seen = pl.format(
        "{} seen in the {} d before the diversion, {} needed",
        counted(number, number, "opportunity", "opportunities"),
        *(pl.lit(inputs.params[name]) for name in ("return_base_days", "return_min_created")),
    )
    return seen.fill_null(f"no diversion is known that ended {shortest} to {longest} days ago")


def _rates(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Return by subject what its people created ``before`` and ``after``, at most ``…_hi``.

    What those created who may not have been in it counts on neither side, or on either.
    """
    began, ended = pl.col("began"), pl.col("ended")
    day = pl.duration(days=1)
    usual, later = (
        pl.duration(days=inputs.params[name]) for name in ("return_base_days", "return_after_days")
    )
    who = ("id", "person_id", "certain")
    before = people.select(*who, first=began - usual, last=began - day)
    after = people.select(*who, first=ended + day, last=ended + later)
    return _sums(inputs, before, "before").join(_sums(inputs, after, "after"), on="id")


def _sums(inputs: Inputs, spans: pl.DataFrame, name: str) -> pl.DataFrame:
    most = pl.when(pl.col("maybe").is_not_null().all()).then(pl.col("maybe").sum())
    found = created_by(inputs, spans).group_by("id")
    return found.agg(pl.col("sure").filter("certain").sum().alias(name), most.alias(f"{name}_hi"))


@check.columns(
    "operations/slow-return",
    on=("rep", "team"),
    severity="minor",
    ask=["What makes it hard to pick up where you left off?"],
    sources=[f"80 % and half of the usual, ten opportunities: {JUDGEMENT}"],
)
def slow_return(
    d: Columns,
    *,
    watch: Annotated[
        float,
        Param("Watch under this share of the usual", ge=0, le=1, unit="share"),
    ] = 0.80,
    risk: Annotated[
        float,
        Param("Risk under this share of the usual", ge=0, le=1, unit="share", at_most="watch"),
    ] = 0.50,
) -> Rules:
    """Who comes back from a diversion sells as before.

    The days of a diversion are not its whole price: conversations that were dropped have to be
    begun again. Judged is the latest diversion that ended 28 to 112 days ago. Ratio =
    opportunities created a week in the 28 days after its last day ÷ those created a week in the 84
    days before its first; a team's are those of the people who were in it, or of all reps where nobody
    is listed (members of whom no role is recorded are weighed as in it and as not). Under 80 % is a
    watch, under half a risk; as many as before or more is a strength. An opportunity counts for who
    owned it first; one without owner or day of creation is weighed on either side. For coaching, not
    for judging people.

    Needs diversions with team, first and last day, and at least ten opportunities created in the
    84 days before: from fewer nothing can be said.
    """
    ratio = d.interval("creation_after_return")
    said = (
        "opportunities created: {return_counts_words} on {back_on:date}; "
        "{return_rate_words} of the rate before{unsure_people_words}"
    )
    return Rules(
        # Too few opportunities to compare with are no statement about any of them.
        applies=d.is_back & d.has_return_base,
        risk=ratio < risk,
        watch=ratio < watch,
        strength=ratio >= 1,
        message={
            "risk": said,
            "watch": said,
            "pass": said,
            "strength": said,
            "insufficient_data": "{return_words}{unsure_people_words}",
        },
        actual=d.creation_after_return_lo,
        expected={
            "risk": at_least(risk, source=JUDGEMENT, n=d.created_before),
            "watch": at_least(watch, source=JUDGEMENT, n=d.created_before),
            "pass": at_least(watch, source=JUDGEMENT, n=d.created_before),
            "strength": at_least(1, source="the usual of before", n=d.created_before),
        },
        evidence=[
            Cite("diversions", "to_on", d.back_on, ids=d.back_diversion_ids),
            *cited(d, "created_weekly_before", "created_weekly_after", "created_before"),
        ],
    )
