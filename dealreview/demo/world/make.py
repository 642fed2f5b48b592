"""The demo company as it happened, all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.demo.world.accounts import make_contacts, make_months
from dealreview.demo.world.deals import make_deals
from dealreview.demo.world.office import make_hours, office_events
from dealreview.demo.world.talks import deal_events, find_deals

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from dealreview.demo.world.accounts import Contact, Month
    from dealreview.demo.world.deals import Deal
    from dealreview.demo.world.events import Event
    from dealreview.demo.world.office import Hours


@frozen
class World:
    """Everything that the files tell.

    Attributes:
        deals: The deals, open ones first.
        contacts: The contacts by account.
        months: The months by account, oldest first.
        events: Mails, calls, meetings and chores with their numbers, oldest first.
        hours: Time sheets.
    """

    deals: tuple[Deal, ...]
    contacts: Mapping[str, Sequence[Contact]]
    months: Mapping[str, Sequence[Month]]
    events: tuple[tuple[str, Event], ...]
    hours: tuple[Hours, ...]

    def group_of(self, deal: Deal) -> Sequence[Contact]:
        """Return everybody at the customer of a deal."""
        return self.contacts[deal.customer.number]

    def service_share(self, customer: str, day: dt.date) -> float:
        """Return cost to serve ÷ revenue of the 12 complete months before a day."""
        before = [m for m in self.months[customer] if m.first < day.replace(day=1)][-12:]
        revenue = sum(month.revenue for month in before)
        return sum(month.service for month in before) / revenue if revenue else 0.0


def make_world() -> World:
    """Return the demo company; the same each time."""
    deals, contacts = make_deals(), make_contacts()
    happened = [
        *(event for deal in deals for event in deal_events(deal, contacts[deal.customer.number])),
        *office_events(contacts, find_deals(deals)),
    ]
    happened.sort(key=lambda event: event.day)
    numbered = tuple((f"M{number:05d}", event) for number, event in enumerate(happened, 1))
    return World(deals, contacts, make_months(), numbered, make_hours(deals))
