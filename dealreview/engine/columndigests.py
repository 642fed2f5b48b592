"""Digests of columns of facts: the same for the same values of the same subjects."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    import polars as pl

_SEED = 20_251_116
"""Without one, numbers would differ from process to process."""


@frozen
class Digests:
    """Digests of the columns of some frames, each made once."""

    _known: dict[tuple[int, str], bytes] = field(factory=dict, init=False)

    def of(self, frame: pl.DataFrame, name: str) -> bytes:
        """Return the digest of a fact of all subjects; another version of Polars may give another one."""
        key = (id(frame), name)
        if key not in self._known:
            self._known[key] = _digest(frame.select("id", name))
        return self._known[key]


def _digest(cells: pl.DataFrame) -> bytes:
    if any(dtype.is_nested() for dtype in cells.dtypes):
        return hashlib.sha256(cells.write_ndjson().encode()).digest()
    return f"{cells.height}:{cells.hash_rows(seed=_SEED).sum()}".encode()
