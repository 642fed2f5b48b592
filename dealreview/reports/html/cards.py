"""Scorecards as they stand on a page; accounts, reps, teams and the pipeline have kinds of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.model.outcome import Kind, Outcome
from dealreview.reports.buying_group import Member, members
from dealreview.reports.card import CardPage, amount_text, bounds_text, by_pack
from dealreview.reports.card_findings import COSTS, explain_command, minus
from dealreview.reports.charts import Part as Piece
from dealreview.reports.charts import score_range, segments
from dealreview.reports.digest import added
from dealreview.reports.html.book import anchor
from dealreview.reports.html.findings import (
    Part,
    costs_of,
    errors_of,
    gaps_of,
    strengths_of,
    title_of,
)
from dealreview.reports.html.pictures import (
    Picture,
    Place,
    account_waterfall,
    contribution_name,
    deal_waterfall,
    hours_picture,
    place_of,
    price_picture,
)
from dealreview.reports.marks import BAND_MARKS, OUTCOME_MARKS, band_of
from dealreview.reports.quantities import (
    counted,
    long_day,
    short_money,
    spoken,
    tenths,
    whole,
)
from dealreview.reports.text import subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dealreview.model.scorecard import Scorecard
    from dealreview.reports.html.book import Book
    from dealreview.reports.marks import Mark

FACTS_OF_ACCOUNTS = (
    ("Segment", "segment"),
    ("Key account", "is_key"),
    ("Revenue, 12 months", "revenue_12m"),
)
DEALS_SHOWN, LOSSES_SHOWN = 12, 6


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


@frozen
class Loss:
    """A row of how a score adds up."""

    mark: Mark
    name: str
    points: str


@frozen
class Sum:
    """How a score adds up.

    Attributes:
        chart: What is kept and what each finding takes.
        losses: What each finding takes, the most first.
        score: What is kept.
    """

    chart: str
    losses: tuple[Loss, ...]
    score: str


@frozen
class Around:
    """A finding about something that a deal belongs to.

    Attributes:
        mark: Its outcome.
        relation: What that is to the deal.
        name: Its name.
        href: Its card.
        message: What was found.
        check: Which check says so.
    """

    mark: Mark
    relation: str
    name: str
    href: str
    message: str
    check: str


@frozen
class DealLine:
    """A deal in the list of its account, owner or team."""

    mark: Mark
    name: str
    href: str
    money: str
    note: str = ""


@frozen
class Card:
    """Everything that a card shows.

    Attributes:
        anchor: Where it stands.
        kind: Kind of subject.
        name: Its name, else its id.
        subject: How the command line names it.
        mark: Its band; None for reps and where no check looked.
        score: The score, whole.
        bounds: What it would be if the gaps were filled.
        by_pack: Scores by pack and how much is decided.
        range_chart: The score between its bounds.
        stated: What is known about the subject.
        sum: How the score adds up.
        strengths: What goes well.
        costs_title: Title of the findings.
        costs: What was found.
        errors: Checks that went wrong.
        gaps: What could not be decided.
        context: What was found about whom a deal belongs to.
        explain: The command that explains the heaviest of it.
        passed: Checks that found nothing to talk about.
        quiet: Checks that do not apply.
        not_reviewed: What checks that had nothing to look at would need.
        pictures: Its pictures.
        group: The customer's people; None where that is not for this kind of subject.
        group_notes: What has to be known to read them.
        place: Place among all accounts.
        deals: Deals of the subject.
        more_deals: How many deals are not listed.
    """

    anchor: str
    kind: Kind
    name: str
    subject: str
    mark: Mark | None
    score: str
    bounds: str
    by_pack: str
    range_chart: str
    stated: tuple[Stated, ...]
    sum: Sum | None
    strengths: Part
    costs_title: str
    costs: Part
    errors: Part
    gaps: Part
    context: tuple[Around, ...]
    explain: str
    passed: tuple[str, ...]
    quiet: tuple[str, ...]
    not_reviewed: str
    pictures: tuple[Picture, ...] = ()
    group: tuple[Member, ...] | None = None
    group_notes: tuple[str, ...] = ()
    place: Place | None = None
    deals: tuple[DealLine, ...] = field(default=())
    more_deals: int = 0


def cards(book: Book, kind: Kind) -> Iterator[Card]:
    """Yield the cards of a kind one by one: reps by name, the others with most at stake first."""
    review, rows = book.review.kinds[kind], book.detailed[kind]
    if kind is Kind.REP:
        rows = sorted(rows, key=lambda row: (review.base["name"][row] or "", row))
    for card in book.review.cards(kind, rows, book.name):
        yield card_of(book, card)


def card_of(book: Book, card: Scorecard) -> Card:
    """Return a scorecard as a page shows it."""
    page = CardPage(card, book.review, book.names)
    band = BAND_MARKS[card.band]
    rows = _rows(book, card)
    return Card(
        anchor=anchor(card.kind, card.id),
        kind=card.kind,
        name=card.name or card.id,
        subject=subject_name(card),
        mark=band if card.kind.has_score and card.verdicts else None,
        score=whole(card.score) if card.kind.has_score else "",
        bounds=bounds_text(page),
        by_pack=by_pack(card) if card.lower is not None else "",
        range_chart=_range(card, band, bounds_text(page)),
        stated=tuple(_stated(book, card)),
        sum=_sum(card),
        strengths=strengths_of(book, card),
        costs_title=COSTS[card.kind],
        costs=costs_of(book, card),
        errors=errors_of(book, card),
        gaps=gaps_of(book, card),
        context=tuple(_around(book, card)),
        explain=_explain(card),
        passed=_titles(card, Outcome.PASS),
        quiet=_titles(card, Outcome.NOT_APPLICABLE),
        not_reviewed=_not_reviewed(card),
        pictures=tuple(_pictures(book, card)),
        **_group(book, card),
        place=place_of(book, card),
        deals=tuple(_deal_lines(book, rows[:DEALS_SHOWN])),
        more_deals=max(len(rows) - DEALS_SHOWN, 0),
    )


def _titles(card: Scorecard, outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted(verdict.check for verdict in card.with_outcome(outcome)))


def _not_reviewed(card: Scorecard) -> str:
    if not card.not_reviewed:
        return ""
    needs = list(dict.fromkeys(need for one in card.not_reviewed for need in one.needs))
    more = f" and {len(needs) - 4} more" if len(needs) > 4 else ""
    return f"{counted(len(card.not_reviewed), 'check')}: needs {', '.join(needs[:4])}{more}"


def _around(book: Book, card: Scorecard) -> Iterator[Around]:
    for one in card.context:
        verdict = one.verdict
        yield Around(
            OUTCOME_MARKS[verdict.outcome],
            one.relation,
            "" if verdict.kind is Kind.PIPELINE else one.name or verdict.subject_id,
            book.href(verdict.kind, verdict.subject_id),
            verdict.message or title_of(verdict.check),
            verdict.check,
        )


def _explain(card: Scorecard) -> str:
    """Return the command that explains the heaviest finding; nothing where there is none."""
    found = card.with_outcome(Outcome.RISK, Outcome.WATCH)
    found = found or card.with_outcome(Outcome.INSUFFICIENT_DATA)
    return explain_command(found[0]) if found else ""


# --- the score -----------------------------------------------------------------------------------


def _range(card: Scorecard, band: Mark, bounds: str) -> str:
    if card.lower is None or card.upper is None:
        return ""
    label = f"Score {whole(card.score)} of 100, {bounds}"
    return score_range(card.score, card.lower, card.upper, band.style, label)


def _sum(card: Scorecard) -> Sum | None:
    if card.score is None:
        return None
    lost = [v for v in card.with_outcome(Outcome.RISK, Outcome.WATCH) if v.points_lost]
    parts = [Piece(v.points_lost or 0, f"f-{OUTCOME_MARKS[v.outcome].style}") for v in lost]
    chart = segments([Piece(card.score, "f-kept"), *parts], 100, height=14)
    shown = lost if len(lost) <= LOSSES_SHOWN + 1 else lost[:LOSSES_SHOWN]
    losses = [
        Loss(OUTCOME_MARKS[v.outcome], title_of(v.check), minus(v.points_lost)) for v in shown
    ]
    if len(lost) > len(shown):
        rest = lost[len(shown) :]
        mark = OUTCOME_MARKS[rest[0].outcome]
        losses.append(Loss(mark, f"{len(rest)} lighter ones", minus(added(rest))))
    return Sum(chart, tuple(losses), tenths(card.score))


# --- what is known about the subject -------------------------------------------------------------


def _stated(book: Book, card: Scorecard) -> Iterator[Stated]:
    if card.kind is Kind.DEAL:
        yield from _of_deal(book, card)
    elif card.kind is Kind.ACCOUNT:
        yield from _of_account(book, card)
    elif card.kind in {Kind.REP, Kind.TEAM}:
        yield from _of_people(book, card)
    else:
        yield Stated("As of", long_day(book.review.header.as_of))


def _deal(book: Book, card: Scorecard) -> Mapping[str, Any]:
    return book.review.deals.row(book.deals.rows[card.id], named=True)


def _of_deal(book: Book, card: Scorecard) -> Iterator[Stated]:
    deal, page = _deal(book, card), CardPage(card, book.review, book.names)
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
    rows = _rows(book, card)
    amounts = [a for row in rows if (a := book.agenda.amounts[row]) is not None]
    if rows:
        money = short_money(sum(amounts), book.currency) if amounts else ""
        yield Stated(f"{book.agenda.state.capitalize()} deals", f"{len(rows):,}", money)


# --- pictures ------------------------------------------------------------------------------------


def _pictures(book: Book, card: Scorecard) -> Iterator[Picture]:
    yield from (picture for picture in _all_pictures(book, card) if picture is not None)


def _all_pictures(book: Book, card: Scorecard) -> Iterable[Picture | None]:
    facts = card.facts
    if card.kind is Kind.DEAL:
        currency = facts.get("currency") or book.currency
        return price_picture(facts, currency), deal_waterfall(facts, currency)
    if card.kind is Kind.ACCOUNT:
        return (account_waterfall(facts, book.currency),)
    return (hours_picture(facts, "Where four weeks went"),)


def _group(book: Book, card: Scorecard) -> dict[str, Any]:
    """Return the buying group of a deal and how to read it."""
    if card.kind is not Kind.DEAL or not _people_recorded(book):
        return {}
    people = members(book.names, card.id, _deal(book, card)["day"], card.facts)
    return {"group": people, "group_notes": tuple(_group_notes(book, card, people))}


def _group_notes(book: Book, card: Scorecard, people: tuple[Member, ...]) -> Iterator[str]:
    days = card.facts.get("engaged_days")
    if days is not None and people:
        yield f"In contact: a two-way event in the last {days} days."
    decides = any("decision maker" in member.roles for member in people if not member.left)
    if "stakeholder_roles" in book.review.header.recorded and not decides:
        yield "Nobody is recorded as the decision maker."


def _people_recorded(book: Book) -> bool:
    return bool({"stakeholders", "activity_attendees"} & set(book.review.header.recorded))


# --- deals of a subject --------------------------------------------------------------------------


def _rows(book: Book, card: Scorecard) -> list[int]:
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


def _deal_lines(book: Book, rows: Iterable[int]) -> Iterator[DealLine]:
    base, deals = book.deals.base, book.review.deals
    for row in rows:
        amount = book.agenda.amounts[row]
        yield DealLine(
            BAND_MARKS[band_of(book.deals.bands[row])],
            base["name"][row] or base["id"][row],
            book.href(Kind.DEAL, base["id"][row]),
            "" if amount is None else short_money(amount, book.currency),
            book.stage(deals["stage_id"][row]),
        )
