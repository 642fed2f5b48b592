"""An empty database for each test that asks for one."""

import shutil
from pathlib import Path

import pytest

from dealreview.store.database import Database


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an empty database, made once."""
    return Database.open(tmp_path_factory.mktemp("store") / "empty.db", create=True).path


@pytest.fixture
def database(empty_file: Path, tmp_path: Path) -> Database:
    """Return a new, empty database."""
    return Database.open(shutil.copy(empty_file, tmp_path / "deals.db"))
