"""A review as Markdown, to be pasted into a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.model.outcome import Band, Kind, Outcome
from dealreview.reports.agenda import healthy, needs_of, not_reviewed, worst
from dealreview.reports.gaps import meaning, missing_cells
from dealreview.reports.layout import fit
from dealreview.reports.marks import BAND_MARKS, OUTCOME_MARKS
from dealreview.reports.markup import (
    CELL_WIDTH,
    NAME_WIDTH,
    asked,
    bold,
    code,
    escaped,
    lines,
    problem_items,
    section,
    sentence,
    table,
)
from dealreview.reports.quantities import counted, long_day, short_money, spoken
from dealreview.reports.text import (
    DEALS_SHOWN,
    FOR_COACHING,
    OTHERS_SHOWN,
    STRENGTHS_SHOWN,
    WELL_DONE,
    ending,
    headline,
    healthy_text,
    made_with,
    money_at_risk,
    named,
    remarks,
    score_text,
    subject_name,
    without_rate,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dealreview.engine.review import KindReview
    from dealreview.model.scorecard import Scorecard
    from dealreview.reports.text import Page

LISTED = 100
"""Deals in the table, unless everything is asked for."""

FINDINGS_SHOWN, CELLS_SHOWN = 3, 10


def review_markdown(page: Page) -> Iterator[str]:
    """Yield the lines of a review."""
    yield from lines(_review(page))


def _review(page: Page) -> Iterator[str]:
    yield f"# Deal review, {long_day(page.review.header.as_of)}"
    yield from _header(page)
    yield from _problems(page)
    yield from section("Going well", _going_well(page))
    what = "" if page.agenda.state == "open" else f": {page.agenda.state} deals"
    yield from section(f"Talk about these{what}", _talk(page))
    for kind, title in (
        (Kind.ACCOUNT, "Accounts"),
        (Kind.TEAM, "Teams"),
        (Kind.PIPELINE, "Pipeline"),
    ):
        yield from section(title, _others(page, kind))
    yield from section("Reps", _reps(page))
    yield from section("What we do not know", _unknown(page))
    yield from section("Deals", _deals(page))


def _header(page: Page) -> Iterator[str]:
    yield from ("", escaped(" · ".join([headline(page), *made_with(page)])))
    bands = page.agenda.deals.bands.filter(page.agenda.judged).to_list()
    if bands:
        counts = [
            f"{BAND_MARKS[band].shape} {bands.count(band.value):,} {band}"
            for band in (Band.HEALTHY, Band.WATCH, Band.RISK, Band.UNRATED)
        ]
        nothing = BAND_MARKS[None]
        counts += [f"{nothing.shape} {bands.count(None):,} {nothing.word}"] if None in bands else []
        yield from ("", " · ".join(counts))
    for text in filter(None, (money_at_risk(page), page.note)):
        yield from ("", escaped(text))


def _problems(page: Page) -> Iterator[str]:
    yield ""
    yield from problem_items(page.review.header.problems)
    for text in remarks(page):
        yield f"- {OUTCOME_MARKS[Outcome.WATCH].shape} {escaped(text)}"
    if ending(page):
        yield f"- {bold(ending(page))}"


def _going_well(page: Page) -> Iterator[str]:
    rows = page.agenda.going_well
    shown = rows if page.everything else rows[:STRENGTHS_SHOWN]
    for card, row in _cards(page, page.agenda.deals, shown):
        yield f"- {_title(page, card, row, OUTCOME_MARKS[Outcome.STRENGTH].shape)}"
        strong = card.with_outcome(Outcome.STRENGTH)
        for verdict in strong[:FINDINGS_SHOWN]:
            yield f"  - {sentence(verdict)}"
        yield from _beyond(len(strong))
        yield from asked(WELL_DONE)
    yield from _more(len(rows) - len(shown), "deals with strengths")


def _talk(page: Page) -> Iterator[str]:
    rows = page.agenda.to_talk_about
    yield from _entries(page, page.agenda.deals, rows, DEALS_SHOWN, "deals with findings")


def _others(page: Page, kind: Kind) -> Iterator[str]:
    review = page.review.kinds[kind]
    yield from _entries(page, review, worst(review), OTHERS_SHOWN, f"{kind}s with findings")
    fine = healthy(review)
    if fine:
        yield f"- {BAND_MARKS[Band.HEALTHY].shape} {escaped(healthy_text(page, review, fine))}"


def _entries(
    page: Page, review: KindReview, rows: Sequence[int], count: int, what: str
) -> Iterator[str]:
    shown = rows if page.everything else rows[:count]
    for card, row in _cards(page, review, shown):
        found = card.with_outcome(Outcome.RISK, Outcome.WATCH)
        yield f"- {_title(page, card, row, BAND_MARKS[card.band].shape)}"
        for verdict in found[:FINDINGS_SHOWN]:
            yield f"  - {OUTCOME_MARKS[verdict.outcome].shape} {sentence(verdict)}"
        yield from _beyond(len(found))
        yield from asked(found[0].question)
    yield from _more(len(rows) - len(shown), what)


def _beyond(count: int) -> Iterator[str]:
    if count > FINDINGS_SHOWN:
        yield f"  - and {count - FINDINGS_SHOWN} more"


def _cards(page: Page, review: KindReview, rows: Sequence[int]) -> Iterator[tuple[Scorecard, int]]:
    yield from zip(review.scorecards(rows, page.names), rows, strict=True)


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield f"- {count:,} more {what}: `dealreview review --format markdown --all`"


def _title(page: Page, card: Scorecard, row: int, shape: str) -> str:
    parts = [score_text(card, card.band)]
    if card.kind is Kind.DEAL:
        deal = page.review.deals.row(row, named=True)
        amount = page.agenda.amounts[row]
        money = "" if amount is None else short_money(amount, page.currency)
        parts = [page.names.account(deal["account_id"]), money, page.names.person(deal["owner_id"])]
        parts.append(score_text(card, card.band))
    about = [escaped(fit(part, CELL_WIDTH)) for part in parts if part]
    name = bold(fit(card.name or card.id, NAME_WIDTH))
    return " · ".join([f"{shape} {name}", *about, code(subject_name(card))])


def _reps(page: Page) -> Iterator[str]:
    review = page.review.kinds[Kind.REP]
    found = len(worst(review))
    if found:
        yield (
            f"{found:,} of {counted(review.base.height, 'rep')} "
            f"{'has' if found == 1 else 'have'} something to talk about "
            f"({FOR_COACHING}): `dealreview show rep:ID`"
        )


# --- what nobody knows, and the table ------------------------------------------------------------


def _unknown(page: Page) -> Iterator[str]:
    yield from _unrated(page)
    for text in without_rate(page):
        yield f"- {escaped(text)}"
    left_out = not_reviewed(page.review)
    if left_out:
        yield (
            f"- {counted(len(left_out), 'check')} not reviewed: nothing is recorded that they "
            "could look at. They need:"
        )
    for need in needs_of(page.review):
        about = meaning(page.agenda.deals, need.cell)
        yield f"  - {code(need.name)}: {counted(len(need.checks), 'check')}; {escaped(about)}"
    yield from _missing(page)


def _unrated(page: Page) -> Iterator[str]:
    agenda = page.agenda
    rows = (agenda.judged & (agenda.deals.bands == Band.UNRATED.value)).arg_true()
    if not rows.len():
        return
    names = escaped(named(page, agenda.deals, rows.to_list(), CELLS_SHOWN))
    yield f"- {counted(rows.len(), 'deal')} unrated, too little could be decided: {names}"


def _missing(page: Page) -> Iterator[str]:
    agenda = page.agenda
    cells = list(missing_cells(agenda.deals, agenda.judged).items())
    if not cells:
        return
    total = counted(int(agenda.judged.sum()), f"{agenda.state} deal")
    yield from (f"- Most often missing, of {total}:", "")
    rows = (
        (code(cell), escaped(meaning(agenda.deals, cell)), f"{count:,}")
        for cell, count in (cells if page.everything else cells[:CELLS_SHOWN])
    )
    yield from table(("Missing", "What it is", "Deals"), rows, right=1)


_HEAD = ("Deal", "Customer", "Owner", "Stage", "Closes", "Band", "Id", "Amount", "Score")


def _deals(page: Page) -> Iterator[str]:
    rows = _in_order(page)
    shown = rows if page.everything else rows[:LISTED]
    if not rows:
        return
    cards = page.agenda.deals.scorecards(shown, page.names, only=frozenset())
    yield from table(_HEAD, (_deal(page, *one) for one in zip(cards, shown, strict=True)), right=2)
    if len(rows) > len(shown):
        yield from ("", *_more(len(rows) - len(shown), "deals"))


def _in_order(page: Page) -> list[int]:
    """Return the rows that are talked about in that order, then all others by band and id."""
    first = page.agenda.to_talk_about
    bands = page.agenda.deals.bands
    order = [Band.RISK, Band.WATCH, Band.UNRATED, Band.HEALTHY, None]
    rest = set(page.agenda.judged.arg_true()) - set(first)
    return [*first, *sorted(rest, key=lambda row: (order.index(bands[row]), row))]


def _deal(page: Page, card: Scorecard, row: int) -> tuple[str, ...]:
    deal, names = page.review.deals.row(row, named=True), page.names
    stage, _ = names.stages.get(str(deal["stage_id"]), ("", None))
    closes = deal["closed_on"] if card.closed else deal["expected_close_on"]
    amount, shape = page.agenda.amounts[row], BAND_MARKS[card.band].shape
    said = (card.name, names.account(deal["account_id"]), names.person(deal["owner_id"]), stage)
    return (
        *(escaped(fit(text, CELL_WIDTH)) for text in said),
        "" if closes is None else spoken(closes),
        f"{shape} {card.band or 'nothing applies'}",
        code(subject_name(card)),
        "" if amount is None else escaped(short_money(amount, page.currency)),
        escaped(score_text(card, card.band)),
    )
