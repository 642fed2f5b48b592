"""One deal with local facts that the last review has left: judged as it is without them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dealreview.engine import factparts, ingredients, recalled, run
from dealreview.engine.config import Config
from dealreview.engine.factfiles import INDEX, FactsFile, write_facts
from dealreview.engine.factparts import FramePart, packs
from dealreview.engine.factplan import add_facts
from dealreview.engine.ingredients import Loaded
from dealreview.engine.now import opened_now
from dealreview.engine.recalled import Recalled
from dealreview.engine.records import save_review
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Kind
from dealreview.store.schema import TABLES
from dealreview.store.snapshot import touched
from dealreview.store.snapshot.files import MANIFEST, folder_of
from dealreview.testing import database_of
from dealreview.testing.strategies import AS_OF, POOLS, company, many
from tests.engine.test_now import judged_alone, put_over, subjects_of
from tests.store.snapshots import brought_up, damage, small
from tests.store.writers import write_anything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.checks.facts import Provider
    from dealreview.engine.now import Now
    from dealreview.store.database import Database
    from dealreview.store.family import Family
    from dealreview.testing.companies import Rows

OFF = Request(AS_OF, Config(), modules=("tests.engine.afterclose",))
AUTO = evolve(OFF, snapshot="auto")
OWNED = tuple(name for name, table in TABLES.items() if table.owner)
SEEDS = st.integers(0, 2**32)
MANY = {
    name: [f"{POOLS[name][0][:-1]}{n}" for n in range(count)]
    for name, count in (("accounts", 9), ("contacts", 14), ("deals", 16), ("activities", 24))
}
"""Ids of a company whose accounts are mostly families of their own."""


def islands(seed: int) -> Rows:
    """Return a company of several families, whose calls and contacts go across here and there."""
    with mock.patch.dict(POOLS, MANY):
        rows = company(seed, "sane")
    random = Random(seed)
    for row in rows["accounts"]:
        if random.random() < 0.8:
            row["parent_account_id"] = None
    near = dict(zip(MANY["deals"], MANY["accounts"] * 2, strict=False))
    for row in (*rows["deals"], *rows["activities"], *rows["time_entries"]):
        # Most rows name an account and a deal of it.
        if random.random() < 0.9:
            row["account_id"] = near.get(row.get("deal_id"), row.get("account_id"))
    return rows


@contextmanager
def reviewed(rows: Rows, request: Request = AUTO) -> Iterator[Database]:
    """Give a database with a stored review, that has left its facts."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = database_of(rows, Path(folder) / "a.db")
        review_again(database, request)
        yield database


def review_again(database: Database, request: Request = AUTO) -> None:
    """Store another review."""
    save_review(database, review_database(database, request))


@contextmanager
def counted() -> Iterator[list[str]]:
    """Give the names of providers that compute, as they do."""
    asked: list[str] = []

    def count(provider: Provider, *given: Any) -> None:
        asked.append(provider.name)
        add_facts(provider, *given)

    with mock.patch("dealreview.engine.known.add_facts", count):
        yield asked


def first_looks(database: Database, now: Now, *, every: int = 1) -> int:
    """Look at everybody, or every so many, for the first time; return how many needed nothing computed."""
    found = 0
    for kind, subject_id in subjects_of(database)[::every]:
        with mock.patch("dealreview.engine.now.FAMILIES_AT_HAND", 0), counted() as asked:
            said = judged_alone(now, kind, subject_id)
        found += bool(said[1]) and not asked
    return found


def recalled_in(database: Database, *, every: int = 1) -> int:
    """Return of how many subjects nothing is computed by a process that begins now."""
    with opened_now(database, AUTO) as now:
        return first_looks(database, now, every=every)


def compared(database: Database, plain: Now, now: Now, *, every: int = 1) -> None:
    """Check everything that is said of everybody, or of every so many, against what is computed."""
    for kind, subject_id in subjects_of(database)[::every]:
        with mock.patch("dealreview.engine.now.FAMILIES_AT_HAND", 0):
            expected = judged_alone(plain, kind, subject_id)
        assert judged_alone(now, kind, subject_id) == expected


