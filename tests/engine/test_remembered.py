"""Local facts of the last review: after any change they are those that a new review computes."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
import tempfile
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dealreview.engine import factfiles, ingredients, remembered
from dealreview.engine.config import Config
from dealreview.engine.factfiles import INDEX, damaged_facts
from dealreview.engine.factplan import needed_providers
from dealreview.engine.facts import View, compute_facts
from dealreview.engine.gate import Gate
from dealreview.engine.ingredients import Loaded
from dealreview.engine.limits import Limits
from dealreview.engine.onethread import on_this_thread
from dealreview.engine.remembered import Remembering, remembering
from dealreview.engine.run import Request, make_context, opened, review_database
from dealreview.model.outcome import Kind
from dealreview.reports.document import Options, json_document
from dealreview.store.schema import TABLES
from dealreview.store.snapshot import touched
from dealreview.store.snapshot.files import folder_of
from dealreview.testing import database_of
from dealreview.testing.strategies import Company, companies, company, many
from tests.engine.test_stored_buckets import AS_OF, SEEDS, made
from tests.store.snapshots import brought_up, damage, nobody, small
from tests.store.writers import write_anything
from tests.support.facts import in_files, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from dealreview.engine.facts import FactTables
    from dealreview.store.database import Database

OWNED = tuple(name for name, table in TABLES.items() if table.owner)
REQUEST = Request(AS_OF, Config(autoload=False), snapshot="auto")


@contextlib.contextmanager
def looking(database: Database) -> Iterator[tuple[Remembering, dict[str, Any]]]:
    """Give what is remembered of all local facts, and what is needed to compute them."""
    with opened(database, REQUEST) as (tables, registry):
        context = make_context(tables, REQUEST, nobody, registry)
        wanted = frozenset(
            (provider.on, fact.name)
            for provider in registry.providers
            for fact in provider.facts
            if provider.step == "local" and provider.on in {Kind.DEAL, Kind.ACCOUNT}
        )
        assert all(one.step == "local" for one in needed_providers(registry, wanted))
        views = [View(wanted), View(wanted, frozen_closed=False)]
        memory = remembering(registry, REQUEST.config, views, context.sights, context.setting)
        assert memory is not None
        rest = {"registry": registry, "views": views, "sights": context.sights}
        yield memory, rest | {"setting": context.setting}


def computed(database: Database) -> list[FactTables]:
    """Compute all local facts anew, and remember them."""
    return on_this_thread(partial(_computed, database))


def _computed(database: Database) -> list[FactTables]:
    forgetting = mock.patch.object(Remembering, "facts", return_value=None)
    with looking(database) as (memory, rest), forgetting:
        return compute_facts(**rest, memory=memory)


def recalled(database: Database) -> list[FactTables] | None:
    """Return all local facts as they are remembered and brought up to date."""
    with looking(database) as (memory, _rest):
        return on_this_thread(memory.facts)


def assert_same(found: list[FactTables], expected: list[FactTables]) -> None:
    """Check every fact of every deal and account."""
    for one, other in zip(found, expected, strict=True):
        for kind in (Kind.DEAL, Kind.ACCOUNT):
            assert_frame_equal(whole(one.tables[kind]), whole(other.tables[kind]))


def changed(seed: int, writes: list[tuple[int, int]], tables: tuple[str, ...] = OWNED) -> int:
    """Check what is remembered after each round of writing; return how often it could be used."""
    used = 0
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, seed)
        computed(database)
        for number, count in writes:
            write_anything(database, number, count, tables)
            if any(kept.unreadable for kept in brought_up(database).tables.values()):
                # Cells that can't be read are counted anew by every review: nothing is remembered.
                return used
            found, expected = recalled(database), computed(database)
            if found is not None:
                used += 1
                assert_same(found, expected)
    return used


def brought_up_after(query: str) -> bool:
    """Check what is remembered after a statement; return whether it could be used."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        with database.write() as connection:
            connection.execute(query)
        found = recalled(database)
        if found is not None:
            assert_same(found, computed(database))
        return found is not None


