"""Whether people and teams grow in profit, and whether anybody asks them to."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, above, at_least, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.pricing.prices import COST, PRICE
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.teams import STAFF, without_team
from dealreview.plugins.wins import STAGES, perhaps_won
from dealreview.plugins.words import between, counted, percent

QUARTERS = 2
"""Complete quarters in each of the two windows."""

PROFIT = ("contribution", "pocket_margin", "gross_margin")
"""Metrics of goals that have something to do with profit."""

_WON = ("owner_id", "is_won", "closed_on", "deal_currency", "invoice_price", "contribution_lo")
_RATIOS = ("contribution_ratio_lo", "contribution_ratio_hi", "cost_to_serve_recorded")
_DEALS = tuple(f"deal.{name}" for name in (*_WON, *_RATIOS))
_CLOSED = "deals.closed_on"


_GROWTH = (
    ("won_deals_now", "int", "deals", ("Deals that {whose} won in the last 2 complete quarters; unknown "
     "unless deals are recorded.")),
    ("won_deals_before", "int", "deals", ("The same for the 2 quarters compared with: a year earlier, "
     "else those before.")),
    ("won_revenue_growth", "real", "share", ("Invoice price of the deals won now ÷ before, less 1; "
     "unknown with the price of one, or with the contribution of more than a fifth of either.")),
    ("won_contribution_change", "money", "reporting currency", ("Known contribution of the deals won now "
     "less before; unknown as the growth.")),
    ("won_contribution_growth", "real", "share", ("The same ÷ before; unknown where that was, or may "
     "have been, zero or less.")),
    ("below_floor_share", "real", "share", ("Share of the revenue won now with a contribution under "
     "`thin_floor`.")),
)  # fmt: skip
"""Name, type, unit and description of the measured facts, each a pair."""

_ENDS = {
    "lo": (" At the least, over deals that may count.", _CLOSED),
    "hi": (
        " At the most; deals may count whose closing day, result, owner or team of the owner is unknown.",
        COST,
    ),
}
"""What both ends of a pair add to its description, and which cell they may lack."""


def _growth_facts(whose: str) -> tuple[Fact, ...]:
    """Return the facts of growth, which people and teams share."""
    needs = (PRICE, COST, _CLOSED)
    measured = [
        Fact(
            f"{name}_{end}",
            kind,
            text.format(whose=whose) + more,
            unit,
            requires=needs,
            origin=_CLOSED if name.startswith("won_deals") else origin,
        )
        for name, kind, unit, text in _GROWTH
        for end, (more, origin) in _ENDS.items()
    ]
    return (
        *measured,
        Fact("won_growth_words", "text", "Growth of won revenue with its sign, in words."),
        Fact("won_change_sign", "text", "A plus before a contribution that rose."),
        Fact("won_known_words", "text", "For how much of the revenue it is known, in words."),
        Fact(
            "won_unsure_words",
            "text",
            "How many deals may count, and what is unknown of them, in words; else nothing.",
        ),
        Fact(
            "won_cost_to_serve_known",
            "bool",
            "Cost to serve is recorded; where it is not, contribution is before it.",
            origin="deals.cost_to_serve_minor",
        ),
        Fact("won_contribution_label", "text", "What to call the contribution."),
        Fact("growth_windows_words", "text", "Which quarters are compared, in words."),
        Fact(
            "thin_floor_words", "text", "Under which contribution a deal counts as thin, in words."
        ),
    )


_LIMITS = {
    "thin_floor": (
        0.25,
        Param("Contribution under which won revenue is thin", ge=-1, le=1, unit="share"),
    ),
    "min_won_known_share": (
        0.8,
        Param(
            "Share of won revenue whose contribution must be known in each window",
            ge=0,
            le=1,
            unit="share",
            source=JUDGEMENT,
        ),
    ),
}


@facts(
    "rep",
    *_growth_facts("the person"),
    step="organisation",
    reads=STAGES,
    uses=_DEALS,
    params=_LIMITS,
)
def rep_growth(inputs: Inputs) -> pl.DataFrame:
    """Compare what a person won with a year earlier."""
    deals = _won(inputs).rename({"id": "deal_id", "owner_id": "id"})
    return _growth(inputs, deals.with_columns(no_team=pl.lit(value=False)))


@facts(
    "team",
    *_growth_facts("people of the team"),
    step="organisation",
    reads={"people": ("person_id", "team_id"), **STAGES},
    uses=_DEALS,
    params=_LIMITS,
)
def team_growth(inputs: Inputs) -> pl.DataFrame:
    """Compare what the people of a team won with a year earlier."""
    members = inputs.table("people").select(owner_id="person_id", team="team_id")
    deals = _won(inputs).rename({"id": "deal_id"}).join(members, on="owner_id", how="left")
    anywhere = without_team(inputs)["person_id"].implode()
    no_team = pl.col("owner_id").is_in(anywhere).fill_null(value=False)
    # An owner whom the people do not list is in no team; who has no team may be in any.
    ours = deals.filter(pl.col("team").is_not_null() | no_team | pl.col("owner_id").is_null())
    return _growth(inputs, ours.with_columns(no_team=no_team, id="team"))


def _growth(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of growth for ``id`` from deals of :func:`_won`; those of no ``id`` may be of any."""
    now, before, words = _windows(inputs)
    closed = pl.col("closed_on")
    deals = deals.with_columns(
        now=closed.is_between(*now).fill_null(value=True),
        before=closed.is_between(*before).fill_null(value=True),
        sure=pl.col("sure") & pl.col("id").is_not_null(),
    ).filter(pl.col("now") | pl.col("before"))
    sums = _sums()
    strays = deals.filter(pl.col("id").is_null()).select(**sums)
    own = deals.drop_nulls("id").group_by("id").agg(**sums)
    frame = inputs.subjects().select("id").join(own, on="id", how="left")
    frame = frame.with_columns(
        pl.col(name).fill_null(0) + pl.lit(strays[name].item()) for name in sums
    )
    served = bool(inputs.facts("deal")["cost_to_serve_recorded"].any())
    return _compared(inputs, frame, before[0]).with_columns(
        won_cost_to_serve_known=pl.lit(served),
        won_contribution_label=pl.lit(
            "contribution" if served else "contribution before cost to serve"
        ),
        growth_windows_words=pl.lit(words),
        thin_floor_words=pl.lit(f"{inputs.params['thin_floor']:.0%}".replace("-", "−")),
    )


