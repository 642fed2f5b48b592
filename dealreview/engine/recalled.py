"""Local facts that the last review has left, read for one family at a time.

They are a family's as long as nothing is another that they depend on: what the key has in it, which parts the
snapshot has, and the rows that the family sees. Where any of that is in doubt nothing is recalled.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from dealreview.engine.factfiles import (
    DAMAGE,
    INDEX,
    FactsFile,
    is_of,
    read_whole,
)
from dealreview.engine.factparts import packs
from dealreview.engine.facts import LOCAL_KINDS
from dealreview.engine.facttable import together
from dealreview.engine.ingredients import code_of, is_as_it_was, key_of
from dealreview.model.outcome import Kind
from dealreview.store.changes import revision as data_revision
from dealreview.store.slices import Lookup
from dealreview.store.snapshot.changes import TooMuch
from dealreview.store.snapshot.files import MANIFEST, folder_of, without_panic
from dealreview.store.snapshot.keeping import state_of
from dealreview.store.snapshot.touched import Since, touched_since

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.engine.config import Config
    from dealreview.engine.factplan import Setting
    from dealreview.engine.facts import View
    from dealreview.engine.ingredients import Loaded
    from dealreview.engine.registry import Registry
    from dealreview.store.database import Database
    from dealreview.store.family import Family
    from dealreview.store.snapshot.manifest import Manifest

MOST_PACKS = 40
"""Packs of rows, a thousand each, up to which reading them is cheaper than computing the facts."""

Facts = dict[tuple[bool, Kind], "pl.DataFrame"]
"""Facts of a family by whether closed deals are frozen, and by kind; rows in order of id."""


@frozen
class Left:
    """What a review has left of one way to look at deals.

    Attributes:
        files: Facts of everybody, some in each file.
        changes: Facts that have changed since those were written; empty where none have.
    """

    files: Mapping[Kind, Sequence[FactsFile]]
    changes: Mapping[Kind, Sequence[FactsFile]]

    def of(self, kind: Kind, ids: Sequence[str]) -> pl.DataFrame | None:
        """Return the facts of some subjects, as far as they are there; None if they lie too far apart."""
        places = [file.places(ids) for file in self.files[kind]]
        if sum(len(packs(some)) for some in places) > MOST_PACKS:
            return None
        found = _rows(self.files[kind], places)
        for file in self.changes.get(kind, ()):
            found = together([found], file.rows(file.places(ids)))
        return found


@define
class Followed:
    """What a review has left, and whom changes since then touch.

    Attributes:
        folder: Where it lies.
        manifest: The snapshot beside which it lies.
        left: What it has left, by whether closed deals are frozen.
        parents: The parents of accounts at the revision.
        revision: The revision up to which changes were followed.
        accounts: Accounts that they touch.
        deals: Deals that they touch.
    """

    folder: Path
    manifest: Manifest
    left: Mapping[bool, Left]
    parents: dict[str, str]
    revision: int
    accounts: set[str] = field(factory=set)
    deals: set[str] = field(factory=set)

    def follow(self, connection: sqlite3.Connection) -> None:
        """Take note of whom changes touch that were made since they were followed last.

        Raises:
            TooMuch: They touch everybody, or can't be followed.
        """
        now = data_revision(connection)
        if now == self.revision:
            return
        since = Since(self.revision, self.parents)
        touched = touched_since(connection, self.folder, self.manifest, since)
        self.accounts |= touched.accounts
        self.deals |= touched.deals
        for account in touched.accounts:
            self.parents.pop(account, None)
        columns = ("account_id", "parent_account_id")
        for rows in Lookup(connection).rows("accounts", columns, "account_id", touched.accounts):
            self.parents.update((own, parent) for own, parent in rows if parent is not None)
        self.revision = now

    def of(self, family: Family) -> Facts:
        """Return the facts of a family, nothing where changes touch it or it lies too far apart."""
        if not (self.accounts.isdisjoint(family.accounts) and self.deals.isdisjoint(family.deals)):
            return {}
        found: Facts = {}
        for is_frozen, left in self.left.items():
            for kind, ids in ((Kind.ACCOUNT, family.accounts), (Kind.DEAL, family.deals)):
                some = left.of(kind, ids)
                if some is None:
                    return {}
                found[is_frozen, kind] = some
        return found


@frozen
class Place:
    """Where reviews leave local facts, and with which code these must have been computed.

    Attributes:
        folder: Where the snapshot is.
        code: The code that was loaded.
    """

    folder: Path
    code: Loaded


def place_of(database: Database, registry: Registry) -> Place | None:
    """Return where reviews leave local facts; None where the code that is loaded can't be told."""
    try:
        code = code_of(registry)
    except OSError:
        return None
    return None if code is None else Place(folder_of(database.path), code)