@pytest.mark.slow
@given(SEEDS, st.lists(st.tuples(SEEDS, st.integers(1, 4)), min_size=1, max_size=2))
@many(2)
def test_what_is_remembered_is_what_would_be_computed(
    seed: int, writes: list[tuple[int, int]]
) -> None:
    """However accounts hang together, and whatever is written between two reviews."""
    changed(seed, writes)


@pytest.mark.parametrize("place", [nullcontext, in_files], ids=["at hand", "in files"])
@pytest.mark.parametrize("most", [0, 99])
def test_changes_of_several_reviews(
    most: float, place: Callable[[], AbstractContextManager[None]]
) -> None:
    """Few changed facts lie beside the others, many take their place: both are read as computed anew."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4), place():
        database = made(folder, 1)
        computed(database)
        with mock.patch.object(remembered, "MOST_BESIDE", most):
            for change in CHANGES:
                with database.write() as connection:
                    connection.execute(change)
                with looking(database) as (memory, rest):
                    expected = compute_facts(**rest)
                    for found in (memory.facts(), memory.facts()):
                        assert found is not None, change
                        assert_same(found, expected)
        index = json.loads((folder_of(database.path) / INDEX).read_bytes())
        assert len(index["changes"]) == (2 if most else 0)


CHANGES = (
    "UPDATE deals SET amount_minor = amount_minor + 1 WHERE deal_id < 'd2'",
    "DELETE FROM stakeholders WHERE contact_id < 'c5'",
    """INSERT INTO deals (deal_id, account_id, created_on)
    SELECT deal_id || 'x', account_id, created_on FROM deals ORDER BY deal_id LIMIT 1""",
    "UPDATE deals SET amount_minor = amount_minor + 1 WHERE deal_id < 'd2'",
    "DELETE FROM deals WHERE deal_id LIKE '%x'",
    "DELETE FROM deals WHERE deal_id IN (SELECT min(deal_id) FROM deals)",
)


@pytest.mark.slow
def test_it_is_used_after_most_changes() -> None:
    """A change of rows that belong to somebody does not make everything be computed."""
    assert changed(1, [(3, 2), (4, 2)]) >= 1


def test_a_row_that_is_gone_touches_whom_it_belonged_to() -> None:
    """Only the change log still knows whose it was."""
    assert brought_up_after("DELETE FROM stakeholders WHERE contact_id < 'c5'")


def verdicts(database: Database, snapshot: str) -> str:
    """Return the document of a review with every verdict."""
    review = review_database(database, evolve(REQUEST, snapshot=snapshot))
    return "".join(json_document(review, Options(True, Gate(None, None), 0)))


def judged_again(rows: Company, writes: list[tuple[int, int]]) -> int:
    """Check the verdicts after each round of writing; return how often facts were brought up to date."""
    used: list[object] = []
    bringing = Remembering._brought_up

    def brought_up(*given: Any) -> list[FactTables]:
        used.append(bringing(*given))
        return used[-1]  # type: ignore[return-value]

    with (
        tempfile.TemporaryDirectory() as folder,
        small(),
        mock.patch.object(Remembering, "_brought_up", brought_up),
    ):
        database = database_of(rows, Path(folder) / "a.db")
        for number, count in [(0, 0), *writes]:
            write_anything(database, number, count, OWNED)
            assert verdicts(database, "auto") == verdicts(database, "off")
    return len(used)


@pytest.mark.slow
@given(companies("sane"), st.lists(st.tuples(SEEDS, st.integers(1, 3)), min_size=2, max_size=2))
@many(2)
def test_reviews_after_changes_say_what_new_ones_say(
    rows: Company, writes: list[tuple[int, int]]
) -> None:
    """Every verdict of every subject, whatever is written between two reviews."""
    judged_again(rows, writes)


@pytest.mark.parametrize("place", [nullcontext, in_files], ids=["at hand", "in files"])
def test_such_a_review_computes_what_changed_and_no_more(
    place: Callable[[], AbstractContextManager[None]],
) -> None:
    """Otherwise the comparison above would be one of two reviews that compute everything."""
    with place():
        assert judged_again(company(5, "sane"), [(2, 1), (4, 1)]) == 2


@pytest.mark.slow
def test_accounts_that_are_left_out_are_noticed() -> None:
    """Left out on purpose, what a changed contact leads to makes the comparison above fail."""

    def differs(seed: int) -> bool:
        try:
            changed(seed, [(seed, 6)], ("contacts",))
        except AssertionError:
            return True
        return False

    with mock.patch.object(touched, "led_to", return_value=(set(), set())):
        assert any(map(differs, range(1, 14)))


def test_another_date_computes_everything_anew() -> None:
    """So do another setting and a file of a pack that was written since."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        assert recalled(database) is not None
        with mock.patch.object(
            ingredients, "code_of", return_value=Loaded([], [["other.py", 1, 1]])
        ):
            assert recalled(database) is None
        with database.write() as connection:
            connection.execute("INSERT INTO people (person_id) VALUES ('new')")
        assert recalled(database) is None


