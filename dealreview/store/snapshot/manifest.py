"""The manifest: which files make up a snapshot, of which database, at which data revision."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from dealreview.store.schema import TABLES
from dealreview.store.snapshot.files import MANIFEST, File, replaced

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FORMAT = 3
"""Number of this form of files; another one is built anew."""

LEFT_OUT = frozenset({"source_row"})
"""Columns that are not kept: where a row was read from may change without a new data revision."""


@frozen
class Changes:
    """Rows of a table that have changed since its parts were written.

    Attributes:
        file: The file that holds them.
        dead: How many rows of the parts are no longer so.
        filled: Columns in which any of the new rows has a value.
    """

    file: File
    dead: int
    filled: tuple[str, ...]


@frozen
class Kept:
    """A table of a snapshot.

    Attributes:
        name: Its name.
        parts: The files of each bucket, or of all rows where they are not divided, in the order of
            rows; none while it is empty.
        rows: Rows of the parts.
        filled: How many rows of the parts have a value, by column.
        unreadable: Columns with cells that are not of their type.
        strays: Rows of the parts that other buckets than their own see too; None when there are none.
        changes: What has changed since; None when nothing has.
    """

    name: str
    parts: tuple[tuple[File, ...], ...]
    rows: int
    filled: Mapping[str, int]
    unreadable: tuple[str, ...]
    strays: File | None = None
    changes: Changes | None = None

    @property
    def files(self) -> tuple[File, ...]:
        """The files of all parts."""
        return tuple(file for part in self.parts for file in part)


@frozen
class Manifest:
    """A snapshot.

    Attributes:
        mark: Its name, which the database knows.
        revision: The data revision that it holds.
        base: The data revision of the parts.
        shape: Digest of the tables and of the database's schema.
        buckets: Into how many buckets of accounts rows are divided.
        made_at: When it was made or brought up to date.
        tables: Its tables by name; those that could not be kept in order are not there.
    """

    mark: str
    revision: int
    base: int
    shape: str
    buckets: int
    made_at: str
    tables: Mapping[str, Kept]

    def files(self) -> Iterator[File]:
        """Yield every file."""
        for kept in self.tables.values():
            yield from kept.files
            if kept.strays is not None:
                yield kept.strays
            if kept.changes is not None:
                yield kept.changes.file

    @property
    def is_divided(self) -> bool:
        """Whether every table whose rows belong to somebody lies in buckets."""
        return self.buckets > 1 and self.has_owned

    @property
    def has_owned(self) -> bool:
        """Whether every table whose rows belong to somebody is kept."""
        return all(name in self.tables for name, table in TABLES.items() if table.owner)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files())

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(kept.rows for kept in self.tables.values())


class Unusable(Exception):  # noqa: N818 - a state of a folder, not a fault
    """A snapshot that can't be read or does not fit, with the reason."""


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a snapshot the one that is found."""
    body = asdict(manifest)
    whole = {"format": FORMAT, "digest": _digest(body), "snapshot": body}
    replaced(folder / MANIFEST, json.dumps(whole))


def read_manifest(folder: Path) -> Manifest | None:
    """Return the snapshot of a folder; None when there is none.

    Raises:
        Unusable: It is damaged, or of another format.
    """
    try:
        whole = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise Unusable(f"its {MANIFEST} can't be read") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise Unusable("it was written by another version of dealreview")
    body = whole.get("snapshot")
    if not isinstance(body, dict) or _digest(body) != whole.get("digest"):
        raise Unusable(f"its {MANIFEST} is damaged")
    return _manifest(body)


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _manifest(body: dict[str, Any]) -> Manifest:
    return Manifest(
        **body | {"tables": {name: _kept(given) for name, given in body["tables"].items()}}
    )


def _kept(given: dict[str, Any]) -> Kept:
    changes, strays = given["changes"], given["strays"]
    if changes is not None:
        changes = Changes(File(**changes["file"]), changes["dead"], filled=tuple(changes["filled"]))
    return Kept(
        given["name"],
        tuple(tuple(File(**file) for file in part) for part in given["parts"]),
        given["rows"],
        given["filled"],
        tuple(given["unreadable"]),
        None if strays is None else File(**strays),
        changes,
    )


def shape_of(connection: sqlite3.Connection) -> str:
    """Return a digest of the tables as this version describes them and of the database's schema.

    The schema's own number is part of it: after triggers were dropped and made again, nobody knows
    what was written in between.
    """
    described = [
        [table.name, table.key, table.owner, [[c.name, c.type] for c in table.columns]]
        for table in TABLES.values()
    ]
    number = connection.execute("PRAGMA schema_version").fetchone()[0]
    return hashlib.sha256(json.dumps([described, number]).encode()).hexdigest()[:16]
