"""What the parts of a review cost: everything is counted, and the review is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dealreview.engine import profiling
from dealreview.engine.config import Config
from dealreview.engine.profiling import CHECK, FACTS, REVIEW, TABLE, profile_review
from dealreview.engine.run import Request, review_database
from dealreview.reports.document import Options, json_document
from dealreview.testing import database_of
from tests.store.snapshots import brought_up, nobody, small
from tests.support.hostile import AS_OF, company
from tests.support.packs import write

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review

SOURCE = """
@facts("deal", Fact("acme_x", "int", "One."), reads={"deals": ("deal_id",)})
def one(inputs):
    inputs.table("deals")
    return inputs.subjects().select("id", acme_x=pl.lit(1, dtype=pl.Int64))


@facts("rep", Fact("acme_y", "int", "Two."), step="organisation", reads={"people": ("person_id",)})
def two(inputs):
    raise ValueError("not today")


@check.columns("acme/one", on="deal", severity="minor", ask=["What now?"])
def check_one(d):
    '''It is one.'''
    return Rules(watch=d.acme_x < 2, message="{acme_x}")


@check.columns("acme/two", on="rep", severity="minor", ask=["What now?"])
def check_two(d):
    '''It is two.'''
    return Rules(watch=d.acme_y < 2, message="{acme_y}")
"""


def written(review: Review) -> str:
    """Return a review with every verdict as text."""
    return "".join(json_document(review, Options(everything=True)))


@pytest.mark.parametrize("mood", ["sane", "hostile"])
def test_a_profiled_review_is_the_same(tmp_path: Path, mood: str) -> None:
    """Checks that are asked one by one say what they say together."""
    database = database_of(company(7, mood), tmp_path / "x.db")
    request = Request(AS_OF, Config(autoload=False))
    review, _profile = profile_review(database, request, nobody, nobody)
    assert written(review) == written(review_database(database, request))


def test_every_part_is_counted(tmp_path: Path) -> None:
    """Providers of both steps, a check a kind, tables and the whole; parts are no more than the whole."""
    database = database_of(company(7, "sane"), tmp_path / "x.db")
    folder = write(tmp_path / "packs", acme=SOURCE)
    request = Request(AS_OF, Config(plugins=(folder,), autoload=False), select=["acme"])
    review, profile = profile_review(database, request, nobody, nobody)
    facts = {cost.name: cost for cost in profile.of(FACTS)}
    checks = {cost.name: cost for cost in profile.of(CHECK)}
    (whole,) = profile.of(REVIEW)
    deals = review.kinds["deal"].base.height
    assert facts["acme/one"].facts == ("acme_x",)
    assert (facts["acme/one"].step, facts["acme/one"].rows) == ("local", deals)
    assert facts["acme/one"].kept_bytes == deals * 8
    assert facts["acme/two"].step == "organisation"
    assert checks["acme/one"].rows == deals
    assert {"acme/one", "acme/two"} == set(checks)
    assert {"deals", "people"} <= {cost.name for cost in profile.of(TABLE)}
    parts = [cost.seconds for what in (FACTS, CHECK, TABLE) for cost in profile.of(what)]
    assert 0 < sum(parts) <= whole.seconds
    assert any("not today" in str(problem) for problem in review.errors)


def test_a_provider_is_counted_once_a_bucket(tmp_path: Path) -> None:
    """Calls are buckets of the snapshot; rows are those of all buckets."""
    database = database_of(company(1, "sane"), tmp_path / "x.db")
    folder = write(tmp_path / "packs", acme=SOURCE)
    config = Config(plugins=(folder,), autoload=False)
    with small(deals=2):
        buckets = brought_up(database).buckets
        assert buckets > 1
        request = Request(AS_OF, config, select=["acme/one"], snapshot="auto")
        review, profile = profile_review(database, request, nobody, nobody)
    (one,) = (cost for cost in profile.of(FACTS) if cost.name == "acme/one")
    assert (one.calls, one.rows) == (buckets, review.kinds["deal"].base.height)


def test_a_system_that_does_not_say_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The peak is unknown there, and nothing else is."""

    def refused(*_given: object, **_more: object) -> None:
        raise OSError

    monkeypatch.setattr(profiling.Path, "write_text", refused)
    profile = profiling.Profile()
    with profile.measured(TABLE, "deals"):
        pass
    (cost,) = profile.of(TABLE)
    assert (cost.calls, cost.peak_bytes) == (1, None)
