"""Columns of which most cells were emptied: the mapping reads them wrongly, or the export is broken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define

from dealreview.ingest.fields import label
from dealreview.ingest.guess import date_fit, number_fit
from dealreview.ingest.summary import Problem
from dealreview.ingest.values import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.ingest.fields import Finding
    from dealreview.ingest.mapping import FieldRule, Target
    from dealreview.ingest.records import Record
    from dealreview.store.schema import Column

MOST_EMPTIED = 0.5
"""Share of emptied cells over which a column counts as damaged; our judgement."""
KEPT_TEXTS = 50
SEPARATORS = {"de": 'decimal = ","', "en": 'thousands = ","', "fr": 'number = "fr"'}


@define(init=False)
class ColumnWatch:
    """Counts, for the fields of a file, the cells that were taken and those that were emptied."""

    target: Target
    labels: dict[str, set[str]]
    taken: Counter[str]
    emptied: Counter[str]
    texts: dict[str, list[str]]

    def __init__(self, target: Target) -> None:
        self.target = target
        self.labels = {name: labels_of(rule) for name, rule in target.fields.items()}
        self.taken, self.emptied, self.texts = Counter(), Counter(), {}

    def see(self, record: Record) -> None:
        """Take a record in."""
        own = {f"x.{name}": value for name, value in record.custom.items()}
        values = {**record.values, **record.extra, **record.custom, **own}
        self.taken.update(name for name, value in values.items() if value is not None)
        emptied = {f.column: f.value for f in record.findings if is_damage(f)}
        if not emptied:
            return
        for name, labels in self.labels.items():
            found = labels & emptied.keys()
            if found and values.get(name) is None:
                self.emptied[name] += 1
                texts = self.texts.setdefault(name, [])
                texts += sorted(emptied[one] for one in found)[: KEPT_TEXTS - len(texts)]

    def problems(self, file: str) -> Iterator[Problem]:
        """Yield each column of which more than half of the cells that are not empty were emptied."""
        for name, emptied in self.emptied.items():
            total = emptied + self.taken[name]
            if emptied > MOST_EMPTIED * total:
                column = self.target.table.by_name.get(name)
                mend = likely_mend(column, self.texts[name])
                reason = f"{emptied:,} of {total:,} values could not be read{mend}"
                yield Problem(
                    file, None, label(self.target.fields[name]) or name, "", reason, "noted"
                )


def is_damage(finding: Finding) -> bool:
    """Whether a cell was emptied that says something; a placeholder says nothing."""
    return finding.action == "emptied" and finding.reason != PLACEHOLDER


def labels_of(rule: FieldRule) -> set[str]:
    """Return what findings about a rule or its parts are told under."""
    found = {label(rule)}
    for part in rule.parts():
        found |= labels_of(part)
    return found


def likely_mend(column: Column | None, texts: list[str]) -> str:
    """Return what the mapping should perhaps say, as the end of a sentence."""
    kind = column.type if column else ""
    if kind in ("date", "instant"):
        formats = date_fit(texts).formats
        return f'; perhaps date = "{formats[0]}"' if formats else ""
    if kind in ("money", "int", "real") or (column and column.unit == "share"):
        formats = number_fit(texts).formats
        mend = SEPARATORS.get(formats[0], f'number = "{formats[0]}"') if formats else ""
        return f"; perhaps {mend}" if mend and formats[0] else ""
    if kind in ("enum", "bool"):
        return "; say in the mapping what its words mean"
    return ""
