"""Workbooks and their traps, each with a small workbook of its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.ingest.mapping_file import parse_mapping
from dealreview.ingest.readers import FileError, Row, TextOptions
from dealreview.ingest.suggest import suggest
from dealreview.ingest.workbooks import letters, open_workbook
from dealreview.model.errors import ConfigurationError
from tests.ingest.books import DEALS, Formatted, Formula, archive, edited, workbook
from tests.ingest.importing import Imported, import_files, write_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Table = Sequence[Sequence[Any]]

NOT_COMPUTED = (
    "is a formula without its value: open the workbook in a spreadsheet program and save it"
)


def deals(tmp_path: Path, book: bytes | Table, fields: str = "", top: str = "") -> Imported:
    """Import a workbook of deals with an ``id`` column and further fields."""
    data = book if isinstance(book, bytes) else workbook(book)
    return import_files(tmp_path, {"book.xlsx": data}, f"{top}\n{DEALS}{fields}")


def only(found: Imported, column: str) -> list[object]:
    """Return a column of deals in the order of their rows."""
    return [
        row[0]
        for row in found.ask(f"SELECT {column} FROM deals ORDER BY length(source_row), source_row")
    ]


def test_a_sheet_is_read_as_a_file_is(tmp_path: Path) -> None:
    """Texts, numbers, days; rows have the numbers that the sheet shows, and the sums agree."""
    day = Formatted(dt.date(2025, 5, 9), "dd.mm.yyyy")
    found = deals(
        tmp_path,
        [["id", "name", "amount", "created"], ["a", "One", 1200.5, day], [], ["", "No id", 1, day]],
        'name = "name"\namount_minor = "amount"\ncreated_on = "created"',
        'currency = "EUR"',
    )
    sql = "SELECT deal_id, name, amount_minor, created_on, source_row FROM deals"
    assert found.ask(sql) == [("crm:a", "One", 120050, "2025-05-09", "book.xlsx:Sheet1:2")]
    assert found.ask("SELECT file, line, action FROM import_problems") == [
        ("book.xlsx:Sheet1", 4, "rejected")
    ]
    assert found.summary.adds_up()


class TestNumbers:
    def test_how_texts_are_written_does_not_touch_numbers(self, tmp_path: Path) -> None:
        """1.234 as a number is not 1,234, though the texts of the mapping are German."""
        found = deals(
            tmp_path,
            [["id", "amount"], ["a", 1.234], ["b", "1.234"], ["c", "1.200,50"], ["d", -7]],
            'amount_minor = "amount"',
            'currency = "EUR"\nnumber = "de"',
        )
        assert only(found, "amount_minor") == [123, 123400, 120050, -700]
        assert found.problems() == []

    def test_a_percentage_is_a_fraction_by_its_format(self, tmp_path: Path) -> None:
        """0.2 shown as 20 % is 0.2 whatever unit the mapping states; a bare 20 has that unit."""
        rows = [
            ["d", "x"],
            [Formatted(0.2, "0 %"), "a"],
            [20, "b"],
            [Formatted(0.125, "0.0%"), "c"],
        ]
        mapping = (
            '[[file]]\nmatch = "*.xlsx"\ninto = "people"\n[file.fields]\nperson_id = "x"\n'
            'max_discount_ratio = {column = "d", unit = "percent"}\n'
        )
        found = import_files(tmp_path, {"p.xlsx": workbook(rows)}, mapping)
        assert found.ask("SELECT max_discount_ratio FROM people") == [(0.2,), (0.2,), (0.125,)]

    @pytest.mark.parametrize(
        "code", ["[$€-407] #,##0.00", '#,##0.00 "€"', "#,##0.00 [$EUR]", "#,##0.00\\ [$€-1]"]
    )
    def test_a_currency_that_a_format_names_must_be_the_rows(
        self, tmp_path: Path, code: str
    ) -> None:
        """An amount shown in euros is no amount of dollars."""
        rows = [
            ["id", "amount", "cur"],
            ["a", Formatted(5, code), "EUR"],
            ["b", Formatted(5, code), "USD"],
        ]
        found = deals(tmp_path, rows, 'amount_minor = "amount"\ncurrency = "cur"')
        assert only(found, "amount_minor") == [500, None]
        assert [reason.split(" in ")[-1] for reason in found.reasons()] == ["USD"]

    def test_a_format_that_names_none_is_no_obstacle(self, tmp_path: Path) -> None:
        """Nor one that does, where nothing else states the currency."""
        rows = [["id", "amount"], ["a", Formatted(5, "#,##0.00")], ["b", Formatted(5, '"$"0')]]
        found = deals(tmp_path, rows, 'amount_minor = "amount"')
        assert only(found, "amount_minor") == [500, 500]

    def test_what_fifteen_digits_leave_is_the_number(self, tmp_path: Path) -> None:
        """0.1 + 0.2 is 0.3, as the spreadsheet shows it."""
        found = deals(tmp_path, [["id", "n"], ["a", 0.1 + 0.2], ["b", 1e-7]], 'hours_to_go = "n"')
        assert only(found, "hours_to_go") == [0.3, 1e-7]

    def test_a_duration_is_in_hours(self, tmp_path: Path) -> None:
        """26:30 of a time sheet is 26.5 hours."""
        rows = [["id", "n"], ["a", Formatted(26.5 / 24, "[h]:mm")]]
        assert only(deals(tmp_path, rows, 'hours_to_go = "n"'), "hours_to_go") == [26.5]


class TestIds:
    def test_whole_numbers_have_no_point(self, tmp_path: Path) -> None:
        """123.0 is the id 123; a text with leading zeros keeps them, and so does a format of zeros."""
        rows = [["id"], [123.0], ["00123"], [Formatted(124, "00000")], [Formatted(125, "0")]]
        found = deals(tmp_path, rows)
        assert only(found, "deal_id") == ["crm:123", "crm:00123", "crm:00124", "crm:125"]

    @pytest.mark.parametrize(
        ("cell", "kept", "reason"),
        [
            (605e224, "6.05E+226", "into a number"),
            (500000000000012345, "5.00000000000012E+17", "into a number"),
            (12.5, "12.5", "into a number"),
            (Formatted(dt.date(2025, 2, 1), "yyyy-mm-dd"), "2025-02-01", "into a day"),
        ],
    )
    def test_ids_that_the_spreadsheet_damaged_are_noted(
        self, tmp_path: Path, cell: object, kept: str, reason: str
    ) -> None:
        """What it made of 605e224, of eighteen digits or of 1-2 can't be taken back, but it can be seen."""
        found = deals(tmp_path, [["id"], [cell]])
        assert only(found, "deal_id") == [f"crm:{kept}"]
        (problem,) = found.problems()
        assert reason in problem[3]
        assert problem[4] == "noted"

    def test_a_number_among_longer_ids_is_noted(self, tmp_path: Path) -> None:
        """00123 typed into a number cell is 123: its zeros are gone."""
        rows = [["id"], *([f"A{n:04d}"] for n in range(20)), [123]]
        assert "leading zeros may be lost" in deals(tmp_path, rows).reasons()[0]


