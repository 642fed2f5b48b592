"""What is shown while a command works."""

from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING

from dealreview.cli import progress as module
from dealreview.cli.progress import progress

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_names_of_files_neither_steer_nor_style(monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape sequences are written out, and brackets are brackets."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    monkeypatch.setattr(module, "has_colours", lambda _stream: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress() as tell:
        tell("a[/bold]\x1b]0;x\x07.csv: 1 rows")
        time.sleep(0.3)
    assert "a[/bold]\\x1b]0;x\\x07.csv" in stream.getvalue()
    assert "\x1b]0;" not in stream.getvalue()
