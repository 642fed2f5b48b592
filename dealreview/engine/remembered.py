"""Local facts of the last review, kept beside the snapshot: only what changes touch is computed again.

They hold for the same date, configuration, packs, feeds and rates, byte for byte of their code; where
anything differs, everything is computed. What is lost or damaged costs time only.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.engine.buckets import Cut
from dealreview.engine.facts import LOCAL_KINDS, LocalPart, Sights, local_parts
from dealreview.engine.ingredients import code_of, plain
from dealreview.store.changes import revision as data_revision
from dealreview.store.slices import Slice
from dealreview.store.snapshot.changes import TooMuch
from dealreview.store.snapshot.files import FACTS, replaced, synced
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.store.snapshot.touched import Since, touched_since
from dealreview.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Setting
    from dealreview.engine.facts import View
    from dealreview.engine.registry import Registry
    from dealreview.model.outcome import Kind

FORMAT = 2
INDEX = f"{FACTS}.json"

Later = Callable[..., None]
"""Calls a function with what it is given, now or beside other work."""


def at_once(function: Callable[..., object], *given: Any) -> None:
    """Call a function now."""
    function(*given)


@contextmanager
def beside() -> Iterator[Later]:
    """Give what calls functions one by one on a thread of its own; wait for them at the end.

    Raises:
        Exception: What a function raised.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    begun: list[Future[object]] = []
    with ThreadPoolExecutor(1) as thread:
        yield lambda function, *given: begun.append(thread.submit(function, *given))
    for one in begun:
        one.result()


@frozen
class Remembering:
    """What local facts are remembered by, and where.

    Attributes:
        registry: Providers.
        views: Which facts, and how closed deals are seen.
        sights: The tables, of a snapshot.
        setting: What every provider shares.
        key: Digest of all that facts depend on but the rows.
        later: Calls a function with what it is given, now or beside other work.
    """

    registry: Registry
    views: Sequence[View]
    sights: Sights
    setting: Setting
    key: str
    later: Later = at_once

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
            if index["revision"] == data_revision(self.tables.connection):
                return kept
            parents = dict(self._read(index["parents"]).iter_rows())
            return self._brought_up(kept, Since(index["revision"], parents))
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

        path = self.tables.folder / given["name"]
        status = path.stat()
        if (status.st_size, status.st_mtime_ns) != (given["size"], given["modified"]):
            raise OSError(path.name)
        return pl.read_ipc(path)

    def _brought_up(self, kept: list[LocalPart], since: Since) -> list[LocalPart]:
        """Compute what changes after a revision touch, and put it in the place of what was known."""
        tables = self.tables
        touched = touched_since(tables.connection, tables.folder, tables.manifest, since)
        own = Sights.of(Slice(tables, touched.accounts, touched.deals), self.setting)
        accounts, deals = (_ids(ids) for ids in (touched.accounts, touched.deals))
        new = local_parts(self.registry, self.views, Cut(accounts, deals), own, self.setting)
        gone = dict(zip(LOCAL_KINDS, (accounts, deals), strict=True))
        found = [_exchanged(old, part, gone) for old, part in zip(kept, new, strict=True)]
        self.keep(found)
        return found

    def keep(self, parts: Sequence[LocalPart]) -> None:
        """Keep local facts of everybody; a disk that is full keeps none."""
        if any(part.broken for part in parts):
            return
        revision = data_revision(self.tables.connection)
        self.later(self._keep, [part.frames for part in parts], self._parents(), revision)

    def _keep(
        self, parts: Sequence[Mapping[Kind, pl.DataFrame]], parents: pl.DataFrame, revision: int
    ) -> None:
        folder, mark = self.tables.folder, secrets.token_hex(4)
        try:
            files = [
                {kind: _written(folder, f"{mark}-{n}-{kind}", frames[kind]) for kind in LOCAL_KINDS}
                for n, frames in enumerate(parts)
            ]
            above = _written(folder, f"{mark}-parents", parents)
            index = {
                "key": self.key,
                "base": self.base,
                "revision": revision,
                "parents": above,
                "files": files,
            }
            replaced(folder / INDEX, json.dumps(index))
            names = {file["name"] for one in files for file in one.values()} | {above["name"]}
        except OSError:
            names = set()
        for path in folder.glob(f"{FACTS}-*.arrow"):
            if path.name not in names and (names or mark in path.name):
                path.unlink(missing_ok=True)

    def _parents(self) -> pl.DataFrame:
        """Return the parent of each account that has one."""
        known = self.tables.frame("accounts", ["account_id", "parent_account_id"])
        return known.drop_nulls("parent_account_id")


def remembering(
    registry: Registry,
    config: Config,
    views: Sequence[View],
    sights: Sights,
    setting: Setting,
    later: Later = at_once,
) -> Remembering | None:
    """Return what can be remembered of a review; None where nothing is.

    Nothing is without a snapshot, nor with packs in processes of their own, tables of packs, code or
    parameters that can't be compared, or cells that can't be read, which every review counts anew.
    """
    tables = sights.frozen.tables
    if not isinstance(tables, SnapshotTables) or not tables.manifest.has_owned:
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
    return Remembering(registry, views, sights, setting, key, later)


def _written(folder: Path, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    import polars as pl

    path = folder / f"{FACTS}-{name}.arrow"
    try:
        frame.write_ipc(path, compression="lz4")
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error)) from error
    synced(path)
    status = path.stat()
    return {"name": path.name, "size": status.st_size, "modified": status.st_mtime_ns}


def _ids(ids: Iterable[str]) -> pl.Series:
    import polars as pl

    return pl.Series("id", sorted(ids), dtype=pl.String)


def _exchanged(old: LocalPart, new: LocalPart, gone: Mapping[Kind, pl.Series]) -> LocalPart:
    """Return old facts with new ones in the place of those of some subjects."""
    import polars as pl

    if new.broken:
        raise TooMuch("a fact can't be computed")
    frames = {}
    for kind, ids in gone.items():
        same = old.frames[kind].filter(~pl.col("id").is_in(ids.implode()))
        frames[kind] = same.merge_sorted(new.frames[kind].select(same.columns), "id")
    return evolve(old, frames=frames)
