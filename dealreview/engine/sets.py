"""Sets as columns hold them: lists without unknown members, each member once, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


FEW = 64
"""Lists that are sorted in less time one by one than a query over them takes to begin."""


def as_sets(lists: pl.Series) -> pl.Series:
    """Return lists of texts as sets; most hold a member or none, and stay as they are.

    Sorting list by list takes microseconds for each, whatever is in it, so only lists that need it
    are touched, all of them at once.
    """
    import polars as pl

    if len(lists) <= FEW:
        made = [None if one is None else sorted({*one} - {None}) for one in lists.to_list()]
        return pl.Series(lists.name, made, dtype=pl.List(pl.String))
    members = _members(lists)
    row, member = pl.col("row"), pl.col("member")
    follows = (row == row.shift(1)) & (member <= member.shift(1))
    rows = members.filter(member.is_null() | follows)["row"].unique()
    if rows.is_empty():
        return lists
    mended = _mended(lists.gather(rows))
    # What was mended stands behind all others, and takes the place of what it was made from.
    places = pl.int_range(len(lists) + len(rows), dtype=pl.UInt32, eager=True)
    taken = places.head(len(lists)).scatter(rows, places.tail(len(rows)))
    return pl.concat([lists, mended.rename(lists.name)]).gather(taken)


def _members(lists: pl.Series) -> pl.DataFrame:
    """Return every member with the number of its list; null and empty lists have none."""
    numbered = lists.alias("member").to_frame().with_row_index("row")
    return numbered.explode("member", empty_as_null=False, keep_nulls=False)


def _mended(lists: pl.Series) -> pl.Series:
    import polars as pl

    members = _members(lists).drop_nulls().unique().sort("row", "member")
    sets = members.group_by("row", maintain_order=True).agg("member")
    rows = pl.int_range(len(lists), dtype=pl.UInt32, eager=True).alias("row").to_frame()
    found = rows.join(sets, on="row", how="left", maintain_order="left")["member"]
    return found.fill_null(pl.Series([[]], dtype=pl.List(pl.String)))
