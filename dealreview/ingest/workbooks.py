"""Sheets of workbooks as rows: .xlsx, .xlsm, .xlsb, .xls and .ods, with the rows that the sheet shows."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from dealreview.ingest.cells import BadCell, Cell, Exact
from dealreview.ingest.readers import (
    Damaged,
    FileError,
    Row,
    Source,
    TextOptions,
    clean,
    column_names,
    first_bytes,
)
from dealreview.ingest.sheetxml import Mark, Marks, Package, Shown, read_marks, read_package
from dealreview.ingest.values import as_text, to_second

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
MARKUP = re.compile(rb"\s*(<\?xml|<!doctype|<html|<table|<head)", re.IGNORECASE)
MARKUP_ENDINGS = (".xls", ".xlsx", ".ods")
LARGEST_XML = 1 << 30
"""Bytes of XML in a workbook; our judgement: a million rows of a dozen columns."""
MOST_CELLS = 40_000_000
"""Cells between the first and the last; the library makes room for each of them."""
SAFE_DIGITS = 15
"""Digits of a number that spreadsheets keep."""
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
)
"""What reading a damaged archive raises."""
TOTALS = re.compile(
    r"((grand |sub-?)?totals?( \(.*\))?|sum|summe|gesamt|(gesamt|zwischen)summe|insgesamt|somme"
    r"|total général|sous-total) ?:?",
    re.IGNORECASE,
)


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook, a file that pretends to be one, or an archive, by its first bytes."""
    head = first_bytes(path, 64)
    if head.startswith((ZIP_MAGIC, OLE_MAGIC)):
        return True
    return bool(MARKUP.match(head)) and path.name.casefold().endswith(MARKUP_ENDINGS)


@frozen
class Merge:
    """Cells that are shown as one, by rows and columns from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def place(self) -> str:
        """The reference of the first cell."""
        return f"{letters(self.left)}{self.top + 1}"


def letters(column: int) -> str:
    """Return the letters of a column from 0."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


@define
class Workbook:
    """An open workbook.

    Attributes:
        path: The file.
        opened: What the library makes of it.
        package: What its XML says besides.
        names: Names of its sheets, visible ones first.
        visible: Names of the visible sheets.
        marks: What is special about the cells of a sheet.
    """

    path: Path
    opened: Any
    package: Package
    names: tuple[str, ...]
    visible: tuple[str, ...]
    marks: dict[str, Marks] = field(factory=dict)

    def wanted(self, sheet: str) -> tuple[str, ...]:
        """Return the sheets that a name or pattern means; without one the first visible with data.

        A pattern means visible sheets with data only, a name any sheet.
        """
        if sheet in self.names:
            return (sheet,)
        fitting = [n for n in self.visible if fnmatchcase(n.casefold(), (sheet or "*").casefold())]
        filled = filter(self.has_data, fitting)
        return tuple(filled) if sheet else tuple(islice(filled, 1)) or self.visible[:1]

    def has_data(self, name: str) -> bool:
        """Whether a sheet has a value."""
        marks = self.check(name)
        return marks.rows > 0 or (name not in self.package.parts and bool(self.load(name).start))

    def load(self, name: str) -> Any:
        """Return what the library makes of a sheet.

        Raises:
            FileError: when it can't read it.
        """
        return guarded(self.path, self.opened.get_sheet_by_name, name)

    def check(self, name: str) -> Marks:
        """Return what is special about the cells of a sheet.

        Raises:
            FileError: when it is damaged, or cells are so far apart that they can't be held.
        """
        if name not in self.marks:
            self.marks[name] = self.scan(name)
        found = self.marks[name]
        if found.rows * found.columns > MOST_CELLS:
            corner = f"{letters(found.columns - 1)}{found.rows}"
            raise FileError(
                f"{self.path.name}: the cells of sheet '{name}' reach to {corner}, too far to be read.",
                mend="Delete what is there, or save the sheet as CSV UTF-8.",
            )
        return found

    def scan(self, name: str) -> Marks:
        """Read the XML of a sheet."""
        if name not in self.package.parts:
            return Marks()
        with zipfile.ZipFile(self.path) as archive:
            return read_marks(archive, self.package, name)

    def sheet(self, name: str, options: TextOptions) -> Source:
        """Return a sheet as a table; rows are numbered as the sheet numbers them."""
        marks = self.check(name)
        label = f"{self.path.name}:{name}"

        def rows() -> Iterator[Row]:
            return sheet_rows(self.load(name), marks, options)

        first = next(rows(), None)
        header = tuple(clean(as_text(cell)) for cell in first.cells) if first else ()
        columns = column_names(label, header, options)
        return Source(label, columns, lambda: checked_rows(rows(), options, columns))


# Opening


