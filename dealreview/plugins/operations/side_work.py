"""Side tasks: work that has crept into a seller's days and is nobody's sale."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, below, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.standins import (
    SIDE_TASK,
    SIDE_TASK_WORDS,
    TITLE,
    side_tasks_by_title,
    with_side_tasks,
)
from dealreview.plugins.words import counted, spoken

WEEKS = 4
RECORDED_DAYS = 90
REQUIRED = ((SIDE_TASK, TITLE),)
NOUNS = {
    "order_chasing": ("order chase", "order chases"),
    "report": ("report", "reports"),
    "invoice": ("invoice", "invoices"),
    "ticket": ("ticket", "tickets"),
}


@facts(
    "rep",
    Fact(
        "side_tasks_weekly_lo",
        "real",
        "Side tasks a week, mean of the last 4 complete weeks.",
        "tasks",
        requires=REQUIRED,
        origin=SIDE_TASK,
    ),
    Fact(
        "side_tasks_weekly_hi",
        "real",
        "The same if all side tasks without person or day were theirs; unknown unless somebody of "
        "the team has a side task in 90 days and activities are recorded for the weeks.",
        "tasks",
        requires=REQUIRED,
        origin=SIDE_TASK,
    ),
    Fact(
        "side_tasks_rising",
        "bool",
        "Each of the last 3 complete weeks has more side tasks than the one before; unknown with "
        "the most that there can be.",
        requires=REQUIRED,
        origin=SIDE_TASK,
    ),
    Fact(
        "side_tasks_last_week",
        "int",
        "Side tasks of the last complete week.",
        "tasks",
        origin=SIDE_TASK,
    ),
    Fact("side_tasks_by_week", "text", "Side tasks of the 4 weeks, the last one last."),
    Fact("side_task_words", "text", "What they were in the fullest week, in words."),
    step="organisation",
    reads={
        "activities": ("activity_id", "kind", "person_id", "side_task", "title", "status", "at")
    },
    uses=("team_id",),
    params=SIDE_TASK_WORDS,
)
def side_tasks(inputs: Inputs) -> pl.DataFrame:
    """Count the side tasks of each person by week."""
    first, last = inputs.calendar.complete_weeks(inputs.as_of, WEEKS)
    kind = pl.col("kind")
    is_told = pl.col("side_task").is_not_null()
    may_be = (kind == "task") | kind.is_null() if side_tasks_by_title(inputs) else is_told
    rows = inputs.table("activities", may_be & pl.col("status").ne_missing("planned"))
    rows = with_side_tasks(inputs, rows.with_columns(on=inputs.local_day(pl.col("at"))))
    done = rows.filter(pl.col("side_task").is_not_null()).select("person_id", "side_task", "on")
    perhaps = rows.filter("may_be", pl.col("on").is_between(first, last) | pl.col("on").is_null())
    inside = done.filter(pl.col("on").is_between(first, last))
    frame = inputs.facts().join(
        _by_week(inside, first), left_on="id", right_on="person_id", how="left"
    )
    frame = frame.join(_words(inside, first), left_on="id", right_on="person_id", how="left")
    frame = frame.join(
        _many(done.filter(pl.col("on").is_null()), "undated"),
        left_on="id",
        right_on="person_id",
        how="left",
    )
    frame = frame.join(_many(perhaps, "perhaps"), left_on="id", right_on="person_id", how="left")
    weeks = [pl.col(f"w{number}").fill_null(0) for number in range(WEEKS)]
    strays = (
        inside["person_id"].null_count()
        + done.filter(pl.col("on").is_null())["person_id"].null_count()
        + perhaps["person_id"].null_count()
    )
    total = pl.sum_horizontal(weeks)
    more = pl.sum_horizontal(pl.col("undated", "perhaps").fill_null(0)) + strays
    known = inputs.feeds.covers("activities", first, last) & _recorded(inputs, done)
    rising = (weeks[1] < weeks[2]) & (weeks[2] < weeks[3])
    return frame.select(
        "id",
        side_tasks_weekly_lo=total / WEEKS,
        side_tasks_weekly_hi=pl.when(known).then((total + more) / WEEKS),
        side_tasks_rising=pl.when(known & (more == 0)).then(rising),
        side_tasks_last_week=weeks[-1],
        side_tasks_by_week=pl.concat_str(
            pl.concat_str(weeks, separator=", "), pl.lit(_label(inputs))
        ),
        side_task_words=pl.col("words").fill_null("no side tasks"),
    )


def _label(inputs: Inputs) -> str:
    """Return what the numbers add where side tasks are known by the titles of tasks alone."""
    return " (tasks by their titles)" if side_tasks_by_title(inputs) else ""


def _by_week(inside: pl.DataFrame, first: dt.date) -> pl.DataFrame:
    """Return the tasks of each person in each week, ``w0`` to ``w3``."""
    week = (pl.col("on") - first).dt.total_days() // 7
    numbers = range(WEEKS)
    return inside.drop_nulls("person_id").group_by("person_id").agg(
        [(week == number).sum().cast(pl.Int64).alias(f"w{number}") for number in numbers]
    )  # fmt: skip


def _words(inside: pl.DataFrame, first: dt.date) -> pl.DataFrame:
    """Return what each person's fullest week held, the latest of several: ``14 order chases…``."""
    days = (pl.col("on") - first).dt.total_days() // 7 * 7
    tasks = inside.drop_nulls("person_id").with_columns(week=first + pl.duration(days=days))
    kinds = [(pl.col("side_task") == kind).sum().alias(kind) for kind in NOUNS]
    weeks = tasks.group_by("person_id", "week").agg(*kinds, n=pl.len())
    fullest = weeks.sort("n", "week", descending=True).unique(
        "person_id", keep="first", maintain_order=True
    )
    each = [
        pl.when(pl.col(kind) > 0).then(counted(pl.col(kind), pl.col(kind), *nouns))
        for kind, nouns in NOUNS.items()
    ]
    listed = pl.concat_str(each, separator=", ", ignore_nulls=True)
    monday = spoken(pl.col("week"))
    return fullest.select("person_id", words=pl.format("{} in the week of {}", listed, monday))