def _windows(inputs: Inputs) -> tuple[tuple[dt.date, dt.date], tuple[dt.date, dt.date], str]:
    """Return the last two complete quarters, those they are compared with, and what to call those.

    A year earlier where deals are recorded since then; else the two quarters before.
    """
    starts = [inputs.calendar.complete_quarters(inputs.as_of, n)[0] for n in (2, 4, 6)]
    ends = [_months_later(day, 3 * QUARTERS) - dt.timedelta(days=1) for day in starts]
    year = pl.select(inputs.feeds.covers("deals", starts[2], ends[0])).item()
    earlier = 2 if year else 1
    words = "the same two quarters a year earlier" if year else "the two quarters before"
    return (starts[0], ends[0]), (starts[earlier], ends[earlier]), words


def _months_later(day: dt.date, months: int) -> dt.date:
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def _won(inputs: Inputs) -> pl.DataFrame:
    """Return deals that are won, ``sure`` or perhaps, in reporting currency, and whether they are thin."""
    floor = inputs.params["thin_floor"]
    deals = perhaps_won(inputs)
    money = {"revenue": "invoice_price", "contribution": "contribution_lo"}
    converted = [
        inputs.to_reporting(deals, old, "deal_currency", "closed_on").alias(new)
        for new, old in money.items()
    ]
    thin = pl.col("contribution_ratio_hi") < floor
    sound = pl.col("contribution_ratio_lo") >= floor
    # Without a ratio (a price of zero) the sign of the contribution says it.
    loss = pl.col("contribution_lo") < 0
    thin = thin.fill_null(value=False) | loss.fill_null(value=False)
    return deals.with_columns(converted).with_columns(
        thin=thin, maybe_thin=thin | ~sound.fill_null(value=False)
    )


