"""A review and a scorecard as Markdown, to be pasted into a document.

Data is made inert here: whatever a name holds, it is shown and does nothing. It can't be markup or
HTML, break a line or a table, and an address is code, which nothing turns into a link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dealreview.model.outcome import Band, Kind, Outcome
from dealreview.reports.agenda import needs_of, not_reviewed, worst
from dealreview.reports.card import (
    COSTS,
    about_subject,
    bounds_text,
    by_pack,
    fact_text,
    families,
    held_against,
    particulars,
    what_lacks,
)
from dealreview.reports.escape import clean
from dealreview.reports.gaps import meaning, missing_cells
from dealreview.reports.layout import fit
from dealreview.reports.marks import BAND_MARKS, MINUS, OUTCOME_MARKS, PROBLEM
from dealreview.reports.quantities import counted, long_day, short_money, spoken, tenths, whole
from dealreview.reports.text import (
    DEALS_SHOWN,
    FOR_COACHING,
    OTHERS_SHOWN,
    STRENGTHS_SHOWN,
    WELL_DONE,
    ending,
    headline,
    made_with,
    money_at_risk,
    remarks,
    score_text,
    subject_name,
    without_rate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dealreview.engine.review import KindReview
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.reports.card import CardPage
    from dealreview.reports.text import Page

LISTED = 100
"""Deals in the table, unless everything is asked for."""

FINDINGS_SHOWN, CELLS_SHOWN = 3, 10
NAME_WIDTH, CELL_WIDTH = 120, 60
"""Cells after which a name is cut, in a heading and in a table."""

_ADDRESS = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]*:)?//[^\s`|]+"
    r"|\bwww\.[^\s`|]+"
    r"|\b(?:mailto|xmpp|tel|data|javascript):[^\s`|]+"
    r"|[^\s`|]*@[^\s`|]+"
)
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"([\\`*{}\[\]|~#$^]|(?<!\w)_|_(?!\w))")
_AT_START = re.compile(r"^([+:=-]|\d+(?=[.)](?:\s|$)))")


# --- data ----------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    """Return data as Markdown that shows it and does nothing else, on one line."""
    text = " ".join(clean(text).split())
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [_bare(text[end : found.start()]), f"`{found[0]}`"]
        end = found.end()
    return _AT_START.sub(_held_back, "".join([*parts, _bare(text[end:])]))


def _bare(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text.translate(_ENTITIES))


def _held_back(found: re.Match[str]) -> str:
    r"""Return the beginning of a list or a definition as plain text: ``1\\.`` and ``\\-``."""
    return f"{found[1]}\\" if found[1].isdecimal() else f"\\{found[1]}"


def code(text: str) -> str:
    """Return an id as code; as escaped text where code could not hold it."""
    text = " ".join(clean(text).split())
    return escaped(text) if not text or {"`", "|"} & set(text) else f"`{text}`"


def _bold(text: str) -> str:
    return f"**{escaped(text) or '–'}**"


def _asked(question: str) -> Iterator[str]:
    if question:
        yield f"  - *{escaped(question)}*"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: int = 0) -> Iterator[str]:
    """Yield the lines of a table; the last ``right`` columns are aligned to the right."""
    left = len(head) - right
    yield _row(head)
    yield _row(["---"] * left + ["---:"] * right)
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a heading with what stands under it; nothing where nothing does."""
    for number, text in enumerate(lines):
        yield from () if number else ("", f"## {title}", "")
        yield text


