"""What checks say about rows of facts: the three forms, overrides, and who pays for an error."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import polars as pl
import pytest

from dealreview import (
    Columns,
    Deal,
    Expected,
    Fact,
    MoneyAtRisk,
    Outcome,
    Param,
    Quantity,
    Rules,
    Verdict,
    check,
    facts,
)
from dealreview.engine.config import Config, Override
from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.facttable import FactTable
from dealreview.engine.registry import Problem
from dealreview.engine.selection import make_selection
from dealreview.model.outcome import Kind
from tests.support.packs import accepted, frame_of, judge, outcomes

ASK = ["What changed?"]


@facts(
    "deal",
    Fact("acme_size", "int", "Size."),
    Fact("acme_share", "real", "Share."),
    Fact("acme_big", "bool", "Big."),
    Fact("acme_segment", "text", "Segment."),
)
def given(inputs: Any) -> Any:
    """Facts of each type."""


@check.columns("acme/share", severity="major", ask=ASK)
def share(
    d: Columns,
    *,
    soft: Annotated[float, Param("Watch above", ge=0, le=1, at_most="hard")] = 0.15,
    hard: Annotated[float, Param("Risk above", ge=0, le=1)] = 0.25,
) -> Rules:
    """A share is small."""
    return Rules(risk=d.acme_share > hard, watch=d.acme_share > soft, message="{acme_share:share}")


@check("acme/size", severity="minor", needs=["acme_size"], reads=["acme_big"], ask=ASK)
def size(deal: Deal, *, least: Annotated[int, Param("Watch below", ge=0, le=100)] = 10) -> Verdict:
    """A deal is not small."""
    if deal.acme_big:
        return Verdict.not_applicable()
    return Verdict.watch("small") if deal.acme_size < least else Verdict.passed()


def override(when: str, on: str = "deal", **checks: dict[str, Any]) -> Override:
    """Return settings for some subjects; ``share`` stands for ``acme/share``."""
    return Override(when, Kind(on), {f"acme/{name}": values for name, values in checks.items()})


# --- functions -----------------------------------------------------------------------------------


def test_a_function_is_not_called_without_what_it_needs() -> None:
    """An unknown need is insufficient data before the call; what is read may be unknown."""
    rows = [{"acme_size": None}, {"acme_size": 3, "acme_big": None}, {"acme_size": 30}]
    found = judge(accepted(given, size), rows)["acme/size"]
    assert outcomes(found) == ["insufficient_data", "watch", "pass"]
    assert found.said[0].missing == ("acme_size",)


def test_each_subject_lacks_what_is_unknown_of_it() -> None:
    """Of several needs only those that are unknown are named; what is only read is not."""

    @check("acme/pair", needs=["acme_size", "acme_big"], reads=["acme_share"], ask=ASK)
    def pair(deal: Deal) -> Verdict:
        """Two facts are needed."""
        return Verdict.passed()

    known = [(3, True), (None, True), (3, None), (None, None), (None, False)]
    rows = [{"acme_size": size, "acme_big": big, "acme_share": None} for size, big in known]
    found = judge(accepted(given, pair), rows)["acme/pair"]
    assert {row: verdict.missing for row, verdict in found.said.items()} == {
        1: ("acme_size",),
        2: ("acme_big",),
        3: ("acme_size", "acme_big"),
        4: ("acme_size",),
    }


def test_what_passes_without_a_word_is_not_kept() -> None:
    """Of subjects that pass or that it does not look at only the outcome is kept; a message is."""
    said = {"s0": Verdict.passed(), "s1": Verdict.passed("well"), "s2": Verdict.not_applicable()}

    @check("acme/quiet", needs=["acme_size"], ask=ASK)
    def quiet(deal: Deal) -> Verdict:
        """Hardly anything is said."""
        return said[deal.id]

    found = judge(accepted(given, quiet), [{"acme_size": 3}] * 3)["acme/quiet"]
    assert outcomes(found) == ["pass", "pass", "not_applicable"]
    assert {row: verdict.message for row, verdict in found.said.items()} == {1: "well"}


def test_a_function_sees_only_what_it_asked_for() -> None:
    """A fact that was not asked for is an error that says the mend, and a subject can't be changed."""

    @check("acme/nosy", needs=["acme_size"], ask=ASK)
    def nosy(deal: Deal) -> Verdict:
        """Look at what was not asked for."""
        return Verdict.watch(str(deal.acme_big))

    @check("acme/meddling", needs=["acme_size"], ask=ASK)
    def meddling(deal: Deal) -> Verdict:
        """Change what was given."""
        deal.acme_size = 4
        return Verdict.passed()

    found = judge(accepted(given, nosy, meddling), [{"acme_size": 3}])
    assert "add it to needs or reads" in str(found["acme/nosy"].problem)
    assert "can't be changed" in str(found["acme/meddling"].problem)


