"""Who sells in a team: its reps for sure, and members of whom nobody said what they do."""

from __future__ import annotations

import polars as pl

STAFF = ("sales_people", "unsure_people")
"""Facts of teams that :func:`staff` needs."""


def staff(teams: pl.DataFrame) -> pl.DataFrame:
    """Return ``id`` of the team, ``person_id``, and whether the person is a rep for ``sure``.

    Whoever has no role where others have one may be a rep or not: left out, the one whose role was
    emptied would take bad hours along.

    Args:
        teams: ``id`` and the facts of :data:`STAFF`.
    """
    parts = [
        teams.select("id", person_id=name, sure=pl.lit(name == "sales_people")).explode("person_id")
        for name in reversed(STAFF)
    ]
    found = pl.concat(parts).drop_nulls("person_id")
    return found.unique(["id", "person_id"], keep="first", maintain_order=True)
