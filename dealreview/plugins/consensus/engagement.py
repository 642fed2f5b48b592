"""How many people on the customer's side talk with us."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_least, check, facts
from dealreview.plugins.consensus.outsiders import OUTSIDERS, cite_outsiders
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.history import COMPARABLE, fewest, own_quantile
from dealreview.plugins.ledger import RATES, rated
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.words import clock, late_clock
from dealreview.plugins.words import counted as counted_words

SURVEY = "a survey of buying groups (Challenger)"


@facts(
    "deal",
    Fact(
        "engaged_contacts_lo",
        "int",
        "Buyer people still there with a two-way event in the last `engaged_days`, as far as seen. "
        "Activities that ended up to 14 days ago are read at their last day.",
        "people",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "engaged_contacts_hi",
        "int",
        "The same with those who may be: unknown unless activities are recorded for the whole "
        "window and name who took part.",
        "people",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "engaged_contact_ids",
        "set",
        "The buyer people counted.",
        "people",
        requires=ARE_RECORDED,
    ),
    Fact(
        "maybe_engaged_contact_ids",
        "set",
        "The buyer people counted, and those who may be.",
        "people",
        requires=ARE_RECORDED,
    ),
    Fact(
        "engaged_all_seen",
        "bool",
        "Activities are recorded for the whole window and name who took part.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "uncounted_contact_ids",
        "set",
        "People in two-way events who belong to other companies.",
        "people",
        requires=ARE_RECORDED,
    ),
    Fact("engaged_days", "int", "The window in which a contact counts as engaged.", "days"),
    Fact("engaged_as_of", "text", "The last day recorded, in words, where activities are late."),
    Fact("engaged_told", "text", "How many are counted, in words."),
    reads=reads(),
    uses=USES,
    params={
        "engaged_days": (
            45,
            Param(
                "Days in which a two-way event makes a contact engaged", ge=7, le=180, unit="days"
            ),
        )
    },
)
def engaged(inputs: Inputs) -> pl.DataFrame:
    """Count the people on the customer's side who talk with us."""
    days = inputs.params["engaged_days"]
    deals = with_facts(inputs).with_columns(
        since=clock(inputs, "activities") - pl.duration(days=days),
        engaged_as_of=late_clock(inputs, "activities"),
    )
    found = events(inputs, deals, pl.col("on").is_between("since", "day"))
    people = with_people(inputs, found)
    contact, talked, here = pl.col("contact_id"), pl.col("talked"), pl.col("here")
    counted = people.group_by("id").agg(
        engaged_contact_ids=contact.filter(talked & here).unique(),
        maybe_engaged_contact_ids=contact.filter(talked.fill_null(value=True) & here).unique(),
        uncounted_contact_ids=contact.filter(pl.col("spoke") & ~pl.col("buyer")).unique(),
    )
    possible = pl.col("answered") | pl.col("inbound")
    unnamed = nobody_named(found).filter(possible.fill_null(value=True))
    whole = inputs.feeds.reaches("activities", pl.col("since"), pl.col("day"))
    nobody = pl.lit([], dtype=pl.List(pl.String))
    sets = pl.col("engaged_contact_ids", "maybe_engaged_contact_ids", "uncounted_contact_ids")
    frame = deals.join(counted, on="id", how="left").with_columns(
        sets.fill_null(nobody),
        engaged_all_seen=whole & ~pl.col("id").is_in(unnamed["id"].implode()),
    )
    possible = pl.col("maybe_engaged_contact_ids").list.len().cast(pl.Int64)
    return frame.select(
        "id",
        "engaged_contact_ids",
        "maybe_engaged_contact_ids",
        "uncounted_contact_ids",
        "engaged_all_seen",
        "engaged_as_of",
        engaged_contacts_lo=pl.col("engaged_contact_ids").list.len().cast(pl.Int64),
        engaged_contacts_hi=pl.when("engaged_all_seen").then(possible),
        engaged_days=pl.lit(days, dtype=pl.Int64),
        engaged_told=counted_words(
            pl.col("engaged_contact_ids").list.len(),
            pl.when("engaged_all_seen").then(possible),
            "person",
            "people",
        ),
    )


@facts(
    "deal",
    Fact(
        "account_employees",
        "int",
        "Employees of the account.",
        "people",
        origin="accounts.employees",
    ),
    Fact(
        "employees_recorded",
        "bool",
        "Employees are recorded for accounts at all.",
        origin="accounts.employees",
    ),
    reads={"accounts": ("account_id", "employees")},
    uses=("account_id",),
)
def size(inputs: Inputs) -> pl.DataFrame:
    """Read how large the customer is."""
    frame = inputs.facts().join(inputs.table("accounts"), on="account_id", how="left")
    recorded = inputs.feeds.is_recorded("accounts.employees")
    return frame.select("id", account_employees="employees", employees_recorded=pl.lit(recorded))


