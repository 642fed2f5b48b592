"""``dealreview review``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from dealreview.checks.extensions import OWN_EXECUTORS, OWN_FORMS
from dealreview.cli.options import (
    as_of_option,
    config_option,
    database_option,
    modules_option,
    output_option,
    repeated,
    selection_options,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from dealreview.checks.extensions import Reporter
    from dealreview.engine.config import Config
    from dealreview.engine.gate import Excused, Gate
    from dealreview.engine.remembered import Later
    from dealreview.engine.review import Review
    from dealreview.engine.run import Request
    from dealreview.reports.text import Page
    from dealreview.reviews.waivers import Standing
    from dealreview.store.database import Database

HELP = """Review a database: what is good, what to talk about, what is not known.

The review is stored in the database, so that later ones can be compared with it; the same review
is stored once. Closed deals are judged as of their closing day and are not in the gate.

\b
Examples:
  dealreview review --db deals.db
  dealreview review --as-of 2026-11-14 --select pricing --all
  dealreview review --format json -o review.json
  dealreview review --format csv --all -o verdicts.csv
  dealreview review --format html -o review.html
  dealreview review --fail-on risk --min-score 50
  dealreview review --fail-on risk --new-only 3

\b
Exit codes: 0 fine, 1 the gate failed, 2 wrong use or configuration,
3 incomplete, 5 nothing selected. 3 wins over 1.

JSON has the form that `dealreview schema --review` prints. JSON lines are the same in pieces: the
first line holds the run, then comes a scorecard a line, the last line holds the problems.

Markdown is for pasting into a document. CSV is for a spreadsheet: one row a verdict, amounts in
units of their currency, UTF-8 with a byte order mark; a text that would be taken for a formula has
an apostrophe before it.

