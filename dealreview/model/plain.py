"""Values as JSON holds them: numbers, texts, lists and null, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: dates as ISO text, NaN and infinity as null.

    What JSON has no form for is named by its type: its own text could hold an address in memory,
    and the same review must give the same bytes.
    """
    if isinstance(value, str | bool | int | None):
        return _text(value) if isinstance(value, str) else value
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        items = [plain(item) for item in value]
        return sorted(items, key=dumped) if isinstance(value, set | frozenset) else items
    return f"<{type(value).__name__}>"


def _text(value: str) -> str:
    return str.__str__(value)


def dumped(value: Any) -> str:
    """Return JSON on one line, in ASCII: what a name holds can't steer a terminal that shows it."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(", ", ": "))
