"""All conditions over all subjects of a kind, in one select; a culprit alone becomes an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.checks.ladder import decide, outcome_code
from dealreview.checks.rules import Rules
from dealreview.checks.terms import to_polars
from dealreview.engine.breaker import Breaker
from dealreview.engine.functions import ask
from dealreview.engine.isolation import Raised, attempt
from dealreview.engine.registry import Problem
from dealreview.engine.validation import rules_of
from dealreview.model.outcome import Kind, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from dealreview.checks.check import Check
    from dealreview.engine.facttable import FactTable
    from dealreview.engine.functions import Related
    from dealreview.engine.selection import Effective, Selection
    from dealreview.model.verdict import Verdict

FEW = 4
"""Rows up to which conditions are worked out in plain Python."""


@frozen
class Group:
    """A check with one effective set of parameters, on the subjects that it holds for.

    Attributes:
        effective: Parameters and severity.
        rules: What the check's function returned; None for a check written as a function.
    """

    effective: Effective
    rules: Rules | None


@frozen
class CheckResult:
    """What one check said about every subject of a kind.

    Attributes:
        check: The check.
        groups: Its effective sets.
        group: Number of the group of each row, UInt32.
        codes: Outcome byte of each row.
        said: Verdicts of a function, by row; rows that are not there passed or did not apply.
        problem: Why it is an error, if it is one.
    """

    check: Check
    groups: tuple[Group, ...]
    group: pl.Series
    codes: pl.Series
    said: Mapping[int, Verdict] = field(factory=dict)
    problem: Problem | None = None

    def severity(self, row: int) -> Severity:
        """Return how much the check matters for a row."""
        effective: Effective = self.groups[self.group[row]].effective
        return effective.severity

    @property
    def weights(self) -> pl.Series:
        """The weight of each row."""
        import polars as pl

        table = [group.effective.severity.weight for group in self.groups]
        return self.group.replace_strict(range(len(table)), table, return_dtype=pl.Int64)


def evaluate_kind(
    selection: Selection,
    checks: Sequence[Check],
    kind: Kind,
    facts: FactTable,
    types: Mapping[str, str],
    broken: Mapping[tuple[Kind, str], Problem],
    related: Related,
) -> list[CheckResult]:
    """Return what each check says about each subject.

    Args:
        selection: Parameters and overrides.
        checks: The checks to ask, in order.
        kind: Kind of the subjects.
        facts: ``id``, ``name``, ``day`` and facts of the subjects.
        types: Types of the facts.
        broken: Facts that could not be computed.
        related: Records for functions.
    """
    import polars as pl

    # Most checks have one group, and need no column of their own to say so.
    alike = _same(0, facts.height, pl.UInt32)
    started = [_grouped(selection, check, kind, facts, types, alike) for check in checks]
    asked = [_with_broken_facts(result, kind, broken) for result in started]
    columns = [
        result for result in asked if result.problem is None and result.check.form != "function"
    ]
    codes = _select(facts, columns)
    seconds = selection.seconds
    return [_answered(result, kind, codes, facts, related, seconds) for result in asked]


def _grouped(
    selection: Selection,
    check: Check,
    kind: Kind,
    facts: FactTable,
    types: Mapping[str, str],
    alike: pl.Series,
) -> CheckResult:
    """Call a columns check once for each distinct effective set of parameters."""
    import polars as pl

    numbers, sets = _effective_sets(selection, check, kind, facts, alike)
    not_yet = _same(Outcome.ERROR.code, facts.height, pl.UInt8)
    found = [
        None if check.form == "function" else _rules(selection, check, kind, types, one)
        for one in sets
    ]
    groups = [
        Group(one, rules if isinstance(rules, Rules) else None)
        for one, rules in zip(sets, found, strict=True)
    ]
    result = CheckResult(check, tuple(groups), numbers, not_yet)
    raised = next((rules for rules in found if isinstance(rules, Raised)), None)
    return result if raised is None else _failed(result, raised)


def _same(value: int, height: int, dtype: type[pl.DataType]) -> pl.Series:
    import polars as pl

    return pl.Series([value], dtype=dtype).new_from_index(0, height)


def _rules(
    selection: Selection, check: Check, kind: Kind, types: Mapping[str, str], one: Effective
) -> Rules | Raised:
    """Return what a check's function gives for its parameters; it is asked once for the same ones."""
    key = (check.function, kind, repr(sorted(one.values.items())))
    if key not in selection.rules:
        found = attempt(rules_of, check, kind, types, one.values)
        if isinstance(found, Raised):
            return found
        selection.rules[key] = found
    return selection.rules[key]


def _effective_sets(
    selection: Selection, check: Check, kind: Kind, facts: FactTable, alike: pl.Series
) -> tuple[pl.Series, list[Effective]]:
    """Return the group number of each row, all alike without an override, and the sets of each group."""
    overrides = selection.overrides_of(check, kind)
    if not overrides or not facts.height:
        return alike, [selection.under(check, ())]
    holds = facts.select(
        *(to_polars(o.when).fill_null(value=False).alias(str(o.number)) for o in overrides)
    )
    patterns = holds.unique(maintain_order=True).with_row_index("_group")
    numbers = holds.join(patterns, on=holds.columns, how="left", maintain_order="left")["_group"]
    sets = [
        selection.under(check, [o for o in overrides if row[str(o.number)]])
        for row in patterns.iter_rows(named=True)
    ]
    return numbers, sets


