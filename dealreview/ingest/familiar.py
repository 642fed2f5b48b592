"""Which of the mappings that come along files seem to be made for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.ingest.files import has_columns, is_named
from dealreview.ingest.mapping_file import load_mapping, preset_names
from dealreview.ingest.presence import reduced_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.ingest.mapping import Block
    from dealreview.ingest.readers import Source

LEAST_SHARE = 0.5
"""Share of a block's fields that a file known by its name alone must have; our judgement."""


def familiar_files(files: Iterable[tuple[str, Source]]) -> dict[str, list[str]]:
    """Return the files that each preset reads, by the preset's name; files are names and tables."""
    found: dict[str, list[str]] = {}
    listed = list(files)
    for preset in preset_names():
        blocks = load_mapping(preset).blocks
        names = [n for n, source in listed if any(knows(block, n, source) for block in blocks)]
        if names:
            found[preset] = list(dict.fromkeys(names))
    return found


def knows(block: Block, name: str, source: Source) -> bool:
    """Whether a block of a preset is made for a file."""
    if not block.targets or not is_named(block, Path(name)) or not has_columns(block, source):
        return False
    target = block.targets[0]
    fields = reduced_fields(target, source, ())
    if not set(target.table.key) <= fields.keys():
        return False
    return bool(block.with_columns) or len(fields) >= LEAST_SHARE * len(target.fields)
