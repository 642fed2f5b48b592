"""What takes the place of a column that is recorded nowhere: by role, or by the words of a title.

A stand-in fills no gap: as soon as anybody fills a column, an empty cell of it is unknown. Else the
cell that was left out could be the one that would have looked worse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dealreview import Param
from dealreview.plugins.wordlists import EVERYDAY, FUNCTIONS, MEETINGS, SIDE_TASKS, matched

if TYPE_CHECKING:
    from dealreview import Inputs

LIMIT = "people.max_discount_ratio"
HOURLY = "people.hourly_cost_minor"
FUNCTION = "contacts.function"
MEETING_KIND = "activities.meeting_kind"
SIDE_TASK = "activities.side_task"
TITLE = "activities.title"
WORDLESS = ""
"""What a title without any of the words is read as, until it is known what that means."""

OWNER_ROLE = "rep"
"""What whoever owns a deal is taken for where nobody's role is recorded."""

FROM_TITLES = " (by their job titles)"
"""What a message adds where functions are read from job titles."""

LADDER: dict[str, tuple[Any, Param]] = {
    "discount_ladder": ({}, Param("Largest discount by role, as [discount_ladder] has it"))
}
HOURLY_COST: dict[str, tuple[Any, Param]] = {
    "hourly_cost": ({}, Param("Cost of an hour by role, as [hourly_cost] has it"))
}
FUNCTION_WORDS: dict[str, tuple[Any, Param]] = {
    "function_words": ({}, Param("Further words of job titles, as [words.function] has them"))
}
MEETING_WORDS: dict[str, tuple[Any, Param]] = {
    "meeting_kind_words": (
        {},
        Param("Further words of titles of meetings, as [words.meeting_kind] has them"),
    )
}
SIDE_TASK_WORDS: dict[str, tuple[Any, Param]] = {
    "side_task_words": (
        {},
        Param("Further words of titles of tasks, as [words.side_task] has them"),
    )
}


def _role(inputs: Inputs, *, owns: bool) -> pl.Expr:
    """Return the role by which people are looked up: theirs, else that of whoever owns a deal."""
    if owns and not inputs.feeds.is_recorded("people.role"):
        return pl.lit(OWNER_ROLE)
    return pl.col("role")


def discount_limits(inputs: Inputs, *, owns: bool) -> pl.DataFrame:
    """Return ``person_id``, ``limit`` and ``limit_role``: the role by which the ladder was asked, if it was.

    A role that the ladder leaves out has no limit.

    The provider reads ``person_id``, ``role`` and ``max_discount_ratio`` of people, and declares
    :data:`LADDER`.

    Args:
        inputs: What the provider got.
        owns: Whether the limits of owners of deals are asked for.
    """
    people = inputs.table("people")
    ladder: dict[str, float] = inputs.params["discount_ladder"]
    if inputs.feeds.is_recorded(LIMIT) or not ladder:
        nobody = pl.lit(None, dtype=pl.String)
        return people.select("person_id", limit="max_discount_ratio", limit_role=nobody)
    role = _role(inputs, owns=owns)
    limit = role.replace_strict(ladder, default=None, return_dtype=pl.Float64)
    return people.select("person_id", limit=limit, limit_role=role)


def hourly_costs(inputs: Inputs) -> pl.DataFrame:
    """Return ``person_id``, ``hourly`` of owners of deals, ``paid_in`` and ``hourly_role``.

    The provider reads ``person_id``, ``role``, ``hourly_cost_minor`` and ``currency`` of people, and
    declares :data:`HOURLY_COST`.
    """
    people = inputs.table("people")
    costs: dict[str, dict[str, Any]] = inputs.params["hourly_cost"]
    if inputs.feeds.is_recorded(HOURLY) or not costs:
        paid_in = pl.col("currency")
        if not inputs.feeds.is_recorded("people.currency"):
            paid_in = paid_in.fill_null(inputs.currency)
        nobody = pl.lit(None, dtype=pl.String)
        return people.select(
            "person_id", hourly="hourly_cost_minor", paid_in=paid_in, hourly_role=nobody
        )
    role = _role(inputs, owns=True)

    def of_role(part: str, dtype: Any) -> pl.Expr:
        found = {name: cost[part] for name, cost in costs.items()}
        return role.replace_strict(found, default=None, return_dtype=dtype)

    hourly = of_role("minor", pl.Int64)
    known = pl.when(hourly.is_not_null()).then(role)
    return people.select(
        "person_id", hourly=hourly, paid_in=of_role("currency", pl.String), hourly_role=known
    )


