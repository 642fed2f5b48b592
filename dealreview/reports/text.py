"""The review in a terminal: what is good, what to talk about, what nobody knows."""

from __future__ import annotations

import shlex
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.engine.gate import FAILED, INCOMPLETE
from dealreview.engine.registry import Problem
from dealreview.model.money import NO_CURRENCY
from dealreview.model.outcome import Band, Kind, Outcome
from dealreview.reports.agenda import Agenda, healthy, needs_of, not_reviewed, worst
from dealreview.reports.gaps import meaning, missing_cells
from dealreview.reports.layout import fit, line, paragraph, sides, spaced, table, wrap
from dealreview.reports.marks import ASKED, BAND_MARKS, OUTCOME_MARKS
from dealreview.reports.quantities import counted, long_day, short_money, whole

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from rich.text import Text

    from dealreview.engine.review import Header, KindReview, Review
    from dealreview.engine.scoring import Figures
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.reports.marks import Mark
    from dealreview.reports.names import NameBook

HEADING = "bold blue"
STRENGTHS_SHOWN, DEALS_SHOWN, OTHERS_SHOWN, CELLS_SHOWN = 3, 5, 3, 5
UNRATED_SHOWN, LONGEST_NAME = 3, 32
DATABASE = "dealreview.db"
"""The database where none is named."""

WIDE = 100
"""Columns from which a deal's money and owner stand on its first line."""

WELL_DONE = "What did you do here that you would do again?"
FOR_COACHING = "for coaching, not for employment decisions; nobody is ranked"


@frozen(slots=False)
class Page:
    """What shapes the printed review beside the review itself.

    Attributes:
        review: The review.
        names: Names and stages.
        width: Columns.
        exit_code: The exit code that the run ends with.
        everything: Whether every deal at watch or risk is printed, not only the worst.
        note: What else the header says, such as that the run was not stored.
        gate: The gate that failed, as it was asked for.
        said: What else there is to remark, a sentence each.
        options: Options that the next command needs too, such as the database.
        database: Path of the database.
    """

    review: Review
    names: NameBook
    width: int = 80
    exit_code: int = 0
    everything: bool = False
    note: str = ""
    gate: str = ""
    said: tuple[str, ...] = ()
    options: str = ""
    database: str = DATABASE

    @cached_property
    def agenda(self) -> Agenda:
        """Which deals the review talks about."""
        return Agenda(self.review, self.names)

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.review.header.reporting_currency


def review_text(page: Page) -> Iterator[Text]:
    """Yield the lines of a review."""
    sections = (_header, _problems, _going_well, _talk, _others, _people, _unknown, _next)
    yield from spaced(section(page) for section in sections)


def heading(text: str, right: str = "", width: int = 80) -> Iterator[Text]:
    """Yield the title of a section."""
    yield from sides(line((text, HEADING)), line((right, "dim")), width)


# --- the header ----------------------------------------------------------------------------------


def _header(page: Page) -> Iterator[Text]:
    left = line((headline(page), "bold"))
    yield from sides(left, line((" · ".join(made_with(page)), "dim")), page.width)
    bands = page.agenda.deals.bands.filter(page.agenda.judged).to_list()
    if bands:
        yield line(*_band_spans(bands))
    yield from _money_at_risk(page)
    yield from paragraph(page.note, page.width, style="dim")


def headline(page: Page) -> str:
    """Return how many deals are talked about and what they come to."""
    agenda = page.agenda
    amounts = agenda.amounts.filter(agenda.judged)
    count, total, unknown = len(amounts), int(amounts.sum()), amounts.null_count()
    text = counted(count, f"{agenda.state} deal")
    if total:
        text += f", {short_money(total, page.currency)}"
    if unknown:
        text += f" ({unknown:,} without an amount{_in(page)})"
    return text if agenda.state == "open" else f"No deal is open; {text}"


def made_with(page: Page) -> Iterator[str]:
    """Yield date, run and number of checks."""
    review = page.review
    yield f"as of {long_day(review.header.as_of)}"
    if review.run_number is not None:
        yield f"run {review.run_number}"
    left_out, total = len(not_reviewed(review)), len(review.checks)
    checks = counted(total, "check")
    yield f"{total - left_out} of {checks}" if left_out else checks


