"""Small companies in a database of their own: rows in, review out."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dealreview.engine.config import Config
from dealreview.engine.owntables import make_tables
from dealreview.engine.run import Request, registry_for, review_database
from dealreview.store.database import Database
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from dealreview.checks.owntables import OwnTables
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import Review

Rows = Mapping[str, Iterable[Mapping[str, Any]]]


def database_of(rows: Rows, path: Path, own: Iterable[OwnTables] = ()) -> Database:
    """Return a new database with rows by table; dates and instants may be given as such.

    Args:
        rows: Rows by table, each a mapping from column to value.
        path: Where the file is made.
        own: Tables of packs, which rows may be of too.

    Raises:
        sqlite3.IntegrityError: A row that the schema does not allow.
        StoreError: The path can't be written.
    """
    path.write_bytes(_empty_database())
    database = Database.open(path)
    own = tuple(own)
    make_tables(database, own)
    tables = (*TABLES, *(table.name for one in own for table in one.tables))
    with database.write() as connection:
        for table in [name for name in tables if name in rows]:
            for row in rows[table]:
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" * len(row))
                values = [_stored(value) for value in row.values()]
                connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)  # noqa: S608
    return database


@cache
def _empty_database() -> bytes:
    """Return the file of a new database, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        with Database.open(path, create=True).write() as connection:
            connection.execute("SELECT 1")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


def _stored(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, dt.date) else value


def review_tables(
    rows: Rows,
    as_of: dt.date,
    *,
    config: Config | None = None,
    registry: Registry | None = None,
    **request: Any,
) -> Review:
    """Return the review of a company given as rows by table.

    Args:
        rows: Rows by table.
        as_of: The day at whose end it is reviewed.
        config: The configuration; None takes the defaults.
        registry: What is loaded, where no pack has tables of its own; None loads it.
        **request: Further attributes of the request, such as ``select`` or ``modules``.
    """
    config = config or Config()
    # Loading packs takes its time; only rows of their tables need it twice.
    theirs = any("__" in name for name in rows)
    own = registry_for(config, modules=request.get("modules", ())).own if theirs else ()
    with tempfile.TemporaryDirectory() as folder:
        database = database_of(rows, Path(folder) / "case.db", own)
        return review_database(database, Request(as_of, config, **request), registry=registry)
