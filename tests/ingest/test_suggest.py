from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import parse_mapping
from dealreview.ingest.readers import FileError
from dealreview.ingest.suggest import suggest
from dealreview.ingest.words import FIELD_WORDS, VALUE_WORDS
from dealreview.store.schema import TABLES
from tests.ingest.importing import NOW, TODAY, write_files

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
    """Its columns have values for names; the proposal says what to write."""
    text, _mapping = suggested(tmp_path, {"x.tsv": "1\t2025-01-01\ta\n2\t2025-01-02\tb\n"})
    assert "# It seems to have no header: say header = false" in text


def test_nothing_to_look_at_is_an_error(tmp_path: Path) -> None:
    """A folder of pictures gives no mapping."""
    with pytest.raises(FileError, match="No file of these is a table"):
        suggest(write_files(tmp_path, {"a.csv": ""}))


def test_every_proposed_field_is_a_field() -> None:
    """The word lists name columns that the schema has, and only values that it allows somewhere."""
    for table, fields in FIELD_WORDS.items():
        known = {*TABLES[table].names, "pipeline", "scenario"}
        assert fields.keys() <= known, table
    allowed = {v for t in TABLES.values() for c in t.columns for v in c.values}
    assert {v for values in VALUE_WORDS.values() for v in values} <= allowed


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
