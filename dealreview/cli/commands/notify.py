"""``dealreview notify``."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import (
    as_of_option,
    config_option,
    database_option,
    modules_option,
    selection_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.engine.review import Review
    from dealreview.store.database import Database

HELP = """Send what a review found, through a notifier of a pack.

NAME is that of the notifier; its settings stand under [notify.NAME] in dealreview.toml. Nothing is
stored. Findings that people have accepted are left out, and with --new-only those that the stored
run had as bad or worse.

\b
Examples:
  dealreview notify owners --new-only 3 --dry-run
  dealreview notify owners --new-only 3

\b
Exit codes: 0 fine, 2 wrong use or configuration, 3 the notifier failed, or the review is incomplete.
"""
INCOMPLETE = 3


@click.command("notify", help=HELP)
@click.argument("name")
@database_option()
@as_of_option
@selection_options
@click.option(
    "--new-only",
    type=int,
    metavar="RUN",
    help="Only what that stored run had not found, or found less bad.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@config_option
@modules_option
def command(name: str, db_path: Path | None, config_path: Path | None, **asked: Any) -> int:
    """Send what a review found."""
    from dealreview.checks.extensions import Notifier
    from dealreview.cli.commands.review import Asked, keep_baseline, run_review
    from dealreview.cli.session import check_modules, load_registry, open_config, open_database
    from dealreview.cli.session import review_day as day_of
    from dealreview.engine.gate import Gate, exit_code

    config, database = open_config(config_path), open_database(db_path)
    modules = check_modules(asked["modules"])
    notifier = load_registry(config, modules).extension(Notifier, name)
    what = Asked(config, day_of(asked["as_of"], config), asked["select"], asked["ignore"], modules)
    review = run_review(database, what)
    document = news(database, review, asked["new_only"])
    if asked["new_only"] is not None and not asked["dry_run"]:
        keep_baseline(database, asked["new_only"])
    said = notifier.send(document, config.notify.get(name, {}), asked["dry_run"])
    if not _told(name, said):
        return INCOMPLETE
    return exit_code(review, Gate())


def news(database: Database, review: Review, run: int | None) -> dict[str, Any]:
    """Return a review as plain values, people by name, without findings that nobody has to hear of.

    That is what people have accepted, and what a stored run had found as bad or worse.
    """
    from dealreview.engine.gate import Gate
    from dealreview.reports.document import Options, json_document
    from dealreview.reports.names import NameBook
    from dealreview.reviews.differences import excused_as_known, read_run
    from dealreview.reviews.waivers import excused_by, standings
    from dealreview.store.waivers import load_waivers

    options = Options()
    with database.read() as connection:
        # Whoever reads a message knows people by name; without a database at hand there are only ids.
        cards = review.scorecards(NameBook(connection), only=options.outcomes)
        document: dict[str, Any] = json.loads("".join(json_document(review, options, cards)))
        silent = excused_by(standings(review, load_waivers(connection)))
        if run is not None:
            known = read_run(connection, run)
            silent |= excused_as_known(known, Gate(), review.header.renamed)
    for card in document["scorecards"]:
        subject = card["subject"]
        card["verdicts"] = [
            verdict
            for verdict in card["verdicts"]
            if not silent.leaves_alone(
                subject["kind"], verdict["check"], subject["id"], verdict["outcome"]
            )
        ]
    return document


def _told(name: str, said: Iterable[str]) -> bool:
    """Print what was sent; say whether the notifier came to its end."""
    from dealreview.reports.escape import clean

    count = 0
    try:
        for sentence in said:
            count += 1
            click.echo(clean(str(sentence)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the notifier
        click.echo(
            f"error: The notifier '{name}' failed after {count} messages: "
            f"{type(error).__name__}: {clean(str(error))}",
            err=True,
        )
        return False
    if not count:
        click.echo("Nothing to send.")
    return True
