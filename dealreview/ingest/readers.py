"""Rows of other people's files, with the physical line that each one starts on."""

from __future__ import annotations

import codecs
import csv
import sqlite3
from contextlib import closing
from decimal import Decimal
from functools import cached_property
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

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
SNIFFED_RECORDS = 20
CHUNK_BYTES = 1 << 20


class FileError(DealreviewError):
    """A file that can't be read as text or as a database."""


@frozen
class Row:
    """One row and the physical line (or the row number of a table) that it starts on.

    Attributes:
        line: The line.
        cells: The cells, one a column.
        doubt: Why it may be no record, such as a row of totals; it is rejected unless it is left out.
    """

    line: int
    cells: tuple[Cell, ...]
    doubt: str = ""


@frozen
class Damaged:
    """A row that can't be read, with the reason."""

    line: int
    reason: str
    text: str = ""


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
    encoding = find_encoding(path, options.encoding)
    delimiter = options.delimiter or sniff_delimiter(path, encoding, options)
    columns = text_columns(path, encoding, delimiter, options)

    def read() -> Iterator[Row | Damaged]:
        return checked_records(path, encoding, delimiter, options, columns)

    return Source(path.name, columns, read)


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
        return codecs.lookup(name).name.replace("-", "_")
    except (LookupError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"There is no text encoding '{name}'.", mend='Usual ones are "utf-8" and "cp1252".'
        ) from error


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


def records(path: Path, encoding: str, delimiter: str, quote: str) -> Iterator[Row | Damaged]:
    """Yield the records of a file; blank lines are none."""
    with open_lines(path, encoding) as file:
        reader = csv.reader(
            file,
            delimiter=delimiter,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            strict=True,
        )
        line = 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield Damaged(line, f"not readable as a record: {error}")
                cells = []
            if cells is None:
                return
            if cells and not is_separator_line(line, cells):
                yield Row(line, tuple(cells))
            line = reader.line_num + 1


def is_separator_line(line: int, cells: list[str]) -> bool:
    """Whether a record is the ``sep=;`` that spreadsheets put first."""
    return line == 1 and cells[0].lower().startswith("sep=") and len("".join(cells)) <= 5


def table_records(
    path: Path, encoding: str, delimiter: str, options: TextOptions
) -> Iterator[Row | Damaged]:
    """Yield the records from the line on which the table begins."""
    found = records(path, encoding, delimiter, options.quote)
    return dropwhile(lambda row: row.line < options.header_row, found)


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
    for row in table_records(path, encoding, delimiter, options):
        if options.header and header is None:
            # A damaged header has already failed on its missing columns; what follows are rows.
            header = row.cells if isinstance(row, Row) else ()
        elif isinstance(row, Damaged):
            yield row
        else:
            yield checked(row, columns, header, delimiter)


def checked(
    row: Row, columns: tuple[str, ...], header: tuple[Cell, ...] | None, delimiter: str
) -> Row | Damaged:
    """Return the row, or why it can't be trusted."""
    # Cells of text files are texts.
    text = delimiter.join(cast("tuple[str, ...]", row.cells))
    if len(row.cells) != len(columns):
        reason = f"has {len(row.cells)} columns instead of {len(columns)}"
        hint = ": perhaps a delimiter without quotes" if len(row.cells) > len(columns) else ""
        return Damaged(row.line, reason + hint, text)
    if "\0" in text:
        return Damaged(row.line, "contains a NUL byte", text.replace("\0", "\\0"))
    if header and row.cells == header:
        return Damaged(row.line, "is the header once more", text)
    return row


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
            (total,) = connection.execute(f"SELECT count(*) FROM {quoted_name(table)}").fetchone()  # noqa: S608
    except sqlite3.Error as error:
        raise FileError(f"{path.name}: table '{table}' can't be read: {error}.") from error
    return Source(
        f"{path.name}:{table}", distinct_names(columns), lambda: table_rows(path, sql), total
    )


def table_rows(path: Path, sql: str) -> Iterator[Row | Damaged]:
    """Yield the rows of a selection; what breaks half way is a damaged row."""
    with closing(open_database(path)) as connection:
        number = 0
        try:
            for number, cells in enumerate(connection.execute(sql), 1):
                yield Row(number, tuple(as_cell(cell) for cell in cells))
        except sqlite3.Error as error:
            yield Damaged(number + 1, f"the table can't be read further: {error}")


def as_cell(value: Any) -> Cell:
    """Return a database value as text that says the same; bytes and NULL stay what they are."""
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if abs(value) < 1e300 else repr(value)
    return str(value)