def _many(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return how many rows each person has."""
    return rows.drop_nulls("person_id").group_by("person_id").agg(pl.len().alias(name))


def _recorded(inputs: Inputs, done: pl.DataFrame) -> pl.Expr:
    """Say of each person whether they, or somebody of their team, have had a side task in 90 days."""
    since = inputs.as_of - dt.timedelta(days=RECORDED_DAYS)
    whose = done.filter(pl.col("on") >= since)["person_id"].drop_nulls().unique()
    tagged = pl.col("id").is_in(whose.implode())
    return tagged | tagged.any().over("team_id") & pl.col("team_id").is_not_null()


@check.columns(
    "operations/role-creep",
    on="rep",
    severity="minor",
    ask=["Who else could own this, and what do they need from you?"],
    family="side work",
    sources=[
        "5 to 7 hours a week of non-selling customer service (ZS 2014)",
        f"five a week, three weeks rising: {JUDGEMENT}",
    ],
)
def role_creep(
    d: Columns,
    *,
    weekly: Annotated[
        float, Param("Watch from this many side tasks a week", ge=1, le=50, unit="tasks")
    ] = 5.0,
    rising_to: Annotated[
        int,
        Param("Watch from this many in the last of three rising weeks", ge=1, le=50, unit="tasks"),
    ] = 3,
) -> Rules:
    """Side tasks do not become the job.

    Chasing an order is a favour; chasing five a week is a second job that nobody decided on.
    Counted are a seller's activities marked as order chasing, report, invoice or ticket in the last
    four complete weeks, planned ones left out. A mean of five a week or more is a watch; so are
    three weeks in which each had more than the one before, the last at least three. A single bad
    week is neither. For coaching, not for judging people.

    Where no activity is marked, tasks count whose title says it, by a list of words in four languages
    (more under `[words.side_task]`), and the message says so; a task without a title may be one, and so
    may one whose title has words of two kinds.

    Needs activities with side tasks, or tasks with titles, recorded for the four weeks: somebody of
    the team must have had one in 90 days, else nobody marks them.
    """
    mean = d.interval("side_tasks_weekly")
    said = "side tasks by week: {side_tasks_by_week}; mean {side_tasks_weekly_lo:number}"
    return Rules(
        applies=d.sales_role,
        watch=(mean >= weekly) | (d.side_tasks_rising & (d.side_tasks_last_week >= rising_to)),
        message={
            "watch": "{side_task_words}; "
            + said
            + "; {weekly:number} a week, or three rising weeks "
            "up to {rising_to:count}, are worth a look",
            "pass": said,
            "insufficient_data": said + ", as far as is seen",
        },
        actual=d.side_tasks_weekly_lo,
        # A watch can come from rising weeks too: the message names both limits.
        expected={"pass": below(weekly, source=JUDGEMENT)},
        evidence=cited(d, "side_tasks_weekly_lo", "side_tasks_weekly_hi", "side_tasks_by_week"),
    )