def test_a_function_gets_its_related_records() -> None:
    """Records of the subject come in order, of the tables that the check asked for and no other."""

    @check("acme/people", related={"stakeholders": ["contact_id"]}, ask=ASK)
    def people(deal: Deal) -> Verdict:
        """Somebody is there."""
        names = [record["contact_id"] for record in deal.related["stakeholders"]]
        return Verdict.strength(f"{deal.id} {names} {sorted(deal.related)}")

    related = {"stakeholders": {"s0": ({"contact_id": "c1"}, {"contact_id": "c2"})}, "deals": {}}
    found = judge(accepted(given, people), [{}, {}], related=related)["acme/people"]
    assert [found.said[row].message for row in range(2)] == [
        "s0 ['c1', 'c2'] ['stakeholders']",
        "s1 [] ['stakeholders']",
    ]


def returning(value: Any) -> Any:
    """Return a check whose function returns or raises a value on the second subject."""

    def function(deal: Deal) -> Any:
        """Say something."""
        if deal.id != "s1":
            return Verdict.passed()
        if isinstance(value, BaseException):
            raise value
        return value

    return check("acme/odd", needs=["acme_size"], ask=ASK)(function)


class MuteError(Exception):
    """An exception that can't say what happened."""

    def __str__(self) -> str:
        raise RuntimeError("mute")


ODD: dict[str, tuple[Any, str]] = {
    "nothing": (None, "returned None instead of a Verdict"),
    "an outcome": (Outcome.RISK, "instead of a Verdict"),
    "true": (True, "returned True instead of a Verdict"),
    "error": (Verdict(Outcome.ERROR), "which only the engine can say"),
    "not reviewed": (Verdict(Outcome.NOT_REVIEWED), "which only the engine can say"),
    "an outcome as text": (Verdict("risk"), "a verdict whose outcome is 'risk'"),  # type: ignore[arg-type]
    "no message": (Verdict.risk(None), "a verdict whose message is None"),  # type: ignore[arg-type]
    "a bare number": (Verdict.risk("x", actual=3), "a verdict whose actual is 3"),
    "money of no kind": (
        Verdict.risk("x", money_at_risk=MoneyAtRisk("margn", 3, "EUR")),
        "a verdict whose money_at_risk is MoneyAtRisk(kind='margn'",
    ),
    "money in fractions": (
        Verdict.risk("x", money_at_risk=MoneyAtRisk("margin", 3.5, "EUR")),  # type: ignore[arg-type]
        "minor=3.5",
    ),
    "evidence of numbers": (Verdict.risk("x", evidence=(1,)), "a verdict whose evidence is (1,)"),
    "no number": (Verdict.risk("x", actual=Quantity(float("nan"))), "a verdict whose actual is"),
    "an object": (Verdict.risk("x", actual=Quantity(object())), "a verdict whose actual is"),
    "missing an object": (Verdict.insufficient("x", object()), "a verdict whose missing is"),  # type: ignore[arg-type]
    "an unknown operator": (
        Verdict.risk("x", expected=Expected("zz", 1)),
        "a verdict whose expected is",
    ),
    "an exception": (ValueError("no luck"), "raised ValueError: no luck"),
    "an exit": (SystemExit(4), "raised SystemExit: 4"),
    "a panic": (pl.exceptions.PanicException("ouch"), "raised PanicException: ouch"),
    "an exception without a word": (MuteError(), "raised MuteError"),
}


