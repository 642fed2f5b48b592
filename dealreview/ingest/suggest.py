"""A proposal for a mapping: what the headers and values of files look like, for a person to confirm."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from dealreview.ingest.familiar import Familiar, find_familiar, stage_rules, unknown_stages
from dealreview.ingest.files import all_files
from dealreview.ingest.guess import date_cover, date_fit, mark_of, number_fit
from dealreview.ingest.headers import find_header
from dealreview.ingest.mapping import EXTRA
from dealreview.ingest.mapping_file import MILESTONES, is_secret
from dealreview.ingest.readers import (
    FileError,
    Row,
    Source,
    TextOptions,
    is_database,
    open_table,
    open_text,
    table_names,
)
from dealreview.ingest.values import (
    FALSE_WORDS,
    NULLS,
    TRUE_WORDS,
    as_text,
    squeezed,
)
from dealreview.ingest.words import (
    CONTACTS,
    DISCOUNTS,
    EXTRA_NULLS,
    FIELD_WORDS,
    FILE_WORDS,
    FIRST_NAMES,
    KEY_PARTS,
    LAST_NAMES,
    LIST_PRICES,
    MAIN_CONTACTS,
    UNIT_PRICES,
    VALUE_WORDS,
    stage_meaning,
)
from dealreview.ingest.workbooks import is_workbook, open_workbook
from dealreview.store.schema import TABLES, Column

if TYPE_CHECKING:
    from collections.abc import Iterable

LOOKED_AT_ROWS = 10_000
FALLBACK_ENCODING = "cp1252"
CONFIRM = "# please confirm"
MANY_VALUES = 40
SHOWN_COLUMNS = 1000
NAME_BONUS = 3
LEAST_SCORE = 3
UNIQUE_SHARE = 0.9


@define
class Sample:
    """A file, its first rows, and the table that it seems to feed.

    Attributes:
        source: The file.
        match: File name.
        table_name: Table of a SQLite file.
        encoding: An encoding that had to be proposed.
        sheet: Sheet of a workbook that has several; empty for the only one.
        header_row: Row of a sheet on which the names stand, 0 for the first.
        values: The values of each column, nulls left out.
        rows: Rows looked at.
        totals: What a column says in rows of totals.
        guess: The table, empty for none.
        fields: The column of each field.
    """

    source: Source
    match: str
    table_name: str
    encoding: str
    sheet: str = ""
    header_row: int = 0
    values: dict[str, list[str]] = field(factory=dict)
    rows: int = 0
    totals: dict[str, list[str]] = field(factory=dict)
    guess: str = ""
    fields: dict[str, str] = field(factory=dict)

    @property
    def name(self) -> str:
        """The name of its block."""
        return self.table_name or (f"{self.match}:{self.sheet}" if self.sheet else self.match)

    @property
    def own_name(self) -> str:
        """What the table itself is called: the table, the sheet, else the file without its ending."""
        return self.table_name or self.sheet or self.match.rpartition(".")[0]


@frozen
class Line:
    """A line of the proposal: a key, its value as TOML, and a remark."""

    key: str
    value: str
    remark: str = ""

    def __str__(self) -> str:
        """Return it as TOML."""
        return f"{toml_key(self.key)} = {self.value}{'  ' if self.remark else ''}{self.remark}"


def suggest(paths: Iterable[str | Path]) -> str:
    """Return a mapping for files as commented TOML that can be imported as it is.

    Args:
        paths: Files, or folders whose files are meant.

    Raises:
        FileError: when there is no readable file.
    """
    files = all_files([Path(path) for path in paths])
    samples, unreadable = look_at_all(files)
    if not samples:
        raise FileError(
            "No file of these is a table.", mend="CSV, TSV, workbooks and SQLite files are."
        )
    for sample in samples:
        recognise(sample)
    drop_shadowed(samples)
    familiar = find_familiar([(sample.match, sample.source) for sample in samples])
    read = [samples[number] for number in familiar.files] if familiar else []
    rest = [sample for sample in samples if sample not in read]
    known = [sample for sample in rest if sample.guess]
    parts = [
        *over_preset(familiar, read),
        head(files, rest, unreadable, is_over_preset=bool(read)),
        *(block(sample, known) for sample in known),
        *(unknown_block(sample) for sample in rest if not sample.guess),
        stages(known, *preset_stages(familiar, read)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


# Looking


def look_at_all(files: list[Path]) -> tuple[list[Sample], list[str]]:
    """Return what can be read of each file, and the names of the others with the reason."""
    samples: list[Sample] = []
    unreadable: list[str] = []
    for path in files:
        try:
            samples += look_at(path)
        except FileError as error:
            unreadable.append(error.message)
    return [sample for sample in samples if sample.rows], unreadable


def look_at(path: Path) -> list[Sample]:
    """Return the tables of a file with their first rows."""
    if is_database(path):
        opened = [Sample(open_table(path, name), path.name, name, "") for name in table_names(path)]
    elif is_workbook(path):
        opened = open_sheets(path)
    else:
        opened = [open_sample(path)]
    for sample in opened:
        read_values(sample)
    return opened


def open_sheets(path: Path) -> list[Sample]:
    """Open the visible sheets of a workbook that have data, each where its table seems to begin."""
    book = open_workbook(path)
    names = book.wanted("*")
    samples = []
    for name in names:
        row = find_header(book, name)
        source = book.sheet(name, TextOptions(header_row=row))
        sheet = name if len(names) > 1 else ""
        samples.append(Sample(source, path.name, "", "", sheet, row))
    return samples


def open_sample(path: Path) -> Sample:
    """Open a text file, with a proposed encoding where it is not UTF-8."""
    try:
        return Sample(open_text(path, TextOptions()), path.name, "", "")
    except FileError as error:
        if "is not UTF-8" not in error.message:
            raise
    options = TextOptions(encoding=FALLBACK_ENCODING)
    return Sample(open_text(path, options), path.name, "", FALLBACK_ENCODING)


def read_values(sample: Sample) -> None:
    """Read the values of the first rows."""
    columns = sample.source.columns
    sample.values = {column: [] for column in columns}
    for row in islice(sample.source.read(), LOOKED_AT_ROWS):
        if isinstance(row, Row) and row.doubt:
            column, text = next(
                (c, as_text(v)) for c, v in zip(columns, row.cells, strict=True) if v
            )
            sample.totals.setdefault(column, []).append(text)
        elif isinstance(row, Row):
            sample.rows += 1
            for column, cell in zip(columns, row.cells, strict=True):
                text = as_text(cell)
                if text not in NULLS and text not in EXTRA_NULLS:
                    sample.values[column].append(text)


# Recognising


def recognise(sample: Sample) -> None:
    """Find the table whose words fit the file's name and columns best."""
    best = max(FIELD_WORDS, key=lambda table: score(sample, table))
    if score(sample, best) >= LEAST_SCORE:
        sample.guess, sample.fields = best, found_fields(sample, best)


