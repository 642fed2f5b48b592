"""Tables that a pack brings: what is in them, and the migrations that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from dealreview.model.table import TRACE, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Migrations


def _traced(given: Iterable[Table]) -> tuple[Table, ...]:
    """Return tables that end with the columns which every table has."""
    return tuple(evolve(table, columns=(*table.columns, *TRACE)) for table in given)


@frozen
class OwnTables:
    """The tables of a pack, ``<pack>__<name>``.

    Attributes:
        migrations: A migration set of sqlite-utils with the name of the pack. Its functions may touch
            tables of the pack only, all of them are taken in one transaction, and one that was
            released never changes.
        tables: What the migrations make, column by column; ``source_row`` and ``gone_on`` are added.
    """

    migrations: Migrations
    tables: tuple[Table, ...] = field(converter=_traced)

    @property
    def pack(self) -> str:
        """The pack that they belong to."""
        return self.migrations.name

    @property
    def prefix(self) -> str:
        """What the names of the tables start with."""
        return prefix_of(self.pack)


def prefix_of(pack: str) -> str:
    """Return what the names of a pack's tables start with."""
    return f"{pack.replace('-', '_')}__"
