"""Each trap seen in real exports, with a small file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dealreview.ingest.readers import FileError
from dealreview.model.errors import ConfigurationError
from tests.ingest.importing import DEALS, Imported, deals, import_files

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = """
[[file]]
match = "accounts.csv"
into = "accounts"
[file.fields]
account_id = "id"
name = "name"
"""


def only(imported: Imported, column: str) -> list[object]:
    """Return a column of deals in the order of their ids."""
    return [row[0] for row in imported.ask(f"SELECT {column} FROM deals ORDER BY deal_id")]


class TestIds:
    def test_ids_that_look_like_numbers_stay_text(self, tmp_path: Path) -> None:
        """Neither 9237e622 nor a leading zero is touched."""
        found = deals(tmp_path, "id\n9237e622\n00123\n605e2246\n")
        assert only(found, "deal_id") == ["crm:00123", "crm:605e2246", "crm:9237e622"]
        assert found.problems() == []

    def test_ids_that_a_spreadsheet_damaged_are_noted_and_kept(self, tmp_path: Path) -> None:
        """6.33E+07 was an id once; it is kept as it is, and said."""
        found = deals(tmp_path, "id\n6.33E+07\n12.0\n")
        assert only(found, "deal_id") == ["crm:12.0", "crm:6.33E+07"]
        assert [row[4] for row in found.problems()] == ["noted", "noted"]

    def test_lost_leading_zeros_are_noted(self, tmp_path: Path) -> None:
        """A shorter id of digits among ids of one length is named once for its column."""
        rows = "".join(f"a{n:07d}\n" for n in range(20))
        found = deals(tmp_path, f"id\n{rows}1234567\n")
        assert found.reasons() == [
            "1 ids of digits are shorter than the usual 8: leading zeros may be lost"
        ]

    @pytest.mark.parametrize("blank", ["\u00a0", " ", "\u200b", "\u3000", "\t"])
    def test_blanks_around_an_id_are_trimmed(self, tmp_path: Path, blank: str) -> None:
        """A no-break space in one file does not break a join."""
        found = deals(tmp_path, f"id,x\n{blank}7{blank},\n")
        assert only(found, "deal_id") == ["crm:7"]


class TestNulls:
    @pytest.mark.parametrize("null", ["#N/A", "000000000000000AAA", "NULL", "-", "nan", "N/A"])
    def test_what_exports_write_for_nothing_is_empty(self, tmp_path: Path, null: str) -> None:
        """No account has the id #N/A."""
        found = deals(tmp_path, f"id,account\n1,{null}\n", 'account_id = "account"')
        assert only(found, "account_id") == [None]
        assert found.problems() == []

    def test_a_mapping_can_add_its_own(self, tmp_path: Path) -> None:
        """Nulls apply to all fields."""
        found = deals(tmp_path, "id,n\n1,(leer)\n", 'name = "n"', 'nulls = ["(leer)"]')
        assert only(found, "name") == [None]


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-8"])
    def test_marks_are_understood(self, tmp_path: Path, encoding: str) -> None:
        """A byte-order mark decides; it never becomes part of the first column's name."""
        text = ("\ufeff" if encoding == "utf-16-le" else "") + "id,n\n1,Müller\n"
        found = deals(tmp_path, text.encode(encoding), 'name = "n"')
        assert only(found, "name") == ["Müller"]

    def test_cp1252_must_be_stated(self, tmp_path: Path) -> None:
        """The error names the first line that is not UTF-8 and the mend; nothing is guessed."""
        text = "id,n\n1,a\n2,Müller\n".encode("cp1252")
        with pytest.raises(FileError, match=r"line 3.*encoding = \"cp1252\""):
            deals(tmp_path, text, 'name = "n"')
        found = deals(tmp_path, text, 'name = "n"', 'encoding = "cp1252"')
        assert only(found, "name") == ["a", "Müller"]

    def test_a_stated_encoding_does_not_spoil_utf8(self, tmp_path: Path) -> None:
        """One mapping reads exports of both kinds: what is UTF-8 is read as UTF-8."""
        found = deals(tmp_path, "id,n\n1,Müller\n", 'name = "n"', 'encoding = "cp1252"')
        assert only(found, "name") == ["Müller"]

    def test_a_lost_character_is_noted(self, tmp_path: Path) -> None:
        """U+FFFD says that somebody lost a letter before us."""
        found = deals(tmp_path, "id,n\n1,M\ufffdller\n", 'name = "n"')
        assert found.problems() == [
            (2, "n", "M\ufffdller", "has a character that could not be read (U+FFFD)", "noted")
        ]