def open_workbook(path: Path) -> Workbook:
    """Open a workbook.

    Raises:
        FileError: when it is none, is damaged, is protected by a password, or would grow too large.
    """
    if not first_bytes(path, len(OLE_MAGIC)).startswith((ZIP_MAGIC, OLE_MAGIC)):
        raise FileError(
            f"{path.name} is a page of text with the name of a workbook.",
            mend="Open it in a spreadsheet program and save it as a workbook or as CSV UTF-8.",
        )
    package = open_package(path) if first_bytes(path, 4) == ZIP_MAGIC else Package()
    opened = open_library(path)
    names, visible = sheet_names(opened)
    return Workbook(path, opened, package, names, visible)


def open_package(path: Path) -> Package:
    """Return the parts of a workbook that is an archive, after a look at whether it can be trusted."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(path, archive)
            return read_package(archive) if "xl/workbook.xml" in archive.namelist() else Package()
    except UNREADABLE as error:
        raise damaged(path, error) from error
    except RuntimeError as error:  # what zipfile raises for a part with a password
        raise protected(path) from error


def check_archive(path: Path, archive: zipfile.ZipFile) -> None:
    """Raise for an archive that is no workbook, that is damaged, or that unpacks to too much."""
    names = archive.namelist()
    if not {"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & set(names):
        raise FileError(f"{path.name} is an archive.", mend="Unpack it and import what is in it.")
    size = sum(info.file_size for info in archive.infolist())
    if size > LARGEST_XML:
        raise FileError(
            f"{path.name} unpacks to {size >> 20:,} MB; at most {LARGEST_XML >> 20:,} MB are read.",
            mend="Save the sheets as CSV UTF-8 and import these.",
        )
    # Sizes are only claims until every part has been unpacked once.
    if broken := archive.testzip():
        raise damaged(path, ValueError(f"{broken} is not what its checksum says"))


def damaged(path: Path, error: Exception) -> FileError:
    """Return the error of a workbook that can't be read."""
    return FileError(
        f"{path.name} is damaged or no workbook: {error}.",
        mend="Open it in a spreadsheet program, save it again, or save the sheet as CSV UTF-8.",
    )


def protected(path: Path) -> FileError:
    """Return the error of a workbook with a password."""
    return FileError(
        f"{path.name} is protected by a password.", mend="Save a copy without one and import that."
    )


def open_library(path: Path) -> Any:
    """Open a workbook with the library that reads them.

    Raises:
        FileError: when the library is missing, or can't read the workbook.
    """
    try:
        import python_calamine as library
    except ImportError as error:
        raise FileError(
            f"{path.name} is a workbook, and the library that reads them is not installed.",
            mend="pip install python-calamine, or save the sheet as CSV UTF-8.",
        ) from error
    return guarded(path, library.CalamineWorkbook.from_path, str(path))


def guarded(path: Path, read: Callable[[str], Any], what: str) -> Any:
    """Return what the library reads; whatever it stumbles over is an error of the file."""
    try:
        return read(what)
    except Exception as error:
        if type(error).__name__ == "PasswordError":
            raise protected(path) from error
        raise damaged(path, error) from error
    except BaseException as error:
        # The library is not written in Python: where it gives up, it raises no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(path, ValueError("the library that reads workbooks gave up")) from error


