"""How a check came to its verdict."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from dealreview.checks.rules import Rules
from dealreview.checks.terms import Column, Interval
from dealreview.engine.choice import Choice
from dealreview.engine.config import Config
from dealreview.engine.registry import Registry
from dealreview.engine.review import Review
from dealreview.engine.run import registry_for
from dealreview.model.outcome import Kind
from dealreview.reports.checkpage import CheckPage
from dealreview.reports.explain import explain_text
from dealreview.reports.explain_document import explain_object
from dealreview.reports.layout import text_of
from dealreview.reports.ruling import Case, Ruling, decision, make_ruling
from dealreview.store.database import Database
from dealreview.store.feeds import Feed, load_feeds
from dealreview.store.tables import Tables
from tests.reports.shop import MODULE, reviewed, shop

A, B = Column("acme_terms"), Column("acme_hours")


def case_of(database: Database, review: Review, **changes: Any) -> tuple[Case, Registry]:
    """Return what a ruling is made from."""
    registry = registry_for(Config(autoload=False), modules=[MODULE])
    with database.read() as connection:
        feeds, recorded = load_feeds(Tables(connection), today=review.header.as_of)
    return evolve(Case(review, registry, feeds, recorded), **changes), registry


def ruled(tmp_path: Path, check: str, subject: str, kind: str = "deal", **changes: Any) -> Ruling:
    """Return how a check of the company's own judged a subject."""
    database = shop(tmp_path)
    case, registry = case_of(database, reviewed(database), **changes)
    return make_ruling(case, registry.by_id[check], Kind(kind), subject)


def page_of(ruling: Ruling, review: Review, **changes: Any) -> CheckPage:
    """Return a page with a ruling."""
    page = CheckPage(ruling.check, review.selection, {}, None, {}, ruling=ruling)
    return evolve(page, **changes)


def words(page: CheckPage, width: int = 80) -> str:
    """Return a page without its line breaks and columns."""
    return " ".join(text_of(explain_text(page, width)).split())


def test_a_ruling_has_inputs_conditions_and_points(tmp_path: Path) -> None:
    """What decides comes before what is only printed; the first condition that stops decides."""
    ruling = ruled(tmp_path, "acme/terms", "crm:2")
    assert [(one.fact.name, one.decides) for one in ruling.inputs] == [
        ("acme_terms", True),
        ("acme_amount", False),
    ]
    assert ruling.decider is not None
    assert ruling.decider.text == "acme_terms > 30"
    assert ruling.points is not None
    assert (ruling.points.weight, ruling.points.decided, ruling.points.asked) == (5, 7, 7)
    assert decision(ruling) == "watch is true and decides."


def test_a_condition_left_out_reads_as_what_it_means(tmp_path: Path) -> None:
    """``applies`` is then always true, the others never."""
    texts = {one.name: one.text for one in ruled(tmp_path, "acme/week", "crm:p1", "rep").conditions}
    assert (texts["applies"], texts["strength"]) == ("always", "never")


def test_parts_of_a_condition_have_values_of_their_own(tmp_path: Path) -> None:
    """What "and" or "or" joins is told one by one, so that a reader sees which part it was."""
    database = shop(tmp_path)
    review = reviewed(database)
    deals = review.kinds[Kind.DEAL]
    result = next(one for one in deals.results if one.check.id == "acme/terms")
    rules = Rules(applies=(A > 1) & ~(A > 50), risk=Interval(A, B) < 3, message="x")
    group = evolve(result.groups[0], rules=rules)
    results = [r if r is not result else evolve(r, groups=(group,)) for r in deals.results]
    kinds = {**review.kinds, Kind.DEAL: evolve(deals, results=tuple(results))}
    review = evolve(review, kinds=kinds)
    case, registry = case_of(database, review)
    ruling = make_ruling(case, registry.by_id["acme/terms"], Kind.DEAL, "crm:1")
    first, second, *_ = ruling.conditions
    assert first.clauses == (("acme_terms > 1", True), ("not (acme_terms > 50)", False))
    assert second.text == "interval(acme_terms, acme_hours) < 3"
    out = words(page_of(ruling, review))
    assert "› applies false acme_terms > 1 and not (acme_terms > 50) true acme_terms > 1" in out
    assert "false not (acme_terms > 50)" in out


def test_what_is_recorded_is_told_for_each_table(tmp_path: Path) -> None:
    """Spans with their source, and columns in which there is nothing."""
    day = dt.date(2026, 10, 1)
    feeds = (Feed("deals", "crm", day, dt.date(2026, 11, 13)), Feed("deals", "all", None, None))
    known = frozenset({"deals", "deals.deal_id", "deals.amount_minor"})
    ruling = ruled(tmp_path, "acme/terms", "crm:1", feeds=feeds, recorded=known)
    source = next(one for one in ruling.sources if one.table == "deals")
    assert source.blank == ("hours_to_go", "payment_terms_days")
    out = words(page_of(ruling, reviewed(Database.open(tmp_path / "shop.db"))))
    assert "deals from 1 Oct 2026 to 13 Nov 2026 (crm); always; nothing in hours_to_go" in out


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_page_with_a_subject_fits(tmp_path: Path, width: int) -> None:
    """No line is wider than it may be."""
    database = shop(tmp_path)
    review = reviewed(database)
    case, registry = case_of(database, review)
    for check in ("acme/terms", "acme/hours", "acme/diary"):
        ruling = make_ruling(case, registry.by_id[check], Kind.DEAL, "crm:1")
        text = text_of(explain_text(page_of(ruling, review), width))
        assert max(map(len, text.splitlines())) <= width


def test_the_object_says_what_the_page_says(tmp_path: Path) -> None:
    """Choice and subject are there for programs, null where there is none."""
    database = shop(tmp_path)
    review = reviewed(database)
    case, registry = case_of(database, review)
    ruling = make_ruling(case, registry.by_id["acme/hours"], Kind.DEAL, "crm:1")
    choice = Choice(True, "--select", ("acme",))
    found = explain_object(page_of(ruling, review, choice=choice))
    assert found["in_review"] == {
        "selected": True,
        "origin": "--select",
        "patterns": ("acme",),
        "required": False,
    }
    assert found["subject"]["decided_by"] is None
    assert found["subject"]["verdict"]["outcome"] == "watch"
    plain = explain_object(evolve(page_of(ruling, review), ruling=None))
    assert (plain["in_review"], plain["subject"]) == (None, None)
