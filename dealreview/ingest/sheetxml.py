"""What the XML of an Excel workbook says beside values: formats, formulas, errors, how far cells reach.

The library that reads the values leaves out that a formula was never computed, that a cell shows an error,
and that 0.2 is shown as 20 %. Excel 2007 and later (.xlsx, .xlsm) only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from attrs import define, field, frozen

from dealreview.ingest.cells import BadCell
from dealreview.ingest.readers import FileError
from dealreview.ingest.values import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

CHUNK_BYTES = 1 << 18
LONGEST_FORMULA = 80
NOT_COMPUTED = (
    "is a formula without its value: open the workbook in a spreadsheet program and save it"
)
ERROR = "is an error of the spreadsheet"
NULL_ERROR = "#N/A"
PERCENT_IDS = frozenset({9, 10})

Attributes = dict[str, str]


@frozen
class Shown:
    """How a number is shown, where that says what it means.

    Attributes:
        percent: Whether 0.2 is shown as 20 %.
        zeros: Number of digits that leading zeros fill up to; 0 for none.
        mark: The currency that the format names.
    """

    percent: bool = False
    zeros: int = 0
    mark: str = ""


Mark = BadCell | Shown


@define
class Marks:
    """What is special about the cells of a sheet, by row and column from 0.

    Attributes:
        cells: The marks.
        rows: Number of rows up to the last value.
        columns: Number of columns up to the last value.
    """

    cells: dict[int, dict[int, Mark]] = field(factory=lambda: defaultdict(dict))
    rows: int = 0
    columns: int = 0


@frozen
class Package:
    """The parts of an Excel workbook.

    Attributes:
        parts: The part of each sheet by its name.
        formats: What each cell style says, None for nothing special.
        uncomputed: Whether its formulas are to be computed when it is opened, so that 0 means nothing.
        from_1904: Whether it counts days from 1904.
    """

    parts: dict[str, str] = field(factory=dict)
    formats: tuple[Shown | None, ...] = ()
    uncomputed: bool = False
    from_1904: bool = False


# XML


def parse(archive: ZipFile, part: str, parser: expat.XMLParserType) -> None:
    """Feed a part of an archive to a parser; entities of its own are refused.

    Raises:
        FileError: when it is no XML.
    """
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        with archive.open(part) as file:
            while chunk := file.read(CHUNK_BYTES):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # LookupError: no such encoding
        name = basename(archive.filename or "")
        raise FileError(f"{name} is damaged: {part}: {error}.") from error


def elements(archive: ZipFile, part: str) -> Iterator[tuple[str, Attributes]]:
    """Return the elements of a small part in their order, with their attributes; ends have a slash."""
    found: list[tuple[str, Attributes]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attrs: found.append((local(name), attrs))
    parser.EndElementHandler = lambda name: found.append((f"/{local(name)}", {}))
    parse(archive, part, parser)
    return iter(found)


def refuse_doctype(*_details: Any) -> None:
    """Refuse a document type: a workbook has none, and what it defines can grow without end."""
    raise FileError("A part of the workbook defines a document type, which no spreadsheet does.")


def local(name: str) -> str:
    """Return the name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


# The workbook


def read_package(archive: ZipFile) -> Package:
    """Return the parts of an Excel workbook.

    Raises:
        FileError: when a part is damaged.
    """
    targets = relations(archive, "xl/_rels/workbook.xml.rels")
    parts: dict[str, str] = {}
    said: Attributes = {}
    for name, attrs in elements(archive, "xl/workbook.xml"):
        if name == "sheet":
            found = next((v for k, v in attrs.items() if ":" in k and local(k) == "id"), "")
            parts[attrs.get("name", "")] = targets.get(found, "")
        elif name in ("calcPr", "workbookPr"):
            said.update(attrs)
    names = set(archive.namelist())
    return Package(
        parts={name: part for name, part in parts.items() if part in names},
        formats=read_formats(archive) if "xl/styles.xml" in names else (),
        uncomputed=said.get("fullCalcOnLoad") in ("1", "true"),
        from_1904=said.get("date1904") in ("1", "true"),
    )


def relations(archive: ZipFile, part: str) -> dict[str, str]:
    """Return the parts that another one names, by the ids that it uses."""
    found: dict[str, str] = {}
    base = dirname(dirname(part))
    if part in archive.namelist():
        for name, attrs in elements(archive, part):
            if name == "Relationship":
                target = attrs.get("Target", "")
                path = (
                    target.lstrip("/") if target.startswith("/") else normpath(join(base, target))
                )
                found[attrs.get("Id", "")] = path
    return found


def read_formats(archive: ZipFile) -> tuple[Shown | None, ...]:
    """Return what each cell style of a workbook says about its numbers."""
    codes: dict[int, str] = {}
    styles: list[Shown | None] = []
    inside = False
    for name, attrs in elements(archive, "xl/styles.xml"):
        if name in ("cellXfs", "/cellXfs"):
            inside = name == "cellXfs"
        elif name == "numFmt":
            codes[number(attrs.get("numFmtId"))] = attrs.get("formatCode", "")
        elif name == "xf" and inside:
            styles.append(meaning(number(attrs.get("numFmtId")), codes))
    return tuple(styles)


def number(text: str | None) -> int:
    """Return a whole number, 0 for anything else."""
    return int(text) if text and text.isdecimal() else 0


