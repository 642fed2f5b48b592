"""Lists: the same rows as a table for people and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from dealreview.engine.review import Review


def write_list(
    items: Sequence[dict[str, Any]], rows: Sequence[tuple[str, ...]], output_format: str, empty: str
) -> None:
    """Write a list.

    Args:
        items: The rows for programs.
        rows: The rows for people.
        output_format: ``text`` or ``json``.
        empty: What people read when there is none.
    """
    from dealreview.cli.output import terminal_width, write_lines, write_pieces

    if output_format == "json":
        write_pieces([json_list(items)])
        return
    from dealreview.reports.layout import line, table

    lines: list[Text] = list(table(rows, terminal_width())) or [line(empty)]
    write_lines(lines)


def json_list(items: Sequence[dict[str, Any]]) -> str:
    """Return a JSON array, one item a line."""
    from dealreview.model.plain import dumped, plain

    return "[\n" + ",\n".join(dumped(plain(item)) for item in items) + "\n]\n"


def write_incomplete(review: Review) -> None:
    """Write what makes a review incomplete to standard error, and that this is why 3 is returned."""
    import click

    from dealreview.reports.text import incomplete

    write_problems(review.errors)
    if review.errors:
        click.echo(incomplete(review), err=True)


def write_problems(problems: Sequence[object]) -> None:
    """Write what could not be loaded to standard error, so that no list hides it."""
    import click

    from dealreview.reports.escape import clean

    for problem in problems:
        click.echo(f"problem: {clean(str(problem))}", err=True)
