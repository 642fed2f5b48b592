"""Lists become sets: no unknown member, each once, in order."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine.sets import FEW, as_sets

MEMBER = st.sampled_from(["a", "b", "", "ä", "10", "9", None])


def made(lists: list[list[str | None] | None]) -> list[list[str] | None]:
    """Return lists as sets."""
    found = as_sets(pl.Series("ids", lists, dtype=pl.List(pl.String)))
    assert (found.name, found.dtype) == ("ids", pl.List(pl.String))
    many = as_sets(pl.Series("ids", [*lists, *[["x"]] * FEW], dtype=pl.List(pl.String)))
    assert many.head(len(lists)).to_list() == found.to_list()
    return found.to_list()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["b", "a"], ["a", "b"]),
        (["a", "a"], ["a"]),
        ([None], []),
        ([None, "a", None], ["a"]),
        ([], []),
        (None, None),
        (["a"], ["a"]),
    ],
)
def test_a_list(given: list[str | None] | None, wanted: list[str] | None) -> None:
    """A set is in order and without what is unknown or doubled; an unknown set stays unknown."""
    assert made([given]) == [wanted]
    assert made([["z"], given, None, given, ["x", "y"]]) == [
        ["z"],
        wanted,
        None,
        wanted,
        ["x", "y"],
    ]


@pytest.mark.parametrize("lists", [[], [None], [[]], [[], None]])
def test_nothing_at_all(lists: list[list[str | None] | None]) -> None:
    """A column without any member stays as it is."""
    assert made(lists) == lists


@given(st.lists(st.none() | st.lists(MEMBER, max_size=4), max_size=8))
def test_any_lists(lists: list[list[str | None] | None]) -> None:
    """Each list becomes the sorted set of its members, and no other list changes."""
    wanted = [
        None if one is None else sorted({member for member in one if member is not None})
        for one in lists
    ]
    assert made(lists) == wanted
