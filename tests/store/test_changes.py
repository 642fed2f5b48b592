"""The change log notices every change, whoever makes it."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from dealreview.store.changes import SHARED, account_revisions, compact_change_log, revision
from dealreview.store.database import Database
from dealreview.store.schema import TABLES, Table
from tests.store.rows import insert, sample_row, store, store_parents

COMPANY: list[tuple[str, dict[str, Any]]] = [
    ("accounts", {"account_id": "a1"}),
    ("accounts", {"account_id": "a2"}),
    ("deals", {"deal_id": "d1", "account_id": "a1"}),
    ("deals", {"deal_id": "d2", "account_id": "a2"}),
    ("activities", {"activity_id": "x", "deal_id": "d1"}),
]


@pytest.fixture
def company(database: Database) -> Database:
    """Return a database with two accounts, each with a deal, the first with an activity."""
    for table, row in COMPANY:
        store(database, table, row)
    return database


def _revision(database: Database) -> int:
    with database.read() as connection:
        return revision(connection)


def _moved(database: Database, statement: str) -> set[str]:
    """Return the accounts whose revision a statement raises."""
    with database.read() as connection:
        before = account_revisions(connection)
    with database.write() as connection:
        connection.execute(statement)
    with database.read() as connection:
        after = account_revisions(connection)
    return {account for account, seq in after.items() if seq > before.get(account, 0)}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_kind_of_write_raises_the_revision(database: Database, table: Table) -> None:
    """A row that is inserted, updated or deleted is noted, in every table."""
    with database.write() as connection:
        store_parents(connection, table)
        start = revision(connection)
        insert(connection, table.name, **sample_row(table))
        connection.execute(f"UPDATE {table.name} SET gone_on = '2025-01-01'")
        connection.execute(f"DELETE FROM {table.name}")
        logged = connection.execute(
            "SELECT row_key, op FROM change_log WHERE table_name = ? AND seq > ?",
            (table.name, start),
        ).fetchall()
    assert [op for _, op in logged] == ["insert", "update", "delete"]
    key = "\x1f".join(str(sample_row(table)[name]) for name in table.key)
    assert {row_key for row_key, _ in logged} == {key}


def test_another_program_is_noticed(database: Database) -> None:
    """A plain connection raises the revision as well, also with INSERT OR REPLACE."""
    store(database, "people", {"person_id": "p"})
    before = _revision(database)
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("INSERT OR REPLACE INTO people (person_id, name) VALUES ('p', 'Ana')")
        connection.commit()
    assert _revision(database) > before


def test_an_update_that_changes_nothing_is_no_change(company: Database) -> None:
    """Writing the same values, or only where they were read from, leaves the revision."""
    before = _revision(company)
    with company.write() as connection:
        connection.execute("UPDATE deals SET name = NULL, account_id = account_id")
        connection.execute("UPDATE deals SET source_row = 'deals.csv:7'")
    assert _revision(company) == before


def test_a_transaction_that_fails_leaves_the_revision(company: Database) -> None:
    """What was undone did not happen."""
    before = _revision(company)
    with pytest.raises(sqlite3.IntegrityError):
        store(company, "deals", {"deal_id": "d3"}, {"deal_id": "d1"})
    assert _revision(company) == before


@pytest.mark.parametrize(
    ("statement", "accounts"),
    [
        ("UPDATE accounts SET name = 'x' WHERE account_id = 'a1'", {"a1"}),
        ("UPDATE deals SET name = 'x' WHERE deal_id = 'd2'", {"a2"}),
        ("UPDATE deals SET account_id = 'a2' WHERE deal_id = 'd1'", {"a1", "a2"}),
        ("UPDATE activities SET deal_id = 'd2'", {"a1", "a2"}),
        ("DELETE FROM deals WHERE deal_id = 'd2'", {"a2"}),
        ("DELETE FROM deals WHERE deal_id = 'd1'", {"a1", SHARED}),
        ("INSERT INTO deal_lines (line_id, deal_id) VALUES ('l', 'd1')", {"a1"}),
        ("INSERT INTO activity_topics (activity_id, topic) VALUES ('x', 'price')", {"a1"}),
        ("INSERT INTO people (person_id) VALUES ('p')", {SHARED}),
        ("INSERT INTO time_entries (entry_id, deal_id) VALUES ('t', 'd2')", {"a2"}),
        ("INSERT INTO time_entries (entry_id) VALUES ('t')", {SHARED}),
        (
            "INSERT INTO loss_statements VALUES ('s', 'account', 'a2', '', '', '', '', '', '')",
            {"a2"},
        ),
        ("INSERT INTO loss_statements VALUES ('s', 'deal', 'd1', '', '', '', '', '', '')", {"a1"}),
        ("INSERT INTO custom_values VALUES ('deals', 'd2', 'tier', 1)", {"a2"}),
    ],
)
def test_a_change_counts_for_its_account(
    company: Database, statement: str, accounts: set[str]
) -> None:
    """A change is put down to the account that the row belongs to, and to that it left.

    An activity whose deal is gone belongs to nobody.
    """
    assert _moved(company, statement) == accounts


def test_compacting_keeps_what_can_be_asked(company: Database) -> None:
    """Superfluous lines go; revisions of the data and of each account stay."""
    with company.write() as connection:
        for name in "abc":
            connection.execute("UPDATE deals SET name = ?", (name,))
        connection.execute("UPDATE deals SET account_id = 'a2' WHERE deal_id = 'd1'")
        before = revision(connection), account_revisions(connection)
        assert compact_change_log(connection) == 7
        assert (revision(connection), account_revisions(connection)) == before
        assert compact_change_log(connection) == 0


def test_an_emptied_log_does_not_lower_the_revision(company: Database) -> None:
    """Revisions are never given twice, even if somebody deletes the log."""
    before = _revision(company)
    with company.write() as connection:
        connection.execute("DELETE FROM change_log")
    assert _revision(company) == before
    store(company, "people", {"person_id": "p"})
    assert _revision(company) == before + 1
