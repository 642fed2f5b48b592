"""Buckets of accounts: the unit of work of local facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from dealreview.store.snapshot.strays import NAMED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from dealreview.engine.visible import VisibleTables


@frozen(slots=False)
class Bucket:
    """The rows of some accounts (parents and children together) and of their deals.

    Attributes:
        visible: The tables of everybody.
        accounts: Ids of the accounts; None means everybody.
        deals: Ids of their deals.
    """

    visible: VisibleTables
    accounts: pl.Series | None = None
    deals: pl.Series | None = None
    _cache: dict[str, pl.Series] = field(factory=dict, init=False)

    def frame(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return the columns of a table: rows of the bucket, and small shared tables whole."""
        import polars as pl

        table = self.visible.schema(name)
        if self.accounts is None or not table.owner:
            return self.visible.frame(name, columns)
        keys = {
            "account": ("account_id", "deal_id"),
            "deal": ("deal_id", "account_id"),
            "activity": ("activity_id",),
            "contact": ("contact_id",),
        }
        known = set(table.names)
        keep = [key for key in keys[table.owner] if key in known]
        frame = self.visible.frame(name, list(dict.fromkeys([*columns, *keep, *table.key])))
        inside = [_inside(key, self._members(key)) for key in keep]
        if name in {"activities", "contacts"}:
            key = table.key[0]
            inside.append(_inside(key, self._members(key)))
        return frame.filter(pl.any_horizontal(inside)).select(*columns)

    def _members(self, key: str) -> pl.Series:
        if key not in self._cache:
            self._cache[key] = self._find(key)
        return self._cache[key]

    def _find(self, key: str) -> pl.Series:
        """Return ids of the bucket; activities and contacts may belong to several buckets."""
        if key == "account_id":
            return self._known(self.accounts)
        if key == "deal_id":
            return self._known(self.deals)
        return self._activities() if key == "activity_id" else self._contacts()

    @staticmethod
    def _known(ids: pl.Series | None) -> pl.Series:
        assert ids is not None  # noqa: S101 - only a bucket of some accounts asks
        return ids

    def _activities(self) -> pl.Series:
        """Return activities of the bucket's accounts and deals, and those its contacts attended."""
        import polars as pl

        read = self.visible.frame
        held = read("activities", ["activity_id", "account_id", "deal_id"])
        met = read("activity_attendees", ["activity_id", "attendee_id"])
        ours = _inside("account_id", self._members("account_id"))
        direct = held.filter(ours | _inside("deal_id", self._members("deal_id")))
        attended = met.filter(_inside("attendee_id", self._own_contacts()))
        return pl.concat([direct["activity_id"], attended["activity_id"]]).unique()

    def _contacts(self) -> pl.Series:
        """Return contacts of the bucket's accounts, and others on its deals and activities."""
        import polars as pl

        read = self.visible.frame
        met = read("activity_attendees", ["activity_id", "attendee_id"])
        met = met.filter(_inside("activity_id", self._members("activity_id")))
        named = [
            read(name, ["deal_id", column]).rename({column: "contact_id"})
            for name, column in NAMED.items()
        ]
        on_deals = pl.concat(named).filter(_inside("deal_id", self._members("deal_id")))
        return pl.concat(
            [self._own_contacts(), met["attendee_id"], on_deals["contact_id"]]
        ).unique()

    def _own_contacts(self) -> pl.Series:
        contacts = self.visible.frame("contacts", ["contact_id", "account_id"])
        return contacts.filter(_inside("account_id", self._members("account_id")))["contact_id"]


def _inside(column: str, ids: pl.Series) -> pl.Expr:
    import polars as pl

    return pl.col(column).is_in(ids.implode()).fill_null(value=False)


def split(visible: VisibleTables, count: int) -> list[Bucket]:
    """Return buckets of accounts; parents and children share one, deals without account go by their id.

    Args:
        visible: The tables of everybody.
        count: Number of buckets; 1 gives everybody in one.
    """
    import polars as pl

    if count == 1:
        return [Bucket(visible)]
    accounts = visible.frame("accounts", ["account_id", "parent_account_id"])
    deals = visible.frame("deals", ["deal_id", "account_id"])
    roots = _roots(dict(accounts.iter_rows()))
    known = pl.DataFrame(
        {"account_id": list(roots), "_root": list(roots.values())},
        schema={"account_id": pl.String, "_root": pl.String},
    )
    orphans = (
        deals.select("account_id")
        .filter(~pl.col("account_id").is_in(known["account_id"].implode()))
        .unique()
    )
    known = pl.concat([known, orphans.with_columns(pl.col("account_id").alias("_root"))])
    deals = deals.join(known, on="account_id", how="left").with_columns(
        pl.col("_root").fill_null(pl.col("deal_id"))
    )
    number = pl.col("_root").hash(seed=0) % count
    known, deals = (
        known.with_columns(number.alias("_bucket")),
        deals.with_columns(number.alias("_bucket")),
    )
    return [
        Bucket(
            visible,
            known.filter(pl.col("_bucket") == bucket)["account_id"],
            deals.filter(pl.col("_bucket") == bucket)["deal_id"],
        )
        for bucket in range(count)
    ]


def _roots(parents: Mapping[str, str | None]) -> dict[str, str]:
    """Return the topmost ancestor of each account; a circle ends at its smallest id."""
    roots: dict[str, str] = {}
    for account in parents:
        path = [account]
        while (parent := parents.get(path[-1])) is not None and parent not in path:
            path.append(parent)
        circle = parent is not None and parent in path
        roots[account] = (
            min(path[path.index(parent) :]) if circle and parent is not None else path[-1]
        )
    return roots
