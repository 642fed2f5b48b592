"""Which table a file feeds, and which of its columns are which fields, by their names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dealreview.ingest.mapping_file import is_secret
from dealreview.ingest.values import squeezed
from dealreview.ingest.words import FIELD_WORDS, FILE_WORDS, ID_ENDINGS, KEY_PARTS, NOUNS
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.ingest.samples import Sample

NAME_BONUS = 3
LEAST_SCORE = 3
UNIQUE_SHARE = 0.9
DYNAMICS_PREFIX = re.compile(r"^\(do not modify\)\s*", re.IGNORECASE)
UNIT_SUFFIX = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$|\s+(in\s+)?(EUR|USD|GBP|CHF|€|\$|£)\s*$")
NUMBER_SUFFIX = re.compile(r"(nummer|number|nr)$")


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
    return len(set(found.values())) + (NAME_BONUS if named_table(sample) == table else 0)


def named_table(sample: Sample) -> str:
    """Return the table that the name of a file speaks of, empty for none."""
    plain = squeezed(sample.own_name)
    return next((name for name, parts in FILE_WORDS.items() if any(p in plain for p in parts)), "")


def columns_by_word(sample: Sample, table: str) -> dict[str, str]:
    """Return the columns by what their names can be read as; a plainer reading wins."""
    usable = [column for column in sample.source.columns if not is_secret(column)]
    found: dict[str, str] = {}
    for level in range(4):
        for column in usable:
            found.setdefault(readings(column, table)[level], column)
    found.pop("", None)
    return found


@lru_cache(maxsize=65536)
def readings(column: str, table: str) -> tuple[str, str, str, str]:
    """Return a name as written, without what systems put around it, as an id, and without its unit."""
    bare = without_noun(DYNAMICS_PREFIX.sub("", column), table)
    plain = UNIT_SUFFIX.sub("", bare)
    return squeezed(column), squeezed(bare), as_id(bare), squeezed(plain)


def without_noun(column: str, table: str) -> str:
    """Return ``Title`` for ``Deal - Title`` where the table is that of deals."""
    noun, dash, rest = column.partition(" - ")
    return rest if dash and squeezed(noun) in NOUNS.get(table, ()) else column


def as_id(column: str) -> str:
    """Return ``accountid`` for ``Account no``, ``AccountKey`` and the like; empty for other names."""
    spaced = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", column).replace("#", " # ")
    parts = re.findall(r"\w+|#", spaced.replace("_", " ").casefold())
    if not parts:
        return ""
    if parts[-1] in ID_ENDINGS:
        return "".join([*parts[:-1], "id"])
    stem = NUMBER_SUFFIX.sub("", parts[-1])
    return "".join([*parts[:-1], stem, "id"]) if stem != parts[-1] else ""


def columns_for(sample: Sample, table: str, words: Iterable[str]) -> Iterator[str]:
    """Yield the columns that the words name; the first word is the likeliest."""
    by_word = columns_by_word(sample, table)
    return iter(dict.fromkeys(by_word[word] for word in words if word in by_word))


def column_for(sample: Sample, words: Iterable[str]) -> str:
    """Return the column that one of the words names, empty for none; the first word wins."""
    return next(columns_for(sample, sample.guess, words), "")


def found_fields(sample: Sample, table: str) -> dict[str, str]:
    """Return the columns that a table's fields are likely to be; none is taken twice but for a name."""
    found: dict[str, str] = {}
    if sample.headless:
        return found
    for name, words in FIELD_WORDS[table].items():
        candidates = list(columns_for(sample, table, words))
        if (name,) == TABLES[table].key:
            # Of several columns that could be the id, the first that tells rows apart is.
            candidates.sort(key=lambda column: not is_unique(sample.values[column]))
        free = [c for c in candidates if c not in found.values() or name == "name"]
        if free:
            found[name] = free[0]
    return found


def has_key(sample: Sample, table: str, found: dict[str, str]) -> bool:
    """Whether the file has what rows of a table are known by, and hardly any of it twice."""
    schema = TABLES[table]
    if not set(schema.parents) <= found.keys():
        return False
    missing = [name for name in schema.key if name not in found]
    if missing:
        return set(KEY_PARTS.get(table, missing)) <= found.keys()
    return len(schema.key) > 1 or is_unique(sample.values[found[schema.key[0]]])


def is_unique(values: list[str]) -> bool:
    """Whether hardly any value is there twice."""
    return len(set(values)) >= UNIQUE_SHARE * max(len(values), 1)


def drop_shadowed(samples: list[Sample]) -> None:
    """Keep the best of the tables of a database that feed one table; a view only where no table does."""
    best: dict[tuple[str, str], Sample] = {}
    for sample in samples:
        if sample.guess and sample.table_name:
            place = (sample.match, sample.guess)
            best[place] = max(best.get(place, sample), sample, key=rank)
    for sample in samples:
        if sample.table_name and best.get((sample.match, sample.guess)) is not sample:
            sample.guess, sample.fields = "", {}


def rank(sample: Sample) -> tuple[bool, int, int]:
    """Return how much speaks for a table of a database."""
    return not sample.is_view, score(sample, sample.guess), sample.rows
