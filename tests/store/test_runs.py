"""Runs are stored whole, once, and read back as they were."""

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

from dealreview.model.errors import StoreError
from dealreview.store.database import Database
from dealreview.store.runs import (
    Found,
    StoredFacts,
    StoredRules,
    StoredRun,
    StoredVerdict,
    list_runs,
    load_facts,
    load_rules,
    load_run,
    load_verdicts,
    save_run,
)
from dealreview.store.scorecards import StoredScorecard, load_outcomes, load_scorecards
from tests.store.rows import blocks_of

CARD = StoredScorecard("deal", "d1", bytes([2, 4]), 14, 20, 24, "watch", 7)
REP = StoredScorecard("rep", "p1", bytes([0, 3]))
VERDICT = StoredVerdict("deal", "d1", "pricing/a", "risk", "major", "0123456789abcdef", '{"n": 1}')
RULES = StoredRules("deal", 1, b"rules")
FACTS = [StoredFacts("deal", "b", "d", 2, b"one"), StoredFacts("deal", "f", "f", 1, b"two")]


def _found(*cards: StoredScorecard, **rest: Any) -> Found:
    """Return what a run found, in order."""
    return Found(blocks_of(*cards), **({"verdicts": [VERDICT]} | rest))


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
            for name in ("runs", "run_cards", "run_verdicts", "run_rules", "run_facts")
        ]


def test_a_run_is_read_back_as_it_was(database: Database) -> None:
    """Header, checks, scorecards, verdicts, rules and facts come back, ordered by kind and id."""
    found = _found(REP, CARD, rules=[RULES], facts=FACTS)
    number = save_run(database, _run(), found)
    with database.read() as connection:
        run = load_run(connection, number)
        assert list(load_scorecards(connection, number)) == [CARD, REP]
        assert list(load_verdicts(connection, number)) == [VERDICT]
        assert list(load_verdicts(connection, number, ("deal", "d2"))) == []
        assert load_rules(connection, number) == (RULES,)
        assert list(load_facts(connection, number, "deal")) == FACTS
        assert load_outcomes(connection, number, "deal", ("d1", "d1")) == {"d1": CARD.outcomes}
    assert run.created_at is not None
    assert evolve(run, number=None, created_at=None) == _run()


def test_the_same_result_is_stored_once(database: Database) -> None:
    """A review repeated without any change is the run that there is, whatever its header says."""
    first = save_run(database, _run(), _found(CARD))
    assert save_run(database, _run(header={"took": 2}), _found(CARD)) == first
    assert _tables(database) == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("run", "found"),
    [
        (_run(key="other"), _found(CARD)),
        (_run(), _found(evolve(CARD, band="risk"))),
        (_run(), _found(CARD, REP)),
        (_run(), _found(CARD, verdicts=[])),
        (_run(), _found(CARD, rules=[RULES])),
        (_run(), _found(CARD, facts=FACTS)),
        (_run(checks=("pricing/b", "pricing/a")), _found(CARD)),
    ],
)
def test_another_result_is_another_run(database: Database, run: StoredRun, found: Found) -> None:
    """What differs in anything but the header gets a number of its own."""
    first = save_run(database, _run(), _found(CARD))
    assert save_run(database, run, found) == first + 1


@pytest.mark.parametrize(("asked", "first"), [("a", []), ("b", ["b"]), ("e", ["b"]), ("g", ["f"])])
def test_the_block_that_a_subject_would_be_in(
    database: Database, asked: str, first: list[str]
) -> None:
    """It is the last one that does not begin behind the subject."""
    number = save_run(database, _run(), _found(CARD, facts=FACTS))
    with database.read() as connection:
        found = load_facts(connection, number, "deal", asked)
        assert [block.first_id for block in found] == first


def test_only_the_newest_run_of_a_key_is_taken_again(database: Database) -> None:
    """A result that came back after another one is a new run."""
    numbers = [save_run(database, _run(), _found(card)) for card in (CARD, REP, CARD)]
    assert numbers == [1, 2, 3]
    with database.read() as connection:
        assert [run.number for run in list_runs(connection)] == [3, 2, 1]


def test_a_run_is_stored_whole_or_not_at_all(database: Database) -> None:
    """Whatever fails while findings are made or scorecards are written leaves no trace of the run."""

    def failing(first: Any) -> Any:
        yield first
        raise RuntimeError

    for found in (
        _found(CARD, verdicts=failing(VERDICT)),
        _found(CARD, facts=failing(FACTS[0])),
        Found(failing(*blocks_of(CARD)), [VERDICT]),
    ):
        with pytest.raises(RuntimeError):
            save_run(database, _run(), found)
    assert _tables(database) == [0, 0, 0, 0, 0]


def test_storing_a_run_changes_no_data(database: Database) -> None:
    """The data revision is about the company's data only."""
    save_run(database, _run(), _found(CARD))
    with database.read() as connection:
        assert database.revision(connection) == 0


def test_a_run_that_is_not_there_names_those_that_are(database: Database) -> None:
    """The mend says which numbers there are."""
    with database.read() as connection, pytest.raises(StoreError, match="No run has been stored"):
        load_run(connection, 1)
    save_run(database, _run(), _found(verdicts=[]))
    with database.read() as connection, pytest.raises(StoreError, match="runs 1 to 1"):
        load_run(connection, 9)
