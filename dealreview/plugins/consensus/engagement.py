"""Who on the customer's side carries the decision."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_least, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.history import COMPARABLE, fewest, own_quantile
from dealreview.plugins.words import clock, late_clock

TALKS = ("meeting", "call")
MAILS = ("email", "message")
HELD = ("held", "answered")
EARLY, PROPOSED = 2, 3
"""Engaged people that a deal needs before the proposal and from it on."""
PEOPLE_ARE_RECORDED = ("activities", "activity_attendees", "contacts.account_id")


@facts(
    "deal",
    Fact(
        "engaged_contacts_lo",
        "int",
        "Buyer people still there with a two-way event in the last `engaged_days`, as far as seen. "
        "Activities that ended up to 14 days ago are read at their last day.",
        "people",
        requires=PEOPLE_ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "engaged_contacts_hi",
        "int",
        "The same with those who may be: unknown unless activities are recorded for the whole "
        "window and name who took part.",
        "people",
        requires=PEOPLE_ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "engaged_contact_ids",
        "set",
        "The buyer people counted.",
        "people",
        requires=PEOPLE_ARE_RECORDED,
    ),
    Fact(
        "uncounted_contact_ids",
        "set",
        "People in two-way events who belong to other companies.",
        "people",
        requires=PEOPLE_ARE_RECORDED,
    ),
    Fact("engaged_days", "int", "The window in which a contact counts as engaged.", "days"),
    Fact("engaged_as_of", "text", "The last day recorded, in words, where activities are late."),
    reads={
        "accounts": ("account_id", "parent_account_id"),
        "contacts": ("contact_id", "account_id", "left_on"),
        "stakeholders": ("deal_id", "contact_id", "external_adviser"),
        "activities": (
            "activity_id",
            "account_id",
            "deal_id",
            "kind",
            "direction",
            "status",
            "at",
            "automated",
        ),
        "activity_attendees": ("activity_id", "attendee_id", "side", "attended"),
    },
    uses=("account_id", "is_open"),
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
    deals = inputs.subjects().join(inputs.facts(), on="id", how="left")
    deals = deals.with_columns(
        since=clock(inputs, "activities") - pl.duration(days=days),
        engaged_as_of=late_clock(inputs, "activities"),
    )
    events = _events(inputs, deals)
    present = _present(inputs, events)
    people = _people(inputs, deals, present)
    sure, maybe = pl.col("surely"), pl.col("maybe")
    counted = people.group_by("id").agg(
        engaged_contact_ids=pl.col("contact_id").filter(sure).unique().sort(),
        possible=pl.col("contact_id").filter(maybe).n_unique(),
        uncounted_contact_ids=pl.col("contact_id").filter("foreign").unique().sort(),
    )
    anonymous = (
        events.join(inputs.table("activity_attendees"), on="activity_id", how="anti")
        .select("id")
        .unique()
    )
    frame = deals.join(counted, on="id", how="left")
    whole = inputs.feeds.reaches("activities", pl.col("since"), pl.col("day"))
    seen_all = whole & ~pl.col("id").is_in(anonymous["id"].implode())
    nobody = pl.lit([], dtype=pl.List(pl.String))
    return frame.with_columns(
        pl.col("engaged_contact_ids", "uncounted_contact_ids").fill_null(nobody)
    ).select(
        "id",
        "engaged_contact_ids",
        "uncounted_contact_ids",
        "engaged_as_of",
        engaged_contacts_lo=pl.col("engaged_contact_ids").list.len().cast(pl.Int64),
        engaged_contacts_hi=pl.when(seen_all).then(pl.col("possible").fill_null(0).cast(pl.Int64)),
        engaged_days=pl.lit(days, dtype=pl.Int64),
    )


def _events(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the two-way events of each deal's window, and whether they ``surely`` are."""
    activities = inputs.table("activities").with_columns(on=inputs.local_day(pl.col("at")))
    direct = activities.rename({"deal_id": "id"})
    direct = direct.join(deals.select("id", "day", "since"), on="id")
    # What names no deal belongs to the account's deal only where exactly one can be meant.
    lone = deals.filter(pl.col("is_open").fill_null(value=True)).filter(
        pl.len().over("account_id") == 1
    )
    shared = activities.filter(pl.col("deal_id").is_null()).join(
        lone.select("id", "day", "since", "account_id"), on="account_id"
    )
    columns = [
        "id",
        "day",
        "since",
        "activity_id",
        "kind",
        "direction",
        "status",
        "automated",
        "on",
    ]
    both = pl.concat([direct.select(columns), shared.select(columns)])
    inside = pl.col("on").is_between("since", "day")
    both = both.filter(inside).with_columns(surely=_two_way(inputs))
    return both.filter(pl.col("surely").fill_null(value=True))


