"""One deal as the data stand: the same as in a review of everybody, but for what only that can know."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine import run
from dealreview.engine.config import Config
from dealreview.engine.factplan import add_facts
from dealreview.engine.now import opened_now
from dealreview.engine.records import save_review
from dealreview.engine.run import Request, review_database
from dealreview.model.errors import NothingSelected, StoreError
from dealreview.model.outcome import Kind
from dealreview.testing import database_of
from dealreview.testing.strategies import AS_OF, companies, company, many
from tests.store.writers import write_anything

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.checks.facts import Provider
    from dealreview.engine.now import Now
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import BenchmarksFrom, Review
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.store.database import Database
    from dealreview.testing.companies import Rows

REQUEST = Request(AS_OF, Config())


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return what is loaded by default."""
    return run.registry_for(Config())


def stored(rows: Rows, folder: str, request: Request = REQUEST) -> tuple[Database, Review]:
    """Return a database with a review, and the review."""
    database = database_of(rows, Path(folder) / "a.db")
    review = review_database(database, request)
    return database, evolve(review, run_number=save_review(database, review))


def said(card: Scorecard) -> dict[str, Verdict]:
    """Return the verdicts of a card by check."""
    return {verdict.check: verdict for verdict in card.verdicts}


def local_checks(review: Review, registry: Registry) -> set[str]:
    """Return the checks of deals that read nothing of the organisation."""
    return {
        check
        for check, reads in run_reads(review, registry).items()
        if all(registry.provider_of(Kind.DEAL, name).step == "local" for name in reads)
    }


def run_reads(review: Review, registry: Registry) -> dict[str, set[str]]:
    """Return the facts that each check reads of deals, those that only shape messages included."""
    from dealreview.engine.evaluation import inputs_of_check

    return {
        result.check.id: {
            *inputs_of_check(result.check, result.groups),
        }
        & set(registry.facts[Kind.DEAL])
        for result in review.kinds[Kind.DEAL].results
    }


@many(8)
@given(companies())
def test_an_unchanged_deal_is_judged_as_in_the_review(rows: Rows) -> None:
    """Verdict by verdict and figure by figure: score, message, evidence, points and money."""
    with tempfile.TemporaryDirectory() as folder:
        database, review = stored(rows, folder)
        with opened_now(database, REQUEST) as now:
            for kind in (Kind.DEAL, Kind.ACCOUNT):
                for subject_id in review.kinds[kind].rows:
                    card = now.review(kind, subject_id).scorecard(kind, subject_id)
                    expected = review.scorecard(kind, subject_id)
                    assert said(card) == said(expected)
                    assert evolve(card, context=()) == evolve(expected, context=())


@many(6)
@given(companies("sane", "mixed"), st.lists(st.integers(0, 2**32), min_size=1, max_size=3))
def test_an_edited_deal_is_judged_as_a_review_would(rows: Rows, seeds: list[int]) -> None:
    """Whatever anybody writes, checks that read local facts say what a review of everybody says."""
    with tempfile.TemporaryDirectory() as folder:
        database, _ = stored(rows, folder)
        registry = run.registry_for(Config())
        with opened_now(database, REQUEST) as now:
            for seed in seeds:
                write_anything(database, seed, 4)
                review = review_database(database, REQUEST)
                alone = local_checks(review, registry)
                if review.header.reporting_currency != said_currency(database):
                    continue
                for deal in review.kinds[Kind.DEAL].rows:
                    expected = said(review.scorecard(Kind.DEAL, deal))
                    found = said(now.review(Kind.DEAL, deal).scorecard(Kind.DEAL, deal))
                    assert found.keys() == expected.keys()
                    assert judged(found, alone) == judged(expected, alone)


def judged(verdicts: dict[str, Verdict], checks: Iterable[str]) -> dict[str, Any]:
    """Return what some checks said, without points, which the other checks share in."""
    return {
        check: evolve(verdicts[check], points_lost=None, points_open=None)
        for check in checks
        if check in verdicts
    }


