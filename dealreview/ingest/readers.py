"""Rows of other people's files, with the physical line that each one starts on."""

from __future__ import annotations

import codecs
import csv
import re
import sqlite3
import time
from collections import deque
from contextlib import closing
from decimal import Decimal
from encodings.aliases import aliases
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from attrs import define, evolve, field, frozen

from dealreview.model.errors import ConfigurationError, DealreviewError, did_you_mean

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dealreview.ingest.cells import Cell

DELIMITERS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SQLITE_MAGIC = b"SQLite format 3\0"
NO_ENCODINGS = frozenset(
    {
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "utf_7",
        "undefined",
        "mbcs",
        "oem",
    }
)
"""What Python takes for text encodings and no file is written in, or differs from machine to machine."""

FOREIGN = (
    (b"PK\x03\x04", "zip archive or workbook"),
    (bytes.fromhex("D0CF11E0A1B11AE1"), "document of an old office program"),
    (b"\x1f\x8b", "gzip archive"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ\0", "xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"%PDF-", "PDF document"),
    (b"PAR1", "Parquet file"),
    (b"\x89PNG", "picture"),
)
"""Files that are no text, by their first bytes."""

SNIFFED_RECORDS = 20
PATIENCE_SECONDS = 60.0
"""How long a view may take for its next row; our judgement."""
MOST_VIEW_ROWS = 20_000_000
CHUNK_BYTES = 1 << 20
LONGEST_CELL = 10_000_000
"""Characters of a cell; our judgement: a long note, and no file after an open quote."""


class FileError(DealreviewError):
    """A file that can't be read as text or as a database."""

    def __init__(self, message: str, *, mend: str = "") -> None:
        # Names of files can hold bytes that are no text, and no terminal would print them.
        super().__init__(printable(message), mend=printable(mend))


def printable(text: str) -> str:
    """Return a text with U+FFFD for what can't be written as UTF-8."""
    return (
        text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if has_odd(text)
        else text
    )


def has_odd(text: str) -> bool:
    """Whether a text has halves of characters, as names of files that are not UTF-8 do."""
    return any("\ud800" <= c <= "\udfff" for c in text)


@frozen
class Row:
    """One row and the physical line (or the row number of a table) that it starts on.

    Attributes:
        line: The line.
        cells: The cells, one a column.
        doubt: Why it may be no record, such as a row of totals; it is rejected unless it is left out.
        lines: Physical lines that it covers.
    """

    line: int
    cells: tuple[Cell, ...]
    doubt: str = ""
    lines: int = 1


@frozen
class Damaged:
    """A row that can't be read.

    Attributes:
        line: The line on which it starts.
        reason: Why.
        text: What stands there.
        lines: Physical lines that it covers: each may have been a row.
    """

    line: int
    reason: str
    text: str = ""
    lines: int = 1

    @property
    def told(self) -> str:
        """The reason, with the lines where they are several."""
        last = self.line + self.lines - 1
        return self.reason if self.lines == 1 else f"{self.reason} (lines {self.line} to {last})"


@frozen
class TextOptions:
    """How a text file or a sheet is written.

    Attributes:
        delimiter: One character; empty to find out among ``, ; tab |``. Texts only.
        quote: The quoting character; empty where quotes are ordinary characters. Texts only.
        header: Whether the first record holds the column names.
        header_row: Line on which the table begins; 0 for the first that is not blank.
        columns: Column names of a file without a header, or names that replace it.
        encoding: What to read it with when it is neither marked nor UTF-8. Texts only.
        fill_merged: Whether merged cells all have the value of the first. Sheets only.
    """

    delimiter: str = ""
    quote: str = '"'
    header: bool = True
    header_row: int = 0
    columns: tuple[str, ...] = ()
    encoding: str = ""
    fill_merged: bool = False


