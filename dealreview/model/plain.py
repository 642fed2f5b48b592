"""Values as JSON holds them: numbers, texts, lists and null, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

_READY = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: dates as ISO text, NaN and infinity as null.

    What JSON has no form for is named by its type: its own text could hold an address in memory,
    and the same review must give the same bytes.
    """
    if type(value) in _READY:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        items = [plain(item) for item in value]
        return sorted(items, key=dumped) if isinstance(value, set | frozenset) else items
    return _scalar(value)


def _scalar(value: Any) -> str | int | float | None:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return int(value) if isinstance(value, int) else f"<{type(value).__name__}>"


def dumped(value: Any) -> str:
    """Return JSON on one line, in ASCII: what a name holds can't steer a terminal that shows it."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False)
