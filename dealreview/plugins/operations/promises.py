"""Delivery dates that were promised, held against the capacity plan of that day."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_most, below, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.proportions import wilson
from dealreview.plugins.subjects import begun, with_deals
from dealreview.plugins.teams import without_team
from dealreview.plugins.wins import STAGES, WINS, perhaps_won
from dealreview.plugins.words import counted, interval, spoken

DATES = ("delivery_dates.promised_on", "delivery_dates.earliest_on")
_ROWS = ("delivery_id", "deal_id", "promised_on", "promise_made_on", "earliest_on", "actual_on")
DATE_NAMES = ("promised_on", "earliest_on")
QUARTERS = 2


def _covered(inputs: Inputs, first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """Say whether all promises of a time are recorded."""
    recorded = inputs.feeds.is_recorded
    # Promises that are never dated come whole or not at all.
    if recorded("delivery_dates") and not recorded("delivery_dates.promise_made_on"):
        return pl.lit(value=True)
    return inputs.feeds.reaches("delivery_dates", first, last).fill_null(value=False)


def _gap(inputs: Inputs) -> pl.Expr:
    """Return the business days from the promised to the earliest day; unknown without either."""
    return inputs.business_days(pl.col("promised_on"), pl.col("earliest_on"))


@facts(
    "deal",
    Fact(
        "delivery_is_due",
        "bool",
        "A delivery has a promised day and has not taken place; unknown where one lacks the "
        "promised day, or promises are not recorded since the deal was created.",
        requires=DATES,
        origin="delivery_dates.promised_on",
    ),
    Fact(
        "promise_gap_bd_lo",
        "int",
        "Business days by which the promised day lies before the earliest that capacity allowed, of "
        "the deliveries that have not taken place the largest; 0 if none does.",
        "business days",
        requires=DATES,
        origin="delivery_dates.earliest_on",
    ),
    Fact(
        "promise_gap_bd_hi",
        "int",
        "The same; unknown where a delivery lacks one of the two days.",
        "business days",
        requires=DATES,
        origin="delivery_dates.earliest_on",
    ),
    Fact("due_delivery_ids", "set", "The deliveries that have not taken place."),
    Fact("promise_words", "text", "What was promised, and the earliest day, in words."),
    reads={"deals": ("deal_id", "created_on"), "delivery_dates": _ROWS},
)
def promise(inputs: Inputs) -> pl.DataFrame:
    """Compare promised days of delivery with what capacity allowed."""
    due = inputs.table("delivery_dates").filter(pl.col("actual_on").is_null())
    promised, earliest = (spoken(pl.col(name)) for name in DATE_NAMES)
    due = due.with_columns(gap=_gap(inputs)).with_columns(
        words=pl.format(
            "promised for {}, possible from {}{}",
            promised.fill_null("an unknown day"),
            earliest.fill_null("an unknown day"),
            _early_words(pl.col("gap")),
        ),
    )
    worst = due.sort(
        "gap", "promised_on", "delivery_id", descending=[True, True, False], nulls_last=True
    )
    sums = worst.group_by("deal_id", maintain_order=True).agg(
        low=pl.col("gap").max(),
        holes=pl.col("gap").is_null().any(),
        promised=pl.col("promised_on").is_not_null().any(),
        words=pl.col("words").first(),
        ids=pl.col("delivery_id").sort(),
    )
    deals = with_deals(inputs)
    frame = deals.join(sums, left_on="id", right_on="deal_id", how="left")
    start = begun(inputs)
    none = pl.col("promised").is_null() & _covered(inputs, start, pl.col("day"))
    whole = none | ~pl.col("holes").fill_null(value=True)
    return frame.select(
        "id",
        delivery_is_due=pl.when("promised").then(statement=True).when(none).then(statement=False),
        promise_gap_bd_lo=pl.col("low").fill_null(0),
        promise_gap_bd_hi=pl.when(whole).then(pl.col("low").fill_null(0)),
        due_delivery_ids=pl.col("ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        promise_words=pl.col("words").fill_null("no promised day of delivery is seen"),
    )


def _early_words(gap: pl.Expr) -> pl.Expr:
    """Return how much too early that is: ``: 20 business days too early``; nothing if it is not."""
    early = pl.format(": {} too early", counted(gap, gap, "business day", "business days"))
    return pl.when(gap > 0).then(early).otherwise(pl.lit(""))


@facts(
    "team",
    Fact(
        "dated_wins_lo",
        "int",
        "Deals won in the last 2 complete quarters by people of the team with a promised and an "
        "earliest day of delivery.",
        "deals",
        requires=DATES,
        origin="delivery_dates.earliest_on",
    ),
    Fact(
        "dated_wins_hi",
        "int",
        "The same with those that lack one of these days, an owner, the team of the owner or a result; "
        "unknown where promises are not recorded for that time.",
        "deals",
        requires=DATES,
        origin="delivery_dates",
    ),
    Fact(
        "early_promise_share_lo",
        "real",
        "Those promised before the earliest day ÷ all of them.",
        "share",
        requires=DATES,
        origin="delivery_dates.earliest_on",
    ),
    Fact(
        "early_promise_share_hi",
        "real",
        "The same if all whose days are unknown were promised too early.",
        "share",
        requires=DATES,
        origin="delivery_dates.earliest_on",
    ),
    Fact("early_promise_ids", "set", "The deals that were promised too early."),
    Fact("early_promise_words", "text", "How many, with the 95 % interval of the share, in words."),
    Fact(
        "stray_wins_words",
        "text",
        "How many wins without owner or team of the owner may be the team's, in words; else nothing.",
    ),
    step="organisation",
    reads={"people": ("person_id", "team_id"), "delivery_dates": _ROWS, **STAGES},
    uses=WINS,
)
def team_promises(inputs: Inputs) -> pl.DataFrame:
    """Count the wins of a team that were promised too early."""
    first, last = inputs.calendar.complete_quarters(inputs.as_of, QUARTERS)
    end = pl.lit(last, dtype=pl.Date).dt.offset_by("3mo") - pl.duration(days=1)
    wins = _wins(inputs, pl.lit(first, dtype=pl.Date), end)
    people = inputs.table("people").select(pl.col("person_id").alias("owner_id"), id="team_id")
    anywhere = without_team(inputs)["person_id"].implode()
    own = wins.join(people, on="owner_id").drop_nulls("id").group_by("id").agg(
        known=pl.col("early").is_not_null().sum().cast(pl.Int64),
        early=pl.col("early").fill_null(value=False).sum().cast(pl.Int64),
        unsure=pl.col("early").is_null().sum().cast(pl.Int64),
        ids=pl.col("deal_id").filter(pl.col("early")).sort(),
    )  # fmt: skip
    # Wins of nobody, or of one who is in no team that we know of, may be the team's.
    strays = wins.filter(pl.col("owner_id").is_null() | pl.col("owner_id").is_in(anywhere)).height
    frame = inputs.subjects().join(own, on="id", how="left")
    frame = frame.with_columns(pl.col("known", "early", "unsure").fill_null(0))
    known, early = pl.col("known"), pl.col("early")
    unsure = pl.col("unsure") + strays
    everything = known + unsure
    covered = _covered(inputs, pl.lit(first, dtype=pl.Date), end)
    return frame.select(
        "id",
        dated_wins_lo=known,
        dated_wins_hi=pl.when(covered).then(everything),
        early_promise_share_lo=pl.when(everything > 0).then(early / everything),
        early_promise_share_hi=pl.when(everything > 0).then((early + unsure) / everything),
        early_promise_ids=pl.col("ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        early_promise_words=_share_words(early, known),
        stray_wins_words=_stray_words(strays),
    )


def _wins(inputs: Inputs, first: pl.Expr, last: pl.Expr) -> pl.DataFrame:
    """Return the deals with promises that are, or may be, won in a time; some were ``early``."""
    rows = inputs.table("delivery_dates").with_columns(early=_gap(inputs) >= 1)
    # One early delivery decides; that none is early takes all of them.
    found = rows.group_by("deal_id").agg(
        any=pl.col("early").fill_null(value=False).any(), holes=pl.col("early").is_null().any()
    )
    early = pl.when("any").then(statement=True).when(~pl.col("holes")).then(statement=False)
    deals = perhaps_won(inputs).rename({"id": "deal_id"})
    result = pl.when(~pl.col("no_result")).then("is_won")
    won = result & pl.col("closed_on").is_between(first, last)
    deals = deals.with_columns(won=won).filter(pl.col("won").fill_null(value=True))
    wins = deals.join(found.select("deal_id", early=early), on="deal_id")
    return wins.with_columns(early=pl.when(pl.col("won").fill_null(value=False)).then("early"))


def _stray_words(strays: int) -> pl.Expr:
    """Return ``; 1 win without owner or team of the owner may be theirs``; nothing without any."""
    if not strays:
        return pl.lit("")
    number = pl.lit(strays)
    said = counted(number, number, "win", "wins")
    return pl.format("; {} without owner or team of the owner may be theirs", said)


def _share_words(early: pl.Expr, known: pl.Expr) -> pl.Expr:
    """Return ``7 of 22 wins promised too early (16–53%)``."""
    said = pl.format("{} of {} promised too early", early, counted(known, known, "win", "wins"))
    return pl.concat_str(said, pl.format(" ({})", interval(*wilson(early, known))).fill_null(""))


@check.columns(
    "operations/over-promised-delivery",
    on=("deal", "team"),
    severity="major",
    ask=["What did we know about capacity when we said the date?"],
    after_close=True,
    sources=[f"limits: {JUDGEMENT}"],
)
def over_promised_delivery(
    d: Columns,
    *,
    far_bd: Annotated[
        int,
        Param(
            "Risk from this many business days before the earliest day",
            ge=1,
            le=250,
            unit="business days",
        ),
    ] = 20,
    watch_share: Annotated[
        float,
        Param("Watch above this share of a team's wins", ge=0, le=1, unit="share", at_most="share"),
    ] = 0.10,
    share: Annotated[
        float, Param("Risk above this share of a team's wins", ge=0, le=1, unit="share")
    ] = 0.20,
    min_wins: Annotated[
        int, Param("Wins with both days that a team's share needs", ge=3, le=500, unit="deals")
    ] = 10,
) -> Rules:
    """What is promised can be delivered.

    A date before the one that capacity allows is a complaint with a day on it. Of a deal with a
    promised delivery that has not taken place, from the proposal on and after it was won: gap =
    business days from the promised day to the earliest day by the capacity plan as it stood when
    the promise was made; the largest counts. One day or more is a watch, twenty or more a risk.
    What capacity became later is not the seller's promise.

    Of a team: the share of its wins of the last two complete quarters that were promised at least
    one business day too early, among those with both days. Over 10 % is a watch, over 20 % a risk,
    none a strength; asked from ten such wins. Wins that lack a day are weighed both ways.

    Needs delivery dates with the promised and the earliest day. A delivery without a day of
    delivery has not taken place.
    """
    # Deals and teams are judged by facts of their own.
    if hasattr(d, "dated_wins_lo"):
        return _of_team(d, watch_share, share, min_wins)
    return _of_deal(d, far_bd)


def _of_deal(d: Columns, far_bd: int) -> Rules:
    gap = d.interval("promise_gap_bd")
    return Rules(
        applies=(d.proposal_reached | d.is_won) & d.delivery_is_due,
        risk=gap >= far_bd,
        watch=gap >= 1,
        message={
            "risk": "{promise_words}",
            "watch": "{promise_words}",
            "pass": "{promise_words}",
            "insufficient_data": "{promise_words}",
        },
        actual=d.promise_gap_bd_lo,
        expected={
            "risk": below(far_bd, source=JUDGEMENT),
            "watch": at_most(0, source=JUDGEMENT),
            "pass": at_most(0, source=JUDGEMENT),
        },
        evidence=[
            Cite("delivery_dates", "promised_on", ids=d.due_delivery_ids),
            Cite("delivery_dates", "earliest_on", ids=d.due_delivery_ids),
            *cited(d, "promise_gap_bd_lo", "promise_gap_bd_hi"),
        ],
    )


def _of_team(d: Columns, watch_share: float, share: float, min_wins: int) -> Rules:
    early = d.interval("early_promise_share")
    said = "{early_promise_words}"
    return Rules(
        applies=d.interval("dated_wins") >= min_wins,
        risk=early > share,
        watch=early > watch_share,
        strength=early <= 0,
        message={
            "risk": said + "; over {share:share} is a risk",
            "watch": said + "; at most {watch_share:share} expected",
            "pass": said,
            "strength": said,
            "insufficient_data": said + "; wins of the two quarters with both days known: "
            "{dated_wins_lo:count}, {min_wins:count} needed{stray_wins_words}",
        },
        actual=d.early_promise_share_lo,
        expected={
            "risk": at_most(share, source=JUDGEMENT, n=d.dated_wins_lo),
            "watch": at_most(watch_share, source=JUDGEMENT, n=d.dated_wins_lo),
            "pass": at_most(watch_share, source=JUDGEMENT, n=d.dated_wins_lo),
            "strength": at_most(0, source=JUDGEMENT, n=d.dated_wins_lo),
        },
        evidence=[
            Cite("deals", "name", ids=d.early_promise_ids),
            *cited(d, "dated_wins_lo", "early_promise_share_lo", "early_promise_share_hi"),
        ],
    )
