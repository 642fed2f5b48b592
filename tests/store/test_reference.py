"""The reference of the tables says everything that the schema knows."""

import json

import pytest

from dealreview.store.reference import schema_json, schema_markdown
from dealreview.store.schema import TABLES, Table


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_column_and_value_is_in_the_markdown(table: Table) -> None:
    """Names, values, descriptions and stand-ins of a table are there, one line a column."""
    text = schema_markdown([table])
    lines = text.splitlines()
    assert f"## `{table.name}`" in lines
    for column in table.columns[:-2]:
        (line,) = (
            line for line in lines if f"`{column.name}`" in line.split(" | ")[0] and "|" in line
        )
        assert column.description in line
        assert column.derived in line
        assert all(f"`{value}`" in line for value in column.values)
        assert line.count("|") == 6


def test_the_json_holds_every_column() -> None:
    """Programs get the same as people."""
    data = json.loads(schema_json())
    found = {entry["table"]: [column["name"] for column in entry["columns"]] for entry in data}
    assert found == {name: list(table.names) for name, table in TABLES.items()}
    (deals,) = (entry for entry in data if entry["table"] == "deals")
    kind = next(c for c in deals["columns"] if c["name"] == "reference_kind")
    assert kind["values"] == ["competitor", "current_supplier", "in_house", "do_nothing"]
    assert kind["recorded_from"] == ["written by hand in the review"]


def test_a_key_is_bold_and_bounds_are_named() -> None:
    """The reader sees what identifies a row and what a number may be."""
    text = schema_markdown([TABLES["stages"]])
    assert "| **`stage_id`** | text |" in text
    assert "whole number, 1 to 6" in text
