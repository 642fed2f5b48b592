"""Mappings as TOML: reading one, and saying where it is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingType
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dealreview.ingest.dateformats import check_formats
from dealreview.ingest.fields import MONTHS
from dealreview.ingest.mapping import (
    CUSTOM_TABLES,
    EXTRA,
    Block,
    FieldRule,
    Filter,
    Lookup,
    Mapping,
    Split,
    StageRule,
    Target,
)
from dealreview.ingest.readers import TextOptions, known_encoding
from dealreview.ingest.values import (
    FALSE_WORDS,
    NULLS,
    TRUE_WORDS,
    NumberFormat,
    locale_format,
    squeezed,
)
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.model.money import is_currency
from dealreview.model.toml import decoded, parsed
from dealreview.store.schema import INTERNAL, TABLES, Column, Table

Data = MappingType[str, Any]

TOP_KEYS = (
    "source", "time_zone", "currency", "encoding", "nulls", "exported_on", "number", "decimal",
    "thousands", "date", "true", "false", "stages", "feeds", "file",
    "missing_columns", "preset",
)  # fmt: skip
TARGET_KEYS = (
    "into", "fields", "where", "where_not", "complete", "snapshots", "currency",
    "currency_column", "split", "optional",
)  # fmt: skip
BLOCK_KEYS = (
    "name", "match", "table", "sheet", "with_columns", "without_columns", "header", "header_row",
    "skip_lines", "columns", "merged", "delimiter", "quote", "encoding", "also",
    *TARGET_KEYS,
)  # fmt: skip
NUMBER_KEYS = ("number", "decimal", "thousands", "unit", "one_minus")
FIELD_KEYS = (
    "column", "columns", "sep", "prefix", "constant", "date", "values", "nulls", "true", "false", "multiply",
    "minus", "of", "lookup", "first_of", "otherwise", "when", "when_not", "table", "type", "description",
    *NUMBER_KEYS,
)  # fmt: skip
LOOKUP_KEYS = ("file", "key", "value", "match")
STAGE_KEYS = ("milestone", "kind", "position", "pipeline", "id")
MILESTONES = ("qualifying", "discovery", "evaluation", "proposal", "negotiation", "closing")
UNITS = ("fraction", "percent", "amount")
SECRET_WORDS = frozenset({"pwd", "salt", "secret", "token"})
SECRET_PARTS = ("password", "passwd", "passphrase", "apikey", "passwort", "kennwort", "motdepasse")
UNMAPPED = frozenset({"source_row", "gone_on"})
Tables = MappingType[str, Table]
NO_TABLES: Tables = {}
FIRST_EXPORT = dt.date(1990, 1, 1)


def load_mapping(name: str | Path, own: Tables = NO_TABLES) -> Mapping:
    """Return the mapping in a file, or the preset of that name.

    Args:
        name: Path of the file, or name of the preset.
        own: Tables of packs by name, which a file may feed too.

    Raises:
        ConfigurationError: when there is none, or what it says is impossible.
    """
    path = Path(name)
    presets = preset_names()
    if not path.is_file():
        if str(name) in presets:
            return parse_mapping(preset_text(str(name)), str(name))
        known = f"Presets: {', '.join(presets)}.{did_you_mean(str(name), presets)}"
        raise ConfigurationError(f"There is no mapping file or preset '{name}'.", mend=known)
    try:
        return parse_mapping(decoded(path.read_bytes(), path.name), path.name, own)
    except OSError as error:
        raise ConfigurationError(f"{path.name} can't be read: {error}.") from error


def preset_names() -> tuple[str, ...]:
    """Return the names of the mappings that come with the project, sorted."""
    folder = resources.files("dealreview.ingest") / "presets"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


def preset_text(name: str) -> str:
    """Return the text of a preset."""
    return (resources.files("dealreview.ingest") / "presets" / f"{name}.toml").read_text("utf-8")


def parse_mapping(text: str, name: str = "mapping", own: Tables = NO_TABLES) -> Mapping:
    """Return the mapping that a TOML text states.

    Raises:
        ConfigurationError: naming the place, and the nearest known name for an unknown one.
    """
    said = parsed(text, name)
    known_keys(said, name, TOP_KEYS)
    preset = text_of(said, "preset", name)
    data = over_preset(said, preset, name)
    tables = {**TABLES, **own}
    source = text_of(data, "source", name)
    if not source or ":" in source:
        raise wrong(name, "needs source, the name of the system", 'E.g. source = "crm"; no colon.')
    files = list_of_tables(data, "file", name)
    encoding = text_of(data, "encoding", name)
    mapping = Mapping(
        source=source,
        blocks=named_blocks(
            block_of(f, f"{name}: file {n}", encoding, tables) for n, f in enumerate(files, 1)
        ),
        stages=tuple(
            stage_of(key, stage, name) for key, stage in table_of(data, "stages", name).items()
        ),
        feeds={t: feed_of(t, f, name, tables) for t, f in table_of(data, "feeds", name).items()},
        exported_on=export_day_of(data, name),
        zone=zone_of(data, name),
        currency=currency_of(data, "currency", name),
        nulls=NULLS | set(texts_of(data, "nulls", name)),
        numbers=numbers_of(data, name) or NumberFormat(),
        dates=dates_of(data, name) or ("iso",),
        true=words_of(data, "true", name) or TRUE_WORDS,
        false=words_of(data, "false", name) or FALSE_WORDS,
        skip_missing=skips_missing(data, name),
        name=name,
        text=text + (preset_text(preset) if preset else ""),
        own=own,
    )
    check_lookups(mapping)
    check_complete(mapping)
    return mapping


def over_preset(data: Data, preset: str, place: str) -> Data:
    """Return a mapping over the preset that it names: what it says counts, stages and files add up."""
    if not preset:
        return data
    if preset not in preset_names():
        hint = did_you_mean(preset, preset_names()).strip()
        raise wrong(
            place,
            f"is made over an unknown preset '{preset}'",
            hint or f"Presets: {', '.join(preset_names())}.",
        )
    base = parsed(preset_text(preset), preset)
    own = list_of_tables(data, "file", place)
    taken = {block_name(block) for block in own}
    rest = [block for block in base["file"] if block_name(block) not in taken]
    stages = {**base.get("stages", {}), **table_of(data, "stages", place)}
    return {**base, **data, "stages": stages, "file": [*own, *rest]}


def block_name(block: Data) -> str:
    """Return what a block of a preset is known by, so that one of the same name takes its place."""
    return str(block.get("name") or block.get("table") or block.get("match"))


# Small parts


def wrong(place: str, what: str, mend: str = "") -> ConfigurationError:
    """Return an error that names its place in the mapping."""
    return ConfigurationError(f"{place} {what}.", mend=mend)


def known_keys(data: Data, place: str, keys: Iterable[str]) -> None:
    """Raise for a key that is none of the known ones."""
    known = tuple(keys)
    for key in data:
        if key not in known:
            mend = did_you_mean(key, known).strip() or f"Known: {', '.join(known)}."
            raise wrong(place, f"has an unknown key '{key}'", mend)


def typed(data: Data, key: str, place: str, kind: type | tuple[type, ...], what: str) -> Any:
    """Return a value of a kind, None when it is not there."""
    value = data.get(key)
    if value is not None and (
        not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
    ):
        raise wrong(place, f"needs {what} as {key}")
    return value


def text_of(data: Data, key: str, place: str) -> str:
    """Return a text, empty when it is not there."""
    return typed(data, key, place, str, "a text") or ""


def bool_of(data: Data, key: str, place: str, default: bool = False) -> bool:
    """Return true or false."""
    value = typed(data, key, place, bool, "true or false")
    return default if value is None else bool(value)


def texts_of(data: Data, key: str, place: str) -> tuple[str, ...]:
    """Return a list of texts; one text is a list of one."""
    value = typed(data, key, place, (str, list), "a text or a list of texts")
    values = [value] if isinstance(value, str) else value or []
    if not all(isinstance(item, str) for item in values):
        raise wrong(place, f"needs texts in {key}")
    return tuple(values)


def words_of(data: Data, key: str, place: str) -> frozenset[str]:
    """Return words without case."""
    return frozenset(word.casefold() for word in texts_of(data, key, place))


def table_of(data: Data, key: str, place: str) -> Data:
    """Return a sub-table, empty when it is not there."""
    value: Data = typed(data, key, place, dict, "a table") or {}
    return value


def list_of_tables(data: Data, key: str, place: str) -> list[Data]:
    """Return an array of tables."""
    value: list[Data] = typed(data, key, place, list, f"[[{key}]] blocks") or []
    if not all(isinstance(item, dict) for item in value):
        raise wrong(place, f"needs [[{key}]] blocks")
    return value


def day_of(data: Data, key: str, place: str) -> dt.date | None:
    """Return a day, written as a TOML date or an ISO text."""
    value = data.get(key)
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise wrong(place, f"needs a day as {key}", "E.g. 2025-05-05.") from error
    if day is not None and (not isinstance(day, dt.date) or isinstance(day, dt.datetime)):
        raise wrong(place, f"needs a day as {key}", "E.g. 2025-05-05.")
    return day


def export_day_of(data: Data, place: str) -> dt.date | None:
    """Return the day that the files show."""
    day = day_of(data, "exported_on", place)
    if day and day < FIRST_EXPORT:
        raise wrong(place, f"has exported_on = {day}, before there were exports", "Mend the day.")
    return day


def dates_of(data: Data, place: str, *, months: bool = False) -> tuple[str, ...]:
    """Return how days are written."""
    formats = texts_of(data, "date", place)
    if "date" in data and not formats:
        raise wrong(place, "has an empty list as date", 'E.g. date = "%d.%m.%Y".')
    check_formats(formats, place, months=months)
    return formats


def zone_of(data: Data, place: str) -> ZoneInfo:
    """Return the time zone of naive times, UTC when none is stated."""
    name = text_of(data, "time_zone", place) or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise wrong(place, f"has an unknown time_zone '{name}'", 'E.g. "Europe/Berlin".') from error


def currency_of(data: Data, key: str, place: str) -> str:
    """Return a known currency, empty when none is stated."""
    code = text_of(data, key, place)
    if code and not is_currency(code):
        raise wrong(place, f"has an unknown currency '{code}'", 'ISO 4217 codes, e.g. "EUR".')
    return code


def skips_missing(data: Data, place: str) -> bool:
    """Return whether fields whose column a file lacks are left out."""
    said = text_of(data, "missing_columns", place) or "error"
    if said not in ("error", "skip"):
        raise wrong(place, f"has an unknown missing_columns '{said}'", '"error" or "skip".')
    return said == "skip"


def numbers_of(data: Data, place: str) -> NumberFormat | None:
    """Return the stated number format: by locale, or by its two separators."""
    locale, decimal = text_of(data, "number", place), text_of(data, "decimal", place)
    thousands = text_of(data, "thousands", place)
    if locale and (decimal or thousands):
        raise wrong(place, "has number beside decimal or thousands", "Say one of them.")
    if locale:
        return locale_format(locale)
    if not decimal and not thousands:
        return None
    if (
        len(decimal or ".") != 1
        or (decimal or ".") in thousands
        or any(c.isalnum() for c in decimal + thousands)
    ):
        raise wrong(
            place, "has separators that can't be told apart", 'E.g. decimal = ",", thousands = ".".'
        )
    return NumberFormat(decimal or ".", thousands)


# Blocks


def named_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks; two with one name are refused."""
    result: list[Block] = []
    for block in blocks:
        if block.name in {other.name for other in result}:
            raise wrong(block.place, f"is the second block named '{block.name}'", "Give it a name.")
        result.append(block)
    return tuple(result)


