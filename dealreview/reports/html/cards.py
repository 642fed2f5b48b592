"""Scorecards as they stand on a page; accounts, reps, teams and the pipeline have kinds of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.model.outcome import Band, Kind, Outcome
from dealreview.reports.buying_group import Member, members
from dealreview.reports.card import CardPage, bounds_text, by_pack
from dealreview.reports.card_findings import COSTS, could_be, explain_command, minus, order_text
from dealreview.reports.charts import Part as Piece
from dealreview.reports.charts import score_range, segments
from dealreview.reports.digest import added, around
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
    deal_waterfall,
    hours_picture,
    place_of,
    price_picture,
)
from dealreview.reports.html.stated import Stated, deal_of, rows_of, stated
from dealreview.reports.html.trend import Trend, trend_of
from dealreview.reports.marks import BAND_MARKS, OUTCOME_MARKS, band_of
from dealreview.reports.quantities import (
    counted,
    short_money,
    tenths,
    whole,
)
from dealreview.reports.text import score_text, subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.model.scorecard import Context, Scorecard
    from dealreview.reports.html.book import Book
    from dealreview.reports.marks import Mark

DEALS_SHOWN, LOSSES_SHOWN = 12, 6


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
        lost: What is lost.
    """

    chart: str
    losses: tuple[Loss, ...]
    score: str
    lost: str


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
        folded: Lighter findings of the same family.
    """

    mark: Mark
    relation: str
    name: str
    href: str
    message: str
    check: str
    folded: tuple[Around, ...] = ()

    @property
    def count(self) -> int:
        """How many findings these are."""
        return 1 + len(self.folded)


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
        opened: Whether it is open from the start.
        gist: What stands beside its name when it is closed.
        kind: Kind of subject.
        name: Its name, else its id.
        subject: How the command line names it.
        mark: Its band; None for reps and where no check looked.
        score: The score, whole; empty where it is unrated.
        bounds: What it would be if the gaps were filled.
        by_pack: Scores by pack and how much is decided.
        range_chart: The score between its bounds.
        stated: What is known about the subject.
        sum: How the score adds up.
        strengths: What goes well.
        costs_title: Title of the findings.
        order: What they are ordered by.
        costs: What was found.
        errors: Checks that went wrong.
        gaps: What could not be decided.
        context: What was found about whom a deal belongs to.
        explain: The command that explains the heaviest of it.
        passed: Checks that found nothing to talk about.
        nearly: Those of them that could be a strength, with what has to be known for that.
        quiet: Checks that do not apply.
        not_reviewed: What checks that had nothing to look at would need.
        pictures: Its pictures.
        group: The customer's people; None where that is not for this kind of subject.
        group_notes: What has to be known to read them.
        trend: The score in earlier reviews; that of the pipeline stands on the first page.
        place: Place among all accounts.
        deals: Deals of the subject.
        more_deals: How many deals are not listed.
    """

    anchor: str
    opened: bool
    gist: str
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
    order: str
    costs: Part
    errors: Part
    gaps: Part
    context: tuple[Around, ...]
    explain: str
    passed: tuple[str, ...]
    nearly: tuple[tuple[str, str], ...]
    quiet: tuple[str, ...]
    not_reviewed: str
    pictures: tuple[Picture, ...] = ()
    group: tuple[Member, ...] | None = None
    group_notes: tuple[str, ...] = ()
    trend: Trend | None = None
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
    rows = rows_of(book, card)
    return Card(
        anchor=anchor(card.kind, card.id),
        opened=(card.kind, card.id) in book.opened,
        gist=_gist(book, card),
        kind=card.kind,
        name=card.name or card.id,
        subject=subject_name(card),
        mark=band if card.kind.has_score and card.verdicts else None,
        score=whole(card.score) if card.kind.has_score and card.band is not Band.UNRATED else "",
        bounds=bounds_text(page),
        by_pack=by_pack(card) if card.lower is not None else "",
        range_chart=_range(card, band, bounds_text(page)),
        stated=tuple(stated(book, card)),
        sum=_sum(card),
        strengths=strengths_of(book, card),
        costs_title=COSTS[card.kind],
        order=order_text(card),
        costs=costs_of(book, card),
        errors=errors_of(book, card),
        gaps=gaps_of(book, card),
        context=tuple(_around(book, card)),
        explain=_explain(card),
        passed=_titles(card, Outcome.PASS),
        nearly=tuple(_nearly(card)),
        quiet=_titles(card, Outcome.NOT_APPLICABLE),
        not_reviewed=_not_reviewed(card),
        pictures=tuple(_pictures(book, card)),
        **_group(book, card),
        trend=None if card.kind is Kind.PIPELINE else trend_of(book, card),
        place=place_of(book, card),
        deals=tuple(_deal_lines(book, rows[:DEALS_SHOWN])),
        more_deals=max(len(rows) - DEALS_SHOWN, 0),
    )


def _gist(book: Book, card: Scorecard) -> str:
    """Return in a few words what a closed card holds: whose deal, what it is worth, how it stands."""
    parts: list[str] = []
    if card.kind is Kind.DEAL:
        deal, row = deal_of(book, card), book.deals.rows[card.id]
        amount = book.agenda.amounts[row]
        parts += [book.account(deal["account_id"])]
        parts += ["" if amount is None else short_money(amount, book.currency)]
    if card.kind.has_score and card.verdicts:
        parts.append(f"{BAND_MARKS[card.band].word} {score_text(card, card.band)}".rstrip())
    return " · ".join(filter(None, parts))


def _titles(card: Scorecard, outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted(verdict.check for verdict in card.with_outcome(outcome)))


def _nearly(card: Scorecard) -> Iterator[tuple[str, str]]:
    for verdict in sorted(card.with_outcome(Outcome.PASS), key=lambda found: found.check):
        if told := could_be(verdict):
            yield verdict.check, told


def _not_reviewed(card: Scorecard) -> str:
    if not card.not_reviewed:
        return ""
    needs = list(dict.fromkeys(need for one in card.not_reviewed for need in one.needs))
    more = f" and {len(needs) - 4} more" if len(needs) > 4 else ""
    return f"{counted(len(card.not_reviewed), 'check')}: needs {', '.join(needs[:4])}{more}"


def _around(book: Book, card: Scorecard) -> Iterator[Around]:
    for first, *others in around(card.context):
        yield evolve(_beside(book, first), folded=tuple(_beside(book, one) for one in others))


def _beside(book: Book, one: Context) -> Around:
    verdict = one.verdict
    return Around(
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
    return Sum(chart, tuple(losses), tenths(card.score), minus(round(100 - card.score, 1)))


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
    people = members(book.names, card.id, deal_of(book, card)["day"], card.facts)
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
