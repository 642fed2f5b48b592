"""Whom changes touch: the accounts and deals whose local facts may be others than at a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.store.changes import revision as data_revision
from dealreview.store.schema import TABLES
from dealreview.store.snapshot.buckets import account_buckets
from dealreview.store.snapshot.changes import (
    Source,
    TooMuch,
    add_moved,
    add_named,
    both,
    buckets_before_and_now,
    following,
    logged,
)
from dealreview.store.snapshot.rows import rows_of
from dealreview.store.snapshot.texts import OWNER

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    import polars as pl

    from dealreview.store.snapshot.changes import Key
    from dealreview.store.snapshot.manifest import Manifest

NO_FAMILY = 2**31 - 1
"""So many buckets that hardly two families share one."""


@frozen(eq=False)
class Touched:
    """Accounts with all of their families, and their deals.

    Attributes:
        accounts: Ids, those that only deals name included.
        deals: Ids.
    """

    accounts: pl.Series
    deals: pl.Series


def touched_since(
    connection: sqlite3.Connection, folder: Path, manifest: Manifest, since: int
) -> Touched:
    """Return whom changes after a revision touch.

    Args:
        connection: A read transaction, of the revision of the snapshot.
        folder: Where the files of the snapshot are.
        manifest: The snapshot.
        since: The revision, not before that of the snapshot's parts.

    Raises:
        TooMuch: Changes that touch everybody, that can't be followed, or too many of them.
    """
    source = Source(connection, folder, manifest, manifest.mark)
    with following():
        if since < manifest.base or _touches_everybody(connection, since):
            raise TooMuch("what everybody shares has changed")
        return _touched(source, since)


def _touches_everybody(connection: sqlite3.Connection, since: int) -> bool:
    """Whether a row has changed that belongs to nobody: a person, a stage, a rate, a feed."""
    owned = [table.name for table in TABLES.values() if table.owner]
    marks = ", ".join("?" * len(owned))
    query = f"""
        SELECT EXISTS (SELECT 1 FROM change_log WHERE seq > ?
        AND table_name NOT IN ({marks}) AND account_id IS NULL AND deal_id IS NULL)
    """  # noqa: S608 - only marks
    return bool(connection.execute(query, (since, *owned)).fetchone()[0])


def _touched(source: Source, since: int) -> Touched:
    keys = logged(source.connection, source.manifest, data_revision(source.connection), since)
    old, new = buckets_before_and_now(source, keys)
    add_moved(source, keys, old, new)
    add_named(source, keys, [one for (one,) in keys.get("contacts", ())])
    accounts, deals = _named_in_log(source.connection, since)
    for name, some in keys.items():
        _add_owners(source, name, some, accounts, deals)
    return _with_families(source, keys, accounts, deals)


def _named_in_log(connection: sqlite3.Connection, since: int) -> tuple[set[str], set[str]]:
    """Return the accounts and deals that changed rows belonged to, before or after."""
    query = "SELECT DISTINCT account_id, deal_id FROM change_log WHERE seq > ?"
    rows = connection.execute(query, (since,)).fetchall()
    return {a for a, _ in rows if a is not None}, {d for _, d in rows if d is not None}


def _add_owners(
    source: Source, name: str, keys: set[Key], accounts: set[str], deals: set[str]
) -> None:
    """Add the accounts and deals to which rows belong now."""
    if not keys:
        return
    rows = rows_of(source.connection, TABLES[name], sorted(keys))
    for column, found in (("account_id", accounts), ("deal_id", deals)):
        for spelled in (column, OWNER + column):
            if spelled in rows.columns:
                found.update(rows[spelled].drop_nulls())


def _with_families(
    source: Source, keys: dict[str, set[Key]], accounts: set[str], deals: set[str]
) -> Touched:
    """Return accounts with parents and children, and all deals of theirs, as they were and as they are."""
    import polars as pl

    held = pl.concat(both(source, "deals", ("deal_id", "account_id"), keys)).unique()
    accounts.update(_of(held, "deal_id", deals)["account_id"].drop_nulls())
    for known in both(source, "accounts", ("account_id", "parent_account_id"), keys):
        families = account_buckets(known, NO_FAMILY)
        own = _of(families, "account_id", accounts)["by_account"]
        relatives = families.filter(pl.col("by_account").is_in(own.unique().implode()))
        accounts.update(relatives["account_id"])
    deals.update(_of(held, "account_id", accounts)["deal_id"])
    return Touched(_ids(accounts), _ids(deals))


def _of(frame: pl.DataFrame, column: str, ids: Iterable[str]) -> pl.DataFrame:
    import polars as pl

    return frame.filter(pl.col(column).is_in(_ids(ids).implode()))


def _ids(ids: Iterable[str]) -> pl.Series:
    import polars as pl

    return pl.Series("id", sorted(ids), dtype=pl.String)
