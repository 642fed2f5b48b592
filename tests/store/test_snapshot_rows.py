"""A snapshot has what the database has: every cell, in the same order, after whatever was written."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine.config import Config
from dealreview.engine.gate import Gate
from dealreview.engine.run import Request, review_database
from dealreview.reports.document import Options, json_document
from dealreview.store.database import Database
from dealreview.store.schema import TABLES
from dealreview.store.snapshot import changes
from dealreview.store.snapshot.buckets import account_buckets, bucket_count, looked_up
from dealreview.store.snapshot.files import folder_of
from dealreview.store.snapshot.manifest import LEFT_OUT
from dealreview.store.snapshot.reading import bucket_rows
from dealreview.testing import database_of
from dealreview.testing.strategies import AS_OF, Company, companies, company, many
from tests.store.rows import store
from tests.store.snapshots import assert_same, brought_up, by_processes, looked_at, small
from tests.store.writers import write_anything

WRITES = st.lists(st.tuples(st.integers(0, 2**32), st.integers(1, 30)), min_size=1, max_size=3)


def by_bucket(database: Database) -> dict[tuple[str, int], pl.DataFrame]:
    """Return the rows of each bucket of each table."""
    folder = folder_of(database.path)
    manifest = looked_at(database).manifest
    assert manifest is not None
    return {
        (name, number): bucket_rows(
            folder, kept, [c for c in TABLES[name].names if c not in LEFT_OUT], number
        )
        for name, kept in manifest.tables.items()
        for number in range(manifest.buckets)
    }


@given(companies())
@many(6)
def test_a_new_snapshot_has_what_the_database_has(rows: Company) -> None:
    """Whatever the company, in one bucket or several."""
    with tempfile.TemporaryDirectory() as folder, small():
        database = database_of(rows, Path(folder) / "a.db")
        manifest = brought_up(database)
        assert manifest.buckets == max(len(rows.get("deals", ())) // 2, 1)
        assert_same(database)


@given(companies(), WRITES)
@many(12)
def test_it_follows_whatever_is_written(rows: Company, writes: list[tuple[int, int]]) -> None:
    """After each round of writing it is brought up to date, and its buckets are those of a new one."""
    with tempfile.TemporaryDirectory() as folder, small():
        database = database_of(rows, Path(folder) / "a.db")
        brought_up(database)
        for seed, count in writes:
            write_anything(database, seed, count)
            manifest = brought_up(database)
            assert_same(database)
        followed = by_bucket(database)
        count = manifest.buckets
        with mock.patch("dealreview.store.snapshot.build.bucket_count", return_value=count):
            brought_up(database, anew=True)
        anew = by_bucket(database)
        # A table that could not be kept when the snapshot was made is read from the database until then.
        assert followed.keys() <= anew.keys()
        for key, frame in followed.items():
            assert frame.equals(anew[key], null_equal=True), key


def reviewed(database: Database, snapshot: str, notes: list[str]) -> str:
    """Return the review of a database as a document with every verdict."""
    request = Request(AS_OF, Config(autoload=False), snapshot=snapshot)
    review = review_database(database, request, note=notes.append)
    return "".join(json_document(review, Options(True, Gate(None, None), 0)))


@given(companies(), WRITES)
@many(3)
def test_a_review_is_the_same_with_and_without(
    rows: Company, writes: list[tuple[int, int]]
) -> None:
    """Between reviews anybody writes anything; the review brings the snapshot up to date itself."""
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder, small():
        database = database_of(rows, Path(folder) / "a.db")
        for seed, count in [(0, 0), *writes]:
            write_anything(database, seed, count)
            assert reviewed(database, "auto", notes) == reviewed(database, "off", notes)
            assert looked_at(database).name == "fresh"
    assert notes == []


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_a_database_of_another_encoding_is_reviewed_the_same(tmp_path: Path, encoding: str) -> None:
    """Its keys are in another order, and spans end at keys; so do those that are new or changed."""
    notes: list[str] = []
    for seed in range(2):
        database = in_encoding(
            database_of(company(seed, "hostile"), tmp_path / f"{seed}.db"), encoding
        )
        with small(span=2):
            for number in range(2):
                write_anything(database, number, number)
                assert reviewed(database, "auto", notes) == reviewed(database, "off", notes)
                assert_same(database)
            with by_processes():
                brought_up(database, anew=True)
            assert_same(database)
    assert notes == []


def test_new_keys_of_another_encoding_stand_where_the_database_has_them(tmp_path: Path) -> None:
    """A letter with an accent may come before one without."""
    deals = [{"deal_id": name} for name in ("a", "b", "c")]
    database = in_encoding(database_of({"deals": deals}, tmp_path / "a.db"), "UTF-16le")
    brought_up(database)
    for name in ("\u0101", "bb", "\U0001f600", "\uffee"):
        store(database, "deals", {"deal_id": name, "amount_minor": 1})
        brought_up(database)
        assert_same(database)


def in_encoding(database: Database, encoding: str) -> Database:
    """Return a copy of a database with texts in another encoding."""
    path = database.path.with_suffix(f".{encoding}")
    with closing(sqlite3.connect(database.path)) as old, closing(sqlite3.connect(path)) as new:
        new.execute(f"PRAGMA encoding = '{encoding}'")
        new.executescript("".join(old.iterdump()))
        for name in ("application_id", "user_version"):
            new.execute(f"PRAGMA {name} = {old.execute(f'PRAGMA {name}').fetchone()[0]}")
        new.execute("PRAGMA journal_mode = WAL")
    return Database.open(path)


@pytest.mark.parametrize("text", ["", "\x1f", "a\x1fb\x1fc", "\x1a", "\x00", "\ufffd", "ä\u2028"])
def test_any_text_is_kept(database: Database, text: str) -> None:
    """Also one that stands between cells while they are read."""
    rows = [{"deal_id": f"d{n}", "name": text if n % 2 else "x"} for n in range(5)]
    store(database, "deals", *rows, {"deal_id": "e"})
    brought_up(database)
    assert_same(database)


@pytest.mark.parametrize("hours", [0.1, 1 / 3, 1e-300, 5e-324, 23.999999999999996, 7.0, -0.0])
def test_a_number_keeps_every_digit(database: Database, hours: float) -> None:
    """SQLite would write fifteen of them."""
    store(database, "time_entries", {"entry_id": "t", "person_id": "p", "hours": hours})
    brought_up(database)
    assert_same(database)


def test_numbers_with_few_decimals_are_those_that_were_stored(database: Database) -> None:
    """To the last bit, of either sign; beside numbers with many digits and none at all."""
    some = [n / 10_000 for n in range(-20_000, 20_000, 7)]
    rows = [{"line_id": f"l{n:05}", "quantity": one} for n, one in enumerate(some)]
    store(database, "deal_lines", *rows, {"line_id": "m"})
    brought_up(database)
    assert_same(database)
    with small(span=1_000):
        store(database, "deal_lines", {"line_id": "l02500x", "quantity": 1 / 3})
        brought_up(database, anew=True)
        assert_same(database)


def test_whole_numbers_have_all_their_digits(database: Database) -> None:
    """From the smallest to the largest."""
    amounts = (-(2**63), 2**63 - 1, 0, -1)
    rows = [{"deal_id": f"d{n}", "amount_minor": one} for n, one in enumerate(amounts)]
    store(database, "deals", *rows)
    brought_up(database)
    assert_same(database)


@pytest.mark.parametrize("key", ["\ufffd", "a\x1fb"])
def test_a_strange_key_costs_time_only(database: Database, key: str) -> None:
    """A table whose keys can't be kept is read from the database, others are not."""
    store(database, "accounts", {"account_id": "a"})
    brought_up(database)
    store(database, "accounts", {"account_id": key, "name": "Strange"})
    manifest = brought_up(database)
    assert ("accounts" in manifest.tables) is (key != "\ufffd")
    assert "deals" in manifest.tables
    assert_same(database)


