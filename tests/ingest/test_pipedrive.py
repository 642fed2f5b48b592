"""The preset for Pipedrive, on small exports of its own, from the file to the scorecard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import load_mapping
from dealreview.ingest.suggest import suggest
from tests.cli.running import run
from tests.ingest.importing import NOW, TODAY, Imported, write_files

if TYPE_CHECKING:
    from pathlib import Path

EXPORT = {
    "organizations-1.csv": "Organization - Name,Organization - ID,Organization - Owner\n"
    "Acme,11,Ana Berg\nBolt,12,Ana Berg\n",
    "people-1.csv": "Person - Name,Person - ID,Person - Organization,Person - Job title\n"
    "Ida Lang,21,Acme,CFO\n",
    "deals-1.csv": "Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Organization,"
    "Deal - Pipeline,Deal - Contact person,Deal - Stage,Deal - Status,Deal - Owner,Deal - Deal created,"
    "Deal - Expected close date,Deal - Won time,Deal - Lost time,Deal - Lost reason\n"
    "1,Line 4,12000.5,EUR,Acme,Sales,Ida Lang,Negotiations Started,Open,Ana Berg,2024-05-09 14:30:00,"
    "2025-04-30,2025-02-01 10:00:00,,\n"
    "2,Ramp,800,USD,Bolt,Sales,,Demo Scheduled,Won,Ben Ode,2025-01-09 14:30:00,,2025-03-01 10:00:00,,\n"
    "3,Tower,5,EUR,Cole,Sales,Una Ott,Qualified,Lost,Ben Ode,2025-01-09 14:30:00,,,2025-03-02 10:00:00,"
    "Too slow\n4,Gone,5,EUR,,Sales,,Qualified,Deleted,Ben Ode,2025-01-09 14:30:00,,,,\n",
    "activities-1.csv": "Activity - ID,Activity - Subject,Activity - Type,Activity - Done,"
    "Activity - Due date,Activity - Due time,Activity - Deal,Activity - Organization,"
    "Activity - Contact person,Activity - Assigned to user\n"
    "31,Demo,Meeting,Done,2025-05-02,10:00,Line 4,Acme,Ida Lang,Ana Berg\n"
    "32,Ask,Call,To do,2025-05-03,,Line 4,Acme,,Cem Aksu\n"
    "33,Send it,Task,Done,2025-05-04,,,Acme,,Ana Berg\n",
}


def imported(tmp_path: Path, files: dict[str, str]) -> Imported:
    """Import an export with the preset."""
    paths = write_files(tmp_path / "files", files)
    path = tmp_path / "pipedrive.db"
    summary = run_import(path, paths, load_mapping("pipedrive"), today=TODAY, now=NOW)
    return Imported(path, summary)


@pytest.fixture(name="all_files")
def make_export(tmp_path: Path) -> Imported:
    """Return the whole export, imported."""
    return imported(tmp_path, EXPORT)


def test_a_status_that_closes_is_the_stage(all_files: Imported) -> None:
    """A won deal keeps its last stage in Pipedrive; deleted ones are left out."""
    sql = (
        "SELECT deal_id, s.name, s.kind, amount_minor, currency, closed_on FROM deals "
        "JOIN stages s USING (stage_id) ORDER BY 1"
    )
    assert all_files.ask(sql) == [
        ("pipedrive:1", "Negotiations Started", "open", 1200050, "EUR", None),
        ("pipedrive:2", "Won", "won", 80000, "USD", "2025-03-01"),
        ("pipedrive:3", "Lost", "lost", 500, "EUR", "2025-03-02"),
    ]
    assert all_files.summary.rejected == 0
    assert all_files.summary.adds_up()


def test_names_find_their_ids(all_files: Imported) -> None:
    """Organizations and people are found by name; those that no file has are made of the deals."""
    assert all_files.ask("SELECT account_id FROM deals ORDER BY deal_id") == [
        ("pipedrive:11",), ("pipedrive:12",), ("pipedrive:Cole",),
    ]  # fmt: skip
    assert all_files.ask("SELECT account_id, name FROM accounts ORDER BY 1") == [
        ("pipedrive:11", "Acme"), ("pipedrive:12", "Bolt"), ("pipedrive:Cole", "Cole"),
    ]  # fmt: skip
    contacts = "SELECT contact_id, name, account_id, job_title FROM contacts ORDER BY 1"
    assert all_files.ask(contacts) == [
        ("pipedrive:21", "Ida Lang", "pipedrive:11", "CFO"),
        ("pipedrive:Una Ott", "Una Ott", "pipedrive:Cole", None),
    ]
    stakeholders = "SELECT deal_id, contact_id, is_main FROM stakeholders ORDER BY 1"
    assert all_files.ask(stakeholders) == [
        ("pipedrive:1", "pipedrive:21", 1),
        ("pipedrive:3", "pipedrive:Una Ott", 1),
    ]
    assert all_files.ask("SELECT name FROM people ORDER BY 1") == [
        ("Ana Berg",), ("Ben Ode",), ("Cem Aksu",),
    ]  # fmt: skip


def test_activities_are_held_or_planned(all_files: Imported) -> None:
    """A task that is done says nothing of an answer; a title finds its deal."""
    sql = "SELECT kind, status, at, deal_id FROM activities ORDER BY activity_id"
    assert all_files.ask(sql) == [
        ("meeting", "held", "2025-05-02T10:00:00Z", "pipedrive:1"),
        ("call", "planned", "2025-05-03T00:00:00Z", "pipedrive:1"),
        ("task", None, "2025-05-04T00:00:00Z", None),
    ]
    assert all_files.ask("SELECT attendee_id FROM activity_attendees") == [("pipedrive:21",)]


def test_an_import_once_more_changes_nothing(tmp_path: Path, all_files: Imported) -> None:
    """Records that were made of deals included."""
    assert all_files.summary.total("stored") > 0
    assert imported(tmp_path, EXPORT).summary.total("stored") == 0


def test_labels_of_files_made_for_an_import_are_known(tmp_path: Path) -> None:
    """Pipedrive has two sets of names, and writes days as counts of days in some files."""
    text = (
        "Deal - Title,Deal - Value,Deal - Currency of value,Organization,Contact person,Deal - Owner,"
        "Deal - Stage (pipeline),Deal - Status,Deal - Creation date,Deal - Closed on,"
        "Deal - Pipedrive System ID\n"
        "Line 4,5,EUR,Acme,Ida Lang,Ana Berg,Qualified,Open,45631.0,,1\n"
        "Ramp,5,EUR,Acme,,Ana Berg,Qualified,Lost,45631.0,45640,2\n"
    )
    found = imported(tmp_path, {"sample.csv": text})
    sql = "SELECT deal_id, account_id, created_on, closed_on FROM deals ORDER BY 1"
    assert found.ask(sql) == [
        ("pipedrive:1", "pipedrive:Acme", "2024-12-05", None),
        ("pipedrive:2", "pipedrive:Acme", "2024-12-05", "2024-12-14"),
    ]


def test_deals_alone_become_a_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The open deal is judged by its age and its close date."""
    (path,) = write_files(tmp_path, {"deals-1234.csv": EXPORT["deals-1.csv"]})
    database = tmp_path / "d.db"
    assert run(capsys, "import", path, "--mapping", "pipedrive", "--db", database).code == 0
    wanted = ("--db", database, "--as-of", "2025-05-16", "--format", "json")
    review = json.loads(run(capsys, "review", *wanted).out)
    outcomes = {
        (card["subject"]["id"], verdict["check"]): verdict["outcome"]
        for card in review["scorecards"]
        for verdict in card["verdicts"]
    }
    assert outcomes["pipedrive:1", "hygiene/close-date-passed"] == "risk"
    assert outcomes["pipedrive:1", "hygiene/deal-age"] == "risk"


def test_a_proposal_knows_the_export(tmp_path: Path) -> None:
    """Stages of one's own are asked for; the status is none of them."""
    deals = EXPORT["deals-1.csv"].replace("Negotiations Started", "Waiting")
    text = suggest(write_files(tmp_path, {"deals.csv": deals}))
    assert 'preset = "pipedrive"' in text
    assert "Waiting = {}" in text
    assert "Open" not in text
