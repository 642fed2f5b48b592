"""Findings of a stored run are told as the review told them, byte for byte."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.engine import keeping
from dealreview.engine.config import Config, Override
from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import dtype_of
from dealreview.engine.facttable import FactTable
from dealreview.engine.findings import Findings
from dealreview.engine.loader import load_packs
from dealreview.engine.records import save_review
from dealreview.engine.registry import Problem
from dealreview.model.errors import StoreError
from dealreview.model.outcome import Kind
from dealreview.store.database import Database
from dealreview.testing import database_of, review_tables
from tests.reports.shop import AS_OF, reviewed, shop
from tests.support.drawn import any_value, ordered
from tests.support.hostile import AS_OF as HOSTILE_AS_OF
from tests.support.hostile import Rows, companies, many
from tests.support.stored import stored_and_told, told_again, written_out

if TYPE_CHECKING:
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import Review

PACKS = ("tests.reports.acme", "tests.reports.broken")
REGISTRY: Registry = load_packs(autoload=False)
SWITCHES = {
    kind: next(f"{name} > 0" for name, fact in facts.items() if fact.type in {"int", "real"})
    for kind, facts in REGISTRY.facts.items()
    if any(fact.type in {"int", "real"} for fact in facts.values())
}

STRICTER = Override("acme_terms > 60", Kind.DEAL, {"acme/terms": {"severity": "blocker"}})


def by_segment() -> Config:
    """Return a configuration in which every check works with two sets of parameters or more."""
    rules = []
    for kind, switch in SWITCHES.items():
        mine = [check for check in REGISTRY.checks if kind in check.on]
        rules.append(Override(switch, kind, {c.id: {"severity": "blocker"} for c in mine}))
    return Config(overrides=tuple(rules), checks={"accounts/whale-curve": {"min_accounts": 3}})


@pytest.mark.parametrize("subjects", [1, 2, keeping.SUBJECTS_A_BLOCK])
def test_findings_of_every_form_are_told_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subjects: int
) -> None:
    """Conditions, functions, what raised and what said nothing are all there, in order.

    How many subjects a block holds makes no difference.
    """
    monkeypatch.setattr(keeping, "SUBJECTS_A_BLOCK", subjects)
    database = shop(tmp_path)
    review = reviewed(database, *PACKS)
    told = stored_and_told(database, review)
    assert told == list(written_out(review))
    assert told == sorted(told, key=lambda one: (one.kind, one.id, one.check))
    assert {"acme/terms", "acme/hours", "broken/one"} <= {one.check for one in told}


def test_the_demo_is_told_as_it_was(tmp_path: Path, demo_company: tuple[Path, Review, str]) -> None:
    """Every finding of a whole company comes back, over as many blocks as it takes."""
    folder, review, _ = demo_company
    copy = shutil.copy(folder / "dealreview.db", tmp_path)
    expected = list(written_out(review))
    assert told_again(Database.open(copy), review.run_number or 0) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "SUBJECTS_A_BLOCK", 7)
        database = database_of({}, tmp_path / "other.db")
        assert stored_and_told(database, review) == expected


@many(10)
@given(companies(), st.booleans())
def test_any_company_is_told_as_it_was(rows: Rows, by_switch: bool) -> None:
    """Whatever the data holds and however many groups there are, nothing differs in any field."""
    config = by_segment() if by_switch else Config()
    review = review_tables(rows, HOSTILE_AS_OF, config=config, registry=REGISTRY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "SUBJECTS_A_BLOCK", 3)
        assert_told(review)


@pytest.mark.parametrize("kind", list(Kind))
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_any_facts_are_told_as_they_were(kind: Kind, data: st.DataObject) -> None:
    """Every built-in check over drawn facts says the same from its run as from its review."""
    facts = REGISTRY.facts[kind]
    drawn = st.fixed_dictionaries({name: any_value(fact.type) for name, fact in facts.items()})
    rows = data.draw(st.lists(drawn, min_size=1, max_size=4))
    assert_told(judged(kind, [row | ordered(row) for row in rows]))


def test_checks_without_their_facts_are_told_as_errors() -> None:
    """What could not be computed is named on every subject, without a row for each in the database."""
    rows = [dict.fromkeys(REGISTRY.facts[Kind.DEAL]) for _ in range(3)]
    broken = {(Kind.DEAL, name): Problem("facts", "raised") for name in REGISTRY.facts[Kind.DEAL]}
    review = judged(Kind.DEAL, rows, broken)
    assert {one.outcome for one in written_out(review)} == {"error"}
    assert_told(review)


@cache
def nothing() -> Review:
    """Return the review of a company without rows, made once."""
    return review_tables({}, AS_OF, config=by_segment(), registry=REGISTRY)


@cache
def many_runs() -> Database:
    """Return a database that takes the runs of all examples."""
    return database_of({}, Path(FOLDER.name) / "runs.db")


FOLDER = tempfile.TemporaryDirectory()


def judged(kind: Kind, rows: list[dict[str, Any]], broken: Any = MappingProxyType({})) -> Review:
    """Return a review in which every check of a kind has judged rows of facts."""
    facts, empty = REGISTRY.facts[kind], nothing()
    schema = {"id": pl.String, "name": pl.String, "day": pl.Date, "currency": pl.String}
    schema |= {"closed": pl.Boolean} | {name: dtype_of(fact) for name, fact in facts.items()}
    base = {"name": "", "day": AS_OF, "closed": False}
    named = [{"id": str(n), **base, "currency": "CHF" if n else None} for n in range(len(rows))]
    frame = pl.DataFrame([a | b for a, b in zip(named, rows, strict=True)], schema=schema)
    selection = empty.selection
    checks = [check for check in selection.checks if kind in check.on]
    types = REGISTRY.fact_types[kind]
    table = FactTable(frame)
    results = evaluate_kind(selection, checks, kind, table, types, broken, {})
    tables = {check.id: table for check in checks}
    found = evolve(
        empty.kinds[kind], results=tuple(results), tables=tables, seen=table, facts=facts
    )
    ids = tuple(check.id for check in selection.checks)
    header = evolve(empty.header, checks=dict.fromkeys(ids, (1, "")))
    return evolve(empty, header=header, selection=selection, kinds={kind: found}, deals=frame)


def assert_told(review: Review) -> None:
    """Check that a run tells what its review told."""
    expected = list(written_out(review))
    number = save_review(many_runs(), review)
    assert told_again(many_runs(), number) == expected
    with many_runs().read() as connection:
        findings = Findings(connection, number)
        for kind, subject in dict.fromkeys((one.kind, one.id) for one in expected):
            mine = tuple(one for one in expected if (one.kind, one.id) == (kind, subject))
            assert findings.of(kind, subject) == mine
            for one in mine:
                used = findings.parameters(kind, subject, one.check)
                assert used is None or f'"parameters_hash": "{used}"' in one.detail_json


def test_findings_of_one_check(tmp_path: Path) -> None:
    """Others are not even made."""
    database = shop(tmp_path)
    review = reviewed(database, *PACKS)
    number = save_review(database, review)
    for check in ("acme/terms", "acme/hours"):
        expected = [one for one in written_out(review) if one.check == check]
        with database.read() as connection:
            findings = Findings(connection, number)
            assert list(findings.all(checks={check})) == expected
            by_subject = [findings.of(one.kind, one.id, checks={check}) for one in expected]
        assert by_subject == [(one,) for one in expected]


@pytest.mark.parametrize("overrides", [(), (STRICTER,)])
def test_the_parameters_of_a_finding(tmp_path: Path, overrides: tuple[Override, ...]) -> None:
    """Their hash is that of the subject's own; of a finding in full it stands with that alone."""
    database = shop(tmp_path)
    review = reviewed(database, *PACKS, overrides=overrides)
    number = save_review(database, review)
    with database.read() as connection:
        findings = Findings(connection, number)
        for one in written_out(review):
            used = findings.parameters(one.kind, one.id, one.check)
            is_told = one.check in findings.kinds[one.kind].told
            assert used == (json.loads(one.detail_json)["parameters_hash"] if is_told else None)
        assert findings.parameters("deal", "crm:1", "acme/no-such-check") is None


