"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT_DATABASE = "dealreview.db"
DATABASE_VARIABLE = "DEALREVIEW_DB"


def repeated(asked: dict[str, Any], *names: str) -> str:
    """Return options as they were given on the command line, for the command that comes next."""
    source = click.get_current_context().get_parameter_source
    typed = [name for name in names if source(name) is ParameterSource.COMMANDLINE]
    values = {name: asked[name] for name in typed}
    return "".join(
        f" {OPTIONS[name]} {shlex.quote(str(value))}"
        for name, given in values.items()
        for value in (given if isinstance(given, tuple) else (given,))
    )


OPTIONS = {"db_path": "--db", "config_path": "--config", "modules": "-p", "as_of": "--as-of"}
"""Options of a review that the commands about it take too."""


class IsoDate(click.ParamType[dt.date]):
    """A day as 2026-11-14, and in no other form."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        """Return the day."""
        if isinstance(value, dt.date):
            return value
        try:
            found = dt.date.fromisoformat(value)
        except ValueError:
            found = None
        if found is None or found.isoformat() != value:
            self.fail(f"'{value}' is not a day written like 2026-11-14.", param, ctx)
        return found


def config_option(command: Command) -> Command:
    """Add ``--config``."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        help="Configuration; left out, dealreview.toml of this folder if there is one.",
    )(command)


def database_option(
    *, needed: bool = True, meaning: str = "Database."
) -> Callable[[Command], Command]:
    """Add ``--db``; where it is not needed, no database is looked for."""
    rest = f" Left out: {DEFAULT_DATABASE} of this folder." if needed else ""
    return click.option(
        "--db",
        "db_path",
        type=click.Path(path_type=Path),
        envvar=DATABASE_VARIABLE,
        show_envvar=True,
        metavar="FILE",
        help=meaning + rest,
    )


def modules_option(command: Command) -> Command:
    """Add ``-p``."""
    return click.option(
        "-p",
        "--pack",
        "modules",
        multiple=True,
        metavar="MODULE",
        help="Module that is a pack, beside those that are installed; may be repeated.",
    )(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Add ``--format`` with its choices, the first of which is the default."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        metavar="FORM",  # the list of forms would be wider than the column of options
        help=f"Form of the output: {', '.join(formats)}.",
    )


def output_option(command: Command) -> Command:
    """Add ``-o``."""
    return click.option(
        "-o",
        "--output",
        "output_path",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write here instead; the file appears when it is complete.",
    )(command)


def as_of_option(command: Command) -> Command:
    """Add ``--as-of``."""
    return click.option(
        "--as-of",
        type=IsoDate(),
        metavar="DATE",
        help="Day at whose end things are judged, like 2026-11-14. Left out: that of the "
        "configuration, else today.",
    )(command)


def selection_options(command: Command) -> Command:
    """Add ``--select`` and ``--ignore``."""
    ignore = click.option(
        "--ignore",
        multiple=True,
        metavar="CHECK",
        help="Check, pack or pattern to leave out; may be repeated.",
    )
    select = click.option(
        "--select",
        multiple=True,
        metavar="CHECK",
        help="Check, pack or pattern (pricing, pricing/margin-floor, '*/margin-*') to review; "
        "may be repeated. Left out: all.",
    )
    return select(ignore(command))
