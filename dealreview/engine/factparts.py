"""Parts of the facts of a kind of subject: in memory, or in files of which only what is asked for is read."""

from __future__ import annotations

import io
import os
import tempfile
from contextlib import suppress
from itertools import groupby
from threading import Lock
from typing import IO, TYPE_CHECKING, Protocol
from weakref import finalize

from attrs import define, field, frozen

from dealreview.store.ordering import in_order
from dealreview.store.snapshot.files import without_panic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import polars as pl

MOST_AT_HAND = 256 * 2**20
"""Bytes of facts that a review holds in memory before it puts those of further buckets into a file."""

CHUNK = 8_192
"""Subjects of a bucket whose facts are packed together until those of all are put in order."""

ROWS_AT_ONCE = 1024
"""Rows of a file that are packed together: a few of them can be read without the others."""


class Part(Protocol):
    """Facts of some subjects, in order of id."""

    @property
    def height(self) -> int:
        """How many subjects there are."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""

    def read(self, names: Sequence[str], start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return columns of rows that follow each other, of all where no count is given."""

    def take(self, places: pl.Series) -> pl.DataFrame:
        """Return all columns of rows by their numbers."""


class Whole(Part, Protocol):
    """Facts that lie together."""

    def write(self, target: IO[bytes]) -> None:
        """Write everything to a file."""


