"""The reference of the tables, made from the schema: as Markdown for people, as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dealreview.store.schema import SOURCES, TABLES, TRACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.store.schema import Column, Table

_TYPE_TEXTS = {
    "text": "text",
    "int": "whole number",
    "real": "number",
    "money": "whole number of minor units",
    "bool": "0 or 1",
    "date": "day, `2025-05-16`",
    "instant": "UTC, `2025-05-16T09:30:00Z`",
    "enum": "one of",
}


def schema_markdown(tables: Iterable[Table] = TABLES.values()) -> str:
    """Return the reference as Markdown."""
    return "\n".join(_document(tuple(tables))) + "\n"


def _document(tables: tuple[Table, ...]) -> Iterator[str]:
    yield "# Tables"
    yield ""
    yield "Every column but the key may be empty. **Bold** is the key. Every table also has:"
    yield ""
    yield from (f"- `{column.name}`: {column.description}." for column in TRACE)
    yield ""
    yield "From: " + ", ".join(f"**{letter}** {text}" for letter, text in SOURCES.items()) + "."
    for table in tables:
        yield ""
        yield from _section(table)


def _section(table: Table) -> Iterator[str]:
    yield f"## `{table.name}`"
    yield ""
    yield table.description
    yield from _remarks(table)
    yield ""
    yield "| column | type | from | meaning | where to take it from, what stands in |"
    yield "| --- | --- | --- | --- | --- |"
    own = [column for column in table.columns if column not in TRACE]
    yield from (_row(table, column) for column in own)


def _remarks(table: Table) -> Iterator[str]:
    if table.dated_by:
        yield ""
        yield f"A row is seen from the day in `{table.dated_by}` on."
    for column, parent in table.parents.items():
        yield ""
        yield f"`{column}` must be a row of `{parent}`; when that goes, this row goes too."


def _row(table: Table, column: Column) -> str:
    name = f"**`{column.name}`**" if column.name in table.key else f"`{column.name}`"
    meaning = column.description + (f" → `{column.references}`" if column.references else "")
    cells = (
        name,
        _type_text(column),
        " ".join(column.recorded_from),
        meaning,
        column.derived or "–",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _type_text(column: Column) -> str:
    text = _TYPE_TEXTS[column.type]
    if column.values:
        text += " " + ", ".join(f"`{value}`" for value in column.values)
    if column.low is not None or column.high is not None:
        text += f", {_bounds(column)}"
    return f"{text} ({column.unit})" if column.unit else text


def _bounds(column: Column) -> str:
    if column.high is None:
        return f"at least {column.low:g}"
    return (
        f"{column.low:g} to {column.high:g}"
        if column.low is not None
        else f"at most {column.high:g}"
    )


def schema_data(tables: Iterable[Table] = TABLES.values()) -> list[dict[str, Any]]:
    """Return the reference as plain lists and dictionaries."""
    return [
        {
            "table": table.name,
            "description": table.description,
            "key": list(table.key),
            "dated_by": table.dated_by or None,
            "parents": dict(table.parents),
            "columns": [_column_data(column) for column in table.columns],
        }
        for table in tables
    ]


def _column_data(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "description": column.description,
        "values": list(column.values),
        "references": column.references or None,
        "recorded_from": [SOURCES[letter] for letter in column.recorded_from],
        "derived": column.derived or None,
        "unit": column.unit or None,
        "low": column.low,
        "high": column.high,
    }


def schema_json(tables: Iterable[Table] = TABLES.values()) -> str:
    """Return the reference as JSON."""
    return json.dumps(schema_data(tables), ensure_ascii=False, indent=2) + "\n"
