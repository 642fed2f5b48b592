"""What a deal is worth, whose it is, and what nobody wrote down about it."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Exposure,
    Fact,
    Inputs,
    Limit,
    Param,
    Rules,
    below,
    check,
    facts,
)
from dealreview.plugins.changes import READS, daily, history_known, steps, undated
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.exchange import in_deal_currency
from dealreview.plugins.subjects import with_deals, with_facts, with_own_row
from dealreview.plugins.words import counted, late_clock, share_told, spoken


@facts(
    "deal",
    Fact(
        "first_quote_amount",
        "money",
        "The amount of the first quote; where it is recorded of no deal, the deal's amount on that day "
        "by its history. One in another currency is turned into the deal's at the day's rates.",
        "deal currency",
        requires=("deals.first_quote_on", ("deals.first_quote_minor", "deal_changes.amount_minor")),
        origin="deals.first_quote_minor",
    ),
    Fact(
        "amount_fall",
        "real",
        "1 − amount ÷ first quoted amount, both in one currency; negative where it rose.",
        "share",
        requires=("deals.first_quote_on", ("deals.first_quote_minor", "deal_changes.amount_minor")),
        origin="deals.first_quote_minor",
    ),
    Fact("amount_fall_told", "text", "That share in words."),
    Fact("amount_fell_by", "money", "First quoted amount − amount.", "deal currency"),
    Fact("first_quoted_on", "date", "Day of the first quote.", origin="deals.first_quote_on"),
    reads={
        "deals": (
            "deal_id",
            "first_quote_on",
            "first_quote_minor",
            "amount_minor",
            "currency",
            "created_on",
        ),
        "deal_changes": READS,
    },
    uses=("amount", "deal_currency"),
)
def fallen(inputs: Inputs) -> pl.DataFrame:
    """Hold the amount against that of the first quote."""
    deals = with_facts(inputs).rename({"id": "deal_id"})
    deals = with_own_row(deals, inputs.table("deals"), on="deal_id")
    then = _at_quote(inputs, deals, "amount_minor").cast({"then": pl.Int64}, strict=False)
    money = _at_quote(inputs, deals, "currency").rename({"then": "quote_currency"})
    deals = deals.join(then, on="deal_id").join(money, on="deal_id")
    # An empty cell is a gap where others fill it: what the CRM held then may be less than was quoted.
    stated = inputs.feeds.is_recorded("deals.first_quote_minor")
    deals = deals.with_columns(
        first=pl.col("first_quote_minor" if stated else "then"),
        quote_currency=pl.coalesce("quote_currency", "deal_currency"),
    )
    deals = in_deal_currency(inputs, deals, "first", "quote_currency")
    now, quoted = pl.col("amount"), pl.col("first")
    fall = pl.when(quoted > 0).then(1 - now / quoted)
    return deals.select(
        pl.col("deal_id").alias("id"),
        pl.col("first_quote_on").alias("first_quoted_on"),
        first_quote_amount="first",
        amount_fall=fall,
        amount_fall_told=share_told(fall),
        amount_fell_by=quoted - now,
    )


def _at_quote(inputs: Inputs, deals: pl.DataFrame, field: str) -> pl.DataFrame:
    """Return ``then``: an attribute as it was at the end of the day of the first quote, as text.

    It is unknown where the history is not complete since that day.
    """
    quoted = deals.select("deal_id", "day", "first_quote_on", _now=pl.col(field).cast(pl.String))
    moves = steps(inputs, field)
    unsure = undated(moves).get_column("deal_id").unique().implode()
    moves = moves.join(quoted.select("deal_id", "first_quote_on"), on="deal_id")
    later = moves.filter(pl.col("on") > pl.col("first_quote_on")).group_by(
        "deal_id", maintain_order=True
    )
    quoted = quoted.join(
        later.agg(_old=pl.col("old").first(), _n=pl.len()), on="deal_id", how="left"
    )
    whole = history_known(inputs, field, pl.col("first_quote_on"), pl.col("day"))
    then = pl.when(pl.col("_n").is_null()).then("_now").otherwise("_old")
    return quoted.select(
        "deal_id", then=pl.when(whole & ~pl.col("deal_id").is_in(unsure)).then(then)
    )


@check.columns(
    "hygiene/amount-fell",
    severity="minor",
    ask=["What did the customer decide to do without?"],
    sources=[f"15% and 30%: {JUDGEMENT}"],
)
def amount_fell(
    d: Columns,
    *,
    watch: Annotated[
        float, Param("Watch from this fall on", ge=0, le=1, unit="share", at_most="risk")
    ] = 0.15,
    risk: Annotated[float, Param("Risk from this fall on", ge=0, le=1, unit="share")] = 0.30,
) -> Rules:
    """An open deal is worth what was first quoted.

    A deal that shrinks after the quote lost scope or price, and it helps to know which. Fall =
    1 − amount ÷ first quoted amount; a quote in another currency is turned into the deal's at the
    day's rates. Exposed is what it fell by.

    Needs the amount, the day of the first quote and its amount, or the history of the amount.
    """
    fall = d.amount_fall
    told = "{first_quote_amount:money} at the first quote on {first_quoted_on:date}"
    return Rules(
        applies=d.is_open & d.quote_out & (d.first_quote_amount > 0),
        risk=fall >= risk,
        watch=fall >= watch,
        message={
            "risk": told + ", {amount:money} now: {amount_fall_told} less",
            "watch": told + ", {amount:money} now: {amount_fall_told} less",
            "pass": told + ", {amount:money} now",
            "insufficient_data": "first quote on {first_quoted_on:date}: "
            "{first_quote_amount:money}; {amount:money} now",
        },
        actual=fall,
        expected={
            "risk": below(risk, source=JUDGEMENT),
            "watch": below(watch, source=JUDGEMENT),
            "pass": below(watch, source=JUDGEMENT),
        },
        evidence=[
            Cite("deals", "first_quote_on", d.first_quoted_on),
            *cited(d, "first_quote_amount", "amount"),
        ],
        at_risk=Exposure("value", d.amount_fell_by),
    )


@facts(
    "deal",
    Fact(
        "owner_state",
        "enum",
        "active, left, or none; unknown where the owner is not among the people.",
        requires=("deals.owner_id", "people"),
        origin="people.person_id",
    ),
    Fact("owner_told", "text", "What is wrong with the owner, in words."),
    Fact("owner_doubt", "text", "What a message adds of an owner who is not among the people."),
    Fact(
        "owner_changes_180d_lo",
        "int",
        "Fewest changes of owner in `owner_change_days`; naming a first owner is none, nor is what was taken "
        "back on the same day.",
        requires=("deals.owner_id",),
        origin="deal_changes.owner_id",
    ),
    Fact(
        "owner_changes_180d_hi",
        "int",
        "Most changes of owner in `owner_change_days`, or since the deal was created; unknown where "
        "the history does not reach back that far.",
        requires=("deals.owner_id",),
        origin="deal_changes.owner_id",
    ),
    Fact("owner_changes_told", "text", "Number of changes of owner in words."),
    Fact("owner_change_ids", "set", "The changes of owner that count."),
    Fact(
        "has_owner_history", "bool", "Changes of owners are recorded at all.", origin="deal_changes"
    ),
    reads={
        "deals": ("deal_id", "owner_id", "created_on"),
        "people": ("person_id", "left_on"),
        "deal_changes": READS,
    },
    params={
        "owner_change_days": (
            180,
            Param("Days in which changes of owner count", ge=30, le=730, unit="days"),
        )
    },
)
def owner(inputs: Inputs) -> pl.DataFrame:
    """Find out whether a deal has an owner, and how many it had."""
    people = inputs.table("people").with_columns(_is_known=pl.lit(value=True))
    deals = with_deals(inputs).rename({"id": "deal_id"})
    deals = deals.join(people, left_on="owner_id", right_on="person_id", how="left")
    deals = _owners_before(inputs, deals)
    left = (pl.col("left_on") <= pl.col("day")).fill_null(value=False)
    nobody = pl.col("owner_id").is_null()
    state = (
        pl.when(nobody)
        .then(pl.lit("none"))
        .when(left)
        .then(pl.lit("left"))
        .when(pl.col("_is_known"))
        .then(pl.lit("active"))
    )
    gone = pl.format("the owner left on {}", spoken(pl.col("left_on")))
    return deals.select(
        pl.col("deal_id").alias("id"),
        "owner_changes_180d_lo",
        "owner_changes_180d_hi",
        "owner_changes_told",
        "owner_change_ids",
        owner_state=state,
        owner_told=pl.when(nobody).then(pl.lit("no owner")).when(left).then(gone),
        owner_doubt=pl.when(state.is_null())
        .then(pl.lit(", who is not among the people"))
        .otherwise(pl.lit("")),
        has_owner_history=pl.lit(inputs.feeds.is_recorded("deal_changes.owner_id")),
    )


def _owners_before(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Add the changes of owner of each deal."""
    moves = steps(inputs, "owner_id").filter(pl.col("old").is_not_null())
    days, window = deals.select("deal_id", "day"), inputs.params["owner_change_days"]
    recent = (pl.col("day") - pl.col("on")).dt.total_days() <= window
    sure = daily(moves).join(days, on="deal_id").filter(recent)
    found = sure.group_by("deal_id").agg(_n=pl.len(), owner_change_ids="change_id")
    maybe = undated(moves).group_by("deal_id").agg(_more=pl.len())
    deals = deals.join(found, on="deal_id", how="left").join(maybe, on="deal_id", how="left")
    since = pl.max_horizontal(pl.col("day") - pl.duration(days=window), pl.col("created_on"))
    whole = history_known(inputs, "owner_id", since, pl.col("day"))
    low = pl.col("_n").fill_null(0).cast(pl.Int64)
    high = pl.when(whole).then(low + pl.col("_more").fill_null(0).cast(pl.Int64))
    told = pl.concat_str(
        counted(low, high, "change of owner", "changes of owner", "no change of owner"),
        pl.lit(f" in {window} d"),
        late_clock(inputs, "deal_changes"),
    )
    if not inputs.feeds.is_recorded("deal_changes.owner_id"):
        told = pl.lit("changes of owner are not recorded")
    return deals.with_columns(
        pl.col("owner_change_ids").fill_null([]),
        owner_changes_180d_lo=low,
        owner_changes_180d_hi=high,
        owner_changes_told=told,
    )


