"""Where the names of the columns stand in a sheet that begins with a title, for proposals only."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from dealreview.ingest.cells import Cell, Exact
from dealreview.ingest.readers import Row, TextOptions
from dealreview.ingest.values import as_text

if TYPE_CHECKING:
    from dealreview.ingest.workbooks import Workbook

LOOKED_AT_ROWS = 40
LEAST_SHARE = 0.6
"""Share of the widest row's cells that a row of names fills; our judgement."""


def find_header(book: Workbook, sheet: str) -> int:
    """Return the row of a sheet that holds the names of the columns, 0 for its first filled row."""
    source = book.sheet(sheet, TextOptions(header=False))
    rows = [row for row in islice(source.read(), LOOKED_AT_ROWS) if isinstance(row, Row)]
    widest = max((len(filled(row)) for row in rows), default=0)
    found = next((row.line for row in rows if is_header(row, widest)), 0)
    return 0 if not rows or found == rows[0].line else found


def filled(row: Row) -> list[Cell]:
    """Return the cells of a row that hold anything."""
    return [cell for cell in row.cells if cell]


def is_header(row: Row, widest: int) -> bool:
    """Whether a row seems to hold names: texts only, no two alike, about as many as there are columns."""
    cells = filled(row)
    texts = {as_text(cell).casefold() for cell in cells if not isinstance(cell, Exact)} - {""}
    return len(texts) == len(cells) >= LEAST_SHARE * widest
