"""Whether several of theirs sit together with us, and whether somebody keeps putting it off."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Fact,
    Inputs,
    Param,
    Rules,
    at_least,
    below,
    check,
    facts,
)
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    TALKS,
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.standins import (
    FROM_TITLES,
    FUNCTION,
    FUNCTION_WORDS,
    by_titles,
    functions,
)
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.words import clock, late_clock
from dealreview.plugins.words import counted as words_counted

PRACTICE = "a rule of thumb of practitioners"


@facts(
    "deal",
    *(
        Fact(
            f"{name}_{end}",
            "int",
            f"Held meetings with at least two buyer people of different functions{when}, as {side} "
            f"as may be{unknown}.",
            "meetings",
            requires=(*ARE_RECORDED, (FUNCTION, "contacts.job_title")),
            origin=FUNCTION if end == "lo" else "activities",
        )
        for name, when in (
            ("joint_meetings", " since the deal was created"),
            ("joint_meetings_recent", " in `joint_days`"),
        )
        for end, side, unknown in (
            ("lo", "few", ""),
            ("hi", "many", "; unknown unless activities are recorded for that time"),
        )
    ),
    Fact("joint_meeting_ids", "set", "The meetings that surely are."),
    Fact(
        "buyer_meetings", "int", "Meetings that may have been held, with their people.", "meetings"
    ),
    Fact("joint_days", "int", "The window of recent meetings.", "days"),
    Fact("buyer_meetings_told", "text", "Those meetings in words."),
    Fact(
        "functions_basis",
        "enum",
        "stated or titles: whether functions are recorded, or read from job titles for want of any.",
    ),
    Fact("functions_told", "text", "What a message adds where they are read from job titles."),
    reads=reads(contacts=("function", "job_title")),
    uses=(*USES, "created_on"),
    params={
        "joint_days": (
            60,
            Param("Days in which joint meetings are recent", ge=7, le=365, unit="days"),
        ),
        **FUNCTION_WORDS,
    },
)
def joint(inputs: Inputs) -> pl.DataFrame:
    """Count the meetings at which different sides of the customer sat together."""
    days = inputs.params["joint_days"]
    deals = with_facts(inputs).with_columns(
        since=clock(inputs, "activities") - pl.duration(days=days)
    )
    found = events(inputs, deals)
    met = (pl.col("kind") == "meeting") & pl.col("ours")
    found = found.with_columns(met=met & (pl.col("answered") | pl.col("status").is_null()))
    found = found.filter(pl.col("met").fill_null(value=True))
    each = _joint_meetings(inputs, found)
    recent = pl.col("on") >= pl.col("since")
    sure, maybe = pl.col("sure"), pl.col("maybe")
    counted = each.group_by("id").agg(
        joint_meetings_lo=sure.sum(),
        joint_meetings_hi=maybe.sum(),
        joint_meetings_recent_lo=(sure & recent).sum(),
        joint_meetings_recent_hi=(maybe & recent).sum(),
        joint_meeting_ids=pl.col("activity_id").filter(sure),
        buyer_meetings=pl.len(),
    )
    whole = inputs.feeds.reaches("activities", pl.col("created_on"), pl.col("day"))
    near = inputs.feeds.reaches("activities", pl.col("since"), pl.col("day"))
    numbers = [name for name in counted.columns if name not in {"id", "joint_meeting_ids"}]
    frame = deals.join(counted, on="id", how="left").with_columns(
        pl.col(numbers).fill_null(0).cast(pl.Int64)
    )
    titles = by_titles(inputs)
    return frame.select(
        "id",
        "joint_meetings_lo",
        "joint_meetings_recent_lo",
        "buyer_meetings",
        joint_meetings_hi=pl.when(whole).then("joint_meetings_hi"),
        joint_meetings_recent_hi=pl.when(near).then("joint_meetings_recent_hi"),
        joint_meeting_ids=pl.col("joint_meeting_ids").fill_null(
            pl.lit([], dtype=pl.List(pl.String))
        ),
        joint_days=pl.lit(days, dtype=pl.Int64),
        functions_basis=pl.lit("titles" if titles else "stated"),
        functions_told=pl.lit(FROM_TITLES if titles else ""),
        buyer_meetings_told=words_counted(
            pl.col("buyer_meetings"), pl.col("buyer_meetings"), "meeting", "meetings", "no meeting"
        ),
    )


def _joint_meetings(inputs: Inputs, found: pl.DataFrame) -> pl.DataFrame:
    """Return each meeting with their people, and whether it is joint: ``sure`` and ``maybe``."""
    people = with_people(inputs, found)
    people = people.join(functions(inputs), on="contact_id", how="left")
    there = pl.col("present") & pl.col("buyer")
    people = people.filter(there.fill_null(value=True))
    function, sure = pl.col("function"), pl.col("talked").fill_null(value=False)
    columns = ["id", "activity_id", "on", "since"]
    each = people.group_by(columns).agg(
        sure=function.filter(sure).drop_nulls().n_unique() >= 2,
        maybe=function.drop_nulls().n_unique() + function.is_null().sum() >= 2,
    )
    unnamed = nobody_named(found).select(
        *columns, sure=pl.lit(value=False), maybe=pl.lit(value=True)
    )
    return pl.concat([each, unnamed])


@check.columns(
    "consensus/joint-conversations",
    severity="minor",
    ask=["When will they discuss this without us, and what will they need?"],
    family="breadth",
    sources=[f"two in 60 days: {JUDGEMENT}"],
)
def joint_conversations(
    d: Columns,
    *,
    many: Annotated[
        int, Param("Recent joint meetings that are a strength", ge=1, le=20, unit="meetings")
    ] = 2,
) -> Rules:
    """Those who have to agree have sat at one table with us.

    A joint conversation is a held meeting that at least two of the customer's people of different
    functions attended (finance and production, say). From the proposal on, none ever is a watch; two
    in the last 60 days are a strength.

    Where no function is recorded of anybody, functions are read from job titles by a list of words
    in four languages (more under `[words.function]`), and the message says so; a title that no word
    or several fit says nothing.

    Needs held meetings with who attended them, the function or job title of contacts, and activities
    since the deal was created: where a meeting names nobody or a function is missing, it may have
    been joint.
    """
    ever, recent = d.interval("joint_meetings"), d.interval("joint_meetings_recent")
    return Rules(
        applies=d.proposal_reached,
        watch=ever <= 0,
        strength=recent >= many,
        message={
            "watch": "{buyer_meetings_told} with them, none with people of different functions"
            "{functions_told} at one table{engaged_as_of}",
            "pass": "people of different functions{functions_told} at one table in "
            "{joint_meetings_lo:count} of {buyer_meetings_told}{engaged_as_of}",
            "strength": "people of different functions{functions_told} at one table; meetings of that "
            "kind in {joint_days:days}: {joint_meetings_recent_lo:count}{engaged_as_of}",
            "insufficient_data": "people of different functions{functions_told} surely at one table "
            "in {joint_meetings_lo:count} of {buyer_meetings_told}{engaged_as_of}",
        },
        actual=d.joint_meetings_lo,
        expected={
            "watch": at_least(1, source=JUDGEMENT),
            "pass": at_least(1, source=JUDGEMENT),
            "strength": at_least(many, source=JUDGEMENT),
        },
        evidence=[
            Cite("activities", "at", ids=d.joint_meeting_ids),
            *cited(d, "joint_meetings_lo", "joint_meetings_hi", "joint_meetings_recent_lo"),
            *cited(d, "functions_basis"),
        ],
    )


@facts(
    "deal",
    *(
        Fact(
            f"{name}_{end}",
            "int",
            f"{meaning}, as {side} as may be.",
            unit,
            requires=(*ARE_RECORDED, "activities.status"),
            origin="activities.moved_by" if end == "lo" else "activities",
        )
        for name, meaning, unit in (
            ("appointments", "Meetings and calls with buyer people in `dodging_days`", "talks"),
            (
                "evasions",
                "Talks that one buyer person put off or missed since we last spoke, of the worst",
                "times",
            ),
        )
        for end, side in (("lo", "few"), ("hi", "many"))
    ),
    Fact("evasive_ids", "set", "Who put off most.", "people"),
    Fact("evasions_words", "text", "What they put off, in words."),
    Fact("dodging_days", "int", "The window that is looked at.", "days"),
    Fact("evasions_as_of", "text", "The last day recorded, in words, where activities are late."),
    reads=reads("moved_by"),
    uses=USES,
    params={
        "dodging_days": (
            21,
            Param("Days in which put-off talks are counted", ge=7, le=90, unit="days"),
        )
    },
)
def evasions(inputs: Inputs) -> pl.DataFrame:
    """Count who puts off talking with us."""
    days = inputs.params["dodging_days"]
    deals = with_facts(inputs).with_columns(
        since=pl.col("day") - pl.duration(days=days),
        evasions_as_of=late_clock(inputs, "activities"),
    )
    found = events(inputs, deals, pl.col("on").is_between("since", "day"))
    people = with_people(inputs, found.filter(pl.col("status").ne_missing("planned")))
    whole = inputs.feeds.reaches("activities", pl.col("since"), pl.col("day"))
    talk = pl.col("kind").is_in(TALKS)
    unnamed = nobody_named(found).filter(talk.fill_null(value=True))
    seen_all = whole & ~pl.col("id").is_in(unnamed["id"].implode())
    frame = deals.join(_appointments(people), on="id", how="left")
    frame = frame.join(_worst(people), on="id", how="left")
    count = {
        name: pl.col(name).fill_null(0).cast(pl.Int64)
        for name in ("appointments_lo", "appointments_hi", "evasions_lo", "evasions_hi")
    }
    return frame.select(
        "id",
        "evasions_as_of",
        **{k: pl.when(seen_all).then(v) if k.endswith("_hi") else v for k, v in count.items()},
        evasive_ids=pl.col("evasive_ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        evasions_words=pl.col("evasions_words").fill_null("nothing put off"),
        dodging_days=pl.lit(days, dtype=pl.Int64),
    )


def _appointments(people: pl.DataFrame) -> pl.DataFrame:
    with_them = pl.col("ours") & pl.col("buyer") & pl.col("kind").is_in(TALKS)
    once = people.with_columns(talk=with_them).filter(pl.col("talk").fill_null(value=True))
    event = pl.col("activity_id")
    return once.group_by("id").agg(
        appointments_lo=event.filter(pl.col("talk").fill_null(value=False)).n_unique(),
        appointments_hi=event.n_unique(),
    )


def _worst(people: pl.DataFrame) -> pl.DataFrame:
    """Return the least and the most that one person put off, and who surely put off most."""
    kind, status, them = pl.col("kind"), pl.col("status"), pl.col("moved_by") != "us"
    # Whether a meeting was held that somebody moved and nobody wrote a status of, nobody knows.
    unclear = (kind == "meeting") & status.is_null() & pl.col("moved_by").is_not_null()
    people = people.with_columns(talked=pl.when(~unclear | ~pl.col("talked")).then("talked"))
    moved = status.is_in(["postponed", "cancelled"]) & (pl.col("moved_by") == "buyer")
    missed = (status == "no_show") & them.fill_null(value=True)
    rung = (status == "unanswered") & (pl.col("direction") != "inbound").fill_null(value=True)
    put_off = ((kind == "meeting") & (moved | missed)) | ((kind == "call") & rung)
    with_them = pl.col("ours") & pl.col("buyer")
    talked, at = pl.col("talked"), pl.col("at")
    last = people.group_by("id", "contact_id").agg(
        surely_spoke=at.filter(talked).max(),
        maybe_spoke=at.filter(talked.fill_null(value=True)).max(),
    )
    rows = people.with_columns(put_off=with_them & put_off & pl.lit(value=True)).filter(
        pl.col("put_off").fill_null(value=True)
    )
    rows = rows.join(last, on=["id", "contact_id"])
    sure = pl.col("put_off").fill_null(value=False)
    least = sure & (pl.col("maybe_spoke").is_null() | (at > pl.col("maybe_spoke")))
    most = pl.col("surely_spoke").is_null() | (at > pl.col("surely_spoke"))
    each = rows.group_by("id", "contact_id").agg(
        evasions_lo=pl.col("activity_id").filter(least).n_unique(),
        evasions_hi=pl.col("activity_id").filter(most).n_unique(),
        moved=pl.col("activity_id").filter(least & (kind == "meeting")).n_unique(),
        rung=pl.col("activity_id").filter(least & (kind == "call")).n_unique(),
    )
    each = each.sort("id", "evasions_lo", "contact_id", descending=[False, True, False])
    return each.group_by("id", maintain_order=True).agg(
        pl.col("evasions_lo").max(),
        pl.col("evasions_hi").max(),
        evasive_ids=pl.col("contact_id").filter(pl.col("evasions_lo") > 0).head(1),
        evasions_words=_put_off_in_words(pl.col("moved").first(), pl.col("rung").first()),
    )


def _put_off_in_words(moved: pl.Expr, rung: pl.Expr) -> pl.Expr:
    meetings = words_counted(
        moved, moved, "meeting put off or missed", "meetings put off or missed"
    )
    calls = words_counted(rung, rung, "call not taken", "calls not taken")
    both = pl.when(moved > 0).then(pl.format("{}, {}", meetings, calls))
    return both.when(rung > 0).then(calls)


@check.columns(
    "consensus/dodging",
    severity="minor",
    ask=["What might be hard for them to say?"],
    family="silence",
    sources=[f"three in three weeks: {PRACTICE}"],
)
def dodging(
    d: Columns,
    *,
    many: Annotated[
        int, Param("Watch from this many put-off talks", ge=2, le=20, unit="times")
    ] = 3,
) -> Rules:
    """Nobody on the customer's side keeps putting off the talk.

    Somebody who moves the meeting, misses it and does not pick up has something that is hard to say.
    Counted are, for each person in the last 21 days and since we last spoke with them: meetings that
    they put off, called off or did not come to, and calls of ours that they did not take. Three of
    one person are a watch. Unanswered mails do not count here.

    Needs the status of meetings and calls, who moved them, and who was to take part. A snoozed deal
    is left alone; of a snooze that does not count the message says so.
    """
    n = d.interval("evasions")
    said = "{evasions_words} in {dodging_days:days}{evasions_as_of}{snooze_note}"
    return Rules(
        applies=d.is_open & ~d.is_snoozed & (d.interval("appointments") >= 1),
        watch=n >= many,
        message={
            "watch": f"{{evasive_ids:people}}: {said}",
            "pass": f"most by one person: {said}",
            "insufficient_data": f"most by one person, as far as seen: {said}",
        },
        actual=d.evasions_lo,
        expected=below(many, source=PRACTICE),
        evidence=[
            Cite("contacts", "name", ids=d.evasive_ids),
            *cited(d, "evasions_lo", "evasions_hi"),
        ],
    )
