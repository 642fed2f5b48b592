"""What must hold for every review, over whole companies from sane to hostile."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dealreview.engine.config import Config
from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import dtype_of
from dealreview.engine.facttable import FactTable
from dealreview.engine.loader import load_packs
from dealreview.engine.selection import make_selection
from dealreview.model.outcome import OUTCOMES, Kind, Outcome
from dealreview.store.schema import TABLES
from dealreview.store.tables import Tables
from dealreview.testing import database_of, review_tables
from tests.support.contradictions import contradictions
from tests.support.drawn import any_value, ordered
from tests.support.hostile import AS_OF, Rows, companies, many, without_orphans

if TYPE_CHECKING:
    from random import Random

    from dealreview.engine.registry import Registry
    from dealreview.engine.review import Review
    from dealreview.model.scorecard import Scorecard

CONFIG = Config(checks={"accounts/whale-curve": {"min_accounts": 3}})


def outcomes(review: Review) -> dict[tuple[str, str, str], str]:
    """Return every outcome by kind, subject and check."""
    return {
        (kind, subject, result.check.id): OUTCOMES[code].value
        for kind, found in review.kinds.items()
        for result in found.results
        for subject, code in zip(found.base["id"], result.codes, strict=True)
    }


def reviewed(rows: Rows, as_of: dt.date = AS_OF, **request: Any) -> Review:
    """Return a review of a company."""
    # Loading packs takes its time, and these companies have no columns of their own.
    return review_tables(rows, as_of, config=CONFIG, **{"registry": REGISTRY, **request})


@many(15)
@given(companies())
def test_a_review_is_sound_over_any_buckets(rows: Rows) -> None:
    """All facts and outcomes are the same over one bucket and three; points and verdicts hold."""
    whole, cut = reviewed(rows), reviewed(rows, buckets=3)
    for kind in Kind:
        assert_frame_equal(whole.kinds[kind].base, cut.kinds[kind].base)
    assert outcomes(whole) == outcomes(cut)
    assert not whole.errors
    for card in whole.scorecards():
        adds_up(card)
        said = [(v.check, v.subject_id, one) for v in card.verdicts for one in contradictions(v)]
        assert said == []


def adds_up(card: Scorecard) -> None:
    """Check that what is lost is what lacks to the score, and that a rep has no number at all."""
    lost = round(sum(10 * (v.points_lost or 0) for v in card.verdicts))
    if card.score is not None:
        assert lost == round(1000 - 10 * card.score)
    if card.kind is Kind.REP:
        assert (card.score, card.lower, card.upper, card.band, card.coverage) == (None,) * 5
        assert lost == 0


@many(10)
@given(companies(), st.randoms(use_true_random=False))
def test_no_fact_depends_on_the_order_of_rows(rows: Rows, random: Random) -> None:
    """Rows written in another order give the same facts."""
    shuffled = {name: random.sample(found, len(found)) for name, found in rows.items()}
    as_written, turned = reviewed(rows), reviewed(shuffled)
    for kind in Kind:
        assert_frame_equal(as_written.kinds[kind].base, turned.kinds[kind].base)


@many(8)
@given(companies("sane"))
def test_nothing_dated_later_matters(rows: Rows) -> None:
    """Where feeds are stated, rows dated after the review's date change nothing."""
    known = {name: [row for row in found if not _later(name, row)] for name, found in rows.items()}
    before, after = outcomes(reviewed(without_orphans(known))), outcomes(reviewed(rows))
    # A column that only later rows fill is recorded, so that more may be reviewed.
    assert before == {key: after[key] for key in before}


def _later(table: str, row: dict[str, Any]) -> bool:
    column = TABLES[table].dated_by
    if not column or table in {"deals", "deal_changes"} or row.get("status") == "planned":
        return False
    return str(row.get(column) or "")[:10] > AS_OF.isoformat()


@many(8)
@given(companies(), st.integers(1, 60))
def test_closed_deals_are_frozen(rows: Rows, days: int) -> None:
    """What a deal that is closed was found to be stays so on every later day."""
    now, later = reviewed(rows), reviewed(rows, AS_OF + dt.timedelta(days=days))
    closed = now.kinds[Kind.DEAL].base.filter("closed")["id"].to_list()
    then = outcomes(later)
    for key, outcome in outcomes(now).items():
        goes_on = REGISTRY.by_id[key[2]].after_close
        if key[0] == Kind.DEAL and key[1] in closed and not goes_on:
            assert then[key] == outcome, key


@many(8)
@given(companies(), st.randoms(use_true_random=False))
def test_the_order_of_checks_does_not_matter(rows: Rows, random: Random) -> None:
    """A check says the same alone as among all others."""
    together = outcomes(reviewed(rows))
    for check in random.sample(sorted({key[2] for key in together}), 5):
        alone = outcomes(reviewed(rows, select=[check]))
        assert alone == {key: value for key, value in together.items() if key[2] == check}


# --- checks over any facts -----------------------------------------------------------------------

REGISTRY: Registry = load_packs(autoload=False)
CASES = [(check.id, kind) for check in REGISTRY.checks for kind in check.on]


