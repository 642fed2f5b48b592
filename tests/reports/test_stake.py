"""Which subjects get a page of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dealreview.model.outcome import Kind
from dealreview.reports.agenda import Agenda
from dealreview.reports.names import NameBook
from dealreview.reports.stake import most_at_stake
from tests.reports.shop import deal, reviewed, shop


@pytest.fixture
def agenda(tmp_path: Path) -> Iterator[Agenda]:
    """The usual company."""
    database = shop(tmp_path)
    with database.read() as connection:
        yield Agenda(reviewed(database), NameBook(connection))


def test_those_with_most_at_stake_come_first(agenda: Agenda) -> None:
    """A deal at risk is before one at watch, an open one before a closed one."""
    names = agenda.deals.base["name"]
    rows = most_at_stake(agenda, 100)[Kind.DEAL]
    assert [names[row] for row in rows] == [
        "Line 4 controls",
        "Cold-chain retrofit",
        "Service renewal",
        "Sorting hall",
        "Old press",
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 5, 100])
def test_the_number_is_kept(agenda: Agenda, count: int) -> None:
    """No more than asked for, and everybody where there is room."""
    chosen = most_at_stake(agenda, count)
    assert sum(map(len, chosen.values())) == min(count, 9)


def test_no_kind_is_crowded_out(tmp_path: Path) -> None:
    """Of many deals at risk some make room for accounts and reps with findings."""
    deals = [deal(n, f"Deal {n}", payment_terms_days=90) for n in range(30)]
    database = shop(tmp_path, *deals)
    with database.read() as connection:
        chosen = most_at_stake(Agenda(reviewed(database), NameBook(connection)), 10)
    counts = {kind: len(rows) for kind, rows in chosen.items()}
    assert counts[Kind.ACCOUNT] >= 1
    assert counts[Kind.REP] >= 1
    assert counts[Kind.DEAL] >= 6


def test_a_kind_that_no_check_looked_at_has_none(agenda: Agenda) -> None:
    """Teams and the pipeline have no check here, so they have no card."""
    chosen = most_at_stake(agenda, 100)
    assert not chosen[Kind.TEAM]
    assert not chosen[Kind.PIPELINE]
