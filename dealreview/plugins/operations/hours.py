"""Hours: what operations take of the time of those who sell."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Exposure, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.teams import STAFF, staff
from dealreview.plugins.timesheets import SECONDS, seconds
from dealreview.plugins.words import figure

WEEKS = 4
BASE_WEEKS = 12
USUAL_WEEK = 40.0
"""Contract hours of a person for whom none are stated."""

OPERATIONS = ("operations", "service")
SELLING = ("prospecting", "selling")
HOURS = "time_entries.hours"
TIME_IS_RECORDED = ("time_entries.hours", "time_entries.category")


_HOURS = {
    "hours_4w": "recorded in 4 complete weeks, absence left out",
    "operations_hours_4w": "on operations and service in 4 weeks",
    "uncategorised_hours_4w": "without category in 4 weeks",
    "selling_hours_4w": "on selling in 4 weeks",
    "contract_hours_4w": "by contract in 4 weeks, absence left out",
}
_SHARES = {
    "recorded_ratio": "Hours recorded ÷ contract hours less absence, 4 weeks; unknown without a feed.",
    "operations_ratio_lo": "Operations and service ÷ all hours but absence, 4 weeks, at the least: with "
    "all other hours that name nobody; unknown under `min_recorded`.",
    "operations_ratio_hi": "The same if all hours without category were operations, with those of "
    "operations that name nobody.",
    "selling_ratio_lo": "Prospecting and selling ÷ all hours but absence, 4 weeks, at the least: with "
    "all other hours that name nobody; unknown under `min_recorded`.",
    "selling_ratio_hi": "The same if all hours without category were selling, with those of selling that "
    "name nobody.",
}


def _lacking(name: str) -> str:
    """Return what is missing where only this fact of a pair is: the two differ by the category."""
    return "time_entries.category" if name.endswith("_lo") else HOURS


def _hour_facts(whose: str) -> tuple[Fact, ...]:
    """Return the facts of hours, which people and teams share."""
    needs = TIME_IS_RECORDED
    hours = [
        Fact(n, "real", f"{whose} {what}.", "hours", requires=needs, origin=HOURS)
        for n, what in _HOURS.items()
    ]
    return (
        *hours,
        *(
            Fact(n, "real", what, "share", requires=needs, origin=_lacking(n))
            for n, what in _SHARES.items()
        ),
        Fact("hours_words", "text", "How many of the contract hours are recorded, in words."),
    )


_TIME = {
    "people": ("person_id", "weekly_hours"),
    "time_entries": ("person_id", "day", "hours", "category"),
}
_MIN_RECORDED = {
    "min_recorded": (
        0.6,
        Param("Share of contract hours that must be recorded", ge=0, le=1, unit="share"),
    )
}


@facts(
    "rep",
    *_hour_facts("Hours of the person"),
    step="organisation",
    reads=_TIME,
    params=_MIN_RECORDED,
)
def hours(inputs: Inputs) -> pl.DataFrame:
    """Add up a person's hours of the last 4 complete weeks."""
    people = inputs.subjects().select("id", member=pl.col("id"), sure=pl.lit(value=True))
    return _ratios(inputs, people)


@facts(
    "team",
    *_hour_facts("Hours of the team's reps"),
    step="organisation",
    reads=_TIME,
    uses=STAFF,
    params=_MIN_RECORDED,
)
def team_hours(inputs: Inputs) -> pl.DataFrame:
    """Add up the hours of a team's reps; shares are those with and without who may be one."""
    return _ratios(inputs, staff(inputs.facts()).rename({"person_id": "member"}))


