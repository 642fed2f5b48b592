"""Conditions: three-valued logic, intervals, kinds, and one meaning in two kernels."""

import datetime as dt
import operator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.checks.terms import (
    Column,
    Constant,
    Interval,
    TermTypeError,
    apply,
    evaluate,
    inputs_of,
    kind_of,
    to_polars,
    walk,
)

KLEENE = (True, False, None)
FACTS = {
    "n": "int",
    "r": "real",
    "b": "bool",
    "c": "bool",
    "t": "text",
    "d": "date",
    "s": "set",
}
SCHEMA = {
    "n": pl.Int64,
    "r": pl.Float64,
    "b": pl.Boolean,
    "c": pl.Boolean,
    "t": pl.String,
    "d": pl.Date,
    "s": pl.List(pl.String),
}
A, B = Column("a"), Column("b")


def both(term, row, schema):
    """Evaluate a term in both kernels, demand one answer and return it."""
    alone = evaluate(term, row)
    frame = pl.DataFrame([row], schema=schema)
    assert frame.select(x=to_polars(term))["x"].to_list() == [alone]
    return alone


@pytest.mark.parametrize("left", KLEENE)
@pytest.mark.parametrize("right", KLEENE)
def test_and_and_or_are_unknown_only_where_the_known_half_does_not_decide(left, right):
    """False decides an "and", true decides an "or"; else an unknown half makes it unknown."""
    row, schema = {"a": left, "b": right}, {"a": pl.Boolean, "b": pl.Boolean}
    conjunction = False if False in (left, right) else None if None in (left, right) else True
    disjunction = True if True in (left, right) else None if None in (left, right) else False
    assert both(A & B, row, schema) is conjunction
    assert both(A | B, row, schema) is disjunction


@pytest.mark.parametrize(("value", "expected"), [(True, False), (False, True), (None, None)])
def test_not_of_unknown_is_unknown(value, expected):
    """Turning a condition round never makes it known."""
    assert both(~A, {"a": value}, {"a": pl.Boolean}) is expected


@pytest.mark.parametrize("op", ["<", "<=", ">", ">=", "=", "!="])
def test_a_comparison_with_an_unknown_value_is_unknown(op):
    """Not even an unknown value is equal to itself."""
    assert both(apply(op, A, A), {"a": None}, {"a": pl.Int64}) is None


@pytest.mark.parametrize("numerator", [0, 5, -5])
def test_a_division_by_zero_is_unknown(numerator):
    """There is no infinite margin and no NaN that would compare as true."""
    row, schema = {"a": numerator, "b": 0}, {"a": pl.Int64, "b": pl.Int64}
    assert both(A / B, row, schema) is None
    assert both(A / B > 1, row, schema) is None


def test_a_result_too_large_for_a_number_is_unknown():
    """Infinity is no value."""
    row, schema = {"a": 1e300, "b": 1e300}, {"a": pl.Float64, "b": pl.Float64}
    assert both(A * B > 0, row, schema) is None


def test_a_product_of_large_sums_does_not_wrap_around():
    """Two amounts of money multiplied exceed 64 bits and are still positive."""
    row, schema = {"a": 10**13, "b": 10**13}, {"a": pl.Int64, "b": pl.Int64}
    assert both(A * B > 0, row, schema) is True


def test_a_whole_number_constant_is_not_squeezed_into_a_narrow_column():
    """A count held in eight bits can be compared with a large limit."""
    assert both(A * 1000 > 30_000, {"a": 100}, {"a": pl.UInt8}) is True
    assert both(A < 100_000, {"a": 100}, {"a": pl.UInt8}) is True


def test_a_division_by_a_number_is_exact():
    """Three tenths are not more than 0.3, in columns as in a row."""
    assert both(A / 10 > 0.3, {"a": 3}, {"a": pl.Int64}) is False
    assert both(A / 10 == 0.3, {"a": 3.0}, {"a": pl.Float64}) is True


