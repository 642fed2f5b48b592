"""Checks that are not stable, and names that have changed, are told and leave a run complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dealreview.cli import main
from dealreview.engine.config import load_config
from dealreview.engine.gate import Gate, exit_code
from dealreview.engine.run import Request, review_database
from dealreview.testing import database_of, deal
from tests.support.hostile import AS_OF
from tests.support.packs import rule, write

if TYPE_CHECKING:
    from pathlib import Path

RULES = "\n".join(
    [
        rule("acme/new", renamed_from='["acme/former"]'),
        rule("acme/tried", status='"preview"'),
        rule("acme/old", status='"deprecated"', replacement='"acme/new"'),
    ]
)
SETTINGS = """
plugins = ["packs"]
autoload = false
[review]
ignore = ["pricing", "accounts", "consensus", "operations", "hygiene"]
required_checks = ["acme/former"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack of rules, its configuration and a database of one deal."""
    write(tmp_path / "packs", acme_toml=RULES)
    (tmp_path / "dealreview.toml").write_text(SETTINGS, "utf-8")
    database_of(deal("D1"), tmp_path / "dealreview.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(folder: Path, *select: str) -> list[str]:
    """Return the notices of a review, as sentences."""
    from dealreview.store.database import Database

    database = Database.open(folder / "dealreview.db")
    request = Request(AS_OF, load_config(folder / "dealreview.toml"), select=select)
    review = review_database(database, request)
    assert review.errors == ()
    assert exit_code(review, Gate()) == 0
    return [str(p) for p in review.header.problems if p.kind == "notice"]


FORMER = "check 'acme/former': is called 'acme/new' now. Use the new name."


def test_what_nobody_asked_for_is_named_with_what_to_do(folder: Path) -> None:
    """A check in preview or deprecated is not reviewed, and the header says so."""
    assert told(folder) == [
        "check 'acme/old': is deprecated and is not reviewed. 'acme/new' takes its place.",
        "check 'acme/tried': is in preview and is not reviewed. Select it by its id to try it.",
        FORMER,
    ]


def test_what_is_asked_for_by_id_is_reviewed_and_named(folder: Path) -> None:
    """Its verdicts are read with that in mind."""
    assert told(folder, "acme/old", "acme/tried") == [
        "check 'acme/old': is deprecated. 'acme/new' takes its place.",
        "check 'acme/tried': is in preview: what it says may still change.",
        FORMER,
    ]


def test_a_stable_check_alone_gives_no_notice(folder: Path) -> None:
    """Notices are about what was meant; a former name in the configuration is told all the same."""
    assert told(folder, "acme/new") == [FORMER]


def test_the_list_of_packs_says_it_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, so that the list stays a list; the exit code is 0."""
    assert main(["packs"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "note: acme/tried is in preview.",
        "note: acme/old is deprecated; use acme/new.",
        "note: acme/former is called acme/new now.",
    ]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_every_report_has_them(folder: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Whatever the form of the report, and the run is complete."""
    assert main(["review", "--as-of", str(AS_OF), "--format", form]) == 0
    assert "is in preview and is not reviewed" in " ".join(capsys.readouterr().out.split())
