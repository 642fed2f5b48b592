"""Verdicts made when somebody looks: message, actual, expected, evidence, missing, money."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.checks.ladder import decide
from dealreview.checks.messages import Names, fields_of, render
from dealreview.checks.terms import Apply, Column, Constant, Term, evaluate, inputs_of, walk
from dealreview.engine.subjects import SUBJECT_COLUMN
from dealreview.model.outcome import FINDINGS, OUTCOMES, Kind, Outcome
from dealreview.model.verdict import Evidence, Expected, MoneyAtRisk, Quantity, Verdict, fingerprint
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dealreview.checks.facts import Fact
    from dealreview.checks.rules import Cite, Limit, Rules
    from dealreview.engine.evaluation import CheckResult, Group

_EXPOSED = frozenset({Outcome.WATCH, Outcome.RISK})
_LACKING = frozenset({Outcome.INSUFFICIENT_DATA, Outcome.PASS})
"""Outcomes that could be another one if more were known."""


@frozen
class Voice:
    """What all verdicts of a check share.

    Attributes:
        check: The check's id.
        question: The question to ask where a verdict has none of its own.
        family: The family of the check.
        cause: Why it is an error, if it is one.
    """

    check: str
    question: str
    family: str
    cause: str = ""


@frozen
class Speaker:
    """What all verdicts of a kind share.

    Attributes:
        kind: Kind of the subjects.
        facts: Their facts by name.
        currency: Reporting currency.
        names: Turns ids of people into names; None leaves ids.
        cells: Table and column that evidence cites for a fact, where that is known already.
    """

    kind: Kind
    facts: Mapping[str, Fact]
    currency: str
    names: Names | None = None
    cells: Mapping[str, tuple[str, str]] = field(factory=dict)

    def verdict(self, result: CheckResult, row_number: int, row: Mapping[str, Any]) -> Verdict:
        """Return one verdict without its points.

        Args:
            result: What the check said about all rows.
            row_number: The subject's row.
            row: Its base columns and facts.
        """
        group = result.groups[result.group[row_number]]
        outcome = OUTCOMES[result.codes[row_number]]
        return self.speak(voice_of(result), group, outcome, row, result.said.get(row_number))

    def speak(
        self,
        voice: Voice,
        group: Group,
        outcome: Outcome,
        row: Mapping[str, Any],
        said: Verdict | None = None,
    ) -> Verdict:
        """Return what a check says of a subject that it came to an outcome on, without its points.

        Args:
            voice: The check.
            group: Its parameters and rules there.
            outcome: The outcome.
            row: The subject's base columns and facts.
            said: What a function said itself.
        """
        if outcome is Outcome.ERROR or group.rules is None:
            spoken = said or Verdict(outcome, voice.cause if outcome is Outcome.ERROR else "")
        else:
            spoken = self._spoken(group, group.rules, outcome, row)
        money = spoken.money_at_risk if outcome in _EXPOSED else None
        if money is not None and money.minor <= 0:
            money = None
        return evolve(
            spoken,
            check=voice.check,
            kind=self.kind,
            subject_id=row["id"],
            severity=group.effective.severity,
            question=spoken.question or voice.question,
            family=voice.family,
            money_at_risk=money,
            missing=self._cells(spoken.missing),
            fingerprint=fingerprint(voice.check, self.kind, row["id"]),
        )

    def _spoken(
        self, group: Group, rules: Rules, outcome: Outcome, row: Mapping[str, Any]
    ) -> Verdict:
        values = {**row, **group.effective.values}
        values.update({name: evaluate(term, row) for name, term in rules.values.items()})
        missing = decide(rules, row)[1] if outcome in _LACKING else ()
        template = rules.message.get(outcome.value, "")
        actual = None if rules.actual is None else self._quantity(rules.actual, row)
        expected = self._expected(rules, outcome, group, row)
        if actual is not None and not actual.unit and expected is not None:
            actual = evolve(actual, unit=expected.unit)
        return Verdict(
            outcome,
            message=self._message(rules, template, values, row),
            actual=actual,
            expected=expected,
            evidence=tuple(self._evidence(rules, outcome, row)),
            missing=missing,
            money_at_risk=self._money(rules, row),
        )

    def _message(
        self, rules: Rules, template: str, values: Mapping[str, Any], row: Mapping[str, Any]
    ) -> str:
        """Return a message, each of its amounts in the currency that its facts are in."""
        sums = [name for name, spec in _fields(template) if spec == "money"]
        terms = rules.values
        inputs = {name: inputs_of(terms[name]) if name in terms else (name,) for name in sums}
        currencies = {name: self._currency(facts, row) for name, facts in inputs.items()}
        return render(template, values, currencies=currencies, names=self.names)

    def _quantity(self, term: Term, row: Mapping[str, Any]) -> Quantity:
        return Quantity(evaluate(term, row), self._unit(term, row))

    def _unit(self, term: Term, row: Mapping[str, Any]) -> str:
        """Return the unit of the first fact of a term; money carries its currency, a quotient has none."""
        if isinstance(term, Apply) and term.op == "/":
            return ""
        facts = [self.facts[name] for name in inputs_of(term) if name in self.facts]
        if isinstance(term, Column):
            facts = [self.facts[term.name]]
        if not facts:
            return ""
        if facts[0].type == "money":
            return f"{self._currency([facts[0].name], row)} minor units"
        return facts[0].unit

    def _currency(self, names: Iterable[str], row: Mapping[str, Any]) -> str:
        """Return the currency of what is made of these: the reporting one as soon as a fact is in it."""
        facts = (self.facts[name] for name in names if name in self.facts)
        in_reporting = any(fact.unit == "reporting currency" for fact in facts)
        own = None if in_reporting else row["currency"]
        return own or self.currency

    def _expected(
        self, rules: Rules, outcome: Outcome, group: Group, row: Mapping[str, Any]
    ) -> Expected | None:
        limit: Limit | None = rules.expected.get(outcome.value)
        if limit is None:
            return None
        n = None if limit.n is None else evaluate(limit.n, row)
        unit = limit.unit or self._unit(limit.value, row)
        unit = unit or ("" if rules.actual is None else self._unit(rules.actual, row))
        return Expected(
            limit.op, evaluate(limit.value, row), unit, _source(limit, group, n, row), n
        )

    def _evidence(
        self, rules: Rules, outcome: Outcome, row: Mapping[str, Any]
    ) -> Iterable[Evidence]:
        """Yield the cells that the check cites, else the facts that decided."""
        if rules.evidence:
            for cite in rules.evidence:
                yield from self._cited(cite, row)
            return
        decided = rules.conditions.get(outcome.value)
        names = inputs_of(decided) if decided is not None else ()
        for name in names or rules.condition_inputs:
            table, column = self.cells.get(name) or cell_of(self.kind, self.facts[name])
            yield Evidence(table, row["id"], column, _plain(row[name]))

    @staticmethod
    def _cited(cite: Cite, row: Mapping[str, Any]) -> Iterable[Evidence]:
        value = None if cite.value is None else _plain(evaluate(cite.value, row))
        if cite.ids is None:
            yield Evidence(cite.table, row["id"], cite.field, value)
            return
        for identity in evaluate(cite.ids, row) or ():
            yield Evidence(cite.table, identity, cite.field, value)

    def _money(self, rules: Rules, row: Mapping[str, Any]) -> MoneyAtRisk | None:
        if rules.at_risk is None:
            return None
        amount = evaluate(rules.at_risk.minor, row)
        if amount is None or amount <= 0:
            return None
        currency = self._currency(inputs_of(rules.at_risk.minor), row)
        return MoneyAtRisk(rules.at_risk.kind, round(amount), currency)

    def _cells(self, missing: Iterable[str]) -> tuple[str, ...]:
        """Return the cells behind missing facts where they are single cells, else the facts."""
        found = [
            (self.facts[name].origin or name) if name in self.facts else name for name in missing
        ]
        return tuple(dict.fromkeys(found))


_fields = lru_cache(maxsize=1_024)(fields_of)


def voice_of(result: CheckResult) -> Voice:
    """Return what all verdicts of a check share."""
    check, problem = result.check, result.problem
    return Voice(check.id, check.question, check.family, problem.cause if problem else "")


def cell_of(kind: Kind, fact: Fact) -> tuple[str, str]:
    """Return table and column of a fact that is a cell of the subject's own row, else the fact."""
    table, _, name = fact.origin.partition(".")
    own = table in TABLES and TABLES[table].key == (SUBJECT_COLUMN.get(kind),)
    column = TABLES[table].by_name.get(name) if own else None
    is_end = fact.name.endswith(("_lo", "_hi"))
    same = column is not None and _same_type(column.type, fact.type) and not is_end
    return (table, name) if same else ("facts", fact.name)


