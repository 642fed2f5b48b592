"""Facts that every pack reads: where a deal stands, whose it is, and who people are."""

from __future__ import annotations

import polars as pl

from dealreview import Fact, Inputs, Param, facts
from dealreview.plugins.prices import PRICED, priced
from dealreview.plugins.subjects import with_deals, with_own_row
from dealreview.plugins.teams import without_team
from dealreview.plugins.words import counted

SALES_ROLES = ("rep",)
"""Roles whose working time is meant for selling."""


@facts(
    "deal",
    Fact(
        "is_open",
        "bool",
        "The stage is open; where nobody said what the stage is, the deal has no closing day; unknown "
        "where closing days are recorded nowhere.",
        origin="stages.kind",
    ),
    Fact(
        "is_won",
        "bool",
        "The stage is won; unknown of a closed deal whose stage is not mapped.",
        origin="stages.kind",
    ),
    Fact(
        "is_lost",
        "bool",
        "The stage is lost; unknown of a closed deal whose stage is not mapped.",
        origin="stages.kind",
    ),
    Fact(
        "milestone",
        "int",
        "1 qualifying to 6 closing, of the present stage; unknown while the stage is not mapped.",
        origin="stages.milestone",
    ),
    Fact("stage_name", "text", "Name of the present stage.", origin="stages.name"),
    Fact("pipeline_id", "text", "Pipeline of the present stage, else 'default'."),
    Fact(
        "quote_out",
        "bool",
        "A first quote is dated on or before the day; unknown where it has an amount and no day.",
        origin="deals.first_quote_on",
    ),
    Fact(
        "evaluation_or_later",
        "bool",
        "Open and milestone 3 or more; unknown with the milestone.",
        origin="stages.milestone",
    ),
    Fact(
        "proposal_reached",
        "bool",
        "Open, and milestone 4 or more or a quote is out; unknown with the milestone and no quote.",
        origin="stages.milestone",
    ),
    reads={
        "deals": ("deal_id", "stage_id", "closed_on", "first_quote_on", "first_quote_minor"),
        "stages": ("stage_id", "pipeline_id", "name", "kind", "milestone"),
    },
)
def stage(inputs: Inputs) -> pl.DataFrame:
    """Read each deal's place in its pipeline from its stage; the closing day helps where it is unknown."""
    frame = with_deals(inputs).join(inputs.table("stages"), on="stage_id", how="left")
    closed, kind = pl.col("closed_on") <= pl.col("day"), pl.col("kind")
    # A closing day ahead of the day that counts means that a final stage is later knowledge.
    was_open = (kind == "open") | (pl.col("closed_on") > pl.col("day"))
    # A stage that nobody mapped hides no deal: a recorded closing day says whether it is open.
    by_day = pl.lit(inputs.feeds.is_recorded("deals.closed_on")) & pl.col("closed_on").is_null()
    final = kind.is_in(["won", "lost", "closed"]).fill_null(value=False)
    # Of a kind "closed" nobody knows whether it was won: neither won nor lost is said of it.
    result = pl.when(kind != "closed").then(kind)
    # An amount was quoted some day; without one, a day that is empty has not come.
    no_quote = pl.when(pl.col("first_quote_minor").is_null()).then(statement=False)
    frame = frame.with_columns(
        is_open=pl.when(kind.is_not_null())
        .then(was_open.fill_null(value=False))
        .when(closed)
        .then(statement=False)
        .when(by_day)
        .then(statement=True),
        milestone=pl.when(~final).then(pl.col("milestone").cast(pl.Int64)),
        quote_out=(pl.col("first_quote_on") <= pl.col("day")).fill_null(no_quote),
    )
    milestone, is_open = pl.col("milestone"), pl.col("is_open")
    return frame.select(
        "id",
        "is_open",
        (~is_open & (result == "won")).alias("is_won"),
        (~is_open & (result == "lost")).alias("is_lost"),
        "milestone",
        pl.col("name").alias("stage_name"),
        pl.col("pipeline_id").fill_null("default"),
        "quote_out",
        (is_open & (milestone >= 3)).alias("evaluation_or_later"),
        (is_open & ((milestone >= 4) | pl.col("quote_out"))).alias("proposal_reached"),
    )


