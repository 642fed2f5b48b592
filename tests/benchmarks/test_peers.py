"""Peers of the benchmarks: whatever is measured does the same work."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from benchmarks import compare, databases, rules, work
from benchmarks.candidates import AGAIN, ALL, BESIDE, COVERING, WHOLE, Candidate
from benchmarks.child import Laps
from benchmarks.peers.naive import one_deal
from benchmarks.work import FINDINGS, SCORECARDS, STATUSES
from dealreview.checks.extensions import OWN_EXECUTORS

if TYPE_CHECKING:
    from pathlib import Path

DEALS = 200
SQL, WARM = WHOLE[0], ALL["warm"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small company with its snapshot and the scorecards that SQL gives."""
    path = tmp_path_factory.mktemp("company") / "a.db"
    databases.make(path, DEALS, 1)
    databases.refresh(path)
    SQL.load()(path, Laps())
    return path


@pytest.fixture
def company(made: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may write into."""
    copy = tmp_path / "a.db"
    shutil.copyfile(made, copy)
    return copy


def found(candidate: Candidate, database: Path) -> list[str]:
    """Return what a candidate found, a line a deal."""
    return list(compare.lines(candidate, database))


def runnable(name: str) -> Candidate:
    """Return a candidate, or skip the test where something is not there."""
    candidate = ALL[name]
    if candidate.missing:
        pytest.skip(candidate.missing)
    if name == "dask" and name not in OWN_EXECUTORS:
        pytest.skip("there is no such executor")
    return candidate


@pytest.mark.parametrize("name", [one.name for one in WHOLE])
def test_all_candidates_find_the_same(made: Path, name: str) -> None:
    """Every status of every check of every deal, every score and every finding is that of SQL."""
    candidate = runnable(name)
    expected = found(SQL, made)
    place = databases.covered(made) if candidate.indexes == COVERING else made
    databases.put_back(place, candidate)
    laps = Laps()
    candidate.load()(place, laps)
    assert found(candidate, place) == expected
    assert len(expected) == DEALS
    assert laps.seconds
    if not candidate.own:
        return
    databases.put_back(made, SQL)
    SQL.load()(made, Laps())


def test_every_check_decides(made: Path) -> None:
    """No check but that of the owner, who is one, says the same of all deals; every status occurs."""
    with closing(sqlite3.connect(made)) as connection:
        seen = [
            {status for (status,) in connection.execute(f"SELECT {name} FROM {SCORECARDS}")}
            for name in STATUSES
        ]
    same = [check for check, each in zip(work.CHECKS, seen, strict=True) if len(each) == 1]
    assert same == ["operations"]
    assert set.union(*seen) == set(range(6))


def test_after_a_change_only_what_it_touches_is_judged_again(company: Path) -> None:
    """Incremental SQL and this project come to what SQL finds in all deals, each time."""
    WARM.load()(company, Laps())
    again = {one.name: one for one in AGAIN}
    before = found(SQL, company)
    for turn in range(2):
        databases.change(company, turn)
        for one in AGAIN:
            one.load()(company, Laps())
        after = found(again["sql-again"], company)
        assert after == found(again["again"], company)
        assert 0 < sum(one != other for one, other in zip(before, after, strict=True)) < DEALS / 2
    databases.put_back(company, SQL)
    SQL.load()(company, Laps())
    assert found(SQL, company) == after


@pytest.mark.parametrize("name", [one.name for one in BESIDE])
def test_other_work_is_done_whole(company: Path, name: str) -> None:
    """What is held against no peer's results runs too, and each tells its steps."""
    databases.put_back(company, ALL[name])
    laps = Laps()
    ALL[name].load()(company, laps)
    assert len(laps.seconds) > 1


@pytest.mark.parametrize(
    "damage",
    [
        f"UPDATE {SCORECARDS} SET c5 = 1 - c5 + 4 WHERE deal_id = 'crm:d0000007'",
        f"UPDATE {SCORECARDS} SET score = 1.5 WHERE deal_id = 'crm:d0000007'",
        f"DELETE FROM {FINDINGS} WHERE deal_id = 'crm:d0000007'",
        f"DELETE FROM {SCORECARDS} WHERE deal_id = 'crm:d0000007'",
    ],
)
def test_a_difference_is_told(company: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    """Another status, score, finding or a missing deal ends the comparison with the deal's id."""
    expected = company.with_name("expected.txt")
    for what in ("write", "with"):
        monkeypatch.setattr("sys.argv", ["compare", what, "sql", str(company), str(expected)])
        compare.main()
    with closing(sqlite3.connect(company)) as connection, connection:
        connection.execute(damage)
    with pytest.raises(SystemExit, match="d0000007"):
        compare.main()


def test_one_deal_is_judged_as_among_all(made: Path) -> None:
    """The path over indexed selects gives the statuses of the whole review."""
    with closing(sqlite3.connect(made)) as connection:
        rows = connection.execute(f"SELECT deal_id, {', '.join(STATUSES)} FROM {SCORECARDS}")
        for deal_id, *statuses in rows.fetchall()[:40]:
            assert one_deal(connection, deal_id) == tuple(statuses)


def test_rules_alone_say_the_same(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule engines that are installed agree with this project, others are named as not installed."""
    monkeypatch.setattr(rules, "TIMES", 1)
    rates = rules.rates(made)
    assert list(rates)[:3] == ["dealreview", "Polars by hand", "Python functions"]
    assert all(rate == "not installed" or float(rate) > 0 for rate in rates.values())


def test_what_counts_in_a_score() -> None:
    """What is unknown or does not apply counts nowhere; a watch counts half."""
    undecided = (work.UNKNOWN, work.NOT_APPLICABLE) * 4
    assert work.score(undecided) is None
    assert work.score((work.STRENGTH, work.RISK, *undecided[2:])) == 50.0
    assert work.score((work.PASS, work.WATCH, *undecided[2:])) == 75.0
