"""Strays: rows that the accounts of more than one bucket see.

A call that names an account and somebody else's deal, a meeting that people of two companies attended,
an adviser from elsewhere on a deal. There are few of them; whoever reads a bucket reads them all, and
takes from them what is the bucket's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, evolve, field

from dealreview.store.schema import TABLES
from dealreview.store.slices import NAMED
from dealreview.store.snapshot.buckets import ASTRAY, BUCKET, looked_up
from dealreview.store.snapshot.files import File, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from dealreview.store.schema import Table
    from dealreview.store.snapshot.manifest import Kept


KEYS, ACTIVITIES, CONTACTS = "keys", "activities", "contacts"
"""What is noted: keys of rows that several buckets see and the deals that they name, ids of activities
that several buckets see, and ids of contacts that deals of other buckets name."""


def noted(
    table: Table, rows: pl.DataFrame, contacts: pl.DataFrame | None
) -> dict[str, pl.DataFrame]:
    """Return what is to be known of the strays among some rows, by kind.

    Args:
        table: Their table.
        rows: The rows, with ``#bucket`` and ``#astray``.
        contacts: ``contact_id`` and ``by_contact``, the bucket in which each contact lies.
    """
    found = {}
    if rows[ASTRAY].any() and table.owner != "activity":
        columns = [*table.key, *(["deal_id"] if "deal_id" in table.by_name else [])]
        found[KEYS] = rows.filter(ASTRAY).select(list(dict.fromkeys(columns)))
    if contacts is not None and contacts.height:
        if table.name == "activity_attendees":
            met = _elsewhere(rows, "attendee_id", contacts)
            found[ACTIVITIES] = met.select("activity_id")
        elif table.name in NAMED:
            column = NAMED[table.name]
            found[CONTACTS] = _elsewhere(rows, column, contacts).select(contact_id=column)
    return {kind: frame for kind, frame in found.items() if frame.height}


@define
class Strays:
    """What was noted of every table, by kind and table."""

    notes: dict[str, dict[str, list[pl.DataFrame]]] = field(factory=dict)

    def take(self, folder: Path, table: str, notes: Mapping[str, str]) -> None:
        """Take what was noted of some rows.

        Args:
            folder: Where the notes lie.
            table: Name of the rows' table.
            notes: Names of the files, by kind.
        """
        for kind, name in notes.items():
            frame = read_frame(folder / name)
            self.notes.setdefault(kind, {}).setdefault(table, []).append(frame)

    def written(self, folder: Path, mark: str, tables: Mapping[str, Kept]) -> dict[str, Kept]:
        """Write the strays of every table beside its parts, and return the tables with them."""
        rows = self._rows(folder, tables)
        return {
            name: evolve(
                kept, strays=_file(folder, f"{name}-strays-{mark}.parquet", rows.get(name))
            )
            for name, kept in tables.items()
        }

    def _rows(self, folder: Path, tables: Mapping[str, Kept]) -> dict[str, pl.DataFrame]:
        import polars as pl

        wanted = {name: pl.concat(some) for name, some in self.notes.get(KEYS, {}).items()}
        events = _ids("activity_id", [*self._cells(ACTIVITIES), *_cells(wanted, "activity_id")])
        wanted |= {n: events for n in tables if n == "activities" or TABLES[n].owner == "activity"}
        found = {name: _found(folder, tables, name, keys) for name, keys in wanted.items()}
        people = _ids("contact_id", [*self._cells(CONTACTS), *_cells(found, "attendee_id")])
        found["contacts"] = _found(folder, tables, "contacts", people)
        # A row is seen as of the day of its deal.
        deals = _ids("deal_id", _cells(found, "deal_id"))
        found["deals"] = _found(folder, tables, "deals", deals)
        return found

    def _cells(self, kind: str) -> list[pl.Series]:
        """Return what was noted of one kind, which has one column."""
        return [one.to_series() for some in self.notes.get(kind, {}).values() for one in some]


def _elsewhere(rows: pl.DataFrame, column: str, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that name a contact of another bucket."""
    return rows.filter(looked_up(rows[column], contacts) != rows[BUCKET])


def _cells(frames: Mapping[str, pl.DataFrame], column: str) -> list[pl.Series]:
    return [frame[column] for frame in frames.values() if column in frame.columns]


def _ids(name: str, cells: Sequence[pl.Series]) -> pl.DataFrame:
    import polars as pl

    none = pl.Series(name, [], dtype=pl.String)
    return pl.concat([none, *(some.alias(name) for some in cells)]).unique().to_frame()


def _found(folder: Path, tables: Mapping[str, Kept], name: str, keys: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a table with some keys, and the bucket of each."""
    import polars as pl

    kept, by = tables.get(name), [key for key in keys.columns if key in TABLES[name].key]
    if kept is None or not keys.height:
        return pl.DataFrame()
    some = [
        read_frame(folder / file.name)
        .join(keys, on=by, how="semi")
        .with_columns(pl.lit(number, dtype=pl.UInt32).alias(BUCKET))
        for number, part in enumerate(kept.parts)
        for file in part
    ]
    return pl.concat(some, how="diagonal") if some else pl.DataFrame()


def _file(folder: Path, name: str, rows: pl.DataFrame | None) -> File | None:
    return None if rows is None or not rows.height else write_frame(folder, name, rows)
