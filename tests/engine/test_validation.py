"""What the contract does not allow is refused, each with file, culprit and mend."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from attrs import evolve

from dealreview import (
    Cite,
    Columns,
    Deal,
    Exposure,
    Fact,
    Limit,
    Param,
    Rules,
    Verdict,
    at_most,
    check,
    facts,
)
from dealreview.checks.parameters import Parameter
from dealreview.engine.loader import load_packs
from dealreview.engine.validation import Loaded
from dealreview.model.outcome import Kind
from tests.support.packs import accepted, pack_of, registry_of, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASK = ["What changed?"]


@facts(
    "deal",
    Fact("acme_size", "int", "Size.", "people"),
    Fact("acme_share", "real", "Share.", "share"),
    Fact("acme_big", "bool", "Big."),
    Fact("acme_word", "text", "Word."),
    Fact("acme_day", "date", "Day."),
    Fact("acme_people", "set", "People."),
)
def given(inputs: Any) -> Any:
    """Facts of each type."""


@check.columns("acme/late", ask=ASK)
def late(d: Columns) -> Rules:
    """A deal keeps its date."""
    return Rules(watch=d.acme_big, message="late")


def columns(
    make: Callable[[Columns], Any], check_id: str = "acme/mine", **options: Any
) -> Callable[..., Any]:
    """Return a check over columns that returns what ``make`` does."""

    def function(d: Columns) -> Any:
        """A deal keeps its date."""
        return make(d)

    return check.columns(check_id, **{"ask": ASK, **options})(function)


def refusal(*members: Callable[..., Any], **rest: Any) -> str:
    """Return the one problem of a pack, whose other check is not touched by it."""
    registry = registry_of(given, late, *members, **rest)
    assert "acme/late" in registry.by_id
    [problem] = registry.problems
    assert problem.kind in {"check", "fact"}
    return str(problem)


# --- checks --------------------------------------------------------------------------------------


def test_what_is_allowed() -> None:
    """A check over columns and a function over a deal that say all they must are accepted."""

    @check(
        "acme/function", needs=["acme_size"], ask="Who else?", related={"stakeholders": ["deal_id"]}
    )
    def function(deal: Deal) -> Verdict:
        """A deal is not small."""
        return Verdict.passed()

    assert sorted(accepted(given, late, function).by_id) == ["acme/function", "acme/late"]


BAD_RULES: dict[str, tuple[Callable[[Columns], Any], str]] = {
    "an unknown fact": (lambda d: Rules(risk=d.acme_bgi, message="x"), "Did you mean 'acme_big'?"),
    "a number as a condition": (
        lambda d: Rules(risk=d.acme_size, message="x"),
        "the condition 'risk' is a number. Compare it with something.",
    ),
    "a text compared with a number": (
        lambda d: Rules(watch=d.acme_word > 3, message="x"),
        "the condition 'watch' makes no sense: '>' compares text with number.",
    ),
    "a condition without a fact": (
        lambda d: Rules(watch=d.acme_big, risk=True, message="x"),
        "the condition 'risk' reads no fact.",
    ),
    "nothing but applies": (lambda d: Rules(applies=d.acme_big), "can give no finding"),
    "no message": (lambda d: Rules(risk=d.acme_big), "has no message for risk"),
    "a message for another outcome only": (
        lambda d: Rules(risk=d.acme_big, message={"watch": "x"}),
        "has no message for risk",
    ),
    "a message with an unknown name": (
        lambda d: Rules(risk=d.acme_big, message="{acme_siez:count}"),
        "prints 'acme_siez': no fact, parameter or value. Did you mean 'acme_size'?",
    ),
    "a message with an attribute": (
        lambda d: Rules(risk=d.acme_big, message="{acme_size.real}"),
        "must be a plain name",
    ),
    "a message with an unknown format": (
        lambda d: Rules(risk=d.acme_big, message="{acme_size:days2}"),
        "no format 'days2'",
    ),
    "a text printed as a share": (
        lambda d: Rules(risk=d.acme_big, message="{acme_word:share}"),
        "prints 'acme_word' as share, which takes a number; it is a text",
    ),
    "a date printed as days": (
        lambda d: Rules(risk=d.acme_big, message="{acme_day:days}"),
        "which takes a number; it is a date",
    ),
    "a number printed as people": (
        lambda d: Rules(risk=d.acme_big, message="{acme_size:people}"),
        "which takes a set; it is a number",
    ),
    "a value printed as what it is not": (
        lambda d: Rules(risk=d.acme_big, message="{x:date}", values={"x": d.acme_size - 1}),
        "prints 'x' as date, which takes a date; it is a number",
    ),
    "a condition that is too deep": (
        lambda d: Rules(risk=sum([d.acme_size] * 60) > 3, message="x"),
        "more than 50 sums, products and divisions within each other",
    ),
    "a value that makes no sense": (
        lambda d: Rules(risk=d.acme_big, message="x", values={"x": d.acme_word - 1}),
        "the value 'x' makes no sense",
    ),
    "an actual value that makes no sense": (
        lambda d: Rules(risk=d.acme_big, message="x", actual=d.acme_word / 2),
        "the actual value makes no sense",
    ),
    "a limit that makes no sense": (
        lambda d: Rules(risk=d.acme_big, message="x", expected=at_most(d.acme_day * 2)),
        "makes no sense",
    ),
    "a number of cases that is none": (
        lambda d: Rules(risk=d.acme_big, message="x", expected=Limit("<=", 3, n=d.acme_word)),
        "is a text, not a number",
    ),
    "money that is no number": (
        lambda d: Rules(risk=d.acme_big, message="x", at_risk=Exposure("delay", d.acme_word)),
        "the money at risk is a text, not a number",
    ),
    "evidence from an unknown table": (
        lambda d: Rules(risk=d.acme_big, message="x", evidence=[Cite("deal", "name", d.acme_word)]),
        "Did you mean 'deals'?",
    ),
    "rows that are no set": (
        lambda d: Rules(
            risk=d.acme_big, message="x", evidence=[Cite("people", "name", ids=d.acme_word)]
        ),
        "is a text, not a set",
    ),
    "nothing": (lambda _d: None, "returned NoneType. Return Rules(...)."),
    "a frame expression": (lambda d: d.acme_big, "returned Column. Return Rules(...)."),
    "an exception": (lambda _d: 1 / 0, "can't be tried on no rows: division by zero"),
    "an exit": (lambda _d: sys.exit(3), "can't be tried on no rows: 3"),
    "an if": (lambda d: Rules(risk=d.acme_big and d.acme_big, message="x"), "use & for and"),
}


@pytest.mark.parametrize("case", BAD_RULES)
def test_rules_that_are_refused(case: str) -> None:
    """What could not be computed or printed later is refused while the pack is loaded."""
    make, sentence = BAD_RULES[case]
    said = refusal(columns(make))
    assert said.startswith("check 'acme/mine' of test 1 (test_validation.py:")
    assert sentence in said


BAD_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "no question": ({"ask": []}, "asks no question"),
    "a why-question": ({"ask": ["Why is it late?"]}, "starts with why"),
    "a closed question": ({"ask": ["Have you met them?"]}, "answered by yes or no"),
    "the second of two": ({"ask": ["What changed?", "Did it?"]}, "answered by yes or no"),
    "an order": ({"ask": ["Call them."]}, "is no question"),
    "an unknown status": ({"status": "new"}, "status is one of"),
    "deprecated for nothing": ({"status": "deprecated"}, "without a replacement"),
    "no subject": ({"on": []}, "judges nothing"),
    "an unknown table": ({"requires": ["deal.amount_minor"]}, "Did you mean 'deals'"),
    "an unknown column": ({"requires": ["deals.amount"]}, "Did you mean 'amount_minor'"),
    "a kind without the fact": ({"on": ["deal", "account"]}, "no fact 'acme_big' on account"),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_options_that_are_refused(case: str) -> None:
    """What a check says about itself must be complete and true."""
    options, sentence = BAD_OPTIONS[case]
    assert sentence in refusal(columns(lambda d: Rules(risk=d.acme_big, message="x"), **options))


@pytest.mark.parametrize(
    ("check_id", "sentence"),
    [
        ("acme/Late", "is no id for a check"),
        ("acme_late", "is no id for a check"),
        ("acme/late/very", "is no id for a check"),
        ("other/mine", "Name it 'acme/mine'"),
        ("pricing/mine", "Name it 'acme/mine'"),
        ("acme/late", "the id 'acme/late' is taken by test 1 (test_validation.py:"),
    ],
)
def test_ids_that_are_refused(check_id: str, sentence: str) -> None:
    """An id stands in the pack's namespace, in lower case, once."""
    make = columns(lambda d: Rules(risk=d.acme_big, message="x"), check_id)
    assert sentence in refusal(make)


