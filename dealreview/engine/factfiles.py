"""Files with the local facts that a review leaves beside the snapshot, and the index that names them."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from attrs import asdict, define, field

from dealreview.engine.facts import LOCAL_KINDS
from dealreview.store.snapshot.files import (
    FACTS,
    File,
    described,
    is_intact,
    synced,
    without_panic,
    writable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.engine.ingredients import Key
    from dealreview.store.snapshot.manifest import Manifest

INDEX = f"{FACTS}.json"

GONE = "#gone"
"""Whether a subject that is named among changed facts is there no more."""

ROWS_AT_ONCE = 1024
"""Rows of a file that are packed together: a few of them can be read without the others."""

DAMAGE = (OSError, ValueError, LookupError, TypeError)
"""What is raised where something else stands in a file than was written."""


@define
class FactsFile:
    """A file of which the rows of a few subjects are read, and no others.

    Attributes:
        folder: Where it lies.
        given: What the index says of it.
    """

    folder: Path
    given: Mapping[str, Any]
    _ids: pl.Series | None = field(default=None, init=False)

    def places(self, ids: Sequence[str]) -> list[int]:
        """Return the numbers of the rows of some subjects, as far as they are there, rising.

        Raises:
            OSError, polars.exceptions.PolarsError: The file is not as it was written.
        """
        import polars as pl

        if self._ids is None:
            self._ids = self._scan().select("id").collect()["id"]
        known, wanted = self._ids, pl.Series("id", sorted(ids), dtype=pl.String)
        places = known.search_sorted(wanted).cast(pl.Int64)
        is_there = places < known.len()
        places, wanted = places.filter(is_there), wanted.filter(is_there)
        return places.filter(known[places] == wanted).to_list()

    def rows(self, places: Sequence[int]) -> pl.DataFrame:
        """Return rows by their rising numbers.

        Raises:
            OSError, polars.exceptions.PolarsError: The file is not as it was written.
        """
        import polars as pl

        scan, some = self._scan(), packs(places)
        pieces = pl.collect_all([scan.slice(one[0], one[-1] - one[0] + 1) for one in some])
        found = [
            piece[[place - one[0] for place in one]]
            for piece, one in zip(pieces, some, strict=True)
        ]
        return pl.concat(found) if found else scan.head(0).collect()

    def _scan(self) -> pl.LazyFrame:
        import polars as pl

        path = unchanged(self.folder, self.given)
        return pl.scan_ipc(path, glob=False, hive_partitioning=False)


def packs(places: Sequence[int]) -> list[list[int]]:
    """Return rising numbers of rows, apart where they are packed apart."""
    return [list(some) for _, some in groupby(places, lambda place: place // ROWS_AT_ONCE)]


def base_of(manifest: Manifest) -> list[str]:
    """Return the names of a snapshot's parts: others mean that it was built anew, perhaps of less."""
    return [file.name for file in manifest.tables["deals"].files]


def is_of(index: Mapping[str, Any], key: Key, manifest: Manifest) -> bool:
    """Whether facts were left by a review with a key, over the parts of a snapshot.

    Those of a later state than the snapshot's are not: its mark does not prove that the data had that
    state. Code that only this process has loaded does no harm: what was computed without it still holds.
    """
    is_loaded = all(one in key.loaded for one in index["loaded"])
    is_alike = index["key"] == key.digest and index["base"] == base_of(manifest)
    return bool(is_loaded and is_alike and index["revision"] <= manifest.revision)


def unchanged(folder: Path, given: Mapping[str, Any]) -> Path:
    """Return the path of a file that is as it was written, as far as size and time tell.

    Raises:
        OSError: It is not, or is gone.
    """
    path: Path = folder / given["name"]
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) != (given["size"], given["modified"]):
        raise OSError(path.name)
    return path


def read_whole(folder: Path, given: Mapping[str, Any]) -> pl.DataFrame:
    """Return all rows of a file.

    Raises:
        OSError, polars.exceptions.PolarsError: It is not as it was written.
    """
    import polars as pl

    # In one piece: of many, each column would be put together again whenever rows are taken out.
    with unchanged(folder, given).open("rb") as stream:
        return pl.read_ipc(stream).rechunk()


def damaged_facts(folder: Path) -> list[str]:
    """Return which remembered facts are not what was written, a sentence each.

    Whether they are what would be computed is not looked at.

    Args:
        folder: Where the files of the snapshot are.
    """
    try:
        text = (folder / INDEX).read_bytes()
        found = [
            f"{file.name} is not what was written."
            for file in _files_of(json.loads(text))
            if not is_intact(folder, file, thorough=True)
        ]
        # A review that ends meanwhile puts others in their place.
        return damaged_facts(folder) if found and text != (folder / INDEX).read_bytes() else found
    except FileNotFoundError:
        return []
    except DAMAGE:
        return [f"{INDEX} can't be read."]


def _files_of(index: Mapping[str, Any]) -> list[File]:
    parts = [*index["files"], *index["changes"]]
    given = [index["parents"], *(part[kind.value] for part in parts for kind in LOCAL_KINDS)]
    return [File(**one) for one in given]


def write_facts(folder: Path, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    """Write facts to a file, and return what the index says of it.

    Raises:
        OSError: It can't be written.
    """
    import polars as pl

    path = folder / f"{FACTS}-{name}.arrow"
    try:
        with writable(path) as target, without_panic():
            frame.write_ipc(target, compression="lz4", record_batch_size=ROWS_AT_ONCE)
    except (pl.exceptions.PolarsError, MemoryError) as error:
        raise OSError(str(error)) from error
    synced(path)
    return asdict(described(path))


def merged(old: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """Return rows in order of id, the changed ones in the place of what they were."""
    import polars as pl

    here = changed.filter(~pl.col(GONE)).select(old.columns)
    stays = ~old["id"].is_in(changed["id"].implode())
    same = pl.int_range(old.height, eager=True).filter(stays)
    new = pl.int_range(old.height, old.height + here.height, eager=True)
    # A row that stays has an odd rank, a changed one the even rank before that of its place.
    places = old["id"].search_sorted(here["id"], side="left").cast(pl.Int64)
    order = pl.concat([same * 2 + 1, places * 2]).arg_sort()
    return pl.concat([old, here], rechunk=True)[pl.concat([same, new])[order]]
