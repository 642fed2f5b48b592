"""``dealreview show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import (
    as_of_option,
    config_option,
    database_option,
    format_option,
    modules_option,
    output_option,
    repeated,
    selection_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from click.shell_completion import CompletionItem

    from dealreview.cli.commands.review import Asked
    from dealreview.engine.review import Review
    from dealreview.model.outcome import Kind
    from dealreview.reports.card import CardPage
    from dealreview.store.database import Database

HELP = """Show the scorecard of one deal, account, rep, team or the pipeline.

SUBJECT is deal:ID, account:ID, rep:ID, team:ID or just pipeline. Findings come with the points that
they cost; a finding of the same family stands under the heaviest one as "with …". Those that matter
most are printed in full, the rest in a line each or counted; --all prints everything in full.

With --now only the rows of a deal's or account's own family are read, which takes moments however
large the database is. What the whole company decides, such as medians of peers, is then that of the
last review that was stored; the scorecard says of which day. Findings about owner and team are not
beside it.

\b
Examples:
  dealreview show deal:crm:4417
  dealreview show account:crm:12 --all --as-of 2026-11-14
  dealreview show pipeline --format json
  dealreview show deal:crm:4417 --format markdown -o deal.md
  dealreview show deal:crm:4417 --now

\b
Exit codes: 0 fine, 2 wrong use or configuration, 3 incomplete, 5 no such subject.
"""
_COMPLETED = {
    "deal": "SELECT deal_id FROM deals WHERE deal_id >= ? AND deal_id < ? ORDER BY 1 LIMIT 50",
    "account": "SELECT account_id FROM accounts WHERE account_id >= ? AND account_id < ? ORDER BY 1 LIMIT 50",
    "rep": "SELECT person_id FROM people WHERE person_id >= ? AND person_id < ? ORDER BY 1 LIMIT 50",
    "team": "SELECT team_id FROM teams WHERE team_id >= ? AND team_id < ? ORDER BY 1 LIMIT 50",
}
_LAST = "\U0010ffff"


def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return subjects whose name on the command line begins as what was typed."""
    from click.shell_completion import CompletionItem

    kind, colon, start = incomplete.partition(":")
    if not colon:
        names = [f"{name}:" for name in _COMPLETED] + ["pipeline"]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    try:
        return [CompletionItem(f"{kind}:{found}") for found in _ids(ctx, kind, start)]
    except Exception:  # noqa: BLE001 - a completion that fails must not disturb a prompt
        return []


def _ids(ctx: click.Context, kind: str, start: str) -> list[str]:
    from dealreview.cli.session import open_database

    with open_database(ctx.params.get("db_path")).read() as connection:
        found = connection.execute(_COMPLETED[kind], (start, start + _LAST))
        return [row[0] for row in found]


@click.command("show", help=HELP)
@click.argument("subject", shell_complete=complete)
@database_option()
@as_of_option
@selection_options
@format_option("text", "json", "markdown", "csv")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every finding in full, also what passed or does not apply, and all facts.",
)
@click.option(
    "--now",
    is_flag=True,
    help="A deal or account alone, as its data stand, held against the benchmarks of the last review.",
)
@output_option
@config_option
@modules_option
def command(subject: str, **asked: Any) -> int:
    """Show one scorecard."""
    from dealreview.cli.commands.review import Asked, with_waivers
    from dealreview.cli.session import check_modules, open_config, open_database, review_day
    from dealreview.cli.subjects import parse_subject
    from dealreview.engine.gate import Gate, exit_code

    wanted = parse_subject(subject)
    config = open_config(asked["config_path"])
    database = open_database(asked["db_path"])
    day = review_day(asked["as_of"], config)
    modules = check_modules(asked["modules"])
    what = Asked(config, day, asked["select"], asked["ignore"], modules)
    if asked["now"]:
        review, found = _alone(database, what, *wanted)
    else:
        review, found = _among_all(database, what, subject)
    review, _ = with_waivers(database, review)
    code = exit_code(review, Gate())
    _write(database, review, found, code, asked)
    return code


def _among_all(database: Database, asked: Asked, subject: str) -> tuple[Review, tuple[Kind, str]]:
    from dealreview.cli.commands.review import run_review
    from dealreview.cli.subjects import find_subject

    review = run_review(database, asked)
    return review, find_subject(review, subject)


def _alone(
    database: Database, asked: Asked, kind: Kind | None, subject_id: str
) -> tuple[Review, tuple[Kind, str]]:
    """Return a subject judged as its data stand.

    Raises:
        ConfigurationError: It is neither a deal nor an account.
    """
    from dealreview.engine.benchmarks import KINDS
    from dealreview.engine.now import opened_now
    from dealreview.model.errors import ConfigurationError

    if kind not in KINDS:
        raise ConfigurationError(
            "--now judges a deal or an account by its id.",
            mend="Write deal:ID or account:ID, or leave --now out.",
        )
    with opened_now(database, asked.request()) as now:
        return now.review(kind, subject_id), (kind, subject_id)


def _write(
    database: Database, review: Review, subject: tuple[Kind, str], code: int, asked: dict[str, Any]
) -> None:
    output_format, path = asked["output_format"], asked["output_path"]
    if output_format == "json":
        from dealreview.cli.output import write_pieces
        from dealreview.reports.document import Options, json_document

        options = Options(asked["everything"], exit_code=code)
        write_pieces(json_document(review, options, [review.scorecard(*subject)]), path)
        return
    from dealreview.cli.listing import write_incomplete
    from dealreview.cli.output import width_of, write_lines, write_utf8
    from dealreview.reports.card import CardPage, card_text
    from dealreview.reports.names import NameBook

    with database.read() as connection:
        names = NameBook(connection)
        card = review.scorecard(*subject, names)
        further = repeated(asked, "db_path", "config_path", "modules", "as_of")
        page = CardPage(card, review, names, width_of(path), asked["everything"], further)
        if output_format == "text":
            write_lines(card_text(page), path)
        else:
            write_utf8(_pieces(page, output_format), path)
    if output_format == "csv":
        write_incomplete(review)


def _pieces(page: CardPage, output_format: str) -> Iterable[str]:
    from dealreview.reports.document import Options
    from dealreview.reports.markdown_card import card_markdown
    from dealreview.reports.spreadsheet import csv_document

    if output_format == "markdown":
        return card_markdown(page)
    return csv_document(page.review, Options(page.everything), page.names, [page.card])
