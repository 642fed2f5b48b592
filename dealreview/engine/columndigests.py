"""Digests of facts: the same for the same values of the same subjects."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

    from dealreview.engine.facttable import FactTable

_SEED = 20_251_116
"""Without one, numbers would differ from process to process."""

_NUMBERS = 2**64
"""How many there are for the hash of a row, and for the sum of those of all rows."""


def digests(table: FactTable, names: Collection[str]) -> dict[str, bytes]:
    """Return the digests of facts of all subjects by name; another version of Polars may give others."""
    sums, texts = dict.fromkeys(names, 0), {name: hashlib.sha256() for name in names}
    nested = set()
    for window in table.windows(["id", *names]):
        for name in names:
            cells = window.select("id", name)
            if cells[name].dtype.is_nested():
                nested.add(name)
                texts[name].update(cells.write_ndjson().encode())
            else:
                sums[name] = (sums[name] + _hashed(cells)) % _NUMBERS
    return {
        name: texts[name].digest() if name in nested else f"{table.height}:{sums[name]}".encode()
        for name in names
    }


def _hashed(cells: pl.DataFrame) -> int:
    return int(cells.hash_rows(seed=_SEED).sum())
