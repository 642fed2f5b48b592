"""Buckets of accounts: the unit of work of local facts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeGuard

from attrs import evolve, field, frozen

from dealreview.store.slices import NAMED
from dealreview.store.snapshot.buckets import account_buckets, deal_buckets
from dealreview.store.snapshot.reading import GUEST, BucketTables, Lost, SnapshotTables

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from dealreview.checks.facts import Provider
    from dealreview.engine.visible import VisibleTables
    from dealreview.store.tables import Tables


@frozen(slots=False)
class Bucket:
    """The rows of some accounts (parents and children together) and of their deals.

    Attributes:
        visible: The tables of everybody, as somebody looks at them or as they are stored.
        accounts: Ids of the accounts; None means everybody.
        deals: Ids of their deals.
        later: The same bucket with what happened on deals after they closed; None where that is seen
            anyway.
    """

    visible: VisibleTables
    accounts: pl.Series | None = None
    deals: pl.Series | None = None
    later: Bucket | None = None
    _cache: dict[str, pl.Series] = field(factory=dict, init=False)
    _rows: dict[str, pl.Series] = field(factory=dict, init=False)

    def seen_by(self, provider: Provider) -> Bucket:
        """Return the bucket as a provider sees it."""
        return self.later if provider.after_close and self.later is not None else self

    def frame(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return the columns of a table: rows of the bucket, and small shared tables whole."""
        if self.accounts is None or not self.visible.schema(name).owner:
            return self.visible.frame(name, columns)
        if name not in self._rows:
            self._rows[name] = self._own_rows(name)
        # A table's rows stand in the same order each time it is asked for.
        return self.visible.frame(name, columns).filter(self._rows[name])

    def rows(self, name: str, columns: Sequence[str], where: pl.Expr) -> pl.DataFrame:
        """Return the columns of some rows of a table; those of everybody are looked through by bucket."""
        if self.accounts is None and _lies_by_bucket(self.visible, name):
            with suppress(Lost):
                return _rows_by_bucket(self.visible, name, columns, where)
        return self.frame(name, columns).filter(where)

    def _own_rows(self, name: str) -> pl.Series:
        """Return which rows of a table are the bucket's."""
        table = self.visible.schema(name)
        keys = {
            "account": ("account_id", "deal_id"),
            "deal": ("deal_id", "account_id"),
            "activity": ("activity_id",),
            "contact": ("contact_id",),
        }
        known = set(table.names)
        keep = [key for key in keys[table.owner] if key in known]
        if name in {"activities", "contacts"}:
            keep.append(table.key[0])
        frame = self.visible.frame(name, list(dict.fromkeys([*keep, *table.key])))
        return self._are_ours(name, frame, keep)

    def _are_ours(self, name: str, frame: pl.DataFrame, keys: Sequence[str]) -> pl.Series:
        """Return which rows of a table are known to be the bucket's, or have a key of it."""
        import polars as pl

        ours = ~self._guests(name, frame)
        if ours.all():
            return ours
        others = frame.filter(~ours)
        found = others.select(pl.any_horizontal(_inside(key, self._members(key)) for key in keys))
        return ours.scatter((~ours).arg_true(), found.to_series())

    def _guests(self, name: str, frame: pl.DataFrame) -> pl.Series:
        """Return which rows of a table are, or may be, those of others."""
        import polars as pl

        marks = self.visible.tables.marks(name)
        if marks:
            return self.visible.frame(name, marks).to_series()
        return pl.repeat(value=True, n=frame.height, dtype=pl.Boolean, eager=True)

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
        direct = held.filter(self._are_ours("activities", held, ["account_id", "deal_id"]))
        met = read("activity_attendees", ["activity_id", "attendee_id"])
        # Whoever attended an activity of others is among their rows.
        met = met.filter(self._guests("activity_attendees", met))
        attended = met.filter(_inside("attendee_id", self._own_contacts()))
        return pl.concat([direct["activity_id"], attended["activity_id"]]).unique()

    def _contacts(self) -> pl.Series:
        """Return contacts of the bucket's accounts, and others on its deals and activities."""
        import polars as pl

        read = self.visible.frame
        met = read("activity_attendees", ["activity_id", "attendee_id"])
        met = met.filter(self._are_ours("activity_attendees", met, ["activity_id"]))
        named = [
            frame.filter(self._are_ours(name, frame, ["deal_id"]))[column]
            for name, column in NAMED.items()
            for frame in (read(name, ["deal_id", column]),)
        ]
        return pl.concat(
            [series.alias("id") for series in (self._own_contacts(), met["attendee_id"], *named)]
        ).unique()

    def _own_contacts(self) -> pl.Series:
        contacts = self.visible.frame("contacts", ["contact_id", "account_id"])
        return contacts.filter(_inside("account_id", self._members("account_id")))["contact_id"]