def test_what_cant_be_compared_is_not_remembered() -> None:
    """Packs in processes of their own, tables of packs and unreadable cells each forbid it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        small(deals=4),
        looking(made(folder, 1)) as (memory, rest),
    ):
        tables = memory.tables
        kept = tables.manifest.tables
        lost = {**kept, "deals": evolve(kept["deals"], unreadable=("amount_minor",))}

        def is_remembered(config: Config = REQUEST.config, own: Any = ()) -> bool:
            now = rest | {"registry": evolve(memory.registry, own=own)}
            return remembering(config=config, **now) is not None

        assert is_remembered()
        assert not is_remembered(evolve(REQUEST.config, isolated={"acme": Limits()}))
        assert not is_remembered(own=("tables of acme",))
        with mock.patch.object(tables, "manifest", evolve(tables.manifest, tables=lost)):
            assert not is_remembered()


@pytest.mark.parametrize("text", ["[]", "null", '"key"', '["key"]', "{}", '{"format": 2}'])
def test_an_index_that_is_none_is_damaged(text: str) -> None:
    """Also where it is JSON; the next review puts its own in its place."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        place = folder_of(database.path)
        (place / INDEX).write_text(text)
        assert damaged_facts(place) == [f"{INDEX} can't be read."]
        assert recalled(database) is None
        computed(database)
        assert recalled(database) is not None


def test_the_index_of_another_version_is_nobodys() -> None:
    """It is not damaged, and what it names goes with the next review."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        place = folder_of(database.path)
        index = json.loads((place / INDEX).read_bytes())
        before = set(place.glob("facts-*.arrow"))
        (place / INDEX).write_text(json.dumps({k: v for k, v in index.items() if k != "format"}))
        assert damaged_facts(place) == []
        assert recalled(database) is None
        computed(database)
        assert before.isdisjoint(place.glob("facts-*.arrow"))


@pytest.mark.parametrize("harm", ["cut", "gone", "written", INDEX])
def test_what_is_damaged_is_computed_anew(harm: str) -> None:
    """A file that is cut, gone or written since costs time; so does an index that can't be read."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        damage(folder_of(database.path), harm)
        assert recalled(database) is None
        computed(database)
        assert recalled(database) is not None


