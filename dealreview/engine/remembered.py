"""Local facts of the last review, kept beside the snapshot: only what changes touch is computed again.

They hold for the same date, configuration, packs, feeds and rates, byte for byte of their code; where
anything differs, everything is computed. What is lost or damaged costs time only.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any, cast

from attrs import asdict, evolve, frozen

from dealreview.engine.buckets import Bucket, Cut
from dealreview.engine.facts import LOCAL_KINDS, LocalPart, Sights, in_order, local_parts
from dealreview.engine.ingredients import code_of, plain
from dealreview.store.changes import revision as data_revision
from dealreview.store.snapshot.changes import TooMuch
from dealreview.store.snapshot.files import FACTS, File, described, replaced, synced
from dealreview.store.snapshot.reading import BucketTables, SnapshotTables
from dealreview.store.snapshot.touched import touched_since
from dealreview.store.tables import PartTables
from dealreview.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Setting
    from dealreview.engine.facts import View
    from dealreview.engine.registry import Registry
    from dealreview.engine.visible import VisibleTables
    from dealreview.store.snapshot.touched import Touched

FORMAT = 1
INDEX = f"{FACTS}.json"


@frozen
class Remembering:
    """What local facts are remembered by, and where.

    Attributes:
        registry: Providers.
        views: Which facts, and how closed deals are seen.
        sights: The tables, of a divided snapshot.
        setting: What every provider shares.
        key: Digest of all that facts depend on but the rows.
    """

    registry: Registry
    views: Sequence[View]
    sights: Sights
    setting: Setting
    key: str

    @property
    def tables(self) -> SnapshotTables:
        """The tables of everybody."""
        tables = self.sights.frozen.tables
        assert isinstance(tables, SnapshotTables)  # noqa: S101 - what it was made for
        return tables

    @property
    def base(self) -> list[str]:
        """Names of the snapshot's parts: others mean that it was built anew, perhaps of an older state."""
        return [file.name for file in self.tables.manifest.tables["deals"].parts]

    def facts(self) -> list[LocalPart] | None:
        """Return the local facts of everybody for each view; None where all must be computed."""
        import polars as pl

        try:
            index = self._index()
            if index is None:
                return None
            kept = [
                LocalPart({kind: self._read(files[kind.value]) for kind in LOCAL_KINDS}, {})
                for files in index["files"]
            ]
            return self._brought_up(kept, index["revision"])
        except (OSError, ValueError, LookupError, TypeError, TooMuch, pl.exceptions.PolarsError):
            return None

    def _index(self) -> dict[str, Any] | None:
        """Return what is remembered of the same review over the same snapshot.

        Raises:
            OSError, ValueError, LookupError: Nothing is, or it is damaged.
        """
        index: dict[str, Any] = json.loads((self.tables.folder / INDEX).read_bytes())
        is_ours = index["key"] == self.key and index["base"] == self.base
        return index if is_ours else None

    def _read(self, given: dict[str, Any]) -> pl.DataFrame:
        import polars as pl

        file = File(**given)
        path = self.tables.folder / file.name
        if path.stat().st_size != file.size or path.stat().st_mtime_ns != file.modified:
            raise OSError(file.name)
        return pl.read_ipc(path)

    def _brought_up(self, kept: list[LocalPart], since: int) -> list[LocalPart]:
        """Compute what changes after a revision touch, and put it in the place of what was known."""
        tables = self.tables
        if since == data_revision(tables.connection):
            return kept
        touched = touched_since(tables.connection, tables.folder, tables.manifest, since)
        rows = _TouchedTables(tables, touched)
        own = Sights.of(rows, self.setting)
        cut = Cut(touched.accounts, touched.deals)
        new = local_parts(self.registry, self.views, cut, own, self.setting)
        found = [_exchanged(old, part, touched) for old, part in zip(kept, new, strict=True)]
        self.keep(found)
        return found

    def keep(self, parts: Sequence[LocalPart]) -> None:
        """Keep local facts of everybody; a disk that is full keeps none."""
        if any(part.broken for part in parts):
            return
        folder, mark = self.tables.folder, secrets.token_hex(4)
        try:
            files = [_written_part(folder, f"{mark}-{n}", part) for n, part in enumerate(parts)]
            index = {
                "key": self.key,
                "base": self.base,
                "revision": data_revision(self.tables.connection),
                "files": files,
            }
            replaced(folder / INDEX, json.dumps(index))
            names = {file["name"] for one in files for file in one.values()}
        except OSError:
            names = set()
        for path in folder.glob(f"{FACTS}-*.arrow"):
            if path.name not in names and (names or mark in path.name):
                path.unlink(missing_ok=True)


