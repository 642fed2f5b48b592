"""Runs the examples of the documentation, and keeps those of a page together when tests run in parallel."""

from __future__ import annotations

import pytest
from sybil import Sybil

from tools.examples import begin_page, end_page, parse_examples

pytest_collect_file = Sybil(
    parsers=[parse_examples],
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md", "docs/**/*.md"],
    setup=begin_page,
    teardown=end_page,
).pytest()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Let parallel runs keep groups of tests in one process."""
    if config.getoption("numprocesses", None):
        config.option.dist = "loadgroup"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Make each page of the documentation a group: its examples build on each other."""
    if item.path.suffix == ".md":
        item.add_marker(pytest.mark.xdist_group(item.path.name))
