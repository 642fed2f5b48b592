"""Which of the mappings that come along files seem to be made for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.ingest.files import has_columns, is_named
from dealreview.ingest.mapping_file import load_mapping, preset_names
from dealreview.ingest.presence import reduced_fields
from dealreview.ingest.stages import StageBook
from dealreview.ingest.values import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dealreview.ingest.mapping import Block, FieldRule, Mapping
    from dealreview.ingest.readers import Source

LEAST_SHARE = 0.5
"""Share of a block's fields that a file known by its name alone must have; our judgement."""


@frozen
class Familiar:
    """A preset and the files that it reads.

    Attributes:
        preset: Its name.
        mapping: What it says.
        files: Numbers of the files among those that were looked at.
    """

    preset: str
    mapping: Mapping
    files: tuple[int, ...]


def find_familiar(files: Sequence[tuple[str, Source]]) -> Familiar | None:
    """Return the preset that reads most of the files, None when none reads any."""
    found = [
        Familiar(preset, mapping, tuple(n for n, file in enumerate(files) if reads(mapping, *file)))
        for preset in preset_names()
        for mapping in (load_mapping(preset),)
    ]
    best = max(found, key=lambda one: len(one.files), default=None)
    return best if best and best.files else None


def reads(mapping: Mapping, name: str, source: Source) -> bool:
    """Whether a preset is made for a file."""
    return any(knows(block, name, source) for block in mapping.blocks)


def knows(block: Block, name: str, source: Source) -> bool:
    """Whether a block of a preset is made for a file."""
    if not block.targets or not is_named(block, Path(name)) or not has_columns(block, source):
        return False
    target = block.targets[0]
    fields = reduced_fields(target, source, ())
    if not set(target.table.key) <= fields.keys():
        return False
    return bool(block.with_columns) or len(fields) >= LEAST_SHARE * len(target.fields)


def stage_rules(mapping: Mapping) -> list[FieldRule]:
    """Return the rules of a mapping that give a deal its stage."""
    targets = [target for block in mapping.blocks for target in block.targets]
    rules = [t.fields["stage_id"] for t in targets if "stage_id" in t.fields]
    return [part for rule in rules for part in (rule, *rule.otherwise)]


def unknown_stages(mapping: Mapping, rule: FieldRule, texts: Iterable[str]) -> list[str]:
    """Return the stages among the texts of a column that a preset says nothing about."""
    book = StageBook(mapping)
    names = [translate(text, rule.values) if rule.values else text for text in texts]
    found = [text if name is None else name for name, text in zip(names, texts, strict=True)]
    return [name for name in found if name and book.rule("", name) is None]
