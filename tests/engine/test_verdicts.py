"""What a verdict says: message, actual, expected, evidence, missing, question, identity."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dealreview import (
    Cite,
    Columns,
    Deal,
    Evidence,
    Exposure,
    Fact,
    Limit,
    Param,
    Rules,
    Verdict,
    above,
    at_least,
    at_most,
    check,
    facts,
)
from dealreview.checks.named import named
from dealreview.checks.terms import Column
from dealreview.engine.config import Config, Override
from dealreview.engine.verdicts import Speaker
from dealreview.model.outcome import Kind, Outcome
from dealreview.model.verdict import fingerprint
from tests.support.packs import accepted, frame_of, judge

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = dt.date(2025, 5, 16)


@facts(
    "deal",
    Fact("acme_terms", "int", "Days net.", "days", origin="deals.payment_terms_days"),
    Fact("acme_share", "real", "Share.", "share"),
    Fact("acme_amount", "money", "Amount.", "deal currency", origin="deals.amount_minor"),
    Fact("acme_future", "money", "Amount.", "reporting currency"),
    Fact("acme_people", "set", "People.", "people"),
    Fact("acme_owner", "text", "Owner.", origin="deals.owner_id"),
    Fact("acme_day", "date", "Day."),
    Fact("acme_n", "int", "Cases."),
    Fact("acme_big", "bool", "Big."),
)
def given(inputs: Any) -> Any:
    """Facts of each type."""


def verdict(
    make: Callable[[Columns], Rules],
    config: Config | None = None,
    names: Callable[[str], str] | None = None,
    **row: Any,
) -> Verdict:
    """Return what a check over columns says about one deal."""

    def function(
        d: Columns,
        *,
        soft: Annotated[int, Param("Watch above", ge=0, le=365, unit="days", at_most="hard")] = 30,
        hard: Annotated[int, Param("Risk above", ge=0, le=365, unit="days")] = 60,
    ) -> Rules:
        """Terms are short."""
        return make(d)

    declared = check.columns("acme/terms", severity="major", ask=["What?", "Who?"], family="terms")
    registry = accepted(given, declared(function))
    [result] = judge(registry, [row], config).values()
    frame = frame_of(registry, Kind.DEAL, [row])
    speaker = Speaker(Kind.DEAL, registry.facts[Kind.DEAL], "EUR", names)
    return speaker.verdict(result, 0, frame.row(0, named=True))


def rules(d: Columns, **rest: Any) -> Rules:
    """Return conditions on terms."""
    given_ = {"risk": d.acme_terms > 60, "watch": d.acme_terms > 30, "message": "x"}
    return Rules(**given_ | rest)


def test_the_frame_of_a_verdict() -> None:
    """It carries check, subject, severity, the first question, the family and its identity."""
    found = verdict(rules, acme_terms=40)
    assert (found.check, found.kind, found.subject_id) == ("acme/terms", "deal", "s0")
    assert (found.severity, found.question, found.family) == ("major", "What?", "terms")
    assert found.fingerprint == fingerprint("acme/terms", Kind.DEAL, "s0")
    assert (found.outcome, found.points_lost) == ("watch", None)


def test_an_identity_is_that_of_check_kind_and_subject() -> None:
    """It stays the same between versions: stored decisions hang on it."""
    assert fingerprint("pricing/margin-floor", "deal", "crm:4417") == "7fef6e08ac476ab9"
    assert fingerprint("a", "b", "c") != fingerprint("a", "bc", "")


# --- messages ------------------------------------------------------------------------------------


def test_a_message_by_outcome() -> None:
    """Each outcome has its own words, and one without any has none."""
    words = {"risk": "far", "watch": "near", "strength": "short"}
    outcomes = {70: "far", 40: "near", 5: "short", 20: ""}
    for terms, message in outcomes.items():
        found = verdict(
            lambda d: rules(d, message=words, strength=d.acme_terms < 10), acme_terms=terms
        )
        assert found.message == message


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{acme_terms:days} of {soft:days}", "40 d of 30 d"),
        ("{acme_share:share}", "25%"),
        ("{acme_amount:money}", "USD 1,234"),
        ("{late:days}", "10 d"),
        ("{acme_day:date}", "16 May 2025"),
        ("{acme_people:people} and {acme_owner:person}", "Ana, Ben and Cem"),
        ("{acme_people:list}", "p1, p2"),
        ("{acme_n:count} of {acme_big}", "unknown of yes"),
    ],
)
def test_what_a_message_prints(template: str, printed: str) -> None:
    """Facts, parameters and named values are printed in their format, people by name."""
    names = {"p1": "Ana", "p2": "Ben", "p3": "Cem"}
    found = verdict(
        lambda d: rules(d, message=template, values={"late": d.acme_terms - 30}),
        names=names.__getitem__,
        acme_terms=40,
        acme_share=0.25,
        acme_amount=123400,
        acme_day=DAY,
        acme_people=["p1", "p2"],
        acme_owner="p3",
        acme_big=True,
        currency="USD",
    )
    assert found.message == printed


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{acme_amount:money} of {acme_future:money}", "USD 5 of EUR 7"),
        ("{twice:money}, {left:money}, {ten:money}", "EUR 14, USD 2, USD 10"),
        ("{soft:money}", "USD 0.30"),
    ],
)
def test_an_amount_is_printed_in_its_own_currency(template: str, printed: str) -> None:
    """What is in the reporting currency, or made of such a fact, says so beside the deal's own."""
    found = verdict(
        lambda d: rules(
            d,
            message=template,
            values={
                "twice": d.acme_future * 2,
                "left": d.acme_amount - 300,
                "ten": d.acme_amount * 2,
            },
        ),
        acme_terms=40,
        acme_amount=500,
        acme_future=700,
        currency="USD",
    )
    assert found.message == printed


