"""The preset for Salesforce, on a small export of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import load_mapping
from tests.ingest.importing import NOW, TODAY, Imported, write_files

if TYPE_CHECKING:
    from pathlib import Path

A1, A2 = "001A00000000001AAA", "001A00000000002AAA"
C1, LEAD = "003A00000000001AAA", "00QA00000000001AAA"
U1, U2 = "005A00000000001AAA", "005A00000000002AAA"
D1, D2, D3 = (f"006A0000000000{n}AAA" for n in (1, 2, 3))
NULL = "000000000000000AAA"

EXPORT = {
    "Account.csv": f"Id,IsDeleted,Name,ParentId,OwnerId\n{A1},false,Acme,{NULL},{U1}\n{A2},true,Gone,,{U1}\n",
    "Contact.csv": f"Id,AccountId,FirstName,LastName,Title\n{C1},{A1},Ida,Lang,CFO\n",
    "User.csv": f"Id,FirstName,LastName,IsActive,LastModifiedDate,ManagerId\n"
    f"{U1},Ana,Berg,true,2025-01-01T00:00:00.000Z,{U2}\n{U2},Ben,Ode,false,2025-02-03T10:00:00.000+0000,\n",
    "Opportunity.csv": "Id,IsDeleted,AccountId,Name,StageName,Amount,CloseDate,IsClosed,IsWon,"
    "ForecastCategoryName,OwnerId,CreatedDate\n"
    f"{D1},false,{A1},One,Proposal/Price Quote,1000.5,2025-06-30,false,false,Best Case,{U1},"
    "2025-01-05T23:30:00.000Z\n"
    f"{D2},false,{A1},Two,Closed Won,20,2025-04-01,true,true,Closed,{U1},2025-01-06T08:00:00.000Z\n"
    f"{D3},false,{A1},Three,Shipped,,2025-04-02,true,false,Omitted,{U1},2025-01-07T08:00:00.000Z\n",
    "OpportunityContactRole.csv": "Id,OpportunityId,ContactId,Role,IsPrimary\n"
    f"r1,{D1},{C1},Economic Decision Maker,true\nr2,{D2},{C1},,false\n",
    "OpportunityLineItem.csv": "Id,OpportunityId,Name,Quantity,UnitPrice,ListPrice,TotalPrice\n"
    f"l1,{D1},Seats,10,90,100,900\n",
    "Task.csv": "Id,WhoId,WhatId,AccountId,OwnerId,TaskSubtype,Status,ActivityDate,CallType\n"
    f"t1,{C1},{D1},{A1},{U1},Call,Completed,2025-05-02,Outbound\n"
    f"t2,{LEAD},{A1},{A1},{U1},ListEmail,Completed,2025-05-03,\n",
    "Event.csv": "Id,WhoId,WhatId,AccountId,OwnerId,StartDateTime,DurationInMinutes\n"
    f"e1,{C1},{D1},{A1},{U1},2025-05-04T09:00:00.000Z,60\n",
    "OpportunityFieldHistory.csv": "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate,CreatedById\n"
    f"h1,{D1},StageName,Qualification,Proposal/Price Quote,2025-03-01T10:00:00.000Z,{U1}\n"
    f"h2,{D1},Amount,900,1000.5,2025-03-02T10:00:00.000Z,{U1}\n"
    f"h3,{D1},Owner,Ben Ode,Ana Berg,2025-03-03T10:00:00.000Z,{U1}\n"
    f"h4,{D1},Owner,{U2},{U1},2025-03-03T10:00:00.000Z,{U1}\n"
    f"h5,{D1},Probability,10,20,2025-03-03T10:00:00.000Z,{U1}\n",
}


def imported(tmp_path: Path, files: dict[str, str]) -> Imported:
    """Import a Salesforce export with the preset."""
    paths = write_files(tmp_path / "files", files)
    summary = run_import(
        tmp_path / "sf.db", paths, load_mapping("salesforce"), today=TODAY, now=NOW
    )
    return Imported(tmp_path / "sf.db", summary)


def test_an_export_is_taken_without_a_mapping_of_its_own(tmp_path: Path) -> None:
    """Every object finds its table; deleted rows, leads and untracked fields are left out."""
    found = imported(tmp_path, EXPORT)
    assert found.summary.rejected == 0
    assert found.summary.adds_up()
    deals = (
        "SELECT name, amount_minor, created_on, closed_on, forecast_category FROM deals ORDER BY 1"
    )
    assert found.ask(deals) == [
        ("One", 100050, "2025-01-05", None, "best_case"),
        ("Three", None, "2025-01-07", "2025-04-02", "omitted"),
        ("Two", 2000, "2025-01-06", "2025-04-01", "commit"),
    ]
    assert found.ask("SELECT name, parent_account_id FROM accounts") == [("Acme", None)]
    assert found.ask("SELECT name, left_on FROM people ORDER BY 1") == [
        ("Ana Berg", None),
        ("Ben Ode", "2025-02-03"),
    ]
    assert found.ask("SELECT role FROM stakeholder_roles") == [("decision_maker",)]
    assert found.ask("SELECT list_minor, invoice_minor FROM deal_lines") == [(100000, 90000)]


def test_activities_tell_calls_from_mass_mail(tmp_path: Path) -> None:
    """A logged call is held; a list e-mail is automated and no proof of anything; leads attend nothing."""
    found = imported(tmp_path, EXPORT)
    sql = "SELECT kind, status, automated, deal_id IS NULL FROM activities ORDER BY activity_id"
    assert found.ask(sql) == [
        ("meeting", None, None, 0),
        ("call", "held", 0, 0),
        ("email", None, 1, 1),
    ]
    assert found.ask("SELECT count(*) FROM activity_attendees") == [(2,)]


def test_field_history_becomes_changes_with_our_values(tmp_path: Path) -> None:
    """Stages are stage ids, amounts minor units, owners ids; the row with the owner's name is left out."""
    found = imported(tmp_path, EXPORT)
    changes = found.ask("SELECT field, old_value, new_value FROM deal_changes ORDER BY change_id")
    assert changes == [
        ("stage_id", "salesforce:Qualification", "salesforce:Proposal/Price Quote"),
        ("amount_minor", "90000", "100050"),
        ("owner_id", f"salesforce:{U2}", f"salesforce:{U1}"),
    ]


