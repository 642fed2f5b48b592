"""Snapshots of deals: rows that repeat a value until it changes, as changes with the value before."""

from __future__ import annotations

from attrs import field, frozen

from dealreview.ingest.fields import Cells, Findings, Scope, Text, text_of
from dealreview.ingest.readers import Row
from dealreview.ingest.values import parse_instant


@frozen
class Snapshots:
    """The value before each row of a history without one.

    Attributes:
        key: What gives the id of a row.
        before: The value before, by the id of a row; the first row of a deal has none.
        unchanged: Ids of rows that change nothing.
    """

    key: Text
    before: dict[str, str] = field(factory=dict)
    unchanged: set[str] = field(factory=set)

    def accepts(self, cells: Cells) -> bool:
        """Whether a row changes anything."""
        return (self.key(cells, []) or "") not in self.unchanged

    def old_value(self, cells: Cells, _findings: Findings) -> str | None:
        """Return the value before a row."""
        return self.before.get(self.key(cells, []) or "")


def read_snapshots(scope: Scope) -> Snapshots:
    """Read a history once, in the order of its instants, and keep what was before each row."""
    fields = scope.target.fields
    found = Snapshots(text_of(fields["change_id"], scope))
    deal, value = text_of(fields["deal_id"], scope), text_of(fields["new_value"], scope)
    at = text_of(fields["changed_at"], scope)
    dates = scope.dates(fields["changed_at"])
    rows = []
    for row in scope.source.read():
        if isinstance(row, Row):
            moment = parse_instant(at(row.cells, []) or "", dates).value or ""
            texts = (deal(row.cells, []) or "", moment, row.line)
            rows.append((*texts, found.key(row.cells, []) or "", value(row.cells, []) or ""))
    last: dict[str, str] = {}
    for deal_id, _at, _line, key, text in sorted(rows):
        if last.get(deal_id) == text:
            found.unchanged.add(key)
        elif last.get(deal_id):
            found.before[key] = last[deal_id]
        last[deal_id] = text
    return found
