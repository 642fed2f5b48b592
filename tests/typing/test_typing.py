"""The public types: what an author writes passes mypy, what is wrong does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

HERE = Path(__file__).parent
ERROR = re.compile(r"^(?:.*/)?wrong\.py:(\d+): error: .*\[([\w-]+)\]$", re.MULTILINE)
WANTED = re.compile(r"# wants: ([\w -]+)$")


def checked(name: str, cache: Path) -> tuple[int, str]:
    """Return the exit code and output of mypy over a file of this folder."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", cache, HERE / name],
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE.parents[1],
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for what mypy remembers, so that nothing is left behind."""
    return tmp_path_factory.mktemp("mypy")


def test_what_authors_write_passes(cache: Path) -> None:
    """Checks in both forms, facts, extensions and tests are typed without an ignore."""
    assert checked("right.py", cache) == (0, "Success: no issues found in 1 source file\n")


def test_mistakes_are_found(cache: Path) -> None:
    """Each wrong line is refused for its reason, and no other line is."""
    _, said = checked("wrong.py", cache)
    lines = (HERE / "wrong.py").read_text("utf-8").splitlines()
    wanted = {
        number: set(found[1].split())
        for number, line in enumerate(lines, 1)
        if (found := WANTED.search(line))
    }
    found: dict[int, set[str]] = {}
    for number, code in ERROR.findall(said):
        found.setdefault(int(number), set()).add(code)
    assert {n: codes for n, codes in found.items() if not codes <= wanted.get(n, set())} == {}
    assert sorted(found) == sorted(wanted), said
