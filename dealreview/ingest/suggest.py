"""A proposal for a mapping: what the headers and values of files look like, for a person to confirm."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from dealreview.ingest.closing import (
    closed_when,
    is_ambiguous_close,
    stage_names,
    state_lines,
)
from dealreview.ingest.familiar import (
    Familiar,
    find_familiar,
    knows,
    stage_rules,
    unknown_stages,
)
from dealreview.ingest.files import all_files
from dealreview.ingest.guess import (
    date_cover,
    date_fit,
    mark_of,
    number_fit,
    number_in,
    readings_of,
)
from dealreview.ingest.headless import header_lines, recognise_headless
from dealreview.ingest.links import column_of, id_line, link_by_values
from dealreview.ingest.mapping_file import MILESTONES
from dealreview.ingest.masks import cut, example, is_word
from dealreview.ingest.readers import FileError, Row
from dealreview.ingest.recognise import column_for, drop_shadowed, recognise
from dealreview.ingest.samples import (
    FALLBACK_ENCODING,
    LOOKED_AT_ROWS,
    Sample,
    look_at_all,
)
from dealreview.ingest.toml_text import (
    CONFIRM,
    Line,
    confirm,
    literal,
    printable,
    remark,
    toml,
    toml_key,
)
from dealreview.ingest.values import FALSE_WORDS, TRUE_WORDS, as_text, read_instants, squeezed
from dealreview.ingest.words import (
    CLOSED,
    CONTACTS,
    DISCOUNTS,
    EXTRA_NULLS,
    FIRST_NAMES,
    KEY_PARTS,
    LAST_NAMES,
    LIST_PRICES,
    MAIN_CONTACTS,
    ROLES,
    UNIT_PRICES,
    VALUE_WORDS,
    YES_WORDS,
    stage_meaning,
)
from dealreview.model.money import is_currency
from dealreview.store.schema import TABLES, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dealreview.ingest.guess import Fit

__all__ = ["suggest", "toml", "toml_key"]

MANY_VALUES = 40
SHOWN_COLUMNS = 1000
LONGEST_COLUMN = 60
SAME_PRICE = Decimal("1.01")
"""How far the prices of one piece may be apart to be the same price."""

PRESET_SHARE = 0.75
"""Of the columns that words recognise, how many a preset must read; our judgement."""

GROUPED_TYPES = ("money",)
"""Types whose numbers hardly ever have three decimals: a lone mark is one of thousands."""


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
    recognise_headless(samples)
    familiar = find_familiar([(sample.match, sample.source) for sample in samples])
    read = read_by(familiar, samples)
    familiar = familiar if read else None
    rest = [sample for sample in samples if not any(sample is other for other in read)]
    known = [sample for sample in rest if sample.guess]
    for sample in known:
        link_by_values(sample, known)
    if not known and not read:
        raise nothing_known(samples, unreadable)
    parts = [
        *over_preset(familiar, read),
        head(files, rest, unreadable, is_over_preset=bool(read)),
        *(block(sample, known) for sample in known),
        *(unknown_block(sample) for sample in rest if not sample.guess),
        stages(known, *preset_stages(familiar, read)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def read_by(familiar: Familiar | None, samples: list[Sample]) -> list[Sample]:
    """Return the files that a preset reads at least about as well as the words here do."""
    if familiar is None:
        return []
    blocks = familiar.mapping.blocks
    found = []
    for sample in (samples[number] for number in familiar.files):
        if sample.header_row:
            # A preset takes the first row for the names; with a title above, a block has to say where.
            continue
        mine = [block for block in blocks if knows(block, sample.match, sample.source)]
        used = {c for block in mine for target in block.targets for c in target.used_columns()}
        there = sum(sample.source.spot(column) is not None for column in used)
        # Systems share names of files and columns: what reads half of a file was not made for it.
        if there >= PRESET_SHARE * len(set(sample.fields.values())):
            found.append(sample)
    return found


def nothing_known(samples: list[Sample], unreadable: list[str]) -> FileError:
    """Return the error that no file is recognised, with what was seen and what to do."""
    seen = [f"{s.name} ({cut(', '.join(shown_columns(s)), 300)})" for s in samples[:5]]
    what = (
        f"None of these files is recognised by its columns: {'; '.join([*seen, *unreadable[:5]])}."
    )
    mend = "Name them as docs/mapping.md shows, or write a [[file]] block by hand."
    return FileError(printable(what), mend=mend)


# Writing


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
    written = list(map(str, written_otherwise(familiar, read)))
    lines = [
        remark(f"The mapping '{familiar.preset}' comes along and reads {names}."),
        *(() if written else (f"# It does without this file: --mapping {familiar.preset}",)),
        "# What is said below counts besides.",
        str(Line("preset", toml(familiar.preset))),
        *written,
    ]
    return ["\n".join(lines)]


def written_otherwise(familiar: Familiar, read: list[Sample]) -> Iterator[Line]:
    """Yield how days and amounts are written where a spreadsheet has changed what the preset expects."""
    days, amounts = (values_of(read, types) for types in (("date", "instant"), ("money",)))
    if any(not read_instants(text, familiar.mapping.dates, familiar.mapping.zone) for text in days):
        formats, said = date_said(days)
        if formats:
            yield Line("date", toml(formats[0] if len(formats) == 1 else formats), said)
    fitting = number_fit(amounts).formats
    if fitting and "" not in fitting:
        yield Line("number", toml(fitting[0]), CONFIRM)


def values_of(samples: list[Sample], types: tuple[str, ...]) -> list[str]:
    """Return the values of all columns that seem to be of some types."""
    return [
        text
        for sample in samples
        for name, column in sample.fields.items()
        if column_of(sample.guess, name).type in types
        for text in sample.values[column]
    ]


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
    met = Counter(mark for mark in amounts if is_currency(mark))
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
    written = [field_lines(sample, name, column, known) for name, column in sample.fields.items()]
    items = [item for part in (*written, composed(sample)) for item in part]
    simple = [str(without_example(sample, item)) for item in items if isinstance(item, Line)]
    tables = [item for item in items if isinstance(item, str)]
    besides = targets_besides(sample, known)
    said = "\n".join([*simple, *tables, *besides])
    ignored = [column for column in sample.source.columns if toml(column) not in said]
    return "\n".join(
        [
            *block_head(sample),
            str(Line("into", toml(sample.guess))),
            *row_filters(sample),
            *([remark(f"not used: {shown_names(ignored)}")] if ignored else []),
            "",
            "[file.fields]",
            said,
        ]
    )


def without_example(sample: Sample, line: Line) -> Line:
    """Return a line without its example where nobody knows what the column holds."""
    return evolve(line, remark=line.remark.partition(", e.g. ")[0]) if sample.headless else line


def block_head(sample: Sample) -> list[str]:
    """Return where a file's rows are and how they are written."""
    where = [Line("match", toml(literal(sample.match)))]
    if sample.table_name:
        where.append(Line("table", toml(sample.table_name)))
    if sample.sheet:
        where.append(Line("sheet", toml(sample.sheet)))
    if sample.header_row:
        where.append(
            Line("header_row", toml(sample.header_row), f"{CONFIRM}: what is above is a title")
        )
    headless = header_lines(sample) if sample.headless else []
    return ["[[file]]", str(Line("name", toml(sample.name))), *map(str, where), *headless]


