"""How long Polars keeps memory that it has freed, before it gives it back to the system."""

from __future__ import annotations

import os

SETTING = "_RJEM_MALLOC_CONF"
"""What the allocator of Polars reads when Polars is imported; Windows has another one, which does not."""

KEPT_S = 5


def keep_freed_memory() -> None:
    """Have freed memory kept for seconds instead of half a one, unless somebody has decided otherwise.

    A review frees the rows of a bucket and asks for the same amount for the next one: given back in
    between, every page of it has to be made anew. A sixth of the time goes into that, against which a
    quarter more memory is held (``benchmarks/PROFILES.md``).
    """
    kept_ms = KEPT_S * 1_000
    os.environ.setdefault(SETTING, f"dirty_decay_ms:{kept_ms},muzzy_decay_ms:{kept_ms}")
