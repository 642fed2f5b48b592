"""What a columns check returns: conditions, and what to say about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.checks.terms import Constant, Term, inputs_of, term

if TYPE_CHECKING:
    from collections.abc import Iterable

OPERATORS = (">=", "<=", ">", "<", "=", "in")
MONEY_KINDS = ("margin", "value", "delay")
JUDGED = ("risk", "watch", "strength", "pass")
"""The outcomes that one message or expectation for all is given for."""
SPEAKING = (*JUDGED, "insufficient_data")
"""The outcomes that a message or an expectation can be given for by name."""


@frozen(eq=False)
class Limit:
    """What the actual value is held against.

    Attributes:
        op: One of ``>=``, ``<=``, ``>``, ``<``, ``=``, ``in``.
        value: A term or a plain value.
        unit: Unit of the value; empty takes that of the actual fact.
        source: Where the limit comes from, a text or a text fact; empty says "configuration" or
            "default" as it is.
        n: A term with the number of cases behind an own-history limit.
    """

    op: str = field()
    value: Term = field(converter=term)
    unit: str = ""
    source: str | Term = ""
    n: Term | None = None

    @op.validator
    def _known(self, _attribute: Any, op: str) -> None:
        if op not in OPERATORS:
            raise ValueError(f"a limit's operator is one of {', '.join(OPERATORS)}, not '{op}'")


def at_least(value: Any, *, source: str | Term = "", n: Term | None = None) -> Limit:
    """Expect the actual value to be ``value`` or more."""
    return Limit(">=", value, source=source, n=n)


def at_most(value: Any, *, source: str | Term = "", n: Term | None = None) -> Limit:
    """Expect the actual value to be ``value`` or less."""
    return Limit("<=", value, source=source, n=n)


def above(value: Any, *, source: str | Term = "", n: Term | None = None) -> Limit:
    """Expect the actual value to be more than ``value``."""
    return Limit(">", value, source=source, n=n)


def below(value: Any, *, source: str | Term = "", n: Term | None = None) -> Limit:
    """Expect the actual value to be less than ``value``."""
    return Limit("<", value, source=source, n=n)


@frozen(eq=False)
class Cite:
    """Where a finding can be checked: cells of a table, or the rows that a set fact lists.

    Attributes:
        table: A table of the database, or ``facts`` for a computed value of the subject.
        field: The column, or the fact's name.
        value: The value to print; None when ``ids`` names rows.
        ids: A set fact with ids of rows of ``table``; None means the subject itself.
    """

    table: str
    field: str
    value: Term | None = None
    ids: Term | None = None


@frozen(eq=False)
class Exposure:
    """Money at risk: its kind and the amount in minor units of the subject's currency.

    Only findings (watch, risk) expose money; an amount that is unknown or not above zero exposes
    none.

    Attributes:
        kind: ``margin``, ``value`` or ``delay``; kinds are never added up.
        minor: The amount.
    """

    kind: str = field()
    minor: Term = field(converter=term)

    @kind.validator
    def _known(self, _attribute: Any, kind: str) -> None:
        if kind not in MONEY_KINDS:
            raise ValueError(f"money at risk is one of {', '.join(MONEY_KINDS)}, not '{kind}'")


def _cites(given: Iterable[Cite]) -> tuple[Cite, ...]:
    return tuple(given)


def _terms(values: Mapping[str, Any]) -> dict[str, Term]:
    return {name: term(value) for name, value in values.items()}


def _by_outcome(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        unknown = sorted(set(given) - set(SPEAKING))
        if unknown:
            raise ValueError(
                f"'{unknown[0]}' is no outcome to speak for; use {', '.join(SPEAKING)}"
            )
        return dict(given)
    return dict.fromkeys(JUDGED, given)


@frozen(eq=False)
class Rules:
    """Conditions over facts, in the order in which they are asked, and what to say.

    The first that holds decides: ``applies`` unknown gives insufficient data, false gives not
    applicable; then ``risk``, ``watch`` (true decides, unknown gives insufficient data), then
    ``strength`` (true decides); else it passes. A condition left out is true for ``applies`` and
    false for the others.

    Attributes:
        applies: Whether the check has something to say about the subject.
        risk: When it is a risk.
        watch: When it deserves attention.
        strength: When it goes well.
        message: A template for what is judged, or one by outcome, ``insufficient_data`` included;
            ``{fact:format}`` prints facts, parameters and ``values``.
        actual: The value that was judged.
        expected: A :class:`Limit`, or one by outcome.
        evidence: Cells to check the finding against.
        at_risk: Money that a finding exposes.
        values: Further named terms for messages.
    """

    applies: Term = field(default=Constant(True), converter=term)
    risk: Term = field(default=Constant(False), converter=term)
    watch: Term = field(default=Constant(False), converter=term)
    strength: Term = field(default=Constant(False), converter=term)
    message: dict[str, str] = field(factory=dict, converter=_by_outcome, kw_only=True)
    actual: Term | None = field(default=None, kw_only=True)
    expected: dict[str, Limit] = field(factory=dict, converter=_by_outcome, kw_only=True)
    evidence: tuple[Cite, ...] = field(default=(), converter=_cites, kw_only=True)
    at_risk: Exposure | None = field(default=None, kw_only=True)
    values: dict[str, Term] = field(factory=dict, converter=_terms, kw_only=True)

    @property
    def conditions(self) -> dict[str, Term]:
        """The four conditions by name, in the order in which they are asked."""
        return {
            "applies": self.applies,
            "risk": self.risk,
            "watch": self.watch,
            "strength": self.strength,
        }

    @property
    def condition_inputs(self) -> tuple[str, ...]:
        """Names of the facts that decide."""
        return inputs_of(*self.conditions.values())

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of all facts that are read, those that are only printed included."""
        spoken = [
            self.actual,
            *self.values.values(),
            *(limit.value for limit in self.expected.values()),
        ]
        spoken += [limit.n for limit in self.expected.values()]
        spoken += [
            limit.source for limit in self.expected.values() if isinstance(limit.source, Term)
        ]
        spoken += [part for cite in self.evidence for part in (cite.value, cite.ids)]
        if self.at_risk is not None:
            spoken.append(self.at_risk.minor)
        return inputs_of(*self.conditions.values(), *spoken)
