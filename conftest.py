"""Runs the examples of the documentation, and keeps those of a page together when tests run in parallel."""

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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each page of the documentation to one process, its examples build on each other."""
    from xdist.scheduler import LoadScopeScheduling

    class PagesTogether(LoadScopeScheduling):
        """Hands out tests one by one, and pages whole."""

        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return path if path.endswith(".md") else nodeid

    return PagesTogether(config, log)
