"""What the demo prints: the import, two deals in full, and what to try next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.demo.files import EXPORTS, MAPPING
from dealreview.model.outcome import Outcome
from dealreview.reports.agenda import Agenda
from dealreview.reports.card import CardPage, card_text
from dealreview.reports.layout import line, paragraph
from dealreview.reports.marks import OUTCOME_MARKS
from dealreview.reports.text import subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

    from dealreview.engine.review import Review
    from dealreview.ingest.summary import ImportSummary, Problem
    from dealreview.model.scorecard import Scorecard
    from dealreview.reports.names import NameBook

HEADING = "bold blue"
PROGRAM = "dealreview"
ACTION_MARKS = {
    "rejected": OUTCOME_MARKS[Outcome.RISK],
    "emptied": OUTCOME_MARKS[Outcome.WATCH],
    "noted": OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA],
}
"""Shape and style by what became of a cell or row."""


def import_text(summary: ImportSummary, folder: Path, width: int) -> Iterator[Text]:
    """Yield what was read, and what could not be taken as it was."""
    files = len({counts.file for counts in summary.counts})
    yield line((f"{files} files of an invented company, in {folder / EXPORTS}", "bold"))
    names = {"rows": "rows", "stored": "stored", "duplicates": "twice", "rejected": "rejected"}
    totals = (f"{summary.total(name):,} {said}" for name, said in names.items())
    yield line(", ".join(totals), indent=2)
    for problem in summary.problems:
        yield from problem_text(problem, width)


def problem_text(problem: Problem, width: int) -> Iterator[Text]:
    """Yield one problem of the import."""
    shape, style = ACTION_MARKS[problem.action]
    place = f"{problem.file} line {problem.line}" if problem.line else problem.file
    cell = f", {problem.column} '{problem.value}'" if problem.column else ""
    text = f"{problem.action}: {place}{cell}: {problem.reason}"
    yield from paragraph(text, width, indent=2, hang=2, lead=(f"{shape} ", style))


def deals_text(review: Review, names: NameBook, width: int) -> Iterator[Text]:
    """Yield the scorecards of the worst and of the best deal."""
    worst, best = worst_and_best(review, names)
    for title, card in (("THE WORST DEAL", worst), ("THE BEST DEAL", best)):
        yield line((f"{title}  ", HEADING), (f"{PROGRAM} show {subject_name(card)}", "dim"))
        yield line("")
        yield from card_text(CardPage(card, review, names, width))
        yield line("")


def worst_and_best(review: Review, names: NameBook) -> tuple[Scorecard, Scorecard]:
    """Return the first deal of the agenda, and the first of those that go well."""
    agenda = Agenda(review, names)
    rows = agenda.to_talk_about[0], agenda.going_well[0]
    worst, best = agenda.deals.scorecards(rows, names)
    return worst, best


# --- what to try next ----------------------------------------------------------------------------


def next_text(review: Review, names: NameBook, folder: Path) -> Iterator[Text]:
    """Yield commands that work when they are pasted."""
    yield line(("TRY NEXT", HEADING))
    width = max(len(command) for command, _why in next_commands(review, names, folder))
    for command, why in next_commands(review, names, folder):
        yield line(command.ljust(width), (f"  {why}", "dim"), indent=2)


def next_commands(review: Review, names: NameBook, folder: Path) -> Iterable[tuple[str, str]]:
    """Return each command with what it shows."""
    program = program_from(folder)
    worst, _best = worst_and_best(review, names)
    check = worst.with_outcome(Outcome.RISK, Outcome.WATCH)[0].check
    return (
        (f"cd {shlex.quote(os.path.relpath(folder))}", "the configuration is read from here"),
        (f"{program} review", "what to talk about"),
        (f"{program} show {subject_name(worst)} --all", "one deal with every fact"),
        (f"{program} explain {check}", "what a check looks at, and its limits"),
        (f"{program} show pipeline", "where the profit comes from"),
        (f"{program} import {EXPORTS} --mapping {MAPPING}", "the same files once more"),
    )


def program_from(folder: Path) -> str:
    """Return how the command is called in a folder: by name where the shell finds it."""
    here = Path(sys.argv[0]).absolute()
    if here.name != PROGRAM or shutil.which(PROGRAM) in (None, str(here)):
        here = Path(sys.executable).parent / PROGRAM
    if shutil.which(PROGRAM):
        return PROGRAM
    return shlex.quote(os.path.relpath(here, folder)) if here.exists() else f"python -m {PROGRAM}"
