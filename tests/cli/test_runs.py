"""Old runs on the command line: listed, kept, and taken out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.store.database import Database
from dealreview.store.pruning import BASELINE, load_pins
from tests.cli.running import OURS, run
from tests.reports.shop import shop

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]
OFF = '[runs]\nprune = "off"\nkeep_last = 2\nkeep_weeks = 0\nkeep_months = 0\n'


@pytest.fixture
def asked(tmp_path: Path, capsys: Capture) -> tuple[str, ...]:
    """Return the options of a database with four runs, of which two are to go."""
    shop(tmp_path)
    (tmp_path / "off.toml").write_text(OFF, encoding="utf-8")
    options = ("--db", str(tmp_path / "shop.db"), "--config", str(tmp_path / "off.toml"))
    for day in range(10, 14):
        run(capsys, "review", *options, *OURS, "--as-of", f"2026-11-{day}")
    return options


def listed(capsys: Capture, asked: tuple[str, ...]) -> list[Any]:
    """Return the stored runs."""
    items: list[Any] = json.loads(run(capsys, "runs", *asked[:2], "--format", "json").out)
    return items


def test_a_dry_run_names_what_would_go(capsys: Capture, asked: tuple[str, ...]) -> None:
    """Nothing is gone afterwards."""
    said = run(capsys, "runs", "prune", *asked, "--dry-run")
    assert said.code == 0
    assert said.out.splitlines() == [
        "run 1 of 2026-11-10 would go",
        "run 2 of 2026-11-11 would go",
    ]
    assert [item["run"] for item in listed(capsys, asked)] == [4, 3, 2, 1]


def test_pruning_names_what_is_gone(capsys: Capture, asked: tuple[str, ...]) -> None:
    """A run that is asked for afterwards is said to have been pruned; a second time nothing is left."""
    said = run(capsys, "runs", "prune", *asked, "--vacuum", "--format", "json")
    document = json.loads(said.out)
    assert [item["run"] for item in document["pruned"]] == [1, 2]
    assert document["free_bytes"] == 0
    assert "No run is to be pruned." in run(capsys, "runs", "prune", *asked).out
    compared = run(capsys, "diff", "1", "4", *asked[:2])
    assert compared.code == 2
    assert "Run 1 of 2026-11-10 was pruned on " in compared.err
    assert run(capsys, "diff", "3", "4", *asked[:2]).code == 0


def test_a_run_can_be_kept_and_released(capsys: Capture, asked: tuple[str, ...]) -> None:
    """What is kept is listed with its reason."""
    kept = run(capsys, "runs", "keep", "1", *asked, "--reason", "board meeting")
    assert (kept.code, kept.out) == (0, "Run 1 is kept.\n")
    assert "kept: board meeting" in run(capsys, "runs", *asked[:2]).out
    assert listed(capsys, asked)[-1]["kept"] == {"reason": "board meeting", "until": None}
    assert "run 1 " not in run(capsys, "runs", "prune", *asked).out
    assert run(capsys, "runs", "release", "1", *asked[:2]).code == 0
    assert run(capsys, "runs", "release", "1", *asked[:2]).code == 2
    assert "run 1 of 2026-11-10 is gone" in run(capsys, "runs", "prune", *asked).out


def test_storing_a_review_prunes(capsys: Capture, asked: tuple[str, ...], tmp_path: Path) -> None:
    """What is gone is named on standard error; a review that is not stored takes nothing out."""
    config = tmp_path / "auto.toml"
    config.write_text(OFF.replace('"off"', '"auto"'), encoding="utf-8")
    given = (*asked[:2], "--config", str(config), *OURS, "--as-of", "2026-11-14")
    assert run(capsys, "review", *given, "--no-save").err == ""
    assert run(capsys, "review", *given).err == (
        "note: Old runs are pruned, as [runs] says: "
        "1 of 2026-11-10, 2 of 2026-11-11, 3 of 2026-11-12.\n"
    )
    assert [item["run"] for item in listed(capsys, asked)] == [5, 4]


def test_a_baseline_is_kept(capsys: Capture, asked: tuple[str, ...], tmp_path: Path) -> None:
    """A run that a gate compares with stays while it is used."""
    config = tmp_path / "auto.toml"
    config.write_text(OFF.replace('"off"', '"auto"'), encoding="utf-8")
    given = (*asked[:2], "--config", str(config), *OURS, "--as-of", "2026-11-14")
    said = run(capsys, "review", *given, "--new-only", "1", "--fail-on", "risk")
    assert said.code == 0
    assert [item["run"] for item in listed(capsys, asked)] == [5, 4, 1]
    with Database.open(asked[1]).read() as connection:
        pin = load_pins(connection)[1]
    assert pin.reason == BASELINE
    assert pin.until is not None
