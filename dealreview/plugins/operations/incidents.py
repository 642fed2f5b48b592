"""Open incidents: whether the customer hears from us, and what was agreed."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.conversations import HELD, MAILS, TALKS
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.tags import MIN_TAG_COVERAGE, both, needed, told
from dealreview.plugins.words import clock, counted, late_clock

WINDOW = 90
"""Days for which incidents must be recorded before it can be said that none is open."""

REQUIRED = ("incidents", "incidents.resolved_on", "activities", "activity_topics.topic")
UPDATE, DATE, MITIGATION = "incident_update", "date_renegotiated", "mitigation"
NOT_DONE = ("planned", "postponed", "cancelled", "no_show")


@facts(
    "account",
    Fact(
        "has_open_incident",
        "bool",
        "An incident is open; unknown where one without account is, or where incidents are not "
        "recorded for 90 days.",
        requires=REQUIRED,
        origin="incidents",
    ),
    Fact("open_incident_ids", "set", "The incidents that are open."),
    Fact("incident_opened_on", "date", "First day of the oldest of them."),
    Fact(
        "incident_open_bd",
        "int",
        "Business days since the oldest open incident began; unknown where one has no first day.",
        "business days",
        requires=REQUIRED,
        origin="incidents.opened_on",
    ),
    Fact(
        "incident_silent_bd_lo",
        "int",
        "Business days since the latest message about it that may have reached the customer, else "
        "since it began, read at the last day recorded; 0 where activities are not recorded since.",
        "business days",
        requires=REQUIRED,
        origin="activity_topics",
    ),
    Fact(
        "incident_silent_bd_hi",
        "int",
        "Business days since the latest that surely did, read at the review's day.",
        "business days",
        requires=REQUIRED,
        origin="incidents.opened_on",
    ),
    Fact(
        "incident_date_renegotiated",
        "bool",
        "A new date was agreed since the oldest open incident began; unknown where activities are "
        "not recorded since, or too few conversations have a topic.",
        requires=REQUIRED,
        origin="activity_topics",
    ),
    Fact(
        "incident_mitigated",
        "bool",
        "Something was arranged to soften it since then; unknown in the same way.",
        requires=REQUIRED,
        origin="activity_topics",
    ),
    Fact("incident_words", "text", "How long it lasts and when the last update was, in words."),
    Fact(
        "incident_topics_words",
        "text",
        "How many conversations since then have a topic, and how many are needed, in words; else nothing.",
    ),
    Fact("incident_as_of", "text", "The last day recorded, in words, where activities are late."),
    step="organisation",
    reads={
        "deals": ("deal_id", "account_id"),
        "incidents": ("incident_id", "account_id", "opened_on", "resolved_on"),
        "activities": (
            "activity_id",
            "account_id",
            "deal_id",
            "kind",
            "direction",
            "status",
            "at",
        ),
        "activity_topics": ("activity_id", "topic"),
    },
    params=MIN_TAG_COVERAGE,
)
def incidents(inputs: Inputs) -> pl.DataFrame:
    """Read what customers with an open incident have heard from us."""
    accounts = inputs.subjects().with_columns(seen=clock(inputs, "activities"))
    frame = accounts.join(_open(inputs), on="id", how="left")
    heard = _heard(inputs, frame.filter(pl.col("opened").is_not_null()))
    frame = frame.join(heard, on="id", how="left")
    opened, day = pl.col("opened"), pl.col("day")
    since = inputs.feeds.reaches("activities", opened, day).fill_null(value=False)
    whole = since & pl.col("topics_told").fill_null(value=True)
    latest = pl.max_horizontal(opened, "update", "perhaps")
    surely = pl.max_horizontal(opened, "update")
    dateless = pl.col("dateless").fill_null(value=False)
    silent = inputs.business_days(latest, pl.col("seen"))
    longest = inputs.business_days(surely, day)
    age = inputs.business_days(opened, day)
    return frame.select(
        "id",
        has_open_incident=_is_open(inputs),
        open_incident_ids=pl.col("ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        incident_opened_on=opened,
        incident_open_bd=pl.when(~dateless).then(age),
        incident_silent_bd_lo=pl.when(since).then(silent).when(opened.is_not_null()).then(0),
        incident_silent_bd_hi=pl.when(~dateless).then(longest),
        incident_date_renegotiated=_known("date", whole),
        incident_mitigated=_known("mitigation", whole),
        incident_words=_words(pl.when(~dateless).then(age), longest),
        incident_topics_words=pl.when(~pl.col("topics_told"))
        .then("topics_words")
        .otherwise(pl.lit("")),
        incident_as_of=late_clock(inputs, "activities"),
    )


def _open(inputs: Inputs) -> pl.DataFrame:
    """Return by account its open incidents and when the oldest ``opened``."""
    lasting = inputs.table("incidents").filter(pl.col("resolved_on").is_null())
    return lasting.drop_nulls("account_id").group_by(pl.col("account_id").alias("id")).agg(
        ids=pl.col("incident_id").sort(),
        opened=pl.col("opened_on").min(),
        dateless=pl.col("opened_on").is_null().any(),
    )  # fmt: skip


def _is_open(inputs: Inputs) -> pl.Expr:
    """Say whether an account has an open incident; one without account may be anybody's."""
    lasting = inputs.table("incidents").filter(pl.col("resolved_on").is_null())
    strays = lasting["account_id"].null_count() > 0
    day = pl.col("day")
    recorded = inputs.feeds.reaches("incidents", day - pl.duration(days=WINDOW), day)
    none = recorded & pl.lit(not strays)
    return (
        pl.when(pl.col("ids").is_not_null()).then(statement=True).when(none).then(statement=False)
    )