def functions(inputs: Inputs) -> pl.DataFrame:
    """Return ``contact_id`` and ``function``, by the words of the job title where none is recorded.

    The provider reads ``contact_id``, ``function`` and ``job_title`` of contacts, and declares
    :data:`FUNCTION_WORDS`.
    """
    contacts = inputs.table("contacts")
    if not by_titles(inputs):
        return contacts.select("contact_id", "function")
    found = matched(contacts["job_title"], FUNCTIONS, inputs.params["function_words"])
    return contacts.select("contact_id", function=found)


def by_titles(inputs: Inputs) -> bool:
    """Whether functions are read from job titles: none is recorded of anybody."""
    recorded = inputs.feeds.is_recorded
    return recorded("contacts.job_title") and not recorded(FUNCTION)


def meetings_by_title(inputs: Inputs) -> bool:
    """Whether kinds of meetings are read from their titles: no meeting has one."""
    recorded = inputs.feeds.is_recorded
    return recorded(TITLE) and not recorded(MEETING_KIND)


def with_kinds(inputs: Inputs, meetings: pl.DataFrame) -> pl.DataFrame:
    """Return meetings of deals with ``meeting_kind``, by the words of the title where none is recorded.

    A title without any of the words is of another meeting, if enough titles of the deal's meetings
    have one; else nobody knows what it is of. An empty title is never known. The provider declares
    :data:`MEETING_WORDS` and the share ``min_tag_coverage``.
    """
    if not meetings_by_title(inputs):
        return meetings
    words = inputs.params["meeting_kind_words"]
    read = matched(meetings["title"], MEETINGS, words, EVERYDAY, wordless=WORDLESS)
    kind, least = pl.col("_read"), inputs.params["min_tag_coverage"]
    told = (kind != WORDLESS).fill_null(value=False).sum().over("id") >= least * pl.len().over("id")
    wordless = pl.when(told).then(pl.lit("other"))
    found = pl.when(kind == WORDLESS).then(wordless).otherwise(kind)
    return meetings.with_columns(_read=read).with_columns(meeting_kind=found).drop("_read")


def side_tasks_by_title(inputs: Inputs) -> bool:
    """Whether side tasks are read from the titles of tasks: no activity is marked as one."""
    recorded = inputs.feeds.is_recorded
    return recorded(TITLE) and not recorded(SIDE_TASK)


def with_side_tasks(inputs: Inputs, activities: pl.DataFrame) -> pl.DataFrame:
    """Return activities with ``side_task``, and whether each ``may_be`` one that nobody can tell.

    Where none is marked, tasks are read by their titles: one without a title may be any, and one with
    words of two kinds is some side task. The provider declares :data:`SIDE_TASK_WORDS`.
    """
    if not side_tasks_by_title(inputs):
        return activities.with_columns(may_be=pl.lit(value=False))
    words = inputs.params["side_task_words"]
    read = matched(activities["title"], SIDE_TASKS, words, wordless=WORDLESS)
    kind, side = pl.col("kind"), pl.col("_read")
    unsure = (
        pl.when(kind == "task").then(side.is_null())
        .when(kind.is_null()).then(side.ne_missing(WORDLESS))
        .otherwise(statement=False)
    )  # fmt: skip
    return (
        activities.with_columns(_read=read)
        .with_columns(side_task=pl.when(kind == "task", side != WORDLESS).then(side), may_be=unsure)
        .drop("_read")
    )