@define
class Recalled:
    """What the last review has left, where it asked for the same.

    Attributes:
        place: Where.
        registry: Providers.
        config: The configuration.
        views: Which facts a review needs, and how closed deals are seen.
        setting: What every provider shares.
    """

    place: Place
    registry: Registry
    config: Config
    views: Sequence[View]
    setting: Setting
    _stamp: object = field(default=None, init=False)
    _followed: Followed | None = field(default=None, init=False)

    def of(self, connection: sqlite3.Connection, family: Family) -> Facts:
        """Return the facts of a family as its rows are now; nothing where they must be computed.

        Args:
            connection: A read transaction.
            family: The family.
        """
        import polars as pl

        try:
            with without_panic():
                followed = self._opened(connection)
                if followed is None:
                    return {}
                followed.follow(connection)
                return followed.of(family)
        except (*DAMAGE, TooMuch, sqlite3.Error, pl.exceptions.PolarsError):
            # None are, until others are left.
            self._followed = None
            return {}

    def _opened(self, connection: sqlite3.Connection) -> Followed | None:
        """Return what is left, looked for again where anybody has left something.

        Raises:
            OSError, ValueError, LookupError, TypeError, polars.exceptions.PolarsError: It is damaged.
        """
        status = [(self.place.folder / name).stat() for name in (INDEX, MANIFEST)]
        stamp = [(one.st_ino, one.st_size, one.st_mtime_ns) for one in status]
        if stamp != self._stamp:
            self._stamp, self._followed = stamp, None
            self._followed = self._looked_for(connection)
        return self._followed

    def _looked_for(self, connection: sqlite3.Connection) -> Followed | None:
        folder, code = self.place.folder, self.place.code
        state = state_of(folder, connection)
        manifest = state.manifest
        if manifest is None:
            # A review may have ended since this transaction began; the next one sees what it has left.
            self._stamp = None
            return None
        key = key_of(self.registry, self.config, self.views, self.setting, manifest, code)
        index = json.loads((folder / INDEX).read_bytes())
        if key is None or not is_of(index, key, manifest) or not is_as_it_was(index["code"]):
            return None
        files = [_files(folder, one) for one in index["files"]]
        changes = [_files(folder, one) for one in index["changes"]] or [{} for _ in files]
        left = {
            view.frozen_closed: Left(kept, changed)
            for view, kept, changed in zip(self.views, files, changes, strict=True)
        }
        parents = dict(read_whole(folder, index["parents"]).iter_rows())
        return Followed(folder, manifest, left, parents, index["revision"])


def _files(folder: Path, given: Mapping[str, Any]) -> dict[Kind, list[FactsFile]]:
    return {kind: [FactsFile(folder, one) for one in given[kind.value]] for kind in LOCAL_KINDS}


def _rows(files: Sequence[FactsFile], places: Sequence[Sequence[int]]) -> pl.DataFrame:
    """Return rows of files in order of id; a family's are mostly in one of them."""
    import polars as pl

    found = [file.rows(some) for file, some in zip(files, places, strict=True) if some]
    if len(found) == 1:
        return found[0]
    return pl.concat(found) if found else files[0].rows([])
