"""What is going on, on standard error, where that is a terminal and it takes over a second."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dealreview.cli.output import has_colours
from dealreview.reports.escape import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 1.0


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Give a function that is told each step; nothing is shown during the first second."""
    if not has_colours(sys.stderr):
        yield lambda _step: None
        return
    from rich.console import Console
    from rich.text import Text

    status = Console(stderr=True).status("Working")
    timer = threading.Timer(PATIENCE_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        # A step names files: what they are called is shown, and neither obeyed nor taken for markup.
        yield lambda step: status.update(Text(clean(step)))
    finally:
        timer.cancel()
        timer.join()
        status.stop()
