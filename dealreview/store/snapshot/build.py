"""Building a snapshot: every table once, in the order of its key, a bucket's rows into a file."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from dealreview.store.schema import TABLES
from dealreview.store.snapshot.buckets import (
    BUCKET,
    Buckets,
    account_buckets,
    bucket_count,
    contact_buckets,
    deal_buckets,
)
from dealreview.store.snapshot.files import File, put_down, write_frame
from dealreview.store.snapshot.manifest import Kept
from dealreview.store.snapshot.rows import LOST, ROW, chunks, no_rows
from dealreview.store.snapshot.strays import Strays
from dealreview.store.snapshot.texts import OWNER

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.store.schema import Table

    Told = Callable[[str, int], None]

PENDING_BYTES = 256 * 1024 * 1024
"""Rows of a table that are held before they are put down in pieces; a bucket is held as a whole."""


def build_tables(
    connection: sqlite3.Connection,
    others: Sequence[sqlite3.Connection],
    folder: Path,
    mark: str,
    told: Told,
) -> tuple[int, dict[str, Kept]]:
    """Write the files of every table and return the number of buckets and what was written.

    Tables whose keys can't be kept in order are left out; they are read from the database.

    Args:
        connection: One read transaction.
        others: More of them that see the same data, to read with several at once.
        folder: Where the files go.
        mark: Part of their names.
        told: Is told which table and how many more of its rows are done.
    """
    count = bucket_count(connection.execute("SELECT count(*) FROM deals").fetchone()[0])
    buckets, strays = _buckets(connection, count), Strays()
    found: dict[str, Kept] = {}
    with closing(chunks(connection, others, TABLES.values())) as rows:
        for table, frames in groupby(rows, itemgetter(0)):
            files = count if table.owner else 1
            writer = _Writer(folder, mark, table, files, strays)
            kept = writer.write((frame for _, frame in frames), buckets, told)
            found |= {} if kept is None else {table.name: kept}
    return count, strays.written(folder, mark, found)


def _buckets(connection: sqlite3.Connection, count: int) -> Buckets:
    """Return the buckets of all accounts and deals, which fit into memory."""
    accounts = _plain(connection, "accounts", ("account_id", "parent_account_id"), count)
    by_account = account_buckets(accounts, count)
    deals = _plain(connection, "deals", ("deal_id", "account_id"), count)
    contacts = _plain(connection, "contacts", ("contact_id", "account_id"), count)
    found = Buckets(count, by_account, deal_buckets(deals, by_account, count))
    return evolve(found, contacts=contact_buckets(contacts, found))


def _plain(
    connection: sqlite3.Connection, name: str, columns: tuple[str, ...], count: int
) -> pl.DataFrame:
    import polars as pl

    from dealreview.store.tables import Tables

    if count == 1:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return Tables(connection).frame(name, columns)


@define
class _Writer:
    """Writes one table.

    Attributes:
        folder: Where the files go.
        mark: Part of their names.
        table: The table.
        count: How many files.
        strays: Takes note of rows that several buckets see.
    """

    folder: Path
    mark: str
    table: Table
    count: int
    strays: Strays
    rows: int = 0
    held: int = 0
    filled: Counter[str] = field(factory=Counter)
    unreadable: set[str] = field(factory=set)
    pending: dict[int, list[pl.DataFrame]] = field(factory=dict)
    pieces: dict[int, list[Path]] = field(factory=dict)

    def write(
        self, frames: Iterator[pl.DataFrame | None], buckets: Buckets, told: Told
    ) -> Kept | None:
        """Write all rows and return what is known of them; None where some can't be kept."""
        for frame in frames:
            if frame is None:
                return None
            self._take(frame, buckets)
            told(self.table.name, frame.height)
            if self.held > PENDING_BYTES and self.count > 1:
                self._put_down()
        numbers = range(self.count if self.rows else 0)
        parts = tuple(self._part(number) for number in numbers)
        unreadable = tuple(sorted(self.unreadable))
        return Kept(self.table.name, parts, self.rows, dict(self.filled), unreadable)

    def _take(self, frame: pl.DataFrame, buckets: Buckets) -> None:
        import polars as pl

        places = buckets.of(self.table, frame)
        self.strays.note(self.table, frame.with_columns(places), buckets.contacts)
        count_filled(frame, self.filled)
        self.unreadable |= {name.removeprefix(LOST) for name in frame.columns if is_lost(name)}
        frame = frame.select(pl.exclude(f"^{OWNER}.*$")).with_columns(
            pl.int_range(self.rows, self.rows + frame.height, dtype=pl.Int64).alias(ROW),
            places[BUCKET],
        )
        self.rows += frame.height
        # Before it is divided: its parts share texts, which would count once for each.
        self.held += int(frame.estimated_size())
        divided = frame.partition_by(BUCKET, as_dict=True, include_key=False)
        for (bucket,), some in divided.items():
            self.pending.setdefault(bucket, []).append(some)

    def _put_down(self) -> None:
        """Write what is held into pieces, so that memory holds no more than a bucket."""
        for bucket, frames in self.pending.items():
            numbers = self.pieces.setdefault(bucket, [])
            path = self.folder / f"{self._name(bucket)}.{len(numbers)}.piece"
            put_down(path, _stacked(frames))
            numbers.append(path)
        self.pending.clear()
        self.held = 0

    def _part(self, bucket: int) -> File:
        import polars as pl

        pieces = self.pieces.get(bucket, [])
        frames = [pl.read_parquet(path) for path in pieces] + self.pending.pop(bucket, [])
        whole = _stacked(frames) if frames else no_rows(self.table)
        for path in pieces:
            path.unlink()
        return write_frame(self.folder, f"{self._name(bucket)}.parquet", whole)

    def _name(self, bucket: int) -> str:
        return f"{self.table.name}-{bucket}-{self.mark}"


def is_lost(name: str) -> bool:
    """Whether a column says which cells of another one are not of its type."""
    return name.startswith(LOST)


def count_filled(frame: pl.DataFrame, filled: Counter[str]) -> None:
    """Add how many rows of a frame have a value, by column, readable or not."""
    for name in frame.columns:
        if name.startswith(LOST):
            filled[name.removeprefix(LOST)] += int(frame[name].sum())
        elif not name.startswith("#"):
            filled[name] += frame.height - frame[name].null_count()


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Return frames below each other; a column of lost cells may be missing in some."""
    import polars as pl

    stacked = pl.concat(frames, how="diagonal")
    return stacked.with_columns(pl.col(f"^{LOST}.*$").fill_null(value=False))
