"""The reference work in Polars, by hand: over rows that connectorx reads, and over files in columns."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks import work
from benchmarks.company import AS_OF
from benchmarks.work import CHECKS, FINDINGS, SCORECARDS, STATUSES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from benchmarks.child import Laps

NEEDED = {
    "deals": "deal_id account_id owner_id stage_id reference_minor expected_close_on closed_on",
    "deal_lines": "deal_id invoice_minor list_minor cost_minor",
    "accounts": "account_id is_key",
    "account_months": "account_id month revenue_minor off_invoice_minor cost_of_goods_minor",
    "service_costs": "account_id month cost_minor",
    "stakeholders": "deal_id contact_id stance stance_on",
    "stakeholder_roles": "deal_id contact_id role",
    "activities": "deal_id status at",
    "stages": "stage_id kind",
    "time_entries": "person_id day category hours",
    "people": "person_id max_discount_ratio",
    "approvals": "deal_id decision requested_on",
}
DATES = ("expected_close_on", "closed_on", "month", "stance_on", "day", "requested_on")


def all_or_none(name: str) -> pl.Expr:
    """Sum a column; unknown where a row has none."""
    return pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum())


def lines(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return price, list price and cost of each deal."""
    return (
        tables["deal_lines"]
        .group_by("deal_id")
        .agg(
            price=all_or_none("invoice_minor"),
            listed=all_or_none("list_minor"),
            cost=all_or_none("cost_minor"),
        )
    )