def _inside(column: str, ids: pl.Series) -> pl.Expr:
    import polars as pl

    return pl.col(column).is_in(ids.implode()).fill_null(value=False)


@frozen(eq=False)
class Cut:
    """Which accounts and deals a bucket holds, and where their rows lie.

    Attributes:
        accounts: Ids of the accounts; None means all that lie there.
        deals: Ids of their deals.
        number: Number of the snapshot's bucket that holds their rows; None where they lie among those
            of everybody.
    """

    accounts: pl.Series | None = None
    deals: pl.Series | None = None
    number: int | None = None

    def tables(self, whole: Tables) -> Tables:
        """Return the tables that hold the bucket's rows."""
        if self.number is None or not isinstance(whole, SnapshotTables):
            return whole
        return BucketTables(whole, self.number)

    def bucket(self, visible: VisibleTables, later: VisibleTables | None = None) -> Bucket:
        """Return the bucket, from the tables that hold its rows as they are looked at.

        Args:
            visible: The tables.
            later: The same ones with what happened on deals after they closed.
        """
        beyond = self.bucket(later) if later is not None else None
        if isinstance(visible.tables, BucketTables) and not visible.tables.has_guests:
            return Bucket(visible, later=beyond)
        return Bucket(visible, self.accounts, self.deals, beyond)


def cuts(visible: VisibleTables, count: int, *, named: bool = True) -> list[Cut]:
    """Return how accounts are cut into buckets, parents and children into the same one.

    Args:
        visible: The tables of everybody.
        count: Number of buckets where no snapshot is divided already; 1 leaves everybody in one.
        named: Whether ids are named even where a bucket of the snapshot holds no other rows.
    """
    tables = visible.tables
    if is_divided(tables):
        buckets = [BucketTables(tables, number) for number in range(tables.manifest.buckets)]
        if not named and not buckets[0].has_guests:
            return [Cut(number=one.bucket) for one in buckets]
        return [Cut(*one.members(), one.bucket) for one in buckets]
    return [Cut()] if count == 1 else _divided(visible, count)


def is_divided(tables: Tables) -> TypeGuard[SnapshotTables]:
    """Whether each bucket's rows lie apart from those of the others."""
    return isinstance(tables, SnapshotTables) and tables.manifest.is_divided


def _lies_by_bucket(visible: VisibleTables, name: str) -> bool:
    """Whether the rows of a table lie apart by bucket."""
    tables = visible.tables
    return (
        is_divided(tables) and name in tables.manifest.tables and bool(visible.schema(name).owner)
    )


def _rows_by_bucket(
    visible: VisibleTables, name: str, columns: Sequence[str], where: pl.Expr
) -> pl.DataFrame:
    """Return the columns of some rows of a table, one bucket after the other, in order of the key.

    Raises:
        Lost: Files of a bucket can't be read.
    """
    import polars as pl

    key, chosen = visible.schema(name).key, "#chosen"
    wanted = list(dict.fromkeys([*columns, *key]))
    found: list[pl.DataFrame] = []
    assert is_divided(visible.tables)  # noqa: S101 - what lies by bucket
    for number in range(visible.tables.manifest.buckets):
        own = evolve(visible, tables=BucketTables(visible.tables, number))
        marks = own.tables.marks(name)
        rows = own.frame(name, [*wanted, *marks])
        # Whatever it says of all columns, it is those that were asked for.
        rows = rows.filter(rows.select(columns).with_columns(where.alias(chosen))[chosen])
        # What a bucket sees of another one is that one's.
        found.append(rows.filter(~pl.col(GUEST)).drop(GUEST) if marks else rows)
    return pl.concat(found).sort(key).select(columns)


def _divided(visible: VisibleTables, count: int) -> list[Cut]:
    import polars as pl

    accounts = account_buckets(
        visible.frame("accounts", ["account_id", "parent_account_id"]), count
    )
    held = visible.frame("deals", ["deal_id", "account_id"])
    deals = held.join(deal_buckets(held, accounts, count), on="deal_id", how="left")
    # Accounts that only deals name go with these.
    named = deals.select("account_id", by_account="by_deal").drop_nulls("account_id")
    everybody = pl.concat([accounts, named]).unique()
    return [
        Cut(
            everybody.filter(pl.col("by_account") == number)["account_id"],
            deals.filter(pl.col("by_deal") == number)["deal_id"],
        )
        for number in range(count)
    ]