def row_filters(sample: Sample) -> list[str]:
    """Return which rows of a file are meant: no totals, none without a parent or a key that is known."""
    lines = []
    if sample.totals:
        unwanted = {c: sorted(map(literal, set(texts))) for c, texts in sample.totals.items()}
        lines.append(Line("where_not", toml(unwanted), f"{CONFIRM}: these rows are no records"))
    if wanted := wanted_rows(sample):
        lines.append(Line("where", toml(wanted), f"{CONFIRM}: the other rows are left out"))
    return list(map(str, lines))


def wanted_rows(sample: Sample) -> dict[str, str | list[str]]:
    """Return the rows of which records can be made, as a filter."""
    schema = TABLES[sample.guess]
    wanted: dict[str, str | list[str]] = {}
    for name in dict.fromkeys((*schema.parents, *schema.key, "field")):
        column = sample.fields.get(name)
        if not column or (name in schema.key and name not in schema.parents and name != "pool"):
            continue
        values = schema.by_name[name].values if name in schema.by_name else ()
        if values:
            met = sorted(set(sample.values[column]))
            wanted[column] = [literal(value) for value in met if meant(name, value, values)]
        elif sample.has_gaps(column):
            wanted[column] = "?*"
    return {column: patterns for column, patterns in wanted.items() if patterns}


