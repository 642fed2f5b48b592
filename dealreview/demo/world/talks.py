"""What is said and done in deals: talks with those engaged, our mails, and the stories."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attrs import evolve

from dealreview.demo.company import people_stories as tales
from dealreview.demo.company.days import AS_OF, ago, workday
from dealreview.demo.company.names import STAGES
from dealreview.demo.company.people_stories import ASKS
from dealreview.demo.company.stories import PRICE_TALK
from dealreview.demo.world.events import Diary, Event, sure_workday
from dealreview.demo.world.groups import by_role, engaged, is_kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dealreview.demo.company.plans import Plan
    from dealreview.demo.world.accounts import Contact
    from dealreview.demo.world.deals import Deal

WINDOW_DAYS = 40
"""Talks with those engaged lie in it; 45 days count."""

OLDER = (48, 80)
HELPERS = {"T1": "k.ivers", "T2": "f.otto", "T3": "y.tan"}
TEAM_OF = {"m.aalto": "T1", "s.kovac": "T1", "c.weber": "T3", "g.fischer": "T3", "t.okafor": "T2"}
"""Who takes a presales or delivery colleague along."""


def deal_events(deal: Deal, contacts: Sequence[Contact]) -> Iterator[Event]:
    """Yield what happened in a deal, tagged with what was spoken of."""
    diary = Diary(deal, contacts, deal.rng("talks"))
    happened = _open(diary, deal.plan) if deal.plan else _closed(diary)
    for event in happened:
        if event.day > deal.created or event.is_ahead:
            yield _tagged(diary, event)


# --- closed deals --------------------------------------------------------------------------------


def _closed(diary: Diary) -> Iterator[Event]:
    """Yield the few talks that are left of a closed deal; of late ones who said no as well."""
    people = engaged(diary.deal, diary.contacts)
    quoted = diary.deal.quoted_on or diary.deal.end
    early = diary.rng.random() < 0.85
    spoke = workday(quoted - dt.timedelta(days=4)) if early else diary.day(1, 3)
    yield diary.meeting(
        max(spoke, diary.deal.created + dt.timedelta(days=1)), people, topics=("price",)
    )
    yield diary.inbound(diary.day(2, 9), people[-1])
    if is_kept(diary.deal):
        yield diary.outbound(diary.day(3, 12), people[0])
        yield diary.call(diary.day(8, 18), people[0])


# --- open deals ----------------------------------------------------------------------------------


def _open(diary: Diary, plan: Plan) -> Iterator[Event]:
    people = engaged(diary.deal, diary.contacts)
    silent = diary.rng.choice((0, 1, 2, 3, 4)) if plan.silent is None else plan.silent
    last = workday(ago(silent))
    yield from _talks(diary, people, last)
    yield from _together(diary, plan, people, silent)
    yield from _our_mails(diary, plan, people, last)
    yield from _ahead(diary, plan, people)
    yield from _money(diary, people, last)
    yield from _asked(diary)
    yield from _stories(diary, people, silent)


def _talks(diary: Diary, people: Sequence[Contact], last: dt.date) -> Iterator[Event]:
    """Yield a mail of each engaged person, and a call or meeting; the main contact spoke last."""
    silent = (AS_OF - last).days
    dodger, *dodged = tales.DODGES.get(diary.deal.deal_id, ("",))
    bypassed = diary.deal.deal_id in tales.BYPASSES
    for number, contact in enumerate(people):
        nearest = silent
        if contact.role == dodger and number:
            nearest = max(day for days in dodged for day in days) + 2
        if bypassed and not number:
            nearest = 24
        wrote = last if number == 0 else diary.day(nearest, WINDOW_DAYS)
        yield diary.inbound(wrote, contact)
        spoke = diary.day(max(nearest, silent + 1), WINDOW_DAYS)
        if number % 2 == 0:
            yield diary.meeting(spoke, (contact,), helpers=_helpers(diary))
        else:
            yield diary.call(spoke, contact)


def _helpers(diary: Diary) -> tuple[str, ...]:
    team = TEAM_OF.get(diary.deal.owner)
    return (HELPERS[team],) if team else ()


def _together(diary: Diary, plan: Plan, people: Sequence[Contact], silent: int) -> Iterator[Event]:
    """Yield meetings with several of them at once, and one of which nobody noted who was there."""
    if plan.nameless:
        yield diary.meeting(diary.day(14, 20), ())
    old_enough = plan.age > OLDER[0] + 6
    alone = plan.deal_id in tales.ALONE
    if old_enough:
        yield diary.meeting(diary.day(*OLDER), people[:1] if alone else people[:3])
    if alone or len(people) < 2 or STAGES.index(plan.stage) < 2:
        return
    twice = (
        ((silent + 1, 20), (26, 50))
        if plan.deal_id in tales.TOGETHER
        else ((max(silent, 26), WINDOW_DAYS),)
    )
    for span in twice:
        yield diary.meeting(diary.day(*span), people[:3], helpers=_helpers(diary))


def _our_mails(
    diary: Diary, plan: Plan, people: Sequence[Contact], last: dt.date
) -> Iterator[Event]:
    """Yield mails of ours before and after the customer's last word, and an absence note."""
    silent = (AS_OF - last).days
    for _number in range(2):
        yield diary.outbound(diary.day(silent + 1, WINDOW_DAYS), people[0])
    step = silent / (plan.sent + 1)
    for number in range(1, plan.sent + 1 if silent > 1 else 1):
        yield diary.outbound(
            sure_workday(last + dt.timedelta(days=round(step * number)), last), people[0]
        )
    decided = tales.DECISIONS.get(plan.deal_id, -1)
    if decided > silent:
        yield diary.outbound(ago(decided), people[0])
    if diary.rng.random() < 0.3:
        yield diary.inbound(diary.day(1, 20), people[-1], automated=True)


