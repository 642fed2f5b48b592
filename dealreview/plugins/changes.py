"""How an attribute of deals changed: in order, and whether all of it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dealreview import Inputs

READS = ("change_id", "deal_id", "field", "old_value", "new_value", "changed_at")
"""Columns of ``deal_changes`` that this room reads."""


def stage_steps(inputs: Inputs) -> pl.DataFrame:
    """Return the changes of stage as :func:`steps` does, found once for all providers."""
    reads = {"deal_changes": READS, "deals": ("deal_id", "stage_id")}
    return inputs.shared(_of_stages, reads=reads)


def _of_stages(inputs: Inputs) -> pl.DataFrame:
    return steps(inputs, "stage_id")


def steps(inputs: Inputs, field: str) -> pl.DataFrame:
    """Return the changes of an attribute: ``deal_id``, ``change_id``, ``on``, ``old``, ``new``.

    They are in order; one without a day comes last and has no ``on``. A value that is not given is
    that of the neighbour: what a change led to is what the next one began with, and the last one
    led to what the deal says. What is empty on one side after that was empty. A change to the
    same value is none; one of which neither side is known stays, as unknown.

    Args:
        inputs: What the provider got; it must read :data:`READS` and the attribute of deals.
        field: The attribute of deals.
    """
    changes = inputs.table("deal_changes").filter(pl.col("field") == field)
    changes = changes.with_columns(on=inputs.local_day(pl.col("changed_at")))
    changes = changes.sort("deal_id", "changed_at", "change_id", nulls_last=True)
    now = inputs.table("deals").select("deal_id", _now=pl.col(field).cast(pl.String))
    changes = changes.join(now, on="deal_id", how="left", maintain_order="left")
    old, new, dated = pl.col("old_value"), pl.col("new_value"), pl.col("on").is_not_null()
    # Rows stand deal by deal, so the neighbour is the row before or after if it is of the same deal.
    deal = pl.col("deal_id")
    earlier = pl.when(deal == deal.shift(1)).then(new.shift(1))
    goes_on = deal == deal.shift(-1)
    later = pl.when(goes_on).then(old.shift(-1))
    is_last = ~(goes_on & dated.shift(-1)).fill_null(value=False)
    healed = changes.with_columns(
        old=pl.when(dated).then(pl.coalesce(old, earlier)).otherwise(old),
        new=pl.when(dated)
        .then(pl.coalesce(new, pl.when(is_last).then("_now").otherwise(later)))
        .otherwise(new),
    )
    same = (pl.col("old") == pl.col("new")).fill_null(value=False)
    return healed.filter(~same).select("deal_id", "change_id", "on", "old", "new")


def daily(changes: pl.DataFrame) -> pl.DataFrame:
    """Return what each day changed in sum: what was tried and taken back within it is nothing.

    ``change_id`` is that of the day's last change. Changes without a day are left out.
    """
    of_day = changes.filter(pl.col("on").is_not_null()).group_by(
        "deal_id", "on", maintain_order=True
    )
    net = of_day.agg(pl.col("change_id").last(), pl.col("old").first(), pl.col("new").last())
    return net.filter(pl.col("old").ne_missing(pl.col("new")))


def taken_back(inputs: Inputs, rows: pl.DataFrame, name: str, field: str = "") -> pl.DataFrame:
    """Give an attribute of deals the value that it had at the end of a day.

    That is what the first change after the day replaced; without one the value stays.

    Args:
        inputs: What the provider got; it reads ``deal_changes``.
        rows: ``deal_id``, the day ``on`` and the attribute's present value.
        name: Column of the attribute.
        field: What changes call it, if not so.
    """
    moves = inputs.table("deal_changes").filter(pl.col("field") == (field or name))
    moves = moves.with_columns(moved=inputs.local_day(pl.col("changed_at")))
    later = rows.select("deal_id", "on").unique().join(moves, on="deal_id")
    later = later.filter(pl.col("moved") > pl.col("on")).sort("changed_at", "change_id")
    first = later.unique(["deal_id", "on"], keep="first", maintain_order=True)
    old = pl.col("old_value").cast(rows.schema[name], strict=False)
    first = first.select("deal_id", "on", _old=old, _moved=pl.lit(value=True))
    rows = rows.join(first, on=["deal_id", "on"], how="left", maintain_order="left")
    then = pl.when(pl.col("_moved").is_not_null()).then("_old").otherwise(name)
    return rows.with_columns(then.alias(name)).drop("_old", "_moved")


def undated(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the changes of which nobody knows the day."""
    return changes.filter(pl.col("on").is_null())


def history_known(inputs: Inputs, field: str, first: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return whether every change of an attribute from one day to another is recorded."""
    if not inputs.feeds.is_recorded(f"deal_changes.{field}"):
        return pl.lit(value=False)
    return inputs.feeds.reaches("deal_changes", first, day).fill_null(value=False)