def block_of(data: Data, place: str, encoding: str, tables: Tables) -> Block:
    """Return one ``[[file]]`` block."""
    known_keys(data, place, BLOCK_KEYS)
    match, table = texts_of(data, "match", place), text_of(data, "table", place)
    sheet, named = text_of(data, "sheet", place), texts_of(data, "with_columns", place)
    if not match and not table and not named:
        raise wrong(place, "needs match, a file name, or table, a table of a SQLite file")
    if table and sheet:
        raise wrong(place, "has table, of a SQLite file, beside sheet, of a workbook")
    usual = table or (":".join((match or named)[:1]) + (f":{sheet}" if sheet else ""))
    name = text_of(data, "name", place) or usual
    place = f"{place} '{name}'"
    targets = [data] if "into" in data else []
    if not targets and "fields" in data:
        raise wrong(place, "has fields and no into", 'Say which table, e.g. into = "deals".')
    also = list_of_tables(data, "also", place)
    for extra in also:
        known_keys(extra, f"{place} also", TARGET_KEYS)
    return Block(
        name=name,
        match=match or ("*",),
        table=table,
        sheet=sheet,
        with_columns=named,
        without_columns=texts_of(data, "without_columns", place),
        options=text_options(data, place, encoding),
        targets=tuple(target_of(t, place, tables) for t in (*targets, *also)),
        place=place,
    )


