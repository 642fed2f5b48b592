"""Buckets of accounts: rows that are judged together lie together, parents with children."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from dealreview.store.schema import TABLES
from dealreview.store.snapshot.rows import OWNER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from dealreview.store.schema import Table

DEALS_A_BUCKET = 60_000
"""So many that hardly a bucket gets fewer than 50,000, since accounts are not of one size."""

NOBODY = 0
"""Bucket of rows that belong to no account and no deal."""

BUCKET, ASTRAY = "#bucket", "#astray"
"""Columns with the bucket of a row, and whether its account is of another one than its deal."""


def bucket_count(deals: int) -> int:
    """Return into how many buckets a company with so many deals is divided."""
    return max(deals // DEALS_A_BUCKET, 1)


@frozen
class Buckets:
    """In which bucket the rows of each account and deal are.

    Attributes:
        count: Number of buckets.
        accounts: ``account_id`` and ``by_account``, the bucket.
        deals: ``deal_id`` and ``by_deal``, for deals that are there.
        contacts: What :func:`contact_buckets` returns; only where a snapshot is built.
    """

    count: int
    accounts: pl.DataFrame
    deals: pl.DataFrame
    contacts: pl.DataFrame | None = field(default=None)

    def of(self, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        """Return ``#bucket`` and ``#astray`` of each row.

        A row lies with the account of its deal, else with its own account, else by the id of its deal.
        """
        import polars as pl

        if self.count == 1 or not table.owner:
            return undivided(frame.height)
        prefix = OWNER if table.owner == "activity" else ""
        account, deal = (_cells(frame, prefix, name) for name in ("account_id", "deal_id"))
        by_account, by_deal = looked_up(account, self.accounts), looked_up(deal, self.deals)
        own = pl.coalesce(by_account, _hashed(_unless(by_account, account), self.count))
        left = _hashed(_unless(by_deal, deal), self.count)
        first, then = (by_deal, own) if table.owner != "account" else (own, by_deal)
        return pl.select(
            pl.coalesce(first, then, left, NOBODY).cast(pl.UInt32).alias(BUCKET),
            (own != by_deal).fill_null(value=False).alias(ASTRAY),
        )


def undivided(height: int) -> pl.DataFrame:
    """Return ``#bucket`` and ``#astray`` of so many rows that lie in one bucket."""
    import polars as pl

    return pl.select(
        pl.repeat(NOBODY, height, dtype=pl.UInt32).alias(BUCKET),
        pl.repeat(value=False, n=height, dtype=pl.Boolean).alias(ASTRAY),
    )


def buckets_from(read: Callable[[str, Sequence[str]], pl.DataFrame], count: int) -> Buckets:
    """Return the buckets of all accounts, deals and contacts, which fit into memory.

    Args:
        read: Returns columns of a table, in any order.
        count: Number of buckets.
    """
    import polars as pl

    def rows(name: str, columns: Sequence[str]) -> pl.DataFrame:
        if count == 1:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        return read(name, columns)

    by_account = account_buckets(rows("accounts", ("account_id", "parent_account_id")), count)
    by_deal = deal_buckets(rows("deals", ("deal_id", "account_id")), by_account, count)
    found = Buckets(count, by_account, by_deal)
    contacts = rows("contacts", ("contact_id", "account_id"))
    return evolve(found, contacts=contact_buckets(contacts, found))


def looked_up(ids: pl.Series, known: pl.DataFrame) -> pl.Series:
    """Return the bucket of each id; null where it is not known.

    Args:
        ids: Some ids.
        known: Ids in order, and their buckets.
    """
    import polars as pl

    keys, buckets = known.get_columns()
    if not keys.len():
        return pl.Series(buckets.name, [None], dtype=pl.UInt32).new_from_index(0, ids.len())
    # Rows of one deal often stand together; then it is looked up once.
    runs = ids.rle_id()
    ids = ids.filter(runs.ne_missing(runs.shift(1)))
    # Searched, not joined: a join would look at all that is known for every few rows.
    places = keys.search_sorted(ids.fill_null(""), side="left").clip(upper_bound=keys.len() - 1)
    same = keys.gather(places) == ids
    return pl.select(pl.when(same).then(buckets.gather(places))).to_series().gather(runs)


