"""Several companies in one database, so that one review looks at all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.hostile import Rows
SHARED = ("feeds", "fx_rates", "holidays")
"""Tables of the whole database."""

_IDS = {
    ("activity_attendees", "attendee_id"),
    ("loss_statements", "subject_id"),
    ("targets", "holder_id"),
} | {
    (table.name, column.name)
    for table in TABLES.values()
    if table.name not in SHARED
    for column in table.columns
    if column.references or table.key == (column.name,)
}


def apart(rows: Rows, prefix: str) -> Rows:
    """Return a company whose ids begin with a prefix, so that it meets no other in one database."""
    return {
        name: found if name in SHARED else [_prefixed(name, row, prefix) for row in found]
        for name, found in rows.items()
    }


def _prefixed(table: str, row: dict[str, Any], prefix: str) -> dict[str, Any]:
    ids = {name for name in row if (table, name) in _IDS}
    if table == "deal_changes" and str(row["field"]).endswith("_id"):
        ids |= {"old_value", "new_value"}
    return {
        name: f"{prefix}{cell}" if name in ids and cell is not None else cell
        for name, cell in row.items()
    }


def together(parts: Sequence[Rows]) -> Rows:
    """Return companies side by side; what is of the whole database is the first one's."""
    rows: Rows = {}
    for number, part in enumerate(parts):
        for name, found in part.items():
            if not (number and name in SHARED):
                rows.setdefault(name, []).extend(found)
    return rows