def meaning(format_id: int, codes: dict[int, str]) -> Shown | None:
    """Return what a number format says about the meaning of a number, None for nothing."""
    if format_id in PERCENT_IDS and format_id not in codes:
        return Shown(percent=True)
    code = codes.get(format_id, "").partition(";")[0]
    mark = currency_mark(code)
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)
    shown = Shown(
        percent="%" in bare,
        zeros=len(bare) if re.fullmatch("0{2,}", bare) and bare == code else 0,
        mark=mark,
    )
    return None if shown == Shown() else shown


def currency_mark(code: str) -> str:
    """Return the currency that a number format names, empty for none."""
    named = re.findall(r"\[\$([^\]-]+)", code)
    literal = re.findall(r'"([^"]+)"', code) + re.findall(r"[€£¥₹]", code)
    texts = [str(found).strip() for found in named + literal]
    return next((t for t in texts if t in SYMBOLS or re.fullmatch("[A-Z]{3}", t)), "")


# A sheet


@define
class Scan:
    """Goes through the cells of a sheet and keeps what is special about them.

    It is called for each cell of a sheet that may have millions, hence the care for speed: characters and
    ends of elements are listened to only where they matter.

    Attributes:
        parser: What calls it.
        shown: What the styles say that say anything, by their number as text.
        uncomputed: Whether a formula's 0 means nothing.
        marks: What was found.
        row: The row of the cell, from 0.
        column: The column of the cell, from 0.
        cell: The attributes of the cell.
        formula: The formula of the cell, None for none.
        texts: Characters of the element that is listened to.
    """

    parser: expat.XMLParserType
    shown: dict[str, Shown]
    uncomputed: bool
    marks: Marks = field(factory=Marks)
    row: int = -1
    column: int = -1
    cell: Attributes = field(factory=dict)
    formula: str | None = None
    texts: list[str] = field(factory=list)

    def start(self, name: str, attrs: Attributes) -> None:
        """Take the start of an element in."""
        name = name.rpartition(":")[2] if ":" in name else name
        if name == "c":
            self.begin_cell(attrs)
        elif name in ("v", "is"):
            self.begin_value()
        elif name == "f":
            self.formula = ""
            self.listen()
        elif name == "row":
            self.row = number(attrs["r"]) - 1 if "r" in attrs else self.row + 1
            self.column = -1

    def begin_cell(self, attrs: Attributes) -> None:
        """Take the start of a cell in."""
        if "r" in attrs:
            self.row, self.column = place(attrs["r"], self.row, self.column + 1)
        else:
            self.column += 1
        self.cell, self.formula = attrs, None

    def begin_value(self) -> None:
        """Take the start of a value in: keep how far values reach, and how a number is shown."""
        marks, cell = self.marks, self.cell
        if self.row >= marks.rows:
            marks.rows = self.row + 1
        if self.column >= marks.columns:
            marks.columns = self.column + 1
        kind = cell.get("t", "n")
        if kind == "n" and cell.get("s") in self.shown:
            marks.cells[self.row][self.column] = self.shown[cell["s"]]
        if kind == "e" or self.formula is not None:
            self.listen()

    def listen(self) -> None:
        """Listen to characters and ends until the cell ends."""
        self.texts = []
        self.parser.CharacterDataHandler = self.texts.append
        self.parser.EndElementHandler = self.end

    def end(self, name: str) -> None:
        """Take the end of an element of a cell with a formula or an error in."""
        name = local(name)
        if name == "f":
            self.formula, self.texts = "".join(self.texts), []
            self.parser.CharacterDataHandler = None
        elif name == "c":
            self.parser.EndElementHandler = self.parser.CharacterDataHandler = None
            if mark := self.bad_cell("".join(self.texts)):
                self.begin_value()
                self.marks.cells[self.row][self.column] = mark
                self.parser.EndElementHandler = self.parser.CharacterDataHandler = None

    def bad_cell(self, value: str) -> BadCell | None:
        """Return the cell that has just ended if it holds an error, or a formula without a value."""
        kind = self.cell.get("t", "n")
        if kind == "e":
            return None if value == NULL_ERROR else BadCell(value, ERROR)
        # A text formula that comes to nothing is empty; a program that can't compute writes no type.
        if kind != "n" or (value and not (self.uncomputed and value == "0")):
            return None
        return BadCell(f"={(self.formula or '')[:LONGEST_FORMULA]}", NOT_COMPUTED)


@lru_cache(maxsize=4096)
def column_number(letters: str) -> int:
    """Return the number from 0 of a column's letters."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def place(reference: str, row: int, column: int) -> tuple[int, int]:
    """Return row and column from 0 of a reference such as ``B2``; the given ones where it is none."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not 1 <= len(letters) <= 3 or not letters.isalpha() or not letters.isupper() or not digits:
        return row, column
    return int(digits) - 1, column_number(letters)


def read_marks(archive: ZipFile, package: Package, sheet: str) -> Marks:
    """Return what is special about the cells of a sheet.

    Raises:
        FileError: when it is damaged.
    """
    if sheet not in package.parts:
        return Marks()
    shown = {str(n): shown for n, shown in enumerate(package.formats) if shown}
    parser = expat.ParserCreate()
    scan = Scan(parser, shown, package.uncomputed)
    parser.StartElementHandler = scan.start
    parse(archive, package.parts[sheet], parser)
    return scan.marks
