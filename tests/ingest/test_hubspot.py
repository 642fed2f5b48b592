"""The preset for HubSpot, on small exports of its own, from the file to the scorecard."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import load_mapping, parse_mapping
from dealreview.ingest.suggest import suggest
from dealreview.model.errors import ConfigurationError
from tests.cli.running import run
from tests.ingest.books import workbook
from tests.ingest.importing import NOW, TODAY, Imported, write_files

if TYPE_CHECKING:
    from pathlib import Path

    Files = dict[str, str | bytes]

DEALS_ONLY = """\
"Record ID","Deal Name","Deal Stage","Close Date","Deal owner","Amount","Pipeline","Create Date"
"9001","Line 4","Contract Sent","2025-04-30 17:00","Ana Berg","12000.5","Sales Pipeline","2024-05-09 14:30"
"9002","Ramp","Closed won","2025-03-01 10:00","Ben Ode","800","Sales Pipeline","2025-01-09 14:30"
"9003","New one","Appointment Scheduled","2025-07-30 17:00","","","Sales Pipeline","2025-05-01 09:00"
"""
"""What somebody has who has clicked on Export once."""

EXPORT: dict[str, str] = {
    "all-companies.csv": "Record ID,Company name,Company owner,Industry,Country/Region,Number of Employees\n"
    "501,Acme,Ana Berg,MACHINERY,Germany,250\n502,Bolt,,,,\n",
    "all-contacts.csv": "Record ID,First Name,Last Name,Email,Job Title,Company Name,Associated Company IDs\n"
    "201,Ida,Lang,ida@acme.example,CFO,Acme,501\n202,Tom,,tom@bolt.example,,Bolt,502;501\n",
    "my view 2025.csv": "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Currency,Pipeline,"
    "Create Date,Forecast category,Closed Lost Reason,Associated Company,Associated Company IDs,"
    "Associated Company IDs (Primary),Associated Contact IDs\n"
    "9001,Line 4,Contract Sent,2025-04-30 17:00,Ana Berg,12000.5,EUR,Sales Pipeline,"
    "2024-05-09 14:30,Commit,,Acme;Bolt,502;501,501,201; 202\n"
    "9002,Ramp,Closed Lost (Sales Pipeline),2025-03-01 10:00,Ben Ode,800,USD,Sales Pipeline,"
    "2025-01-09 14:30,Not forecasted,Too slow,Cole,503,,\n",
    "calls.csv": "Record ID,Call Title,Call direction,Call outcome,Activity date,Activity assigned to,"
    "Associated Deal IDs,Associated Contact IDs,Associated Company IDs\n"
    "77,Intro,Outbound,Connected,2025-05-02 10:00,Ana Berg,9001,201,501\n"
    "78,Again,Outbound,No answer,2025-05-03 10:00,Ana Berg,9001,,501\n",
    "meetings.csv": "Record ID,Meeting name,Meeting outcome,Meeting start time,Activity assigned to,"
    "Associated Deal IDs,Associated Contact IDs\n77,Demo,Completed,2025-05-05 10:00,Cem Aksu,9001,201;202\n",
    "emails.csv": "Record ID,Email subject,Email direction,Activity date,Activity assigned to,"
    "Associated Deal IDs,Associated Contact IDs\n"
    "77,Hello,Incoming Email,2025-05-06 10:00,Ana Berg,9001,202\n",
}


def imported(tmp_path: Path, files: Files | dict[str, str], preset: str = "hubspot") -> Imported:
    """Import an export with the preset."""
    paths = write_files(tmp_path / "files", files)
    path = tmp_path / "hubspot.db"
    summary = run_import(path, paths, load_mapping(preset), today=TODAY, now=NOW)
    return Imported(path, summary)


def as_workbook(text: str) -> bytes:
    """Return a CSV file as a workbook whose ids and amounts are numbers."""

    def cell(value: str) -> Any:
        return float(value) if value.replace(".", "", 1).isdigit() else value

    return workbook([[cell(value) for value in row] for row in csv.reader(io.StringIO(text))])


@pytest.fixture(name="all_files")
def make_export(tmp_path: Path) -> Imported:
    """Return the whole export, imported."""
    return imported(tmp_path, EXPORT)


def test_every_file_finds_its_table_by_its_columns(all_files: Imported) -> None:
    """Whatever the views are called; nothing is rejected and the sums agree."""
    assert all_files.summary.rejected == 0
    assert all_files.summary.adds_up()
    assert all_files.summary.unread == []
    deals = "SELECT deal_id, account_id, amount_minor, currency, closed_on FROM deals ORDER BY 1"
    assert all_files.ask(deals) == [
        ("hubspot:9001", "hubspot:501", 1200050, "EUR", None),
        ("hubspot:9002", "hubspot:503", 80000, "USD", "2025-03-01"),
    ]
    stages = "SELECT name, kind, milestone FROM stages ORDER BY 1"
    assert all_files.ask(stages) == [
        ("Closed Lost (Sales Pipeline)", "lost", None),
        ("Contract Sent", "open", 6),
    ]
    assert all_files.ask("SELECT name, value FROM custom_values") == [("lost_reason", "Too slow")]


def test_companies_and_people_that_no_file_has_are_made_of_the_deals(all_files: Imported) -> None:
    """What the file of companies says of the others is not touched."""
    accounts = "SELECT account_id, name, employees FROM accounts ORDER BY 1"
    assert all_files.ask(accounts) == [
        ("hubspot:501", "Acme", 250),
        ("hubspot:502", "Bolt", None),
        ("hubspot:503", "Cole", None),
    ]
    assert all_files.ask("SELECT name FROM people ORDER BY 1") == [
        ("Ana Berg",), ("Ben Ode",), ("Cem Aksu",),
    ]  # fmt: skip


def test_a_list_of_contacts_is_several_people(all_files: Imported) -> None:
    """201; 202 are two stakeholders; a meeting with both has two attendees."""
    assert all_files.ask("SELECT contact_id FROM stakeholders ORDER BY 1") == [
        ("hubspot:201",), ("hubspot:202",),
    ]  # fmt: skip
    contacts = "SELECT name, account_id, job_title FROM contacts ORDER BY contact_id"
    assert all_files.ask(contacts) == [
        ("Ida Lang", "hubspot:501", "CFO"),
        ("Tom", "hubspot:502", None),
    ]
    attendees = "SELECT activity_id, count(*) FROM activity_attendees GROUP BY 1 ORDER BY 1"
    assert all_files.ask(attendees) == [
        ("hubspot:call-77", 1), ("hubspot:email-77", 1), ("hubspot:meeting-77", 2),
    ]  # fmt: skip


def test_calls_meetings_and_mails_are_told_apart(all_files: Imported) -> None:
    """Though all of them count from the same number."""
    sql = "SELECT activity_id, kind, direction, status, at FROM activities ORDER BY 1"
    assert all_files.ask(sql) == [
        ("hubspot:call-77", "call", "outbound", "held", "2025-05-02T10:00:00Z"),
        ("hubspot:call-78", "call", "outbound", "unanswered", "2025-05-03T10:00:00Z"),
        ("hubspot:email-77", "email", "inbound", None, "2025-05-06T10:00:00Z"),
        ("hubspot:meeting-77", "meeting", None, "held", "2025-05-05T10:00:00Z"),
    ]


def test_workbooks_say_the_same_as_texts(tmp_path: Path, all_files: Imported) -> None:
    """HubSpot writes both; ids that became numbers find each other."""
    books: Files = {name.replace(".csv", ".xlsx"): as_workbook(t) for name, t in EXPORT.items()}
    found = imported(tmp_path / "books", books)
    for table in ("deals", "accounts", "contacts", "stakeholders", "activities"):
        columns = [name for _, name, *_ in found.ask(f"PRAGMA table_info({table})")]
        plain = ", ".join(name for name in columns if name != "source_row")
        sql = f"SELECT {plain} FROM {table} ORDER BY 1, 2"
        assert found.ask(sql) == all_files.ask(sql), table


def test_sheets_of_one_workbook_are_known_by_their_columns(tmp_path: Path) -> None:
    """Whatever stands first in it."""

    def sheet(text: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(text)))

    book = workbook(
        ("Read me", [["Exported on Friday"]]),
        ("Companies", sheet(EXPORT["all-companies.csv"])),
        ("Deals", sheet(EXPORT["my view 2025.csv"])),
    )
    found = imported(tmp_path, {"everything.xlsx": book})
    assert found.ask("SELECT count(*) FROM deals") == [(2,)]
    assert found.ask("SELECT name FROM accounts ORDER BY 1") == [("Acme",), ("Bolt",), ("Cole",)]
    assert found.summary.unread == ["everything.xlsx:Read me"]


def test_an_import_once_more_changes_nothing(tmp_path: Path, all_files: Imported) -> None:
    """Records that were made of deals included."""
    again = imported(tmp_path, EXPORT)
    assert again.summary.total("stored") == 0
    assert all_files.summary.total("stored") > 0


def test_deals_alone_become_a_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is listed and is no error; age and close date are judged."""
    (path,) = write_files(tmp_path, {"hubspot-crm-exports-all-deals.csv": DEALS_ONLY})
    database = tmp_path / "d.db"
    printed = run(capsys, "import", path, "--mapping", "hubspot", "--db", database)
    assert printed.code == 0
    assert "deals.currency" in printed.out
    wanted = ("--db", database, "--as-of", "2025-05-16", "--format", "json")
    review = json.loads(run(capsys, "review", *wanted).out)
    outcomes = {
        (card["subject"]["id"], verdict["check"]): verdict["outcome"]
        for card in review["scorecards"]
        for verdict in card["verdicts"]
    }
    assert outcomes["hubspot:9001", "hygiene/close-date-passed"] == "risk"
    assert outcomes["hubspot:9001", "hygiene/deal-age"] == "risk"


