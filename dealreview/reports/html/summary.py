"""The first page: what stands where, what to talk about, what goes well, what nobody knows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.model.outcome import Band, Kind, Outcome
from dealreview.reports.agenda import healthy, needs_of, not_reviewed, worst
from dealreview.reports.charts import Part, curve_chart, segments
from dealreview.reports.gaps import meaning, missing_cells
from dealreview.reports.html.book import KINDS_BEYOND
from dealreview.reports.html.findings import Gap, title_of
from dealreview.reports.html.pictures import hours_picture
from dealreview.reports.html.trend import trend_of
from dealreview.reports.marks import BAND_MARKS, OUTCOME_MARKS
from dealreview.reports.quantities import counted, short_money, spoken
from dealreview.reports.text import (
    DEALS_SHOWN,
    OTHERS_SHOWN,
    STRENGTHS_SHOWN,
    WELL_DONE,
    ending,
    headline,
    made_with,
    money_at_risk,
    one_a_cause,
    remarks,
    score_text,
    subject_name,
    without_rate,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dealreview.engine.registry import Problem
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.reports.html.book import Book
    from dealreview.reports.html.pictures import Picture
    from dealreview.reports.html.trend import Trend
    from dealreview.reports.marks import Mark

CELLS_SHOWN, STAGES_SHOWN, TEAMS_SHOWN = 8, 12, 20
SENTENCES_SHOWN, NEEDS_SHOWN = 2, 6
_ORDER = (Band.HEALTHY, Band.WATCH, Band.RISK, Band.UNRATED, None)


@frozen
class Entry:
    """A subject to talk about.

    Attributes:
        mark: Its band, or the strength.
        name: Its name, else its id.
        href: Its card.
        customer: The account of a deal.
        subject: How the command line names it.
        score: Score with bounds.
        sentences: What was found, the heaviest first.
        question: One open question.
        money: What it is worth.
        owner: Whose deal it is.
        more: How much else was found; empty for nothing.
    """

    mark: Mark
    name: str
    href: str
    customer: str
    subject: str
    score: str
    sentences: tuple[tuple[str, str], ...]
    question: str
    money: str
    owner: str
    more: str = ""


@frozen
class StageRow:
    """Deals of a stage by band."""

    name: str
    chart: str
    counts: tuple[tuple[Mark, int], ...]
    total: int


@frozen
class TeamHours:
    """What operations take from a team.

    Attributes:
        name: The team.
        href: Its card.
        mark: What the check of it says.
        chart: Share of operations in all hours.
        share: The same in words; a span where hours have no category.
        hours: Hours on operations.
    """

    name: str
    href: str
    mark: Mark
    chart: str
    share: str
    hours: str


@frozen
class WhalePanel:
    """The whale curve with what it says."""

    chart: str
    headline: str
    text: str
    losing: tuple[tuple[str, str, str], ...]


@frozen
class MoneyRow:
    """Money at risk of one kind in open deals."""

    kind: str
    amount: str
    chart: str
    meaning: str


MONEY_MEANS = {
    "margin": "by how much deals fall short of the expected margin",
    "value": "amounts that may shrink or not come",
    "delay": "whole amounts that may come late",
}
"""What is exposed by kind: never what will be lost."""


@frozen(slots=False)
class Summary:
    """The first page.

    Attributes:
        book: The page in the making.
    """

    book: Book

    @property
    def headline(self) -> str:
        """How many deals are talked about and what they come to."""
        return headline(self.book.page)

    @property
    def made_with(self) -> tuple[str, ...]:
        """Date, run and number of checks."""
        return tuple(made_with(self.book.page))

    @property
    def money(self) -> str:
        """What open deals put at risk."""
        return money_at_risk(self.book.page)

    @property
    def note(self) -> str:
        """What else is to be said of the run."""
        return self.book.page.note

    @property
    def problems(self) -> tuple[tuple[Mark, Problem], ...]:
        """What makes the run incomplete, and remarks."""
        found = one_a_cause(self.book.review.header.problems)
        watch, error = OUTCOME_MARKS[Outcome.WATCH], OUTCOME_MARKS[Outcome.ERROR]
        return tuple((watch if one.is_remark else error, one) for one in found)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the run could not see or had to assume."""
        return tuple(filter(None, (*remarks(self.book.page), ending(self.book.page))))

    @cached_property
    def bands(self) -> tuple[tuple[Mark, int], ...]:
        """How many deals are in which band."""
        agenda = self.book.agenda
        return _banded(agenda.deals.bands.filter(agenda.judged).to_list())

    @cached_property
    def stages(self) -> tuple[StageRow, ...]:
        """Bands by stage, in the order of the stages."""
        return tuple(_stages(self.book))

    @cached_property
    def money_rows(self) -> tuple[MoneyRow, ...]:
        """Money at risk by kind."""
        found = self.book.review.pipeline_money()
        most = max(found.values(), default=0)
        return tuple(
            MoneyRow(
                str(kind),
                short_money(minor, self.book.currency),
                segments([Part(minor, "f-risk")], most, height=10),
                MONEY_MEANS.get(str(kind), ""),
            )
            for kind, minor in found.items()
        )

    @cached_property
    def talk(self) -> tuple[Entry, ...]:
        """The deals to talk about, the worst first."""
        return _entries(self.book, Kind.DEAL, self.book.agenda.to_talk_about[:DEALS_SHOWN])

    @property
    def more_to_talk(self) -> int:
        """How many more deals have findings."""
        return max(len(self.book.agenda.to_talk_about) - DEALS_SHOWN, 0)

    @cached_property
    def others(self) -> tuple[Entry, ...]:
        """Accounts, teams and the pipeline with findings."""
        return tuple(
            entry
            for kind in KINDS_BEYOND
            for entry in _entries(
                self.book, kind, worst(self.book.review.kinds[kind])[:OTHERS_SHOWN]
            )
        )

    @cached_property
    def healthy(self) -> tuple[tuple[str, str], ...]:
        """Accounts, teams and the pipeline that are healthy for all their findings, with their cards."""
        kinds = (self.book.review.kinds[k] for k in KINDS_BEYOND)
        return tuple(
            (
                review.base["name"][row] or "Pipeline",
                self.book.href(review.kind, review.base["id"][row]),
            )
            for review in kinds
            for row in healthy(review)[:OTHERS_SHOWN]
        )

    @cached_property
    def going_well(self) -> tuple[Entry, ...]:
        """The deals that go best."""
        book = self.book
        rows = book.agenda.going_well[:STRENGTHS_SHOWN]
        return tuple(
            _entry(book, card, row, card.with_outcome(Outcome.STRENGTH)[:2], WELL_DONE)
            for card, row in zip(book.deals.scorecards(rows, book.name), rows, strict=True)
        )

    @cached_property
    def trend(self) -> Trend | None:
        """The score of the pipeline in earlier reviews."""
        pipeline = self.book.review.kinds[Kind.PIPELINE]
        if not pipeline.results or not pipeline.base.height:
            return None
        [card] = pipeline.scorecards([0], only=frozenset())
        return trend_of(self.book, card)

    @cached_property
    def hours(self) -> tuple[TeamHours, ...]:
        """Selling time lost to operations, by team."""
        return tuple(_team_hours(self.book))

    @cached_property
    def all_hours(self) -> Picture | None:
        """The same over all reps, where there are no teams."""
        return None if self.hours else _everybody(self.book)

    @cached_property
    def whale(self) -> WhalePanel | None:
        """The whale curve, where account figures are recorded."""
        return _whale(self.book)

    @cached_property
    def missing(self) -> tuple[tuple[int, Gap], ...]:
        """For how many deals which cell is missing, the most frequent first."""
        agenda = self.book.agenda
        cells = list(missing_cells(agenda.deals, agenda.judged).items())[:CELLS_SHOWN]
        return tuple((count, Gap(cell, meaning(agenda.deals, cell))) for cell, count in cells)

    @property
    def unrated(self) -> str:
        """How many deals are unrated; nothing for none."""
        agenda = self.book.agenda
        count = int((agenda.judged & (agenda.deals.bands == Band.UNRATED.value)).sum())
        return f"{counted(count, 'deal')} unrated: too little could be decided." if count else ""

    @property
    def without_rate(self) -> tuple[str, ...]:
        """Amounts that can't be converted."""
        return tuple(without_rate(self.book.page))

    @property
    def needs_first(self) -> tuple[tuple[Gap, tuple[str, ...]], ...]:
        """What most checks need."""
        return self.needs[:NEEDS_SHOWN]

    @property
    def needs_folded(self) -> tuple[tuple[Gap, tuple[str, ...]], ...]:
        """What fewer checks need."""
        return self.needs[NEEDS_SHOWN:]

    @cached_property
    def needs(self) -> tuple[tuple[Gap, tuple[str, ...]], ...]:
        """What checks that were not reviewed need, and which those are."""
        deals = self.book.deals
        return tuple(
            (Gap(need.name, meaning(deals, need.cell)), need.checks)
            for need in needs_of(self.book.review)
        )

    @property
    def left_out(self) -> str:
        """How many checks were not reviewed; nothing for none."""
        count = len(not_reviewed(self.book.review))
        return counted(count, "check") if count else ""