_UNKNOWN = {
    "no_day": "closing day",
    "no_result": "result",
    "no_owner": "owner",
    "no_team": "team of the owner",
}


def _sums() -> dict[str, pl.Expr]:
    """Return sums over deals that count for ``sure``, and over those that may count."""
    loose, revenue, earned = ~pl.col("sure"), pl.col("revenue"), pl.col("contribution")
    now, before = pl.col("now"), pl.col("before")
    # One that may count now, before or not at all moves the difference by one of these.
    moves = [pl.lit(0), pl.when(now).then(earned), pl.when(before).then(-earned)]
    known = loose & earned.is_not_null()
    return {
        **_sums_of("now"),
        **_sums_of("before"),
        "rise": pl.max_horizontal(moves).filter(known).sum(),
        "drop": pl.min_horizontal(moves).filter(known).sum(),
        "thin": revenue.filter(~loose & now & pl.col("thin")).sum(),
        "maybe_thin": revenue.filter(now & pl.col("maybe_thin")).sum(),
        "more_thin": revenue.filter(loose & now & pl.col("maybe_thin")).sum(),
        "more_sound": revenue.filter(loose & now & ~pl.col("thin")).sum(),
        "holes": (revenue.is_null() | (loose & (revenue < 0))).sum().cast(pl.Int64),
        "loose": loose.sum().cast(pl.Int64),
        **{name: (loose & pl.col(name)).sum().cast(pl.Int64) for name in _UNKNOWN},
    }


def _sums_of(window: str) -> dict[str, pl.Expr]:
    """Return the sums of a window; those of deals that may count are ``more`` and the three after it."""
    revenue, earned = pl.col("revenue"), pl.col("contribution")
    inside = pl.col(window)
    sure, loose = inside & pl.col("sure"), inside & ~pl.col("sure")
    parts = {
        "revenue": revenue.filter(sure),
        "known": revenue.filter(sure & earned.is_not_null()),
        "earned": earned.filter(sure),
        "more": revenue.filter(loose),
        "dark": revenue.filter(loose & earned.is_null()),
        "gain": earned.filter(loose & (earned > 0)),
        "loss": earned.filter(loose & (earned < 0)),
        "deals": sure.cast(pl.Int64),
        "maybe": inside.cast(pl.Int64),
    }
    return {f"{name}_{window}": part.sum() for name, part in parts.items()}


def _compared(inputs: Inputs, frame: pl.DataFrame, first: dt.date) -> pl.DataFrame:
    recorded = inputs.feeds.reaches("deals", first, inputs.as_of)
    whole = pl.lit(pl.select(recorded).item()).fill_null(value=False)
    revenue, earlier = pl.col("revenue_now"), pl.col("revenue_before")
    least: float = inputs.params["min_won_known_share"]
    enough = (
        (pl.col("holes") == 0)
        & (pl.col("known_now") >= least * (revenue + pl.col("dark_now")))
        & (pl.col("known_before") >= least * (earlier + pl.col("dark_before")))
        & (pl.col("maybe_now") > 0)
        & (earlier > 0)
    )
    pairs = {**_changes(revenue, earlier), **_growth_of_contribution()}
    share = pl.when(enough & (revenue > 0))
    frame = frame.select(
        "id",
        won_deals_now_lo=pl.when(whole).then("deals_now"),
        won_deals_now_hi=pl.when(whole).then("maybe_now"),
        won_deals_before_lo=pl.when(whole).then("deals_before"),
        won_deals_before_hi=pl.when(whole).then("maybe_before"),
        **{name: pl.when(enough).then(value) for name, value in pairs.items()},
        below_floor_share_lo=share.then(pl.col("thin") / (revenue + pl.col("more_sound"))),
        below_floor_share_hi=share.then(pl.col("maybe_thin") / (revenue + pl.col("more_thin"))),
        won_known_words=_known_words(least),
        won_unsure_words=_unsure_words(),
    )
    rose = pl.col("won_contribution_change_lo") > 0
    return frame.with_columns(
        won_growth_words=_growth_words(),
        won_change_sign=pl.when(rose).then(pl.lit("+")).otherwise(pl.lit("")),
    )


