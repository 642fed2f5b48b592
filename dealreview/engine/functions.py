"""Checks that are functions: asked about one subject after the other, whatever they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import compress, repeat
from operator import is_
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.checks.columns import Account, Deal, Pipeline, Rep, Subject, Team, subject_of
from dealreview.engine.answers import accepted
from dealreview.engine.isolation import Raised
from dealreview.model.outcome import Kind, Outcome
from dealreview.model.verdict import PASSED, Verdict

if TYPE_CHECKING:
    import polars as pl

    from dealreview.checks.check import Check
    from dealreview.engine.breaker import Breaker
    from dealreview.engine.facttable import FactTable

SUBJECTS: Mapping[Kind, type[Subject]] = {
    Kind.DEAL: Deal,
    Kind.ACCOUNT: Account,
    Kind.REP: Rep,
    Kind.TEAM: Team,
    Kind.PIPELINE: Pipeline,
}
AT_ONCE = 4_096
"""Rows whose cells are made into Python values together."""

Related = Mapping[str, Mapping[str, tuple[Mapping[str, Any], ...]]]
"""Records by table and subject id, for functions that ask for them."""

_CODES = {outcome: outcome.code for outcome in Outcome}


@frozen
class Answers:
    """What a function said about every subject.

    Attributes:
        codes: Outcome byte of each row.
        said: Verdicts by row; rows that are not there passed without a word or did not apply.
        raised: What was raised, by subject id.
    """

    codes: list[int] = field(factory=list)
    said: dict[int, Verdict] = field(factory=dict)
    raised: dict[str, Raised] = field(factory=dict)


def ask(
    check: Check,
    kind: Kind,
    facts: FactTable,
    parameters: tuple[pl.Series, Sequence[Mapping[str, Any]]],
    related: Related,
    breaker: Breaker,
) -> Answers:
    """Call a function once a subject; what it raises costs only the subject that it was raised on.

    Args:
        check: The check.
        kind: Kind of the subjects.
        facts: ``id``, ``name`` and facts of the subjects.
        parameters: Number of the set of parameters of each row, and the sets.
        related: Records by table and subject id.
        breaker: Says when it is not asked any more.
    """
    names = tuple(dict.fromkeys((*check.needs, *check.reads)))
    tables = [(table, columns) for table, columns in check.related.items() if table in related]
    made, needs, (groups, sets) = SUBJECTS[kind], tuple(dict.fromkeys(check.needs)), parameters
    functions = [partial(check.function, **given) if given else check.function for given in sets]
    needed, code_of, silent = len(needs), _CODES, Outcome.NOT_APPLICABLE
    gaps: dict[tuple[bool, ...], Verdict] = {}
    answers = Answers()
    codes, said = answers.codes, answers.said
    # This is gone through for each deal of a company: what can be said before is not said in here.
    for row, (group, subject_id, name, values) in enumerate(_rows(facts, groups, names)):
        if None in values[:needed]:
            answer = _insufficient(needs, values[:needed], gaps)
        elif breaker.is_open():
            answer = Verdict(Outcome.ERROR, f"Not asked: {breaker.reason}.")
        else:
            records = _records(related, tables, subject_id) if tables else {}
            known = dict(zip(names, values))  # noqa: B905 - a row has all of them
            subject = subject_of(made, subject_id, name or "", known, records)
            try:
                answer = accepted(functions[group](subject))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - as in attempt(), which costs a call
                raised = answers.raised[subject_id] = Raised(error)
                breaker.failed(raised)
                answer = Verdict(Outcome.ERROR, str(raised))
        outcome = answer.outcome
        codes.append(code_of[outcome])
        if answer is not PASSED and outcome is not silent:
            said[row] = answer
    return answers


def _rows(
    facts: FactTable, groups: pl.Series, names: Sequence[str]
) -> Iterator[tuple[int, str, str | None, tuple[Any, ...]]]:
    """Yield number of the parameters, id, name and facts of each subject."""
    asked = facts.windows(["id", "name", *(name for name in names if name not in {"id", "name"})])
    start = 0
    for part in (some for window in asked for some in window.iter_slices(AT_ONCE)):
        ids, called, *known = [part[name].to_list() for name in ("id", "name", *names)]
        numbers = groups.slice(start, part.height).to_list()
        start += part.height
        yield from zip(numbers, ids, called, zip(*known) if known else repeat(()))  # noqa: B905


def _insufficient(
    needs: Sequence[str], values: Sequence[Any], gaps: dict[tuple[bool, ...], Verdict]
) -> Verdict:
    """Return the verdict of all subjects that lack the same."""
    lacks = tuple(map(is_, values, repeat(None)))
    if lacks not in gaps:
        gaps[lacks] = Verdict.insufficient(*compress(needs, lacks))
    return gaps[lacks]


def _records(
    related: Related, asked: Iterable[tuple[str, Iterable[str]]], subject_id: str
) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """Return the records of a subject by table."""
    return {table: _own(related[table].get(subject_id, ()), columns) for table, columns in asked}


def _own(
    records: Iterable[Mapping[str, Any]], columns: Iterable[str]
) -> tuple[Mapping[str, Any], ...]:
    """Return records with a check's own columns, which it can't change for others."""
    return tuple(MappingProxyType({name: record[name] for name in columns}) for record in records)