@facts(
    "deal",
    Fact(
        "proposal_on",
        "date",
        "The earlier of the first quote and the first entry into milestone 4 or more; unknown "
        "where the "
        "history of stages is recorded but does not reach back to the deal's creation.",
    ),
    reads={
        "deals": ("deal_id", "stage_id", "created_on", "first_quote_on"),
        "stages": ("stage_id", "milestone"),
        "deal_changes": ("deal_id", "field", "old_value", "new_value", "changed_at"),
    },
)
def proposal(inputs: Inputs) -> pl.DataFrame:
    """Date the proposal from the first quote and from the history of stages."""
    late = (
        inputs.table("stages")
        .filter(pl.col("milestone").cast(pl.Int64) >= 4)
        .get_column("stage_id")
    )
    moves = inputs.table("deal_changes").filter(pl.col("field") == "stage_id")
    moves = moves.with_columns(on=inputs.local_day(pl.col("changed_at"))).sort(
        "deal_id", "changed_at"
    )
    entered = moves.group_by("deal_id").agg(
        entered=pl.col("on").filter(pl.col("new_value").is_in(late.implode())).min(),
        began_in=pl.col("old_value").first(),
    )
    frame = with_deals(inputs).join(entered, left_on="id", right_on="deal_id", how="left")
    history = inputs.feeds.is_recorded("deal_changes")
    known = (
        inputs.feeds.reaches("deal_changes", pl.col("created_on"), pl.col("day"))
        if history
        else pl.lit(value=True)
    )
    began_late = pl.coalesce("began_in", "stage_id").is_in(late.implode()) & history
    at_start = pl.when(began_late).then(pl.col("created_on"))
    quoted = pl.when(pl.col("first_quote_on") <= pl.col("day")).then(pl.col("first_quote_on"))
    return frame.select(
        "id", proposal_on=pl.when(known).then(pl.min_horizontal(quoted, "entered", at_start))
    )


_SEGMENT = (
    Fact(
        "segment",
        "text",
        "Segment of the account; 'all' where no account has one, unknown where others have.",
        origin="accounts.segment",
    ),
    Fact(
        "segment_told",
        "bool",
        "Never false: unknown where the account's segment is.",
        origin="accounts.segment",
    ),
)


def _segment(inputs: Inputs) -> tuple[pl.Expr, pl.Expr]:
    """Return segment and whether it is known: one for all is right only where nobody has any."""
    segment = pl.col("segment")
    if not inputs.feeds.is_recorded("accounts.segment"):
        segment = segment.fill_null("all")
    return segment, pl.when(segment.is_not_null()).then(statement=True).alias("segment_told")


@facts(
    "deal",
    Fact("account_id", "text", "The customer.", origin="deals.account_id"),
    Fact("owner_id", "text", "The owner, as of the day.", origin="deals.owner_id"),
    Fact("created_on", "date", "Day of creation.", origin="deals.created_on"),
    Fact(
        "closed_on", "date", "Closing day; none while the deal is open.", origin="deals.closed_on"
    ),
    Fact(
        "expected_close_on",
        "date",
        "Expected close; a date further ahead than `max_ahead_days` counts as empty.",
        requires=("deals.expected_close_on",),
        origin="deals.expected_close_on",
    ),
    reads={
        "deals": (
            "deal_id",
            "account_id",
            "owner_id",
            "created_on",
            "closed_on",
            "expected_close_on",
        ),
    },
    params={
        "max_ahead_days": (
            1095,
            Param("A close date further ahead counts as empty", ge=30, le=36500, unit="days"),
        )
    },
)
def attributes(inputs: Inputs) -> pl.DataFrame:
    """Read the plain attributes of deals."""
    expected, closed = pl.col("expected_close_on"), pl.col("closed_on")
    sensible = (expected - pl.col("day")).dt.total_days() <= inputs.params["max_ahead_days"]
    return with_deals(inputs).select(
        "id",
        "account_id",
        "owner_id",
        "created_on",
        pl.when(closed <= pl.col("day")).then(closed).alias("closed_on"),
        pl.when(sensible).then(expected).alias("expected_close_on"),
    )


@facts(
    "deal",
    *_SEGMENT,
    reads={"deals": ("deal_id", "account_id"), "accounts": ("account_id", "segment")},
)
def segment(inputs: Inputs) -> pl.DataFrame:
    """Read the segments of the accounts of deals."""
    frame = with_deals(inputs).join(inputs.table("accounts"), on="account_id", how="left")
    return frame.select("id", *_segment(inputs))


