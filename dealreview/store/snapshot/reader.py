"""A process that reads spans: through Arrow's own driver for SQLite, columns at a time.

The driver has its own copy of SQLite. Two copies in one process would take each other's locks away
whenever one of them closes the file, so that it runs in no process that has opened the database itself.
It is asked and answers in lines of JSON; what it reads goes into files.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, define, field

from dealreview.store.cells import raw_type
from dealreview.store.changes import REVISION
from dealreview.store.ddl import SQL_TYPES, literal, quoted
from dealreview.store.schema import TABLES
from dealreview.store.snapshot.buckets import Buckets, buckets_from
from dealreview.store.snapshot.rows import Unordered, as_typed
from dealreview.store.snapshot.spans import Span, told_of
from dealreview.store.snapshot.writing import Place, read_buckets, write_buckets, write_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from dealreview.store.schema import Column
    from dealreview.store.snapshot.rows import Query

BATCH_ROWS = 65_536
"""Rows that the driver puts into one batch; of the first one it learns the types."""

SAMPLE_ROWS = 1_000
"""Rows that are looked at for columns without any value."""

MORE = "#more"
"""Column that says whether a row has a value in any of the columns that were not read."""


class UnreadableError(Exception):
    """Rows that have to be read cell by cell."""


@define
class Source:
    """One read transaction of a database.

    Attributes:
        empty: Columns that have had no value so far, by table; a wrong one costs time only.
    """

    connection: Any
    empty: dict[str, frozenset[str]] = field(factory=dict)

    @classmethod
    def open(cls, uri: str, stack: ExitStack) -> Source:
        """Begin to read."""
        import adbc_driver_manager
        import adbc_driver_sqlite

        database = stack.enter_context(adbc_driver_sqlite.connect(uri))
        connection = stack.enter_context(adbc_driver_manager.AdbcConnection(database))
        connection.set_autocommit(False)
        return cls(connection)

    def asked(self, statement: str) -> pl.DataFrame:
        """Return the rows of a statement."""
        import adbc_driver_manager
        import polars as pl

        with adbc_driver_manager.AdbcStatement(self.connection) as asked:
            asked.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})
            asked.set_sql_query(statement)
            stream, _ = asked.execute_query()
            return pl.DataFrame(stream)

    def number(self, statement: str) -> int:
        """Return the number that a statement gives; 0 where it gives no row."""
        found = self.asked(statement).to_series()
        return int(found[0]) if found.len() else 0

    def columns(self, statement: str, columns: Sequence[Column]) -> list[pl.Series]:
        """Return the columns of a statement as SQLite keeps them.

        Raises:
            UnreadableError: A text is not UTF-8.
        """
        import adbc_driver_manager
        import polars as pl

        try:
            frame = self.asked(statement)
        except (adbc_driver_manager.Error, pl.exceptions.PolarsError):
            # A column without a value in the first batch was taken for another type: a row before says.
            first = ", ".join(f"{_sample(c)} AS {quoted(c.name)}" for c in columns)
            frame = self.asked(f"SELECT {first} UNION ALL SELECT * FROM ({statement} LIMIT -1)")  # noqa: S608 - names of the schema
            frame = frame.slice(1)
        return [_valid(frame[column.name], column) for column in columns]

    def rows(self, span: Span) -> pl.DataFrame:
        """Return the typed rows of a span.

        Raises:
            UnreadableError: It has to be read otherwise.
            Unordered: A key that does not stand where SQLite has it once it is read.
        """
        query = span.query
        empty = self._empty(query)
        here = [column for column in query.columns if column.name not in empty]
        others = ", ".join([*(query.select[name] for name in sorted(empty)), "NULL", "NULL"])
        told = [*told_of(query, here), f"coalesce({others}) IS NOT NULL AS {quoted(MORE)}"]
        found = self.columns(span.select(told), [*here, _more()])
        if (found[-1] == 1).any():
            more = [column for column in query.columns if column.name in empty]
            found[-1:] = self.columns(span.select(told_of(query, more)), more)
            filled = {cells.name for cells in found if cells.null_count() < cells.len()}
            self.empty[query.table.name] = empty - filled
        by_name = {cells.name: cells for cells in found}
        if any(cells.len() != span.height for cells in found):
            raise UnreadableError(f"{span.table} has other rows here")
        return as_typed(query, [by_name.get(c.name, _nothing(c, span)) for c in query.columns])

    def _empty(self, query: Query) -> frozenset[str]:
        """Return the columns without any value in the first rows, or in any that were read."""
        name = query.table.name
        if name not in self.empty:
            told = ", ".join(told_of(query, query.columns))
            source = f"(SELECT {told} FROM {quoted(name)} t{query.join} LIMIT {SAMPLE_ROWS})"  # noqa: S608 - as above
            counts = ", ".join(f"count({quoted(column.name)})" for column in query.columns)
            found = self.asked(f"SELECT {counts} FROM {source}").row(0)  # noqa: S608 - as above
            pairs = zip(query.columns, found, strict=True)
            self.empty[name] = frozenset(column.name for column, count in pairs if not count)
        return self.empty[name]


def _sample(column: Column) -> str:
    """Return a value of the type of a column in SQL."""
    return {"text": "''", "real": "0.0"}.get(SQL_TYPES.get(column.type, "text").lower(), "0")


def _more() -> Column:
    from dealreview.store.schema import Column

    return Column(MORE, "bool", "Whether there is more")


def _nothing(column: Column, span: Span) -> pl.Series:
    import polars as pl

    dtype = raw_type(column.type)
    return pl.Series(column.name, [None], dtype=dtype).new_from_index(0, span.height)


def _valid(cells: pl.Series, column: Column) -> pl.Series:
    """Return cells of the type of their column, of texts that are texts.

    Raises:
        UnreadableError: They are not.
    """
    import polars as pl

    wanted = raw_type(column.type)
    # The driver gives the bytes of a text as they are.
    raw = cells.cast(pl.Binary) if cells.dtype == pl.String else cells
    try:
        found = raw.cast(wanted, strict=False)
    except pl.exceptions.PolarsError:
        found = None
    if found is None or found.null_count() != cells.null_count():
        what = "text in UTF-8" if wanted == pl.String else "number"
        raise UnreadableError(f"{column.name} has a cell that is no {what}")
    return found


@define
class Reader:
    """Answers what it is asked."""

    source: Source
    place: Place
    buckets: Buckets | None = None

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what is asked for, or what is in the way."""
        try:
            if "buckets" in asked:
                write_buckets(self.place, self._made(asked["buckets"]))
                return {}
            after, last = tuple(asked.pop("after")), tuple(asked.pop("last"))
            span = Span(**asked, after=after, last=last)
            rows = self.source.rows(span)
            return asdict(write_span(self.place, span, rows, self._buckets_of(span)))
        except Unordered:
            return {"unordered": True}
        except UnreadableError as error:
            return {"failed": str(error)}
        except Exception as error:  # noqa: BLE001 - whoever asked reads the rows itself then
            return {"failed": f"{type(error).__name__}: {error}"}

    def _buckets_of(self, span: Span) -> Buckets | None:
        """Return the buckets of a span's rows; for rows of nobody they need not be known yet."""
        if not TABLES[span.table].owner:
            return None
        self.buckets = self.buckets or read_buckets(self.place)
        return self.buckets

    def _made(self, count: int) -> Buckets:
        import polars as pl

        def read(name: str, columns: Sequence[str]) -> pl.DataFrame:
            told = ", ".join(map(quoted, columns))
            wanted = [TABLES[name].column(column) for column in columns]
            return pl.DataFrame(self.source.columns(f"SELECT {told} FROM {quoted(name)}", wanted))  # noqa: S608 - as above

        return buckets_from(read, count)


def main() -> None:
    """Answer until nobody asks any more: URI of the database, folder and mark come as arguments."""
    # Whoever asked ends this process; what libraries print is no answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    uri, folder, mark = sys.argv[1:]

    def say(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    with ExitStack() as stack:
        source = Source.open(uri, stack)
        schema = source.number("PRAGMA schema_version")
        # A file that took the place of the database has not the mark that was just left in it.
        marked = f"SELECT count(*) FROM snapshot_marks WHERE mark = {literal(mark)}"  # noqa: S608 - quoted
        say({"seen": [source.number(REVISION), schema, source.number(marked)]})
        reader = Reader(source, Place(Path(folder), mark))
        for line in sys.stdin.buffer:
            say(reader.answer(json.loads(line)))
