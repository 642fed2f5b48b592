"""Files that only an importer of a pack can read, as text files that everything else can."""

from __future__ import annotations

import csv
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.ingest.files import all_files
from dealreview.model.errors import ConfigurationError, DealreviewError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dealreview.checks.extensions import Importer, Rows


class ImporterError(DealreviewError):
    """An importer of a pack that could not read a file."""


@contextmanager
def converted(paths: Sequence[Path], importers: Iterable[Importer]) -> Iterator[list[Path]]:
    """Give the paths, with tables in place of the files that an importer reads.

    Args:
        paths: Files and folders.
        importers: The importers of all packs.

    Raises:
        ConfigurationError: Two importers read the same kind of file.
        ImporterError: An importer raised, or gave no tables.
    """
    by_suffix = readers_by_suffix(importers)
    files = all_files(paths) if by_suffix else []
    foreign = [path for path in files if path.suffix.lower() in by_suffix]
    if not foreign:
        yield list(paths)
        return
    with tempfile.TemporaryDirectory(prefix="dealreview-") as folder:
        made = [
            table
            for number, path in enumerate(foreign)
            for table in tables_of(path, by_suffix[path.suffix.lower()], Path(folder) / str(number))
        ]
        yield [path for path in files if path not in foreign] + made


def readers_by_suffix(importers: Iterable[Importer]) -> dict[str, Importer]:
    """Return the importer of each kind of file.

    Raises:
        ConfigurationError: Two read the same kind.
    """
    found: dict[str, Importer] = {}
    for importer in importers:
        for suffix in importer.suffixes:
            if suffix in found:
                names = f"'{found[suffix].name}' and '{importer.name}'"
                raise ConfigurationError(
                    f"The importers {names} both read {suffix} files.", mend="Block one of them."
                )
            found[suffix] = importer
    return found


def tables_of(path: Path, importer: Importer, folder: Path) -> list[Path]:
    """Return the tables of a file, each as a text file named after it.

    Raises:
        ImporterError: The importer raised, or gave no tables.
    """
    folder.mkdir()
    try:
        tables = importer.read(path)
        return [write_table(folder / f"{name}.csv", rows) for name, rows in tables.items()]
    except (Exception, SystemExit) as error:
        raise ImporterError(
            f"The importer '{importer.name}' can't read {path}: {type(error).__name__}: {error}.",
            mend="Ask the authors of its pack, or export in another form.",
        ) from error


def write_table(path: Path, table: Rows) -> Path:
    """Write a table as text."""
    columns, rows = table
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(["" if cell is None else str(cell) for cell in row] for row in rows)
    return path