def test_names_stand_in_where_ids_were_not_exported(tmp_path: Path) -> None:
    """A name is looked up among the companies; without these it is the id."""
    deals = "Record ID,Deal Name,Deal Stage,Associated Company\n1,One,Contract Sent,Acme;Bolt\n"
    alone = imported(tmp_path / "alone", {"deals.csv": deals})
    assert alone.ask("SELECT account_id FROM deals") == [("hubspot:Acme",)]
    assert alone.ask("SELECT account_id, name FROM accounts") == [("hubspot:Acme", "Acme")]
    companies = EXPORT["all-companies.csv"]
    both = imported(tmp_path / "both", {"deals.csv": deals, "companies.csv": companies})
    assert both.ask("SELECT account_id FROM deals") == [("hubspot:501",)]
    assert both.ask("SELECT count(*) FROM accounts") == [(2,)]


def test_a_stage_of_ones_own_closes_by_its_flags(tmp_path: Path) -> None:
    """With the columns that say so; without them it is reported."""
    head = "Record ID,Deal Name,Deal Stage,Close Date"
    row = "1,One,Shipped,2025-03-01 10:00"
    flags = f"{head},Is Deal Closed?,Is Closed Won\n{row},true,true\n"
    found = imported(tmp_path / "flags", {"deals.csv": flags})
    assert found.ask("SELECT kind FROM stages") == [("won",)]
    assert found.ask("SELECT closed_on FROM deals") == [("2025-03-01",)]
    bare = imported(tmp_path / "bare", {"deals.csv": f"{head}\n{row}\n"})
    assert bare.ask("SELECT closed_on FROM deals") == [(None,)]
    assert bare.summary.unmapped_stages == ["Shipped"]


