"""Files as other systems export them."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

Row = tuple[str, ...]


@frozen
class Export:
    """A delimited text file.

    Attributes:
        name: File name.
        columns: The header; empty for a file without one.
        rows: The rows.
        delimiter: What stands between cells.
        encoding: How the text is written; ``utf-8-sig`` puts a byte order mark first.
        raw: Lines that are written as they stand after the rows, broken ones.
    """

    name: str
    columns: Row
    rows: tuple[Row, ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    raw: Row = ()

    def content(self) -> str:
        """Return the file's text."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n")
        if self.columns:
            writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue() + "".join(f"{line}\r\n" for line in self.raw)

    def write(self, folder: Path) -> None:
        """Write the file."""
        (folder / self.name).write_bytes(self.content().encode(self.encoding))


@frozen
class DatabaseExport:
    """A SQLite file with one table, as small tools keep their data."""

    name: str
    table: str
    columns: Row
    rows: tuple[Row, ...]

    def write(self, folder: Path) -> None:
        """Write the file."""
        columns, marks = ", ".join(self.columns), ", ".join("?" * len(self.columns))
        with closing(sqlite3.connect(folder / self.name)) as database, database:
            database.execute(f"CREATE TABLE {self.table} ({columns})")
            database.executemany(f"INSERT INTO {self.table} VALUES ({marks})", self.rows)  # noqa: S608


@frozen
class Window:
    """What an export shows.

    Attributes:
        day: The day of the export; nothing later is in it.
        since: Day of the export before, if only what is newer is wanted of logs.
    """

    day: dt.date
    since: dt.date | None = None

    def knows(self, day: dt.date | None) -> bool:
        """Whether something that happened on a day is known."""
        return day is not None and day <= self.day

    def logs(self, day: dt.date) -> bool:
        """Whether a log shows what happened on a day."""
        return day <= self.day and (self.since is None or day > self.since)

    def shown(self, day: dt.date | None) -> dt.date | None:
        """Return a day that is known, else None."""
        return day if self.knows(day) else None


def table(name: str, columns: str, rows: Iterable[Iterable[str]], **rest: str) -> Export:
    """Return an export whose column names are written in one text, divided by ``|``."""
    names = tuple(columns.split("|")) if columns else ()
    return Export(name, names, tuple(tuple(row) for row in rows), **rest)  # type: ignore[arg-type]


def german_day(day: dt.date | None) -> str:
    """Return a day as Germans write it, ``13.11.2026``; nothing for None."""
    return day.strftime("%d.%m.%Y") if day else ""


def iso(day: dt.date | None) -> str:
    """Return a day as ``2026-11-13``, nothing for None."""
    return day.isoformat() if day else ""


def text(value: object) -> str:
    """Return a value as a cell, nothing for None."""
    return "" if value is None else str(value)


def german_euros(cents: int) -> str:
    """Return cents as euros, ``1.234,50``."""
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def euros(cents: int) -> str:
    """Return cents as euros, ``1234.50``."""
    return f"{cents / 100:.2f}"
