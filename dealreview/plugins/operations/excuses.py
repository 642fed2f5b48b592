"""Losses put down to operations, held against the incidents on record."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, below, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.subjects import with_own_row

REASONS = ("incidents", "deals.loss_reason")
_LOSS = "deals.loss_reason"


@facts(
    "rep",
    Fact(
        "losses_with_reason_lo",
        "int",
        "Deals lost in `loss_days` with a reason.",
        "deals",
        requires=REASONS,
        origin=_LOSS,
    ),
    Fact(
        "losses_with_reason_hi",
        "int",
        "The same with those whose reason, owner, closing day or result is unknown.",
        "deals",
        requires=REASONS,
        origin=_LOSS,
    ),
    Fact(
        "ops_losses_without_incident_lo",
        "int",
        "Those lost for operations with no incident on that account in the `incident_days` before.",
        "deals",
        requires=REASONS,
        origin="incidents",
    ),
    Fact(
        "ops_losses_without_incident_hi",
        "int",
        "The same with those that may be: incidents without account or first day, earlier ones that "
        "nobody has closed, days for which incidents are not recorded.",
        "deals",
        requires=REASONS,
        origin=_LOSS,
    ),
    Fact("ops_losses_without_incident_ids", "set", "The deals counted."),
    Fact("ops_losses", "int", "Deals lost in `loss_days` for operations.", "deals"),
    Fact(
        "loss_incident_days",
        "int",
        "Days before a loss in which an incident would explain it: `incident_days`.",
        "days",
    ),
    step="organisation",
    reads={
        "deals": ("deal_id", "loss_reason"),
        "incidents": ("incident_id", "account_id", "opened_on", "resolved_on"),
    },
    uses=("deal.owner_id", "deal.account_id", "deal.is_lost", "deal.closed_on"),
    params={
        "loss_days": (
            365,
            Param("Days in which lost deals count", ge=30, le=1095, unit="days"),
        ),
        "incident_days": (
            180,
            Param(
                "Days before a loss in which an incident would explain it",
                ge=7,
                le=730,
                unit="days",
            ),
        ),
    },
)
def excuses(inputs: Inputs) -> pl.DataFrame:
    """Compare the losses that operations are blamed for with what went wrong."""
    lost = _lost(inputs)
    before = pl.duration(days=inputs.params["incident_days"])
    explained = _explained(inputs, lost, before)
    lost = lost.join(explained, on="deal_id", how="left").with_columns(_bare(inputs, before))
    sure, reason = pl.col("sure"), pl.col("loss_reason")
    blamed, may_be = reason == "operations", (reason == "operations").fill_null(value=True)
    bare = blamed & sure & pl.col("bare")
    # Within a group every row has the same owner, or none.
    sums = lost.group_by("owner_id").agg(
        low=(sure & reason.is_not_null()).sum(),
        high=pl.len(),
        bare=bare.fill_null(value=False).sum(),
        bare_hi=(may_be & pl.col("bare").fill_null(value=True)).sum(),
        ids=pl.col("deal_id").filter(bare.fill_null(value=False)).sort(),
        blamed=(blamed & sure).fill_null(value=False).sum(),
    )
    anybodys = sums.filter(pl.col("owner_id").is_null())
    more, more_bare = anybodys["high"].sum(), anybodys["bare_hi"].sum()
    frame = inputs.subjects().join(sums, left_on="id", right_on="owner_id", how="left")
    names = ("low", "high", "bare", "bare_hi", "blamed")
    frame = frame.with_columns(pl.col(names).fill_null(0).cast(pl.Int64))
    return frame.select(
        "id",
        losses_with_reason_lo="low",
        losses_with_reason_hi=pl.col("high") + more,
        ops_losses_without_incident_lo="bare",
        ops_losses_without_incident_hi=pl.col("bare_hi") + more_bare,
        ops_losses_without_incident_ids=pl.col("ids").fill_null(
            pl.lit([], dtype=pl.List(pl.String))
        ),
        ops_losses="blamed",
        loss_incident_days=pl.lit(inputs.params["incident_days"], dtype=pl.Int64),
    )


def _lost(inputs: Inputs) -> pl.DataFrame:
    """Return the deals that are, ``sure``, or may be lost in the last days."""
    deals = inputs.facts("deal").rename({"id": "deal_id"})
    deals = with_own_row(deals, inputs.table("deals"), on="deal_id")
    within = pl.col("closed_on") >= inputs.as_of - dt.timedelta(days=inputs.params["loss_days"])
    known = pl.col("is_lost") & within
    found = deals.filter(known.fill_null(value=True))
    return found.with_columns(sure=known.fill_null(value=False))


def _explained(inputs: Inputs, lost: pl.DataFrame, before: pl.Expr) -> pl.DataFrame:
    """Return the losses with an incident before them, ``surely`` or perhaps."""
    incidents = inputs.table("incidents")
    own = lost.join(incidents, on="account_id")
    loose = incidents.filter(pl.col("account_id").is_null()).drop("account_id")
    anyones = lost.join(loose, how="cross").with_columns(account_id=pl.lit(None, dtype=pl.String))
    both = pl.concat([own, anyones.select(own.columns)])
    opened, closed = pl.col("opened_on"), pl.col("closed_on")
    start = closed - before
    # One that began earlier explains a loss if it was still open; whether it was may be unknown.
    inside = (opened <= closed) & ((opened >= start) | (pl.col("resolved_on") >= start))
    over = pl.col("resolved_on") < start
    may_be = inside.fill_null(~over.fill_null(value=False))
    surely = inside.fill_null(value=False) & pl.col("account_id").is_not_null()
    return both.group_by("deal_id").agg(surely=surely.any(), perhaps=may_be.any())


def _bare(inputs: Inputs, before: pl.Expr) -> pl.Expr:
    """Say whether a loss has no incident before it; unknown where there may be one."""
    closed = pl.col("closed_on")
    covered = inputs.feeds.covers("incidents", closed - before, closed)
    none_seen = ~pl.col("perhaps").fill_null(value=False) & pl.col("account_id").is_not_null()
    none = covered.fill_null(value=False) & none_seen
    found = pl.col("surely").fill_null(value=False)
    return pl.when(found).then(statement=False).when(none).then(statement=True).alias("bare")


@check.columns(
    "operations/excuse-pattern",
    on="rep",
    severity="minor",
    ask=["What, besides delivery, decided these losses?"],
    sources=[f"three of five losses, 180 days: {JUDGEMENT}"],
)
def excuse_pattern(
    d: Columns,
    *,
    many: Annotated[
        int, Param("Watch from this many unexplained losses", ge=1, le=20, unit="deals")
    ] = 3,
    min_losses: Annotated[
        int, Param("Lost deals with a reason that a pattern needs", ge=1, le=100, unit="deals")
    ] = 5,
) -> Rules:
    """Losses that operations are blamed for have an incident behind them.

    "They could not deliver" is a reason that nobody asks after. Of the deals that a seller lost in
    the last 365 days, those with the loss reason `operations` are counted where no incident is on
    record for that account in the 180 days before the loss, nor an earlier one that was still
    open. Three or more are a watch. Asked from five losses with a reason. For coaching, not for
    judging people.

    Needs loss reasons, and incidents recorded for 180 days before each loss. Where the reason, the
    owner or the incident's account is unknown, both are weighed.
    """
    n = d.interval("ops_losses_without_incident")
    said = (
        "{ops_losses_without_incident_lo:count} of {losses_with_reason_lo:count} losses put down to "
        "operations with no incident in the {loss_incident_days:days} before"
    )
    return Rules(
        applies=d.interval("losses_with_reason") >= min_losses,
        watch=n >= many,
        message={
            "watch": said,
            "pass": said,
            "insufficient_data": "seen: " + said + "; at most "
            "{ops_losses_without_incident_hi:count} of {losses_with_reason_hi:count}",
        },
        actual=d.ops_losses_without_incident_lo,
        expected=below(many, source=JUDGEMENT),
        evidence=[
            Cite("deals", "loss_reason", ids=d.ops_losses_without_incident_ids),
            *cited(d, "ops_losses_without_incident_lo", "ops_losses", "losses_with_reason_lo"),
        ],
    )
