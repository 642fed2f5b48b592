from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealreview.demo.files import prepare
from dealreview.demo.files import write_files as write_demo
from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import parse_mapping
from dealreview.ingest.readers import FileError
from dealreview.ingest.suggest import suggest
from dealreview.ingest.words import FIELD_WORDS, VALUE_WORDS
from dealreview.store.schema import TABLES
from tests.ingest.importing import NOW, TODAY, write_files
from tests.support.real_data import real_folder

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.ingest.mapping import Mapping


def suggested(tmp_path: Path, files: dict[str, str | bytes]) -> tuple[str, Mapping]:
    """Return the proposal for files, as text and read."""
    text = suggest(write_files(tmp_path / "files", files))
    return text, parse_mapping(text)


def columns(mapping: Mapping, table: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of each field of a table."""
    targets = [t for block in mapping.blocks for t in block.targets if t.table.name == table]
    return {name: rule.columns for name, rule in targets[0].fields.items()}


@pytest.mark.parametrize(
    "header",
    [
        "Opportunity ID,Account Name,Opportunity Name,Stage,Amount,Created Date,Expected Close Date,Owner",
        "Verkaufschancen-Nr,Kunde,Bezeichnung,Phase,Betrag,Erstellt am,Voraussichtlicher Abschluss,Besitzer",
        "Numéro d'affaire,Client,Intitulé,Étape,Montant,Date de création,Date de clôture prévue,Propriétaire",
    ],
)
def test_headers_in_three_languages_are_known(tmp_path: Path, header: str) -> None:
    """English, German and French name the same fields."""
    row = "7,Acme,Big one,New,5,2025-01-01,2025-07-01,Ana"
    _text, mapping = suggested(tmp_path, {"deals.csv": f"{header}\n{row}\n"})
    fields = dict(zip(header.split(","), columns(mapping, "deals"), strict=True))
    assert list(fields.values()) == [
        "deal_id", "account_id", "name", "stage_id",
        "owner_id", "amount_minor", "created_on", "expected_close_on",
    ]  # fmt: skip
    assert columns(mapping, "deals")["expected_close_on"] == (header.split(",")[6],)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            ("31.12.2024", "01.02.2025"),
            'date = "%d.%m.%Y"}  # the only format that fits all 2 values, e.g. 31.12.2024',
        ),
        (
            ("12/31/2024", "1/2/2025"),
            'date = "%m/%d/%Y"}  # the only format that fits all 2 values, e.g. 12/31/2024',
        ),
        (
            ("1/2/2025", "3/4/2025"),
            'date = ["%m/%d/%Y", "%d/%m/%Y"]}  # please confirm: all of these fit; keep one',
        ),
        (("1/31/2025", "2025-02-01"), "# please confirm: no format fits all values"),
        (("2025-02-01 10:00",), 'created_on = "Created"  # the only format that fits all 1 values'),
        (("soon",), "# please confirm: no known format, e.g. soon"),
    ],
)
def test_a_date_format_is_proven_or_asked(
    tmp_path: Path, values: tuple[str, ...], line: str
) -> None:
    """One format that fits all values is stated with the proof; a choice is left to a person."""
    rows = "".join(f"{n},{value}\n" for n, value in enumerate(values))
    text, _mapping = suggested(tmp_path, {"deals.csv": f"Deal ID,Created\n{rows}"})
    assert line in text


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            ("1.234,50", "5"),
            '{column = "Amount", number = "de"}  # the only format that fits all 2 values',
        ),
        (("1,234.50", "5"), '{column = "Amount", number = "en"}  # the only format'),
        (("5.25", "5"), 'amount_minor = "Amount"'),
        (("5 EUR", "7 EUR"), 'currency = "EUR"  # please confirm'),
        (("much",), "# please confirm: not all are numbers, e.g. much"),
    ],
)
def test_a_number_format_is_proven_or_asked(
    tmp_path: Path, values: tuple[str, ...], line: str
) -> None:
    """The separators come from the values, and so does the currency that they carry."""
    rows = "".join(f"{n};{value}\n" for n, value in enumerate(values))
    text, _mapping = suggested(tmp_path, {"deals.csv": f"Deal ID;Amount\n{rows}"})
    assert line in text


def test_stages_and_values_are_proposed_for_confirmation(tmp_path: Path) -> None:
    """Each stage met has a line; what no word explains is left to say."""
    rows = "1,Angebot\n2,Gewonnen\n3,Zyx\n4,Perdu\n"
    text, mapping = suggested(tmp_path, {"deals.csv": f"Deal ID,Stage\n{rows}"})
    assert 'Angebot = {milestone = "proposal"}  # please confirm' in text
    assert "Zyx = {}  # please say: milestone = qualifying | discovery" in text
    assert {s.name: (s.milestone, s.kind) for s in mapping.stages} == {
        "Angebot": (4, "open"), "Gewonnen": (None, "won"), "Zyx": (None, None), "Perdu": (None, "lost"),
    }  # fmt: skip
    files = {"activities.csv": "Activity ID,Type,Date\n1,Anruf,2025-01-01\n2,Fax,2025-01-01\n"}
    text, _mapping = suggested(tmp_path, files)
    assert 'Anruf = "call"  # please confirm: 1 rows' in text
    assert 'Fax = ""  # please say: email, message' in text


def test_names_that_stand_for_ids_are_looked_up(tmp_path: Path) -> None:
    """The deals name the account, the accounts have an id: the proposal joins them."""
    files = {
        "accounts.csv": "Account ID,Company Name\na1,Acme\na2,Bolt\n",
        "deals.csv": "Deal ID,Company,Owner\n1,Bolt,Ana\n",
    }
    text, mapping = suggested(tmp_path, files)
    assert 'lookup = {file = "accounts.csv", key = "Company Name", value = "Account ID"}' in text
    path = tmp_path / "d.db"
    assert run_import(path, [tmp_path / "files"], mapping, today=TODAY, now=NOW).rejected == 0
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT account_id, owner_id FROM deals").fetchall() == [
            ("files:a2", "files:Ana")
        ]
        assert connection.execute("SELECT name FROM people").fetchall() == [("Ana",)]


def test_nulls_secrets_and_unknown_files_are_named(tmp_path: Path) -> None:
    """What probably means nothing is a null; passwords are never mapped; the rest is a comment."""
    files: dict[str, str | bytes] = {
        "deals.csv": "Deal ID,Deal Name,Password\n1,(leer),x\n",
        "odd.csv": "foo,bar\n1,2\n",
        "book.xlsx": b"PK\x03\x04",
    }
    text, mapping = suggested(tmp_path, files)
    assert 'nulls = ["(leer)"]  # please confirm' in text
    assert "(leer)" in mapping.nulls
    assert columns(mapping, "deals") == {"deal_id": ("Deal ID",), "name": ("Deal Name",)}
    assert "# Not recognised: odd.csv, 1 rows" in text
    assert "# Not read: book.xlsx is damaged or no workbook" in text


def test_an_encoding_is_proposed_for_confirmation(tmp_path: Path) -> None:
    """Nothing is guessed at import; a proposal may guess, and says so."""
    text, mapping = suggested(
        tmp_path, {"deals.csv": "Deal ID,Deal Name\n1,Müller\n".encode("cp1252")}
    )
    assert 'encoding = "cp1252"  # please confirm: not UTF-8: deals.csv' in text
    assert mapping.blocks[0].options.encoding == "cp1252"


def test_a_sqlite_file_is_looked_into(tmp_path: Path) -> None:
    """Tables with blanks in their names, lines without an id, and prices of one."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.execute(
            "CREATE TABLE [Order Details] (OrderID, Product, Quantity, UnitPrice, Discount)"
        )
        connection.execute("INSERT INTO [Order Details] VALUES (1, 'A', 2, 1.5, 0.1)")
        connection.execute("CREATE TABLE Orders (OrderID, Customer)")
        connection.execute("INSERT INTO Orders VALUES (1, 'Acme')")
    mapping = parse_mapping(suggest([tmp_path / "shop.db"]))
    path = tmp_path / "d.db"
    run_import(path, [tmp_path / "shop.db"], mapping, today=TODAY, now=NOW)
    with closing(sqlite3.connect(path)) as connection:
        lines = connection.execute("SELECT quantity, invoice_minor FROM deal_lines").fetchall()
    assert lines == [(2.0, 270)]