@facts(
    "deal",
    Fact(
        "deal_currency",
        "text",
        "Currency of the deal; the reporting currency where no deal names one.",
        origin="deals.currency",
    ),
    reads={"deals": ("deal_id", "currency")},
)
def currency(inputs: Inputs) -> pl.DataFrame:
    """Read the currencies of deals, which amounts of every review are in."""
    stated = pl.col("currency")
    if not inputs.feeds.is_recorded("deals.currency"):
        stated = stated.fill_null(inputs.currency)
    return with_deals(inputs).select("id", deal_currency=stated)


@facts(
    "deal",
    Fact(
        "is_snoozed",
        "bool",
        "Whether somebody wrote down, with a reason, that the deal is rightly quiet until a day that "
        "is not over and at most `max_snooze_days` ahead.",
        origin="deals.snoozed_until",
    ),
    Fact(
        "snooze_ignored",
        "text",
        "What is wrong with a snooze that does not count; nothing where none is wrong.",
    ),
    Fact("snooze_note", "text", "What a message adds about such a snooze, else nothing."),
    reads={"deals": ("deal_id", "snoozed_until", "snooze_reason")},
    params={
        "max_snooze_days": (
            90,
            Param("A snooze further ahead does not count", ge=0, le=180, unit="days"),
        )
    },
)
def snooze(inputs: Inputs) -> pl.DataFrame:
    """Read until when a deal is rightly quiet."""
    until, most = pl.col("snoozed_until"), inputs.params["max_snooze_days"]
    ahead = (until - pl.col("day")).dt.total_days()
    stated = (ahead >= 0).fill_null(value=False)
    reasoned = (pl.col("snooze_reason").str.strip_chars() != "").fill_null(value=False)
    wrong = (
        pl.when(stated & ~reasoned)
        .then(pl.lit("the snooze has no reason and does not count"))
        .when(stated & (ahead > most))
        .then(pl.lit(f"the snooze reaches more than {most} d ahead and does not count"))
    )
    return with_deals(inputs).select(
        "id",
        is_snoozed=stated & reasoned & (ahead <= most).fill_null(value=False),
        snooze_ignored=wrong,
        snooze_note=pl.format("; {}", wrong).fill_null(""),
    )


@facts(
    "deal",
    Fact(
        "amount", "money", "The deal's amount, else the pocket price of its lines.", "deal currency"
    ),
    Fact(
        "amount_reporting",
        "money",
        "The amount in reporting currency at the day's rate; unknown without a rate near the day.",
        "reporting currency",
    ),
    reads=PRICED,
    uses=("deal_currency",),
)
def amount(inputs: Inputs) -> pl.DataFrame:
    """Read what a deal is worth."""
    # Facts stand in the order of the subjects.
    frame = with_deals(inputs).with_columns(inputs.facts()["deal_currency"], amount="amount_minor")
    # Every review asks for amounts, and hardly any deal is without its own: prices are for those only.
    without = frame.filter(pl.col("amount").is_null())
    if without.height:
        pocket = priced(inputs, without).select("id", "pocket_price")
        frame = frame.join(pocket, on="id", how="left").with_columns(
            amount=pl.coalesce("amount", "pocket_price")
        )
    converted = inputs.to_reporting(frame, "amount", "deal_currency", "day")
    return frame.select("id", "amount").with_columns(converted.alias("amount_reporting"))


@facts(
    "account",
    Fact("account_name", "text", "Name of the account.", origin="accounts.name"),
    *_SEGMENT,
    Fact(
        "is_key",
        "bool",
        "The account is run as a key account.",
        requires=("accounts.is_key",),
        origin="accounts.is_key",
    ),
    reads={"accounts": ("account_id", "name", "segment", "is_key")},
)
def account(inputs: Inputs) -> pl.DataFrame:
    """Read the plain attributes of accounts."""
    frame = with_own_row(inputs.subjects(), inputs.table("accounts"), "account_id")
    return frame.select("id", pl.col("name").alias("account_name"), *_segment(inputs), "is_key")


