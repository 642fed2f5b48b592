"""A mapping: which file feeds which table, and how its texts become values."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attrs import field, frozen

from dealreview.ingest.values import FALSE_WORDS, NULLS, TRUE_WORDS, NumberFormat
from dealreview.store.schema import TABLES, Column, Table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping as MappingType

    from dealreview.ingest.readers import TextOptions

CUSTOM_TABLES = ("deals", "accounts", "people")
"""Tables that take ``x.<name>`` fields."""

EXTRA: MappingType[str, tuple[Column, ...]] = {
    "deals": (
        Column("pipeline", "text", "Name of the pipeline; part of the stage's id"),
        Column("is_closed", "bool", "Whether the stage is closed; for stages that are not mapped"),
        Column("is_won", "bool", "Whether it is won; for stages that are not mapped"),
        Column("source_total", "money", "The source's own total, kept as x.source_total"),
    ),
    "deal_changes": (Column("pipeline", "text", "Name of the pipeline of a stage change"),),
    "account_months": (Column("scenario", "text", "What the row is; budget rows are refused"),),
}
"""Fields that steer the import and are no columns."""

BARE_KEYS = frozenset({"fx_rates", "holidays", "feeds"})
"""Tables whose keys are facts of the world, shared by all sources."""

NAMED_REFERENCES: MappingType[tuple[str, str], tuple[str, MappingType[str, str]]] = {
    ("activity_attendees", "attendee_id"): ("side", {"buyer": "contacts", "us": "people"}),
    ("targets", "holder_id"): ("holder", {"person": "people", "team": "teams"}),
    ("loss_statements", "subject_id"): ("subject", {"deal": "deals", "account": "accounts"}),
}
"""Columns that point at a table which another column names."""


@frozen
class Filter:
    """Rows whose columns fit patterns: ``*`` stands for anything, an empty pattern for empty."""

    wanted: MappingType[str, tuple[str, ...]]

    def accepts(self, column: str, text: str) -> bool:
        """Whether a column's trimmed text fits one of its patterns."""
        return any(fnmatchcase(text, pattern) for pattern in self.wanted[column])


@frozen
class Lookup:
    """A value found in another file of the same import.

    Attributes:
        file: Name of the ``[[file]]`` block to look in.
        key: Its column that is compared.
        value: Its column that is taken.
        tolerant: Whether names that differ only in case, blanks and punctuation agree.
    """

    file: str
    key: str
    value: str
    tolerant: bool = False


@frozen
class FieldRule:
    """How one field is made from a row.

    Attributes:
        name: The field.
        columns: Source columns; several are joined with ``sep``.
        sep: What stands between joined columns.
        prefix: What goes before the text, to tell the ids of two files apart.
        constant: A text instead of columns.
        dates: ``strptime`` formats; empty for the mapping's.
        numbers: How numbers are written; None for the mapping's.
        unit: ``fraction``, ``percent`` or ``amount`` for shares.
        values: Translations of texts.
        nulls: Texts that mean empty here.
        true: Words for yes; empty for the mapping's.
        false: Words for no.
        multiply: Factors of an amount.
        minus: Amounts that are taken off.
        of: What an ``amount`` is a share of.
        one_minus: Whether 1 − value is meant.
        lookup: Where to look the text up.
        first_of: Separator of a list of which the first entry is meant; empty for no list.
        otherwise: What counts where this is empty, in this order.
        when: Rows that have the field; it is empty in others.
        when_not: Rows that don't have it.
        table: Table that an id points at, where the schema does not say.
        type: Type of an ``x.`` field.
        description: What an ``x.`` field means.
        place: Where the mapping says it, for messages.
    """

    name: str
    columns: tuple[str, ...] = ()
    sep: str = "/"
    prefix: str = ""
    constant: str | None = None
    dates: tuple[str, ...] = ()
    numbers: NumberFormat | None = None
    unit: str = ""
    values: MappingType[str, str] = field(factory=dict)
    nulls: frozenset[str] = frozenset()
    true: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()
    multiply: tuple[FieldRule, ...] = ()
    minus: tuple[FieldRule, ...] = ()
    of: FieldRule | None = None
    one_minus: bool = False
    lookup: Lookup | None = None
    first_of: str = ""
    otherwise: tuple[FieldRule, ...] = ()
    when: Filter | None = None
    when_not: Filter | None = None
    table: str = ""
    type: str = ""
    description: str = ""
    place: str = ""

    @property
    def is_custom(self) -> bool:
        """Whether the field is a custom one, ``x.<name>``."""
        return self.name.startswith("x.")

    def parts(self) -> tuple[FieldRule, ...]:
        """Return the rules that this one is made of."""
        of = (self.of,) if self.of else ()
        return (*self.multiply, *self.minus, *of, *self.otherwise)

    def used_columns(self) -> set[str]:
        """Return every source column that the rule reads."""
        used = set(self.columns)
        for part in self.parts():
            used |= part.used_columns()
        for filter_ in (self.when, self.when_not):
            used |= set(filter_.wanted) if filter_ else set()
        return used


