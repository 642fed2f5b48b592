"""Files with the local facts that a review leaves beside the snapshot, and the index that names them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from attrs import asdict, define, field

from dealreview.engine.factparts import FramePart, rows_at
from dealreview.engine.facts import LOCAL_KINDS
from dealreview.store.snapshot.files import (
    FACTS,
    File,
    described,
    is_intact,
    synced,
    without_panic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.engine.factparts import Aside, Part, Whole
    from dealreview.engine.ingredients import Key
    from dealreview.store.snapshot.manifest import Manifest

INDEX = f"{FACTS}.json"

FORMAT = 2
"""Of the index; one of another version is nobody's, and gone with the next review."""

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
        return rows_at(self._scan(), places)

    def _scan(self) -> pl.LazyFrame:
        import polars as pl

        path = unchanged(self.folder, self.given)
        return pl.scan_ipc(path, glob=False, hive_partitioning=False)


def base_of(manifest: Manifest) -> list[str]:
    """Return the names of a snapshot's parts: others mean that it was built anew, perhaps of less."""
    return [file.name for file in manifest.tables["deals"].files]


def is_of(index: Mapping[str, Any], key: Key, manifest: Manifest) -> bool:
    """Whether facts were left by a review with a key, over the parts of a snapshot.

    Those of a later state than the snapshot's are not: its mark does not prove that the data had that
    state. Code that only this process has loaded does no harm: what was computed without it still holds.
    """
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        return False
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


def part_of(folder: Path, given: Mapping[str, Any], aside: Aside) -> Part:
    """Return the facts of a file: in memory as long as there is room, else put aside.

    Raises:
        OSError, polars.exceptions.PolarsError: It is not as it was written.
    """
    if not aside.is_full:
        frame = read_whole(folder, given)
        if aside.has_room(frame):
            return FramePart(frame)
    content = unchanged(folder, given).read_bytes()
    # Read when it is too late for computing everything instead, from a file that nobody else writes to.
    if sha256(content).hexdigest() != given["digest"]:
        raise OSError(given["name"])
    return aside.put_packed(content, *_shape(content))


def _shape(content: bytes) -> tuple[int, list[str]]:
    """Return how many subjects packed facts are of, and the names of the columns."""
    import polars as pl

    with without_panic():
        scan = pl.scan_ipc(content)
        return scan.select(pl.len()).collect().item(), scan.collect_schema().names()


def damaged_facts(folder: Path) -> list[str]:
    """Return which remembered facts are not what was written, a sentence each.

    Whether they are what would be computed is not looked at.

    Args:
        folder: Where the files of the snapshot are.
    """
    try:
        text = (folder / INDEX).read_bytes()
        index = json.loads(text)
        if isinstance(index, dict) and "key" in index and index.get("format") != FORMAT:
            return []
        found = [
            f"{file.name} is not what was written."
            for file in _files_of(index)
            if not is_intact(folder, file, thorough=True)
        ]
        # A review that ends meanwhile puts others in their place.
        return damaged_facts(folder) if found and text != (folder / INDEX).read_bytes() else found
    except FileNotFoundError:
        return []
    except DAMAGE:
        return [f"{INDEX} can't be read."]


def _files_of(index: Mapping[str, Any]) -> list[File]:
    return [File(**one) for one in (index["parents"], *given_of(index["files"], index["changes"]))]


def given_of(*views: Sequence[Mapping[str, Sequence[Any]]]) -> list[Any]:
    """Return what an index says of each file with facts, of every view and kind."""
    return [one for some in views for view in some for kind in LOCAL_KINDS for one in view[kind]]


def write_facts(folder: Path, name: str, part: Whole) -> dict[str, Any]:
    """Write facts to a file, and return what the index says of it.

    Raises:
        OSError: It can't be written.
    """
    path = folder / f"{FACTS}-{name}.arrow"
    with path.open("wb") as stream:
        part.write(stream)
    synced(path)
    return asdict(described(path))
