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


def told(value: Any) -> Any:
    """Return a value as a reader of JSON gets it: numbers without the tail that adding them up leaves.

    Twelve digits tell 200.7 hours from 200.70000000000002 and still hold every cent of a large amount.
    """
    found = plain(value)
    if isinstance(found, list):
        return [told(item) for item in found]
    return float(f"{found:.12g}") if isinstance(found, float) else found


def dumped(value: Any) -> str:
    """Return JSON on one line, in ASCII: what a name holds can't steer a terminal that shows it."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False)
