"""The group of commands; a command's module is imported when the command is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from dealreview.model.errors import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("imports", "Read exports of other systems into a database."),
    "review": ("review", "Review a database: what is good, what to talk about, what is not known."),
    "show": ("show", "Show the scorecard of one deal, account, rep, team or the pipeline."),
    "explain": (
        "explain",
        "Explain a check: what it looks at, its numbers and where they come from.",
    ),
    "checks": ("checks", "List the checks."),
    "facts": ("facts", "List the facts that checks judge."),
    "packs": ("packs", "List the packs that are loaded, and what went wrong."),
    "snapshot": ("snapshot", "Keep a columnar copy beside a large database, for fast reviews."),
    "runs": ("runs", "List the reviews that are stored in a database."),
    "diff": ("diff", "Compare two stored reviews: what changed, and what it is put down to."),
    "waivers": ("waivers", "List, make and withdraw findings that are accepted until a day."),
    "notify": ("notify", "Send what a review found, through a notifier of a pack."),
    "schema": (
        "schema",
        "Print the reference of the tables or settings, or the JSON Schema of a review.",
    ),
    "demo": ("demo", "Make the files and the database of an invented company to try things on."),
}
"""Module and short help of each command, so that ``--help`` imports none of them."""


ENTRY_POINTS = "dealreview.commands"
"""Installed distributions bring commands under this name; nothing is imported to list them."""


def of_packs() -> dict[str, EntryPoint]:
    """Return the commands that installed packs bring; those of dealreview itself come first."""
    if not any(_may_bring(place) for place in sys.path):
        return {}
    from importlib.metadata import entry_points

    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value))
    return {point.name: point for point in reversed(points) if point.name not in COMMANDS}


def _may_bring(place: str) -> bool:
    """Whether a distribution in a place of ``sys.path`` may bring commands.

    Looked up by hand: for most people there are none, and what reads metadata takes longer to import than
    all the rest of a help page.
    """
    try:
        names = os.listdir(place or ".")
    except FileNotFoundError:
        return False
    except OSError:  # an archive, or what can't be read: those who know how look into it
        return True
    infos = (name for name in names if name.lower().endswith((".dist-info", "egg-info")))
    return any(_names_commands(os.path.join(place, info)) for info in infos)


def _names_commands(info: str) -> bool:
    try:
        with open(os.path.join(info, "entry_points.txt"), "rb") as stream:
            return ENTRY_POINTS.encode() in stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


class PipeClosed(Exception):  # noqa: N818 - a state of the terminal, not a fault
    """Whoever read the output has stopped; not an OSError, which click would turn into exit code 1."""


class Commands(click.Group):
    """The commands of :data:`COMMANDS`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command.

        Raises:
            PipeClosed: Nobody reads the output any more.
        """
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise PipeClosed from error
        return result

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order in which people need them, those of packs last."""
        return [*COMMANDS, *sorted(of_packs())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command, imported now; None when there is none."""
        if cmd_name not in COMMANDS:
            point = of_packs().get(cmd_name)
            return None if point is None else loaded(point)
        module = importlib.import_module(f"dealreview.cli.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant.

        Raises:
            click.UsageError: There is none of that name; says which is near.
        """
        known = COMMANDS if args and args[0] in COMMANDS else {*COMMANDS, *of_packs()}
        if args and args[0] not in known and not args[0].startswith("-"):
            hint = did_you_mean(args[0], known)
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the commands with their short help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])
        brought = [(name, f"From {origin(point)}.") for name, point in sorted(of_packs().items())]
        if brought:
            with formatter.section("Commands of packs"):
                formatter.write_dl(brought)


def origin(point: EntryPoint) -> str:
    """Return which distribution brings a command, with its version."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def loaded(point: EntryPoint) -> click.Command:
    """Return the command of a pack.

    Raises:
        click.UsageError: It can't be imported, or is no command.
    """
    try:
        command = point.load()
    except (Exception, SystemExit) as error:
        raise click.UsageError(
            f"The command '{point.name}' of {origin(point)} can't be loaded: "
            f"{type(error).__name__}: {error}."
        ) from error
    if not isinstance(command, click.Command):
        raise click.UsageError(
            f"The command '{point.name}' of {origin(point)} is {type(command).__name__}, "
            "not a click command."
        )
    return command


HELP = """Review sales deals the way a linter reviews code.

\b
  dealreview import exports/ --mapping salesforce --db deals.db
  dealreview review --db deals.db
  dealreview show deal:crm:4417 --db deals.db

\b
Exit codes:
  0  fine
  1  the gate of a review failed
  2  wrong use or configuration
  3  incomplete: a pack, check or fact failed, rows were rejected,
     or with a gate a subject is unrated
  5  nothing selected, or no such subject
  70 an error in dealreview itself; DEALREVIEW_TRACEBACK=1 shows where
  130 and 141: interrupted, and a pipe that was closed
"""
