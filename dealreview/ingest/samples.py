"""The first rows of files, to propose how they are read."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from attrs import define, field

from dealreview.ingest.headers import find_header
from dealreview.ingest.readers import (
    FileError,
    Row,
    Source,
    TextOptions,
    is_database,
    open_database,
    open_table,
    open_text,
    table_names,
)
from dealreview.ingest.values import NULLS, as_text
from dealreview.ingest.words import EXTRA_NULLS
from dealreview.ingest.workbooks import is_workbook, open_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOKED_AT_ROWS = 10_000
FALLBACK_ENCODING = "cp1252"
HEADER_ROWS = 50
SAME_KIND = 0.8
KINDS = {
    "day": re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{4}.*"),
    "mail": re.compile(r"[^\s@]+@[^\s@]+\.\w+"),
    "guid": re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "decimal": re.compile(r"-?\d*[.,]\d+"),
    "whole": re.compile(r"-?\d+"),
}
"""What values look like that a column is hardly ever named."""

NO_NAMES = ("mail", "guid")
"""Of these, what no column is ever named."""


@define
class Sample:
    """A file, its first rows, and the table that it seems to feed.

    Attributes:
        source: The file.
        match: File name.
        table_name: Table of a SQLite file.
        encoding: An encoding that had to be proposed.
        sheet: Sheet of a workbook that has several; empty for the only one.
        header_row: Row of a sheet on which the names stand, 0 for the first.
        headless: Whether it seems to have no header; its columns are c1, c2 …
        is_view: Whether it is a view of a SQLite file.
        values: The values of each column, nulls left out.
        rows: Rows looked at.
        totals: What a column says in rows of totals.
        guess: The table, empty for none.
        fields: The column of each field.
    """

    source: Source
    match: str
    table_name: str = ""
    encoding: str = ""
    sheet: str = ""
    header_row: int = 0
    headless: bool = False
    is_view: bool = False
    values: dict[str, list[str]] = field(factory=dict)
    rows: int = 0
    totals: dict[str, list[str]] = field(factory=dict)
    guess: str = ""
    fields: dict[str, str] = field(factory=dict)

    @property
    def name(self) -> str:
        """The name of its block."""
        return self.table_name or (f"{self.match}:{self.sheet}" if self.sheet else self.match)

    @property
    def own_name(self) -> str:
        """What the table itself is called: the table, the sheet, else the file without its ending."""
        return self.table_name or self.sheet or self.match.rpartition(".")[0]

    def has_gaps(self, column: str) -> bool:
        """Whether a column is empty in some row."""
        return len(self.values[column]) < self.rows

    def pairs(self, first: str, second: str) -> Iterator[tuple[str, str]]:
        """Yield what two columns say in the same row."""
        spots = [self.source.columns.index(column) for column in (first, second)]
        for row in islice(self.source.read(), LOOKED_AT_ROWS):
            if isinstance(row, Row) and not row.doubt:
                one, other = (as_text(row.cells[spot]) for spot in spots)
                yield one, other


def look_at_all(files: list[Path]) -> tuple[list[Sample], list[str]]:
    """Return what can be read of each file, and the names of the others with the reason."""
    samples: list[Sample] = []
    unreadable: list[str] = []
    for path in files:
        try:
            samples += look_at(path)
        except FileError as error:
            unreadable.append(error.message)
    return [sample for sample in samples if sample.rows], unreadable


def look_at(path: Path) -> list[Sample]:
    """Return the tables of a file with their first rows."""
    if is_database(path):
        opened = open_tables(path)
    elif is_workbook(path):
        opened = open_sheets(path)
    else:
        opened = [open_sample(path)]
    for sample in opened:
        read_values(sample)
    return opened


def open_tables(path: Path) -> list[Sample]:
    """Open the tables and views of a SQLite file."""
    names = table_names(path)
    try:
        with closing(open_database(path)) as connection:
            sql = "SELECT name FROM sqlite_master WHERE type = 'view'"
            views = {str(name) for (name,) in connection.execute(sql)}
    except sqlite3.Error:
        views = set()
    return [
        Sample(open_table(path, name), path.name, name, is_view=name in views) for name in names
    ]


def open_sheets(path: Path) -> list[Sample]:
    """Open the visible sheets of a workbook that have data, each where its table seems to begin."""
    book = open_workbook(path)
    names = book.wanted("*")
    samples = []
    for name in names:
        row = find_header(book, name)
        source = book.sheet(name, TextOptions(header_row=row))
        sheet = name if len(names) > 1 else ""
        samples.append(Sample(source, path.name, sheet=sheet, header_row=row))
    return samples


def open_sample(path: Path) -> Sample:
    """Open a text file, with a proposed encoding where it is not UTF-8, and names for nameless columns."""
    encoding = ""
    try:
        source = open_text(path, TextOptions())
    except FileError as error:
        if "is not UTF-8" not in error.message:
            raise
        encoding = FALLBACK_ENCODING
        source = open_text(path, TextOptions(encoding=encoding))
    if not seems_headless(source):
        return Sample(source, path.name, encoding=encoding)
    names = tuple(f"c{number}" for number in range(1, len(source.columns) + 1))
    options = TextOptions(header=False, columns=names, encoding=encoding)
    return Sample(open_text(path, options), path.name, encoding=encoding, headless=True)


def seems_headless(source: Source) -> bool:
    """Whether the first row holds values such as those below it, which no column is named."""
    rows = [row for row in islice(source.read(), HEADER_ROWS) if isinstance(row, Row)]
    for spot, name in enumerate(source.columns):
        kind = kind_of(name)
        if kind in NO_NAMES:
            return True
        below = [text for row in rows if (text := as_text(row.cells[spot])) not in NULLS]
        alike = sum(kind_of(text) == kind for text in below) >= SAME_KIND * len(below)
        # Whole numbers can name columns: years, months. The first column is hardly ever one of these.
        if kind and alike and (spot == 0 or (kind != "whole" and below)):
            return True
    return False


def kind_of(text: str) -> str:
    """Return what a text looks like, empty for words."""
    return next((kind for kind, form in KINDS.items() if form.fullmatch(text)), "")


def read_values(sample: Sample) -> None:
    """Read the values of the first rows."""
    columns = sample.source.columns
    sample.values = {column: [] for column in columns}
    for row in islice(sample.source.read(), LOOKED_AT_ROWS):
        if isinstance(row, Row) and row.doubt:
            column, text = next(
                (c, as_text(v)) for c, v in zip(columns, row.cells, strict=True) if v
            )
            sample.totals.setdefault(column, []).append(text)
        elif isinstance(row, Row):
            sample.rows += 1
            for column, cell in zip(columns, row.cells, strict=True):
                text = as_text(cell)
                if text not in NULLS and text not in EXTRA_NULLS:
                    sample.values[column].append(text)