class TestDays:
    def test_the_day_counts_from_1904_where_the_workbook_says_so(self, tmp_path: Path) -> None:
        """Days of both systems come out the same."""
        day = Formatted(dt.date(2025, 5, 9), "dd.mm.yyyy")
        for from_1904 in (False, True):
            book = workbook([["id", "d"], ["a", day]], date_1904=from_1904)
            found = deals(tmp_path / str(from_1904), book, 'created_on = "d"')
            assert only(found, "created_on") == ["2025-05-09"]

    def test_instants_are_rounded_to_the_second(self, tmp_path: Path) -> None:
        """A fraction of a day is never exact; the mapping's zone counts, its format does not."""
        at = Formatted(dt.datetime(2025, 5, 9, 14, 30, 59, 999_700), "yyyy-mm-dd hh:mm:ss")
        mapping = (
            'date = "%d.%m.%Y"\ntime_zone = "Europe/Berlin"\n[[file]]\nmatch = "*.xlsx"\n'
            'into = "activities"\n[file.fields]\nactivity_id = "id"\nat = "at"\n'
        )
        found = import_files(tmp_path, {"a.xlsx": workbook([["id", "at"], ["1", at]])}, mapping)
        assert found.ask("SELECT at FROM activities") == [("2025-05-09T12:31:00Z",)]

    @pytest.mark.parametrize(
        ("how", "day"), [("excel", "2025-05-09"), ("excel-1904", "2029-05-10")]
    )
    def test_a_bare_number_is_a_day_only_where_that_is_stated(
        self, tmp_path: Path, how: str, day: str
    ) -> None:
        """45786 without the format of a date is told; the mapping can say which count it is."""
        rows = [["id", "d"], ["a", 45786]]
        told = deals(tmp_path / "told", rows, 'created_on = "d"')
        assert only(told, "created_on") == [None]
        assert 'say date = "excel"' in told.reasons()[0]
        stated = f'created_on = {{column = "d", date = "{how}"}}'
        assert only(deals(tmp_path / how, rows, stated), "created_on") == [day]

    def test_texts_beside_days_are_read_as_stated(self, tmp_path: Path) -> None:
        """A column with both is common: one person's spreadsheet did not know the day for one."""
        day = Formatted(dt.date(2025, 5, 9), "dd.mm.yyyy")
        found = deals(
            tmp_path,
            [["id", "d"], ["a", day], ["b", "10.05.2025"]],
            'created_on = {column = "d", date = "%d.%m.%Y"}',
        )
        assert only(found, "created_on") == ["2025-05-09", "2025-05-10"]


