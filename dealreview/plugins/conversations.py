"""Who talked with whom about a deal: two-way events, what we sent, meetings that are planned.

Whether something holds is true, false or unknown throughout. Cells of a column that is recorded
stay unknown when they are empty; a column that is recorded nowhere blocks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dealreview import Inputs

TALKS = ("meeting", "call")
MAILS = ("email", "message")
HELD = ("held", "answered")
NOT_SENT = ("planned", "postponed", "cancelled")
ACTIVITY = (
    "activity_id",
    "account_id",
    "deal_id",
    "kind",
    "direction",
    "status",
    "at",
    "automated",
)
"""Columns of activities without which nothing can be said of them."""

ARE_RECORDED = ("activities", "activity_attendees", "contacts.account_id")
"""What a fact about conversations requires."""

USES = ("account_id", "is_open")
"""Facts of deals by which activities and companies are theirs."""


def reads(*more: str, **tables: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return the tables that the functions here read.

    Args:
        *more: Further columns of ``activities``; :func:`events` passes them on.
        **tables: Further tables, or further columns of those read here.
    """
    own = {
        "accounts": ("account_id", "parent_account_id"),
        "contacts": ("contact_id", "account_id", "left_on"),
        "people": ("person_id",),
        "stakeholders": ("deal_id", "contact_id", "external_adviser"),
        "activities": (*ACTIVITY, *more),
        "activity_attendees": ("activity_id", "attendee_id", "side", "attended"),
    }
    return own | {
        name: tuple(dict.fromkeys((*own.get(name, ()), *columns)))
        for name, columns in tables.items()
    }


def deals_of(inputs: Inputs) -> pl.DataFrame:
    """Return the deals with their day and the facts that the provider uses."""
    return inputs.subjects().join(inputs.facts(), on="id", how="left")


def events(inputs: Inputs, deals: pl.DataFrame, when: pl.Expr | None = None) -> pl.DataFrame:
    """Return the activities of each deal.

    An activity that names no deal is that of its account's only open deal; where a deal may be
    open, or may be the only one, nobody knows whether the activity is ``ours``.

    Returns:
        The columns of ``deals`` and of the activity (its ``account_id`` left out), ``on`` (its
        local day), ``ours``, ``inbound`` (somebody of theirs wrote or called), ``answered`` (a
        talk that took place) and ``outbound`` (we wrote or called).

    Args:
        inputs: What the provider got.
        deals: ``id``, ``day``, ``account_id``, ``is_open`` and what ``when`` needs.
        when: Which activities to return, over these columns; None takes those up to the day.
    """
    activities = inputs.table("activities").with_columns(on=inputs.local_day(pl.col("at")))
    named = activities.drop_nulls("deal_id").rename({"deal_id": "id"}).drop("account_id")
    direct = deals.join(named, on="id").with_columns(ours=pl.lit(value=True))
    loose = activities.filter(pl.col("deal_id").is_null()).drop("deal_id")
    shared = _open_deals(deals).join(loose, on="account_id").select(direct.columns)
    inside = pl.col("on") <= pl.col("day") if when is None else when
    return pl.concat([direct, shared]).filter(inside).with_columns(**_ways(inputs))


def _open_deals(deals: pl.DataFrame) -> pl.DataFrame:
    """Return deals that are, or may be, the only open one of their account, with ``ours``."""
    is_open, account = pl.col("is_open"), "account_id"
    found = deals.filter(is_open.fill_null(value=True)).with_columns(
        _surely=is_open.fill_null(value=False).sum().over(account), _maybe=pl.len().over(account)
    )
    is_open = pl.col("is_open").fill_null(value=False)
    only = pl.col("_surely") == is_open.cast(pl.UInt32)
    certain = is_open & (pl.col("_maybe") == 1)
    return found.filter(only).select(
        *deals.columns, ours=pl.when(certain).then(statement=True).otherwise(None)
    )