@pytest.mark.parametrize("case", ODD)
def test_a_function_that_raises_or_says_nothing(case: str) -> None:
    """Only the subject on which it happened is an error, and the check is named."""
    value, cause = ODD[case]
    found = judge(accepted(given, size, returning(value)), [{"acme_size": 3}] * 3)
    assert outcomes(found["acme/odd"]) == ["pass", "error", "pass"]
    problem = found["acme/odd"].problem
    assert problem is not None
    assert "acme/odd" in problem.where
    assert cause in problem.cause
    assert problem.cause.count(", on deal:") == 1
    assert (found["acme/size"].problem, outcomes(found["acme/size"])) == (None, ["watch"] * 3)


def test_an_interruption_ends_the_run() -> None:
    """Ctrl-C inside a check is not a finding."""
    with pytest.raises(KeyboardInterrupt):
        judge(accepted(given, returning(KeyboardInterrupt())), [{"acme_size": 3}] * 2)


# --- columns -------------------------------------------------------------------------------------


def test_columns() -> None:
    """Conditions are asked in the order of the ladder, over every row at once."""
    rows = [{"acme_share": value} for value in (0.1, 0.15, 0.2, 0.25, 0.3, None)]
    found = judge(accepted(given, share), rows)["acme/share"]
    assert outcomes(found) == ["pass", "pass", "watch", "watch", "risk", "insufficient_data"]
    assert found.weights.to_list() == [5] * 6


@pytest.mark.parametrize("height", [0, 1, 2])
def test_any_number_of_rows(height: int) -> None:
    """No subject, one and several are judged by every form, with and without overrides."""
    config = Config(overrides=(override("acme_big", share={"severity": "minor"}),))
    rows = [{"acme_share": 0.2, "acme_size": 3}] * height
    for settings in (Config(), config):
        found = judge(accepted(given, share, size), rows, settings)
        assert [outcomes(result) for result in found.values()] == [["watch"] * height] * 2
        assert [len(result.weights) for result in found.values()] == [height] * 2


class Sometimes:
    """Columns functions that behave while they are loaded and not afterwards."""

    def __init__(self, then: Any) -> None:
        self.then = then
        self.asked = 0

    def check(self, check_id: str = "acme/odd") -> Any:
        """Return the check."""

        def function(d: Columns) -> Any:
            """A share is small."""
            self.asked += 1
            if self.asked == 1:
                return Rules(watch=d.acme_share > 0.5, message="x")
            if isinstance(self.then, BaseException):
                raise self.then
            return self.then(d)

        return check.columns(check_id, severity="blocker", ask=ASK)(function)


LATER: dict[str, tuple[Any, str]] = {
    "nothing": (lambda _d: None, "returned NoneType instead of Rules"),
    "a verdict": (lambda _d: Verdict.passed(), "returned Verdict instead of Rules"),
    "an exception": (ValueError("no luck"), "raised ValueError: no luck"),
    "an exit": (SystemExit(3), "raised SystemExit: 3"),
    "a panic": (pl.exceptions.PanicException("ouch"), "raised PanicException: ouch"),
    "an expression that raises": (
        lambda d: Rules(watch=d.acme_segment - 1 > 2, message="x"),
        "'-' needs number, not text",
    ),
    "a condition of another type": (
        lambda d: Rules(watch=d.acme_size, message="x"),
        "the condition 'watch' is a number",
    ),
    "a message that can't be printed": (
        lambda d: Rules(watch=d.acme_size > 3, message="{acme_size:date}"),
        "prints 'acme_size' as date",
    ),
}


@pytest.mark.parametrize("case", LATER)
def test_a_columns_check_that_fails_is_an_error_alone(case: str) -> None:
    """It is an error on every subject and named; every other check says what it says without it."""
    then, cause = LATER[case]
    registry = accepted(given, share, size, Sometimes(then).check())
    found = judge(registry, [{"acme_share": 0.2, "acme_size": 3}, {}])
    assert outcomes(found["acme/odd"]) == ["error", "error"]
    problem = found["acme/odd"].problem
    assert problem is not None
    assert cause in problem.cause
    assert found["acme/odd"].weights.to_list() == [10, 10]
    assert outcomes(found["acme/share"]) == ["watch", "insufficient_data"]
    assert outcomes(found["acme/size"]) == ["watch", "insufficient_data"]


