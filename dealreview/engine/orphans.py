"""Rows that do not name their owner: no check looks at them there, and a report says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.engine.registry import NOTICE, Problem
from dealreview.store.ddl import quoted
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

DEAL, ACCOUNT = "deal_id", "account_id"


def orphans(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Yield a notice for each table with rows that belong to nobody, in order of name.

    A link that names no row can't be: the database refuses it. Activities and hours may belong to an
    account or a person instead and are looked at there, and contacts wherever they take part. Deals
    without an account are looked at too; where no deal has one, accounts are not what is kept here.
    """
    for name, table in sorted(TABLES.items()):
        if table.parents.get(DEAL) == "deals" and DEAL not in table.key:
            if count := _nameless(connection, name, DEAL):
                yield _notice(name, DEAL, count, "deal", "not looked at")
        elif name == "incidents":
            if count := _nameless(connection, name, ACCOUNT):
                yield _notice(name, ACCOUNT, count, "account", "not looked at")
        elif name == "deals" and (count := _nameless(connection, name, ACCOUNT)):
            if count < connection.execute("SELECT count(*) FROM deals").fetchone()[0]:
                yield _notice(name, ACCOUNT, count, "account", "left out of what is said of accounts")


def _nameless(connection: sqlite3.Connection, table: str, link: str) -> int:
    query = f"SELECT count(*) FROM {quoted(table)} WHERE {quoted(link)} IS NULL"  # noqa: S608 - names of the schema
    found: int = connection.execute(query).fetchone()[0]
    return found


def _notice(table: str, link: str, count: int, owner: str, what: str) -> Problem:
    said = "row belongs" if count == 1 else "rows belong"
    been = "is" if count == 1 else "are"
    cause = f"{count:,} {said} to no {owner} and {been} {what}; `{link}` is empty."
    return Problem(f"table {table}", cause, "Say there whose they are.", NOTICE)
