"""The report of a run of the benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from benchmarks import run
from benchmarks.candidates import AGAIN, BESIDE, WHOLE
from benchmarks.chart import chart
from benchmarks.goals import goals
from benchmarks.measure import MIB, Failed, Measured, measure, median
from benchmarks.results import write_results

if TYPE_CHECKING:
    from pathlib import Path


def sample(seconds: float) -> dict[str, Any]:
    """Return a process of so many seconds."""
    return {"seconds": seconds, "cpu": seconds * 2, "peak": 100 * MIB, "laps": {"review": seconds}}


def candidates(group: Any, **seconds: float) -> dict[str, Any]:
    """Return the samples of a group of candidates, one second where nothing is said."""
    return {
        one.name: {"title": one.title, "missing": "", "samples": [sample(seconds.get(one.name, 1))]}
        for one in group
    }


def size(**seconds: float) -> dict[str, Any]:
    """Return what was measured over some deals."""
    return {
        "whole": candidates(WHOLE, **seconds),
        "beside": candidates(BESIDE, **seconds),
        "again": candidates(AGAIN, **seconds),
        "database": {"bytes": 4_000_000, "snapshot": 1_000_000},
        "rules": {"dealreview": 1000.0, "zen-engine, compiled expressions": 10.0},
        "one": {"selects": {"p50": 0.2, "p99": 0.4, "cpu": 0.2}},
    }


def results(**sizes: dict[str, Any]) -> dict[str, Any]:
    """Return what a run has found."""
    return {
        "notes": {"date": "2026-11-22", "runs": 1, "load": 0.5},
        "machine": {"machine": "a machine", "system": "Linux", "Python": "3.11"},
        "start": {"help": [sample(0.2)], "bare": [sample(0.1)]},
        "sizes": {name.removeprefix("of"): found for name, found in sizes.items()},
    }


def test_a_goal_is_held_against_the_peer_of_the_same_run() -> None:
    """A ratio up to the limit is met, one above is not, and the largest size that has both counts."""
    told = goals(results(of100=size(cold=9), of1000=size(cold=0.5, sql=1, naive=4)))
    rows = {(goal.figure, goal.must.partition(" × ")[2]): goal for goal in told}
    assert rows["whole review, cold", "SQL, foreign-key indexes"].verdict == "met"
    assert rows["whole review, cold", "SQL, foreign-key indexes"].deals == "1,000"
    assert rows["whole review, cold", "naive Python"].ratio == "0.12 (0.12)"
    assert rows["whole review, warm", "SQL, covering indexes"].verdict == "**not met**"
    assert rows["rules only, facts given", "zen-engine, compiled expressions"].ratio == "100"
    assert rows["rules only", "rule-engine"].verdict == "not measured"
    assert rows["growth, cold", "the time a deal over 100"].verdict == "met"


def test_the_report_leaves_what_stands_around_the_figures(tmp_path: Path) -> None:
    """Text before and after stays, figures are replaced, and why something is not there is said."""
    path = tmp_path / "RESULTS.md"
    path.write_text("# Results\n\nbefore\n")
    found = results(of100=size())
    found["sizes"]["100"]["whole"]["duckdb"] |= {"samples": [], "missing": "not installed: duckdb"}
    write_results(found, path)
    path.write_text(path.read_text() + "\n## Reports\n\nafter\n")
    once = path.read_text()
    write_results(json.loads(path.with_suffix(".json").read_text()), path)
    assert path.read_text() == once
    assert once.startswith("# Results\n\nbefore\n")
    assert once.endswith("## Reports\n\nafter\n")
    assert "- DuckDB over the attached file, 100 deals: not installed: duckdb" in once
    assert "| pandas | 1.00 (1 process) | 2.00 | 100 | review 1.00 |" in once


def test_the_chart_has_a_bar_for_each_that_was_measured() -> None:
    """The quickest comes first, and who was not measured has no bar."""
    found = results(of100=size(files=0.25, naive=8))
    found["sizes"]["100"]["whole"]["dask"]["samples"] = []
    drawn = ET.fromstring(chart(found))  # noqa: S314 - our own
    texts = [one.text for one in drawn.iter() if one.tag.endswith("text")]
    assert len(texts) == 1 + 2 * (len(WHOLE) - 1)
    assert texts[1:3] == ["Polars by hand on the snapshot's files", "0.25"]
    assert texts[-2:] == ["rows, objects, eight functions", "8.00"]


def test_a_process_is_measured() -> None:
    """Memory is that of the process, where the one that measures is small."""
    script = (
        "import sys; from benchmarks.measure import measure\n"
        "for size in 1, 90_000_000:\n"
        "    print(measure([sys.executable, '-c', f'text = \"a\" * {size}']).peak)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    small, large = map(int, printed.stdout.split())
    assert large - small > 50 * MIB


def test_the_median_takes_each_figure_by_itself() -> None:
    """The seconds of one process stand beside the memory of another."""
    found = median([Measured(1, 5, 30), Measured(2, 4, 10), Measured(3, 6, 20)])
    assert found == Measured(2, 5, 20)


def test_a_process_that_fails_or_does_not_end_is_told() -> None:
    """Its code is named, and one that takes too long is ended."""
    with pytest.raises(Failed, match="ended with 3"):
        measure([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(Failed, match="ended with -9"):
        measure([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.2)


def test_a_run_measures_what_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every candidate that is wanted has as many samples as runs, and a report is written."""
    output = tmp_path / "RESULTS.md"
    monkeypatch.setattr(run, "TIMES_HELP", 1)
    given = f"run --deals 50 --runs 2 --only sql --only naive --work {tmp_path} -o {output}"
    monkeypatch.setattr("sys.argv", given.split())
    run.main()
    found = json.loads(output.with_suffix(".json").read_text())["sizes"]["50"]
    assert {name: len(one["samples"]) for name, one in found["whole"].items()} == {
        "sql": 2,
        "naive": 2,
    }
    assert "rows, objects, eight functions" in output.read_text()
    assert output.with_suffix(".svg").exists()


def test_the_order_of_turns_changes() -> None:
    """Each candidate begins a round once."""
    assert [run.rotated(WHOLE[:3], turn)[0] for turn in range(3)] == list(WHOLE[:3])
    assert run.rotated([], 1) == []
