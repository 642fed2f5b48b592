"""The reference work in pandas."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks import work
from benchmarks.company import AS_OF
from benchmarks.peers.frames import DATES, NEEDED
from benchmarks.work import CHECKS, FINDINGS, SCORECARDS, STATUSES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.child import Laps

    Cases = list[tuple[pd.Series, int]]


def review(database: Path, laps: Laps) -> None:
    """Read, compute and write with pandas."""
    with closing(sqlite3.connect(database)) as connection:
        tables = {name: _read(connection, name, cells) for name, cells in NEEDED.items()}
        laps("load")
        cards = scorecards(facts(tables))
        found = findings(cards)
        laps("compute")
        for name, frame in ((SCORECARDS, cards), (FINDINGS, found)):
            frame.to_sql(name, connection, if_exists="append", index=False)
        connection.commit()
        laps("write")


def _read(connection: sqlite3.Connection, table: str, columns: str) -> pd.DataFrame:
    cells = ", ".join(columns.split())
    dates = {name: "%Y-%m-%d" for name in DATES if name in columns.split()}
    frame = pd.read_sql(f"SELECT {cells} FROM {table}", connection, parse_dates=dates)  # noqa: S608 - our names
    if "at" in frame:
        frame["at"] = pd.to_datetime(frame["at"].str.slice(0, 10), format="%Y-%m-%d")
    return frame


def facts(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what the checks look at, a row a deal."""
    deals = tables["deals"]
    deals["day"] = deals["closed_on"].fillna(pd.Timestamp(AS_OF))
    days = deals.set_index("deal_id")["day"]
    found = (
        deals.join(_lines(tables["deal_lines"]), on="deal_id")
        .join(_accounts(tables), on="account_id")
        .join(_roles(tables, days), on="deal_id")
        .join(_heard(tables["activities"], days), on="deal_id")
        .join(tables["stages"].set_index("stage_id"), on="stage_id")
        .join(_hours(tables["time_entries"]), on="owner_id")
        .join(tables["people"].set_index("person_id"), on="owner_id")
        .join(_approvals(tables["approvals"], days), on="deal_id")
    )
    found["silent"] = (found["day"] - found["heard"]).dt.days
    found["late"] = (found["day"] - found["expected_close_on"]).dt.days
    return found


def _lines(lines: pd.DataFrame) -> pd.DataFrame:
    names = {"invoice_minor": "price", "list_minor": "listed", "cost_minor": "cost"}
    groups = lines.groupby("deal_id")
    sums = groups[list(names)].sum().rename(columns=names)
    # As many values as rows, or the sum says nothing.
    complete = groups[list(names)].count().rename(columns=names).eq(groups.size(), axis=0)
    return sums.where(complete)


