"""What changed between two runs, and why."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from dealreview.engine.config import Override
from dealreview.engine.gate import FAILED, FINE, INCOMPLETE, Gate, exit_code
from dealreview.engine.records import save_review
from dealreview.model.errors import StoreError
from dealreview.model.outcome import Kind, Outcome
from dealreview.reviews.differences import (
    Cause,
    Change,
    differences,
    excused_as_known,
    read_run,
)
from tests.reports.shop import deal, reviewed, shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dealreview.reviews.differences import Run
    from dealreview.store.database import Database

GOOD = deal(1, "good")
LARGE = [{"account_id": "crm:a1", "employees": 900}]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Return a company with one good deal."""
    return shop(tmp_path, GOOD, accounts=LARGE, people=[])


READING = ExitStack()


@pytest.fixture(autouse=True)
def _reading() -> Iterator[None]:
    """Close what runs were read with."""
    with READING:
        yield


def stored(database: Database, **request: Any) -> Run:
    """Return a review of the company, stored and read again."""
    number = save_review(database, reviewed(database, **request))
    return read_run(READING.enter_context(database.read()), number)


def change(database: Database, sql: str) -> None:
    """Change the data."""
    with database.write() as connection:
        connection.execute(sql)


def found(first: Run, second: Run) -> dict[str, Change]:
    """Return the changes on deals by check."""
    return {c.check: c for c in differences(first, second) if c.kind == "deal"}


def test_nothing_changed(database: Database) -> None:
    """A run differs in nothing from itself, and not from one over other data that is as good."""
    first = stored(database)
    change(database, "UPDATE deals SET name = 'renamed'")
    assert list(differences(first, first)) == []
    assert list(differences(first, stored(database))) == []


def test_data(database: Database) -> None:
    """Where the account's data changed, that is what a change is put down to."""
    first = stored(database)
    change(database, "UPDATE deals SET payment_terms_days = 90")
    [one] = found(first, stored(database)).values()
    assert (one.check, one.before, one.after) == ("acme/terms", Outcome.PASS, Outcome.RISK)
    assert one.cause is Cause.DATA
    assert one.is_worse
    assert not one.is_better
    assert one.message == "90 d net; 30 d is the limit"


def test_better(database: Database) -> None:
    """A finding that has gone says what it was; one that can't be decided any more is no better."""
    change(database, "UPDATE deals SET payment_terms_days = 90")
    first = stored(database)
    change(database, "UPDATE deals SET payment_terms_days = 20")
    one = found(first, stored(database))["acme/terms"]
    assert one.is_better
    assert one.message == "90 d net; 30 d is the limit"
    change(database, "UPDATE deals SET payment_terms_days = NULL")
    one = found(first, stored(database))["acme/terms"]
    assert one.after is Outcome.INSUFFICIENT_DATA
    assert not one.is_better
    assert not one.is_worse


def test_threshold(database: Database) -> None:
    """Another parameter comes before anything else but the check itself."""
    first = stored(database)
    change(database, "UPDATE deals SET name = 'renamed'")
    second = stored(database, checks={"acme/terms": {"soft": 15}})
    assert found(first, second)["acme/terms"].cause is Cause.THRESHOLD


def test_an_override_is_a_threshold(database: Database) -> None:
    """Where a limit holds for some subjects only, a change on them is put down to it."""
    first = stored(database)
    rule = Override("acme_amount > 0", Kind.DEAL, {"acme/terms": {"soft": 15}})
    second = stored(database, overrides=(rule,))
    assert found(first, second)["acme/terms"].cause is Cause.THRESHOLD


def test_time(database: Database) -> None:
    """The same data on a later day: time has passed."""
    first = stored(database)
    second = stored(database)
    later = {("deal", "crm:1"): evolve(second.cards["deal", "crm:1"], outcomes=b"\4\4\4\4\4")}
    second = evolve(second, cards=second.cards | later)
    assert {c.cause for c in differences(first, second)} == {Cause.TIME}


