"""What a table is: its columns, its key, and how its rows belong to accounts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.model.errors import StoreError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES = ("text", "int", "real", "money", "bool", "date", "instant", "enum", "any", "bytes")

OWNERS = ("account", "deal", "activity", "")
SOURCES = {
    "C": "CRM",
    "Q": "quoting tool",
    "F": "finance or ERP",
    "T": "time tracking",
    "M": "mail and calendar",
    "S": "service desk",
    "H": "written by hand in the review",
    "X": "set-up of this tool",
}
"""What the letters of :attr:`Column.recorded_from` stand for."""


@frozen
class Column:
    """A column.

    Attributes:
        name: Its name.
        type: One of :data:`TYPES`. ``money`` is an integer in minor units, ``bool`` 0 or 1, ``date`` an
            ISO day, ``instant`` ISO UTC with seconds and ``Z``; ``any`` and ``bytes`` are internal.
        description: What the cell means, one phrase.
        values: The allowed values of an ``enum``.
        references: ``table.column`` that the cell points at; not enforced, a dangling id is a finding.
        recorded_from: Letters of :data:`SOURCES`: where a company usually has it.
        derived: What stands in when the cell is empty; empty means that nothing does.
        unit: ``days``, ``hours``, ``share``, ``currency`` (that of the row), ``deal currency``…
        low: Smallest allowed number.
        high: Largest allowed number.
    """

    name: str
    type: str = field()
    description: str
    values: tuple[str, ...] = ()
    references: str = ""
    recorded_from: str = ""
    derived: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None

    @type.validator  # noqa: A003 - the attribute above, not the builtin
    def _known(self, _attribute: Any, kind: str) -> None:
        if kind not in TYPES:
            raise ValueError(
                f"column '{self.name}': type is one of {', '.join(TYPES)}, not '{kind}'"
            )


@frozen(slots=False)
class Table:
    """A table.

    Rows must be written with ``INSERT … ON CONFLICT DO UPDATE``: a ``REPLACE`` would delete the children.

    Attributes:
        name: Its name.
        description: What one row is.
        key: The columns that identify a row.
        columns: All columns, the key first.
        dated_by: The column whose day says when the row became true; empty when nothing does.
        parents: Columns that must point at a row of another table, and go when it goes.
        owner: How a row belongs to an account: ``account`` by its account_id; ``deal`` by the account of
            its deal_id, where that is empty by its own account_id; ``activity`` like the activity of its
            activity_id; empty for small tables that every account shares.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    dated_by: str = ""
    parents: Mapping[str, str] = field(factory=dict)
    owner: str = ""

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.by_name)

    def column(self, name: str) -> Column:
        """Return a column.

        Raises:
            StoreError: The table has no such column.
        """
        if name not in self.by_name:
            near = did_you_mean(name, self.by_name).strip()
            raise StoreError(f"Table '{self.name}' has no column '{name}'.", mend=near)
        return self.by_name[name]


TRACE = (
    Column("source_row", "text", "Where the row was read: file:line", recorded_from="X"),
    Column(
        "gone_on",
        "date",
        "Day on which a complete export no longer had the record",
        recorded_from="X",
    ),
)
"""Columns that every data table ends with."""