def accounts(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return what each account brings and leaves."""
    within = pl.col("month").is_between(work.MONTHS_FROM, work.MONTHS_TO)
    kept = pl.col("revenue_minor") - pl.col("off_invoice_minor") - pl.col("cost_of_goods_minor")
    months = tables["account_months"].filter(within).group_by("account_id")
    served = tables["service_costs"].filter(within).group_by("account_id")
    return (
        tables["accounts"]
        .join(
            months.agg(revenue=pl.col("revenue_minor").sum(), kept=kept.sum()),
            on="account_id",
            how="left",
        )
        .join(served.agg(served=pl.col("cost_minor").sum()), on="account_id", how="left")
        .with_columns(kept=pl.col("kept") - pl.col("served").fill_null(0))
        .drop("served")
    )


def roles(tables: Mapping[str, pl.LazyFrame], days: pl.LazyFrame) -> pl.LazyFrame:
    """Return the points of the roles of each deal with stakeholders."""
    people = tables["stakeholders"].join(days, on="deal_id")
    against = (pl.col("stance") < 0) & (pl.col("stance_on") <= pl.col("day"))
    known = (pl.col("stance") < 0) & pl.col("stance_on").is_null()
    ours = people.filter(~(against | known).fill_null(value=False))
    points = (
        tables["stakeholder_roles"]
        .join(ours, on=["deal_id", "contact_id"], how="semi")
        .unique(["deal_id", "role"])
        .group_by("deal_id")
        .agg(points=pl.col("role").cast(pl.String).replace_strict(work.ROLE_POINTS).sum())
    )
    present = tables["stakeholders"].select("deal_id").unique()
    return present.join(points, on="deal_id", how="left").with_columns(
        pl.col("points").fill_null(0)
    )


def heard(tables: Mapping[str, pl.LazyFrame], days: pl.LazyFrame) -> pl.LazyFrame:
    """Return the last day on which each deal's people were heard of."""
    return (
        tables["activities"]
        .filter(pl.col("status").is_in(work.HEARD))
        .join(days, on="deal_id")
        .filter(pl.col("at") <= pl.col("day"))
        .group_by("deal_id")
        .agg(heard=pl.col("at").max())
    )


def hours(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return the tenths of hours of each person."""
    tenths = (pl.col("hours") * 10).round().cast(pl.Int64)
    return (
        tables["time_entries"]
        .filter(pl.col("day").is_between(work.HOURS_AFTER, AS_OF, closed="right"))
        .group_by(owner_id="person_id")
        .agg(
            hours=tenths.sum(),
            operations=tenths.filter(pl.col("category") == "operations").sum(),
        )
    )


def approvals(tables: Mapping[str, pl.LazyFrame], days: pl.LazyFrame) -> pl.LazyFrame:
    """Return whether each deal was approved."""
    decision = pl.col("decision")
    return (
        tables["approvals"]
        .join(days, on="deal_id")
        .filter(pl.col("requested_on") <= pl.col("day"))
        .group_by("deal_id")
        .agg(approved=(decision == "approved").any(), pending=(decision == "pending").any())
    )


def facts(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return what the checks look at, a row a deal."""
    deals = tables["deals"].with_columns(day=pl.col("closed_on").fill_null(AS_OF))
    days = deals.select("deal_id", "day")
    people = tables["people"].rename({"person_id": "owner_id"})
    joined = (
        deals.join(lines(tables), on="deal_id", how="left")
        .join(accounts(tables), on="account_id", how="left")
        .join(roles(tables, days), on="deal_id", how="left")
        .join(heard(tables, days), on="deal_id", how="left")
        .join(tables["stages"], on="stage_id", how="left")
        .join(hours(tables), on="owner_id", how="left")
        .join(people, on="owner_id", how="left")
        .join(approvals(tables, days), on="deal_id", how="left")
    )
    given = pl.col("listed") - pl.col("price")
    return joined.select(
        "deal_id",
        "price",
        "listed",
        "cost",
        "revenue",
        "kept",
        "points",
        "hours",
        "operations",
        allowed="max_discount_ratio",
        other="reference_minor",
        is_key=pl.col("is_key").cast(pl.Boolean),
        silent=(pl.col("day") - pl.col("heard")).dt.total_days(),
        is_open=pl.col("kind") == "open",
        late=(pl.col("day") - pl.col("expected_close_on")).dt.total_days(),
        over=given > pl.col("listed") * pl.col("max_discount_ratio"),
        approved=pl.col("approved").fill_null(value=False),
        pending=pl.col("pending").fill_null(value=False),
    )


def rated(known: pl.Expr, *cases: tuple[pl.Expr, int]) -> pl.Expr:
    """Return the status of the first case that holds, 2 where none does, 5 where it is unknown."""
    chosen: Any = pl.when(~known).then(pl.lit(work.UNKNOWN, dtype=pl.UInt8))
    for condition, status in cases:
        chosen = chosen.when(condition).then(pl.lit(status, dtype=pl.UInt8))
    result: pl.Expr = chosen.otherwise(pl.lit(work.PASS, dtype=pl.UInt8))
    return result


def statuses() -> dict[str, pl.Expr]:
    """Return the status of each check."""
    return dict(zip(STATUSES, (*_of_money(), *_of_people()), strict=True))


def _of_money() -> Iterator[pl.Expr]:
    """Yield margin, value and key account."""
    price, cost, other = pl.col("price"), pl.col("cost"), pl.col("other")
    revenue, kept, left = pl.col("revenue"), pl.col("kept") * 100, (price - cost) * 100
    risk, watch, strength = work.RISK, work.WATCH, work.STRENGTH
    yield rated(
        price.is_not_null() & cost.is_not_null(),
        (left < price * 15, risk),
        (left < price * 30, watch),
        (left >= price * 50, strength),
    )
    yield rated(
        price.is_not_null() & other.is_not_null(),
        (price * 100 > other * 120, risk),
        (price > other, watch),
        (price * 100 <= other * 50, strength),
    )
    yield rated(
        (~pl.col("is_key") | revenue.is_not_null()).fill_null(value=False),
        (~pl.col("is_key"), work.NOT_APPLICABLE),
        (kept < revenue * 20, risk),
        (kept < revenue * 30, watch),
    )


def _of_people() -> Iterator[pl.Expr]:
    """Yield coverage, silence, date, operations and discount."""
    points, silent, late, over = (pl.col(name) for name in ("points", "silent", "late", "over"))
    whole, part, is_open = pl.col("hours"), pl.col("operations") * 100, pl.col("is_open")
    risk, watch = work.RISK, work.WATCH
    yield rated(
        points.is_not_null(), (points < 4, risk), (points < 6, watch), (points >= 7, work.STRENGTH)
    )
    yield rated(silent.is_not_null(), (silent > 90, risk), (silent > 30, watch))
    yield rated(
        (~is_open | late.is_not_null()).fill_null(value=False),
        (~is_open, work.NOT_APPLICABLE),
        (late > 14, risk),
        (late > 0, watch),
    )
    yield rated(whole.is_not_null(), (part > whole * 35, risk), (part > whole * 25, watch))
    approved, pending = pl.col("approved"), pl.col("pending")
    yield rated(
        approved | over.is_not_null(),
        (approved | ~over, work.PASS),
        (pending, watch),
        (over, risk),
    )


def score() -> pl.Expr:
    """Return the score from the statuses."""
    weighed = list(zip(map(pl.col, STATUSES), WEIGHTS, strict=True))
    earned = pl.sum_horizontal(
        one.replace_strict(work.EARNED, default=0, return_dtype=pl.Int64) * weight
        for one, weight in weighed
    )
    decided = pl.sum_horizontal(
        one.is_in(list(work.EARNED)).cast(pl.Int64) * weight for one, weight in weighed
    )
    return pl.when(decided > 0).then(50.0 * earned / decided)


def scorecards(facts_: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows to write, from the facts."""
    found = facts_.select("deal_id", **statuses())
    return found.with_columns(score=score()).sort("deal_id")


def findings(cards: pl.DataFrame) -> pl.DataFrame:
    """Return the findings of scorecards, in the order of their keys."""
    names = dict(zip(STATUSES, CHECKS, strict=True))
    rows = cards.unpivot(list(STATUSES), index="deal_id", value_name="status")
    found = rows.filter(pl.col("status").is_in(work.FOUND))
    named = found.with_columns(check_id=pl.col("variable").replace_strict(names))
    return named.select("deal_id", "check_id", "status").sort("deal_id", "check_id")


def by_connectorx(database: Path, laps: Laps) -> None:
    """Read the columns with connectorx, compute, write with executemany."""
    tables = {name: _read(database, name, columns.split()) for name, columns in NEEDED.items()}
    laps("load")
    cards = scorecards(facts(tables)).collect()
    found = findings(cards)
    laps("compute")
    with closing(sqlite3.connect(database)) as connection, connection:
        for name, frame in ((SCORECARDS, cards), (FINDINGS, found)):
            marks = ", ".join("?" * frame.width)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", frame.iter_rows())  # noqa: S608 - our names
    laps("write")


def _read(database: Path, table: str, columns: list[str]) -> pl.LazyFrame:
    day = {"at": "substr(at, 1, 10) AS at"}
    query = f"SELECT {', '.join(day.get(name, name) for name in columns)} FROM {table}"  # noqa: S608 - our names
    frame = pl.read_database_uri(query, f"sqlite://{database}", engine="connectorx").lazy()
    dates = [name for name in columns if name in DATES or name == "at"]
    return frame.with_columns(pl.col(dates).cast(pl.String).str.to_date())


def files_of(database: Path) -> dict[str, pl.LazyFrame]:
    """Return the tables from the files of the project's own snapshot, which is up to date."""
    folder = database.with_name(database.name + ".snapshot")
    tables = {name: _scan(folder, name).select(cells.split()) for name, cells in NEEDED.items()}
    at = pl.col("at").dt.date()
    return tables | {"activities": tables["activities"].with_columns(at)}


def by_files(database: Path, laps: Laps) -> None:
    """Read the files of the project's own snapshot, compute, write with ADBC."""
    tables = files_of(database)
    laps("load")
    cards = scorecards(facts(tables)).collect()
    found = findings(cards)
    laps("compute")
    for name, frame in ((SCORECARDS, cards), (FINDINGS, found)):
        frame.write_database(name, f"sqlite:///{database}", engine="adbc", if_table_exists="append")
    laps("write")


def _scan(folder: Path, table: str) -> pl.LazyFrame:
    """Return a table of a snapshot that nothing has changed since it was built."""
    kept = json.loads((folder / "manifest.json").read_text())["snapshot"]["tables"][table]
    if kept["changes"] is not None:
        raise RuntimeError(f"{table} has changed since its files were written: build them anew.")
    paths = [folder / file["name"] for part in kept["parts"] for file in part]
    return (pl.scan_ipc if paths[0].suffix == ".arrow" else pl.scan_parquet)(paths)
