"""Which good accounts hear little from us."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, Term, above, check, facts
from dealreview.plugins.accounts.months import COST, COSTS, INVOICED, MIN_KNOWN_MONTHS, REVENUE
from dealreview.plugins.conversations import both_ways, conversations_of, reads
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.exchange import but_for_rates
from dealreview.plugins.ledger import RATES, rated
from dealreview.plugins.ranks import ranked
from dealreview.plugins.timesheets import SECONDS, seconds

WINDOW_DAYS = 90
CARE = ("selling", "account_care")
TIME = ("time_entries.hours", "time_entries.category")
ATTENTION = ("time_entries.account_id", "time_entries.deal_id", "activities")
HOURS, EVENTS = "hours", "events"


@facts(
    "account",
    Fact(
        "two_way_90d",
        "int",
        "Two-way events of the account and its deals, open or closed, in 90 days.",
        "events",
        requires=(("activities",),),
        origin="activities",
    ),
    Fact(
        "maybe_two_way_90d",
        "int",
        "Further events that may have been two-way, or may have been those of another.",
        "events",
        requires=(("activities",),),
        origin="activities",
    ),
    reads=reads(),
    uses=("deal.account_id", "deal.is_open"),
    after_close=True,
)
def two_way_events(inputs: Inputs) -> pl.DataFrame:
    """Count the two-way events of an account and its deals: those that name only the account, too."""
    day = pl.lit(inputs.as_of)
    deals = inputs.facts("deal").with_columns(day=day)
    # No deal has such an id, so only what names no deal is counted for an account as a whole.
    accounts = inputs.subjects().select(
        account_id="id",
        id=pl.concat_str(pl.lit("account\x1f"), "id"),
        is_open=pl.lit(value=True),
        day=day,
    )
    inside = pl.col("on").is_between(_since(inputs), inputs.as_of)
    each = pl.concat([_two_way(inputs, whose, inside) for whose in (deals, accounts)])
    # Whoever may have been meant by an activity, its account is the same.
    sure = pl.col("surely").fill_null(value=False).any()
    each = each.group_by("activity").agg(pl.col("account_id").first(), sure=sure)
    counts = each.group_by(pl.col("account_id").alias("id")).agg(
        two_way_90d=pl.col("sure").sum().cast(pl.Int64),
        maybe_two_way_90d=(~pl.col("sure")).sum().cast(pl.Int64),
    )
    found = inputs.subjects().select("id").join(counts, on="id", how="left")
    return found.with_columns(pl.col("two_way_90d", "maybe_two_way_90d").fill_null(0))


def _two_way(inputs: Inputs, whose: pl.DataFrame, when: pl.Expr) -> pl.DataFrame:
    """Return ``activity``, ``account_id`` and ``surely`` of the two-way events of some subjects."""
    talks = conversations_of(inputs, whose, when)
    once = both_ways(talks.events, talks.people)
    found = talks.events.select("event", "activity", "deal").join(once, on="event")
    accounts = whose["account_id"].gather(found["deal"])
    return found.select("activity", "surely", accounts)


@facts(
    "account",
    Fact(
        "attention_90d_lo",
        "real",
        "Hours of selling and account care for the account in 90 days, as far as known; where hours "
        "of accounts are hardly recorded, two-way events.",
        requires=(ATTENTION,),
        origin="activities",
    ),
    Fact(
        "attention_90d_hi",
        "real",
        "The same with what may be; unknown where an hour is, or where the 90 days are not recorded.",
        requires=(ATTENTION,),
        origin="activities",
    ),
    Fact("attention_measure", "enum", "hours or events: one measure for all accounts."),
    Fact("attention_words", "text", "The attention and its measure, in words."),
    step="organisation",
    reads={"time_entries": ("day", "hours", "category", "deal_id", "account_id")},
    uses=("two_way_90d", "maybe_two_way_90d", "deal.account_id"),
    params={
        "min_named_hours": (
            0.5,
            Param(
                "Share of selling and care hours that must name a deal or account, else two-way "
                "events are counted",
                ge=0,
                le=1,
                unit="share",
                source=JUDGEMENT,
            ),
        )
    },
)
def attention(inputs: Inputs) -> pl.DataFrame:
    """Measure what attention an account got in 90 days."""
    by_hours = _hours_are_named(inputs)
    found = _by_hours(inputs) if by_hours else _by_events(inputs)
    table = "time_entries" if by_hours else "activities"
    covered = inputs.feeds.reaches(table, _since(inputs), inputs.as_of)
    frame = inputs.subjects().select("id").join(found, on="id", how="left")
    frame = frame.with_columns(pl.col("surely").fill_null(0.0), pl.col("unknown").fill_null(0.0))
    most = pl.col("surely") + pl.col("unknown")
    frame = frame.with_columns(
        attention_90d_lo=pl.col("surely"),
        attention_90d_hi=pl.when(covered & pl.col("bounded").fill_null(value=True)).then(most),
    )
    return frame.select(
        "id",
        "attention_90d_lo",
        "attention_90d_hi",
        attention_measure=pl.lit(HOURS if by_hours else EVENTS),
        attention_words=_words(by_hours=by_hours),
    )


def _since(inputs: Inputs) -> dt.date:
    return inputs.as_of - dt.timedelta(days=WINDOW_DAYS - 1)


def _cared(inputs: Inputs) -> pl.DataFrame:
    """Return the entries of 90 days that are, or may be, selling or account care."""
    entries = inputs.table("time_entries")
    entries = entries.filter(pl.col("day").is_between(_since(inputs), inputs.as_of))
    deals = inputs.facts("deal").select(deal_id="id", of_deal="account_id")
    entries = entries.join(deals, on="deal_id", how="left").with_columns(
        id=pl.coalesce("account_id", "of_deal"),
        seconds=seconds(),
        care=pl.col("category").is_in(CARE),
    )
    return entries.filter(pl.col("care").fill_null(value=True))


def _hours_are_named(inputs: Inputs) -> bool:
    """Say whether hours are a measure for accounts: most of them name an account or a deal."""
    if not all(inputs.feeds.is_recorded(name) for name in TIME):
        return False
    spent = _cared(inputs).filter("care")
    total, named = (
        int(part["seconds"].sum()) for part in (spent, spent.filter(pl.col("id").is_not_null()))
    )
    return total > 0 and named >= inputs.params["min_named_hours"] * total


def _by_hours(inputs: Inputs) -> pl.DataFrame:
    """Return hours of accounts; what has no category may be care, what has no length has no bound."""
    spent, care = pl.col("seconds"), pl.col("care")
    return (
        _cared(inputs)
        .group_by("id")
        .agg(
            surely=spent.filter(care).sum() / SECONDS,
            unknown=spent.filter(care.is_null()).sum() / SECONDS,
            bounded=spent.is_not_null().all(),
        )
    )


def _by_events(inputs: Inputs) -> pl.DataFrame:
    return inputs.facts().select(
        "id",
        surely=pl.col("two_way_90d").cast(pl.Float64),
        unknown=pl.col("maybe_two_way_90d").cast(pl.Float64),
        bounded=pl.lit(value=True),
    )


def _words(*, by_hours: bool) -> pl.Expr:
    """Return ``1.5 h of selling and account care``, or ``3 to 5 two-way events``."""
    low, high = pl.col("attention_90d_lo"), pl.col("attention_90d_hi")
    least, most = (_tenths(end) if by_hours else _whole(end) for end in (low, high))
    span = pl.when(least == most).then(least).otherwise(pl.format("{} to {}", least, most))
    span = span.fill_null(pl.format("at least {}", least))
    if by_hours:
        return pl.format("{} h of selling and account care", span)
    one = pl.when(span == "1").then(pl.lit("event")).otherwise(pl.lit("events"))
    return pl.format("{} two-way {}", span, one)


def _whole(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.Int64).cast(pl.String)


def _tenths(value: pl.Expr) -> pl.Expr:
    tenths = (value * 10).round(0).cast(pl.Int64)
    return pl.format("{}.{}", tenths // 10, tenths % 10)


# --- among all accounts --------------------------------------------------------------------------

_RANKS = {
    "revenue_rank": ("no more revenue", (REVENUE,), INVOICED),
    "contribution_rank": ("no larger contribution ratio", (REVENUE, COST), COSTS),
    "attention_rank": ("less attention", (ATTENTION,), "activities"),
}


@facts(
    "account",
    Fact(
        "sales_accounts_lo",
        "int",
        "Accounts with revenue in 12 months.",
        "accounts",
        requires=(REVENUE,),
        origin=INVOICED,
    ),
    Fact(
        "sales_accounts_hi",
        "int",
        "The same with accounts of unknown revenue.",
        "accounts",
        requires=(REVENUE,),
        origin=INVOICED,
    ),
    *(
        Fact(
            f"{name}_{end}",
            "real",
            f"Share of the other accounts with revenue that have {what}, {word}: unknown ones count "
            "at their best and worst; unknown with the account's own.",
            "share",
            requires=requires,
            origin=origin,
        )
        for name, (what, requires, origin) in _RANKS.items()
        for end, word in (("lo", "at least"), ("hi", "at most"))
    ),
    Fact(
        "sales_lack_only_rates",
        "bool",
        "Nothing but exchange rates keeps the account's own revenue unknown.",
        origin=RATES,
    ),
    Fact(
        "standing_rated",
        "bool",
        "Never false: unknown where nothing but exchange rates keeps the revenue of the account "
        "unknown, or revenue and contribution of those of which one is.",
        origin=RATES,
    ),
    step="organisation",
    uses=(
        "revenue_12m",
        "known_months_12m",
        "unknown_months_12m",
        "unrated_months_12m",
        "contribution_ratio_12m_lo",
        "contribution_ratio_12m_hi",
        "attention_90d_lo",
        "attention_90d_hi",
    ),
    params=MIN_KNOWN_MONTHS,
)
def standing(inputs: Inputs) -> pl.DataFrame:
    """Place an account's revenue, contribution and attention among those of all accounts."""
    accounts = inputs.facts()
    sells = pl.col("revenue_12m") > 0
    peers = accounts.filter(sells.fill_null(value=True)).with_columns(
        all=pl.lit(0),
        revenue_12m_lo="revenue_12m",
        revenue_12m_hi="revenue_12m",
    )
    values = {
        "revenue_rank": ranked(peers, "all", "revenue_12m", ties=True),
        "contribution_rank": ranked(peers, "all", "contribution_ratio_12m", ties=True),
        "attention_rank": ranked(peers, "all", "attention_90d"),
    }
    frame = accounts.select("id")
    for name, found in values.items():
        ends = found.rename({"lo": f"{name}_lo", "hi": f"{name}_hi"})
        frame = frame.join(ends, on="id", how="left")
    surely = int(peers.select(sells.sum()).item())
    rates = _rated(accounts, peers, inputs.params["min_known_months"])
    frame = frame.join(rates, on="id", how="left")
    return frame.with_columns(
        sales_accounts_lo=pl.lit(surely, dtype=pl.Int64),
        sales_accounts_hi=pl.lit(peers.height, dtype=pl.Int64),
    )