class TestShapes:
    def test_a_tab_separated_file_without_header(self, tmp_path: Path) -> None:
        """Column names come from the mapping."""
        mapping = (
            DEALS.replace("into", 'header = false\ncolumns = ["id", "n"]\ninto') + 'name = "n"'
        )
        found = import_files(tmp_path, {"deals.csv": "1\tAcme, Inc\r\n2\tB\r\n"}, mapping)
        assert only(found, "name") == ["Acme, Inc", "B"]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found(self, tmp_path: Path, delimiter: str) -> None:
        """Among four, by even columns."""
        rows = [["id", "n"], ["1", "a"], ["2", "b"]]
        found = deals(tmp_path, "\n".join(delimiter.join(row) for row in rows), 'name = "n"')
        assert only(found, "name") == ["a", "b"]

    def test_a_row_shifted_by_an_unquoted_comma_is_rejected(self, tmp_path: Path) -> None:
        """It is never read with its cells one to the right."""
        text = "id,n,amount\n1,Acme,5\n2,Acme, Inc,6\n3,B\n"
        fields = 'name = "n"\namount_minor = "amount"'
        found = deals(tmp_path, text, fields, 'currency = "EUR"')
        assert found.summary.rejected == 2
        four = "has 4 columns instead of 3"
        assert found.problems() == [
            (3, "", "2,Acme, Inc,6", f"{four}: perhaps a delimiter without quotes", "rejected"),
            (4, "", "3,B", "has 2 columns instead of 3", "rejected"),
        ]  # fmt: skip

    def test_lines_are_counted_as_an_editor_counts_them(self, tmp_path: Path) -> None:
        """A quoted cell over three lines and a blank line move what follows."""
        text = 'id,n\n1,"a\nb\nc"\n\n2,x,y\n'
        found = deals(tmp_path, text, 'name = "n"')
        assert [row[0] for row in found.problems()] == [6]
        assert found.ask("SELECT source_row FROM deals") == [("deals.csv:2",)]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("2,a\0b", "contains a NUL byte"),
            ('2,"a"b', "not readable as a record"),
            ("id,n", "is the header once more"),
            (" ID ,N", "is the header once more"),
        ],
    )
    def test_damaged_rows_are_rejected_and_the_rest_is_read(
        self, tmp_path: Path, row: str, reason: str
    ) -> None:
        """One bad row costs one row."""
        found = deals(tmp_path, f"id,n\n1,a\n{row}\n3,c\n", 'name = "n"')
        assert only(found, "deal_id") == ["crm:1", "crm:3"]
        assert [line for line, *_ in found.problems()] == [3]
        assert found.reasons()[0].startswith(reason)

    def test_a_workbook_is_refused_with_a_mend(self, tmp_path: Path) -> None:
        """A zip file is not read as text."""
        with pytest.raises(FileError, match="CSV UTF-8"):
            deals(tmp_path, b"PK\x03\x04rest")

    def test_the_line_that_spreadsheets_put_first(self, tmp_path: Path) -> None:
        """``sep=;`` is no header."""
        found = deals(tmp_path, "sep=;\nid;n\n1;a\n", 'name = "n"')
        assert only(found, "name") == ["a"]

    def test_an_empty_file_is_noted(self, tmp_path: Path) -> None:
        """Zero bytes are zero rows."""
        found = deals(tmp_path, "")
        assert found.reasons() == ["is empty"]