@pytest.mark.parametrize("op", ["+", "-", "*", "/"])
@pytest.mark.parametrize("nested", ["left", "right"])
def test_a_long_expression_holds_each_fact_a_few_times(op, nested):
    """One of forty facts would else name the first of them 2**40 times, and never be planned."""
    names = [f"f{number}" for number in range(40)]
    whole = Column(names[0])
    for name in names[1:]:
        pair = (whole, Column(name)) if nested == "left" else (Column(name), whole)
        whole = apply(op, *pair)
    assert len(to_polars(whole > 1).meta.root_names()) < 40 * len(names)
    row, schema = dict.fromkeys(names, 2), dict.fromkeys(names, pl.Int64)
    assert both(whole > 1, row, schema) is (evaluate(whole, row) > 1)
    assert both(whole > 1, row | {"f7": None}, schema) is None


def test_a_term_that_could_not_be_planned_is_refused():
    """Where it is written, with what to do instead."""
    with pytest.raises(TermTypeError, match=r"more than 50 sums.* make a part of it a fact"):
        sum([A] * 52, A)
    shared = A > 1
    for _ in range(15):
        shared = shared & shared
    with pytest.raises(TermTypeError, match="100,000 operations"):
        operator.and_(shared, shared)


def test_conditions_that_are_joined_may_be_many():
    """They are no deeper than each of them."""
    many = A > 1
    for number in range(300):
        many = many | (number == A)
    assert both(many, {"a": 7}, {"a": pl.Int64}) is True


def test_a_long_sum_is_unknown_where_a_part_of_it_is_too_large():
    """What would wrap around in the middle is unknown in the end, wherever values have a name."""
    names = [f"f{number}" for number in range(12)]
    whole = Column(names[0])
    for name in names[1:]:
        whole = whole + Column(name)
    schema = dict.fromkeys(names, pl.Int64)
    row = dict.fromkeys(names, 1)
    for name in names:
        assert both(whole, row | {name: 2**61}, schema) == 2**61 + 11
        assert both(whole, row | {name: 2**62}, schema) is None
    assert both(Interval(whole, whole) < 20, row, schema) is True


def test_an_operation_on_constants_fits_every_row():
    """What parameters alone decide is one value for all subjects."""
    term = (Constant(1) / Constant(4) < A) | (Constant(1) / Constant(0) > 2)
    frame = pl.DataFrame({"a": [0.0, 1.0, None]})
    assert frame.select(x=to_polars(term))["x"].to_list() == [None, True, None]


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.eq, operator.ne])
def test_a_constant_before_a_column_that_is_all_unknown_fits_every_row(compare):
    """A fact that nobody has is unknown for each, wherever it stands."""
    frame = pl.DataFrame({"a": [None, None]}, schema={"a": pl.Float64})
    term = compare(Constant(0.0), (-A).abs())
    assert frame.select("a", x=to_polars(term))["x"].to_list() == [None, None]


def interval_cases():
    """Return low, high and the answer to ``interval < 10``."""
    return [
        (1, 2, True),
        (11, 12, False),
        (10, 12, False),
        (9, 11, None),
        (None, 9, True),
        (None, 11, None),
        (10, None, False),
        (9, None, None),
        (None, None, None),
        (12, 9, None),
    ]


@pytest.mark.parametrize(("low", "high", "answer"), interval_cases())
def test_an_interval_is_known_where_its_ends_agree(low, high, answer):
    """An open end can be anything, so only the other end can decide."""
    row, schema = {"a": low, "b": high}, {"a": pl.Int64, "b": pl.Int64}
    assert both(Interval(A, B) < 10, row, schema) is answer
    assert both(10 > Interval(A, B), row, schema) is answer  # noqa: SIM300 - the mirrored form
    reverse = None if answer is None else not answer
    assert both(Interval(A, B) >= 10, row, schema) is reverse
    assert both(10 <= Interval(A, B), row, schema) is reverse  # noqa: SIM300 - the mirrored form


