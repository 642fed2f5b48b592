"""The house as a whole: layers, public names, nothing of the machine that it was built on."""

import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dealreview

ROOT = Path(__file__).parents[1]
PUBLIC = [
    "API_VERSION",
    "Account",
    "Band",
    "Check",
    "Cite",
    "Column",
    "Columns",
    "Deal",
    "Evidence",
    "Executor",
    "Expected",
    "Exposure",
    "Fact",
    "Feeds",
    "Importer",
    "Inputs",
    "Interval",
    "Kind",
    "Limit",
    "MoneyAtRisk",
    "Notifier",
    "Outcome",
    "OwnTables",
    "Pack",
    "Param",
    "Pipeline",
    "Quantity",
    "Rep",
    "Reporter",
    "Rules",
    "Severity",
    "Subject",
    "Table",
    "Team",
    "Term",
    "Verdict",
    "__version__",
    "above",
    "at_least",
    "at_most",
    "below",
    "check",
    "facts",
    "hookimpl",
]
"""What packs can rely on; taking a name away needs another API version."""


def tracked() -> Iterator[tuple[str, str]]:
    """Yield name and text of every file that is, or would be, in the repository."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs the repository")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".png", ".webp", ".db", ".xlsx", ".ico"):
            yield name, path.read_bytes().decode("utf-8", "replace")


def test_upper_layers_import_lower_ones_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every contract of import-linter is kept."""
    from importlinter.cli import lint_imports

    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_the_public_names_are_these() -> None:
    """A name is public when it is here; nothing is added or lost by accident."""
    assert list(dealreview.__all__) == PUBLIC
    assert all(hasattr(dealreview, name) for name in PUBLIC)


def test_public_names_are_imported_when_they_are_asked_for() -> None:
    """Help is printed before any of them is there; a name that does not exist is an error."""
    script = (
        "import sys, dealreview; print('attrs' in sys.modules);"
        "dealreview.check; print('attrs' in sys.modules); from dealreview import *; print(Fact)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[:2] == ["False", "True"]
    with pytest.raises(AttributeError, match="module 'dealreview' has no attribute 'chekc'"):
        dealreview.chekc  # noqa: B018


def test_the_public_names_are_sorted() -> None:
    """So that a new one has one place."""
    assert list(dealreview.__all__) == sorted(dealreview.__all__)


def test_no_file_names_a_machine() -> None:
    """No host, home or absolute path of whoever worked on a file is in it."""
    own = {str(ROOT), platform.node(), f"{Path.home()}/"} - {"localhost", "//"}
    homes = re.compile(r"(?<![\w.~}])/(?:home|Users|root|work)/\w")
    found = [
        name
        for name, text in tracked()
        if homes.search(text) or any(mark in text for mark in own if len(mark) > 4)
    ]
    assert found == []


def test_the_changelog_tells_of_this_version() -> None:
    """Whoever upgrades finds out what changed."""
    headings = re.findall(
        r"^## \[?([\w.]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert dealreview.__version__ in headings
