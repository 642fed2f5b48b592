"""Who talked with whom about a deal: two-way events, what we sent, meetings that are planned.

Whether something holds is true, false or unknown throughout. Cells of a column that is recorded
stay unknown when they are empty; a column that is recorded nowhere blocks nothing.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dealreview.plugins.buyers import READS as BUYERS
from dealreview.plugins.buyers import are_buyers, companies_of, with_companies
from dealreview.plugins.subjects import with_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

EVENT = ("deal", "ours")
"""Columns of an event that are not its activity's."""

USES = ("account_id", "is_open")
"""Facts of deals by which activities and companies are theirs."""


def reads(*more: str, **tables: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return the tables that the functions here read.

    Args:
        *more: Further columns of ``activities``; :func:`events` passes them on.
        **tables: Further tables, or further columns of those read here.
    """
    own = {
        **BUYERS,
        "people": ("person_id",),
        "activities": (*ACTIVITY, *more),
        "activity_attendees": ("activity_id", "attendee_id", "side", "attended"),
    }
    return own | {
        name: tuple(dict.fromkeys((*own.get(name, ()), *columns)))
        for name, columns in tables.items()
    }


class Conversations(NamedTuple):
    """Every activity of deals, and who took part on their side.

    Attributes:
        deals: Ids of the deals.
        events: ``event``, a number, ``deal`` (a row of deals) and ``activity`` (a row of activities),
            and of the activity ``activity_id``, ``kind``, ``status``, ``direction``, ``at``, ``on``
            (its local day), whether it is ``named`` who took part, ``ours``, ``inbound`` (somebody of
            theirs wrote or called), ``answered`` (a talk that took place) and ``outbound`` (we
            wrote or called).
        people: A row for each ``event`` and person on their side: ``contact_id``, ``present`` (was
            there), ``buyer`` and ``here`` of :func:`dealreview.plugins.buyers.with_buyers`, ``spoke``
            (a two-way event of the deal with this person), ``talked`` (with this buyer person) and
            ``addressed`` (we wrote to or called this buyer person).
    """

    deals: pl.Series
    events: pl.DataFrame
    people: pl.DataFrame


def conversations(inputs: Inputs) -> Conversations:
    """Return the conversations of the deals that a provider gets, found once for all providers."""
    return inputs.shared(_of_subjects, reads=reads(), uses=USES)


def _of_subjects(inputs: Inputs) -> Conversations:
    return conversations_of(inputs, with_facts(inputs))


def conversations_of(
    inputs: Inputs, deals: pl.DataFrame, when: pl.Expr | None = None
) -> Conversations:
    """Return the conversations of deals.

    An activity that names no deal is that of its account's only open deal; where a deal may be
    open, or may be the only one, nobody knows whether the activity is ``ours``.

    Args:
        inputs: What the provider got.
        deals: ``id``, ``day``, ``account_id``, ``is_open`` and what ``when`` needs.
        when: Which activities are of interest; None takes all.
    """
    when = pl.lit(value=True) if when is None else when
    needed = {"id", "day", "account_id", "is_open", *when.meta.root_names()}
    deals = deals.select(c for c in deals.columns if c in needed).with_row_index("deal")
    activities = inputs.shared(_activities, reads=reads())
    columns = [*EVENT, *(c for c in activities.columns if c not in {"account_id", "deal_id"})]
    # As one query, in which conditions on activities alone are met before any of them is copied.
    found = activities.lazy()
    named = found.drop_nulls("deal_id").rename({"deal_id": "id"}).drop("account_id")
    direct = deals.with_columns(ours=pl.lit(value=True)).lazy().join(named, on="id")
    loose = found.filter(pl.col("deal_id").is_null()).drop("deal_id")
    shared = _open_deals(deals).lazy().join(loose, on="account_id")
    parts = [part.filter(when).select(columns) for part in (direct, shared)]
    events = pl.concat(pl.collect_all(parts)).with_row_index("event")
    return Conversations(deals["id"], events, _people(inputs, deals, events))


def _activities(inputs: Inputs) -> pl.DataFrame:
    """Return what can be said of each activity by itself, with the number of its row."""
    attended = inputs.table("activity_attendees")["activity_id"].unique().implode()
    activities = inputs.table("activities").with_row_index("activity")
    return activities.with_columns(
        on=inputs.local_day(pl.col("at")),
        named=pl.col("activity_id").is_in(attended),
        **_ways(inputs),
    ).drop("automated")


def _people(inputs: Inputs, deals: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return who took part on their side in each event."""
    columns = ("event", "deal", "activity", "kind", "status", "ours")
    narrow = events.select(*columns, "inbound", "answered", "outbound")
    found = narrow.join(inputs.shared(_attendees, reads=reads()), on="activity")
    sides = companies_of(inputs, deals).with_columns(deals["day"])
    found = are_buyers(inputs, found.hstack(sides[found["deal"]]))
    meeting = pl.col("kind") == "meeting"
    told = pl.lit(inputs.feeds.is_recorded("activity_attendees.attended"))
    there = pl.col("attended")
    there = pl.when(told & meeting).then(there).otherwise(there.fill_null(value=True))
    # A past meeting without status that somebody was at was held.
    held = pl.col("answered") | (there & pl.col("status").is_null() & meeting)
    ours, buyer = pl.col("ours"), pl.col("buyer")
    spoke = ours & there & (held | pl.col("inbound"))
    return found.select(
        "event",
        "contact_id",
        "buyer",
        "here",
        present=there,
        spoke=spoke,
        talked=spoke & buyer,
        addressed=ours & buyer & pl.col("outbound"),
    )


def _attendees(inputs: Inputs) -> pl.DataFrame:
    """Return who took part on their side, with the companies they belong to, by ``activity``."""
    attendees = inputs.table("activity_attendees").filter(pl.col("side").ne_missing("us"))
    ourselves = inputs.table("people")["person_id"].implode()
    attendees = attendees.rename({"attendee_id": "contact_id"}).filter(
        pl.col("side").eq_missing("buyer") | ~pl.col("contact_id").is_in(ourselves)
    )
    numbers = inputs.table("activities").select("activity_id").with_row_index("activity")
    attendees = attendees.join(numbers, on="activity_id").drop("activity_id", "side")
    return with_companies(inputs, attendees)


def events(
    inputs: Inputs,
    deals: pl.DataFrame,
    when: pl.Expr | None = None,
    talks: Conversations | None = None,
) -> pl.DataFrame:
    """Return the activities of each deal.

    Returns:
        The columns of ``deals``, those of :class:`Conversations`, and those of activities that only
        this provider reads.

    Args:
        inputs: What the provider got.
        deals: ``id`` and what ``when`` needs.
        when: Which activities to return, over these columns; None takes those up to the day.
        talks: The conversations; None takes those of the provider's subjects.
    """
    talks = talks or conversations(inputs)
    inside = pl.col("on") <= pl.col("day") if when is None else when
    asked = deals.with_columns(_asked=pl.lit(value=True))
    own = talks.deals.to_frame().join(asked, on="id", how="left", maintain_order="left")
    # A deal's row is known, and there are many events: they are joined by nothing.
    found = talks.events.hstack(own[talks.events["deal"]])
    found = found.filter(pl.col("_asked"), inside).drop("_asked")
    activities = inputs.table("activities")
    more = [column for column in activities.columns if column not in ACTIVITY]
    # A table's rows stand in the same order each time it is asked for.
    return found.hstack(activities.select(more)[found["activity"]]) if more else found


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
    mail, held = _is_one_of(kind, MAILS), _is_one_of(status, HELD)
    # Only a mail, or a call that nobody took, goes one way: of other kinds an empty cell says nothing.
    one_way = mail | ((kind == "call") & ~held.fill_null(value=False))
    by_hand = ~pl.col("automated")
    if not inputs.feeds.is_recorded("activities.automated"):
        by_hand = by_hand.fill_null(value=True)
    told = pl.lit(inputs.feeds.is_recorded("activities.direction"))
    inbound, outbound = direction == "inbound", direction == "outbound"
    inbound = pl.when(mail & told).then(inbound).otherwise(inbound.fill_null(value=False))
    outbound = pl.when(one_way).then(outbound).otherwise(outbound.fill_null(value=False))
    # A mail is answered by another mail, so its own status may stay empty; a talk's says whether it was.
    talk = _is_one_of(kind, TALKS)
    answered = pl.when(talk).then(held).otherwise(held.fill_null(value=False))
    with_them = ~(direction == "internal").fill_null(value=False)
    begun = (status != "planned").fill_null(value=True)
    sent = ~_is_one_of(status, NOT_SENT).fill_null(value=False)
    return {
        "inbound": with_them & begun & inbound & by_hand,
        "answered": with_them & answered,
        "outbound": sent & outbound & by_hand,
    }


def _is_one_of(text: pl.Expr, few: Sequence[str]) -> pl.Expr:
    """Return whether a text is one of a few; comparing them one by one takes a fraction of a look-up."""
    return reduce(or_, (text == one for one in few))


def with_people(
    inputs: Inputs, events: pl.DataFrame, talks: Conversations | None = None
) -> pl.DataFrame:
    """Return a row for each event and person on their side; events that name none are left out.

    Returns:
        The events' columns and those of the people of :class:`Conversations`.
    """
    talks = talks or conversations(inputs)
    return events.join(talks.people, on="event")


def nobody_named(events: pl.DataFrame) -> pl.DataFrame:
    """Return the events of which nobody knows who took part: they have no attendee at all."""
    return events.filter(~pl.col("named"))


def two_way(
    inputs: Inputs,
    deals: pl.DataFrame,
    when: pl.Expr | None = None,
    talks: Conversations | None = None,
) -> pl.DataFrame:
    """Return the events that move a clock: what they wrote, and talks with a buyer person.

    Returns:
        ``id``, ``activity_id``, ``at``, ``on`` and ``surely``: true, or unknown where it may be.
        What surely was none is left out.
    """
    found = events(inputs, deals, when, talks)
    return _told(found, both_ways(found, with_people(inputs, found, talks)))


def both_ways(events: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return the events that move a clock as :func:`two_way` does: ``event`` and ``surely``.

    Args:
        events: Events of :class:`Conversations`.
        people: Their people.
    """
    wrote = events.with_columns(surely=pl.col("ours") & pl.col("inbound"))
    # Somebody was at a talk that names nobody, and may have been theirs.
    unnamed = nobody_named(events).with_columns(
        surely=pl.col("ours") & pl.col("answered") & pl.lit(None, dtype=pl.Boolean)
    )
    return _once(people.with_columns(surely="talked"), wrote, unnamed)


def outbound(
    inputs: Inputs,
    deals: pl.DataFrame,
    when: pl.Expr | None = None,
    talks: Conversations | None = None,
) -> pl.DataFrame:
    """Return what we sent to a buyer person by hand, as :func:`two_way` does."""
    found = events(inputs, deals, when, talks)
    people = with_people(inputs, found, talks).with_columns(surely="addressed")
    unnamed = nobody_named(found).with_columns(
        surely=pl.col("ours") & pl.col("outbound") & pl.lit(None, dtype=pl.Boolean)
    )
    return _each_once(found, people, unnamed)


def planned_meetings(
    inputs: Inputs, deals: pl.DataFrame, talks: Conversations | None = None
) -> pl.DataFrame:
    """Return the meetings after the day that a buyer person is to attend, as :func:`two_way` does."""
    coming = (pl.col("on") > pl.col("day")) & (pl.col("status") == "planned")
    meeting = pl.col("ours") & (pl.col("kind") == "meeting")
    found = events(inputs, deals, coming, talks)
    # An invitation that nobody answered stands; one that was declined does not.
    invited = pl.col("buyer") & pl.col("present").fill_null(value=True)
    people = with_people(inputs, found, talks).with_columns(surely=meeting & invited)
    unnamed = nobody_named(found).with_columns(surely=meeting & pl.lit(None, dtype=pl.Boolean))
    return _each_once(found, people, unnamed)


def _each_once(events: pl.DataFrame, *parts: pl.DataFrame) -> pl.DataFrame:
    """Return each event once, with what else is known of it."""
    return _told(events, _once(*parts))


def _told(events: pl.DataFrame, once: pl.DataFrame) -> pl.DataFrame:
    known = events.select("event", "id", "activity_id", "at", "on")
    return known.join(once, on="event").drop("event")


def _once(*parts: pl.DataFrame) -> pl.DataFrame:
    """Return each event once: true where one row says so, unknown where one may."""
    rows = pl.concat([part.select("event", "surely") for part in parts])
    rows = rows.filter(pl.col("surely").fill_null(value=True))
    sure = pl.when(pl.col("surely").fill_null(value=False).any()).then(statement=True)
    return rows.group_by("event").agg(surely=sure)
