"""What must hold for every check of a pack, as tests that pytest collects.

    from dealreview.testing import contract_tests
    import dealreview_acme

    TestContract = contract_tests(dealreview_acme)

Facts are drawn by hypothesis, crowded around the defaults of parameters, unknown ones among them; a
failure prints the facts and what to change.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealreview.engine.config import Config
from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import dtype_of
from dealreview.engine.facttable import FactTable
from dealreview.engine.loader import load_packs
from dealreview.engine.plan import try_rules
from dealreview.engine.records import verdict_detail
from dealreview.engine.selection import make_selection
from dealreview.engine.verdicts import Speaker
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.model.outcome import OUTCOMES, Kind, Outcome
from dealreview.model.plain import dumped
from dealreview.plugins import BUILT_IN
from dealreview.testing.companies import review_tables
from dealreview.testing.strategies import AS_OF, companies, many

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType

    import polars as pl

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.functions import Related
    from dealreview.engine.registry import Registry
    from dealreview.engine.selection import Selection
    from dealreview.model.verdict import Verdict

Facts = dict[str, Any]
QUIET = [HealthCheck.too_slow, HealthCheck.differing_executors]
"""A class of tests holds nothing that one of its objects could leave to the next."""


@frozen(slots=False)
class Judge:
    """A check of a pack on one kind of subject, asked about rows of facts.

    Attributes:
        registry: Everything that is loaded.
        check: The check.
        kind: The kind of subject.
    """

    registry: Registry
    check: Check
    kind: Kind

    @cached_property
    def known(self) -> Mapping[str, Fact]:
        """The facts of the kind."""
        return self.registry.facts[self.kind]

    @cached_property
    def selection(self) -> Selection:
        """The check with its defaults."""
        return make_selection(self.registry, Config(), select=[self.check.id])

    @cached_property
    def inputs(self) -> list[str]:
        """The facts that decide."""
        if self.check.form == "function":
            return sorted({*self.check.needs, *self.check.reads})
        effective = self.selection.base[self.check.id]
        rules = try_rules(self.registry, self.check, self.kind, effective)
        return sorted(rules.condition_inputs) if rules is not None else []

    def frame(self, rows: Sequence[Facts]) -> pl.DataFrame:
        """Return rows of facts as the engine would have computed them."""
        import polars as pl

        texts = ("id", "name", "currency")
        schema: dict[str, Any] = {**dict.fromkeys(texts, pl.String), "day": pl.Date}
        schema |= {"closed": pl.Boolean}
        schema |= {name: dtype_of(fact) for name, fact in self.known.items()}
        base = {"name": "One", "day": AS_OF, "currency": "EUR", "closed": False}
        full = [
            {**dict.fromkeys(schema), **base, "id": f"s{n}", **row} for n, row in enumerate(rows)
        ]
        return pl.DataFrame(full, schema=schema, strict=False)

    def result(self, frame: pl.DataFrame) -> CheckResult:
        """Return what the check says about each row."""
        types = self.registry.fact_types[self.kind]
        related: Related = {table: {} for table in self.check.related}
        [found] = evaluate_kind(
            self.selection, [self.check], self.kind, FactTable(frame), types, {}, related
        )
        return found

    def verdicts(self, rows: Sequence[Facts]) -> list[Verdict]:
        """Return the verdict on each row."""
        frame = self.frame(rows)
        found = self.result(frame)
        if found.problem is not None:
            raise AssertionError(
                f"{found.problem} It must answer for every value that its facts can have: put what must "
                f"be known under needs, and mind zero, None and negative numbers. Facts: {rows}"
            )
        speaker = Speaker(self.kind, self.known, "EUR")
        return [speaker.verdict(found, n, row) for n, row in enumerate(frame.iter_rows(named=True))]

    def rows(self, data: st.DataObject) -> Facts:
        """Draw the facts that decide."""
        near = list(numbers_of(self.check))
        drawn = {name: data.draw(values(self.known[name], near), name) for name in self.inputs}
        return drawn | _ordered(drawn)


def numbers_of(check: Check) -> list[float]:
    """Return the defaults of a check's parameters: what happens, happens near them."""
    return [
        float(p.default)
        for p in check.parameters
        if isinstance(p.default, int | float) and not isinstance(p.default, bool)
    ]