def _two_way(inputs: Inputs) -> pl.Expr:
    """Say whether an event goes both ways; unknown cells of recorded columns stay unknown."""
    recorded = inputs.feeds.is_recorded
    kind, direction, status = pl.col("kind"), pl.col("direction"), pl.col("status")
    # A mail is answered by another mail, so its own status may stay empty; a talk without one is unknown.
    answered = status.is_in(HELD)
    if not recorded("activities.status"):
        answered = answered.fill_null(value=False)
    answered = pl.when(kind.is_in(TALKS)).then(answered).otherwise(answered.fill_null(value=False))
    inbound = direction == "inbound"
    inbound = pl.when(kind.is_in(MAILS)).then(inbound).otherwise(inbound.fill_null(value=False))
    by_hand = ~pl.col("automated")
    if not recorded("activities.automated"):
        by_hand = by_hand.fill_null(value=True)
    theirs = (
        (inbound & by_hand).fill_null(value=False)
        if not recorded("activities.direction")
        else inbound & by_hand
    )
    ours = (direction == "internal").fill_null(value=False)
    return ~ours & (answered | theirs) & (status != "planned").fill_null(value=True)


def _present(inputs: Inputs, events: pl.DataFrame) -> pl.DataFrame:
    """Return who took part in each event: ``id``, ``day``, ``contact_id`` and whether they ``surely`` did."""
    attendees = inputs.table("activity_attendees").filter(pl.col("side").ne_missing("us"))
    found = events.join(attendees, on="activity_id").rename({"attendee_id": "contact_id"})
    was_there = pl.col("attended")
    unsure = pl.lit(inputs.feeds.is_recorded("activity_attendees.attended")) & (
        pl.col("kind") == "meeting"
    )
    was_there = pl.when(unsure).then(was_there).otherwise(was_there.fill_null(value=True))
    # A past meeting without status that somebody was at was held.
    held = pl.col("surely") | (
        was_there & pl.col("status").is_null() & (pl.col("kind") == "meeting")
    )
    found = found.with_columns(surely=held & was_there)
    return found.filter(pl.col("surely").fill_null(value=True)).select(
        "id", "day", "contact_id", "side", "surely"
    )


def _people(inputs: Inputs, deals: pl.DataFrame, present: pl.DataFrame) -> pl.DataFrame:
    """Sort those who took part: ``surely`` engaged buyers, ``maybe`` (those included), ``foreign``."""
    contacts = inputs.table("contacts").rename({"account_id": "company"})
    advisers = (
        inputs.table("stakeholders")
        .filter("external_adviser")
        .select(pl.col("deal_id").alias("id"), "contact_id", adviser=pl.lit(value=True))
    )
    buyers = _buyer_accounts(inputs, deals).with_columns(buyer=pl.lit(value=True))
    listed = contacts.with_columns(listed=pl.lit(value=True))
    # Somebody of theirs whom no contact describes is still somebody.
    found = (
        present.join(listed, on="contact_id", how="left")
        .filter(pl.col("listed").is_not_null() | (pl.col("side") == "buyer"))
        .join(buyers, on=["id", "company"], how="left")
        .join(advisers, on=["id", "contact_id"], how="left")
    )
    unknown = pl.col("company").is_null() & pl.col("adviser").is_null()
    buyer = pl.when(~unknown).then(pl.col("buyer").is_not_null() | pl.col("adviser").is_not_null())
    here = pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("day"))
    surely = (buyer & pl.col("surely")).fill_null(value=False) & here
    return found.select(
        "id",
        "contact_id",
        surely=surely,
        maybe=buyer.fill_null(value=True) & here,
        foreign=(~buyer & pl.col("surely")).fill_null(value=False),
    )