@facts(
    "deal",
    Fact(
        "deal_size_p75",
        "money",
        "75th percentile of the amount of won deals of 24 months, same pipeline and segment, else "
        "same pipeline; unknown under `deal_size_min_n` deals.",
        "reporting currency",
    ),
    Fact("deal_size_n", "int", "Number of won deals behind the percentile.", "deals"),
    Fact(
        "is_large_deal",
        "bool",
        "The amount reaches the percentile; no deal counts as large under `deal_size_min_n` won "
        "deals; unknown with the amount, and where it depends on an unknown segment.",
        origin="deals.amount_minor",
    ),
    Fact(
        "deal_size_lacks_segment",
        "bool",
        "The amount reaches the percentile of some segment but not of all, and nobody knows that of "
        "the account.",
        origin="accounts.segment",
    ),
    Fact(
        "deal_size_lacks_rate",
        "bool",
        "Nothing but an exchange rate keeps that unknown.",
        origin=RATES,
    ),
    Fact(
        "deal_size_rated",
        "bool",
        "Never false: unknown where nothing but an exchange rate keeps the size unknown.",
        origin=RATES,
    ),
    step="organisation",
    uses=(*COMPARABLE, "amount", "amount_reporting"),
    params={"deal_size_min_n": fewest("Won deals that make a deal's size large or small")},
)
def deal_size(inputs: Inputs) -> pl.DataFrame:
    """Measure what a large deal is here."""
    deals = with_facts(inputs)
    found = own_quantile(deals, "amount_reporting", 0.75, min_n=inputs.params["deal_size_min_n"])
    p75, least = (pl.col(name).round(0).cast(pl.Int64) for name in ("quantile", "least"))
    amount = pl.col("amount_reporting")
    lacks_segment = ((amount >= least) & (amount < p75)).fill_null(value=False)
    lacks_rate = p75.is_not_null() & amount.is_null() & pl.col("amount").is_not_null()
    return (
        deals.select("id", "amount", "amount_reporting")
        .join(found, on="id")
        .select(
            "id",
            deal_size_p75=p75,
            deal_size_n="n",
            is_large_deal=pl.when(p75.is_null())
            .then(statement=False)
            .when(~lacks_segment)
            .then(amount >= p75),
            deal_size_lacks_segment=lacks_segment,
            deal_size_lacks_rate=lacks_rate,
            deal_size_rated=rated(lacks_rate),
        )
    )


@facts(
    "deal",
    Fact(
        "engaged_expected",
        "int",
        "Engaged people that a deal of its phase needs: `engaged_early_min` before the proposal, "
        "`engaged_min` from it on, `engaged_large_min` in a large deal; unknown with the phase.",
        "people",
        origin="stages.milestone",
    ),
    Fact(
        "engaged_early_min",
        "int",
        "Engaged people that a deal needs before the proposal.",
        "people",
        origin="stages.milestone",
    ),
    Fact(
        "engaged_min",
        "int",
        "Engaged people that a deal needs from the proposal on.",
        "people",
        origin="stages.milestone",
    ),
    Fact(
        "engaged_large_min",
        "int",
        "Engaged people that a large deal needs from the proposal on.",
        "people",
        origin="deals.amount_minor",
    ),
    Fact("engaged_expected_basis", "text", "How many are expected, in words."),
    Fact("engaged_expected_source", "text", "Where that number comes from."),
    step="organisation",
    uses=("proposal_reached", "is_large_deal"),
    params={
        "engaged_early_min": (
            2,
            Param(
                "Engaged people that a deal needs before the proposal",
                ge=0,
                le=20,
                unit="people",
                source=JUDGEMENT,
            ),
        ),
        "engaged_min": (
            3,
            Param(
                "Engaged people that a deal needs from the proposal on",
                ge=1,
                le=20,
                unit="people",
                source=SURVEY,
            ),
        ),
        "engaged_large_min": (
            4,
            Param(
                "Engaged people that a large deal needs, at least those of any",
                ge=2,
                le=20,
                unit="people",
                source=JUDGEMENT,
            ),
        ),
    },
)
def expected_people(inputs: Inputs) -> pl.DataFrame:
    """Say how many engaged people a deal of its phase and size needs."""
    early, usual = inputs.params["engaged_early_min"], inputs.params["engaged_min"]
    least = max(inputs.params["engaged_large_min"], usual)
    proposed = pl.col("proposal_reached")
    large = proposed & pl.col("is_large_deal").fill_null(value=False)
    expected = (
        pl.when(large).then(least).when(proposed).then(usual).when(~proposed).then(early)
    ).cast(pl.Int64)
    phase = (
        pl.when(large).then(pl.lit(" in a large deal")).when(proposed).then(pl.lit(""))
        .otherwise(pl.lit(" before the proposal"))
    )  # fmt: skip
    plain = proposed & ~large
    return inputs.facts().select(
        "id",
        engaged_expected=expected,
        engaged_early_min=pl.lit(early, dtype=pl.Int64),
        engaged_min=pl.lit(usual, dtype=pl.Int64),
        engaged_large_min=pl.lit(least, dtype=pl.Int64),
        engaged_expected_basis=pl.format("at least {} expected{}", expected, phase),
        engaged_expected_source=pl.when(plain).then(pl.lit(SURVEY)).otherwise(pl.lit(JUDGEMENT)),
    )


