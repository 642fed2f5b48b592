"""What mail and calendar export: month first, local times, who took part, what it was about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dealreview.demo.exports.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.demo.exports.table import Export, Window
    from dealreview.demo.world import World
    from dealreview.demo.world.events import Event

AHEAD = dt.timedelta(days=21)
"""How far ahead the calendar is exported."""

COLUMNS = (
    "Item|Type|Direction|Status|Start|Minutes|Mailbox|Opportunity|Account no|Auto reply|Purpose|Ask|Waits for"
    "|Chore|Moved by"
)


def diary_exports(world: World, window: Window) -> tuple[Export, ...]:
    """Return the files of mail and calendar."""
    shown = [(number, event) for number, event in world.events if _is_shown(event, window)]
    people = (row for number, event in shown for row in _people(number, event))
    topics = (
        (number, topic)
        for number, event in shown
        if event.day <= window.day
        for topic in event.topics
    )
    return (
        table(
            "mail_and_calendar.csv",
            COLUMNS,
            (_row(number, event, window) for number, event in shown),
        ),
        table("participants.csv", "Item|Side|Person|Attended", people),
        table("topics.csv", "Item|Topic", topics),
    )


def _is_shown(event: Event, window: Window) -> bool:
    planned = (
        event.kind == "meeting" and event.status in {"held", "planned"} and event.deal is not None
    )
    known = event.deal is None or event.deal.created <= window.day
    return known and (
        window.logs(event.day) or (planned and window.day < event.day <= window.day + AHEAD)
    )


def _row(number: str, event: Event, window: Window) -> tuple[str, ...]:
    hour = 8 + int(number[1:]) % 9
    return (
        number,
        event.kind,
        event.direction,
        event.status if event.day <= window.day else "planned",
        f"{event.day:%m/%d/%Y} {hour:02d}:30",
        str(event.minutes),
        event.person,
        event.deal.deal_id if event.deal else "",
        event.customer,
        "yes" if event.automated else "no",
        event.purpose,
        event.ask,
        event.relay,
        event.chore,
        event.moved_by,
    )


def _people(number: str, event: Event) -> Iterator[tuple[str, ...]]:
    if event.kind == "meeting" and event.contacts:
        yield number, "us", event.person, "yes"
        for helper in event.helpers:
            yield number, "us", helper, "yes"
    for contact in event.contacts:
        yield number, "buyer", contact.contact_id, "yes"
