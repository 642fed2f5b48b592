"""Tables of packs in the database: made by the pack's migrations, which can touch nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dealreview.model.errors import StoreError
from dealreview.store.database import back_up
from dealreview.store.ddl import create_triggers, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.checks.owntables import OwnTables
    from dealreview.model.table import Table
    from dealreview.store.database import Database

_TAKEN = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid"
_TRIGGERS = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"


def is_ready(connection: sqlite3.Connection, own: OwnTables) -> bool:
    """Whether the tables of a pack are what it declares, and their changes are logged.

    Raises:
        StoreError: A newer version of the pack has made them.
    """
    if taken(connection, own) != steps_of(own):
        return False
    return all(_is_logged(connection, table) for table in own.tables)


def steps_of(own: OwnTables) -> list[str]:
    """Return the names of a pack's migrations, in order."""
    import sqlite_utils

    empty = sqlite_utils.Database(memory=True, execute_plugins=False)
    try:
        return [step.name for step in own.migrations.pending(empty)]
    finally:
        empty.close()


def taken(connection: sqlite3.Connection, own: OwnTables) -> list[str]:
    """Return the names of the migrations that a database has had.

    Raises:
        StoreError: One of them is not known to this version of the pack.
    """
    found = [name for (name,) in connection.execute(_TAKEN, (own.pack,))]
    unknown = sorted(set(found) - set(steps_of(own)))
    if unknown:
        raise StoreError(
            f"Its tables were made by another version of it, which has a migration '{unknown[0]}'.",
            mend="Install that version, or a newer one.",
        )
    return found


def _is_logged(connection: sqlite3.Connection, table: Table) -> bool:
    there = {sql for (sql,) in connection.execute(_TRIGGERS, (table.name,))}
    return there == set(create_triggers(table))


def prepare(database: Database, own: OwnTables) -> None:
    """Take the missing migrations of a pack: all of them, or the database is as before.

    A database in which the pack has tables already is copied beside itself first.

    Raises:
        StoreError: The tables are not what the pack declares, or a migration does what it may not.
        Exception: Whatever a migration raises.
    """
    with database.write() as connection:
        if is_ready(connection, own):  # another process was faster
            return
        if taken(connection, own):
            back_up(database.path, f"before-{own.pack}")
        for table in own.tables:
            _drop_triggers(connection, table)
        _migrate(connection, own)
        for table in own.tables:
            _complete(connection, table)
            for statement in create_triggers(table):
                connection.execute(statement)


def _migrate(connection: sqlite3.Connection, own: OwnTables) -> None:
    import sqlite_utils

    wrapped = sqlite_utils.Database(connection, execute_plugins=False)
    # It makes a table of no meaning to find out, once; a migration may not.
    _ = wrapped.supports_strict, wrapped.supports_on_conflict
    refused: list[str] = []
    try:
        with _guarded(connection, own.prefix, refused):
            own.migrations.apply(wrapped)
    except sqlite3.DatabaseError as error:
        if not refused:
            raise
        raise StoreError(
            f"A migration may not {refused[0]}.",
            mend=f"It may change tables whose names start with {own.prefix}, and not end the "
            "transaction.",
        ) from error


def _drop_triggers(connection: sqlite3.Connection, table: Table) -> None:
    """Stop the change log: a table that is made anew would take triggers along that name the old one."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"
    for (name,) in connection.execute(query, (table.name,)).fetchall():
        connection.execute(f"DROP TRIGGER {quoted(name)}")


def _complete(connection: sqlite3.Connection, table: Table) -> None:
    """Add the columns that every table has, and demand those that the pack declares."""
    query = "SELECT name FROM pragma_table_info(?)"
    there = {name for (name,) in connection.execute(query, (table.name,))}
    if not there:
        raise StoreError(
            f"Its migrations made no table '{table.name}'.", mend="Create it in a migration."
        )
    for name in ("source_row", "gone_on"):
        if name not in there:
            connection.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(name)} TEXT")
    lacking = [name for name in table.names if name not in {*there, "source_row", "gone_on"}]
    if lacking:
        raise StoreError(
            f"Its migrations made no column '{lacking[0]}' in '{table.name}'.",
            mend="Add it in a further migration, or take it out of the declaration.",
        )


# --- what a migration may do ---------------------------------------------------------------------


@contextmanager
def _guarded(connection: sqlite3.Connection, prefix: str, refused: list[str]) -> Iterator[None]:
    """Let statements change tables of one prefix only, and leave the transaction alone."""

    def decide(
        action: int, first: str | None, second: str | None, _db: str | None, _by: str | None
    ) -> int:
        said = _refusal(action, first or "", second or "", prefix)
        if said:
            refused.append(said)
        return sqlite3.SQLITE_DENY if said else sqlite3.SQLITE_OK

    connection.set_authorizer(decide)
    try:
        yield
    finally:
        connection.set_authorizer(None)


def _refusal(action: int, first: str, second: str, prefix: str) -> str:
    """Return what a statement does that it may not; empty for what it may."""
    if action in _HARMLESS or (action == sqlite3.SQLITE_PRAGMA and _is_harmless(first)):
        return ""
    if action not in _CHANGES:
        return _SPOKEN.get(action, "use such a statement")
    verb, names_second = _CHANGES[action]
    table = second if names_second else first
    is_ours = table.startswith((prefix, "sqlite_")) or table == "_sqlite_migrations"
    return "" if is_ours else f"{verb} '{table}'"


def _is_harmless(pragma: str) -> bool:
    return pragma in _PRAGMAS


_HARMLESS = frozenset(
    {
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_REINDEX,
    }
)
_PRAGMAS = frozenset(
    {
        "table_info",
        "table_xinfo",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "foreign_key_check",
        # Without effect, or for as long as this connection only.
        "foreign_keys",
        "defer_foreign_keys",
        "legacy_alter_table",
    }
)
_CHANGES = {
    sqlite3.SQLITE_INSERT: ("write to", False),
    sqlite3.SQLITE_UPDATE: ("change rows of", False),
    sqlite3.SQLITE_DELETE: ("delete from", False),
    sqlite3.SQLITE_CREATE_TABLE: ("create", False),
    sqlite3.SQLITE_DROP_TABLE: ("drop", False),
    sqlite3.SQLITE_ALTER_TABLE: ("alter", True),
    sqlite3.SQLITE_CREATE_INDEX: ("index", True),
    sqlite3.SQLITE_DROP_INDEX: ("drop an index of", True),
}
"""What is done to a table, and whether SQLite names the table second."""

_SPOKEN = {
    sqlite3.SQLITE_TRANSACTION: "begin or end a transaction",
    sqlite3.SQLITE_ATTACH: "attach another database",
    sqlite3.SQLITE_PRAGMA: "change a setting of the database",
    sqlite3.SQLITE_CREATE_TRIGGER: "create a trigger",
    sqlite3.SQLITE_CREATE_VIEW: "create a view",
}
