"""What is kept and told, and rows that are no records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ingest.importing import DEALS, deals, import_files

if TYPE_CHECKING:
    from pathlib import Path


EUROS = 'currency = "EUR"'


class TestRowsThatAreNone:
    @pytest.mark.parametrize("word", ["Total", "SUMME", "Gesamt", "grand total:", "Sum"])
    def test_a_row_of_totals_is_rejected(self, tmp_path: Path, word: str) -> None:
        """Its sum would be a deal of its own."""
        fields = 'name = "n"\namount_minor = "a"'
        found = deals(tmp_path, f"id,n,a\n1,x,5\n{word},,5\n", fields, EUROS)
        assert found.ask("SELECT deal_id FROM deals") == [("crm:1",)]
        assert found.reasons() == ["deals: seems to be a row of totals"]

    def test_a_record_with_such_a_name_is_kept(self, tmp_path: Path) -> None:
        """A company can be called Total."""
        found = deals(tmp_path, "id,n\nTotal,Refinery\n", 'name = "n"')
        assert found.summary.total("stored") == 1

    @pytest.mark.parametrize("mark", ["\x1f", "\n", "\u2028"])
    def test_an_id_is_one_line(self, tmp_path: Path, mark: str) -> None:
        """Keys of several parts are joined with such marks."""
        found = deals(tmp_path, f'id,n\n"a{mark}b",x\n', 'name = "n"')
        assert found.summary.total("stored") == 0
        assert found.reasons() == ["deals: has a line break or a separator in deal_id"]


class TestDays:
    def test_midnight_utc_is_its_day(self, tmp_path: Path) -> None:
        """It is no time that a zone could shift into another day; said once."""
        text = "id,d\n1,2025-04-30T00:00:00Z\n2,2025-04-29T00:00:00.000Z\n3,2025-04-30T01:00:00Z\n"
        found = deals(tmp_path, text, 'created_on = "d"', 'time_zone = "America/New_York"')
        days = found.ask("SELECT created_on FROM deals ORDER BY deal_id")
        assert days == [("2025-04-30",), ("2025-04-29",), ("2025-04-29",)]
        reason = "is midnight UTC, taken as that day and not as a time (2 rows)"
        assert found.reasons() == [reason]

    def test_a_week_is_no_day_unless_a_format_says_so(self, tmp_path: Path) -> None:
        """2025-W01-1 begins like a day."""
        assert deals(tmp_path, "id,d\n1,2025-W01-1\n", 'created_on = "d"').reasons() == [
            "is not a date written as iso"
        ]
        weeks = 'created_on = {column = "d", date = "%G-W%V-%u"}'
        found = deals(tmp_path, "id,d\n1,2025-W01-1\n", weeks)
        assert found.ask("SELECT created_on FROM deals") == [("2024-12-30",)]


@pytest.mark.parametrize("text", ["-20", "(20)", "20-"])
def test_a_negative_discount_is_a_surcharge(tmp_path: Path, text: str) -> None:
    """It is taken as such, and said once for its column."""
    mapping = f"""
    {DEALS}
    [[file.also]]
    into = "deal_lines"
    [file.also.fields]
    line_id = "id"
    deal_id = "id"
    [file.also.fields.invoice_minor]
    multiply = ["p", {{column = "off", unit = "percent", one_minus = true}}]
    """
    found = import_files(tmp_path, {"deals.csv": f"id,p,off\n1,10,{text}\n2,10,-5\n"}, mapping)
    assert found.ask("SELECT invoice_minor FROM deal_lines") == [(1200,), (1050,)]
    assert found.reasons() == ["a negative discount is a surcharge (2 rows)"]


def test_an_amount_in_no_currency_is_told(tmp_path: Path) -> None:
    """Neither the row nor the mapping says which it is in; once the mapping does, nothing is told."""
    rows, amount = "id,a\n1,5\n2,\n", 'amount_minor = "a"'
    told = "is in no currency; say which with currency in the mapping"
    assert deals(tmp_path, rows, amount).problems() == [(2, "a", "", told, "noted")]
    assert deals(tmp_path, rows, amount, EUROS).problems() == []