def test_a_file_without_a_header_is_suspected(tmp_path: Path) -> None:
    """Its columns have values for names; the proposal says what to write, and no value."""
    files: dict[str, str | bytes] = {
        "deals.csv": "Deal ID,Deal Name,Stage\n1,Big,Offer\n",
        "x.tsv": "1\t2025-01-01\tanna@acme.example\n2\t2025-01-02\tben@acme.example\n",
    }
    text, _mapping = suggested(tmp_path, files)
    assert "# It seems to have no header" in text
    assert '# columns = ["c1", "c2", "c3"]' in text
    assert "# c2: days, e.g. 9999-99-99" in text
    assert "acme.example" not in text


def test_nothing_to_look_at_is_an_error(tmp_path: Path) -> None:
    """A folder of pictures gives no mapping."""
    with pytest.raises(FileError, match="No file of these is a table"):
        suggest(write_files(tmp_path, {"a.csv": ""}))


def test_every_proposed_field_is_a_field() -> None:
    """The word lists name columns that the schema has, and only values that it allows somewhere."""
    for table, fields in FIELD_WORDS.items():
        known = {*TABLES[table].names, "pipeline", "scenario", "is_closed", "is_won"}
        assert fields.keys() <= known, table
    allowed = {v for t in TABLES.values() for c in t.columns for v in c.values}
    assert {v for values in VALUE_WORDS.values() for v in values} <= allowed


