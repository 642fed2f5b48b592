"""How often Python looks for objects that only hold each other."""

from __future__ import annotations

import atexit
import gc

AFTER = (50_000, 20, 20)
"""Objects that are new, and rounds among the younger ones, after which it looks; Python begins with 700."""


def collect_seldom() -> None:
    """Have garbage looked for seldom: a review makes hundreds of thousands of objects that it keeps.

    Whatever is let go of is freed at once as ever; only circles wait, and there are few. At the end of
    the program, which gives back everything anyway, nobody looks any more.
    """
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    if gc.isenabled() and gc.get_threshold()[0] < AFTER[0]:
        gc.set_threshold(*AFTER)