def test_an_expression_that_raises_is_an_error_alone() -> None:
    """What only fails when all conditions run together costs the one check that it belongs to."""

    @check.columns("acme/odd", severity="major", ask=ASK)
    def odd(d: Columns) -> Rules:
        """A deal is not big."""
        return Rules(watch=d.acme_big, message="x")

    registry = accepted(given, share, odd)
    frame = frame_of(registry, Kind.DEAL, [{"acme_share": 0.2}, {"acme_share": 0.3}] * 3)
    frame = frame.with_columns(acme_big=pl.Series(["not", "bool"] * 3))
    selection = make_selection(registry, Config())
    types = registry.fact_types[Kind.DEAL]
    found = evaluate_kind(selection, selection.checks, Kind.DEAL, FactTable(frame), types, {}, {})
    assert [outcomes(result) for result in found] == [["error"] * 6, ["watch", "risk"] * 3]
    assert "raised" in str(found[0].problem)
    assert found[1].problem is None


def test_an_interruption_of_a_columns_check_ends_the_run() -> None:
    """Ctrl-C inside a check is not a finding."""
    registry = accepted(given, Sometimes(KeyboardInterrupt()).check())
    with pytest.raises(KeyboardInterrupt):
        judge(registry, [{}])


@pytest.mark.parametrize("height", [0, 1, 3])
def test_rules_without_a_fact(height: int) -> None:
    """What does not depend on the subject holds for every subject, also when it is asked alone."""
    always = Sometimes(lambda _d: Rules(watch=True, message="x")).check()
    alone = judge(accepted(given, always), [{}] * height)
    assert outcomes(alone["acme/odd"]) == ["watch"] * height


def test_a_broken_fact_makes_its_checks_an_error() -> None:
    """A check over a fact that could not be computed is an error that names the fact and its cause."""
    broken = {(Kind.DEAL, "acme_share"): Problem("facts of acme/given", "no luck", kind="fact")}
    found = judge(accepted(given, share, size), [{"acme_size": 3}], broken=broken)
    assert outcomes(found["acme/share"]) == ["error"]
    problem = found["acme/share"].problem
    assert problem is not None
    assert "needs the fact 'acme_share'" in problem.cause
    assert "no luck" in problem.mend
    assert outcomes(found["acme/size"]) == ["watch"]


def test_a_broken_fact_of_another_kind_is_another_fact() -> None:
    """A fact of the same name of another kind of subject may be broken."""
    broken = {(Kind.ACCOUNT, "acme_share"): Problem("facts", "no luck")}
    found = judge(accepted(given, share), [{"acme_share": 0.2}], broken=broken)
    assert outcomes(found["acme/share"]) == ["watch"]


# --- overrides -----------------------------------------------------------------------------------

ROWS = [
    {"acme_share": 0.2, "acme_segment": "large", "acme_big": True},
    {"acme_share": 0.2, "acme_segment": "large", "acme_big": False},
    {"acme_share": 0.2, "acme_segment": "small", "acme_big": True},
    {"acme_share": 0.2, "acme_segment": None, "acme_big": None},
]


def test_an_override_holds_for_whom_its_condition_is_true() -> None:
    """Where the condition is false or unknown the check keeps its parameters."""
    config = Config(overrides=(override("acme_segment = 'large'", share={"soft": 0.2}),))
    found = judge(accepted(given, share), ROWS, config)["acme/share"]
    assert outcomes(found) == ["pass", "pass", "watch", "watch"]