@given(SEEDS, st.lists(st.tuples(SEEDS, st.integers(1, 3), st.booleans()), min_size=1, max_size=3))
@many(3)
def test_whatever_was_written_facts_that_were_left_say_what_computed_ones_say(
    seed: int, writes: list[tuple[int, int, bool]]
) -> None:
    """Every card and header, between writes and other reviews, at first looks and at later ones."""
    with (
        reviewed(islands(seed)) as database,
        opened_now(database, OFF) as plain,
        opened_now(database, AUTO) as now,
        mock.patch("dealreview.engine.now.FAMILIES_AT_HAND", 3),
    ):
        for number, count, is_reviewed in [(0, 0, False), *writes]:
            write_anything(database, number, count, OWNED if number % 4 else tuple(TABLES))
            if is_reviewed:
                review_again(database)
            compared(database, plain, now)


def test_nothing_is_computed_that_was_left() -> None:
    """Of everybody at first looks, whatever was asked for before; without a snapshot everything is."""
    with reviewed(islands(1)) as database:
        subjects = len(subjects_of(database))
        assert recalled_in(database) > subjects / 2
        with opened_now(database, OFF) as now:
            assert first_looks(database, now) == 0


def test_only_whom_an_edit_touches_is_computed() -> None:
    """The others are still as the review left them; and so is who was touched, after another review."""
    with reviewed(islands(3)) as database, opened_now(database, AUTO) as now:
        before = first_looks(database, now)
        with database.write() as connection:
            connection.execute(EDIT)
        after = first_looks(database, now)
        assert 0 < after < before
        review_again(database)
        assert first_looks(database, now) == before


EDIT = "UPDATE deals SET amount_minor = 4711 WHERE deal_id IN (SELECT min(deal_id) FROM deals)"


def test_a_second_look_computes_what_an_edit_touches_and_no_more() -> None:
    """What was left is known from then on as if it had been computed."""
    with reviewed(islands(3)) as database, opened_now(database, AUTO) as now, counted() as asked:
        with database.read() as connection:
            (deal,) = connection.execute("SELECT min(deal_id) FROM deals").fetchone()
        now.review(Kind.DEAL, deal)
        assert not asked
        with database.write() as connection:
            connection.execute(EDIT)
        now.review(Kind.DEAL, deal)
        with opened_now(database, OFF) as plain:
            again = len(asked)
            plain.review(Kind.DEAL, deal)
        assert 0 < again < (len(asked) - again) / 2


def test_other_questions_are_not_answered_by_what_was_left() -> None:
    """Facts of another day, under other settings or by other code are computed."""
    with reviewed(islands(1)) as database:
        later = evolve(AUTO, as_of=AS_OF + dt.timedelta(days=1))
        organisation = evolve(AUTO.config.organisation, max_rate_age_days=3)
        for other in (
            later,
            evolve(AUTO, config=evolve(AUTO.config, organisation=organisation)),
            evolve(AUTO, modules=()),
        ):
            save_review(database, review_database(database, evolve(other, snapshot="off")))
            with opened_now(database, other) as now:
                assert first_looks(database, now, every=4) == 0
        strange = Loaded([["python", "4"]], [])
        with mock.patch.object(recalled, "code_of", return_value=strange):
            assert recalled_in(database, every=4) == 0
        assert recalled_in(database, every=4) > 0


def test_code_that_only_this_process_has_loaded_does_no_harm() -> None:
    """A service has loaded more than the command that reviews at night; what that has loaded must be here."""
    with reviewed(islands(1)) as database:
        found = ingredients.code_of(run.registry_for(AUTO.config, modules=AUTO.modules))
        assert found is not None
        for others, is_recalled in (
            ([*found.others, ["/srv/service.py", 1, 1]], True),
            (found.others[1:], False),
        ):
            loaded = Loaded(found.packs, others)
            with mock.patch.object(recalled, "code_of", return_value=loaded):
                assert bool(recalled_in(database, every=4)) == is_recalled


