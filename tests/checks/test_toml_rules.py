"""Checks in TOML: what a file can say, and what is said about a file that is wrong."""

import pytest

from dealreview.checks.check import check as declare
from dealreview.checks.columns import Columns
from dealreview.checks.ladder import decide
from dealreview.checks.messages import render
from dealreview.checks.terms import evaluate
from dealreview.checks.toml_rules import load_rules, read_rules, run_examples
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import Kind, Outcome, Severity

FACTS = {
    "is_open": "bool",
    "discount": "real",
    "amount": "money",
    "people": "set",
    "closed_on": "date",
}
HEAD = """
[[check]]
id = "acme/deep-discount"
title = "The discount stays inside the band."
"""
FULL = (
    HEAD
    + """
on = ["deal"]
severity = "major"
description = "Longer."
ask = "What did the customer give in return?"
family = "price"
sources = ["own"]
after_close = true
renamed_from = "acme/discount"
version = 2
status = "preview"
requires = ["deals.discount"]
applies = "is_open"
risk = "discount > hard"
watch = "discount > soft"
strength = "discount = 0"
message = { risk = "{discount:share} is {over:share} too much", watch = "{discount:share}" }
actual = "discount"
expected = { risk = { op = "<=", value = "hard", source = "policy" } }
at_risk = { kind = "margin", minor = "amount * over" }
evidence = [
  { table = "deals", field = "discount", value = "discount" },
  { table = "contacts", field = "id", ids = "people" },
]
values = { over = "discount - hard", twice = "over * 2" }

[check.parameters.soft]
default = 0.1
description = "Watch above this share"
ge = 0
le = 1
unit = "share"
at_most = "hard"

[check.parameters.hard]
default = 1
type = "real"
description = "Risk above this share"

[[check.example]]
facts = { is_open = true, discount = 0.5 }
expect = "risk"
params = { hard = 0.3 }

[[check.example]]
facts = { is_open = true }
expect = "insufficient_data"
"""
)


def load(text):
    """Return the one check of a text."""
    (check,) = load_rules(text, "rules.toml")
    return check


def with_line(line):
    """Return a small file with one further line."""
    return f'{HEAD}risk = "discount > 0.2"\n{line}\n'


def test_a_file_becomes_a_check():
    """Every key arrives where a decorator would have put it."""
    check = load(FULL)
    assert (check.id, check.form, check.severity) == (
        "acme/deep-discount",
        "rule",
        Severity.MAJOR,
    )
    assert check.on == (Kind.DEAL,)
    assert check.title == "The discount stays inside the band"
    assert (check.description, check.family, check.version) == ("Longer.", "price", 2)
    assert check.ask == ("What did the customer give in return?",)
    assert (check.sources, check.renamed_from) == (("own",), ("acme/discount",))
    assert (check.after_close, check.status, check.requires) == (
        True,
        "preview",
        ("deals.discount",),
    )
    assert [(p.name, p.type, p.default) for p in check.parameters] == [
        ("soft", float, 0.1),
        ("hard", float, 1.0),
    ]
    assert check.parameters[0].info.at_most == "hard"
    assert check.origin == "rules.toml:3"


def test_its_function_returns_rules_over_the_facts():
    """Conditions, values and money are terms in which parameters are constants."""
    rules = load(FULL).function(Columns("deal", FACTS), soft=0.1, hard=0.25)
    row = {"is_open": True, "discount": 0.5, "amount": 1000, "people": ["p:1"], "closed_on": None}
    assert decide(rules, row) == (Outcome.RISK, ())
    assert rules.inputs == ("amount", "discount", "is_open", "people")
    values = {**row, **{name: evaluate(value, row) for name, value in rules.values.items()}}
    assert render(rules.message["risk"], values) == "50% is 25% too much"
    assert values["twice"] == 0.5
    assert (rules.expected["risk"].op, evaluate(rules.expected["risk"].value, row)) == ("<=", 0.25)
    assert (rules.at_risk.kind, evaluate(rules.at_risk.minor, row)) == ("margin", 250)
    assert [cite.table for cite in rules.evidence] == ["deals", "contacts"]
    assert evaluate(rules.evidence[1].ids, row) == ["p:1"]