def test_a_former_id_that_is_taken() -> None:
    """A check can't have been called what another one is called."""
    make = columns(lambda d: Rules(risk=d.acme_big, message="x"), renamed_from=["acme/late"])
    assert "the id 'acme/late' is taken" in refusal(make)


def test_an_id_of_another_pack() -> None:
    """Of two packs with the same check the second is refused and the first named."""
    first = Loaded(pack_of(given, late), "first", "1")
    local = Loaded(pack_of(late, name="local"), "folder", "2", own_namespace=False)
    registry = registry_of(name="third", extra=[first, local])
    [problem] = [p for p in registry.problems if p.kind == "check"]
    assert "taken by first" in str(problem)
    assert [c.id for c in registry.checks] == ["acme/late"]


def test_a_local_file_in_a_built_in_namespace() -> None:
    """A local file brings its own namespace, but never that of a built-in pack."""
    make = columns(lambda d: Rules(risk=d.acme_big, message="x"), "pricing/mine")
    local = Loaded(pack_of(make, name="local"), "folder", "2", own_namespace=False)
    registry = registry_of(given, extra=[local])
    assert "namespace of the built-in pack 'pricing'" in told(registry)


def test_no_docstring() -> None:
    """A check without a docstring has no title."""

    @check.columns("acme/mine", ask=ASK)
    def function(d: Columns) -> Rules:
        return Rules(risk=d.acme_big, message="x")

    assert "has no docstring" in refusal(function)