def test_people_are_ids_until_somebody_names_them() -> None:
    """Without names the ids are printed."""
    found = verdict(
        lambda d: rules(d, message="{acme_owner:person}"), acme_terms=40, acme_owner="p3"
    )
    assert found.message == "p3"


# --- actual and expected -------------------------------------------------------------------------


def test_actual_and_expected() -> None:
    """The value that was judged is held against the limit in its unit, with where it comes from."""
    found = verdict(lambda d: rules(d, actual=d.acme_terms, expected=at_most(30)), acme_terms=40)
    assert found.actual is not None
    assert found.expected is not None
    assert (found.actual.value, found.actual.unit) == (40, "days")
    assert (found.expected.op, found.expected.value, found.expected.unit) == ("<=", 30, "days")
    assert (found.expected.source, found.expected.n) == ("default", None)


def test_money_carries_its_currency() -> None:
    """An amount is in minor units of the deal's currency, or of the reporting one where it says so."""
    own = verdict(
        lambda d: rules(d, actual=d.acme_amount), acme_terms=40, acme_amount=5, currency="USD"
    )
    other = verdict(
        lambda d: rules(d, actual=d.acme_future), acme_terms=40, acme_future=5, currency="USD"
    )
    bare = verdict(lambda d: rules(d, actual=d.acme_amount), acme_terms=40, acme_amount=5)
    units = [v.actual.unit for v in (own, other, bare) if v.actual]
    assert units == ["USD minor units", "EUR minor units", "EUR minor units"]


def test_a_limit_by_outcome() -> None:
    """A risk may be held against another limit than a watch; other outcomes have none."""
    limits = {"risk": at_most(60), "watch": at_most(30)}
    found = {
        terms: verdict(lambda d: rules(d, expected=limits), acme_terms=terms).expected
        for terms in (70, 40, 10)
    }
    assert [limit and limit.value for limit in found.values()] == [60, 30, None]