def test_two_reviews_at_once_leave_what_one_of_them_has_found() -> None:
    """Neither takes away what the other one is writing: what is left is whole, and all that is left."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        begun: list[bool] = []
        writing = remembered.write_facts

        def write(*given: Any) -> dict[str, Any]:
            if not begun:
                begun.append(True)
                found = writing(*given)
                # Another one begins and ends while this one is half way.
                computed(database)
                return found
            return writing(*given)

        with mock.patch.object(remembered, "write_facts", write):
            expected = computed(database)
        place = folder_of(database.path)
        index = json.loads((place / INDEX).read_bytes())
        named = {file.name for file in factfiles._files_of(index)}
        assert damaged_facts(place) == []
        assert {path.name for path in place.glob("facts-*.arrow")} == named
        found = recalled(database)
        assert found is not None
        assert_same(found, expected)


@pytest.mark.parametrize("edits", [1, 99])
def test_who_is_overtaken_leaves_what_is_newer(edits: int) -> None:
    """Facts of an earlier state, some of them or all, do not take the place of later ones."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        held: list[tuple[Any, ...]] = []
        with database.write() as connection:
            connection.execute(CHANGES[1])
        with (
            looking(database) as (memory, _rest),
            mock.patch.object(remembered, "MOST_BESIDE", edits),
        ):
            slow = evolve(memory, later=lambda *call: held.append(call))
            assert slow.facts() is not None
        with database.write() as connection:
            connection.execute(CHANGES[2])
        expected = computed(database)
        for function, *given in held:
            function(*given)
        assert held
        assert damaged_facts(folder_of(database.path)) == []
        with mock.patch.object(Remembering, "_brought_up", side_effect=AssertionError):
            found = recalled(database)
        assert found is not None
        assert_same(found, expected)


def test_code_that_a_provider_imports_while_it_runs_counts(tmp_path: Path) -> None:
    """Another process has not loaded it yet, nor has one that brings facts up to date."""
    helper = ModuleType("acme_helper")
    helper.__file__ = str(tmp_path / "acme_helper.py")
    (tmp_path / "acme_helper.py").write_text("NUMBER = 1")
    with small(deals=4):
        database = made(str(tmp_path), 1)
        with (
            looking(database) as (memory, rest),
            mock.patch.dict(sys.modules, {"acme_helper": helper}),
        ):
            compute_facts(**rest, memory=memory)
        assert recalled(database) is not None
        with database.write() as connection:
            connection.execute(CHANGES[1])
        assert recalled(database) is not None
        (tmp_path / "acme_helper.py").write_text("NUMBER = 42")
        assert recalled(database) is None


def test_facts_are_handed_over_before_checks_are_asked() -> None:
    """Whoever keeps them beside other work has the time in which subjects are judged for it."""
    told: list[str] = []
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        review_database(
            made(folder, 1),
            REQUEST,
            tell=told.append,
            afterwards=lambda function, *_: told.append(function.__name__),
        )
    before = told.index("_put_down")
    assert told[before - 1] == "Computing facts"
    assert told[before + 1].startswith("Judging")


def test_what_is_called_beside_harms_nobody() -> None:
    """What it raises is told at the end, a library that gives up included; the others are called."""

    class PanicException(BaseException):
        """As Polars raises where it gives up."""

    said, done = list[str](), list[int]()

    def fail(error: BaseException) -> None:
        raise error

    with remembered.beside(said.append) as later:
        later(fail, MemoryError("none left"))
        later(fail, PanicException("gave up"))
        later(done.append, 1)
    assert done == [1]
    assert [sentence.rpartition("failed: ")[2] for sentence in said] == [
        "MemoryError: none left.",
        "PanicException: gave up.",
    ]