def test_another_file_is_not_taken_for_hubspots(tmp_path: Path) -> None:
    """The error names the columns by which files are known."""
    with pytest.raises(ConfigurationError, match="with columns Record ID, Deal Name"):
        imported(tmp_path, {"deals.csv": "id,name\n1,One\n"})


def test_a_proposal_is_one_over_the_preset(tmp_path: Path) -> None:
    """It asks for what differs between accounts, stages of one's own above all."""
    text = DEALS_ONLY.replace("Contract Sent", "Verbal agreement")
    paths = write_files(tmp_path / "files", {"deals.csv": text, "hours.csv": "a,b\n1,2\n"})
    proposal = suggest(paths)
    assert "# The mapping 'hubspot' comes along and reads deals.csv." in proposal
    assert '"Verbal agreement" = {milestone = "closing"}  # please confirm' in proposal
    assert "# Not recognised: hours.csv" in proposal
    assert "Appointment" not in proposal
    mapping = parse_mapping(proposal)
    summary = run_import(tmp_path / "d.db", paths, mapping, today=TODAY, now=NOW)
    assert summary.unmapped_stages == []
    assert summary.rejected == 0


def test_a_mapping_over_a_preset_says_what_differs() -> None:
    """Its keys count, its stages and files come besides, a file of the same name takes the place."""
    text = 'preset = "hubspot"\ncurrency = "CHF"\n[stages]\nMine = {milestone = 4}\n'
    mapping, base = parse_mapping(text), load_mapping("hubspot")
    assert (mapping.currency, mapping.source, mapping.skip_missing) == ("CHF", "hubspot", True)
    assert len(mapping.stages) == len(base.stages) + 1
    assert len(mapping.blocks) == len(base.blocks)
    own = '[[file]]\nname = "deals"\nmatch = "d.csv"\ninto = "deals"\nfields = {deal_id = "id"}\n'
    changed = parse_mapping(text + own)
    assert len(changed.blocks) == len(base.blocks)
    assert changed.blocks_by_name["deals"].match == ("d.csv",)
    with pytest.raises(ConfigurationError, match="Did you mean 'hubspot'"):
        parse_mapping('preset = "hubspt"\n')
