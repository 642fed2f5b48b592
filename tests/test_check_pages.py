"""The pages of checks: each outcome is shown with words that a check said of rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from dealreview.model.outcome import Outcome
from tests.plugins.tinyfacts import built_in
from tools.check_pages import NAMED, case_files, examples, has_own_words, names_in, told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.testing import Case, CaseFile

WITHOUT_ROWS = {"hygiene/check-calibration": "what came true is known from stored runs only"}
"""Checks whose outcomes no rows give, and the reason; their cases give all facts that are printed."""


def speaks(case: Case) -> bool:
    """Whether the page prints words: of what is not applicable there is nothing to say."""
    return case.outcome is not Outcome.NOT_APPLICABLE


def wordless(files: Iterable[CaseFile]) -> list[str]:
    """Return the outcomes on pages that come from facts instead of rows."""
    files = tuple(files)
    shown = (
        (check.id, *e) for check in built_in().checks for e in examples(check.id, built_in(), files)
    )
    return [
        f"{name}: {case.outcome}"
        for name, file, case in shown
        if speaks(case)
        if case.facts is not None
        if name not in WITHOUT_ROWS or not has_own_words(file, case, built_in())
    ]


def of(check_id: str) -> list[CaseFile]:
    """Return the case files of a check."""
    return [file for file in case_files() if file.check == check_id]


def test_every_outcome_is_shown_by_rows() -> None:
    """Beside each outcome stands a message whose words and numbers belong together."""
    assert wordless(case_files()) == []


@pytest.mark.parametrize(
    ("check_id", "gone"),
    [
        ("pricing/buyer-return", Outcome.RISK),
        ("pricing/payment-terms", Outcome.STRENGTH),
        ("hygiene/ghosted", Outcome.WATCH),
    ],
)
def test_an_outcome_without_rows_is_noticed(check_id: str, gone: Outcome) -> None:
    """Where the cases from rows of an outcome are taken away, its page lacks words."""

    def stays(case: Case) -> bool:
        return case.outcome is not gone or case.facts is not None

    fewer = [evolve(file, cases=tuple(filter(stays, file.cases))) for file in of(check_id)]
    others = [file for file in case_files() if file.check != check_id]
    assert wordless([*others, *fewer]) == [f"{check_id}: {gone}"]


def test_exemptions_are_needed() -> None:
    """A check that is left out exists, and none of its findings comes from rows."""
    assert {check.id for check in built_in().checks} >= WITHOUT_ROWS.keys()
    cases = [case for name in WITHOUT_ROWS for file in of(name) for case in file.cases]
    assert [case.name for case in cases if case.facts is None and speaks(case)] == []


@pytest.mark.parametrize("check_id", [check.id for check in built_in().checks])
def test_every_example_says_something(check_id: str) -> None:
    """What a page prints is not empty, and calls people and companies by their names."""
    for (_file, case), (outcome, _name, said) in zip(
        examples(check_id, built_in()), told(built_in(), check_id), strict=True
    ):
        assert bool(said) is (outcome is not Outcome.NOT_APPLICABLE)
        ids = {
            row[NAMED[t]]
            for t in ("people", "contacts", "accounts")
            for row in (case.tables or {}).get(t, ())
        }
        assert [one for one in ids if re.search(rf"\b{re.escape(one)}\b", said)] == []


def test_a_row_names_its_own_record_only() -> None:
    """The name of a contact is not that of the company to which the contact belongs."""
    [file] = [file for file in of("consensus/role-gaps") if file.path.stem == "role-gaps"]
    for case in file.cases:
        assert {"A1", "A2"}.isdisjoint(
            names_in(evolve(case, tables={"contacts": (case.tables or {}).get("contacts", ())}))
        )