HTML is one file for a browser or a printer; it needs -o, and nothing else beside it.
"""


@frozen
class Asked:
    """What was asked for on the command line.

    Attributes:
        config: The configuration.
        as_of: The day.
        select: Patterns of checks.
        ignore: Patterns of checks to leave out.
        modules: Modules that are packs.
        executor: What computes facts.
        snapshot: Whether the snapshot is read; None is what the configuration says.
    """

    config: Config
    as_of: dt.date
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    executor: str = OWN_EXECUTORS[0]
    snapshot: str | None = None

    def request(self) -> Request:
        """Return what the engine is asked for."""
        from dealreview.engine.run import Request

        return Request(
            self.as_of,
            self.config,
            self.select,
            self.ignore,
            self.modules,
            executor=self.executor,
            snapshot=self.snapshot or self.config.snapshot,
        )


@click.command("review", help=HELP)
@database_option()
@as_of_option
@selection_options
@click.option(
    "--format",
    "output_format",
    default="text",
    show_default=True,
    metavar="FORM",
    help=f"Form of the output: {', '.join(OWN_FORMS)}, or one that a pack brings.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="JSON and CSV: also verdicts that passed or do not apply; CSV also what was not reviewed. "
    "Text and Markdown: every deal with findings.",
)
@click.option(
    "--detail",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="HTML: full cards for the N subjects with most at stake; the others have a row.",
)
@output_option
@click.option(
    "--fail-on",
    type=click.Choice(["watch", "risk"]),
    help="Exit with 1 if any open deal, account, rep, team or the pipeline has such an outcome "
    "or a worse one.",
)
@click.option(
    "--min-score",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Exit with 1 if the lower bound of any rated subject is under N.",
)
@click.option(
    "--new-only",
    type=int,
    metavar="RUN",
    help="The gate judges only what that stored run had not found, or found less bad.",
)
@click.option(
    "--executor",
    default=OWN_EXECUTORS[0],
    show_default=True,
    metavar="NAME",
    help=f"What computes facts: {', '.join(OWN_EXECUTORS)}, or one that a pack brings. "
    "The review is the same.",
)
@config_option
@modules_option
@click.option(
    "--snapshot",
    type=click.Choice(["auto", "off"]),
    metavar="WHEN",
    help="Read tables from the columnar copy beside the database, and keep it up to date: auto, off. "
    "Left out: that of the configuration, else auto. See `dealreview snapshot --help`.",
)
@click.option("--no-save", is_flag=True, help="Do not store the review in the database.")
def command(**asked: Any) -> int:
    """Review a database."""
    if asked["output_format"] == "html" and asked["output_path"] is None:
        raise click.UsageError("HTML is written to a file: --format html -o review.html")
    from dealreview.cli.session import check_modules, open_config, open_database, review_day
    from dealreview.engine.remembered import beside
    from dealreview.reviews.waivers import excused_by, remarks_on

    config = open_config(asked["config_path"])
    database = open_database(asked["db_path"])
    what = Asked(
        config,
        review_day(asked["as_of"], config),
        asked["select"],
        asked["ignore"],
        check_modules(asked["modules"]),
        asked["executor"],
        asked["snapshot"],
    )
    asked["reporter"] = _reporter(asked["output_format"], what)
    with beside(noted) as afterwards:
        review, worth = with_waivers(database, run_review(database, what, afterwards))
        note = ""
        if not asked["no_save"]:
            review, note = _saved(database, review)
            if asked["new_only"] is not None:
                keep_baseline(database, asked["new_only"])
            take_out_old_runs(database, config)
        asked["said"], asked["excused"] = remarks_on(worth), excused_by(worth)
        return _report(database, review, note, asked)


def _reporter(form: str, asked: Asked) -> Reporter | None:
    """Return what a pack brings for a form; None for a form of dealreview's own.

    Raises:
        click.UsageError: Nobody knows the form.
    """
    if form in OWN_FORMS:
        return None
    from dealreview.checks.extensions import Reporter
    from dealreview.cli.session import load_registry
    from dealreview.model.errors import did_you_mean

    brought = load_registry(asked.config, asked.modules).extensions
    known = {one.name: one for one in brought if isinstance(one, Reporter)}
    if form not in known:
        hint = did_you_mean(form, [*OWN_FORMS, *known])
        raise click.UsageError(
            f"There is no form '{form}'.{hint} There are: {', '.join([*OWN_FORMS, *sorted(known)])}. "
            f"If a pack brings '{form}', name its module with -p, or install it."
        )
    return known[form]


def run_review(database: Database, asked: Asked, afterwards: Later | None = None) -> Review:
    """Return the review that was asked for, with progress where somebody looks on.

    Args:
        database: The database.
        asked: What to review.
        afterwards: Calls, perhaps beside other work, what only the next review needs.
    """
    from dealreview.cli.progress import progress
    from dealreview.engine.remembered import at_once
    from dealreview.engine.run import review_database

    later = afterwards or at_once
    with progress() as tell:
        return review_database(database, asked.request(), tell, noted, afterwards=later)


def noted(sentence: str) -> None:
    """Say on standard error what costs time only."""
    from dealreview.reports.escape import clean

    click.echo(f"note: {clean(sentence)}", err=True)


def _saved(database: Database, review: Review) -> tuple[Review, str]:
    """Store a review; a database that can't be written only costs the storing, and is told."""
    from dealreview.cli.progress import progress
    from dealreview.engine.records import save_review
    from dealreview.model.errors import StoreError

    try:
        with progress() as tell:
            tell("Storing the review")
            return evolve(review, run_number=save_review(database, review)), ""
    except StoreError as error:
        return review, f"This review is not stored: {error.message}"


def take_out_old_runs(database: Database, config: Config) -> None:
    """Take out the runs that the configuration does not keep, and name them on standard error."""
    from dealreview.cli.session import today
    from dealreview.model.errors import StoreError
    from dealreview.store.pruning import AUTO, prunable, prune

    if config.runs.prune != AUTO:
        return
    day = today(config)
    try:
        with database.read() as connection:
            old = prunable(connection, config.runs, day)
        gone = [f"{run.number} of {run.as_of}" for run in prune(database, old, day)]
    except StoreError as error:
        noted(f"Old runs are not pruned: {error.message}")
        return
    if gone:
        noted(f"Old runs are pruned, as [runs] says: {', '.join(gone)}.")


def _report(database: Database, review: Review, note: str, asked: dict[str, Any]) -> int:
    from dealreview.engine.gate import Gate, exit_code
    from dealreview.model.outcome import Outcome

    fail_on = asked["fail_on"]
    gate = Gate(Outcome(fail_on) if fail_on else None, asked["min_score"])
    code = exit_code(review, gate, _excused(database, review, gate, asked))
    if asked["reporter"] is not None:
        _write_by(asked["reporter"], review, gate, code, asked)
        return code
    if asked["output_format"] in {"text", "markdown", "html"}:
        _write_page(database, review, note, gate, code, asked)
        return code
    if asked["output_format"] == "csv":
        _write_csv(database, review, asked)
    else:
        _write_json(review, gate, code, asked)
    if note:
        click.echo(note, err=True)
    return code