@pytest.mark.parametrize(
    ("number", "way"),
    [("2.500", 'number = "de"'), ("2,500", 'number = "en"')],
)
def test_a_mark_before_three_digits_everywhere_can_be_either(
    tmp_path: Path, number: str, way: str
) -> None:
    """One reading is proposed, and both are named to choose from."""
    text, _mapping = suggested(tmp_path, {"deals.csv": f"Deal ID;Amount\n1;{number}\n2;7\n"})
    (line,) = [line for line in text.splitlines() if line.startswith("amount_minor")]
    assert way in line.partition("#")[0]
    assert "# please confirm" in line
    assert "2.5 (number" in line
    assert "2500 (number" in line


@pytest.mark.parametrize(
    "column", ["Discount %", "Discount Percent", "Rabatt Prozent", "discount_pct"]
)
def test_a_percentage_by_its_name_is_one(tmp_path: Path, column: str) -> None:
    """0.5 under a per cent sign is half a per cent, not half."""
    rows = f"Line ID,Deal ID,Product,Quantity,Unit Price,{column}\n1,D,A,2,10,0.5\n2,D,A,1,10,1\n"
    text, _mapping = suggested(tmp_path, {"lines.csv": rows})
    (line,) = [line for line in text.splitlines() if line.startswith("invoice_minor")]
    assert 'unit = "percent", one_minus = true' in line
    assert "# please confirm" in line


@pytest.mark.parametrize("column", ["Close Date", "Closedate", "Date de clôture", "Abschlussdatum"])
def test_a_close_date_is_expected_until_the_deal_has_ended(tmp_path: Path, column: str) -> None:
    """It is the day of closing only in rows that say that the deal is won or lost."""
    rows = f"Deal ID,Stage,{column}\n1,Offer,2025-07-01\n2,Closed Won,2025-03-01\n"
    text, mapping = suggested(tmp_path, {"deals.csv": rows})
    fields = mapping.blocks[0].targets[0].fields
    assert fields["expected_close_on"].when is None
    assert fields["closed_on"].when is not None
    assert fields["closed_on"].when.wanted == {"Stage": ("Closed Won",)}
    said = [line for line in text.splitlines() if "_on = " in line and column in line]
    assert len(said) == 2
    assert all("# please confirm" in line for line in said)


