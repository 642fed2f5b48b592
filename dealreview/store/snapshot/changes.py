"""Bringing a snapshot up to date: what the change log names is read again and laid beside the parts."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from dealreview.store.schema import TABLES
from dealreview.store.slices import NAMED, Lookup
from dealreview.store.snapshot.buckets import (
    BUCKET,
    NOBODY,
    Buckets,
    account_buckets,
    contact_buckets,
    deal_buckets,
)
from dealreview.store.snapshot.files import read_frame, read_frames, write_frame
from dealreview.store.snapshot.manifest import Changes
from dealreview.store.snapshot.reading import GONE, INSTEAD, KIND, NEW, PLACE, read_rows
from dealreview.store.snapshot.rows import LOST, OWNER, ROW, Unordered, no_rows, rows_of
from dealreview.store.snapshot.writing import count_filled, is_lost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.store.schema import Table
    from dealreview.store.snapshot.manifest import Kept, Manifest

MOST = 0.1
"""Share of changed rows from which on building anew is cheaper."""

ALWAYS = 5_000
"""So few changes are never too many."""

Key = tuple[str, ...]


_ACCOUNT, _DEAL = ("account_id", "parent_account_id"), ("deal_id", "account_id")
_CONTACT = ("contact_id", "account_id")


class TooMuch(Exception):  # noqa: N818 - a state of the data, not a fault
    """Changes that can't be followed, or for which it does not pay."""


@frozen
class Source:
    """What changes are read from.

    Attributes:
        connection: One read transaction.
        folder: Where the files of the snapshot are.
        manifest: The snapshot.
        mark: Part of the names of new files.
    """

    connection: sqlite3.Connection
    folder: Path
    manifest: Manifest
    mark: str


def changed_tables(
    connection: sqlite3.Connection, folder: Path, manifest: Manifest, mark: str, revision: int
) -> dict[str, Kept]:
    """Write the rows that have changed since the parts were, and return the tables with them.

    What was written the last time is taken over, unless rows lie in other buckets than then.

    Raises:
        TooMuch: Changes that can't be followed, or too many of them.
    """
    source, since = Source(connection, folder, manifest, mark), manifest.revision
    if connection.execute("PRAGMA encoding").fetchone() != ("UTF-8",):
        raise TooMuch("keys are not in the order of their characters")
    with following():
        check_log(connection, manifest, revision, manifest.base)
        if not _have_stayed(source):
            bare = {name: evolve(kept, changes=None) for name, kept in manifest.tables.items()}
            source, since = evolve(source, manifest=evolve(manifest, tables=bare)), manifest.base
        return _followed(source, logged(connection, manifest, since))


def _have_stayed(source: Source) -> bool:
    """Whether no account and deal has another bucket than its rows in the parts, or had the last time."""
    if source.manifest.buckets == 1:
        return True
    keys = logged(source.connection, source.manifest, source.manifest.base, ("accounts", "deals"))
    return not any(
        _differ(source, name, columns, keys) or _differed(source, name, columns)
        for name, columns in (("accounts", _ACCOUNT), ("deals", _DEAL))
    )


def _differed(source: Source, name: str, columns: tuple[str, str]) -> bool:
    """Whether a row that was written the last time had another id beside its key, was new or gone."""
    import polars as pl

    kept = source.manifest.tables[name]
    if kept.changes is None:
        return False
    changed = read_frame(source.folder / kept.changes.file.name, [*columns, KIND])
    parts = read_rows(source.folder, evolve(kept, changes=None), columns)
    same = changed.filter(pl.col(KIND) == INSTEAD).join(
        parts, on=columns, how="semi", nulls_equal=True
    )
    return same.height < changed.height


@contextmanager
def following() -> Iterator[None]:
    """Say of rows that can't be followed that they are too much.

    Raises:
        TooMuch: A key that has no place in the order of keys, or a text of another encoding.
    """
    try:
        yield
    except Unordered as error:
        raise TooMuch(f"a key of {error} can't be kept in order") from error
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        raise TooMuch("a text is not UTF-8") from error


