"""The rows of one family of accounts, read from the database by their keys.

A family is an account with its parents, its children and theirs: what local facts of its deals are
computed from. A deal without an account is a family of its own. Only a few hundred rows are read,
however large the database is.
"""

from __future__ import annotations

import json
import marshal
from itertools import chain
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from dealreview.store.cells import typed_few
from dealreview.store.changes import changed_since, revision
from dealreview.store.ddl import quoted
from dealreview.store.schema import TABLES
from dealreview.store.slices import NAMED
from dealreview.store.tables import PartTables, Tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from dealreview.store.schema import Column, Table


@frozen
class Family:
    """Which rows are those of a family.

    Attributes:
        accounts: Ids of its accounts, those without a row of their own included.
        deals: Ids of their deals.
        activities: Ids of what happened with them, and of what their contacts attended.
        contacts: Ids of their contacts, and of others on their deals and activities.
        guests: Ids of deals of others that their rows name.
    """

    accounts: tuple[str, ...] = ()
    deals: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    listed: Mapping[str, str] = field(init=False, repr=False)

    @listed.default
    def _listed(self) -> Mapping[str, str]:
        """Return the ids by key column, each list as the JSON that a statement takes."""
        ids = {
            "account_id": self.accounts,
            "deal_id": self.deals,
            "activity_id": self.activities,
            "contact_id": self.contacts,
        }
        return {key: json.dumps(some) for key, some in ids.items()}


_IDS = "IN (SELECT value FROM json_each(:{}))"
_OF_ACCOUNTS, _OF_DEALS = _IDS.format("account_id"), _IDS.format("deal_id")
_OF_ACTIVITIES = _IDS.format("activity_id")

_SELECT_ACCOUNTS = """
WITH RECURSIVE family (id) AS (
  SELECT :id
  UNION SELECT parent_account_id FROM family JOIN accounts ON account_id = id
  WHERE parent_account_id IS NOT NULL
  UNION SELECT account_id FROM family JOIN accounts ON parent_account_id = id
)
SELECT id FROM family
"""
_SELECT_DEALS = f"SELECT deal_id FROM deals WHERE account_id {_OF_ACCOUNTS}"  # noqa: S608 - our names
_OWN_CONTACTS = f"SELECT contact_id FROM contacts WHERE account_id {_OF_ACCOUNTS}"  # noqa: S608
_SELECT_ACTIVITIES = f"""
SELECT activity_id FROM activities WHERE account_id {_OF_ACCOUNTS}
UNION SELECT activity_id FROM activities WHERE deal_id {_OF_DEALS}
UNION SELECT activity_id FROM activity_attendees WHERE attendee_id IN ({_OWN_CONTACTS})
"""  # noqa: S608
_NAMED_CONTACTS = "\n".join(
    f"UNION SELECT {column} FROM {name} WHERE deal_id {_OF_DEALS} AND {column} IS NOT NULL"  # noqa: S608
    for name, column in NAMED.items()
)
_SELECT_CONTACTS = f"""
{_OWN_CONTACTS}
UNION SELECT attendee_id FROM activity_attendees WHERE activity_id {_OF_ACTIVITIES}
{_NAMED_CONTACTS}
"""  # noqa: S608
_BETWEEN = [
    name
    for name, table in TABLES.items()
    if table.owner and name not in {"deals", "activities"}
    if {"account_id", "deal_id"} <= table.by_name.keys()
]
"""Tables whose rows can name an account and a deal of another one."""

_SELECT_GUESTS = "\n".join(
    [
        f"SELECT deal_id FROM activities WHERE activity_id {_OF_ACTIVITIES} AND deal_id IS NOT NULL",  # noqa: S608
        *(
            f"UNION SELECT deal_id FROM {name} WHERE account_id {_OF_ACCOUNTS} AND deal_id IS NOT NULL"  # noqa: S608
            for name in _BETWEEN
        ),
        "EXCEPT SELECT value FROM json_each(:deal_id)",
    ]
)


