"""What tests of several rooms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools import examples

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review


@pytest.fixture(scope="session")
def demo_company() -> tuple[Path, Review, str]:
    """The demo that the documentation uses too: its folder, review and print; who writes takes a copy."""
    return examples.demo_company()
