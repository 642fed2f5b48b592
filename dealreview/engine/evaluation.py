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
    frame: pl.DataFrame,
    types: Mapping[str, str],
    broken: Mapping[tuple[Kind, str], Problem],
    related: Related,
) -> list[CheckResult]:
    """Return what each check says about each row of ``frame``.

    Args:
        selection: Parameters and overrides.
        checks: The checks to ask, in order.
        kind: Kind of the subjects.
        frame: ``id``, ``name``, ``day`` and facts.
        types: Types of the facts.
        broken: Facts that could not be computed.
        related: Records for functions.
    """
    started = [_grouped(selection, check, kind, frame, types) for check in checks]
    asked = [_with_broken_facts(result, kind, broken) for result in started]
    columns = [
        result for result in asked if result.problem is None and result.check.form != "function"
    ]
    codes = _select(frame, columns)
    seconds = selection.seconds
    return [_answered(result, kind, codes, frame, related, seconds) for result in asked]


def _grouped(
    selection: Selection, check: Check, kind: Kind, frame: pl.DataFrame, types: Mapping[str, str]
) -> CheckResult:
    """Call a columns check once for each distinct effective set of parameters."""
    import polars as pl

    numbers, sets = _effective_sets(selection, check, kind, frame)
    not_yet = _same(Outcome.ERROR.code, frame.height, pl.UInt8)
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
    selection: Selection, check: Check, kind: Kind, frame: pl.DataFrame
) -> tuple[pl.Series, list[Effective]]:
    """Return the group number of each row and the effective set of each group."""
    import polars as pl

    overrides = selection.overrides_of(check, kind)
    if not overrides or not frame.height:
        return _same(0, frame.height, pl.UInt32), [selection.under(check, ())]
    holds = frame.select(
        to_polars(o.when).fill_null(value=False).alias(str(o.number)) for o in overrides
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


def _select(
    frame: pl.DataFrame, results: Sequence[CheckResult]
) -> Mapping[str, pl.Series | Raised]:
    """Return outcome codes by check id: one select for all, and only if that raises one by one."""
    if not results:
        return {}
    if frame.height <= FEW:
        rows = frame.rows(named=True)
        return {result.check.id: attempt(_decided, result, rows) for result in results}
    numbered = frame.with_columns(
        result.group.alias(f"_group:{result.check.id}")
        for result in results
        if len(result.groups) > 1
    )
    found = attempt(_codes, numbered, results)
    if isinstance(found, Raised):
        alone = {result.check.id: attempt(_codes, numbered, [result]) for result in results}
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


def _codes(frame: pl.DataFrame, results: Sequence[CheckResult]) -> pl.DataFrame:
    return frame.select(**{result.check.id: _code(result) for result in results})


def _code(result: CheckResult) -> pl.Expr:
    import polars as pl

    codes = [outcome_code(group.rules) for group in result.groups if group.rules is not None]
    code = codes[0]
    for number, other in enumerate(codes[1:], start=1):
        code = pl.when(pl.col(f"_group:{result.check.id}") == number).then(other).otherwise(code)
    return code


def _answered(
    result: CheckResult,
    kind: Kind,
    codes: Mapping[str, pl.Series | Raised],
    frame: pl.DataFrame,
    related: Related,
    seconds: float,
) -> CheckResult:
    import polars as pl
    from attrs import evolve

    if result.problem is not None:
        return result
    if result.check.form == "function":
        return _call_function(result, kind, frame, related, Breaker(seconds))
    found = codes[result.check.id]
    if isinstance(found, Raised):
        return _failed(result, found)
    if len(found) != frame.height:  # rules without a fact give a single value
        found = pl.repeat(found[0], frame.height, dtype=pl.UInt8, eager=True)
    return evolve(result, codes=found.cast(pl.UInt8))


def _call_function(
    result: CheckResult, kind: Kind, frame: pl.DataFrame, related: Related, breaker: Breaker
) -> CheckResult:
    import polars as pl
    from attrs import evolve

    parameters = [group.effective.values for group in result.groups]
    found = ask(result.check, kind, frame, (result.group, parameters), related, breaker)
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
