"""What is recorded is known after a change without looking through the table."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dealreview.store.schema import TABLES
from dealreview.store.tables import Tables
from dealreview.testing import database_of
from dealreview.testing.strategies import companies, many
from tests.store.writers import write_anything


@many(12)
@given(companies(), st.lists(st.integers(0, 2**32), min_size=1, max_size=4))
def test_what_is_recorded_is_known_after_any_change(
    rows: dict[str, list[dict[str, object]]], seeds: list[int]
) -> None:
    """The same columns as whoever looks for the first time finds."""
    with tempfile.TemporaryDirectory() as folder:
        database = database_of(rows, Path(folder) / "a.db")
        with database.read() as connection:
            tables = Tables(connection)
            for seed in seeds:
                since = database.revision(connection)
                for name in TABLES:
                    tables.recorded_columns(name)
                write_anything(database, seed, 6)
                connection.rollback()
                connection.execute("BEGIN")
                for name in TABLES:
                    tables.forget(name, since)
                    fresh = Tables(connection).recorded_columns(name)
                    # Where a row was read from is no data, and changes of it are not logged.
                    assert tables.recorded_columns(name) ^ fresh <= {"source_row"}, name