@pytest.mark.parametrize(
    ("part", "cause"), [("checks", Cause.CHECK), ("benchmarks", Cause.BENCHMARK)]
)
def test_the_check_and_the_benchmark(database: Database, part: str, cause: Cause) -> None:
    """Another version of a check, or another benchmark over the same data, is named."""
    first = stored(database)
    cards = {("deal", "crm:1"): evolve(first.cards["deal", "crm:1"], outcomes=b"\4\4\4\4\4")}
    other = {"checks": (2, ""), "benchmarks": "other"}[part]
    header = first.stored.header | {part: dict.fromkeys(first.stored.checks, other)}
    second = evolve(first, stored=evolve(first.stored, header=header), cards=first.cards | cards)
    assert {c.cause for c in differences(first, second)} == {cause}


def test_a_subject_comes_and_goes(database: Database) -> None:
    """A new deal with a finding is worse, one that is gone is listed; both are put down to the subject."""
    first = stored(database)
    with database.write() as connection:
        cells = deal(2, "new", payment_terms_days=90)
        names, marks = ", ".join(cells), ", ".join("?" * len(cells))
        sql = f"INSERT INTO deals ({names}) VALUES ({marks})"
        connection.execute(sql, list(cells.values()))
    second = stored(database)
    new = found(first, second)["acme/terms"]
    assert (new.before, new.cause, new.is_worse) == (None, Cause.SUBJECT, True)
    gone = found(second, first)["acme/terms"]
    assert (gone.after, gone.cause, gone.is_worse, gone.is_better) == (
        None, Cause.SUBJECT, False, False,
    )  # fmt: skip


def test_a_run_that_is_not_there(database: Database) -> None:
    """The error names the runs that are."""
    with database.read() as connection, pytest.raises(StoreError, match="no run 7"):
        read_run(connection, 7)


GATES = [Gate(Outcome.WATCH), Gate(Outcome.RISK), Gate(min_score=90)]


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_what_a_run_had_found_is_not_new(database: Database, gate: Gate) -> None:
    """The gate judges what is new: the same finding passes, the same finding elsewhere does not."""
    change(database, "UPDATE deals SET payment_terms_days = 90, hours_to_go = 90")
    review, first = reviewed(database), stored(database)
    assert exit_code(review, gate) == FAILED
    assert exit_code(review, gate, excused_as_known(first, gate)) == FINE
    clean = evolve(first, cards={})
    assert exit_code(review, gate, excused_as_known(clean, gate)) == FAILED


def test_worse_than_it_was_is_new(database: Database) -> None:
    """A watch that became a risk is judged again."""
    change(database, "UPDATE deals SET payment_terms_days = 45")
    first = stored(database)
    change(database, "UPDATE deals SET payment_terms_days = 90")
    gate = Gate(Outcome.WATCH)
    assert exit_code(reviewed(database), gate, excused_as_known(first, gate)) == FAILED


def test_unrated_before_is_not_incomplete_now(database: Database) -> None:
    """With a gate an unrated subject is incomplete, but for one that was so before."""
    change(database, "UPDATE deals SET payment_terms_days = NULL, hours_to_go = NULL")
    first, gate = stored(database), Gate(Outcome.RISK)
    assert exit_code(reviewed(database), gate) == INCOMPLETE
    assert exit_code(reviewed(database), gate, excused_as_known(first, gate)) == FINE


def test_what_is_excused_adds_up(database: Database) -> None:
    """What one or the other leaves alone is left alone, at its worst."""
    change(database, "UPDATE deals SET payment_terms_days = 45")
    mild, gate = stored(database), Gate(Outcome.WATCH)
    change(database, "UPDATE deals SET payment_terms_days = 90")
    worse = stored(database)
    for both in ((mild, worse), (worse, mild)):
        one, other = (excused_as_known(run, gate) for run in both)
        assert (one | other) == excused_as_known(worse, gate)