def test_little_is_needed():
    """Id, title and a condition make a check; the rest has defaults."""
    check = load(with_line('message = "deep"\nexpected = { op = "<=", value = 0.2 }'))
    rules = check.function(Columns("deal", FACTS))
    assert (check.on, check.severity, check.ask) == ((Kind.DEAL,), Severity.MINOR, ())
    assert check.description == check.title
    assert set(rules.message) == set(rules.expected) == {"risk", "watch", "strength", "pass"}


def test_a_path_is_read_and_named(tmp_path):
    """The origin of a check is the file that it stands in."""
    path = tmp_path / "own.toml"
    path.write_text(with_line(""), encoding="utf-8")
    (check,) = load_rules(path)
    assert check.origin == f"{path}:3"
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_rules(tmp_path / "none.toml")
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_rules(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", "not valid TOML"),
        ("", "has no check"),
        ("[[chek]]", "Did you mean 'check'"),
        ("[check]\nid = 'a/b'", "'check' takes a list"),
        ("[[check]]\ntitle = 'x'", "has no 'id'"),
        ("[[check]]\nid = 'a/b'", "'title' is missing"),
        (with_line("rsik = 'x'"), "check 'acme/deep-discount': 'rsik' is not known. Did you mean"),
        (with_line("severity = 'huge'"), "one of blocker, major, minor, info"),
        (with_line("on = 'deels'"), "Did you mean 'deal'"),
        (with_line("on = 3"), "a text or a list of texts"),
        (with_line("after_close = 1"), "true or false"),
        (with_line("version = true"), "a whole number"),
        (with_line("watch = 3"), "'watch' takes a text"),
        (with_line("actual = []"), "an SQL expression"),
        (with_line("message = { rsk = 'x' }"), "message.rsk.*Did you mean 'risk'"),
        (with_line("message = '{a.b}'"), "plain name"),
        (with_line("message = '{a:furlongs}'"), "no format 'furlongs'"),
        (with_line("expected = { op = '<=' }"), "expected.value' is missing"),
        (with_line("expected = { op = '~', value = 1 }"), "expected.op' takes one of"),
        (with_line("expected = { risk = 3 }"), "expected.risk' takes a table"),
        (with_line("at_risk = { kind = 'fame', minor = 'amount' }"), "margin, value, delay"),
        (with_line("evidence = [{ table = 'deals' }]"), "evidence.field' is missing"),
        (with_line("evidence = [3]"), "list of tables"),
        (with_line("values = { 'a b' = '1' }"), "plain name"),
        (with_line("[check.parameters]\nfloor = 3"), "takes a table"),
        (with_line("[check.parameters.floor]\ndefault = 3"), "description' is missing"),
        (with_line("[check.parameters.floor]\ndescription = 'x'"), "needs a default"),
        (
            with_line("[check.parameters.floor]\ndescription = 'x'\ndefault = 3\nle = 2"),
            "out of bounds",
        ),
        (
            with_line("[check.parameters.a]\ndescription = 'x'\ndefault = 3\nat_most = 'b'"),
            "no parameter",
        ),
        (
            with_line("values = { a = '1' }\n[check.parameters.a]\ndescription='x'\ndefault=3"),
            "both a parameter and a value",
        ),
        (with_line("[[check.example]]\nfacts = {}"), "expect' is missing"),
        (with_line("[[check.example]]\nfacts = {}\nexpect = 'error'"), "example.expect"),
    ],
)
def test_a_wrong_file_is_refused_with_file_check_and_mend(text, reason):
    """The sentence names the file, and the check where there is one."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        load_rules(text, "rules.toml")
    assert caught.value.message.startswith("rules.toml")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("watch = 'discont > 1'", "'watch': .*Did you mean 'discount'"),
        ("watch = 'discount IS NULL'", "must stay unknown"),
        ("actual = 'count(discount)'", "'actual': .*needs set"),
        ("values = { x = 'y' }", "'values.x': .*no fact 'y'"),
        ("at_risk = { kind = 'margin', minor = 'is_open' }", "must be a number"),
    ],
)
def test_an_expression_is_refused_when_the_facts_are_known(line, reason):
    """The sentence names file, check and key."""
    check = load(with_line(line))
    with pytest.raises(ConfigurationError, match=reason) as caught:
        check.function(Columns("deal", FACTS))
    assert caught.value.message.startswith("rules.toml: check 'acme/deep-discount'")


def test_examples_that_hold_say_nothing():
    """A fact that an example does not name is unknown."""
    assert run_examples(load(FULL), FACTS) == []


@pytest.mark.parametrize(
    ("example", "sentence"),
    [
        ("facts = { discount = 0.5 }\nexpect = 'pass'", "expects pass, but it is risk."),
        ("facts = {}\nexpect = 'pass'", "insufficient_data because these are unknown: discount."),
        ("facts = { discont = 0.5 }\nexpect = 'pass'", "Did you mean 'discount'?"),
        ("facts = { discount = 'x' }\nexpect = 'pass'", "'discount' is a number, not 'x'."),
        ("facts = { people = [1] }\nexpect = 'pass'", "a list of texts"),
        ("facts = {}\nexpect = 'pass'\nparams = { x = 1 }", "has no parameter 'x'."),
    ],
)
def test_an_example_that_differs_is_a_sentence(example, sentence):
    """It says which example, what it expects and what it is."""
    (said,) = run_examples(load(with_line(f"[[check.example]]\n{example}")), FACTS)
    assert said.startswith("example 1: ")
    assert sentence in said


def test_a_rule_without_an_example_is_told_so():
    """Nobody ships a rule that was never tried."""
    (said,) = run_examples(load(with_line("")), FACTS)
    assert "[[check.example]]" in said


def test_a_check_in_python_has_no_examples_here():
    """The examples of Python checks are tests."""

    @declare("acme/x", ask="What?", needs="discount")
    def function(deal):
        """Do."""

    assert run_examples(function.__dealreview_check__, FACTS) == []


SHARED = """
[params]
limit = { default = 0.2, description = "Most", ge = 0, le = 1, at_most = "top" }
top = { default = 0.5, description = "Never above", ge = 0, le = 1 }

