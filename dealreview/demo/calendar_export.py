"""What mail and calendar export: month first, local times, who took part."""

from __future__ import annotations

import datetime as dt
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from attrs import field, frozen

from dealreview.demo.company import AS_OF, SEED
from dealreview.demo.crm import buying_group
from dealreview.demo.export import Export, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.world import Contact, Deal, World

RECENT = (3, 40)
"""Days ago of talks with engaged people: within the 45 that count."""

EARLIER = (48, 90)
QUIET_SINCE = 5
"""Days since the last message of ours in an open deal."""


@frozen
class Event:
    """A mail, call or meeting."""

    deal: Deal
    kind: str
    direction: str
    status: str
    day: dt.date
    contacts: tuple[Contact, ...]
    automated: bool = False
    minutes: int = 0


@frozen
class Diary:
    """Makes events with numbers of their own."""

    world: World
    rng: Random = field(factory=lambda: Random(SEED + 1))  # noqa: S311 - nothing here is a secret

    def ago(self, span: tuple[int, int], end: dt.date) -> dt.date:
        """Return a working day some days before another."""
        day = end - dt.timedelta(days=self.rng.randint(*span))
        return day - dt.timedelta(days=max(0, day.weekday() - 4))

    def events(self) -> Iterator[Event]:
        """Yield what happened in every deal."""
        for deal in self.world.deals:
            yield from self.talks(deal)
            if deal.is_open:
                yield from self.other_events(deal)

    def talks(self, deal: Deal) -> Iterator[Event]:
        """Yield a mail of each engaged person, and a call or meeting with every second."""
        end = deal.closed or AS_OF
        for number, contact in enumerate(self.world.contacts[deal.customer][: deal.engaged]):
            yield Event(deal, "email", "inbound", "received", self.ago(RECENT, end), (contact,))
            kind = ("meeting", "", "held") if number % 2 == 0 else ("call", "outbound", "answered")
            yield Event(deal, *kind, self.ago(RECENT, end), (contact,), minutes=30)

    def other_events(self, deal: Deal) -> Iterator[Event]:
        """Yield our own mails, an absence note, older talks, a nameless meeting and the next one."""
        group = buying_group(self.world, deal)
        for contact in group:
            sent = self.ago((QUIET_SINCE, 30), AS_OF)
            yield Event(deal, "email", "outbound", "sent", sent, (contact,))
        absent = self.ago(RECENT, AS_OF)
        yield Event(deal, "email", "inbound", "received", absent, group[-1:], automated=True)
        if (AS_OF - deal.created).days > EARLIER[1]:
            yield Event(deal, "meeting", "", "held", self.ago(EARLIER, AS_OF), group, minutes=90)
        if deal.nameless:
            yield Event(deal, "meeting", "", "held", self.ago((10, 20), AS_OF), (), minutes=45)
        if deal.engaged > 2:
            planned = AS_OF + dt.timedelta(days=self.rng.choice((3, 4, 5, 6, 7, 10)))
            yield Event(deal, "meeting", "", "planned", planned, group[:2], minutes=60)


def calendar_exports(world: World) -> tuple[Export, ...]:
    """Return the files of mail and calendar."""
    events = sorted(Diary(world).events(), key=lambda event: event.day)
    numbered = [(f"M{number:05d}", event) for number, event in zip(count(1), events, strict=False)]
    columns = "Item|Type|Direction|Status|Start|Minutes|Mailbox|Opportunity|Account no|Auto reply"
    people = (row for number, event in numbered for row in _people(number, event))
    return (
        table("mail_and_calendar.csv", columns, (_row(*item) for item in numbered)),
        table("participants.csv", "Item|Side|Person|Attended", people),
    )


def _row(number: str, event: Event) -> tuple[str, ...]:
    hour = 8 + int(number[1:]) % 9
    return (
        number,
        event.kind,
        event.direction,
        event.status,
        f"{event.day:%m/%d/%Y} {hour:02d}:30",
        str(event.minutes),
        event.deal.owner,
        event.deal.deal_id,
        event.deal.customer,
        "yes" if event.automated else "no",
    )


def _people(number: str, event: Event) -> Iterator[tuple[str, ...]]:
    if not event.contacts:
        return
    yield number, "us", event.deal.owner, "yes"
    for contact in event.contacts:
        yield number, "buyer", contact.contact_id, "yes"
