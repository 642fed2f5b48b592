"""Local facts of the last review, kept beside the snapshot: only what changes touch is computed again.

They hold for the same date, configuration, packs, feeds and rates, and for the same files of code, those
included that providers import while they run; where anything differs, everything is computed. What is lost or
damaged costs time only.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.engine.buckets import Cut
from dealreview.engine.factfiles import (
    DAMAGE,
    FORMAT,
    INDEX,
    base_of,
    given_of,
    is_of,
    part_of,
    read_whole,
    write_facts,
)
from dealreview.engine.factparts import Aside, FramePart
from dealreview.engine.facts import LOCAL_KINDS, FactTables, Sights, at_hand_of, local_parts
from dealreview.engine.facttable import GONE, table_of
from dealreview.engine.ingredients import edited_code, is_as_it_was, key_of
from dealreview.store.changes import revision as data_revision
from dealreview.store.slices import Slice
from dealreview.store.snapshot.changes import TooMuch
from dealreview.store.snapshot.files import FACTS, replaced, without_panic
from dealreview.store.snapshot.locks import WRITERS, locked
from dealreview.store.snapshot.reading import SnapshotTables
from dealreview.store.snapshot.touched import Since, touched_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from dealreview.engine.config import Config
    from dealreview.engine.factparts import Part, Whole
    from dealreview.engine.factplan import Setting
    from dealreview.engine.facts import LocalPart, View
    from dealreview.engine.ingredients import Key
    from dealreview.engine.registry import Registry
    from dealreview.model.outcome import Kind

MOST_BESIDE = 0.1
"""Share of subjects with changed facts up to which these lie beside the others, in files of their own."""

Frames = Mapping["Kind", "pl.DataFrame"]
Parts = Mapping["Kind", "list[Part]"]
Pieces = Mapping["Kind", "Iterable[Whole]"]
Later = Callable[..., None]
"""Calls a function with what it is given, now or beside other work."""


def at_once(function: Callable[..., object], *given: Any) -> None:
    """Call a function now."""
    function(*given)


@contextmanager
def beside(tell: Callable[[str], None]) -> Iterator[Later]:
    """Give what calls functions one by one on a thread of its own; wait for them at the end.

    Args:
        tell: Told in a sentence what one of them raised, which does no harm to what was asked for.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    begun: list[Future[object]] = []
    with ThreadPoolExecutor(1) as thread:
        yield lambda function, *given: begun.append(thread.submit(function, *given))
    for error in filter(None, (one.exception() for one in begun)):
        why = f"{type(error).__name__}: {error}"
        tell(f"The next review computes all facts anew, since keeping them failed: {why}.")