def check_log(
    connection: sqlite3.Connection, manifest: Manifest, revision: int, since: int
) -> None:
    """Check that the change log names what has changed after a revision, and that it is not much.

    Raises:
        TooMuch: The log has gaps, or too much in it.
    """
    lines = check_whole(connection, since, revision)
    if lines > max(manifest.rows * MOST, ALWAYS):
        raise TooMuch("much has changed")


def check_whole(connection: sqlite3.Connection, after: int, until: int) -> int:
    """Return how many changes the log has after a revision, up to another one.

    Raises:
        TooMuch: Some were taken out.
    """
    count = "SELECT count(*) FROM change_log WHERE seq > ? AND seq <= ?"
    lines: int = connection.execute(count, (after, until)).fetchone()[0]
    if lines != until - after:
        raise TooMuch("the change log no longer has everything")
    return lines


def logged(
    connection: sqlite3.Connection, manifest: Manifest, since: int, tables: Sequence[str] = ()
) -> dict[str, set[Key]]:
    """Return the keys of the rows that the change log names after a revision.

    Args:
        connection: A read transaction.
        manifest: The snapshot.
        since: The revision.
        tables: Only rows of these; empty takes those of every table that is kept.

    Raises:
        TooMuch: A key that can't be told from others.
    """
    query = "SELECT DISTINCT row_key FROM change_log WHERE seq > ? AND table_name = ?"
    names = "SELECT DISTINCT table_name FROM change_log WHERE seq > ?"
    try:
        return {
            name: _keys(TABLES[name], [one for (one,) in connection.execute(query, (since, name))])
            for (name,) in connection.execute(names, (since,)).fetchall()
            if name in (tables or manifest.tables)
        }
    except sqlite3.OperationalError as error:
        raise TooMuch("a key is not UTF-8") from error


def _keys(table: Table, texts: Sequence[str]) -> set[Key]:
    keys = {tuple(text.split("\x1f")) for text in texts}
    if any(len(key) != len(table.key) for key in keys):
        raise TooMuch("a key has a character in it that stands between keys")
    return keys


def _followed(source: Source, keys: dict[str, set[Key]]) -> dict[str, Kept]:
    found = {}
    if source.manifest.buckets > 1:
        add_named(source, keys, _follow_moved(source, keys))
    for name, kept in source.manifest.tables.items():
        found[name] = _changed(source, kept, keys[name]) if keys.get(name) else kept
    return found


# --- rows that move with an account or a deal ----------------------------------------------------


def _follow_moved(source: Source, keys: dict[str, set[Key]]) -> list[str]:
    """Add the keys of rows that moved with others, and return the contacts that moved.

    Everybody is only looked at where a row names another account or parent.
    """
    if _differ(source, "accounts", _ACCOUNT, keys) or _differ(source, "deals", _DEAL, keys):
        old, new = buckets_before_and_now(source, keys)
        add_moved(source, keys, old, new)
        return moved_contacts(source, keys, old, new)
    _add_parts_of_activities(source, keys)
    return _differ(source, "contacts", _CONTACT, keys)


def _differ(
    source: Source, name: str, columns: tuple[str, str], keys: Mapping[str, set[Key]]
) -> list[str]:
    """Return the keys of changed rows that have another id beside them, are new or gone."""
    before, now = both(source, name, columns, keys, only_changed=True)
    same = before.join(now, on=columns, how="semi", nulls_equal=True)[columns[0]]
    return [key for (key,) in keys.get(name, set()) - {(one,) for one in same}]


def buckets_before_and_now(source: Source, keys: Mapping[str, set[Key]]) -> tuple[Buckets, Buckets]:
    """Return the buckets of accounts and deals as they were when the parts were written, and now."""
    count = source.manifest.buckets
    accounts = both(source, "accounts", _ACCOUNT, keys)
    deals = both(source, "deals", _DEAL, keys)
    found = []
    for account, deal in zip(accounts, deals, strict=True):
        by_account = account_buckets(account, count)
        found.append(Buckets(count, by_account, deal_buckets(deal, by_account, count)))
    return found[0], found[1]


