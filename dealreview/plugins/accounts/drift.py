"""How much of the open value is in deals that do not fit, and whether it grows."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.accounts.fit import ANSWER, ASKED, by_settings
from dealreview.plugins.changes import taken_back
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.exchange import but_for_rates
from dealreview.plugins.ledger import RATES, rated
from dealreview.plugins.proportions import Z_ONE_SIDED, by_chance, in_hundred, rise, trials_needed
from dealreview.plugins.words import between, counted, spoken

_SPOKEN = 1_000
"""A rise that more deals would be needed for is too small to speak of."""

HISTORY = "deal_changes.amount_minor"
AMOUNT = "deals.amount_minor"
VALUE = (AMOUNT, "deal_lines.invoice_minor", "deal_lines.list_minor")
NAMED = (
    ("fit_values_stated", "an open deal has no amount", AMOUNT),
    ("fit_values_rated", "the amount of an open deal lacks nothing but an exchange rate", RATES),
    ("fit_values_rated_182d", "one of `fit_compare_days` ago lacks nothing but a rate", RATES),
)
"""Facts that ask for what keeps a value unknown: their names, when, and what lacks."""


def _share_facts(whose: str) -> tuple[Fact, ...]:
    """Return the facts of open value by fit, which the pipeline and its reps share."""
    needs = (ASKED, VALUE)
    ends = {"lo": "least", "hi": "most"}
    counts = {
        "fit_open_deals": f"Open deals {whose}",
        "fit_open_deals_182d": f"Deals {whose} that were open `fit_compare_days` ago",
    }
    shares = {
        "poor_fit_value_share": "Value of open deals of poor fit ÷ open value",
        "poor_fit_value_share_182d": "The same `fit_compare_days` ago, with the amounts of then and "
        "the fit of today",
        "poor_fit_share_rise": "The share of today less that of `fit_compare_days` ago",
    }
    return (
        *(
            Fact(
                f"{n}_{end}",
                "int",
                f"{text}, at the {word}.",
                "deals",
                requires=(ASKED,),
                origin=ANSWER,
            )
            for n, text in counts.items()
            for end, word in ends.items()
        ),
        *(
            Fact(
                f"{n}_{end}",
                "real",
                f"{text}, at the {word}; unknown under `min_fit_value_share`.",
                "share points" if n == "poor_fit_share_rise" else "share",
                requires=needs,
                origin=ANSWER if n == "poor_fit_value_share" else HISTORY.partition(".")[0],
            )
            for n, text in shares.items()
            for end, word in ends.items()
        ),
        Fact(
            "fit_history_recorded",
            "bool",
            "The history of amounts is recorded at all.",
            origin="deal_changes",
        ),
        *(
            Fact(name, "bool", f"Never false: unknown where {when}.", origin=origin)
            for name, when, origin in NAMED
        ),
        Fact("poor_fit_deals", "set", f"Open deals of poor fit {whose}."),
        Fact("poor_fit_words", "text", "The share and what it was, in words."),
        Fact(
            "poor_fit_rise_words",
            "text",
            "Whether a rise of the share could be chance, in words; nothing without a rise.",
        ),
        Fact("fit_value_known", "text", "How much of the open value has a known fit, in words."),
    )


_READS = {
    "deals": ("deal_id", "owner_id", "amount_minor"),
    "deal_changes": ("change_id", "deal_id", "field", "old_value", "changed_at"),
}
_USES = (
    "deal.is_open",
    "deal.created_on",
    "deal.closed_on",
    "deal.owner_id",
    "deal.deal_currency",
    "deal.pocket_price",
    "deal.amount",
    "deal.amount_reporting",
    "deal.poor_fit",
)
_PARAMS = {
    "min_fit_value_share": (
        0.7,
        Param("Share of open value that must have a known fit", ge=0, le=1, unit="share"),
    ),
    "fit_compare_days": (
        182,
        Param("How many days back the share of today is compared", ge=28, le=730, unit="days"),
    ),
}


@facts(
    "pipeline",
    *_share_facts("of everybody"),
    step="organisation",
    reads=_READS,
    uses=_USES,
    params=_PARAMS,
)
def pipeline_drift(inputs: Inputs) -> pl.DataFrame:
    """Share the open value out by fit, today and some time ago."""
    everybody = inputs.subjects()["id"].to_list()[0]
    now, then = (deals.with_columns(id=pl.lit(everybody)) for deals in _deals(inputs))
    return _shares(inputs, now, then)


@facts(
    "rep",
    *_share_facts("of the person"),
    step="organisation",
    reads=_READS,
    uses=_USES,
    params=_PARAMS,
)
def rep_drift(inputs: Inputs) -> pl.DataFrame:
    """Share a person's open value out by fit, today and some time ago."""
    now, then = (deals.with_columns(id=pl.col("owner_id")) for deals in _deals(inputs))
    return _shares(inputs, now, then)


