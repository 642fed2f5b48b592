"""The way in: runs a command and turns everything that ends it into a sentence and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from dealreview.cli.allocator import keep_freed_memory
from dealreview.cli.collector import collect_seldom
from dealreview.cli.group import HELP, Commands, PipeClosed
from dealreview.model.errors import DealreviewError
from dealreview.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE, INTERNAL, INTERRUPTED, PIPE_CLOSED = 2, 70, 130, 141
"""Exit codes of what is not a review's result; 70 is EX_SOFTWARE, the last two are 128 + signal."""

TRACEBACK = "DEALREVIEW_TRACEBACK"

root = Commands(
    name="dealreview",
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
root = click.version_option(__version__, "--version", message="dealreview %(version)s")(root)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: What was typed after ``dealreview``; None takes it from the process.
    """
    keep_freed_memory()
    collect_seldom()
    try:
        code = root.main(args=arguments, prog_name="dealreview", standalone_mode=False)
    except click.ClickException as error:
        _usage(error)
        code = USAGE
    except DealreviewError as error:
        _say(error.message, error.mend)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except PipeClosed:
        _silence()
        code = PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a sentence
        code = _unexpected(error)
    return code if isinstance(code, int) else 0


def _usage(error: click.ClickException) -> None:
    """Say what was wrong with the command line, and where its help is."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    ctx = getattr(error, "ctx", None)
    mend = f"Try '{ctx.command_path} --help'." if ctx is not None else ""
    _say(error.format_message(), mend)


def _say(message: str, mend: str) -> None:
    from dealreview.reports.escape import clean

    click.echo(f"error: {clean(message)}", err=True)
    for sentence in (text for text in mend.split("\n") if text):
        click.echo(f"  {clean(sentence)}", err=True)


def _silence() -> None:
    """Point standard output at nothing, so that the flush at the end has nowhere to fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> int:
    if os.environ.get(TRACEBACK):
        raise error
    from dealreview.reports.escape import clean

    click.echo(
        f"error: dealreview itself failed: {type(error).__name__}: {clean(str(error))[:500]}\n"
        f"  {TRACEBACK}=1 shows where; please report it with that.",
        err=True,
    )
    return INTERNAL