def text_options(data: Data, place: str, encoding: str) -> TextOptions:
    """Return how the block's text files or sheets are written."""
    delimiter, quote = text_of(data, "delimiter", place), data.get("quote", '"')
    if len(delimiter) > 1 or delimiter in ("\n", "\r", '"'):
        raise wrong(place, "needs one character as delimiter", r'E.g. delimiter = "\t".')
    if not isinstance(quote, str) or len(quote) > 1 or quote in ("\n", "\r", " "):
        raise wrong(place, "needs one character as quote, or an empty text")
    columns = texts_of(data, "columns", place)
    if len(set(columns)) != len(columns):
        raise wrong(place, "names a column twice in columns")
    known_encoding(text_of(data, "encoding", place) or encoding)
    return TextOptions(
        delimiter=delimiter,
        quote=quote,
        header=bool_of(data, "header", place, True),
        header_row=row_of(data, place),
        fill_merged=fills_merged(data, place),
        columns=columns,
        encoding=text_of(data, "encoding", place) or encoding,
    )


def row_of(data: Data, place: str) -> int:
    """Return the row on which a table begins, 0 when it is not stated."""
    row: int = typed(data, "header_row", place, int, "a row number") or 0
    if row < 0:
        raise wrong(place, "needs a row number as header_row", "The first row is 1.")
    skipped: int = typed(data, "skip_lines", place, int, "a number of lines") or 0
    if skipped < 0 or (skipped and row):
        raise wrong(
            place, "needs either header_row or skip_lines", "skip_lines = 3: line 4 is first."
        )
    return skipped + 1 if skipped else row


