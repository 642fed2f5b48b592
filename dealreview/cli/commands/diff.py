"""``dealreview diff``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path  # noqa: TC003 - click reads it
from typing import TYPE_CHECKING, Any

import click

from dealreview.cli.options import database_option, format_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.text import Text

    from dealreview.reports.names import NameBook
    from dealreview.reviews.differences import Change, Run

HELP = """Compare two stored reviews: what got worse, what got better, and what it is put down to.

FIRST and SECOND are numbers of runs (`dealreview runs`). Each change is put down to the first of
these that differs: the subject is new or gone, the check itself, its thresholds, the data of the
account, the organisation's own benchmark, else time that has passed.

\b
Examples:
  dealreview diff 1 4
  dealreview diff 1 4 --all
  dealreview diff 1 4 --format json
"""


@click.command("diff", help=HELP)
@click.argument("first", type=int)
@click.argument("second", type=int)
@database_option()
@format_option("text", "json")
@click.option(
    "--all", "everything", is_flag=True, help="Also changes that are neither better nor worse."
)
def command(first: int, second: int, db_path: Path | None, **asked: Any) -> int:
    """Compare two stored reviews."""
    from dealreview.cli.session import open_database
    from dealreview.reports.names import NameBook
    from dealreview.reviews.differences import differences, read_run

    with open_database(db_path).read() as connection:
        runs = read_run(connection, first), read_run(connection, second)
        changes = list(differences(*runs))
        if asked["output_format"] == "json":
            _write_json(runs, changes)
        else:
            _write_text(runs, changes, NameBook(connection), everything=asked["everything"])
    return 0


def _write_json(runs: tuple[Run, Run], changes: Sequence[Change]) -> None:
    from attrs import asdict

    from dealreview.cli.output import write_pieces
    from dealreview.model.plain import dumped, plain

    first, second = ({"run": r.stored.number, "as_of": r.stored.as_of} for r in runs)
    rows = [asdict(change) | {"worse": change.is_worse} for change in changes]
    document = {"first": first, "second": second, "changes": rows}
    write_pieces([dumped(plain(document)), "\n"])


def _write_text(
    runs: tuple[Run, Run], changes: Sequence[Change], names: NameBook, *, everything: bool
) -> None:
    from dealreview.cli.output import terminal_width, write_lines

    width = terminal_width()
    write_lines(_page(runs, changes, names, width, everything=everything))


def _page(
    runs: tuple[Run, Run],
    changes: Sequence[Change],
    names: NameBook,
    width: int,
    *,
    everything: bool,
) -> Iterator[Text]:
    from dealreview.reports.layout import line

    first, second = (f"run {run.stored.number} of {run.stored.as_of}" for run in runs)
    yield line((f"{first} → {second}", "bold"))
    worse = [change for change in changes if change.is_worse]
    better = [change for change in changes if change.is_better]
    rest = [change for change in changes if not change.is_worse and not change.is_better]
    yield from _section("worse", worse, names, width)
    yield from _section("better", better, names, width)
    if everything:
        yield from _section("neither", rest, names, width)
    elif rest:
        yield line((f"{len(rest):,} other changes: --all", "dim"))
    if not changes:
        yield line("Nothing has changed.")


def _section(title: str, changes: Sequence[Change], names: NameBook, width: int) -> Iterator[Text]:
    from dealreview.reports.layout import line, table

    if not changes:
        return
    causes = ", ".join(f"{n:,} {cause}" for cause, n in Counter(c.cause for c in changes).items())
    yield line("")
    yield line((f"{title.upper()}  {len(changes):,}", "bold"), (f"  put down to: {causes}", "dim"))
    yield from table(list(_rows(changes, names)), width, indent=2)


def _rows(changes: Iterable[Change], names: NameBook) -> Iterator[tuple[str, ...]]:
    for change in changes:
        before, after = (_spoken(outcome) for outcome in (change.before, change.after))
        yield (
            names(change.id),
            f"{before} → {after}",
            change.cause,
            f"{change.check}: {change.message}",
        )


def _spoken(outcome: str | None) -> str:
    return "–" if outcome is None else outcome.replace("_", " ")
