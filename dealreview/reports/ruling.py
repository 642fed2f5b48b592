"""How one check came to its verdict on one subject: parameters, inputs, conditions, points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.checks.terms import Constant, Term, evaluate, inputs_of, walk
from dealreview.checks.wording import clauses, spoken
from dealreview.engine.factplan import needed_providers
from dealreview.model.outcome import Outcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact, Provider
    from dealreview.checks.messages import Names
    from dealreview.checks.rules import Rules
    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import Review
    from dealreview.engine.selection import Effective, Override
    from dealreview.model.outcome import Kind
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.store.feeds import Feed

_STOPS: Mapping[str, tuple[bool | None, ...]] = {
    "applies": (False, None),
    "risk": (True, None),
    "watch": (True, None),
    "strength": (True,),
}
"""Values of each condition with which no further one is asked."""


@frozen
class Tried:
    """An override and whether its condition held for the subject.

    Attributes:
        override: The override.
        held: Whether it did; unknown does not match.
    """

    override: Override
    held: bool | None


@frozen
class Input:
    """A fact that the check reads.

    Attributes:
        fact: Its description.
        value: Its value for the subject.
        decides: Whether a condition reads it; else it is only printed.
        provider: Who computes it.
    """

    fact: Fact
    value: Any
    decides: bool
    provider: Provider


@frozen
class Source:
    """A table that the inputs come from, directly or through other facts.

    Attributes:
        table: The table.
        feeds: Times for which it is recorded; none when it is not recorded at all.
        blank: Columns that are read and in which nothing is recorded.
    """

    table: str
    feeds: tuple[Feed, ...]
    blank: tuple[str, ...]


@frozen
class Condition:
    """One of the four conditions.

    Attributes:
        name: ``applies``, ``risk``, ``watch`` or ``strength``.
        term: What it says.
        value: Its value for the subject; None is unknown.
        clauses: What its outermost "and" or "or" joins, with values.
        limits: Numbers and texts in it that come from a parameter, with its name.
        asked: Whether it was still asked.
        decides: Whether it decided.
    """

    name: str
    term: Term
    value: bool | None
    clauses: tuple[tuple[str, bool | None], ...]
    limits: tuple[tuple[str, str], ...]
    asked: bool
    decides: bool

    @property
    def text(self) -> str:
        """The condition as people read it."""
        if isinstance(self.term, Constant):
            return "always" if self.term.value else "never"
        return spoken(self.term)


@frozen
class Points:
    """What the verdict's points are made of.

    Attributes:
        weight: The weight of the severity.
        decided: W(D), the weight of all that is decided on the subject.
        asked: W(A), the weight of all that applies to it.
    """

    weight: int
    decided: int
    asked: int


@frozen
class Ruling:
    """How one check came to its verdict on one subject.

    Attributes:
        check: The check.
        card: The subject's scorecard.
        day: The day at whose end it was judged.
        currency: Currency of the subject's money, and of the reports.
        effective: Severity and parameters for the subject; None when it was not reviewed.
        tried: Overrides of the check for this kind of subject.
        inputs: Facts that it reads.
        sources: Tables that they come from.
        conditions: The conditions; none for a function, after an error and when not reviewed.
        verdict: What came out; None when it was not reviewed.
        points: What the points are made of; None where the subject has no score.
        lacking: What would have to be recorded before it could be reviewed.
        problem: Why it is an error.
        names: Turns ids into names.
    """

    check: Check
    card: Scorecard
    day: dt.date
    currency: Mapping[str, str]
    effective: Effective | None = None
    tried: tuple[Tried, ...] = ()
    inputs: tuple[Input, ...] = ()
    sources: tuple[Source, ...] = ()
    conditions: tuple[Condition, ...] = ()
    verdict: Verdict | None = None
    points: Points | None = None
    lacking: tuple[str, ...] = ()
    problem: str = ""
    names: Names | None = None

    @property
    def decider(self) -> Condition | None:
        """The condition that decided; None where none held, and for a function."""
        return next((one for one in self.conditions if one.decides), None)


@frozen
class Case:
    """A check and a subject in a review.

    Attributes:
        review: The review.
        registry: What was loaded.
        feeds: What is recorded, for which days.
        recorded: ``table`` and ``table.column`` names that are recorded at all.
        names: Turns ids of people into names.
    """

    review: Review
    registry: Registry
    feeds: tuple[Feed, ...]
    recorded: frozenset[str]
    names: Names | None = None


def make_ruling(case: Case, check: Check, kind: Kind, subject_id: str) -> Ruling:
    """Return how a check came to its verdict on a subject of a review that has it selected."""
    review = case.review.kinds[kind]
    number = review.rows[subject_id]
    card = review.scorecard(number, case.names)
    reporting = case.review.header.reporting_currency
    currency = {"own": card.facts["currency"] or reporting, "reporting": reporting}
    result = next((found for found in review.results if found.check.id == check.id), None)
    if result is None:
        lacking = [m.needs for m in review.not_reviewed if m.check == check.id]
        day = card.facts["day"]
        return Ruling(check, card, day, currency, lacking=tuple(n for one in lacking for n in one))
    row = review.tables[check.id].rows([number]).row(0, named=True)
    group = result.groups[result.group[number]]
    inputs = tuple(_inputs(case, result, kind, group.rules, row))
    verdict = next(said for said in card.verdicts if said.check == check.id)
    failed = verdict.outcome is Outcome.ERROR
    rules = None if failed else group.rules
    decided, asked = review.sums.select("decided", "asked").row(number)
    weight = group.effective.severity.weight
    return Ruling(
        check,
        card,
        row["day"],
        currency,
        group.effective,
        tuple(_tried(case.review, check, kind, row)),
        inputs,
        tuple(_sources(case, kind, inputs)),
        tuple(_conditions(rules, row)) if rules is not None else (),
        verdict,
        Points(weight, decided, asked) if kind.has_score else None,
        problem=result.problem.cause if failed and result.problem is not None else "",
        names=case.names,
    )


def _tried(review: Review, check: Check, kind: Kind, row: Mapping[str, Any]) -> Iterator[Tried]:
    for override in review.selection.overrides_of(check, kind):
        yield Tried(override, evaluate(override.when, row))


def _inputs(
    case: Case, result: CheckResult, kind: Kind, rules: Rules | None, row: Mapping[str, Any]
) -> Iterator[Input]:
    """Yield what the check reads, what decides first."""
    check = result.check
    deciding = set(rules.condition_inputs) if rules else {*check.needs, *check.reads}
    for name in sorted(
        {*deciding, *(rules.inputs if rules else ())}, key=lambda n: (n not in deciding, n)
    ):
        provider = case.registry.provider_of(kind, name)
        fact = case.registry.facts[kind][name]
        yield Input(fact, row[name], name in deciding, provider)


def _sources(case: Case, kind: Kind, inputs: Iterable[Input]) -> Iterator[Source]:
    wanted = frozenset((kind, one.fact.name) for one in inputs)
    read: dict[str, set[str]] = {}
    for provider in needed_providers(case.registry, wanted):
        for table, columns in provider.reads.items():
            read.setdefault(table, set()).update(columns)
    for table, names in sorted(read.items()):
        feeds = tuple(feed for feed in case.feeds if feed.table == table)
        is_recorded = table in case.recorded
        blank = [n for n in sorted(names) if is_recorded and f"{table}.{n}" not in case.recorded]
        yield Source(table, feeds, tuple(blank))


def _conditions(rules: Rules, row: Mapping[str, Any]) -> Iterator[Condition]:
    asked = True
    for name, term in rules.conditions.items():
        value = evaluate(term, row)
        stops = asked and value in _STOPS[name]
        parts = clauses(term)
        joined = tuple((spoken(part), evaluate(part, row)) for part in parts)
        yield Condition(
            name, term, value, joined if len(parts) > 1 else (), tuple(_limits(term)), asked, stops
        )
        asked = asked and not stops


def _limits(term: Term) -> Iterator[tuple[str, str]]:
    """Yield each number that comes from a parameter, once, with the parameter's name."""
    nodes = (node for node in walk(term) if isinstance(node, Constant) and node.parameter)
    yield from dict.fromkeys((spoken(node), node.parameter) for node in nodes)


def missing_inputs(ruling: Ruling) -> tuple[str, ...]:
    """Return the unknown inputs of the condition that decided, where it is unknown."""
    decider = ruling.decider
    if decider is None or decider.value is not None:
        return ()
    known = {one.fact.name: one.value for one in ruling.inputs}
    unknown = tuple(name for name in inputs_of(decider.term) if known[name] is None)
    return unknown or inputs_of(decider.term)


def decision(ruling: Ruling) -> str:
    """Return in a sentence what decided."""
    if ruling.verdict is None:
        return ""
    if not ruling.conditions:
        return ""
    decider, outcome = ruling.decider, ruling.verdict.outcome
    if decider is None:
        return "It applies, and none of the other conditions is true: it passes."
    if decider.value is None:
        return f"{decider.name} is unknown, for want of {', '.join(missing_inputs(ruling))}."
    if outcome is Outcome.NOT_APPLICABLE:
        return "applies is false: the check has nothing to say here."
    return f"{decider.name} is true and decides."