def test_yes_and_no_are_cells_too(tmp_path: Path) -> None:
    """TRUE is yes, even where the words of the mapping are others."""
    mapping = (
        'true = "ja"\nfalse = "nein"\n[[file]]\nmatch = "*.xlsx"\ninto = "accounts"\n'
        '[file.fields]\naccount_id = "id"\nis_key = "key"\n'
    )
    rows = [["id", "key"], ["a", True], ["b", False], ["c", "ja"]]
    found = import_files(tmp_path, {"a.xlsx": workbook(rows)}, mapping)
    assert found.ask("SELECT is_key FROM accounts") == [(1,), (0,), (1,)]


class TestFormulas:
    def test_the_value_that_was_saved_counts(self, tmp_path: Path) -> None:
        """Numbers and texts, an empty text being empty."""
        rows = [
            ["id", "n"],
            [Formula('="a"&"b"', "ab"), Formula("=1+1", 2)],
            ["c", Formula("=IF(1,1,0)", 1)],
        ]
        found = deals(tmp_path, rows, 'amount_minor = "n"', 'currency = "EUR"')
        assert only(found, "deal_id") == ["crm:ab", "crm:c"]
        assert only(found, "amount_minor") == [200, 100]
        assert found.problems() == []

    @pytest.mark.parametrize("saved", ["", 0])
    def test_a_formula_that_nobody_computed_is_never_zero(
        self, tmp_path: Path, saved: object
    ) -> None:
        """Programs that can't compute save nothing or 0; the cell is emptied and the formula told."""
        rows = [["id", "n"], ["a", Formula("=B1*2", saved)]]
        found = deals(tmp_path, rows, 'amount_minor = "n"')
        assert only(found, "amount_minor") == [None]
        assert found.problems() == [(2, "n", "=B1*2", NOT_COMPUTED, "emptied")]

    def test_a_zero_of_a_program_that_computes_is_zero(self, tmp_path: Path) -> None:
        """Without the order to compute everything on opening, 0 is what came out."""
        book = workbook([["id", "n"], ["a", Formula("=1-1", 0)]])
        computed = edited(book, "xl/workbook.xml", ' fullCalcOnLoad="1"', "")
        assert only(deals(tmp_path, computed, 'amount_minor = "n"'), "amount_minor") == [0]

    def test_a_key_that_was_not_computed_rejects_its_row(self, tmp_path: Path) -> None:
        """Nothing is stored under the text of a formula."""
        found = deals(tmp_path, [["id"], [Formula("=A9", "")], ["b"]])
        assert only(found, "deal_id") == ["crm:b"]
        assert found.summary.rejected == 1

    @pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!"])
    def test_errors_are_told_and_empty(self, tmp_path: Path, error: str) -> None:
        """An error is no text and no number."""
        rows = [["id", "n", "t"], ["a", Formula("=1/0", error), Formula("=x", error)]]
        found = deals(tmp_path, rows, 'amount_minor = "n"\nname = "t"')
        assert found.ask("SELECT amount_minor, name FROM deals") == [(None, None)]
        assert [row[2:] for row in found.problems()] == [
            (error, "is an error of the spreadsheet", "emptied")
        ] * 2

    def test_not_available_is_empty_as_everywhere(self, tmp_path: Path) -> None:
        """#N/A means that there is nothing, and is no problem."""
        found = deals(
            tmp_path, [["id", "n"], ["a", Formula("=NA()", "#N/A")]], 'amount_minor = "n"'
        )
        assert only(found, "amount_minor") == [None]
        assert found.problems() == []