def _buyer_accounts(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the companies that buy in each deal: the account, its parent and its children."""
    accounts = inputs.table("accounts").drop_nulls()
    own = deals.select("id", company="account_id")
    parents = deals.join(accounts, on="account_id").select("id", company="parent_account_id")
    children = deals.join(
        accounts, left_on="account_id", right_on="parent_account_id", suffix="_child"
    )
    children = children.select("id", company="account_id_child")
    return pl.concat([own, parents, children]).drop_nulls().unique()


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
        "deals; unknown with the amount.",
        origin="deals.amount_minor",
    ),
    step="organisation",
    uses=(*COMPARABLE, "amount_reporting"),
    params={"deal_size_min_n": fewest("Won deals that make a deal's size large or small")},
)
def deal_size(inputs: Inputs) -> pl.DataFrame:
    """Measure what a large deal is here."""
    deals = inputs.subjects().join(inputs.facts(), on="id")
    found = own_quantile(deals, "amount_reporting", 0.75, min_n=inputs.params["deal_size_min_n"])
    p75 = pl.col("quantile").round(0).cast(pl.Int64)
    amount = pl.col("amount_reporting")
    return (
        deals.select("id", "amount_reporting")
        .join(found, on="id")
        .select(
            "id",
            deal_size_p75=p75,
            deal_size_n="n",
            is_large_deal=pl.when(p75.is_null()).then(statement=False).otherwise(amount >= p75),
        )
    )


@facts(
    "deal",
    Fact(
        "engaged_expected",
        "int",
        "Engaged people that a deal of its phase needs: two before the proposal, three from it on, "
        "`engaged_large_min` in a large deal; unknown with the phase.",
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
        "engaged_large_min": (
            4,
            Param("Engaged people that a large deal needs", ge=2, le=20, unit="people"),
        )
    },
)
def expected_people(inputs: Inputs) -> pl.DataFrame:
    """Say how many engaged people a deal of its phase and size needs."""
    least = max(inputs.params["engaged_large_min"], PROPOSED)
    proposed = pl.col("proposal_reached")
    large = proposed & pl.col("is_large_deal").fill_null(value=False)
    expected = (
        pl.when(large).then(least).when(proposed).then(PROPOSED).when(~proposed).then(EARLY)
    ).cast(pl.Int64)
    phase = (
        pl.when(large).then(pl.lit(" in a large deal")).when(proposed).then(pl.lit(""))
        .otherwise(pl.lit(" before the proposal"))
    )  # fmt: skip
    plain = proposed & ~large
    return inputs.facts().select(
        "id",
        engaged_expected=expected,
        engaged_large_min=pl.lit(least, dtype=pl.Int64),
        engaged_expected_basis=pl.format("at least {} expected{}", expected, phase),
        engaged_expected_source=pl.when(plain)
        .then(pl.lit("Challenger"))
        .otherwise(pl.lit(JUDGEMENT)),
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
    Meetings without attendees leave the number open upwards.
    """
    n, proposed = d.interval("engaged_contacts"), d.proposal_reached
    many_in_large = d.engaged_large_min
    said = (
        "in two-way contact in {engaged_days:days}: {engaged_contacts_lo:count} "
        "({engaged_contact_ids:people})"
    )
    expected = at_least(d.engaged_expected, source=d.engaged_expected_source)
    return Rules(
        applies=d.evaluation_or_later & ~(d.employees_recorded & (d.account_employees <= tiny)),
        risk=proposed & (n <= 1),
        watch=(proposed & ((n < PROPOSED) | (d.is_large_deal & (n < many_in_large))))
        | (~proposed & (n < EARLY)),
        strength=proposed & (n >= many),
        message={
            "risk": said + "; {engaged_expected_basis}{engaged_as_of}",
            "watch": said + "; {engaged_expected_basis}{engaged_as_of}",
            "pass": said + "{engaged_as_of}",
            "strength": said + "{engaged_as_of}",
            "insufficient_data": "seen " + said + "{engaged_as_of}",
        },
        actual=d.engaged_contacts_lo,
        expected={
            "risk": expected,
            "watch": expected,
            "pass": expected,
            "strength": at_least(many, source="Harvard Business Review, March 2015"),
        },
        evidence=[
            Cite("contacts", "name", ids=d.engaged_contact_ids),
            Cite("contacts", "account_id", ids=d.uncounted_contact_ids),
            *cited(d, "engaged_contacts_lo", "engaged_contacts_hi", "engaged_expected"),
        ],
    )
