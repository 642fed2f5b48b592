"""Small workbooks, made in memory."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

import xlsxwriter
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DEALS = """
[[file]]
match = "*.xlsx"
into = "deals"
[file.fields]
deal_id = "id"
"""
"""A block that reads nothing but ids; tests add fields to its end."""


@frozen
class Formatted:
    """A value with a number format."""

    value: Any
    number_format: str


@frozen
class Formula:
    """A formula with the value that it was saved with."""

    text: str
    value: Any = 0


def workbook(
    *sheets: Sequence[Sequence[Any]] | tuple[str, Sequence[Sequence[Any]]],
    change: Callable[[Any], None] | None = None,
    **options: Any,
) -> bytes:
    """Return a workbook with rows of values, a sheet for each; ``change`` gets it before it is saved."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
    for number, sheet in enumerate(sheets, 1):
        is_named = bool(sheet) and isinstance(sheet[0], str)
        name, rows = sheet if is_named else (f"Sheet{number}", sheet)
        page = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                write(book, page, line, column, value)
    if change:
        change(book)
    book.close()
    return target.getvalue()


def write(book: Any, page: Any, line: int, column: int, value: Any) -> None:
    """Write a value into a cell."""
    if isinstance(value, Formatted):
        style = book.add_format({"num_format": value.number_format})
        kind = page.write_datetime if isinstance(value.value, dt.date) else page.write
        kind(line, column, value.value, style)
    elif isinstance(value, Formula):
        page.write_formula(line, column, value.text, None, value.value)
    elif isinstance(value, str):
        page.write_string(line, column, value)
    elif value is not None:
        page.write(line, column, value)


def edited(book: bytes, part: str, old: str, new: str) -> bytes:
    """Return a workbook with a text in one of its parts replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(target, "w") as result:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode())
            result.writestr(name, data)
    return target.getvalue()


def archive(**parts: str) -> bytes:
    """Return a zip file; two underscores in a name stand for a slash, the ending is after the last one."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        for name, text in parts.items():
            result.writestr(name.replace("__", "/").replace("_", "."), text)
    return target.getvalue()
