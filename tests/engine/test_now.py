"""One deal as the data stand: the same as in a review of everybody, but for what only that can know."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine import run
from dealreview.engine.config import Config
from dealreview.engine.now import opened_now
from dealreview.engine.records import save_review
from dealreview.engine.run import Request, review_database
from dealreview.model.errors import NothingSelected, StoreError
from dealreview.model.outcome import Kind
from dealreview.testing import database_of
from dealreview.testing.strategies import AS_OF, POOLS, companies, many
from tests.store.writers import write_anything

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.engine.registry import Registry
    from dealreview.engine.review import Review
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.store.database import Database
    from dealreview.testing.companies import Rows

REQUEST = Request(AS_OF, Config())


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return what is loaded by default."""
    return run.registry_for(Config())


def stored(rows: Rows, folder: str, request: Request = REQUEST) -> tuple[Database, Review]:
    """Return a database with a review, and the review."""
    database = database_of(rows, Path(folder) / "a.db")
    review = review_database(database, request)
    return database, evolve(review, run_number=save_review(database, review))


def said(card: Scorecard) -> dict[str, Verdict]:
    """Return the verdicts of a card by check."""
    return {verdict.check: verdict for verdict in card.verdicts}


def local_checks(review: Review, registry: Registry) -> set[str]:
    """Return the checks of deals that read nothing of the organisation."""
    return {
        check
        for check, reads in run_reads(review, registry).items()
        if all(registry.provider_of(Kind.DEAL, name).step == "local" for name in reads)
    }


def run_reads(review: Review, registry: Registry) -> dict[str, set[str]]:
    """Return the facts that each check reads of deals, those that only shape messages included."""
    from dealreview.engine.evaluation import inputs_of_check

    return {
        result.check.id: {
            *inputs_of_check(result.check, result.groups),
        }
        & set(registry.facts[Kind.DEAL])
        for result in review.kinds[Kind.DEAL].results
    }


@many(8)
@given(companies())
def test_an_unchanged_deal_is_judged_as_in_the_review(rows: Rows) -> None:
    """Verdict by verdict and figure by figure: score, message, evidence, points and money."""
    with tempfile.TemporaryDirectory() as folder:
        database, review = stored(rows, folder)
        with opened_now(database, REQUEST) as now:
            for kind in (Kind.DEAL, Kind.ACCOUNT):
                for subject_id in review.kinds[kind].rows:
                    card = now.review(kind, subject_id).scorecard(kind, subject_id)
                    expected = review.scorecard(kind, subject_id)
                    assert said(card) == said(expected)
                    assert evolve(card, context=()) == evolve(expected, context=())


@many(6)
@given(companies("sane", "mixed"), st.lists(st.integers(0, 2**32), min_size=1, max_size=3))
def test_an_edited_deal_is_judged_as_a_review_would(rows: Rows, seeds: list[int]) -> None:
    """Whatever anybody writes, checks that read local facts say what a review of everybody says."""
    with tempfile.TemporaryDirectory() as folder:
        database, _ = stored(rows, folder)
        registry = run.registry_for(Config())
        with opened_now(database, REQUEST) as now:
            for seed in seeds:
                write_anything(database, seed, 4)
                review = review_database(database, REQUEST)
                alone = local_checks(review, registry)
                if review.header.reporting_currency != said_currency(database):
                    continue
                for deal in review.kinds[Kind.DEAL].rows:
                    expected = said(review.scorecard(Kind.DEAL, deal))
                    found = said(now.review(Kind.DEAL, deal).scorecard(Kind.DEAL, deal))
                    assert found.keys() == expected.keys()
                    assert judged(found, alone) == judged(expected, alone)


def judged(verdicts: dict[str, Verdict], checks: Iterable[str]) -> dict[str, Any]:
    """Return what some checks said, without points, which the other checks share in."""
    return {
        check: evolve(verdicts[check], points_lost=None, points_open=None)
        for check in checks
        if check in verdicts
    }


def said_currency(database: Database) -> str:
    """Return the reporting currency of the stored review."""
    from dealreview.store.runs import list_runs

    with database.read() as connection:
        return str(list_runs(connection)[0].header["reporting_currency"])