def test_later_overrides_win_key_by_key() -> None:
    """Of several that hold, each key is that of the last one that gives it."""
    config = Config(
        checks={"acme/share": {"hard": 0.3}},
        overrides=(
            override("acme_segment = 'large'", share={"soft": 0.05, "severity": "blocker"}),
            override("acme_big", share={"hard": 0.18, "severity": "info"}),
        ),
    )
    found = judge(accepted(given, share), ROWS, config)["acme/share"]
    sets = [found.groups[number].effective for number in found.group]
    assert [(s.values["soft"], s.values["hard"], s.severity) for s in sets] == [
        (0.05, 0.18, "info"),
        (0.05, 0.3, "blocker"),
        (0.15, 0.18, "info"),
        (0.15, 0.3, "major"),
    ]
    assert outcomes(found) == ["risk", "watch", "risk", "watch"]
    assert found.weights.to_list() == [0, 10, 0, 5]
    assert [found.severity(row) for row in range(4)] == ["info", "blocker", "info", "major"]
    assert sets[0].origins == {
        "soft": "override 1",
        "hard": "override 2",
        "severity": "override 2",
    }
    assert sets[3].origins["hard"] == "configuration"


def test_overrides_of_a_function() -> None:
    """A function is called with the parameters of its subject's group."""
    config = Config(overrides=(override("acme_segment = 'large'", size={"least": 0}),))
    rows = [{**row, "acme_size": 3, "acme_big": False} for row in ROWS]
    found = judge(accepted(given, size), rows, config)["acme/size"]
    assert outcomes(found) == ["pass", "pass", "watch", "watch"]


def test_a_check_is_asked_once_for_each_set_of_parameters() -> None:
    """Overrides that change how much it matters alone give one call, however many subjects there are."""
    later = Sometimes(lambda d: Rules(watch=d.acme_share > 0.1, message="x"))
    registry = accepted(given, later.check())
    conditions = ("acme_big", "acme_segment = 'large'", "acme_size > 3")
    config = Config(
        overrides=tuple(override(when, odd={"severity": "minor"}) for when in conditions)
    )
    rows = [{"acme_big": True, "acme_share": 0.2}, {"acme_share": 0.2}] * 50
    asked = later.asked
    found = judge(registry, rows, config)["acme/odd"]
    assert later.asked - asked == 1
    assert outcomes(found) == ["watch"] * 100
    assert found.weights.to_list() == [2, 10] * 50


def test_an_override_of_one_check_leaves_the_others() -> None:
    """Groups are those of a check, not of the subjects."""

    @check.columns("acme/twin", severity="major", ask=ASK)
    def twin(d: Columns) -> Rules:
        """A share is small."""
        return Rules(watch=d.acme_share > 0.15, message="x")

    config = Config(overrides=(override("acme_big", share={"soft": 0.2}),))
    found = judge(accepted(given, share, twin), ROWS, config)
    assert outcomes(found["acme/share"]) == ["pass", "watch", "pass", "watch"]
    assert outcomes(found["acme/twin"]) == ["watch"] * 4


def test_an_error_keeps_the_severity_of_its_group() -> None:
    """Where a check fails, it still weighs what the configuration says."""
    registry = accepted(given, Sometimes(ValueError("no luck")).check())
    config = Config(overrides=(override("acme_big", odd={"severity": "minor"}),))
    found = judge(registry, ROWS, config)["acme/odd"]
    assert found.weights.to_list() == [2, 10, 2, 10]


def test_nothing_of_a_frame_is_lost_between_forms() -> None:
    """Many checks of every form come back in the order of their ids."""
    members = [Sometimes(lambda d: Rules(watch=d.acme_big, message="x")) for _ in range(5)]
    named = [member.check(f"acme/odd{number}") for number, member in enumerate(members)]
    registry = accepted(given, size, *reversed(named), share)
    assert list(judge(registry, ROWS)) == sorted(registry.by_id)


def test_recursion_without_end() -> None:
    """A check that never comes back from its own calls is an error like any other."""

    @check("acme/deep", needs=["acme_size"], ask=ASK)
    def deep(deal: Deal) -> Verdict:
        """Go deeper."""
        return deep(deal)

    limit = sys.getrecursionlimit()
    found = judge(accepted(given, deep), [{"acme_size": 1}])["acme/deep"]
    assert "RecursionError" in str(found.problem)
    assert sys.getrecursionlimit() == limit
