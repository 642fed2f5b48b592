"""Rows that could only belong to a deal and name none: no check looks at them, and a report says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.engine.registry import NOTICE, Problem
from dealreview.store.ddl import quoted
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

LINK = "deal_id"


def orphans(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Yield a notice for each table with rows that belong to no deal, in order of name.

    A link that names no row can't be: the database refuses it. Activities and hours may belong to an
    account instead, and are looked at there.
    """
    for _, table in sorted(TABLES.items()):
        if table.parents.get(LINK) != "deals" or LINK in table.key:
            continue
        query = f"SELECT count(*) FROM {quoted(table.name)} WHERE {LINK} IS NULL"  # noqa: S608 - names of the schema
        if count := connection.execute(query).fetchone()[0]:
            yield _notice(table.name, count)


def _notice(name: str, count: int) -> Problem:
    said = "row belongs to no deal and is" if count == 1 else "rows belong to no deal and are"
    cause = f"{count:,} {said} not looked at; `{LINK}` is empty."
    return Problem(f"table {name}", cause, "Say there whose they are.", NOTICE)
