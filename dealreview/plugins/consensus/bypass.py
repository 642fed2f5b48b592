"""Whether our main contact hears of it when we turn to the decision maker."""

from __future__ import annotations

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, check, facts
from dealreview.plugins.consensus.holders import READS, holders
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.words import clock

PRACTICE = "a rule of thumb of practitioners"
AROUND = "30d"
"""More days than the business days around a first message can be."""

KEY = ["id", "activity_id"]


@facts(
    "deal",
    Fact(
        "bypassed",
        "bool",
        "In the last `bypass_window` days we wrote to or called the decision maker for the first "
        "time, without the main contact, while the main contact had been asked for something.",
        requires=(*ARE_RECORDED, "activities.direction", "commitments.side", "stakeholder_roles"),
        origin="activities",
    ),
    Fact("bypass_on", "date", "The day of that message or call."),
    Fact("bypass_ids", "set", "The decision maker whom it went to.", "people"),
    Fact(
        "bypass_told_before",
        "bool",
        "In the `bypass_bd` business days before it we wrote to, called or spoke with the main "
        "contact.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "bypass_told",
        "bool",
        "We did so in those business days before or after it.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    *(
        Fact(
            f"bypass_bd_over_{end}",
            "int",
            "Business days since it, beyond those in which the main contact can still be told"
            f"{until}.",
            "business days",
            origin="activities",
        )
        for end, until in (
            ("lo", ", up to the last day on which activities are recorded"),
            ("hi", ""),
        )
    ),
    Fact("bypass_words", "text", "What was found, in words."),
    reads=reads(
        **READS,
        commitments=("deal_id", "side", "contact_id", "asked_on", "done_on", "status"),
    ),
    uses=(*USES, "created_on", "main_contact_id"),
    params={
        "bypass_bd": (
            2,
            Param(
                "Business days in which the main contact is told", ge=0, le=10, unit="business days"
            ),
        ),
        "bypass_window": (
            90,
            Param("Days in which a first message is looked at", ge=7, le=365, unit="days"),
        ),
    },
)
def bypasses(inputs: Inputs) -> pl.DataFrame:
    """Look for a first message to the decision maker behind the main contact's back."""
    deals = with_facts(inputs)
    asked = _asked(inputs, deals)
    concerned = deals.join(asked.select("id").unique(), on="id", how="semi")
    concerned = concerned.join(_deciders(inputs, deals).select("id").unique(), on="id", how="semi")
    # Over all deals: which of an account's is its only open one can't be seen from some of them.
    found = events(inputs, concerned)
    people = with_people(inputs, found)
    first = _first(inputs, concerned, found, people)
    first = first.join(_was_open(first, asked), on="id", how="left")
    first = first.join(_told(inputs, first, found, people), on="id", how="left")
    return _finished(inputs, deals, first)