@frozen
class Split:
    """A column that holds a list: each entry makes a record."""

    column: str
    separator: str


@frozen
class Target:
    """What a file feeds.

    Attributes:
        table: The table.
        fields: The rules by field.
        where: Rows that are meant.
        where_not: Rows that are not.
        complete: Whether the file holds every record, so that missing ones are gone.
        snapshots: Whether each row of a history repeats the value until it changes.
        currency: Currency of amounts whose row names none.
        currency_column: Source column with the currency of amounts.
        split: A column whose list makes a record of each entry.
        optional: Whether a row that names no such record is left out instead of rejected, and gives way
            to a block that has read the record.
    """

    table: Table
    fields: MappingType[str, FieldRule]
    where: Filter | None = None
    where_not: Filter | None = None
    complete: bool = False
    snapshots: bool = False
    currency: str = ""
    currency_column: str = ""
    split: Split | None = None
    optional: bool = False

    def used_columns(self) -> set[str]:
        """Return every source column that the target reads."""
        used = {self.currency_column, self.split.column if self.split else ""} - {""}
        for rule in self.fields.values():
            used |= rule.used_columns()
        for filter_ in (self.where, self.where_not):
            used |= set(filter_.wanted) if filter_ else set()
        return used


@frozen
class Block:
    """A ``[[file]]`` of a mapping.

    Attributes:
        name: Its name in lookups and feeds.
        match: Patterns of file names; a file fits one of them.
        table: Table or view of a SQLite file; empty for other files.
        sheet: Name or pattern of sheets of a workbook; empty for the first visible one with data.
        with_columns: Columns that a file must have to be meant.
        without_columns: Columns that it must not have.
        options: How the text or the sheet is written.
        targets: What it feeds; none for a file that is only looked into.
        place: Where the mapping says it.
    """

    name: str
    match: tuple[str, ...]
    table: str
    options: TextOptions
    targets: tuple[Target, ...]
    place: str
    sheet: str = ""
    with_columns: tuple[str, ...] = ()
    without_columns: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What it reads, for people."""
        where = self.table or " or ".join(self.match) + (f":{self.sheet}" if self.sheet else "")
        named = ", ".join(self.with_columns)
        return f"{where} with columns {named}" if named else where


@frozen
class StageRule:
    """What a mapping says of a stage."""

    name: str
    milestone: int | None = None
    kind: str | None = None
    position: int | None = None
    pipeline: str = ""
    stage_id: str = ""


@frozen(slots=False)
class Mapping:
    """How the files of one system become rows.

    Attributes:
        source: Name of the system: the first half of every id.
        blocks: What to read.
        stages: What stage names mean.
        feeds: Days that tables are recorded for, by table.
        exported_on: Day of the export; None for the day of the import.
        zone: Zone of times that name none.
        currency: Currency of amounts whose row names none.
        nulls: Texts that mean empty.
        numbers: How numbers are written.
        dates: How days are written.
        true: Words for yes.
        false: Words for no.
        skip_missing: Whether fields whose column a file lacks are left out, instead of an error.
        name: Name of the file or preset.
        text: The mapping as written, for the digest.
        own: Tables of packs by name.
    """

    source: str
    blocks: tuple[Block, ...]
    stages: tuple[StageRule, ...] = ()
    feeds: MappingType[str, tuple[dt.date | None, dt.date | None]] = field(factory=dict)
    exported_on: dt.date | None = None
    zone: ZoneInfo = field(factory=lambda: ZoneInfo("UTC"))
    currency: str = ""
    nulls: frozenset[str] = NULLS
    numbers: NumberFormat = field(factory=NumberFormat)
    dates: tuple[str, ...] = ("iso",)
    true: frozenset[str] = TRUE_WORDS
    false: frozenset[str] = FALSE_WORDS
    skip_missing: bool = False
    name: str = "mapping"
    text: str = ""
    own: MappingType[str, Table] = field(factory=dict)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Every table by name."""
        return {**TABLES, **self.own}

    @cached_property
    def blocks_by_name(self) -> dict[str, Block]:
        """The blocks by name."""
        return {block.name: block for block in self.blocks}

    def column_of(self, table: str, name: str) -> Column | None:
        """Return the column or steering field of a table, None for a custom one."""
        extras = {column.name: column for column in EXTRA.get(table, ())}
        return self.tables[table].by_name.get(name) or extras.get(name)
