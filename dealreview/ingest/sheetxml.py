"""What the XML of an Excel workbook says beside values: formats, formulas, errors, how far cells reach.

The library that reads the values leaves out that a formula was never computed, that a cell shows an error,
and that 0.2 is shown as 20 %. Excel 2007 and later (.xlsx, .xlsm) only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from attrs import define, field, frozen

from dealreview.ingest.cells import BadCell
from dealreview.ingest.readers import FileError
from dealreview.ingest.values import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Callable
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


def parse(
    archive: ZipFile, part: str, start: Callable[[str, Attributes], Any], **more: Any
) -> None:
    """Parse a part of an archive; entities of its own are refused.

    Raises:
        FileError: when it is no XML.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attrs: start(local(name), attrs)
    parser.StartDoctypeDeclHandler = refuse_doctype
    for name, handler in more.items():
        setattr(parser, name, handler)
    try:
        with archive.open(part) as file:
            while chunk := file.read(CHUNK_BYTES):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileError(f"{archive.filename}: {part} is damaged: {error}.") from error


def refuse_doctype(*_details: Any) -> None:
    """Refuse a document type: a workbook has none, and what it defines can grow without end."""
    raise FileError("A part of the workbook defines a document type, which no spreadsheet does.")


def local(name: str) -> str:
    """Return the name of an element without its namespace."""
    return name.rpartition(" ")[2]


# The workbook


def read_package(archive: ZipFile) -> Package:
    """Return the parts of an Excel workbook.

    Raises:
        FileError: when a part is damaged.
    """
    targets = relations(archive, "xl/_rels/workbook.xml.rels")
    parts: dict[str, str] = {}
    said: Attributes = {}

    def start(name: str, attrs: Attributes) -> None:
        if name == "sheet":
            found = next((v for k, v in attrs.items() if local(k) == "id" and " " in k), "")
            parts[attrs.get("name", "")] = targets.get(found, "")
        elif name in ("calcPr", "workbookPr"):
            said.update(attrs)

    parse(archive, "xl/workbook.xml", start)
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

    def start(name: str, attrs: Attributes) -> None:
        if name == "Relationship":
            target = attrs.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else normpath(join(base, target))
            found[attrs.get("Id", "")] = path

    if part in archive.namelist():
        parse(archive, part, start)
    return found


def read_formats(archive: ZipFile) -> tuple[Shown | None, ...]:
    """Return what each cell style of a workbook says about its numbers."""
    codes: dict[int, str] = {}
    styles: list[Shown | None] = []
    inside: list[str] = []

    def start(name: str, attrs: Attributes) -> None:
        if name == "numFmt":
            codes[number(attrs.get("numFmtId"))] = attrs.get("formatCode", "")
        elif name == "xf" and inside:
            styles.append(meaning(number(attrs.get("numFmtId")), codes))
        elif name == "cellXfs":
            inside.append(name)

    def end(name: str) -> None:
        if local(name) == "cellXfs":
            inside.clear()

    parse(archive, "xl/styles.xml", start, EndElementHandler=end)
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
    """Goes through the cells of a sheet and keeps what is special about them."""

    package: Package
    marks: Marks = field(factory=Marks)
    row: int = -1
    column: int = -1
    style: int = 0
    kind: str = ""
    formula: str | None = None
    value: str | None = None
    texts: list[str] | None = None

    def start(self, name: str, attrs: Attributes) -> None:
        """Take the start of an element in."""
        if name == "c":
            self.begin_cell(attrs)
        elif name == "row":
            self.row = number(attrs["r"]) - 1 if "r" in attrs else self.row + 1
            self.column = -1
        elif name in ("v", "f", "is"):
            self.texts = [] if name != "v" or self.kind == "e" or self.formula is not None else None
            if name != "f":
                self.reach()

    def begin_cell(self, attrs: Attributes) -> None:
        """Take the start of a cell in."""
        self.column += 1
        if "r" in attrs:
            self.row, self.column = place(attrs["r"], self.row, self.column)
        self.kind, self.style = attrs.get("t", "n"), number(attrs.get("s"))
        self.formula = self.value = self.texts = None

    def reach(self) -> None:
        """Keep how far cells with values reach."""
        self.value = ""
        self.marks.rows = max(self.marks.rows, self.row + 1)
        self.marks.columns = max(self.marks.columns, self.column + 1)

    def text(self, text: str) -> None:
        """Take characters in, where they matter."""
        if self.texts is not None:
            self.texts.append(text)

    def end(self, name: str) -> None:
        """Take the end of an element in."""
        name = local(name)
        if name == "f":
            self.formula = "".join(self.texts or ())
        elif name == "v" and self.texts is not None:
            self.value = "".join(self.texts)
        elif name == "c" and (mark := self.mark()):
            self.marks.cells[self.row][self.column] = mark
            self.reach()
        if name in ("f", "v", "is"):
            self.texts = None

    def mark(self) -> Mark | None:
        """Return what is special about the cell that has just ended."""
        if self.kind == "e":
            return None if self.value == NULL_ERROR else BadCell(self.value or "", ERROR)
        if self.formula is not None and self.kind == "n" and self.is_uncomputed():
            return BadCell(f"={self.formula[:LONGEST_FORMULA]}", NOT_COMPUTED)
        formats = self.package.formats
        is_number = self.kind == "n" and self.value is not None
        return formats[self.style] if is_number and self.style < len(formats) else None

    def is_uncomputed(self) -> bool:
        """Whether a formula has no value, or the 0 that programs write which can't compute."""
        return not self.value or (self.package.uncomputed and self.value == "0")


def place(reference: str, row: int, column: int) -> tuple[int, int]:
    """Return row and column from 0 of a reference such as ``B2``; the given ones where it is none."""
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    if not match:
        return row, column
    letters = 0
    for letter in match[1]:
        letters = letters * 26 + ord(letter) - 64
    return int(match[2]) - 1, letters - 1


def read_marks(archive: ZipFile, package: Package, sheet: str) -> Marks:
    """Return what is special about the cells of a sheet.

    Raises:
        FileError: when it is damaged.
    """
    if sheet not in package.parts:
        return Marks()
    scan = Scan(package)
    handlers = {"EndElementHandler": scan.end, "CharacterDataHandler": scan.text}
    parse(archive, package.parts[sheet], scan.start, **handlers)
    return scan.marks
