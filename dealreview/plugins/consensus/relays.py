"""Whom the people we talk with say that they wait for, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, below, check, facts
from dealreview.plugins.consensus.holders import READS, in_words
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.standins import FUNCTION_WORDS, by_titles, functions
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.words import clock, late_clock
from dealreview.plugins.words import counted as words_counted

if TYPE_CHECKING:
    from collections.abc import Mapping

WAITED_FOR: Mapping[str, tuple[str, ...]] = {
    "superior": ("decision_maker", "approver", "executive"),
    "budget": ("approver", "finance"),
    "legal": ("legal",),
    "purchasing": ("purchasing",),
}
"""Roles and functions of the person waited for; of other reasons nobody in particular."""

SPOKEN: Mapping[str, str] = {
    "superior": "a superior",
    "budget": "the budget",
    "absent_colleague": "an absent colleague",
    "other_priority": "another priority to end",
}
"""What they wait for, as people say it; the others say it themselves."""

PAIR = ["id", "contact_id", "relay_reason"]
PRACTICE = "a rule of thumb of practitioners: two months"


@facts(
    "deal",
    Fact(
        "relays_lo",
        "int",
        "Conversations in which somebody of theirs waited for somebody else.",
        "mentions",
        requires=("activities.relay_reason",),
        origin="activities.relay_reason",
    ),
    Fact(
        "relays_hi",
        "int",
        "The same with those that may belong to the deal.",
        "mentions",
        requires=("activities.relay_reason",),
        origin="activities.relay_reason",
    ),
    *(
        Fact(
            f"relay_{name}_{end}",
            "int",
            f"{meaning} as {side} as may be.",
            unit,
            requires=("activities.relay_reason", *ARE_RECORDED),
            origin="activities",
        )
        for name, meaning, unit in (
            (
                "mentions",
                "Most mentions of one reason by one person since what they wait for last moved,",
                "mentions",
            ),
            (
                "run_days",
                "Longest time since the first of at least two such mentions, 0 without two,",
                "days",
            ),
        )
        for end, side in (("lo", "few"), ("hi", "many"))
    ),
    Fact("relay_ids", "set", "Who waits longest.", "people"),
    Fact("relay_words", "text", "For what, how often and for how long, in words."),
    Fact("relay_as_of", "text", "The last day recorded, in words, where activities are late."),
    reads=reads(
        "relay_reason",
        contacts=("function", "job_title"),
        commitments=("deal_id", "side", "contact_id", "done_on"),
        **READS,
    ),
    uses=(*USES, "created_on"),
    params=FUNCTION_WORDS,
)
def relays(inputs: Inputs) -> pl.DataFrame:
    """Follow how long somebody has been waiting for somebody else."""
    deals = with_facts(inputs).with_columns(read_on=clock(inputs, "activities"))
    found = events(inputs, deals)
    told = found.filter(
        pl.col("relay_reason").is_not_null() & pl.col("status").ne_missing("planned")
    )
    concerned = deals.join(told.select("id").unique(), on="id", how="semi")
    people = with_people(inputs, found.join(concerned, on="id", how="semi"))
    mentions = _mentions(told, people)
    resets = pl.concat([_done(inputs, mentions), _met(inputs, mentions, people)])
    pairs = _runs(mentions, resets)
    worst = pairs.sort(
        "id", "run_lo", "n_lo", *PAIR[1:], descending=[False, True, True, False, False]
    )
    counted = worst.group_by("id", maintain_order=True).agg(
        relay_mentions_lo=pl.col("n_lo").max(),
        relay_mentions_hi=pl.col("n_hi").max(),
        relay_run_days_lo=pl.col("run_lo").max(),
        relay_run_days_hi=pl.col("run_hi").max(),
        relay_ids=pl.col("contact_id").filter(pl.col("n_lo") > 0).head(1),
        relay_words=pl.col("words").first(),
    )
    all_told = told.group_by("id").agg(
        relays_lo=pl.col("ours").fill_null(value=False).sum(), relays_hi=pl.len()
    )
    return _complete(inputs, deals, counted.join(all_told, on="id", how="full", coalesce=True))


def _complete(inputs: Inputs, deals: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """Give every deal its numbers; how many there may be is known for recorded times only."""
    frame = deals.join(counted, on="id", how="left")
    numbers = [c for c in counted.columns if c.endswith(("_lo", "_hi"))]
    whole = inputs.feeds.reaches("activities", pl.col("created_on"), pl.col("day"))
    frame = frame.with_columns(pl.col(numbers).fill_null(0).cast(pl.Int64))
    most = ("relay_mentions_hi", "relay_run_days_hi")
    return frame.select(
        "id",
        *(name for name in numbers if name not in most),
        *(pl.when(whole).then(name).alias(name) for name in most),
        relay_ids=pl.col("relay_ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        relay_words=pl.concat_str(
            pl.col("relay_words").fill_null("no wait that surely counts"),
            pl.lit("; functions read from job titles" if by_titles(inputs) else ""),
        ),
        relay_as_of=late_clock(inputs, "activities"),
    )


def _mentions(told: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return who mentioned which reason when: the pair, ``on``, ``read_on``, ``activity_id``, ``sure``.

    What names nobody may have been said by any of those who gave that reason.
    """
    columns = [*PAIR, "activity_id", "on", "read_on", "day", "sure"]
    said = people.join(told.select("id", "activity_id"), on=["id", "activity_id"], how="semi")
    said = said.with_columns(sure=pl.col("ours") & pl.col("buyer"))
    said = said.filter(pl.col("sure").fill_null(value=True))
    unnamed = nobody_named(told).with_columns(sure=pl.lit(None, dtype=pl.Boolean))
    whoever = said.select(PAIR).unique()
    perhaps = unnamed.join(whoever, on=["id", "relay_reason"], how="left")
    perhaps = perhaps.with_columns(pl.col("contact_id").fill_null(""))
    return pl.concat([said.select(columns), perhaps.select(columns)])