def said_currency(database: Database) -> str:
    """Return the reporting currency of the stored review."""
    from dealreview.store.runs import list_runs

    with database.read() as connection:
        return str(list_runs(connection)[0].header["reporting_currency"])


# --- what a process that goes on sees ------------------------------------------------------------

DEAL = {
    "deal_id": "new",
    "account_id": "a1",
    "stage_id": "proposal",
    "created_on": "2025-05-01",
    "expected_close_on": "2025-06-30",
    "amount_minor": 100,
    "currency": "EUR",
}


def source_of(now: Now, deal: str) -> BenchmarksFrom:
    """Return whose benchmarks a deal is held against."""
    source = now.review(Kind.DEAL, deal).benchmarks_from
    assert source is not None
    return source


def put(database: Database, table: str, **row: Any) -> None:
    """Write a row in the place of the one with its key."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    with database.write() as connection:
        query = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"
        connection.execute(query, list(row.values()))


def test_a_new_deal_lacks_benchmarks_and_that_is_said(tmp_path: Path) -> None:
    """What depends on the benchmarks of a deal that no review has seen is not decided."""
    database, _ = stored(company(1, "sane"), str(tmp_path))
    with opened_now(database, REQUEST) as now:
        put(database, "deals", **DEAL)
        review = now.review(Kind.DEAL, "new")
        source = review.benchmarks_from
        assert source is not None
        assert source.is_older
        assert "deal:new" in source.strangers
        assert "deal:new not in the review of 16 May 2025" in source.told
        card = review.scorecard(Kind.DEAL, "new")
        benchmarks = review.kinds[Kind.DEAL].benchmarks[0]
        assert benchmarks
        assert not any(card.facts[name] for name in benchmarks)
        facts = review.kinds[Kind.DEAL].facts
        cells = {facts[name].origin or name for name in benchmarks}
        assert cells & {name for one in card.verdicts for name in one.missing}


def test_a_later_review_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    """Its benchmarks are those of the next call, and only the newest of the same checks are kept."""
    database, _ = stored(company(1, "sane"), str(tmp_path))
    with opened_now(database, REQUEST) as now:
        put(database, "deals", **DEAL)
        assert source_of(now, "new").run == 1
        number = save_review(database, review_database(database, REQUEST))
        source = source_of(now, "new")
        assert (source.run, source.is_older, source.strangers) == (number, False, ())
    with database.read() as connection:
        kept = connection.execute("SELECT DISTINCT run FROM run_benchmarks").fetchall()
    assert kept == [(number,)]


def test_a_look_back_leaves_the_benchmarks_of_later_days(tmp_path: Path) -> None:
    """Whoever reviews a day that is past does not disturb those who look at today."""
    database, _ = stored(company(1, "sane"), str(tmp_path))
    earlier = evolve(REQUEST, as_of=AS_OF - dt.timedelta(days=30))
    save_review(database, review_database(database, earlier))
    with database.read() as connection:
        kept = connection.execute("SELECT DISTINCT run FROM run_benchmarks ORDER BY 1").fetchall()
    assert kept == [(1,), (2,)]


def test_no_review_is_taken_from_the_future(tmp_path: Path) -> None:
    """Benchmarks of a later day than the one that is looked at are not used."""
    database, review = stored(company(1, "sane"), str(tmp_path))
    deal = next(iter(review.kinds[Kind.DEAL].rows))
    with (
        opened_now(database, REQUEST) as now,
        pytest.raises(StoreError, match="No review is stored"),
    ):
        now.review(Kind.DEAL, deal, AS_OF - dt.timedelta(days=1))


def test_who_is_not_there_is_named(tmp_path: Path) -> None:
    """A deal that does not exist, or did not yet, is no deal of the day."""
    database, _ = stored(company(1, "sane"), str(tmp_path))
    put(database, "deals", **DEAL | {"created_on": "2025-06-01"})
    with opened_now(database, REQUEST) as now:
        for deal in ("nobody", "new"):
            with pytest.raises(NothingSelected, match=f"no deal '{deal}' as of 2025-05-16"):
                now.review(Kind.DEAL, deal)


def test_a_change_that_all_share_is_seen(tmp_path: Path) -> None:
    """A stage that gets another meaning concerns every deal at the next call."""
    database, _ = stored(company(1, "sane"), str(tmp_path))
    with opened_now(database, REQUEST) as now:
        put(database, "deals", **DEAL)
        assert now.review(Kind.DEAL, "new").scorecard(Kind.DEAL, "new").facts["is_open"]
        put(database, "stages", stage_id="proposal", name="Over", kind="lost", position=9)
        card = now.review(Kind.DEAL, "new").scorecard(Kind.DEAL, "new")
        expected = review_database(database, REQUEST).scorecard(Kind.DEAL, "new")
        assert card.facts["is_open"] == expected.facts["is_open"]


@pytest.mark.parametrize("meanwhile", ["nothing", "a table is altered", "a call fails"])
def test_a_change_is_seen_whatever_happens_beside_it(tmp_path: Path, meanwhile: str) -> None:
    """Of stages that all share, and of a company's own fields, which are facts of their own."""
    database, review = stored(company(1, "sane"), str(tmp_path))
    deal = next(iter(review.kinds[Kind.DEAL].rows))
    with opened_now(database, REQUEST) as now:
        put(database, "deals", **DEAL)
        assert now.review(Kind.DEAL, "new").scorecard(Kind.DEAL, "new").facts["is_open"]
        put(database, "stages", stage_id="proposal", name="Over", kind="lost", position=9)
        put(database, "custom_fields", table_name="deals", name="tier", type="int")
        put(database, "custom_values", table_name="deals", row_id=deal, name="tier", value="7")
        if meanwhile == "a table is altered":
            with database.write() as connection:
                connection.execute("CREATE INDEX more ON deals (name)")
        elif meanwhile == "a call fails":
            with pytest.raises(StoreError):
                now.review(Kind.DEAL, "new", AS_OF - dt.timedelta(days=9_000))
        card = now.review(Kind.DEAL, "new").scorecard(Kind.DEAL, "new")
        assert card.facts["is_open"] is False
        assert "x_tier" in now.registry.facts[Kind.DEAL]
        with opened_now(database, REQUEST) as another:
            for kind, subject_id in subjects_of(database):
                expected = judged_alone(another, kind, subject_id)
                assert judged_alone(now, kind, subject_id) == expected