@pytest.mark.parametrize("harm", ["cut", "gone", "written", INDEX, MANIFEST, "all"])
def test_what_is_damaged_is_computed(harm: str) -> None:
    """Also while it is looked at; and is taken from files again once these are whole."""
    with (
        reviewed(islands(1)) as database,
        opened_now(database, OFF) as plain,
        opened_now(database, AUTO) as now,
        mock.patch("dealreview.engine.now.FAMILIES_AT_HAND", 0),
    ):
        folder = folder_of(database.path)
        compared(database, plain, now, every=4)
        if harm == "all":
            shutil.rmtree(folder)
        else:
            damage(folder, harm)
        compared(database, plain, now, every=4)
        assert first_looks(database, now, every=4) == 0
        review_again(database)
        assert first_looks(database, now, every=4) > 0


def test_what_a_review_leaves_after_a_transaction_began_is_taken_by_the_next_one() -> None:
    """Its snapshot is newer than what the transaction sees, and no reason to look no more."""
    with reviewed(islands(1)) as database, opened_now(database, AUTO) as now:
        looking = Recalled.of

        def late(found: Recalled, connection: sqlite3.Connection, family: Family) -> Any:
            if not late_by:
                late_by.append(1)
                with database.write() as other:
                    other.execute(EDIT)
                review_database(database, AUTO)
            return looking(found, connection, family)

        late_by: list[int] = []
        with mock.patch.object(Recalled, "of", late):
            kind, subject_id = subjects_of(database)[0]
            now.review(kind, subject_id)
            assert first_looks(database, now, every=4) > 0


def test_a_file_that_another_review_takes_away_is_computed() -> None:
    """It is gone between a look at the index and reading it."""
    with reviewed(islands(1)) as database, opened_now(database, AUTO) as now:
        first_looks(database, now, every=4)
        reading = FactsFile.rows

        def lost(file: FactsFile, places: list[int]) -> Any:
            (file.folder / file.given["name"]).unlink(missing_ok=True)
            return reading(file, places)

        with mock.patch.object(FactsFile, "rows", lost):
            assert first_looks(database, now, every=4) == 0


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_a_row_that_went_without_a_word_touches_whom_it_belonged_to(recursive: str) -> None:
    """Also where the snapshot is older than the row that took its key, which only its parts still have."""
    with (
        reviewed(islands(3)) as database,
        opened_now(database, OFF) as plain,
        opened_now(database, AUTO) as now,
        closing(sqlite3.connect(database.path, isolation_level=None)) as connection,
        mock.patch("dealreview.engine.now.FAMILIES_AT_HAND", 0),
    ):
        connection.execute(f"PRAGMA recursive_triggers = {recursive}")
        some = connection.execute(
            "SELECT activity_id, deal_id FROM activities WHERE deal_id IS NOT NULL LIMIT 3"
        ).fetchall()
        deals = [one for (one,) in connection.execute("SELECT deal_id FROM deals")]
        for number, (activity, deal) in enumerate(some):
            other = next(one for one in deals[number % len(deals) :] + deals if one != deal)
            connection.execute(
                "INSERT OR REPLACE INTO activities (activity_id, deal_id, kind) VALUES (?, ?, 'call')",
                (activity, other),
            )
            compared(database, plain, now, every=2)


@pytest.mark.parametrize("is_reviewed", [True, False])
def test_what_was_left_of_a_past_that_is_gone_is_not_taken(is_reviewed: bool) -> None:
    """A copy of the file is put back and edited up to the same revision, also under an open process."""
    other = EDIT.replace("min(", "max(")
    with (
        reviewed(islands(3)) as database,
        opened_now(database, AUTO) as now,
        closing(sqlite3.connect(database.path, isolation_level=None)) as connection,
    ):
        copy = database.path.with_name("copy.db")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(database.path, copy)
        connection.execute(EDIT)
        if is_reviewed:
            review_again(database)
        assert first_looks(database, now) > 0
        now.tables.connection.rollback()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        put_over(copy, database.path)
        connection.execute(other)
        assert bool(recalled_in(database)) is not is_reviewed
        with opened_now(database, OFF) as expected, opened_now(database, AUTO) as begun:
            compared(database, expected, now, every=2)
            compared(database, expected, begun, every=2)