def _lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with their ends, never two empty ones on end."""
    before = ""
    for number, text in enumerate(lines):
        if text or (number and before):
            yield f"{text}\n"
        before = text


# --- a review ------------------------------------------------------------------------------------


def review_markdown(page: Page) -> Iterator[str]:
    """Yield the lines of a review."""
    yield from _lines(_review(page))


def _review(page: Page) -> Iterator[str]:
    yield f"# Deal review, {long_day(page.review.header.as_of)}"
    yield from _header(page)
    yield from _problems(page)
    yield from _section("Going well", _going_well(page))
    what = "" if page.agenda.state == "open" else f": {page.agenda.state} deals"
    yield from _section(f"Talk about these{what}", _talk(page))
    for kind, title in (
        (Kind.ACCOUNT, "Accounts"),
        (Kind.TEAM, "Teams"),
        (Kind.PIPELINE, "Pipeline"),
    ):
        yield from _section(title, _others(page, kind))
    yield from _section("Reps", _reps(page))
    yield from _section("What we do not know", _unknown(page))
    yield from _section("Deals", _deals(page))


def _header(page: Page) -> Iterator[str]:
    yield from ("", escaped(" · ".join([headline(page), *made_with(page)])))
    bands = page.agenda.deals.bands.filter(page.agenda.judged).to_list()
    if bands:
        counts = [
            f"{BAND_MARKS[band][0]} {bands.count(band.value):,} {band}"
            for band in (Band.HEALTHY, Band.WATCH, Band.RISK, Band.UNRATED)
        ]
        counts += [f"– {bands.count(None):,} nothing applies"] if None in bands else []
        yield from ("", " · ".join(counts))
    for text in filter(None, (money_at_risk(page), page.note)):
        yield from ("", escaped(text))


def _problems(page: Page) -> Iterator[str]:
    yield ""
    for problem in page.review.header.problems:
        shape = OUTCOME_MARKS[Outcome.WATCH][0] if problem.kind == "feed" else f"**{PROBLEM}**"
        yield f"- {shape} {escaped(str(problem))}"
    for text in remarks(page):
        yield f"- {OUTCOME_MARKS[Outcome.WATCH][0]} {escaped(text)}"
    if ending(page):
        yield f"- {_bold(ending(page))}"


def _going_well(page: Page) -> Iterator[str]:
    rows = page.agenda.going_well
    shown = rows if page.everything else rows[:STRENGTHS_SHOWN]
    for card, row in _cards(page, page.agenda.deals, shown):
        yield f"- {_title(page, card, row, OUTCOME_MARKS[Outcome.STRENGTH][0])}"
        for verdict in card.with_outcome(Outcome.STRENGTH):
            yield f"  - {_sentence(verdict)}"
        yield from _asked(WELL_DONE)
    yield from _more(len(rows) - len(shown), "deals with strengths")


def _talk(page: Page) -> Iterator[str]:
    rows = page.agenda.to_talk_about
    yield from _entries(page, page.agenda.deals, rows, DEALS_SHOWN, "deals with findings")


def _others(page: Page, kind: Kind) -> Iterator[str]:
    review = page.review.kinds[kind]
    yield from _entries(page, review, worst(review), OTHERS_SHOWN, f"{kind}s with findings")


def _entries(
    page: Page, review: KindReview, rows: Sequence[int], count: int, what: str
) -> Iterator[str]:
    shown = rows if page.everything else rows[:count]
    for card, row in _cards(page, review, shown):
        found = card.with_outcome(Outcome.RISK, Outcome.WATCH)
        yield f"- {_title(page, card, row, BAND_MARKS[card.band][0])}"
        for verdict in found[:FINDINGS_SHOWN]:
            yield f"  - {OUTCOME_MARKS[verdict.outcome][0]} {_sentence(verdict)}"
        if len(found) > FINDINGS_SHOWN:
            yield f"  - and {len(found) - FINDINGS_SHOWN} more"
        yield from _asked(found[0].question)
    yield from _more(len(rows) - len(shown), what)


def _cards(page: Page, review: KindReview, rows: Sequence[int]) -> Iterator[tuple[Scorecard, int]]:
    yield from zip(review.scorecards(rows, page.names), rows, strict=True)


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield f"- {count:,} more {what}: `dealreview review --format markdown --all`"


def _title(page: Page, card: Scorecard, row: int, shape: str) -> str:
    parts = [score_text(card)]
    if card.kind is Kind.DEAL:
        deal = page.review.deals.row(row, named=True)
        amount = page.agenda.amounts[row]
        money = "" if amount is None else short_money(amount, page.currency)
        parts = [page.names.account(deal["account_id"]), money, page.names.person(deal["owner_id"])]
        parts.append(score_text(card))
    about = [escaped(fit(part, CELL_WIDTH)) for part in parts if part]
    name = _bold(fit(card.name or card.id, NAME_WIDTH))
    return " · ".join([f"{shape} {name}", *about, code(subject_name(card))])


def _sentence(verdict: Verdict) -> str:
    check = code(verdict.check)
    return f"{escaped(verdict.message)} ({check})" if verdict.message else check


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
    shown = rows if page.everything else rows.head(CELLS_SHOWN)
    names = ", ".join(code(f"deal:{name}") for name in agenda.deals.base["id"].gather(shown))
    more = f" and {rows.len() - shown.len():,} more" if rows.len() > shown.len() else ""
    yield f"- {counted(rows.len(), 'deal')} unrated, too little could be decided: {names}{more}"


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
    yield from _table(("Missing", "What it is", "Deals"), rows, right=1)


_HEAD = ("Deal", "Customer", "Owner", "Stage", "Closes", "Band", "Id", "Amount", "Score")


def _deals(page: Page) -> Iterator[str]:
    rows = _in_order(page)
    shown = rows if page.everything else rows[:LISTED]
    if not rows:
        return
    cards = page.agenda.deals.scorecards(shown, page.names, only=frozenset())
    yield from _table(_HEAD, (_deal(page, *one) for one in zip(cards, shown, strict=True)), right=2)
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
    amount, shape = page.agenda.amounts[row], BAND_MARKS[card.band][0]
    said = (card.name, names.account(deal["account_id"]), names.person(deal["owner_id"]), stage)
    return (
        *(escaped(fit(text, CELL_WIDTH)) for text in said),
        "" if closes is None else spoken(closes),
        f"{shape} {card.band or 'nothing applies'}",
        code(subject_name(card)),
        "" if amount is None else escaped(short_money(amount, page.currency)),
        escaped(score_text(card)),
    )


# --- a scorecard ---------------------------------------------------------------------------------


def card_markdown(page: CardPage) -> Iterator[str]:
    """Yield the lines of a scorecard."""
    yield from _lines(_card(page))


def _card(page: CardPage) -> Iterator[str]:
    card = page.card
    yield f"# {escaped(fit(card.name or card.id, NAME_WIDTH))}{_rating(page)}"
    subject, *others = about_subject(page)
    yield from ("", " · ".join([code(subject), *map(escaped, others)]))
    yield from ("", escaped(" · ".join(particulars(page))))
    yield from _sum(page)
    yield from _section("Going well", _strengths(page))
    title = COSTS.get(card.kind, "WHAT TO TALK ABOUT").capitalize()
    yield from _section(title, _costs(page))
    yield from _section("What went wrong", _errors(page))
    yield from _section("What we do not know", _gaps(page))
    yield from _section("Not reviewed", _not_reviewed(page))
    if page.everything:
        yield from _section("Passed", _quiet(page, Outcome.PASS))
        yield from _section("Does not apply", _quiet(page, Outcome.NOT_APPLICABLE))
        yield from _section("Facts", _facts(page))


def _rating(page: CardPage) -> str:
    card = page.card
    if not card.kind.has_score:
        return ""
    word = card.band or "nothing applies"
    return f": {BAND_MARKS[card.band][0]} {word}, {whole(card.score)}"


def _sum(page: CardPage) -> Iterator[str]:
    card = page.card
    if card.lower is None:
        return
    kept = "Nothing is decided"
    if card.score is not None:
        kept = f"{tenths(card.score)} kept, {tenths(round(100 - card.score, 1))} lost"
    yield from ("", f"{kept}; {escaped(bounds_text(page))}. By pack: {escaped(by_pack(card))}.")


def _strengths(page: CardPage) -> Iterator[str]:
    for verdict in page.card.with_outcome(Outcome.STRENGTH):
        yield from _finding(verdict, "")


def _costs(page: CardPage) -> Iterator[str]:
    for family in families(page.card.with_outcome(Outcome.RISK, Outcome.WATCH)):
        yield from _finding(family[0], _points(family[0]))
        for other in family[1:]:
            yield f"  - with {_sentence(other)}{_points(other)}"
        yield from _asked(family[0].question)


def _points(verdict: Verdict) -> str:
    return f" {MINUS}{tenths(verdict.points_lost)} points" if verdict.points_lost else ""


def _finding(verdict: Verdict, points: str) -> Iterator[str]:
    shape = OUTCOME_MARKS[verdict.outcome][0]
    yield f"- {shape} {_bold(verdict.message or verdict.check)}{points}"
    against = escaped(held_against(verdict))
    yield f"  - {against} ({code(verdict.check)})" if against else f"  - {code(verdict.check)}"


def _errors(page: CardPage) -> Iterator[str]:
    for verdict in page.card.with_outcome(Outcome.ERROR):
        yield from _finding(verdict, _open(verdict))


def _gaps(page: CardPage) -> Iterator[str]:
    shape = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA][0]
    for verdict in page.card.with_outcome(Outcome.INSUFFICIENT_DATA):
        yield f"- {shape} {escaped(what_lacks(verdict))} ({code(verdict.check)}){_open(verdict)}"


def _open(verdict: Verdict) -> str:
    return f" {tenths(verdict.points_open)} points open" if verdict.points_open else ""


def _not_reviewed(page: CardPage) -> Iterator[str]:
    for missing in page.card.not_reviewed:
        yield f"- {code(missing.check)}: needs {', '.join(map(code, missing.needs))}"


def _quiet(page: CardPage, outcome: Outcome) -> Iterator[str]:
    for verdict in sorted(page.card.with_outcome(outcome), key=lambda found: found.check):
        said = f": {escaped(verdict.message)}" if verdict.message else ""
        yield f"- {OUTCOME_MARKS[outcome][0]} {code(verdict.check)}{said}"


def _facts(page: CardPage) -> Iterator[str]:
    known = {name: value for name, value in page.card.facts.items() if name in page.facts}
    if known:
        rows = (
            (code(name), escaped(fact_text(page, page.facts[name], known[name])))
            for name in sorted(known)
        )
        yield from _table(("Fact", "Value"), rows)
