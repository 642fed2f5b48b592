"""Buying groups: who of a customer has to do with a deal, and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.demo.company.days import AS_OF, ago
from dealreview.demo.company.names import STAGES
from dealreview.demo.company.people_stories import RECOMMENDS, STANCES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from dealreview.demo.world.accounts import Contact
    from dealreview.demo.world.deals import Deal

KEPT_DAYS = 120
"""Days after which the group of a closed deal is no longer in the CRM."""


@frozen
class Stakeholder:
    """A contact who has to do with a deal."""

    deal: Deal
    contact: Contact
    is_main: bool
    influence: int | None
    stance: int | None
    judged_on: dt.date
    recommends: str


def by_role(contacts: Sequence[Contact], roles: str) -> tuple[Contact, ...]:
    """Return the contacts with some roles, divided by spaces, in that order."""
    found = {contact.role: contact for contact in contacts}
    return tuple(found[role] for role in roles.split() if role in found)


def engaged(deal: Deal, contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """Return who talks with us, the main contact first."""
    if deal.plan is None:
        return tuple(contacts[:1]) if _through_gatekeeper(deal) else tuple(contacts[:2])
    return by_role(contacts, deal.plan.who) or tuple(contacts[: deal.plan.engaged])


def _through_gatekeeper(deal: Deal) -> bool:
    return bool(deal.loss) and int(deal.deal_id, 16) % 3 == 0


def group(deal: Deal, contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """Return whom the CRM names: those who talk with us, and those who come later."""
    here = engaged(deal, contacts)
    if deal.plan is None:
        return here
    reached = STAGES.index(deal.plan.stage)
    named = ("", "", "decision_maker", "decision_maker finance user", *[_EVERYBODY] * 2)[reached]
    missing = deal.plan.unnamed.split()
    later = [c for c in by_role(contacts, named) if c not in here and c.role not in missing]
    return (*here, *later)


_EVERYBODY = "decision_maker finance user approver technical"


def loss_contact(deal: Deal, contacts: Sequence[Contact]) -> Contact | None:
    """Return who said no to a lost deal, as far as somebody has written it down."""
    if not deal.loss or not is_kept(deal):
        return None
    return engaged(deal, contacts)[-1]


def is_kept(deal: Deal) -> bool:
    """Whether the CRM still has the group of a deal."""
    return deal.closed is None or (AS_OF - deal.closed).days <= KEPT_DAYS


def stakeholders(deal: Deal, contacts: Sequence[Contact]) -> Iterator[Stakeholder]:
    """Yield the group of a deal with what we think of each."""
    stances, answers = STANCES.get(deal.deal_id, {}), RECOMMENDS.get(deal.deal_id, {})
    here = engaged(deal, contacts)
    rng = deal.rng("stance")
    for number, contact in enumerate(group(deal, contacts)):
        usual = rng.choice((1, 1, 2)) if contact in here else 1
        stance = stances.get(contact.role, usual)
        answer = "yes" if contact in here and number < 2 else ""
        yield Stakeholder(
            deal,
            contact,
            number == 0,
            contact.influence,
            stance,
            max(deal.created, ago(rng.randint(21, 40))),
            answers.get(contact.role, answer),
        )
