"""The demo from nothing to a printed review."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.demo.company.days import AS_OF, EARLIER, LOOKED_BACK_TO
from dealreview.demo.files import (
    CONFIGURATION,
    DATABASE,
    EARLIER_EXPORTS,
    EXPORTS,
    MAPPING,
    prepare,
    write_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.text import Text

    from dealreview.engine.review import Review
    from dealreview.ingest.summary import ImportSummary

    Show = Callable[[Iterable[Text]], None]


def run_demo(directory: str | Path, *, show: Show | None = None, width: int = 80) -> Review:
    """Write the demo company's files into a folder, import and review them week by week, and print.

    Four weeks are imported, each on its own day, so that there is history to look back on; silences that
    the first export tells of July are looked at too, so that it shows what came of findings. The company,
    its data and the day of the review are always the same; nothing looks at the clock.

    Args:
        directory: A new or empty folder, or one that the demo made before.
        show: Prints lines; left out, they go to standard output without colours.
        width: Columns.

    Raises:
        DemoError: The folder holds something else, or can't be written.
    """
    from dealreview.demo.show import begin_text

    folder = Path(directory)
    prepare(folder)
    tell = show or _show_plain
    tell(begin_text(folder, width))
    write_files(folder)
    for day in EARLIER:
        _week(folder, day, tell)
    summary, review = _week(folder, AS_OF, tell)
    _print(folder, summary, review, tell, width)
    return review


def _week(folder: Path, day: dt.date, tell: Show) -> tuple[ImportSummary, Review]:
    """Import what the systems showed on a day, review it, and say so."""
    from dealreview.demo.show import back_text, week_text

    summary = import_files(folder, day)
    if day == EARLIER[0]:
        tell(back_text(review_folder(folder, LOOKED_BACK_TO, select=["hygiene/no-*"])))
    review = review_folder(folder, day)
    tell(week_text(summary, review))
    return summary, review


def make_demo(directory: str | Path, *, show: Show | None = None, width: int = 80) -> int:
    """Do what :func:`run_demo` does, and return the exit code of the command."""
    run_demo(directory, show=show, width=width)
    return 0


def import_files(folder: Path, day: dt.date = AS_OF) -> ImportSummary:
    """Import the exports of a day into a folder's database, as ``dealreview import`` does."""
    from dealreview.ingest.importer import run_import
    from dealreview.ingest.mapping_file import load_mapping

    exports, mapping = folder / EXPORTS, folder / MAPPING
    if day != AS_OF:
        exports = folder / EARLIER_EXPORTS / f"{day}"
        mapping = exports.with_name(f"{day}.toml")
    # A fixed instant, so that the database is the same each time.
    now = dt.datetime.combine(day, dt.time(17, 0), dt.UTC)
    return run_import(folder / DATABASE, [exports], load_mapping(mapping), today=day, now=now)


def review_folder(folder: Path, day: dt.date = AS_OF, select: Sequence[str] = ()) -> Review:
    """Review a folder's database as its configuration says, and store the run."""
    from attrs import evolve

    from dealreview.engine.config import load_config
    from dealreview.engine.records import save_review
    from dealreview.engine.run import Request, review_database
    from dealreview.store.database import Database

    database = Database.open(folder / DATABASE)
    review = review_database(database, Request(day, load_config(folder / CONFIGURATION), select))
    return evolve(review, run_number=save_review(database, review))


def _print(folder: Path, summary: ImportSummary, review: Review, show: Show, width: int) -> None:
    from dealreview.demo.show import deals_text, next_text
    from dealreview.reports.imports import import_text
    from dealreview.reports.names import NameBook
    from dealreview.store.database import Database

    with Database.open(folder / DATABASE).read() as connection:
        names = NameBook(connection)
        show(import_text(summary, width))
        show(deals_text(review, names, width))
        show(next_text(review, names, folder))


def _show_plain(lines: Iterable[Text]) -> None:
    for text in lines:
        print(text.plain.rstrip())