def test_where_a_limit_comes_from() -> None:
    """A publication, or what set the very parameter that the limit is made of."""
    configured = Config(checks={"acme/terms": {"soft": 20}})
    overridden = Config(overrides=(Override("acme_big", Kind.DEAL, {"acme/terms": {"soft": 20}}),))
    severity = Config(checks={"acme/terms": {"severity": "minor"}})
    published = at_most(named("soft", 30), source="a survey of 2019")
    other = at_most(named("hard", 60), source="a survey of 2019")

    def source(limit: Limit, config: Config | None = None, **row: Any) -> Any:
        found = verdict(lambda d: rules(d, expected=limit), config, acme_terms=40, **row).expected
        return found and (found.source, found.n)

    assert source(at_most(30)) == ("default", None)
    assert source(published) == ("a survey of 2019", None)
    assert source(published, configured) == ("configuration", None)
    assert source(at_most(named("soft", 30) - 1), configured) == ("configuration", None)
    assert source(other, configured) == ("a survey of 2019", None)
    assert source(published, overridden, acme_big=True) == ("override 1", None)
    assert source(published, overridden, acme_big=False) == ("a survey of 2019", None)
    assert source(published, severity) == ("a survey of 2019", None)
    counted = at_most(named("soft", 30), source="a survey of 2019", n=Column("acme_n"))
    assert source(counted, acme_n=25) == ("a survey of 2019", 25)
    assert source(counted, configured, acme_n=25) == ("configuration", 25)


def test_a_limit_of_our_own_history() -> None:
    """Its number of cases is printed, and the limit may be a fact."""
    found = verdict(
        lambda d: rules(d, expected=at_least(d.acme_share, n=d.acme_n)),
        acme_terms=40,
        acme_share=0.4,
        acme_n=25,
    ).expected
    assert found is not None
    assert (found.value, found.source, found.n) == (0.4, "own history", 25)
    unknown = verdict(lambda d: rules(d, expected=above(d.acme_share)), acme_terms=40).expected
    assert unknown is not None
    assert unknown.value is None


# --- evidence and missing ------------------------------------------------------------------------


def test_evidence_is_what_decided() -> None:
    """Without a citation the facts of the condition that held are cited, by cell where they are one."""
    found = verdict(
        lambda d: rules(d, applies=d.acme_big, watch=d.acme_share > 0.1),
        acme_big=True,
        acme_terms=10,
        acme_share=0.2,
    )
    assert found.evidence == (Evidence("facts", "s0", "acme_share", 0.2),)
    passed = verdict(rules, acme_terms=10)
    assert passed.evidence == (Evidence("deals", "s0", "payment_terms_days", 10),)


def test_cited_cells_and_rows() -> None:
    """A citation names a cell of the subject, or each row that a set fact lists."""
    cites = [
        lambda d: Cite("deals", "amount_minor", d.acme_amount),
        lambda d: Cite("people", "name", ids=d.acme_people),
    ]
    people = [["p1", "p2"], [], None]
    counts = []
    for members in people:
        found = verdict(
            lambda d: rules(d, evidence=[cite(d) for cite in cites]),
            acme_terms=40,
            acme_amount=5,
            acme_people=members,
        )
        assert found.evidence[0] == Evidence("deals", "s0", "amount_minor", 5)
        counts.append([e.id for e in found.evidence[1:]])
    assert counts == [["p1", "p2"], [], []]


def test_what_is_missing() -> None:
    """Unknown facts are named by their cell where they are one; a fact of many cells by its own name."""
    one = verdict(rules)
    assert (one.outcome, one.missing) == ("insufficient_data", ("deals.payment_terms_days",))
    two = verdict(lambda d: rules(d, risk=(d.acme_share > 1) & (d.acme_amount > 5)))
    assert two.missing == ("deals.amount_minor", "acme_share")
    known = verdict(rules, acme_terms=40)
    assert known.missing == ()


