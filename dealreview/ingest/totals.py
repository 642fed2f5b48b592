"""Rows of totals among the rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.ingest.values import as_text
from dealreview.ingest.workbooks import TOTALS
from dealreview.model.money import is_currency

if TYPE_CHECKING:
    from collections.abc import Callable

    from dealreview.ingest.fields import Cells, Scope
    from dealreview.ingest.records import Record

NUMBERS = ("money", "int", "real", "bool")


def refuse_totals(scope: Scope) -> Callable[[Record, Cells], None]:
    """Return what refuses a row whose id is a word for a total and that has nothing but numbers besides."""
    table, fields = scope.target.table, scope.target.fields
    columns = fields[table.key[0]].columns
    own = f"{scope.mapping.source}:"
    # A list of customers can have their names as ids, and one of them can be called Total.
    telling = [
        name
        for name, rule in fields.items()
        if name != table.key[0] and name in table.by_name and rule.columns
        if table.by_name[name].type not in NUMBERS
        and rule.columns != columns
        and name != "currency"
    ]

    used = {scope.source.spot(column) for column in scope.target.used_columns()}
    free = [spot for spot in range(len(scope.source.columns)) if spot not in used]

    def refuse(record: Record, cells: Cells) -> None:
        text = str(record.values.get(table.key[0]) or "").removeprefix(own)
        if not TOTALS.fullmatch(text) or record.refusal:
            return
        texts = [as_text(cells[spot]) for spot in free]
        if not any(record.values.get(name) for name in telling) and not any(map(is_word, texts)):
            record.refusal, record.refused_column = "seems to be a row of totals", table.key[0]

    return refuse


def is_word(text: str) -> bool:
    """Whether a cell says more than a number and its currency."""
    return any(c.isalpha() for c in text) and not is_currency(text)