def fills_merged(data: Data, place: str) -> bool:
    """Return whether merged cells all have the value of the first."""
    said = text_of(data, "merged", place) or "tell"
    if said not in ("tell", "fill"):
        raise wrong(place, f"has an unknown merged '{said}'", '"tell" or "fill".')
    return said == "fill"


def split_of(data: Data, place: str) -> Split | None:
    """Return the column whose list makes a record of each entry."""
    split = table_of(data, "split", place)
    if not split:
        return None
    known_keys(split, f"{place} split", ("column", "sep"))
    column = text_of(split, "column", f"{place} split")
    separator = text_of(split, "sep", f"{place} split")
    if not (column and separator):
        raise wrong(f"{place} split", "needs column and sep", 'E.g. {column = "Ids", sep = ";"}.')
    return Split(column, separator)


def target_of(data: Data, place: str, tables: Tables) -> Target:
    """Return what a block feeds."""
    into = text_of(data, "into", place)
    if into not in tables:
        hint = did_you_mean(into, tables).strip() or f"Tables: {', '.join(tables)}."
        raise wrong(place, f"feeds an unknown table '{into}'", hint)
    table = tables[into]
    fields = flat_fields(table_of(data, "fields", place))
    rules = {
        key: field_of(table, key, value, f"{place} fields.{key}") for key, value in fields.items()
    }
    check_key(table, rules, place)
    if snapshots := bool_of(data, "snapshots", place):
        check_snapshots(table, rules, place)
    return Target(
        table=table,
        fields=rules,
        where=filter_of(data, "where", place),
        where_not=filter_of(data, "where_not", place),
        complete=bool_of(data, "complete", place),
        snapshots=snapshots,
        currency=currency_of(data, "currency", place),
        currency_column=text_of(data, "currency_column", place),
        split=split_of(data, place),
        optional=bool_of(data, "optional", place),
    )


