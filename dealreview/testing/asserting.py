"""One verdict, held against what a test expects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dealreview.engine.loader import load_packs
from dealreview.model.outcome import Kind
from dealreview.testing.cases import Case, CaseFile, run_case
from dealreview.testing.factories import AS_OF

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence


def assert_verdict(
    check: str,
    rows: Mapping[str, Iterable[Mapping[str, Any]]] | None,
    outcome: str,
    *,
    subject: str = "",
    facts: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    on: str = "deal",
    as_of: dt.date = AS_OF,
    modules: Sequence[str] = (),
    **expect: Any,
) -> None:
    """Demand that a check gives an outcome.

    Args:
        check: Its id.
        rows: A company as rows by table; None where facts are given.
        outcome: What must come out.
        subject: Whom to look at; left out, the only subject of its kind.
        facts: Facts by name instead of rows; what is not given is unknown.
        params: Parameters of the check.
        on: Kind of the subject.
        as_of: The day at whose end it is judged.
        modules: Modules of packs that are not installed.
        **expect: What the verdict must hold beside: ``actual``, ``expected``, ``n``, ``missing``,
            ``message``, ``money``, ``question``.

    Raises:
        AssertionError: Something else came out; the text says what.
        ValueError: Neither or both of rows and facts, or no single subject.
    """
    if (rows is None) == (facts is None):
        raise ValueError("give rows or facts, one of the two")
    case = Case(
        name=subject or "the only one",
        outcome=outcome,
        on=on,
        facts=facts,
        tables=None if rows is None else dict(rows),
        subject=subject or _only(rows, Kind(on)),
        params=params or {},
        as_of=as_of,
        expect=expect,
    )
    registry = load_packs(modules=modules)
    faults = run_case(CaseFile(check, (case,), Path("test")), case, registry, modules=modules)
    assert not faults, "\n".join(faults)  # noqa: S101 - it is an assertion for tests


_TABLES = {
    Kind.DEAL: ("deals", "deal_id"),
    Kind.ACCOUNT: ("accounts", "account_id"),
    Kind.REP: ("people", "person_id"),
    Kind.TEAM: ("teams", "team_id"),
}


def _only(rows: Mapping[str, Iterable[Mapping[str, Any]]] | None, kind: Kind) -> str:
    if rows is None or kind is Kind.PIPELINE:
        return ""
    table, key = _TABLES[kind]
    ids = [str(row[key]) for row in rows.get(table, ())]
    if len(ids) != 1:
        raise ValueError(f"there are {len(ids)} in {table}: say which with subject")
    return ids[0]
