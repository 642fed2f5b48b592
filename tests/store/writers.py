"""Somebody who writes anything into a database: through the store, past it, orderly or not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING, Any

from dealreview.store.schema import TABLES, Table
from dealreview.testing.strategies import MOODS, POOLS, company
from dealreview.testing.strategies import _value as value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dealreview.store.database import Database

ODD_TEXTS = (
    "",
    "\x1a",
    "a\x1fb",
    "\x00",
    "2025-02-30",
    "2025-05-16",
    "\ud7ff",
    "\ufffd",
    "'",
    "x" * 300,
)
BUSY = ("deals", "accounts", "activities", "deal_lines", "activity_attendees", "stakeholders")
"""Tables that are written more often than others, as they hang together."""
UPDATES = ("UPDATE", "UPDATE OR IGNORE", "UPDATE OR REPLACE")


def write_anything(
    database: Database, seed: int, count: int, tables: Sequence[str] = (*TABLES, *BUSY * 4)
) -> None:
    """Write so many times, in one transaction, in a way that the seed decides."""
    random = Random(seed)
    if random.random() < 0.5:
        with database.write() as connection:
            _write(connection, random, count, tables)
        return
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA foreign_keys = {random.choice(('ON', 'OFF'))}")
        connection.execute(f"PRAGMA recursive_triggers = {random.choice(('ON', 'OFF'))}")
        connection.execute("BEGIN IMMEDIATE")
        _write(connection, random, count, tables)
        connection.execute("COMMIT")


def _write(
    connection: sqlite3.Connection, random: Random, count: int, tables: Sequence[str]
) -> None:
    ways = (_insert, _insert, _update, _update, _update, _delete, _rename, _move)
    for _ in range(count):
        try:
            random.choice(ways)(connection, random, tables)
        except sqlite3.IntegrityError:
            continue


def _table(random: Random, tables: Sequence[str]) -> Table:
    return TABLES[random.choice(tables)]


def _insert(connection: sqlite3.Connection, random: Random, tables: Sequence[str]) -> None:
    """Insert a row, in the place of another one if there is one with its key."""
    rows = company(random.randrange(10_000), random.choice(sorted(MOODS)))
    name = random.choice([name for name in rows if name in tables])
    row = random.choice(rows[name])
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    how = random.choice(("INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE"))
    connection.execute(f"{how} INTO {name} ({names}) VALUES ({marks})", list(row.values()))


def _some_key(connection: sqlite3.Connection, random: Random, table: Table) -> Any:
    names = ", ".join(table.key)
    rows = connection.execute(f"SELECT {names} FROM {table.name}").fetchall()
    return random.choice(rows) if rows else None


def _where(table: Table) -> str:
    return " AND ".join(f"{name} = ?" for name in table.key)


def _update(connection: sqlite3.Connection, random: Random, tables: Sequence[str]) -> None:
    table = _table(random, tables)
    column = random.choice([c for c in table.columns if c.name not in table.key])
    value = value_of(column, random, MOODS["hostile"])
    if column.type in {"text", "date", "instant"} and random.random() < 0.2:
        value = random.choice(ODD_TEXTS)
    what = "CAST(x'4DFC6C' AS TEXT)" if value == "'" else "?"
    values = [] if value == "'" else [value]
    if key := _some_key(connection, random, table):
        how = random.choice(UPDATES)
        query = f"{how} {table.name} SET {column.name} = {what} WHERE {_where(table)}"
        connection.execute(query, [*values, *key])


def _delete(connection: sqlite3.Connection, random: Random, tables: Sequence[str]) -> None:
    table = _table(random, tables)
    if key := _some_key(connection, random, table):
        connection.execute(f"DELETE FROM {table.name} WHERE {_where(table)}", key)


def _rename(connection: sqlite3.Connection, random: Random, tables: Sequence[str]) -> None:
    """Give a row another key: one that is new, stands before or behind all others, or is another row's."""
    table = _table(random, tables)
    if random.random() < 0.5:
        _take_key(connection, random, table)
        return
    name = random.choice(table.key)
    kind = table.by_name[name].type
    new = random.choice(("a", "zz", "d1\t", "ä", f"n{random.randrange(99)}"))
    if kind == "date":
        new = random.choice(("2025-01-01", "2026-02-01", "2025-13-01"))
    if random.random() < 0.03:
        new = random.choice(("a\x1fb", "\ufffd"))
    if key := _some_key(connection, random, table):
        query = f"{random.choice(UPDATES)} {table.name} SET {name} = ? WHERE {_where(table)}"
        connection.execute(query, [new, *key])


def _take_key(connection: sqlite3.Connection, random: Random, table: Table) -> None:
    """Give a row the key of another one, which goes without a word if nothing forbids it."""
    own, other = (_some_key(connection, random, table) for _ in range(2))
    if own:
        columns = ", ".join(f"{name} = ?" for name in table.key)
        query = f"{random.choice(UPDATES)} {table.name} SET {columns} WHERE {_where(table)}"
        connection.execute(query, [*other, *own])


def _move(connection: sqlite3.Connection, random: Random, _tables: Sequence[str]) -> None:
    """Give an account another parent, a deal another account, or an activity another deal."""
    table, column, pool = random.choice(
        (
            ("accounts", "parent_account_id", "accounts"),
            ("deals", "account_id", "accounts"),
            ("activities", "deal_id", "deals"),
            ("activities", "account_id", "accounts"),
        )
    )
    to = random.choice([*POOLS[pool], "nobody", None])
    if key := _some_key(connection, random, TABLES[table]):
        where = _where(TABLES[table])
        how = random.choice(UPDATES)
        connection.execute(f"{how} {table} SET {column} = ? WHERE {where}", [to, *key])
