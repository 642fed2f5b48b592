"""Mails, calls and meetings, and the diary that makes them."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.demo.company.days import AS_OF, SEED, workday

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dealreview.demo.world.accounts import Contact
    from dealreview.demo.world.deals import Deal


@frozen
class Event:
    """A mail, call, meeting or chore.

    Attributes:
        kind: Kind.
        direction: Which way it went.
        status: What became of it.
        day: The day.
        person: Login of ours.
        deal: The deal, if it was about one.
        customer: Number of the account; of a chore nobody's.
        contacts: People of the customer who took part.
        helpers: Logins of others of ours.
        minutes: How long.
        automated: Whether a machine sent it.
        purpose: Kind of meeting.
        topics: What was spoken of.
        ask: Number of the ask that it follows up.
        relay: What the contact waits for.
        chore: Kind of chore.
        moved_by: Who moved a meeting.
    """

    kind: str
    direction: str
    status: str
    day: dt.date
    person: str
    deal: Deal | None = None
    customer: str = ""
    contacts: tuple[Contact, ...] = ()
    helpers: tuple[str, ...] = ()
    minutes: int = 0
    automated: bool = False
    purpose: str = ""
    topics: tuple[str, ...] = ()
    ask: str = ""
    relay: str = ""
    chore: str = ""
    moved_by: str = ""

    @property
    def is_ahead(self) -> bool:
        """Whether it has not taken place yet."""
        return self.day > AS_OF


def sure_workday(day: dt.date, after: dt.date) -> dt.date:
    """Return the day, or the Friday before a weekend, or the Monday after it if that is too early."""
    friday = workday(day)
    if friday > after or friday == day:
        return friday
    return friday + dt.timedelta(days=3)


@frozen
class Diary:
    """Writes down what happens in one deal.

    Attributes:
        deal: The deal.
        contacts: Everybody at the customer.
        rng: Random numbers of this deal.
    """

    deal: Deal
    contacts: Sequence[Contact]
    rng: Random = field(factory=lambda: Random(SEED))  # noqa: S311 - nothing here is a secret

    @property
    def about(self) -> dict[str, Any]:
        """Whose event it is, and of which deal."""
        owner = str(self.deal.owner or "d.moreau")
        return {"person": owner, "deal": self.deal, "customer": self.deal.customer.number}

    def day(self, nearest: int, farthest: int) -> dt.date:
        """Return a working day so many days before the end of the deal, after it was created."""
        age = (self.deal.end - self.deal.created).days
        far = max(nearest, min(farthest, age - 1))
        return workday(self.deal.end - dt.timedelta(days=self.rng.randint(nearest, far)))

    def inbound(self, day: dt.date, contact: Contact, **rest: Any) -> Event:
        """Return a mail from a contact."""
        return Event("email", "inbound", "received", day, contacts=(contact,), **self.about, **rest)

    def outbound(self, day: dt.date, contact: Contact, **rest: Any) -> Event:
        """Return a mail of ours."""
        return Event("email", "outbound", "sent", day, contacts=(contact,), **self.about, **rest)

    def call(self, day: dt.date, contact: Contact, status: str = "answered", **rest: Any) -> Event:
        """Return a call of ours."""
        minutes = 25 if status == "answered" else 0
        return Event(
            "call",
            "outbound",
            status,
            day,
            contacts=(contact,),
            minutes=minutes,
            **self.about,
            **rest,
        )

    def meeting(
        self, day: dt.date, contacts: Sequence[Contact], status: str = "held", **rest: Any
    ) -> Event:
        """Return a meeting."""
        told = {"purpose": "review"} | rest
        return Event(
            "meeting", "", status, day, contacts=tuple(contacts), minutes=60, **self.about, **told
        )