class TestMergedCells:
    ROWS = (["id", "name"], ["a", "Acme"], ["b", ""], ["c", "Bolt"])

    def book(self, first: int = 1, last: int = 2) -> bytes:
        """Return a workbook whose second column is merged over two rows."""

        def merge(book: Any) -> None:
            book.worksheets()[0].merge_range(first, 1, last, 1, "Acme")

        return workbook(self.ROWS, change=merge)

    def test_cells_without_the_value_are_told(self, tmp_path: Path) -> None:
        """Only the first has it, and nothing is guessed."""
        found = deals(tmp_path, self.book(), 'name = "name"')
        assert only(found, "name") == ["Acme", None, "Bolt"]
        ((line, column, value, reason, action),) = found.problems()
        assert (line, column, value, action) == (3, "name", "", "emptied")
        assert reason.startswith("is merged with B2, which has the value")

    def test_a_mapping_can_say_that_the_value_counts_for_all(self, tmp_path: Path) -> None:
        """As people mean it who merge the name of an account beside its deals."""
        mapping = DEALS.replace("into", 'merged = "fill"\ninto') + 'name = "name"'
        found = import_files(tmp_path, {"book.xlsx": self.book()}, mapping)
        assert only(found, "name") == ["Acme", "Acme", "Bolt"]

    def test_names_of_columns_are_merged_over_rows_and_columns(self, tmp_path: Path) -> None:
        """A name over two rows stands in the lower one, a name over two columns in both."""

        def merge(book: Any) -> None:
            page = book.worksheets()[0]
            page.merge_range(0, 0, 1, 0, "id")
            page.merge_range(0, 1, 0, 2, "2025")
            page.merge_range(1, 3, 1, 4, "note")

        rows = [[], [None, "plan", "actual"], ["a", 1, 2, "x", "y"]]
        path = tmp_path / "b.xlsx"
        path.write_bytes(workbook(rows, change=merge))
        source = open_workbook(path).sheet("Sheet1", TextOptions(header_row=2))
        assert source.columns == ("id", "plan", "actual", "note", "note (2)")

    def test_a_heading_over_rows_is_no_record(self, tmp_path: Path) -> None:
        """One merged cell over the width of the table names a region, not a deal."""

        def merge(book: Any) -> None:
            book.worksheets()[0].merge_range(1, 0, 1, 2, "North")

        rows = [["id", "x", "y"], [], ["a", 1, 2]]
        found = deals(tmp_path, workbook(rows, change=merge))
        assert only(found, "deal_id") == ["crm:a"]
        assert "seems to be a heading" in found.reasons()[0]


class TestSheets:
    def test_the_first_visible_one_with_data_is_meant(self, tmp_path: Path) -> None:
        """Neither an empty nor a hidden one; others with data are named as unread."""

        def hide(book: Any) -> None:
            book.worksheets()[1].hide()
            book.worksheets()[4].very_hidden()
            book.worksheets()[2].activate()
            book.worksheets()[2].set_first_sheet()

        rows = [["id"], ["a"]]
        old = [["id"], ["old"]]
        sheets = (("Empty", []), ("Old", old), ("Now", rows), ("Next", old), ("Lists", old))
        found = deals(tmp_path, workbook(*sheets, change=hide))
        assert only(found, "deal_id") == ["crm:a"]
        assert found.summary.unread == ["book.xlsx:Next"]

    def test_a_mapping_can_name_sheets(self, tmp_path: Path) -> None:
        """By name, a hidden one too, or by a pattern for several."""

        def hide(book: Any) -> None:
            book.worksheets()[2].hide()

        book = workbook(
            ("2025-01", [["id"], ["a"]]),
            ("2025-02", [["id"], ["b"]]),
            ("Old", [["id"], ["c"]]),
            change=hide,
        )
        for sheet, ids in (("2025-*", ["crm:a", "crm:b"]), ("Old", ["crm:c"])):
            mapping = DEALS.replace("into", f'sheet = "{sheet}"\ninto')
            found = import_files(tmp_path / sheet[:3], {"book.xlsx": book}, mapping)
            assert only(found, "deal_id") == ids

    def test_a_sheet_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        """With the nearest name and all of them."""
        mapping = DEALS.replace("*.xlsx", "book.xlsx").replace("into", 'sheet = "Dealz"\ninto')
        book = workbook(("Deals", [["id"], ["a"]]), ("Notes", [["x"]]))
        with pytest.raises(
            ConfigurationError, match=r"Did you mean 'Deals'\? It has: Deals, Notes"
        ):
            import_files(tmp_path, {"book.xlsx": book}, mapping)

    def test_no_cells_at_all_are_no_rows(self, tmp_path: Path) -> None:
        """The file is noted as empty; nothing fails."""
        found = deals(tmp_path, workbook([]))
        assert found.reasons() == ["is empty"]

    def test_other_files_are_not_asked_for_sheets(self, tmp_path: Path) -> None:
        """A block for a sheet reads no CSV of a fitting name."""
        mapping = DEALS.replace("*.xlsx", "*").replace("into", 'sheet = "Deals"\ninto')
        files = {"a.csv": "id\nx\n", "b.xlsx": workbook(("Deals", [["id"], ["a"]]))}
        found = import_files(tmp_path, files, mapping)
        assert only(found, "deal_id") == ["crm:a"]
        assert found.summary.unread == ["a.csv"]