def family_of(connection: sqlite3.Connection, kind: str, subject_id: str) -> Family | None:
    """Return the family of a deal or of an account; None where there is no such row.

    Args:
        connection: A read transaction.
        kind: ``deal`` or ``account``.
        subject_id: The deal or account.
    """
    table, key = TABLES[f"{kind}s"].name, f"{kind}_id"
    query = f"SELECT account_id FROM {table} WHERE {key} = ?"  # noqa: S608 - our names
    found = connection.execute(query, (subject_id,)).fetchone()
    if found is None:
        return None
    accounts = () if found[0] is None else _ids(connection, _SELECT_ACCOUNTS, {"id": found[0]})
    own = (subject_id,) if kind == "deal" else ()
    family = Family(accounts)
    deals = tuple({*own, *_ids(connection, _SELECT_DEALS, family.listed)})
    family = Family(accounts, deals)
    activities = _ids(connection, _SELECT_ACTIVITIES, family.listed)
    family = Family(accounts, deals, activities)
    contacts = _ids(connection, _SELECT_CONTACTS, family.listed)
    guests = _ids(connection, _SELECT_GUESTS, family.listed)
    return Family(accounts, deals, activities, contacts, guests)


def _ids(connection: sqlite3.Connection, query: str, values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(found for (found,) in connection.execute(query, values))


Cell = tuple[str, str]
"""A table and a column."""


@define
class FamilyRows:
    """The rows of one family as they were read last, and since when they are as they are.

    Attributes:
        family: The family.
        look: How often it has been looked at.
        revision: The data revision at which its rows were read.
        columns: Columns by table.
        raw: What the database gave for a column.
        since: Number of the look at which a column was found different from before.
        unsure: Columns that may have changed since they were read.
    """

    family: Family
    look: int = 0
    revision: int = 0
    columns: dict[str, dict[str, pl.Series]] = field(factory=dict)
    raw: dict[Cell, bytes] = field(factory=dict)
    since: dict[Cell, int] = field(factory=dict)
    unsure: set[Cell] = field(factory=set)

    def look_again(self, family: Family, connection: sqlite3.Connection) -> None:
        """Begin another look: columns of tables that have changed since the last one are unsure.

        Args:
            family: The family as it is now.
            connection: A read transaction.
        """
        before, self.revision = self.revision, revision(connection)
        changed = changed_since(connection, before) if self.raw else set()
        moved = {key for key, ids in family.listed.items() if ids != self.family.listed[key]}
        if family.guests != self.family.guests:
            moved.add("deal_id")
        # Only tables of our own tell the change log.
        self.unsure |= {
            (name, column)
            for name, column in self.raw
            if name in changed or name not in TABLES or not moved.isdisjoint(_keys(TABLES[name]))
        }
        self.family, self.look = family, self.look + 1

    def sure(self) -> dict[str, dict[str, pl.Series]]:
        """Return the columns that are as they were read, by table."""
        return {
            name: {one: cells for one, cells in columns.items() if (name, one) not in self.unsure}
            for name, columns in self.columns.items()
        }


class FamilyTables(PartTables):
    """The tables of one family at a time: its own rows, and small shared tables whole.

    Deals of others that its rows name are there too, since a row is seen as of the day of its deal;
    :class:`dealreview.engine.buckets.Bucket` takes them out.

    Attributes:
        whole: The tables of everybody.
        family: The family that is looked at.
        rows: What is known of its rows.
        asked: Columns of the family that were asked for, where somebody wants to know.
    """

    def __init__(self, whole: Tables) -> None:
        super().__init__(whole)
        self.rows = FamilyRows(Family())
        self.asked: set[Cell] = set()

    @property
    def family(self) -> Family:
        """The family that is looked at."""
        return self.rows.family

    def reopen(self, connection: sqlite3.Connection, own: Mapping[str, Table]) -> None:
        """Go on in another transaction, with tables of packs; what was read is read again."""
        super().reopen(connection, own)
        self.whole.reopen(connection, own)

    def look_at(self, family: Family, rows: FamilyRows | None = None) -> None:
        """Go on to another family, or look at the same one anew.

        Args:
            family: The family as it is now.
            rows: What is known of its rows; those that can't have changed are not read again.
        """
        self.rows = rows or FamilyRows(family)
        self.rows.look_again(family, self.connection)
        self._read = self.rows.sure()
        self.unreadable.clear()

    def frame(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Return columns of a table, rows in the order of the key; each column is read once."""
        if not self.schema(name).owner:
            return self.whole.frame(name, columns)
        names = tuple(columns)
        self.asked.update((name, column) for column in names)
        return super().frame(name, names)

    def since(self, cell: Cell) -> int:
        """Return the number of the look at which a column was found different from before."""
        name, column = cell
        if column not in self._read.get(name, ()):
            super().frame(name, [column, *self.rows.columns.get(name, ())])
        return self.rows.since[cell]

    def custom(self, name: str) -> pl.DataFrame:
        """Return a company's own columns of a table, for the family where it has rows there."""
        return Tables.custom(self, name)

    def _columns(self, source: Table, wanted: Sequence[Column]) -> dict[str, pl.Series]:
        chunks = self._fetch(_select(source, wanted), self._values(source.name))
        cells = [list(chain.from_iterable(parts)) for parts in zip(*chunks, strict=True)]
        return {
            column.name: self._known(source.name, column, values)
            for column, values in zip(wanted, cells or [[]] * len(wanted), strict=True)
        }

    def _known(self, name: str, column: Column, values: list[Any]) -> pl.Series:
        """Return a column, the one that is known where the database gives the same as before."""
        rows, cell = self.rows, (name, column.name)
        # The oldest format tells equal values apart by type, and refers to nothing.
        raw = marshal.dumps(values, 0)
        if rows.raw.get(cell) != raw:
            rows.columns.setdefault(name, {})[column.name] = self._cells(name, column, values)
            rows.raw[cell], rows.since[cell] = raw, rows.look
        rows.unsure.discard(cell)
        return rows.columns[name][column.name]

    def _cells(self, name: str, column: Column, values: Sequence[Any]) -> pl.Series:
        found = typed_few(column.name, values, column.type)
        if lost := found.null_count() - values.count(None):
            self.unreadable[f"{name}.{column.name}"] = lost
        return found

    def _values(self, name: str) -> Mapping[str, str]:
        if name != "deals":
            return self.family.listed
        return {"deal_id": json.dumps((*self.family.deals, *self.family.guests))}

    def _custom_values(self, name: str, field: str) -> list[list[tuple[Any, ...]]]:
        if name not in _KEYED:
            return super()._custom_values(name, field)
        asked = {"table": name, "field": field, "ids": self.family.listed[_KEYED[name]]}
        return self._fetch(_SELECT_CUSTOM, asked)


_SELECT_CUSTOM = """
SELECT row_id, value FROM custom_values
WHERE table_name = :table AND name = :field AND row_id IN (SELECT value FROM json_each(:ids))
"""
_KEYED = {"deals": "deal_id", "accounts": "account_id"}
"""Tables whose custom values are read for the family alone, and their keys."""


def _select(source: Table, columns: Sequence[Column]) -> str:
    names = ", ".join(quoted(column.name) for column in columns)
    key = ", ".join(map(quoted, source.key))
    rows = " OR ".join(f"{name} {_IDS.format(name)}" for name in _keys(source))
    return f"SELECT {names} FROM {quoted(source.name)} WHERE {rows} ORDER BY {key}"  # noqa: S608 - names of the schema


def _keys(source: Table) -> Sequence[str]:
    """Return the columns by which the rows of a table are found."""
    if source.key[0] in {"deal_id", "activity_id", "contact_id"} and len(source.key) == 1:
        return source.key
    asked = {"activity": ("activity_id",), "contact": ("contact_id",)}
    known = asked.get(source.owner, ("account_id", "deal_id"))
    return [name for name in known if name in source.by_name]