def _done(inputs: Inputs, mentions: pl.DataFrame) -> pl.DataFrame:
    """Return when an ask to who waits was done: the pair, ``reset_on``, ``surely``."""
    asks = inputs.table("commitments").drop_nulls("done_on").rename({"deal_id": "id"})
    asks = asks.filter(pl.col("side").ne_missing("us")).rename({"contact_id": "asked_id"})
    pairs = mentions.select(PAIR).unique().join(asks, on="id")
    same = pl.col("asked_id") == pl.col("contact_id")
    surely = same & (pl.col("side") == "buyer")
    return (
        pairs.with_columns(surely=surely)
        .filter(pl.col("surely").fill_null(value=True))
        .select(*PAIR, "surely", reset_on="done_on")
    )


def _met(inputs: Inputs, mentions: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return when the person waited for was met: the pair, ``reset_on``, ``surely``.

    Somebody whose role and function nobody wrote down may be that person, where these are recorded.
    """
    waited = pl.DataFrame(
        [(reason, who) for reason, names in WAITED_FOR.items() for who in names],
        schema={"relay_reason": pl.String, "who": pl.String},
        orient="row",
    )
    roles = inputs.table("stakeholder_roles").select(
        pl.col("deal_id").alias("id"), "contact_id", who="role"
    )
    works_in = functions(inputs).select("contact_id", who="function").drop_nulls()
    met = people.filter(pl.col("talked").fill_null(value=True)).select(
        "id", "on", "talked", met_id="contact_id"
    )
    known = pl.concat(
        [
            met.join(roles.rename({"contact_id": "met_id"}), on=["id", "met_id"]),
            met.join(works_in.rename({"contact_id": "met_id"}), on="met_id"),
        ]
    )
    unknown = met.join(known.select("id", "met_id").unique(), on=["id", "met_id"], how="anti")
    kept = any(map(inputs.feeds.is_recorded, ("stakeholder_roles", "contacts.function")))
    unknown = unknown.filter(pl.lit(kept)).join(waited.select("relay_reason").unique(), how="cross")
    columns = ["id", "relay_reason", "met_id", "on", "surely"]
    both = pl.concat(
        [
            known.join(waited, on="who").with_columns(surely="talked").select(columns),
            unknown.with_columns(surely=pl.lit(None, dtype=pl.Boolean)).select(columns),
        ]
    )
    pairs = mentions.select(PAIR).unique().join(both, on=["id", "relay_reason"])
    others = pairs.filter(pl.col("met_id") != pl.col("contact_id"))
    return others.select(*PAIR, "surely", reset_on="on")


def _runs(mentions: pl.DataFrame, resets: pl.DataFrame) -> pl.DataFrame:
    """Return mentions and days of each pair, at their least and most, and the least in words."""
    last = resets.group_by(PAIR).agg(
        surely_reset=pl.col("reset_on").filter(pl.col("surely").fill_null(value=False)).max(),
        maybe_reset=pl.col("reset_on").max(),
    )
    rows = mentions.join(last, on=PAIR, how="left")
    on = pl.col("on")
    sure = pl.col("sure").fill_null(value=False)
    least = sure & (pl.col("maybe_reset").is_null() | (on > pl.col("maybe_reset")))
    most = pl.col("surely_reset").is_null() | (on > pl.col("surely_reset"))
    counted = rows.group_by(PAIR).agg(
        n_lo=pl.col("activity_id").filter(least).n_unique(),
        n_hi=pl.col("activity_id").filter(most).n_unique(),
        first_lo=on.filter(least).min(),
        first_hi=on.filter(most).min(),
        read_on=pl.col("read_on").first(),
        day=pl.col("day").first(),
    )
    days = {
        f"run_{end}": pl.when(pl.col(f"n_{end}") >= 2)
        .then((pl.col(until) - pl.col(f"first_{end}")).dt.total_days())
        .otherwise(0)
        for end, until in (("lo", "read_on"), ("hi", "day"))
    }
    since = (pl.col("read_on") - pl.col("first_lo")).dt.total_days()
    reason = pl.col("relay_reason").replace_strict(
        SPOKEN, default=in_words(pl.col("relay_reason")), return_dtype=pl.String
    )
    said = words_counted(pl.col("n_lo"), pl.col("n_lo"), "time", "times")
    words = pl.format("waiting for {}, said {} in {} d", reason, said, since)
    return counted.with_columns(**days, words=pl.when(pl.col("n_lo") > 0).then(words))


@check.columns(
    "consensus/waiting-for-the-boss",
    severity="minor",
    ask=["What would make raising this easy for them?"],
    family="stuck contact",
    sources=[f"eight weeks: {PRACTICE}", f"three mentions, four weeks: {JUDGEMENT}"],
)
def waiting_for_the_boss(
    d: Columns,
    *,
    times: Annotated[int, Param("Watch from this many mentions", ge=2, le=20, unit="mentions")] = 3,
    weeks: Annotated[
        int,
        Param("Watch from this many weeks", ge=1, le=52, unit="weeks", at_most="long_weeks"),
    ] = 4,
    long_weeks: Annotated[int, Param("Risk from this many weeks", ge=1, le=52, unit="weeks")] = 8,
) -> Rules:
    """Nobody waits for a colleague for months.

    "My boss has not looked at it yet", said twice over eight weeks, is an answer. Looked at are
    conversations with a reason to wait written down. Of one person and one reason, at least two
    mentions: three of them or four weeks since the first are a watch, eight weeks a risk. The count
    begins anew when something that this person was asked for is done, or when the person waited for
    was met (for a superior the decision maker, an approver or an executive; for the budget an
    approver or finance; for legal and purchasing somebody of theirs). Where no function is recorded
    of anybody, those are known by their job titles too, and the message says so.

    Needs the reasons on activities (`relay_reason`), who took part, and activities since the deal
    was created. A snoozed deal is left alone; of a snooze that does not count the message says so.
    """
    mentions, run = d.interval("relay_mentions"), d.interval("relay_run_days")
    said, noted = "{relay_ids:people}: {relay_words}", "{relay_as_of}{snooze_note}"
    return Rules(
        applies=d.is_open & ~d.is_snoozed & (d.interval("relays") >= 1),
        risk=run >= 7 * long_weeks,
        watch=(mentions >= times) | (run >= 7 * weeks),
        message={
            "risk": said + "; {long_weeks:count} weeks or more are a risk" + noted,
            "watch": said
            + "; fewer than {times:count} times and {weeks:count} weeks expected"
            + noted,
            **dict.fromkeys(("pass", "insufficient_data"), said + noted),
        },
        actual=d.relay_run_days_lo,
        expected={"risk": below(7 * long_weeks, source="a rule of thumb of practitioners")},
        evidence=[
            Cite("contacts", "name", ids=d.relay_ids),
            *cited(d, "relay_mentions_lo", "relay_run_days_lo"),
        ],
    )
