"""Writing a span: its rows go into a file for each bucket, and what is learnt on the way is told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.store.schema import TABLES
from dealreview.store.snapshot.buckets import BUCKET, Buckets, undivided
from dealreview.store.snapshot.files import File, put_down, read_frame, write_frame
from dealreview.store.snapshot.rows import LOST, OWNER, ROW
from dealreview.store.snapshot.strays import noted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from dealreview.store.snapshot.spans import Span


@frozen
class Place:
    """Where a snapshot is being built.

    Attributes:
        folder: Where its files go.
        mark: Part of their names.
    """

    folder: Path
    mark: str

    def passing(self, name: str) -> Path:
        """Return the path of a file that is taken away before the snapshot is there."""
        return self.folder / f"{name}-{self.mark}.passing"


@frozen
class Written:
    """A span that was written.

    Attributes:
        files: Its files by bucket; JSON has the numbers as texts.
        filled: How many rows have a value, readable or not, by column.
        unreadable: Columns with cells that are not of their type.
        notes: What :class:`~dealreview.store.snapshot.strays.Strays` are to know, and the files with it.
    """

    files: Mapping[int, File]
    filled: Mapping[str, int]
    unreadable: tuple[str, ...]
    notes: Mapping[str, str]


def write_span(place: Place, span: Span, frame: pl.DataFrame, buckets: Buckets | None) -> Written:
    """Write the rows of a span.

    Args:
        place: Where to.
        span: The span.
        frame: Its typed rows.
        buckets: In which buckets they lie; None where they belong to nobody.
    """
    import polars as pl

    table, name = TABLES[span.table], f"{span.table}-{span.number}"
    filled: Counter[str] = Counter()
    count_filled(frame, filled)
    unreadable = tuple(sorted(n.removeprefix(LOST) for n in frame.columns if is_lost(n)))
    places = undivided(frame.height) if buckets is None else buckets.of(table, frame)
    contacts = None if buckets is None else buckets.contacts
    notes = {}
    for kind, rows in noted(table, frame.with_columns(places), contacts).items():
        path = place.passing(f"{name}-{kind}")
        put_down(path, rows)
        notes[kind] = path.name
    frame = frame.select(pl.exclude(f"^{OWNER}.*$")).with_columns(
        pl.int_range(span.first, span.first + frame.height, dtype=pl.Int64).alias(ROW),
        places[BUCKET],
    )
    divided = frame.partition_by(BUCKET, as_dict=True, include_key=False)
    files = {
        bucket: write_frame(place.folder, f"{name}-{bucket}-{place.mark}.parquet", rows)
        for (bucket,), rows in divided.items()
    }
    return Written(files, dict(filled), unreadable, notes)


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


def write_buckets(place: Place, buckets: Buckets) -> None:
    """Put buckets down for whoever writes spans."""
    place.passing("count").write_text(str(buckets.count), encoding="ascii")
    for kind, frame in (
        ("accounts", buckets.accounts),
        ("deals", buckets.deals),
        ("contacts", buckets.contacts),
    ):
        if frame is not None:
            put_down(place.passing(f"buckets-{kind}"), frame)


def read_buckets(place: Place) -> Buckets:
    """Return the buckets that were put down."""

    def read(kind: str) -> pl.DataFrame:
        return read_frame(place.passing(f"buckets-{kind}"))

    count = int(place.passing("count").read_text(encoding="ascii"))
    return Buckets(count, read("accounts"), read("deals"), read("contacts"))
