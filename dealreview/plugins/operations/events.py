"""Diversions as events of teams: when they began and ended, whose they are, who was in them."""

from __future__ import annotations

import polars as pl

from dealreview import Inputs, Param
from dealreview.plugins.teams import STAFF, staff
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


def dated(inputs: Inputs, *also: str) -> pl.DataFrame:
    """Return the diversions with the days that they can have had.

    ``ended`` is empty while it runs and where nobody said a day that can be (then it is
    ``open_ended``). ``seen`` is the last day recorded, ``day`` the review's; ``bd``
    counts business days to the one, ``bd_hi`` to the other.

    Args:
        inputs: What the provider got; it reads :data:`DIVERSIONS`.
        *also: Further columns of diversions.
    """
    rows = inputs.table("diversions").with_columns(day=pl.lit(inputs.as_of, dtype=pl.Date))
    first, last = pl.col("from_on"), pl.col("to_on")
    # A last day before the first is none.
    last = pl.when((last >= first).fill_null(value=True)).then(last)
    rows = rows.select(
        "diversion_id",
        "team_id",
        "day",
        *also,
        seen=clock(inputs, "diversions"),
        began="from_on",
        ended=pl.when(last <= pl.col("day")).then(last),
        open_ended=last.is_null(),
    )
    return rows.with_columns(
        bd=_length(inputs, pl.coalesce("ended", "seen")),
        bd_hi=_length(inputs, pl.coalesce("ended", "day")),
    )


def of_teams(events: pl.DataFrame, teams: pl.DataFrame) -> pl.DataFrame:
    """Return events by team, ``id``; ``sure`` where it has a team and a first day.

    One whose team nobody named may be any team's.
    """
    teams = teams.select("id")
    named = events.rename({"team_id": "id"}).join(teams, on="id")
    anyones = events.filter(pl.col("team_id").is_null()).drop("team_id").join(teams, how="cross")
    return _either(named, anyones)


def of_people(
    events: pl.DataFrame, listed: pl.DataFrame, teams: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Return events by person, ``id``: those listed, else all reps of the team, else perhaps all.

    Who may be of a team was perhaps in the events of its reps.

    Args:
        events: Events of :func:`dated`.
        listed: ``diversion_id`` and ``person_id``.
        teams: ``id`` and the facts of :data:`STAFF`.
        people: ``id``.
    """
    rest = events.join(listed, on="diversion_id", how="anti")
    of_team, of_unsure = (
        rest.join(teams.select(team_id="id", id=name), on="team_id").explode("id").drop_nulls("id")
        for name in STAFF
    )
    named = [events.join(listed.unique(), on="diversion_id").rename({"person_id": "id"}), of_team]
    columns = ["id", *(name for name in events.columns if name != "team_id")]
    own = pl.concat([part.select(columns) for part in named])
    anyones = rest.filter(pl.col("team_id").is_null()).join(people.select("id"), how="cross")
    return _either(own, pl.concat([part.select(columns) for part in (anyones, of_unsure)]))


def _either(named: pl.DataFrame, perhaps: pl.DataFrame) -> pl.DataFrame:
    named = named.with_columns(sure=pl.col("began").is_not_null())
    perhaps = perhaps.with_columns(sure=pl.lit(value=False))
    return pl.concat([named, perhaps.select(named.columns)])


def _length(inputs: Inputs, last: pl.Expr) -> pl.Expr:
    """Return the business days from the first day to ``last``, both included."""
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
        events: Sure events of :func:`of_teams`.
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

    ``certain`` is false of those who were in it only if they are reps.

    Args:
        events: Events with ``id`` of the team.
        listed: ``diversion_id`` and ``person_id``.
        teams: ``id`` and the facts of :data:`STAFF`.
    """
    named = events.join(listed.unique(), on="diversion_id").with_columns(certain=pl.lit(value=True))
    rest = events.join(listed, on="diversion_id", how="anti")
    everybody = rest.join(staff(teams).rename({"sure": "certain"}), on="id")
    return pl.concat([named, everybody.select(named.columns)]).drop_nulls("person_id")