def _deals(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the deals of today and of then: ``open``, ``owner_id``, ``value``, ``poor_fit``.

    Where a value lacks nothing but a rate, the deal is ``unrated``.
    """
    deals = inputs.facts("deal").rename({"id": "deal_id"})
    now = deals.with_columns(
        open=pl.col("is_open"),
        value=pl.col("amount_reporting"),
        stated=pl.col("amount"),
        currency="deal_currency",
    )
    then = _then(inputs)
    past = _as_of(inputs, deals.drop("owner_id"), then)
    closed = pl.col("closed_on")
    today = pl.when(pl.col("is_open")).then(statement=True)
    still = pl.when(closed.is_not_null()).then(closed > then).otherwise(today)
    past = past.with_columns(open=(pl.col("created_on") <= then) & still)
    value = inputs.to_reporting(past, "amount_then", "currency_then", "on")
    past = past.with_columns(value.alias("value"), stated="amount_then", currency="currency_then")
    has_both = pl.all_horizontal(pl.col("stated", "currency").is_not_null())
    columns = ["deal_id", "open", "owner_id", "value", "poor_fit"]
    unrated = (pl.col("value").is_null() & has_both).alias("unrated")
    return now.select(*columns, unrated), past.select(*columns, unrated)


def _then(inputs: Inputs) -> dt.date:
    return inputs.as_of - dt.timedelta(days=inputs.params["fit_compare_days"])


def _as_of(inputs: Inputs, deals: pl.DataFrame, then: dt.date) -> pl.DataFrame:
    """Add owner, amount and currency of a day in the past, as far as their history is recorded."""
    stated = inputs.table("deals").select("deal_id", "owner_id", "amount_minor")
    frame = deals.join(stated, on="deal_id", how="left").with_columns(
        on=pl.lit(then),
        amount_minor=pl.coalesce("amount_minor", "pocket_price"),
        currency="deal_currency",
    )
    for name in ("owner_id", "amount_minor", "currency"):
        frame = taken_back(inputs, frame, name)
    known = inputs.feeds.reaches("deal_changes", then, inputs.as_of)
    return frame.with_columns(
        amount_then=pl.when(known).then("amount_minor"), currency_then="currency"
    )


def _shares(inputs: Inputs, now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    least = inputs.params["min_fit_value_share"]
    today, past = _weighed(now, least), _weighed(then, least)
    frame = inputs.subjects().select("id").join(today, on="id", how="left")
    frame = frame.join(past, on="id", how="left", suffix="_182d")
    none = pl.lit(0, dtype=pl.Int64)
    low, high = pl.col("share_lo"), pl.col("share_hi")
    old_low, old_high = pl.col("share_lo_182d"), pl.col("share_hi_182d")
    back = pl.lit(_then(inputs))
    was = pl.format("{} on {}", between(old_low, old_high), spoken(back))
    basis = pl.lit(by_settings(inputs) or None, dtype=pl.String)
    beside = pl.concat_str(was, basis, separator=", ", ignore_nulls=True)
    beside = pl.when(beside != "").then(pl.format(" ({})", beside)).otherwise(pl.lit(""))
    return frame.select(
        "id",
        fit_open_deals_lo=pl.col("deals_lo").fill_null(none),
        fit_open_deals_hi=pl.col("deals_hi").fill_null(none),
        fit_open_deals_182d_lo=pl.col("deals_lo_182d").fill_null(none),
        fit_open_deals_182d_hi=pl.col("deals_hi_182d").fill_null(none),
        poor_fit_value_share_lo=low,
        poor_fit_value_share_hi=high,
        poor_fit_value_share_182d_lo=old_low,
        poor_fit_value_share_182d_hi=old_high,
        poor_fit_share_rise_lo=low - old_high,
        poor_fit_share_rise_hi=high - old_low,
        fit_values_stated=rated(pl.col("unvalued").fill_null(0) > 0),
        fit_values_rated=rated(pl.col("unrated").fill_null(0) > 0),
        fit_values_rated_182d=rated(pl.col("unrated_182d").fill_null(0) > 0),
        fit_history_recorded=pl.lit(inputs.feeds.is_recorded(HISTORY)),
        poor_fit_deals=pl.col("poor").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        poor_fit_words=pl.concat_str(between(low, high), beside),
        poor_fit_rise_words=_chance().fill_null(""),
        fit_value_known=_known_words(least),
    )


def _chance() -> pl.Expr:
    """Return whether a rise is beyond chance: one large deal moves a share more than many small ones.

    The value of deals of many sizes is as sure of its share as fewer deals of one size would be.
    """
    now, then = pl.col("share_lo"), pl.col("share_lo_182d")
    sizes, sizes_then = pl.col("sizes"), pl.col("sizes_182d")
    known = (now == pl.col("share_hi")) & (then == pl.col("share_hi_182d")) & (now > then)
    score = rise(then * sizes_then, sizes_then, now * sizes, sizes)
    needed = trials_needed(then, now)
    open_now, open_then = pl.col("deals_lo"), pl.col("deals_lo_182d")
    compared = pl.format(
        "; compared: {} now with {} then, which count like {} and {} of one size; a rise this large "
        "comes about by chance alone {}",
        counted(open_now, open_now, "open deal", "open deals"),
        open_then,
        *(n.round(0).cast(pl.Int64, strict=False) for n in (sizes, sizes_then)),
        in_hundred(by_chance(score)),
    )
    few = pl.format(
        "{}, so it may be chance: about {} deals a side would show it", compared, needed
    )
    shown = pl.format("{}, so it is more than chance", compared)
    told = pl.when(score > Z_ONE_SIDED).then(shown).when(needed <= _SPOKEN).then(few)
    return pl.when(known).then(told)


def _known_words(least: float) -> pl.Expr:
    """Return of how much value the fit is known: ``the fit is known of 69% of it, 70% needed``."""
    known = pl.format("the fit is known of {} of it", between(pl.col("known"), pl.col("known")))
    needed = pl.when(pl.col("known") < least).then(pl.lit(f", {least:.0%} needed"))
    without = [
        pl.when(pl.col(name) > 0).then(
            pl.format(
                "; {} no {}",
                counted(pl.col(name), pl.col(name), "open deal has", "open deals have"),
                pl.lit(what),
            )
        )
        for name, what in (("unvalued", "amount"), ("unrated", "exchange rate near the day"))
    ]
    parts = [known.fill_null("no open value is known"), needed, *without]
    return pl.concat_str(parts, ignore_nulls=True)


def _weighed(deals: pl.DataFrame, least: float) -> pl.DataFrame:
    """Return by ``id`` how many deals are open and which share of their value is in poor fits.

    A deal of unknown fit may be poor or not; one of unknown amount may be worth nothing, or more
    than all others together.
    """
    deals = deals.filter(pl.col("open").fill_null(value=True) & pl.col("id").is_not_null())
    surely_open = pl.col("open").fill_null(value=False)
    deals = deals.with_columns(value=pl.when(surely_open).then(pl.col("value").clip(0)))
    value, poor = pl.col("value"), pl.col("poor_fit")
    total, unknown = value.sum(), value.is_null()
    unrated = unknown & surely_open & pl.col("unrated")
    may_be = poor.fill_null(value=True)
    known = value.filter(poor.is_not_null()).sum()
    sums = deals.group_by("id").agg(
        deals_lo=pl.col("open").sum().cast(pl.Int64),
        deals_hi=pl.len().cast(pl.Int64),
        total=total,
        known=known,
        sure=value.filter(poor).sum(),
        possible=value.filter(may_be).sum(),
        may_shrink=(unknown & ~poor.fill_null(value=False)).any(),
        may_grow=(unknown & may_be).any(),
        unvalued=(unknown & ~unrated).sum(),
        unrated=unrated.sum(),
        # All fits are known and no value is: the share is whatever the rates will make it.
        unweighed=(total == 0)
        & unrated.any()
        & (~unknown | unrated).all()
        & poor.is_not_null().all(),
        squares=value.cast(pl.Float64).pow(2).sum(),
        poor=pl.col("deal_id").filter(poor & surely_open).sort(),
    )
    decided = (pl.col("total") > 0) & (pl.col("known") >= least * pl.col("total"))
    unweighed = pl.col("unweighed")
    decided = decided | unweighed
    low = pl.when(unweighed | pl.col("may_shrink")).then(0.0)
    high = pl.when(unweighed | pl.col("may_grow")).then(1.0)
    return sums.select(
        "id",
        "deals_lo",
        "deals_hi",
        "poor",
        "unvalued",
        "unrated",
        known=pl.when(pl.col("total") > 0).then(pl.col("known") / pl.col("total")),
        sizes=(pl.col("total").cast(pl.Float64).pow(2) / pl.col("squares")).round_sig_figs(9),
        share_lo=pl.when(decided).then(low.otherwise(pl.col("sure") / pl.col("total"))),
        share_hi=pl.when(decided).then(high.otherwise(pl.col("possible") / pl.col("total"))),
    )


@check.columns(
    "accounts/fit-drift",
    on=("pipeline", "rep"),
    severity="major",
    ask=["What are we telling ourselves about these deals?"],
    sources=[f"strength, watch, risk and rise: {JUDGEMENT}"],
)
def fit_drift(
    d: Columns,
    *,
    watch: Annotated[
        float,
        Param("Watch above this share of open value", ge=0, le=1, unit="share", at_most="risk"),
    ] = 0.35,
    risk: Annotated[
        float, Param("Risk above this share of open value", ge=0, le=1, unit="share")
    ] = 0.50,
    rise: Annotated[
        float, Param("Watch if the share rose by this much since", ge=0, le=1, unit="share")
    ] = 0.10,
    strong: Annotated[
        float,
        Param("Strength up to this share of open value", ge=0, le=1, unit="share", at_most="watch"),
    ] = 0.10,
    min_deals: Annotated[
        int, Param("Open deals that make a share", ge=1, le=1_000, unit="deals")
    ] = 5,
) -> Rules:
    """Most of the open value is in deals that fit.

    A pipeline can be full of deals that the company is not made for, and it fills with them slowly:
    one exception at a time. Share = value of open deals whose fit is under one half ÷ value of all
    open deals, in reporting currency. The rise is measured against 182 days ago
    (`fit_compare_days`): deals open then,
    their amounts of then, the fit that is known today; it is asked where the history of amounts is
    recorded and enough deals were open then. Of a person, the deals that are theirs. For coaching, not
    for judging people.

    One large deal moves the share of a few. So the message of a watch says how many deals are compared
    on both sides, and how often a share would rise this far without any change: p of a one-sided test
    of two shares, deals of many sizes counting like fewer of one size. Under 5 % it is called more than
    chance. That informs and does not decide: the outcome is the same whatever p is. The fit of then is
    that of today, so a criterion that moves with the calendar distorts the comparison.

    Needs answers to the criteria of fit, or criteria in the configuration (`[[fit]]`), and amounts,
    for at least 70 % of the open value. A deal of unknown fit is weighed as poor and as not poor, one
    of unknown amount as worth nothing and as worth more than all others. So is one whose currency has
    no rate near the day; where that leaves the outcome open, exchange rates are asked for.
    """
    share = d.interval("poor_fit_value_share")
    compared = d.fit_history_recorded & (d.interval("fit_open_deals_182d") >= min_deals)
    rises = d.interval("poor_fit_share_rise")
    now = d.fit_values_stated & d.fit_values_rated
    said = "deals of poor fit make {poor_fit_words} of the open value"
    return Rules(
        applies=d.interval("fit_open_deals") >= min_deals,
        risk=but_for_rates(share, lambda known: known > risk, now),
        watch=but_for_rates(share, lambda known: known > watch, now)
        | (compared & but_for_rates(rises, lambda by: by >= rise, now & d.fit_values_rated_182d)),
        strength=(share <= strong) | ((share.low <= strong) & ~now),
        message={
            "risk": said + "; over {risk:share} is a risk",
            "watch": said
            + "; at most {watch:share}, and a rise under {rise:points}, expected{poor_fit_rise_words}",
            "pass": said,
            "strength": said,
            "insufficient_data": "share of the open value in deals of poor fit: {poor_fit_words}; "
            "{fit_value_known}",
        },
        actual=d.poor_fit_value_share_hi,
        # A watch can come from the share or from its rise: the message names both limits.
        expected={
            "risk": at_most(risk, source=JUDGEMENT),
            "pass": at_most(watch, source=JUDGEMENT),
            "strength": at_most(strong, source=JUDGEMENT),
        },
        evidence=[
            Cite("deals", "name", ids=d.poor_fit_deals),
            *cited(d, "poor_fit_value_share_lo", "poor_fit_value_share_hi"),
            *cited(d, "poor_fit_value_share_182d_lo", "poor_fit_value_share_182d_hi"),
        ],
    )