def _changes(revenue: pl.Expr, earlier: pl.Expr) -> dict[str, pl.Expr]:
    """Return the ends of the growth of revenue and of the change of contribution."""
    change = pl.col("earned_now") - pl.col("earned_before")
    return {
        "won_revenue_growth_lo": revenue / (earlier + pl.col("more_before")) - 1,
        "won_revenue_growth_hi": (revenue + pl.col("more_now")) / earlier - 1,
        "won_contribution_change_lo": change + pl.col("drop"),
        "won_contribution_change_hi": change + pl.col("rise"),
    }


def _growth_of_contribution() -> dict[str, pl.Expr]:
    """Return the ends of the growth of contribution."""
    (low, high), (least, most) = (
        [pl.col(f"earned_{name}") + pl.col(f"{end}_{name}") for end in ("loss", "gain")]
        for name in ("now", "before")
    )
    # A loss is the greater a part of a smaller contribution before.
    beneath = pl.when(low >= 0).then(most).otherwise(least)
    above_it = pl.when(high >= 0).then(least).otherwise(most)
    return {
        "won_contribution_growth_lo": pl.when(least > 0).then((low - beneath) / beneath),
        "won_contribution_growth_hi": pl.when(least > 0).then((high - above_it) / above_it),
    }


def _growth_words() -> pl.Expr:
    """Return the growth of revenue: ``+22.0%``, ``−3.0% to +4.0%``."""
    ends = [pl.col(f"won_revenue_growth_{end}") for end in ("lo", "hi")]
    low, high = (
        pl.format("{}{}", pl.when(end > 0).then(pl.lit("+")).otherwise(pl.lit("")), percent(end))
        for end in ends
    )
    return pl.when(low == high).then(low).otherwise(pl.format("{} to {}", low, high))


def _unsure_words() -> pl.Expr:
    """Return ``; 1 deal may count too (owner unknown)``; nothing where every deal is sure."""
    lacking = [pl.when(pl.col(name) > 0).then(pl.lit(words)) for name, words in _UNKNOWN.items()]
    number = pl.col("loose")
    said = pl.format(
        "; {} may count too ({} unknown)",
        counted(number, number, "deal", "deals"),
        pl.concat_str(lacking, separator=", ", ignore_nulls=True),
    )
    return pl.when(number > 0).then(said).otherwise(pl.lit(""))


def _known_words(least: float) -> pl.Expr:
    """Return for how much of the revenue of each window the contribution is known."""
    parts = [
        pl.when(pl.col(whole) > 0).then(pl.col(known) / pl.col(whole))
        for known, whole in (("known_now", "revenue_now"), ("known_before", "revenue_before"))
    ]
    said = (between(part, part).fill_null("none") for part in parts)
    return pl.format(
        "the contribution is known for {} of the revenue now and for {} of that then, {} of each needed",
        *said,
        pl.lit(f"{least:.0%}"),
    )