def score(sample: Sample, table: str) -> int:
    """Return how many fields of a table the file has, with a bonus for its name; 0 without a key."""
    found = found_fields(sample, table)
    if not has_key(sample, table, found):
        return 0
    plain = squeezed(sample.own_name)
    named = next((name for name, parts in FILE_WORDS.items() if any(p in plain for p in parts)), "")
    return len(found) + (NAME_BONUS if named == table else 0)


def columns_by_word(sample: Sample) -> dict[str, str]:
    """Return the columns by the letters and digits of their names."""
    found: dict[str, str] = {}
    for column in sample.source.columns:
        if not is_secret(column):
            found.setdefault(squeezed(column), column)
    return found


def column_for(sample: Sample, words: Iterable[str]) -> str:
    """Return the column that one of the words names, empty for none; the first word wins."""
    by_word = columns_by_word(sample)
    return next((by_word[word] for word in words if word in by_word), "")


def found_fields(sample: Sample, table: str) -> dict[str, str]:
    """Return the columns that a table's fields are likely to be; none is taken twice but for a name."""
    found: dict[str, str] = {}
    for name, words in FIELD_WORDS[table].items():
        column = column_for(sample, words)
        if column and (column not in found.values() or name == "name"):
            found[name] = column
    return found


def has_key(sample: Sample, table: str, found: dict[str, str]) -> bool:
    """Whether the file has what rows of a table are known by, and hardly any of it twice."""
    schema = TABLES[table]
    if not set(schema.parents) <= found.keys():
        return False
    missing = [name for name in schema.key if name not in found]
    if missing:
        return set(KEY_PARTS.get(table, missing)) <= found.keys()
    if len(schema.key) > 1:
        return True
    keys = sample.values[found[schema.key[0]]]
    return len(set(keys)) >= UNIQUE_SHARE * max(len(keys), 1)


