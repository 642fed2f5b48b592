"""The rows of a family are those that a bucket of its accounts takes out of the tables of everybody."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dealreview.engine.buckets import Bucket
from dealreview.engine.visible import VisibleTables
from dealreview.store import family as families
from dealreview.store.family import FamilyTables, family_of
from dealreview.store.schema import TABLES
from dealreview.store.tables import Tables
from dealreview.testing.strategies import many
from tests.engine.test_stored_buckets import AS_OF, made
from tests.store.writers import write_anything

if TYPE_CHECKING:
    from dealreview.store.database import Database

SEEDS = st.integers(0, 2**32)


def assert_families_are_complete(database: Database) -> int:
    """Check every table of the family of every deal and account, and return how many there are."""
    with database.read() as connection:
        tables = Tables(connection)
        whole, family_tables = VisibleTables(tables, AS_OF, "UTC"), FamilyTables(tables)
        subjects = [("deal", one) for one in tables.frame("deals", ["deal_id"])["deal_id"]]
        subjects += [
            ("account", one) for one in tables.frame("accounts", ["account_id"])["account_id"]
        ]
        for kind, subject_id in subjects:
            family = family_of(connection, kind, subject_id)
            assert family is not None
            family_tables.look_at(family)
            accounts, deals = (
                pl.Series(ids, dtype=pl.String) for ids in (family.accounts, family.deals)
            )
            own = VisibleTables(family_tables, AS_OF, "UTC")
            for name, table in TABLES.items():
                expected = Bucket(whole, accounts, deals).frame(name, table.names)
                assert_frame_equal(Bucket(own, accounts, deals).frame(name, table.names), expected)
    return len(subjects)


@given(SEEDS, st.lists(st.tuples(SEEDS, st.integers(1, 12)), max_size=2))
@many(8)
def test_no_family_lacks_a_row(seed: int, writes: list[tuple[int, int]]) -> None:
    """However accounts are entangled, and whatever anybody writes."""
    with tempfile.TemporaryDirectory() as folder:
        database = made(folder, seed)
        assert assert_families_are_complete(database)
        for number, count in writes:
            write_anything(database, number, count)
            assert_families_are_complete(database)


LOSSES: dict[str, Any] = {
    "guests": lambda f: evolve(f, guests=()),
    "what contacts attended": lambda f: evolve(f, activities=f.activities[:-1]),
    "advisers from elsewhere": lambda f: evolve(f, contacts=f.contacts[:-1]),
}


@pytest.mark.parametrize("lost", LOSSES)
def test_a_family_that_lacks_rows_is_noticed(lost: str) -> None:
    """Left out on purpose, what a family shares with others makes the comparison above fail."""
    honest = families.family_of

    def lossy(*asked: Any) -> Any:
        return LOSSES[lost](honest(*asked))

    def differs(seed: int) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            try:
                assert_families_are_complete(made(folder, seed))
            except AssertionError:
                return True
        return False

    with mock.patch(f"{__name__}.family_of", lossy):
        assert any(map(differs, range(6)))


def test_large_tables_are_never_looked_through(tmp_path: Any) -> None:
    """Every row of a family is found through a key or an index."""
    with made(str(tmp_path), 1).read() as connection:
        queries = [getattr(families, n) for n in dir(families) if n.startswith("_SELECT_")]
        queries += [families._select(t, t.columns) for t in TABLES.values() if t.owner]
        values = {"id": "a0", "table": "deals", "field": "x", "ids": "[]"}
        values |= families.Family().listed
        for query in queries:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", values)
            steps = [row[3] for row in plan]
            scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
            assert not scanned & TABLES.keys(), query


def test_nobody_has_no_family(tmp_path: Any) -> None:
    """A deal that is not there has no rows."""
    with made(str(tmp_path), 1).read() as connection:
        assert family_of(connection, "deal", "nobody") is None