def _ratios(inputs: Inputs, members: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of hours for ``id`` from the entries of its ``member`` people.

    Hours are those of people who are ``sure``; a share holds whoever of the others is counted, and
    whosever the hours are that name nobody.
    """
    first, last = inputs.calendar.complete_weeks(inputs.as_of, WEEKS)
    entries = _entries(inputs, first, last)
    sums = _added(entries, ["member"])
    contract = inputs.table("people").select(
        pl.col("person_id").alias("member"),
        contract=(pl.col("weekly_hours").fill_null(USUAL_WEEK) * SECONDS * WEEKS)
        .round(0)
        .cast(pl.Int64),
    )
    people = members.join(contract, on="member", how="left").join(sums, on="member", how="left")
    people = people.with_columns(pl.col(*_SUMS, "holes", "contract").fill_null(0))
    unnamed = _unnamed(entries)
    anybodys = inputs.subjects().select("id").join(unnamed, how="cross")
    people = pl.concat([people, anybodys.select(people.columns)])
    least = inputs.params["min_recorded"]
    frame = inputs.subjects().select("id").join(_summed(people, least), on="id", how="left")
    frame = frame.with_columns(pl.col(*_SUMS, *_WORST, "holes", "contract").fill_null(0))
    for name, part, most in _ENDS:
        frame = frame.join(
            _end(people, part, most=most).rename({"share": name}), on="id", how="left"
        )
    covered = inputs.feeds.covers("time_entries", first, last)
    frame = frame.with_columns(
        pl.when(covered & (pl.col("holes") == 0)).then(pl.col(*_SUMS, *_WORST)).name.keep()
    )
    more = pl.lit(unnamed["all"].sum(), dtype=pl.Int64)
    return _shares(frame.with_columns(unnamed=more), least)


def _unnamed(entries: pl.DataFrame) -> pl.DataFrame:
    """Return the hours that name nobody, by category: as those of people who may be anybody.

    Each may be counted or not, so those of a category together make the least or the most.
    """
    sums = _added(entries.filter(pl.col("member").is_null()), ["category"])
    contract = pl.lit(0, dtype=pl.Int64)
    member = pl.lit(None, dtype=pl.String)
    return sums.with_columns(member=member, sure=pl.lit(value=False), contract=contract)


_SUMS = ("all", "operations", "selling", "pure_selling", "open", "absence")
_WORST = ("worst_all", "worst_owed", "least_owed")
"""What is recorded and owed if those are reps who recorded too little; what is owed at the least."""

_ENDS = (
    ("operations_ratio_lo", pl.col("operations"), False),
    ("operations_ratio_hi", pl.col("operations") + pl.col("open"), True),
    ("selling_ratio_lo", pl.col("selling"), False),
    ("selling_ratio_hi", pl.col("selling") + pl.col("open"), True),
)
"""Facts of shares, the hours above the line, and whether it is the most that they can be."""


def _summed(people: pl.DataFrame, least: float) -> pl.DataFrame:
    """Add up the people of each ``id`` who are sure, with all of the holes and :data:`_WORST`."""
    sure, owed = pl.col("sure"), pl.col("contract") - pl.col("absence")
    worst = sure | (pl.col("all") < least * owed)
    return people.group_by("id").agg(
        pl.col(*_SUMS, "contract").filter(sure).sum(),
        pl.col("holes").sum(),
        worst_all=pl.col("all").filter(worst).sum(),
        worst_owed=owed.filter(worst).sum(),
        least_owed=owed.filter(sure | (owed < 0)).sum(),
    )


def _end(people: pl.DataFrame, part: pl.Expr, *, most: bool) -> pl.DataFrame:
    """Return the least or the most that ``part`` ÷ all hours can be, over who else may be counted.

    Whoever draws the share furthest comes first: the end lies after one of them, or before all.
    """
    rows = people.select("id", "sure", "all", part=part).filter("sure" | (pl.col("all") > 0))
    own = pl.when(~pl.col("sure")).then(pl.col("part") / pl.col("all"))
    steps = rows.group_by("id", own=own).agg(pl.col("part", "all").sum())
    steps = steps.sort("id", "own", descending=[False, most], nulls_last=False)
    whole = pl.col("all").cum_sum().over("id")
    share = pl.when(whole > 0).then(pl.col("part").cum_sum().over("id") / whole)
    end = pl.col("share").max() if most else pl.col("share").min()
    return steps.with_columns(share=share).group_by("id").agg(end)


def _shares(frame: pl.DataFrame, min_recorded: float) -> pl.DataFrame:
    owed = pl.col("contract") - pl.col("absence")
    recorded = pl.when(owed > 0).then(pl.col("all") / owed)
    worst = pl.col("worst_all") / pl.when(pl.col("least_owed") > 0).then(pl.col("worst_owed"))
    enough = (worst >= min_recorded) & (pl.col("all") > 0)
    return frame.select(
        "id",
        hours_4w=pl.col("all") / SECONDS,
        operations_hours_4w=pl.col("operations") / SECONDS,
        uncategorised_hours_4w=pl.col("open") / SECONDS,
        selling_hours_4w=pl.col("pure_selling") / SECONDS,
        contract_hours_4w=(pl.col("contract") - pl.col("absence").fill_null(0)) / SECONDS,
        recorded_ratio=recorded,
        **{name: pl.when(enough).then(pl.col(name)) for name, *_rest in _ENDS},
        hours_words=_hours_words(owed, recorded, min_recorded),
    )


def _hours_words(owed: pl.Expr, recorded: pl.Expr, least: float) -> pl.Expr:
    """Return what is recorded: ``64 of 160 h recorded in 4 weeks, 60% needed``."""
    spent, hours = figure(pl.col("all") / SECONDS), figure(owed / SECONDS)
    said = pl.format("{} of {} h recorded in 4 weeks", spent, hours)
    needed = pl.when(recorded < least).then(pl.lit(f", {least:.0%} needed")).otherwise(pl.lit(""))
    more = pl.when(pl.col("unnamed") > 0).then(figure(pl.col("unnamed") / SECONDS))
    nobodys = pl.format("; {} h name nobody", more).fill_null("")
    return pl.concat_str(said, needed, nobodys).fill_null(
        "the hours of 4 weeks are not recorded throughout"
    )


def _entries(inputs: Inputs, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the entries of a span of days with their seconds."""
    entries = inputs.table("time_entries").filter(pl.col("day").is_between(first, last))
    return entries.with_columns(seconds=seconds()).rename({"person_id": "member"})


def _added(entries: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    category, spent = pl.col("category"), pl.col("seconds")
    return entries.group_by(by).agg(
        all=spent.filter(category.ne_missing("absence")).sum(),
        operations=spent.filter(category.is_in(OPERATIONS)).sum(),
        selling=spent.filter(category.is_in(SELLING)).sum(),
        pure_selling=spent.filter(category == "selling").sum(),
        open=spent.filter(category.is_null()).sum(),
        absence=spent.filter(category == "absence").sum(),
        holes=spent.is_null().sum().cast(pl.Int64),
    )


@facts(
    "rep",
    Fact(
        "base_selling_hours",
        "real",
        "Own median of weekly selling hours over the 12 weeks before, of weeks with hours and at "
        "most `base_operations` operations; unknown under `min_base_weeks` such weeks.",
        "hours",
        requires=TIME_IS_RECORDED,
    ),
    Fact(
        "base_weeks",
        "int",
        "Number of weeks behind the median.",
        "weeks",
        requires=TIME_IS_RECORDED,
    ),
    step="organisation",
    reads={"time_entries": ("person_id", "day", "hours", "category")},
    params={
        "base_operations": (
            0.10,
            Param("Operations in a week that still counts as usual", ge=0, le=1, unit="share"),
        ),
        "min_base_weeks": (6, Param("Usual weeks that a median needs", ge=1, le=12, unit="weeks")),
    },
)
def base(inputs: Inputs) -> pl.DataFrame:
    """Measure how much a person usually sells in a week."""
    until = inputs.calendar.complete_weeks(inputs.as_of, WEEKS)[0] - dt.timedelta(days=1)
    first = until - dt.timedelta(days=7 * BASE_WEEKS - 1)
    weeks = _entries(inputs, first, until).with_columns(
        week=(pl.col("day") - first).dt.total_days() // 7
    )
    sums = _added(weeks, ["member", "week"]).filter((pl.col("all") > 0) & (pl.col("holes") == 0))
    diverted = pl.col("operations") + pl.col("open")
    usual = sums.filter(diverted <= inputs.params["base_operations"] * pl.col("all"))
    found = usual.group_by("member").agg(
        hours=pl.col("pure_selling").median() / SECONDS, weeks=pl.len()
    )
    frame = inputs.subjects().join(found, left_on="id", right_on="member", how="left")
    enough = pl.col("weeks") >= inputs.params["min_base_weeks"]
    return frame.select(
        "id",
        base_selling_hours=pl.when(enough).then("hours"),
        base_weeks=pl.col("weeks").fill_null(0).cast(pl.Int64),
    )


_OF_OWNER = (
    "hours_4w",
    "contract_hours_4w",
    "operations_hours_4w",
    "selling_hours_4w",
    "operations_ratio_lo",
    "operations_ratio_hi",
    "base_selling_hours",
    "hours_words",
)


@facts(
    "deal",
    Fact(
        "owner_sales_role",
        "bool",
        "The owner has a sales role; unknown without an owner whom the people list, and of one without "
        "a role where others have one.",
        origin="deals.owner_id",
    ),
    Fact(
        "owner_hours_4w",
        "real",
        "Hours of the owner in 4 complete weeks, absence left out.",
        "hours",
        origin=HOURS,
    ),
    Fact(
        "owner_contract_hours_4w",
        "real",
        "The owner's hours by contract in 4 weeks, absence left out.",
        "hours",
    ),
    Fact(
        "owner_operations_hours_4w",
        "real",
        "The owner's hours on operations and service in 4 weeks.",
        "hours",
    ),
    Fact(
        "owner_operations_ratio_lo",
        "real",
        "The owner's operations and service ÷ hours; unknown as for the person.",
        "share",
        requires=TIME_IS_RECORDED,
        origin=_lacking("operations_ratio_lo"),
    ),
    Fact(
        "owner_operations_ratio_hi",
        "real",
        "The same if all hours without category were operations.",
        "share",
        requires=TIME_IS_RECORDED,
        origin=_lacking("operations_ratio_hi"),
    ),
    Fact(
        "owner_lost_selling_hours",
        "real",
        "The smaller of operations hours and 4 usual weeks of selling less selling hours; unknown "
        "without a base.",
        "hours",
    ),
    Fact(
        "likely_slip_days", "real", "Lost selling hours ÷ usual selling hours a week × 7.", "days"
    ),
    Fact(
        "owner_slip_words", "text", "Lost hours and slip, in words; empty where they are unknown."
    ),
    Fact("owner_hours_words", "text", "Whose hours are recorded, and how many, in words."),
    step="organisation",
    reads={"people": ("person_id", "role")},
    uses=("owner_id", *(f"rep.{name}" for name in _OF_OWNER)),
)
def owner(inputs: Inputs) -> pl.DataFrame:
    """Read what operations take from a deal's owner."""
    roles = inputs.table("people").select("role", owner_id="person_id", listed=pl.lit(value=True))
    reps = inputs.facts("rep").rename({"id": "owner_id"})
    known = roles.join(reps.with_columns(is_rep=pl.lit(value=True)), on="owner_id", how="left")
    frame = inputs.facts().join(known, on="owner_id", how="left")
    frame = frame.with_columns(
        role_unknown=pl.col("listed").fill_null(value=False)
        & pl.col("role").is_null()
        & pl.lit(inputs.feeds.is_recorded("people.role"))
    )
    usual, operations = pl.col("base_selling_hours"), pl.col("operations_hours_4w")
    # Where nobody has a role, whoever owns deals is a rep.
    sells = pl.coalesce("is_rep", pl.col("role") == "rep")
    gap = WEEKS * usual - pl.col("selling_hours_4w")
    lost = (
        pl.when(gap <= 0)
        .then(0.0)
        .when(gap < operations)
        .then(gap)
        .when(gap.is_not_null())
        .then(operations)
    )
    slip = pl.when(usual > 0).then(lost / usual * 7)
    return frame.select(
        "id",
        owner_sales_role=pl.when("role_unknown").then(None).otherwise(sells),
        owner_hours_4w="hours_4w",
        owner_contract_hours_4w="contract_hours_4w",
        owner_operations_hours_4w="operations_hours_4w",
        owner_operations_ratio_lo="operations_ratio_lo",
        owner_operations_ratio_hi="operations_ratio_hi",
        owner_lost_selling_hours=lost,
        likely_slip_days=slip,
        owner_slip_words=_slip_words(lost, slip),
        owner_hours_words=_owner_words(),
    )


def _owner_words() -> pl.Expr:
    """Return what is known of the owner's hours; without an owner that there is none."""
    recorded = pl.format("owner: {}", "hours_words")
    return (
        pl.when(pl.col("owner_id").is_null()).then(pl.lit("the deal has no owner"))
        .when("role_unknown").then(pl.lit("the owner has no role, so nobody knows whether they sell"))
        .otherwise(recorded.fill_null("no hours are recorded of the owner"))
    )  # fmt: skip


def _slip_words(lost: pl.Expr, slip: pl.Expr) -> pl.Expr:
    """Return what the hours cost the deal: ``; 30 selling hours lost; likely slip 12 d``."""
    hours, days = (value.round(0).cast(pl.Int64, strict=False) for value in (lost, slip))
    some = pl.format("; {} selling hours lost; likely slip {} d", hours, days)
    return (
        pl.when(hours == 0).then(pl.lit("; no selling hours lost"))
        .when(hours == 1).then(pl.format("; 1 selling hour lost; likely slip {} d", days))
        .otherwise(some).fill_null("")
    )  # fmt: skip


# --- checks --------------------------------------------------------------------------------------


@check.columns(
    "operations/time-share",
    on=("rep", "team"),
    severity="major",
    ask=["What would a customer miss if you stopped doing this?"],
    family="side work",
    sources=[
        "38 % of time selling, 23 % problems and expediting (Industrial Performance Group)",
        "5 to 7 hours a week of non-selling customer service (ZS 2014)",
        "over 45 % of time selling, 62 % make quota; 35 % or less, 55 % (CSO Insights 2011)",
        f"watch and risk: {JUDGEMENT}",
    ],
)
def time_share(
    d: Columns,
    *,
    watch: Annotated[
        float,
        Param(
            "Watch above this share of hours on operations",
            ge=0,
            le=1,
            unit="share",
            at_most="risk",
        ),
    ] = 0.10,
    risk: Annotated[
        float, Param("Risk above this share of hours on operations", ge=0, le=1, unit="share")
    ] = 0.20,
    strong_operations: Annotated[
        float,
        Param(
            "Strength up to this share of hours on operations",
            ge=0,
            le=1,
            unit="share",
            at_most="watch",
        ),
    ] = 0.05,
    strong_selling: Annotated[
        float,
        Param(
            "Strength from this share of hours on selling",
            ge=0,
            le=1,
            unit="share",
            source="CSO Insights 2011",
        ),
    ] = 0.45,
) -> Rules:
    """Selling time goes to selling.

    Hours that a seller spends on chasing orders and mending deliveries are hours that no customer
    gets. Share = operations and service hours ÷ all hours but absence, over the last four complete
    weeks; a team's is that of its reps together, with and without members of whom no role is
    recorded, or no team. Hours without category are weighed as none and as all operations, hours that
    name nobody as theirs and as those of others. A strength has at most 5 % there and 45 % or more on
    prospecting and selling.
    For coaching, not for judging people.

    Needs time entries with category, at least 60 % of contract hours less absence: missing weeks
    are not zero hours.
    """
    share = d.interval("operations_ratio")
    said = (
        "{operations_hours_4w:number} of {hours_4w:hours} on operations in 4 weeks "
        "({operations_ratio_lo:margin}){unsure_people_words}"
    )
    return Rules(
        applies=d.sales_role,
        risk=share > risk,
        watch=share > watch,
        strength=(share <= strong_operations) & (d.interval("selling_ratio") >= strong_selling),
        message={
            "risk": said + "; at most {watch:share} expected, over {risk:share} a risk",
            "watch": said + "; at most {watch:share} expected",
            "pass": said,
            "strength": said + ", {selling_ratio_lo:margin} on prospecting and selling",
            "insufficient_data": "{hours_words}; without category: {uncategorised_hours_4w:hours}"
            "{unsure_people_words}",
        },
        actual=d.operations_ratio_lo,
        expected={
            "risk": at_most(risk, source=JUDGEMENT),
            "watch": at_most(watch, source=JUDGEMENT),
            "pass": at_most(watch, source=JUDGEMENT),
            "strength": at_most(strong_operations, source=JUDGEMENT),
        },
        evidence=[
            *cited(d, "operations_hours_4w", "hours_4w", "uncategorised_hours_4w"),
            *cited(d, "contract_hours_4w", "recorded_ratio"),
        ],
    )


@check.columns(
    "operations/diverted-owner",
    severity="major",
    ask=["What would this deal get if those hours came back?"],
    sources=[f"watch and risk: {JUDGEMENT}"],
)
def diverted_owner(
    d: Columns,
    *,
    watch: Annotated[
        float,
        Param(
            "Watch above this share of the owner's hours", ge=0, le=1, unit="share", at_most="risk"
        ),
    ] = 0.20,
    risk: Annotated[
        float, Param("Risk above this share of the owner's hours", ge=0, le=1, unit="share")
    ] = 0.40,
) -> Rules:
    """The deal's owner has time for it.

    A deal slips when its owner is pulled into operations. Share = the owner's operations and
    service hours ÷ all hours but absence, four complete weeks. Lost selling hours are the smaller
    of the operations hours and what is missing to four usual weeks of selling (own median of the
    twelve weeks before, weeks with at most 10 % operations); the likely slip is lost ÷ usual × 7
    days. Neither is printed with under six usual weeks, and neither decides.

    The deal's amount counts as delayed where a slip is likely. Needs time entries of the owner, as
    `operations/time-share`.
    """
    share = d.interval("owner_operations_ratio")
    said = (
        "owner: {owner_operations_hours_4w:number} of {owner_hours_4w:hours} on operations "
        "({owner_operations_ratio_lo:margin})"
    )
    return Rules(
        applies=d.is_open & d.owner_sales_role,
        risk=share > risk,
        watch=share > watch,
        message={
            "risk": said + "{owner_slip_words}",
            "watch": said + "{owner_slip_words}",
            "pass": said,
            "insufficient_data": "{owner_hours_words}",
        },
        actual=d.owner_operations_ratio_lo,
        expected={
            "risk": at_most(risk, source=JUDGEMENT),
            "watch": at_most(watch, source=JUDGEMENT),
            "pass": at_most(watch, source=JUDGEMENT),
        },
        evidence=[
            Cite("deals", "owner_id", d.owner_id),
            *cited(d, "owner_operations_hours_4w", "owner_hours_4w", "owner_contract_hours_4w"),
            *cited(d, "owner_lost_selling_hours", "likely_slip_days"),
        ],
        # A slip divided by itself is one; a slip of none, or an unknown one, exposes nothing.
        at_risk=Exposure("delay", d.amount * (d.likely_slip_days / d.likely_slip_days)),
    )
