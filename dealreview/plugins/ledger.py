"""Twelve complete months of an account's money, each month known, zero or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dealreview import Inputs

MONTHS = 12
RATES = "fx_rates"
"""What lacks where an amount and its currency are there and no rate is near the month."""

MONEY = ("revenue", "off_invoice", "cost_of_goods", "service")
READS = {
    "account_months": (
        "account_id",
        "month",
        "revenue_minor",
        "off_invoice_minor",
        "cost_of_goods_minor",
        "currency",
    ),
    "service_costs": ("account_id", "month", "cost_minor", "currency"),
}


def month_number(day: pl.Expr) -> pl.Expr:
    """Return months since year 0, so that months can be counted."""
    return day.dt.year().cast(pl.Int64) * 12 + day.dt.month() - 1


def this_month(day: pl.Expr) -> pl.Expr:
    """Return the number of the first month that is not complete at the end of the day."""
    return month_number(day + pl.duration(days=1))


def calendar(keys: pl.DataFrame, months: int = MONTHS) -> pl.DataFrame:
    """Return the months before each ``until``: ``account_id``, ``until``, ``number``.

    Each is ``recorded`` until a table that is added shows otherwise.
    """
    grid = keys.with_columns(number=pl.int_ranges(pl.col("until") - months, "until"))
    return grid.explode("number").with_columns(recorded=pl.lit(value=True))


def in_reporting(inputs: Inputs, table: str, columns: dict[str, str]) -> pl.DataFrame:
    """Return a table of months with its amounts in reporting currency, under new names.

    Beside each stands, as ``…_unrated``, whether it is unknown for want of a rate alone.

    Args:
        inputs: What the provider got.
        table: ``account_months`` or ``service_costs``.
        columns: Amount columns and their new names.
    """
    frame = inputs.table(table)
    if not inputs.feeds.is_recorded(f"{table}.currency"):
        frame = frame.with_columns(pl.col("currency").fill_null(inputs.currency))
    converted = [
        inputs.to_reporting(frame, old, "currency", "month").alias(new)
        for old, new in columns.items()
    ]
    stated = frame.select(pl.col(old).alias(new) for old, new in columns.items())
    stated = stated.with_columns(currency=frame["currency"])
    rows = frame.select("account_id", month_number(pl.col("month")).alias("number"))
    return rows.with_columns(converted).with_columns(unrated(stated, converted))


def unrated(stated: pl.DataFrame, converted: list[pl.Series]) -> list[pl.Series]:
    """Return, as ``…_unrated``, which amounts are unknown for want of a rate alone.

    Args:
        stated: The amounts as they are written down, under their new names, and ``currency``.
        converted: The same in reporting currency.
    """
    has_currency = stated["currency"].is_not_null()
    return [
        (has_currency & stated[new.name].is_not_null() & new.is_null()).alias(f"{new.name}_unrated")
        for new in converted
    ]


def rate_lacks(name: str) -> pl.Expr:
    """Return whether the sum of a column is unknown for want of a rate alone, as ``…_unrated``."""
    unrated = pl.col(f"{name}_unrated")
    return (unrated.any() & (pl.col(name).is_not_null() | unrated).all()).alias(f"{name}_unrated")


def lacks_only_rate(names: tuple[str, ...] = MONEY) -> pl.Expr:
    """Return whether a month lacks a rate and no amount, over sums of its columns."""
    without = [pl.col(f"{name}_unrated").fill_null(value=False) for name in names]
    known = [pl.col(name).is_not_null() | lacks for name, lacks in zip(names, without, strict=True)]
    return pl.any_horizontal(without) & pl.all_horizontal(known)


def rated(lacks: pl.Expr) -> pl.Expr:
    """Return what is never false, and unknown where only rates lack: a check then asks for those."""
    return pl.when(~lacks).then(statement=True)


def complete_sum(name: str) -> pl.Expr:
    """Return the sum of a column, unknown if one member is."""
    return pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name)


def monthly(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Return sums of columns by account and month, whether only rates lack, and how many ``rows``."""
    return rows.group_by("account_id", "number").agg(
        *(complete_sum(name) for name in names),
        *(rate_lacks(name) for name in names),
        rows=pl.len(),
    )


