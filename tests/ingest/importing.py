"""Small files and mappings, imported."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import parse_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dealreview.ingest.summary import ImportSummary

TODAY = dt.date(2025, 5, 16)
NOW = dt.datetime(2025, 5, 16, 12, tzinfo=dt.UTC)

DEALS = """
[[file]]
match = "deals.csv"
into = "deals"
[file.fields]
deal_id = "id"
"""
"""A block that reads nothing but ids; tests add fields to its end."""


@frozen
class Imported:
    """An import and its database."""

    path: Path
    summary: ImportSummary

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the database answers."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()

    def problems(self) -> list[tuple[Any, ...]]:
        """Return line, column, value, reason and action of every problem of the last import."""
        return self.ask(
            "SELECT line, column_name, value, reason, action FROM import_problems "
            "WHERE import_id = (SELECT max(import_id) FROM imports) ORDER BY problem_id"
        )

    def reasons(self) -> list[str]:
        """Return the reasons of the problems of the last import."""
        return [row[3] for row in self.problems()]


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write files and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return [folder / name for name in files]


def import_files(
    tmp_path: Path, files: Mapping[str, str | bytes], mapping: str, **options: Any
) -> Imported:
    """Import files into the database of a test; the mapping's source is ``crm`` unless it says another."""
    if not mapping.lstrip().startswith("source"):
        mapping = f'source = "crm"\n{mapping}'
    paths = write_files(tmp_path / "files", files)
    options = {"today": TODAY, "now": NOW} | options
    path = tmp_path / "data.db"
    return Imported(path, run_import(path, paths, parse_mapping(mapping), **options))


def deals(
    tmp_path: Path, text: str | bytes, fields: str = "", top: str = "", **options: Any
) -> Imported:
    """Import a file of deals with an ``id`` column and further fields."""
    return import_files(tmp_path, {"deals.csv": text}, f"{top}\n{DEALS}{fields}", **options)