def drop_shadowed(samples: list[Sample]) -> None:
    """Keep the best of the tables and views of a database that feed one table."""
    best: dict[tuple[str, str], Sample] = {}
    for sample in samples:
        if sample.guess and sample.table_name:
            place = (sample.match, sample.guess)
            known = best.setdefault(place, sample)
            best[place] = max(known, sample, key=lambda s: (score(s, s.guess), s.rows))
    for sample in samples:
        if sample.table_name and best.get((sample.match, sample.guess)) is not sample:
            sample.guess, sample.fields = "", {}


# Writing


def toml(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_key(k)} = {toml(v)}" for k, v in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def toml_key(key: str) -> str:
    """Return a key as TOML."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml(key)


def remark(text: str) -> str:
    """Return a comment on one line; other people's texts can't end it."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return f"# {plain}"


def head(
    files: list[Path], samples: list[Sample], unreadable: list[str], *, is_over_preset: bool
) -> str:
    """Return what holds for all files."""
    source = str(Line("source", toml(source_name(files)), f"{CONFIRM}: the first half of every id"))
    lines = [
        "# A proposal. What says 'please confirm' is a guess; the rest fits every value looked at.",
        f"# Looked at: the first {LOOKED_AT_ROWS:,} rows of each table.",
        *(remark(f"Not read: {reason}") for reason in unreadable),
        *(() if is_over_preset else (source,)),
        *currency_lines(samples),
        str(Line("time_zone", '"UTC"', f"{CONFIRM}: of times that name no zone")),
        "# exported_on = 2025-01-31  # the day that the files show; the day of the import if left out",
    ]
    odd = sorted({name for sample in samples if sample.encoding for name in (sample.match,)})
    if odd:
        why = remark(f"please confirm: not UTF-8: {', '.join(odd)}")
        lines.append(str(Line("encoding", toml(FALLBACK_ENCODING), why)))
    if nulls := extra_nulls(samples):
        lines.append(str(Line("nulls", toml(nulls), f"{CONFIRM}: texts that mean nothing")))
    return "\n".join(lines)


def over_preset(familiar: Familiar | None, read: list[Sample]) -> list[str]:
    """Return the line that makes the proposal one over a preset, where one reads some of the files."""
    if familiar is None:
        return []
    names = ", ".join(sample.name for sample in read)
    lines = [
        remark(f"The mapping '{familiar.preset}' comes along and reads {names}."),
        "# It does without this file: --mapping " + familiar.preset,
        "# What is said below counts besides.",
        str(Line("preset", toml(familiar.preset))),
    ]
    return ["\n".join(lines)]


def preset_stages(familiar: Familiar | None, read: list[Sample]) -> list[str]:
    """Return the stages in the files of a preset that it says nothing about."""
    if familiar is None:
        return []
    return [
        name
        for rule in stage_rules(familiar.mapping)
        for sample in read
        for column in rule.columns
        if (spot := sample.source.spot(column)) is not None
        for name in unknown_stages(
            familiar.mapping, rule, sample.values[sample.source.columns[spot]]
        )
    ]


def source_name(files: list[Path]) -> str:
    """Return a name for the system: that of the folder."""
    name = re.sub(r"[^a-z0-9]+", "_", files[0].resolve().parent.name.lower()).strip("_")
    return name or "crm"


def currency_lines(samples: list[Sample]) -> list[str]:
    """Return the currency: the one that amounts carry, or a line to fill in."""
    amounts = [
        mark_of(text)
        for sample in samples
        for name, column in sample.fields.items()
        if name.endswith("_minor")
        for text in sample.values[column][:100]
    ]
    met = Counter(mark for mark in amounts if len(mark) == 3)
    if met:
        return [str(Line("currency", toml(met.most_common(1)[0][0]), CONFIRM))]
    return ['# currency = "EUR"  # of amounts whose row names none; hundredths if left out']


def extra_nulls(samples: list[Sample]) -> list[str]:
    """Return texts that probably mean nothing and are met in the files."""
    met: set[str] = set()
    for sample in samples:
        for row in islice(sample.source.read(), LOOKED_AT_ROWS):
            if isinstance(row, Row):
                met |= {as_text(cell) for cell in row.cells} & set(EXTRA_NULLS)
    return sorted(met)