def _banded(bands: Sequence[str | None]) -> tuple[tuple[Mark, int], ...]:
    """Return how many subjects are in which band, without empty ones."""
    counts = [(band, bands.count(None if band is None else band.value)) for band in _ORDER]
    return tuple((BAND_MARKS[band], count) for band, count in counts if count)


def _stages(book: Book) -> Iterator[StageRow]:
    found: dict[str, list[str | None]] = {}
    frame = book.review.deals.filter(book.agenda.judged)
    for stage, band in zip(
        frame["stage_id"], book.deals.bands.filter(book.agenda.judged), strict=True
    ):
        found.setdefault(stage or "", []).append(band)
    known = [stage for stage in book.names.stages if stage in found]
    order = [*known, *sorted(set(found) - set(known))]
    longest = max(map(len, found.values()), default=0)
    for stage in order[:STAGES_SHOWN]:
        counts = _banded(found[stage])
        parts = [Part(count, f"f-{mark.style}") for mark, count in counts]
        name = book.stage(stage) or "No stage"
        yield StageRow(name, segments(parts, longest, height=14), counts, len(found[stage]))


# --- what to talk about --------------------------------------------------------------------------


def _entries(book: Book, kind: Kind, rows: Sequence[int]) -> tuple[Entry, ...]:
    found = zip(book.review.kinds[kind].scorecards(rows, book.name), rows, strict=True)
    return tuple(_to_talk(book, card, row) for card, row in found)