def test_a_subject_that_is_not_there_has_no_findings(tmp_path: Path) -> None:
    """Before, between and behind the subjects of a block, and of a kind that nobody knows."""
    database = shop(tmp_path)
    number = save_review(database, reviewed(database))
    with database.read() as connection:
        findings = Findings(connection, number)
        for kind, subject in (("deal", "a"), ("deal", "crm:11"), ("deal", "z"), ("boat", "crm:1")):
            assert findings.of(kind, subject) == ()


def test_runs_of_earlier_versions_read_the_same(tmp_path: Path) -> None:
    """A run whose findings were all written out gives them as it gives those that it tells."""
    database = shop(tmp_path)
    review = reviewed(database)
    number = save_review(database, review)
    expected = told_again(database, number)
    with database.write() as connection:
        connection.execute("DELETE FROM run_rules")
        connection.execute("DELETE FROM run_facts")
        connection.execute("DELETE FROM run_verdicts")
        rows = [(number, v.kind, v.id, v.check, *_rest(v)) for v in expected]
        connection.executemany("INSERT INTO run_verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    assert told_again(database, number) == expected
    with database.read() as connection:
        findings = Findings(connection, number)
        assert findings.of("deal", "crm:1") == tuple(v for v in expected if v.id == "crm:1")


def _rest(verdict: Any) -> tuple[str, ...]:
    return verdict.outcome, verdict.severity, verdict.fingerprint, verdict.detail_json


def test_a_format_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """The message says what to do."""
    database = shop(tmp_path)
    number = save_review(database, reviewed(database))
    with database.write() as connection:
        connection.execute("UPDATE run_rules SET format = 99")
    with pytest.raises(StoreError, match="format 99") as raised:
        told_again(database, number)
    assert raised.value.mend == "Upgrade dealreview."