def block(sample: Sample, known: list[Sample]) -> str:
    """Return the ``[[file]]`` block of a recognised file, with the tables that it feeds besides."""
    lines = [*block_head(sample), str(Line("into", toml(sample.guess))), "", "[file.fields]"]
    written = [field_lines(sample, name, column, known) for name, column in sample.fields.items()]
    written.append(composed(sample))
    lines += [str(line) for part in written for line in part if isinstance(line, Line)]
    ignored = [c for c in sample.source.columns if c not in sample.fields.values()]
    if ignored:
        lines.append(remark(f"Columns that no field is named after: {', '.join(ignored)}"))
    lines += [text for part in written for text in part if isinstance(text, str)]
    return "\n".join([*lines, *targets_besides(sample, known)])


def block_head(sample: Sample) -> list[str]:
    """Return the keys that say which file is meant."""
    where = [Line("match", toml(sample.match))]
    if sample.table_name:
        where.append(Line("table", toml(sample.table_name)))
    if sample.sheet:
        where.append(Line("sheet", toml(sample.sheet)))
    if sample.header_row:
        where.append(
            Line("header_row", toml(sample.header_row), f"{CONFIRM}: what is above is a title")
        )
    if sample.totals:
        unwanted = {c: sorted(set(texts)) for c, texts in sample.totals.items()}
        where.append(Line("where_not", toml(unwanted), f"{CONFIRM}: these rows are no records"))
    return ["[[file]]", str(Line("name", toml(sample.name))), *map(str, where)]


def composed(sample: Sample) -> list[Line | str]:
    """Return fields that several columns make, or none: keys, names, products."""
    lines: list[Line | str] = []
    (key, *_) = TABLES[sample.guess].key
    if key not in sample.fields:
        parts = [sample.fields[name] for name in KEY_PARTS[sample.guess]]
        lines.append(Line(key, toml({"columns": parts}), f"{CONFIRM}: no id, so these make one"))
    if sample.guess == "deal_changes":
        lines.append(
            Line("field", toml({"constant": "stage_id"}), f"{CONFIRM}: what the values are of")
        )
    first, last = (column_for(sample, words) for words in (FIRST_NAMES, LAST_NAMES))
    if sample.guess in ("people", "contacts") and "name" not in sample.fields and first and last:
        lines.append(Line("name", toml({"columns": [first, last], "sep": " "})))
    if sample.guess == "deal_lines":
        lines += prices(sample)
    return lines


def prices(sample: Sample) -> list[Line]:
    """Return whole-line amounts as quantity × price, where the file has prices of one."""
    quantity = sample.fields.get("quantity")
    lines = []
    for name, words in (("list_minor", LIST_PRICES), ("invoice_minor", UNIT_PRICES)):
        price = column_for(sample, words)
        if quantity and price and name not in sample.fields:
            factors: list[Any] = [quantity, price]
            off = column_for(sample, DISCOUNTS)
            if off and name == "invoice_minor":
                factors.append(
                    {"column": off, "unit": share_unit(sample.values[off]), "one_minus": True}
                )
            lines.append(
                Line(name, toml({"multiply": factors}), f"{CONFIRM}: quantity × price of one")
            )
    return lines


def share_unit(values: list[str]) -> str:
    """Return how a discount seems to be written: over 1 it can't be a fraction."""
    bodies = [value.rstrip("% ").replace(",", ".") for value in values]
    over = any(float(body) > 1 for body in bodies if re.fullmatch(r"\d+(\.\d+)?", body))
    return "percent" if over else "fraction"


def field_lines(sample: Sample, name: str, column: str, known: list[Sample]) -> list[Line | str]:
    """Return a field as TOML: a line, or a table of translations."""
    schema = column_of(sample.guess, name)
    values = sample.values[column]
    if schema.type == "enum":
        return [enum_table(sample, name, column, schema)]
    if schema.type in ("date", "instant"):
        return [date_line(name, column, values)]
    if schema.type in ("money", "real", "int"):
        return [number_line(name, column, values)]
    if schema.type == "bool":
        return [bool_line(name, column, values)]
    return [id_line(sample, name, column, known)]


def column_of(table: str, name: str) -> Column:
    """Return the column or steering field of a table."""
    extras = {column.name: column for column in EXTRA.get(table, ())}
    return TABLES[table].by_name.get(name) or extras[name]