def test_a_soft_limit_beyond_the_hard_one() -> None:
    """Defaults that contradict each other are refused."""

    @check.columns("acme/mine", ask=ASK)
    def function(
        d: Columns,
        *,
        soft: Annotated[float, Param("Watch above", ge=0, le=1, at_most="hard")] = 0.5,
        hard: Annotated[float, Param("Risk above", ge=0, le=1)] = 0.3,
    ) -> Rules:
        """A share is small."""
        return Rules(risk=d.acme_share > hard, watch=d.acme_share > soft, message="x")

    assert "'soft' = 0.5 lies beyond 'hard' = 0.3" in refusal(function)


@pytest.mark.parametrize(
    ("info", "sentence"),
    [
        (Param("x", ge=3), "out of bounds"),
        (Param("x", at_most="hrad"), "at most 'hrad', no parameter"),
    ],
)
def test_a_default_that_is_not_allowed(info: Param, sentence: str) -> None:
    """A default must keep its own bounds, and be at most a parameter that exists."""
    function = columns(lambda d: Rules(risk=d.acme_size > 2, message="x"))
    function.__dealreview_check__ = evolve(  # type: ignore[attr-defined]
        function.__dealreview_check__,  # type: ignore[attr-defined]
        parameters=(Parameter("soft", int, 2, info),),
    )
    assert sentence in refusal(function)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "reads nothing"),
        ({"needs": ["acme_siez"]}, "Did you mean 'acme_size'"),
        ({"reads": ["nothing_like_it"]}, "no fact 'nothing_like_it' on deal"),
        ({"needs": ["acme_size"], "related": {"stakeholder": ["deal_id"]}}, "Did you mean"),
        ({"needs": ["acme_size"], "related": {"deals": ["nmae"]}}, "Did you mean 'name'"),
        ({"needs": ["acme_size"], "related": {"accounts": ["name"]}}, "which has no deal_id"),
    ],
)
def test_functions_that_are_refused(options: dict[str, Any], sentence: str) -> None:
    """A function asks for facts and records that exist and can belong to its subject."""

    @check("acme/mine", ask=ASK, **options)
    def function(deal: Deal) -> Verdict:
        """A deal is not small."""
        return Verdict.passed()

    assert sentence in refusal(function)


# --- facts ---------------------------------------------------------------------------------------


def provider(*columns: Fact, name: str = "mine", **options: Any) -> Callable[..., Any]:
    """Return a provider of the facts."""

    def function(inputs: Any) -> Any:
        """Compute nothing."""

    function.__name__ = name
    return facts("deal", *columns, **options)(function)


ONE = Fact("acme_one", "int", "One.")
BAD_FACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "no fact": (provider(), "declares no facts"),
    "another prefix": (provider(Fact("one", "int", "One.")), "must start with 'acme_'"),
    "no name": (provider(Fact("acme_One", "int", "One.")), "is no name for a fact"),
    "no description": (provider(Fact("acme_one", "int", " ")), "has no description"),
    "twice": (provider(ONE, ONE), "declares the fact 'acme_one' twice"),
    "taken": (provider(Fact("acme_size", "int", "Size.")), "exists already in acme/given"),
    "an unknown table": (provider(ONE, reads={"deal": ["deal_id"]}), "Did you mean 'deals'"),
    "an unknown column": (provider(ONE, reads={"deals": ["id"]}), "has no column 'id'"),
    "an unknown requirement": (
        provider(Fact("acme_one", "int", "One.", requires=["deals.closed"])),
        "Did you mean 'closed_on'",
    ),
    "an unknown origin": (
        provider(Fact("acme_one", "int", "One.", origin="stage.name")),
        "Did you mean 'stages'",
    ),
    "an unknown use": (provider(ONE, uses=["acme_siez"]), "Did you mean 'acme_size'"),
    "a use of an unknown kind": (provider(ONE, uses=["dael.acme_size"]), "no kind of subject"),
    "itself": (provider(ONE, uses=["acme_one"]), "needs itself"),
    "a function of the same name": (provider(ONE, name="given"), "another function of that name"),
    "a default out of bounds": (
        provider(ONE, params={"days": (9, Param("Days", le=3))}),
        "the default of 'days' is not allowed",
    ),
    "a default that is no plain value": (
        provider(ONE, params={"days": ([1], Param("Days"))}),
        "the default of 'days' is no number",
    ),
}