def test_flipped_bytes_never_raise() -> None:
    """Where size and time of a file are those that were written: verifying finds each one."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        place = folder_of(database.path)
        assert damaged_facts(place) == []
        with looking(database) as (memory, _rest):
            for file in (next(place.glob(f"facts-*-{kind}.arrow")) for kind in ("deal", "parents")):
                status, content = file.stat(), file.read_bytes()
                step = max(len(content) // 60, 1)
                for at in (*range(min(len(content), 12)), *range(0, len(content), step)):
                    file.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
                    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
                    memory.facts()
                    assert damaged_facts(place) == [f"{file.name} is not what was written."]
                file.write_bytes(content)
        (place / INDEX).write_text('{"files": 1}')
        assert damaged_facts(place) == [f"{INDEX} can't be read."]


def test_a_library_that_gives_up_costs_time_only() -> None:
    """It raises what is no Exception; an interruption by the user still ends the review."""

    class PanicException(BaseException):
        pass

    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        with looking(database) as (memory, _rest):
            with mock.patch.object(remembered, "part_of", side_effect=PanicException):
                assert memory.facts() is None
            with (
                mock.patch.object(remembered, "part_of", side_effect=KeyboardInterrupt),
                pytest.raises(KeyboardInterrupt),
            ):
                memory.facts()


def test_the_day_of_a_deal_touches_whoever_sees_rows_of_it() -> None:
    """A call of an account that names somebody else's deal is seen as of the day of that deal."""
    assert brought_up_after("UPDATE deals SET closed_on = '2025-02-01' WHERE deal_id < 'd3'")


TAKING = {
    "an insert": """INSERT OR REPLACE INTO {table} ({key}, {owner})
    SELECT {key}, (SELECT max({owner}) FROM {table}) FROM {table} WHERE {key} = '{first}'""",
    "an update": """UPDATE OR REPLACE {table} SET {key} = '{first}'
    WHERE {key} = (SELECT max({key}) FROM {table} WHERE {owner} <> '{owned_by}')""",
}
"""Ways in which a row goes without a word, as another one takes its key."""


@pytest.mark.parametrize("how", TAKING)
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(
    ("table", "owner"),
    [
        ("deals", "account_id"),
        ("activities", "deal_id"),
        ("value_items", "deal_id"),
    ],
)
def test_a_row_in_the_place_of_another_one_touches_whom_that_belonged_to(
    table: str, owner: str, before: bool, how: str
) -> None:
    """Without triggers that see it go, the snapshot or an earlier line of the log knows whose it was."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        computed(database)
        key = TABLES[table].key[0]
        with closing(sqlite3.connect(database.path)) as connection:
            rows = f"SELECT {key}, {owner} FROM {table} WHERE {owner} IS NOT NULL ORDER BY {key}"
            (first, owned_by), *rest = connection.execute(rows).fetchall()
            if before:
                # Neither the parts nor what follows has this owner.
                owned_by = next(other for _, other in rest if other != owned_by)
                with connection:
                    move = f"UPDATE {table} SET {owner} = ? WHERE {key} = ?"
                    connection.execute(move, (owned_by, first))
                assert recalled(database) is not None
            with connection:
                given = {"table": table, "key": key, "owner": owner, "first": first}
                connection.execute(TAKING[how].format(**given, owned_by=owned_by))
        found = recalled(database)
        assert found is not None
        assert_same(found, computed(database))


def test_a_pair_in_the_place_of_another_one_touches_both() -> None:
    """A key of several parts is taken by an update as one of a single part is."""
    assert brought_up_after("""
        UPDATE OR REPLACE stakeholders SET (deal_id, contact_id) =
        (SELECT max(deal_id), max(contact_id) FROM stakeholders
        WHERE deal_id = (SELECT max(deal_id) FROM stakeholders))
        WHERE deal_id = (SELECT min(deal_id) FROM stakeholders)
    """)


def test_a_statement_of_nobody_in_particular_that_lost_its_key_touches_everybody() -> None:
    """Whose it was does not stand in the parts as an account or a deal."""
    with tempfile.TemporaryDirectory() as folder, small(deals=4):
        database = made(folder, 1)
        insert = "INSERT INTO loss_statements (statement_id, subject, subject_id) VALUES (?, ?, ?)"
        with database.write() as connection:
            subjects = [("s1", None, None), ("s2", "deal", "d1")]
            connection.executemany(insert, subjects)
        computed(database)
        with closing(sqlite3.connect(database.path)) as connection, connection:
            connection.execute(
                "UPDATE OR REPLACE loss_statements SET statement_id = 's1' WHERE statement_id = 's2'"
            )
        assert recalled(database) is None
