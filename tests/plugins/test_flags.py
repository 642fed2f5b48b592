"""Names of the conditions that hold."""

from __future__ import annotations

import polars as pl

from dealreview.plugins.flags import names_where


def test_names_come_in_the_order_given() -> None:
    """Each row has the names of its own conditions; an unknown one does not hold."""
    rows = [(True, True), (False, True), (True, None), (False, False), (True, True)]
    frame = pl.DataFrame(rows, schema={"a": pl.Boolean, "b": pl.Boolean}, orient="row")
    found = names_where(frame, {"second": pl.col("b"), "first": pl.col("a")})
    assert found.to_list() == [["second", "first"], ["second"], ["first"], [], ["second", "first"]]


def test_no_row() -> None:
    """A frame without rows has no lists, and they are lists of texts."""
    found = names_where(pl.DataFrame(schema={"a": pl.Boolean}), {"a": pl.col("a")})
    assert (found.to_list(), found.dtype) == ([], pl.List(pl.String))