def date_line(name: str, column: str, values: list[str]) -> Line:
    """Return a day with the format that fits, and how sure that is."""
    fit = date_fit(values)
    if not values:
        return Line(name, toml(column), "# no value in the rows looked at")
    if fit.is_certain:
        proof = remark(f"the only format that fits all {fit.values:,} values, e.g. {max(values)}")
        if fit.formats == ("iso",):
            return Line(name, toml(column), proof)
        return Line(name, toml({"column": column, "date": fit.formats[0]}), proof)
    if fit.formats:
        value = toml({"column": column, "date": fit.formats})
        return Line(name, value, f"{CONFIRM}: all of these fit; keep one")
    cover = date_cover(values)
    if cover:
        return Line(
            name, toml({"column": column, "date": cover}), f"{CONFIRM}: no format fits all values"
        )
    return Line(name, toml(column), remark(f"please confirm: no known format, e.g. {values[0]}"))


def number_line(name: str, column: str, values: list[str]) -> Line:
    """Return a number with the way it is written."""
    fit = number_fit(values)
    if not values or fit.formats == ("",):
        return Line(name, toml(column))
    if not fit.formats:
        return Line(
            name, toml(column), remark(f"please confirm: not all are numbers, e.g. {values[0]}")
        )
    value = toml({"column": column, "number": fit.formats[0]})
    if fit.is_certain:
        return Line(name, value, remark(f"the only format that fits all {fit.values:,} values"))
    return Line(name, value, f"{CONFIRM}: {' and '.join(fit.formats)} fit")


def bool_line(name: str, column: str, values: list[str]) -> Line:
    """Return a yes or no with its words, where they are not the usual ones."""
    met = sorted({value.casefold() for value in values})
    if set(met) <= TRUE_WORDS | FALSE_WORDS:
        return Line(name, toml(column))
    value = toml({"column": column, "true": met[:1], "false": met[1:]})
    return Line(name, value, f"{CONFIRM}: which words mean yes")


def enum_table(sample: Sample, name: str, column: str, schema: Column) -> str:
    """Return an enum with a proposed translation of each value met."""
    lines = ["", f"[file.fields.{name}]", str(Line("column", toml(column)))]
    met = Counter(sample.values[column]).most_common(MANY_VALUES)
    lines += ["", f"[file.fields.{name}.values]"] if met else []
    for value, count in met:
        meaning = meant(name, value, schema.values)
        why = (
            f"{CONFIRM}: {count:,} rows"
            if meaning
            else remark(f"please say: {', '.join(schema.values)}")
        )
        lines.append(str(Line(value, toml(meaning), why)))
    return "\n".join(lines)