def _accounts(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    first, last = pd.Timestamp(work.MONTHS_FROM), pd.Timestamp(work.MONTHS_TO)
    months, costs = (
        frame[frame["month"].between(first, last)]
        for frame in (tables["account_months"], tables["service_costs"])
    )
    kept = months["revenue_minor"] - months["off_invoice_minor"] - months["cost_of_goods_minor"]
    months = months.assign(revenue=months["revenue_minor"], kept=kept)
    found = tables["accounts"].set_index("account_id")
    found = found.join(months.groupby("account_id")[["revenue", "kept"]].sum())
    served = costs.groupby("account_id")["cost_minor"].sum()
    found["kept"] = found["kept"] - served.reindex(found.index).fillna(0)
    return found


def _roles(tables: dict[str, pd.DataFrame], days: pd.Series) -> pd.Series:
    people = tables["stakeholders"]
    unseen = people["stance_on"] > people["deal_id"].map(days)
    ours = people[~((people["stance"] < 0) & ~unseen)]
    held = tables["stakeholder_roles"].merge(ours[["deal_id", "contact_id"]])
    held = held.drop_duplicates(["deal_id", "role"])
    points = held["role"].map(work.ROLE_POINTS).groupby(held["deal_id"]).sum()
    return points.reindex(people["deal_id"].unique()).fillna(0).rename("points")


def _heard(events: pd.DataFrame, days: pd.Series) -> pd.Series:
    found = events[events["status"].isin(work.HEARD)]
    found = found[found["at"] <= found["deal_id"].map(days)]
    return found.groupby("deal_id")["at"].max().rename("heard")


def _hours(entries: pd.DataFrame) -> pd.DataFrame:
    after, until = pd.Timestamp(work.HOURS_AFTER), pd.Timestamp(AS_OF)
    found = entries[(entries["day"] > after) & (entries["day"] <= until)]
    tenths = (found["hours"] * 10).round().astype("int64")
    operations = tenths.where(found["category"] == "operations", 0)
    return (
        found.assign(hours=tenths, operations=operations)
        .groupby("person_id")[["hours", "operations"]]
        .sum()
    )


def _approvals(approvals: pd.DataFrame, days: pd.Series) -> pd.DataFrame:
    found = approvals[approvals["requested_on"] <= approvals["deal_id"].map(days)]
    decision = found["decision"]
    flags = found.assign(approved=decision == "approved", pending=decision == "pending")
    return flags.groupby("deal_id")[["approved", "pending"]].any()


def scorecards(facts_: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to write."""
    cards = pd.DataFrame({"deal_id": facts_["deal_id"]})
    cases = (*_of_money(facts_), *_of_people(facts_))
    for name, chosen in zip(STATUSES, cases, strict=True):
        conditions, values = zip(*chosen, strict=True)
        cards[name] = np.select(list(conditions), list(values), default=work.PASS)
    return cards.assign(score=_score(cards)).sort_values("deal_id")


def _of_money(f: pd.DataFrame) -> Iterator[Cases]:
    """Yield the cases of margin, value and key account."""
    price, other, left = f["price"], f["reference_minor"], (f["price"] - f["cost"]) * 100
    kept, revenue = f["kept"] * 100, f["revenue"]
    risk, watch, strength, unknown = work.RISK, work.WATCH, work.STRENGTH, work.UNKNOWN
    yield [
        (left.isna(), unknown),
        (left < price * 15, risk),
        (left < price * 30, watch),
        (left >= price * 50, strength),
    ]
    yield [
        (price.isna() | other.isna(), unknown),
        (price * 100 > other * 120, risk),
        (price > other, watch),
        (price * 100 <= other * 50, strength),
    ]
    yield [
        (f["is_key"].isna(), unknown),
        (f["is_key"] == 0, work.NOT_APPLICABLE),
        (kept.isna(), unknown),
        (kept < revenue * 20, risk),
        (kept < revenue * 30, watch),
    ]


def _of_people(f: pd.DataFrame) -> Iterator[Cases]:
    """Yield the cases of coverage, silence, date, operations and discount."""
    points, silent, late, hours = f["points"], f["silent"], f["late"], f["hours"]
    part, given = f["operations"] * 100, f["listed"] - f["price"]
    allowed = f["listed"] * f["max_discount_ratio"]
    risk, watch, unknown = work.RISK, work.WATCH, work.UNKNOWN
    yield [
        (points.isna(), unknown),
        (points < 4, risk),
        (points < 6, watch),
        (points >= 7, work.STRENGTH),
    ]
    yield [(silent.isna(), unknown), (silent > 90, risk), (silent > 30, watch)]
    yield [
        (f["kind"].isna(), unknown),
        (f["kind"] != "open", work.NOT_APPLICABLE),
        (late.isna(), unknown),
        (late > 14, risk),
        (late > 0, watch),
    ]
    yield [(hours.isna(), unknown), (part > hours * 35, risk), (part > hours * 25, watch)]
    yield [
        (f["approved"].eq(other=True), work.PASS),
        (given.isna() | allowed.isna(), unknown),
        (given <= allowed, work.PASS),
        (f["pending"].eq(other=True), watch),
        (given > allowed, risk),
    ]


def _score(cards: pd.DataFrame) -> pd.Series:
    weights = dict(zip(STATUSES, WEIGHTS, strict=True))
    earned = sum(
        cards[name].map(work.EARNED).fillna(0) * weight for name, weight in weights.items()
    )
    decided = sum(cards[name].isin(list(work.EARNED)) * weight for name, weight in weights.items())
    return (50.0 * earned / decided).where(decided > 0)


def findings(cards: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of scorecards."""
    named = cards.rename(columns=dict(zip(STATUSES, CHECKS, strict=True)))
    rows = named.melt("deal_id", list(CHECKS), var_name="check_id", value_name="status")
    return rows[rows["status"].isin(work.FOUND)].sort_values(["deal_id", "check_id"])