@pytest.mark.parametrize("case", BAD_FACTS)
def test_facts_that_are_refused(case: str) -> None:
    """A provider that promises what can't be is refused by name; other facts stay."""
    function, sentence = BAD_FACTS[case]
    assert sentence in refusal(function)


def test_a_circle() -> None:
    """Facts that need each other are all refused, and the circle is spelt out."""
    first = provider(ONE, name="first", uses=["acme_two"])
    second = provider(Fact("acme_two", "int", "Two."), name="second", uses=["acme_one"])
    registry = registry_of(first, second, given)
    assert "needs itself through acme/first → acme/second → acme/first" in told(registry)
    assert set(registry.facts[Kind.DEAL]) >= {"acme_size"}
    assert not {"acme_one", "acme_two"} & set(registry.facts[Kind.DEAL])


def test_what_needs_a_refused_fact() -> None:
    """Facts and checks over a refused fact are refused too, and say which."""
    first = provider(ONE, name="first", uses=["nothing"])
    second = provider(Fact("acme_two", "int", "Two."), name="second", uses=["acme_one"])
    registry = registry_of(
        first, second, columns(lambda d: Rules(risk=d.acme_two > 1, message="x"))
    )
    assert "needs acme/first, which was refused" in told(registry)
    assert "no fact 'acme_two' on deal" in told(registry)


def test_a_local_fact_over_an_organisation_fact() -> None:
    """A local fact must not depend on rows of other accounts."""
    median = provider(ONE, name="median", step="organisation")
    local = provider(Fact("acme_two", "int", "Two."), name="local", uses=["acme_one"])
    assert "is local and uses 'acme_one', an organisation fact" in refusal(median, local)


def test_providers_come_after_those_they_use() -> None:
    """The order in which functions are declared does not matter."""
    first = provider(Fact("acme_one", "int", "One."), name="first", uses=["acme_two"])
    second = provider(Fact("acme_two", "int", "Two."), name="second")
    names = [p.name for p in accepted(first, second).providers]
    assert names == ["acme/second", "acme/first"]


def test_a_fact_parameter_means_one_thing() -> None:
    """Two functions may share a parameter if they declare it in the same way, and only then."""
    days = (9, Param("Days", ge=1, le=30))
    first = provider(ONE, name="first", params={"days": days})
    two = Fact("acme_two", "int", "Two.")
    same = provider(two, name="second", params={"days": days})
    other = provider(two, name="second", params={"days": (8, Param("Days", ge=1, le=30))})
    accepted(first, same)
    assert "declares the parameter 'days' differently" in refusal(first, other)


def test_a_folder_can_not_pass_for_built_in() -> None:
    """A folder called like the engine's own source gets no facts without a prefix."""
    pack = pack_of(provider(Fact("free", "int", "Free.")), name="pricing")
    local = Loaded(pack, "built in", "1", own_namespace=False)
    assert "must start with 'pricing_'" in told(registry_of(given, extra=[local]))


def test_a_refused_check_is_counted_out() -> None:
    """A pack says how many checks and facts of it can be used."""
    registry = registry_of(given, late, columns(lambda _d: None))
    [pack] = registry.packs
    assert (pack.checks, pack.facts) == (1, 6)


def test_another_version() -> None:
    """Nothing of a pack for another version of the contract is used."""
    pack = evolve(pack_of(given, late), api=99)
    registry = registry_of(given, name="other", extra=[Loaded(pack, "test", "1")])
    assert "was written for version 99" in told(registry)
    assert registry.checks == ()


def test_files_of_a_folder_share_their_namespaces(tmp_path: Path) -> None:
    """A fact may start with the namespace of any check in its folder, whatever its file is called."""
    (tmp_path / "acme.toml").write_text(
        '[[check]]\nid = "acme/big"\ntitle = "Deals are not too big"\nseverity = "minor"\n'
        'ask = ["Who decides this one?"]\nwatch = "acme_size > 3"\nmessage = "{acme_size:count}"\n'
        '[[check.example]]\nfacts = { acme_size = 4 }\nexpect = "watch"\n'
    )
    (tmp_path / "measures.py").write_text(
        "from dealreview import Fact, facts\n"
        '@facts("deal", Fact("acme_size", "int", "Its size."))\n'
        "def size(inputs):\n    return inputs.subjects().select('id', acme_size=3)\n"
    )
    registry = load_packs(folders=[tmp_path], autoload=False)
    assert not registry.problems
    assert "acme/big" in registry.by_id
