"""Who sells in a team: its reps for sure, and people of whom nobody said what they do, or where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dealreview import Inputs

STAFF = ("sales_people", "unsure_people")
"""Facts of teams that :func:`staff` needs."""


def staff(teams: pl.DataFrame) -> pl.DataFrame:
    """Return ``id`` of the team, ``person_id``, and whether the person is a rep of it for ``sure``.

    Whoever has no role or no team where others have one may be a rep of it or not: left out, the one
    whose cell was emptied would take bad hours along.

    Args:
        teams: ``id`` and the facts of :data:`STAFF`.
    """
    parts = [
        teams.select("id", person_id=name, sure=pl.lit(name == "sales_people")).explode("person_id")
        for name in reversed(STAFF)
    ]
    found = pl.concat(parts).drop_nulls("person_id")
    return found.unique(["id", "person_id"], keep="first", maintain_order=True)


def without_team(inputs: Inputs) -> pl.DataFrame:
    """Return ``person_id`` of people who may be of any team; of nobody where no team is recorded.

    Args:
        inputs: What the provider got; it reads ``person_id`` and ``team_id`` of people.
    """
    recorded = pl.lit(inputs.feeds.is_recorded("people.team_id"))
    people = inputs.table("people").filter(recorded & pl.col("team_id").is_null())
    return people.select("person_id")