@check.columns(
    "hygiene/owner-gap",
    severity="major",
    ask=["Who does the customer believe is looking after this?"],
    sources=[f"two changes: {JUDGEMENT}"],
)
def owner_gap(
    d: Columns,
    *,
    changes: Annotated[
        int, Param("Watch from this many changes of owner on", ge=1, le=10, unit="changes")
    ] = 2,
) -> Rules:
    """An open deal has an owner who is there, and not a new one every other month.

    Without one nobody will notice that the customer waits. A deal without owner, or whose owner has
    left, is a risk; one that changed hands `changes` times in 180 days is worth a look. Naming a
    first owner is no change. Where changes of owner are recorded nowhere, only the owner is looked
    at, and the finding says so.

    Needs the people; an owner who is not among them can't be judged.
    """
    moved = d.interval("owner_changes_180d")
    return Rules(
        applies=d.is_open,
        risk=d.owner_state.is_in(["none", "left"]),
        watch=d.has_owner_history & (moved >= changes),
        message={
            "risk": "{owner_told}",
            "watch": "{owner_changes_told}; the owner is now {owner_id:person}",
            "pass": "owner {owner_id:person}; {owner_changes_told}",
            "insufficient_data": "owner {owner_id:person}{owner_doubt}; {owner_changes_told}",
        },
        actual=d.owner_state,
        # A watch is about changes and not about who it is now: the message counts them.
        expected={"risk": Limit("=", "an owner who is there")},
        evidence=[
            Cite("deals", "owner_id", d.owner_id),
            Cite("deal_changes", "new_value", ids=d.owner_change_ids),
        ],
    )
