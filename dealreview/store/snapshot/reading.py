"""Tables read from a snapshot: the same frames as from the database, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from dealreview.store.changes import revision
from dealreview.store.ordering import in_order
from dealreview.store.schema import table
from dealreview.store.snapshot.buckets import BUCKET
from dealreview.store.snapshot.files import read_frame, read_frames, without_panic
from dealreview.store.snapshot.manifest import LEFT_OUT, shape_of
from dealreview.store.snapshot.rows import LOST, ROW, no_rows
from dealreview.store.tables import PartTables, Tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.store.schema import Column, Table
    from dealreview.store.snapshot.files import File
    from dealreview.store.snapshot.manifest import Kept, Manifest

KIND, PLACE = "#kind", "#place"
"""Columns of changed rows: what happened, and how many rows of the parts come before."""

NEW, INSTEAD, GONE = 0, 1, 2
"""What happened to a row; ``#place`` of the last two is that of the row that is no longer so."""

GUEST = "#guest"
"""Column that says whether a row is, or may be, that of another bucket."""

_RANK = "#rank"


class Lost(Exception):  # noqa: N818 - a state of a disk, not a fault
    """Rows of a bucket that can't be read any more."""


class SnapshotTables(Tables):
    """The tables of one read transaction, as far as possible from a snapshot of the same revision.

    Attributes:
        folder: Where the files of the snapshot are.
        manifest: The snapshot.
        is_lost: Whether rows of a bucket could not be read; what was made of others is of no use.
        is_damaged: Whether any file could not be read; the snapshot has to be built anew.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path, manifest: Manifest) -> None:
        super().__init__(connection)
        self.folder = folder
        self.manifest = manifest
        self.is_lost = self.is_damaged = False

    def leave(self) -> None:
        """Read everything from the database from now on; the rows are the same."""
        self.manifest = evolve(self.manifest, tables={})

    def reopen(self, connection: sqlite3.Connection, own: Mapping[str, Table]) -> None:
        """Go on in another transaction; the snapshot is left where the data is another there."""
        super().reopen(connection, own)
        now = (revision(connection), shape_of(connection))
        if now != (self.manifest.revision, self.manifest.shape):
            self.leave()

    def _columns(self, source: Table, wanted: Sequence[Column]) -> dict[str, pl.Series]:
        kept = self.manifest.tables.get(source.name)
        here = [c for c in wanted if kept is not None and c.name not in LEFT_OUT]
        elsewhere = [c for c in wanted if c not in here]
        found = super()._columns(source, elsewhere) if elsewhere else {}
        return found | (self._kept_columns(source, kept, here) if kept is not None and here else {})

    def _kept_columns(
        self, source: Table, kept: Kept, wanted: Sequence[Column]
    ) -> dict[str, pl.Series]:
        names = [column.name for column in wanted]
        lost = [LOST + name for name in names if name in kept.unreadable]
        try:
            frame = read_rows(self.folder, kept, [*names, *lost])
        except _unreadable():
            # The disk has lost what it had; the database has it.
            self.is_damaged = True
            return super()._columns(source, wanted)
        for name in lost:
            if count := int(frame[name].sum()):
                self.unreadable[f"{source.name}.{name.removeprefix(LOST)}"] = count
        return {name: frame[name] for name in names}

    def recorded_columns(self, name: str) -> frozenset[str]:
        """Return the columns that hold a value in any row; none for an empty table."""
        kept = self.manifest.tables.get(self.schema(name).name)
        if kept is None:
            return super().recorded_columns(name)
        if name not in self._recorded:
            wanted = [column for column in table(name).names if self._is_filled(name, kept, column)]
            self._recorded[name] = frozenset(wanted)
        return self._recorded[name]

    def _is_filled(self, name: str, kept: Kept, column: str) -> bool:
        if column in LEFT_OUT:
            return self._is_stored(name, column)
        before, changes = kept.filled.get(column, 0), kept.changes
        if changes is not None and column in changes.filled:
            return True
        if not before or changes is None or before > changes.dead:
            return before > 0
        # Perhaps every row that had a value is gone.
        lost = [LOST + column] if column in kept.unreadable else []
        try:
            frame = read_rows(self.folder, kept, [column, *lost])
        except _unreadable():
            self.is_damaged = True
            return self._is_stored(name, column)
        readable = frame.height - frame[column].null_count()
        return readable + sum(int(frame[name].sum()) for name in lost) > 0

    def _is_stored(self, name: str, column: str) -> bool:
        """Whether a column holds a value in the database."""
        query = f'SELECT EXISTS (SELECT 1 FROM "{name}" WHERE "{column}" IS NOT NULL)'  # noqa: S608 - names of the schema
        return bool(self.connection.execute(query).fetchone()[0])


class BucketTables(PartTables):
    """The tables of one bucket of a snapshot: its own rows, and what of others it may see.

    Small shared tables, and those that the snapshot does not keep, are whole. Whoever reads takes the
    rows of the bucket's accounts and deals out of what is given. What can't be read is not read
    elsewhere: which rows are the bucket's is known by the files alone.

    Attributes:
        whole: The tables of everybody.
        bucket: Number of the bucket.
    """

    whole: SnapshotTables

    def __init__(self, whole: SnapshotTables, bucket: int) -> None:
        super().__init__(whole)
        self.bucket = bucket
        self.unreadable = whole.unreadable

    @property
    def has_guests(self) -> bool:
        """Whether rows of other buckets may be among those that are given."""
        kept = self.whole.manifest.tables.values()
        return any(one.strays is not None or one.changes is not None for one in kept)

    def lies_apart(self, name: str, columns: Iterable[str]) -> bool:
        """Whether columns of a table lie in files of this bucket, as do all that make them visible."""
        manifest = self.whole.manifest
        is_plain = manifest.has_owned and not any(k.unreadable for k in manifest.tables.values())
        is_here = name in manifest.tables and bool(table(name).owner)
        return is_plain and is_here and not LEFT_OUT.intersection(columns)

    def frame(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Return columns of a table, rows in the order of the key; each column is read once."""
        kept = self.whole.manifest.tables.get(name)
        if kept is None or not table(name).owner:
            return self.whole.frame(name, columns)
        for column in set(columns) & set(kept.unreadable):
            # Cells that can't be read are counted once, in the table as a whole.
            self.whole.frame(name, [column])
        asked = list(columns)
        stored = super().frame(name, [column for column in asked if column != GUEST])
        return stored.with_columns(self._read[name][GUEST])[asked] if GUEST in asked else stored

    def marks(self, name: str) -> tuple[str, ...]:
        """Return :data:`GUEST` of a table that is divided, where rows of others are among any table's."""
        kept = self.whole.manifest.tables.get(name)
        is_divided = kept is not None and bool(table(name).owner) and len(kept.parts) != 1
        return (GUEST,) if is_divided and self.has_guests else ()

    def _columns(self, source: Table, wanted: Sequence[Column]) -> dict[str, pl.Series]:
        names = [column.name for column in wanted]
        here = [name for name in names if name not in LEFT_OUT]
        elsewhere = [name for name in names if name in LEFT_OUT]
        key = source.key if elsewhere else ()
        asked = list(dict.fromkeys([*here, *key]))
        frame = self._rows(source.name, asked, seen=True)
        if elsewhere:
            others = self.whole.frame(source.name, [*key, *elsewhere])
            frame = frame.join(others, on=key, how="left", maintain_order="left")
        return {name: frame[name] for name in (*names, *self.marks(source.name))}

    def members(self) -> tuple[pl.Series, pl.Series]:
        """Return the ids of the bucket's accounts, those that only deals name included, and of its deals."""
        import polars as pl

        own = [
            self._rows(name, columns)
            for name, columns in (
                ("accounts", ["account_id"]),
                ("deals", ["account_id", "deal_id"]),
            )
        ]
        accounts = pl.concat([frame["account_id"] for frame in own]).drop_nulls().unique()
        return accounts, own[1]["deal_id"]

    def _rows(self, name: str, columns: Sequence[str], *, seen: bool = False) -> pl.DataFrame:
        kept = self.whole.manifest.tables[name]
        try:
            return bucket_rows(self.whole.folder, kept, columns, self.bucket, seen=seen)
        except _unreadable() as error:
            # Who is told of it may be code that goes on without.
            self.whole.is_lost = self.whole.is_damaged = True
            raise Lost(name) from error


