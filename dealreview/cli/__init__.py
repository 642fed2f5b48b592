"""The command line: a group whose commands are imported when they run."""

from dealreview.cli.main import main

__all__ = ["main"]
