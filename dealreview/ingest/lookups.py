"""Values that stand in another file of the same import, found by name or id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, field

from dealreview.ingest.readers import Row, Source
from dealreview.ingest.values import Parsed, as_text, bad, odd, squeezed
from dealreview.model.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from dealreview.ingest.mapping import Lookup


@define
class Index:
    """The keys of a file with the value that each leads to.

    Attributes:
        name: What is looked into, for messages.
        tolerant: Whether keys that differ only in case, blanks and punctuation agree.
        exact: The values by key; None where one key leads to two values.
        near: The keys by their letters and digits.
    """

    name: str
    tolerant: bool
    exact: dict[str, str | None] = field(factory=dict)
    near: dict[str, set[str]] = field(factory=dict)

    def add(self, key: str, value: str) -> None:
        """Take a row in."""
        known = self.exact.setdefault(key, value)
        if known != value:
            self.exact[key] = None
        if self.tolerant:
            self.near.setdefault(squeezed(key), set()).add(key)

    def find(self, key: str) -> Parsed:
        """Return the value of a key, or why there is none."""
        if key in self.exact:
            value = self.exact[key]
            return (
                bad(f"stands for several rows of {self.name}") if value is None else Parsed(value)
            )
        names = sorted(self.near.get(squeezed(key), ())) if squeezed(key) else []
        if len(names) == 1 and self.exact[names[0]] is not None:
            return odd(self.exact[names[0]], f"was taken for '{names[0]}' of {self.name}")
        if len(names) > 1:
            return bad(f"could be {' or '.join(names)} of {self.name}")
        return bad(f"is not in {self.name}")


def build_index(lookup: Lookup, sources: tuple[Source, ...], nulls: frozenset[str]) -> Index:
    """Read the files of a lookup.

    Raises:
        ConfigurationError: when one has no such column.
    """
    index = Index(f"{lookup.file}.{lookup.key}", lookup.tolerant)
    for source in sources:
        key, value = (position(source, column) for column in (lookup.key, lookup.value))
        for row in source.read():
            if isinstance(row, Row) and (name := as_text(row.cells[key])) not in nulls:
                found = as_text(row.cells[value])
                index.add(name, "" if found in nulls else found)
    return index


def position(source: Source, column: str) -> int:
    """Return where a column stands in a file.

    Raises:
        ConfigurationError: when the file has none of that name.
    """
    spot = source.spot(column)
    if spot is None:
        raise ConfigurationError(
            f"{source.name} has no column '{column}'.", mend=column_mend(source, column)
        )
    return spot


def column_mend(source: Source, column: str) -> str:
    """Return what to do about a column that is not there."""
    unnamed = [name for name in source.columns if re.fullmatch(r"column \d+", name)]
    if len(unnamed) * 2 >= len(source.columns) > 1:
        return "Its first row seems to be a title; say header_row = with the row of the names."
    hint = did_you_mean(column, source.columns).strip()
    return hint or f"Columns: {', '.join(source.columns[:40])}."
