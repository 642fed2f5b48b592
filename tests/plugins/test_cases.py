"""The cases beside each check."""

from __future__ import annotations

from pathlib import Path

import pytest

import dealreview.plugins
from dealreview.testing import load_cases, run_cases
from tests.plugins.tinyfacts import built_in

CASES = Path(dealreview.plugins.__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cases(path: Path) -> None:
    """Every case of a check gives the verdict that the file says."""
    assert run_cases(path) == []


def test_every_check_has_cases() -> None:
    """A case file lies beside every check, under its pack and slug; further ones add a theme to it."""
    named = {str(path.relative_to(CASES).with_suffix("")): load_cases(path).check for path in FILES}
    checks = [check.id for check in built_in().checks]
    assert {name for name, check in named.items() if name == check} == set(checks)
    assert [name for name, check in named.items() if not f"{name}-".startswith(f"{check}-")] == []