def _band_spans(bands: Sequence[str | None]) -> list[str | tuple[str, str]]:
    spans: list[str | tuple[str, str]] = []
    for band in (Band.HEALTHY, Band.WATCH, Band.RISK, Band.UNRATED):
        mark = BAND_MARKS[band]
        spans += [(f"{mark.shape} {bands.count(band.value):,} {mark.word}", mark.colour), "   "]
    if None in bands:
        mark = BAND_MARKS[None]
        spans.append((f"{mark.shape} {bands.count(None):,} {mark.word}", mark.colour))
    return spans


def _money_at_risk(page: Page) -> Iterator[Text]:
    yield from paragraph(money_at_risk(page), page.width)


def _in(page: Page) -> str:
    return "" if page.currency == NO_CURRENCY else f" in {page.currency}"


def money_at_risk(page: Page) -> str:
    """Return what open deals put at risk, kind by kind, and what is left out; nothing where there is none."""
    amounts = [
        f"{short_money(minor, page.currency)} of {kind}"
        for kind, minor in page.review.pipeline_money().items()
    ]
    sums = f"Exposed in open deals, no forecast of loss: {', '.join(amounts)}." if amounts else ""
    lost = page.review.deals_without_rate
    left_out = (
        f"Money at risk in {counted(lost, 'open deal')} is left out: no rate to {page.currency}."
    )
    return " ".join(filter(None, (sums, left_out if lost else "")))


# --- what is wrong with the run ------------------------------------------------------------------


def _problems(page: Page) -> Iterator[Text]:
    yield from problem_lines(page.review.header.problems, page.width)
    yield from _remarks(page)
    yield from _ending(page)