def _ways(inputs: Inputs) -> dict[str, pl.Expr]:
    """Return which way an event went, by name."""
    kind, status, direction = pl.col("kind"), pl.col("status"), pl.col("direction")
    mail = kind.is_in(MAILS)
    # Only a mail, or a call that nobody took, goes one way: of other kinds an empty cell says nothing.
    one_way = mail | ((kind == "call") & ~status.is_in(HELD).fill_null(value=False))
    by_hand = ~pl.col("automated")
    if not inputs.feeds.is_recorded("activities.automated"):
        by_hand = by_hand.fill_null(value=True)
    told = pl.lit(inputs.feeds.is_recorded("activities.direction"))
    inbound, outbound = direction == "inbound", direction == "outbound"
    inbound = pl.when(mail & told).then(inbound).otherwise(inbound.fill_null(value=False))
    outbound = pl.when(one_way).then(outbound).otherwise(outbound.fill_null(value=False))
    # A mail is answered by another mail, so its own status may stay empty; a talk's says whether it was.
    answered = status.is_in(HELD)
    answered = pl.when(kind.is_in(TALKS)).then(answered).otherwise(answered.fill_null(value=False))
    with_them = ~(direction == "internal").fill_null(value=False)
    begun = (status != "planned").fill_null(value=True)
    sent = ~status.is_in(NOT_SENT).fill_null(value=False)
    return {
        "inbound": with_them & begun & inbound & by_hand,
        "answered": with_them & answered,
        "outbound": sent & outbound & by_hand,
    }


def with_people(inputs: Inputs, deals: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each event and person on their side; events that name none are left out.

    Returns:
        The events' columns, ``contact_id``, ``present`` (was there), ``buyer`` and ``here`` of
        :func:`with_buyers`, ``spoke`` (a two-way event of the deal with this person), ``talked``
        (with this buyer person) and ``addressed`` (we wrote to or called this buyer person).
    """
    attendees = inputs.table("activity_attendees").filter(pl.col("side").ne_missing("us"))
    ourselves = inputs.table("people")["person_id"].implode()
    attendees = attendees.rename({"attendee_id": "contact_id"}).filter(
        pl.col("side").eq_missing("buyer") | ~pl.col("contact_id").is_in(ourselves)
    )
    found = with_buyers(inputs, deals, events.join(attendees, on="activity_id"))
    meeting = pl.col("kind") == "meeting"
    told = pl.lit(inputs.feeds.is_recorded("activity_attendees.attended"))
    there = pl.col("attended")
    there = pl.when(told & meeting).then(there).otherwise(there.fill_null(value=True))
    # A past meeting without status that somebody was at was held.
    held = pl.col("answered") | (there & pl.col("status").is_null() & meeting)
    ours, buyer = pl.col("ours"), pl.col("buyer")
    spoke = ours & there & (held | pl.col("inbound"))
    found = found.with_columns(
        present=there,
        spoke=spoke,
        talked=spoke & buyer,
        addressed=ours & buyer & pl.col("outbound"),
    )
    return found.drop("side", "attended")


def with_buyers(inputs: Inputs, deals: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Add whether the contacts of deals are on the buyer's side, and still there on the day.

    A ``buyer`` belongs to the account of the deal, its parent or a child of it, or advises it from
    outside; of whom the company is unknown that is unknown too. Who has left is not ``here``.

    Args:
        inputs: What the provider got.
        deals: ``id``, ``account_id``.
        people: ``id``, ``day``, ``contact_id`` and whatever else.
    """
    contacts = inputs.table("contacts").select("contact_id", "left_on", company="account_id")
    advisers = inputs.table("stakeholders").filter("external_adviser")
    advisers = advisers.select(pl.col("deal_id").alias("id"), "contact_id", _adviser=True)
    theirs = _buying_companies(inputs, deals).with_columns(_theirs=True)
    found = (
        people.join(contacts, on="contact_id", how="left")
        .join(theirs, on=["id", "company"], how="left")
        .join(advisers, on=["id", "contact_id"], how="left")
    )
    known = pl.col("company").is_not_null()
    adviser = pl.col("_adviser").is_not_null()
    buyer = pl.when(adviser).then(adviser).when(known).then(pl.col("_theirs").is_not_null())
    here = pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("day"))
    return found.with_columns(buyer=buyer, here=here).drop(
        "left_on", "company", "_adviser", "_theirs"
    )


