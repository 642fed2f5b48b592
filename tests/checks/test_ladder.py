"""The ladder: one order of questions, for a row and for columns."""

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.checks.ladder import decide, outcome_code, settle
from dealreview.checks.rules import Rules
from dealreview.checks.terms import Column, Constant, evaluate
from dealreview.model.outcome import OUTCOMES, Outcome

STATES = (True, False, None)
NAMES = ("applies", "risk", "watch", "strength")
RULES = Rules(*(Column(name) for name in NAMES))


def row_of(*states):
    """Return a row with the four conditions as facts."""
    return dict(zip(NAMES, states, strict=True))


def codes(rules, table, schema):
    """Return the outcomes of the columns kernel."""
    frame = pl.DataFrame(table, schema=schema).with_row_index("row")
    return [OUTCOMES[code] for code in frame.select("row", x=outcome_code(rules))["x"]]


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ((None, True, True, True), Outcome.INSUFFICIENT_DATA),
        ((False, True, True, True), Outcome.NOT_APPLICABLE),
        ((False, None, None, None), Outcome.NOT_APPLICABLE),
        ((True, True, None, None), Outcome.RISK),
        ((True, None, True, True), Outcome.INSUFFICIENT_DATA),
        ((True, False, True, None), Outcome.WATCH),
        ((True, False, None, True), Outcome.INSUFFICIENT_DATA),
        ((True, False, False, True), Outcome.STRENGTH),
        ((True, False, False, None), Outcome.PASS),
        ((True, False, False, False), Outcome.PASS),
    ],
)
def test_the_first_line_that_holds_decides(states, outcome):
    """Unknown stops the ladder everywhere but at strength, which costs nothing."""
    assert settle(*states) is outcome
    assert decide(RULES, row_of(*states))[0] is outcome


def test_columns_and_rows_agree_in_all_cases():
    """Each of the 81 cases gives the same outcome in both kernels."""
    table = [row_of(*states) for states in itertools.product(STATES, repeat=4)]
    found = codes(RULES, table, dict.fromkeys(NAMES, pl.Boolean))
    assert found == [decide(RULES, row)[0] for row in table]


def test_a_condition_left_out_is_true_for_applies_and_false_else():
    """A check with only a risk passes where there is none."""
    rules = Rules(risk=Column("risk"))
    assert [decide(rules, {"risk": state})[0] for state in STATES] == [
        Outcome.RISK,
        Outcome.PASS,
        Outcome.INSUFFICIENT_DATA,
    ]


def test_missing_names_the_unknown_inputs_of_the_condition_that_stopped():
    """What other conditions lack is not named, nor what is known."""
    rules = Rules(risk=(Column("a") > 1) & (Column("b") > 1), watch=Column("c") > 1)
    row = {"a": None, "b": 2, "c": None}
    assert decide(rules, row) == (Outcome.INSUFFICIENT_DATA, ("a",))
    assert decide(rules, {**row, "a": 0}) == (Outcome.INSUFFICIENT_DATA, ("c",))
    assert decide(rules, {**row, "a": 5}) == (Outcome.RISK, ())


def test_missing_names_the_inputs_of_a_division_by_zero():
    """Insufficient data always says for want of what."""
    rules = Rules(risk=(Column("a") / Column("b") > 1) & (Column("c") > 0))
    row = {"a": 1, "b": 0, "c": 1}
    assert decide(rules, row) == (Outcome.INSUFFICIENT_DATA, ("a", "b"))


def test_the_code_is_one_byte_a_subject():
    """Codes are UInt8, also where a constant decides for everybody."""
    frame = pl.DataFrame({"a": [1, 2]})
    assert frame.select(outcome_code(Rules(risk=Column("a") > 1))).dtypes == [pl.UInt8]
    assert frame.select(outcome_code(Rules())).dtypes == [pl.UInt8]
    assert codes(Rules(), [{"a": 1}, {"a": 2}], {"a": pl.Int64}) == [Outcome.PASS] * 2


def test_the_code_can_be_picked_by_group():
    """Two sets of parameters of one check are computed side by side."""
    low, high = (outcome_code(Rules(risk=Column("a") > limit)) for limit in (1, 5))
    frame = pl.DataFrame({"a": [3, 3], "group": [0, 1]})
    found = frame.select(x=pl.when(pl.col("group") == 1).then(high).otherwise(low))["x"]
    assert [OUTCOMES[code] for code in found] == [Outcome.RISK, Outcome.PASS]


conditions = st.deferred(
    lambda: (
        st.sampled_from([Column("a"), Column("b")])
        | st.builds(lambda limit: Column("n") > limit, st.integers(-2, 2))
        | st.builds(lambda limit: Column("n") / Column("m") >= limit, st.integers(-2, 2))
        | st.builds(lambda x, y: x & y, conditions, conditions)
        | st.builds(lambda x, y: x | y, conditions, conditions)
        | st.builds(lambda x: ~x, conditions)
    )
)
rules_ = st.builds(Rules, conditions | st.just(Constant(True)), conditions, conditions, conditions)
flags, small = st.sampled_from(STATES), st.none() | st.integers(-2, 2)
rows = st.fixed_dictionaries({"a": flags, "b": flags, "n": small, "m": small})
SCHEMA = {"a": pl.Boolean, "b": pl.Boolean, "n": pl.Int64, "m": pl.Int64}


@settings(deadline=None, max_examples=150)
@given(rules=rules_, table=st.lists(rows, min_size=1, max_size=4))
def test_columns_and_rows_agree(rules, table):
    """Random rules give one outcome in both kernels."""
    assert codes(rules, table, SCHEMA) == [decide(rules, row)[0] for row in table]


@settings(deadline=None, max_examples=150)
@given(rules=rules_, row=rows, name=st.sampled_from(list(SCHEMA)))
def test_blanking_an_input_gives_insufficient_data_or_the_same(rules, row, name):
    """Removing data never turns a finding into another; a strength may become a pass that says why."""
    before, _ = decide(rules, row)
    after, missing = decide(rules, {**row, name: None})
    allowed = {before, Outcome.INSUFFICIENT_DATA}
    if before is Outcome.STRENGTH:
        allowed.add(Outcome.PASS)
    assert after in allowed
    assert missing or after is not Outcome.INSUFFICIENT_DATA
    assert not missing or after in {Outcome.INSUFFICIENT_DATA, Outcome.PASS}


@settings(deadline=None, max_examples=100)
@given(rules=rules_, row=rows)
def test_missing_is_really_unknown(rules, row):
    """A known fact is named only where no fact is unknown, as after a division by zero."""
    _, missing = decide(rules, row)
    unknown = [name for name in missing if row[name] is None]
    assert list(missing) == unknown or not unknown
    assert all(evaluate(Column(name), row) is None for name in unknown)