@facts(
    "team",
    Fact(
        "goals",
        "int",
        "Goals of the team and its people that may be in force on the day.",
        "goals",
        requires=("targets.metric",),
        origin="targets",
    ),
    Fact(
        "profit_goals_lo",
        "int",
        "Those on contribution or margin; unknown without any goal that is surely theirs.",
        "goals",
        requires=("targets.metric",),
        origin="targets.metric",
    ),
    Fact(
        "profit_goals_hi",
        "int",
        "The same with goals of unknown metric or time, and of people without a team.",
        "goals",
        requires=("targets.metric",),
        origin="targets.metric",
    ),
    Fact(
        "everybody_has_profit_goal",
        "bool",
        "Every rep of the team, and its leader, has a goal on contribution or margin; unknown where "
        "only people without a role or a team lack one.",
        requires=("targets.metric",),
        origin="targets.metric",
    ),
    Fact("goal_ids", "set", "The goals counted.", requires=("targets.metric",)),
    step="organisation",
    reads={
        "people": ("person_id", "team_id"),
        "teams": ("team_id", "leader_id"),
        "targets": ("target_id", "holder", "holder_id", "metric", "period_from", "period_to"),
    },
    uses=STAFF,
)
def goals(inputs: Inputs) -> pl.DataFrame:
    """Count the goals of a team and its people, and those that have to do with profit."""
    teams = with_facts(inputs)
    teams = teams.join(inputs.table("teams"), left_on="id", right_on="team_id", how="left")
    held = _held(inputs, teams)
    sure, maybe, ours = pl.col("sure"), pl.col("maybe"), pl.col("ours")
    counted = held.group_by("id").agg(
        goals=pl.col("target_id").n_unique().cast(pl.Int64),
        low=pl.col("target_id").filter(sure & ours).n_unique().cast(pl.Int64),
        high=pl.col("target_id").filter(maybe).n_unique().cast(pl.Int64),
        goal_ids=pl.col("target_id").unique(),
        some=(ours & pl.col("running")).any(),
        holders=pl.col("holder_id").filter(sure & (pl.col("holder") == "person")).unique(),
    )
    frame = teams.join(counted, on="id", how="left")
    leader = pl.concat_list(pl.col("leader_id"))
    nobody = pl.lit([], dtype=pl.List(pl.String))
    unsure = pl.col("unsure_people").fill_null(nobody)
    reps = pl.col("sales_people").fill_null(nobody).list.set_difference(unsure)
    wanted = pl.concat_list(reps, leader).list.drop_nulls()
    lacking, perhaps = (
        people.list.set_difference(pl.col("holders").fill_null(nobody)).list.len()
        for people in (wanted, unsure)
    )
    none = (lacking > 0) | (wanted.list.len() + unsure.list.len() == 0)
    everybody = (wanted.list.len() > 0) & (perhaps == 0)
    return frame.select(
        "id",
        goals=pl.col("goals").fill_null(0),
        # Goals of people who may be of another team, or of unknown time, are perhaps none.
        profit_goals_lo=pl.when("some").then("low"),
        profit_goals_hi=pl.when("some").then("high"),
        # One who may be a rep and has none leaves it open.
        everybody_has_profit_goal=pl.when(none)
        .then(statement=False)
        .when(everybody)
        .then(statement=True),
        goal_ids=pl.col("goal_ids").fill_null(nobody),
    )


def _held(inputs: Inputs, teams: pl.DataFrame) -> pl.DataFrame:
    """Return the goals that may be in force, by team: ``sure`` and ``maybe`` say that they ask for profit.

    ``ours`` says that they are the team's whoever else is in it.
    """
    people = inputs.table("people").drop_nulls("team_id")
    members = people.select(id="team_id", holder_id="person_id", holder=pl.lit("person"))
    leaders = teams.drop_nulls("leader_id").select(
        "id", holder_id="leader_id", holder=pl.lit("person")
    )
    own = teams.select("id", holder_id="id", holder=pl.lit("team"))
    sure = pl.concat([members, leaders, own]).with_columns(ours=pl.lit(value=True))
    strays = teams.select("id").join(without_team(inputs), how="cross")
    strays = strays.select(
        "id", holder_id="person_id", holder=pl.lit("person"), ours=pl.lit(value=False)
    )
    holders = pl.concat([sure, strays]).unique(
        ["id", "holder_id", "holder"], keep="first", maintain_order=True
    )
    day = pl.lit(inputs.as_of, dtype=pl.Date)
    running = (pl.col("period_from") <= day) & (pl.col("period_to") >= day)
    found = inputs.table("targets").filter(running.fill_null(value=True))
    profit = pl.col("metric").is_in(PROFIT) & running
    found = found.with_columns(
        running=running.fill_null(value=False),
        sure=profit.fill_null(value=False),
        maybe=profit.fill_null(value=True),
    )
    return holders.join(teams.select("id"), on="id").join(found, on=["holder_id", "holder"])


