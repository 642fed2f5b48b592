"""The demo from nothing to a printed review."""

import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dealreview.cli import main
from dealreview.demo.company.days import AS_OF, EARLIER, LOOKED_BACK_TO
from dealreview.demo.run import import_files, review_folder
from dealreview.demo.show import next_commands, worst_and_best
from dealreview.engine.loader import load_packs
from dealreview.engine.review import Review
from dealreview.model.outcome import OUTCOMES, Band, Kind, Outcome
from dealreview.model.plain import plain
from dealreview.reports.names import NameBook
from dealreview.store.database import Database
from dealreview.store.runs import list_runs
from dealreview.store.schema import TABLES
from dealreview.store.scorecards import load_scorecards_of

SAY_SOMETHING = {Outcome.RISK, Outcome.WATCH, Outcome.STRENGTH}
OF_THE_PIPELINE = ("accounts/whale-curve", "hygiene/check-calibration")
"""Checks of the one pipeline: they come out in several ways from run to run."""


@pytest.fixture(name="demo")
def shared_demo(demo_company: tuple[Path, Review, str]) -> tuple[Path, Review, str]:
    """The demo's folder, review and print."""
    return demo_company


def outcomes_of(review: Review) -> dict[str, Counter[Outcome]]:
    """Return how often each check has each outcome."""
    found: dict[str, Counter[Outcome]] = {}
    for card in review.scorecards():
        for verdict in card.verdicts:
            found.setdefault(verdict.check, Counter())[verdict.outcome] += 1
    return found


@pytest.fixture(scope="module")
def outcomes(demo_company: tuple[Path, Review, str]) -> dict[str, Counter[Outcome]]:
    """Return how often each check has each outcome in the demo."""
    return outcomes_of(demo_company[1])


@pytest.mark.parametrize("check", [c.id for c in load_packs(autoload=False).checks])
def test_every_check_comes_out_in_several_ways(
    outcomes: dict[str, Counter[Outcome]], check: str
) -> None:
    """The demo shows what each check can say: something good or bad, and at least one thing else."""
    found = outcomes[check]
    if check not in OF_THE_PIPELINE:
        assert len(found) >= 2, found
        assert found.keys() & SAY_SOMETHING, found


@pytest.mark.parametrize("check", OF_THE_PIPELINE)
def test_the_pipeline_changes_from_run_to_run(
    demo: tuple[Path, Review, str], outcomes: dict[str, Counter[Outcome]], check: str
) -> None:
    """What is said of the one pipeline was not always so, and says something in the end."""
    with Database.open(demo[0] / "dealreview.db").read() as connection:
        runs = {run.number: run for run in list_runs(connection) if check in run.checks}
        cards = load_scorecards_of(connection, list(runs), "pipeline", "pipeline")
    found = {OUTCOMES[card.outcomes[runs[n].checks.index(check)]] for n, card in cards.items()}
    assert len(found) >= 2
    assert outcomes[check].keys() & SAY_SOMETHING


def test_the_sixty_open_deals_are_neither_all_good_nor_all_bad(
    demo: tuple[Path, Review, str],
) -> None:
    """A sales leader sees some of each band."""
    cards = [card for card in demo[1].scorecards() if card.kind is Kind.DEAL]
    bands = Counter(card.band for card in cards if card.facts["is_open"])
    assert min(bands[Band.HEALTHY], bands[Band.WATCH], bands[Band.RISK]) >= 2, bands
    assert bands[Band.UNRATED] <= 5


def test_nothing_goes_wrong(demo: tuple[Path, Review, str]) -> None:
    """No pack, check, fact or feed is in trouble; one row was rejected, as it should be."""
    header = demo[1].header
    assert header.problems == ()
    assert header.rejected_rows == 1
    assert header.as_of == AS_OF
    assert header.judged_by_todays_values == 0


def test_every_table_is_filled(demo: tuple[Path, Review, str]) -> None:
    """There is something of everything that can be recorded."""
    with Database.open(demo[0] / "dealreview.db").read() as connection:
        counts = {
            name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
            for name in TABLES
        }
    assert [name for name, count in counts.items() if not count] == []
    assert counts["accounts"] == 40
    assert 290 <= counts["deals"] <= 320


def test_defects_are_reported(demo: tuple[Path, Review, str]) -> None:
    """What was wrong in the files is told, and nothing that was right."""
    with Database.open(demo[0] / "dealreview.db").read() as connection:
        found = connection.execute(
            "SELECT DISTINCT file, column_name, action FROM import_problems ORDER BY 1"
        ).fetchall()
    assert found == [
        ("crm_opportunities.csv", "Close date", "emptied"),
        ("finance_months.csv", "Kunde", "noted"),
        ("quote_lines.csv", "", "rejected"),
    ]


def test_the_worst_deal_is_at_risk_and_the_best_is_healthy(demo: tuple[Path, Review, str]) -> None:
    """The two cards show both ends."""
    folder, review, _ = demo
    with Database.open(folder / "dealreview.db").read() as connection:
        worst, best = worst_and_best(review, NameBook(connection))
    assert (worst.band, best.band) == (Band.RISK, Band.HEALTHY)
    assert (worst.score or 0) < 50 < (best.score or 0)


