"""Diversions as events of teams: when they began and ended, whose they are, who was in them."""

from __future__ import annotations

import polars as pl

from dealreview import Inputs, Param
from dealreview.plugins.words import clock

RECORDED = ("diversions",)
DIVERSIONS = {"diversions": ("diversion_id", "team_id", "from_on", "to_on")}
LOOK_BACK = {
    "diversion_look_back": (
        90,
        Param("Days for which a diversion that ended still counts", ge=7, le=365, unit="days"),
    )
}
USUAL_DAY = 8.0
"""Hours a day that a diversion takes of a person where none are stated."""


def team_events(inputs: Inputs, *also: str) -> pl.DataFrame:
    """Return each team's diversions: ``id`` is the team.

    ``began`` and ``ended`` (empty while it runs) are empty where they can't be; ``seen`` is the last
    day recorded and ``day`` the review's; ``bd`` counts working days to the one, ``bd_hi`` to the
    other. One whose team nobody named may be any team's. A row is ``sure`` when it has a team and a
    first day not after its last.

    Args:
        inputs: What the provider got; it reads :data:`DIVERSIONS`.
        *also: Further columns of diversions.
    """
    teams = inputs.subjects().select(pl.col("id").alias("team_id"), "day")
    teams = teams.with_columns(seen=clock(inputs, "diversions"))
    rows = inputs.table("diversions")
    named = rows.join(teams, on="team_id").with_columns(named=pl.lit(value=True))
    anyones = rows.filter(pl.col("team_id").is_null()).drop("team_id")
    anyones = anyones.join(teams, how="cross").with_columns(named=pl.lit(value=False))
    both = pl.concat([named, anyones], how="diagonal_relaxed").rename({"team_id": "id"})
    first, last = pl.col("from_on"), pl.col("to_on")
    upright = (last >= first).fill_null(value=True)
    both = both.with_columns(
        began=pl.when(upright).then(first), ended=pl.when(last <= pl.col("day")).then(last)
    )
    sure = pl.col("named") & pl.col("began").is_not_null()
    return both.select("diversion_id", "id", "day", "seen", "began", "ended", *also, sure=sure).with_columns(
        bd=_length(inputs, pl.coalesce("ended", "seen")),
        bd_hi=_length(inputs, pl.coalesce("ended", "day")),
    )  # fmt: skip


def _length(inputs: Inputs, last: pl.Expr) -> pl.Expr:
    """Return the working days from the first day to ``last``, both included."""
    return inputs.business_days(pl.col("began") - pl.duration(days=1), last)


def ended_within(days: int) -> pl.Expr:
    """Say whether an event runs, or ended within so many days before the last day recorded."""
    return pl.col("ended").is_null() | (pl.col("ended") >= _before(days))


def begun_within(days: int) -> pl.Expr:
    """Say whether an event began within so many days; unknown without its first day."""
    # What ended before the window began before it too.
    earlier = pl.col("began").is_null() & (pl.col("ended") < _before(days)).fill_null(value=False)
    return pl.when(earlier).then(statement=False).otherwise(pl.col("began") >= _before(days))


def _before(days: int) -> pl.Expr:
    return pl.col("seen") - pl.duration(days=days)


def covered(inputs: Inputs, days: int) -> pl.Expr:
    """Say of subjects whether diversions are recorded for so many days up to theirs."""
    seen = clock(inputs, "diversions")
    return inputs.feeds.reaches("diversions", seen - pl.duration(days=days), pl.col("day"))


def occasions(events: pl.DataFrame, gap: int, *, longest: bool) -> pl.DataFrame:
    """Return the number of times that each team was diverted, as ``times``, and ``since`` when.

    Rows that overlap, or lie at most ``gap`` days apart, are one.

    Args:
        events: Sure events of :func:`team_events`.
        gap: Days.
        longest: Whether one without last day ran to the review's day, or ended where it began.
    """
    last = pl.coalesce("ended", "day") if longest else pl.coalesce("ended", "began")
    rows = events.sort("id", "began", "diversion_id").with_columns(last=last)
    so_far = pl.col("last").cum_max().shift(1).over("id", order_by=["began", "diversion_id"])
    fresh = (pl.col("began") > so_far + pl.duration(days=gap)).fill_null(value=True)
    rows = rows.with_columns(fresh=fresh)
    return rows.group_by("id").agg(
        times=pl.col("fresh").sum().cast(pl.Int64), since=pl.col("began").min()
    )


def members(events: pl.DataFrame, listed: pl.DataFrame, teams: pl.DataFrame) -> pl.DataFrame:
    """Return who was in each event, as ``person_id``; all reps of the team where nobody is listed.

    Args:
        events: Events with ``id`` of the team.
        listed: ``diversion_id`` and ``person_id``.
        teams: ``id`` and ``sales_people``.
    """
    named = events.join(listed.unique(), on="diversion_id")
    rest = events.join(listed, on="diversion_id", how="anti").join(teams, on="id")
    everybody = rest.explode("sales_people").rename({"sales_people": "person_id"})
    return pl.concat([named, everybody.select(named.columns)]).drop_nulls("person_id")
