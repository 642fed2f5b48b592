"""Rows that do not say whose they are: no check looks at them there, and a report says so."""

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
    account or a person instead of a deal, and contacts are looked at wherever they take part. Where no
    deal has an account, accounts are not what is kept here.
    """
    for name in sorted(TABLES):
        column = _owner(name)
        count = _nameless(connection, name, column) if column else 0
        if not count or (name == "deals" and count == _all(connection, name)):
            continue
        said = "row belongs" if count == 1 else "rows belong"
        been = "is" if count == 1 else "are"
        left = "left out of what is said of accounts" if name == "deals" else "not looked at"
        owner = column.removesuffix("_id")
        cause = f"{count:,} {said} to no {owner} and {been} {left}; `{column}` is empty."
        yield Problem(f"table {name}", cause, "Say there whose they are.", NOTICE)


def _owner(name: str) -> str:
    """Return the link without which a row of a table is not looked at; each of these has an index."""
    table = TABLES[name]
    of_a_deal = table.parents.get(DEAL) == "deals" and DEAL not in table.key
    return DEAL if of_a_deal else ACCOUNT if name in ("deals", "incidents") else ""


def _nameless(connection: sqlite3.Connection, table: str, column: str) -> int:
    query = f"SELECT count(*) FROM {quoted(table)} WHERE {quoted(column)} IS NULL"  # noqa: S608 - names of the schema
    found: int = connection.execute(query).fetchone()[0]
    return found


def _all(connection: sqlite3.Connection, table: str) -> int:
    found: int = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]  # noqa: S608 - as above
    return found
