"""Slices: the rows that some accounts and deals see, looked for in the database by its indexes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.store.cells import stacked, typed
from dealreview.store.ddl import quoted
from dealreview.store.schema import TABLES
from dealreview.store.tables import PartTables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import polars as pl

    from dealreview.store.schema import Column, Table
    from dealreview.store.tables import Tables

IDS_AT_ONCE = 30_000
"""SQLite takes 32,766 values in a statement."""

NAMED = {
    "stakeholders": "contact_id",
    "stakeholder_roles": "contact_id",
    "commitments": "contact_id",
    "value_items": "confirmed_by_contact_id",
}
"""Rows of deals that name a contact, who may belong to an account of somebody else."""


@frozen(eq=False)
class Lookup:
    """Looks for rows that have one of some ids in a column, which leads a key or an index.

    Attributes:
        connection: One read transaction.
    """

    connection: sqlite3.Connection

    def rows(
        self, name: str, columns: Sequence[str], by: str, ids: Collection[str]
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the columns of rows of a table, many at a time."""
        names, ordered = ", ".join(f"t.{quoted(column)}" for column in columns), sorted(ids)
        for start in range(0, len(ordered), IDS_AT_ONCE):
            some = ordered[start : start + IDS_AT_ONCE]
            # CROSS JOIN keeps the order: the ids outside, the table by its index inside.
            query = (
                f"WITH k(id) AS (VALUES {', '.join(['(?)'] * len(some))}) SELECT {names} "  # noqa: S608 - names of the schema
                f"FROM k CROSS JOIN {quoted(name)} t ON t.{quoted(by)} = k.id"
            )
            yield self.connection.execute(query, some).fetchall()

    def ids(self, name: str, column: str, by: str, ids: Collection[str]) -> set[str]:
        """Return what rows with one of some ids have in another column."""
        found = {one for some in self.rows(name, [column], by, ids) for (one,) in some}
        return found - {None}


class Slice(PartTables):
    """The rows that some accounts and deals see.

    Those are the rows that name them, activities that contacts of the accounts have attended, contacts
    who attended such activities or are named on the deals, and the deals of other accounts as of whose
    day any of these rows is seen. Tables whose rows belong to nobody are whole.

    Attributes:
        accounts: Ids of the accounts.
        deals: Ids of the deals.
    """

    def __init__(self, whole: Tables, accounts: Collection[str], deals: Collection[str]) -> None:
        super().__init__(whole)
        self.unreadable = whole.unreadable
        self.accounts, self.deals = set(accounts), set(deals)
        self._lookup = Lookup(whole.connection)

    def frame(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Return columns of a table, rows in the order of the key; each column is read once."""
        if not self.schema(name).owner:
            return self.whole.frame(name, columns)
        return super().frame(name, columns)

    def _columns(self, source: Table, wanted: Sequence[Column]) -> dict[str, pl.Series]:
        import polars as pl

        names = list(dict.fromkeys([*source.key, *(column.name for column in wanted)]))
        chunks = [
            list(zip(*rows, strict=True))
            for by, ids in self._ways(source)
            for rows in self._lookup.rows(source.name, names, by, ids)
            if rows
        ]
        cells = zip(*chunks, strict=True) if chunks else [()] * len(names)
        columns = [source.column(name) for name in names]
        frame = pl.DataFrame(
            [
                typed(stacked(column.name, parts, column.type), column.type)
                for column, parts in zip(columns, cells, strict=True)
            ]
        )
        # A row may name both an account and a deal that are looked for.
        frame = frame.unique(source.key, maintain_order=True).sort(source.key)
        return {column.name: frame[column.name] for column in wanted}

    def _ways(self, source: Table) -> Iterator[tuple[str, Collection[str]]]:
        """Yield the columns by which rows are looked for, and what they must have there."""
        if source.name == "activities" or source.owner == "activity":
            yield "activity_id", self._activities
        elif source.name == "contacts":
            yield "contact_id", self._contacts
        elif source.name == "deals":
            yield "deal_id", self.deals | self._deals_of_others
        else:
            yield from self._named(source)

    def _named(self, source: Table) -> Iterator[tuple[str, Collection[str]]]:
        for column, ids in (("account_id", self.accounts), ("deal_id", self.deals)):
            if column in source.by_name:
                yield column, ids

    @cached_property
    def _own_contacts(self) -> set[str]:
        return self._lookup.ids("contacts", "contact_id", "account_id", self.accounts)

    @cached_property
    def _activities(self) -> set[str]:
        look = self._lookup.ids
        attended = look("activity_attendees", "activity_id", "attendee_id", self._own_contacts)
        by_account = look("activities", "activity_id", "account_id", self.accounts)
        return self._of_deals | by_account | attended

    @cached_property
    def _of_deals(self) -> set[str]:
        return self._lookup.ids("activities", "activity_id", "deal_id", self.deals)

    @cached_property
    def _contacts(self) -> set[str]:
        look = self._lookup.ids
        met = look("activity_attendees", "attendee_id", "activity_id", self._activities)
        named = (look(name, column, "deal_id", self.deals) for name, column in NAMED.items())
        return self._own_contacts.union(met, *named)

    @cached_property
    def _deals_of_others(self) -> set[str]:
        look = self._lookup.ids
        named = [
            look(table.name, "deal_id", "account_id", self.accounts)
            for table in TABLES.values()
            if table.name not in ("activities", "deals")
            and {"account_id", "deal_id"} <= table.by_name.keys()
        ]
        rest = self._activities - self._of_deals
        return look("activities", "deal_id", "activity_id", rest).union(*named)