def facts_told(rules: Rules) -> frozenset[str]:
    """Return the names of facts, parameters and values that telling a finding of rules may need."""
    limits = [rules.expected[name] for name in FINDINGS if name in rules.expected]
    sources = [limit.source for limit in limits if isinstance(limit.source, Term)]
    cited = [part for cite in rules.evidence for part in (cite.value, cite.ids)]
    exposed = [rules.at_risk.minor] if rules.at_risk is not None else []
    terms = [rules.actual, *rules.values.values(), *sources, *cited, *exposed]
    terms += [part for limit in limits for part in (limit.value, limit.n)]
    printed = [name for o in FINDINGS for name, _ in fields_of(rules.message.get(o.value, ""))]
    decided = () if rules.evidence else rules.condition_inputs
    return frozenset({*inputs_of(*terms), *printed, *decided})


def _same_type(*types: str) -> bool:
    return len({"text" if name == "enum" else name for name in types}) == 1


def _source(limit: Limit, group: Group, n: int | None, row: Mapping[str, Any]) -> str:
    """Return where a limit comes from: own history, the configuration, else what the check cites."""
    if isinstance(limit.source, Term):
        return str(evaluate(limit.source, row) or "")
    names = [node.parameter for node in walk(limit.value) if isinstance(node, Constant)]
    origins = (group.effective.origins.get(name, "default") for name in names)
    changed = next((origin for origin in origins if origin != "default"), "")
    return changed or limit.source or ("default" if n is None else "own history")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