def _unreadable() -> tuple[type[Exception], ...]:
    """Return what is raised where a file is gone or is not what was written."""
    import polars as pl

    return (OSError, pl.exceptions.PolarsError)


def read_rows(folder: Path, kept: Kept, columns: Sequence[str]) -> pl.DataFrame:
    """Return columns of a table in the order of its key.

    Args:
        folder: Where the files are.
        kept: The table.
        columns: Its columns, and those of lost cells.
    """
    import polars as pl

    if kept.changes is None and len(kept.parts) < 2:
        return _part(folder, kept, kept.files, columns, place=False)
    if kept.changes is None and not any(column.startswith(LOST) for column in columns):
        paths = [folder / file.name for file in kept.files]
        frames = list(read_frames(paths, [ROW, *columns]))
        return in_order(frames, pl.concat([frame[ROW] for frame in frames]).arg_sort()).drop(ROW)
    rows = _part(folder, kept, kept.files, columns)
    if kept.changes is None:
        return rows.sort(ROW).drop(ROW)
    changed = _read(folder, kept.changes.file.name, [*columns, KIND, PLACE])
    return _merged(rows, changed, changed[KIND] != GONE)


def bucket_rows(
    folder: Path, kept: Kept, columns: Sequence[str], bucket: int, *, seen: bool = False
) -> pl.DataFrame:
    """Return columns of the rows of one bucket, in the order of the key; all of an undivided table.

    Args:
        folder: Where the files are.
        kept: The table.
        columns: Its columns, and those of lost cells.
        bucket: Number of the bucket.
        seen: Also rows of other buckets that this one may see: strays, and whatever has changed; and
            :data:`GUEST`, where the table is divided.
    """
    import polars as pl

    if len(kept.parts) == 1 or not table(kept.name).owner:
        return read_rows(folder, kept, columns)
    here = kept.parts[bucket] if kept.parts else ()
    rows = _part(folder, kept, here, columns)
    if seen:
        rows = rows.with_columns(pl.lit(value=False).alias(GUEST))
    if seen and kept.strays is not None:
        rows = _with_strays(folder, kept.strays, columns, bucket, rows)
    if kept.changes is None:
        return rows.drop(ROW)
    changed = _read(folder, kept.changes.file.name, [*columns, KIND, PLACE, BUCKET])
    living, others = changed[KIND] != GONE, changed[BUCKET] != bucket
    changed = changed.drop(BUCKET)
    if not seen:
        return _merged(rows, changed, living & ~others)
    return _merged(rows, changed.with_columns(others.alias(GUEST)), living)


