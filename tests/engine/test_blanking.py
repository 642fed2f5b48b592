"""Taking data away never makes a scorecard look better."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.engine.config import Config
from dealreview.engine.visible import SEALED
from dealreview.model.outcome import Band, Kind
from dealreview.store.schema import TABLES
from dealreview.testing import review_tables
from tests.plugins.tinyfacts import built_in
from tests.support.hostile import AS_OF, companies, company, many, without_orphans
from tests.support.side_by_side import apart, together

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.support.hostile import Rows

Standing = dict[tuple[Kind, str], tuple[float, int]]
ROOT = Path(__file__).parents[2]
COMPANIES = 16
CONFIG = Config(checks={"accounts/whale-curve": {"min_accounts": 3}})
RANK = {
    None: 0,
    Band.RISK.value: 0,
    Band.UNRATED.value: 0,
    Band.WATCH.value: 1,
    Band.HEALTHY.value: 2,
}
LINKS = {
    "accounts": ("owner_id", "parent_account_id", "segment"),
    "activities": ("account_id", "at", "commitment_id", "deal_id"),
    "approvals": ("deal_id",),
    "commitments": ("deal_id",),
    "concessions": ("deal_id", "step_id"),
    "contacts": ("account_id",),
    "deal_changes": ("deal_id", "field", "new_value", "old_value"),
    "deal_lines": ("deal_id",),
    "deals": ("account_id", "stage_id"),
    "delivery_dates": ("deal_id",),
    "incidents": ("account_id",),
    "loss_statements": ("subject", "subject_id"),
    "price_steps": ("deal_id", "line_id"),
    "targets": ("holder", "holder_id"),
    "time_entries": ("account_id", "day", "deal_id"),
    "value_items": ("deal_id",),
}
"""Whose a row is, or when and of what: without that it is taken away from there."""

HAPPENED = {
    "activities": ("relay_reason",),
    "approvals": ("contribution_ratio", "discount_ratio", "payment_terms_days"),
    "commitments": ("done_on",),
    "contacts": ("left_on",),
    "deals": (
        "closed_on",
        "decision_meeting_on",
        "first_quote_minor",
        "first_quote_on",
        "snoozed_until",
        "snooze_reason",
    ),
    "delivery_dates": ("actual_on",),
    "incidents": ("resolved_on",),
    "loss_statements": ("ends_on",),
    "people": ("left_on",),
    "value_items": ("rejected_on",),
}
"""What has not happened, or not been said, while it is empty."""

STANDS_IN = {
    "deal_lines": ("invoice_minor", "period", "quantity"),
    "deals": ("amount_minor", "hours_to_go", "term_months", "value_horizon_months"),
    "feeds": ("covers_to",),
    "fx_rates": ("rate",),
    "people": ("weekly_hours",),
    "price_steps": ("negotiated", "period", "place"),
    "stages": ("kind", "pipeline_id"),
    "stakeholders": ("external_adviser",),
    "value_items": ("period",),
}
"""What is taken for an empty cell, row by row."""

BELIEVED = {
    (table, column)
    for found in (LINKS, HAPPENED, STANDS_IN)
    for table, columns in found.items()
    for column in columns
}
COLUMNS = [
    (name, column.name)
    for name, table in TABLES.items()
    for column in table.columns
    if column.name not in {*table.key, "gone_on", "source_row"}
    and (name, column.name) not in BELIEVED
]
"""All other columns: whoever empties one of their cells gains nothing."""

STOPPING = [
    "account_months",
    "activities",
    "deal_changes",
    "delivery_dates",
    "diversions",
    "incidents",
    "price_steps",
    "service_costs",
    "time_entries",
]
"""Feeds whose end a check looks at."""


def standing(rows: Rows, config: Config = CONFIG) -> Standing:
    """Return lower bound and rank of the band of every scored subject."""
    review = review_tables(rows, AS_OF, config=config, registry=built_in())
    assert not review.errors
    found = {}
    for kind in (Kind.DEAL, Kind.ACCOUNT, Kind.TEAM, Kind.PIPELINE):
        kinds = review.kinds[kind]
        columns = zip(kinds.base["id"], kinds.sums.iter_rows(named=True), kinds.bands, strict=True)
        for subject, sums, band in columns:
            if sums["asked"]:
                found[kind, subject] = (50 * sums["earned"] / sums["asked"], RANK[band])
    return found


def gains(then: Standing, now: Standing) -> list[tuple[Kind, str]]:
    """Return the subjects that stand better than they did."""
    return sorted(
        subject
        for subject in then.keys() & now.keys()
        if now[subject][0] > then[subject][0] + 1e-9 or now[subject][1] > then[subject][1]
    )


def no_better(before: Rows, *after: Rows, config: Config = CONFIG) -> None:
    """Check that no subject stands better after any change than before."""
    then = standing(before, config)
    for rows in after:
        assert gains(then, standing(rows, config)) == []


# The same companies each time: what chance finds in others is for a long night, and wants a rule then.
@settings(many(3), derandomize=True)
@given(st.integers(0, 2**32))
def test_blanked_cells_never_help(seed: int) -> None:
    """Where cells become empty no lower bound and no band goes up: some of each column are tried.

    Companies stand side by side in one database, so that one review looks at another column in each.
    """
    random = Random(seed)
    moods = [random.choice(("sane", "sane", "mixed")) for _ in range(COMPANIES)]
    parts = [apart(company(seed + n, mood), f"{n}~") for n, mood in enumerate(moods)]
    before = together(parts)
    then = standing(before)
    columns = random.sample(COLUMNS, len(COLUMNS))
    for start in range(0, len(columns), COMPANIES):
        after, emptied = list(parts), {}
        for n, (table, column) in enumerate(columns[start : start + COMPANIES]):
            if rows := blanks(parts[n], before, table, column):
                chosen = random.sample(rows, random.randint(1, len(rows)))
                emptied[n] = table, column, [parts[n][table][row] for row in chosen]
                after[n] = blanked(parts[n], table, column, chosen)
        better = gains(then, standing(together(after)))
        assert not better, [(found, emptied.get(int(found[1].split("~")[0]))) for found in better]


def blanked(rows: Rows, table: str, column: str, chosen: Collection[int]) -> Rows:
    """Return a company in which some cells of a column are empty."""
    found = enumerate(rows[table])
    return {**rows, table: [{**row, column: None} if n in chosen else row for n, row in found]}


def blanks(rows: Rows, all_rows: Rows, table: str, column: str) -> list[int]:
    """Return the rows of a company whose cell can be emptied.

    The last value of a column is no cell of its own: with it goes what is recorded at all. The last
    plan is such a value too, for it shows that plans are recorded.
    """
    here = list(enumerate(rows.get(table, ())))
    filled = [n for n, row in here if row.get(column) is not None]
    if len(filled) == sum(row.get(column) is not None for row in all_rows.get(table, ())):
        return []
    if (table, column) == ("activities", "status"):
        plans = [n for n, row in here if row["status"] == "planned"]
        if len(plans) == sum(row["status"] == "planned" for row in all_rows[table]):
            filled = sorted({*filled} - {*plans})
    return [n for n in filled if is_seen(rows, table, rows[table][n], column)]


def is_seen(rows: Rows, table: str, row: dict[str, Any], column: str) -> bool:
    """Whether a review sees the day of a row: not one after its own or the closing of the deal.

    What is dated later is not there yet; without the day it would be taken to be there.
    """
    if _says_nothing(table, row, column):
        return False
    if column not in {TABLES[table].dated_by, *SEALED.get(table, ())}:
        return True
    deal = row if table == "deals" else _deal_of(rows, row)
    seen_until = min(str(deal.get("closed_on") or AS_OF), str(AS_OF))
    return str(row[column])[:10] <= seen_until


def _deal_of(rows: Rows, row: dict[str, Any]) -> dict[str, Any]:
    wanted = row.get("deal_id") or row.get("subject_id")
    return next((deal for deal in rows.get("deals", ()) if deal["deal_id"] == wanted), {})


def _says_nothing(table: str, row: dict[str, Any], column: str) -> bool:
    """Whether a row contradicts itself, so that less of it is more, or stage or amount hang on its day."""
    if table == "diversions":
        return (row["to_on"] or "9") < (row["from_on"] or "0")
    hang_on_it = row.get("field") in ("stage_id", "amount_minor")
    return (table, column) == ("deal_changes", "changed_at") and hang_on_it


def test_what_is_believed_is_written_down() -> None:
    """The documentation of scores lists the columns whose empty cell says something, and no others."""
    text = (ROOT / "docs" / "scores.md").read_text(encoding="utf-8")
    section = text.partition("## Why the lower bound")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|") and "/" not in line]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert named - {"default"} == {column for _, column in BELIEVED} | {"changed_at"}


def test_a_blanked_estimate_of_cost_to_serve_never_helps() -> None:
    """Where a deal's estimate becomes empty its account's average does not make it look better."""
    rows = company(1083108, "sane")
    blanked = [
        {**r, "cost_to_serve_minor": None} if r["deal_id"] == "d4" else r for r in rows["deals"]
    ]
    no_better(rows, {**rows, "deals": blanked})


def test_a_blanked_day_of_a_change_never_helps() -> None:
    """Where it is not known when an attribute changed, it is not known what stood there before."""
    rows = company(4376724, "sane")
    blanked = [
        {**row, "changed_at": None} if row["change_id"] == "k31" else row
        for row in rows["deal_changes"]
    ]
    no_better(rows, {**rows, "deal_changes": blanked})


@many(15)
@given(companies("sane"), st.sampled_from(STOPPING), st.integers(4, 120))
def test_a_feed_that_stopped_never_helps(rows: Rows, table: str, days: int) -> None:
    """Where a feed ends earlier, with the rows after its end gone, nothing looks better."""
    end = (AS_OF - dt.timedelta(days=days)).isoformat()
    before = _until(rows, table, end)
    feeds = [_ended(feed, end) if feed["table_name"] == table else feed for feed in rows["feeds"]]
    no_better(before, {**before, "feeds": feeds})


def _until(rows: Rows, table: str, end: str) -> dict[str, list[dict[str, Any]]]:
    """Return a company without the rows of a table after a day."""
    column = TABLES[table].dated_by
    kept = [row for row in rows.get(table, ()) if str(row.get(column) or "")[:10] <= end]
    return without_orphans({**rows, table: kept})


def _ended(feed: dict[str, Any], end: str) -> dict[str, Any]:
    return {**feed, "covers_to": max(end, feed["covers_from"])}
