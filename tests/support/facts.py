"""Facts of a database, whether a check asks for them or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.engine.config import Config
from dealreview.engine.facts import View, compute_facts
from dealreview.engine.run import Request, make_context
from dealreview.model.outcome import Kind
from dealreview.store.database import Database
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


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
    rows = found.frames[Kind(kind)].select("id", *names).iter_rows(named=True)
    return {row["id"]: row for row in rows}