class TestAroundTheTable:
    TITLED = (["Pipeline report"], ["as of 9 May"], [], ["id", "n"], ["a", 1])

    def test_a_title_above_the_names_is_skipped_where_stated(self, tmp_path: Path) -> None:
        """header_row is the row that the sheet shows; without it the error says so."""
        mapping = DEALS.replace("into", "header_row = 4\ninto") + 'amount_minor = "n"'
        book = workbook(self.TITLED)
        found = import_files(tmp_path, {"book.xlsx": book}, mapping)
        assert found.ask("SELECT amount_minor, source_row FROM deals") == [
            (100, "book.xlsx:Sheet1:5")
        ]
        with pytest.raises(ConfigurationError, match="header_row"):
            import_files(tmp_path, {"book.xlsx": book}, DEALS)

    def test_texts_have_titles_too(self, tmp_path: Path) -> None:
        """The same key serves CSV files; the delimiter is that of the table, not of the title."""
        mapping = DEALS.replace("*.xlsx", "*.csv").replace("into", "header_row = 3\ninto")
        found = import_files(tmp_path, {"a.csv": "Report; a; b; c\n\nid,n\na,1\n"}, mapping)
        assert found.ask("SELECT source_row FROM deals") == [("a.csv:4",)]

    @pytest.mark.parametrize("word", ["Total", "Grand Totals (2 records)", "Summe:", "Gesamt"])
    def test_a_row_of_totals_is_no_deal(self, tmp_path: Path, word: str) -> None:
        """It is rejected and told, or left out where the mapping says so."""
        rows = [["id", "n"], ["a", 1], ["b", 2], [word, Formula("=SUM(B2:B3)", 3)]]
        found = deals(tmp_path / "told", rows)
        assert only(found, "deal_id") == ["crm:a", "crm:b"]
        assert found.reasons() == ["seems to be a row of totals; leave it out with where_not"]
        mapping = DEALS.replace("into", f'where_not = {{id = "{word[:3]}*"}}\ninto')
        quiet = import_files(tmp_path / "quiet", {"book.xlsx": workbook(rows)}, mapping)
        assert (quiet.summary.rejected, quiet.summary.total("left_out")) == (0, 1)

    def test_a_company_of_that_name_is_no_total(self, tmp_path: Path) -> None:
        """It has texts in its row; totals have numbers only."""
        rows = [["id", "name", "n"], ["Total", "Fuel cards", 1]]
        assert only(deals(tmp_path, rows, 'name = "name"'), "deal_id") == ["crm:Total"]

    def test_a_table_may_begin_anywhere(self, tmp_path: Path) -> None:
        """Blank rows above and blank columns to the left are no part of it."""
        rows = [[], [None, None, "id", "n"], [None, None, "a", 1]]
        found = deals(tmp_path, rows, 'amount_minor = "n"')
        assert found.ask("SELECT amount_minor, source_row FROM deals") == [
            (100, "book.xlsx:Sheet1:3")
        ]

    def test_the_header_once_more_is_rejected(self, tmp_path: Path) -> None:
        """As in texts that were pasted together."""
        found = deals(tmp_path, [["id"], ["a"], ["id"], ["b"]])
        assert found.reasons() == ["is the header once more"]

    def test_columns_can_be_named_where_no_header_is(self, tmp_path: Path) -> None:
        """The first row is a record then."""
        mapping = DEALS.replace("into", 'header = false\ncolumns = ["id", "n"]\ninto')
        found = import_files(tmp_path, {"b.xlsx": workbook([["a", 1], ["b", 2]])}, mapping)
        assert only(found, "deal_id") == ["crm:a", "crm:b"]

    def test_rows_that_are_only_formatted_are_none(self, tmp_path: Path) -> None:
        """A sheet that claims its last row and column holds what it holds."""
        book = workbook([["id"], ["a"]])
        last = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
        sheet = "xl/worksheets/sheet1.xml"
        claimed = edited(edited(book, sheet, "</sheetData>", last), sheet, "A1:A2", "A1:XFD1048576")
        assert only(deals(tmp_path, claimed), "deal_id") == ["crm:a"]