@pytest.mark.parametrize("how", ["by a connection", "byte by byte"])
def test_a_database_that_was_put_back_is_seen(tmp_path: Path, how: str) -> None:
    """Under a process that goes on, whatever was written into the copy up to the same revision."""
    database, _ = stored(company(1, "sane"), str(tmp_path))
    copy = tmp_path / "copy.db"
    with (
        opened_now(database, REQUEST) as now,
        closing(sqlite3.connect(database.path, isolation_level=None)) as connection,
        closing(sqlite3.connect(copy)) as kept,
    ):
        connection.backup(kept)
        kept.execute("PRAGMA journal_mode = DELETE")
        connection.execute(
            "UPDATE deals SET amount_minor = 1 WHERE deal_id = (SELECT min(deal_id) FROM deals)"
        )
        connection.execute(
            "INSERT INTO custom_fields (table_name, name, type) VALUES ('deals', 'tier', 'int')"
        )
        before = [judged_alone(now, *one) for one in subjects_of(database)]
        assert "x_tier" in now.registry.facts[Kind.DEAL]
        now.tables.connection.rollback()
        if how == "by a connection":
            kept.backup(connection)
        else:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            put_over(copy, database.path)
        connection.execute("UPDATE deals SET amount_minor = 2")
        put(database, "people", person_id="new")
        with opened_now(database, REQUEST) as another:
            after = [judged_alone(another, *one) for one in subjects_of(database)]
        assert after != before
        assert [judged_alone(now, *one) for one in subjects_of(database)] == after
        assert "x_tier" not in now.registry.facts[Kind.DEAL]


