"""Whether an incident at one customer silences a seller towards all others."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, below, check, facts
from dealreview.plugins.conversations import NOT_SENT
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.operations.hours import USUAL_WEEK
from dealreview.plugins.teams import STAFF, staff
from dealreview.plugins.words import counted, figure

REQUIRED = ("incidents", "activities.direction", "activities.person_id")


def _fall_facts(whose: str) -> tuple[Fact, ...]:
    return (
        Fact(
            "incident_to_judge",
            "bool",
            f"An incident opened on an account of {whose}, at least `outreach_block_days` and at most "
            "`incident_within_days` ago; unknown where one lacks account or first day, or incidents are "
            "not recorded for that time.",
            requires=REQUIRED,
            origin="incidents",
        ),
        Fact("judged_incident_ids", "set", "The incident after which outreach fell most."),
        Fact("judged_incident_account", "text", "Name of its account, else the id."),
        Fact(
            "other_outreach_fall_lo",
            "real",
            "1 − outreach to other accounts a business day present in the `outreach_block_days` "
            "after the incident ÷ in the `outreach_blocks` such blocks before, at the least: what may be "
            "outreach counts after it; unknown under `outreach_min` a block, and where activities are "
            "not recorded.",
            "share",
            requires=REQUIRED,
            origin="activities",
        ),
        Fact(
            "other_outreach_fall_hi",
            "real",
            "The same at the most: what may be outreach counts before it.",
            "share",
            requires=REQUIRED,
            origin="activities",
        ),
        Fact("outreach_words", "text", "Outreach to others after and before, in words."),
        Fact("outreach_min", "int", "Messages and calls a block that a comparison needs."),
        Fact("outreach_block_days", "int", "Days of a block.", "days"),
    )


_READS = {
    "accounts": ("account_id", "name", "owner_id"),
    "deals": ("deal_id", "account_id"),
    "incidents": ("incident_id", "account_id", "opened_on"),
    "people": ("person_id", "weekly_hours"),
    "time_entries": ("person_id", "day", "hours", "category"),
    "activities": ("account_id", "deal_id", "direction", "status", "at", "person_id", "automated"),
}
_OWNERS = ("deal.account_id", "deal.owner_id", "deal.is_open", "deal.created_on")
_PARAMS = {
    "outreach_min": (
        10,
        Param(
            "Messages and calls in a block of days that a comparison needs",
            ge=1,
            le=500,
            unit="touches",
            source=JUDGEMENT,
        ),
    ),
    "outreach_block_days": (
        14,
        Param(
            "Days after an incident that are compared, and that must be over",
            ge=5,
            le=60,
            unit="days",
            source=JUDGEMENT,
        ),
    ),
    "outreach_blocks": (
        4,
        Param(
            "How many times as many days before it are the usual",
            ge=1,
            le=12,
            unit="blocks",
            source=JUDGEMENT,
        ),
    ),
    "incident_within_days": (
        42,
        Param(
            "Days for which an incident is judged, at least those compared",
            ge=5,
            le=180,
            unit="days",
            source=JUDGEMENT,
        ),
    ),
}


@facts(
    "rep",
    *_fall_facts("the person"),
    step="organisation",
    reads=_READS,
    uses=_OWNERS,
    params=_PARAMS,
)
def person_outreach(inputs: Inputs) -> pl.DataFrame:
    """Compare a person's outreach to others before and after an incident."""
    alone = inputs.subjects().select("id", person_id="id", sure=pl.lit(value=True))
    return _compared(inputs, alone)


@facts(
    "team",
    *_fall_facts("one of its reps"),
    step="organisation",
    reads=_READS,
    uses=(*STAFF, *_OWNERS),
    params=_PARAMS,
)
def team_outreach(inputs: Inputs) -> pl.DataFrame:
    """Compare the outreach of a team's reps to others before and after an incident."""
    return _compared(inputs, staff(inputs.facts()))