def shown_columns(sample: Sample) -> list[str]:
    """Return the names of a file's columns, cut; none of a text that is no table."""
    if len(sample.source.columns) == 1:
        return ["one column"]
    return [example(column, LONGEST_COLUMN) for column in sample.source.columns]


def shown_names(columns: list[str]) -> str:
    """Return names of columns for a remark, cut."""
    return cut(", ".join(example(column, LONGEST_COLUMN) for column in columns), SHOWN_COLUMNS)


def composed(sample: Sample) -> list[Line | str]:
    """Return fields that several columns make, or none: keys, names, products."""
    lines: list[Line | str] = []
    (key, *_) = TABLES[sample.guess].key
    if key not in sample.fields:
        parts = [sample.fields[name] for name in KEY_PARTS[sample.guess] if name in sample.fields]
        lines.append(Line(key, toml({"columns": parts}), f"{CONFIRM}: no id, so these make one"))
    if sample.guess == "deal_changes" and "field" not in sample.fields:
        lines.append(
            Line("field", toml({"constant": "stage_id"}), f"{CONFIRM}: what the values are of")
        )
    if sample.headless:
        return lines
    first, last = (column_for(sample, words) for words in (FIRST_NAMES, LAST_NAMES))
    if sample.guess in ("people", "contacts") and "name" not in sample.fields and first and last:
        lines.append(Line("name", toml({"columns": [first, last], "sep": " "})))
    if sample.guess == "deals" and "stage_id" not in sample.fields:
        lines += state_lines(sample)
    if sample.guess == "deal_lines":
        lines += prices(sample)
    return lines


def prices(sample: Sample) -> list[Line]:
    """Return whole-line amounts as quantity × price, where the file has prices of one."""
    quantity = sample.fields.get("quantity")
    lines = []
    for name, words in (("list_minor", LIST_PRICES), ("invoice_minor", UNIT_PRICES)):
        price = column_for(sample, words)
        if not quantity or not price or name in sample.fields:
            continue
        if name == "list_minor" and is_of_line(sample, price, quantity):
            lines.append(Line(name, toml(price), f"{CONFIRM}: the price of the whole line"))
            continue
        factors: list[Any] = [quantity, price]
        off = column_for(sample, DISCOUNTS)
        if off and name == "invoice_minor":
            factors.append(discount(off, sample.values[off]))
        why = f"{CONFIRM}: quantity × price of one"
        lines.append(Line(name, toml({"multiply": factors}), why))
    return lines


def is_of_line(sample: Sample, price: str, quantity: str) -> bool:
    """Whether list prices grow with the quantity of a product, so that they are those of whole lines."""
    product = sample.fields.get("product")
    if not product:
        return False
    price_of, count_of = (reader_of(sample.values[column]) for column in (price, quantity))
    found: defaultdict[str, dict[Decimal, Decimal]] = defaultdict(dict)
    pairs = zip(sample.pairs(product, price), sample.pairs(product, quantity), strict=True)
    for (name, amount), (_, number) in pairs:
        whole, count = price_of(amount), count_of(number)
        if whole and count:
            found[name][count] = whole / count
    several = [list(each.values()) for each in found.values() if len(each) > 1]
    return bool(several) and all(max(each) <= min(each) * SAME_PRICE for each in several)