def _asked(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return what the main contact was asked for, or may have been."""
    asks = inputs.table("commitments").rename({"deal_id": "id", "contact_id": "asked_id"})
    pairs = deals.select("id", "main_contact_id").join(asks, on="id")
    main = pl.col("asked_id") == pl.col("main_contact_id")
    theirs = pairs.with_columns(theirs=main & (pl.col("side") == "buyer"))
    return theirs.filter(pl.col("theirs").fill_null(value=True))


def _deciders(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return who decides, or may, beside the main contact."""
    held = holders(inputs).filter(pl.col("role") == "decision_maker")
    held = held.filter(pl.col("buyer").fill_null(value=True)).select("id", "contact_id")
    main = deals.select("id", contact_id="main_contact_id")
    return held.join(main, on=["id", "contact_id"], how="anti")


def _first(
    inputs: Inputs, deals: pl.DataFrame, found: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Return the first message to who decides: when, to whom, and whether it ``surely`` was the first."""
    deciders = _deciders(inputs, deals)
    sent = people.filter(pl.col("addressed").fill_null(value=True))
    to_them = sent.join(deciders, on=["id", "contact_id"], how="semi")
    sure = pl.col("addressed").fill_null(value=False)
    first = to_them.filter(sure).filter(pl.col("at") == pl.col("at").min().over("id"))
    first = first.group_by("id").agg(
        pl.col("activity_id").min(),
        bypass_at=pl.col("at").first(),
        bypass_on=pl.col("on").first(),
        bypass_ids=pl.col("contact_id").unique().sort(),
    )
    out = pl.col("outbound") & pl.col("ours")
    unnamed = nobody_named(found).filter(out.fill_null(value=True))
    earliest = pl.concat([to_them.filter(~sure).select("id", "at"), unnamed.select("id", "at")])
    earliest = earliest.group_by("id").agg(maybe_at=pl.col("at").min())
    main = people.select(*KEY, main_contact_id="contact_id").unique().with_columns(on_it=True)
    frame = deals.join(first, on="id", how="left").join(earliest, on="id", how="left")
    frame = frame.join(main, on=[*KEY, "main_contact_id"], how="left")
    whole = inputs.feeds.reaches("activities", pl.col("created_on"), pl.col("day"))
    earlier = (pl.col("maybe_at") <= pl.col("bypass_at")).fill_null(
        pl.col("maybe_at").is_not_null()
    )
    return frame.with_columns(
        surely=whole.fill_null(value=False) & ~earlier,
        without_main=pl.when(pl.col("main_contact_id").is_not_null()).then(
            pl.col("on_it").is_null()
        ),
    )


def _was_open(first: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return whether an ask to the main contact was open on that day: ``id``, ``was_open``."""
    asks = asked.drop("main_contact_id").join(first.select("id", "bypass_on"), on="id")
    begun, done = pl.col("asked_on") <= pl.col("bypass_on"), pl.col("done_on")
    undone = done.is_null() | (done >= pl.col("bypass_on"))
    # When it was declined or dropped nobody wrote down.
    given_up = pl.col("status").is_in(["declined", "dropped"]).fill_null(value=False)
    standing = pl.when(~given_up | done.is_not_null()).then(statement=True)
    was_open = pl.col("theirs") & begun & undone & standing
    asks = asks.with_columns(was_open=was_open)
    sure = pl.col("was_open").fill_null(value=False).any()
    maybe = pl.col("was_open").fill_null(value=True).any()
    return asks.group_by("id").agg(
        was_open=pl.when(sure).then(statement=True).when(~maybe).then(statement=False)
    )


def _told(
    inputs: Inputs, first: pl.DataFrame, found: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Return whether the main contact was told around that day, and before it."""
    heard = pl.col("talked") | pl.col("addressed")
    main = people.with_columns(heard=heard).select("id", "on", "at", "heard", who="contact_id")
    both_ways = pl.col("inbound") | pl.col("answered") | pl.col("outbound")
    unnamed = nobody_named(found).filter(both_ways.fill_null(value=True))
    whoever = unnamed.select(
        "id", "on", "at", heard=pl.lit(None, dtype=pl.Boolean), who=pl.lit(None, dtype=pl.String)
    )
    rows = pl.concat([main, whoever]).join(
        first.select("id", "main_contact_id", "bypass_on", "bypass_at"), on="id"
    )
    rows = rows.filter(pl.col("who").is_null() | (pl.col("who") == pl.col("main_contact_id")))
    on, day = pl.col("on"), pl.col("bypass_on")
    apart = inputs.business_days(pl.min_horizontal(on, day), pl.max_horizontal(on, day))
    rows = rows.filter(
        (apart <= inputs.params["bypass_bd"]) & pl.col("heard").fill_null(value=True)
    )
    before, sure = pl.col("at") < pl.col("bypass_at"), pl.col("heard").fill_null(value=False)
    return rows.group_by("id").agg(
        told=sure.any(),
        told_before=(sure & before).any(),
        maybe_told=pl.len() > 0,
        maybe_told_before=before.any(),
    )


def _finished(inputs: Inputs, deals: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of all deals; of those without decision maker or ask nothing was passed by."""
    on = pl.col("bypass_on")
    near = inputs.feeds.reaches("activities", on.dt.offset_by(f"-{AROUND}"), pl.col("day"))
    near = near.fill_null(value=False)
    recent = (pl.col("day") - on).dt.total_days() <= inputs.params["bypass_window"]
    # An older message to them means that no later one was the first.
    is_first = pl.when(~recent).then(statement=False).when("surely").then(on.is_not_null())
    grace = inputs.params["bypass_bd"]
    behind = pl.col("without_main") & pl.col("was_open")
    first = first.with_columns(
        bypassed=is_first & behind,
        bypass_told=_settled("told", "maybe_told", near),
        bypass_told_before=_settled("told_before", "maybe_told_before", near),
        bypass_bd_over_lo=inputs.business_days(on, clock(inputs, "activities")) - grace,
        bypass_bd_over_hi=inputs.business_days(on, pl.col("day")) - grace,
    )
    names = ["bypassed", "bypass_on", "bypass_ids", "bypass_told", "bypass_told_before"]
    frame = deals.select("id").join(
        first.select("id", *names, "bypass_bd_over_lo", "bypass_bd_over_hi", known=True),
        on="id",
        how="left",
    )
    return frame.with_columns(
        bypassed=pl.when(pl.col("known").is_null()).then(statement=False).otherwise("bypassed"),
        bypass_ids=pl.col("bypass_ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        bypass_words=_bypass_words(grace),
    ).drop("known")


def _settled(sure: str, maybe: str, near: pl.Expr) -> pl.Expr:
    """Return true where it surely was, false where it can't have been, else unknown."""
    never = near & ~pl.col(maybe).fill_null(value=False)
    return pl.when(sure).then(statement=True).when(never).then(statement=False)


def _bypass_words(grace: int) -> pl.Expr:
    """Return whether the main contact was told, and whether the time for it is still running."""
    told, before = pl.col("bypass_told"), pl.col("bypass_told_before")
    days = f"{grace} business day" + "s" * (grace != 1)
    running = pl.lit(f", and the time for it ({days}) is not over")
    still = pl.when(pl.col("bypass_bd_over_hi") <= 0).then(running).otherwise(pl.lit(""))
    silent = pl.when(~told).then(pl.lit("not told")).otherwise(pl.lit("perhaps not told"))
    return (
        pl.when(before).then(pl.lit("told before"))
        .when(told).then(pl.lit(f"told within {days} of it"))
        .otherwise(pl.concat_str(silent, still))
    )  # fmt: skip


@check.columns(
    "consensus/careful-bypass",
    severity="minor",
    ask=["How would you like your contact to hear about it?"],
    sources=[f"two business days: {PRACTICE}", f"90 days: {JUDGEMENT}"],
)
def careful_bypass(d: Columns) -> Rules:
    """When we turn to the decision maker, our main contact hears it from us.

    Somebody who was asked for a step and learns from their boss that we went around them will not
    help again. Looked at is the first message or call of ours to the decision maker, in the last 90
    days, that the main contact was not part of, while the main contact had an open ask of ours. If
    in the two business days before and after it nothing went to the main contact, and that time is
    over, it is a watch. Told before it is a strength.

    Needs roles, asks, the main contact, and activities with direction and attendees since the deal
    was created. What was said cannot be seen: any message to or talk with the main contact counts.
    """
    said = (
        "{bypass_ids:people} contacted on {bypass_on:date}; {main_contact_id:person} {bypass_words}"
    )
    return Rules(
        applies=d.bypassed,
        watch=~d.bypass_told & (d.interval("bypass_bd_over") > 0),
        strength=d.bypass_told_before,
        message={
            **dict.fromkeys(("watch", "pass", "strength"), said),
            "insufficient_data": "decision maker first contacted: {bypass_on:date} "
            "({bypass_ids:people}); main contact: {main_contact_id:person}, {bypass_words}",
        },
        evidence=[
            Cite("contacts", "name", ids=d.bypass_ids),
            *cited(d, "bypass_on", "bypass_told", "bypass_told_before"),
        ],
    )