def _compared(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of subjects from their ``people``: ``id``, ``person_id`` and whether ``sure``."""
    events = _incidents(inputs, people)
    spans = events.drop("theirs").join(people, on="id")
    falls = events.join(_falls(inputs, spans), on=["id", "incident_id"], how="left")
    # An incident of who may not be a rep proves no fall, and may be a greater one.
    falls = falls.with_columns(fall_lo=pl.when("theirs").then("fall_lo"))
    order = ["theirs", "fall_lo", "opened_on", "incident_id"]
    worst = falls.sort("id", *order, descending=[False, True, True, True, False], nulls_last=True)
    sums = worst.group_by("id", maintain_order=True).agg(
        pl.first("fall_lo", "words", "name", "incident_id"),
        theirs=pl.col("theirs").any(),
        fall_hi=pl.when(pl.col("fall_hi").is_not_null().all()).then(pl.col("fall_hi").max()),
    )
    frame = inputs.subjects().join(sums, on="id", how="left")
    found = pl.col("theirs").fill_null(value=False)
    none = pl.col("incident_id").is_null() & _none(inputs)
    return frame.select(
        "id",
        incident_to_judge=pl.when(found).then(statement=True).when(none).then(statement=False),
        judged_incident_ids=pl.concat_list("incident_id").list.drop_nulls(),
        judged_incident_account="name",
        other_outreach_fall_lo="fall_lo",
        other_outreach_fall_hi="fall_hi",
        outreach_words=pl.col("words").fill_null("no incident to compare with"),
        outreach_min=pl.lit(inputs.params["outreach_min"], dtype=pl.Int64),
        outreach_block_days=pl.lit(inputs.params["outreach_block_days"], dtype=pl.Int64),
    )


def _incidents(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Return the incidents to judge of each subject: on accounts that one of its people owns.

    They are ``theirs`` where the person is one for sure. An account whose newest open deal has no owner
    may be anybody's.
    """
    accounts = inputs.table("accounts").rename({"owner_id": "stated"})
    deals = inputs.facts("deal").filter("is_open").drop_nulls("account_id")
    deals = deals.with_columns(nobodys=pl.col("owner_id").is_null())
    newest = deals.sort("created_on", "id", descending=[True, False], nulls_last=True).unique(
        "account_id", keep="first", maintain_order=True
    )
    newest = newest.select("account_id", "owner_id", "nobodys")
    owned = accounts.join(newest, on="account_id", how="left")
    owned = owned.select(
        "account_id",
        name=pl.coalesce("name", "account_id"),
        person_id=pl.coalesce("stated", "owner_id"),
        nobodys=pl.col("stated").is_null() & pl.col("nobodys"),
    )
    first, last = _window(inputs)
    inside = inputs.table("incidents").filter(pl.col("opened_on").is_between(first, last))
    known = inside.join(owned, on="account_id")
    key = ["id", "incident_id", "account_id", "name", "opened_on"]
    own = known.join(people, on="person_id").select(*key, "sure")
    anyones = known.filter("nobodys").join(people.select("id").unique(), how="cross")
    found = pl.concat([own, anyones.select(*key, sure=pl.lit(value=False))])
    return found.group_by(key).agg(theirs=pl.col("sure").any())


def _window(inputs: Inputs) -> tuple[dt.date, dt.date]:
    least: int = inputs.params["outreach_block_days"]
    most = max(least, inputs.params["incident_within_days"])
    return inputs.as_of - dt.timedelta(days=most), inputs.as_of - dt.timedelta(days=least)


def _none(inputs: Inputs) -> pl.Expr:
    """Say whether every incident of the time is known with its account and first day."""
    first, last = _window(inputs)
    rows = inputs.table("incidents")
    vague = rows.filter(
        pl.col("opened_on").is_null()
        | (pl.col("account_id").is_null() & pl.col("opened_on").is_between(first, last))
    )
    return inputs.feeds.covers("incidents", first, last) & pl.lit(vague.is_empty())


def _falls(inputs: Inputs, spans: pl.DataFrame) -> pl.DataFrame:
    """Return by subject and incident how far outreach to others fell."""
    opened, block = pl.col("opened_on"), inputs.params["outreach_block_days"]
    blocks = inputs.params["outreach_blocks"]
    spans = spans.with_columns(
        began=opened - pl.duration(days=block * blocks), over=opened + pl.duration(days=block)
    )
    key = ["id", "incident_id"]
    touches = _touches(inputs, spans).join(_present(inputs, spans), on=key)
    touches = touches.join(spans.select(*key, "began", "over").unique(), on=key)
    rates = {
        name: pl.col(name) / pl.when(pl.col(days) > 0).then(pl.col(days))
        for name, days in (
            ("before", "days_before_hi"),
            ("before_hi", "days_before"),
            ("after", "days_after_hi"),
            ("after_hi", "days_after"),
        )
    }
    covered = inputs.feeds.covers("activities", pl.col("began"), pl.col("over"))
    enough = pl.col("before") >= blocks * inputs.params["outreach_min"]
    known = covered & enough
    most = 1 - rates["after"] / rates["before_hi"]
    least = 1 - rates["after_hi"] / rates["before"]
    words = pl.format(
        "{} in {} business days after it, {} in {} before",
        counted(pl.col("after"), pl.col("after"), "message or call", "messages and calls"),
        figure(pl.col("days_after").clip(0)),
        pl.col("before"),
        figure(pl.col("days_before").clip(0)),
    )
    # What nobody is named for may have been theirs, before or after, as may what unsure people did.
    unnamed = pl.max_horizontal(
        pl.col("after_hi") - pl.col("after"), pl.col("before_hi") - pl.col("before")
    )
    also = pl.when(unnamed > 0).then(pl.format(", and up to {} more that may count", unnamed))
    words = pl.concat_str(words, also.fill_null(""))
    return touches.select(
        *key, fall_lo=pl.when(known).then(least), fall_hi=pl.when(known).then(most), words=words
    )


def _touches(inputs: Inputs, spans: pl.DataFrame) -> pl.DataFrame:
    """Count the messages and calls to other accounts in each span, those that may be as ``…_hi``."""
    sent = _outbound(inputs)
    once = spans.drop("person_id", "sure").unique()
    named = _to_others(sent.drop_nulls("person_id"), spans, ["person_id"])
    # What nobody is named for may be anybody's.
    unnamed = _to_others(sent.filter(pl.col("person_id").is_null()), once, [])
    both = pl.concat([named, unnamed.with_columns(surely=pl.lit(0, dtype=pl.Int64))])
    on, opened, n, sure = (pl.col(c) for c in ("on", "opened_on", "n", "surely"))
    before = on.is_between(pl.col("began"), opened, closed="left")
    after = (on > opened) & (on <= pl.col("over"))
    counts = both.group_by("id", "incident_id").agg(
        before=sure.filter(before).sum(),
        before_hi=n.filter(before).sum(),
        after=sure.filter(after).sum(),
        after_hi=n.filter(after).sum(),
    )
    frame = once.select("id", "incident_id").join(counts, on=["id", "incident_id"], how="left")
    return frame.with_columns(
        pl.col("before", "before_hi", "after", "after_hi").fill_null(0).cast(pl.Int64)
    )


def _to_others(sent: pl.DataFrame, spans: pl.DataFrame, who: list[str]) -> pl.DataFrame:
    """Return how many messages each span may count a day, ``n``, and how many of them ``surely``.

    They are all of the day, less those to the span's own account: so days are joined to spans, of
    which there are few, and not messages. What names no account may have gone to its own.
    """
    number, account = pl.len().cast(pl.Int64), pl.col("account_id")
    sure = pl.col("surely").sum().cast(pl.Int64)
    elsewhere = (pl.col("surely") & account.is_not_null()).sum().cast(pl.Int64)
    days = sent.group_by(*who, "on").agg(n=number, surely=elsewhere)
    a_day = spans.join(days, on=who) if who else spans.join(days, how="cross")
    to_account = sent.group_by(*who, "account_id", "on").agg(n=-number, surely=-sure)
    own = spans.join(to_account, on=[*who, "account_id"])
    if who:
        counts = pl.when("sure").then("surely").otherwise(0)
        a_day, own = (part.with_columns(surely=counts) for part in (a_day, own))
    columns = ["id", "incident_id", "opened_on", "began", "over", "on", "n", "surely"]
    return pl.concat([a_day.select(columns), own.select(columns)])


def _outbound(inputs: Inputs) -> pl.DataFrame:
    """Return what was, ``surely`` or perhaps, sent by hand: ``person_id``, ``account_id`` and ``on``."""
    usual = inputs.params["outreach_block_days"] * inputs.params["outreach_blocks"]
    since = _window(inputs)[0] - dt.timedelta(days=usual)
    deals = inputs.table("deals").rename({"account_id": "of_deal"})
    on = inputs.local_day(pl.col("at"))
    by_hand = ~pl.col("automated")
    if not inputs.feeds.is_recorded("activities.automated"):
        by_hand = by_hand.fill_null(value=True)
    sent = ~pl.col("status").is_in(NOT_SENT).fill_null(value=False)
    outbound = (pl.col("direction") == "outbound") & by_hand & sent
    found = inputs.table("activities", (on >= since) & outbound.fill_null(value=True))
    found = found.join(deals, on="deal_id", how="left")
    found = found.with_columns(on=on, surely=outbound.fill_null(value=False))
    return found.select(
        "person_id", "on", "surely", account_id=pl.coalesce("account_id", "of_deal")
    )


def _present(inputs: Inputs, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the business days of each span's people without their absence, before and after.

    They are at the least those without what may be absence, or anybody's; ``…_hi`` counts those of
    people who may not be reps too, without sure absence only.
    """
    opened, day = pl.col("opened_on"), pl.duration(days=1)
    away = _away(inputs)
    person = ["id", "incident_id", "person_id"]
    absent = spans.join(away.drop_nulls("person_id"), on="person_id", how="left")
    frame = spans.select(
        *person,
        "sure",
        before=inputs.business_days(pl.col("began") - day, opened - day),
        after=inputs.business_days(opened, pl.col("over")),
    ).join(_lost(absent, person), on=person)
    once = spans.drop("person_id", "sure").unique()
    anybodys = _lost(once.join(away.filter(pl.col("person_id").is_null()), how="cross"), person[:2])
    sums = []
    for name in ("before", "after"):
        least, most = (pl.col(name) - pl.col(f"lost_{name}{end}") for end in ("_hi", ""))
        sums.append(least.filter("sure").sum().alias(f"days_{name}"))
        counted_too = pl.col("sure") | (most > 0)
        sums.append(most.filter(counted_too).sum().alias(f"days_{name}_hi"))
    days = frame.group_by("id", "incident_id").agg(sums)
    days = days.join(anybodys, on=["id", "incident_id"], how="left")
    return days.select(
        "id",
        "incident_id",
        *(pl.col(f"days_{n}") - pl.col(f"lost_{n}_hi").fill_null(0) for n in ("before", "after")),
        "days_before_hi",
        "days_after_hi",
    )


def _away(inputs: Inputs) -> pl.DataFrame:
    """Return absence in days: ``person_id``, ``day``, ``share`` at the least and ``share_hi``."""
    entries = inputs.table("time_entries")
    recorded = pl.lit(inputs.feeds.is_recorded("time_entries.category"))
    surely = pl.col("category") == "absence"
    entries = entries.filter(surely | (pl.col("category").is_null() & recorded))
    hours = inputs.table("people").select("person_id", pl.col("weekly_hours").fill_null(USUAL_WEEK))
    entries = entries.join(hours, on="person_id", how="left")
    worked = max(len(inputs.calendar.working_days), 1)
    share = (pl.col("hours") * worked / pl.col("weekly_hours")).clip(0, 1)
    return entries.select(
        "person_id",
        "day",
        share=pl.when(surely).then(share).fill_null(0.0),
        # An absence without hours is at most one of a day, as is one of nobody.
        share_hi=share.fill_null(1.0),
    )


def _lost(absent: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Return the days of absence before and after an incident, at the most ``…_hi``."""
    opened, day = pl.col("opened_on"), pl.col("day")
    spans = {
        "before": day.is_between("began", opened, closed="left"),
        "after": (day > opened) & (day <= pl.col("over")),
    }
    lost = {
        f"lost_{name}{end}": pl.col(f"share{end}").filter(inside).sum()
        for name, inside in spans.items()
        for end in ("", "_hi")
    }
    return absent.group_by(key).agg(**lost)


@check.columns(
    "operations/selling-stops",
    on=("rep", "team"),
    severity="minor",
    ask=["Who else among your customers needs us this week?"],
    sources=[f"40 %, ten in a fortnight: {JUDGEMENT}"],
)
def selling_stops(
    d: Columns,
    *,
    drop: Annotated[
        float, Param("Watch from this fall of outreach to others", ge=0.1, le=1, unit="share")
    ] = 0.40,
) -> Rules:
    """An incident at one customer does not silence us to all others.

    While everybody looks at the fire, the other customers hear nothing. Judged are incidents that
    opened 14 to 42 days ago on an account that the person (or a rep of the team) owns; without an
    owner the account is that of its newest open deal, and anybody's where that has none. Fall = 1 −
    outreach to all other accounts in the 14 days after the day of the incident ÷ outreach in the four
    14-day blocks before, each a business day present; absence comes off where time records name it,
    and is weighed both ways where they do not say whose it was, how long, or whether it was one.
    Members of a team of whom no role is recorded, and reps of whom no team is, are weighed as reps of
    it and as none. Outreach is what we sent by hand: messages and calls marked outbound. A fall of
    40 % or more is a watch; of several incidents the greatest counts. Two weeks are little to go by: a
    season or a trade fair looks the same. For coaching, not for judging people.

    Needs incidents with account and first day, and activities with person, direction and account,
    recorded for 70 days around the incident, at least ten a block.
    """
    fall = d.interval("other_outreach_fall")
    said = (
        "incident at {judged_incident_account}; outreach to others: {outreach_words} "
        "(at least {other_outreach_fall_lo:share} fewer a business day){unsure_people_words}"
    )
    return Rules(
        applies=d.incident_to_judge,
        watch=fall >= drop,
        message={
            "watch": said,
            "pass": "incident at {judged_incident_account}; outreach to others: {outreach_words}"
            "{unsure_people_words}",
            "insufficient_data": "outreach to others: {outreach_words}; at least {outreach_min:count} "
            "in {outreach_block_days:days} needed before{unsure_people_words}",
        },
        actual=d.other_outreach_fall_lo,
        expected=below(drop, source=JUDGEMENT),
        evidence=[
            Cite("incidents", "opened_on", ids=d.judged_incident_ids),
            *cited(d, "outreach_words", "other_outreach_fall_lo", "other_outreach_fall_hi"),
        ],
    )