def with_sums(grid: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """Add sums by account and month to the months that have any."""
    return grid.join(sums, on=["account_id", "number"], how="left", maintain_order="left")


def settled(
    inputs: Inputs, grid: pl.DataFrame, table: str, names: list[str], rows: str
) -> pl.DataFrame:
    """Make months without row zero where all of the month is recorded; others are not ``recorded``.

    Args:
        inputs: What the provider got.
        grid: Months with the sums of a table.
        table: The table.
        names: Columns of its sums.
        rows: Column that is empty in a month without row; it is dropped.
    """
    number = pl.col("number")
    month = pl.date(number // 12, number % 12 + 1, 1)
    # There are few months and many accounts: what is recorded is found once for each month.
    months = grid.select(number.unique())
    months = months.filter(inputs.feeds.covers(table, month, month.dt.month_end()))
    covered, absent = number.is_in(months["number"].implode()), pl.col(rows).is_null()
    zeroes = [pl.when(absent & covered).then(0).otherwise(pl.col(n)).alias(n) for n in names]
    recorded = pl.col("recorded") & (covered | ~absent)
    return grid.with_columns(*zeroes, recorded=recorded).drop(rows)


def with_invoiced(inputs: Inputs, grid: pl.DataFrame) -> pl.DataFrame:
    """Add revenue, off-invoice steps and cost of goods of each month from ``account_months``."""
    sums = inputs.shared(_invoiced, reads={"account_months": READS["account_months"]})
    grid = with_sums(grid, sums)
    return settled(inputs, grid, "account_months", list(_INVOICED.values()), "rows")


_INVOICED = {
    "revenue_minor": "revenue",
    "off_invoice_minor": "off_invoice",
    "cost_of_goods_minor": "cost_of_goods",
}


def _invoiced(inputs: Inputs) -> pl.DataFrame:
    rows = in_reporting(inputs, "account_months", _INVOICED)
    if not inputs.feeds.is_recorded("account_months.off_invoice_minor"):
        nothing = pl.lit(0, dtype=pl.Int64)
        rows = rows.with_columns(off_invoice=nothing, off_invoice_unrated=pl.lit(value=False))
    return monthly(rows, *_INVOICED.values())


def served_months(inputs: Inputs, others: pl.DataFrame) -> pl.DataFrame:
    """Return ``revenue`` and ``service`` of the months of accounts that have a row in either table.

    Args:
        inputs: What the provider got; service cost is recorded.
        others: Further months without any row, as :func:`calendar` gives them.
    """
    invoiced = inputs.shared(_invoiced, reads={"account_months": READS["account_months"]})
    served = inputs.shared(_served, reads={"service_costs": READS["service_costs"]})
    by = ["account_id", "number"]
    found = invoiced.select(*by, "revenue", "rows").join(
        served.select(*by, "service", served="rows"), on=by, how="full", coalesce=True
    )
    found = found.with_columns(recorded=pl.lit(value=True))
    months = pl.concat([others, found], how="diagonal")
    months = settled(inputs, months, "account_months", ["revenue"], "rows")
    return settled(inputs, months, "service_costs", ["service"], "served")


def with_service(inputs: Inputs, grid: pl.DataFrame) -> pl.DataFrame:
    """Add the service cost of each month; zero throughout where none is recorded at all."""
    if not inputs.feeds.is_recorded("service_costs.cost_minor"):
        nothing = pl.lit(0, dtype=pl.Int64)
        return grid.with_columns(service=nothing, service_unrated=pl.lit(value=False))
    sums = inputs.shared(_served, reads={"service_costs": READS["service_costs"]})
    return settled(inputs, with_sums(grid, sums), "service_costs", ["service"], "rows")


def _served(inputs: Inputs) -> pl.DataFrame:
    return monthly(in_reporting(inputs, "service_costs", {"cost_minor": "service"}), "service")