def flat_fields(fields: Data) -> dict[str, Any]:
    """Return the fields with ``x = {a = …}`` written as ``x.a``."""
    flat: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "x" and isinstance(value, dict):
            flat.update({f"x.{name}": rule for name, rule in value.items()})
        else:
            flat[key] = value
    return flat


def check_key(table: Table, rules: MappingType[str, FieldRule], place: str) -> None:
    """Raise when a table's key is not mapped."""
    missing = [name for name in table.key if name not in rules]
    if missing:
        example = f'E.g. {missing[0]} = "Id", or {missing[0]} = {{columns = ["A", "B"]}}.'
        raise wrong(place, f"does not say what {' and '.join(missing)} is made of", example)


def check_snapshots(table: Table, rules: MappingType[str, FieldRule], place: str) -> None:
    """Raise when snapshots can't be told from each other."""
    needed = {"deal_id", "field", "new_value", "changed_at"}
    if table.name != "deal_changes" or not needed <= rules.keys() or "old_value" in rules:
        what = "has snapshots, which are changes of deals with new_value and without old_value"
        raise wrong(place, what, f"Fields needed: {', '.join(sorted(needed))}.")


def filter_of(data: Data, key: str, place: str) -> Filter | None:
    """Return a filter: columns with the texts or patterns that are meant."""
    wanted = table_of(data, key, place)
    return (
        Filter({column: texts_of(wanted, column, place) for column in wanted}) if wanted else None
    )


# Fields


def field_of(table: Table, name: str, value: Any, place: str) -> FieldRule:
    """Return the rule of a field of a table."""
    column = known_field(table, name, place)
    rule = rule_of(name, value, place)
    for part in (rule, *rule.parts()):
        check_formats(part.dates, part.place, months=(table.name, name) in MONTHS)
    refuse_secrets(rule)
    if column is None and not is_custom_type(rule.type):
        kinds = INTERNAL["custom_fields"].by_name["type"].values
        raise wrong(place, f"has an unknown type '{rule.type}'", f"Types: {', '.join(kinds)}.")
    if column and column.unit == "share" and rule.constant is None and not rule.unit:
        raise wrong(place, "needs a unit", 'A share is a "fraction", a "percent" or an "amount".')
    return rule


def is_custom_type(kind: str) -> bool:
    """Whether an ``x.`` field can have a type."""
    return not kind or kind in INTERNAL["custom_fields"].by_name["type"].values


def known_field(table: Table, name: str, place: str) -> Column | None:
    """Return the column that a field fills, None for a custom one."""
    extras = {column.name: column for column in EXTRA.get(table.name, ())}
    known = {n: c for n, c in table.by_name.items() if n not in UNMAPPED} | extras
    if name.startswith("x."):
        if table.name not in CUSTOM_TABLES:
            raise wrong(place, "is a custom field", f"They belong to {', '.join(CUSTOM_TABLES)}.")
        if not re.fullmatch(r"x\.[a-z][a-z0-9_]*", name):
            mend = "Lower-case letters, digits and _, e.g. x.lead_score."
            raise wrong(place, "is no name for a column of your own", mend)
        return None
    if name not in known:
        hint = did_you_mean(name, known).strip() or f"Fields: {', '.join(known)}."
        raise wrong(place, f"is no field of {table.name}", hint)
    return known[name]


