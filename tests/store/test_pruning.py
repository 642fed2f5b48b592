"""Which runs stay, and what is left of those that go."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.model.errors import StoreError
from dealreview.store.database import Database
from dealreview.store.pruning import (
    OldRun,
    Policy,
    load_pins,
    pin_run,
    prunable,
    prune,
    release_run,
    runs_to_prune,
)
from dealreview.store.runs import (
    Found,
    StoredFacts,
    StoredRules,
    StoredRun,
    StoredVerdict,
    list_runs,
    load_run,
    save_run,
)
from dealreview.store.scorecards import StoredScorecard
from tests.store.rows import blocks_of

TODAY = dt.date(2025, 5, 16)
FEW = Policy(keep_last=2, keep_weeks=3, keep_months=3)
CHILDREN = ("run_cards", "run_verdicts", "run_rules", "run_facts", "run_pins")


def ago(days: int) -> dt.date:
    """Return a day some days before today."""
    return TODAY - dt.timedelta(days=days)


def runs(*days: dt.date, checks: str = "[]") -> list[OldRun]:
    """Return runs as of some days, in the order in which they were stored."""
    return [OldRun(number, day, checks) for number, day in enumerate(days, start=1)]


def left(given_: list[OldRun], policy: Policy = FEW, **rest: Any) -> list[int]:
    """Return the numbers of the runs that stay."""
    gone = {run.number for run in runs_to_prune(given_, policy, TODAY, **rest)}
    return [run.number for run in given_ if run.number not in gone]


def test_without_age_everything_stays() -> None:
    """As long as there are few runs nothing goes."""
    assert left(runs(*[TODAY] * 2)) == [1, 2]
    assert left(runs()) == []


def test_the_last_of_each_week_and_month_stays() -> None:
    """Days thin out to weeks, weeks to months, and what is older than that goes."""
    daily = [ago(days) for days in range(200, -1, -1)]
    stays = [run.as_of for run in runs(*daily) if run.number in left(runs(*daily))]
    weekly = [dt.date(2025, 4, 27), dt.date(2025, 5, 4), dt.date(2025, 5, 11)]
    monthly = [dt.date(2025, 3, 31), dt.date(2025, 4, 30)]
    assert stays == sorted([*monthly, *weekly, ago(1), TODAY])


def test_the_newest_run_of_a_week_is_the_one_that_was_stored_last() -> None:
    """A review of the same week that was made again takes the place of the first."""
    assert left(runs(ago(7), ago(8), TODAY, TODAY)) == [2, 3, 4]


def test_runs_with_other_checks_count_by_themselves() -> None:
    """A review of one pack does not push out that of everything."""
    partial = OldRun(9, ago(7), '["pricing/a"]')
    assert left([*runs(ago(8), ago(1), TODAY), partial]) == [1, 3, 9]


def test_days_to_come_and_far_back_do_no_harm() -> None:
    """A look at a day in the future stays, and does not make all others old; so does a late look back."""
    assert left(runs(ago(8), dt.date(2099, 1, 1), TODAY, TODAY)) == [1, 2, 3, 4]
    looked_back = [ago(7 * week) for week in range(2, -1, -1)]
    assert left(runs(*looked_back)) == [1, 2, 3]


def test_what_people_keep_stays() -> None:
    """A pinned run has no age."""
    old = runs(ago(900), ago(901), TODAY, TODAY)
    assert left(old) == [3, 4]
    assert left(old, pinned=[1]) == [1, 3, 4]


@given(
    st.lists(st.tuples(st.dates(dt.date(2020, 1, 1), dt.date(2026, 1, 1)), st.sampled_from("ab"))),
    st.builds(Policy, st.just("auto"), st.integers(2, 5), st.integers(0, 60), st.integers(0, 60)),
)
def test_pruning_again_takes_nothing_out(days: list[tuple[dt.date, str]], policy: Policy) -> None:
    """What stays once stays until there is another run; the last ones always stay."""
    all_runs = [OldRun(number, day, checks) for number, (day, checks) in enumerate(days)]
    stays = left(all_runs, policy)
    assert left([run for run in all_runs if run.number in stays], policy) == stays
    assert stays[-policy.keep_last :] == [run.number for run in all_runs][-policy.keep_last :]


# --- in a database -------------------------------------------------------------------------------


def store(database: Database, *days: dt.date) -> None:
    """Store runs with a row in every table."""
    for number, day in enumerate(days):
        run = StoredRun(str(number), day, 1, "c", {}, ["a"])  # type: ignore[arg-type]
        found = Found(
            blocks_of(StoredScorecard("deal", "d", b"\x03", 1, 2, 3, "risk", 4)),
            [StoredVerdict("deal", "d", "a", "watch", "major", "f", "{}")],
            [StoredRules("deal", 1, b"")],
            [StoredFacts("deal", "d", "d", 1, b"x" * 50_000)],
        )
        save_run(database, run, found)


def rows(database: Database, number: int) -> list[int]:
    """Return how many rows of a run each table has."""
    with database.read() as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table} WHERE run = ?", (number,)).fetchone()[
                0
            ]
            for table in CHILDREN
        ]


def test_a_pruned_run_leaves_its_number_and_day(database: Database) -> None:
    """Nothing else of it is there, the others are untouched, and who asks for it is told why."""
    store(database, ago(900), ago(901), TODAY, TODAY)
    with database.read() as connection:
        old = prunable(connection, FEW, TODAY)
    assert [run.number for run in prune(database, old, TODAY)] == [1, 2]
    assert rows(database, 1) == [0] * 5
    assert rows(database, 3) == [1, 1, 1, 1, 0]
    with database.read() as connection:
        assert [run.number for run in list_runs(connection)] == [4, 3]
        with pytest.raises(StoreError, match=rf"Run 1 of {ago(900)} was pruned on 20"):
            load_run(connection, 1)
    store(database, TODAY)
    with database.read() as connection:
        assert [run.number for run in list_runs(connection)] == [5, 4, 3]


def test_a_run_that_was_pinned_meanwhile_stays(database: Database) -> None:
    """What is to go is asked again when it goes."""
    store(database, ago(900), ago(901), TODAY, TODAY)
    with database.write() as connection:
        old = prunable(connection, FEW, TODAY)
        pin_run(connection, 1, "audit", TODAY)
    assert [run.number for run in prune(database, old, TODAY)] == [2]


def test_a_pin_holds_until_its_day(database: Database) -> None:
    """One without a day holds for ever, is not shortened, and can be released."""
    store(database, ago(900), ago(901), TODAY, TODAY)
    with database.write() as connection:
        pin_run(connection, 1, "gate", TODAY, TODAY)
        pin_run(connection, 2, "gate", ago(1), ago(1))
        assert [run.number for run in prunable(connection, FEW, TODAY)] == [2]
        pin_run(connection, 2, "audit", TODAY)
        assert pin_run(connection, 2, "gate", TODAY, TODAY).reason == "audit"
        assert prunable(connection, FEW, TODAY) == ()
        assert {run: pin.until for run, pin in load_pins(connection).items()} == {1: TODAY, 2: None}
        release_run(connection, 2)
        assert [run.number for run in prunable(connection, FEW, TODAY)] == [2]
        with pytest.raises(StoreError, match="Run 2 is not kept"):
            release_run(connection, 2)
        with pytest.raises(StoreError, match="There is no run 9"):
            pin_run(connection, 9, "audit", TODAY)


def test_space_is_used_again_and_can_be_given_back(database: Database) -> None:
    """A file that runs come to and go from does not grow; emptied, it shrinks to what is in it."""
    store(database, *[ago(900 + day) for day in range(20)], TODAY, TODAY)
    with database.read() as connection:
        old = prunable(connection, FEW, TODAY)
    assert len(list(prune(database, old, TODAY))) == 20
    free = database.free_bytes()
    assert free > 20 * 50_000
    store(database, *[ago(800 + day) for day in range(10)])
    assert database.free_bytes() < free - 10 * 50_000
    with database.read() as connection:
        held = [run.number for run in list_runs(connection)]
    assert database.vacuum() > 0
    assert database.free_bytes() == 0
    with database.read() as connection:
        assert [run.number for run in list_runs(connection)] == held


def test_a_file_is_not_written_anew_without_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is nearly full is not filled."""
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(9, 9, 0))
    with pytest.raises(StoreError, match="can't be written anew"):
        database.vacuum()