@frozen
class Remembering:
    """What local facts are remembered by, and where.

    Attributes:
        registry: Providers.
        views: Which facts, and how closed deals are seen.
        sights: The tables, of a snapshot.
        setting: What every provider shares.
        key: All that facts depend on but the rows.
        later: Calls a function with what it is given, now or beside other work.
    """

    registry: Registry
    views: Sequence[View]
    sights: Sights
    setting: Setting
    key: Key
    later: Later = at_once

    @property
    def tables(self) -> SnapshotTables:
        """The tables of everybody."""
        tables = self.sights.frozen.tables
        assert isinstance(tables, SnapshotTables)  # noqa: S101 - what it was made for
        return tables

    def facts(self) -> list[FactTables] | None:
        """Return the local facts of everybody for each view; None where all must be computed."""
        import polars as pl

        try:
            with without_panic():
                return self._known()
        except (*DAMAGE, TooMuch, pl.exceptions.PolarsError):
            return None

    def _known(self) -> list[FactTables] | None:
        index = self._index()
        if index is None:
            return None
        changed = [
            {kind: self._read(files[kind.value][0]) for kind in LOCAL_KINDS}
            for files in index["changes"]
        ]
        aside = Aside(self.tables.folder)
        kept = self._kept(index["files"], aside)
        if index["revision"] == data_revision(self.tables.connection):
            return self._tables(kept, changed)
        parents = dict(self._read(index["parents"]).iter_rows())
        since = Since(index["revision"], parents)
        return self._brought_up(index, kept, changed, since)

    def _index(self) -> dict[str, Any] | None:
        """Return what is remembered of the same review over the same snapshot.

        Raises:
            OSError, ValueError, LookupError: Nothing is, or it is damaged.
        """
        index: dict[str, Any] = json.loads((self.tables.folder / INDEX).read_bytes())
        return index if self._is_ours(index) and is_as_it_was(index["code"]) else None

    def _is_ours(self, index: Mapping[str, Any]) -> bool:
        is_alike = is_of(index, self.key, self.tables.manifest)
        return is_alike and bool(index["loaded"] == self.key.loaded)

    def _read(self, given: Mapping[str, Any]) -> pl.DataFrame:
        return read_whole(self.tables.folder, given)

    def _kept(self, files: Sequence[Mapping[str, Any]], aside: Aside) -> list[Parts]:
        """Return the facts in the files that the index names, by view."""
        folder = self.tables.folder
        return [
            {
                kind: [part_of(folder, one, aside) for one in view[kind.value]]
                for kind in LOCAL_KINDS
            }
            for view in files
        ]

    def _tables(self, kept: Sequence[Parts], changed: Sequence[Frames]) -> list[FactTables]:
        """Return the facts of everybody, the changed ones in the place of what they were."""
        found = []
        for number, (view, parts) in enumerate(zip(self.views, kept, strict=True)):
            at_hand = at_hand_of(self.registry, view)
            others = changed[number] if changed else {}
            tables = {
                kind: table_of(parts[kind], at_hand[kind], others.get(kind)) for kind in LOCAL_KINDS
            }
            found.append(FactTables(tables, {}))
        return found

    def _brought_up(
        self,
        index: Mapping[str, Any],
        kept: Sequence[Parts],
        changed: Sequence[Frames],
        since: Since,
    ) -> list[FactTables]:
        """Compute what changes after a revision touch, and put it in the place of what was known."""
        tables = self.tables
        touched = touched_since(tables.connection, tables.folder, tables.manifest, since)
        own = Sights.of(Slice(tables, touched.accounts, touched.deals), self.setting)
        accounts, deals = (_ids(ids) for ids in (touched.accounts, touched.deals))
        new = local_parts(self.registry, self.views, Cut(accounts, deals), own, self.setting)
        gone = dict(zip(LOCAL_KINDS, (accounts, deals), strict=True))
        known = changed or [_no_changes(part) for part in new]
        beside = [_beside(old, part, gone) for old, part in zip(known, new, strict=True)]
        are_many = any(_are_many(one, old) for one, old in zip(beside, kept, strict=True))
        found = self._tables(kept, beside)
        if are_many:
            self._write(_pieces(found), (), index["code"])
        else:
            some = [{kind: [FramePart(one[kind])] for kind in LOCAL_KINDS} for one in beside]
            self._write(some, index["files"], index["code"])
        return found

    def keep(self, found: Sequence[FactTables]) -> None:
        """Keep local facts of everybody; a disk that is full or loses files keeps none."""
        if not self.tables.is_lost and not any(one.broken for one in found):
            with suppress(OSError):
                self._write(_pieces(found), (), ())

    def _write(
        self, parts: Sequence[Pieces], under: Sequence[Any], code: Sequence[Sequence[Any]]
    ) -> None:
        """Write local facts of everybody, or changed ones beside files that stay, now or later.

        Args:
            parts: The facts.
            under: Files that stay.
            code: Files of code that facts among them were computed with, perhaps by another process.

        Raises:
            OSError: A file of code has just gone.
        """
        stated = {path: [path, *rest] for path, *rest in (*code, *edited_code())}
        index = {
            "format": FORMAT,
            "key": self.key.digest,
            "loaded": self.key.loaded,
            "base": base_of(self.tables.manifest),
            "code": list(stated.values()),
            "revision": data_revision(self.tables.connection),
            "files": under,
        }
        self.later(self._put_down, index, parts, self._parents())

    def _put_down(
        self, index: Mapping[str, Any], parts: Sequence[Pieces], parents: pl.DataFrame
    ) -> None:
        """Write them, unless another review is at it, or has left what is newer."""
        with suppress(sqlite3.OperationalError), locked(self.tables.folder / WRITERS) as is_alone:
            if is_alone and not self._is_overtaken(index):
                self._replace(index, parts, parents)

    def _is_overtaken(self, index: Mapping[str, Any]) -> bool:
        """Whether another review has taken away the files that stay, or has left facts of a later state."""
        folder = self.tables.folder
        if not all((folder / file["name"]).exists() for file in given_of(index["files"])):
            return True
        try:
            there = json.loads((folder / INDEX).read_bytes())
            return self._is_ours(there) and bool(there["revision"] > index["revision"])
        except DAMAGE:
            return False

    def _replace(
        self, index: Mapping[str, Any], parts: Sequence[Pieces], parents: pl.DataFrame
    ) -> None:
        folder, mark, under = self.tables.folder, os.urandom(4).hex(), index["files"]
        try:
            files = [
                {
                    kind.value: [
                        write_facts(folder, f"{mark}-{view}-{number}-{kind}", one)
                        for number, one in enumerate(pieces[kind])
                    ]
                    for kind in LOCAL_KINDS
                }
                for view, pieces in enumerate(parts)
            ]
            above = write_facts(folder, f"{mark}-parents", FramePart(parents))
            more = {"files": under or files, "changes": files if under else [], "parents": above}
            replaced(folder / INDEX, json.dumps({**index, **more}))
            names = {file["name"] for file in (above, *given_of(under, files))}
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
    if not isinstance(tables, SnapshotTables):
        return None
    key = key_of(registry, config, views, setting, tables.manifest)
    return Remembering(registry, views, sights, setting, key, later) if key else None


def _ids(ids: Iterable[str]) -> pl.Series:
    import polars as pl

    return pl.Series("id", sorted(ids), dtype=pl.String)


def _beside(old: Frames, new: LocalPart, gone: Mapping[Kind, pl.Series]) -> Frames:
    """Return changed facts with new ones in the place of those of some subjects, in order of id."""
    import polars as pl

    if new.broken:
        raise TooMuch("a fact can't be computed")
    found = {}
    for kind, ids in gone.items():
        here = new.frames[kind].with_columns(pl.lit(value=False).alias(GONE))
        lost = ids.filter(~ids.is_in(here["id"].implode())).to_frame()
        lost = lost.with_columns(pl.lit(value=True).alias(GONE))
        others = old[kind].filter(~pl.col("id").is_in(ids.implode()))
        found[kind] = pl.concat([others, here, lost], how="diagonal").sort("id")
    return found


def _no_changes(like: LocalPart) -> Frames:
    import polars as pl

    gone = pl.lit(value=False).alias(GONE)
    return {kind: like.frames[kind].clear().with_columns(gone) for kind in LOCAL_KINDS}


def _are_many(changed: Frames, kept: Parts) -> bool:
    return any(
        changed[kind].height > MOST_BESIDE * sum(part.height for part in kept[kind])
        for kind in LOCAL_KINDS
    )


def _pieces(found: Sequence[FactTables]) -> list[Pieces]:
    return [{kind: one.tables[kind].pieces() for kind in LOCAL_KINDS} for one in found]