def reader_of(values: list[str]) -> Callable[[str], Decimal | None]:
    """Return what reads the numbers of a column in the first format that fits."""
    formats = number_fit(values).formats or ("",)
    return lambda text: number_in(text, formats[0])


def discount(column: str, values: list[str]) -> dict[str, Any]:
    """Return what is left after a discount, as a factor."""
    return {"column": column, "unit": share_unit(column, values), "one_minus": True}


def share_unit(column: str, values: list[str]) -> str:
    """Return how a share seems to be written: as its column says, else over 1 it is no fraction."""
    if re.search(r"%|percent|prozent|pourcent|\bpct\b|\bpc\b", column.replace("_", " ").casefold()):
        return "percent"
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
        return list(day_lines(sample, name, column))
    if schema.type in ("money", "real", "int"):
        return [amount_line(name, column, values, schema)]
    if schema.type == "bool":
        return list(bool_lines(name, column, values))
    if name == "stage_id":
        return list(state_lines(sample))
    is_change = name in ("old_value", "new_value")
    line = changed_line(sample, name, column) if is_change else id_line(sample, name, column, known)
    return [line]


def amount_line(name: str, column: str, values: list[str], schema: Column) -> Line:
    """Return a number, or a share with its unit."""
    if schema.unit == "share":
        return Line(name, toml({"column": column, "unit": share_unit(column, values)}), CONFIRM)
    return number_line(name, column, values, grouped=schema.type in GROUPED_TYPES)


def day_lines(sample: Sample, name: str, column: str) -> list[Line]:
    """Return a day; one that may be expected or of closing is both, each where it is meant."""
    values = sample.values[column]
    if not is_ambiguous_close(sample, column):
        return [date_line(name, column, values)]
    why = "expected while a deal is open, the day of closing afterwards"
    lines = [date_line(name, column, values, why=why)]
    when = closed_when(sample)
    if when and "closed_on" not in sample.fields:
        lines.append(
            date_line("closed_on", column, values, when=when, why="only deals that have ended")
        )
    return lines


def date_line(
    name: str,
    column: str,
    values: list[str],
    *,
    when: dict[str, list[str]] | None = None,
    why: str = "",
) -> Line:
    """Return a day with the format that fits, and how sure that is."""
    formats, said = date_said(values)
    rule: dict[str, Any] = {"column": column}
    if formats:
        rule["date"] = formats[0] if len(formats) == 1 else formats
    if when:
        rule["when"] = when
    if why:
        said = confirm(f"{why}; {said.removeprefix('# ').removeprefix('please confirm: ')}")
    return Line(name, toml(rule if len(rule) > 1 else column), said)


def date_said(values: list[str]) -> tuple[tuple[str, ...], str]:
    """Return the formats of days, none for the usual one, and what to say of them."""
    fit = date_fit(values)
    if not values:
        return (), "# no value in the rows looked at"
    if fit.is_certain:
        shown = f"the only format that fits all {fit.values:,} values, e.g. {example(max(values))}"
        return (() if fit.formats == ("iso",) else fit.formats), remark(shown)
    if fit.formats:
        return fit.formats, f"{CONFIRM}: all of these fit; keep one"
    if cover := date_cover(values):
        return cover, f"{CONFIRM}: no format fits all values"
    return (), confirm(f"no known format, e.g. {example(values[0])}")


