"""Rules in TOML are data: whatever a file says, it is read or refused with a sentence, and does nothing."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealreview.checks.columns import Columns
from dealreview.checks.parameters import effective
from dealreview.checks.terms import TermTypeError
from dealreview.checks.toml_rules import load_rules, run_examples
from dealreview.model.errors import ConfigurationError

FACTS = {"is_open": "bool", "amount": "money", "share": "real", "stage": "enum", "people": "set"}
WATCHED = (
    "open",
    "socket.",
    "subprocess.",
    "os.",
    "exec",
    "import",
    "shutil.",
    "sqlite3.",
    "ctypes.",
)
"""Audit events of what no expression may cause; ``time`` has none, so no clock is a name below."""

NAMES = ("is_open", "amount", "share", "stage", "people", "limit", "nobody", "__class__", "é")
ATTACKS = (
    "pg_read_file('/etc/passwd')",
    "readfile('/etc/passwd')",
    "load_extension('x')",
    "NOW()",
    "CURRENT_DATE",
    "date('now')",
    "random()",
    "(SELECT 1)",
    "(SELECT password FROM users)",
    "EXISTS (SELECT * FROM deals)",
    "amount.__class__.__mro__",
    "deals.amount",
    "__import__('os').system('true')",
    "{amount.__class__}",
    "amount IS NULL",
    "COALESCE(amount, 0)",
    "CASE WHEN is_open THEN 1 END",
    "COUNT(*)",
    "SUM(amount) OVER ()",
    "1; DROP TABLE deals",
    "amount -- a comment",
    "x'00'",
    "'unclosed",
    "$1",
    ":limit",
    "?",
    "interval(amount)",
    "contains(people, 'x')",
    "CAST(amount AS TEXT)",
    "amount COLLATE nocase",
    "1e999",
    "9" * 400,
    "-" * 200 + "1",
    "(" * 200 + "1" + ")" * 200,
    "NOT " * 200 + "is_open",
    "amount" + " + amount" * 200,
    "",
)
OPERATORS = (" AND ", " OR ", " > ", " = ", " + ", " / ", " IN ", " BETWEEN ", " || ", " % ", ", ")
FIELDS = (
    "{amount:money}",
    "{amount.real}",
    "{people[0]}",
    "{amount!r}",
    "{0}",
    "{",
    "{nobody}",
    "x",
)
KEYS = (
    *("id", "on", "severity", "title", "ask", "applies", "risk", "watch", "strength", "message"),
    *("actual", "expected", "at_risk", "evidence", "values", "parameters", "example", "version"),
    *("requires", "status", "renamed_from", "sources", "__class__", "open", "op", "value", "minor"),
    *("kind", "table", "field", "ids", "facts", "expect", "params", "default", "type", "ge", "le"),
)

atoms = st.one_of(st.sampled_from(NAMES), st.sampled_from(ATTACKS), st.integers().map(str))
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map("".join),
        st.tuples(st.sampled_from(("NOT ", "-", "ABS", "count", "eval", "")), inner).map(
            lambda pair: f"{pair[0]}({pair[1]})"
        ),
    ),
    max_leaves=5,
)
texts = st.one_of(expressions, st.sampled_from(FIELDS), st.text(max_size=12))
plain = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.dates(),
    st.datetimes(),
)
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=8,
)
near = st.fixed_dictionaries(
    {"id": st.just("acme/rule"), "title": st.just("It is so")},
    optional={
        **dict.fromkeys(("applies", "risk", "watch", "strength", "actual"), expressions),
        "message": texts,
        "values": st.dictionaries(st.sampled_from(NAMES), expressions, max_size=2),
        "expected": st.fixed_dictionaries({"op": st.just("<="), "value": plain}),
        "at_risk": st.fixed_dictionaries({"kind": st.just("value"), "minor": plain}),
        "parameters": st.fixed_dictionaries(
            {"limit": st.fixed_dictionaries({"description": st.just("A limit"), "default": plain})}
        ),
        "example": st.lists(
            st.fixed_dictionaries(
                {
                    "facts": st.dictionaries(st.sampled_from(NAMES), plain, max_size=3),
                    "expect": st.sampled_from(("risk", "pass", "insufficient_data")),
                }
            ),
            max_size=2,
        ),
    },
)
"""Rules that are nearly right, so that their expressions are reached."""

quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(str(k))} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(sign):08x}" for sign in value) + '"'
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


def file_of(rule: dict[str, Any]) -> str:
    """Return a file with one rule."""
    return "[[check]]\n" + "".join(f"{written(k)} = {written(v)}\n" for k, v in rule.items())


def tried(text: str) -> str:
    """Load a file and try its rules as the loader of packs does; return why it is refused."""
    try:
        for check in load_rules(text):
            given = effective(check.parameters, {}, of=check.id)
            check.function(Columns("deal", FACTS), **given)
            run_examples(check, FACTS)
    except (ConfigurationError, TermTypeError) as error:
        return str(error)
    return ""


HEARD: list[str] = []
LISTENING: list[bool] = []


def hear(event: str, _given: tuple[Any, ...]) -> None:
    """Note what is done while a file is tried."""
    if LISTENING and event.startswith(WATCHED):
        HEARD.append(event)


@pytest.fixture(scope="module", autouse=True)
def audited() -> None:
    """Listen to what the interpreter does; a hook can't be taken away, but can stop listening."""
    tried(file_of({"id": "acme/rule", "title": "It is so", "risk": "amount > NOW()"}))
    sys.addaudithook(hear)


def harmless(text: str) -> str:
    """Try a file, and demand that nothing outside was touched and that a refusal is a sentence."""
    HEARD.clear()
    LISTENING.append(True)
    try:
        said = tried(text)
    finally:
        LISTENING.clear()
    assert HEARD == []
    assert "Traceback" not in said
    return said


@settings(quick, max_examples=150)
@given(rule=near)
def test_rules_that_are_nearly_right(rule: dict[str, Any]) -> None:
    """Expressions of any kind are read or refused, with the file and the check in the sentence."""
    said = harmless(file_of(rule))
    assert said == "" or said.startswith(("rules", "acme/rule")), said


@settings(quick, max_examples=100)
@given(rule=st.dictionaries(st.sampled_from(KEYS), values, max_size=6))
def test_any_structure(rule: dict[str, Any]) -> None:
    """Whatever stands under whatever key is read or refused."""
    harmless(file_of(rule))


@settings(quick, max_examples=60)
@given(text=st.text(max_size=80))
def test_any_text(text: str) -> None:
    """A file that is no TOML at all is refused."""
    assert harmless(text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_has_no_place_in_a_condition(attack: str) -> None:
    """Files, clocks, other rows, attributes and what is too deep are refused wherever they stand."""
    for key in ("applies", "risk", "actual"):
        text = attack if key == "actual" else f"amount > {attack}"
        rule = {"id": "acme/rule", "title": "It is so", key: text}
        allowed = key == "actual" and attack == "contains(people, 'x')"
        assert bool(harmless(file_of(rule))) is not allowed, text


@pytest.mark.parametrize("depth", [10, 400, 5_000])
def test_a_file_that_is_nested_without_end(depth: int) -> None:
    """Deep lists end in a sentence, not in a stack that overflows."""
    text = f'[[check]]\nid = "acme/rule"\ntitle = "It"\nevidence = {"[" * depth}{"]" * depth}\n'
    assert harmless(text)