def test_stages_of_the_organisation_are_reported(tmp_path: Path) -> None:
    """A stage that Salesforce does not ship is lost by its flags; an open one would need a milestone."""
    found = imported(tmp_path, EXPORT)
    stages = dict(
        found.ask("SELECT name, coalesce(kind, '') || coalesce(milestone, '') FROM stages")
    )
    assert stages == {
        "Closed Won": "won", "Proposal/Price Quote": "open4", "Qualification": "open1", "Shipped": "lost",
    }  # fmt: skip
    own = EXPORT["Opportunity.csv"].replace("Proposal/Price Quote", "Our Stage")
    again = imported(tmp_path, EXPORT | {"Opportunity.csv": own})
    assert again.summary.unmapped_stages == ["Our Stage"]


def test_snapshots_become_changes(tmp_path: Path) -> None:
    """OpportunityHistory repeats every value; only what changed is a change, with the value before."""
    history = (
        "Id,OpportunityId,StageName,Amount,CloseDate,CreatedDate,CreatedById\n"
        f"b,{D1},Qualification,950,2025-06-30,2025-02-02T10:00:00.000Z,{U1}\n"
        f"a,{D1},Qualification,900,2025-06-30,2025-02-01T10:00:00.000Z,{U1}\n"
        f"c,{D1},Proposal/Price Quote,950,2025-07-31,2025-02-03T10:00:00.000Z,{U1}\n"
    )
    files = {name: text for name, text in EXPORT.items() if "History" not in name}
    found = imported(tmp_path, files | {"OpportunityHistory.csv": history})
    changes = found.ask(
        "SELECT field, old_value, new_value FROM deal_changes ORDER BY field, changed_at"
    )
    assert changes == [
        ("amount_minor", None, "90000"),
        ("amount_minor", "90000", "95000"),
        ("expected_close_on", None, "2025-06-30"),
        ("expected_close_on", "2025-06-30", "2025-07-31"),
        ("stage_id", None, "salesforce:Qualification"),
        ("stage_id", "salesforce:Qualification", "salesforce:Proposal/Price Quote"),
    ]
    assert found.summary.adds_up()
