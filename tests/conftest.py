"""What tests of several rooms share."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tools import examples

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review


@pytest.fixture(scope="session")
def demo_company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Review, str]:
    """The demo's folder, review and print, made once; who writes there takes a copy.

    The folder is itself a copy: the examples of the documentation must find theirs as it was made.
    """
    made, review, printed = examples.demo_company()
    folder = shutil.copytree(made, tmp_path_factory.mktemp("demo") / "company")
    return folder, review, printed
