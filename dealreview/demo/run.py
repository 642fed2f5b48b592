"""The demo from nothing to a printed review."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.demo.company import AS_OF
from dealreview.demo.files import CONFIGURATION, DATABASE, EXPORTS, MAPPING, prepare, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.text import Text

    from dealreview.engine.review import Review
    from dealreview.ingest.summary import ImportSummary

    Show = Callable[[Iterable[Text]], None]

IMPORTED_AT = dt.datetime.combine(AS_OF, dt.time(17, 0), dt.UTC)
"""A fixed instant, so that the database is the same each time."""


def run_demo(directory: str | Path, *, show: Show | None = None, width: int = 80) -> Review:
    """Write the demo company's files into a folder, import, review and print them.

    The company, its data and the day of the review are always the same; nothing looks at the clock.

    Args:
        directory: A new or empty folder, or one that the demo made before.
        show: Prints lines; left out, they go to standard output without colours.
        width: Columns.

    Raises:
        DemoError: The folder holds something else, or can't be written.
    """
    folder = Path(directory)
    prepare(folder)
    write_files(folder)
    summary = import_files(folder)
    review = review_folder(folder)
    _print(folder, summary, review, show or _show_plain, width)
    return review


def make_demo(directory: str | Path, *, show: Show | None = None, width: int = 80) -> int:
    """Do what :func:`run_demo` does, and return the exit code of the command."""
    run_demo(directory, show=show, width=width)
    return 0


def import_files(folder: Path) -> ImportSummary:
    """Import the exports of a folder into its database, as ``dealreview import`` does."""
    from dealreview.ingest.importer import run_import
    from dealreview.ingest.mapping_file import load_mapping

    return run_import(
        folder / DATABASE,
        [folder / EXPORTS],
        load_mapping(folder / MAPPING),
        today=AS_OF,
        now=IMPORTED_AT,
    )


def review_folder(folder: Path) -> Review:
    """Review a folder's database as its configuration says, and store the run."""
    from attrs import evolve

    from dealreview.engine.config import load_config
    from dealreview.engine.records import save_review
    from dealreview.engine.run import Request, review_database
    from dealreview.store.database import Database

    config = load_config(folder / CONFIGURATION)
    database = Database.open(folder / DATABASE)
    review = review_database(database, Request(config.as_of or AS_OF, config))
    return evolve(review, run_number=save_review(database, review))


def _print(folder: Path, summary: ImportSummary, review: Review, show: Show, width: int) -> None:
    from dealreview.demo.show import begin_text, deals_text, next_text
    from dealreview.reports.imports import import_text
    from dealreview.reports.names import NameBook
    from dealreview.store.database import Database

    with Database.open(folder / DATABASE).read() as connection:
        names = NameBook(connection)
        show(begin_text(folder, width))
        show(import_text(summary, width))
        show(deals_text(review, names, width))
        show(next_text(review, names, folder))


def _show_plain(lines: Iterable[Text]) -> None:
    for text in lines:
        print(text.plain.rstrip())