def places_in_parts(
    folder: Path, kept: Kept, keys: Collection[str], *, is_followed: bool
) -> pl.Series:
    """Return the places of changed rows that were among the parts.

    Args:
        folder: Where the files are.
        kept: The table.
        keys: Keys of rows, as the change log has them.
        is_followed: Whether the snapshot knows of these changes; else all keys of the parts are read.
    """
    import polars as pl

    columns = table(kept.name).key
    if not is_followed:
        firsts = [key.split("\x1f")[0] for key in keys]
        paths, first = [folder / file.name for file in kept.files], pl.col(columns[0])
        some = read_frames(paths, [*columns, ROW], first.cast(pl.String).is_in(firsts))
        found = pl.concat([_part(folder, kept, (), columns), *some]).rename({ROW: PLACE})
    elif kept.changes is None:
        return pl.Series(PLACE, [], dtype=pl.Int64)
    else:
        found = _read(folder, kept.changes.file.name, [*columns, KIND, PLACE])
        found = found.filter(pl.col(KIND) != NEW)
    return found.filter(pl.concat_str(columns, separator="\x1f").is_in(list(keys)))[PLACE]


def owners_in_parts(
    folder: Path, kept: Kept, columns: Sequence[str], places: pl.Series
) -> dict[str, set[str]]:
    """Return what rows have, among the parts, in columns that name an owner.

    Args:
        folder: Where the files are.
        kept: The table.
        columns: Its columns, of ids.
        places: Places of the rows.
    """
    import polars as pl

    if not places.len():
        return {column: set() for column in columns}
    rows = _part(folder, kept, kept.files, columns).filter(pl.col(ROW).is_in(places.implode()))
    return {column: set(rows[column].drop_nulls()) for column in columns}


