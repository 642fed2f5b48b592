"""Kinds that are read from titles: where none is recorded, and only as far as titles say them."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from attrs import frozen

from dealreview.plugins.standins import (
    MEETING_KIND,
    SIDE_TASK,
    TITLE,
    with_kinds,
    with_side_tasks,
)


@frozen
class Given:
    """What a provider is given: columns in which anything is recorded, and parameters."""

    recorded: frozenset[str]
    params: dict[str, Any]

    @property
    def feeds(self) -> Given:
        """Return what is recorded."""
        return self

    def is_recorded(self, column: str) -> bool:
        """Whether anything is recorded in a column."""
        return column in self.recorded


def given(*recorded: str) -> Any:
    """Return the inputs of a provider; half of the titles must say something."""
    params = {"meeting_kind_words": {}, "side_task_words": {}, "min_tag_coverage": 0.5}
    return Given(frozenset(recorded), params)


def side_task(
    kind: str | None, title: str | None, *recorded: str, marked: str | None = None
) -> tuple[str | None, bool]:
    """Return what side task an activity is, and whether it may be one."""
    row = {"kind": [kind], "title": [title], "side_task": [marked]}
    frame = pl.DataFrame(row, schema=dict.fromkeys(row, pl.String))
    found = with_side_tasks(given(*(recorded or (TITLE,))), frame)
    return found["side_task"].item(), found["may_be"].item()


def kinds(*titles: str | None, recorded: tuple[str, ...] = (TITLE,)) -> list[str | None]:
    """Return the kinds of the meetings of a deal, beside a deal whose titles say all."""
    rows = [("a", title, "demo" if MEETING_KIND in recorded else None) for title in titles]
    rows += [("b", "Demo", None)] * 9
    columns = {"id": pl.String, "title": pl.String, "meeting_kind": pl.String}
    found = with_kinds(given(*recorded), pl.DataFrame(rows, schema=columns, orient="row"))
    return found["meeting_kind"].head(len(titles)).to_list()


@pytest.mark.parametrize(
    ("kind", "title", "task", "may_be"),
    [
        ("task", "Order status Meyer", "order_chasing", False),
        ("task", "Call Brandt back", None, False),
        ("task", "Complaint about the invoice", None, True),
        ("task", None, None, True),
        ("task", " ", None, True),
        ("email", "Order status Meyer", None, False),
        ("email", None, None, False),
        (None, "Order status Meyer", None, True),
        (None, "Call Brandt back", None, False),
        (None, None, None, True),
    ],
)
def test_side_tasks_by_title(
    kind: str | None, title: str | None, task: str | None, may_be: bool
) -> None:
    """A task is one if its title says which, none if it says something else; the rest may be one."""
    assert side_task(kind, title) == (task, may_be)


def test_a_mark_puts_titles_out_of_use() -> None:
    """As soon as one activity is marked as a side task, no title says that another is one."""
    assert side_task("task", "Order status", TITLE, SIDE_TASK) == (None, False)
    assert side_task("email", "News", TITLE, SIDE_TASK, marked="report") == ("report", False)


def test_without_titles_nothing_is_told() -> None:
    """Where neither marks nor titles are recorded nothing is made of what is not there."""
    assert side_task("task", None, "activities.kind") == (None, False)


@pytest.mark.parametrize(
    ("titles", "found"),
    [
        (["Demo", "With Anna"], ["demo", "other"]),
        (["Demo", "With Anna", "With Ben"], ["demo", None, None]),
        (["With Anna", None], [None, None]),
        (["Demo", "Demo and contract", "With Anna"], ["demo", None, None]),
    ],
)
def test_a_title_without_a_word(titles: list[str | None], found: list[str | None]) -> None:
    """It is of another meeting if half of the deal's titles say what they are of; no other deal's do."""
    assert kinds(*titles) == found


def test_a_recorded_kind_puts_titles_out_of_use() -> None:
    """As soon as one meeting has a kind, no title takes its place."""
    assert kinds("Pricing", recorded=(TITLE, MEETING_KIND)) == ["demo"]
