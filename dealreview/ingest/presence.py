"""What a mapping asks of a file that the file has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from dealreview.ingest.mapping import FieldRule, Filter, Target

if TYPE_CHECKING:
    from collections.abc import Container

    from dealreview.ingest.mapping import Lookup
    from dealreview.ingest.readers import Source


@frozen
class Presence:
    """A target without what its file lacks.

    Attributes:
        target: What is left; None when the file lacks what makes a record.
        skipped: What was left out, as ``table.field``.
    """

    target: Target | None
    skipped: tuple[str, ...] = ()


def present(target: Target, source: Source, lookups: Container[Lookup], *, main: bool) -> Presence:
    """Return a target without the fields whose columns a file lacks.

    Args:
        target: What the file feeds.
        source: The file.
        lookups: The lookups whose files are there.
        main: Whether it is what the file is for. That needs its key; a table that is fed besides goes
            without a word of error.
    """
    table, fields = target.table, reduced_fields(target, source, lookups)
    needed = {*table.key, *table.parents} & target.fields.keys()
    if not main and not (needed <= fields.keys() and source.has(row_columns(target))):
        return Presence(None, (f"{table.name} (all)",))
    left_out = [name for name in target.fields if name not in fields and name not in needed]
    rest = {name: fields.get(name, rule) for name, rule in target.fields.items()}
    currency = target.currency_column if source.has([target.currency_column]) else ""
    return Presence(
        evolve(
            target,
            fields={name: rule for name, rule in rest.items() if name not in left_out},
            currency_column=currency,
            where_not=without_missing(target.where_not, source),
        ),
        tuple(f"{table.name}.{name}" for name in left_out),
    )


def row_columns(target: Target) -> set[str]:
    """Return the columns that tell which rows are meant."""
    split = {target.split.column} if target.split else set()
    return split | set(target.where.wanted if target.where else ())


def reduced_fields(
    target: Target, source: Source, lookups: Container[Lookup]
) -> dict[str, FieldRule]:
    """Return the fields that a file has, each without the alternatives that it lacks."""
    found = {name: reduced(rule, source, lookups) for name, rule in target.fields.items()}
    return {name: rule for name, rule in found.items() if rule}


def reduced(rule: FieldRule, source: Source, lookups: Container[Lookup]) -> FieldRule | None:
    """Return a rule without the alternatives that a file can't give; None when none is left."""
    parts = (evolve(rule, otherwise=()), *rule.otherwise)
    left = [
        part
        for part in parts
        if source.has(part.used_columns()) and (part.lookup is None or part.lookup in lookups)
    ]
    if not left:
        return None
    return evolve(left[0], name=rule.name, place=rule.place, otherwise=tuple(left[1:]))


def without_missing(unwanted: Filter | None, source: Source) -> Filter | None:
    """Return a filter without the columns that a file lacks: they can't leave a row out."""
    if unwanted is None:
        return None
    kept = {column: texts for column, texts in unwanted.wanted.items() if source.has([column])}
    return Filter(kept) if kept else None
