"""A migrated database is what the schema describes."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dealreview.store import migrations
from dealreview.store.database import Database
from dealreview.store.ddl import schema_sql
from dealreview.store.schema import INTERNAL, TABLES, Table
from tests.store.rows import insert, sample_row, store_parents

ALL = [*TABLES.values(), *INTERNAL.values()]
DATA = list(TABLES.values())


@pytest.fixture(scope="module")
def migrated() -> Iterator[sqlite3.Connection]:
    """Give a database in memory that has had every step."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for step in migrations.STEPS:
            for statement in migrations.statements(migrations.step_sql(step)):
                connection.execute(statement)
        yield connection


@pytest.fixture(scope="module")
def described() -> Iterator[sqlite3.Connection]:
    """Give a database in memory made from the schema."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in schema_sql():
            connection.execute(statement)
        yield connection


def _checks(sql: str) -> set[str]:
    """Return the texts of the CHECKs in a CREATE TABLE, each with its column's definition."""
    return {line.strip().rstrip(",") for line in sql.splitlines() if "CHECK" in line}


def _shape(connection: sqlite3.Connection, table: str) -> dict[str, object]:
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    columns = connection.execute(f"PRAGMA table_xinfo({table})").fetchall()
    named = "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND type <> 'table'"
    return {
        "columns": {row[1:] for row in columns},
        "foreign keys": set(connection.execute(f"PRAGMA foreign_key_list({table})")),
        "checks": _checks(sql),
        "strict": bool(re.search(r"\)\s*STRICT", sql)),
        "clustered": "WITHOUT ROWID" in sql,
        "indexes and triggers": set(connection.execute(named, (table,))),
    }


def _tables(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in found if not name.startswith("sqlite_")}


@pytest.mark.parametrize("name", [table.name for table in ALL])
def test_a_migrated_table_is_the_described_one(
    migrated: sqlite3.Connection, described: sqlite3.Connection, name: str
) -> None:
    """Columns, types, keys, checks, foreign keys, indexes and triggers agree with the schema."""
    assert _shape(migrated, name) == _shape(described, name)


def test_there_is_no_other_table(migrated: sqlite3.Connection) -> None:
    """The migrations make the described tables and no more."""
    assert _tables(migrated) == {table.name for table in ALL}


@pytest.mark.parametrize("table", DATA, ids=lambda t: t.name)
def test_a_row_with_a_value_in_every_column_fits(database: Database, table: Table) -> None:
    """Each column takes a value of its type, or is empty, unless it is the key."""
    with database.write() as connection:
        store_parents(connection, table)
        insert(connection, table.name, **sample_row(table))
        for column in table.columns:
            if column.name not in table.key:
                connection.execute(f"UPDATE {table.name} SET {column.name} = NULL")


@pytest.mark.parametrize("table", DATA, ids=lambda t: t.name)
def test_what_the_schema_does_not_allow_is_refused(database: Database, table: Table) -> None:
    """Values beside the list, beyond the bounds, of another type, and blank keys do not get in."""
    with database.write() as connection:
        store_parents(connection, table)
        for column in table.columns:
            for wrong in _wrong_values(table, column.name):
                with pytest.raises(sqlite3.IntegrityError):
                    insert(connection, table.name, **sample_row(table, **{column.name: wrong}))


def _wrong_values(table: Table, name: str) -> Iterator[object]:
    column = table.by_name[name]
    if name in table.key:
        yield from (None, " ")
    if column.type == "enum":
        yield "no such value"
    if column.type in ("int", "money", "bool", "real"):
        yield "many"
    if column.type == "bool":
        yield 2
    if column.low is not None:
        yield column.low - 1
    if column.high is not None:
        yield column.high + 1


@pytest.mark.parametrize("table", [t for t in DATA if t.parents], ids=lambda t: t.name)
def test_a_child_needs_its_parent_and_goes_with_it(database: Database, table: Table) -> None:
    """A row without its owner is refused, and deleted with its owner."""
    ((_, parent),) = table.parents.items()
    with database.write() as connection:
        with pytest.raises(sqlite3.IntegrityError):
            insert(connection, table.name, **sample_row(table))
        store_parents(connection, table)
        insert(connection, table.name, **sample_row(table))
        connection.execute(f"DELETE FROM {parent}")
        assert connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() == (0,)


@pytest.mark.parametrize("steps", range(1, len(migrations.STEPS)))
def test_a_database_of_each_earlier_format_keeps_every_row(tmp_path: Path, steps: int) -> None:
    """A row in every table is there after the missing steps, and the log of changes goes on."""
    path = tmp_path / "deals.db"
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(migrations, "STEPS", migrations.STEPS[:steps])
        old = Database.open(path, create=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in DATA:
            there = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
            store_parents(connection, table)
            cells = {name: v for name, v in sample_row(table).items() if name in there}
            marks = ", ".join("?" * len(cells))
            sql = f"INSERT OR REPLACE INTO {table.name} ({', '.join(cells)}) VALUES ({marks})"
            connection.execute(sql, tuple(cells.values()))
        before = {t.name: connection.execute(f"SELECT * FROM {t.name}").fetchall() for t in DATA}
        revision = old.revision(connection)
    with Database.open(path).read() as connection:
        for table in DATA:
            rows = connection.execute(f"SELECT * FROM {table.name}").fetchall()
            assert [row[: len(was)] for row, was in zip(rows, before[table.name], strict=True)] == (
                before[table.name]
            )
        assert old.revision(connection) == revision


def test_a_dangling_id_is_data(database: Database) -> None:
    """An owner, stage or account that nobody knows does not keep a deal out."""
    row = {"deal_id": "d", "account_id": "?", "owner_id": "?", "stage_id": "?"}
    with database.write() as connection:
        insert(connection, "deals", **row)
        assert connection.execute("SELECT owner_id FROM deals").fetchone() == ("?",)


def test_statements_keep_triggers_whole() -> None:
    """A script is cut at the ends of its statements, not at the semicolons inside a trigger."""
    script = (
        "CREATE TABLE a (b);\nCREATE TRIGGER c AFTER INSERT ON a BEGIN\n  SELECT 1;\nEND;\nSELECT 2"
    )
    assert [s.split()[1] for s in migrations.statements(script)] == ["TABLE", "TRIGGER", "2"]
