"""Which of the given files each block of a mapping reads."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.ingest.readers import (
    FileError,
    Source,
    is_database,
    open_table,
    open_text,
    table_names,
)
from dealreview.model.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dealreview.ingest.mapping import Block, Mapping
    from dealreview.ingest.summary import ImportSummary


@frozen
class Opened:
    """A file opened for a block."""

    block: Block
    path: Path
    source: Source


def open_files(
    mapping: Mapping, paths: Iterable[Path], summary: ImportSummary
) -> tuple[Opened, ...]:
    """Open every file that a block matches, and note the files and blocks that go without.

    Raises:
        ConfigurationError: when no block matches any file.
        FileError: when a file is not there or can't be read.
    """
    files = all_files(paths)
    opened = [
        Opened(block, path, open_source(block, path))
        for block in mapping.blocks
        for path in files
        if matches(block, path)
    ]
    if not opened:
        wanted = ", ".join(block.table or block.match for block in mapping.blocks)
        raise ConfigurationError(
            f"None of the {len(files)} files is one that {mapping.name} reads.",
            mend=f"It reads: {wanted}.",
        )
    used = {one.path for one in opened}
    met = {one.block.name for one in opened}
    summary.unread = [path.name for path in files if path not in used]
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
            raise FileError(f"There is no file {path}.")
    return list(found)


def is_visible_file(path: Path) -> bool:
    """Whether a path is a file that is not hidden."""
    return path.is_file() and not path.name.startswith(".")


def matches(block: Block, path: Path) -> bool:
    """Whether a block reads a file."""
    if not fnmatchcase(path.name.casefold(), block.match.casefold()):
        return False
    if not block.table:
        return True
    return is_database(path) and block.table in table_names(path)


def open_source(block: Block, path: Path) -> Source:
    """Open a file as its block says.

    Raises:
        ConfigurationError: for a database without a table to read.
    """
    if block.table:
        return open_table(path, block.table)
    if is_database(path):
        raise ConfigurationError(
            f"{path.name} is a SQLite database, and {block.place} does not say which table.",
            mend=f"Add table = …; it has {', '.join(table_names(path)) or 'none'}.",
        )
    return open_text(path, block.options)