def number_line(name: str, column: str, values: list[str], *, grouped: bool = False) -> Line:
    """Return a number with the way it is written.

    Args:
        name: The field.
        column: The column.
        values: Its values.
        grouped: Whether a mark before three digits is more likely one of thousands.
    """
    fit = number_fit(values)
    if not values or fit.formats == ("",):
        return Line(name, toml(column))
    if not fit.formats:
        said = f"not all are numbers, e.g. {example(values[0])}"
        return Line(name, toml(column), confirm(said))
    if fit.is_certain:
        value = toml({"column": column, "number": fit.formats[0]})
        return Line(name, value, remark(f"the only format that fits all {fit.values:,} values"))
    return doubtful_number(name, column, fit, values, grouped=grouped)


def doubtful_number(name: str, column: str, fit: Fit, values: list[str], *, grouped: bool) -> Line:
    """Return a number that can be read in several ways, with each of them."""
    text = next(value for value in values if re.search(r"[.,]", value))
    readings = readings_of(text, fit.formats)
    chosen = (max if grouped else min)(readings, key=lambda way: abs(readings[way]))
    said = " or ".join(
        f'{number.normalize():f} (number = "{way or "en"}")' for way, number in readings.items()
    )
    value = toml({"column": column, "number": chosen or "en"})
    return Line(name, value, confirm(f"{example(text)} is {said}"))


def changed_line(sample: Sample, name: str, column: str) -> Line:
    """Return the value before or after a change; days among them need their format."""
    about = sample.fields.get("field")
    pairs = sample.pairs(about, column) if about else ()
    days = [text for said, text in pairs if text and meant_field(said) == "expected_close_on"]
    formats, said = date_said(days)
    if not days or not formats:
        return Line(name, toml(column))
    return Line(name, toml({"column": column, "date": formats}), said)


def meant_field(text: str) -> str:
    """Return the column of deals that a history means."""
    return meant("field", text, TABLES["deal_changes"].by_name["field"].values)


def bool_lines(name: str, column: str, values: list[str]) -> list[Line]:
    """Return a yes or no with its words, where they are not the usual ones; nothing for other words."""
    met = sorted({value.casefold() for value in values})
    if set(met) <= TRUE_WORDS | FALSE_WORDS:
        return [Line(name, toml(column))]
    yes = [word for word in met if word in YES_WORDS]
    if len(met) > 2 or not (yes or len(met) == 2) or not all(map(is_word, met)):
        return []
    yes = yes or met[:1]
    words = {"true": yes, "false": [word for word in met if word not in yes]}
    return [Line(name, toml({"column": column, **words}), f"{CONFIRM}: which words mean yes")]


def enum_table(sample: Sample, name: str, column: str, schema: Column) -> str:
    """Return an enum with a proposed translation of each value met."""
    lines = ["", f"[file.fields.{name}]", str(Line("column", toml(column)))]
    met = Counter(filter(is_word, sample.values[column])).most_common(MANY_VALUES)
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


# Further targets


def targets_besides(sample: Sample, known: list[Sample]) -> list[str]:
    """Return further targets of a file: names that no file has, and contacts of deals and activities."""
    if sample.guess == "deals":
        return [
            *names_taken(sample, known, "owner_id", "people", "person_id"),
            *names_taken(sample, known, "account_id", "accounts", "account_id"),
            *main_contact(sample),
        ]
    if sample.guess == "stakeholders":
        return roles(sample)
    return attendees(sample, known) if sample.guess == "activities" else []


def names_taken(sample: Sample, known: list[Sample], name: str, table: str, key: str) -> list[str]:
    """Return a target that makes records of the ids of a column, when no file has these records."""
    column = sample.fields.get(name)
    if not column or any(other.guess == table for other in known):
        return []
    fields = [Line(key, toml(column)), Line("name", toml(column))]
    return also(
        table,
        {column: "?*"},
        f"{CONFIRM}: no file has them, so they are made of this column",
        fields,
    )


