"""Who is judged: deals, accounts, reps, teams and the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from dealreview.engine.buckets import Bucket
    from dealreview.engine.visible import VisibleTables

PIPELINE_ID = "pipeline"
BASE = ("id", "name", "day", "currency", "closed")
"""Columns that every frame of facts has."""

SUBJECT_COLUMN = {
    Kind.DEAL: "deal_id",
    Kind.ACCOUNT: "account_id",
    Kind.REP: "person_id",
    Kind.TEAM: "team_id",
}
"""The column by which the rows of a table belong to a subject; every row is the pipeline's."""


def local_subjects(kind: Kind, bucket: Bucket) -> pl.DataFrame:
    """Return the base columns of the deals or accounts of a bucket, in order of id.

    Base columns are ``id``, ``name``, ``day`` (as of which the subject is judged), ``currency`` (of a
    deal; null means the reporting currency) and ``closed``.
    """
    if kind is Kind.DEAL:
        found = bucket.frame("deals", ["deal_id", "name", "day", "currency", "closed"])
        return found.rename({"deal_id": "id"}).select(BASE).sort("id")
    found = bucket.frame("accounts", ["account_id", "name"]).rename({"account_id": "id"})
    return _judged_today(found, bucket.visible.as_of)


def organisation_subjects(kind: Kind, visible: VisibleTables) -> pl.DataFrame:
    """Return the base columns of reps, teams or the pipeline, in order of id."""
    import polars as pl

    if kind is Kind.REP:
        found = _reps(visible, visible.as_of)
    elif kind is Kind.TEAM:
        found = visible.frame("teams", ["team_id", "name"]).rename({"team_id": "id"})
    else:
        found = pl.DataFrame({"id": [PIPELINE_ID], "name": ["Pipeline"]})
    return _judged_today(found, visible.as_of)


def _judged_today(found: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    import polars as pl

    return found.select(
        "id",
        "name",
        pl.lit(as_of, dtype=pl.Date).alias("day"),
        pl.lit(None, dtype=pl.String).alias("currency"),
        pl.lit(value=False).alias("closed"),
    ).sort("id")


def _reps(visible: VisibleTables, as_of: dt.date) -> pl.DataFrame:
    """Return people with the role rep; one without a role is a rep if a deal is theirs."""
    import polars as pl

    people = visible.frame("people", ["person_id", "name", "role", "started_on", "left_on"])
    owners = visible.frame("deals", ["owner_id"])["owner_id"].unique().implode()
    sells = (pl.col("role") == "rep") | (
        pl.col("role").is_null() & pl.col("person_id").is_in(owners)
    )
    here = pl.col("left_on").is_null() | (pl.col("left_on") > as_of)
    begun = pl.col("started_on").is_null() | (pl.col("started_on") <= as_of)
    return people.filter(sells & here & begun).rename({"person_id": "id"})
