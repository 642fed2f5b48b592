"""What the demo prints: the import, two deals in full, and what to try next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.demo.files import EARLIER_EXPORTS, EXPORTS, MAPPING
from dealreview.model.outcome import Outcome
from dealreview.reports.agenda import Agenda
from dealreview.reports.card import CardPage, card_text
from dealreview.reports.layout import line, paragraph
from dealreview.reports.text import subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

    from dealreview.engine.review import Review
    from dealreview.ingest.summary import ImportSummary
    from dealreview.model.scorecard import Scorecard
    from dealreview.reports.names import NameBook

HEADING = "bold blue"
PROGRAM = "dealreview"


def begin_text(folder: Path, width: int) -> Iterator[Text]:
    """Yield what this is."""
    text = f"An invented company: what its systems export is in {folder / EXPORTS}, how to read "
    text += f"it in {folder / MAPPING}, the three weeks before in {folder / EARLIER_EXPORTS}."
    yield from paragraph(text, width)
    yield line("")


def back_text(review: Review) -> Iterator[Text]:
    """Yield that an earlier day was reviewed from the first export."""
    day = f"{review.header.as_of:%a %-d %b %Y}"
    yield line(f"{day}  as the first export tells it, run {review.run_number}", indent=2)


def week_text(summary: ImportSummary, review: Review) -> Iterator[Text]:
    """Yield how far it is: what was read of a week, and its run."""
    header = review.header
    day = f"{header.as_of:%a %-d %b %Y}"
    stored = summary.total("stored")
    yield line(
        f"{day}  {stored:>6,} rows stored, {len(header.checks)} checks, run {review.run_number}",
        indent=2,
    )


def deals_text(review: Review, names: NameBook, width: int) -> Iterator[Text]:
    """Yield the scorecards of the worst and of the best deal."""
    worst, best = worst_and_best(review, names)
    for title, card in (("THE WORST DEAL", worst), ("THE BEST DEAL", best)):
        yield line("")
        yield line((title, HEADING))
        yield line("")
        yield from card_text(CardPage(card, review, names, width))


def worst_and_best(review: Review, names: NameBook) -> tuple[Scorecard, Scorecard]:
    """Return the first deal of the agenda, and the first of those that go well."""
    agenda = Agenda(review, names)
    rows = agenda.to_talk_about[0], agenda.going_well[0]
    worst, best = agenda.deals.scorecards(rows, names)
    return worst, best


# --- what to try next ----------------------------------------------------------------------------


def next_text(review: Review, names: NameBook, folder: Path) -> Iterator[Text]:
    """Yield commands that work when they are pasted, comments included."""
    yield line("")
    yield line(("TRY NEXT", HEADING))
    for command, why in next_commands(review, names, folder):
        yield line((f"# {why}", "dim"), indent=2)
        yield line(command, indent=2)


def next_commands(review: Review, names: NameBook, folder: Path) -> Iterable[tuple[str, str]]:
    """Return each command with what it shows."""
    program = program_from(folder)
    worst, _best = worst_and_best(review, names)
    check = worst.with_outcome(Outcome.RISK, Outcome.WATCH)[0].check
    return (
        (
            f"cd {shlex.quote(os.path.relpath(folder))}",
            "dealreview.toml and dealreview.db are found from here",
        ),
        (f"{program} review", "what to talk about"),
        (f"{program} show {subject_name(worst)} --all", "one deal with every fact"),
        (f"{program} explain {check}", "what a check looks at, and its limits"),
        (f"{program} show pipeline", "where the profit comes from"),
        (f"{program} runs", "the reviews of the weeks before"),
    )


def program_from(folder: Path) -> str:
    """Return how the command is called in a folder: by name where the shell finds it."""
    here = Path(sys.argv[0]).absolute()
    if here.name != PROGRAM or shutil.which(PROGRAM) in (None, str(here)):
        here = Path(sys.executable).parent / PROGRAM
    if shutil.which(PROGRAM):
        return PROGRAM
    return shlex.quote(os.path.relpath(here, folder)) if here.exists() else f"python -m {PROGRAM}"