def _to_talk(book: Book, card: Scorecard, row: int) -> Entry:
    found = card.with_outcome(Outcome.RISK, Outcome.WATCH)
    more = len(found) - SENTENCES_SHOWN
    entry = _entry(book, card, row, found[:SENTENCES_SHOWN], found[0].question)
    return evolve(entry, more=counted(more, "more finding")) if more > 0 else entry


def _entry(
    book: Book, card: Scorecard, row: int, verdicts: Sequence[Verdict], question: str
) -> Entry:
    deal: dict[str, Any] = {}
    if card.kind is Kind.DEAL:
        deal = book.review.deals.row(row, named=True)
    amount = book.agenda.amounts[row] if deal else None
    strong = verdicts[0].outcome is Outcome.STRENGTH
    return Entry(
        OUTCOME_MARKS[Outcome.STRENGTH] if strong else BAND_MARKS[card.band],
        card.name or card.id,
        book.href(card.kind, card.id),
        book.account(deal["account_id"]) if deal else "",
        subject_name(card),
        score_text(card, card.band),
        tuple((title_of(verdict.check), verdict.message) for verdict in verdicts),
        question,
        "" if amount is None else short_money(amount, book.currency),
        book.person(deal["owner_id"]) if deal else "",
    )


# --- selling time --------------------------------------------------------------------------------