@facts(
    "rep",
    Fact("person_role", "enum", "Role, else 'rep' for an owner of deals.", origin="people.role"),
    Fact("team_id", "text", "Team of the person.", origin="people.team_id"),
    Fact(
        "sales_role",
        "bool",
        "The person's working time is meant for selling; unknown with the role.",
        origin="people.role",
    ),
    Fact("unsure_people_words", "text", "Nothing: a person has no members. See that of a team."),
    step="organisation",
    reads={"people": ("person_id", "role", "team_id")},
    uses=("deal.owner_id",),
)
def person(inputs: Inputs) -> pl.DataFrame:
    """Read who a person is."""
    owners = inputs.facts("deal").get_column("owner_id").unique()
    owns = pl.when(pl.col("id").is_in(owners.implode())).then(pl.lit("rep"))
    frame = with_own_row(inputs.subjects(), inputs.table("people"), "person_id")
    frame = frame.with_columns(person_role=pl.coalesce("role", owns))
    return frame.select(
        "id",
        "person_role",
        "team_id",
        sales_role=pl.col("person_role").is_in(SALES_ROLES),
        unsure_people_words=pl.lit(""),
    )


@facts(
    "team",
    Fact(
        "sales_role",
        "bool",
        "At least one rep belongs to the team; unknown where only people without a role or a team may be "
        "one.",
        requires=("people.team_id",),
        origin="people.role",
    ),
    Fact(
        "sales_people",
        "set",
        "The team's reps, with those who own deals and have no role.",
        requires=("people.team_id",),
    ),
    Fact(
        "unsure_people",
        "set",
        "Members without a role, where roles are recorded of others, and reps without a team, where teams "
        "are: what is added up over the reps of the team is judged with and without each of them.",
        requires=("people.team_id",),
        origin="people.role",
    ),
    Fact(
        "unsure_people_words",
        "text",
        "How many members have no role, and how many people no team, in words; else nothing.",
    ),
    step="organisation",
    reads={"people": ("person_id", "role", "team_id", "started_on", "left_on")},
    uses=("rep.team_id", "rep.sales_role"),
)
def team(inputs: Inputs) -> pl.DataFrame:
    """Read who sells in a team, and of whom nobody said whether they do, or where."""
    reps = inputs.facts("rep").filter(pl.col("sales_role"))
    members = reps.group_by("team_id").agg(sales_people=pl.col("id").sort())
    nameless = _without_role(inputs).select("person_id", "team_id")
    strays = pl.concat([reps.select("id"), nameless.select(id="person_id")]).unique()
    strays = strays.join(without_team(inputs), left_on="id", right_on="person_id", how="semi")
    unsure = nameless.group_by("team_id").agg(nameless=pl.col("person_id"))
    frame = inputs.subjects().select("id")
    for found in (members, unsure):
        frame = frame.join(found, left_on="id", right_on="team_id", how="left")
    nobody = pl.lit([], dtype=pl.List(pl.String))
    loose = pl.lit(strays["id"].sort().implode())
    perhaps = pl.concat_list(pl.col("nameless").fill_null(nobody), loose).list.sort()
    sure = pl.col("sales_people").list.set_difference(perhaps).list.len().fill_null(0)
    none = perhaps.list.len() == 0
    return frame.select(
        "id",
        "sales_people",
        sales_role=pl.when(sure > 0).then(statement=True).when(none).then(statement=False),
        unsure_people=pl.when(~none).then(perhaps),
        unsure_people_words=_unsure_words(pl.col("nameless").list.len(), strays.height),
    )


def _unsure_words(nameless: pl.Expr, strays: int) -> pl.Expr:
    """Return ``; 1 member without a role may sell or not; 1 person without a team may sell in it or not``."""
    members = counted(nameless, nameless, "member without a role", "members without a role")
    number = pl.lit(strays)
    people = counted(number, number, "person without a team", "people without a team")
    return pl.concat_str(
        pl.format("; {} may sell or not", members).fill_null(""),
        pl.format("; {} may sell in it or not", people) if strays else pl.lit(""),
    )


def _without_role(inputs: Inputs) -> pl.DataFrame:
    """Return who is with us and has no role; nobody where roles are recorded nowhere."""
    people = inputs.table("people").filter(pl.lit(inputs.feeds.is_recorded("people.role")))
    day = pl.lit(inputs.as_of, dtype=pl.Date)
    here = (pl.col("left_on") > day).fill_null(value=True)
    begun = (pl.col("started_on") <= day).fill_null(value=True)
    return people.filter(pl.col("role").is_null() & here & begun)