def test_it_prints_the_import_two_deals_and_commands(demo: tuple[Path, Review, str]) -> None:
    """Each week is told when it is done, then what was rejected, both deals, and what to try next."""
    printed = demo[2]
    weeks = [f"{day:%a %-d %b %Y}" for day in (*EARLIER, AS_OF)]
    places = [printed.index(week) for week in weeks]
    assert places == sorted(places)
    assert "rejected  quote_lines.csv:" in printed
    assert "THE WORST DEAL" in printed
    assert "THE BEST DEAL" in printed
    assert "dealreview review" in printed


def test_five_runs_are_stored(demo: tuple[Path, Review, str]) -> None:
    """The review can be compared with those of the three weeks before, and of July."""
    folder, review, _ = demo
    assert review.run_number == 5
    with Database.open(folder / "dealreview.db").read() as connection:
        runs = sorted(list_runs(connection), key=lambda run: run.as_of)
    assert [run.as_of for run in runs] == [LOOKED_BACK_TO, *EARLIER, AS_OF]


def test_changes_come_from_comparing_exports(demo: tuple[Path, Review, str]) -> None:
    """Amounts and forecasts, of which the CRM keeps no history, have one since the first import."""
    with Database.open(demo[0] / "dealreview.db").read() as connection:
        found = dict(
            connection.execute(
                "SELECT field, COUNT(*) FROM deal_changes WHERE change_id LIKE 'crm:import/%' GROUP BY 1"
            )
        )
    assert found.keys() == {"amount_minor", "forecast_category"}
    assert min(found.values()) >= 5


def test_the_commands_to_try_next_work_as_printed(
    demo: tuple[Path, Review, str], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Each one, pasted in the folder that the first one leads to, ends well and prints something."""
    folder, _, printed = demo
    lines = printed[printed.index("TRY NEXT") :].splitlines()
    commands = [line.strip() for line in lines[1:] if not line.lstrip().startswith("#")]
    assert len(commands) == 6
    monkeypatch.chdir(Path.cwd() / shlex.split(commands[0])[1])
    assert Path.cwd() == folder
    for command in commands[1:]:
        arguments = shlex.split(command.partition("dealreview ")[2])
        assert main(arguments) == 0, command
        assert capsys.readouterr().out.strip()


def test_a_second_import_changes_nothing(demo: tuple[Path, Review, str]) -> None:
    """The same files once more are recognised row by row."""
    before = outcomes_of(demo[1])
    summary = import_files(demo[0])
    assert summary.total("stored") == 0
    assert summary.total("unchanged") > 15000
    assert outcomes_of(review_folder(demo[0])) == before


def test_a_key_account_loses_money(demo: tuple[Path, Review, str]) -> None:
    """The company has one customer that it treats best and that costs it most."""
    card = demo[1].scorecard(Kind.ACCOUNT, "crm:001002")
    assert card.name == "Brinkfeld Dairy"
    (verdict,) = (v for v in card.verdicts if v.check == "accounts/unprofitable-key-account")
    assert verdict.message.startswith("loses money")


def test_facts_that_are_cited_are_those_of_the_subject(demo: tuple[Path, Review, str]) -> None:
    """A finding about what is still going on shows the values that are on its card."""
    wrong = [
        (card.id, verdict.check, cell.field)
        for card in demo[1].scorecards()
        for verdict in card.verdicts
        for cell in verdict.evidence
        if cell.table == "facts" and cell.field in card.facts and not card.closed
        if (cell.id, plain(cell.value)) != (card.id, plain(card.facts[cell.field]))
    ]
    assert wrong == []


def test_rows_that_are_cited_are_there(demo: tuple[Path, Review, str]) -> None:
    """Each piece of evidence names a row and column of the database."""
    folder, review, _ = demo
    cited = {
        (cell.table, cell.field, cell.id)
        for card in review.scorecards()
        for verdict in card.verdicts
        for cell in verdict.evidence
        if cell.table != "facts"
    }
    assert len(cited) > 100
    with Database.open(folder / "dealreview.db").read() as connection:
        for table, column, key in cited:
            assert column in TABLES[table].by_name
            parts = key.split("\x1f")
            where = " AND ".join(f"{name} = ?" for name in TABLES[table].key[: len(parts)])
            query = f"SELECT COUNT(*) FROM {table} WHERE {where}"
            assert connection.execute(query, parts).fetchone()[0] >= 1, (table, key)


def test_next_commands_name_subjects_that_exist(demo: tuple[Path, Review, str]) -> None:
    """They go to the folder first, and name the deal that is worst off."""
    folder, review, _ = demo
    with Database.open(folder / "dealreview.db").read() as connection:
        names = NameBook(connection)
        commands = [command for command, _ in next_commands(review, names, folder)]
        worst, _best = worst_and_best(review, names)
    assert commands[0].startswith("cd ")
    assert f"deal:{worst.id}" in commands[2]