def _with_strays(
    folder: Path, file: File, columns: Sequence[str], bucket: int, rows: pl.DataFrame
) -> pl.DataFrame:
    import polars as pl

    strays = _read(folder, file.name, [*columns, ROW, BUCKET])
    strays = strays.filter(pl.col(BUCKET) != bucket).drop(BUCKET)
    strays = strays.with_columns(pl.lit(value=True).alias(GUEST))
    return pl.concat([rows, strays]).sort(ROW)


def _merged(rows: pl.DataFrame, changed: pl.DataFrame, living: pl.Series) -> pl.DataFrame:
    """Return rows of parts with what has changed since, in the order of the key.

    Args:
        rows: Rows of parts with their place in the table.
        changed: Changed rows.
        living: Which of these are there now.
    """
    import polars as pl

    dead = changed.filter(pl.col(KIND) != NEW)[PLACE]
    same = rows.filter(~pl.col(ROW).is_in(dead.implode()))
    # A row of the parts has an odd rank, a changed one the even rank before that of its place.
    same = same.with_columns((pl.col(ROW) * 2 + 1).alias(_RANK)).drop(ROW)
    changed = changed.filter(living).with_columns((pl.col(PLACE) * 2).alias(_RANK))
    changed = changed.drop(KIND, PLACE)
    # New rows of one place stand in the order of their keys.
    return pl.concat([same, changed]).sort(_RANK, maintain_order=True).drop(_RANK)


def _empty(kept: Kept, columns: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    nothing = no_rows(table(kept.name))
    marks = [pl.lit(value=False).alias(name) for name in columns if name.startswith(LOST)]
    return nothing.with_columns(marks).select(*columns, ROW)


def _part(
    folder: Path, kept: Kept, files: Sequence[File], columns: Sequence[str], *, place: bool = True
) -> pl.DataFrame:
    """Return columns of rows that lie in some files, and their places if these are wanted."""
    import polars as pl

    wanted = [*columns, ROW] if place else list(columns)
    if not files:
        return _empty(kept, columns).select(wanted)
    if any(column.startswith(LOST) for column in columns):
        return pl.concat([_read(folder, file.name, wanted) for file in files])
    return pl.concat(read_frames([folder / file.name for file in files], wanted))


def _read(folder: Path, name: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return columns of a file; one of lost cells is left out where none is lost."""
    import polars as pl

    path = folder / name
    marks = [column for column in columns if column.startswith(LOST)]
    if not marks:
        return read_frame(path, columns)
    with path.open("rb") as stream, without_panic():
        known = pl.read_parquet_schema(stream)
    frame = read_frame(path, [column for column in columns if column in known])
    missing = [pl.lit(value=False).alias(column) for column in marks if column not in known]
    return frame.with_columns(missing).select(*columns)