@pytest.mark.parametrize(
    ("prices", "line"),
    [
        (("10", "20"), 'list_minor = "List price"'),
        (("10", "10"), 'list_minor = {multiply = ["Quantity", "List price"]}'),
    ],
)
def test_list_prices_that_grow_with_the_quantity_are_of_the_line(
    tmp_path: Path, prices: tuple[str, str], line: str
) -> None:
    """Twice the price for two pieces is the price of both."""
    one, two = prices
    rows = f"Line,Opportunity,Product,Quantity,List price\n1,D,A,1,{one}\n2,D,A,2,{two}\n"
    text, _mapping = suggested(tmp_path, {"quote_lines.csv": rows})
    assert f"{line}  # please confirm" in text


def test_a_close_date_without_a_state_is_only_expected(tmp_path: Path) -> None:
    """Nothing says which deals have ended."""
    rows = "Deal ID,Stage,Close Date\n1,Offer,2025-07-01\n2,Demo,2025-03-01\n"
    _text, mapping = suggested(tmp_path, {"deals.csv": rows})
    assert "closed_on" not in columns(mapping, "deals")


CRMS = {
    "Dynamics": (
        ("(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,Topic,Potential Customer,"
        "Est. Close Date,Est. Revenue,Status,Status Reason,Owner"),
        "a1,x=,Big,Acme,5/30/2025,1000,Open,In Progress,Ana",
        {
            "deal_id": "(Do Not Modify) Opportunity", "name": "Topic", "account_id": "Potential Customer",
            "expected_close_on": "Est. Close Date", "amount_minor": "Est. Revenue",
            "stage_id": "Status Reason", "owner_id": "Owner",
        },
    ),
    "Zoho": (
        "Record Id,Deal Name,Account Name,Closing Date,Amount,Stage,Deal Owner,Created Time",
        "z1,Big,Acme,2025-08-01,1000,Qualification,Ana,2025-01-01 10:00:00",
        {
            "deal_id": "Record Id", "name": "Deal Name", "account_id": "Account Name",
            "expected_close_on": "Closing Date", "amount_minor": "Amount", "stage_id": "Stage",
            "owner_id": "Deal Owner", "created_on": "Created Time",
        },
    ),
    "SAP": (
        ("Opportunity-Nr.,Bezeichnung,Auftraggeber,Verkaufsphase,Nettowert,Belegwährung,Angelegt am,"
        "Abschlussdatum,Zuständiger Mitarbeiter"),
        "1,Big,10023,Angebot,1000,EUR,01.02.2025,30.06.2025,Ana",
        {
            "deal_id": "Opportunity-Nr.", "name": "Bezeichnung", "account_id": "Auftraggeber",
            "stage_id": "Verkaufsphase", "amount_minor": "Nettowert", "currency": "Belegwährung",
            "created_on": "Angelegt am", "expected_close_on": "Abschlussdatum",
            "owner_id": "Zuständiger Mitarbeiter",
        },
    ),
    "Pipedrive": (
        ("Deal - Kennung,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Organization,"
        "Deal - Stage,Deal - Owner,Deal - Deal created,Deal - Expected close date"),
        "1,Big,1000,EUR,Acme,Qualified,Ana,2025-01-01 10:00:00,2025-08-01",
        {
            "deal_id": "Deal - Kennung", "name": "Deal - Title", "amount_minor": "Deal - Value",
            "currency": "Deal - Currency of Value", "account_id": "Deal - Organization",
            "stage_id": "Deal - Stage", "owner_id": "Deal - Owner",
            "created_on": "Deal - Deal created", "expected_close_on": "Deal - Expected close date",
        },
    ),
    "HubSpot": (
        "Record no,Deal Name,Deal Stage,Close Date,Create Date,Amount,Deal owner,Pipeline",
        "1,Big,Contract Sent,2025-08-01 10:00,2025-01-01 10:00,1000,Ana,Sales Pipeline",
        {
            "deal_id": "Record no", "name": "Deal Name", "stage_id": "Deal Stage",
            "expected_close_on": "Close Date", "created_on": "Create Date", "amount_minor": "Amount",
            "owner_id": "Deal owner", "pipeline": "Pipeline",
        },
    ),
    "HubSpot in German": (
        ("Datensatz-ID,Deal-Name,Deal-Phase,Abschlussdatum,Erstellungsdatum,Betrag,Währung,"
        "Zuständiger Mitarbeiter,Zugeordnetes Unternehmen,Ist Deal abgeschlossen?"),
        "1,Big,Vertrag gesendet,01.08.2025 10:00,01.01.2025 10:00,1000,EUR,Ana,Acme,Ja",
        {
            "deal_id": "Datensatz-ID", "name": "Deal-Name", "stage_id": "Deal-Phase",
            "expected_close_on": "Abschlussdatum", "created_on": "Erstellungsdatum",
            "amount_minor": "Betrag", "currency": "Währung", "owner_id": "Zuständiger Mitarbeiter",
            "account_id": "Zugeordnetes Unternehmen", "is_closed": "Ist Deal abgeschlossen?",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", sorted(CRMS))
def test_the_headers_of_common_systems_are_known(tmp_path: Path, system: str) -> None:
    """Deals are recognised with the columns that mean something, where no preset reads them."""
    header, row, wanted = CRMS[system]
    _text, mapping = suggested(tmp_path, {"Opportunities 2025.csv": f"{header}\n{row}\n"})
    found = {name: column for name, (column,) in columns(mapping, "deals").items()}
    assert wanted.items() <= found.items()


def test_what_a_spreadsheet_has_changed_is_said_over_a_preset(tmp_path: Path) -> None:
    """Days and amounts of an export that was saved again are read; an untouched one needs no word."""
    header = "Record ID,Deal Name,Deal Stage,Close Date,Create Date,Amount,Deal owner\n"
    plain = header + "1,Big,Contract Sent,2025-08-31 10:00,2025-01-31 10:00,1200.5,Ana\n"
    saved = header + '1,Big,Contract Sent,31.08.2025 10:00,31.01.2025 10:00,"1.200,50",Ana\n'
    untouched, _mapping = suggested(tmp_path, {"deals.csv": plain})
    assert "date =" not in untouched
    assert "number =" not in untouched
    text, mapping = suggested(tmp_path, {"deals.csv": saved})
    assert 'preset = "hubspot"' in text
    assert "does without" not in text
    assert mapping.dates == ("%d.%m.%Y %H:%M",)
    run_import(tmp_path / "d.db", [tmp_path / "files"], mapping, today=TODAY, now=NOW)
    with closing(sqlite3.connect(tmp_path / "d.db")) as database:
        found = database.execute("SELECT created_on, amount_minor FROM deals").fetchall()
    assert found == [("2025-01-31", 120050)]


def test_a_preset_that_reads_half_of_a_file_is_not_proposed(tmp_path: Path) -> None:
    """Zoho's deals have the id and name of HubSpot's, and no more."""
    header, row, _wanted = CRMS["Zoho"]
    text, _mapping = suggested(tmp_path, {"Deals.csv": f"{header}\n{row}\n"})
    assert "preset" not in text


def test_a_status_beside_the_stage_ends_deals(tmp_path: Path) -> None:
    """A lost deal keeps its last stage in the file; the stage itself is not lost."""
    rows = "1,Offer,Open\n2,Offer,Won\n3,Offer,Lost\n"
    _text, mapping = suggested(tmp_path, {"deals.csv": f"Deal ID,Stage,Status\n{rows}"})
    path = tmp_path / "d.db"
    run_import(path, [tmp_path / "files"], mapping, today=TODAY, now=NOW)
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT d.deal_id, s.name, s.kind FROM deals d JOIN stages s USING (stage_id) ORDER BY 1"
        assert connection.execute(sql).fetchall() == [
            ("files:1", "Offer", "open"), ("files:2", "Won", "won"), ("files:3", "Lost", "lost"),
        ]  # fmt: skip


def test_a_status_that_goes_with_the_stage_becomes_flags(tmp_path: Path) -> None:
    """Where each stage has one status, the stage keeps its name."""
    rows = "1,Offer,Open\n2,Signed up,Won\n3,Gone,Lost\n"
    text, mapping = suggested(tmp_path, {"deals.csv": f"Deal ID,Stage,Status\n{rows}"})
    fields = mapping.blocks[0].targets[0].fields
    assert fields["is_won"].true == {"won"}
    assert fields["is_closed"].true == {"won", "lost"}
    assert fields["is_closed"].false == {"open"}
    assert "is_won = " in text


def test_closed_alone_is_asked(tmp_path: Path) -> None:
    """It may be won or lost: no deal in it is worked on, and a person is asked which."""
    text, mapping = suggested(tmp_path, {"deals.csv": "Deal ID,Stage\n1,Closed\n2,Not won yet\n"})
    assert 'Closed = {kind = "closed"}  # please confirm: won or lost?' in text
    assert [(stage.name, stage.kind) for stage in mapping.stages] == [
        ("Closed", "closed"), ("Not won yet", None),
    ]  # fmt: skip


def test_ids_win_over_names_as_keys(tmp_path: Path) -> None:
    """An account's number is its key, and a deal that gives the number needs no look-up."""
    files: dict[str, str | bytes] = {
        "accounts.csv": "Account name,Account no,Segment\nAcme,17,A\nBolt,18,B\n",
        "deals.csv": "Opportunity,Name,Account no\n1,Big,18\n2,Small,17\n",
    }
    _text, mapping = suggested(tmp_path, files)
    assert columns(mapping, "accounts")["account_id"] == ("Account no",)
    account = mapping.blocks[1].targets[0].fields["account_id"]
    assert (account.columns, account.lookup) == (("Account no",), None)


def test_values_tell_what_a_column_points_at(tmp_path: Path) -> None:
    """A column that no word names holds the ids of another file."""
    files: dict[str, str | bytes] = {
        "accounts.csv": "Account no,Account name\n1001,Acme\n1002,Bolt\n1003,Cole\n",
        "deals.csv": "Deal ID,Deal Name,Stage,Buyer ref\n1,A,Offer,1003\n2,B,Offer,1001\n3,C,Demo,1002\n",
    }
    text, mapping = suggested(tmp_path, files)
    assert columns(mapping, "deals")["account_id"] == ("Buyer ref",)
    assert "# please confirm: its values are ids of accounts.csv" in text


def test_tables_win_over_views_of_the_same_rows(tmp_path: Path) -> None:
    """A view with more columns repeats the rows of the table."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.execute("CREATE TABLE Orders (OrderID, CustomerID, OrderDate)")
        connection.execute("INSERT INTO Orders VALUES (1, 'A', '2025-01-01')")
        connection.execute(
            "CREATE VIEW [All Orders] AS SELECT *, 'x' AS Amount, 'y' AS Owner FROM Orders"
        )
    mapping = parse_mapping(suggest([tmp_path / "shop.db"]))
    assert [block.table for block in mapping.blocks] == ["Orders"]


def test_nothing_private_is_printed(tmp_path: Path) -> None:
    """Neither mails nor telephone numbers nor secrets nor long texts, wherever they stand."""
    rows = (
        "Deal ID,Stage,Amount,Created,Password,Owner\n"
        f"1,anna@acme.example,+49 170 1234567,{'secret ' * 30},hunter2,Ana\n"
    )
    text, _mapping = suggested(tmp_path, {"deals.csv": rows})
    for private in ("acme.example", "1234567", "secret " * 6, "hunter2"):
        assert private not in text


def test_control_characters_are_written_out(tmp_path: Path) -> None:
    """What a file holds can't steer the terminal that shows the proposal, and is found again."""
    stage = "Off\x1b[31mer\u202e\x9b"
    text, mapping = suggested(tmp_path, {"deals.csv": f"Deal ID,Stage\n1,{stage}\n"})
    assert all(c == "\n" or c.isprintable() for c in text)
    assert [rule.name for rule in mapping.stages] == [stage]


def test_a_name_that_is_a_pattern_means_itself(tmp_path: Path) -> None:
    """Brackets in a file's name stand for brackets."""
    rows = "Deal ID,Deal Name,Stage\n1,Big,Offer\n"
    _text, mapping = suggested(tmp_path, {"deals [1].csv": rows})
    path = tmp_path / "d.db"
    summary = run_import(path, [tmp_path / "files"], mapping, today=TODAY, now=NOW)
    assert (summary.total("stored"), summary.rejected) == (1, 0)


def test_no_recognised_file_is_an_error(tmp_path: Path) -> None:
    """A mapping that reads nothing would only fail later; the error says what was seen."""
    with pytest.raises(
        FileError, match=r"None of these files is recognised.*odd\.csv \(foo, bar\)"
    ):
        suggest(write_files(tmp_path, {"odd.csv": "foo,bar\n1,2\n"}))


def test_the_proposal_for_the_demo_company_stores_its_rows(tmp_path: Path) -> None:
    """What other systems have as well is recognised; only the row with a comma too many is rejected."""
    folder = tmp_path / "demo"
    prepare(folder)
    write_demo(folder)
    mapping = parse_mapping(suggest([folder / "exports"]))
    found = {block.match[0]: block.targets[0].table.name for block in mapping.blocks}
    usual = {
        "crm_accounts.csv": "accounts", "crm_contact_roles.csv": "stakeholders",
        "crm_contacts.csv": "contacts", "crm_field_history.csv": "deal_changes",
        "crm_opportunities.csv": "deals", "diversion_people.csv": "diversion_people",
        "diversions.csv": "diversions", "finance_months.csv": "account_months",
        "mail_and_calendar.csv": "activities", "participants.csv": "activity_attendees",
        "people.csv": "people", "quote_lines.csv": "deal_lines", "quote_steps.csv": "price_steps",
        "service_desk.csv": "service_costs", "teams.csv": "teams",
    }  # fmt: skip
    assert {name: found.get(name) for name in usual} == usual
    summary = run_import(tmp_path / "d.db", [folder / "exports"], mapping, now=NOW)
    assert summary.rejected == 1


@pytest.mark.parametrize(
    ("name", "deals", "accounts"),
    [
        ("adventureworks", 32, 847),
        ("maven", 8800, 85),
        ("northwind", 830, 93),
        ("opsmadeez", 20, 102),
    ],
)
def test_the_proposal_for_a_real_set_stores_its_deals(
    tmp_path: Path, name: str, deals: int, accounts: int
) -> None:
    """Unedited, it is valid and stores every deal and account."""
    folder = real_folder(name)
    path = tmp_path / "d.db"
    run_import(path, [folder], parse_mapping(suggest([folder])), now=NOW)
    with closing(sqlite3.connect(path)) as connection:
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM deals), (SELECT count(*) FROM accounts)"
        )
        assert counts.fetchone() == (deals, accounts)


WORDS = st.sampled_from(
    [
        "Deal ID",
        "Stage",
        "Amount",
        "Created",
        "Account",
        "Owner",
        'q"',
        "a=b",
        "Ü\\n",
        "#x",
        "",
        "Type",
        "Status",
        "Close Date",
        "Field",
    ]
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    header=st.lists(WORDS, min_size=2, max_size=6), cells=st.lists(st.text(max_size=8), max_size=12)
)
def test_a_proposal_can_always_be_imported(
    tmp_path: Path, header: list[str], cells: list[str]
) -> None:
    """Whatever stands in headers and cells, it is valid, and the import's sums agree."""
    names = ",".join('"' + name.replace('"', '""') + '"' for name in header)
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    width = len(header)
    rows = [",".join(quoted[n : n + width]) for n in range(0, len(quoted) - width + 1, width)]
    text = "\n".join([names, *rows, ""])
    (path,) = write_files(tmp_path / "any", {"deals.csv": text.encode("utf-8", "replace")})
    try:
        proposal = suggest([path])
    except FileError:
        return
    mapping = parse_mapping(proposal)
    if mapping.blocks:
        assert run_import(
            tmp_path / "any.db", [path], mapping, today=TODAY, now=NOW, dry_run=True
        ).adds_up()
