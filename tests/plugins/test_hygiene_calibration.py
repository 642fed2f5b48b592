"""Which checks are shown to beat chance."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import frozen

import dealreview.plugins
from dealreview.plugins.hygiene.calibration import calibration
from dealreview.testing import load_cases

CASES = Path(dealreview.plugins.__file__).parent / "cases" / "hygiene" / "check-calibration.toml"


@frozen
class Given:
    """The precision of checks, as the engine gives it."""

    lines: list[str]
    params: dict[str, Any]

    def facts(self) -> pl.DataFrame:
        """Return the precision of checks."""
        cells = {"id": ["pipeline"], "check_precision": [self.lines]}
        return pl.DataFrame(cells, schema_overrides={"check_precision": pl.List(pl.String)})

    def subjects(self) -> pl.DataFrame:
        """Return the pipeline."""
        return pl.DataFrame({"id": ["pipeline"]})


def measured(*lines: str, least: int = 30) -> dict[str, Any]:
    """Return the facts of the provider."""
    given: Any = Given(list(lines), {"calibration_min_n": least})
    found = calibration(given).to_dicts()[0]
    assert found["unproven_n"] == len(found["unproven_checks"])
    return found


def test_the_interval_decides() -> None:
    """31 of 44 is surely more than 38 %, and 8 of 30 is not."""
    found = measured("a/good: 31 of 44, base 38 of 100", "a/odd: 8 of 30, base 20 of 100")
    assert (found["calibrated_checks"], found["unproven_checks"]) == (2, ["a/odd"])
    assert found["calibration_told"] == (
        "a/odd: 8 of 30 findings came true (14–44%), of all open deals 20% (could be chance: it takes "
        "about 139 findings to tell); "
        "a/good: 31 of 44 findings came true (56–82%), of all open deals 38%"
    )


def test_worse_than_chance() -> None:
    """Findings that come true less often than for all deals are said to, if that is no chance."""
    found = measured("a/bad: 2 of 40, base 90 of 200", "a/low: 15 of 40, base 90 of 200")
    assert found["calibration_told"] == (
        "a/bad: 2 of 40 findings came true (1–17%), of all open deals 45% (less often, and by more "
        "than chance); a/low: 15 of 40 findings came true (24–53%), of all open deals 45%"
    )


@pytest.mark.parametrize(("n", "measures"), [(29, 0), (30, 1)])
def test_too_few_findings_measure_nothing(n: int, measures: int) -> None:
    """A check with fewer is left out."""
    assert measured(f"a/b: 5 of {n}, base 1 of 2")["calibrated_checks"] == measures


def test_a_check_must_beat_the_base_rate() -> None:
    """Nothing of nothing is no better than it."""
    assert measured("a/b: 0 of 30, base 0 of 100")["unproven_checks"] == ["a/b"]


def test_nothing_is_known_yet() -> None:
    """Without runs there is nothing to say."""
    found = measured()
    assert (found["calibrated_checks"], found["calibration_told"]) == (0, "")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("one check does no better than chance", "hygiene/moved-back: 15 of 34"),
        ("all do better", "hygiene/close-date-passed: 41 of 58"),
    ],
)
def test_the_cases_say_what_is_measured(name: str, other: str) -> None:
    """No rows hold runs, so the cases give these words themselves; they are those of the provider."""
    base = "base 122 of 320"
    found = measured(f"{other}, {base}", f"hygiene/date-pushes: 31 of 44, {base}")
    [case] = [case for case in load_cases(CASES).cases if case.name == name]
    assert case.facts == {key: value for key, value in found.items() if key != "id"}


def test_many_findings_are_told_with_thousands_apart() -> None:
    """A share hardly over that of all deals needs thousands, which nobody reads as 3842."""
    told = measured("a/odd: 40 of 100, base 385 of 1000")["calibration_told"]
    assert re.search(r"it takes about \d,\d{3} findings to tell", told), told
