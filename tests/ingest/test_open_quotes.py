"""Quotes that nobody closed, and other records that cover several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.ingest import readers
from tests.ingest.importing import deals

if TYPE_CHECKING:
    from pathlib import Path


def test_an_open_quote_swallows_no_rows(tmp_path: Path) -> None:
    """The lines between it and a stray quote are rejected, named and counted."""
    text = 'id,n,x\n1,a,5\n2,"Acme,5\n3,Bolt,6\n4,Cee",7\n5,e,8\n'
    found = deals(tmp_path, text, 'name = "n"')
    assert found.ask("SELECT deal_id FROM deals") == [("crm:1",), ("crm:5",)]
    ((line, _, _, reason, _),) = found.problems()
    assert (line, reason) == (3, "has rows in one cell: perhaps an open quote (lines 3 to 5)")
    (counts,) = found.summary.counts
    assert (counts.rows, counts.stored, counts.rejected) == (5, 2, 3)


def test_a_note_over_several_lines_is_a_cell(tmp_path: Path) -> None:
    """Commas and line breaks in quotes are what quotes are for."""
    text = 'id,n,x\n1,"Dear all,\nas said, on Monday, we come",5\n'
    found = deals(tmp_path, text, 'name = "n"')
    assert (found.summary.total("stored"), found.problems()) == (1, [])


def test_a_quote_that_is_open_to_the_end_is_one_problem(tmp_path: Path) -> None:
    """Its lines are named, and each counts as a row."""
    rows = "".join(f"{n},x\n" for n in range(3, 40))
    found = deals(tmp_path, f'id,n\n1,a\n2,"open\n{rows}', 'name = "n"')
    (reason,) = found.reasons()
    assert reason.endswith("(lines 3 to 40)")
    assert (found.summary.total("rows"), found.summary.rejected) == (39, 38)
    assert found.summary.adds_up()


def test_reading_goes_on_where_a_line_is_whole(tmp_path: Path) -> None:
    """After a stray quote, the rest of a note is no record."""
    text = 'id,n\n1,"a"b,"two\nlines" here\n2,c\n'
    found = deals(tmp_path, text, 'name = "n"')
    assert found.ask("SELECT deal_id FROM deals") == [("crm:2",)]
    assert found.summary.rejected == 2


def test_an_endless_cell_takes_the_rest_of_the_file(tmp_path: Path) -> None:
    """Nothing tells where the next record starts, so none is made up."""
    text = f'id,n\n1,a\n2,"{"x" * readers.LONGEST_CELL}\n{"y" * 100}"\n3,c\n'
    found = deals(tmp_path, text, 'name = "n"')
    assert found.ask("SELECT deal_id FROM deals") == [("crm:1",)]
    assert found.reasons() == [
        "not readable as a record: field larger than field limit (10000000) (lines 3 to 5)"
    ]


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    """A note of 140,000 letters is a note."""
    found = deals(tmp_path, f"id,n\n1,{'x' * 140_000}\n", 'name = "n"')
    assert found.ask("SELECT length(name) FROM deals") == [(140_000,)]


def test_rows_of_delimiters_only_are_blank(tmp_path: Path) -> None:
    """They are counted and are no problem, however many delimiters."""
    found = deals(tmp_path, "id,n\n1,a\n,\n , \n,,,,\n", 'name = "n"')
    (counts,) = found.summary.counts
    assert (counts.rows, counts.stored, counts.blank, found.problems()) == (4, 1, 3, [])


def test_delimiters_at_the_end_of_all_rows_are_no_columns(tmp_path: Path) -> None:
    """What stands behind them is empty in all rows; a row where it is not is damaged."""
    rows = "".join(f"{n},a,\n" for n in range(30))
    found = deals(tmp_path, f"id,n\n{rows}30,b,c\n", 'name = "n"')
    assert (found.summary.total("stored"), found.summary.rejected) == (30, 1)
