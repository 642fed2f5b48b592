"""SQL that creates the tables of the schema, their indexes and the triggers of the change log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.store.schema import INTERNAL, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.store.schema import Column, Table

SQL_TYPES = {
    "int": "INTEGER",
    "money": "INTEGER",
    "bool": "INTEGER",
    "real": "REAL",
    "any": "ANY",
    "bytes": "BLOB",
}
"""SQL type by column type; everything else is TEXT."""

INDEXED = (
    "account_id",
    "deal_id",
    "contact_id",
    "person_id",
    "parent_account_id",
    "attendee_id",
)
LOGGED_INTERNAL = ("custom_fields", "custom_values")
"""Internal tables whose cells are data of a company, and therefore part of the data revision."""

_COUNTED = ("imports", "import_problems", "change_log", "runs", "waivers")
"""Tables numbered by SQLite; a number is never given twice."""


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def schema_sql() -> Iterator[str]:
    """Yield the statements that create every table, index and trigger."""
    for table in (*TABLES.values(), *INTERNAL.values()):
        yield create_table(table)
        yield from create_indexes(table)
    for table in (*TABLES.values(), *(INTERNAL[name] for name in LOGGED_INTERNAL)):
        yield from create_triggers(table)


def create_table(table: Table) -> str:
    """Return the statement that creates a table.

    Tables with a key of text are clustered by it: reading in key order then needs no sort.
    """
    counted = table.name in _COUNTED
    lines = [_column(column, table, counted=counted) for column in table.columns]
    if not counted:
        lines.append(f"PRIMARY KEY ({_names(table.key)})")
    lines += [_foreign_key(column, table.parents[column]) for column in table.parents]
    body = ",\n  ".join(lines)
    options = "STRICT" if counted else "STRICT, WITHOUT ROWID"
    return f"CREATE TABLE {quoted(table.name)} (\n  {body}\n) {options}"


def _column(column: Column, table: Table, *, counted: bool) -> str:
    parts = [quoted(column.name), SQL_TYPES.get(column.type, "TEXT")]
    if column.name in table.key:
        parts.append("PRIMARY KEY AUTOINCREMENT" if counted else "NOT NULL")
    checks = list(_checks(column, is_key=column.name in table.key and not counted))
    return " ".join(parts + [f"CHECK ({check})" for check in checks])


def _checks(column: Column, *, is_key: bool) -> Iterator[str]:
    name = quoted(column.name)
    if column.type == "bool":
        yield f"{name} IN (0, 1)"
    if column.type == "enum":
        # Not IN: SQLite builds a table for the list anew for every row that is written.
        yield " OR ".join(f"{name} = {literal(value)}" for value in column.values)
    if column.low is not None:
        yield f"{name} >= {column.low:g}"
    if column.high is not None:
        yield f"{name} <= {column.high:g}"
    if is_key and column.type in ("text", "date"):
        yield f"trim({name}) <> ''"


def _foreign_key(column: str, parent: str) -> str:
    key = (TABLES | INTERNAL)[parent].key[0]
    return (
        f"FOREIGN KEY ({quoted(column)}) REFERENCES {quoted(parent)} ({quoted(key)}) "
        "ON DELETE CASCADE ON UPDATE CASCADE"
    )


def create_indexes(table: Table) -> Iterator[str]:
    """Yield the indexes of a table: columns that lead to other rows, unless they lead the key."""
    leading = (*INDEXED, *table.parents) if table.name in TABLES else tuple(table.parents)
    for name in dict.fromkeys(leading):
        if name in table.by_name and name != table.key[0]:
            index = quoted(f"{table.name}_by_{name}")
            yield f"CREATE INDEX {index} ON {quoted(table.name)} ({quoted(name)})"


def create_triggers(table: Table) -> Iterator[str]:
    """Yield the triggers that write the change log.

    A row that moves to another key, account or deal is logged under both: both have changed.
    Where a row was read from is not data: importing it from another file changes nothing.
    """
    data = [name for name in table.names if name != "source_row"]
    moving = [name for name in table.names if name in (*table.key, *_OWN_SUBJECT, *INDEXED[:2])]
    yield _trigger(table, "insert", "insert", "NEW", "")
    yield _trigger(table, "delete", "delete", "OLD", "")
    yield _trigger(table, "update", "update", "NEW", _differs(data))
    yield _trigger(table, "move", "update", "OLD", _differs(moving))


def _trigger(table: Table, suffix: str, op: str, row: str, when: str) -> str:
    condition = f"\nWHEN {when}" if when else ""
    key = " || char(31) || ".join(f"{row}.{quoted(name)}" for name in table.key)
    account, deal = (_subject(table, kind, row) for kind in ("account", "deal"))
    name, on = quoted(f"{table.name}_{suffix}_log"), quoted(table.name)
    values = ", ".join((literal(table.name), key, account, deal, literal(op)))
    log = f"{_INTO_LOG}\n  VALUES ({values});"
    return f"CREATE TRIGGER {name} AFTER {op.upper()} ON {on}{condition}\nBEGIN\n{log}\nEND"


_INTO_LOG = "  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)"


def _differs(names: list[str]) -> str:
    return "\n  OR ".join(f"OLD.{quoted(name)} IS NOT NEW.{quoted(name)}" for name in names)


_OWN_SUBJECT = ("subject", "subject_id")


def _subject(table: Table, kind: str, row: str) -> str:
    """Return the expression for the account or deal that a row names, without looking elsewhere."""
    column = f"{kind}_id"
    if column in table.by_name:
        return f"{row}.{quoted(column)}"
    if "subject_id" in table.by_name:
        return f"CASE {row}.subject WHEN {literal(kind)} THEN {row}.subject_id END"
    if table.name == "custom_values":
        return f"CASE {row}.table_name WHEN {literal(kind + 's')} THEN {row}.row_id END"
    return "NULL"


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, columns))
