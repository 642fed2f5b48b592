"""The reference work in DuckDB over the attached SQLite file.

DuckDB stays below 2: the package index has its SQLite extension for versions up to 1.5.5 only, and
DuckDB's own way to get it is a download.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.sql import findings, statement
from benchmarks.work import FINDINGS, SCORECARDS

if TYPE_CHECKING:
    import duckdb

    from benchmarks.child import Laps

SILENT = "date_diff('day', CAST(heard.day AS DATE), CAST(d.day AS DATE))"
LATE = "date_diff('day', CAST(d.expected_close_on AS DATE), CAST(d.day AS DATE))"


def attached(database: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to which the SQLite file is attached as ``crm``.

    Raises:
        duckdb.Error: There is no SQLite extension for this version of DuckDB.
    """
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension()}'")
    connection.execute(f"ATTACH '{database}' AS crm (TYPE sqlite)")
    return connection


def extension() -> str:
    """Return the SQLite extension, as the package index has it, else its name."""
    found = find_spec("duckdb_extension_sqlite_scanner")
    if found is None or not found.submodule_search_locations:
        return "sqlite"
    folder = Path(found.submodule_search_locations[0])
    return str(next(iter(folder.rglob("*.duckdb_extension")), "sqlite"))


def review(database: Path, laps: Laps) -> None:
    """Review everything in DuckDB and write it into the attached file."""
    connection = attached(database)
    laps("load")
    query = statement(silent=SILENT, late=LATE, db="crm.")
    connection.execute(f"CREATE TEMP TABLE scored AS {query}")
    laps("compute")
    connection.execute("BEGIN")
    connection.execute(f"INSERT INTO crm.{SCORECARDS} SELECT * FROM scored ORDER BY deal_id")  # noqa: S608 - our names
    found = findings("scored")
    ordered = f"SELECT * FROM ({found}) ORDER BY deal_id, check_id"  # noqa: S608 - our names
    connection.execute(f"INSERT INTO crm.{FINDINGS} {ordered}")
    connection.execute("COMMIT")
    connection.close()
    laps("write")