def both(
    source: Source,
    name: str,
    columns: tuple[str, str],
    keys: Mapping[str, set[Key]],
    *,
    only_changed: bool = False,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return columns of a table as its parts have them, and as they are now.

    Args:
        source: What changes are read from.
        name: The table.
        columns: Its key and another column, both ids.
        keys: Keys of changed rows.
        only_changed: Leave out the rows that are as they were.

    Raises:
        TooMuch: The table is not kept.
    """
    import polars as pl

    if name not in source.manifest.tables:
        raise TooMuch(f"table {name} is not kept")
    changed = [key for (key,) in keys.get(name, ())]
    found = Lookup(source.connection).rows(name, columns, columns[0], changed)
    rows = [row for some in found for row in some]
    now = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    if only_changed and not changed:
        return now, now
    before = read_rows(source.folder, evolve(source.manifest.tables[name], changes=None), columns)
    is_changed = pl.col(columns[0]).is_in(pl.Series(changed, dtype=pl.String).implode())
    if only_changed:
        return before.filter(is_changed), now
    return before, pl.concat([before.filter(~is_changed), now])


def add_moved(source: Source, keys: dict[str, set[Key]], old: Buckets, new: Buckets) -> None:
    """Add the keys of rows that lie elsewhere now because their account or deal does."""
    accounts = _elsewhere(old.accounts, new.accounts)
    deals = _elsewhere(old.deals, new.deals)
    for name, kept in source.manifest.tables.items():
        table = TABLES[name]
        if not table.owner or table.owner == "activity" or not kept.rows:
            continue
        found = set()
        for column, ids in (("account_id", accounts), ("deal_id", deals)):
            if column in table.by_name and ids:
                found |= keys_with(source, table, column, ids)
        if found:
            keys.setdefault(name, set()).update(found)
    _add_parts_of_activities(source, keys)


def _add_parts_of_activities(source: Source, keys: dict[str, set[Key]]) -> None:
    """Add the keys of attendees and topics of changed activities."""
    events = {key[0] for key in keys.get("activities", ())}
    for name in source.manifest.tables:
        if events and TABLES[name].owner == "activity":
            keys.setdefault(name, set()).update(
                keys_with(source, TABLES[name], "activity_id", sorted(events))
            )


def add_named(source: Source, keys: dict[str, set[Key]], contacts: Sequence[str]) -> None:
    """Add the keys of rows that changed ones lead to: whoever sees one must see the others.

    Changed rows are given to every bucket. What names some contacts, whoever attended a changed
    meeting, and the deals as of whose day rows are seen, are given with them.
    """
    for name, column in (("activity_attendees", "attendee_id"), *NAMED.items()):
        if contacts and name in source.manifest.tables:
            found = keys_with(source, TABLES[name], column, contacts)
            keys.setdefault(name, set()).update(found)
    met = {
        key[0] for name in ("activity_attendees", "activity_topics") for key in keys.get(name, ())
    }
    keys.setdefault("activities", set()).update((event,) for event in met)
    _add_parts_of_activities(source, keys)
    people = {key[1] for key in keys.get("activity_attendees", ())}
    people |= _named_by(source, keys, NAMED)
    keys.setdefault("contacts", set()).update((one,) for one in people)
    deals = _named_by(source, keys, {n: "deal_id" for n in keys if "deal_id" in TABLES[n].by_name})
    keys.setdefault("deals", set()).update((one,) for one in deals)


def moved_contacts(
    source: Source, keys: Mapping[str, set[Key]], old: Buckets, new: Buckets
) -> list[str]:
    """Return the contacts whose account lies in another bucket now, or is another one."""
    if not keys.get("contacts"):
        return []
    before, now = (
        contact_buckets(frame, buckets)
        for frame, buckets in zip(both(source, "contacts", _CONTACT, keys), (old, new), strict=True)
    )
    return _elsewhere(before, now)


def _named_by(source: Source, keys: Mapping[str, set[Key]], columns: Mapping[str, str]) -> set[str]:
    """Return the ids that a column of changed rows names, by table."""
    found: set[str] = set()
    for name, column in columns.items():
        table = TABLES[name]
        if column in table.key:
            found |= {key[table.key.index(column)] for key in keys.get(name, ())}
        else:
            # Tables with a longer key have in it whatever they name.
            own = {key[0] for key in keys.get(name, ())}
            found |= Lookup(source.connection).ids(name, column, table.key[0], own)
    return found


def _elsewhere(old: pl.DataFrame, new: pl.DataFrame) -> list[str]:
    """Return the ids whose bucket differs, those that are there only once included."""
    import polars as pl

    key, bucket = old.columns
    both = old.join(new, on=key, how="full", coalesce=True, suffix="_now")
    return both.filter(pl.col(bucket).ne_missing(pl.col(f"{bucket}_now")))[key].to_list()


def keys_with(source: Source, table: Table, column: str, ids: Sequence[str]) -> set[Key]:
    """Return the keys of rows that name one of some ids; those that no longer do are in the log."""
    found = Lookup(source.connection).rows(table.name, table.key, column, ids)
    return {key for some in found for key in some}


# --- changed rows of one table -------------------------------------------------------------------


def _changed(source: Source, kept: Kept, keys: set[Key]) -> Kept:
    """Write the rows of a table that have changed, and return the table with them."""
    import polars as pl

    table, wanted = TABLES[kept.name], _typed_keys(TABLES[kept.name], keys)
    now = rows_of(source.connection, table, sorted(keys))
    known = _written_before(source, kept)
    before = _before(source, table, kept, wanted, known)
    bucket = _buckets(source, table, now).of(table, now)[BUCKET]
    now = now.select(pl.exclude(f"^{OWNER}.*$")).with_columns(bucket)
    same = now.join(before, on=table.key, how="inner", maintain_order="left")
    added = now.join(before, on=table.key, how="anti", maintain_order="left")
    gone = before.join(now, on=table.key, how="anti").sort(PLACE)
    added = added.with_columns(_places(source, table, kept, added).alias(PLACE))
    found = [(same, INSTEAD), (added, NEW), (gone, GONE)]
    rows = pl.concat(
        [
            known.join(wanted, on=table.key, how="anti"),
            *(frame.with_columns(pl.lit(kind, dtype=pl.Int8).alias(KIND)) for frame, kind in found),
        ],
        how="diagonal",
    ).sort(table.key)
    if not rows.height:
        return evolve(kept, changes=None)
    rows = rows.with_columns(pl.col(f"^{LOST}.*$").fill_null(value=False))
    return _laid_beside(source, table, kept, rows)


def _written_before(source: Source, kept: Kept) -> pl.DataFrame:
    """Return the changed rows that were written the last time."""
    import polars as pl

    if kept.changes is not None:
        return read_frame(source.folder / kept.changes.file.name)
    nothing = no_rows(TABLES[kept.name]).rename({ROW: PLACE})
    kind, bucket = pl.lit(NEW, dtype=pl.Int8), pl.lit(NOBODY, dtype=pl.UInt32)
    return nothing.with_columns(kind.alias(KIND), bucket.alias(BUCKET))


def _buckets(source: Source, table: Table, rows: pl.DataFrame) -> Buckets:
    """Return the buckets of the accounts and deals that some rows name."""
    import polars as pl

    look, count = Lookup(source.connection), source.manifest.buckets
    named: dict[str, set[str]] = {}
    for column in ("account_id", "deal_id"):
        cells = [rows[name] for name in (column, OWNER + column) if name in rows.columns]
        named[column] = {one for some in cells for one in some.unique() if one is not None}
    if count == 1 or not table.owner:
        named = {column: set() for column in named}
    deals = [row for some in look.rows("deals", _DEAL, "deal_id", named["deal_id"]) for row in some]
    accounts: dict[str, str | None] = {}
    new = named["account_id"] | {account for _, account in deals if account is not None}
    while new:
        found = [row for some in look.rows("accounts", _ACCOUNT, "account_id", new) for row in some]
        accounts |= dict(found)
        new = {parent for _, parent in found if parent is not None} - accounts.keys()
    known = [
        pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
        for rows, columns in ((list(accounts.items()), _ACCOUNT), (deals, _DEAL))
    ]
    by_account = account_buckets(known[0], count)
    return Buckets(count, by_account, deal_buckets(known[1], by_account, count))


def _laid_beside(source: Source, table: Table, kept: Kept, rows: pl.DataFrame) -> Kept:
    import polars as pl

    filled: Counter[str] = Counter()
    count_filled(rows.filter(pl.col(KIND) != GONE), filled)
    lost = {name.removeprefix(LOST) for name in rows.columns if is_lost(name)}
    file = write_frame(source.folder, f"{table.name}-changes-{source.mark}.parquet", rows)
    dead = rows.filter(pl.col(KIND) != NEW).height
    changes = Changes(file, dead, tuple(sorted(name for name, count in filled.items() if count)))
    return evolve(kept, changes=changes, unreadable=tuple(sorted({*kept.unreadable, *lost})))


def _before(
    source: Source, table: Table, kept: Kept, wanted: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """Return keys and places of the rows of the parts that have one of the keys.

    Args:
        source: What changes are read from.
        table: The table.
        kept: Its files.
        wanted: The keys.
        known: Changed rows of which it is known already.
    """
    import polars as pl

    here = known.join(wanted, on=table.key, how="semi")
    unknown = wanted.join(known, on=table.key, how="anti")
    frames = [here.filter(pl.col(KIND) != NEW).select(*table.key, PLACE)]
    if unknown.height:
        frames += [
            rows.join(unknown, on=table.key, how="semi").rename({ROW: PLACE})
            for rows in read_frames(_paths(source, kept), [*table.key, ROW])
        ]
    return pl.concat(frames)


def _paths(source: Source, kept: Kept) -> list[Path]:
    return [source.folder / part.name for part in kept.files]


def _typed_keys(table: Table, keys: set[Key]) -> pl.DataFrame:
    """Return keys as columns; one that is not of its type was never kept."""
    import polars as pl

    from dealreview.store.cells import typed

    columns = zip(*keys, strict=True)
    return pl.DataFrame(
        [
            typed(pl.Series(name, cells, dtype=pl.String), table.by_name[name].type)
            for name, cells in zip(table.key, columns, strict=True)
        ]
    )


def _places(source: Source, table: Table, kept: Kept, added: pl.DataFrame) -> pl.Series:
    """Return how many rows of the parts come before each new row."""
    import polars as pl

    place = pl.zeros(added.height, dtype=pl.Int64, eager=True)
    if added.height:
        for keys in read_frames(_paths(source, kept), table.key):
            if keys.height:
                place += _smaller(keys, added.select(*table.key))
    return place


def _smaller(keys: pl.DataFrame, wanted: pl.DataFrame) -> pl.Series:
    """Return how many of some sorted keys are smaller than each of others."""
    import polars as pl

    first, *rest = keys.columns
    below = keys[first].search_sorted(wanted[first], side="left").cast(pl.Int64)
    if not rest:
        return below
    near = wanted.with_row_index("#n").join(keys, on=first, how="inner", suffix="#")
    counts = near.filter(_less(rest)).group_by("#n").len("#more")
    more = wanted.with_row_index("#n").join(counts, on="#n", how="left", maintain_order="left")
    return below + more["#more"].fill_null(0).cast(pl.Int64)


def _less(names: list[str]) -> pl.Expr:
    """Return whether the key beside a wanted one is smaller in what comes after the first part."""
    import polars as pl

    first, *rest = names
    other, own = pl.col(f"{first}#"), pl.col(first)
    return (other < own) | ((other == own) & _less(rest)) if rest else other < own
