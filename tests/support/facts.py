"""Facts of a database, whether a check asks for them or not."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import polars as pl

from dealreview.engine import factparts, facts, facttable
from dealreview.engine.config import Config
from dealreview.engine.facts import View, compute_facts
from dealreview.engine.run import Request, make_context
from dealreview.model.outcome import Kind
from dealreview.store.database import Database
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from dealreview.engine.facttable import FactTable


def facts_of_database(
    path: Path, as_of: dt.date, kind: str, *names: str
) -> dict[str, dict[str, Any]]:
    """Return facts by subject id."""
    with Database.open(path).read() as connection:
        context = make_context(Tables(connection), Request(as_of, Config()), lambda _step: None)
        wanted = frozenset((Kind(kind), name) for name in names)
        views = [View(wanted)]
        (found,) = compute_facts(context.registry, views, context.sights, context.setting)
    assert not found.broken
    rows = found.tables[Kind(kind)].at_hand.select("id", *names).iter_rows(named=True)
    return {row["id"]: row for row in rows}


def whole(table: FactTable) -> pl.DataFrame:
    """Return all facts of all subjects."""
    return pl.concat(table.windows(table.columns))


@contextmanager
def in_files(page: int = 3) -> Iterator[None]:
    """Have facts of buckets put into files however few they are, and read a few rows at a time."""
    with ExitStack() as patches:
        for module, name, value in (
            (factparts, "MOST_AT_HAND", 0),
            (factparts, "ROWS_AT_ONCE", 2),
            (facttable, "PAGE", page),
            (facts, "SHEET_BYTES", 0),
        ):
            patches.enter_context(mock.patch.object(module, name, value))
        yield