def _buying_companies(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the companies that buy in each deal: the account, its parent and its children."""
    accounts = inputs.table("accounts").drop_nulls()
    own = deals.select("id", company="account_id")
    parents = deals.join(accounts, on="account_id").select("id", company="parent_account_id")
    children = deals.join(
        accounts, left_on="account_id", right_on="parent_account_id", suffix="_child"
    )
    children = children.select("id", company="account_id_child")
    return pl.concat([own, parents, children]).drop_nulls().unique()


def nobody_named(inputs: Inputs, events: pl.DataFrame) -> pl.DataFrame:
    """Return the events of which nobody knows who took part: they have no attendee at all."""
    return events.join(inputs.table("activity_attendees"), on="activity_id", how="anti")


def two_way(inputs: Inputs, deals: pl.DataFrame, when: pl.Expr | None = None) -> pl.DataFrame:
    """Return the events that move a clock: what they wrote, and talks with a buyer person.

    Returns:
        ``id``, ``activity_id``, ``at``, ``on`` and ``surely``: true, or unknown where it may be.
        What surely was none is left out.
    """
    found = events(inputs, deals, when)
    people = with_people(inputs, deals, found).with_columns(surely="talked")
    wrote = found.with_columns(surely=pl.col("ours") & pl.col("inbound"))
    # Somebody was at a talk that names nobody, and may have been theirs.
    unnamed = nobody_named(inputs, found).with_columns(
        surely=pl.col("ours") & pl.col("answered") & pl.lit(None, dtype=pl.Boolean)
    )
    return _each_once(people, wrote, unnamed)


def outbound(inputs: Inputs, deals: pl.DataFrame, when: pl.Expr | None = None) -> pl.DataFrame:
    """Return what we sent to a buyer person by hand, as :func:`two_way` does."""
    found = events(inputs, deals, when)
    people = with_people(inputs, deals, found).with_columns(surely="addressed")
    unnamed = nobody_named(inputs, found).with_columns(
        surely=pl.col("ours") & pl.col("outbound") & pl.lit(None, dtype=pl.Boolean)
    )
    return _each_once(people, unnamed)


def planned_meetings(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the meetings after the day that a buyer person is to attend, as :func:`two_way` does."""
    coming = (pl.col("on") > pl.col("day")) & (pl.col("status") == "planned")
    meeting = pl.col("ours") & (pl.col("kind") == "meeting")
    found = events(inputs, deals, coming)
    # An invitation that nobody answered stands; one that was declined does not.
    invited = pl.col("buyer") & pl.col("present").fill_null(value=True)
    people = with_people(inputs, deals, found).with_columns(surely=meeting & invited)
    unnamed = nobody_named(inputs, found).with_columns(
        surely=meeting & pl.lit(None, dtype=pl.Boolean)
    )
    return _each_once(people, unnamed)


def _each_once(*parts: pl.DataFrame) -> pl.DataFrame:
    """Return each event once: true where one row says so, unknown where one may."""
    columns = ["id", "activity_id", "at", "on"]
    rows = pl.concat([part.select(*columns, "surely") for part in parts])
    rows = rows.filter(pl.col("surely").fill_null(value=True))
    sure = pl.when(pl.col("surely").fill_null(value=False).any()).then(statement=True)
    return rows.group_by(columns).agg(surely=sure).sort(*columns)