class TestDanger:
    def test_cells_too_far_apart_are_an_error(self, tmp_path: Path) -> None:
        """Room for all cells between two corners would be more than any machine has."""

        def stray(book: Any) -> None:
            book.worksheets()[0].write(1_048_575, 16_383, "x")

        with pytest.raises(FileError, match="reach to XFD1048576"):
            deals(tmp_path, workbook([["id"], ["a"]], change=stray))

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"PK\x03\x04", "damaged or no workbook"),
            (workbook([["id"], ["a"]])[:-60], "damaged or no workbook"),
            (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "damaged or no workbook"),
            (archive(deals_csv="id\n1\n"), "is an archive. Unpack it"),
            (b"<html><table><tr><td>id", "page of text with the name of a workbook"),
            (edited(workbook([["a"]]), "xl/styles.xml", "</styleSheet>", "<"), "damaged"),
            (edited(workbook([["a"]]), "xl/styles.xml", "UTF-8", "UTF-?"), "damaged"),
            (workbook([["id"], ["a"]]).replace(b"\x00\x00", b"\xff\x00", 9), "damaged"),
            (edited(workbook([["a"]]), "xl/worksheets/sheet1.xml", "</row>", ""), "damaged"),
        ],
    )
    def test_what_is_no_workbook_is_an_error_with_a_mend(
        self, tmp_path: Path, data: bytes, words: str
    ) -> None:
        """Whatever its name says."""
        with pytest.raises(FileError, match=words) as raised:
            deals(tmp_path, data)
        assert "book.xlsx" in str(raised.value)

    def test_entities_of_a_file_are_refused(self, tmp_path: Path) -> None:
        """Ten lines of them could become gigabytes."""
        bomb = '<!DOCTYPE a [<!ENTITY b "cc">]><worksheet'
        book = edited(workbook([["id"]]), "xl/worksheets/sheet1.xml", "<worksheet", bomb)
        with pytest.raises(FileError, match="document type"):
            deals(tmp_path, book)

    def test_an_archive_that_grows_too_large_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Before any of it is unpacked."""
        monkeypatch.setattr("dealreview.ingest.workbooks.LARGEST_XML", 1 << 12)
        with pytest.raises(FileError, match="unpacks to 0 MB"):
            deals(tmp_path, workbook([["id"], *([f"a{n}"] for n in range(500))]))

    def test_a_missing_library_is_told_with_the_mend(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Texts are read all the same."""
        monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
        with pytest.raises(FileError, match="pip install python-calamine"):
            deals(tmp_path, [["id"]])

    def test_a_password_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The library finds out; nobody is asked for a password."""
        library = pytest.importorskip("python_calamine")

        class Locked:
            @staticmethod
            def from_path(_path: str) -> None:
                raise library.PasswordError("x")

        monkeypatch.setattr(library, "CalamineWorkbook", Locked)
        with pytest.raises(FileError, match=r"protected by a password\. Save a copy without one"):
            deals(tmp_path, [["id"]])


ODS_HEAD = (
    "<office:document-content"
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet><table:table table:name='Deals'>"
)
ODS_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"


def ods_cell(kind: str, value: str) -> str:
    """Return a cell of an OpenDocument sheet."""
    if kind == "string":
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    name = "date-value" if kind == "date" else "value"
    return f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"/>'


def test_open_document_sheets_are_read(tmp_path: Path) -> None:
    """With numbers and days; what shows as a percentage is its fraction."""
    rows = [
        [("string", "id"), ("string", "n"), ("string", "d")],
        [("string", "a"), ("float", "12.5"), ("date", "2025-05-09")],
    ]
    body = "".join(
        f"<table:table-row>{''.join(ods_cell(*cell) for cell in row)}</table:table-row>"
        for row in rows
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    book = archive(
        mimetype="application/vnd.oasis.opendocument.spreadsheet",
        content_xml=f"{ODS_HEAD}{body}{ODS_TAIL}",
        **{"META-INF__manifest_xml": manifest},
    )
    mapping = DEALS.replace("xlsx", "ods") + 'amount_minor = "n"\ncreated_on = "d"'
    found = import_files(tmp_path, {"book.ods": book}, mapping)
    assert found.ask("SELECT amount_minor, created_on FROM deals") == [(1250, "2025-05-09")]


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    """A text that looks like a formula, a tag or an escape is a name like any other."""
    names = ["=1+1", "<b>x</b>", "\x1b[31mred", "\u202eabc", "😀" * 50, "_x0041_"]
    rows = [["id", "name"], *([str(n), name] for n, name in enumerate(names))]
    found = deals(tmp_path, rows, 'name = "name"')
    assert only(found, "name") == names


def test_columns_are_lettered_as_sheets_do() -> None:
    """For places in messages."""
    assert [letters(n) for n in (0, 25, 26, 701, 702, 16383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]


def test_rows_can_be_read_as_often_as_wanted(tmp_path: Path) -> None:
    """A file that feeds two tables is read twice."""
    path = tmp_path / "b.xlsx"
    path.write_bytes(workbook([["id"], ["a"], ["b"]]))
    source = open_workbook(path).sheet("Sheet1", TextOptions())
    assert [row.cells for row in source.read() if isinstance(row, Row)] == [("a",), ("b",)]
    assert list(source.read()) == list(source.read())


class TestSuggestions:
    def test_titles_totals_and_sheets_are_proposed(self, tmp_path: Path) -> None:
        """Each sheet has its block; the row of the names is found; a row of totals is left out."""
        day = Formatted(dt.date(2025, 5, 9), "dd.mm.yyyy")
        titled = [
            ["Pipeline report"],
            [],
            ["Deal ID", "Deal Name", "Stage", "Amount", "Created"],
            ["a", "One", "Proposal", 1200.5, day],
            ["b", "Two", "Won", 5, day],
            ["Total", None, None, Formula("=SUM(D4:D5)", 1205.5), None],
        ]
        accounts = [["Account ID", "Company Name"], ["x", "Acme"]]
        book = workbook(("Deals", titled), ("Accounts", accounts))
        paths = write_files(tmp_path / "files", {"book.xlsx": book})
        text = suggest(paths)
        assert 'sheet = "Deals"\nheader_row = 3  # please confirm' in text
        assert 'where_not = {"Deal ID" = ["Total"]}' in text
        assert 'sheet = "Accounts"\ninto = "accounts"' in text
        assert parse_mapping(text).source == "files"
        found = import_files(tmp_path, {"book.xlsx": book}, text[text.index("source =") :])
        assert only(found, "amount_minor") == [120050, 500]
        assert found.summary.rejected == 0

    def test_a_title_above_the_columns_of_a_preset_is_said(self, tmp_path: Path) -> None:
        """A preset reads from the first row; the proposal for a sheet with a title is read as it stands."""
        names = ["Record ID", "Deal Name", "Deal Stage", "Close Date", "Create Date", "Amount"]
        row = ["1", "Big", "Contract Sent", "2025-08-31", "2025-01-31", 1200.5]
        book = workbook([["Deals of May"], [], names, row])
        text = suggest(write_files(tmp_path / "files", {"deals.xlsx": book}))
        assert "header_row = 3" in text
        found = import_files(tmp_path, {"deals.xlsx": book}, text[text.index("source =") :])
        assert only(found, "amount_minor") == [120050]

    def test_an_only_sheet_needs_no_name(self, tmp_path: Path) -> None:
        """So that next month's export fits whatever its sheet is called."""
        book = workbook([["Deal ID", "Stage"], ["a", "Won"]])
        text = suggest(write_files(tmp_path / "files", {"deals.xlsx": book}))
        assert "sheet =" not in text
        assert "header_row" not in text
