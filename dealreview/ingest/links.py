"""Columns that point at records of other files: by id, or by a name that is looked up there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.ingest.mapping import EXTRA
from dealreview.ingest.recognise import columns_for
from dealreview.ingest.toml_text import CONFIRM, Line, confirm, toml
from dealreview.ingest.values import squeezed
from dealreview.ingest.words import FIELD_WORDS
from dealreview.store.schema import TABLES, Column

if TYPE_CHECKING:
    from dealreview.ingest.samples import Sample

LEAST_SHARE = 0.9
TELLING_IDS = 3
TELLING_LENGTH = 3
MASTER_TABLES = ("accounts", "contacts", "people", "teams", "deals")
"""Tables whose records several files may tell of: the same id is the same record."""


@frozen
class Link:
    """How a column finds its records in a file.

    Attributes:
        other: The file.
        column: Its column that has the same values.
        share: The share of values that it has.
        tolerant: Whether letters and digits had to do.
    """

    other: Sample
    column: str
    share: float
    tolerant: bool = False

    @property
    def key(self) -> str:
        """The file's column with the ids."""
        return self.other.fields[TABLES[self.other.guess].key[0]]

    @property
    def rank(self) -> tuple[float, bool, bool]:
        """What makes one link better than another: more values, ids, exactly."""
        return self.share, self.column == self.key, not self.tolerant


def column_of(table: str, name: str) -> Column:
    """Return the column or steering field of a table."""
    extras = {column.name: column for column in EXTRA.get(table, ())}
    return TABLES[table].by_name.get(name) or extras[name]


def id_line(sample: Sample, name: str, column: str, known: list[Sample]) -> Line:
    """Return a text or an id; a name that stands for an id is looked up in the file that has both."""
    if name in TABLES[sample.guess].key and is_taken(sample, column, known):
        prefix = f"{(sample.sheet or sample.name).partition('.')[0]}-"
        value = toml({"column": column, "prefix": prefix})
        return Line(name, value, f"{CONFIRM}: another file has the same ids for other records")
    rule, why = reference(sample, name, column, known)
    return Line(name, toml(rule), why)


def reference(sample: Sample, name: str, column: str, known: list[Sample]) -> tuple[Any, str]:
    """Return the rule of a column that may point at records, and what to say of it."""
    target = column_of(sample.guess, name).references.partition(".")[0]
    found = links(sample.values[column], target, known)
    if not found:
        return column, ""
    best = max(found, key=lambda link: link.rank)
    if not best.share:
        return column, confirm(f"no value of it is an id or name in {best.other.name}")
    if best.column == best.key:
        words = FIELD_WORDS[sample.guess].get(name, ())
        is_named = sample.headless or column in columns_for(sample, sample.guess, words)
        return column, "" if is_named else confirm(f"its values are ids of {best.other.name}")
    lookup = {"file": best.other.name, "key": best.column, "value": best.key}
    if best.tolerant:
        lookup["match"] = "letters-and-digits"
    return {"column": column, "lookup": lookup}, f"{CONFIRM}: found by name"


def links(values: list[str], target: str, known: list[Sample]) -> list[Link]:
    """Return how values may be found in the files of a table: by id, name, or almost its name."""
    found: list[Link] = []
    for other in known:
        key = other.fields.get(TABLES[target].key[0]) if target and other.guess == target else None
        if not key or not values:
            continue
        names = other.fields.get("name", key)
        found += [
            Link(other, c, share(values, other.values[c])) for c in dict.fromkeys((key, names))
        ]
        mine, theirs = map(squeezed, values), map(squeezed, other.values[names])
        if names != key:
            found.append(Link(other, names, share(list(mine), list(theirs)), tolerant=True))
    return found


def link_by_values(sample: Sample, known: list[Sample]) -> None:
    """Find the columns that no word names and whose values are the ids of another file."""
    for name in FIELD_WORDS[sample.guess] if not sample.headless else ():
        target = column_of(sample.guess, name).references.partition(".")[0]
        if name in sample.fields or target in ("", sample.guess):
            continue
        column = best_reference(sample, target, known, set(sample.fields.values()))
        if column and are_telling(sample.values[column]):
            sample.fields[name] = column


def are_telling(values: list[str]) -> bool:
    """Whether values are ids that can hardly be anything else: several, and no small numbers."""
    met = set(values)
    return len(met) >= TELLING_IDS and min(map(len, met)) >= TELLING_LENGTH


def best_reference(sample: Sample, target: str, known: list[Sample], taken: set[str]) -> str:
    """Return the column that has the most ids of a table's files and hardly anything else."""
    keys = [o.values[o.fields[k]] for o in known if o.guess == target and (k := key_of(o))]
    fitting = [
        (len(set(values)), column)
        for column, values in sample.values.items()
        for ids in keys
        if column not in taken and share(values, ids) >= LEAST_SHARE
    ]
    return max(fitting, default=(0, ""))[1]


def key_of(sample: Sample) -> str:
    """Return the field that a file's records are known by, empty where several make it."""
    key = TABLES[sample.guess].key[0]
    return key if key in sample.fields else ""


def is_taken(sample: Sample, column: str, known: list[Sample]) -> bool:
    """Whether an earlier file of the same table has any of the ids of this one."""
    if len(TABLES[sample.guess].key) > 1 or sample.guess in MASTER_TABLES:
        return False
    key = TABLES[sample.guess].key[0]
    earlier = known[: known.index(sample)]
    same = [s for s in earlier if s.guess == sample.guess and key in s.fields]
    return any(share(sample.values[column], other.values[other.fields[key]]) for other in same)


def share(values: list[str], among: list[str]) -> float:
    """Return the share of values that are among others."""
    wanted = set(values)
    return len(wanted & set(among)) / len(wanted) if wanted else 0.0
