"""Files without a header: what their names and values say, never what stands in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dealreview.ingest.guess import date_fit
from dealreview.ingest.links import best_reference, key_of, share
from dealreview.ingest.masks import shape
from dealreview.ingest.recognise import is_unique, named_table
from dealreview.ingest.samples import kind_of
from dealreview.ingest.toml_text import Line, remark, toml
from dealreview.ingest.words import KEY_PARTS
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.ingest.samples import Sample

MOST_HOURS = 24
MOST_CODES = 20
LOOKED_AT_VALUES = 200
CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,11}")


def recognise_headless(samples: list[Sample]) -> None:
    """Find what files without a header feed, those first that others point at."""
    for table in ("accounts", "people", "deals", "deal_lines", "time_entries", "activities"):
        for sample in samples:
            if sample.headless and not sample.guess and named_table(sample) == table:
                known = [other for other in samples if other.guess]
                fields = dict(guessed(sample, table, known))
                if is_enough(sample, table, fields, known):
                    sample.guess, sample.fields = table, fields


def guessed(sample: Sample, table: str, known: list[Sample]) -> Iterator[tuple[str, str]]:
    """Yield the fields of a table with the columns that their values speak for."""
    taken: set[str] = set()
    schema = TABLES[table]
    (key, *_) = schema.key
    if table not in KEY_PARTS or table == "deal_lines":
        column = next((c for c, values in sample.values.items() if is_id(values)), "")
        if column:
            taken.add(column)
            yield key, column
    for column_ in schema.columns:
        target = column_.references.partition(".")[0]
        found = best_reference(sample, target, known, taken) if target and target != table else ""
        found = found or typed_column(sample, table, column_.name, taken)
        if found:
            taken.add(found)
            yield column_.name, found


def is_id(values: list[str]) -> bool:
    """Whether values may be ids: there, each once, and no days."""
    return bool(values) and is_unique(values) and kind_of(values[0]) not in ("day", "decimal")


def typed_column(sample: Sample, table: str, name: str, taken: set[str]) -> str:
    """Return the first column whose values can be nothing but a field: its day, hours, codes."""
    tests = {
        TABLES[table].dated_by: lambda values: kind_of(values[0]) == "day",
        "hours": are_hours,
        "category": are_codes,
    }
    test = tests.get(name)
    free = ((c, v) for c, v in sample.values.items() if c not in taken and v)
    return next((c for c, values in free if test and test(values)), "")


def are_hours(values: list[str]) -> bool:
    """Whether values may be hours of a day."""
    numbers = [value.replace(",", ".") for value in values]
    return all(re.fullmatch(r"\d{1,2}(\.\d+)?", n) and float(n) <= MOST_HOURS for n in numbers)


def are_codes(values: list[str]) -> bool:
    """Whether values are a few codes in capitals, which name no person."""
    met = set(values)
    return len(met) <= MOST_CODES and all(CODE.fullmatch(value) for value in met)


def is_enough(sample: Sample, table: str, fields: dict[str, str], known: list[Sample]) -> bool:
    """Whether the fields found make records, and none that another file has."""
    schema = TABLES[table]
    parts = schema.key if set(schema.key) <= fields.keys() else KEY_PARTS.get(table, schema.key)
    if not {*parts, *schema.parents} <= fields.keys():
        return False
    key = fields.get(schema.key[0], "")
    same = [o.values[o.fields[key_of(o)]] for o in known if o.guess == table and key_of(o)]
    return not key or not any(share(sample.values[key], ids) for ids in same)


def header_lines(sample: Sample) -> list[str]:
    """Return that a file has no header, with what each column looks like."""
    return [
        "header = false  # please confirm: the first row seems to hold values",
        str(Line("columns", toml(sample.source.columns), "# please name them")),
        *(remark(f"{column}: {looks(values)}") for column, values in sample.values.items()),
    ]


def looks(values: list[str]) -> str:
    """Return what values look like; letters are shown as x and digits as 9."""
    if not values:
        return "empty"
    some = values[:LOOKED_AT_VALUES]
    kinds = {kind_of(value) for value in some}
    if kinds <= {"whole", "decimal"}:
        said = "whole numbers" if kinds == {"whole"} else "numbers"
    elif kinds == {"day"} and date_fit(some).formats:
        said = "days"
    else:
        said = "texts"
    return f"{said}, e.g. {shape(values[0])}"