def values(fact: Fact, near: Sequence[float]) -> st.SearchStrategy[Any]:
    """Return values of a fact, unknown among them, crowded around some numbers."""
    whole = [step + math.floor(number) for number in near for step in (-1, 0, 1)]
    known: st.SearchStrategy[Any] = {
        "bool": st.booleans(),
        "int": st.one_of(st.integers(-3, 400), st.sampled_from([0, 1, *whole])),
        "money": st.one_of(st.integers(-(10**9), 10**9), st.sampled_from([0, *whole])),
        "real": st.one_of(st.floats(-2, 2), st.sampled_from([0.0, 1.0, *near])),
        "date": st.dates(dt.date(2023, 1, 1), dt.date(2027, 12, 31)),
        "enum": st.sampled_from(["a", "b", ""]),
        "text": st.text(max_size=20),
        "set": st.lists(st.sampled_from(["c1", "c2", "c3"]), unique=True, max_size=3),
    }[fact.type]
    return st.one_of(st.none(), *[known] * 5)


def _ordered(row: Facts) -> Facts:
    """Return the pairs of a low and a high end, the lower one first."""
    pairs = [(name, f"{name.removesuffix('_lo')}_hi") for name in row if name.endswith("_lo")]
    both = [(lo, hi) for lo, hi in pairs if row[lo] is not None and row.get(hi) is not None]
    return {
        name: value
        for lo, hi in both
        for name, value in zip((lo, hi), sorted((row[lo], row[hi])), strict=True)
    }


def contract_tests(
    *packs: ModuleType | str,
    examples: int = 30,
    whole: int = 3,
    same: Iterable[tuple[str, str]] = (),
) -> type:
    """Return a class of tests of what must hold for every check of some packs.

    Args:
        *packs: Their modules, or the names of these.
        examples: How many rows of facts are drawn for each check and property.
        whole: How many whole companies are reviewed.
        same: Pairs of ids of checks that must always agree, such as two forms of one check.

    Raises:
        ConfigurationError: The modules deliver no check, or not one of those that must agree.
    """
    names = [pack if isinstance(pack, str) else pack.__name__ for pack in packs]
    registry = load_packs(modules=names, autoload=False)
    ours = [check for check in registry.checks if check.pack not in BUILT_IN]
    if not ours:
        raise ConfigurationError(
            f"{', '.join(names)} delivers no check. {' '.join(map(str, registry.problems))}".strip()
        )
    # Tests are told by name: hypothesis prints what they are given, and a registry is long.
    judges = {f"{c.id} on {kind}": Judge(registry, c, kind) for c in ours for kind in c.on}
    each = pytest.mark.parametrize("name", sorted(judges))
    pairs = {f"{one} and {other}": (one, other) for one, other in same}
    twins = pytest.mark.parametrize("pair", sorted(pairs))
    for name in (name for pair in pairs.values() for name in pair):
        _demand_check(name, ours)
    drawn = settings(max_examples=examples, deadline=None, suppress_health_check=QUIET)

    class Contract:
        """What must hold for every check."""

        def test_nothing_is_refused(self) -> None:
            """The loader accepts everything that the packs deliver."""
            told = "\n".join(map(str, registry.problems))
            assert registry.problems == (), told  # noqa: S101

        @each
        @drawn
        @given(data=st.data())
        def test_a_gap_never_changes_the_judgement(self, name: str, data: st.DataObject) -> None:
            """Each input blanked gives insufficient data or the same outcome; a strength may pass."""
            blanked_changes_nothing(judges[name], judges[name].rows(data))

        @each
        @drawn
        @given(data=st.data())
        def test_the_same_again(self, name: str, data: st.DataObject) -> None:
            """Nothing raises; the same input gives the same verdict, whatever rows lie beside it."""
            rows = [judges[name].rows(data) | {"id": f"s{n}"} for n in range(3)]
            same_again(judges[name], rows)

        @each
        @drawn
        @given(data=st.data())
        def test_a_verdict_survives_json(self, name: str, data: st.DataObject) -> None:
            """What a verdict says can be written and is text, numbers and days."""
            for verdict in judges[name].verdicts([judges[name].rows(data)]):
                survives_json(verdict)

        @twins
        @drawn
        @given(data=st.data())
        def test_forms_agree(self, pair: str, data: st.DataObject) -> None:
            """Two forms of one check give the same outcome."""
            one, other = pairs[pair]
            for kind in registry.by_id[one].on:
                forms_agree(judges[f"{one} on {kind}"], judges[f"{other} on {kind}"], data)

        @each
        def test_parameters_keep_their_bounds(self, name: str) -> None:
            """What is beyond a bound is refused."""
            bounds_hold(judges[name].check)

        @many(whole)
        @given(rows=companies())
        def test_whole_companies(self, rows: Any) -> None:
            """No check raises over a company from sane to hostile, in whatever order its rows come."""
            over_a_company(rows, names, [check.pack for check in ours])

    if not pairs:
        del Contract.test_forms_agree
    return Contract


