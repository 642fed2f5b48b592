"""A pack whose facts of accounts count hours of deals, one of them also after these have closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview import Columns, Fact, Rules, check, facts

if TYPE_CHECKING:
    import polars as pl

    from dealreview import Inputs

READS = {"time_entries": ["deal_id", "hours"]}
USES = ["deal.account_id"]


@facts(
    "account", Fact("acme_seen", "real", "Hours until closing.", "hours"), reads=READS, uses=USES
)
def until_closing(inputs: Inputs) -> pl.DataFrame:
    """Count what the day of each deal sees."""
    return _hours(inputs, "acme_seen")


@facts(
    "account",
    Fact("acme_all", "real", "Hours until today.", "hours"),
    reads=READS,
    uses=USES,
    after_close=True,
)
def until_today(inputs: Inputs) -> pl.DataFrame:
    """Count what the review's date sees."""
    return _hours(inputs, "acme_all")


def _hours(inputs: Inputs, name: str) -> pl.DataFrame:
    import polars as pl

    deals = inputs.facts("deal").rename({"id": "deal_id"})
    spent = inputs.shared(_entries, reads=READS).join(deals, on="deal_id")
    return spent.group_by(id="account_id").agg(pl.col("hours").sum().alias(name))


def _entries(inputs: Inputs) -> pl.DataFrame:
    return inputs.table("time_entries")


@check.columns("acme/after", on="account", severity="minor", ask=["Who works on after the win?"])
def worked_on(d: Columns) -> Rules:
    """Work ends when a deal is won."""
    return Rules(
        watch=d.acme_all > d.acme_seen,
        message="{acme_seen:hours}, {acme_all:hours}",
        actual=d.acme_all,
    )