class TestDates:
    def test_a_day_that_fits_two_formats_is_a_problem(self, tmp_path: Path) -> None:
        """3/4/2025 is nobody's guess; 3/14/2025 can only be one day, and ISO stands beside."""
        text = "id,d\n1,3/4/2025\n2,3/14/2025\n3,2025-03-14\n4,4/4/2025\n"
        dates = 'created_on = {column = "d", date = ["%m/%d/%Y", "%d/%m/%Y", "iso"]}'
        found = deals(tmp_path, text, dates)
        assert only(found, "created_on") == [None, "2025-03-14", "2025-03-14", "2025-04-04"]
        assert found.reasons() == [
            "can be read as 2025-03-04 00:00:00 (%m/%d/%Y) or 2025-04-03 00:00:00 (%d/%m/%Y)"
        ]

    def test_implausible_days(self, tmp_path: Path) -> None:
        """9999-12-31 is emptied; a day in 2032 or 1899 is kept and noted."""
        text = "id,d\n1,9999-12-31\n2,2032-01-01\n3,1899-12-30\n4,0001-01-01\n5,gestern\n"
        found = deals(tmp_path, text, 'expected_close_on = "d"')
        assert only(found, "expected_close_on") == [None, "2032-01-01", "1899-12-30", None, None]
        assert sorted(row[4] for row in found.problems()) == ["emptied"] * 3 + ["noted"] * 2


class TestMoney:
    def test_numbers_are_read_as_stated(self, tmp_path: Path) -> None:
        """German thousands and decimals; what is written otherwise is a problem, not a guess."""
        text = "id;a\n1;1.234,50 €\n2;-3,5\n3;(12,00)\n4;1,234.50\n5;EUR 1\n6;$ 1\n"
        found = deals(
            tmp_path, text, 'amount_minor = {column = "a", number = "de"}', 'currency = "EUR"'
        )
        assert only(found, "amount_minor") == [123450, -350, -1200, None, 100, None]
        assert only(found, "currency") == ["EUR"] * 6

    def test_a_thousands_mark_that_nobody_stated_is_a_problem(self, tmp_path: Path) -> None:
        """1,234 is a thousand for some and one and a bit for others."""
        found = deals(tmp_path, "id;a\n1;1,234\n", 'amount_minor = "a"')
        assert only(found, "amount_minor") == [None]

    def test_currencies_have_their_own_digits(self, tmp_path: Path) -> None:
        """A yen has no cents; an amount in an unknown currency is emptied with it."""
        fields = 'amount_minor = "a"\ncurrency = "c"'
        found = deals(
            tmp_path, "id,a,c\n1,5,JPY\n2,5,eur\n3,5,Taler\n4,5,\n", fields, 'currency = "USD"'
        )
        assert only(found, "amount_minor") == [5, 500, None, 500]
        assert only(found, "currency") == ["JPY", "EUR", None, "USD"]

    @pytest.mark.parametrize(
        ("unit", "text", "ratio"),
        [
            ('unit = "fraction"', "0.2", 0.2),
            ('unit = "percent"', "20", 0.2),
            ('unit = "fraction"', "20%", 0.2),
            ('unit = "amount", of = "price"', "50", 0.2),
            ('unit = "fraction"', "20", None),
            ('unit = "amount", of = "price"', "300", None),
        ],
    )
    def test_a_share_is_what_the_mapping_says(
        self, tmp_path: Path, unit: str, text: str, ratio: float | None
    ) -> None:
        """A fraction over 1 is a problem, never 2,000 %."""
        mapping = f"""
        {DEALS}
        [[file]]
        match = "approvals.csv"
        into = "approvals"
        [file.fields]
        approval_id = "id"
        deal_id = "id"
        discount_ratio = {{column = "discount", {unit}}}
        """
        files = {"deals.csv": "id\n1\n", "approvals.csv": f"id,discount,price\n1,{text},250\n"}
        found = import_files(tmp_path, files, mapping)
        assert found.ask("SELECT discount_ratio FROM approvals") == [(ratio,)]
        assert len(found.problems()) == (ratio is None)

    def test_a_line_is_multiplied_exactly_and_rounded_once(self, tmp_path: Path) -> None:
        """A unit price finer than a cent times 1,000, half to even, less its discount."""
        mapping = f"""
        {DEALS}
        [[file.also]]
        into = "deal_lines"
        [file.also.fields]
        line_id = "id"
        deal_id = "id"
        list_minor = {{multiply = ["qty", "price"]}}
        [file.also.fields.invoice_minor]
        multiply = ["qty", "price", {{column = "off", unit = "percent", one_minus = true}}]
        """
        found = import_files(
            tmp_path, {"deals.csv": "id,qty,price,off\n1,1000,0.01234,12.5\n2,1,0.125,0\n"}, mapping
        )
        lines = found.ask("SELECT list_minor, invoice_minor FROM deal_lines ORDER BY line_id")
        assert lines == [(1234, 1080), (12, 12)]