def test_where_a_row_was_read_is_not_kept(database: Database) -> None:
    """It changes without a new data revision, so it is always read from the database."""
    store(database, "deals", {"deal_id": "d", "source_row": "old.csv:2"})
    before = brought_up(database)
    with database.write() as connection:
        connection.execute("UPDATE deals SET source_row = 'new.csv:7'")
    assert looked_at(database).manifest == before
    assert_same(database)


def test_few_changes_are_laid_beside_and_many_build_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has not changed is not written again, until too much has."""
    monkeypatch.setattr(changes, "ALWAYS", 3)
    store(database, "deals", *({"deal_id": f"d{n}"} for n in range(40)))
    first = brought_up(database)
    store(database, "deals", *({"deal_id": f"e{n}"} for n in range(3)))
    second = brought_up(database)
    assert second.tables["deals"].parts == first.tables["deals"].parts
    assert second.base == first.base < second.revision
    store(database, "deals", *({"deal_id": f"f{n}"} for n in range(9)))
    third = brought_up(database)
    assert third.base == third.revision
    assert_same(database)


def test_a_log_with_gaps_is_not_followed(database: Database) -> None:
    """Somebody who empties the change log costs time, and hides nothing."""
    store(database, "deals", {"deal_id": "d"}, {"deal_id": "e"})
    brought_up(database)
    store(database, "deals", {"deal_id": "f"})
    with database.write() as connection:
        connection.execute("DELETE FROM change_log")
        connection.execute("UPDATE deals SET name = 'x' WHERE deal_id = 'e'")
    manifest = brought_up(database)
    assert manifest.base == manifest.revision
    assert_same(database)


def test_buckets_keep_families_together() -> None:
    """Every account is where its topmost ancestor is; a circle is one family."""
    import polars as pl

    parents = {"a": None, "b": "a", "c": "b", "d": "gone", "x": "y", "y": "x", "z": "y"}
    frame = pl.DataFrame({"account_id": list(parents), "parent_account_id": list(parents.values())})
    found = dict(account_buckets(frame, 1_000).iter_rows())
    assert found["a"] == found["b"] == found["c"]
    assert found["x"] == found["y"] == found["z"]
    assert len(set(found.values())) == 3


@pytest.mark.parametrize(("deals", "count"), [(0, 1), (119_999, 1), (120_000, 2), (1_000_000, 16)])
def test_a_bucket_has_enough_deals(deals: int, count: int) -> None:
    """On average far more than 50,000, so that hardly one has fewer."""
    assert bucket_count(deals) == count


def test_what_came_and_went_is_gone(database: Database) -> None:
    """A row that was new the last time and is deleted since leaves nothing."""
    store(database, "deals", {"deal_id": "d"})
    brought_up(database)
    store(database, "deals", {"deal_id": "e"})
    assert brought_up(database).tables["deals"].changes is not None
    with database.write() as connection:
        connection.execute("DELETE FROM deals WHERE deal_id = 'e'")
    assert brought_up(database).tables["deals"].changes is None
    assert_same(database)


def test_what_moves_and_comes_back_lies_where_it_did(database: Database) -> None:
    """An account under another parent, its deal and their rows go to another bucket, and return."""
    store(database, "accounts", *({"account_id": f"a{n}"} for n in range(9)))
    store(database, "deals", *({"deal_id": f"d{n}", "account_id": f"a{n}"} for n in range(9)))
    store(database, "deal_lines", *({"line_id": f"l{n}", "deal_id": f"d{n}"} for n in range(9)))
    moved = set()
    with small():
        count = brought_up(database).buckets
        before = by_bucket(database)
        for parent in ("a1", "a2", "a3", "a4", "a5", None):
            with database.write() as connection:
                connection.execute(
                    "UPDATE accounts SET parent_account_id = ? WHERE account_id = 'a0'", (parent,)
                )
            manifest = brought_up(database)
            assert manifest.base < manifest.revision
            followed = by_bucket(database)
            moved |= {
                number
                for number in range(count)
                if "l0" in followed["deal_lines", number]["line_id"]
            }
    assert len(moved) > 1
    assert followed.keys() == before.keys()
    for key, frame in followed.items():
        assert frame.equals(before[key], null_equal=True), key


def test_a_bucket_is_looked_up_for_every_row() -> None:
    """Once for rows of one deal that stand together; an empty cell has none."""
    known = pl.DataFrame({"deal_id": ["a", "b"], "by_deal": pl.Series([3, 5], dtype=pl.UInt32)})
    ids = pl.Series("deal_id", [None, "a", "a", None, None, "b", "x", "x", "b", "a", ""])
    found = looked_up(ids, known).to_list()
    assert found == [None, 3, 3, None, None, 5, None, None, 5, 3, None]
    assert not looked_up(ids.clear(), known).len()