def remembering(
    registry: Registry, config: Config, views: Sequence[View], sights: Sights, setting: Setting
) -> Remembering | None:
    """Return what can be remembered of a review; None where nothing is.

    Nothing is without a snapshot in several buckets, nor with packs in processes of their own, tables
    of packs, code or parameters that can't be compared, or cells that can't be read, which every review
    counts anew.
    """
    tables = sights.frozen.tables
    if not isinstance(tables, SnapshotTables) or not tables.manifest.is_divided:
        return None
    unreadable = any(kept.unreadable for kept in tables.manifest.tables.values())
    if config.isolated or registry.own or unreadable:
        return None
    try:
        code, given = code_of(registry), [plain(views), plain(setting)]
    except (OSError, TypeError):
        # A file that has just gone, or a parameter of a kind that can't be compared.
        return None
    if code is None:
        return None
    known = [FORMAT, __version__, tables.manifest.shape, code, *given]
    key = hashlib.sha256(json.dumps(known).encode()).hexdigest()
    return Remembering(registry, views, sights, setting, key)


def _written_part(folder: Path, mark: str, part: LocalPart) -> dict[str, dict[str, Any]]:
    return {
        kind.value: asdict(_written(folder, f"{FACTS}-{mark}-{kind}.arrow", part.frames[kind]))
        for kind in LOCAL_KINDS
    }


def _written(folder: Path, name: str, frame: pl.DataFrame) -> File:
    import polars as pl

    try:
        frame.write_ipc(folder / name, compression="lz4")
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error)) from error
    synced(folder / name)
    return described(folder / name)


def _exchanged(old: LocalPart, new: LocalPart, touched: Touched) -> LocalPart:
    import polars as pl

    if new.broken:
        raise TooMuch("a fact can't be computed")
    gone = dict(zip(LOCAL_KINDS, (touched.accounts, touched.deals), strict=True))
    frames = {}
    for kind, ids in gone.items():
        same = old.frames[kind].filter(~pl.col("id").is_in(ids.implode()))
        frames[kind] = in_order([same, new.frames[kind].select(same.columns)])
    return evolve(old, frames=frames)


class _TouchedTables(PartTables):
    """The rows that some accounts and deals see, looked for in one bucket after the other."""

    whole: SnapshotTables

    def __init__(self, whole: SnapshotTables, touched: Touched) -> None:
        super().__init__(whole)
        self.unreadable = whole.unreadable
        self.rows = [BucketTables(whole, n) for n in range(whole.manifest.buckets)]
        # As they are stored: what is seen of them on which day is looked at afterwards.
        self.parts = [
            Bucket(cast("VisibleTables", rows), touched.accounts, touched.deals)
            for rows in self.rows
        ]

    def frame(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Return columns of a table, rows in the order of the key."""
        import polars as pl

        source, wanted = self.schema(name), list(columns)
        if not source.owner:
            return self.whole.frame(name, wanted)
        known = self._read.setdefault(name, {})
        new = [column for column in dict.fromkeys([*source.key, *wanted]) if column not in known]
        if new:
            asked = list(dict.fromkeys([*source.key, *new]))
            rows = pl.concat(list(self._found(name, asked)))
            # Rows that several buckets see are among those of each of them.
            rows = rows.unique(source.key, maintain_order=True).sort(source.key)
            known.update({column: rows[column] for column in new})
        return pl.DataFrame([known[column] for column in wanted])

    def _found(self, name: str, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for rows, part in zip(self.rows, self.parts, strict=True):
            yield part.frame(name, columns)
            # Of a bucket no more is held than what was asked for.
            rows.let_go()
