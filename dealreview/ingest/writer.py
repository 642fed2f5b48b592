"""Writing records: new ones, changed columns only, and rows that came twice."""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from dealreview.ingest.mapping import CUSTOM_TABLES
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from dealreview.ingest.mapping import Mapping
    from dealreview.ingest.records import Record
    from dealreview.store.schema import Table

TRACKED = (
    "stage_id",
    "amount_minor",
    "currency",
    "expected_close_on",
    "owner_id",
    "forecast_category",
)
"""Columns of deals whose changes are kept."""

PARTS = ("activity_attendees", "activity_topics")
"""Tables whose rows are parts of an activity."""

Key = tuple[Any, ...]


class Fate(StrEnum):
    """What became of a row."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicates"
    REJECTED = "rejected"


@frozen
class Origin:
    """Where a record was read: number of the target, file and line."""

    target: int
    file: str
    line: int


@frozen
class DealChange:
    """A tracked column of a deal that an import changed."""

    deal_id: str
    field: str
    old: Any
    new: Any


@define
class Writer:
    """Writes the records of one import.

    Attributes:
        connection: The write transaction.
        mapping: The mapping.
        aliases: Other ids of records.
        seen: Where each record of this import was first read, by table and key.
        fresh: Records that this import made, by table.
        refused: Keys of rows that were rejected, by table: they are in the export all the same.
        changes: Changes of deals that were there before.
        returned: Records that were gone and are back, by table.
    """

    connection: sqlite3.Connection
    mapping: Mapping
    aliases: dict[tuple[str, str], str] = field(factory=dict)
    seen: dict[str, dict[Key, Origin]] = field(factory=dict)
    fresh: dict[str, set[Key]] = field(factory=dict)
    refused: dict[str, set[Key]] = field(factory=dict)
    changes: list[DealChange] = field(factory=list)
    returned: dict[str, int] = field(factory=dict)
    _shared: dict[str, frozenset[str]] = field(factory=dict)
    _parents: dict[tuple[str, str], bool] = field(factory=dict)

    def write(self, table: Table, record: Record, origin: Origin) -> Fate:
        """Write a record, or say in it why it can't be taken."""
        key = tuple(record.values.get(name) for name in table.key)
        record.refusal = record.refusal or self.missing_parent(table, record)
        if record.refusal:
            self.refused.setdefault(table.name, set()).add(key)
            return Fate.REJECTED
        if (table.name, str(key[0])) in self.aliases and len(key) == 1:
            return Fate.DUPLICATE
        try:
            return self.merge(table, record, key, origin)
        except (sqlite3.IntegrityError, UnicodeEncodeError, OverflowError) as error:
            record.refusal = f"does not fit the table: {error}"
            return Fate.REJECTED

    def missing_parent(self, table: Table, record: Record) -> str:
        """Return which record that this one belongs to does not exist; empty when all do."""
        for column, parent in table.parents.items():
            wanted = record.values[column]
            if (parent, wanted) not in self._parents:
                self._parents[parent, wanted] = self.exists(parent, wanted)
            if not self._parents[parent, wanted]:
                record.refused_column = record.refused_column or column
                return f"belongs to {column} '{wanted}', which does not exist"
        return ""

    def exists(self, table: str, key: str) -> bool:
        """Whether a record is in the database."""
        column = TABLES[table].key[0]
        sql = f"SELECT 1 FROM {table} WHERE {column} = ?"  # noqa: S608
        return self.connection.execute(sql, (key,)).fetchone() is not None

    def merge(self, table: Table, record: Record, key: Key, origin: Origin) -> Fate:
        """Write a record over what is known of it."""
        known = self.stored(table, key)
        first = self.seen.setdefault(table.name, {}).get(key)
        if known is None:
            self.insert(table, record, origin)
            self.seen[table.name][key] = origin
            self.fresh.setdefault(table.name, set()).add(key)
            return Fate.NEW
        if first is None:
            self.seen[table.name][key] = origin
            if table.name in PARTS and not str(key[0]).startswith(f"{self.mapping.source}:"):
                return Fate.DUPLICATE  # of a call that another system owns
            return self.update(table, record, key, known, origin)
        return self.once_more(table, record, key, known, origin, first)

    def once_more(
        self,
        table: Table,
        record: Record,
        key: Key,
        known: dict[str, Any],
        origin: Origin,
        first: Origin,
    ) -> Fate:
        """Take a second row of a record: the same, one that adds columns, or one that disagrees."""
        same_target = origin.target == first.target
        differing = self.disagreement(table, record, known, same_target=same_target)
        own = self.custom_changes(table, record, key)
        if same_target:
            differing += [f"x.{name}" for name in own]
        if differing:
            record.refused_column = differing[0]
            place = f"{first.file} line {first.line}"
            reason = f"disagrees with {place} about {', '.join(differing)}; the first row counts"
            record.refusal = reason
            return Fate.REJECTED
        if same_target:
            return Fate.DUPLICATE
        fate = self.update(table, record, key, known, origin)
        return Fate.DUPLICATE if fate is Fate.UNCHANGED else fate

    def disagreement(
        self, table: Table, record: Record, known: dict[str, Any], *, same_target: bool
    ) -> list[str]:
        """Return the columns in which a second row contradicts what the import knows already."""
        shared = self.shared_columns(table.name)

        def contradicts(name: str, value: Any) -> bool:
            # An empty cell contradicts only a row of its own kind, and no column of another block.
            if value is None:
                return same_target and name not in shared
            return same_target or known[name] is not None

        return [
            name
            for name, value in record.values.items()
            if known[name] != value and contradicts(name, value)
        ]

    # Single rows

    def stored(self, table: Table, key: Key) -> dict[str, Any] | None:
        """Return the columns of a stored record."""
        row = self.connection.execute(
            select_by_key(table.name, table.names, table.key), key
        ).fetchone()
        return None if row is None else dict(zip(table.names, row, strict=True))

    def insert(self, table: Table, record: Record, origin: Origin) -> None:
        """Write a new record."""
        values = {**record.values, "source_row": f"{origin.file}:{origin.line}"}
        columns = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608
        self.connection.execute(sql, list(values.values()))
        self.write_custom(table, record, tuple(record.values[name] for name in table.key))

    def update(
        self, table: Table, record: Record, key: Key, known: dict[str, Any], origin: Origin
    ) -> Fate:
        """Write the columns that changed; where two blocks give one, an empty cell changes nothing."""
        shared = self.shared_columns(table.name)
        changed = {
            name: value
            for name, value in record.values.items()
            if known[name] != value and not (value is None and name in shared)
        }
        if known["gone_on"] is not None:
            self.returned[table.name] = self.returned.get(table.name, 0) + 1
            changed["gone_on"] = None
        if changed:
            self.keep_changes(table, key, known, changed)
            self.set_columns(table, key, {**changed, "source_row": f"{origin.file}:{origin.line}"})
        if self.write_custom(table, record, key):
            return Fate.UPDATED
        return Fate.UPDATED if changed else Fate.UNCHANGED

    def set_columns(self, table: Table, key: Key, columns: dict[str, Any]) -> None:
        """Set columns of a record."""
        changes = ", ".join(f'"{name}" = ?' for name in columns)
        wanted = " AND ".join(f'"{name}" = ?' for name in table.key)
        sql = f"UPDATE {table.name} SET {changes} WHERE {wanted}"  # noqa: S608
        self.connection.execute(sql, (*columns.values(), *key))

    def shared_columns(self, table: str) -> frozenset[str]:
        """Return the columns of a table that several targets of the mapping give."""
        if table not in self._shared:
            targets = [t for b in self.mapping.blocks for t in b.targets if t.table.name == table]
            names = [name for target in targets for name in target.fields]
            self._shared[table] = frozenset(name for name in names if names.count(name) > 1)
        return self._shared[table]

    def is_given(self, table: str, name: str) -> bool:
        """Whether any target of the mapping gives a column."""
        targets = (t for b in self.mapping.blocks for t in b.targets if t.table.name == table)
        return any(name in target.fields for target in targets)

    def keep_changes(
        self, table: Table, key: Key, known: dict[str, Any], changed: dict[str, Any]
    ) -> None:
        """Keep changes of tracked columns of deals that were there before this import."""
        if table.name == "deals" and key not in self.fresh.get("deals", set()):
            self.changes += [
                DealChange(str(key[0]), name, known[name], changed[name])
                for name in TRACKED
                if name in changed
            ]

    # The company's own columns

    def custom_changes(self, table: Table, record: Record, key: Key) -> dict[str, Any]:
        """Return the own columns of a record that differ from what is stored."""
        if not record.custom or table.name not in CUSTOM_TABLES:
            return {}
        sql = "SELECT name, value FROM custom_values WHERE table_name = ? AND row_id = ?"
        known = dict(self.connection.execute(sql, (table.name, key[0])))
        return {name: value for name, value in record.custom.items() if known.get(name) != value}

    def write_custom(self, table: Table, record: Record, key: Key) -> bool:
        """Write the own columns of a record; return whether any changed."""
        changes = self.custom_changes(table, record, key)
        for name, value in changes.items():
            where = (table.name, key[0], name)
            if value is None:
                sql = "DELETE FROM custom_values WHERE table_name = ? AND row_id = ? AND name = ?"
                self.connection.execute(sql, where)
            else:
                self.connection.execute(SET_CUSTOM, (*where, value))
        return bool(changes)


