"""Cells of the database as typed Polars columns."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars as pl

DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INSTANT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"

_SAMPLE, _FEW = 1_000, 700
"""Cells that are looked at, and how many different ones among them are few."""

_FITTING: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "money": (int,),
    "bool": (int,),
    "real": (float, int),
}


def raw_type(kind: str) -> type[pl.DataType]:
    """Return the Polars type of cells of a column type as SQLite keeps them."""
    import polars as pl

    if kind in ("int", "money", "bool"):
        return pl.Int64
    return pl.Float64 if kind == "real" else pl.String


def typed(cells: pl.Series, kind: str) -> pl.Series:
    """Return cells as their column type; what is not a value of that type becomes empty."""
    import polars as pl

    if kind == "bool":
        return cells.cast(pl.Boolean)
    if kind not in _COUNTED:
        return cells
    # Many rows share few days: reading each day once takes half the time.
    if cells.len() > 2 * _SAMPLE and cells.head(_SAMPLE).n_unique() < _FEW:
        seen = cells.unique()
        return cells.replace_strict(seen, _moments(seen, kind))
    return _moments(cells, kind)


def _moments(cells: pl.Series, kind: str) -> pl.Series:
    """Return texts as days or instants."""
    if kind == "date":
        return _well_formed(cells, DAY).str.to_date("%Y-%m-%d", strict=False)
    wanted = _well_formed(cells, INSTANT)
    read = wanted.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", strict=False)
    return read.dt.replace_time_zone("UTC")


def _well_formed(cells: pl.Series, pattern: str) -> pl.Series:
    """Empty what the parser would take but nobody means: signs, one-digit months, the year 0."""
    import polars as pl

    cell = pl.col(cells.name)
    good = cell.str.contains(pattern) & ~cell.str.starts_with("0000")
    return cells.to_frame().select(pl.when(good).then(cell)).to_series()


def typed_few(name: str, values: Sequence[Any], kind: str) -> pl.Series:
    """Return a column as :func:`stacked` and :func:`typed` would; for few values much faster than these."""
    import polars as pl

    if kind not in _COUNTED:
        return typed(pl.Series(name, values, dtype=raw_type(kind)), kind)
    pattern, since = _COUNTED[kind]
    try:
        counts = [None if v is None or not pattern.fullmatch(v) else since(v) for v in values]
    except ValueError:
        return typed(pl.Series(name, values, dtype=pl.String), kind)
    found = pl.Series(name, counts, dtype=pl.Int64)
    if kind == "date":
        return found.cast(pl.Int32).cast(pl.Date)
    return found.cast(pl.Datetime("us", "UTC"))


def _days(text: str) -> int:
    return dt.date.fromisoformat(text).toordinal() - _EPOCH.toordinal()


def _microseconds(text: str) -> int:
    moment = dt.datetime.fromisoformat(text.removesuffix("Z"))
    return (moment - dt.datetime(_EPOCH.year, 1, 1)) // dt.timedelta(microseconds=1)


_EPOCH = dt.date(1970, 1, 1)
_NO_YEAR = "(?!0000)"
_COUNTED: dict[str, tuple[re.Pattern[str], Callable[[str], int]]] = {
    "date": (re.compile(_NO_YEAR + DAY.strip("^$")), _days),
    "instant": (re.compile(_NO_YEAR + INSTANT.strip("^$")), _microseconds),
}


def fitting(values: Iterable[Any], kind: str) -> list[Any]:
    """Return values of an untyped column; what is not of the declared type becomes None."""
    types = _FITTING.get(kind, (str,))
    return [value if type(value) in types and _in_range(value, kind) else None for value in values]


def _in_range(value: Any, kind: str) -> bool:
    return kind != "bool" or value in (0, 1)


def stacked(name: str, chunks: Sequence[Iterable[Any]], kind: str) -> pl.Series:
    """Return one column of raw cells from chunks of values."""
    import polars as pl

    dtype = raw_type(kind)
    parts = [pl.Series(name, chunk, dtype=dtype) for chunk in chunks]
    return pl.concat(parts, rechunk=True) if parts else pl.Series(name, [], dtype=dtype)
