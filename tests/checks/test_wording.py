"""Conditions written out."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.checks.sql import parse_expression
from dealreview.checks.terms import Column, Constant, Interval, Term, apply, evaluate
from dealreview.checks.wording import clauses, spoken

FACTS = {"n_lo": "real", "n_hi": "real", "m": "int", "b": "bool", "t": "text", "d": "date"}
FACTS["s"] = "set"
low, high, m, b, t, d, s = map(Column, FACTS)
n = Interval(low, high)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (m, "m"),
        (m < 3, "m < 3"),
        (m >= 0.25, "m >= 0.25"),
        (m > 0.1 + 0.2, "m > 0.3"),
        (m != 3, "m != 3"),
        (t == "O'Neil", "t = 'O''Neil'"),
        (d <= dt.date(2026, 11, 14), "d <= DATE '2026-11-14'"),
        (b & (m < 3) & (m > 1), "b and m < 3 and m > 1"),
        (b | (m < 3) & b, "b or m < 3 and b"),
        ((b | (m < 3)) & b, "(b or m < 3) and b"),
        (~b, "not b"),
        (~(m < 3), "not (m < 3)"),
        (~(b & b), "not (b and b)"),
        ((m < 3) == b, "(m < 3) = b"),
        (m - (low - high), "m - (n_lo - n_hi)"),
        (m + (low + high), "m + (n_lo + n_hi)"),
        (m - low - high, "m - n_lo - n_hi"),
        ((m - low) * 2 / high, "(m - n_lo) * 2 / n_hi"),
        (m / (low * high), "m / (n_lo * n_hi)"),
        (-m, "-m"),
        (-(m + low), "-(m + n_lo)"),
        (-apply("-", 0, m), "-(-m)"),
        (m - -5, "m - -5"),
        (m.abs() > 1, "abs(m) > 1"),
        (s.count() == 0, "count(s) = 0"),
        (s.contains("price"), "contains(s, 'price')"),
        (t.is_in(["a", "b", "c"]), "t in ('a', 'b', 'c')"),
        (t.is_in(["a"]), "t = 'a'"),
        (b | t.is_in(["a", "b"]), "b or t in ('a', 'b')"),
        (m.between(1, 5), "m between 1 and 5"),
        (b & m.between(1, 5), "b and (m between 1 and 5)"),
        (b | m.between(1, 5), "b or m between 1 and 5"),
        (n < 3, "interval(n) < 3"),
        (n >= m, "interval(n) >= m"),
        (m < n, "interval(n) > m"),
        (Interval(low, m) < 3, "interval(n_lo, m) < 3"),
        (Constant(True), "true"),
        (Constant(None), "unknown"),
    ],
)
def test_a_term_reads_as_it_was_meant(term: Term, text: str) -> None:
    """Operators stand between their operands, with no more parentheses than are needed."""
    assert spoken(term) == text


@pytest.mark.parametrize(
    ("term", "parts"),
    [
        (b & (m < 3) & (m > 1), ["b", "m < 3", "m > 1"]),
        (b | (m < 3) & b, ["b", "m < 3 and b"]),
        (m.between(1, 5), ["m between 1 and 5"]),
        (t.is_in(["a", "b"]), ["t in ('a', 'b')"]),
        (~(b & b), ["not (b and b)"]),
    ],
)
def test_a_condition_has_clauses(term: Term, parts: list[str]) -> None:
    """What the outermost "and" or "or" joins can be judged one by one; ranges and lists stay whole."""
    assert list(map(spoken, clauses(term))) == parts


numbers = st.integers(-9, 9) | st.sampled_from([0.25, -1.5, 1e20, 1e-7])
amounts: st.SearchStrategy[Term] = st.recursive(
    st.sampled_from([low, high, m, s.count()]) | numbers.map(Constant),
    lambda inner: (
        st.builds(apply, st.sampled_from("+-*/"), inner, inner)
        | inner.map(lambda x: -x)
        | inner.map(lambda x: x.abs())
    ),
    max_leaves=4,
)
comparisons = st.builds(apply, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), amounts, amounts)
simple = (
    comparisons
    | st.builds(lambda x, a, b: x.between(a, b), amounts, amounts, amounts)
    | st.builds(t.is_in, st.lists(st.text("a'b", max_size=2), min_size=1))
    | st.builds(lambda x: n < x, amounts)
    | st.builds(lambda x: n >= x, amounts)
    | st.just(b)
    | st.just(dt.date(2026, 2, 28) < d)
)
conditions: st.SearchStrategy[Term] = st.recursive(
    simple,
    lambda inner: (
        st.builds(apply, st.sampled_from(["and", "or", "=", "!="]), inner, inner)
        | inner.map(lambda x: ~x)
    ),
    max_leaves=6,
)
maybe = st.none() | st.sampled_from([-2.5, 0.0, 0.25, 3.0])
rows = st.fixed_dictionaries(
    {
        "n_lo": maybe,
        "n_hi": maybe,
        "m": st.none() | st.integers(-3, 3),
        "b": st.none() | st.booleans(),
        "t": st.none() | st.sampled_from(["a", "b", "'"]),
        "d": st.none() | st.just(dt.date(2026, 3, 1)),
        "s": st.none() | st.just(("x", "y")),
    }
)


@given(conditions, rows)
@settings(max_examples=300, deadline=None)
def test_what_is_written_means_the_same_when_it_is_read(condition: Term, row: dict) -> None:
    """A condition that is copied into a rule in TOML decides as before."""
    again = parse_expression(spoken(condition), facts=FACTS)
    assert evaluate(again, row) == evaluate(condition, row)