def test_two_intervals_compare_where_they_do_not_overlap():
    """The nearest ends decide, and an overlap is unknown."""
    pair = Interval(Constant(5), Constant(6))
    assert evaluate(Interval(Constant(1), Constant(2)) < pair, {}) is True
    assert evaluate(Interval(Constant(7), Constant(8)) < pair, {}) is False
    assert evaluate(Interval(Constant(1), Constant(9)) < pair, {}) is None


@pytest.mark.parametrize("compare", [operator.eq, operator.ne])
def test_an_interval_is_never_silently_unequal(compare):
    """Equality with an interval is an error, not a plain False that would pass every subject."""
    with pytest.raises(TypeError, match="interval"):
        compare(Interval(A, B), 1)
    with pytest.raises(TypeError, match="interval"):
        compare(A, Interval(A, B))


@pytest.mark.parametrize(
    "use", [bool, lambda term: not term, lambda term: term and True, lambda term: 0 < term < 1]
)
@pytest.mark.parametrize("given_", [A > 1, Interval(A, B)])
def test_a_condition_has_no_truth_value(use, given_):
    """``and``, ``or``, ``not`` and chains would decide before there is a row."""
    with pytest.raises(TypeError, match="use &"):
        use(given_)


def test_is_in_is_true_for_each_of_its_values_only():
    """A value of the list is found, another is not, an unknown one stays unknown."""
    chosen = A.is_in(["x", "y", "z"])
    schema = {"a": pl.String}
    assert [both(chosen, {"a": value}, schema) for value in ("x", "z", "q", None)] == [
        True,
        True,
        False,
        None,
    ]


def test_a_long_list_of_values_stays_shallow():
    """A thousand values are asked for without deep recursion."""
    chosen = A.is_in(range(1000))
    assert both(chosen, {"a": 999}, {"a": pl.Int64}) is True
    assert sum(1 for _ in walk(chosen)) == 3999


def test_nodes_come_in_the_order_in_which_they_are_written():
    """The whole first, then each side from left to right."""
    whole = ((Constant(2) - A).abs() < (A + 1)) & (A < 3)
    told = [getattr(node, "op", getattr(node, "value", "a")) for node in walk(whole)]
    assert told == ["and", "<", "abs", "-", 2, "a", "+", "a", 1, "<", "a", 3]


def test_is_in_needs_a_value():
    """An empty list would be false for everybody without a word."""
    with pytest.raises(ValueError, match="at least one"):
        A.is_in([])


def test_between_includes_its_limits():
    """Both ends belong to the range."""
    found = [both(A.between(1, 3), {"a": value}, {"a": pl.Int64}) for value in (0, 1, 3, 4, None)]
    assert found == [False, True, True, False, None]


def test_sets_are_counted_and_searched():
    """An empty set has no members; an unknown one is unknown."""
    schema = {"a": pl.List(pl.String)}
    assert [both(A.count(), {"a": v}, schema) for v in (["x", "y"], [], None)] == [2, 0, None]
    assert [both(A.contains("x"), {"a": v}, schema) for v in (["x"], [], None)] == [
        True,
        False,
        None,
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**63])
def test_a_constant_is_a_number_that_columns_can_hold(value):
    """NaN, infinity and more than 64 bits are refused where they are written."""
    with pytest.raises(ValueError, match="can't compare"):
        _ = A + value


@pytest.mark.parametrize("value", [[1], dt.datetime(2025, 1, 1), pl.lit(1), Interval(A, B)])
def test_a_constant_is_a_plain_value(value):
    """Lists, instants and frame expressions are refused by name."""
    with pytest.raises(TypeError, match="can't hold"):
        A + value


