"""The demo company over one bucket of accounts and over several.

Drawn companies are small, and checks that rest on own history seldom decide on them. The demo has
months of it: what is left out of a bucket by mistake shows here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from polars.testing import assert_frame_equal

from dealreview.demo.company.days import AS_OF
from dealreview.demo.files import CONFIGURATION, DATABASE
from dealreview.engine.config import load_config
from dealreview.engine.facts import View, compute_facts
from dealreview.engine.run import Request, make_context, review_database
from dealreview.model.outcome import Kind
from dealreview.store.database import Database
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.facts import FactTables
    from dealreview.engine.review import Review

pytestmark = pytest.mark.slow
BUCKETS = 3


@pytest.fixture(scope="module", name="folder")
def shared_demo(demo_company: tuple[Path, Review, str]) -> Path:
    """The demo's folder with all of its weeks imported."""
    return demo_company[0]


def facts(folder: Path, buckets: int, *, frozen: bool) -> FactTables:
    """Return every fact that is loaded, closed deals frozen at their closing day or not."""
    request = Request(AS_OF, load_config(folder / CONFIGURATION))
    with Database.open(folder / DATABASE).read() as connection:
        context = make_context(Tables(connection), request, lambda _step: None)
        wanted = frozenset(
            (kind, name) for kind, known in context.registry.facts.items() for name in known
        )
        views = [View(wanted, frozen)]
        (found,) = compute_facts(
            context.registry, views, context.sights, context.setting, buckets=buckets
        )
        return found


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "as of today"])
def test_every_fact_of_the_demo_is_the_same_over_buckets(folder: Path, *, frozen: bool) -> None:
    """Cut into three buckets, the demo has the facts that it has whole, own history among them."""
    whole, cut = (facts(folder, buckets, frozen=frozen) for buckets in (1, BUCKETS))
    assert whole.broken == cut.broken == {}
    assert whole.tables.keys() == cut.tables.keys() == set(Kind)
    for kind in Kind:
        assert_frame_equal(whole.tables[kind].at_hand, cut.tables[kind].at_hand)


def reviewed(folder: Path, buckets: int) -> Review:
    """Return the demo's review over buckets."""
    request = Request(AS_OF, load_config(folder / CONFIGURATION), buckets=buckets)
    return review_database(Database.open(folder / DATABASE), request)


def test_the_review_of_the_demo_is_the_same_over_buckets(folder: Path) -> None:
    """Verdict by verdict, with messages, evidence and points, buckets change nothing."""
    whole, cut = reviewed(folder, 1), reviewed(folder, BUCKETS)
    assert list(whole.scorecards()) == list(cut.scorecards())
    assert_frame_equal(whole.deals, cut.deals)
    assert whole.header == cut.header