def sheet_names(opened: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all sheets with cells, visible ones first, and of the visible ones."""
    sheets = [s for s in opened.sheets_metadata if str(s.typ).endswith("WorkSheet")]
    visible = tuple(s.name for s in sheets if str(s.visible).endswith(".Visible"))
    return (*visible, *(s.name for s in sheets if s.name not in visible)), visible


# Rows


def sheet_rows(sheet: Any, marks: Marks, options: TextOptions) -> Iterator[Row]:
    """Yield the rows of a sheet from that on which its table begins; blank ones are none."""
    _, left = sheet.start or (0, 0)
    merges = MergedCells([Merge(*a, *b) for a, b in sheet.merged_cell_ranges or ()])
    header_is_next = options.header
    for number, values in enumerate(sheet.iter_rows()):
        found = marks.cells.get(number, {})
        read = [cell_of(value, found.get(left + spot)) for spot, value in enumerate(values)]
        cells = merges.completed(number, left, read, fill=header_is_next or options.fill_merged)
        if number + 1 >= options.header_row and any(read):
            yield Row(number + 1, tuple(cells), "" if header_is_next else doubt(read, merges, left))
            header_is_next = False


def checked_rows(
    rows: Iterable[Row], options: TextOptions, columns: tuple[str, ...]
) -> Iterator[Row | Damaged]:
    """Yield the rows below the header; one that repeats it or has no place for its cells is damaged."""
    header: tuple[Cell, ...] | None = None
    for row in rows:
        if options.header and header is None:
            header = row.cells
        elif len(row.cells) != len(columns):
            reason = f"has {len(row.cells)} columns instead of {len(columns)}"
            yield Damaged(row.line, reason, ", ".join(map(as_text, row.cells)))
        elif header == row.cells:
            yield Damaged(row.line, "is the header once more", ", ".join(map(as_text, row.cells)))
        else:
            yield row


def doubt(cells: list[Cell], merges: MergedCells, left: int) -> str:
    """Return why a row may be no record: a line of totals, or a heading over the rows below."""
    filled = [cell for cell in cells if cell]
    if len(filled) > 1 and TOTALS.fullmatch(as_text(filled[0])) and all(map(is_amount, filled[1:])):
        return "seems to be a row of totals; leave it out with where_not"
    wide = [merge for merge in merges.active if (merge.right - merge.left + 1) * 2 > len(cells)]
    if len(filled) == 1 and len(cells) > 2 and any(merge.left >= left for merge in wide):
        return "seems to be a heading over the rows below; leave it out with where_not"
    return ""


def is_amount(cell: Cell) -> bool:
    """Whether a cell is a number, or one that could not be read."""
    return isinstance(cell, BadCell) or (isinstance(cell, Exact) and cell.is_number)


@define(init=False)
class MergedCells:
    """Merged cells while the rows of a sheet go by.

    Attributes:
        coming: Merges that begin further down, the next one last.
        active: Merges that cover the row.
        first: The value of the first cell of a merge.
    """

    coming: list[Merge]
    active: list[Merge]
    first: dict[Merge, Cell]

    def __init__(self, merges: Iterable[Merge]) -> None:
        self.coming = sorted(merges, key=lambda merge: (merge.top, merge.left), reverse=True)
        self.active, self.first = [], {}

    def completed(self, row: int, left: int, cells: list[Cell], *, fill: bool) -> list[Cell]:
        """Return the cells of a row; those under a merge have its value, or say that they have none."""
        if not self.coming and not self.active:
            return cells
        self.active = [merge for merge in self.active if merge.bottom >= row]
        while self.coming and self.coming[-1].top <= row:
            self.active.append(self.coming.pop())
        result = list(cells)
        for merge in self.active:
            self.cover(merge, row, left, result, fill=fill)
        return result

    def cover(self, merge: Merge, row: int, left: int, cells: list[Cell], *, fill: bool) -> None:
        """Complete the cells of a row that a merge covers."""
        if row == merge.top and 0 <= merge.left - left < len(cells):
            self.first[merge] = cells[merge.left - left]
        value = self.first.get(merge)
        if not value:
            return
        reason = f'is merged with {merge.place}, which has the value; say merged = "fill" if it counts here'
        for column in range(max(merge.left, left), min(merge.right + 1, left + len(cells))):
            if (row, column) != (merge.top, merge.left) and not cells[column - left]:
                cells[column - left] = value if fill else BadCell("", reason)


# Cells


def cell_of(value: Any, mark: Mark | None) -> Cell:
    """Return a value of the library as a cell."""
    if isinstance(mark, BadCell):
        return mark
    if isinstance(value, str):
        return value
    write = WRITERS.get(type(value))
    return write(value, mark) if write else ""


def number_text(value: float, shown: Shown | None) -> Cell:
    """Return a number as it is shown where that says what it means, else plainly."""
    if not isfinite(value):
        return BadCell(str(value), "is no number")
    text = f"{value:.{SAFE_DIGITS}g}"
    if shown is None and "e" not in text:
        return Exact(text)
    exact = Decimal(text)
    if abs(exact) >= 10**SAFE_DIGITS:
        return Exact(f"{exact:E}")  # more digits than were kept: an id has lost its last ones
    shown = shown or Shown()
    text = plain_text(exact * 100 if shown.percent else exact)
    if shown.zeros and text.isdecimal():
        return Exact(text.zfill(shown.zeros))
    return Exact(f"{text}{'%' if shown.percent else ''}{' ' if shown.mark else ''}{shown.mark}")


def plain_text(number: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant_text(value: dt.datetime, _shown: Shown | None) -> Cell:
    """Return an instant, or its day where it is midnight."""
    moment = to_second(value)
    is_day = moment.time() == dt.time()
    return Exact(moment.date().isoformat() if is_day else moment.isoformat())


def hours_text(value: dt.timedelta, _shown: Shown | None) -> Cell:
    """Return a duration in hours."""
    return Exact(plain_text(round(Decimal(round(value.total_seconds())) / 3600, 6)))


def iso_text(value: dt.date | dt.time, _shown: Shown | None) -> Cell:
    """Return a day or a time of day."""
    return Exact(value.isoformat())


def bool_text(value: bool, _shown: Shown | None) -> Cell:
    """Return a yes or no."""
    return Exact("true" if value else "false")


WRITERS: dict[type, Callable[[Any, Shown | None], Cell]] = {
    bool: bool_text,
    int: number_text,
    float: number_text,
    dt.datetime: instant_text,
    dt.date: iso_text,
    dt.time: iso_text,
    dt.timedelta: hours_text,
}
"""What writes a value of the library."""
