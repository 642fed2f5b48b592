"""The command line of dealreview, which writes so slowly that somebody else can see it write."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dealreview.cli import main
from dealreview.store.database import Database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

STEPS, PAUSE_S = 3, 0.001
"""After how many steps of SQLite there is a pause, and for how long."""

_write = Database.write


@contextmanager
def _slowly(database: Database) -> Iterator[sqlite3.Connection]:
    with _write(database) as connection:
        connection.set_progress_handler(_pause, STEPS)
        yield connection


def _pause() -> None:
    time.sleep(PAUSE_S)


if __name__ == "__main__":
    Database.write = _slowly  # type: ignore[method-assign]
    raise SystemExit(main())