def roles(sample: Sample) -> list[str]:
    """Return a target for the roles of contacts in deals; rows whose role is not known name none."""
    column = column_for(sample, ROLES)
    allowed = TABLES["stakeholder_roles"].by_name["role"].values
    met = sorted(set(filter(is_word, sample.values.get(column, ()))))
    meanings = {text: meaning for text in met if (meaning := meant("role", text, allowed))}
    if not meanings:
        return []
    own = {name: sample.fields[name] for name in ("deal_id", "contact_id")}
    rule = toml({"column": column, "values": meanings})
    fields = [
        *(Line(name, toml(text)) for name, text in own.items()),
        Line("role", rule, CONFIRM),
    ]
    where = {**wanted_rows(sample), column: list(map(literal, meanings))}
    others = [text for text in met if text not in meanings]
    why = confirm(f"these roles are left out: {shown_names(others)}") if others else CONFIRM
    return also("stakeholder_roles", where, why, fields)


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
    return also("stakeholders", {column: "?*"}, "", fields)


def attendees(sample: Sample, known: list[Sample]) -> list[str]:
    """Return a target for the contact of an activity."""
    column = column_for(sample, CONTACTS)
    if not column:
        return []
    own_id = id_line(sample, "activity_id", sample.fields["activity_id"], known)
    fields = [own_id, Line("attendee_id", toml(column)), Line("side", toml({"constant": "buyer"}))]
    return also("activity_attendees", {column: "?*"}, "", fields)


def also(table: str, where: dict[str, Any], why: str, fields: list[Line]) -> list[str]:
    """Return a further target for some of the rows."""
    lines = [Line("into", toml(table), why), Line("where", toml(where))]
    return ["", "[[file.also]]", *map(str, lines), "", "[file.also.fields]", *map(str, fields)]


# What is left


def unknown_block(sample: Sample) -> str:
    """Return a comment on a file that feeds nothing yet."""
    lines = [remark(f"Not recognised: {sample.source.name}, {sample.rows:,} rows")]
    if len(sample.source.columns) == 1:
        # A note or a licence, most likely: its first line is nobody's business.
        return lines[0]
    if not sample.headless:
        lines.append(remark(f"Columns: {shown_names(list(sample.source.columns))}"))
        return "\n".join(lines)
    lines.append(
        "# It seems to have no header: say this in a [[file]] block, with names that speak."
    )
    hints = header_lines(sample)
    return "\n".join([*lines, *(h if h.startswith("#") else f"# {h}" for h in hints)])


def stages(known: list[Sample], *others: str) -> str:
    """Return the stages met, with the milestones that their names may mean."""
    met: Counter[str] = Counter(others)
    for sample in known:
        if sample.guess == "deals":
            met.update(stage_names(sample))
        if sample.guess == "deal_changes":
            met.update(changed_stages(sample))
    shown = [name for name, _ in met.most_common(MANY_VALUES * 5) if name and is_word(name)]
    if not shown:
        return ""
    lines = [
        "# What each stage means; without a milestone, checks that ask for it can't decide.",
        "[stages]",
    ]
    return "\n".join([*lines, *map(stage_line, shown)])


def changed_stages(sample: Sample) -> list[str]:
    """Return the stages that a history names."""
    about, found = sample.fields.get("field"), []
    for name in ("old_value", "new_value"):
        column = sample.fields.get(name)
        if column and about:
            found += [
                t for said, t in sample.pairs(about, column) if meant_field(said) == "stage_id"
            ]
        elif column:
            found += sample.values[column]
    return found


def stage_line(name: str) -> str:
    """Return a stage with its proposed meaning."""
    meaning = stage_meaning(name)
    if meaning == CLOSED:
        return str(Line(name, toml({"kind": meaning}), f"{CONFIRM}: won or lost?"))
    if meaning in ("won", "lost", "open"):
        return str(Line(name, toml({"kind": meaning}), CONFIRM))
    if meaning:
        return str(Line(name, toml({"milestone": meaning}), CONFIRM))
    return str(Line(name, "{}", remark(f"please say: milestone = {' | '.join(MILESTONES)}")))