def _cells(frame: pl.DataFrame, prefix: str, name: str) -> pl.Series:
    import polars as pl

    if prefix + name in frame.columns:
        return frame[prefix + name].alias(name)
    return pl.Series(name, [None], dtype=pl.String).new_from_index(0, frame.height)


def _unless(known: pl.Series, ids: pl.Series) -> pl.Series:
    """Return the ids whose bucket is not known, null for the others."""
    import polars as pl

    return pl.select(pl.when(known.is_null()).then(ids).alias(ids.name)).to_series()


def _hashed(ids: pl.Series, count: int) -> pl.Series:
    """Return a number below a count for each id, the same with every version of everything."""
    import polars as pl

    seen = ids.unique().drop_nulls()
    if not seen.len():
        return pl.Series(ids.name, [None], dtype=pl.UInt32).new_from_index(0, ids.len())
    numbers = [zlib.crc32(one.encode("utf-8", "replace")) % count for one in seen]
    return ids.replace_strict(
        seen, pl.Series(numbers, dtype=pl.UInt32), default=None, return_dtype=pl.UInt32
    )


def account_buckets(accounts: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the bucket of each account, that of the company at the top.

    Args:
        accounts: ``account_id`` and ``parent_account_id``.
        count: Number of buckets.
    """
    import polars as pl

    children = accounts.filter(pl.col("parent_account_id").is_not_null())
    tops = _tops(dict(children.select("account_id", "parent_account_id").iter_rows()))
    known = pl.DataFrame(
        {"account_id": list(tops), "top": list(tops.values())},
        schema={"account_id": pl.String, "top": pl.String},
    )
    found = accounts.select("account_id").join(known, on="account_id", how="left")
    top = found.select(pl.coalesce("top", "account_id")).to_series()
    found = found.select("account_id").with_columns(_hashed(top, count).alias("by_account"))
    return found.sort("account_id")


def _tops(parents: dict[str, str]) -> dict[str, str]:
    """Return the topmost ancestor of each account with a parent; a circle ends at its smallest id."""
    tops: dict[str, str] = {}
    for account in parents:
        path: dict[str, None] = {}
        at = account
        while at in parents and at not in tops and at not in path:
            path[at] = None
            at = parents[at]
        passed = list(path)
        top = min(passed[passed.index(at) :]) if at in path else tops.get(at, at)
        tops |= dict.fromkeys(passed, top)
    return tops


def deal_buckets(deals: pl.DataFrame, accounts: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the bucket of each deal: that of its account; without one, by its own id.

    Args:
        deals: ``deal_id`` and ``account_id``.
        accounts: What :func:`account_buckets` returns.
        count: Number of buckets.
    """
    import polars as pl

    rows = deals.join(accounts, on="account_id", how="left", maintain_order="left")
    named = _hashed(_unless(rows["by_account"], rows["account_id"]), count)
    own = _hashed(_unless(rows["account_id"], rows["deal_id"]), count)
    return rows.select("deal_id", pl.coalesce("by_account", named, own).alias("by_deal")).sort(
        "deal_id"
    )


def contact_buckets(contacts: pl.DataFrame, buckets: Buckets) -> pl.DataFrame:
    """Return ``contact_id`` and ``by_contact``, the bucket in which each contact lies.

    Args:
        contacts: ``contact_id`` and ``account_id``.
        buckets: Those of accounts and deals.
    """
    place = buckets.of(TABLES["contacts"], contacts)[BUCKET]
    return contacts.select("contact_id").with_columns(place.alias("by_contact")).sort("contact_id")
