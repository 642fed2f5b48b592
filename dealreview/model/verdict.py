"""The verdict: one check on one subject, with everything that explains it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from attrs import evolve, frozen

from dealreview.model.outcome import Kind, Outcome, Severity

if TYPE_CHECKING:
    import datetime as dt


@frozen
class Quantity:
    """A value with its unit, as a verdict's ``actual``.

    Attributes:
        value: The value; money in minor units.
        unit: ``days``, ``share``, ``people``, ``deal currency``… as of facts.
    """

    value: Any
    unit: str = ""


@frozen
class Expected:
    """What the value was held against.

    Attributes:
        op: One of ``>=``, ``<=``, ``>``, ``<``, ``=``, ``in``.
        value: The limit, in ``unit``.
        unit: The unit of the limit, that of ``actual``.
        source: Where the limit comes from: a publication, ``own history``, ``configuration``.
        n: The number of cases behind an own-history limit.
    """

    op: str
    value: Any
    unit: str = ""
    source: str = ""
    n: int | None = None


@frozen
class Evidence:
    """One cell that the verdict rests on.

    Attributes:
        table: A table of the database, or ``facts`` for a computed value of the subject.
        id: The key of the row.
        field: The column, or the fact's name.
        value: What the cell holds.
    """

    table: str
    id: str
    field: str
    value: Any = None


@frozen
class MoneyAtRisk:
    """Money that a finding exposes.

    Attributes:
        kind: ``margin``, ``value`` or ``delay``; kinds are never added up.
        minor: Minor units of ``currency``.
        currency: ISO 4217 code.
        reporting_minor: The same in the reporting currency; None without a rate.
    """

    kind: str
    minor: int
    currency: str | None
    reporting_minor: int | None = None


class Said(TypedDict, total=False):
    """What a check may say beside outcome and message, as in :class:`Verdict`."""

    actual: Quantity | None
    expected: Expected | None
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    money_at_risk: MoneyAtRisk | None
    question: str


class SaidOfGap(TypedDict, total=False):
    """The same where the gaps are given by themselves."""

    actual: Quantity | None
    expected: Expected | None
    evidence: tuple[Evidence, ...]
    question: str


@frozen
class Disposition:
    """What people decided about a finding; it never changes the outcome.

    Attributes:
        kind: ``accepted`` or ``false_positive``.
        until: Last day on which it holds.
        reason: Why.
        author: Who asked for it.
        approver: Who agreed.
    """

    kind: str
    until: dt.date
    reason: str
    author: str
    approver: str


@frozen
class Verdict:
    """One check on one subject.

    A check written as a function returns one, made with the class methods; the engine fills in the
    rest. Points are tenths that add up to 100 − score and to upper − lower over a scorecard.

    Attributes:
        outcome: What it comes to.
        message: What was seen, in a few words.
        actual: The value that was judged.
        expected: What it was held against.
        evidence: Cells to check the finding against.
        missing: Facts or ``table.column`` cells for want of which it can't be decided; of a pass
            those for want of which nobody knows whether it is a strength.
        money_at_risk: Money that a finding exposes.
        check: Id of the check.
        kind: Kind of the subject.
        subject_id: Id of the subject.
        severity: How much the check matters.
        question: The question to ask; empty takes the check's first one.
        family: The family of the check.
        points_lost: Points that it costs the score; None outside of a scorecard.
        points_open: Points that it could cost once it is known; None outside of a scorecard.
        fingerprint: Its identity from run to run.
        disposition: What people decided about it.
    """

    outcome: Outcome
    message: str = ""
    actual: Quantity | None = None
    expected: Expected | None = None
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    money_at_risk: MoneyAtRisk | None = None
    check: str = ""
    kind: Kind = Kind.DEAL
    subject_id: str = ""
    severity: Severity = Severity.INFO
    question: str = ""
    family: str = ""
    points_lost: float | None = None
    points_open: float | None = None
    fingerprint: str = ""
    disposition: Disposition | None = None

    @classmethod
    def strength(cls, message: str, **rest: Unpack[Said]) -> Verdict:
        """Say that this is going well; ``rest`` are attributes of the verdict."""
        return cls(Outcome.STRENGTH, message, **rest)

    @classmethod
    def passed(cls, message: str = "", **rest: Unpack[Said]) -> Verdict:
        """Say that the check looked and found nothing to talk about."""
        if not message and not rest and cls is Verdict:
            return PASSED
        return cls(Outcome.PASS, message, **rest)

    @classmethod
    def watch(cls, message: str, **rest: Unpack[Said]) -> Verdict:
        """Say that this deserves attention."""
        return cls(Outcome.WATCH, message, **rest)

    @classmethod
    def risk(cls, message: str, **rest: Unpack[Said]) -> Verdict:
        """Say that this could cost the deal, the margin or the customer."""
        return cls(Outcome.RISK, message, **rest)

    @classmethod
    def insufficient(cls, *missing: str, message: str = "", **rest: Unpack[SaidOfGap]) -> Verdict:
        """Say that the check can't decide for want of the named facts or ``table.column`` cells."""
        return cls(Outcome.INSUFFICIENT_DATA, message, missing=missing, **rest)

    @classmethod
    def not_applicable(cls, message: str = "", **rest: Unpack[Said]) -> Verdict:
        """Say that the check has nothing to say about this subject."""
        if not message and not rest and cls is Verdict:
            return NOT_APPLICABLE
        return cls(Outcome.NOT_APPLICABLE, message, **rest)

    def filled(self, **changes: Any) -> Verdict:
        """Return a copy with the given attributes."""
        return evolve(self, **changes)


PASSED, NOT_APPLICABLE = Verdict(Outcome.PASS), Verdict(Outcome.NOT_APPLICABLE)
"""What most checks say of most subjects, without a word: one for all, as nobody can change it."""


def fingerprint(check: str, kind: str, subject_id: str) -> str:
    """Return a verdict's identity: 16 hex digits over check id, subject kind and subject id."""
    joined = "\x1f".join((check, str(kind), subject_id))
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