def test_inputs_are_the_facts_read_sorted_and_once():
    """Constants are no inputs, and a condition that is left out has none."""
    assert inputs_of(B > A, A + 1 > 2, None) == ("a", "b")


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        (Column("n") + 1, "number"),
        (Column("s").count(), "number"),
        (Column("s").contains("x"), "bool"),
        (Column("t") == "x", "bool"),
        (Column("d") > dt.date(2025, 1, 1), "bool"),
        (Column("d"), "date"),
        (~Column("b"), "bool"),
        (Constant(None), "unknown"),
    ],
)
def test_a_term_has_a_kind(term, kind):
    """The kind follows from the facts."""
    assert kind_of(term, FACTS) == kind


@pytest.mark.parametrize(
    "term",
    [
        Column("n") + Column("b"),
        Column("n") == "x",
        Column("d") > "2025-01-01",
        Column("b") & Column("n"),
        ~Column("n"),
        Column("s") == Column("s"),
        Column("t").count(),
        Column("s").contains(Column("n")),
        Column("b") < Column("c"),
        Column("t") + "x",
        Column("n") == None,  # noqa: E711
    ],
)
def test_operands_that_do_not_go_together_are_refused(term):
    """A condition that means nothing is an error when it is loaded, not a surprise in a review."""
    with pytest.raises(TermTypeError):
        kind_of(term, FACTS)


# --- both kernels agree --------------------------------------------------------------------------

small = st.one_of(st.integers(-4, 4), st.sampled_from([0.0, 0.5, -1.25, 1e-9, 1e308, -1e308]))
days = st.dates(dt.date(2025, 1, 1), dt.date(2025, 1, 5))
words = st.sampled_from(["", "x", "y", "é"])
numbers = st.deferred(
    lambda: (
        st.sampled_from([Column("n"), Column("r"), Column("s").count()])
        | small.map(Constant)
        | st.builds(apply, st.sampled_from("+-*/"), numbers, numbers)
        | numbers.map(lambda term: term.abs())
        | numbers.map(operator.neg)
    )
)
orders = st.sampled_from([operator.lt, operator.le, operator.gt, operator.ge])
relations = orders | st.sampled_from([operator.eq, operator.ne])
conditions = st.deferred(
    lambda: (
        st.sampled_from([Column("b"), Column("c")])
        | st.builds(lambda op, a, b: op(a, b), relations, numbers, numbers)
        | st.builds(lambda op, a, b: op(a, b), relations, st.just(Column("t")), words)
        | st.builds(lambda op, a, b: op(a, b), relations, st.just(Column("d")), days)
        | st.builds(
            lambda op, a, b, c: op(Interval(a, a + b.abs()), c), orders, numbers, numbers, numbers
        )
        | words.map(Column("s").contains)
        | st.builds(operator.and_, conditions, conditions)
        | st.builds(operator.or_, conditions, conditions)
        | conditions.map(operator.invert)
    )
)
rows = st.fixed_dictionaries(
    {
        "n": st.none() | st.integers(-4, 4) | st.sampled_from([2**40, -(2**40)]),
        "r": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "b": st.none() | st.booleans(),
        "c": st.none() | st.booleans(),
        "t": st.none() | words,
        "d": st.none() | days,
        "s": st.none() | st.lists(words, max_size=3),
    }
)


@settings(deadline=None, max_examples=300)
@given(term=conditions | numbers, table=st.lists(rows, min_size=1, max_size=5))
def test_columns_and_rows_agree(term, table):
    """The same tree says the same over a frame and over each of its rows, unknowns included."""
    frame = pl.DataFrame(table, schema=SCHEMA)
    found = frame.select("n", x=to_polars(term))["x"].to_list()
    assert found == [evaluate(term, row) for row in table]


@settings(deadline=None, max_examples=150)
@given(term=conditions, row=rows, value=rows)
def test_what_is_certain_stays_when_an_unknown_is_filled(term, row, value):
    """Learning an unknown value never turns a known answer round."""
    before = evaluate(term, row)
    after = evaluate(term, {k: value[k] if v is None else v for k, v in row.items()})
    assert before is None or after is before