def with_waivers(database: Database, review: Review) -> tuple[Review, tuple[Standing, ...]]:
    """Return a review whose findings say what people decided, and what each waiver is worth in it."""
    from dealreview.reviews.waivers import standings, with_dispositions
    from dealreview.store.waivers import load_waivers

    with database.read() as connection:
        worth = standings(review, load_waivers(connection))
    return with_dispositions(review, worth), worth


def _excused(database: Database, review: Review, gate: Gate, asked: dict[str, Any]) -> Excused:
    """Return what the gate leaves alone: what people have accepted, and what an earlier run had found."""
    accepted: Excused = asked["excused"]
    if asked["new_only"] is None:
        return accepted
    from dealreview.reviews.differences import excused_as_known, read_run

    with database.read() as connection:
        known = read_run(connection, asked["new_only"])
        return accepted | excused_as_known(known, gate, review.header.renamed)


def keep_baseline(database: Database, number: int) -> None:
    """Keep a run that a gate compares with from being pruned for a while; costs nothing where it can't."""
    import datetime as dt
    from contextlib import suppress

    from dealreview.model.errors import StoreError
    from dealreview.store.pruning import BASELINE, BASELINE_HOLDS, pin_run

    day = dt.datetime.now(dt.UTC).date()
    with suppress(StoreError), database.write() as connection:
        pin_run(connection, number, BASELINE, day, day + BASELINE_HOLDS)


def _write_json(review: Review, gate: Gate, code: int, asked: dict[str, Any]) -> None:
    from dealreview.cli.output import write_pieces
    from dealreview.reports.document import Options, json_document, json_lines

    write = json_document if asked["output_format"] == "json" else json_lines
    write_pieces(write(review, Options(asked["everything"], gate, code)), asked["output_path"])


def _write_by(
    reporter: Reporter, review: Review, gate: Gate, code: int, asked: dict[str, Any]
) -> None:
    """Write a report in a form that a pack brings."""
    import json

    from dealreview.cli.output import write_bytes
    from dealreview.model.errors import DealreviewError
    from dealreview.reports.document import Options, json_document

    options = Options(asked["everything"], gate, code)
    document = json.loads("".join(json_document(review, options)))
    try:
        pieces = [one.encode() if isinstance(one, str) else one for one in reporter.write(document)]
    except Exception as error:
        raise DealreviewError(
            f"The reporter '{reporter.name}' failed: {type(error).__name__}: {error}.",
            mend="Ask the authors of its pack, or choose another --format.",
        ) from error
    write_bytes(pieces, asked["output_path"])


def _write_csv(database: Database, review: Review, asked: dict[str, Any]) -> None:
    from dealreview.cli.listing import write_problems
    from dealreview.cli.output import write_utf8
    from dealreview.reports.document import Options
    from dealreview.reports.names import NameBook
    from dealreview.reports.spreadsheet import csv_document

    options = Options(asked["everything"])
    with database.read() as connection:
        write_utf8(csv_document(review, options, NameBook(connection)), asked["output_path"])
    write_problems(review.header.problems)


def _write_page(
    database: Database, review: Review, note: str, gate: Gate, code: int, asked: dict[str, Any]
) -> None:
    from dealreview.cli.output import width_of, write_lines, write_utf8
    from dealreview.cli.session import database_path
    from dealreview.reports.names import NameBook
    from dealreview.reports.text import Page, review_text

    path, everything = asked["output_path"], asked["everything"]
    with database.read() as connection:
        names, width = NameBook(connection), width_of(path)
        gated = _spoken_gate(gate)
        options = repeated(asked, "db_path", "config_path", "modules", "as_of")
        where = str(database_path(asked["db_path"]))
        page = Page(
            review, names, width, code, everything, note, gated, asked["said"], options, where
        )
        if asked["output_format"] == "text":
            write_lines(review_text(page), path)
            return
        write_utf8(_pieces(page, asked), path)


def _pieces(page: Page, asked: dict[str, Any]) -> Iterable[str]:
    """Return a review in the form of a document."""
    if asked["output_format"] == "html":
        from dealreview.reports.html.document import html_document

        return html_document(page, asked["detail"])
    from dealreview.reports.markdown import review_markdown

    return review_markdown(page)


def _spoken_gate(gate: Gate) -> str:
    parts = [f"--fail-on {gate.fail_on}"] if gate.fail_on is not None else []
    parts += [f"--min-score {gate.min_score:g}"] if gate.min_score is not None else []
    return " ".join(parts)