def rule_of(name: str, value: Any, place: str) -> FieldRule:
    """Return a rule: a text is a column, a table is what its keys say."""
    if isinstance(value, str):
        return FieldRule(name, columns=(value,), place=place)
    if not isinstance(value, dict):
        raise wrong(place, "needs a column or a table of settings", f'E.g. {name} = "Column".')
    known_keys(value, place, FIELD_KEYS)
    rule = FieldRule(
        name=name,
        columns=texts_of(value, "column", place) or texts_of(value, "columns", place),
        sep=text_of(value, "sep", place) or "/",
        prefix=text_of(value, "prefix", place),
        constant=constant_of(value, place),
        dates=dates_of(value, place, months=True),
        numbers=numbers_of(value, place),
        unit=text_of(value, "unit", place),
        values=translations(value, place),
        nulls=frozenset(texts_of(value, "nulls", place)),
        true=words_of(value, "true", place),
        false=words_of(value, "false", place),
        multiply=operands(value, "multiply", place),
        minus=operands(value, "minus", place),
        of=rule_of("of", value["of"], f"{place}.of") if "of" in value else None,
        one_minus=bool_of(value, "one_minus", place),
        lookup=lookup_of(table_of(value, "lookup", place), place),
        first_of=text_of(value, "first_of", place),
        otherwise=operands(value, "otherwise", place),
        when=filter_of(value, "when", place),
        when_not=filter_of(value, "when_not", place),
        table=text_of(value, "table", place),
        type=text_of(value, "type", place),
        description=text_of(value, "description", place),
        place=place,
    )
    check_rule(rule)
    return rule


def check_rule(rule: FieldRule) -> None:
    """Raise for settings that don't go together."""
    origins = [bool(rule.columns), rule.constant is not None, bool(rule.multiply)]
    if sum(origins) != 1:
        raise wrong(rule.place, "needs one of column, columns, constant and multiply")
    if rule.otherwise and not rule.columns:
        raise wrong(rule.place, "has otherwise, which goes with column or columns")
    if rule.table and rule.table not in TABLES:
        raise wrong(
            rule.place,
            f"points at an unknown table '{rule.table}'",
            did_you_mean(rule.table, TABLES).strip(),
        )
    if rule.unit == "amount" and rule.of is None:
        raise wrong(rule.place, "has an amount as a share", 'Say of what, e.g. of = "List price".')
    if rule.unit and rule.unit not in UNITS and not rule.is_custom:
        raise wrong(rule.place, f"has an unknown unit '{rule.unit}'", f"Units: {', '.join(UNITS)}.")


def constant_of(data: Data, place: str) -> str | None:
    """Return a constant as text."""
    value = data.get("constant")
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is not None and not isinstance(value, str | int | float | dt.date):
        raise wrong(place, "needs a single value as constant")
    return None if value is None else str(value)


def translations(data: Data, place: str) -> dict[str, str]:
    """Return the stated translations of texts."""
    values = table_of(data, "values", place)
    if any(isinstance(v, dict | list) for v in values.values()):
        raise wrong(place, "needs single values in values", 'E.g. values = {"Old" = "new"}.')
    return {
        old: str(new).lower() if isinstance(new, bool) else str(new) for old, new in values.items()
    }


def operands(data: Data, key: str, place: str) -> tuple[FieldRule, ...]:
    """Return the parts of a product or difference."""
    value = data.get(key, [])
    parts = value if isinstance(value, list) else [value]
    return tuple(rule_of(key, part, f"{place}.{key}[{n}]") for n, part in enumerate(parts))


def lookup_of(data: Data, place: str) -> Lookup | None:
    """Return where a text is looked up."""
    if not data:
        return None
    known_keys(data, f"{place}.lookup", LOOKUP_KEYS)
    match = text_of(data, "match", place) or "exact"
    if match not in ("exact", "letters-and-digits"):
        raise wrong(
            f"{place}.lookup", f"has an unknown match '{match}'", '"exact" or "letters-and-digits".'
        )
    file, key, value = (text_of(data, part, place) for part in ("file", "key", "value"))
    if not (file and key and value):
        raise wrong(f"{place}.lookup", "needs file, key and value")
    return Lookup(file, key, value, match == "letters-and-digits")