def meant(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return the value of ours that a text seems to mean, empty for none."""
    plain = squeezed(value)
    words = VALUE_WORDS.get(name, {})
    own = {squeezed(value): value for value in allowed}
    found = next((ours for ours, texts in words.items() if plain in texts), own.get(plain, ""))
    return found if found in allowed else ""


# References


def id_line(sample: Sample, name: str, column: str, known: list[Sample]) -> Line:
    """Return a text or an id; a name that stands for an id is looked up in the file that has both."""
    if name in TABLES[sample.guess].key and is_taken(sample, column, known):
        value = toml(
            {"column": column, "prefix": f"{(sample.sheet or sample.name).partition('.')[0]}-"}
        )
        return Line(name, value, f"{CONFIRM}: another file has the same ids for other records")
    target = column_of(sample.guess, name).references.partition(".")[0]
    other = next((s for s in known if s.guess == target and s is not sample), None)
    if other is None or target == sample.guess or TABLES[target].key[0] not in other.fields:
        return Line(name, toml(column))
    key = other.fields[TABLES[target].key[0]]
    by_name = other.fields.get("name", key)
    mine, ids, names = sample.values[column], other.values[key], other.values[by_name]
    if share(mine, ids) >= share(mine, names):
        return Line(name, toml(column))
    lookup = {"file": other.name, "key": by_name, "value": key}
    return Line(name, toml({"column": column, "lookup": lookup}), f"{CONFIRM}: found by name")


def is_taken(sample: Sample, column: str, known: list[Sample]) -> bool:
    """Whether an earlier file of the same table has any of the ids of this one."""
    if len(TABLES[sample.guess].key) > 1:
        return False
    key = TABLES[sample.guess].key[0]
    earlier = known[: known.index(sample)]
    same = [s for s in earlier if s.guess == sample.guess and key in s.fields]
    return any(share(sample.values[column], other.values[other.fields[key]]) for other in same)


def share(values: list[str], among: list[str]) -> float:
    """Return the share of values that are among others."""
    wanted = set(values)
    return len(wanted & set(among)) / len(wanted) if wanted else 0.0


def targets_besides(sample: Sample, known: list[Sample]) -> list[str]:
    """Return further targets of a file: names that no file has, and contacts of deals and activities."""
    if sample.guess == "deals":
        return [
            *names_taken(sample, known, "owner_id", "people", "person_id"),
            *names_taken(sample, known, "account_id", "accounts", "account_id"),
            *main_contact(sample),
        ]
    return attendees(sample, known) if sample.guess == "activities" else []


def names_taken(sample: Sample, known: list[Sample], name: str, table: str, key: str) -> list[str]:
    """Return a target that makes records of the ids of a column, when no file has these records."""
    column = sample.fields.get(name)
    if not column or any(other.guess == table for other in known):
        return []
    fields = [Line(key, toml(column)), Line("name", toml(column))]
    return also(
        table, column, f"{CONFIRM}: no file has them, so they are made of this column", fields
    )


def main_contact(sample: Sample) -> list[str]:
    """Return a target for the main contact of a deal."""
    column = column_for(sample, MAIN_CONTACTS)
    if not column:
        return []
    fields = [
        Line("deal_id", toml(sample.fields["deal_id"])),
        Line("contact_id", toml(column)),
        Line("is_main", toml({"constant": True})),
    ]
    return also("stakeholders", column, "", fields)


def attendees(sample: Sample, known: list[Sample]) -> list[str]:
    """Return a target for the contact of an activity."""
    column = column_for(sample, CONTACTS)
    if not column:
        return []
    own_id = id_line(sample, "activity_id", sample.fields["activity_id"], known)
    fields = [own_id, Line("attendee_id", toml(column)), Line("side", toml({"constant": "buyer"}))]
    return also("activity_attendees", column, "", fields)


def also(table: str, column: str, why: str, fields: list[Line]) -> list[str]:
    """Return a further target for the rows that have a column filled."""
    lines = [Line("into", toml(table), why), Line("where", toml({column: "?*"}))]
    return ["", "[[file.also]]", *map(str, lines), "", "[file.also.fields]", *map(str, fields)]


# What is left


def unknown_block(sample: Sample) -> str:
    """Return a comment on a file that feeds nothing yet."""
    lines = [
        remark(f"Not recognised: {sample.source.name}, {sample.rows:,} rows"),
        remark(f"Columns: {', '.join(sample.source.columns)[:SHOWN_COLUMNS]}"),
    ]
    if any(is_a_value(column) for column in sample.source.columns):
        lines.append(
            "# It seems to have no header: say header = false and columns = [...] in a [[file]] block."
        )
    return "\n".join(lines)


def is_a_value(column: str) -> bool:
    """Whether the name of a column looks like a number or a day, as in a file without a header."""
    return bool(re.fullmatch(r"-?\d+([.,]\d+)?|\d{4}-\d\d-\d\d.*", column))


def stages(known: list[Sample], *others: str) -> str:
    """Return the stages met, with the milestones that their names may mean."""
    met: Counter[str] = Counter(others)
    for sample in known:
        names = {"deals": ("stage_id",), "deal_changes": ("old_value", "new_value")}.get(
            sample.guess, ()
        )
        for name in names:
            met.update(sample.values[sample.fields[name]] if name in sample.fields else ())
    if not met:
        return ""
    lines = [
        "# What each stage means; without a milestone, checks that ask for it can't decide.",
        "[stages]",
    ]
    return "\n".join([*lines, *(stage_line(name) for name, _ in met.most_common(MANY_VALUES * 5))])


def stage_line(name: str) -> str:
    """Return a stage with its proposed meaning."""
    meaning = stage_meaning(name)
    if meaning in ("won", "lost"):
        return str(Line(name, toml({"kind": meaning}), CONFIRM))
    if meaning:
        return str(Line(name, toml({"milestone": meaning}), CONFIRM))
    return str(Line(name, "{}", remark(f"please say: milestone = {' | '.join(MILESTONES)}")))