@check.columns(
    "pricing/profitless-growth",
    on=["rep", "team"],
    severity="major",
    ask=["Which of these wins would you choose again if you were paid on profit?"],
    sources=[f"ten percent, a quarter, a floor of 25 %: {JUDGEMENT}"],
)
def profitless_growth(
    d: Columns,
    *,
    growth: Annotated[
        float,
        Param("Growth of won revenue from which profit should follow", ge=0, le=5, unit="share"),
    ] = 0.10,
    thin_share: Annotated[
        float, Param("Watch above this share of thin revenue", ge=0, le=1, unit="share")
    ] = 0.25,
    min_deals: Annotated[
        int, Param("Won deals that each window needs", ge=2, le=100, unit="deals")
    ] = 5,
) -> Rules:
    """Growth in what is won is growth in what it earns.

    The last two complete quarters are compared with the same two a year earlier; where deals are not
    recorded that far back, with the two before, and the message says so. Revenue is the invoice price
    of the deals won, contribution what they leave, both at the rate of the closing day. Revenue up by
    10 % or more while contribution did not rise is a risk. More than a quarter of the revenue won
    with a contribution under 25 % is a watch. Revenue up by 10 % or more with a contribution that
    grew as fast, from above zero, is a strength.

    Whoever won fewer than five deals in either window is left out. The contribution of at least four
    fifths of the revenue must be known in each; deals whose contribution is unknown are weighed at
    their worst and at their best in the share of thin revenue. Where cost to serve is recorded
    nowhere, contribution is before it, and no strength is given. For coaching, not for ranking people.

    Needs won deals with closing days, prices and costs.
    """
    growth_of_revenue = d.interval("won_revenue_growth")
    said = (
        "change of won revenue {won_growth_words}, of {won_contribution_label} {won_change_sign}"
        "{won_contribution_change_lo:money}, against {growth_windows_words}"
    )
    thin = (
        "; {below_floor_share_lo:share} of the revenue was won with a contribution under "
        "{thin_floor_words}"
    )
    unsure = "{won_unsure_words}"
    return Rules(
        applies=(d.interval("won_deals_now") >= min_deals)
        & (d.interval("won_deals_before") >= min_deals),
        risk=(growth_of_revenue >= growth) & (d.interval("won_contribution_change") <= 0),
        watch=d.interval("below_floor_share") > thin_share,
        strength=d.won_cost_to_serve_known
        & (growth_of_revenue >= growth)
        & (d.won_contribution_growth_lo >= d.won_revenue_growth_hi),
        message={
            "risk": said + thin + unsure,
            "watch": said + thin + ", at most {thin_share:share} expected" + unsure,
            "pass": said + unsure,
            "strength": said + unsure,
            "insufficient_data": "won deals: {won_deals_now_lo:count}, and {won_deals_before_lo:count} in "
            "{growth_windows_words}; {won_known_words}{won_unsure_words}",
        },
        actual=d.won_contribution_change_lo,
        # A watch is about thin revenue, and little growth passes whatever it leaves.
        expected={
            "risk": above(0, source=JUDGEMENT),
            "strength": above(0, source=JUDGEMENT),
        },
        evidence=cited(
            d,
            "won_deals_now_lo",
            "won_deals_before_lo",
            "won_revenue_growth_lo",
            "won_contribution_change_lo",
            "won_contribution_change_hi",
            "below_floor_share_lo",
        ),
    )


@check.columns(
    "pricing/revenue-only-goals",
    on=["team"],
    severity="minor",
    ask=["What would look different here if profit were on the same page as revenue?"],
    sources=[JUDGEMENT],
)
def revenue_only_goals(d: Columns) -> Rules:
    """Goals ask for profit, and not for revenue alone.

    People sell what they are asked for. Of the goals of a team and its people in force on the day,
    none on contribution, pocket margin or gross margin is a watch. A strength is when every rep and
    the leader has one. A goal of unknown metric or time is weighed at its worst and at its best.

    Needs at least one goal in force.
    """
    count = d.interval("profit_goals")
    said = "goals in force: {goals:count}, on margin or contribution: {profit_goals_lo:count}"
    return Rules(
        watch=count <= 0,
        strength=d.everybody_has_profit_goal,
        message={
            "watch": said,
            "pass": said,
            "strength": said + "; every rep and the leader has one",
            "insufficient_data": "goals that may be in force: {goals:count}; how many are on margin or "
            "contribution is unknown",
        },
        actual=d.profit_goals_lo,
        expected=at_least(1, source=JUDGEMENT),
        evidence=[
            Cite("targets", "metric", ids=d.goal_ids),
            *cited(d, "goals", "profit_goals_lo"),
        ],
    )
