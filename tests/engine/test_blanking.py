"""Taking data away never makes a scorecard look better."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine.config import Config
from dealreview.model.outcome import Band, Kind
from dealreview.store.schema import TABLES
from dealreview.testing import review_tables
from tests.plugins.tinyfacts import built_in
from tests.support.hostile import AS_OF, companies, company, many, without_orphans

if TYPE_CHECKING:
    from tests.support.hostile import Rows

CONFIG = Config(checks={"accounts/whale-curve": {"min_accounts": 3}})
RANK = {
    None: 0,
    Band.RISK.value: 0,
    Band.UNRATED.value: 0,
    Band.WATCH.value: 1,
    Band.HEALTHY.value: 2,
}
WEIGHED = [
    ("account_months", "cost_of_goods_minor"),
    ("account_months", "revenue_minor"),
    ("accounts", "employees"),
    ("activities", "automated"),
    ("activities", "direction"),
    ("activities", "status"),
    ("deal_changes", "changed_at"),
    ("deal_changes", "new_value"),
    ("deal_lines", "cost_minor"),
    ("deals", "cost_to_serve_minor"),
    ("deals", "expected_close_on"),
    ("deals", "owner_id"),
    ("delivery_dates", "earliest_on"),
    ("delivery_dates", "promised_on"),
    ("diversions", "cause"),
    ("diversions", "cause_owner_id"),
    ("diversions", "team_id"),
    ("incidents", "opened_on"),
    ("people", "role"),
    ("people", "team_id"),
    ("price_steps", "amount_minor"),
    ("service_costs", "cost_minor"),
    ("stages", "milestone"),
    ("time_entries", "category"),
    ("time_entries", "hours"),
    ("time_entries", "person_id"),
]
"""Cells that checks weigh at their best and their worst when they are unknown."""

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


def standing(rows: Rows, config: Config = CONFIG) -> dict[tuple[Kind, str], tuple[float, int]]:
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


def no_better(before: Rows, *after: Rows, config: Config = CONFIG) -> None:
    """Check that no subject stands better after any change than before."""
    then = standing(before, config)
    for rows in after:
        now = standing(rows, config)
        for subject in then.keys() & now.keys():
            assert now[subject][0] <= then[subject][0] + 1e-9, subject
            assert now[subject][1] <= then[subject][1], subject


@many(20)
@given(companies("sane", "mixed"), st.integers(0, 2**32))
def test_a_blanked_cell_never_helps(rows: Rows, seed: int) -> None:
    """Where one cell becomes empty no lower bound and no band goes up."""
    random = Random(seed)
    choices = [
        (t, c) for t, c in WEIGHED if sum(row.get(c) is not None for row in rows.get(t, ())) > 1
    ]
    if not choices:
        return
    table, column = random.choice(choices)
    plans = [row for row in rows.get("activities", ()) if row.get("status") == "planned"]
    # As with the last value of a column, the last plan is what shows that plans are recorded at all.
    kept = plans[0] if len(plans) == 1 and column == "status" else None
    found = enumerate(rows[table])
    filled = [n for n, row in found if row.get(column) is not None and row is not kept]
    blank = random.choice(filled)
    after = [{**row, column: None} if n == blank else row for n, row in enumerate(rows[table])]
    no_better(rows, {**rows, table: after})


def test_a_blanked_estimate_of_cost_to_serve_never_helps() -> None:
    """Where a deal's estimate becomes empty its account's average does not make it look better."""
    rows = company(1083106, "sane")
    blanked = [
        {**r, "cost_to_serve_minor": None} if r["deal_id"] == "d5" else r for r in rows["deals"]
    ]
    no_better(rows, {**rows, "deals": blanked})


def test_a_blanked_day_of_a_change_never_helps() -> None:
    """Where it is not known when an attribute changed, it is not known what stood there before."""
    rows = company(4376719, "sane")
    blanked = [
        {**row, "changed_at": None} if row["change_id"] == "k0" else row
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