def _rated(accounts: pl.DataFrame, peers: pl.DataFrame, least: int) -> pl.DataFrame:
    """Return by account whether its revenue, or every unknown value of a peer, lacks only rates."""
    unrated_months = pl.col("unrated_months_12m")
    would_do = pl.col("known_months_12m") + unrated_months >= least
    only_rates = (unrated_months > 0) & (unrated_months == pl.col("unknown_months_12m")) & would_do
    unknown = pl.any_horizontal(pl.col("revenue_12m", "contribution_ratio_12m_lo").is_null())
    lacks = peers.filter(unknown).select(only_rates).to_series()
    peers_lack = not lacks.is_empty() and lacks.all()
    own = only_rates & pl.col("revenue_12m").is_null()
    return accounts.select(
        "id",
        sales_lack_only_rates=own,
        standing_rated=rated(own | pl.lit(peers_lack)),
    )


@check.columns(
    "accounts/starved-good-accounts",
    on="account",
    severity="minor",
    ask=["What would this customer buy if someone asked?"],
    sources=[
        "quarters, half and the fewest accounts: our own judgement",
        "peers: the organisation's own accounts",
    ],
)
def starved_good_accounts(
    d: Columns,
    *,
    good: Annotated[
        float,
        Param("Asked where contribution reaches this share of accounts", ge=0, le=1, unit="share"),
    ] = 0.75,
    starved: Annotated[
        float,
        Param("Watch if attention is above no more than this share", ge=0, le=1, unit="share"),
    ] = 0.25,
    large: Annotated[
        float,
        Param("Asked where revenue reaches this share of accounts", ge=0, le=1, unit="share"),
    ] = 0.50,
    min_accounts: Annotated[
        int, Param("Accounts that can be compared", ge=4, le=500, unit="accounts")
    ] = 12,
) -> Rules:
    """Good accounts are not left alone.

    The customer that calls every day gets the hours; the one that buys well and asks for nothing
    may be forgotten until somebody else calls. Watched is an account whose contribution ratio of 12
    complete months lies in the best quarter of all accounts with revenue while its attention lies
    in the lowest. Attention is the hours of selling and account care of 90 days; where less than
    half of those hours name an account or a deal, it is the number of two-way events (held
    meetings, answered calls, messages of theirs), one measure for all. Unknown values of this and
    of other accounts are weighed at both ends.

    Asked from 12 accounts with revenue on, of those with at least the median revenue. Needs revenue
    and cost of goods by month (else won deals with lines), and time entries with account or deal,
    or activities.
    """

    def reaches(name: str, limit: float) -> Term:
        return but_for_rates(d.interval(name), lambda rank: rank >= limit, d.standing_rated)

    sells = ((d.revenue_12m > 0) & reaches("revenue_rank", large)) | d.sales_lack_only_rates
    unrated = d.sales_lack_only_rates & ~d.standing_rated
    said = (
        "{contribution_12m_label} {contribution_ratio_12m_hi:margin}, {contribution_rank_lo:share} of "
        "the other accounts leave no more; {attention_words} in 90 d, {attention_rank_lo:share} of them "
        "got less"
    )
    return Rules(
        applies=reaches("sales_accounts", min_accounts) & sells & ~unrated,
        watch=reaches("contribution_rank", good) & (d.interval("attention_rank") <= starved),
        message={
            "watch": said,
            "pass": said,
            "insufficient_data": "{contribution_12m_label} {contribution_ratio_12m_hi:margin}; "
            "{attention_words} in 90 d; accounts with revenue: {sales_accounts_lo:count}, "
            "{min_accounts:count} needed",
        },
        actual=d.attention_rank_lo,
        # An account may also pass because its contribution is no better than that of others.
        expected={"watch": above(starved, source=JUDGEMENT, n=d.sales_accounts_lo)},
        evidence=[
            *cited(d, "attention_90d_lo", "attention_90d_hi", "attention_measure"),
            *cited(d, "contribution_ratio_12m_lo", "contribution_ratio_12m_hi"),
            *cited(d, "contribution_rank_lo", "attention_rank_lo", "revenue_rank_lo"),
        ],
    )
