"""The way in: help, errors and exit codes."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dealreview.cli import main as way_in
from dealreview.cli.allocator import SETTING
from dealreview.cli.collector import AFTER
from dealreview.cli.group import COMMANDS
from dealreview.version import __version__
from tests.cli.running import ROOT, program, run

HEAVY = ("polars", "rich", "sqlglot", "sqlite_utils", "babel", "holidays")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["reviw"],
        ["review", "--help"],
        ["review", "--as-of", "1.2.2026"],
        ["import"],
        ["show"],
        ["schema", "--format", "xml"],
    ],
    ids=" ".join,
)
def test_help_and_wrong_use_import_nothing_heavy(arguments: list[str]) -> None:
    """What needs no data loads no library for data."""
    script = (
        "import sys; from dealreview.cli import main; main(sys.argv[1:]);"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "LOADED []", done.stderr


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Commands stand with one sentence each, and exit codes are explained."""
    printed = run(capsys, "--help")
    assert printed.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in printed.out
    assert "Exit codes" in printed.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """The help of a command shows how it is used."""
    printed = run(capsys, name, "--help")
    assert printed.code == 0
    assert "Examples:\n    dealreview " in printed.out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints name and version."""
    assert run(capsys, "--version").out == f"dealreview {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reviw"], "There is no command 'reviw'. Did you mean 'review'?"),
        (["review", "--as-of", "1.2.2026"], "'1.2.2026' is not a day written like 2026-11-14."),
        (["review", "--as-of", "20261114"], "'20261114' is not a day written like 2026-11-14."),
        (["review", "--min-score", "101"], "101.0 is not in the range"),
        (["review", "--db", "no/such.db"], "no/such.db."),
        (["review", "--config", "no.toml"], "'no.toml' does not exist"),
        (["show"], "Missing argument 'SUBJECT'"),
        (["show", "deal:"], "'deal:' names no deal."),
        (["checks", "--select", "nonsense"], "'nonsense' selects no check."),
        (["explain", "pricing/margin-flor"], "Did you mean 'pricing/margin-floor'?"),
        (["packs", "-p", "./file.py"], "-p takes the name of a module"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """What was wrong and the mend go to standard error; nothing is printed."""
    printed = run(capsys, *arguments)
    assert printed.code == 2
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert message in printed.err


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Just the name of the program is wrong use, and shows what there is."""
    printed = run(capsys)
    assert printed.code == 2
    assert "Commands:" in printed.err


def test_without_a_database_the_ways_to_name_one_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is named and none lies in the folder, the message says how to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEALREVIEW_DB", raising=False)
    printed = run(capsys, "review")
    assert printed.code == 2
    assert "--db FILE" in printed.err
    assert "DEALREVIEW_DB" in printed.err


def test_an_unexpected_error_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with 70 and says how to see where; asked for, the traceback comes."""

    def fails(*_: object) -> None:
        raise RuntimeError("boom \x1b[31m")

    monkeypatch.setattr("dealreview.cli.session.load_registry", fails)
    printed = run(capsys, "packs")
    assert printed.code == 70
    assert "RuntimeError: boom \\x1b[31m" in printed.err
    assert "DEALREVIEW_TRACEBACK=1" in printed.err
    monkeypatch.setenv("DEALREVIEW_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="boom"):
        way_in(["packs"])


def test_a_closed_pipe_ends_quietly() -> None:
    """Whoever stops reading gets no traceback, and the code is not that of a failed gate."""
    command = f"{sys.executable} -m dealreview facts | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, cwd=ROOT, text=True, check=False
    )
    assert done.stdout == "141\n"
    assert done.stderr == ""


def test_it_runs_as_a_module() -> None:
    """With python -m it is the same program."""
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"dealreview {__version__}\n".encode())


def test_a_terminal_without_utf8_gets_shapes_that_it_has() -> None:
    """Output that can't be encoded is replaced sign by sign and ends no command."""
    done = program("explain", "pricing/margin-floor", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert b"> What makes this deal worth doing" in done.stdout


@pytest.mark.parametrize("given", [None, "dirty_decay_ms:1"])
def test_freed_memory_is_kept_unless_somebody_decided_otherwise(
    monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    """It is decided before Polars is imported, whatever the command; what was set is left as it is."""
    monkeypatch.delenv(SETTING, raising=False)
    if given is not None:
        monkeypatch.setenv(SETTING, given)
    way_in(["--version"])
    assert os.environ[SETTING] == (given or "dirty_decay_ms:5000,muzzy_decay_ms:5000")


@pytest.mark.parametrize("given", [(700, 10, 10), (90_000, 5, 5)])
def test_garbage_is_looked_for_seldom(given: tuple[int, int, int]) -> None:
    """A review keeps most of what it makes; who looks for garbage even less often is left alone."""
    before = gc.get_threshold()
    try:
        gc.set_threshold(*given)
        way_in(["--version"])
        assert gc.get_threshold() == max(given, AFTER)
    finally:
        gc.set_threshold(*before)