def _heard(inputs: Inputs, accounts: pl.DataFrame) -> pl.DataFrame:
    """Return by account what happened since its incident opened."""
    found = _activities(inputs, accounts)
    topics = inputs.table("activity_topics").group_by("activity_id").agg("topic")
    found = found.join(topics, on="activity_id", how="left")
    topic = pl.col("topic").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    talk = pl.col("kind").is_in(TALKS) & pl.col("status").is_in(HELD)
    held = talk.fill_null(value=False)
    with_them = pl.col("direction").ne_missing("internal")
    sent = pl.col("kind").is_in(MAILS) & (pl.col("direction") == "outbound")
    reached = (held | sent.fill_null(value=False)) & with_them
    about = topic.list.contains(UPDATE)
    untold = held & with_them & (topic.list.len() == 0)
    found = found.with_columns(held=held & with_them, tagged=topic.list.len() > 0)
    held_n, tagged = both()
    lacking = found.group_by("id").agg(
        topics_told=told(inputs),
        topics_words=pl.format(
            "; {} since it began, {} with a topic noted{}",
            counted(held_n, held_n, "conversation", "conversations"),
            tagged,
            needed(inputs, held_n, tagged),
        ),
    )
    on = pl.col("on")
    sums = found.group_by("id").agg(
        update=on.filter(about & reached).max(),
        perhaps=on.filter(about & with_them).max(),
        untold=on.filter(untold).max(),
        date=topic.list.contains(DATE).any(),
        mitigation=topic.list.contains(MITIGATION).any(),
    )
    sums = sums.join(lacking, on="id")
    # Where few conversations have a topic, one without may have been an update.
    may_be = pl.when(~pl.col("topics_told")).then("untold")
    return sums.with_columns(perhaps=pl.max_horizontal("perhaps", may_be)).drop("untold")


def _activities(inputs: Inputs, accounts: pl.DataFrame) -> pl.DataFrame:
    """Return what was done for each account, or a deal of it, since its incident opened."""
    deals = inputs.table("deals").rename({"account_id": "of_deal"})
    own = deals.filter(pl.col("of_deal").is_in(accounts["id"].implode()))["deal_id"]
    whose = pl.col("account_id").is_in(accounts["id"].implode())
    whose = whose | pl.col("deal_id").is_in(own.implode())
    on = inputs.local_day(pl.col("at"))
    first = pl.lit(accounts["opened"].min(), dtype=pl.Date)
    done = inputs.table("activities", whose & (on >= first))
    done = done.join(deals, on="deal_id", how="left")
    done = done.with_columns(id=pl.coalesce("account_id", "of_deal"), on=on)
    done = done.join(accounts.select("id", "opened", "day"), on="id")
    happened = ~pl.col("status").is_in(NOT_DONE).fill_null(value=False)
    return done.filter(happened & pl.col("on").is_between("opened", "day"))