def _ahead(diary: Diary, plan: Plan, people: Sequence[Contact]) -> Iterator[Event]:
    """Yield the next meeting."""
    days = plan.meeting
    if days is None:
        days = diary.rng.choice((3, 4, 5, 6, 7, 10, 11, 12, 20)) if plan.stage != STAGES[0] else 0
    if days:
        yield diary.meeting(workday(ago(-days)), people[:3], "planned")


# --- what was spoken of --------------------------------------------------------------------------


def price_talk(deal: Deal) -> str:
    """Return when money was spoken of: before or after the first quote, or never."""
    return PRICE_TALK.get(deal.deal_id, "before")


def _money(diary: Diary, people: Sequence[Contact], last: dt.date) -> Iterator[Event]:
    when, quoted = price_talk(diary.deal), diary.deal.quoted_on
    if when == "before":
        day = quoted - dt.timedelta(days=5) if quoted else last - dt.timedelta(days=6)
    elif when == "after" and quoted:
        day = quoted + dt.timedelta(days=4)
    else:
        return
    topics = ("price", "value") if when == "before" else ("price",)
    yield diary.meeting(
        workday(max(min(day, last), diary.deal.created + dt.timedelta(days=1))),
        people[:1],
        topics=topics,
    )


def _tagged(diary: Diary, event: Event) -> Event:
    """Return a talk with a topic: what it was worth, or only when things could be delivered."""
    if (
        event.topics
        or event.kind not in {"meeting", "call"}
        or event.status not in {"held", "answered"}
    ):
        return event
    when, quoted = price_talk(diary.deal), diary.deal.quoted_on
    silent_on_value = quoted and (when == "never" or (when == "after" and event.day <= quoted))
    if silent_on_value:
        return evolve(event, topics=("date_renegotiated",))
    return evolve(event, topics=("value",)) if diary.rng.random() < 0.75 else event


# --- stories -------------------------------------------------------------------------------------


def _asked(diary: Diary) -> Iterator[Event]:
    for number, ask in enumerate(ASKS, 1):
        if ask.deal_id == diary.deal.deal_id:
            (contact,) = by_role(diary.contacts, ask.role)
            for days in ask.followed_up:
                yield diary.outbound(workday(ago(days)), contact, ask=f"A{number:02d}")


def _stories(diary: Diary, people: Sequence[Contact], silent: int) -> Iterator[Event]:
    deal_id = diary.deal.deal_id
    for relay in tales.RELAYS:
        if relay.deal_id == deal_id:
            (contact,) = by_role(diary.contacts, relay.role)
            yield from (
                diary.inbound(workday(ago(d)), contact, relay=relay.reason) for d in relay.said
            )
    if deal_id in tales.DODGES:
        yield from _dodges(diary)
    for rooms in (tales.WRONG_ROOM, tales.RIGHT_ROOM):
        if deal_id in rooms:
            purpose, roles, days = rooms[deal_id]
            there = by_role(diary.contacts, roles)
            yield diary.meeting(workday(ago(max(days, silent))), there, purpose=purpose)
    if deal_id in tales.BYPASSES:
        yield from _bypass(diary, people)


def _dodges(diary: Diary) -> Iterator[Event]:
    role, moved, unanswered = tales.DODGES[diary.deal.deal_id]
    (contact,) = by_role(diary.contacts, role)
    for days in moved:
        yield diary.meeting(workday(ago(days)), (contact,), "postponed", moved_by="buyer")
    for days in unanswered:
        yield diary.call(workday(ago(days)), contact, "unanswered")


def _bypass(diary: Diary, people: Sequence[Contact]) -> Iterator[Event]:
    called, told = tales.BYPASSES[diary.deal.deal_id]
    (boss,) = by_role(diary.contacts, "decision_maker")
    yield diary.call(workday(ago(called)), boss)
    if told:
        yield diary.outbound(workday(ago(told)), people[0])


def find_deals(deals: Sequence[Deal]) -> Mapping[str, list[Deal]]:
    """Return the open deals by account."""
    found: dict[str, list[Deal]] = {}
    for deal in deals:
        if deal.plan:
            found.setdefault(deal.customer.number, []).append(deal)
    return found
