"""What goes wrong while a review runs is named with the pack that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.engine.config import Config
from dealreview.testing import deal, review_tables
from tests.support.hostile import AS_OF
from tests.support.packs import install

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BROKEN = """
@facts("deal", Fact("acme_x", "int", "One."))
def one(inputs):
    raise ValueError("no luck")


@check.columns("acme/columns", severity="minor", ask=["What now?"])
def over(d):
    '''It is one.'''
    return Rules(watch=d.acme_x > 1, message="x")


@check("acme/function", severity="minor", ask=["What now?"], reads=["days_past_close"])
def single(deal):
    '''It is late.'''
    return 1 / 0
"""


def test_distribution_and_version_stand_beside_check_and_fact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the header knows whom to ask."""
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "acme", BROKEN)
    review = review_tables(deal("D1"), AS_OF, config=Config(), select=["acme"])
    assert sorted(problem.where for problem in review.header.problems) == [
        "check 'acme/columns' of dealreview-acme 1.5",
        "check 'acme/function' of dealreview-acme 1.5",
        "facts of acme/one of dealreview-acme 1.5",
    ]