def _failed(result: CheckResult, raised: Raised, of: str = "") -> CheckResult:
    from attrs import evolve

    cause = f"raised {raised}".rstrip(".") + of + "."
    return evolve(
        result, problem=Problem(f"check '{result.check.id}'", cause, "Mend or ignore it.", "check")
    )


def _with_broken_facts(
    result: CheckResult, kind: Kind, broken: Mapping[tuple[Kind, str], Problem]
) -> CheckResult:
    from attrs import evolve

    if not broken:
        return result
    for name in inputs_of_check(result.check, result.groups):
        if (kind, name) in broken:
            cause = f"needs the fact '{name}', which could not be computed."
            return evolve(
                result,
                problem=Problem(
                    f"check '{result.check.id}'", cause, str(broken[kind, name]), "check"
                ),
            )
    return result


def inputs_of_check(check: Check, groups: Iterable[Group]) -> tuple[str, ...]:
    """Return all facts that a check reads."""
    named = {*check.needs, *check.reads}
    for group in groups:
        named |= set(group.rules.inputs) if group.rules else set()
    return tuple(sorted(named))


def _select(facts: FactTable, results: Sequence[CheckResult]) -> Mapping[str, pl.Series | Raised]:
    """Return outcome codes by check id: one select for all, and only if that raises one by one."""
    if not results:
        return {}
    if facts.height <= FEW:
        rows = facts.rows(range(facts.height)).rows(named=True)
        return {result.check.id: attempt(_decided, result, rows) for result in results}
    found = attempt(_codes, facts, results)
    if isinstance(found, Raised):
        alone = {result.check.id: attempt(_codes, facts, [result]) for result in results}
        return {name: one if isinstance(one, Raised) else one[name] for name, one in alone.items()}
    return found.to_dict()


def _decided(result: CheckResult, rows: Sequence[Mapping[str, Any]]) -> pl.Series:
    """Return the codes of few rows; a select over columns would take longer to put together."""
    import polars as pl

    rules = [group.rules for group in result.groups]
    found = [
        decide(told, row)[0].code
        for number, row in zip(result.group, rows, strict=True)
        if (told := rules[number]) is not None
    ]
    return pl.Series(found, dtype=pl.UInt8)


def _codes(facts: FactTable, results: Sequence[CheckResult]) -> pl.DataFrame:
    import polars as pl

    groups = {_group_of(result): result.group for result in results if len(result.groups) > 1}
    codes = (_code(result).cast(pl.UInt8).alias(result.check.id) for result in results)
    return facts.select(*codes, beside=pl.DataFrame(groups) if groups else None)


def _group_of(result: CheckResult) -> str:
    return f"_group:{result.check.id}"


def _code(result: CheckResult) -> pl.Expr:
    import polars as pl

    codes = [outcome_code(group.rules) for group in result.groups if group.rules is not None]
    code = codes[0]
    for number, other in enumerate(codes[1:], start=1):
        code = pl.when(pl.col(_group_of(result)) == number).then(other).otherwise(code)
    return code


def _answered(
    result: CheckResult,
    kind: Kind,
    codes: Mapping[str, pl.Series | Raised],
    facts: FactTable,
    related: Related,
    seconds: float,
) -> CheckResult:
    from attrs import evolve

    if result.problem is not None:
        return result
    if result.check.form == "function":
        return _call_function(result, kind, facts, related, Breaker(seconds))
    found = codes[result.check.id]
    return _failed(result, found) if isinstance(found, Raised) else evolve(result, codes=found)


def _call_function(
    result: CheckResult, kind: Kind, facts: FactTable, related: Related, breaker: Breaker
) -> CheckResult:
    import polars as pl
    from attrs import evolve

    parameters = [group.effective.values for group in result.groups]
    found = ask(result.check, kind, facts, (result.group, parameters), related, breaker)
    answered = evolve(result, codes=pl.Series(found.codes, dtype=pl.UInt8), said=found.said)
    raised = found.raised
    return _stopped(_failed(answered, *_first(kind, raised)) if raised else answered, breaker)


def _first(kind: Kind, raised: Mapping[str, Raised]) -> tuple[Raised, str]:
    """Return what was raised first, and on which subjects: ``, on deal:4417 and 2 others``."""
    subject_id, first = next(iter(raised.items()))
    others = len(raised) - 1
    more = f" and {others:,} other{'s' if others > 1 else ''}" if others else ""
    return first, f", on {kind}:{subject_id}{more}"


def _stopped(result: CheckResult, breaker: Breaker) -> CheckResult:
    """Name a check that was not asked about every subject."""
    from attrs import evolve

    if not breaker.unasked:
        return result
    before = f"{result.problem.cause} " if result.problem else ""
    cause = f"{before}It was not asked about {breaker.unasked:,} others: {breaker.reason}."
    mend = "Mend or ignore it."
    return evolve(result, problem=Problem(f"check '{result.check.id}'", cause, mend, "check"))
