"""Tables as typed frames."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from dealreview.model.errors import StoreError
from dealreview.store.cells import fitting, stacked, typed
from dealreview.store.ddl import quoted
from dealreview.store.schema import TABLES, Column, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from dealreview.store.schema import Table

CHUNK_ROWS = 50_000
_SAMPLE_ROWS = 1_000
NO_TABLES: Mapping[str, Table] = {}


class Tables:
    """The tables of one read transaction.

    Attributes:
        connection: The connection that they are read from.
        own: Tables of packs by name, those that the database has.
        unreadable: How many cells were not of their column's type and were taken as empty, by
            ``table.column``.
        spans: Earliest and latest date of tables, where somebody has looked, by table and the latest
            date that was taken as one.
    """

    def __init__(
        self, connection: sqlite3.Connection, own: Mapping[str, Table] = NO_TABLES
    ) -> None:
        self.connection = connection
        self.own = _there(connection, own)
        self.unreadable: dict[str, int] = {}
        self._recorded: dict[str, frozenset[str]] = {}
        self._read: dict[str, dict[str, pl.Series]] = {}
        self.spans: dict[tuple[str, str], tuple[str | None, str | None]] = {}

    def reopen(self, connection: sqlite3.Connection, own: Mapping[str, Table]) -> None:
        """Go on in another transaction, with tables of packs; what was read is read again."""
        self.connection, self.own = connection, _there(connection, own)
        for kept in (self.unreadable, self._recorded, self._read, self.spans):
            kept.clear()

    def let_go(self) -> None:
        """Let go of the columns that were read; who asks again has them read again."""
        self._read.clear()

    def forget(self, name: str, since: int) -> None:
        """Read a table again when it is asked for: it has changed.

        Args:
            name: The table.
            since: The data revision at which it was read.
        """
        self._read.pop(name, None)
        for key in [key for key in self.spans if key[0] == name]:
            del self.spans[key]
        before = self._recorded.pop(name, None)
        if before is not None and (known := self.known.get(name)) is not None:
            found = _recorded_since(self.connection, known, before, since)
            self._recorded |= {} if found is None else {name: found}

    @property
    def known(self) -> Mapping[str, Table]:
        """Every table by name."""
        return {**TABLES, **self.own}

    def schema(self, name: str) -> Table:
        """Return a table of dealreview or of a pack.

        Raises:
            StoreError: There is no such table.
        """
        return self.own[name] if name in self.own else table(name)

    def frame(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Return columns of a table, rows in the order of the key; each column is read once.

        Raises:
            StoreError: An unknown table or column, or no column at all.
        """
        import polars as pl

        source = self.schema(name)
        wanted = [source.column(column) for column in dict.fromkeys(columns)]
        if not wanted:
            raise StoreError(f"No column of table '{name}' is asked for.")
        read = self._read.setdefault(name, {})
        new = [column for column in wanted if column.name not in read]
        if new:
            read.update(self._columns(source, new))
        return pl.DataFrame([read[column.name] for column in wanted])

    def marks(self, _name: str) -> tuple[str, ...]:
        """Return columns that say of each row of a table what it is doing here."""
        return ()

    def lies_apart(self, _name: str, _columns: Iterable[str]) -> bool:
        """Whether columns of a table are read from files that nothing else is read from.

        Then they can be read while other tables are used: neither the connection nor what is known of
        other tables is touched.
        """
        return False

    def _columns(self, source: Table, wanted: Sequence[Column]) -> dict[str, pl.Series]:
        """Read columns; in one transaction the rows are the same, in the same order, each time."""
        chunks = self._fetch(_select(source, wanted))
        cells = zip(*chunks, strict=True) if chunks else [()] * len(wanted)
        return {
            column.name: self._typed(source.name, column, stacked(column.name, parts, column.type))
            for column, parts in zip(wanted, cells, strict=True)
        }

    def recorded_columns(self, name: str) -> frozenset[str]:
        """Return the columns that hold a value in any row; none for an empty table."""
        if name not in self._recorded:
            self._recorded[name] = _recorded_columns(self.connection, self.schema(name))
        return self._recorded[name]

    def custom_columns(self, name: str) -> tuple[Column, ...]:
        """Return a company's own columns of a table, named ``x_<name>``."""
        query = (
            "SELECT name, type, coalesce(description, ''), coalesce(unit, '') "
            "FROM custom_fields WHERE table_name = ? ORDER BY name"
        )
        rows = self.connection.execute(query, (table(name).name,))
        return tuple(
            Column(f"x_{field}", kind or "text", description, unit=unit)
            for field, kind, description, unit in rows
        )

    def custom(self, name: str) -> pl.DataFrame:
        """Return a company's own columns of a table: ``id`` and one ``x_<name>`` each.

        ``id`` is the key of the row; the parts of a longer key are joined by U+001F.
        """
        import polars as pl

        found = pl.DataFrame(schema={"id": pl.String})
        for column in self.custom_columns(name):
            found = found.join(self._custom(name, column), on="id", how="full", coalesce=True)
        return found.sort("id")

    def _custom(self, name: str, column: Column) -> pl.DataFrame:
        import polars as pl

        chunks = self._custom_values(name, column.name.removeprefix("x_"))
        ids = stacked("id", [ids for ids, _ in chunks], "text")
        given = [fitting(values, column.type) for _, values in chunks]
        filled = sum(len(values) - values.count(None) for _, values in chunks)
        cells = self._typed(name, column, stacked(column.name, given, column.type), filled)
        return pl.DataFrame([ids, cells])

    def _custom_values(self, name: str, field: str) -> list[list[tuple[Any, ...]]]:
        """Return ids and values of a field as chunks of columns."""
        query = "SELECT row_id, value FROM custom_values WHERE table_name = ? AND name = ?"
        return self._fetch(query, (name, field))

    def _typed(
        self, name: str, column: Column, raw: pl.Series, filled: int | None = None
    ) -> pl.Series:
        cells = typed(raw, column.type)
        expected = raw.len() - raw.null_count() if filled is None else filled
        lost = expected - (cells.len() - cells.null_count())
        if lost:
            self.unreadable[f"{name}.{column.name}"] = lost
        return cells

    def _fetch(
        self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[list[tuple[Any, ...]]]:
        """Return the rows of a query as chunks of columns."""
        try:
            return list(_chunks(self.connection.execute(query, values)))
        except sqlite3.OperationalError as error:
            if "UTF-8" not in str(error):
                raise
            # Bytes that some other program wrote as text; slower, so only when it is needed.
            self.connection.text_factory = _decoded
            return list(_chunks(self.connection.execute(query, values)))


class PartTables(Tables):
    """Tables that hold the rows of some accounts only; what is asked of everybody is asked of the whole.

    Attributes:
        whole: The tables of everybody.
    """

    def __init__(self, whole: Tables) -> None:
        super().__init__(whole.connection, whole.own)
        self.whole = whole

    def recorded_columns(self, name: str) -> frozenset[str]:
        """Return the columns that hold a value in any row of anybody."""
        return self.whole.recorded_columns(name)

    def custom(self, name: str) -> pl.DataFrame:
        """Return a company's own columns of a table, for everybody."""
        return self.whole.custom(name)


def _there(connection: sqlite3.Connection, own: Mapping[str, Table]) -> Mapping[str, Table]:
    """Return the tables that a database has; a pack can be new to it."""
    if not own:
        return own
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    return {name: table for name, table in own.items() if name in there}


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def _chunks(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    while rows := cursor.fetchmany(CHUNK_ROWS):
        yield list(zip(*rows, strict=True))


def _select(source: Table, columns: Sequence[Column]) -> str:
    names = ", ".join(quoted(column.name) for column in columns)
    key = ", ".join(map(quoted, source.key))
    return f"SELECT {names} FROM {quoted(source.name)} ORDER BY {key}"  # noqa: S608 - names of the schema


def _recorded_columns(connection: sqlite3.Connection, source: Table) -> frozenset[str]:
    """Look at the first rows, then at all rows for the columns that were empty there."""
    sample = f"(SELECT * FROM {quoted(source.name)} LIMIT {_SAMPLE_ROWS})"  # noqa: S608 - as above
    found = _with_values(connection, source.names, sample)
    if not found:
        return frozenset()
    rest = [name for name in source.names if name not in found]
    return frozenset(found | _with_values(connection, rest, quoted(source.name)))


def _recorded_since(
    connection: sqlite3.Connection, source: Table, before: frozenset[str], since: int
) -> frozenset[str] | None:
    """Return the columns that hold a value, looking at rows that changed; None where that is not enough.

    A column without a value can have got one in these rows alone; one with a value has it as a rule in
    the first rows that come.
    """
    query = "SELECT DISTINCT row_key FROM change_log WHERE seq > ? AND table_name = ? LIMIT ?"
    keys = [key for (key,) in connection.execute(query, (since, source.name, CHANGED_ROWS))]
    if len(keys) == CHANGED_ROWS or any(key.count(_PART) >= len(source.key) for key in keys):
        return None
    first = quoted(source.key[0])
    rows = (
        f"(SELECT * FROM {quoted(source.name)} WHERE {first} IN (SELECT value FROM json_each(?)))"  # noqa: S608 - names of the schema
    )
    firsts = json.dumps([key.partition(_PART)[0] for key in keys])
    new = [name for name in source.names if name not in before]
    still = [name for name in source.names if name in before]
    there = ", ".join(
        f"EXISTS (SELECT 1 FROM {quoted(source.name)} WHERE {quoted(name)} IS NOT NULL)"  # noqa: S608 - as above
        for name in still
    )
    answers = connection.execute(f"SELECT {there}").fetchone() if still else ()
    kept = {name for name, answer in zip(still, answers, strict=True) if answer}
    return frozenset(kept | _with_values(connection, new, rows, (firsts,)))


CHANGED_ROWS = 1_000
"""Changed rows of a table from which on it is looked through anew."""

_PART = "\x1f"


def _with_values(
    connection: sqlite3.Connection, names: Sequence[str], rows: str, values: Sequence[str] = ()
) -> set[str]:
    if not names:
        return set()
    tests = ", ".join(f"max({quoted(name)} IS NOT NULL)" for name in names)
    query = f"SELECT {tests} FROM {rows}"  # noqa: S608 - names of the schema
    answers = connection.execute(query, values).fetchone()
    return {name for name, answer in zip(names, answers, strict=True) if answer}
