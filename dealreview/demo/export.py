"""A file as another system exports it."""

from __future__ import annotations

import csv
import io
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

    def text(self) -> str:
        """Return the file's text."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n")
        if self.columns:
            writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue() + "".join(f"{line}\r\n" for line in self.raw)

    def write(self, folder: Path) -> None:
        """Write the file."""
        (folder / self.name).write_bytes(self.text().encode(self.encoding))


def table(name: str, columns: str, rows: Iterable[Iterable[str]], **rest: str) -> Export:
    """Return an export whose column names are written in one text, divided by ``|``."""
    names = tuple(columns.split("|")) if columns else ()
    return Export(name, names, tuple(tuple(row) for row in rows), **rest)  # type: ignore[arg-type]


def german_day(day: dt.date) -> str:
    """Return a day as Germans write it, ``13.11.2026``."""
    return day.strftime("%d.%m.%Y")


def german_euros(cents: int) -> str:
    """Return cents as euros, ``1.234,50``."""
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def euros(cents: int) -> str:
    """Return cents as euros, ``1234.50``."""
    return f"{cents / 100:.2f}"