def judged(check_id: str, kind: Kind, rows: list[dict[str, Any]]) -> list[Outcome]:
    """Return what a built-in check says about rows of facts."""
    facts = REGISTRY.facts[kind]
    schema = {"id": pl.String, "name": pl.String, "day": pl.Date, "currency": pl.String}
    schema |= {name: dtype_of(fact) for name, fact in facts.items()}
    frame = pl.DataFrame([{"id": str(n), **row} for n, row in enumerate(rows)], schema=schema)
    selection = make_selection(REGISTRY, CONFIG)
    check = REGISTRY.by_id[check_id]
    [result] = evaluate_kind(
        selection, [check], kind, FactTable(frame), REGISTRY.fact_types[kind], {}, {}
    )
    return [OUTCOMES[code] for code in result.codes]


@pytest.mark.parametrize(("check_id", "kind"), CASES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_input_set_to_null_never_changes_the_judgement(
    check_id: str, kind: Kind, data: st.DataObject
) -> None:
    """Each input blanked gives insufficient data or the same outcome; strength may become a pass."""
    facts = REGISTRY.facts[kind]
    names = _inputs(check_id, kind)
    row = data.draw(st.fixed_dictionaries({name: any_value(facts[name].type) for name in names}))
    row |= ordered(row)
    blanked = [{**row, name: None} for name in names]
    before, *after = judged(check_id, kind, [row, *blanked])
    allowed = {before, Outcome.INSUFFICIENT_DATA}
    if before is Outcome.STRENGTH:
        allowed.add(Outcome.PASS)
    assert set(after) <= allowed


def _inputs(check_id: str, kind: Kind) -> list[str]:
    from dealreview.engine.plan import try_rules

    check = REGISTRY.by_id[check_id]
    rules = try_rules(REGISTRY, check, kind, make_selection(REGISTRY, CONFIG).under(check, ()))
    assert rules is not None
    return sorted(rules.condition_inputs)


# --- one broken part -----------------------------------------------------------------------------


@many(10)
@given(companies(), st.sampled_from([check.id for check in REGISTRY.checks]))
def test_one_error_changes_no_other_verdict(rows: Rows, broken: str) -> None:
    """A check that raises is an error on its subjects; every other outcome stays as it was."""
    before = outcomes(reviewed(rows))
    review = reviewed(rows, registry=_with_broken(broken))
    after = outcomes(review)
    assert {k: v for k, v in after.items() if k[2] != broken} == {
        k: v for k, v in before.items() if k[2] != broken
    }
    assert {v for k, v in after.items() if k[2] == broken} <= {"error"}
    hit = any(k[2] == broken for k in after)
    named = any(broken in str(problem) for problem in review.errors)
    # Where there is no subject that it could have judged, it may be named all the same.
    nobody = all(review.kinds[kind].base.is_empty() for kind in REGISTRY.by_id[broken].on)
    assert named == hit or nobody


def _with_broken(broken: str) -> Registry:
    def explode(*_args: Any, **_values: Any) -> Any:
        raise RuntimeError("deliberately broken")

    checks = tuple(
        evolve(check, function=_late(check.function, explode)) if check.id == broken else check
        for check in REGISTRY.checks
    )
    return evolve(REGISTRY, checks=checks)


def _late(original: Any, explode: Any) -> Any:
    """Return a function that works while it is planned and raises when it is asked."""
    calls: list[int] = []

    def function(*args: Any, **values: Any) -> Any:
        calls.append(1)
        planned = len(REGISTRY.by_id[original.__dealreview_check__.id].on)
        return original(*args, **values) if len(calls) <= planned else explode()

    return function


def test_a_broken_fact_is_named_and_costs_only_its_checks(tmp_path: Any) -> None:
    """A provider that raises makes the checks that need it an error, by name, and no other."""
    rows: Rows = {"deals": [{"deal_id": "d", "stage_id": "s", "expected_close_on": "2025-05-01"}]}
    rows["stages"] = [{"stage_id": "s", "kind": "open", "milestone": 4}]

    def explode(_inputs: Any) -> Any:
        raise ValueError("no such luck")

    providers = tuple(
        evolve(p, function=explode) if any(f.name == "days_past_close" for f in p.facts) else p
        for p in REGISTRY.providers
    )
    review = reviewed(rows, registry=evolve(REGISTRY, providers=providers))
    found = outcomes(review)
    assert found["deal", "d", "hygiene/close-date-passed"] == "error"
    assert [key for key, value in found.items() if value == "error"] == [
        ("deal", "d", "hygiene/close-date-passed")
    ]
    assert any("no such luck" in str(problem) for problem in review.errors)


def test_buckets_really_cut(tmp_path: Any) -> None:
    """Three buckets hold different accounts, parents and children together."""
    from dealreview.engine.buckets import cuts
    from dealreview.engine.visible import VisibleTables

    accounts = [{"account_id": f"a{n}", "parent_account_id": f"a{n % 7}"} for n in range(30)]
    with database_of({"accounts": accounts}, tmp_path / "x.db").read() as connection:
        buckets = cuts(VisibleTables(Tables(connection), AS_OF, "UTC"), 3)
    found = [set(bucket.accounts) for bucket in buckets if bucket.accounts is not None]
    assert sum(map(len, found)) == 30
    assert sum(bool(ids) for ids in found) > 1
    assert all(
        {f"a{n}" for n in range(n0, 30, 7)} <= ids
        for ids in found
        for n0 in range(7)
        if f"a{n0}" in ids
    )