@pytest.mark.parametrize("is_built", [True, False])
def test_a_row_that_went_after_the_log_was_emptied_touches_everybody(is_built: bool) -> None:
    """Whose it was stood only there: in a line before the review. Also where the snapshot is fresh."""
    moved = "UPDATE activities SET deal_id = 'd10', account_id = NULL WHERE activity_id = 'act16'"
    taken = "INSERT OR REPLACE INTO activities (activity_id, deal_id, kind) VALUES ('act16', 'd11', 'call')"
    with (
        reviewed(islands(3)) as database,
        closing(sqlite3.connect(database.path, isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA recursive_triggers = OFF")
        connection.execute(moved)
        review_again(database)
        (before,) = connection.execute("SELECT max(seq) FROM change_log").fetchone()
        connection.execute(taken)
        if is_built:
            brought_up(database)
        connection.execute("DELETE FROM change_log WHERE seq <= ?", (before,))
        with opened_now(database, OFF) as plain, opened_now(database, AUTO) as now:
            compared(database, plain, now)
        plain_review, review = (review_database(database, one) for one in (OFF, AUTO))
        for kind, subject_id in subjects_of(database):
            if subject_id in review.kinds[kind].rows:
                card = review.scorecard(kind, subject_id)
                assert repr(card) == repr(plain_review.scorecard(kind, subject_id))


def test_facts_of_a_later_state_than_the_snapshot_are_not_taken() -> None:
    """No mark proves that the database has ever been in that state."""
    with reviewed(islands(1)) as database:
        assert recalled_in(database, every=4) > 0
        path = folder_of(database.path) / INDEX
        index = json.loads(path.read_bytes())
        path.write_text(json.dumps(index | {"revision": index["revision"] + 1}))
        with database.write() as connection:
            connection.execute(EDIT)
        assert recalled_in(database, every=4) == 0


def test_many_keys_are_not_looked_through() -> None:
    """Reading them would take longer than computing; what touches nobody's key needs it not."""
    with reviewed(islands(3)) as database, opened_now(database, AUTO) as now:
        with mock.patch.object(touched, "MOST_KEYS", 0), database.write() as connection:
            connection.execute("DELETE FROM activities WHERE activity_id = 'none'")
            connection.execute(EDIT)
        with mock.patch.object(touched, "MOST_KEYS", 0):
            assert first_looks(database, now) > 0
            with database.write() as connection:
                connection.execute("INSERT INTO activities (activity_id) VALUES ('new')")
            assert first_looks(database, now) == 0


def test_who_lies_too_far_apart_is_computed() -> None:
    """A family with rows in very many packs is computed faster than read."""
    with reviewed(islands(1)) as database, mock.patch.object(recalled, "MOST_PACKS", 0):
        assert recalled_in(database, every=4) == 0


@given(st.lists(st.text(max_size=3), unique=True), st.sets(st.text(max_size=3)), st.integers(1, 5))
def test_rows_are_found_by_id(ids: list[str], others: set[str], rows: int) -> None:
    """Whatever is asked for, those are given that are there, in order, from whichever pack."""
    ids, asked = sorted(ids), {*ids[::2], *others}
    frame = pl.DataFrame({"id": ids, "n": range(len(ids))}, schema={"id": pl.String, "n": pl.Int64})
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(factparts, "ROWS_AT_ONCE", rows),
    ):
        file = FactsFile(Path(folder), write_facts(Path(folder), "x", FramePart(frame)))
        places = file.places(list(asked))
        assert_frame_equal(file.rows(places), frame.filter(pl.col("id").is_in(asked)))
        assert len(packs(places)) <= len(places)


def test_only_the_packs_of_rows_that_are_asked_for_are_read() -> None:
    """However large a file is, so that one deal of a million takes no longer than one of a thousand."""
    assert packs([]) == []
    assert packs([0, 1, 1023, 1024, 9000]) == [[0, 1, 1023], [1024], [9000]]