def _team_hours(book: Book) -> Iterator[TeamHours]:
    """Yield the teams with known hours, by name."""
    review = book.review.kinds[Kind.TEAM]
    if "operations_ratio_lo" not in review.base.columns:
        return
    check = "operations/time-share"
    teams = sorted(
        review.base.iter_rows(named=True), key=lambda team: (team["name"] or "", team["id"])
    )
    for team in [team for team in teams if team["hours_4w"]][:TEAMS_SHOWN]:
        row = review.rows[team["id"]]
        said = review.outcome(row, check) if check in review.codes.columns else Outcome.NOT_REVIEWED
        low = team["operations_ratio_lo"]
        yield TeamHours(
            team["name"] or team["id"],
            book.href(Kind.TEAM, team["id"]),
            OUTCOME_MARKS[said],
            segments([Part(low or 0, f"f-{OUTCOME_MARKS[said].style}")], 1, height=10),
            _span(low, team["operations_ratio_hi"]),
            f"{team['operations_hours_4w'] or 0:,.1f} of {team['hours_4w']:,.1f}",
        )


def _span(low: float | None, high: float | None) -> str:
    """Return a share, or the two that it lies between."""
    if low is None or high is None or low == high:
        return spoken(low, "share")
    return f"{spoken(low, 'share')} to {spoken(high, 'share')}"


def _everybody(book: Book) -> Picture | None:
    """Return the hours of all reps together: nobody is held against anybody."""
    base = book.review.kinds[Kind.REP].base
    names = ("hours_4w", "operations_hours_4w", "selling_hours_4w", "uncategorised_hours_4w")
    if not set(names) <= set(base.columns):
        return None
    return hours_picture({name: base[name].sum() for name in names}, "Where four weeks went")


# --- the whale curve -----------------------------------------------------------------------------


def _whale(book: Book) -> WhalePanel | None:
    whale = book.whale
    if whale is None:
        return None
    peak, total = max(whale.curve.values), whale.total
    label = f"Accounts from the most to the least profitable, contribution added up: {_said(book)}"
    losing = tuple(
        (
            book.account(account),
            book.href(Kind.ACCOUNT, account),
            short_money(amount, book.currency),
        )
        for account, amount in reversed(list(zip(whale.ids, whale.amounts, strict=True)))
        if amount < 0
    )
    earning = len(whale.ids) - len(whale.losses)
    head = f"{earning:,} of {counted(len(whale.ids), 'account')} earn {short_money(int(peak), book.currency)}"
    if total > 0 and peak > total:
        head += f", {spoken(peak / total, 'share')} of what is left"
    return WhalePanel(curve_chart(whale.curve, label, first=True), head, _said(book), losing[:5])


def _said(book: Book) -> str:
    """Return what the accounts at a loss take and what is left, and of what that is said."""
    whale = book.whale
    if whale is None:
        return ""
    facts = book.review.kinds[Kind.PIPELINE].base.row(0, named=True)
    left = f"{short_money(whale.total, book.currency)} is left{facts.get('whale_left_out') or ''}."
    label = str(facts.get("whale_label") or "")
    basis = f" {label[:1].upper()}{label[1:]}." if label != "contribution" and label else ""
    if not whale.losses:
        return f"None of them loses money; {left}{basis}"
    take = short_money(-sum(whale.losses), book.currency)
    verb = "takes" if len(whale.losses) == 1 else "take"
    return f"{counted(len(whale.losses), 'account')} at a loss {verb} {take}; {left}{basis}"