@frozen(eq=False)
class FramePart:
    """Facts in memory."""

    frame: pl.DataFrame

    @property
    def height(self) -> int:
        """How many subjects there are."""
        return self.frame.height

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        return self.frame.columns

    def read(self, names: Sequence[str], start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return columns of rows that follow each other, of all where no count is given."""
        return self.frame.select(names).slice(start, count)

    def take(self, places: pl.Series) -> pl.DataFrame:
        """Return all columns of rows by their numbers."""
        return self.frame[places]

    def write(self, target: IO[bytes]) -> None:
        """Write everything to a file.

        Raises:
            OSError: It can't be written.
        """
        import polars as pl

        try:
            with without_panic():
                self.frame.write_ipc(target, compression="lz4", record_batch_size=ROWS_AT_ONCE)
        except (pl.exceptions.PolarsError, MemoryError) as error:
            raise OSError(str(error)) from error


@frozen(eq=False)
class NamelessFile:
    """A file that is nobody else's, and gone with whoever has facts in it, whatever ends the process.

    Attributes:
        stream: The file, unbuffered.
    """

    stream: IO[bytes]
    _lock: Lock = field(factory=Lock, init=False)

    def __attrs_post_init__(self) -> None:
        """See to it that the file is closed when nobody needs it any more."""
        finalize(self, self.stream.close)

    @classmethod
    def within(cls, folder: Path) -> NamelessFile:
        """Make one.

        Raises:
            OSError: None can be made there.
        """
        return cls(tempfile.TemporaryFile(dir=folder, buffering=0))

    def append(self, content: bytes) -> int:
        """Write at the end, and return where that was.

        Raises:
            OSError: It can't be written.
        """
        with self._lock:
            begin = self.stream.seek(0, os.SEEK_END)
            left = memoryview(content)
            while left:
                left = left[self.stream.write(left) :]
            return begin

    def content(self, begin: int, size: int) -> bytes:
        """Return some bytes.

        Raises:
            OSError: They can't be read.
        """
        with self._lock:
            self.stream.seek(begin)
            return self.stream.read(size)


@frozen(eq=False)
class FilePart:
    """Facts in a file.

    Attributes:
        file: The file.
        begin: Where they begin in it.
        size: How many bytes they are.
        height: How many subjects there are.
        columns: Names of the columns.
    """

    file: NamelessFile
    begin: int
    size: int
    height: int
    columns: Sequence[str]

    def read(self, names: Sequence[str], start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return columns of rows that follow each other, of all where no count is given.

        Raises:
            OSError, polars.exceptions.PolarsError: They can't be read.
        """
        with without_panic():
            return self._scan().select(names).slice(start, count).collect()

    def take(self, places: pl.Series) -> pl.DataFrame:
        """Return all columns of rows by their numbers.

        Raises:
            OSError, polars.exceptions.PolarsError: They can't be read.
        """
        rising = places.unique().sort()
        with without_panic():
            found = rows_at(self._scan(), rising.to_list())
        return found[rising.search_sorted(places)]

    def write(self, target: IO[bytes]) -> None:
        """Write everything to a file.

        Raises:
            OSError: It can't be written.
        """
        target.write(self.file.content(self.begin, self.size))

    def _scan(self) -> pl.LazyFrame:
        import polars as pl

        # Of a stream Polars would read everything, from its position, which those who read at once share.
        return pl.scan_ipc(self.file.content(self.begin, self.size))


@frozen(eq=False)
class MixedPart:
    """Rows of several parts, in order of id.

    Attributes:
        parts: The parts, each in order of id.
        order: The number of each row, counted through the parts; rows that no longer hold have no place.
    """

    parts: Sequence[Part]
    order: pl.Series

    @property
    def height(self) -> int:
        """How many subjects there are."""
        return len(self.order)

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        return self.parts[0].columns

    def read(self, names: Sequence[str], start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return columns of rows that follow each other, of all where no count is given."""
        import polars as pl

        found, rows = [], []
        for part, mine, places in _split(self.parts, self.order.slice(start, count)):
            first, last = (places[0], places[-1]) if len(places) else (0, -1)
            piece = part.read(names, first, last - first + 1)
            found.append(piece if piece.height == len(places) else piece[places - first])
            rows.append(mine)
        return in_order(found, pl.concat(rows).arg_sort())

    def take(self, places: pl.Series) -> pl.DataFrame:
        """Return all columns of rows by their numbers."""
        return rows_of_parts(self.parts, self.order[places])


def _split(parts: Sequence[Part], rows: pl.Series) -> Iterator[tuple[Part, pl.Series, pl.Series]]:
    """Yield each part that has some of the rows, which of them those are, and their numbers in it, sorted.

    Where none is asked for, the first part has none of them.
    """
    by_number = rows.arg_sort()
    rising = rows[by_number]
    begin = first = 0
    for part in parts:
        last = int(rising.search_sorted(begin + part.height, side="left"))
        if first < last or not len(rows):
            yield part, by_number[first:last], rising[first:last] - begin
        if last == len(rows):
            return
        begin, first = begin + part.height, last


def rows_of_parts(parts: Sequence[Part], rows: pl.Series) -> pl.DataFrame:
    """Return all columns of rows that are counted through parts."""
    import polars as pl

    split = list(_split(parts, rows))
    found = [part.take(places) for part, _, places in split]
    return in_order(found, pl.concat([mine for _, mine, _ in split]).arg_sort())


@frozen(eq=False)
class StackedPart:
    """Facts of the same subjects that lie apart.

    Attributes:
        parts: Each with other columns.
    """

    parts: Sequence[Part]

    @property
    def height(self) -> int:
        """How many subjects there are."""
        return self.parts[0].height

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        return [name for part in self.parts for name in part.columns]

    def read(self, names: Sequence[str], start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return columns of rows that follow each other, of all where no count is given."""
        import polars as pl

        asked = [[name for name in part.columns if name in names] for part in self.parts]
        found = [
            part.read(own, start, count) for part, own in zip(self.parts, asked, strict=True) if own
        ]
        return pl.concat(found, how="horizontal").select(names)

    def take(self, places: pl.Series) -> pl.DataFrame:
        """Return all columns of rows by their numbers."""
        import polars as pl

        return pl.concat([part.take(places) for part in self.parts], how="horizontal")


def rows_at(scan: pl.LazyFrame, places: Sequence[int]) -> pl.DataFrame:
    """Return rows of a file by their rising numbers; no others are unpacked than those packed with them."""
    import polars as pl

    some = packs(places)
    pieces = pl.collect_all([scan.slice(one[0], one[-1] - one[0] + 1) for one in some])
    found = [
        piece[[place - one[0] for place in one]] for piece, one in zip(pieces, some, strict=True)
    ]
    return pl.concat(found) if found else scan.head(0).collect()


def packs(places: Sequence[int]) -> list[list[int]]:
    """Return rising numbers of rows, apart where they are packed apart."""
    return [list(some) for _, some in groupby(places, lambda place: place // ROWS_AT_ONCE)]


@define
class Aside:
    """Holds facts in memory as long as they are few, and puts further ones into a file.

    The file has no name and is gone with whoever has it open, whatever ends the process.

    Attributes:
        folder: Where the file is made; None makes none.
        is_full: Whether no more facts are held in memory.
    """

    folder: Path | None
    is_full: bool = False
    _held: int = field(default=0, init=False)
    _file: NamelessFile | None = field(default=None, init=False)

    def has_room(self, frame: pl.DataFrame) -> bool:
        """Whether facts can be held in memory beside those that are; then they count from now on."""
        self._held += int(frame.estimated_size())
        self.is_full = self.is_full or (self.folder is not None and self._held > MOST_AT_HAND)
        return not self.is_full

    def put(self, frame: pl.DataFrame) -> Whole:
        """Return facts where they are now."""
        if self.has_room(frame):
            return FramePart(frame)
        # A disk that is full, or a folder that is not ours to write to, costs memory.
        with suppress(OSError):
            packed = io.BytesIO()
            FramePart(frame).write(packed)
            return self.put_packed(packed.getvalue(), frame.height, frame.columns)
        return FramePart(frame)

    def put_few_together(self, frame: pl.DataFrame) -> list[Whole]:
        """Return facts where they are now; in a file so few together that a page reads few of others."""
        if self.has_room(frame) or not frame.height:
            return [FramePart(frame)]
        return [self.put(some) for some in frame.iter_slices(CHUNK)]

    def put_packed(self, content: bytes, height: int, columns: Sequence[str]) -> FilePart:
        """Return facts that are packed already, in the file.

        Raises:
            OSError: They can't be written.
        """
        if self._file is None:
            assert self.folder is not None  # noqa: S101 - without one there is always room
            self._file = NamelessFile.within(self.folder)
        begin = self._file.append(content)
        return FilePart(self._file, begin, len(content), height, columns)
