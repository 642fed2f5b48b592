"""Runs the examples of the documentation, and says which tests stay together when they run in parallel."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings
from sybil import Sybil

from tools.examples import begin_page, end_page, parse_examples

# Tests look at small frames, and run beside each other: threads only get in each other's way.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

# A slow machine is no defect.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

pytest_collect_file = Sybil(
    parsers=[parse_examples],
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md", "docs/**/*.md"],
    setup=begin_page,
    teardown=end_page,
).pytest()


APART = ("tests/attack/", "tests/engine/", "tests/store/")
"""Rooms in which single tests take long, and share little."""

DEMO = "tests/demo/"
"""The room of tests that look at the same company, which takes its time to make."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give pages and modules to one process each: examples build on each other, tests share fixtures."""
    from xdist.scheduler import LoadScopeScheduling

    class ModulesTogether(LoadScopeScheduling):
        """Hands out what has most tests first, and long tests one by one at the end."""

        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(DEMO):
                return DEMO
            return nodeid if nodeid.startswith(APART) else nodeid.partition("::")[0]

    return ModulesTogether(config, log)
