"""What is simply known about a subject, at the head of its card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.model.outcome import Kind
from dealreview.reports.card import CardPage, amount_text
from dealreview.reports.html.pictures import contribution_name
from dealreview.reports.quantities import long_day, short_money, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dealreview.model.scorecard import Scorecard
    from dealreview.reports.html.book import Book

FACTS_OF_ACCOUNTS = (
    ("Segment", "segment"),
    ("Key account", "is_key"),
    ("Revenue, 12 months", "revenue_12m"),
)


@frozen
class Stated:
    """Something that is simply known about a subject.

    Attributes:
        name: What it is.
        value: Its value.
        note: What stands beside it, fainter.
        href: A card that it leads to.
    """

    name: str
    value: str
    note: str = ""
    href: str = ""


def deal_of(book: Book, card: Scorecard) -> Mapping[str, Any]:
    """Return the attributes of a deal as the review saw them."""
    return book.review.deals.row(book.deals.rows[card.id], named=True)


def rows_of(book: Book, card: Scorecard) -> list[int]:
    """Return the deals of an account, a rep or a team, the worst first."""
    if card.kind is Kind.ACCOUNT:
        rows = book.deals_of.get(("account_id", card.id), [])
    elif card.kind is Kind.REP:
        rows = book.deals_of.get(("owner_id", card.id), [])
    elif card.kind is Kind.TEAM:
        people = card.facts.get("sales_people") or ()
        rows = [row for one in people for row in book.deals_of.get(("owner_id", one), [])]
    else:
        rows = []
    return sorted(rows, key=lambda row: (-(book.agenda.amounts[row] or 0), row))


def stated(book: Book, card: Scorecard) -> Iterator[Stated]:
    """Yield what is simply known about a subject."""
    if card.kind is Kind.DEAL:
        yield from _of_deal(book, card)
    elif card.kind is Kind.ACCOUNT:
        yield from _of_account(book, card)
    elif card.kind in {Kind.REP, Kind.TEAM}:
        yield from _of_people(book, card)
    else:
        yield Stated("As of", long_day(book.review.header.as_of))


def _of_deal(book: Book, card: Scorecard) -> Iterator[Stated]:
    deal, page = deal_of(book, card), CardPage(card, book.review, book.names)
    account = deal["account_id"]
    if account:
        yield Stated("Account", book.account(account), href=book.href(Kind.ACCOUNT, account))
    if deal["owner_id"]:
        yield Stated(
            "Owner", book.person(deal["owner_id"]), href=book.href(Kind.REP, deal["owner_id"])
        )
    yield from (Stated("Amount", text) for text in amount_text(page, deal))
    yield from _contribution(book, card)
    if deal["stage_id"]:
        age = card.facts.get("deal_age_days")
        note = "" if age is None or card.closed else f"open for {spoken(age, 'days')}"
        yield Stated("Stage", book.stage(deal["stage_id"]), note)
    if card.closed:
        yield Stated("Closed", long_day(deal["day"]), "judged as of that day")
    elif deal["expected_close_on"] is not None:
        yield Stated("Closes", spoken(deal["expected_close_on"]))


def _contribution(book: Book, card: Scorecard) -> Iterator[Stated]:
    """Yield what a deal contributes, where both ends of it agree."""
    facts = card.facts
    low, high, ratio = (
        facts.get(n) for n in ("contribution_lo", "contribution_hi", "contribution_ratio_lo")
    )
    if low is None or low != high:
        return
    label = contribution_name(facts.get("contribution_label"))
    money = spoken(low, f"{facts.get('currency') or book.currency} minor units")
    yield Stated(label, money, "" if ratio is None else spoken(ratio, "share"))


def _of_account(book: Book, card: Scorecard) -> Iterator[Stated]:
    facts = card.facts
    for name, fact in FACTS_OF_ACCOUNTS:
        if facts.get(fact) is not None:
            unit = f"{book.currency} minor units" if fact == "revenue_12m" else ""
            yield Stated(name, spoken(facts[fact], unit))
    most, least = facts.get("contribution_12m_hi"), facts.get("contribution_12m_lo")
    if most is not None:
        label = contribution_name(facts.get("contribution_12m_label"))
        ratio = facts.get("contribution_ratio_12m_hi")
        value = spoken(most, f"{book.currency} minor units")
        value = value if least == most else f"at most {value}"
        note = "" if ratio is None else spoken(ratio, "share")
        yield Stated(f"{label}, 12 months", value, note)


def _of_people(book: Book, card: Scorecard) -> Iterator[Stated]:
    team = card.facts.get("team_id")
    if team:
        yield Stated("Team", book.names(team), href=book.href(Kind.TEAM, team))
    people = card.facts.get("sales_people")
    if people is not None:
        yield Stated("Reps", ", ".join(sorted(map(book.person, people))) or "none")
    rows = rows_of(book, card)
    amounts = [a for row in rows if (a := book.agenda.amounts[row]) is not None]
    if rows:
        money = short_money(sum(amounts), book.currency) if amounts else ""
        yield Stated(f"{book.agenda.state.capitalize()} deals", f"{len(rows):,}", money)