[[check]]
id = "acme/one"
title = "One"
risk = "discount > limit"
message = "above {limit:share}"

[[check]]
id = "acme/two"
title = "Two"
watch = "discount > floor"
message = "of {top:share}"
[check.parameters]
floor = { default = 0.1, description = "Least", ge = 0, le = 1 }
"""


def test_rules_of_a_file_share_parameters():
    """A rule has those that its expressions and messages name, and those that bound them."""
    one, two = load_rules(SHARED, "rules.toml")
    assert [parameter.name for parameter in one.parameters] == ["limit", "top"]
    assert [parameter.name for parameter in two.parameters] == ["floor", "top"]
    risk = one.function(Columns(Kind.DEAL, FACTS), limit=0.3, top=0.5).conditions["risk"]
    assert evaluate(risk, {"discount": 0.25}) is False


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('title = "Two"', 'titel = "Two"', "check 'acme/two': 'titel' is not known."),
        ('id = "acme/two"', "", "'check 2' has no 'id'."),
        ('message = "of', 'message = "of {', "check 'acme/two': message"),
    ],
)
def test_a_rule_with_a_mistake_costs_only_itself(old, new, reason):
    """The others of its file are read, also where nobody but the refused rule uses a shared parameter."""
    found = read_rules(SHARED.replace(old, new), "rules.toml")
    assert [check.id for check in found.checks] == ["acme/one"]
    assert [reason in error.message for error in found.refused] == [True]


def test_what_only_a_refused_rule_uses_is_no_mistake():
    """A shared parameter of a rule that is refused is not said to be unused."""
    found = read_rules(SHARED.replace('title = "One"', 'titel = "One"'), "rules.toml")
    assert ([check.id for check in found.checks], len(found.refused)) == (["acme/two"], 1)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("floor", "limit", "'limit' stands under [params] too."),
        ("[params]", '[params]\nx = { default = 1, description = "No" }', "'params.x' is used by"),
        (', description = "Most"', "", "'params.limit.description' is missing."),
        ("[params]", "params = 3\n[other]", "'params' takes a table, not 3."),
    ],
)
def test_shared_parameters_that_are_wrong(old, new, reason):
    """One that a rule declares too, one that nobody uses, one that says nothing of itself, none at all."""
    with pytest.raises(ConfigurationError) as raised:
        load_rules(SHARED.replace(old, new), "rules.toml")
    assert reason in raised.value.message
