"""Rules as plain values are the rules they were."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.checks.ladder import decide
from dealreview.checks.named import named
from dealreview.checks.notation import plain_rules, plain_term, rules_of_plain, term_of
from dealreview.checks.rules import Cite, Exposure, Limit, Rules
from dealreview.checks.terms import Column, Constant, apply, evaluate, term
from dealreview.engine.loader import load_packs
from dealreview.engine.plan import try_rules
from dealreview.engine.selection import Effective

if TYPE_CHECKING:
    from dealreview.checks.terms import Term

NAMES = ("a", "b", "c")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False),
    "text": st.text(),
    "day": st.dates(),
    "flag": st.booleans(),
}
constants = st.builds(
    Constant, st.none() | st.one_of(*VALUES.values()), st.sampled_from(["", "floor"])
)
columns = st.builds(Column, st.sampled_from(NAMES))
terms: st.SearchStrategy[Term] = st.recursive(
    constants | columns,
    lambda parts: (
        st.builds(apply, st.sampled_from(["and", "or", "surely", "+", "<", "="]), parts, parts)
        | st.builds(apply, st.sampled_from(["not", "abs", "count"]), parts)
    ),
    max_leaves=8,
)
limits = st.builds(
    Limit,
    st.sampled_from([">=", "<=", "in"]),
    terms,
    st.text(max_size=3),
    st.text(max_size=3) | columns,
    st.none() | columns,
)
cites = st.builds(
    Cite, st.text(max_size=3), st.text(max_size=3), st.none() | terms, st.none() | columns
)
by_outcome = st.sampled_from(["risk", "watch", "strength", "insufficient_data"])
rules = st.builds(
    Rules,
    *[terms] * 4,
    message=st.dictionaries(by_outcome, st.text(max_size=9)),
    actual=st.none() | terms,
    expected=st.dictionaries(by_outcome, limits, max_size=2),
    evidence=st.lists(cites, max_size=2),
    at_risk=st.none() | st.builds(Exposure, st.sampled_from(["margin", "delay"]), terms),
    values=st.dictionaries(st.sampled_from(["x", "y"]), terms),
)


def through_json(plain: Any) -> Any:
    """Return a value as it comes back from a file."""
    return json.loads(json.dumps(plain))


@given(terms)
def test_a_term_comes_back_as_it_was(root: Term) -> None:
    """Every operation, fact, constant and parameter is there, and whole numbers stay whole."""
    plain = plain_term(root)
    again = term_of(through_json(plain))
    assert repr(again) == repr(root)
    assert plain_term(again) == plain


@given(rules)
def test_rules_come_back_as_they_were(given_: Rules) -> None:
    """Conditions and all that is said come back, what was left out is left out."""
    assert repr(rules_of_plain(through_json(plain_rules(given_)))) == repr(given_)


def test_a_parameter_is_remembered() -> None:
    """A limit can still say where it comes from."""
    assert repr(term_of(plain_term(term(named("floor", 0.2))))) == repr(Constant(0.2, "floor"))
    day = Constant(dt.date(2025, 5, 16), "since")
    assert repr(term_of(plain_term(day))) == repr(day)


@given(st.dictionaries(st.sampled_from(NAMES), st.none() | st.integers(-3, 3), min_size=3))
def test_what_comes_back_judges_the_same(row: dict[str, Any]) -> None:
    """An outcome and what is missing do not depend on the way through plain values."""
    a, b, c = map(Column, NAMES)
    before = Rules(
        applies=a / b > 0, risk=(a - 1 < b) & (c == 2), watch=~(c.abs() > 1) | (b * 2 < a)
    )
    after = rules_of_plain(through_json(plain_rules(before)))
    assert decide(after, row) == decide(before, row)
    assert evaluate(after.applies, row) == evaluate(before.applies, row)


REGISTRY = load_packs(autoload=False)


@pytest.mark.parametrize("check", REGISTRY.checks, ids=lambda check: check.id)
def test_every_built_in_check_has_a_notation(check: Any) -> None:
    """Rules with their default parameters come back."""
    values = {parameter.name: parameter.default for parameter in check.parameters}
    for kind in check.on:
        found = try_rules(REGISTRY, check, kind, Effective(check.severity, values, {}))
        assert found is not None
        assert repr(rules_of_plain(through_json(plain_rules(found)))) == repr(found)


@pytest.mark.parametrize(
    "plain", [["import", "os"], ["+", ["fact", "a"]], ["fact"], ["fact", "a", "b"], [], ["not"]]
)
def test_what_is_no_term_is_refused(plain: list[Any]) -> None:
    """Nothing but the operations of the algebra is read, each on as many terms as it takes."""
    with pytest.raises(ValueError):  # noqa: PT011 - several sentences
        term_of(plain)