def test_what_would_make_a_pass_a_strength() -> None:
    """It is named where it is unknown; a pass that is no strength lacks nothing, nor does a strength."""

    def good(d: Columns) -> Rules:
        return rules(d, strength=(d.acme_terms < 20) & (d.acme_amount > 5))

    one = verdict(good, acme_terms=10)
    assert (one.outcome, one.missing) == ("pass", ("deals.amount_minor",))
    assert verdict(good, acme_terms=25).missing == ()
    assert verdict(good, acme_terms=10, acme_amount=9).outcome == "strength"
    assert verdict(good, acme_terms=10, acme_amount=9).missing == ()
    assert verdict(good, acme_terms=40).missing == ()


def test_only_what_stopped_the_ladder_is_missing() -> None:
    """Where applies is unknown, what risk needs is not asked for."""
    found = verdict(lambda d: rules(d, applies=d.acme_big))
    assert found.missing == ("acme_big",)


# --- money ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "amount", "exposed"),
    [
        (70, 500, 500),
        (40, 500, 500),
        (10, 500, None),
        (40, None, None),
        (40, 0, None),
        (40, -5, None),
    ],
)
def test_only_findings_expose_money(terms: int, amount: int | None, exposed: int | None) -> None:
    """A watch or a risk exposes an amount above nought; a pass exposes none."""
    found = verdict(
        lambda d: rules(d, at_risk=Exposure("delay", d.acme_amount)),
        acme_terms=terms,
        acme_amount=amount,
    ).money_at_risk
    assert (found and found.minor) == exposed


# --- functions -----------------------------------------------------------------------------------


def test_a_function_speaks_for_itself() -> None:
    """What a function says is kept; check, subject, severity and identity are the engine's."""

    @check("acme/function", severity="minor", needs=["acme_terms"], ask=["What?"])
    def function(deal: Deal) -> Verdict:
        """Terms are short."""
        if deal.acme_terms > 60:
            return Verdict.risk("far", question="Who pays?", check="other/check", subject_id="zz")
        return Verdict.passed("fine") if deal.acme_terms else Verdict.not_applicable("none")

    registry = accepted(given, function)
    rows = [{"acme_terms": terms} for terms in (70, 5, 0, None)]
    [result] = judge(registry, rows).values()
    frame = frame_of(registry, Kind.DEAL, rows)
    speaker = Speaker(Kind.DEAL, registry.facts[Kind.DEAL], "EUR")
    said = [speaker.verdict(result, n, frame.row(n, named=True)) for n in range(4)]
    assert [v.outcome for v in said] == ["risk", "pass", "not_applicable", "insufficient_data"]
    assert [v.question for v in said] == ["Who pays?", "What?", "What?", "What?"]
    assert {(v.check, v.severity) for v in said} == {("acme/function", "minor")}
    assert [v.subject_id for v in said] == ["s0", "s1", "s2", "s3"]
    assert said[3].missing == ("deals.payment_terms_days",)


def test_an_error_says_what_happened() -> None:
    """The verdict of a subject on which a function raised carries the exception; others do not."""

    @check("acme/function", needs=["acme_terms"], ask=["What?"])
    def function(deal: Deal) -> Verdict:
        """Terms are short."""
        return Verdict.watch(f"{100 // deal.acme_terms}")

    registry = accepted(given, function)
    rows = [{"acme_terms": 0}, {"acme_terms": 50}]
    [result] = judge(registry, rows).values()
    frame = frame_of(registry, Kind.DEAL, rows)
    speaker = Speaker(Kind.DEAL, registry.facts[Kind.DEAL], "EUR")
    first, second = (speaker.verdict(result, n, frame.row(n, named=True)) for n in range(2))
    assert first.outcome is Outcome.ERROR
    assert "ZeroDivisionError" in first.message
    assert (second.outcome, second.message) == ("watch", "2")
