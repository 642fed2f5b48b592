"""Tables of packs: accepted when they are declared, made before anything reads them."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

from attrs import evolve

from dealreview.checks.owntables import OwnTables, prefix_of
from dealreview.engine.isolation import Raised, attempt
from dealreview.engine.registry import Problem
from dealreview.model.errors import DealreviewError, StoreError
from dealreview.model.table import OWNERS, TRACE
from dealreview.store.own import is_ready, prepare
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.engine.registry import Registry
    from dealreview.model.table import Column, Table
    from dealreview.store.database import Database

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OWNER_COLUMN = {"account": "account_id", "deal": "deal_id", "activity": "activity_id"}


def faults_of(own: object, pack: str) -> Iterator[str]:
    """Yield what the contract does not allow in what a pack declares."""
    if not isinstance(own, OwnTables):
        yield f"dealreview_tables() brings {type(own).__name__}, not OwnTables."
        return
    if own.pack != pack:
        yield f"its migration set is called '{own.pack}'. Name it Migrations('{pack}')."
    seen: set[str] = set()
    for table in own.tables:
        for sentence in (*_name_faults(table.name, pack, seen), *_table_faults(table)):
            yield f"table '{table.name}' {sentence}"
        seen.add(table.name)
    if not own.tables:
        yield "it declares no table. Add Table(...) entries to OwnTables."


def _name_faults(name: str, pack: str, seen: set[str]) -> Iterator[str]:
    prefix = prefix_of(pack)
    rest = name.removeprefix(prefix)
    if rest == name or not _NAME.fullmatch(rest):
        yield f"must be called '{prefix}…', in lower case letters, digits and underscores."
    if name in seen:
        yield "is declared twice."


def _table_faults(table: Table) -> Iterator[str]:
    names = [column.name for column in table.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        added = {column.name for column in TRACE}
        why = "is added by itself" if twice[0] in added else "is declared twice"
        yield f"has a column '{twice[0]}', which {why}."
    if not table.key or not set(table.key) <= set(names):
        yield "has no key. Name the columns that identify a row, and declare them."
    if table.dated_by and not _is_date(table):
        yield f"is dated by '{table.dated_by}', which is no column of type date or instant of it."
    if table.owner not in OWNERS:
        yield f"has the owner '{table.owner}'. Say account, deal, activity or nothing."
    elif table.owner and _OWNER_COLUMN[table.owner] not in names:
        yield f"belongs to an {table.owner} and has no column '{_OWNER_COLUMN[table.owner]}'."
    for parent in table.parents.values():
        if parent not in TABLES:
            yield f"names the parent '{parent}', which is no table of dealreview's own."
    yield from (sentence for column in table.columns for sentence in _column_faults(column))


def _is_date(table: Table) -> bool:
    column = table.by_name.get(table.dated_by)
    # Figures dated by a 'month' are read as those of whole months.
    return column is not None and column.type in ("date", "instant") and column.name != "month"


def _column_faults(column: Column) -> Iterator[str]:
    if not _NAME.fullmatch(column.name):
        yield f"has a column '{column.name}'. Use lower case letters, digits and underscores."
    if column.type in ("any", "bytes"):
        yield f"has a column '{column.name}' of type {column.type}, which no fact can read."
    if not column.description.strip():
        yield f"has a column '{column.name}' without a description. Add one phrase."


def with_tables(database: Database, registry: Registry) -> Registry:
    """Return a registry whose tables are there: made now if they were missing.

    A pack whose tables can't be made is a problem; its tables are left out, the database is as
    before, and everything else goes on.
    """
    ready, problems = [], []
    for own in registry.own:
        failed = attempt(_ensure, database, own)
        if isinstance(failed, Raised):
            problems.append(_problem(registry, own, failed))
        else:
            ready.append(own)
    return evolve(registry, own=tuple(ready), problems=(*registry.problems, *problems))


def make_tables(database: Database, needed: Iterable[OwnTables]) -> None:
    """Make tables that an import writes to.

    Raises:
        StoreError: They can't be made.
    """
    for own in needed:
        failed = attempt(_ensure, database, own)
        if isinstance(failed, Raised):
            cause, mend = _told(failed)
            raise StoreError(f"The tables of pack '{own.pack}' can't be made: {cause}", mend=mend)


def _ensure(database: Database, own: OwnTables) -> None:
    with database.read() as connection:
        ready = is_ready(connection, own)
    if not ready:
        prepare(database, own)


def _problem(registry: Registry, own: OwnTables, failed: Raised) -> Problem:
    info = next((pack for pack in registry.packs if pack.name == own.pack), None)
    where = f"tables of pack '{own.pack}'" + (f" of {info.source} {info.version}" if info else "")
    cause, mend = _told(failed)
    return Problem(where.strip(), f"can't be made: {cause} The database is as before.", mend)


def _told(failed: Raised) -> tuple[str, str]:
    """Return the cause, a sentence, and the mend."""
    if isinstance(failed.error, DealreviewError):
        return failed.error.message, failed.error.mend
    what = "a migration raised" if not isinstance(failed.error, sqlite3.Error) else "SQLite says"
    return f"{what} {failed}".rstrip(".") + ".", "Mend the pack's migrations, or block the pack."
