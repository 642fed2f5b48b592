"""``dealreview waivers``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import (
    IsoDate,
    as_of_option,
    config_option,
    database_option,
    format_option,
    modules_option,
)

if TYPE_CHECKING:
    from dealreview.engine.config import Config
    from dealreview.engine.review import Review
    from dealreview.reviews.waivers import Standing
    from dealreview.store.database import Database

HELP = """List findings that people have accepted until a day, and what each is worth today.

A waiver never changes an outcome or a score: the finding stays on the card, and a gate
(review --fail-on) leaves it alone. It ends on its day, at the latest after 180 days; it does not
hold for a finding that has become worse. Both come back by themselves and are listed here, as are
waivers that nothing needs any more.

\b
Examples:
  dealreview waivers
  dealreview waivers add deal:crm:4417 pricing/margin-floor --until 2026-12-31 \\
    --reason "Entry price for the new plant" --author "E. Brandt" --approver "N. Varga"
  dealreview waivers withdraw 3

\b
Exit codes: 0 fine, 2 wrong use or configuration, 3 incomplete: a check that is missing has no finding.
"""
ADD_HELP = """Accept a finding until a day.

SUBJECT is deal:ID, account:ID, rep:ID, team:ID or pipeline, CHECK the check that found it. Somebody
else than the author approves. A waiver for the same finding takes the place of the one before.

\b
Example:
  dealreview waivers add deal:crm:4417 pricing/margin-floor --until 2026-12-31 \\
    --reason "Entry price for the new plant" --author "E. Brandt" --approver "N. Varga"
"""


@click.group("waivers", help=HELP, invoke_without_command=True)
@database_option()
@as_of_option
@config_option
@modules_option
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, **asked: Any) -> int:
    """List the waivers, or run a command on them."""
    ctx.obj = asked
    return 0 if ctx.invoked_subcommand else _list(asked)


def _list(asked: dict[str, Any]) -> int:
    from dealreview.cli.listing import write_incomplete, write_list
    from dealreview.engine.gate import Gate, exit_code
    from dealreview.reports.names import NameBook
    from dealreview.reviews.waivers import standings
    from dealreview.store.waivers import load_waivers

    database, review, _ = _reviewed(asked)
    with database.read() as connection:
        found = standings(review, load_waivers(connection))
        names = NameBook(connection)
        rows = [_row(standing, names(standing.waiver.id)) for standing in found]
    items = [_item(standing) for standing in found]
    write_list(items, rows, asked["output_format"], "Nothing is accepted: dealreview waivers add …")
    write_incomplete(review)
    return exit_code(review, Gate())


def _reviewed(asked: dict[str, Any]) -> tuple[Database, Review, Config]:
    from dealreview.cli.commands.review import Asked, run_review
    from dealreview.cli.session import check_modules, open_config, open_database, review_day

    config, database = open_config(asked["config_path"]), open_database(asked["db_path"])
    modules = check_modules(asked["modules"])
    review = run_review(
        database, Asked(config, review_day(asked["as_of"], config), modules=modules)
    )
    return database, review, config


def _row(standing: Standing, name: str) -> tuple[str, ...]:
    waiver = standing.waiver
    subject = "pipeline" if waiver.kind == "pipeline" else f"{waiver.kind}:{waiver.id}"
    by = f"{waiver.reason} ({waiver.author}, approved by {waiver.approver})"
    until = f"until {waiver.until}"
    named = subject if name == waiver.id else f"{subject} {name}"
    return str(waiver.number), SPOKEN[standing.state], until, waiver.check, f"{named}: {by}"


SPOKEN = {
    "holds": "holds",
    "expired": "expired",
    "worse": "worse now",
    "unused": "not needed",
    "not_looked_at": "not looked at",
}
"""States in words."""


def _item(standing: Standing) -> dict[str, Any]:
    from attrs import asdict

    return {**asdict(standing.waiver), "state": standing.state, "found": standing.outcome}


@command.command("add", help=ADD_HELP)
@click.argument("subject")
@click.argument("check")
@click.option("--until", type=IsoDate(), required=True, help="Last day, like 2026-12-31.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is accepted.")
@click.option("--author", required=True, metavar="NAME", help="Who asks for it.")
@click.option("--approver", required=True, metavar="NAME", help="Who agrees; somebody else.")
@click.option(
    "--false-positive", is_flag=True, help="The finding is wrong, not accepted; counted apart."
)
@click.pass_obj
def add(session: dict[str, Any], /, subject: str, check: str, until: dt.date, **said: Any) -> int:
    """Accept a finding until a day."""
    from dealreview.cli.listing import write_problems
    from dealreview.cli.session import review_day
    from dealreview.cli.subjects import find_subject
    from dealreview.reviews.renames import id_of_today
    from dealreview.reviews.waivers import make_waiver, outcome_of
    from dealreview.store.waivers import add_waiver

    database, review, config = _reviewed(session)
    found = find_subject(review, subject)
    renamed = review.header.renamed
    check = id_of_today(check, renamed)
    outcome = outcome_of(review, check, found)
    if outcome is None:
        write_problems(review.errors)
        raise _unknown_check(review, check, subject)
    today = review_day(session["as_of"], config)
    made = make_waiver(
        check=check, subject=found, outcome=outcome, today=today, until=until, **said
    )
    with database.write() as connection:
        former = [old for old in renamed if id_of_today(old, renamed) == check]
        number = add_waiver(connection, made, former).number
    click.echo(f"Waiver {number}: {check} on {subject} is accepted until {until}.")
    return 0


def _unknown_check(review: Review, check: str, subject: str) -> Exception:
    from dealreview.model.errors import ConfigurationError, did_you_mean

    hint = did_you_mean(check, review.header.checks).strip()
    return ConfigurationError(
        f"There is no verdict of '{check}' on {subject}.",
        mend=hint or f"`dealreview show {subject}` lists them.",
    )


@command.command("withdraw")
@click.argument("number", type=int)
@click.pass_obj
def withdraw(session: dict[str, Any], /, number: int) -> int:
    """Take a waiver back; it stays in the database as history."""
    from dealreview.cli.session import open_config, open_database, review_day
    from dealreview.store.waivers import withdraw_waiver

    day = review_day(session["as_of"], open_config(session["config_path"]))
    with open_database(session["db_path"]).write() as connection:
        waiver = withdraw_waiver(connection, number, day)
    click.echo(f"Waiver {number} is withdrawn: {waiver.check} on {waiver.kind}:{waiver.id}.")
    return 0
