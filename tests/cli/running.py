"""Running commands: in this process, or as a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.cli import main

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
OURS = ("-p", "tests.reports.acme", "--select", "acme")
"""Options that review by the checks of the tests only."""
DAY = ("--as-of", "2026-11-14")


class Run:
    """What a command printed and ended with."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Run:
    """Run a command in this process."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return Run(code, printed.out, printed.err)


def program(
    *arguments: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a program, as a shell would."""
    command = [sys.executable, "-m", "dealreview", *map(str, arguments)]
    given = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | (env or {})
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=given, check=False)