@frozen(slots=False)
class Source:
    """A readable table: its name for people, its columns, and its rows as often as wanted."""

    name: str
    columns: tuple[str, ...]
    read: Callable[[], Iterator[Row | Damaged]] = field(repr=False)
    total: int | None = None

    @cached_property
    def _spots(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for spot, name in enumerate(self.columns):
            found.setdefault(name.casefold(), []).append(spot)
        return found

    def spot(self, column: str) -> int | None:
        """Return where a column stands: of that very name, else the only one that differs in case."""
        if column in self.columns:
            return self.columns.index(column)
        near = self._spots.get(column.casefold(), [])
        return near[0] if len(near) == 1 else None

    def has(self, columns: Iterable[str]) -> bool:
        """Whether all of these columns are there."""
        return all(self.spot(column) is not None for column in columns)


def is_database(path: Path) -> bool:
    """Whether a file is a SQLite database, by its first bytes."""
    return first_bytes(path, len(SQLITE_MAGIC)) == SQLITE_MAGIC


def first_bytes(path: Path, count: int) -> bytes:
    """Return the first bytes of a file."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise FileError(f"{path.name} can't be read: {error.strerror}.") from error


# Text


def open_text(path: Path, options: TextOptions) -> Source:
    """Open a delimited text file.

    Raises:
        FileError: when its encoding is unknown.
    """
    refuse_foreign(path)
    encoding = find_encoding(path, options.encoding)
    delimiter = options.delimiter or sniff_delimiter(path, encoding, options)
    columns = text_columns(path, encoding, delimiter, options)

    def read() -> Iterator[Row | Damaged]:
        return checked_records(path, encoding, delimiter, options, columns)

    return Source(path.name, columns, read)


def refuse_foreign(path: Path) -> None:
    """Raise for a file that is no text whatever its encoding."""
    head = first_bytes(path, 8)
    for magic, what in FOREIGN:
        if head.startswith(magic):
            mend = "Unpack it first." if "archive" in what else "Save what is in it as CSV UTF-8."
            raise FileError(f"{path.name} is a {what}, not a text.", mend=mend)


def find_encoding(path: Path, stated: str) -> str:
    """Return the encoding of a file: its mark, else UTF-8, else what the mapping states; no guessing."""
    head = first_bytes(path, 4)
    marked = next((name for bom, name in BOMS if head.startswith(bom)), "")
    if marked and marked != "utf-8-sig":
        return marked
    stated = known_encoding(stated)
    if stated.startswith(("utf_16", "utf_32")):
        return stated
    line = first_line_not_utf8(path)
    if line is None:
        return "utf-8-sig"
    if stated and stated not in ("utf_8", "utf_8_sig"):
        return stated
    raise FileError(
        f"{path.name} is not UTF-8: the first line that is not is line {line}.",
        mend='Say what it is in the mapping, e.g. encoding = "cp1252".',
    )


def known_encoding(name: str) -> str:
    """Return Python's name of a text encoding.

    Raises:
        ConfigurationError: when there is no such text encoding.
    """
    if not name:
        return ""
    try:
        "a".encode(name)
        found = codecs.lookup(name).name.replace("-", "_")
    except (LookupError, ValueError, TypeError):
        found = ""
    if not found or found in NO_ENCODINGS:
        known = ({*aliases} | {*aliases.values()}) - NO_ENCODINGS
        usual = (
            did_you_mean(name.casefold(), known).strip() or 'Usual ones are "utf-8" and "cp1252".'
        )
        raise ConfigurationError(f"There is no text encoding '{name}' of files.", mend=usual)
    return found


def first_line_not_utf8(path: Path) -> int | None:
    """Return the number of the first line that is not UTF-8, or None."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, kept = 1, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return lines + (kept + chunk)[: error.start].count(b"\n")
            kept = decoder.getstate()[0]
            lines += chunk.count(b"\n")
    return lines if decoder.getstate()[0] else None


def open_lines(path: Path, encoding: str) -> io.TextIOWrapper:
    """Open text so that line ends stay as they are and bytes that don't fit become U+FFFD."""
    return path.open("r", encoding=encoding, errors="replace", newline="")


def records(
    path: Path, encoding: str, delimiter: str, quote: str, skipped: int = 0
) -> Iterator[Row | Damaged]:
    """Yield the records of a file below the skipped lines; blank lines are none."""
    with open_lines(path, encoding) as file:
        lines = Lines(file, quote)
        deque(islice(lines, skipped), maxlen=0)
        reader = csv_reader(lines, delimiter, quote)
        while True:
            first = lines.begin()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                lines.finish_record(delimiter, whole_file=is_endless(error))
                reason = f"not readable as a record: {error}"
                yield Damaged(first, reason, lines=lines.number - first + 1)
                continue
            if cells is None:
                return
            if cells and not is_separator_line(first, cells):
                yield Row(first, tuple(cells), lines=lines.number - first + 1)


def csv_reader(lines: Iterable[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    """Return what splits lines into records, or raises where they are written wrongly."""
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )


def is_endless(error: csv.Error) -> bool:
    """Whether a cell did not end where one ever does: nothing tells where the next record starts."""
    return str(error).startswith("field larger")


@define
class Lines:
    """The lines of a file while they are read as records.

    Attributes:
        source: The lines.
        quote: The quoting character, empty where there is none.
        number: The line that was read last.
        quotes: Quoting characters since the record began.
        first: The first line of the record.
        waiting: A line that was looked at and not yet read.
    """

    source: Iterator[str]
    quote: str
    number: int = 0
    quotes: int = 0
    first: str = ""
    waiting: str | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self.waiting = self.waiting, None
        if line is None:
            line = next(self.source)
        self.number += 1
        self.quotes += line.count(self.quote) if self.quote else 0
        self.first = self.first or line
        return line

    def begin(self) -> int:
        """Begin a record, and return the number of its first line."""
        self.quotes, self.first = 0, ""
        return self.number + 1

    def finish_record(self, delimiter: str, *, whole_file: bool) -> None:
        """Read on until a record can start: after an open quote, at a line that is whole by itself."""
        width = 1 + self.first.count(delimiter)
        while whole_file or self.quotes % 2:
            self.waiting = next(self.source, None)
            if self.waiting is None or (not whole_file and self.is_whole(delimiter, width)):
                return
            next(self)

    def is_whole(self, delimiter: str, width: int) -> bool:
        """Whether the waiting line is a record of a width."""
        line = self.waiting or ""
        try:
            return len(next(csv_reader(iter((line,)), delimiter, self.quote), [])) == width
        except csv.Error:
            return False


def is_separator_line(line: int, cells: list[str]) -> bool:
    """Whether a record is the ``sep=;`` that spreadsheets put first."""
    return line == 1 and cells[0].lower().startswith("sep=") and len("".join(cells)) <= 5


def table_records(
    path: Path, encoding: str, delimiter: str, options: TextOptions
) -> Iterator[Row | Damaged]:
    """Yield the records from the line on which the table begins."""
    return records(path, encoding, delimiter, options.quote, max(0, options.header_row - 1))


def sniff_delimiter(path: Path, encoding: str, options: TextOptions) -> str:
    """Return the delimiter that splits the first records most evenly; a comma where none does."""

    def evenness(delimiter: str) -> tuple[int, int]:
        rows = islice(table_records(path, encoding, delimiter, options), SNIFFED_RECORDS)
        widths = [len(row.cells) for row in rows if isinstance(row, Row)]
        if not widths or widths[0] < 2:
            return 0, 0
        return widths.count(widths[0]), widths[0]

    return max(DELIMITERS, key=evenness)


def text_columns(
    path: Path, encoding: str, delimiter: str, options: TextOptions
) -> tuple[str, ...]:
    """Return the column names: the stated ones, else the header, else numbers from 1."""
    found = islice(table_records(path, encoding, delimiter, options), SNIFFED_RECORDS)
    first = next((row.cells for row in found if isinstance(row, Row)), ())
    return column_names(path.name, tuple(clean(str(cell)) for cell in first), options)


def column_names(file: str, first: tuple[str, ...], options: TextOptions) -> tuple[str, ...]:
    """Return the names of columns, given the texts of the first row.

    Raises:
        ConfigurationError: when stated names are not as many as there are columns.
    """
    if options.columns:
        if options.header and first and len(first) != len(options.columns):
            raise ConfigurationError(
                f"{file} has {len(first)} columns; the mapping names {len(options.columns)}.",
                mend="Name each of them in columns, or leave columns out to use the header.",
            )
        return options.columns
    if options.header:
        return distinct_names(first)
    return tuple(str(number + 1) for number in range(len(first)))


def distinct_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names with ``(2)`` after the second of a kind and ``column 3`` for an empty one."""
    result: list[str] = []
    for number, name in enumerate(names, 1):
        wanted = base = name or f"column {number}"
        copy = 2
        while wanted in result:
            wanted, copy = f"{base} ({copy})", copy + 1
        result.append(wanted)
    return tuple(result)


def checked_records(
    path: Path, encoding: str, delimiter: str, options: TextOptions, columns: tuple[str, ...]
) -> Iterator[Row | Damaged]:
    """Yield the rows below the header; a row of another width is damaged, never shifted."""
    header: tuple[Cell, ...] | None = None
    extra = trailing_delimiters(path, encoding, delimiter, options, len(columns))
    for row in table_records(path, encoding, delimiter, options):
        if options.header and header is None:
            # A damaged header has already failed on its missing columns; what follows are rows.
            header = row.cells if isinstance(row, Row) else ()
        elif isinstance(row, Damaged):
            yield row
        else:
            yield checked(row, columns, header, delimiter, extra)


def trailing_delimiters(
    path: Path, encoding: str, delimiter: str, options: TextOptions, width: int
) -> int:
    """Return how many empty cells every row has at its end for which there is no column."""
    found = islice(table_records(path, encoding, delimiter, options), SNIFFED_RECORDS)
    rows = [cast("tuple[str, ...]", row.cells) for row in found if isinstance(row, Row)]
    rows = [row for row in rows[bool(options.header) :] if "".join(row).strip()]
    widths = {len(row) for row in rows}
    # One row alone may be shifted by a delimiter in its text.
    if len(rows) < 2 or len(widths) != 1 or (extra := widths.pop() - width) < 1:
        return 0
    return 0 if any("".join(row[-extra:]).strip() for row in rows) else extra


def checked(
    row: Row,
    columns: tuple[str, ...],
    header: tuple[Cell, ...] | None,
    delimiter: str,
    extra: int,
) -> Row | Damaged:
    """Return the row, or why it can't be trusted."""
    # Cells of text files are texts.
    texts = cast("tuple[str, ...]", row.cells)
    text = delimiter.join(texts)
    if not text.strip(delimiter + TRIMMED):
        return Row(row.line, ("",) * len(columns))
    if len(texts) > len(columns) == len(texts) - extra and not "".join(texts[-extra:]).strip():
        texts = texts[:-extra]
    if len(texts) != len(columns):
        reason = f"has {len(texts)} columns instead of {len(columns)}"
        hint = ": perhaps a delimiter without quotes" if len(texts) > len(columns) else ""
        return Damaged(row.line, reason + hint, text, row.lines)
    if "\0" in text:
        return Damaged(row.line, "contains a NUL byte", text.replace("\0", "\\0"), row.lines)
    if header and is_header_again(texts, header):
        return Damaged(row.line, "is the header once more", text, row.lines)
    if row.lines > 1 and any(swallowed(texts, spot, delimiter) for spot in range(len(texts))):
        return Damaged(row.line, "has rows in one cell: perhaps an open quote", text, row.lines)
    return evolve(row, cells=texts) if extra else row


def is_header_again(texts: tuple[str, ...], header: tuple[Cell, ...]) -> bool:
    """Whether a row has the names of the columns, whatever their case."""
    # Nearly all rows differ in the length of their first cells already.
    if len(clean(texts[0])) != len(clean(str(header[0]))):
        return False
    return all(
        clean(text).casefold() == clean(str(name)).casefold()
        for text, name in zip(texts, header, strict=False)
    )


LINE_END = re.compile(r"\r\n|\r|\n")


def swallowed(texts: tuple[str, ...], spot: int, delimiter: str) -> bool:
    """Whether a cell holds whole rows: its lines have the delimiters that rows would have there.

    Between an open quote in one row and a stray one in another, the first line of the cell is the end of
    a row, the last one the beginning of a row, and those between are rows.
    """
    first, *rest = LINE_END.split(texts[spot])
    if not rest:
        return False
    *between, last = [line.count(delimiter) for line in rest]
    end = len(texts) - 1
    return first.count(delimiter) + last == end > 0 and last == spot and set(between) <= {end}


TRIMMED = (
    " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)


def clean(text: str) -> str:
    """Trim every sort of blank, and make the no-break ones inside ordinary."""
    text = text.strip(TRIMMED)
    if text.isascii():
        return text
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2007", " ")


# Databases


def quoted_name(name: str) -> str:
    """Return a table or column name quoted for SQLite."""
    return '"' + name.replace('"', '""') + '"'


def open_database(path: Path) -> sqlite3.Connection:
    """Open a database of unknown origin for reading only, with nothing in it trusted."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(only_reading)
    return connection


READING = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)


def only_reading(action: int, *_details: Any) -> int:
    """Allow a statement to read and nothing else."""
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def table_names(path: Path) -> tuple[str, ...]:
    """Return the tables and views of a database, sorted."""
    sql = (
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY name"
    )
    try:
        with closing(open_database(path)) as connection:
            return tuple(str(name) for (name,) in connection.execute(sql))
    except sqlite3.Error as error:
        raise FileError(f"{path.name} can't be read as a database: {error}.") from error


def open_table(path: Path, table: str) -> Source:
    """Open a table or view of a SQLite database; rows are numbered from 1.

    Raises:
        ConfigurationError: when there is no such table.
        FileError: when it can't be selected.
    """
    known = table_names(path)
    if table not in known:
        raise ConfigurationError(f"{path.name} has no table '{table}'.{did_you_mean(table, known)}")
    sql = f"SELECT * FROM {quoted_name(table)}"  # noqa: S608
    try:
        with closing(open_database(path)) as connection:
            columns = tuple(d[0] for d in connection.execute(f"{sql} LIMIT 0").description)
            total = count_rows(connection, table)
    except sqlite3.Error as error:
        raise FileError(f"{path.name}: table '{table}' can't be read: {error}.") from error
    return Source(
        f"{path.name}:{table}",
        distinct_names(columns),
        lambda: table_rows(path, table, sql, is_view=total is None),
        total,
    )


def count_rows(connection: sqlite3.Connection, table: str) -> int | None:
    """Return the number of rows of a table; None for a view, which would have to be computed."""
    kind = "SELECT type FROM sqlite_master WHERE name = ?"
    if connection.execute(kind, (table,)).fetchone() == ("view",):
        return None
    (total,) = connection.execute(f"SELECT count(*) FROM {quoted_name(table)}").fetchone()  # noqa: S608
    return int(total)


@define
class Patience:
    """Ends a statement that takes too long for its next row."""

    until: float = field(factory=lambda: time.monotonic() + PATIENCE_SECONDS)

    def renew(self) -> None:
        """Begin to wait for another row."""
        self.until = time.monotonic() + PATIENCE_SECONDS

    def is_over(self) -> bool:
        """Whether it has been waited too long."""
        return time.monotonic() > self.until


def table_rows(path: Path, table: str, sql: str, *, is_view: bool) -> Iterator[Row | Damaged]:
    """Yield the rows of a selection; what breaks half way is a damaged row.

    Raises:
        FileError: when a view takes too long, or does not end.
    """
    endless = FileError(
        f"{path.name}: view '{table}' takes too long or does not end.",
        mend="Store what it selects in a table.",
    )
    with closing(open_database(path)) as connection:
        patience, number = Patience(), 0
        connection.set_progress_handler(patience.is_over, 10_000)
        try:
            for number, cells in enumerate(connection.execute(sql), 1):
                yield Row(number, tuple(as_cell(cell) for cell in cells))
                if is_view and number >= MOST_VIEW_ROWS:
                    raise endless
                patience.renew()
        except sqlite3.Error as error:
            if patience.is_over():
                raise endless from error
            yield Damaged(number + 1, f"the table can't be read further: {error}")


def as_cell(value: Any) -> Cell:
    """Return a database value as text that says the same; bytes and NULL stay what they are."""
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if abs(value) < 1e300 else repr(value)
    return str(value)