def blanked_changes_nothing(judge: Judge, row: Facts) -> None:
    """Demand that an unknown input never makes another judgement."""
    blanked = [{**row, name: None} for name in judge.inputs]
    codes = judge.result(judge.frame([row, *blanked])).codes
    before, *after = (OUTCOMES[code] for code in codes)
    allowed = {before, Outcome.INSUFFICIENT_DATA}
    allowed |= {Outcome.PASS} if before is Outcome.STRENGTH else set()
    for name, outcome in zip(judge.inputs, after, strict=True):
        assert outcome in allowed, (  # noqa: S101
            f"{judge.check.id}: without '{name}' the outcome is {outcome}, with it {before}. "
            f"An unknown fact may only make it insufficient_data: put '{name}' under needs, or compare "
            f"it in a condition. Facts: {row}"
        )


def same_again(judge: Judge, rows: Sequence[Facts]) -> None:
    """Demand that a verdict depends on its own row only, and that nothing given is changed."""
    frame = judge.frame(rows)
    kept = frame.clone()
    together = judge.verdicts(rows)
    judge.result(frame)
    assert frame.equals(kept, null_equal=True), f"{judge.check.id} changes what it is given."  # noqa: S101
    for verdict, row in zip(together, rows, strict=True):
        [alone] = judge.verdicts([row])
        says = f"{judge.check.id} says something else the second time, or alone. Facts: {row}"
        assert verdict_detail(verdict) == verdict_detail(alone), says  # noqa: S101


def _demand_check(name: str, checks: Iterable[Check]) -> None:
    known = [check.id for check in checks]
    if name not in known:
        raise ConfigurationError(
            f"same names '{name}', which is not there.{did_you_mean(name, known)}"
        )


def forms_agree(one: Judge, other: Judge, data: st.DataObject) -> None:
    """Demand that two checks give the same outcome for the same facts, unknown ones included."""
    row = one.rows(data)
    rest = [name for name in other.inputs if name not in row]
    near = list(numbers_of(other.check))
    row |= {name: data.draw(values(other.known[name], near), name) for name in rest}
    row |= _ordered(row)
    mine, theirs = (OUTCOMES[judge.result(judge.frame([row])).codes[0]] for judge in (one, other))
    assert mine is theirs, (  # noqa: S101
        f"{one.check.id} says {mine}, {other.check.id} says {theirs}. Make the conditions of one those of "
        f"the other; an input of both stands under needs of a function. Facts: {row}"
    )


def survives_json(verdict: Verdict) -> None:
    """Demand that what a verdict says is the same after it was written and read."""
    text = dumped(verdict_detail(verdict))
    assert dumped(json.loads(text)) == text, (  # noqa: S101
        f"{verdict.check} says something that JSON can't hold: {text}. Give texts, numbers, days and "
        "true or false as actual, expected and evidence."
    )


def bounds_hold(check: Check) -> None:
    """Demand that every parameter with bounds refuses what lies beyond."""
    for parameter in check.parameters:
        for bound, step in ((parameter.info.ge, -1), (parameter.info.le, 1)):
            if bound is None or parameter.type not in (int, float):
                continue
            beyond = parameter.type(bound + step)
            try:
                parameter.accept(beyond, of=check.id)
            except ConfigurationError:
                continue
            raise AssertionError(
                f"{check.id}: '{parameter.name}' takes {beyond}, which is beyond its bounds. Give it "
                "type, ge and le through Annotated[…, Param(…)]."
            )


def over_a_company(rows: Any, modules: Sequence[str], packs: Sequence[str]) -> None:
    """Demand that a review of a company ends without an error, and does not depend on the order of rows."""
    config = Config(autoload=False)
    asked: dict[str, Any] = {"config": config, "modules": modules, "select": sorted(set(packs))}
    review = review_tables(rows, AS_OF, **asked)
    told = "\n".join(map(str, review.errors))
    assert not review.errors, told  # noqa: S101
    turned = {name: list(reversed(found)) for name, found in rows.items()}
    again = review_tables(turned, AS_OF, **asked)
    for kind, found in review.kinds.items():
        same = found.codes.equals(again.kinds[kind].codes)
        assert same, f"outcomes on {kind} depend on the order of rows: {rows!r}"  # noqa: S101