def _known(name: str, whole: pl.Expr) -> pl.Expr:
    """Return whether a topic came up; that it did not is only known where topics are recorded."""
    seen = pl.col(name).fill_null(value=False)
    none = whole & pl.col("opened").is_not_null()
    return pl.when(seen).then(statement=True).when(none).then(statement=False)


def _words(age: pl.Expr, silent: pl.Expr) -> pl.Expr:
    """Return ``incident open for 7 business days, last update 4 business days ago``."""
    ago = pl.format("last update {} ago", counted(silent, silent, "business day", "business days"))
    last = pl.when(silent == 0).then(pl.lit("last update today")).otherwise(ago)
    last = pl.when(pl.col("update").is_null()).then(pl.lit("no update seen")).otherwise(last)
    lasts = counted(age, age, "business day", "business days")
    some = pl.col("opened").is_not_null() | pl.col("ids").is_not_null()
    unknown = pl.when(some).then(pl.lit("when it began is unknown")).otherwise(pl.lit("none known"))
    return pl.coalesce(pl.format("incident open for {}, {}", lasts, last), unknown)


@check.columns(
    "operations/right-help",
    on="account",
    severity="major",
    ask=["What would help this customer most from you, not from the warehouse?"],
    sources=[f"three and five business days: {JUDGEMENT}"],
)
def right_help(
    d: Columns,
    *,
    update_bd: Annotated[
        int,
        Param(
            "Risk above this many business days without an update",
            ge=1,
            le=30,
            unit="business days",
        ),
    ] = 3,
    plan_bd: Annotated[
        int,
        Param(
            "Watch above this many business days without new date or mitigation",
            ge=1,
            le=30,
            unit="business days",
        ),
    ] = 5,
) -> Rules:
    """A customer with an open incident hears from us, and gets a date and relief.

    Chasing the warehouse helps less than a call that says what happens next. While an incident of
    the account is open, three things are asked since the oldest began: an update that reached the
    customer (a held talk or a message of ours with the topic `incident_update`), a new date
    (`date_renegotiated`) and something that softens it (`mitigation`). More than three business days
    since the last update, or since the incident began, are a risk. An incident older than five
    business days with neither new date nor mitigation is a watch. All three are a strength.

    Needs incidents with account, first and last day, recorded for 90 days; activities since the
    incident began, with topics on at least half of the conversations: else an update may have been
    made that nobody marked.
    """
    silent = d.interval("incident_silent_bd")
    said = "{incident_words}{incident_as_of}"
    return Rules(
        applies=d.has_open_incident,
        risk=silent > update_bd,
        watch=(d.incident_open_bd > plan_bd)
        & ~d.incident_date_renegotiated
        & ~d.incident_mitigated,
        strength=(silent <= update_bd) & d.incident_date_renegotiated & d.incident_mitigated,
        message={
            "risk": said + "; {update_bd:count} business days allowed",
            "watch": said
            + "; after more than {plan_bd:count} business days neither a new date nor a "
            "mitigation is agreed",
            "pass": said,
            "strength": said + "; new date and mitigation agreed",
            "insufficient_data": "open incidents seen: {open_incidents:count}; {incident_words}"
            "{incident_topics_words}{incident_as_of}",
        },
        actual=d.incident_silent_bd_hi,
        # A watch is about a plan and not about silence: the message names its limit.
        expected={
            "risk": at_most(update_bd, source=JUDGEMENT),
            "pass": at_most(update_bd, source=JUDGEMENT),
            "strength": at_most(update_bd, source=JUDGEMENT),
        },
        evidence=[
            Cite("incidents", "opened_on", d.incident_opened_on, ids=d.open_incident_ids),
            *cited(d, "incident_open_bd", "incident_silent_bd_lo", "incident_silent_bd_hi"),
            *cited(d, "incident_date_renegotiated", "incident_mitigated"),
        ],
        values={"open_incidents": d.open_incident_ids.count()},
    )