def refuse_secrets(rule: FieldRule) -> None:
    """Raise for a column that seems to hold a password: none is ever stored."""
    for column in rule.used_columns():
        if is_secret(column):
            raise wrong(rule.place, f"reads the column '{column}', which is never stored")


def is_secret(column: str) -> bool:
    """Whether a column's name says that it holds a password or a key to something."""
    # "Secretary" holds no secret: short words count only as a whole.
    parts = {part.casefold() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", column)}
    plain = squeezed(column)
    return bool(parts & SECRET_WORDS) or any(part in plain for part in SECRET_PARTS)


# Stages, feeds, and what only the whole mapping can tell


def stage_of(name: str, data: Any, place: str) -> StageRule:
    """Return what a mapping says of a stage."""
    place = f"{place}: stages.{name}"
    if not isinstance(data, dict):
        raise wrong(place, "needs a table", 'E.g. {milestone = "proposal", kind = "open"}.')
    known_keys(data, place, STAGE_KEYS)
    kind = text_of(data, "kind", place) or None
    kinds = TABLES["stages"].by_name["kind"].values
    if kind and kind not in kinds:
        raise wrong(place, f"has an unknown kind '{kind}'", f"Kinds: {', '.join(kinds)}.")
    if kind not in (None, "open") and "milestone" in data:
        raise wrong(place, f"is {kind} and has a milestone", "Only open stages have one.")
    return StageRule(
        name=name,
        milestone=milestone_of(data, place),
        kind=kind or ("open" if "milestone" in data else None),
        position=typed(data, "position", place, int, "a whole number"),
        pipeline=text_of(data, "pipeline", place),
        stage_id=text_of(data, "id", place),
    )


def milestone_of(data: Data, place: str) -> int | None:
    """Return a milestone as its number 1 to 6."""
    value = data.get("milestone")
    if value is None or (type(value) is int and 1 <= value <= len(MILESTONES)):
        return value
    if value not in MILESTONES:
        hint = (
            did_you_mean(str(value), MILESTONES).strip() or f"Milestones: {', '.join(MILESTONES)}."
        )
        raise wrong(place, f"has an unknown milestone '{value}'", hint)
    return MILESTONES.index(value) + 1


def feed_of(
    table: str, data: Any, place: str, tables: Tables
) -> tuple[dt.date | None, dt.date | None]:
    """Return the days that a table is recorded for."""
    place = f"{place}: feeds.{table}"
    if table not in tables:
        raise wrong(place, f"names an unknown table '{table}'", did_you_mean(table, tables).strip())
    if not isinstance(data, dict):
        raise wrong(place, "needs a table", "E.g. {from = 2024-01-01, to = 2024-12-31}.")
    known_keys(data, place, ("from", "to"))
    first, last = day_of(data, "from", place), day_of(data, "to", place)
    if first and last and last < first:
        raise wrong(place, "ends before it starts")
    return first, last


def check_lookups(mapping: Mapping) -> None:
    """Raise for a lookup in a block that is not there."""
    names = mapping.blocks_by_name
    for rule in all_rules(mapping):
        if rule.lookup and rule.lookup.file not in names:
            hint = did_you_mean(rule.lookup.file, names).strip() or f"Blocks: {', '.join(names)}."
            raise wrong(rule.place, f"looks into an unknown block '{rule.lookup.file}'", hint)


def all_rules(mapping: Mapping) -> Iterable[FieldRule]:
    """Yield every rule of a mapping, parts of products included."""
    for block in mapping.blocks:
        for target in block.targets:
            for rule in target.fields.values():
                yield rule
                yield from rule.parts()


def check_complete(mapping: Mapping) -> None:
    """Raise where only some of the blocks that feed a table are complete: the rest would be gone."""
    targets = [(block, target) for block in mapping.blocks for target in block.targets]
    by_table: dict[str, set[bool]] = {}
    for block, target in targets:
        known = by_table.setdefault(target.table.name, set())
        known.add(target.complete)
        if len(known) > 1:
            what = f"feeds {target.table.name}, which another block feeds, and only one is complete"
            raise wrong(block.place, what, "Say complete in all of them or in none.")


Parser = Callable[[str], Mapping]
