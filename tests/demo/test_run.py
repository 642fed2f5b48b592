"""The demo from nothing to a printed review."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dealreview.demo import run_demo
from dealreview.demo.company import AS_OF
from dealreview.demo.run import import_files, review_folder
from dealreview.demo.show import next_commands, worst_and_best
from dealreview.engine.review import Review
from dealreview.model.outcome import Band, Kind
from dealreview.model.plain import plain
from dealreview.reports.names import NameBook
from dealreview.store.database import Database
from dealreview.store.schema import TABLES

OUTCOMES: dict[str, dict[str, int]] = {
    "accounts/unprofitable-key-account": {
        "insufficient_data": 1,
        "not_applicable": 8,
        "pass": 1,
        "risk": 1,
        "watch": 1,
    },
    "accounts/whale-curve": {"watch": 1},
    "consensus/single-champion": {
        "insufficient_data": 1,
        "not_applicable": 32,
        "pass": 5,
        "risk": 2,
        "strength": 2,
        "watch": 5,
    },
    "hygiene/close-date-passed": {
        "insufficient_data": 1,
        "not_applicable": 28,
        "pass": 14,
        "risk": 2,
        "watch": 2,
    },
    "hygiene/deal-age": {"not_applicable": 28, "pass": 17, "risk": 1, "watch": 1},
    "operations/diverted-owner": {
        "insufficient_data": 3,
        "not_applicable": 29,
        "pass": 9,
        "risk": 3,
        "watch": 3,
    },
    "operations/time-share": {
        "insufficient_data": 1,
        "pass": 2,
        "risk": 3,
        "strength": 1,
        "watch": 1,
    },
    "pricing/margin-floor": {
        "insufficient_data": 1,
        "not_applicable": 12,
        "pass": 14,
        "risk": 6,
        "strength": 2,
        "watch": 12,
    },
}


@pytest.fixture(scope="module", name="demo")
def make_demo(tmp_path_factory: Any) -> tuple[Path, Review, str]:
    """The demo's folder, review and print."""
    folder = tmp_path_factory.mktemp("demo") / "company"
    printed: list[str] = []
    review = run_demo(folder, show=lambda lines: printed.extend(line.plain for line in lines))
    return folder, review, "\n".join(printed)


def outcomes(review: Review) -> dict[str, dict[str, int]]:
    """Return how often each check has each outcome."""
    found: dict[str, Counter[str]] = {}
    for card in review.scorecards():
        for verdict in card.verdicts:
            found.setdefault(verdict.check, Counter())[str(verdict.outcome)] += 1
    return {check: dict(sorted(counts.items())) for check, counts in sorted(found.items())}


def test_every_check_comes_out_in_several_ways(demo: tuple[Path, Review, str]) -> None:
    """The demo shows what each check can say; this table is what the documentation tells."""
    assert outcomes(demo[1]) == OUTCOMES


def test_nothing_goes_wrong(demo: tuple[Path, Review, str]) -> None:
    """No pack, check, fact or feed is in trouble; one row was rejected, as it should be."""
    header = demo[1].header
    assert header.problems == ()
    assert header.rejected_rows == 1
    assert header.as_of == AS_OF
    assert header.judged_by_todays_values == 0


def test_the_worst_deal_is_at_risk_and_the_best_is_healthy(demo: tuple[Path, Review, str]) -> None:
    """The two cards show both ends."""
    folder, review, _ = demo
    with Database.open(folder / "dealreview.db").read() as connection:
        worst, best = worst_and_best(review, NameBook(connection))
    assert (worst.band, best.band) == (Band.RISK, Band.HEALTHY)
    assert (worst.score or 0) < 50 < (best.score or 0)


def test_it_prints_the_import_two_deals_and_commands(demo: tuple[Path, Review, str]) -> None:
    """What was rejected is named with its line, both deals are shown, and what to try next."""
    printed = demo[2]
    assert "quote_lines.csv:125" in printed
    assert "THE WORST DEAL" in printed
    assert "THE BEST DEAL" in printed
    assert "dealreview review" in printed


def test_the_run_is_stored(demo: tuple[Path, Review, str]) -> None:
    """The next review can be compared with it."""
    folder, review, _ = demo
    assert review.run_number == 1
    with Database.open(folder / "dealreview.db").read() as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone() == (1,)


def test_a_second_import_changes_nothing(demo: tuple[Path, Review, str]) -> None:
    """The same files once more are recognised row by row."""
    summary = import_files(demo[0])
    assert summary.total("stored") == 0
    assert summary.total("unchanged") > 5000
    assert outcomes(review_folder(demo[0])) == OUTCOMES


def test_a_key_account_loses_money(demo: tuple[Path, Review, str]) -> None:
    """The company has one customer that it treats best and that costs it most."""
    card = demo[1].scorecard(Kind.ACCOUNT, "crm:001002")
    assert card.name == "Brinkfeld Dairy"
    assert card.verdicts[0].message.startswith("loses money")


def test_evidence_is_there(demo: tuple[Path, Review, str]) -> None:
    """Each piece names a row and column of the database, or a fact of the subject with its value."""
    folder, review, _ = demo
    cited = {
        (cell.table, cell.field, cell.id) if cell.table != "facts" else None
        for card in review.scorecards()
        for verdict in card.verdicts
        for cell in verdict.evidence
        if cell.table != "facts"
        or (cell.id, cell.value) != (card.id, plain(card.facts[cell.field]))
    }
    assert None not in cited
    with Database.open(folder / "dealreview.db").read() as connection:
        for table, column, key in filter(None, cited):
            assert column in TABLES[table].by_name
            query = f"SELECT COUNT(*) FROM {table} WHERE {TABLES[table].key[0]} = ?"
            assert connection.execute(query, (key,)).fetchone() == (1,), (table, key)
    assert len(cited) > 100


def test_next_commands_name_subjects_that_exist(demo: tuple[Path, Review, str]) -> None:
    """Each command works when it is pasted; the examples of the documentation run them."""
    folder, review, _ = demo
    with Database.open(folder / "dealreview.db").read() as connection:
        commands = [command for command, _ in next_commands(review, NameBook(connection), folder)]
    assert commands[0].startswith("cd ")
    assert len(commands) == 6
