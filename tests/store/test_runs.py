"""Runs are stored whole, once, and read back as they were."""

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

from dealreview.model.errors import StoreError
from dealreview.store.database import Database
from dealreview.store.runs import (
    StoredRun,
    StoredScorecard,
    StoredVerdict,
    list_runs,
    load_run,
    load_scorecards,
    load_verdicts,
    save_run,
)

CARD = StoredScorecard("deal", "d1", bytes([2, 4]), 14, 20, 24, "watch", 7)
REP = StoredScorecard("rep", "p1", bytes([0, 3]))
VERDICT = StoredVerdict("deal", "d1", "pricing/a", "risk", "major", "0123456789abcdef", '{"n": 1}')


def _run(**changes: Any) -> StoredRun:
    run = StoredRun(
        key="k",
        as_of=dt.date(2025, 5, 16),
        data_revision=7,
        config_hash="c",
        header={"packs": ["pricing"], "note": "größer"},
        checks=["pricing/a", "pricing/b"],
    )
    return evolve(run, **changes)


def _tables(database: Database) -> list[int]:
    with database.read() as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("runs", "run_scorecards", "run_verdicts")
        ]


def test_a_run_is_read_back_as_it_was(database: Database) -> None:
    """Header, checks, scorecards and verdicts come back, ordered by kind and id."""
    number = save_run(database, _run(), [REP, CARD], [VERDICT])
    with database.read() as connection:
        run = load_run(connection, number)
        assert list(load_scorecards(connection, number)) == [CARD, REP]
        assert list(load_verdicts(connection, number)) == [VERDICT]
    assert run.created_at is not None
    assert evolve(run, number=None, created_at=None) == _run()


def test_the_same_result_is_stored_once(database: Database) -> None:
    """A review repeated without any change is the run that there is, whatever its header says."""
    first = save_run(database, _run(), [CARD], [VERDICT])
    assert save_run(database, _run(header={"took": 2}), [CARD], [VERDICT]) == first
    assert _tables(database) == [1, 1, 1]


@pytest.mark.parametrize(
    ("run", "cards", "verdicts"),
    [
        (_run(key="other"), [CARD], [VERDICT]),
        (_run(), [evolve(CARD, band="risk")], [VERDICT]),
        (_run(), [CARD, REP], [VERDICT]),
        (_run(), [CARD], []),
        (_run(checks=("pricing/b", "pricing/a")), [CARD], [VERDICT]),
    ],
)
def test_another_result_is_another_run(
    database: Database, run: StoredRun, cards: list[StoredScorecard], verdicts: list[StoredVerdict]
) -> None:
    """What differs in anything but the header gets a number of its own."""
    first = save_run(database, _run(), [CARD], [VERDICT])
    assert save_run(database, run, cards, verdicts) == first + 1


def test_only_the_newest_run_of_a_key_is_taken_again(database: Database) -> None:
    """A result that came back after another one is a new run."""
    numbers = [save_run(database, _run(), cards, []) for cards in ([CARD], [REP], [CARD])]
    assert numbers == [1, 2, 3]
    with database.read() as connection:
        assert [run.number for run in list_runs(connection)] == [3, 2, 1]


def test_a_run_is_stored_whole_or_not_at_all(database: Database) -> None:
    """Whatever fails while the verdicts are made leaves no trace of the run."""

    def failing() -> Any:
        yield VERDICT
        raise RuntimeError

    with pytest.raises(RuntimeError):
        save_run(database, _run(), [CARD], failing())
    with pytest.raises(ValueError, match="1 outcomes for 2 checks"):
        save_run(database, _run(), [CARD, evolve(REP, outcomes=b"\x00")], [])
    assert _tables(database) == [0, 0, 0]


def test_storing_a_run_changes_no_data(database: Database) -> None:
    """The data revision is about the company's data only."""
    save_run(database, _run(), [CARD], [VERDICT])
    with database.read() as connection:
        assert database.revision(connection) == 0


def test_a_run_that_is_not_there_names_those_that_are(database: Database) -> None:
    """The mend says which numbers there are."""
    with database.read() as connection, pytest.raises(StoreError, match="No run has been stored"):
        load_run(connection, 1)
    save_run(database, _run(), [], [])
    with database.read() as connection, pytest.raises(StoreError, match="runs 1 to 1"):
        load_run(connection, 9)
