"""Amounts of lines and steps are in the currency of their deal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ingest.importing import DEALS, Imported, import_files

if TYPE_CHECKING:
    from pathlib import Path

DEAL_FILE = "id,c\n1,JPY\n2,EUR\n3,Taler\n"
LINES = """
[[file]]
match = "lines.csv"
into = "deal_lines"
{more}
[file.fields]
line_id = "id"
deal_id = "deal"
invoice_minor = "price"
"""


def lines(tmp_path: Path, text: str, more: str = "", deal_file: str = DEAL_FILE) -> Imported:
    """Import deals in three currencies and lines."""
    mapping = f'source = "crm"\ncurrency = "EUR"\n{DEALS}currency = "c"\n{LINES.format(more=more)}'
    return import_files(tmp_path, {"deals.csv": deal_file, "lines.csv": text}, mapping)


def amounts(found: Imported) -> list[object]:
    """Return the amounts of the lines in their order."""
    return [row[0] for row in found.ask("SELECT invoice_minor FROM deal_lines ORDER BY line_id")]


def test_a_line_is_in_the_currency_of_its_deal(tmp_path: Path) -> None:
    """A yen has no cents, whatever the mapping says of rows that name none."""
    found = lines(tmp_path, "id,deal,price\na,1,500\nb,2,500\nc,3,500\n")
    assert amounts(found) == [500, 50000, None]


def test_a_line_in_another_currency_is_emptied(tmp_path: Path) -> None:
    """Its amount is unknown, not the same number of another money."""
    text = "id,deal,price,cur\na,1,500,EUR\nb,2,500,\n"
    found = lines(tmp_path, text, 'currency_column = "cur"')
    assert amounts(found) == [None, 50000]
    assert "is in EUR, and its deal in JPY" in found.reasons()


def test_deals_of_an_earlier_import_count(tmp_path: Path) -> None:
    """The database knows what the files of today do not."""
    lines(tmp_path, "id,deal,price\n")
    found = lines(tmp_path, "id,deal,price\na,1,500\n", deal_file="id,c\n")
    assert amounts(found) == [500]