def put_over(copy: Path, path: Path) -> None:
    """Write a file's bytes over those of another, as a copying program does."""
    with path.open("r+b") as target:
        target.write(copy.read_bytes())
        target.truncate()


# --- what is known of a family -------------------------------------------------------------------


@many(4)
@given(companies(), st.lists(st.integers(0, 2**32), min_size=1, max_size=3))
def test_a_deal_that_was_looked_at_before_is_judged_as_one_that_was_not(
    rows: Rows, seeds: list[int]
) -> None:
    """Whatever anybody writes in between: card, context and problems are those of a first look."""
    with tempfile.TemporaryDirectory() as folder:
        database, _ = stored(rows, folder)
        with opened_now(database, REQUEST) as now, opened_now(database, REQUEST) as another:
            for seed in (None, *seeds):
                if seed is not None:
                    write_anything(database, seed, 2)
                for kind, subject_id in subjects_of(database):
                    with mock.patch("dealreview.engine.now.FAMILIES_AT_HAND", 0):
                        expected = judged_alone(another, kind, subject_id)
                    assert judged_alone(now, kind, subject_id) == expected
                    assert judged_alone(now, kind, subject_id) == expected


def subjects_of(database: Database) -> list[tuple[Kind, str]]:
    """Return every deal and account."""
    with database.read() as connection:
        return [
            (kind, one)
            for kind in (Kind.DEAL, Kind.ACCOUNT)
            for (one,) in connection.execute(f"SELECT {kind}_id FROM {kind}s ORDER BY 1")
        ]


def judged_alone(now: Now, kind: Kind, subject_id: str) -> tuple[str, str]:
    """Return everything that is said of a subject, or why nothing is."""
    try:
        review = now.review(kind, subject_id)
    except (NothingSelected, StoreError) as error:
        return str(error), ""
    return repr(review.scorecard(kind, subject_id)), repr(review.header)


def test_only_what_an_edit_touches_is_computed_again(tmp_path: Path) -> None:
    """The second look computes nothing; another name of a deal only what reads names."""
    database, review = stored(company(1, "sane"), str(tmp_path))
    deal = next(iter(review.kinds[Kind.DEAL].rows))
    asked: list[str] = []

    def counted(provider: Provider, *given: Any) -> None:
        asked.append(provider.name)
        add_facts(provider, *given)

    with (
        opened_now(database, REQUEST) as now,
        mock.patch("dealreview.engine.known.add_facts", counted),
    ):
        now.review(Kind.DEAL, deal)
        first = len(asked)
        now.review(Kind.DEAL, deal)
        assert first
        assert len(asked) == first
        with database.write() as connection:
            connection.execute("UPDATE deals SET amount_minor = 12345 WHERE deal_id = ?", (deal,))
        now.review(Kind.DEAL, deal)
        again = asked[first:]
        assert 0 < len(again) < first / 2


def test_rows_without_a_deal_are_named(tmp_path: Path) -> None:
    """They are as little looked at as in a review, and are told when they come."""
    database, review = stored(company(1, "sane"), str(tmp_path))
    deal = next(iter(review.kinds[Kind.DEAL].rows))
    with opened_now(database, REQUEST) as now:
        before = now.review(Kind.DEAL, deal).header.problems
        put(database, "approvals", approval_id="mine", deal_id=None)
        new = [one for one in now.review(Kind.DEAL, deal).header.problems if one not in before]
        assert "table approvals" in {one.where for one in new}
