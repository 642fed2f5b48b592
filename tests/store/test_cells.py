"""Cells as typed columns, many at once or few."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from dealreview.store.cells import stacked, typed, typed_few

DAYS = ["2025-05-16", "2025-02-30", "0000-01-01", "0001-01-01", "9999-12-31", "2025-5-16", ""]
DAYS += ["2025-05-16\n", "20250516", "٢٠٢٥-05-16", "+2025-05-16"]
INSTANTS = [
    "2025-05-16T09:30:00Z",
    "2025-05-16T24:00:00Z",
    "2025-05-16T09:30:60Z",
    "0001-01-01T00:00:00Z",
]
INSTANTS += [
    "9999-12-31T23:59:59Z",
    "2025-05-16T09:30:00",
    "2025-05-16 09:30:00Z",
    "2025-02-30T09:30:00Z",
]
TEXTS = st.lists(st.none() | st.sampled_from([*DAYS, *INSTANTS]) | st.text(max_size=12), max_size=9)


@pytest.mark.parametrize("kind", ["date", "instant", "text", "enum"])
@given(TEXTS)
def test_few_texts_are_typed_as_many_are(kind: str, values: list[str | None]) -> None:
    """Days, instants and texts, well written or not."""
    values = [value if value is None or value.isprintable() else None for value in values]
    assert_same(values, kind)


@pytest.mark.parametrize("kind", ["int", "money", "bool", "real"])
@given(st.lists(st.none() | st.integers(0, 1), max_size=9))
def test_few_numbers_are_typed_as_many_are(kind: str, values: list[int | None]) -> None:
    """Numbers of every kind."""
    assert_same(
        [None if v is None else float(v) for v in values] if kind == "real" else values, kind
    )


def assert_same(values: list[Any], kind: str) -> None:
    """Check one column."""
    expected = (
        typed(stacked("a", [values], kind), kind) if values else typed(stacked("a", [], kind), kind)
    )
    found = typed_few("a", values, kind)
    assert isinstance(found, pl.Series)
    assert_series_equal(found, expected)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("date", ["2024-02-29", "2023-02-29", "0000-01-01", "2024-1-01", "+024-01-01", "", None]),
        ("instant", ["2024-02-29T23:59:59Z", "2024-02-29T24:00:00Z", "2024-02-29", "x", None]),
    ],
)
def test_many_cells_of_few_days_are_read_as_few_are(kind: str, texts: list[str | None]) -> None:
    """Each day once, whether it is one or not."""
    few = typed(pl.Series("cell", texts, dtype=pl.String), kind)
    many = typed(pl.Series("cell", texts * 1_000, dtype=pl.String), kind)
    assert many.equals(pl.concat([few] * 1_000), null_equal=True)
    assert many.name == few.name