@check.columns(
    "consensus/single-champion",
    severity="major",
    ask=["Who else will live with this decision, and what have they said?"],
    family="breadth",
    sources=[
        "5.4 people sign off on average (Harvard Business Review, March 2015)",
        "purchase likelihood 81 % with one person, 55 % with two, 60 % with three (Challenger)",
        f"window, large, tiny and two before the proposal: {JUDGEMENT}",
    ],
)
def single_champion(
    d: Columns,
    *,
    many: Annotated[
        int,
        Param(
            "Strength from this many engaged people",
            ge=2,
            le=20,
            unit="people",
            source="Harvard Business Review, March 2015",
        ),
    ] = 5,
    alone: Annotated[
        int,
        Param(
            "Risk up to this many engaged people from the proposal on",
            ge=0,
            le=19,
            unit="people",
            source=SURVEY,
        ),
    ] = 1,
    tiny: Annotated[
        int,
        Param("Employees up to which a customer is not asked for more", ge=0, le=50, unit="people"),
    ] = 3,
) -> Rules:
    """More than one person on the customer's side carries the deal.

    One person can leave, lose an argument or be away on the day; who has to live with a decision
    wants to be heard before it. Counted are people of the customer (its parent and its
    subsidiaries, and advisers marked as such) who are still there and had a two-way event with us
    in the last 45 days: a held meeting, an answered call, a message of theirs. Where activities
    end up to 14 days before the review, the 45 days end there too, and the message says so.

    From the proposal on: one or nobody is a risk, two a watch, in a large deal (the top quarter of
    the organisation's won deals) under four too; five or more are a strength. In evaluation before
    the proposal two are expected: one or nobody is a watch. Customers of three employees or fewer
    are left alone.

    Needs activities recorded over the window, who took part in them, and the company of contacts.
    Meetings without attendees leave the number open upwards. People of other companies are not
    counted, and the message names them.
    """
    n, proposed = d.interval("engaged_contacts"), d.proposal_reached
    many_in_large = d.engaged_large_min
    # Where only a rate or the segment lacks, that is asked for and not the amount.
    open_by_segment = d.deal_size_lacks_segment
    large = (
        (d.is_large_deal | d.deal_size_lacks_rate | open_by_segment)
        & d.deal_size_rated
        & (d.segment_told | ~open_by_segment)
    )
    said = "two-way contact in {engaged_days:days}: {engaged_told} ({engaged_contact_ids:people})"
    ending = OUTSIDERS + "{engaged_as_of}"
    expected = at_least(d.engaged_expected, source=d.engaged_expected_source)
    return Rules(
        applies=d.evaluation_or_later & ~(d.employees_recorded & (d.account_employees <= tiny)),
        risk=proposed & (n <= alone),
        watch=(proposed & ((n < d.engaged_min) | (large & (n < many_in_large))))
        | (~proposed & (n < d.engaged_early_min)),
        strength=proposed & (n >= many),
        message={
            **dict.fromkeys(("risk", "pass", "strength", "insufficient_data"), said + ending),
            "watch": said + "; {engaged_expected_basis}" + ending,
        },
        actual=d.engaged_contacts_lo,
        expected={
            "risk": at_least(alone + 1, source=SURVEY),
            "watch": expected,
            "pass": expected,
            "strength": at_least(many, source="Harvard Business Review, March 2015"),
        },
        evidence=[
            Cite("contacts", "name", ids=d.engaged_contact_ids),
            cite_outsiders(d),
            *cited(d, "engaged_contacts_lo", "engaged_contacts_hi", "engaged_expected"),
        ],
    )