class TestRecords:
    def test_the_same_row_twice_is_stored_once(self, tmp_path: Path) -> None:
        """It is counted as a duplicate, and no problem."""
        found = deals(tmp_path, "id,n\n1,a\n1,a\n", 'name = "n"')
        assert (found.summary.total("new"), found.summary.total("duplicates")) == (1, 1)
        assert found.problems() == []

    def test_rows_of_one_id_that_disagree_are_rejected_but_for_the_first(
        self, tmp_path: Path
    ) -> None:
        """The reason names the columns and the line of the first."""
        fields = 'name = "n"\namount_minor = "a"'
        found = deals(tmp_path, "id,n,a\n1,x,5\n1,y,5\n", fields, 'currency = "EUR"')
        assert only(found, "name") == ["x"]
        reason = "deals: disagrees with deals.csv line 2 about name; the first row counts"
        assert found.problems() == [(3, "n", "y", reason, "rejected")]

    def test_an_orphan_is_rejected_by_its_id(self, tmp_path: Path) -> None:
        """A line without its deal would be in no sum; a deal without its account is kept and noted."""
        mapping = f"""
        [[file]]
        match = "lines.csv"
        into = "deal_lines"
        [file.fields]
        line_id = "id"
        deal_id = "deal"
        {DEALS}
        account_id = "account"
        """
        files = {"lines.csv": "id,deal\n1,7\n2,8\n3,\n", "deals.csv": "id,account\n7,99\n"}
        found = import_files(tmp_path, files, mapping)
        assert found.ask("SELECT line_id FROM deal_lines") == [("crm:1",)]
        assert found.problems() == [
            (3, "deal", "8", "deal_lines: belongs to deal_id 'crm:8', which does not exist", "rejected"),
            (4, "deal", "", "deal_lines: has no deal_id", "rejected"),
            (2, "account", "crm:99", "points at accounts, where there is no such record", "noted"),
        ]  # fmt: skip

    def test_names_that_almost_join_are_found_when_the_mapping_allows_it(
        self, tmp_path: Path
    ) -> None:
        """GTXPro finds GTX Pro, and says so; what could be two is emptied; what is unknown too."""
        mapping = """
        [[file]]
        name = "products"
        match = "products.csv"
        [[file]]
        match = "deals.csv"
        into = "deals"
        [file.fields]
        deal_id = "id"
        [file.fields.name]
        column = "p"
        lookup = {file = "products", key = "p", value = "p", match = "letters-and-digits"}
        """
        files = {
            "products.csv": "p\nGTX Pro\nA-B\nA B\n",
            "deals.csv": "id,p\n1,GTXPro\n2,ab\n3,Z\n",
        }
        found = import_files(tmp_path, files, mapping)
        assert only(found, "name") == ["GTX Pro", None, None]
        assert sorted(found.reasons()) == [
            "could be A B or A-B of products.p",
            "is not in products.p",
            "was taken for 'GTX Pro' of products.p",
        ]

    def test_a_contact_role_at_another_account_is_noted(self, tmp_path: Path) -> None:
        """The row is kept: it may be an adviser; a parent company is no stranger."""
        mapping = f"""
        {ACCOUNTS}
        parent_account_id = "parent"
        [[file]]
        match = "contacts.csv"
        into = "contacts"
        [file.fields]
        contact_id = "id"
        account_id = "account"
        {DEALS}
        account_id = "account"
        [[file]]
        match = "roles.csv"
        into = "stakeholders"
        [file.fields]
        deal_id = "deal"
        contact_id = "contact"
        """
        files = {
            "accounts.csv": "id,name,parent\n1,A,\n2,B,\n3,A sub,1\n",
            "contacts.csv": "id,account\nc1,1\nc2,2\nc3,3\n",
            "deals.csv": "id,account\n7,1\n",
            "roles.csv": "deal,contact\n7,c1\n7,c2\n7,c3\n",
        }
        found = import_files(tmp_path, files, mapping)
        assert found.ask("SELECT count(*) FROM stakeholders") == [(3,)]
        assert found.problems() == [
            (3, "contact", "crm:c2", "belongs to account 'crm:2', deal 'crm:7' to 'crm:1'", "noted")
        ]

    @pytest.mark.parametrize("scenario", ["", 'scenario = "kind"'])
    def test_budget_rows_are_refused(self, tmp_path: Path, scenario: str) -> None:
        """Budget and actual in one table: only actuals are taken, with or without a mapped column."""
        mapping = f"""
        [[file]]
        match = "months.csv"
        into = "account_months"
        [file.fields]
        account_id = "account"
        month = {{column = "month", date = "%Y-%m"}}
        revenue_minor = "revenue"
        {scenario}
        """
        text = "account,month,revenue,kind\n1,2025-01,5,Actual\n1,2025-02,9,Budget\n"
        found = import_files(tmp_path, {"months.csv": text}, mapping)
        assert found.ask("SELECT month, revenue_minor FROM account_months") == [("2025-01-01", 500)]
        rejected = [row for row in found.problems() if row[4] == "rejected"]
        assert [(row[0], row[1]) for row in rejected] == [(3, "kind")]

    def test_a_total_that_differs_from_its_lines_is_noted_and_kept(self, tmp_path: Path) -> None:
        """Over 1 % off; the source's total stays beside the lines."""
        mapping = f"""
        {DEALS}
        source_total = "total"
        [[file]]
        match = "lines.csv"
        into = "deal_lines"
        [file.fields]
        line_id = "id"
        deal_id = "deal"
        invoice_minor = "price"
        """
        files = {
            "deals.csv": "id,total\n1,100\n2,100\n",
            "lines.csv": "id,deal,price\na,1,100.9\nb,2,50\nc,2,40\n",
        }
        found = import_files(tmp_path, files, mapping)
        assert found.problems() == [
            (
                3,
                "total",
                "100",
                "is the source's total; the lines of deal 'crm:2' come to 90",
                "noted",
            )
        ]
        assert found.ask("SELECT value FROM custom_values ORDER BY 1") == [(10000,), (10000,)]

    def test_passwords_are_never_stored(self, tmp_path: Path) -> None:
        """A mapping that asks for one is refused; one that does not names the column in the summary."""
        with pytest.raises(ConfigurationError, match="never stored"):
            deals(tmp_path, "id,PasswordHash\n1,x\n", 'name = "PasswordHash"')
        found = deals(tmp_path, "id,User Password,other\n1,x,y\n")
        assert found.summary.secret_columns == {"deals.csv": ["User Password"]}
        assert found.summary.ignored_columns == {"deals.csv": ["User Password", "other"]}

    def test_companies_that_are_there_twice_are_reported(self, tmp_path: Path) -> None:
        """Two ids, one name: both stay, and the name is noted."""
        found = import_files(tmp_path, {"accounts.csv": "id,name\n1,A\n2,A\n3,B\n"}, ACCOUNTS)
        assert found.problems() == [(2, "name", "A", "is the name of 2 accounts", "noted")]
