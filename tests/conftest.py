"""What tests of several rooms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review


@pytest.fixture(scope="session")
def demo_company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Review, str]:
    """The demo's folder, review and print, made once; who writes there takes a copy."""
    from dealreview.demo import run_demo

    folder = tmp_path_factory.mktemp("demo") / "company"
    printed: list[str] = []
    review = run_demo(folder, show=lambda lines: printed.extend(line.plain for line in lines))
    return folder, review, "\n".join(printed)