def one_a_cause(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems, those of the same cause as one that names every place; remarks come last."""
    found: dict[tuple[bool, str, str, str], list[str]] = {}
    for problem in problems:
        cause = (problem.is_remark, problem.kind, problem.cause, problem.mend)
        found.setdefault(cause, []).append(problem.where)
    ordered = sorted(found.items(), key=lambda item: item[0][0])
    return [
        Problem(", ".join(places), cause, mend, kind) for (_, kind, cause, mend), places in ordered
    ]


def problem_lines(problems: Iterable[Problem], width: int) -> Iterator[Text]:
    """Yield the lines of problems and remarks, those of the same cause together."""
    for problem in one_a_cause(problems):
        mark = OUTCOME_MARKS[Outcome.WATCH if problem.is_remark else Outcome.ERROR]
        yield from paragraph(str(problem), width, hang=2, lead=mark.lead)


def _remarks(page: Page) -> Iterator[Text]:
    lead = OUTCOME_MARKS[Outcome.WATCH].lead
    for text in remarks(page):
        yield from paragraph(text, page.width, hang=2, lead=lead)


def remarks(page: Page) -> Iterator[str]:
    """Yield what the run could not see and what it had to assume."""
    header = page.review.header
    if header.proposed_as_of is not None:
        yield _far_away(page.review, header.proposed_as_of)
    if header.rejected_rows:
        yield (
            f"Not in this review: {counted(header.rejected_rows, 'row')} of imports that could not "
            f"be stored: {problems_command(page.database)}"
        )
    if header.judged_by_todays_values:
        yield (
            f"{counted(header.judged_by_todays_values, 'deal')} judged by today's stage, amount, "
            "dates and owner: no history of changes reaches back to the date."
        )
    if header.gone:
        yield f"{counted(header.gone, 'deal')} left out: a complete export no longer had them."
    yield from page.said


def problems_command(database: str) -> str:
    """Return what prints all that imports could not take; as JSON, so that no value does anything."""
    return f"sqlite-utils rows {shlex.quote(database)} import_problems"


def _far_away(review: Review, proposed: dt.date) -> str:
    day = long_day(review.header.as_of)
    nothing_yet = not review.kinds[Kind.DEAL].base.height
    what = f"No deal existed as of {day}; the data's" if nothing_yet else _FAR.format(day)
    return f"{what} last day is {long_day(proposed)}: dealreview review --as-of {proposed}"


_FAR = "The data lies far from {}; its"


def _ending(page: Page) -> Iterator[Text]:
    yield from paragraph(ending(page), page.width, style="bold")


def ending(page: Page) -> str:
    """Return why the run ends with another exit code than 0; nothing where it does not."""
    if page.exit_code == INCOMPLETE:
        return f"Incomplete: {_why_incomplete(page)} Exit 3."
    return f"The gate failed ({page.gate}). Exit 1." if page.exit_code == FAILED else ""


def _why_incomplete(page: Page) -> str:
    if not page.review.errors:
        return f"with a gate ({page.gate}) every subject must be rated, and some are unrated."
    return _problems_named(page.review)


def incomplete(review: Review) -> str:
    """Return why what was made of a review ends with exit code 3; nothing where it is complete."""
    return f"Incomplete: {_problems_named(review)} Exit 3." if review.errors else ""


def _problems_named(review: Review) -> str:
    errors, said = len(review.errors), review.outcome_counts[Outcome.ERROR]
    count = "counts" if said == 1 else "count"
    undecided = f"; {counted(said, 'verdict')} {count} as not decided" if said else ""
    return f"{counted(errors, 'problem')} named above{undecided}."


# --- deals ---------------------------------------------------------------------------------------


def _going_well(page: Page) -> Iterator[Text]:
    rows = page.agenda.going_well
    if not rows:
        return
    yield from heading("GOING WELL")
    cards = _cards(page, page.agenda.deals, rows[:STRENGTHS_SHOWN])
    yield from spaced(_strong(page, card, row) for card, row in cards)
    yield from _more(len(rows) - STRENGTHS_SHOWN, Kind.DEAL, "strengths")


def _strong(page: Page, card: Scorecard, row: int) -> Iterator[Text]:
    yield from _title(page, card, row, OUTCOME_MARKS[Outcome.STRENGTH])
    for verdict in card.with_outcome(Outcome.STRENGTH)[:2]:
        yield from _sentence(page, verdict)
    yield from _asked(page, WELL_DONE, card)


def _talk(page: Page) -> Iterator[Text]:
    agenda = page.agenda
    if agenda.to_talk_about:
        what = "" if agenda.state == "open" else f" {agenda.state.upper()} DEALS"
        yield from heading(f"TALK ABOUT THESE{what}")
        yield from _entries(page, agenda.deals, agenda.to_talk_about, DEALS_SHOWN)


def _entries(page: Page, review: KindReview, rows: Sequence[int], count: int) -> Iterator[Text]:
    """Yield the first subjects of a list, and how many more there are."""
    shown = rows if page.everything else rows[:count]
    cards = _cards(page, review, shown)
    yield from spaced(_entry(page, card, row) for card, row in cards)
    yield from _more(len(rows) - len(shown), review.kind, "findings")


def _cards(page: Page, review: KindReview, rows: Sequence[int]) -> Iterator[tuple[Scorecard, int]]:
    yield from zip(review.scorecards(rows, page.names), rows, strict=True)


def _more(count: int, kind: Kind, what: str) -> Iterator[Text]:
    if count > 0:
        yield line("")
        text = f"{counted(count, f'more {kind}')} with {what}: "
        yield line((text, "dim"), "dealreview review --all", indent=2)


def _entry(page: Page, card: Scorecard, row: int) -> Iterator[Text]:
    found = card.with_outcome(Outcome.RISK, Outcome.WATCH)
    yield from _title(page, card, row, BAND_MARKS[card.band])
    yield from _sentence(page, found[0], len(found) - 1)
    yield from _asked(page, found[0].question, card)


def _title(page: Page, card: Scorecard, row: int, mark: Mark) -> Iterator[Text]:
    """Yield name, score and, for a deal, money and owner."""
    about = _about(page, row) if card.kind is Kind.DEAL else ""
    customer = _customer(page, row) if card.kind is Kind.DEAL else ""
    right = line(
        (score_text(card, card.band), "bold"),
        (f"   {about}" if about and page.width >= WIDE else "", ""),
    )
    room = page.width - right.cell_len - 6
    name = fit(card.name or card.id, room)
    left = line(mark.lead, (name, "bold"), indent=2)
    if customer:
        left.append_text(line((f" · {customer}", "")))
    if left.cell_len > page.width - right.cell_len - 2:
        left.truncate(page.width - right.cell_len - 2, overflow="ellipsis")
    yield from sides(left, right, page.width)
    if about and page.width < WIDE:
        yield line((fit(about, page.width - 4), "dim"), indent=4)


def score_text(card: Scorecard | Figures, band: Band | None) -> str:
    """Return the score with its bounds, as in ``83, 50–90``; the bounds alone of what is unrated.

    There is no text where there is no score.
    """
    if card.score is None and card.lower is None:
        return ""
    bounds = f"{whole(card.lower)}–{whole(card.upper)}"
    if band is Band.UNRATED:
        return bounds
    return whole(card.score) if card.lower == card.upper else f"{whole(card.score)}, {bounds}"


def _about(page: Page, row: int) -> str:
    amount = page.agenda.amounts[row]
    owner = page.names.person(page.review.deals["owner_id"][row])
    money = "" if amount is None else short_money(amount, page.currency)
    return "   ".join(filter(None, (money, owner)))


def _customer(page: Page, row: int) -> str:
    return page.names.account(page.review.deals["account_id"][row])


def _sentence(page: Page, verdict: Verdict, more: int = 0) -> Iterator[Text]:
    """Yield what a check says, how many more say something, and its id."""
    text = f"{verdict.message or verdict.check}{f' (+{more} more)' if more else ''}"
    yield from _with_right(page, text, verdict.check if verdict.message else "", "")


def _asked(page: Page, question: str, card: Scorecard) -> Iterator[Text]:
    subject = subject_name(card)
    yield from _with_right(page, f"{ASKED} {question}" if question else "", subject, "italic")


def subject_name(card: Scorecard) -> str:
    """Return how a subject is named on the command line."""
    return "pipeline" if card.kind is Kind.PIPELINE else f"{card.kind}:{card.id}"


def _with_right(page: Page, text: str, right: str, style: str) -> Iterator[Text]:
    """Yield a paragraph whose last line has a dim text at its right end, on a line of its own if need be."""
    hang = 2 if text.startswith(ASKED) else 0
    parts = wrap(text, page.width - 4 - hang) or [""]
    for number, part in enumerate(parts[:-1]):
        yield line((part, style), indent=4 + (hang if number else 0))
    last = line((parts[-1], style), indent=4 + (hang if len(parts) > 1 else 0))
    yield from sides(last, line((fit(right, page.width - 4), "dim")), page.width)


# --- accounts, teams, the pipeline, reps ---------------------------------------------------------


_OTHERS = ((Kind.ACCOUNT, "ACCOUNTS"), (Kind.TEAM, "TEAMS"), (Kind.PIPELINE, "PIPELINE"))


def _others(page: Page) -> Iterator[Text]:
    yield from spaced(_other(page, kind, title) for kind, title in _OTHERS)


def _other(page: Page, kind: Kind, title: str) -> Iterator[Text]:
    review = page.review.kinds[kind]
    rows = worst(review)
    fine = healthy(review)
    if rows or fine:
        yield from heading(title)
    yield from _entries(page, review, rows, OTHERS_SHOWN)
    if rows and fine:
        yield line("")
    if fine:
        lead = BAND_MARKS[Band.HEALTHY].lead
        text = healthy_text(page, review, fine)
        yield from paragraph(text, page.width, indent=2, hang=2, style="dim", lead=lead)


def healthy_text(page: Page, review: KindReview, rows: Sequence[int]) -> str:
    """Return which subjects are healthy for all their findings: they are on no agenda."""
    if review.kind is Kind.PIPELINE:
        return "healthy, with findings: dealreview show pipeline"
    return f"healthy, with findings: {named(page, review, rows, OTHERS_SHOWN)}"


def named(page: Page, review: KindReview, rows: Sequence[int], count: int) -> str:
    """Return the first subjects by name and as the command line names them, and how many more."""
    shown = rows if page.everything else rows[:count]
    ids, names = review.base["id"], review.base["name"]
    subjects = (
        f"{fit(names[row], LONGEST_NAME)} ({review.kind}:{ids[row]})"
        if names[row]
        else f"{review.kind}:{ids[row]}"
        for row in shown
    )
    more = f" and {len(rows) - len(shown):,} more" if len(rows) > len(shown) else ""
    return f"{', '.join(subjects)}{more}"


def _people(page: Page) -> Iterator[Text]:
    review = page.review.kinds[Kind.REP]
    found = len(worst(review))
    if found:
        yield from heading("REPS")
        text = (
            f"{found:,} of {counted(review.base.height, 'rep')} {'has' if found == 1 else 'have'} "
            f"something to talk about ({FOR_COACHING}): dealreview show rep:ID"
        )
        yield from paragraph(text, page.width, indent=2)


# --- what nobody knows ---------------------------------------------------------------------------


def _unknown(page: Page) -> Iterator[Text]:
    lines = [*_unrated(page), *_missing(page), *_rates(page), *_not_reviewed(page)]
    if lines:
        yield from heading("WHAT WE DO NOT KNOW")
        yield from lines


def _question_mark(page: Page, text: str) -> Iterator[Text]:
    lead = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA].lead
    yield from paragraph(text, page.width, indent=2, hang=2, lead=lead)


def _unrated(page: Page) -> Iterator[Text]:
    agenda = page.agenda
    rows = (agenda.judged & (agenda.deals.bands == Band.UNRATED.value)).arg_true()
    if rows.len():
        names = named(page, agenda.deals, rows.to_list(), UNRATED_SHOWN)
        text = f"{counted(rows.len(), 'deal')} unrated, too little could be decided: {names}"
        yield from _question_mark(page, text)


def _missing(page: Page) -> Iterator[Text]:
    agenda = page.agenda
    cells = missing_cells(agenda.deals, agenda.judged)
    if not cells:
        return
    total = int(agenda.judged.sum())
    yield from _question_mark(
        page, f"Most often missing, of {counted(total, agenda.state + ' deal')}:"
    )
    first = list(cells.items())[:CELLS_SHOWN]
    rows = [(f"{count:,}", cell, meaning(agenda.deals, cell)) for cell, count in first]
    yield from table(rows, page.width, indent=4, numbers=1)


def _not_reviewed(page: Page) -> Iterator[Text]:
    left_out = not_reviewed(page.review)
    if not left_out:
        return
    text = (
        f"{counted(len(left_out), 'check')} not reviewed: nothing is recorded that they could look "
        "at. They need:"
    )
    yield from _question_mark(page, text)
    needs = needs_of(page.review)
    shown = needs if page.everything else needs[:CELLS_SHOWN]
    rows = [
        (counted(len(n.checks), "check"), n.name, meaning(page.agenda.deals, n.cell)) for n in shown
    ]
    yield from table(rows, page.width, indent=4)
    if len(needs) > len(shown):
        yield line(
            (f"and {len(needs) - len(shown)} more: dealreview review --all", "dim"), indent=4
        )


def _rates(page: Page) -> Iterator[Text]:
    for text in without_rate(page):
        yield from _question_mark(page, text)


def without_rate(page: Page) -> Iterator[str]:
    """Yield, by currency, how many deals have an amount that can't be converted."""
    if page.currency == NO_CURRENCY and page.review.deals["amount_minor"].count():
        yield (
            "No amount says its currency: they stand as in the files. Import deals.currency, or set"
            "  reporting_currency in dealreview.toml."
        )
    for currency, count in page.agenda.without_rate.items():
        deals = counted(count, f"{page.agenda.state} deal")
        if currency is None:
            yield f"{deals} with an amount of no currency. Import deals.currency."
            continue
        yield (
            f"{deals} in {currency}: no rate to {page.currency}. Import fx_rates, or set "
            "reporting_currency in dealreview.toml."
        )


def _next(page: Page) -> Iterator[Text]:
    rows = page.agenda.to_talk_about or page.agenda.going_well
    if rows:
        subject = f"deal:{page.agenda.deals.base['id'][rows[0]]}"
        text = f"dealreview show {subject}{page.options}"
        yield from paragraph(text, page.width, indent=2, lead=("next  ", "dim"))
    elif not page.review.kinds[Kind.DEAL].base.height:
        text = nothing_to_review(page.review.header)
        yield from paragraph(text, page.width, indent=2, lead=("next  ", "dim"))


def nothing_to_review(header: Header) -> str:
    """Return what to do where there is no deal as of the date."""
    if header.proposed_as_of is not None:
        return f"dealreview review --as-of {header.proposed_as_of}"
    what = "No deal is left" if header.gone else "There is no deal"
    return f"{what} in the database: dealreview import --help"