@cache
def select_by_key(name: str, names: tuple[str, ...], key: tuple[str, ...]) -> str:
    """Return the statement that reads a record of a table."""
    columns = ", ".join(f'"{column}"' for column in names)
    wanted = " AND ".join(f'"{column}" = ?' for column in key)
    return f"SELECT {columns} FROM {name} WHERE {wanted}"  # noqa: S608


SET_CUSTOM = """
INSERT INTO custom_values (table_name, row_id, name, value) VALUES (?, ?, ?, ?)
ON CONFLICT (table_name, row_id, name) DO UPDATE SET value = excluded.value
"""
SET_FIELD = """
INSERT INTO custom_fields (table_name, name, type, description, unit) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (table_name, name) DO UPDATE
SET type = excluded.type, description = excluded.description, unit = excluded.unit
WHERE type IS NOT excluded.type OR description IS NOT excluded.description OR unit IS NOT excluded.unit
"""


def declare_custom_fields(connection: sqlite3.Connection, mapping: Mapping) -> None:
    """Write what the mapping says of the company's own columns."""
    for block in mapping.blocks:
        for target in block.targets:
            for rule in target.fields.values():
                name = rule.name.removeprefix("x.")
                if rule.is_custom or rule.name == "source_total":
                    kind = "money" if rule.name == "source_total" else rule.type or "text"
                    row = (target.table.name, name, kind, rule.description, rule.unit)
                    connection.execute(SET_FIELD, row)
