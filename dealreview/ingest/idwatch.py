"""Ids that lost their leading zeros: all digits, and shorter than the others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field

from dealreview.ingest.fields import points_at
from dealreview.ingest.lookups import position
from dealreview.ingest.summary import Problem
from dealreview.ingest.values import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.ingest.mapping import Target
    from dealreview.ingest.readers import Row, Source

USUAL_SHARE = 0.9
"""Share of ids that must have one length before a shorter one is strange; our judgement."""


@define
class Lengths:
    """The lengths of the ids of a column, and the first of all digits of each length."""

    total: Counter[int] = field(factory=Counter)
    digits: Counter[int] = field(factory=Counter)
    first: dict[int, tuple[int, str]] = field(factory=dict)

    def see(self, line: int, text: str) -> None:
        """Take an id in."""
        self.total[len(text)] += 1
        if text.isdigit():
            self.digits[len(text)] += 1
            self.first.setdefault(len(text), (line, text))


@define(init=False)
class IdWatch:
    """Watches the id columns of a file."""

    source: Source
    spots: dict[int, Lengths]

    def __init__(self, target: Target, source: Source) -> None:
        columns = [
            rule.columns[0]
            for name, rule in target.fields.items()
            if len(rule.columns) == 1 and name in target.table.key and not rule.lookup
            if points_at(target.table.by_name[name], target.table)
        ]
        self.source = source
        self.spots = {position(source, column): Lengths() for column in columns}

    def see(self, row: Row) -> None:
        """Take the ids of a row in."""
        for spot, lengths in self.spots.items():
            text = as_text(row.cells[spot])
            if text:
                lengths.see(row.line, text)

    def problems(self) -> Iterator[Problem]:
        """Yield a note for each column with ids that seem to have lost leading zeros."""
        for spot, lengths in self.spots.items():
            usual, count = next(iter(lengths.total.most_common(1)), (0, 0))
            short = [length for length in lengths.digits if length < usual]
            if not short or count < USUAL_SHARE * lengths.total.total():
                continue
            if lengths.digits.total() == lengths.total.total():
                continue  # plain numbers grow longer as they count up
            line, text = lengths.first[max(short)]
            many = sum(lengths.digits[length] for length in short)
            reason = f"{many} ids of digits are shorter than the usual {usual}: leading zeros may be lost"
            yield Problem(self.source.name, line, self.source.columns[spot], text, reason, "noted")
