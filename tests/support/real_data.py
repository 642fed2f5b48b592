"""Where the real exports are, for tests that skip without them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import load_mapping

if TYPE_CHECKING:
    from dealreview.ingest.summary import ImportSummary

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data"
MAPPINGS = REPOSITORY / "tests" / "mappings"
FOLDERS = {
    "opsmadeez": "opsmadeez_buying_group",
    "adventureworks": "adventureworks_lt",
    "northwind": "northwind_sqlite",
    "maven": "maven_crm",
}
"""Folder of each set, by the name of its mapping."""


def real_folder(name: str) -> Path:
    """Return the folder of a real set, or skip the test."""
    folder = DATA / FOLDERS[name]
    if not folder.is_dir():
        pytest.skip(f"the real export '{name}' is not at {folder}")
    return folder


def import_real(name: str, database: Path) -> ImportSummary:
    """Import a real set into a database, or skip the test."""
    return run_import(database, [real_folder(name)], load_mapping(MAPPINGS / f"{name}.toml"))
