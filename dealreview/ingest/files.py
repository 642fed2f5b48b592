"""Which of the given files each block of a mapping reads."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from dealreview.ingest.readers import (
    FileError,
    Source,
    TextOptions,
    is_database,
    open_table,
    open_text,
    printable,
    table_names,
)
from dealreview.ingest.workbooks import Workbook, is_workbook, open_workbook
from dealreview.model.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dealreview.ingest.mapping import Block, Mapping
    from dealreview.ingest.summary import ImportSummary


@frozen
class Opened:
    """A file, or a table or sheet of it, opened for a block."""

    block: Block
    path: Path
    source: Source


@define
class Shelf:
    """Files that are looked into several times; a workbook is opened once.

    Attributes:
        books: The workbooks.
        errors: What was wrong with files that were only asked for their columns.
    """

    books: dict[Path, Workbook] = field(factory=dict)
    errors: list[FileError] = field(factory=list)

    def book(self, path: Path) -> Workbook:
        """Return a workbook."""
        if path not in self.books:
            self.books[path] = open_workbook(path)
        return self.books[path]

    def sheets(self, path: Path, wanted: str, options: TextOptions) -> list[Source]:
        """Return the sheets of a workbook that a name or pattern means."""
        book = self.book(path)
        return [book.sheet(name, options) for name in book.wanted(wanted)]


def open_files(
    mapping: Mapping, paths: Iterable[Path], summary: ImportSummary
) -> tuple[Opened, ...]:
    """Open every file that a block matches, and note the files and blocks that go without.

    Raises:
        ConfigurationError: when no block matches any file.
        FileError: when a file is not there or can't be read.
    """
    paths = list(paths)
    files, shelf = all_files(paths), Shelf()
    opened = [
        Opened(block, path, evolve(source, name=printable(source.name)))
        for block in mapping.blocks
        for path in files
        if is_named(block, path)
        for source in sources_for(block, path, shelf)
    ]
    if not opened and shelf.errors:
        raise shelf.errors[0]
    if not opened:
        wanted = "; ".join(block.wanted for block in mapping.blocks)
        none = "The file is not" if len(files) == 1 else f"None of the {len(files):,} files is"
        raise ConfigurationError(
            f"{none} one that {mapping.name} reads.",
            mend=f"It reads: {wanted}.",
        )
    used = {one.path for one in opened}
    met = {one.block.name for one in opened}
    summary.unread = [printable(path.name) for path in files if path not in used]
    summary.unread += special_files(paths)
    summary.unread += unread_sheets(opened, shelf)
    summary.unmatched = [block.name for block in mapping.blocks if block.name not in met]
    return tuple(opened)


def all_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files, with the visible files of folders in place of these, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(sorted(f for f in path.iterdir() if is_visible_file(f)))
        elif path.is_file():
            found[path] = None
        else:
            what = special_kind(path)
            raise FileError(f"{path} is {what}." if what else f"There is no file {path}.")
    return list(found)


def special_files(paths: Iterable[Path]) -> list[str]:
    """Return what folders hold that is visible and neither a file nor a folder, each with what it is."""
    entries = [entry for path in paths if path.is_dir() for entry in sorted(path.iterdir())]
    found = [(entry, special_kind(entry)) for entry in entries if not entry.name.startswith(".")]
    return [printable(f"{entry.name} ({what})") for entry, what in found if what]


def special_kind(path: Path) -> str:
    """Return what a path is that is neither a file nor a folder; empty for these and for nothing."""
    if path.is_file() or path.is_dir():
        return ""
    if path.is_symlink():
        return "a link to nothing"
    return "no ordinary file" if path.exists() else ""


def is_visible_file(path: Path) -> bool:
    """Whether a path is a file that is neither hidden nor a lock that a spreadsheet program left."""
    return path.is_file() and not path.name.startswith((".", "~$"))


def is_named(block: Block, path: Path) -> bool:
    """Whether a file has a name that a block reads."""
    name = path.name.casefold()
    return any(fnmatchcase(name, pattern.casefold()) for pattern in block.match)


def sources_for(block: Block, path: Path, shelf: Shelf) -> list[Source]:
    """Return what a block reads of a file with a fitting name.

    Raises:
        ConfigurationError: for a database without a table to read, or a workbook without a named sheet.
    """
    if not block.with_columns:
        return open_sources(block, path, shelf)
    try:
        found = [] if is_database(path) else open_sources(block, path, shelf)
    except FileError as error:
        shelf.errors.append(error)
        return []
    return [source for source in found if has_columns(block, source)]


def has_columns(block: Block, source: Source) -> bool:
    """Whether a file has the columns by which a block knows its files."""
    unwanted = any(source.has([column]) for column in block.without_columns)
    return source.has(block.with_columns) and not unwanted


def open_sources(block: Block, path: Path, shelf: Shelf) -> list[Source]:
    """Open a file as its block says."""
    if block.table:
        known = table_names(path) if is_database(path) else ()
        return [open_table(path, block.table)] if block.table in known else []
    if is_workbook(path):
        return open_sheets(block, path, shelf)
    if is_database(path):
        raise ConfigurationError(
            f"{path.name} is a SQLite database, and {block.place} does not say which table.",
            mend=f"Add table = …; it has {', '.join(table_names(path)) or 'none'}.",
        )
    return [] if block.sheet else [open_text(path, block.options)]


def open_sheets(block: Block, path: Path, shelf: Shelf) -> list[Source]:
    """Open the sheets of a workbook that a block reads.

    Raises:
        ConfigurationError: when a file of that very name lacks the sheet.
    """
    # A block that knows its columns finds its sheets by them.
    found = shelf.sheets(path, block.sheet or "*" * bool(block.with_columns), block.options)
    is_meant = path.name.casefold() in {name.casefold() for name in block.match}
    if not found and block.sheet and is_meant:
        names = shelf.book(path).names
        raise ConfigurationError(
            f"{path.name} has no sheet '{block.sheet}'.{did_you_mean(block.sheet, names)}",
            mend=f"It has: {', '.join(names)}.",
        )
    return found


def unread_sheets(opened: Iterable[Opened], shelf: Shelf) -> list[str]:
    """Return the visible sheets with data that no block reads, of the workbooks that are read."""
    read = {one.source.name for one in opened}
    paths = {one.path for one in opened}
    return [
        name
        for path, book in shelf.books.items()
        if path in paths
        for name in (f"{path.name}:{sheet}" for sheet in book.wanted("*"))
        if name not in read
    ]
